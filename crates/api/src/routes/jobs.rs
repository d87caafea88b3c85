//! Jobs: what the server does beside answering.

use ::people::{Decision, Operation};
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{JobFilter, JobRow, JobState};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::cursor;
use crate::guard::Caller;
use crate::page::{Page, limit};
use crate::problem::{Problem, Problems};
use crate::query::{Json as Body, Path, Query};
use crate::state::Api;
use crate::time::Time;
use crate::work::Work;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_jobs, add_job))
        .routes(routes!(get_job))
        .routes(routes!(cancel_job))
        .routes(routes!(revive_job))
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = JobState)]
enum Standing {
    /// Waits for a worker or for its instant.
    Ready,
    /// A worker has it.
    Running,
    /// Completed.
    Done,
    /// Given up after its last attempt: a person must look.
    Dead,
    /// Ended because somebody asked for it.
    Cancelled,
}

impl From<JobState> for Standing {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Ready => Self::Ready,
            JobState::Running => Self::Running,
            JobState::Done => Self::Done,
            JobState::Dead => Self::Dead,
            JobState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<Standing> for JobState {
    fn from(state: Standing) -> Self {
        match state {
            Standing::Ready => Self::Ready,
            Standing::Running => Self::Running,
            Standing::Done => Self::Done,
            Standing::Dead => Self::Dead,
            Standing::Cancelled => Self::Cancelled,
        }
    }
}

/// A piece of work of the server.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Job {
    /// Its number.
    number: u64,
    /// What sort of work: `import`, `flips`, `prune`, `verify-audit`, `decide`, ...
    kind: String,
    state: Standing,
    /// Who queued it.
    actor: String,
    /// How far it is, in figures that depend on the kind.
    #[schema(value_type = Object)]
    progress: Json,
    /// What came of it; empty until it is done.
    #[schema(value_type = Object)]
    result: Json,
    /// Attempts so far.
    attempts: u32,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
    /// Not before then.
    run_at: Time,
    /// Who has it or had it last.
    #[serde(skip_serializing_if = "String::is_empty")]
    worker: String,
    created: Time,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished: Option<Time>,
    /// When somebody asked for its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled: Option<Time>,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

impl Job {
    pub(crate) fn shown(row: JobRow, caller: &Caller) -> Self {
        Self {
            number: row.number,
            kind: row.kind,
            state: row.state.into(),
            actor: row.actor,
            progress: row.progress,
            result: result_for(row.result, caller),
            attempts: row.attempts,
            error: row.error,
            run_at: row.run_at.into(),
            worker: row.worker,
            created: row.created.into(),
            finished: row.finished.map(Time),
            cancelled: row.cancelled.map(Time),
            can: caller.can(&[Operation::JobManage], &[]),
        }
    }
}

/// What came of a job, for a caller: its score is that of the whole tenant, which who queued it need not see.
pub(crate) fn result_for(mut result: Json, caller: &Caller) -> Json {
    if caller.rights.can(Operation::ScoreRead, &[]) != Decision::Allowed
        && let Some(fields) = result.as_object_mut()
    {
        fields.remove("score");
    }
    result
}

/// The answer to a request whose job goes on.
pub(crate) fn accepted(row: JobRow, caller: &Caller) -> Response {
    let place = format!("/api/v1/jobs/{}", row.number);
    let job = axum::Json(Job::shown(row, caller));
    (StatusCode::ACCEPTED, [(header::LOCATION, place)], job).into_response()
}

/// Which jobs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// In one of these states.
    #[serde(default)]
    state: Vec<Standing>,
    /// Of one of these kinds.
    #[serde(default)]
    kind: Vec<String>,
    /// Items of the page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// Jobs, the latest first.
#[utoipa::path(
    get,
    path = "/jobs",
    tag = "work",
    extensions(("x-operation" = json!("job.read"))),
    params(Wanted),
    responses((status = 200, description = "A page of jobs", body = Page<Job>), Problems)
)]
async fn list_jobs(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(wanted): Query<Wanted>,
) -> Result<axum::Json<Page<Job>>, Problem> {
    // A job is no scope's alone: only those see them who may on the whole tenant.
    caller.must(&[], "jobs")?;
    let limit = limit(wanted.limit)?;
    let before = wanted.cursor.as_deref().map(cursor::read).transpose()?;
    let states = wanted.state.into_iter().map(JobState::from).collect();
    let filter = JobFilter { states, kinds: wanted.kind, before };
    let access = api.access(&caller.name);
    let mut rows = api.store()?.jobs(&access, &filter, limit as u32 + 1).await?;
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| is_more).map(|it| cursor::write(&it.number));
    let items = rows.into_iter().map(|it| Job::shown(it, &caller)).collect();
    Ok(axum::Json(Page { items, next, total: None, as_of: api.sequence() }))
}

