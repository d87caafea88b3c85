//! What is kept of scores and standings, at any moment: the figures of the command line, for those who see the whole tenant.

use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{RequirementRow, ScoreRow, Word};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::{Path, Query};
use crate::state::Api;
use crate::time::{Time, moment};

/// The measure of the secure score among those that are kept.
const SECURE_SCORE: &str = "secureScore";

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_scores)).routes(routes!(list_states))
}

/// Which scores.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ScoresAt {
    /// As they were then: an instant, or the number of a commit.
    #[param(pattern = "^(now|[0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}T.*)$")]
    at: Option<String>,
    /// Every score that the whole tenant had so far instead, the oldest first.
    #[serde(default)]
    #[param(default = false)]
    history: bool,
}

/// A score that holds since a commit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct KeptScore {
    /// A subscription, account, project or cluster; empty: the whole tenant.
    scope: String,
    commit: u64,
    at: Time,
    /// Points earned.
    current: f64,
    /// Points possible.
    max: f64,
    percent: f64,
    /// Share of assessments that reached a verdict, in percent.
    assessed_percent: f64,
    /// What it is made of.
    #[schema(value_type = Value)]
    detail: Json,
}

impl KeptScore {
    fn of(row: ScoreRow, scope: String) -> Self {
        let own = row.score.detail.get("percent").and_then(Json::as_f64);
        let possible = row.score.possible;
        let share = if possible > 0.0 { row.score.value / possible } else { 0.0 };
        Self {
            scope,
            commit: row.seq,
            at: row.at.into(),
            current: row.score.value,
            max: possible,
            percent: own.unwrap_or(share * 100.0),
            assessed_percent: row.score.assessed,
            detail: row.score.detail,
        }
    }
}

/// The secure score of the whole tenant and of each scope, as it was kept.
#[utoipa::path(
    get,
    path = "/scores",
    tag = "posture",
    extensions(("x-operation" = json!("score.read"))),
    params(ScoresAt),
    responses((status = 200, description = "The scores", body = Vec<KeptScore>), Problems)
)]
async fn list_scores(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(wanted): Query<ScoresAt>,
) -> Result<axum::Json<Vec<KeptScore>>, Problem> {
    caller.must(&[], "scores")?;
    let at = moment("at", wanted.at.as_deref().unwrap_or("now"))?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let words = store.words(&access).await?;
    let Some(measure) = words.find(SECURE_SCORE) else { return Ok(axum::Json(Vec::new())) };
    let rows = if wanted.history {
        store.score_history(&access, measure, Word::NONE, 0).await?
    } else {
        let mut all = store.scores(&access, at).await?;
        all.retain(|it| it.score.measure == measure);
        all
    };
    let shown = rows.into_iter().map(|it| {
        let scope = words.text(it.score.scope).to_string();
        KeptScore::of(it, scope)
    });
    Ok(axum::Json(shown.collect()))
}

/// A state that a requirement had from one commit to another.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct KeptState {
    /// The publisher's number.
    requirement: String,
    state: String,
    since: Since,
    /// The commit at which it ended; missing while it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Since>,
}

/// A commit with its instant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Since {
    pub(super) commit: u64,
    pub(super) at: Time,
}

impl From<store::Moment> for Since {
    fn from(it: store::Moment) -> Self {
        Self { commit: it.seq, at: it.at.into() }
    }
}

impl From<RequirementRow> for KeptState {
    fn from(it: RequirementRow) -> Self {
        Self {
            requirement: it.requirement.to_string(),
            state: it.state.to_string(),
            since: it.since.into(),
            until: it.until.map(Since::from),
        }
    }
}

/// Every state that the requirements of a standard had over the whole tenant, by requirement and then by time.
#[utoipa::path(
    get,
    path = "/standards/{id}/states",
    tag = "posture",
    extensions(("x-operation" = json!("standard.read"))),
    params(("id" = String, Path, description = "The standard")),
    responses((status = 200, description = "The states", body = Vec<KeptState>), Problems)
)]
async fn list_states(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<axum::Json<Vec<KeptState>>, Problem> {
    caller.must(&[], "standards")?;
    let is_there = api.view()?.library().standards().any(|it| it.id == id);
    if !is_there {
        return Err(Problem::not_found("standard"));
    }
    let rows = api.store()?.standing_history(&api.access(&caller.name), &id).await?;
    Ok(axum::Json(rows.into_iter().map(KeptState::from).collect()))
}
