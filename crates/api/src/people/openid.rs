//! What we ask an identity provider: its configuration, its keys, an identity for a code.
//!
//! Configuration and keys are kept for a while. A token that none of the kept keys has signed makes them be read
//! again, once: providers change their keys whenever they want.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use ::people::{Disbelief, Expected, Identity, believe};
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::problem::Problem;

/// For so long what a provider says about itself is not read again.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
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
    /// What we ask for, with spaces between; `openid` among it.
    pub scopes: String,
    /// The claim that names groups.
    pub groups: String,
    /// Only who is in this group may sign in; `None`: everybody whom the provider knows.
    pub only: Option<String>,
    /// How it is reached.
    pub fetch: Arc<dyn Fetch>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What a provider says about itself (`OpenID` Connect Discovery 1.0, RFC 8414, RFC 9207).
#[derive(Debug, Deserialize)]
pub(super) struct About {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    end_session_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether it names itself when it sends a browser back.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What is kept while somebody is at the provider.
#[derive(Debug, Deserialize)]
pub(super) struct Begun {
    pub(super) nonce: String,
    pub(super) verifier: String,
}

/// A provider with what is known of it.
#[derive(Debug)]
pub(crate) struct OpenId {
    provider: Provider,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    about: Option<(Timestamp, Arc<About>)>,
    keys: Option<(Timestamp, Arc<Json>)>,
}

/// What was read, if it was lately.
fn fresh<T>(known: Option<&(Timestamp, Arc<T>)>, now: Timestamp) -> Option<Arc<T>> {
    let (read, what) = known?;
    let age = now.duration_since(*read);
    (age < FRESH && age >= SignedDuration::ZERO).then(|| Arc::clone(what))
}

/// 401: the provider, or what came back from it, does not prove who somebody is.
pub(super) fn unproved(why: &str) -> Problem {
    tracing::warn!("a sign-in at the identity provider failed: {why}");
    let detail = "the identity provider did not say who you are: the log of the server says why";
    Problem::new(StatusCode::UNAUTHORIZED, "provider", detail)
}

/// 503: it cannot be asked.
fn away(why: &str) -> Problem {
    tracing::warn!("the identity provider cannot be asked: {why}");
    let detail = "the identity provider does not answer as it must: the log of the server says why";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "provider-away", detail).retry_after(5)
}

impl OpenId {
    pub(crate) fn new(provider: Provider) -> Self {
        Self { provider, known: Mutex::default() }
    }

    /// Whether somebody of it may sign in.
    pub(super) fn admits(&self, identity: &Identity) -> bool {
        self.provider.only.as_ref().is_none_or(|it| identity.groups.contains(it))
    }

    /// Its address, as its tokens name it.
    pub(super) fn issuer(&self) -> &str {
        &self.provider.issuer
    }

    async fn get(&self, url: String) -> Result<Json, Problem> {
        let request = Outgoing { url, form: None, basic: None };
        self.provider.fetch.fetch(request).await.map_err(|why| away(&why))
    }

