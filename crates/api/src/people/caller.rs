//! Who sends a request: their session or their token, and what they may.

use std::sync::Arc;

use ::people::{
    Grant, Operation, Presented, Rights, Role, SessionTimes, SessionVerdict, digest, parse_token,
    secret_text,
};
use axum::extract::MatchedPath;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use jiff::SignedDuration;
use store::{Account, FoundSession, RoleGrant, Session, Store};

use super::cookie;
use super::gate::random;
use crate::guard::{Caller, Via};
use crate::problem::Problem;
use crate::state::Api;

/// Who acts when nobody is known yet.
const SERVER: &str = "server";
/// The use of a token is noted this long after the last note.
const NOTED: SignedDuration = SignedDuration::from_mins(1);

/// Who sends a request, from its session or its token; 401 when it has neither that holds.
pub(crate) async fn authenticate(
    api: &Api,
    request: &Parts,
    operation: Operation,
) -> Result<Caller, Problem> {
    // What is said in so many words counts: a bad token is not made good by a cookie.
    if let Some(field) = request.headers.get(header::AUTHORIZATION) {
        return by_token(api, field, operation).await;
    }
    let secret = cookie::secret(&request.headers).ok_or_else(Problem::signed_out)?;
    by_session(api, request, &secret, operation).await
}

async fn by_session(
    api: &Api,
    request: &Parts,
    secret: &str,
    operation: Operation,
) -> Result<Caller, Problem> {
    let (store, access, now) = (api.store()?, api.access(SERVER), api.now());
    let hash = digest(secret);
    let found = store.session_by_hash(&access, &hash).await?.ok_or_else(Problem::signed_out)?;
    let FoundSession { session, is_previous, account, grants } = found;
    let times = SessionTimes {
        created: session.created,
        used: session.used,
        rotated: session.rotated,
        must_rotate: session.must_rotate,
    };
    let presented = if is_previous { Presented::Previous } else { Presented::Current };
    let end = async |why: &str| {
        store.end_session(&access, now, account.number, session.number, why).await?;
        Err(Problem::signed_out())
    };
    let rules = api.session_rules().await?;
    let (note, rotate) = match times.judge(presented, &rules.limits, now) {
        SessionVerdict::Expired => return end("it was not used, or too long").await,
        SessionVerdict::Replayed => {
            tracing::warn!("an old secret of session {} came back", session.number);
            return end("an old secret came back").await;
        }
        SessionVerdict::Live { note, rotate } => (note, rotate),
    };
    if !account.is_active || account.is_service {
        return Err(Problem::signed_out());
    }
    cookie::must_be_ours(api.gate(), &request.method, &request.headers, true)?;
    must_have_own_password(&account, operation)?;
    if rules.needs_second_factor && lacks_second_factor(&account, &session) {
        must_lead_to_one(request)?;
    }
    let mut caller = caller(&account, grants, Via::Session(session.number), operation);
    if rotate {
        caller.cookie = change_secret(api, &store, session.number, &hash).await?;
    } else if note && let Err(error) = store.note_session(&access, now, session.number).await {
        // Reading goes on when nothing can be written.
        tracing::warn!("a session could not be noted: {}", base::chain(&error));
    }
    Ok(caller)
}

/// Gives a session another secret; the field that tells the browser. `None` when another request was faster.
pub(super) async fn change_secret(
    api: &Api,
    store: &Store,
    session: u64,
    old: &[u8; 32],
) -> Result<Option<HeaderValue>, Problem> {
    let secret = secret_text(&random()?);
    let access = api.access(SERVER);
    let is_changed =
        store.rotate_session(&access, api.now(), session, old, &digest(&secret)).await?;
    Ok(is_changed.then(|| cookie::set(&secret)))
}

async fn by_token(api: &Api, field: &HeaderValue, operation: Operation) -> Result<Caller, Problem> {
    let text = field.to_str().ok().and_then(|it| it.split_once(' '));
    let (_, token) = text
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .ok_or_else(Problem::signed_out)?;
    let (number, hash) = parse_token(token.trim()).ok_or_else(Problem::signed_out)?;
    let (store, access, now) = (api.store()?, api.access(SERVER), api.now());
    let found = store.token_by_hash(&access, number, &hash).await?;
    let found = found.ok_or_else(Problem::signed_out)?;
    let token = found.token;
    if !found.account.is_active || token.expires.is_some_and(|it| now >= it) {
        return Err(Problem::signed_out());
    }
    must_have_own_password(&found.account, operation)?;
    let mut caller = caller(&found.account, found.grants, Via::Token(number), operation);
    let role = Role::find(&token.role);
    let narrowed = role.map(|role| Grant { role, scope: token.scope });
    let rights = Arc::unwrap_or_clone(caller.rights);
    caller.rights = Arc::new(rights.narrowed_to(narrowed.into_iter().collect()));
    let is_due = token.used.is_none_or(|it| now.duration_since(it) >= NOTED);
    if is_due && let Err(error) = store.note_token(&access, now, number).await {
        tracing::warn!("a token could not be noted: {}", base::chain(&error));
    }
    Ok(caller)
}

/// Refuses everything but one's own affairs to whom another gave the password.
fn must_have_own_password(account: &Account, operation: Operation) -> Result<(), Problem> {
    if account.must_change && operation != Operation::TokenOwn {
        let detail = "somebody else has set your password: choose another first";
        return Err(Problem::new(StatusCode::FORBIDDEN, "password-change", detail));
    }
    Ok(())
}

/// Whether a session began with nothing but a password.
pub(super) fn lacks_second_factor(account: &Account, session: &Session) -> bool {
    session.method == "password" && !account.has_second_factor()
}

/// What may be done without a second factor where one is demanded: setting one up, and going away.
const LEADING_TO_ONE: [(Method, &str); 9] = [
    (Method::GET, "/me"),
    (Method::POST, "/me/password"),
    (Method::POST, "/me/totp"),
    (Method::POST, "/me/totp/confirm"),
    (Method::GET, "/me/passkeys"),
    (Method::POST, "/me/passkeys"),
    (Method::POST, "/me/passkeys/options"),
    (Method::POST, "/me/sign-out"),
    (Method::POST, "/me/sign-out-everywhere"),
];

/// Refuses everything else.
fn must_lead_to_one(request: &Parts) -> Result<(), Problem> {
    let path = request.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    if LEADING_TO_ONE.iter().any(|it| it.0 == request.method && it.1 == path) {
        return Ok(());
    }
    let detail = "a second factor is needed here: set up an app or a passkey first";
    Err(Problem::new(StatusCode::FORBIDDEN, "second-factor-needed", detail))
}

fn caller(account: &Account, grants: Vec<RoleGrant>, via: Via, operation: Operation) -> Caller {
    let name = account.name.as_str().into();
    let rights = Arc::new(Rights::of(rights_of(grants)));
    Caller { account: account.number, name, rights, via, operation, cookie: None }
}

/// Grants as rights; one with a role that there is no longer is none.
pub(super) fn rights_of(grants: Vec<RoleGrant>) -> Vec<Grant> {
    let known = |it: RoleGrant| Some(Grant { role: Role::find(&it.role)?, scope: it.scope });
    grants.into_iter().filter_map(known).collect()
}

impl Caller {
    /// The number of the session: who comes with a token may not change what proves who they are.
    pub(super) fn session(&self) -> Result<u64, Problem> {
        match self.via {
            Via::Session(number) => Ok(number),
            Via::Token(_) => {
                let detail = "sign in for this: a token cannot";
                Err(Problem::new(StatusCode::FORBIDDEN, "session-needed", detail))
            }
        }
    }
}
