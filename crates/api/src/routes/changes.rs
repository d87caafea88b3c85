//! The change log: every commit, and what differs between two of them.

use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::ChangeRow;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::cursor;
use crate::guard::Caller;
use crate::page::{Page, Paging, limit};
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::state::Api;
use crate::time::{Time, moment};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_changes)).routes(routes!(get_diff))
}

/// A commit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Change {
    /// Its number, gap-free from 1.
    sequence: u64,
    at: Time,
    /// Whether the clock was behind, and the instant is that of the commit before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    held: bool,
    /// Who.
    actor: String,
    /// What sort of change: `import`, `exemption`, `time`, `content`.
    kind: String,
    /// One line for people.
    summary: String,
    /// What it changed, in figures.
    #[schema(value_type = Object)]
    counts: Json,
    /// What was not understood of an import.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ImportProblem>,
}

/// What was not understood of an import.
#[derive(Debug, Serialize, ToSchema)]
struct ImportProblem {
    file: String,
    reason: String,
    /// How often.
    count: u64,
}

impl Change {
    fn new(row: ChangeRow, problems: Vec<base::Problem>) -> Self {
        let ChangeRow { seq: sequence, at, held, actor, kind, summary, counts } = row;
        let problem =
            |it: base::Problem| ImportProblem { file: it.file, reason: it.reason, count: it.count };
        let problems = problems.into_iter().map(problem).collect();
        Self { sequence, at: at.into(), held, actor, kind, summary, counts, problems }
    }
}

/// Commits, the latest first.
#[utoipa::path(
    get,
    path = "/changes",
    tag = "work",
    extensions(("x-operation" = json!("audit.read"))),
    params(Paging),
    responses((status = 200, description = "A page of commits", body = Page<Change>), Problems)
)]
async fn list_changes(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<Change>>, Problem> {
    caller.must(&[], "changes")?;
    let limit = limit(paging.limit)?;
    let before = paging.cursor.as_deref().map(cursor::read::<u64>).transpose()?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let last = store.moment(&access, store::At::Now).await?.seq;
    let end = before.map_or(last, |it| it.saturating_sub(1).min(last));
    let start = end.saturating_sub(limit as u64);
    let mut rows = store.changes_since(&access, start, (end - start) as u32).await?;
    rows.reverse();
    let next = rows.last().map(|it| it.seq).filter(|it| *it > 1).map(|it| cursor::write(&it));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let problems = store.problems(&access, row.seq).await?;
        items.push(Change::new(row, problems));
    }
    Ok(axum::Json(Page { items, next, total: Some(last), as_of: api.sequence() }))
}

/// Two commits.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Between {
    /// One moment: the number of a commit (0: before the first), or an instant.
    #[param(pattern = "^(now|[0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}T.*)$")]
    from: String,
    /// The other; the newest commit when it is left out.
    #[param(pattern = "^(now|[0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}T.*)$")]
    to: Option<String>,
}

/// An assessment.
#[derive(Debug, Serialize, ToSchema)]
struct AssessmentName {
    check: String,
    resource: String,
}

/// What differs between two moments.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Difference {
    from: u64,
    to: u64,
    /// The instants of the two.
    from_at: Time,
    to_at: Time,
    /// Resources that are there at the later moment only.
    appeared: Vec<String>,
    /// Resources that are there at the earlier moment only.
    vanished: Vec<String>,
    /// Resources that are there at both and differ.
    changed: Vec<String>,
    /// Assessments that are unhealthy at the later moment only.
    broke: Vec<AssessmentName>,
    /// Assessments that were unhealthy at the earlier moment only, of resources that are still there.
    mended: Vec<AssessmentName>,
    /// Assessments that are unknown at the later moment and were not.
    lost_sight: Vec<AssessmentName>,
}

/// What appeared, vanished, broke and was mended between two commits.
#[utoipa::path(
    get,
    path = "/diff",
    tag = "work",
    extensions(("x-operation" = json!("audit.read"))),
    params(Between),
    responses((status = 200, description = "The difference", body = Difference), Problems)
)]
async fn get_diff(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(between): Query<Between>,
) -> Result<axum::Json<Difference>, Problem> {
    caller.must(&[], "changes")?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let from = store.moment(&access, moment("from", &between.from)?).await?;
    let to = moment("to", between.to.as_deref().unwrap_or("now"))?;
    let to = store.moment(&access, to).await?;
    let diff = store.diff(&access, from.seq, to.seq).await?;
    let names = |all: Vec<(std::sync::Arc<str>, String)>| {
        let name = |(check, resource): (std::sync::Arc<str>, String)| AssessmentName {
            check: check.to_string(),
            resource,
        };
        all.into_iter().map(name).collect()
    };
    Ok(axum::Json(Difference {
        from: from.seq,
        to: to.seq,
        from_at: from.at.into(),
        to_at: to.at.into(),
        appeared: diff.appeared,
        vanished: diff.vanished,
        changed: diff.changed,
        broke: names(diff.broke),
        mended: names(diff.mended),
        lost_sight: names(diff.lost_sight),
    }))
}
