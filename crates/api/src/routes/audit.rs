//! The audit log.

use axum::Extension;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value as Json;
use store::AuditRow;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::cursor;
use crate::guard::Caller;
use crate::page::{Page, Paging, limit};
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::state::Api;
use crate::time::Time;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

/// A line of the audit log.
#[derive(Debug, Serialize, ToSchema)]
struct AuditLine {
    /// Its number, gap-free from 1.
    sequence: u64,
    at: Time,
    /// Who.
    actor: String,
    /// Did what.
    action: String,
    /// On what.
    object: String,
    /// Anything else.
    #[schema(value_type = Object)]
    detail: Json,
}

impl From<AuditRow> for AuditLine {
    fn from(row: AuditRow) -> Self {
        let AuditRow { seq: sequence, at, actor, action, object, detail } = row;
        Self { sequence, at: at.into(), actor, action, object, detail }
    }
}

/// The audit log, the latest line first.
#[utoipa::path(
    get,
    path = "/audit",
    tag = "server",
    extensions(("x-operation" = json!("audit.read"))),
    params(Paging),
    responses((status = 200, description = "A page of the log", body = Page<AuditLine>), Problems)
)]
async fn list_audit(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<AuditLine>>, Problem> {
    caller.must(&[], "audit log")?;
    let limit = limit(paging.limit)?;
    let before = paging.cursor.as_deref().map(cursor::read::<u64>).transpose()?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let last = store.audit_head(&access).await?.map_or(0, |it| it.seq);
    let end = before.map_or(last, |it| it.saturating_sub(1).min(last));
    let start = end.saturating_sub(limit as u64);
    let mut rows = store.audit_log(&access, start, (end - start) as u32).await?;
    rows.reverse();
    let next = rows.last().map(|it| it.seq).filter(|it| *it > 1).map(|it| cursor::write(&it));
    let items = rows.into_iter().map(AuditLine::from).collect();
    Ok(axum::Json(Page { items, next, total: Some(last), as_of: api.sequence() }))
}
