//! Assessments: what each check says of each resource, with its evidence.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use model::{Severity, Verdict};
use posture::risk::Factor;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::{AssessmentFilter, AssessmentItem, AssessmentSort, Listed, Sight, View};

use super::exemptions::Category;
use super::resources::Resource;
use crate::guard::Caller;
use crate::instants::Instants;
use crate::list::{self, Asked, Faceted, List};
use crate::past::Moment;
use crate::problem::{Problem, Problems};
use crate::query::{Path, Query};
use crate::state::Api;
use crate::time::Time;
use crate::words;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_assessments)).routes(routes!(get_assessment))
}

/// What a check says of a resource.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Assessment<'v> {
    /// Id of the check.
    check: &'v str,
    /// What is wrong when it is unhealthy.
    title: &'v str,
    #[schema(value_type = words::Severity)]
    severity: Severity,
    resource: Resource<'v>,
    /// As judged.
    #[schema(value_type = words::Verdict)]
    verdict: Verdict,
    /// What it counts as; missing: an exemption took it out of the calculation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::Verdict>)]
    counts_as: Option<Verdict>,
    /// The exemption that counts for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    exemption: Option<AppliedExemption>,
    /// How urgent it is; only where it counts as unhealthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    risk: Option<Risk>,
    /// Why it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// The commit since which it has this verdict.
    since: u64,
    /// The instant of that commit; missing where it is not on record any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    since_at: Option<Time>,
    /// The commit at which it was first judged.
    first_seen: u64,
    /// The instant of that commit; missing where it is not on record any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen_at: Option<Time>,
    /// How often it came back after it had been mended.
    reopened: u32,
    /// When time alone changes the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    flips_at: Option<Time>,
}

/// How urgent an unhealthy assessment is: its severity, moved by how easily it is exploited and what would be lost.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Risk {
    #[schema(value_type = words::Severity)]
    level: Severity,
    /// What bears on it.
    #[schema(value_type = Vec<words::RiskFactor>)]
    factors: Vec<Factor>,
    /// How easily it is exploited, 0 to 3.
    exploitability: u8,
    /// What would be lost, 0 to 2.
    impact: u8,
}

impl From<posture::risk::Risk> for Risk {
    fn from(it: posture::risk::Risk) -> Self {
        let posture::risk::Risk { level, factors, exploitability, impact } = it;
        Self { level, factors, exploitability, impact }
    }
}

/// An exemption that counts for an assessment.
#[derive(Debug, Serialize, ToSchema)]
struct AppliedExemption {
    number: u64,
    category: Category,
}

impl<'v> Assessment<'v> {
    pub(crate) fn of(it: AssessmentItem<'v>, instants: &Instants) -> Self {
        let exemption = it
            .exemption
            .map(|(number, category)| AppliedExemption { number, category: category.into() });
        Self {
            check: &it.check.id,
            title: &it.check.title,
            severity: it.check.severity,
            resource: it.resource.into(),
            verdict: it.verdict,
            counts_as: it.counts_as,
            exemption,
            risk: it.risk.map(Risk::from),
            why: it.why,
            since: it.since,
            since_at: instants.of(it.since),
            first_seen: it.first_seen,
            first_seen_at: instants.of(it.first_seen),
            reopened: it.reopened,
            flips_at: it.flips_at.map(Time),
        }
    }
}

/// Which assessments. Of several values of one parameter any may hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    /// Words that the resource is found by.
    q: Option<String>,
    /// Ids of checks.
    #[serde(default)]
    check: Vec<String>,
    /// Ids of resources.
    #[serde(default)]
    resource: Vec<String>,
    /// Verdicts as judged.
    #[serde(default)]
    #[param(value_type = Vec<words::Verdict>)]
    verdict: Vec<Verdict>,
    #[serde(default)]
    #[param(value_type = Vec<words::Severity>)]
    severity: Vec<Severity>,
    /// Ids of scopes, with all below.
    #[serde(default)]
    scope: Vec<String>,
    /// Clouds of the resources.
    #[serde(default)]
    cloud: Vec<String>,
    /// Kinds of the resources.
    #[serde(default)]
    kind: Vec<String>,
    /// Whether an exemption makes it count otherwise.
    exempt: Option<bool>,
    /// Whether it came back after it had been mended.
    reopened: Option<bool>,
    #[serde(default)]
    #[param(value_type = Option<words::AssessmentSort>)]
    sort: AssessmentSort,
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

struct Assessments {
    filter: AssessmentFilter,
    sort: AssessmentSort,
    instants: Arc<Instants>,
}

