//! Scopes: the hierarchy in which everything lies.

use ::people::Operation;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::{ScopeItem, View};

use super::scores::Score;
use crate::guard::Caller;
use crate::page::Page;
use crate::problem::{Problem, Problems};
use crate::query::Path;
use crate::state::Api;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_scopes)).routes(routes!(get_scope))
}

/// A scope with what lies in it and below.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Scope<'v> {
    id: &'v str,
    name: &'v str,
    /// Kind of its resource; empty for a scope that is only named.
    kind: &'v str,
    cloud: &'v str,
    /// The scope in which it lies, when the caller sees that, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'v str>,
    /// Steps below the highest scope that the caller sees.
    depth: usize,
    /// Resources that were read, itself included.
    resources: u64,
    /// Of these, those with something that counts as unhealthy.
    unhealthy: u64,
    /// Of these, those about which something is unknown and nothing unhealthy.
    unknown: u64,
    /// Over all in it; missing where nothing was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Score>,
    /// What the caller may do there.
    can: Vec<&'static str>,
}

impl<'v> Scope<'v> {
    fn shown(it: &ScopeItem<'v>, view: &View, caller: &Caller) -> Self {
        let chain = view.scope_chain(it.id);
        let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
        let operations = [Operation::ImportRun, Operation::ExemptionWrite, Operation::GrantManage];
        Self {
            id: it.id,
            name: it.name,
            kind: it.kind,
            cloud: it.cloud,
            parent: it.parent,
            depth: it.depth,
            resources: it.resources,
            unhealthy: it.unhealthy,
            unknown: it.unknown,
            score: it.score.map(Score::from),
            can: caller.can(&operations, &chain),
        }
    }
}

/// All scopes that the caller sees: each before what lies in it, siblings by name.
#[utoipa::path(
    get,
    path = "/scopes",
    tag = "estate",
    extensions(("x-operation" = json!("scope.read"))),
    responses((status = 200, description = "The scopes", body = Page<Scope<'static>>), Problems)
)]
async fn list_scopes(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    let rights = caller.clone();
    api.read(&caller, move |view, sight| {
        let all = view.scopes(sight).into_iter();
        let items: Vec<Scope<'_>> = all.map(|it| Scope::shown(&it, view, &rights)).collect();
        let total = Some(items.len() as u64);
        let page = Page { items, next: None, total, as_of: view.sequence() };
        Ok(axum::Json(page).into_response())
    })
    .await
}

/// One scope.
#[utoipa::path(
    get,
    path = "/scopes/{id}",
    tag = "estate",
    extensions(("x-operation" = json!("scope.read"))),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The scope", body = Scope<'static>), Problems)
)]
async fn get_scope(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let rights = caller.clone();
    api.read(&caller, move |view, sight| {
        let found = view.scopes(sight).into_iter().find(|it| it.id == id);
        let found = found.ok_or_else(|| Problem::not_found("scope"))?;
        Ok(axum::Json(Scope::shown(&found, view, &rights)).into_response())
    })
    .await
}
