//! Signing in at an identity provider: `OpenID` Connect, authorization code with PKCE, state and nonce.
//!
//! Who signs in there is known by issuer and subject alone: a name or an address that a provider writes never
//! opens an account that was made in another way.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use ::people::{
    Expected, Identity, account_name, believe, digest, display_name, pkce_challenge, secret_text,
};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Account, NewAccount, Store, StoreError};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::gate::{ClientAddress, random};
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
/// Where the provider sends a browser back to.
const BACK: &str = "/api/v1/sign-in/provider/back";

/// A request to the provider.
#[derive(Clone)]
pub struct Outgoing {
    /// Where to.
    pub url: String,
    /// The fields of a form to be posted; `None`: a GET.
    pub form: Option<Vec<(String, String)>>,
    /// Name and password, for basic authentication.
    pub basic: Option<(String, String)>,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("url", &self.url).finish_non_exhaustive()
    }
}

/// What comes back: JSON of an answer with a status of success, or why there is none.
pub type Incoming<'a> = Pin<Box<dyn Future<Output = Result<Json, String>> + Send + 'a>>;

/// Sends requests to the provider: over TLS, or plainly to this machine; bounded in time and size; it follows
/// no redirection.
pub trait Fetch: fmt::Debug + Send + Sync {
    /// Sends one.
    fn fetch(&self, request: Outgoing) -> Incoming<'_>;
}

/// An identity provider.
#[derive(Clone)]
pub struct Provider {
    /// Its address, exactly as its tokens name it.
    pub issuer: String,
    /// Our id there.
    pub client: String,
    /// Our secret there; `None`: we are a public client.
    pub secret: Option<String>,
    /// The claim that names groups.
    pub groups: String,
    /// How it is reached.
    pub fetch: Arc<dyn Fetch>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What a provider says about itself.
#[derive(Deserialize)]
struct About {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

/// What is kept while somebody is at the provider.
#[derive(Deserialize)]
struct Begun {
    nonce: String,
    verifier: String,
}

/// What the provider sends back with the browser.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Back {
    /// What the sign-in began with.
    #[serde(default)]
    state: String,
    /// What the provider gives for a token.
    code: Option<String>,
    /// Why it does not.
    error: Option<String>,
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(go_to_provider)).routes(routes!(come_back))
}

fn provider(api: &Api) -> Result<(&Provider, &str), Problem> {
    let provider = api.provider().ok_or_else(|| Problem::not_found("identity provider"))?;
    let origin = api.gate().origin.as_deref().ok_or_else(|| {
        let detail = "the server does not know where browsers find it: set its origin";
        Problem::new(StatusCode::CONFLICT, "no-origin", detail)
    })?;
    Ok((provider, origin.trim_end_matches('/')))
}

/// 401: the provider, or what came back from it, does not prove who somebody is.
fn unproved(why: &str) -> Problem {
    tracing::warn!("a sign-in at the identity provider failed: {why}");
    let detail = "the identity provider did not say who you are: the log of the server says why";
    Problem::new(StatusCode::UNAUTHORIZED, "provider", detail)
}

impl Provider {
    async fn about(&self) -> Result<About, Problem> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let about = self.fetch.fetch(Outgoing { url, form: None, basic: None }).await;
        let about = about.map_err(|why| unproved(&why))?;
        let about: About =
            serde_json::from_value(about).map_err(|error| unproved(&error.to_string()))?;
        if about.issuer != self.issuer {
            return Err(unproved("its configuration names another issuer"));
        }
        Ok(about)
    }

    /// Changes a code for an identity.
    async fn redeem(
        &self,
        api: &Api,
        origin: &str,
        code: String,
        begun: &Begun,
    ) -> Result<Identity, Problem> {
        let about = self.about().await?;
        let mut form = vec![
            ("grant_type".to_owned(), "authorization_code".to_owned()),
            ("code".to_owned(), code),
            ("redirect_uri".to_owned(), format!("{origin}{BACK}")),
            ("code_verifier".to_owned(), begun.verifier.clone()),
        ];
        let basic = self.secret.as_ref().map(|it| (escape(&self.client), escape(it)));
        if basic.is_none() {
            form.push(("client_id".to_owned(), self.client.clone()));
        }
        let request = Outgoing { url: about.token_endpoint, form: Some(form), basic };
        let answer = self.fetch.fetch(request).await.map_err(|why| unproved(&why))?;
        let token = answer.get("id_token").and_then(Json::as_str);
        let token = token.ok_or_else(|| unproved("it gave no identity token"))?;
        let request = Outgoing { url: about.jwks_uri, form: None, basic: None };
        let keys = self.fetch.fetch(request).await.map_err(|why| unproved(&why))?;
        let expected = Expected {
            issuer: &self.issuer,
            client: &self.client,
            nonce: &begun.nonce,
            groups: &self.groups,
        };
        believe(token, &keys, &expected, api.now()).map_err(|why| unproved(&why.to_string()))
    }
}

