//! What Merlon knows: checks with their cases, kinds, controls, standards, as they are written.

mod kinds;

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use content::case::{CheckCase, Neighbour};
use content::{Check, Control, Evidence, Library, Reference};
use indexmap::IndexMap;
use model::{Severity, Verdict};
use posture::{CaseReport, Condition, LibrarySchema};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::recommendations::{CheckText, status_word};
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::Path;
use crate::state::Api;
use crate::words;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_checks))
        .routes(routes!(get_check))
        .routes(routes!(list_controls))
        .merge(kinds::routes())
}

/// A check in a list.
#[derive(Debug, Serialize, ToSchema)]
struct CheckLine<'v> {
    id: &'v str,
    title: &'v str,
    #[schema(value_type = words::Severity)]
    severity: Severity,
    #[schema(value_type = words::Status)]
    status: &'static str,
    control: &'v str,
    kinds: Vec<&'v str>,
    /// Standards with a requirement that it speaks about.
    standards: Vec<&'v str>,
    /// MITRE ATT&CK technique ids.
    techniques: &'v [String],
    /// Whether somebody here wrote it; else it comes with the program.
    own: bool,
    /// How many cases hold it to what it says.
    cases: usize,
}

impl<'v> CheckLine<'v> {
    fn of(it: &'v Check, library: &'v Library) -> Self {
        Self {
            id: &it.id,
            title: &it.title,
            severity: it.severity,
            status: status_word(it.status),
            control: &it.control,
            kinds: it.all_kinds().collect(),
            standards: it.standards.keys().map(String::as_str).collect(),
            techniques: &it.techniques,
            own: library.is_own(&it.id),
            cases: library.check_cases(&it.id).len(),
        }
    }
}

/// All checks.
#[utoipa::path(
    get,
    path = "/content/checks",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    responses((status = 200, description = "The checks", body = Vec<CheckLine<'static>>), Problems)
)]
async fn list_checks(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let library = view.library();
        let lines: Vec<_> = library.checks().map(|it| CheckLine::of(it, library)).collect();
        Ok(axum::Json(lines).into_response())
    })
    .await
}

/// A check as it is written, with its cases and what they show.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckDetail<'v> {
    id: &'v str,
    title: &'v str,
    #[schema(value_type = words::Severity)]
    severity: Severity,
    control: &'v str,
    #[serde(flatten)]
    text: CheckText<'v>,
    /// The first version with it.
    since: &'v str,
    /// What an unhealthy assessment shows as proof.
    evidence: Vec<EvidenceText<'v>>,
    /// The primary sources, with the day on which they were read.
    sources: Vec<Source<'v>>,
    /// The check that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<&'v str>,
    /// Whether somebody here wrote it.
    own: bool,
    /// Its cases, each with the verdict that comes out.
    cases: Vec<Case<'v>>,
    /// What the cases have made of each condition of its predicates.
    coverage: CaseCoverage,
}

/// What an unhealthy assessment shows as proof: a path, elements of a list, or a query.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvidenceText<'v> {
    /// A path of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'v str>,
    /// A predicate over each element `x` of the list at the path.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    predicate: Option<&'v str>,
    /// openCypher that returns `resource`, `path` and `value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'v str>,
}

impl<'v> From<&'v Evidence> for EvidenceText<'v> {
    fn from(it: &'v Evidence) -> Self {
        let (path, predicate, query) = match it {
            Evidence::Path(path) => (Some(path.text()), None, None),
            Evidence::Elements(it) => (Some(it.at.text()), it.predicate.as_deref(), None),
            Evidence::Query(it) => (None, None, Some(it.query.as_str())),
        };
        Self { path, predicate, query }
    }
}

/// A primary source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Source<'v> {
    url: &'v str,
    /// The day on which it was read.
    read: &'v str,
}

impl<'v> From<&'v Reference> for Source<'v> {
    fn from(it: &'v Reference) -> Self {
        Self { url: &it.url, read: &it.read }
    }
}

/// A case: a resource with its neighbours, and what must come out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Case<'v> {
    /// What it shows.
    name: &'v str,
    /// The kind of the resource, where the check judges several.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'v str>,
    /// The document.
    #[schema(value_type = Value)]
    resource: &'v Json,
    /// Paths of it that were not read.
    unread: &'v [String],
    /// The instant at which it is judged; a fixed day, when it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<&'v str>,
    /// What it is connected to, as the case file draws it.
    #[schema(value_type = Vec<Object>)]
    neighbours: &'v [Neighbour],
    /// Directions of edges at it that are not completely known.
    incomplete: &'v [String],
    #[schema(value_type = words::Verdict)]
    wanted: Verdict,
    /// The evidence that must be shown, path to value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    evidence: Option<&'v IndexMap<String, Json>>,
    /// The verdict that comes out; missing where the case cannot be drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::Verdict>)]
    verdict: Option<Verdict>,
    /// What is not as it is wanted; empty: the case holds.
    problems: Vec<String>,
}

