//! One's own account: what it is, its password, its sessions.

use ::people::{Operation, digest};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::{Account, AccountChange, PasswordBy, Session, Store};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{change_secret, lacks_second_factor};
use super::grants::Grant;
use super::groups::Group;
use super::prove::{Hush, Try, is_password, new_password};
use super::users::{self, User};
use super::{ClientAddress, cookie, provider};
use crate::guard::{Caller, Via};
use crate::problem::{Problem, Problems};
use crate::query::{Json, Path};
use crate::state::Api;
use crate::time::Time;

/// For so long a sign-in proves who somebody is where they have no password to prove it with once more.
const JUST_NOW: SignedDuration = SignedDuration::from_mins(10);

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(get_me, change_me))
        .routes(routes!(change_password))
        .routes(routes!(list_sessions))
        .routes(routes!(end_session))
        .routes(routes!(sign_out))
        .routes(routes!(sign_out_everywhere))
}

/// Who calls.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Me {
    account: User,
    groups: Vec<Group>,
    grants: Vec<Grant>,
    /// `session` or `token`.
    via: &'static str,
    /// Whether the organisation demands a second factor that is yet to be set up: until then everything else is refused.
    second_factor_needed: bool,
    /// What the caller may do on the whole tenant.
    can: Vec<&'static str>,
}

/// What changes of an account; what is missing stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ChangeMe {
    #[schema(min_length = 1, max_length = 128)]
    display_name: Option<String>,
    /// Empty: none.
    #[schema(max_length = 254)]
    email: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    /// The password so far.
    old: Hush,
    /// The one from now on: at least twelve characters, none that is tried first.
    new: Hush,
}

/// A session of the caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
struct SessionItem {
    number: u64,
    /// How it was signed in: `password`, `passkey`, `provider`.
    method: String,
    /// From where.
    address: String,
    /// What the browser calls itself.
    agent: String,
    created: Time,
    /// When it was used last, to half a minute.
    used: Time,
    /// Whether it is the one that asks.
    is_this: bool,
}

/// How many there were.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndedSessions)]
struct Ended {
    ended: u64,
}

/// Where to go next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignedOutHere)]
struct Farewell {
    /// The page of the identity provider that ends the session there and sends the browser back to the portal.
    next: String,
}

/// The account of the caller.
pub(super) async fn own(api: &Api, store: &Store, caller: &Caller) -> Result<Account, Problem> {
    let account = store.account(&api.access(&caller.name), caller.account).await?;
    account.ok_or_else(Problem::signed_out)
}

/// Refuses unless this is the caller's password; tries are counted. Who has none must have signed in just now: whoever
/// has copied a session must not be able to make it last.
pub(super) async fn must_prove_again(
    api: &Api,
    store: &Store,
    (account, session): (&Account, u64),
    typed: &Hush,
    address: Option<ClientAddress>,
) -> Result<(), Problem> {
    if account.password.is_none() {
        let all = store.sessions(&api.access(&account.name), account.number).await?;
        let this = all.iter().find(|it| it.number == session);
        let age = this.map(|it| api.now().duration_since(it.created));
        if age.is_some_and(|it| it < JUST_NOW) {
            return Ok(());
        }
        let detail = "sign in again, then do this within ten minutes";
        return Err(Problem::new(StatusCode::FORBIDDEN, "sign-in-again", detail));
    }
    let attempt = Try::begin(api, store, Some(&account.name), address).await?;
    if !is_password(api, store, Some(account), typed).await? {
        return Err(Problem::new(StatusCode::FORBIDDEN, "credentials", "the password is wrong"));
    }
    attempt.succeeded(api, store).await
}

/// Who the caller is.
#[utoipa::path(
    get,
    path = "/me",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    responses((status = 200, description = "The caller", body = Me), Problems)
)]
async fn get_me(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<axum::Json<Me>, Problem> {
    let (store, access) = (api.store()?, api.access(&caller.name));
    let account = own(&api, &store, &caller).await?;
    let groups = store.groups_of(&access, caller.account).await?;
    let grants = store.grants_of(&access, caller.account).await?;
    let second_factor_needed = match caller.via {
        Via::Session(number) if api.session_rules().await?.needs_second_factor => {
            let all = store.sessions(&access, caller.account).await?;
            let this = all.iter().find(|it| it.number == number);
            this.is_some_and(|it| lacks_second_factor(&account, it))
        }
        Via::Session(_) | Via::Token(_) => false,
    };
    Ok(axum::Json(Me {
        second_factor_needed,
        account: User::shown(account, &caller),
        groups: groups.into_iter().map(|it| Group::shown(it, &caller)).collect(),
        grants: grants.into_iter().map(|it| Grant::shown(it, Vec::new())).collect(),
        via: match caller.via {
            Via::Session(_) => "session",
            Via::Token(_) => "token",
        },
        can: caller.can(Operation::ALL, &[]),
    }))
}

/// Changes what others read of the caller.
#[utoipa::path(
    patch,
    path = "/me",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    request_body = ChangeMe,
    responses((status = 200, description = "The account", body = User), Problems)
)]
async fn change_me(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Json(wanted): Json<ChangeMe>,
) -> Result<axum::Json<User>, Problem> {
    caller.session()?;
    let change = AccountChange {
        display: wanted.display_name.as_deref().map(users::display).transpose()?,
        email: wanted.email.as_deref().map(|it| users::email(Some(it))).transpose()?,
        is_active: None,
    };
    let (store, access) = (api.store()?, api.access(&caller.name));
    let account = store.change_account(&access, api.now(), caller.account, None, &change).await?;
    Ok(axum::Json(User::shown(account, &caller)))
}

