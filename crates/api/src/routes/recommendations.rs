//! Recommendations: each check with what it found, why it matters and how to mend it.

use ::people::Operation;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use content::{Check, Status};
use model::Severity;
use posture::VerdictCounts;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::{Listed, RecommendationFilter, RecommendationItem, RecommendationSort};
use view::{RecommendationState, Sight, View};

use super::resources::OpenCounts;
use crate::guard::Caller;
use crate::list::{self, Asked, Faceted, List};
use crate::past::Moment;
use crate::problem::{Problem, Problems};
use crate::query::{Path, Query};
use crate::state::Api;
use crate::words;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_recommendations)).routes(routes!(get_recommendation))
}

/// A check with what it found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recommendation<'v> {
    /// Id of the check.
    id: &'v str,
    /// What is wrong.
    title: &'v str,
    #[schema(value_type = words::Severity)]
    severity: Severity,
    /// The cloud that it is about.
    cloud: &'v str,
    /// What it is about there.
    category: &'v str,
    #[schema(value_type = words::RecommendationState)]
    state: RecommendationState,
    /// The control that it counts in.
    control: &'v str,
    /// Points that the control may earn at most; 0 when it counts in no score.
    control_points: f64,
    /// Points of 100 that the score of what the caller sees gains if all of it is mended.
    gain: f64,
    /// Whether it counts in scores: not before it is stable.
    scored: bool,
    /// Verdicts as judged.
    judged: Counts,
    /// Verdicts as they count, after exemptions.
    counted: Counts,
    /// Assessments that an exemption makes count otherwise.
    exempt: u64,
    /// The highest risk of what is open; missing where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::Severity>)]
    risk: Option<Severity>,
    /// Open assessments by risk.
    by_risk: OpenCounts,
    /// The commit since which the oldest open assessment is unhealthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u64>,
}

/// How many assessments have which verdict.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    healthy: u64,
    unhealthy: u64,
    not_applicable: u64,
    unknown: u64,
}

impl From<VerdictCounts> for Counts {
    fn from(it: VerdictCounts) -> Self {
        let VerdictCounts { healthy, unhealthy, not_applicable, unknown } = it;
        Self { healthy, unhealthy, not_applicable, unknown }
    }
}

impl<'v> From<RecommendationItem<'v>> for Recommendation<'v> {
    fn from(it: RecommendationItem<'v>) -> Self {
        Self {
            id: &it.check.id,
            title: &it.check.title,
            severity: it.check.severity,
            cloud: it.cloud,
            category: it.category,
            state: it.state,
            control: &it.check.control,
            control_points: it.control_points,
            gain: it.gain,
            scored: it.is_scored,
            judged: it.raw.into(),
            counted: it.effective.into(),
            exempt: it.exempt,
            risk: it.by_risk.highest(),
            by_risk: it.by_risk.into(),
            since: it.since,
        }
    }
}

/// Which recommendations. Of several values of one parameter any may hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    /// Words that all must be in title or id, or begin a word there.
    q: Option<String>,
    #[serde(default)]
    #[param(value_type = Vec<words::Severity>)]
    severity: Vec<Severity>,
    #[serde(default)]
    cloud: Vec<String>,
    /// Ids of controls.
    #[serde(default)]
    control: Vec<String>,
    /// What they are about within their cloud: the second word of their ids.
    #[serde(default)]
    category: Vec<String>,
    #[serde(default)]
    #[param(value_type = Vec<words::RecommendationState>)]
    state: Vec<RecommendationState>,
    /// The highest risk of what is open.
    #[serde(default)]
    #[param(value_type = Vec<words::Severity>)]
    risk: Vec<Severity>,
    /// Ids of standards.
    #[serde(default)]
    standard: Vec<String>,
    /// Ids of scopes, with all below: only resources in them are counted.
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default)]
    #[param(value_type = Option<words::RecommendationSort>)]
    sort: RecommendationSort,
    /// Turns the order round.
    #[serde(default)]
    #[param(default = false)]
    reverse: bool,
    /// Items of the page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// As it was then: the number of a commit, an instant (RFC 3339) or a day.
    #[param(min_length = 1)]
    at: Option<String>,
}

struct Recommendations {
    filter: RecommendationFilter,
    sort: RecommendationSort,
}

