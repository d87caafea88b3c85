//! Signing in at an identity provider: `OpenID` Connect, authorization code with PKCE, state and nonce.
//!
//! Who signs in there is known by issuer and subject alone: a name or an address that a provider writes never
//! opens an account that was made in another way.

use ::people::{Identity, account_name, digest, display_name, pkce_challenge, secret_text};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;
use store::{Account, NewAccount, Store, StoreError};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::gate::{ClientAddress, random};
use super::openid::{Begun, OpenId, escape, unproved};
use super::prove::Try;
use super::sign_in::{Browser, begin_session};
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::state::Api;

/// The kind of what is begun here and ended when the browser comes back.
const KIND: &str = "provider";
/// How long somebody may take at the provider.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// The cookie that binds a browser to what it has begun. It must come along when the provider sends it back.
const COOKIE: &str = "__Host-merlon-provider=";
const RULES: &str = "; Path=/; Secure; HttpOnly; SameSite=Lax";

/// What the provider sends back with the browser.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Back {
    /// What the sign-in began with.
    #[serde(default)]
    state: String,
    /// What the provider gives for a token.
    code: Option<String>,
    /// Who sends it back.
    iss: Option<String>,
    /// Why it gives none.
    error: Option<String>,
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(go_to_provider)).routes(routes!(come_back))
}

/// The provider, and where browsers find us.
fn provider(api: &Api) -> Result<(&OpenId, &str), Problem> {
    let provider = api.provider().ok_or_else(|| Problem::not_found("identity provider"))?;
    Ok((provider, api.gate().origin()?))
}

/// Where a browser that has signed in at the provider signs out there; `None` when that is not offered.
pub(super) async fn exit(api: &Api) -> Option<String> {
    let (provider, origin) = provider(api).ok()?;
    provider.exit(api.now(), origin).await
}

/// Tells a person who comes with a browser in the portal, a program with a problem.
fn told(headers: &HeaderMap, done: Result<Response, Problem>) -> Result<Response, Problem> {
    let accepted = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    match done {
        Err(problem) if accepted.is_some_and(|it| it.contains("text/html")) => {
            let ended = format!("{COOKIE}{RULES}; Max-Age=0");
            redirect(&format!("/sign-in#provider={}", escape(problem.code())), &[field(&ended)?])
        }
        other => other,
    }
}

/// Sends the browser to the identity provider. What goes wrong sends it to `/sign-in#provider=<code>` of the portal.
#[utoipa::path(
    get,
    path = "/sign-in/provider",
    tag = "people",
    extensions(("x-operation" = json!("public"))),
    responses((status = 303, description = "To the provider"), Problems)
)]
async fn go_to_provider(
    State(api): State<Api>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let begun = match must_be_ours(&headers) {
        Ok(()) => go(&api, address.map(|it| it.0)).await,
        Err(problem) => Err(problem),
    };
    told(&headers, begun)
}

/// Refuses to begin for another site, which would sign somebody in unasked.
fn must_be_ours(headers: &HeaderMap) -> Result<(), Problem> {
    let site = headers.get("sec-fetch-site").map(|it| it.to_str().unwrap_or("?"));
    if site.is_some_and(|it| it != "same-origin" && it != "none") {
        let detail = "another site has sent you here: begin to sign in at the portal";
        return Err(Problem::new(StatusCode::FORBIDDEN, "cross-site", detail));
    }
    Ok(())
}

async fn go(api: &Api, address: Option<ClientAddress>) -> Result<Response, Problem> {
    let (provider, origin) = provider(api)?;
    let store = api.store()?;
    // Counted until somebody comes back: nobody fills the database by beginning.
    Try::begin(api, &store, None, address).await?;
    let (state, nonce, verifier) =
        (secret_text(&random()?), secret_text(&random()?), secret_text(&random()?));
    let challenge = pkce_challenge(&verifier);
    let target = provider.entrance(api.now(), origin, (&state, &nonce, &challenge)).await?;
    let body = json!({ "nonce": nonce, "verifier": verifier });
    let ends = api.now().checked_add(PATIENCE).unwrap_or(jiff::Timestamp::MAX);
    store.begin_ceremony(&api.access("nobody"), KIND, &digest(&state), &body, ends).await?;
    let cookie = format!("{COOKIE}{state}{RULES}; Max-Age=600");
    redirect(&target, &[field(&cookie)?])
}

