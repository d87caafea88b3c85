//! Who has which role where, and what the roles may.

use ::people::{Asked, Decision, Operation, Role, matrix};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use store::{Holder, RoleGrant};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::words::RoleWord;
use crate::cursor;
use crate::guard::Caller;
use crate::page::{Page, Paging, limit};
use crate::problem::{Problem, Problems};
use crate::query::{Json, Path, Query, whole};
use crate::state::Api;
use crate::time::Time;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_roles))
        .routes(routes!(list_grants, add_grant))
        .routes(routes!(remove_grant))
}

/// A role that somebody has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Grant {
    number: u64,
    /// The number of the account that has it, or else a group has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<u64>,
    /// The number of the group whose members have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<u64>,
    #[schema(value_type = RoleWord)]
    role: String,
    /// Id of the scope on which, with all below; missing: the whole tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    created: Time,
    /// Who gave it.
    created_by: String,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

impl Grant {
    pub(super) fn shown(grant: RoleGrant, can: Vec<&'static str>) -> Self {
        let (account, group) = match grant.holder {
            Holder::Account(number) => (Some(number), None),
            Holder::Group(number) => (None, Some(number)),
        };
        Self {
            number: grant.number,
            account,
            group,
            role: grant.role,
            scope: grant.scope,
            created: grant.created.into(),
            created_by: grant.created_by,
            can,
        }
    }
}

/// A role for an account or a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGrant)]
struct Wanted {
    /// The number of an account, or else `group`.
    #[serde(default, deserialize_with = "whole")]
    account: Option<u64>,
    /// The number of a group, or else `account`.
    #[serde(default, deserialize_with = "whole")]
    group: Option<u64>,
    #[schema(value_type = RoleWord)]
    role: Role,
    /// Id of a scope; missing: the whole tenant.
    scope: Option<String>,
}

/// What a role may.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RoleWithOperations)]
struct RoleItem {
    #[schema(value_type = RoleWord)]
    role: Role,
    /// On the scope where it is given, and all below.
    may: Vec<&'static str>,
    /// Only where it is given on the whole tenant.
    may_on_tenant: Vec<&'static str>,
}

/// The scope with all above it.
fn chain(api: &Api, scope: Option<&str>) -> Result<Vec<String>, Problem> {
    match scope {
        None => Ok(Vec::new()),
        Some(scope) => Ok(api.view()?.scope_chain(scope)),
    }
}

/// Refuses a scope that there is not, that the caller may not see, or on which they may not do `operation`.
pub(super) fn must_be_scope(
    api: &Api,
    caller: &Caller,
    operation: Operation,
    scope: &str,
) -> Result<(), Problem> {
    let view = api.view()?;
    let chain = view.scope_chain(scope);
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    caller.must_have(operation, &chain, "scope")?;
    if view.sees_scope(&view::Sight::Everything, scope) {
        Ok(())
    } else {
        Err(Problem::not_found("scope"))
    }
}

/// A grant as the caller sees it; `None` when they may not.
pub(super) fn is_shown(
    api: &Api,
    caller: &Caller,
    grant: RoleGrant,
) -> Result<Option<Grant>, Problem> {
    let chain = chain(api, grant.scope.as_deref())?;
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    if caller.rights.can(Operation::GrantRead, &chain) != Decision::Allowed {
        return Ok(None);
    }
    let can = caller.can(&[Operation::GrantManage], &chain);
    Ok(Some(Grant::shown(grant, can)))
}

/// The roles, with what each may.
#[utoipa::path(
    get,
    path = "/roles",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    responses((status = 200, description = "All of them", body = Vec<RoleItem>), Problems)
)]
async fn list_roles() -> axum::Json<Vec<RoleItem>> {
    let words = |role: Role, is_tenant: bool| {
        let lines = matrix().iter().filter(move |(_, line)| {
            line.roles.contains(&role) && (line.asked == Asked::Tenant) == is_tenant
        });
        lines.map(|(operation, _)| operation.word()).collect()
    };
    let item = |role| RoleItem { role, may: words(role, false), may_on_tenant: words(role, true) };
    axum::Json(Role::ALL.into_iter().map(item).collect())
}

/// Who has which role, by number; those that the caller may see, so a page may be short.
#[utoipa::path(
    get,
    path = "/grants",
    tag = "people",
    extensions(("x-operation" = json!("grant.read"))),
    params(Paging),
    responses((status = 200, description = "A page of grants", body = Page<Grant>), Problems)
)]
async fn list_grants(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<Grant>>, Problem> {
    let limit = limit(paging.limit)?;
    let after = paging.cursor.as_deref().map(cursor::read::<u64>).transpose()?.unwrap_or(0);
    let access = api.access(&caller.name);
    let mut rows = api.store()?.grants(&access, after, limit as u32 + 1).await?;
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| is_more).map(|it| cursor::write(&it.number));
    let mut items = Vec::new();
    for grant in rows {
        items.extend(is_shown(&api, &caller, grant)?);
    }
    Ok(axum::Json(Page { items, next, total: None, as_of: api.sequence() }))
}

/// Gives a role.
#[utoipa::path(
    post,
    path = "/grants",
    tag = "people",
    extensions(("x-operation" = json!("grant.manage"))),
    request_body = Wanted,
    responses((status = 201, description = "The grant", body = Grant), Problems)
)]
async fn add_grant(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, axum::Json<Grant>), Problem> {
    match &wanted.scope {
        None => caller.must(&[], "tenant")?,
        Some(scope) => must_be_scope(&api, &caller, Operation::GrantManage, scope)?,
    }
    let holder = match (wanted.account, wanted.group) {
        (Some(number), None) => Holder::Account(number),
        (None, Some(number)) => Holder::Group(number),
        _ => return Err(Problem::invalid("account", "name an account or a group, not both")),
    };
    let (store, access) = (api.store()?, api.access(&caller.name));
    let scope = wanted.scope.as_deref();
    let number = store.add_grant(&access, api.now(), holder, wanted.role.name(), scope).await?;
    let grant = store.grant(&access, number).await?;
    let grant = grant.ok_or_else(|| Problem::not_found("grant"))?;
    let can = vec![Operation::GrantManage.word()];
    Ok((StatusCode::CREATED, axum::Json(Grant::shown(grant, can))))
}

/// Takes a role away.
#[utoipa::path(
    delete,
    path = "/grants/{number}",
    tag = "people",
    extensions(("x-operation" = json!("grant.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 204, description = "Taken away"), Problems)
)]
async fn remove_grant(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<StatusCode, Problem> {
    let (store, access) = (api.store()?, api.access(&caller.name));
    let grant = store.grant(&access, number).await?;
    let grant = grant.ok_or_else(|| Problem::not_found("grant"))?;
    let chain = chain(&api, grant.scope.as_deref())?;
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    caller.must(&chain, "grant")?;
    store.remove_grant(&access, api.now(), number).await?;
    Ok(StatusCode::NO_CONTENT)
}
