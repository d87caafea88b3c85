//! Accounts, for who looks after them.

use ::people::{Operation, account_name, display_name};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use store::{Account, AccountChange, NewAccount, PasswordBy, Store};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::grants::{Grant, is_shown};
use super::prove::{Hush, new_password};
use super::words::AccountKind;
use crate::guard::Caller;
use crate::page::{Page, Paging, limit};
use crate::problem::{Problem, Problems};
use crate::query::{Json, Path, Query};
use crate::state::Api;
use crate::time::Time;
use crate::{cursor, tag};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_users, add_user))
        .routes(routes!(get_user, change_user, remove_user))
        .routes(routes!(list_user_grants))
        .routes(routes!(set_user_password))
        .routes(routes!(sign_user_out))
        .routes(routes!(reset_second_factor))
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    number: u64,
    name: String,
    display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    kind: AccountKind,
    /// Whether it may be used at all.
    active: bool,
    /// Whether an identity provider says who it is.
    provider: bool,
    /// Whether it signs in with a password.
    password: bool,
    /// Whether somebody else has set the password: it must be changed first.
    must_change_password: bool,
    /// Whether a password alone does not sign in: it has an app or a passkey.
    second_factor: bool,
    /// Whether codes of an app prove who it is.
    app: bool,
    /// How many passkeys it has.
    passkeys: u64,
    created: Time,
    /// When somebody signed in last.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_in: Option<Time>,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

impl User {
    pub(super) fn shown(account: Account, caller: &Caller) -> Self {
        let kind = if account.is_service { AccountKind::Service } else { AccountKind::Person };
        let second_factor = account.has_second_factor();
        Self {
            number: account.number,
            name: account.name,
            display_name: account.display,
            email: account.email,
            kind,
            active: account.is_active,
            provider: account.subject.is_some(),
            password: account.password.is_some(),
            must_change_password: account.must_change,
            second_factor,
            app: account.totp_on,
            passkeys: account.passkeys,
            created: account.created.into(),
            signed_in: account.signed_in.map(Time),
            can: caller.can(&[Operation::UserManage, Operation::TokenManage], &[]),
        }
    }
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewUser {
    /// Letters, digits and `.`, `_`, `-`, `@`, `+`.
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    #[schema(min_length = 1, max_length = 128)]
    display_name: String,
    #[schema(max_length = 254)]
    email: Option<String>,
    #[serde(default)]
    #[schema(required = false)]
    kind: AccountKind,
    /// To begin with: it must be changed at the first sign-in. Service accounts have none.
    password: Option<Hush>,
}

/// What changes of an account; what is missing stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ChangeUser {
    #[schema(min_length = 1, max_length = 128)]
    display_name: Option<String>,
    /// Empty: none.
    #[schema(max_length = 254)]
    email: Option<String>,
    /// `false` ends its sessions; its tokens no longer count.
    active: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetPassword {
    password: Hush,
}

/// How many sessions there were.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndedSessionsOfUser)]
struct SignedOut {
    ended: u64,
}

pub(super) fn name(typed: &str) -> Result<String, Problem> {
    account_name(typed).map_err(|bad| Problem::invalid("name", bad.to_string()))
}

pub(super) fn display(typed: &str) -> Result<String, Problem> {
    display_name(typed).map_err(|bad| Problem::invalid("displayName", bad.to_string()))
}

pub(super) fn email(typed: Option<&str>) -> Result<Option<String>, Problem> {
    let typed = typed.filter(|it| !it.trim().is_empty());
    let checked = typed.map(::people::email).transpose();
    checked.map_err(|bad| Problem::invalid("email", bad.to_string()))
}

async fn find(api: &Api, store: &Store, caller: &Caller, number: u64) -> Result<Account, Problem> {
    let account = store.account(&api.access(&caller.name), number).await?;
    account.ok_or_else(|| Problem::not_found("account"))
}

/// Accounts by name.
#[utoipa::path(
    get,
    path = "/users",
    tag = "people",
    extensions(("x-operation" = json!("user.read"))),
    params(Paging),
    responses((status = 200, description = "A page of accounts", body = Page<User>), Problems)
)]
async fn list_users(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<User>>, Problem> {
    let limit = limit(paging.limit)?;
    let after = paging.cursor.as_deref().map(cursor::read::<String>).transpose()?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let after = after.unwrap_or_default();
    let mut rows = store.accounts(&access, &after, limit as u32 + 1).await?;
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| is_more).map(|it| cursor::write(&it.name));
    let total = Some(store.account_count(&access).await?);
    let items = rows.into_iter().map(|it| User::shown(it, &caller)).collect();
    Ok(axum::Json(Page { items, next, total, as_of: api.sequence() }))
}