/// What the cases of a check have made of its conditions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseCoverage {
    /// Cases that hold.
    held: usize,
    /// All cases.
    cases: usize,
    /// Conditions that some case has made everything that it can be made.
    covered: usize,
    /// The conditions that AND, OR, XOR and NOT join.
    conditions: Vec<CoveredCondition>,
    /// Why the check cannot be run on its cases at all.
    problems: Vec<String>,
}

/// A condition, and what the cases have made of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CoveredCondition {
    /// The condition as text.
    text: String,
    was_true: bool,
    was_false: bool,
    was_unread: bool,
    met_absent: bool,
    /// Why no case can show the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<String>,
}

impl From<Condition> for CoveredCondition {
    fn from(it: Condition) -> Self {
        let Condition { text, was_true, was_false, was_unread, met_absent, waived } = it;
        Self { text, was_true, was_false, was_unread, met_absent, waived }
    }
}

/// The cases with what came of them, and what they cover.
pub(crate) fn shown_cases(
    report: CaseReport,
    cases: &[CheckCase],
) -> (Vec<Case<'_>>, CaseCoverage) {
    let held = report.cases.iter().filter(|it| it.problems.is_empty()).count();
    let is_covered = |it: &&Condition| it.waived.is_some() || it.missing().is_empty();
    let coverage = CaseCoverage {
        held,
        cases: cases.len(),
        covered: report.conditions.iter().filter(is_covered).count(),
        conditions: report.conditions.into_iter().map(CoveredCondition::from).collect(),
        problems: report.problems,
    };
    let mut outcomes = report.cases.into_iter();
    let shown = cases.iter().map(|it| {
        let (verdict, problems) =
            outcomes.next().map_or((None, Vec::new()), |it| (it.verdict, it.problems));
        Case {
            name: &it.name,
            kind: it.kind.as_deref(),
            resource: &it.resource,
            unread: &it.unread,
            now: it.now.as_deref(),
            neighbours: &it.neighbours,
            incomplete: &it.incomplete,
            wanted: it.want.verdict,
            evidence: it.want.evidence.as_ref(),
            verdict,
            problems,
        }
    });
    (shown.collect(), coverage)
}

/// A check with its cases. Runs them: that is the work of some milliseconds.
pub(crate) fn check_detail<'v>(
    library: &'v Library,
    check: &'v Arc<Check>,
    cases: &'v [CheckCase],
) -> CheckDetail<'v> {
    let report = posture::case_report(library, &LibrarySchema::new(library), check, cases);
    let (cases, coverage) = shown_cases(report, cases);
    CheckDetail {
        id: &check.id,
        title: &check.title,
        severity: check.severity,
        control: &check.control,
        text: (&**check).into(),
        since: &check.since,
        evidence: check.evidence.iter().map(EvidenceText::from).collect(),
        sources: check.references.iter().map(Source::from).collect(),
        replaced_by: check.replaced_by.as_deref(),
        own: library.is_own(&check.id),
        cases,
        coverage,
    }
}

/// One check, with its cases and what they cover.
#[utoipa::path(
    get,
    path = "/content/checks/{id}",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The check", body = CheckDetail<'static>), Problems)
)]
async fn get_check(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let library = view.library();
        let check = library.check(&id).ok_or_else(|| Problem::not_found("check"))?;
        let detail = check_detail(library, check, library.check_cases(&id));
        Ok(axum::Json(detail).into_response())
    })
    .await
}

/// A group of checks that is worth points in the secure score.
#[derive(Debug, Serialize, ToSchema)]
struct ControlText<'v> {
    id: &'v str,
    title: &'v str,
    /// Most points that it can earn in one scope; 0 for advice only.
    points: f64,
    description: &'v str,
    checks: Vec<&'v str>,
}

/// All controls.
#[utoipa::path(
    get,
    path = "/controls",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    responses((status = 200, description = "The controls", body = Vec<ControlText<'static>>), Problems)
)]
async fn list_controls(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let library = view.library();
        let controls: Vec<_> = library.controls().map(|it| control_text(it, library)).collect();
        Ok(axum::Json(controls).into_response())
    })
    .await
}

fn control_text<'v>(it: &'v Control, library: &'v Library) -> ControlText<'v> {
    ControlText {
        id: &it.id,
        title: &it.title,
        points: it.points,
        description: &it.description,
        checks: library.checks().filter(|c| c.control == it.id).map(|c| &*c.id).collect(),
    }
}
