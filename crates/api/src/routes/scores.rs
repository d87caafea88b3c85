//! The secure score: now, what it is made of, how it went.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use posture::{ControlScore, ScopeScore};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::resources::OpenCounts;
use crate::guard::Caller;
use crate::past::{Part, within};
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::state::Api;
use crate::time::Time;

/// Numbers of commits stay below what every JSON reader keeps exactly (2^53).
const MOST_COMMITS: u64 = (1 << 53) - 1;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_score)).routes(routes!(get_score_trend))
}

/// Points earned, points possible, and how much could be judged.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Score {
    /// Points earned.
    current: f64,
    /// Points possible: the maxima of the controls that judged something.
    max: f64,
    /// `current / max * 100`.
    percent: f64,
    /// Share of assessments that reached a verdict, in percent. A score with a low share stands on little.
    assessed_percent: f64,
}

impl From<posture::Score> for Score {
    fn from(it: posture::Score) -> Self {
        let posture::Score { current, max, percent, assessed_percent } = it;
        Self { current, max, percent, assessed_percent }
    }
}

/// One control.
#[derive(Debug, Serialize, ToSchema)]
struct Control {
    /// Its id.
    #[serde(rename = "control")]
    id: String,
    /// Its name.
    title: String,
    /// Points that it is worth.
    max: f64,
    /// Points earned: `max / (healthy + unhealthy) * healthy`; missing when nothing was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<f64>,
    /// Resources that pass all its checks.
    healthy: u32,
    /// Resources that fail at least one.
    unhealthy: u32,
}

/// The score of one subscription, account, project or cluster.
#[derive(Debug, Serialize, ToSchema)]
struct ScopeOfScore {
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Score>,
    /// Its weight in the score over several scopes: resources judged, summed over the controls.
    weight: u64,
    controls: Vec<Control>,
}

/// The risk-based score: the mean over all resources that were judged of `0.1^critical x 0.5^high x 0.9^medium x 0.99^low` of what is open
/// on each, times 100, weighed by how critical they are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RiskScore {
    /// 0 to 100; missing where nothing was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<f64>,
    /// What counts as unhealthy, by risk.
    open: OpenCounts,
    /// The commit as of which exposure and attack paths are known; missing: they are not yet, and risk rests on severity and
    /// criticality alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    known_as_of: Option<u64>,
}

impl From<view::RiskScore> for RiskScore {
    fn from(it: view::RiskScore) -> Self {
        let view::RiskScore { percent, open, known_as_of } = it;
        Self { percent, open: open.into(), known_as_of }
    }
}

/// The score with everything that it is made of: each figure can be computed again from those below.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ScoreDetail {
    /// Over all that the caller sees; missing when nothing was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Score>,
    /// The controls over all scopes.
    controls: Vec<Control>,
    scopes: Vec<ScopeOfScore>,
    /// How far the worst is from what matters, beside how much of the good practice is followed.
    risk_based: RiskScore,
    /// The number of the newest commit that this shows.
    as_of: u64,
}

/// The secure score of all that the caller sees.
#[utoipa::path(
    get,
    path = "/score",
    tag = "posture",
    extensions(("x-operation" = json!("score.read"))),
    params(Part),
    responses((status = 200, description = "The score", body = ScoreDetail), Problems)
)]
async fn get_score(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(part): Query<Part>,
) -> Result<Response, Problem> {
    api.read_at(&caller, part.at.as_deref(), move |view, sight| {
        let sight = &within(view, sight, part.scope.as_deref())?;
        let found = view.score(sight);
        let title = |id: &str| {
            let control = view.library().controls().find(|it| it.id == id);
            control.map_or_else(|| id.to_owned(), |it| it.title.clone())
        };
        let control = |it: ControlScore| Control {
            title: title(&it.control),
            id: it.control,
            max: it.max,
            current: it.current,
            healthy: it.tally.healthy,
            unhealthy: it.tally.unhealthy,
        };
        let scope = |it: ScopeScore| ScopeOfScore {
            scope: it.scope,
            score: it.score.map(Score::from),
            weight: it.weight,
            controls: it.controls.into_iter().map(control).collect(),
        };
        let detail = ScoreDetail {
            score: found.score.map(Score::from),
            controls: found.controls.into_iter().map(control).collect(),
            scopes: found.scopes.into_iter().map(scope).collect(),
            risk_based: view.risk_score(sight).into(),
            as_of: view.sequence(),
        };
        Ok(axum::Json(detail).into_response())
    })
    .await
}

/// Which score, since when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A subscription, account, project or cluster; the whole tenant when it is left out.
    scope: Option<String>,
    /// From this commit on; from the first when it is left out.
    #[serde(default)]
    #[param(default = 0, maximum = 9_007_199_254_740_991_u64)]
    from: u64,
}

/// A score that held from a commit on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TrendPoint {
    sequence: u64,
    at: Time,
    current: f64,
    max: f64,
    percent: f64,
    assessed_percent: f64,
}

/// How the score went: every value that it had, the oldest first.
#[utoipa::path(
    get,
    path = "/score/trend",
    tag = "posture",
    extensions(("x-operation" = json!("score.read"))),
    params(Wanted),
    responses((status = 200, description = "The values", body = Vec<TrendPoint>), Problems)
)]
async fn get_score_trend(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(wanted): Query<Wanted>,
) -> Result<axum::Json<Vec<TrendPoint>>, Problem> {
    if wanted.from > MOST_COMMITS {
        return Err(Problem::invalid("from", format!("must be 0 to {MOST_COMMITS}")));
    }
    let view = api.view()?;
    let chain = wanted.scope.as_deref().map(|it| view.scope_chain(it)).unwrap_or_default();
    if wanted.scope.is_some() && chain.is_empty() {
        return Err(Problem::not_found("scope"));
    }
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    caller.must(&chain, "scope")?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let words = store.words(&access).await?;
    let Some(measure) = words.find("secureScore") else { return Ok(axum::Json(Vec::new())) };
    let scope = match &wanted.scope {
        None => store::Word::NONE,
        Some(id) => match words.find(id) {
            Some(word) => word,
            None => return Ok(axum::Json(Vec::new())),
        },
    };
    let rows = store.score_history(&access, measure, scope, wanted.from).await?;
    let point = |row: store::ScoreRow| TrendPoint {
        sequence: row.seq,
        at: row.at.into(),
        current: row.score.value,
        max: row.score.possible,
        percent: if row.score.possible > 0.0 {
            row.score.value * 100.0 / row.score.possible
        } else {
            0.0
        },
        assessed_percent: row.score.assessed,
    };
    Ok(axum::Json(rows.into_iter().map(point).collect()))
}