    /// What it says about itself.
    async fn about(&self, now: Timestamp) -> Result<Arc<About>, Problem> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(about) = fresh(known().about.as_ref(), now) {
            return Ok(about);
        }
        let issuer = self.issuer();
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let about: About =
            serde_json::from_value(self.get(url).await?).map_err(|it| away(&it.to_string()))?;
        if about.issuer != issuer {
            return Err(away(&format!(
                "its configuration names the issuer `{}`, ours `{issuer}`",
                about.issuer.escape_default()
            )));
        }
        if !is_safe(&about.authorization_endpoint) {
            return Err(away("its authorization endpoint is neither https nor on this machine"));
        }
        let about = Arc::new(about);
        known().about = Some((now, Arc::clone(&about)));
        Ok(about)
    }

    /// Its keys; `anew`: whatever is known already. And whether they were read just now.
    async fn keys(
        &self,
        about: &About,
        now: Timestamp,
        anew: bool,
    ) -> Result<(Arc<Json>, bool), Problem> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = fresh(known().keys.as_ref(), now).filter(|_| !anew) {
            return Ok((keys, false));
        }
        let keys = Arc::new(self.get(about.jwks_uri.clone()).await?);
        known().keys = Some((now, Arc::clone(&keys)));
        Ok((keys, true))
    }

    /// Where a browser signs in, to come back to us with this state.
    pub(super) async fn entrance(
        &self,
        now: Timestamp,
        origin: &str,
        (state, nonce, challenge): (&str, &str, &str),
    ) -> Result<String, Problem> {
        let about = self.about(now).await?;
        let back = format!("{origin}{BACK}");
        let fields = [
            ("response_type", "code"),
            ("client_id", &*self.provider.client),
            ("redirect_uri", &*back),
            ("scope", &*self.provider.scopes),
            ("state", state),
            ("nonce", nonce),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ];
        Ok(with_fields(&about.authorization_endpoint, &fields))
    }

    /// Where a browser signs out there, to come back to us; `None` when the provider does not offer it.
    pub(super) async fn exit(&self, now: Timestamp, origin: &str) -> Option<String> {
        let about = self.about(now).await.ok()?;
        let end = about.end_session_endpoint.as_deref().filter(|it| is_safe(it))?;
        let back = format!("{origin}/");
        let client = &*self.provider.client;
        Some(with_fields(end, &[("client_id", client), ("post_logout_redirect_uri", &back)]))
    }

    /// Refuses an answer that another provider has sent: `issuer` is what it says of itself (RFC 9207).
    pub(super) async fn must_be_from_it(
        &self,
        now: Timestamp,
        issuer: Option<&str>,
    ) -> Result<(), Problem> {
        match issuer {
            Some(it) if it == self.issuer() => Ok(()),
            Some(_) => Err(unproved("another provider has sent the browser back")),
            None if self.about(now).await?.authorization_response_iss_parameter_supported => {
                Err(unproved("it does not say who has sent the browser back"))
            }
            None => Ok(()),
        }
    }

    /// Changes a code for an identity.
    pub(super) async fn redeem(
        &self,
        now: Timestamp,
        origin: &str,
        code: String,
        begun: &Begun,
    ) -> Result<Identity, Problem> {
        let about = self.about(now).await?;
        let token = self.token(&about, origin, code, begun).await?;
        let expected = Expected {
            issuer: self.issuer(),
            client: &self.provider.client,
            nonce: &begun.nonce,
            groups: &self.provider.groups,
        };
        let (keys, are_new) = self.keys(&about, now, false).await?;
        let believed = match believe(&token, &keys, &expected, now) {
            Err(Disbelief::Signature) if !are_new => {
                let (keys, _) = self.keys(&about, now, true).await?;
                believe(&token, &keys, &expected, now)
            }
            other => other,
        };
        believed.map_err(|why| unproved(&why.to_string()))
    }

    /// The identity token for a code.
    async fn token(
        &self,
        about: &About,
        origin: &str,
        code: String,
        begun: &Begun,
    ) -> Result<String, Problem> {
        let mut form = vec![
            ("grant_type".to_owned(), "authorization_code".to_owned()),
            ("code".to_owned(), code),
            ("redirect_uri".to_owned(), format!("{origin}{BACK}")),
            ("code_verifier".to_owned(), begun.verifier.clone()),
        ];
        let client = &self.provider.client;
        let mut basic = None;
        match &self.provider.secret {
            Some(secret) if about.takes_basic() => basic = Some((escape(client), escape(secret))),
            Some(secret) => {
                form.push(("client_id".to_owned(), client.clone()));
                form.push(("client_secret".to_owned(), secret.clone()));
            }
            None => form.push(("client_id".to_owned(), client.clone())),
        }
        let request = Outgoing { url: about.token_endpoint.clone(), form: Some(form), basic };
        let answer = self.provider.fetch.fetch(request).await.map_err(|why| unproved(&why))?;
        let token = answer.get("id_token").and_then(Json::as_str);
        token.map(str::to_owned).ok_or_else(|| unproved("it gave no identity token"))
    }
}

impl About {
    /// Whether our secret goes into a header, as the standard has it where nothing else is said.
    fn takes_basic(&self) -> bool {
        let ways = self.token_endpoint_auth_methods_supported.as_deref();
        ways.is_none_or(|it| it.iter().any(|it| it == "client_secret_basic"))
    }
}

/// An address with fields after those that it has.
fn with_fields(url: &str, fields: &[(&str, &str)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{}", fields.join("&"))
}

/// Whether nobody on the way can change what goes there: a browser is sent there.
fn is_safe(url: &str) -> bool {
    let local = url.strip_prefix("http://").and_then(|it| it.split(['/', '?', '#']).next());
    let name = local.map(|it| it.rsplit_once(':').map_or(it, |(name, _)| name));
    url.starts_with("https://") || matches!(name, Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Everything but letters, digits and `-._~` as `%XX`.
pub(super) fn escape(text: &str) -> String {
    let byte = |it: u8| {
        if it.is_ascii_alphanumeric() || b"-._~".contains(&it) {
            char::from(it).to_string()
        } else {
            format!("%{it:02X}")
        }
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_sent_to_safe_places() {
        for url in
            ["https://id.example/a", "http://localhost:1/a", "http://127.0.0.1", "http://[::1]:8/"]
        {
            assert!(is_safe(url), "{url}");
        }
        for url in [
            "http://id.example/a",
            "javascript:alert(1)",
            "http://localhost.example",
            "http://a@b",
            "",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }

    #[test]
    fn fields_are_escaped() {
        assert_eq!(with_fields("https://a/b", &[("x", "1&2 é")]), "https://a/b?x=1%262%20%C3%A9");
        assert_eq!(
            with_fields("https://a/b?c=d", &[("x", "1"), ("y", "2")]),
            "https://a/b?c=d&x=1&y=2"
        );
    }
}