/// Where the provider sends the browser back to: signs it in. What goes wrong sends it to
/// `/sign-in#provider=<code>` of the portal.
#[utoipa::path(
    get,
    path = "/sign-in/provider/back",
    tag = "people",
    extensions(("x-operation" = json!("public"))),
    params(Back),
    responses((status = 303, description = "Signed in, to the portal"), Problems)
)]
async fn come_back(
    State(api): State<Api>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Problem> {
    told(&headers, finish(&api, address.map(|it| it.0), &headers, back).await)
}

async fn finish(
    api: &Api,
    address: Option<ClientAddress>,
    headers: &HeaderMap,
    back: Back,
) -> Result<Response, Problem> {
    let (provider, origin) = provider(api)?;
    let (store, access, now) = (api.store()?, api.access("nobody"), api.now());
    // The browser that comes back must be the one that began: else somebody would be signed in as another.
    if !is_bound(headers, &back.state) {
        return Err(unproved("the browser has not begun it"));
    }
    let begun = store.take_ceremony(&access, now, KIND, &digest(&back.state)).await?;
    let begun = begun.and_then(|it| serde_json::from_value::<Begun>(it).ok());
    let begun = begun.ok_or_else(|| unproved("it was not begun here, or too long ago"))?;
    provider.must_be_from_it(now, back.iss.as_deref()).await?;
    if let Some(error) = back.error {
        return Err(unproved(&format!("it says `{}`", error.escape_default())));
    }
    let code = back.code.ok_or_else(|| unproved("it gave no code"))?;
    let identity = provider.redeem(now, origin, code, &begun).await?;
    if !provider.admits(&identity) {
        tracing::warn!("somebody of the identity provider is not in the group that may sign in");
        let detail = "you are not in the group of the identity provider that may sign in here";
        return Err(Problem::new(StatusCode::FORBIDDEN, "provider-group", detail));
    }
    let account = account_of(api, &store, provider, &identity).await?;
    if !account.is_active || account.is_service {
        return Err(unproved("the account is not active"));
    }
    let owner = api.access(&account.name);
    match store.follow_claims(&owner, now, account.number, &identity.groups).await {
        Err(StoreError::Conflict(why)) => tracing::warn!("groups of a provider: {why}"),
        other => other?,
    }
    Try::taken_back(api, &store, address).await?;
    let browser = Browser { headers, address };
    let session = begin_session(api, &store, &account, "provider", &browser).await?;
    let ended = format!("{COOKIE}{RULES}; Max-Age=0");
    redirect("/", &[session, field(&ended)?])
}

/// The account of an identity, made when it comes for the first time. It may nothing but what its groups may.
async fn account_of(
    api: &Api,
    store: &Store,
    provider: &OpenId,
    identity: &Identity,
) -> Result<Account, Problem> {
    let access = api.access("provider");
    let subject = format!("{}|{}", provider.issuer(), identity.subject);
    if let Some(account) = store.account_by_subject(&access, &subject).await? {
        return Ok(account);
    }
    let [a, b, c, d, ..] = digest(&subject);
    let tail = format!("{a:02x}{b:02x}{c:02x}{d:02x}");
    let named = identity.name.as_deref().and_then(|it| account_name(it).ok());
    let named = named.filter(|it| it.len() <= 100).unwrap_or_else(|| "user".to_owned());
    // A name that is taken stays whose it is.
    let is_taken = store.account_by_name(&access, &named).await?.is_some();
    let name = if is_taken { format!("{named}-{tail}") } else { named };
    let display = identity.display.as_deref().and_then(|it| display_name(it).ok());
    let email = identity.email.as_deref().and_then(|it| ::people::email(it).ok());
    let account = NewAccount {
        display: display.unwrap_or_else(|| name.clone()),
        name,
        email,
        subject: Some(subject.clone()),
        ..NewAccount::default()
    };
    store.add_account(&access, api.now(), &account).await?;
    let made = store.account_by_subject(&access, &subject).await?;
    made.ok_or_else(|| Problem::not_found("account"))
}

/// Whether the browser carries the state that it comes back with.
fn is_bound(headers: &HeaderMap, state: &str) -> bool {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut own = all.flat_map(|it| it.split(';')).filter_map(|it| it.trim().strip_prefix(COOKIE));
    let only = own.next().filter(|_| own.next().is_none());
    !state.is_empty() && only.is_some_and(|it| ::people::is_same(&digest(it), &digest(state)))
}

fn field(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(text).map_err(|_| unproved("an address of it cannot be written"))
}

fn redirect(target: &str, cookies: &[HeaderValue]) -> Result<Response, Problem> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, field(target)?);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    Ok(response)
}