/// Work that may be asked for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum JobKind {
    /// Judge anew what time alone changes.
    Flips,
    /// Remove what is older than it is kept.
    Prune,
    /// Walk the chain of the audit log.
    VerifyAudit,
}

/// A job that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewJob {
    kind: JobKind,
}

/// Queues work of the server. Imports are queued by their own route.
#[utoipa::path(
    post,
    path = "/jobs",
    tag = "work",
    extensions(("x-operation" = json!("job.manage"))),
    request_body = NewJob,
    responses((status = 202, description = "The job", body = Job), Problems)
)]
async fn add_job(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<NewJob>,
) -> Result<Response, Problem> {
    caller.must(&[], "jobs")?;
    let kind = match new.kind {
        JobKind::Flips => "flips",
        JobKind::Prune => "prune",
        JobKind::VerifyAudit => "verify-audit",
    };
    let number =
        api.queue(&caller, Work { kind, payload: serde_json::json!({}), priority: 0 }).await?;
    let row = api.store()?.job(&api.access(&caller.name), number).await?;
    Ok(accepted(row, &caller))
}

/// One job.
#[utoipa::path(
    get,
    path = "/jobs/{number}",
    tag = "work",
    extensions(("x-operation" = json!("job.read"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 200, description = "The job", body = Job), Problems)
)]
async fn get_job(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<axum::Json<Job>, Problem> {
    let row = api.store()?.job(&api.access(&caller.name), number).await?;
    // Whoever queued a job may follow it.
    if row.actor != *caller.name {
        caller.must(&[], "job")?;
    }
    Ok(axum::Json(Job::shown(row, &caller)))
}

/// Ends a job: one that waits at once, one that runs as soon as its worker hears of it.
#[utoipa::path(
    post,
    path = "/jobs/{number}/cancel",
    tag = "work",
    extensions(("x-operation" = json!("job.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 200, description = "The job", body = Job), Problems)
)]
async fn cancel_job(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<axum::Json<Job>, Problem> {
    caller.must(&[], "job")?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    store.job(&access, number).await?;
    store.cancel(&access, number, api.now()).await?;
    Ok(axum::Json(Job::shown(store.job(&access, number).await?, &caller)))
}

/// Gives a dead job all its attempts again.
#[utoipa::path(
    post,
    path = "/jobs/{number}/revive",
    tag = "work",
    extensions(("x-operation" = json!("job.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 200, description = "The job", body = Job), Problems)
)]
async fn revive_job(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<axum::Json<Job>, Problem> {
    caller.must(&[], "job")?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    if store.job(&access, number).await?.state != JobState::Dead {
        let detail = "only a job that was given up gets its attempts again";
        return Err(Problem::new(StatusCode::CONFLICT, "conflict", detail));
    }
    store.revive(&access, number, api.now()).await?;
    api.queued.notify_one();
    Ok(axum::Json(Job::shown(store.job(&access, number).await?, &caller)))
}
