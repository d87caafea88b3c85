//! Bringing in data: an export as the body of a request.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::jobs;
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::state::Api;
use crate::work::Work;

/// Bytes of a part as it is kept.
const PART: usize = 1 << 20;
/// A client that sends nothing for so long has gone.
const SILENCE: Duration = Duration::from_mins(1);
/// Bytes of the greatest export.
const MOST: u64 = 4 << 30;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(add_import))
        .layer(axum::extract::DefaultBodyLimit::disable())
}

/// What an export is written in.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportFormat)]
pub(super) enum Format {
    /// Azure Resource Manager, Azure Resource Graph, Microsoft Graph.
    Azure,
    /// Answers of the AWS CLI, AWS Config.
    Aws,
    /// Cloud Asset Inventory, lists of `gcloud`.
    Gcp,
    /// Kubernetes objects.
    Kubernetes,
    /// Findings of other tools.
    Findings,
}

/// How an export is read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Options {
    /// What the file is called: its ending may say what it is.
    #[param(min_length = 1, max_length = 255)]
    name: String,
    /// Read it as this format instead of recognising it.
    format: Option<Format>,
    /// What the export does not hold does not exist.
    #[serde(default)]
    #[param(default = false)]
    complete: bool,
}

/// Takes in an export (JSON, NDJSON, YAML, CSV, or a tar archive of such; plain, or packed with gzip or zstd), up to 4 GiB.
/// Folders of an archive may name accounts, operations and clusters; a single file counts as lying in a folder of its
/// name. The answer is the job that reads it; its result says what changed.
#[utoipa::path(
    post,
    path = "/imports",
    tag = "work",
    extensions(("x-operation" = json!("import.run"))),
    params(Options),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 202, description = "The job", body = jobs::Job), Problems)
)]
async fn add_import(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(options): Query<Options>,
    body: Body,
) -> Result<Response, Problem> {
    // An export may speak about any scope.
    caller.must(&[], "tenant")?;
    let upload = take_in(&api, &caller, &options.name, body, MOST).await?;
    let payload = json!({
        "upload": upload, "asFormat": options.format, "complete": options.complete,
    });
    let number = api.queue(&caller, Work { kind: "import-upload", payload, priority: 2 }).await?;
    let row = api.store()?.job(&api.access(&caller.name), number).await?;
    Ok(jobs::accepted(row, &caller))
}

/// Takes in a body of `most` bytes at most, under the name of a file; gives the number of the upload, which a job
/// reads and removes.
pub(super) async fn take_in(
    api: &Api,
    caller: &Caller,
    name: &str,
    body: Body,
    most: u64,
) -> Result<u64, Problem> {
    if name.is_empty() || name.len() > 255 || name.contains(['/', '\\']) {
        return Err(Problem::invalid("name", "must be the name of a file"));
    }
    let (store, access) = (api.store()?, api.access(&caller.name));
    let upload = store.begin_upload(&access, api.now(), name).await?;
    if let Err(problem) = receive(api, caller, (upload, most), body).await {
        store.drop_upload(&access, upload).await?;
        return Err(problem);
    }
    Ok(upload)
}

/// Keeps the body in parts: no part is in memory longer than it takes to store.
async fn receive(
    api: &Api,
    caller: &Caller,
    (upload, most): (u64, u64),
    mut body: Body,
) -> Result<(), Problem> {
    let (store, access) = (api.store()?, api.access(&caller.name));
    let (mut part, mut buffer, mut size) = (0_u32, Vec::with_capacity(PART), 0_u64);
    while let Some(frame) = next(&mut body).await? {
        size += frame.len() as u64;
        if size > most {
            let detail = format!("it may have {} MiB", most >> 20);
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail));
        }
        buffer.extend_from_slice(&frame);
        while buffer.len() >= PART {
            let rest = buffer.split_off(PART);
            store.put_part(&access, upload, part, &buffer).await?;
            (buffer, part) = (rest, part + 1);
        }
    }
    if size == 0 {
        return Err(Problem::invalid("body", "is empty"));
    }
    if !buffer.is_empty() {
        store.put_part(&access, upload, part, &buffer).await?;
    }
    Ok(store.finish_upload(&access, upload).await?)
}

async fn next(body: &mut Body) -> Result<Option<axum::body::Bytes>, Problem> {
    use http_body::Body as _;
    loop {
        let frame = std::future::poll_fn(|cx| std::pin::Pin::new(&mut *body).poll_frame(cx));
        let Ok(frame) = tokio::time::timeout(SILENCE, frame).await else {
            let detail = "nothing came for a minute";
            return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "too-slow", detail));
        };
        match frame {
            None => return Ok(None),
            Some(Err(_)) => return Err(Problem::invalid("body", "ended before it was whole")),
            // Trailers say nothing here.
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}