/// Chooses another password. All other sessions end; this one gets a new secret.
#[utoipa::path(
    post,
    path = "/me/password",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    request_body = ChangePassword,
    responses((status = 204, description = "Changed"), Problems)
)]
async fn change_password(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Json(wanted): Json<ChangePassword>,
) -> Result<Response, Problem> {
    let (store, session) = (api.store()?, caller.session()?);
    let account = own(&api, &store, &caller).await?;
    if account.password.is_none() {
        let detail = "this account signs in without a password: an administrator can give it one";
        return Err(Problem::new(StatusCode::CONFLICT, "no-password", detail));
    }
    let of = (&account, session);
    must_prove_again(&api, &store, of, &wanted.old, address.map(|it| it.0)).await?;
    let email = account.email.as_deref().unwrap_or_default();
    let known = [&*account.name, &*account.display, email];
    let hash = new_password(&api, &wanted.new, &known).await?;
    let by = PasswordBy::Themselves(Some(session));
    store.set_password(&api.access(&caller.name), api.now(), account.number, &hash, by).await?;
    let mut answer = StatusCode::NO_CONTENT.into_response();
    // When the secret was changed on the way in, the answer carries that one already.
    if let (Some(secret), None) = (cookie::secret(&headers), &caller.cookie)
        && let Some(field) = change_secret(&api, &store, session, &digest(&secret)).await?
    {
        answer.headers_mut().insert(header::SET_COOKIE, field);
    }
    Ok(answer)
}

/// The caller's sessions, the latest first.
#[utoipa::path(
    get,
    path = "/me/sessions",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    responses((status = 200, description = "All of them", body = Vec<SessionItem>), Problems)
)]
async fn list_sessions(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<axum::Json<Vec<SessionItem>>, Problem> {
    let this = caller.session()?;
    let all = api.store()?.sessions(&api.access(&caller.name), caller.account).await?;
    let shown = |it: Session| SessionItem {
        number: it.number,
        method: it.method,
        address: it.address,
        agent: it.agent,
        created: it.created.into(),
        used: it.used.into(),
        is_this: it.number == this,
    };
    Ok(axum::Json(all.into_iter().map(shown).collect()))
}

/// Ends one of the caller's sessions.
#[utoipa::path(
    delete,
    path = "/me/sessions/{number}",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 204, description = "Ended"), Problems)
)]
async fn end_session(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<StatusCode, Problem> {
    caller.session()?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    if store.end_session(&access, api.now(), caller.account, number, "by its owner").await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("session"))
    }
}

/// Ends this session. Who has signed in at an identity provider is told where to sign out there, too.
#[utoipa::path(
    post,
    path = "/me/sign-out",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    responses(
        (status = 200, description = "Signed out here; the provider waits", body = Farewell),
        (status = 204, description = "Signed out"),
        Problems
    )
)]
async fn sign_out(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    let (number, access) = (caller.session()?, api.access(&caller.name));
    let store = api.store()?;
    let all = store.sessions(&access, caller.account).await?;
    let is_of_provider = all.iter().any(|it| it.number == number && it.method == "provider");
    store.end_session(&access, api.now(), caller.account, number, "signed out").await?;
    let next = if is_of_provider { provider::exit(&api).await } else { None };
    let mut answer = match next {
        Some(next) => axum::Json(Farewell { next }).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    forget(&mut answer);
    Ok(answer)
}

/// Ends all sessions of the caller, this one too.
#[utoipa::path(
    post,
    path = "/me/sign-out-everywhere",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    responses((status = 200, description = "Signed out", body = Ended), Problems)
)]
async fn sign_out_everywhere(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    caller.session()?;
    let access = api.access(&caller.name);
    let ended = api.store()?.end_sessions(&access, api.now(), caller.account, None).await?;
    let mut answer = axum::Json(Ended { ended }).into_response();
    forget(&mut answer);
    Ok(answer)
}

/// Tells a browser to forget the session and what the portal has kept.
fn forget(answer: &mut Response) {
    let headers = answer.headers_mut();
    headers.insert(header::SET_COOKIE, cookie::clear());
    headers.insert("clear-site-data", HeaderValue::from_static("\"storage\""));
}