impl List for Recommendations {
    type Item<'v> = RecommendationItem<'v>;
    type Shown<'v> = Recommendation<'v>;

    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("id", "/id"),
        ("title", "/title"),
        ("severity", "/severity"),
        ("risk", "/risk"),
        ("cloud", "/cloud"),
        ("state", "/state"),
        ("control", "/control"),
        ("unhealthy", "/counted/unhealthy"),
        ("healthy", "/counted/healthy"),
        ("unknown", "/counted/unknown"),
        ("exempt", "/exempt"),
        ("gain", "/gain"),
    ];

    fn page<'v>(
        &self,
        view: &'v View,
        sight: &Sight,
        page: &view::Page,
    ) -> Listed<RecommendationItem<'v>> {
        view.recommendations(sight, &self.filter, self.sort, page)
    }

    fn shown<'v>(&self, _: &'v View, item: RecommendationItem<'v>) -> Recommendation<'v> {
        item.into()
    }
}

/// Recommendations, with facets. `Accept: text/csv` or `application/x-ndjson` gives the whole list.
#[utoipa::path(
    get,
    path = "/recommendations",
    tag = "posture",
    extensions(("x-operation" = json!("recommendation.read"))),
    params(Wanted),
    responses(
        (
            status = 200,
            description = "A page of recommendations",
            body = Faceted<Recommendation<'static>>
        ),
        Problems
    )
)]
async fn list_recommendations(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let asked = Asked::new(wanted.limit, wanted.cursor.as_deref(), wanted.reverse, &headers)?;
    let filter = RecommendationFilter {
        text: wanted.q,
        severities: wanted.severity,
        clouds: wanted.cloud,
        controls: wanted.control,
        categories: wanted.category,
        states: wanted.state,
        risks: wanted.risk,
        standards: wanted.standard,
        scopes: wanted.scope,
    };
    let list = Recommendations { filter, sort: wanted.sort };
    let at = wanted.at;
    let answer = move |view: &_, sight: &_| Ok(list::answer(list, view, sight, asked));
    api.read_at(&caller, at.as_deref(), answer).await
}

/// A recommendation with everything that its check says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RecommendationDetail<'v> {
    #[serde(flatten)]
    recommendation: Recommendation<'v>,
    /// What the check judges, and how.
    #[serde(flatten)]
    check: CheckText<'v>,
    /// What the caller may do with it on the whole tenant.
    can: Vec<&'static str>,
}

/// What a check says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckText<'v> {
    /// Kinds that it judges.
    kinds: Vec<&'v str>,
    /// Predicate; where it is false the check does not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    applies: Option<&'v str>,
    /// Predicate over the resource `r`; true is unhealthy.
    unhealthy: &'v str,
    /// What an attacker or an accident does with it.
    why: &'v str,
    /// What the check cannot see.
    blind_spots: &'v str,
    /// What to do by hand.
    steps: &'v [String],
    /// Commands, with `{id}`, `{name}` and the like to fill in.
    cli: &'v [String],
    /// A change that Merlon can make itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    action: Option<&'v Json>,
    /// Requirements, by standard.
    #[schema(value_type = std::collections::BTreeMap<String, Vec<String>>)]
    standards: &'v indexmap::IndexMap<String, Vec<String>>,
    /// MITRE ATT&CK technique ids.
    techniques: &'v [String],
    references: Vec<&'v str>,
    #[schema(value_type = words::Status)]
    status: &'static str,
}

impl<'v> From<&'v Check> for CheckText<'v> {
    fn from(it: &'v Check) -> Self {
        Self {
            kinds: it.all_kinds().collect(),
            applies: it.applies.as_deref(),
            unhealthy: &it.unhealthy,
            why: &it.why,
            blind_spots: &it.blind_spots,
            steps: &it.fix.steps,
            cli: &it.fix.cli.0,
            action: it.fix.action.as_ref(),
            standards: &it.standards,
            techniques: &it.techniques,
            references: it.references.iter().map(|it| it.url.as_str()).collect(),
            status: status_word(it.status),
        }
    }
}

/// The word for a place in the life of a content file.
pub(crate) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Preview => "preview",
        Status::Stable => "stable",
        Status::Deprecated => "deprecated",
    }
}

/// One recommendation.
#[utoipa::path(
    get,
    path = "/recommendations/{check}",
    tag = "posture",
    extensions(("x-operation" = json!("recommendation.read"))),
    params(("check" = String, Path, description = "The id of the check"), Moment),
    responses(
        (status = 200, description = "The recommendation", body = RecommendationDetail<'static>),
        Problems
    )
)]
async fn get_recommendation(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(check): Path<String>,
    Query(moment): Query<Moment>,
) -> Result<Response, Problem> {
    let can = caller.can(&[Operation::ExemptionWrite, Operation::WhatifRun], &[]);
    api.read_at(&caller, moment.at.as_deref(), move |view, sight| {
        let found = view.recommendation_of(sight, &check);
        let found = found.ok_or_else(|| Problem::not_found("recommendation"))?;
        let check = CheckText::from(found.check);
        let detail = RecommendationDetail { recommendation: found.into(), check, can };
        Ok(axum::Json(detail).into_response())
    })
    .await
}
