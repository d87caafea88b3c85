//! Signing in, and the first account.

use std::time::Duration;

use ::people::{account_name, digest, secret_text};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::{Account, NewAccount, NewSession, Store};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::gate::{ClientAddress, random};
use super::prove::{Hush, Try, is_code, is_password, new_password, refuse};
use super::{cookie, users};
use crate::problem::{Problem, Problems};
use crate::query::Json;
use crate::state::Api;

/// For so long attempts are kept after the last one: they are forgotten by then.
const ATTEMPTS: Duration = Duration::from_hours(25);
/// How long the secret of the first account counts.
const SET_UP: SignedDuration = SignedDuration::from_hours(24);

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(ways_to_sign_in, sign_in)).routes(routes!(set_up))
}

/// How somebody may sign in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WaysToSignIn)]
struct Ways {
    /// Whether there is no account yet: the link that the server wrote when it started makes the first.
    needs_set_up: bool,
    /// With a name and a password.
    password: bool,
    /// With a passkey, by `/sign-in/passkey/options`.
    passkey: bool,
    /// At an identity provider, by `/sign-in/provider`.
    provider: bool,
}

/// A name, what proves it, and what an app says if the account has one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    #[schema(max_length = 256)]
    name: String,
    password: Hush,
    /// A code of the app, or a recovery code.
    #[schema(max_length = 64)]
    code: Option<String>,
}

/// The first account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SetUp {
    /// The end of the link that the server wrote.
    secret: Hush,
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    #[schema(min_length = 1, max_length = 128)]
    display_name: String,
    #[schema(max_length = 254)]
    email: Option<String>,
    password: Hush,
}

/// Who has signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignedIn {
    /// The number of the account.
    account: u64,
    name: String,
}

/// How somebody may sign in.
#[utoipa::path(
    get,
    path = "/sign-in",
    tag = "people",
    extensions(("x-operation" = json!("public"))),
    responses((status = 200, description = "The ways", body = Ways), Problems)
)]
async fn ways_to_sign_in(State(api): State<Api>) -> Result<axum::Json<Ways>, Problem> {
    let count = api.store()?.account_count(&api.access("nobody")).await?;
    let (provider, passkey) = (api.provider().is_some(), api.gate().party().is_ok());
    Ok(axum::Json(Ways { needs_set_up: count == 0, password: true, passkey, provider }))
}

/// Signs in: the answer sets the cookie of a new session.
#[utoipa::path(
    post,
    path = "/sign-in",
    tag = "people",
    extensions(("x-operation" = json!("public"))),
    request_body = SignIn,
    responses((status = 200, description = "Signed in", body = SignedIn), Problems)
)]
async fn sign_in(
    State(api): State<Api>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Json(wanted): Json<SignIn>,
) -> Result<Response, Problem> {
    cookie::must_be_ours(api.gate(), &Method::POST, &headers, false)?;
    let (store, access, address) = (api.store()?, api.access("nobody"), address.map(|it| it.0));
    let attempt = Try::begin(&api, &store, Some(&wanted.name), address).await?;
    let account = match account_name(&wanted.name) {
        Ok(name) => store.account_by_name(&access, &name).await?,
        Err(_) => None,
    };
    let usable = account.as_ref().filter(|it| it.is_active && !it.is_service);
    let is_right = is_password(&api, &store, usable, &wanted.password).await?;
    let Some(account) = usable.filter(|_| is_right) else {
        refuse(&api, &store, account.as_ref(), "password", address).await?;
        let detail = "the name or the password is wrong";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "credentials", detail));
    };
    if account.has_second_factor() {
        let code = wanted.code.as_deref().unwrap_or_default();
        if !is_code(&api, &store, account, code).await? {
            if code.is_empty() {
                attempt.undone(&api, &store).await?; // nothing was guessed
            } else {
                refuse(&api, &store, Some(account), "code", address).await?;
            }
            let detail = "the code of your app is missing, wrong or used: a code, a recovery code or a passkey is needed";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "second-factor", detail));
        }
    }
    attempt.succeeded(&api, &store).await?;
    let browser = Browser { headers: &headers, address };
    open(&api, &store, account, "password", &browser, StatusCode::OK).await
}

/// What is known of who signs in.
pub(super) struct Browser<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) address: Option<ClientAddress>,
}

