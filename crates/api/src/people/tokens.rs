//! Tokens: one's own, those of service accounts, and all of them for who looks after them.

use ::people::{Operation, Role, digest, token_text};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::NewToken;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::gate::random;
use super::grants::must_be_scope;
use super::me::own;
use super::users;
use super::words::RoleWord;
use crate::cursor;
use crate::guard::Caller;
use crate::page::{Page, Paging, limit};
use crate::problem::{Problem, Problems};
use crate::query::{Json, Path, Query};
use crate::routes::settings::value_of;
use crate::state::Api;
use crate::time::Time;

/// How long a token lives when nothing is said.
const USUAL: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Tokens that one account has at most.
const MOST: u32 = 100;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_own_tokens, add_own_token))
        .routes(routes!(remove_own_token))
        .routes(routes!(list_tokens))
        .routes(routes!(remove_token))
        .routes(routes!(add_service_token))
}

/// What a token is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
struct Wanted {
    /// What it is for.
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    /// It never may more than this role, nor more than its account.
    #[schema(value_type = RoleWord)]
    role: Role,
    /// Id of the scope that it is narrowed to; missing: the whole tenant.
    scope: Option<String>,
    /// When it ends: at most 400 days from now, 90 when it is missing.
    expires: Option<Time>,
}

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
struct Token {
    number: u64,
    /// The number of its account.
    account: u64,
    name: String,
    role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    created: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Time>,
    /// When it was used last, to a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<Time>,
}

/// A new token, with its text: it is not shown again.
#[derive(Serialize, ToSchema)]
#[schema(as = FreshToken)]
struct Fresh {
    /// For `Authorization: Bearer`.
    token: String,
    number: u64,
    expires: Time,
}

impl From<store::Token> for Token {
    fn from(it: store::Token) -> Self {
        Self {
            number: it.number,
            account: it.account,
            name: it.name,
            role: it.role,
            scope: it.scope,
            created: it.created.into(),
            expires: it.expires.map(Time),
            used: it.used.map(Time),
        }
    }
}

async fn page(
    api: &Api,
    caller: &Caller,
    account: Option<u64>,
    paging: &Paging,
) -> Result<Page<Token>, Problem> {
    let limit = limit(paging.limit)?;
    let after = paging.cursor.as_deref().map(cursor::read::<u64>).transpose()?.unwrap_or(0);
    let access = api.access(&caller.name);
    let mut rows = api.store()?.tokens(&access, account, after, limit as u32 + 1).await?;
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| is_more).map(|it| cursor::write(&it.number));
    let items = rows.into_iter().map(Token::from).collect();
    Ok(Page { items, next, total: None, as_of: api.sequence() })
}

async fn add(
    api: &Api,
    caller: &Caller,
    account: u64,
    wanted: Wanted,
) -> Result<(StatusCode, axum::Json<Fresh>), Problem> {
    let (store, access, now) = (api.store()?, api.access(&caller.name), api.now());
    if store.tokens(&access, Some(account), 0, MOST).await?.len() >= MOST as usize {
        let detail = format!("an account has at most {MOST} tokens");
        return Err(Problem::new(StatusCode::CONFLICT, "conflict", detail));
    }
    let days = value_of(api, "token.longestDays").await?;
    let longest = SignedDuration::from_hours(24 * days.cast_signed());
    let last = now.checked_add(longest).unwrap_or(now);
    let expires = match wanted.expires {
        None => now.checked_add(USUAL.min(longest)).unwrap_or(now),
        Some(Time(at)) if at > now && at <= last => at,
        Some(_) => {
            return Err(Problem::invalid(
                "expires",
                format!("must be within the next {days} days"),
            ));
        }
    };
    if let Some(scope) = &wanted.scope {
        must_be_scope(api, caller, Operation::ScopeRead, scope)?;
    }
    let new = NewToken {
        account,
        name: users::display(&wanted.name)?,
        role: wanted.role.name().to_owned(),
        scope: wanted.scope,
        expires: Some(expires),
    };
    let secret = random()?;
    let hash = |number| digest(&token_text(number, &secret));
    let number = store.add_token(&access, now, &new, hash).await?;
    let fresh = Fresh { token: token_text(number, &secret), number, expires: expires.into() };
    Ok((StatusCode::CREATED, axum::Json(fresh)))
}

/// The caller's tokens.
#[utoipa::path(
    get,
    path = "/me/tokens",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    params(Paging),
    responses((status = 200, description = "A page of tokens", body = Page<Token>), Problems)
)]
async fn list_own_tokens(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<Token>>, Problem> {
    page(&api, &caller, Some(caller.account), &paging).await.map(axum::Json)
}

/// Makes a token for the caller.
#[utoipa::path(
    post,
    path = "/me/tokens",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    request_body = Wanted,
    responses((status = 201, description = "The token", body = Fresh), Problems)
)]
async fn add_own_token(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, axum::Json<Fresh>), Problem> {
    caller.session()?;
    if own(&api, &api.store()?, &caller).await?.must_change {
        let detail = "somebody else has set your password: choose another first";
        return Err(Problem::new(StatusCode::FORBIDDEN, "password-change", detail));
    }
    add(&api, &caller, caller.account, wanted).await
}

/// Ends a token of the caller.
#[utoipa::path(
    delete,
    path = "/me/tokens/{number}",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 204, description = "Ended"), Problems)
)]
async fn remove_own_token(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<StatusCode, Problem> {
    let (store, access) = (api.store()?, api.access(&caller.name));
    if store.remove_token(&access, api.now(), Some(caller.account), number).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("token"))
    }
}

/// All tokens.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "people",
    extensions(("x-operation" = json!("token.manage"))),
    params(Paging),
    responses((status = 200, description = "A page of tokens", body = Page<Token>), Problems)
)]
async fn list_tokens(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<Token>>, Problem> {
    caller.must(&[], "tokens")?;
    page(&api, &caller, None, &paging).await.map(axum::Json)
}

/// Ends anybody's token.
#[utoipa::path(
    delete,
    path = "/tokens/{number}",
    tag = "people",
    extensions(("x-operation" = json!("token.manage"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 204, description = "Ended"), Problems)
)]
async fn remove_token(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<StatusCode, Problem> {
    caller.must(&[], "token")?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    if store.remove_token(&access, api.now(), None, number).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("token"))
    }
}

/// Makes a token for a service account.
#[utoipa::path(
    post,
    path = "/users/{number}/tokens",
    tag = "people",
    extensions(("x-operation" = json!("token.manage"))),
    params(("number" = u64, Path, description = "The number of the account")),
    request_body = Wanted,
    responses((status = 201, description = "The token", body = Fresh), Problems)
)]
async fn add_service_token(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, axum::Json<Fresh>), Problem> {
    caller.must(&[], "account")?;
    caller.session()?;
    let account = api.store()?.account(&api.access(&caller.name), number).await?;
    let account = account.ok_or_else(|| Problem::not_found("account"))?;
    if !account.is_service {
        let detail = "people make their tokens themselves";
        return Err(Problem::new(StatusCode::CONFLICT, "conflict", detail));
    }
    add(&api, &caller, number, wanted).await
}
