//! Groups of accounts.

use ::people::{Operation, account_name};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::users::User;
use crate::guard::Caller;
use crate::page::{Page, Paging, limit};
use crate::problem::{Problem, Problems};
use crate::query::{Json, Path, Query};
use crate::state::Api;
use crate::time::Time;
use crate::{cursor, tag};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_groups, add_group))
        .routes(routes!(get_group, change_group, remove_group))
        .routes(routes!(list_members))
        .routes(routes!(add_member, remove_member))
}

/// A group.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Group {
    number: u64,
    name: String,
    /// Its name at the identity provider, which then says who is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<String>,
    created: Time,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

impl Group {
    pub(super) fn shown(group: store::Group, caller: &Caller) -> Self {
        Self {
            number: group.number,
            name: group.name,
            claim: group.claim,
            created: group.created.into(),
            can: caller.can(&[Operation::GroupManage], &[]),
        }
    }
}

/// What a group is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGroup)]
struct Wanted {
    /// Letters, digits and `.`, `_`, `-`, `@`, `+`.
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    /// Its name at the identity provider.
    #[schema(min_length = 1, max_length = 256)]
    claim: Option<String>,
}

impl Wanted {
    fn checked(&self) -> Result<(String, Option<&str>), Problem> {
        let name = account_name(&self.name);
        let name = name.map_err(|bad| Problem::invalid("name", bad.to_string()))?;
        let claim = self.claim.as_deref();
        let is_bad = |it: &str| it.is_empty() || it.len() > 256 || it.chars().any(char::is_control);
        if claim.is_some_and(is_bad) {
            return Err(Problem::invalid("claim", "has 1 to 256 characters that can be seen"));
        }
        Ok((name, claim))
    }
}

async fn find(
    api: &Api,
    store: &Store,
    caller: &Caller,
    number: u64,
) -> Result<store::Group, Problem> {
    let group = store.group(&api.access(&caller.name), number).await?;
    group.ok_or_else(|| Problem::not_found("group"))
}

/// Groups by name.
#[utoipa::path(
    get,
    path = "/groups",
    tag = "people",
    extensions(("x-operation" = json!("group.read"))),
    params(Paging),
    responses((status = 200, description = "A page of groups", body = Page<Group>), Problems)
)]
async fn list_groups(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<Group>>, Problem> {
    let limit = limit(paging.limit)?;
    let after = paging.cursor.as_deref().map(cursor::read::<String>).transpose()?;
    let access = api.access(&caller.name);
    let after = after.unwrap_or_default();
    let mut rows = api.store()?.groups(&access, &after, limit as u32 + 1).await?;
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| is_more).map(|it| cursor::write(&it.name));
    let items = rows.into_iter().map(|it| Group::shown(it, &caller)).collect();
    Ok(axum::Json(Page { items, next, total: None, as_of: api.sequence() }))
}

/// Makes a group.
#[utoipa::path(
    post,
    path = "/groups",
    tag = "people",
    extensions(("x-operation" = json!("group.manage"))),
    request_body = Wanted,
    responses((status = 201, description = "The group", body = Group), Problems)
)]
async fn add_group(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, axum::Json<Group>), Problem> {
    caller.must(&[], "groups")?;
    let (name, claim) = wanted.checked()?;
    let store = api.store()?;
    let number = store.add_group(&api.access(&caller.name), api.now(), &name, claim).await?;
    let group = find(&api, &store, &caller, number).await?;
    Ok((StatusCode::CREATED, axum::Json(Group::shown(group, &caller))))
}

/// One group.
#[utoipa::path(
    get,
    path = "/groups/{number}",
    tag = "people",
    extensions(("x-operation" = json!("group.read"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 200, description = "The group", body = Group), Problems)
)]
async fn get_group(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<axum::Json<Group>, Problem> {
    let group = find(&api, &api.store()?, &caller, number).await?;
    Ok(axum::Json(Group::shown(group, &caller)))
}

/// Changes a group.
#[utoipa::path(
    put,
    path = "/groups/{number}",
    tag = "people",
    extensions(("x-operation" = json!("group.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    request_body = Wanted,
    responses((status = 200, description = "The group", body = Group), Problems)
)]
async fn change_group(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Result<axum::Json<Group>, Problem> {
    caller.must(&[], "group")?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let before = find(&api, &store, &caller, number).await?;
    let version = Some(before.version);
    tag::must_match(&headers, &Group::shown(before, &caller))?;
    let (name, claim) = wanted.checked()?;
    let group = store.change_group(&access, api.now(), number, version, (&name, claim)).await?;
    Ok(axum::Json(Group::shown(group, &caller)))
}

/// Takes a group away, with its roles.
#[utoipa::path(
    delete,
    path = "/groups/{number}",
    tag = "people",
    extensions(("x-operation" = json!("group.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 204, description = "Gone"), Problems)
)]
async fn remove_group(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<StatusCode, Problem> {
    caller.must(&[], "group")?;
    api.store()?.remove_group(&api.access(&caller.name), api.now(), number).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is in a group, in the order of their numbers.
#[utoipa::path(
    get,
    path = "/groups/{number}/members",
    tag = "people",
    extensions(("x-operation" = json!("group.read"))),
    params(("number" = u64, Path, description = "Its number"), Paging),
    responses((status = 200, description = "A page of accounts", body = Page<User>), Problems)
)]
async fn list_members(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<User>>, Problem> {
    let limit = limit(paging.limit)?;
    let after = paging.cursor.as_deref().map(cursor::read::<u64>).transpose()?.unwrap_or(0);
    let (store, access) = (api.store()?, api.access(&caller.name));
    find(&api, &store, &caller, number).await?;
    let members = store.members(&access, number).await?;
    let total = Some(members.len() as u64);
    let mut rest = members.into_iter().filter(|it| *it > after).peekable();
    let mut items = Vec::new();
    let mut last = after;
    for member in rest.by_ref().take(limit) {
        last = member;
        // One that has just gone is no member.
        let account = store.account(&access, member).await?;
        items.extend(account.map(|it| User::shown(it, &caller)));
    }
    let next = rest.peek().map(|_| cursor::write(&last));
    Ok(axum::Json(Page { items, next, total, as_of: api.sequence() }))
}

/// Puts an account into a group.
#[utoipa::path(
    put,
    path = "/groups/{number}/members/{account}",
    tag = "people",
    extensions(("x-operation" = json!("group.manage"))),
    params(
        ("number" = u64, Path, description = "The number of the group"),
        ("account" = u64, Path, description = "The number of the account"),
    ),
    responses((status = 204, description = "It is in it"), Problems)
)]
async fn add_member(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path((number, account)): Path<(u64, u64)>,
) -> Result<StatusCode, Problem> {
    caller.must(&[], "group")?;
    let access = api.access(&caller.name);
    api.store()?.set_member(&access, api.now(), number, account, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an account out of a group.
#[utoipa::path(
    delete,
    path = "/groups/{number}/members/{account}",
    tag = "people",
    extensions(("x-operation" = json!("group.manage"))),
    params(
        ("number" = u64, Path, description = "The number of the group"),
        ("account" = u64, Path, description = "The number of the account"),
    ),
    responses((status = 204, description = "It is not in it"), Problems)
)]
async fn remove_member(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path((number, account)): Path<(u64, u64)>,
) -> Result<StatusCode, Problem> {
    caller.must(&[], "group")?;
    let access = api.access(&caller.name);
    api.store()?.set_member(&access, api.now(), number, account, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