/// Begins a session with a secret of its own, whatever the browser sent, and ends the one that it sent.
pub(super) async fn open(
    api: &Api,
    store: &Store,
    account: &Account,
    method: &str,
    browser: &Browser<'_>,
    status: StatusCode,
) -> Result<Response, Problem> {
    let cookie = begin_session(api, store, account, method, browser).await?;
    let body = SignedIn { account: account.number, name: account.name.clone() };
    Ok((status, [(header::SET_COOKIE, cookie)], axum::Json(body)).into_response())
}

/// [`open`], for an answer of another form: the field that gives the browser its secret.
pub(super) async fn begin_session(
    api: &Api,
    store: &Store,
    account: &Account,
    method: &str,
    browser: &Browser<'_>,
) -> Result<HeaderValue, Problem> {
    let access = api.access(&account.name);
    if let Some(old) = cookie::secret(browser.headers)
        && let Some(found) = store.session_by_hash(&access, &digest(&old)).await?
    {
        let (owner, number) = (found.account.number, found.session.number);
        store.end_session(&access, api.now(), owner, number, "another sign-in").await?;
    }
    let secret = secret_text(&random()?);
    let agent = browser.headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok());
    let session = NewSession {
        account: account.number,
        hash: digest(&secret),
        method: method.to_owned(),
        address: browser.address.map_or_else(String::new, |it| it.0.to_string()),
        agent: agent.unwrap_or_default().to_owned(),
    };
    store.open_session(&access, api.now(), &session).await?;
    Ok(cookie::set(&secret))
}

/// Makes the first account, an owner, and signs it in.
#[utoipa::path(
    post,
    path = "/set-up",
    tag = "people",
    extensions(("x-operation" = json!("public"))),
    request_body = SetUp,
    responses((status = 201, description = "Made and signed in", body = SignedIn), Problems)
)]
async fn set_up(
    State(api): State<Api>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Json(wanted): Json<SetUp>,
) -> Result<Response, Problem> {
    cookie::must_be_ours(api.gate(), &Method::POST, &headers, false)?;
    let (store, address) = (api.store()?, address.map(|it| it.0));
    let attempt = Try::begin(&api, &store, None, address).await?;
    let mut account = NewAccount {
        name: users::name(&wanted.name)?,
        display: users::display(&wanted.display_name)?,
        email: users::email(wanted.email.as_deref())?,
        ..NewAccount::default()
    };
    let known = [&*account.name, &*account.display, account.email.as_deref().unwrap_or_default()];
    account.password = Some(new_password(&api, &wanted.password, &known).await?);
    let (access, hash) = (api.access(&account.name), digest(&wanted.secret.0));
    let made = store.finish_setup(&access, api.now(), &hash, &account).await?;
    let Some(number) = made else {
        let detail = "there is an account already, or the link is not the last one or too old";
        return Err(Problem::new(StatusCode::FORBIDDEN, "set-up", detail));
    };
    attempt.succeeded(&api, &store).await?;
    let account = store.account(&access, number).await?;
    let account = account.ok_or_else(|| Problem::not_found("account"))?;
    let browser = Browser { headers: &headers, address };
    open(&api, &store, &account, "password", &browser, StatusCode::CREATED).await
}

/// Takes sessions away that have ended by themselves, and what else means nothing any more; how many sessions.
pub async fn prune_people(api: &Api) -> Result<u64, Problem> {
    let (limits, now) = (api.session_rules().await?.limits, api.now());
    let before = |length| now.checked_sub(length).unwrap_or(jiff::Timestamp::MIN);
    let (created, used) = (before(limits.absolute), before(limits.idle));
    let attempts = before(ATTEMPTS);
    Ok(api.store()?.prune_sessions(&api.access("server"), now, created, used, attempts).await?)
}

/// The secret with which the first account can be made, for a day; `None` when there is one. Earlier secrets
/// no longer count.
pub async fn begin_set_up(api: &Api) -> Result<Option<String>, Problem> {
    let secret = secret_text(&random()?);
    let ends = api.now().checked_add(SET_UP).unwrap_or(jiff::Timestamp::MAX);
    let is_first = api.store()?.begin_setup(&api.access("server"), &digest(&secret), ends).await?;
    Ok(is_first.then_some(secret))
}