/// Makes an account. It may nothing until it gets a role.
#[utoipa::path(
    post,
    path = "/users",
    tag = "people",
    extensions(("x-operation" = json!("user.manage"))),
    request_body = NewUser,
    responses((status = 201, description = "The account", body = User), Problems)
)]
async fn add_user(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Json(wanted): Json<NewUser>,
) -> Result<(StatusCode, axum::Json<User>), Problem> {
    caller.must(&[], "accounts")?;
    let mut account = NewAccount {
        name: name(&wanted.name)?,
        display: display(&wanted.display_name)?,
        email: email(wanted.email.as_deref())?,
        is_service: wanted.kind == AccountKind::Service,
        must_change: true,
        ..NewAccount::default()
    };
    match &wanted.password {
        Some(_) if account.is_service => {
            return Err(Problem::invalid("password", "service accounts have none"));
        }
        Some(password) => {
            let email = account.email.as_deref().unwrap_or_default();
            let known = [&*account.name, &*account.display, email];
            account.password = Some(new_password(&api, password, &known).await?);
        }
        None => account.must_change = false,
    }
    let (store, access) = (api.store()?, api.access(&caller.name));
    let number = store.add_account(&access, api.now(), &account).await?;
    let account = find(&api, &store, &caller, number).await?;
    Ok((StatusCode::CREATED, axum::Json(User::shown(account, &caller))))
}

/// One account.
#[utoipa::path(
    get,
    path = "/users/{number}",
    tag = "people",
    extensions(("x-operation" = json!("user.read"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 200, description = "The account", body = User), Problems)
)]
async fn get_user(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<axum::Json<User>, Problem> {
    let account = find(&api, &api.store()?, &caller, number).await?;
    Ok(axum::Json(User::shown(account, &caller)))
}

/// Changes an account.
#[utoipa::path(
    patch,
    path = "/users/{number}",
    tag = "people",
    extensions(("x-operation" = json!("user.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    request_body = ChangeUser,
    responses((status = 200, description = "The account", body = User), Problems)
)]
async fn change_user(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
    headers: HeaderMap,
    Json(wanted): Json<ChangeUser>,
) -> Result<axum::Json<User>, Problem> {
    caller.must(&[], "account")?;
    let store = api.store()?;
    let before = find(&api, &store, &caller, number).await?;
    let version = before.version;
    tag::must_match(&headers, &User::shown(before, &caller))?;
    let change = AccountChange {
        display: wanted.display_name.as_deref().map(display).transpose()?,
        email: wanted.email.as_deref().map(|it| email(Some(it))).transpose()?,
        is_active: wanted.active,
    };
    let access = api.access(&caller.name);
    let account = store.change_account(&access, api.now(), number, Some(version), &change).await?;
    Ok(axum::Json(User::shown(account, &caller)))
}

/// Takes an account away, with its roles, sessions and tokens.
#[utoipa::path(
    delete,
    path = "/users/{number}",
    tag = "people",
    extensions(("x-operation" = json!("user.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 204, description = "Gone"), Problems)
)]
async fn remove_user(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<StatusCode, Problem> {
    caller.must(&[], "account")?;
    api.store()?.remove_account(&api.access(&caller.name), api.now(), number).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The roles of an account, those through its groups too.
#[utoipa::path(
    get,
    path = "/users/{number}/grants",
    tag = "people",
    extensions(("x-operation" = json!("grant.read"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 200, description = "Those that the caller may see", body = Vec<Grant>), Problems)
)]
async fn list_user_grants(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<axum::Json<Vec<Grant>>, Problem> {
    let store = api.store()?;
    find(&api, &store, &caller, number).await?;
    let all = store.grants_of(&api.access(&caller.name), number).await?;
    let mut shown = Vec::new();
    for grant in all {
        shown.extend(is_shown(&api, &caller, grant)?);
    }
    Ok(axum::Json(shown))
}

/// Sets the password of somebody else. It must be changed at the next sign-in, and all sessions end.
#[utoipa::path(
    post,
    path = "/users/{number}/password",
    tag = "people",
    extensions(("x-operation" = json!("user.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    request_body = SetPassword,
    responses((status = 204, description = "Set"), Problems)
)]
async fn set_user_password(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
    Json(wanted): Json<SetPassword>,
) -> Result<StatusCode, Problem> {
    caller.must(&[], "account")?;
    caller.session()?;
    let store = api.store()?;
    let account = find(&api, &store, &caller, number).await?;
    if account.is_service || account.number == caller.account {
        let detail = "service accounts have no password, and yours you change at `/me/password`";
        return Err(Problem::new(StatusCode::CONFLICT, "conflict", detail));
    }
    let email = account.email.as_deref().unwrap_or_default();
    let known = [&*account.name, &*account.display, email];
    let hash = new_password(&api, &wanted.password, &known).await?;
    let access = api.access(&caller.name);
    store.set_password(&access, api.now(), number, &hash, PasswordBy::Another).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions of an account.
#[utoipa::path(
    post,
    path = "/users/{number}/sign-out",
    tag = "people",
    extensions(("x-operation" = json!("user.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 200, description = "Signed out", body = SignedOut), Problems)
)]
async fn sign_user_out(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<axum::Json<SignedOut>, Problem> {
    caller.must(&[], "account")?;
    let access = api.access(&caller.name);
    let ended = api.store()?.end_sessions(&access, api.now(), number, None).await?;
    Ok(axum::Json(SignedOut { ended }))
}

/// Takes the second factor of somebody away who has lost it.
#[utoipa::path(
    post,
    path = "/users/{number}/reset-second-factor",
    tag = "people",
    extensions(("x-operation" = json!("user.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 204, description = "Signing in asks for no code"), Problems)
)]
async fn reset_second_factor(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<StatusCode, Problem> {
    caller.must(&[], "account")?;
    caller.session()?;
    let store = api.store()?;
    find(&api, &store, &caller, number).await?;
    store.reset_factors(&api.access(&caller.name), api.now(), number).await?;
    Ok(StatusCode::NO_CONTENT)
}
