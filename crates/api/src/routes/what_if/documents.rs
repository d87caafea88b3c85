//! What documents would change: they are read, judged together with what is there, and dropped.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::exemptions::Category;
use super::super::imports::{self, Format};
use super::super::jobs;
use super::super::scores::Score;
use super::{ChangedScope, ChangedStanding};
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::state::Api;
use crate::time::Time;
use crate::words;
use crate::work::{Done, Work};

/// Bytes of the documents: whoever may read may ask, so that it is less than an import has.
const MOST: u64 = 256 << 20;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(what_if_documents))
        .layer(axum::extract::DefaultBodyLimit::disable())
}

/// How the documents are read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Options {
    /// What the file is called: its ending may say what it is.
    #[param(min_length = 1, max_length = 255)]
    name: String,
    /// Read it as this format instead of recognising it.
    format: Option<Format>,
    /// What the documents do not hold does not exist.
    #[serde(default)]
    #[param(default = false)]
    complete: bool,
    /// Judge as of this instant (RFC 3339) instead of now.
    now: Option<Time>,
}

/// What documents would change. Each list holds the first 1,000; `counts` says how many there are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WhatIfDocuments)]
struct Difference {
    resources: DifferentResources,
    /// Assessments that were evaluated to find out.
    evaluated: u64,
    counts: DifferenceCounts,
    /// What would become unhealthy, the most severe first.
    broken: Vec<DifferenceLine>,
    /// What is unhealthy and would no longer be.
    mended: Vec<DifferenceLine>,
    /// What could no longer be judged.
    lost: Vec<DifferenceLine>,
    /// What could not be judged and would be, and not unhealthy.
    found: Vec<DifferenceLine>,
    /// What is unhealthy and would go with its resource.
    gone: Vec<DifferenceLine>,
    before: Option<Score>,
    after: Option<Score>,
    /// The scopes whose score would change.
    scopes: Vec<ChangedScope>,
    /// The requirements whose state would change.
    standings: Vec<ChangedStanding>,
    /// Assessments that would count otherwise because of an exemption.
    exempted: Vec<ExemptDifference>,
    /// Exemptions whose resource would change.
    changed_under: Vec<ExemptDifference>,
}

/// Resources that the documents make new, other, gone, and as they were.
#[derive(Debug, Serialize, ToSchema)]
struct DifferentResources {
    added: u64,
    changed: u64,
    gone: u64,
    unchanged: u64,
}

/// How many lines each list would have in full.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DifferenceCounts {
    broken: u64,
    mended: u64,
    lost: u64,
    found: u64,
    gone: u64,
    exempted: u64,
    changed_under: u64,
}

/// An assessment that would be otherwise.
#[derive(Debug, Serialize, ToSchema)]
struct DifferenceLine {
    check: String,
    /// Of the check.
    title: String,
    #[schema(value_type = Option<words::Severity>)]
    severity: Option<model::Severity>,
    resource: String,
    name: String,
    scope: String,
    /// null: it was not judged.
    #[schema(value_type = Option<words::Verdict>)]
    before: Option<model::Verdict>,
    /// null: it would not be judged.
    #[schema(value_type = Option<words::Verdict>)]
    after: Option<model::Verdict>,
}

/// An assessment that an exemption speaks of.
#[derive(Debug, Serialize, ToSchema)]
struct ExemptDifference {
    check: String,
    resource: String,
    /// The exemption that would count; null: none any more.
    exemption: Option<u64>,
    category: Option<Category>,
}

/// Says what documents would change (an export as for `/imports`, up to 256 MiB): what would break, be mended, be lost
/// from sight, with the score before and after. Nothing of it becomes part of what is kept; it takes a role on the whole
/// tenant.
#[utoipa::path(
    post,
    path = "/what-if",
    tag = "posture",
    extensions(("x-operation" = json!("whatif.run"))),
    params(Options),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "What would be otherwise", body = Difference),
        (status = 202, description = "It takes longer: the job, whose result it will be", body = jobs::Job),
        Problems
    )
)]
async fn what_if_documents(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(options): Query<Options>,
    body: Body,
) -> Result<Response, Problem> {
    // Documents may speak of any scope, and what they change is looked up in all of the tenant.
    let view = api.view()?;
    if caller.sight(&view) != view::Sight::Everything {
        let detail =
            "documents may speak of everything: asking about them takes a role on the whole tenant";
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail));
    }
    let upload = imports::take_in(&api, &caller, &options.name, body, MOST).await?;
    let payload = json!({
        "upload": upload, "asFormat": options.format, "complete": options.complete,
        "now": options.now,
    });
    let done = api.do_work(&caller, Work { kind: "what-if", payload, priority: 2 }).await;
    if done.is_err() {
        // It is not tried again.
        api.store()?.drop_upload(&api.access(&caller.name), upload).await?;
    }
    match done? {
        // What came of nothing says nothing.
        Done::Yes(row) if row.result.get("resources").is_none() => {
            Err(Problem::invalid("body", "nothing in it could be read"))
        }
        Done::Yes(row) => Ok(axum::Json(row.result).into_response()),
        Done::NotYet(row) => Ok(jobs::accepted(row, &caller)),
    }
}