impl List for Assessments {
    type Item<'v> = AssessmentItem<'v>;
    type Shown<'v> = Assessment<'v>;

    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("check", "/check"),
        ("title", "/title"),
        ("severity", "/severity"),
        ("risk", "/risk/level"),
        ("resource", "/resource/id"),
        ("name", "/resource/name"),
        ("kind", "/resource/kind"),
        ("scope", "/resource/scope"),
        ("verdict", "/verdict"),
        ("countsAs", "/countsAs"),
        ("exemption", "/exemption/number"),
        ("why", "/why"),
        ("since", "/since"),
        ("reopened", "/reopened"),
    ];

    fn page<'v>(
        &self,
        view: &'v View,
        sight: &Sight,
        page: &view::Page,
    ) -> Listed<AssessmentItem<'v>> {
        view.assessments(sight, &self.filter, self.sort, page)
    }

    fn shown<'v>(&self, _: &'v View, item: AssessmentItem<'v>) -> Assessment<'v> {
        Assessment::of(item, &self.instants)
    }
}

/// Assessments, with facets. `Accept: text/csv` or `application/x-ndjson` gives the whole list.
#[utoipa::path(
    get,
    path = "/assessments",
    tag = "posture",
    extensions(("x-operation" = json!("assessment.read"))),
    params(Wanted),
    responses(
        (status = 200, description = "A page of assessments", body = Faceted<Assessment<'static>>),
        Problems
    )
)]
async fn list_assessments(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let asked = Asked::new(wanted.limit, wanted.cursor.as_deref(), wanted.reverse, &headers)?;
    let filter = AssessmentFilter {
        text: wanted.q,
        checks: wanted.check,
        resources: wanted.resource,
        verdicts: wanted.verdict,
        severities: wanted.severity,
        scopes: wanted.scope,
        clouds: wanted.cloud,
        kinds: wanted.kind,
        is_exempt: wanted.exempt,
        is_reopened: wanted.reopened,
    };
    let list = Assessments { filter, sort: wanted.sort, instants: api.instants().await? };
    let at = wanted.at;
    let answer = move |view: &_, sight: &_| Ok(list::answer(list, view, sight, asked));
    api.read_at(&caller, at.as_deref(), answer).await
}

/// An assessment with what proves it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AssessmentDetail<'v> {
    #[serde(flatten)]
    assessment: Assessment<'v>,
    evidence: Vec<Evidence>,
    /// Values that prove it in resources that the caller does not see.
    hidden_evidence: u64,
}

/// A value that proves a verdict.
#[derive(Debug, Serialize, ToSchema)]
struct Evidence {
    /// The resource whose document holds it; missing for the judged resource itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    /// Its path in that document.
    path: String,
    /// What stands there; null when it is absent.
    #[schema(value_type = Value)]
    value: Json,
    /// What the check would accept there, as the right side of a comparison (`= true`, `<> 'Allow'`, `IS NOT NULL`);
    /// missing where its condition does not say that simply.
    #[serde(skip_serializing_if = "Option::is_none")]
    wanted: Option<String>,
}

/// What one check says of one resource, with the evidence.
#[utoipa::path(
    get,
    path = "/resources/{id}/assessments/{check}",
    tag = "posture",
    extensions(("x-operation" = json!("assessment.read"))),
    params(
        ("id" = String, Path, description = "The canonical id of the resource"),
        ("check" = String, Path, description = "The id of the check"),
        Moment
    ),
    responses(
        (status = 200, description = "The assessment", body = AssessmentDetail<'static>),
        Problems
    )
)]
async fn get_assessment(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path((id, check)): Path<(String, String)>,
    Query(moment): Query<Moment>,
) -> Result<Response, Problem> {
    let instants = api.instants().await?;
    api.read_at(&caller, moment.at.as_deref(), move |view, sight| {
        let found = view.assessment(sight, &id, &check);
        let found = found.ok_or_else(|| Problem::not_found("assessment"))?;
        let wanted = view.library().check(&check).map(|it| posture::Wanted::of(it));
        let wanted = wanted.unwrap_or_default();
        let (items, hidden_evidence) = view.evidence(sight, &id, &check).unwrap_or_default();
        let evidence = items
            .into_iter()
            .map(|it| Evidence {
                wanted: wanted.at(&it.path).filter(|_| it.resource.is_none()).map(str::to_owned),
                resource: it.resource,
                path: it.path,
                value: it.value,
            })
            .collect();
        let assessment = Assessment::of(found, &instants);
        let detail = AssessmentDetail { assessment, evidence, hidden_evidence };
        Ok(axum::Json(detail).into_response())
    })
    .await
}