/// Sends the browser to the identity provider.
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
) -> Result<Response, Problem> {
    let (provider, origin) = provider(&api)?;
    let store = api.store()?;
    // Counted until somebody comes back: nobody fills the database by beginning.
    Try::begin(&api, &store, None, address.map(|it| it.0)).await?;
    let about = provider.about().await?;
    let (state, nonce, verifier) =
        (secret_text(&random()?), secret_text(&random()?), secret_text(&random()?));
    let body = json!({ "nonce": nonce, "verifier": verifier });
    let ends = api.now().checked_add(PATIENCE).unwrap_or(jiff::Timestamp::MAX);
    store.begin_ceremony(&api.access("nobody"), KIND, &digest(&state), &body, ends).await?;
    let fields = [
        ("response_type", "code"),
        ("client_id", &*provider.client),
        ("redirect_uri", &*format!("{origin}{BACK}")),
        ("scope", "openid profile email"),
        ("state", &*state),
        ("nonce", &*nonce),
        ("code_challenge", &*pkce_challenge(&verifier)),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| format!("{name}={}", escape(value)));
    let joint = if about.authorization_endpoint.contains('?') { '&' } else { '?' };
    let target = format!("{}{joint}{}", about.authorization_endpoint, fields.join("&"));
    let cookie = format!("{COOKIE}{state}{RULES}; Max-Age=600");
    redirect(&target, &[field(&cookie)?])
}

/// Where the provider sends the browser back to: signs it in.
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
    let (provider, origin) = provider(&api)?;
    let (store, access) = (api.store()?, api.access("nobody"));
    let address = address.map(|it| it.0);
    // The browser that comes back must be the one that began: else somebody would be signed in as another.
    if !is_bound(&headers, &back.state) {
        return Err(unproved("the browser has not begun it"));
    }
    let begun = store.take_ceremony(&access, api.now(), KIND, &digest(&back.state)).await?;
    let begun = begun.and_then(|it| serde_json::from_value::<Begun>(it).ok());
    let begun = begun.ok_or_else(|| unproved("it was not begun here, or too long ago"))?;
    if let Some(error) = back.error {
        return Err(unproved(&format!("it says `{}`", error.escape_default())));
    }
    let code = back.code.ok_or_else(|| unproved("it gave no code"))?;
    let identity = provider.redeem(&api, origin, code, &begun).await?;
    let account = account_of(&api, &store, provider, &identity).await?;
    if !account.is_active || account.is_service {
        return Err(unproved("the account is not active"));
    }
    let owner = api.access(&account.name);
    match store.follow_claims(&owner, api.now(), account.number, &identity.groups).await {
        Err(StoreError::Conflict(why)) => tracing::warn!("groups of a provider: {why}"),
        other => other?,
    }
    Try::taken_back(&api, &store, address).await?;
    let browser = Browser { headers: &headers, address };
    let session = begin_session(&api, &store, &account, "provider", &browser).await?;
    let ended = format!("{COOKIE}{RULES}; Max-Age=0");
    redirect("/", &[session, field(&ended)?])
}

/// The account of an identity, made when it comes for the first time. It may nothing but what its groups may.
async fn account_of(
    api: &Api,
    store: &Store,
    provider: &Provider,
    identity: &Identity,
) -> Result<Account, Problem> {
    let access = api.access("provider");
    let subject = format!("{}|{}", provider.issuer, identity.subject);
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

/// Everything but letters, digits and `-._~` as `%XX`.
fn escape(text: &str) -> String {
    let byte = |it: u8| {
        if it.is_ascii_alphanumeric() || b"-._~".contains(&it) {
            char::from(it).to_string()
        } else {
            format!("%{it:02X}")
        }
    };
    text.bytes().map(byte).collect()
}
