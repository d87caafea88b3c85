//! Signing in with a passkey: alone, without a name, or after the password.

use ::people::{
    Ceremony, ClientData, KeptPasskey, PasskeyRefused, account_name, challenge_text, digest,
    used_passkey,
};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;
use store::{Account, Store};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cookie;
use super::gate::{ClientAddress, random};
use super::prove::{Hush, Try, is_password, refuse};
use super::sign_in::{Browser, SignedIn, open};
use super::webauthn::{Authentication, Named, Options, Request};
use crate::problem::{Problem, Problems};
use crate::query::Json;
use crate::state::Api;

/// The kind of what is begun here and ended with a signature.
const KIND: &str = "passkey-use";
/// How long somebody may take.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(begin_passkey_sign_in)).routes(routes!(passkey_sign_in))
}

/// Nothing, for a passkey alone; name and password, for one as the second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BeginPasskey)]
struct Begin {
    #[schema(max_length = 256)]
    name: Option<String>,
    password: Option<Hush>,
}

/// The answer of an authenticator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UsePasskey)]
struct Use {
    credential: Authentication,
}

/// What is kept while an authenticator is asked.
#[derive(Debug, Default, Deserialize)]
struct Begun {
    /// Who has proved to know the password; `None`: the passkey says who it is.
    account: Option<u64>,
}

/// 401: the passkey proves nothing.
fn unproved() -> Problem {
    let detail = "this passkey does not sign in here: the log of the server says why";
    Problem::new(StatusCode::UNAUTHORIZED, "passkey", detail)
}

/// Begins to sign in with a passkey: what the browser is to ask an authenticator.
#[utoipa::path(
    post,
    path = "/sign-in/passkey/options",
    tag = "people",
    extensions(("x-operation" = json!("public"))),
    request_body = Begin,
    responses(
        (status = 200, description = "For `navigator.credentials.get`", body = Options<Request>),
        Problems
    )
)]
async fn begin_passkey_sign_in(
    State(api): State<Api>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Json(wanted): Json<Begin>,
) -> Result<axum::Json<Options<Request>>, Problem> {
    cookie::must_be_ours(api.gate(), &Method::POST, &headers, false)?;
    let (_, party) = api.gate().party()?;
    let (store, access, address) = (api.store()?, api.access("nobody"), address.map(|it| it.0));
    let (account, allowed) = match (wanted.name, wanted.password) {
        (None, None) => {
            // Counted until somebody signs in: nobody fills the database by beginning.
            Try::begin(&api, &store, None, address).await?;
            (None, Vec::new())
        }
        (Some(name), Some(password)) => {
            let account = known(&api, &store, &name, &password, address).await?;
            let all = store.passkeys(&access, account.number).await?;
            if all.is_empty() {
                let detail = "this account has no passkey";
                return Err(Problem::new(StatusCode::CONFLICT, "no-passkey", detail));
            }
            let named = all.into_iter().map(|it| Named::of(it.id, it.transports));
            (Some(account.number), named.collect())
        }
        _ => return Err(Problem::invalid("password", "goes together with `name`")),
    };
    let challenge = challenge_text(&random()?);
    let ends = api.now().checked_add(PATIENCE).unwrap_or(jiff::Timestamp::MAX);
    let body = json!({ "account": account });
    store.begin_ceremony(&access, KIND, &digest(&challenge), &body, ends).await?;
    let verification = if account.is_some() { "discouraged" } else { "required" };
    let options = Request::of(party.to_owned(), challenge, allowed, verification);
    Ok(axum::Json(Options { public_key: options }))
}

/// The account of a name and its password. Answers and times are those of `POST /sign-in`.
async fn known(
    api: &Api,
    store: &Store,
    name: &str,
    password: &Hush,
    address: Option<ClientAddress>,
) -> Result<Account, Problem> {
    let attempt = Try::begin(api, store, Some(name), address).await?;
    let account = match account_name(name) {
        Ok(name) => store.account_by_name(&api.access("nobody"), &name).await?,
        Err(_) => None,
    };
    let usable = account.as_ref().filter(|it| it.is_active && !it.is_service).cloned();
    if is_password(api, store, usable.as_ref(), password).await?
        && let Some(account) = usable
    {
        attempt.undone(api, store).await?; // the passkey is yet to come
        return Ok(account);
    }
    refuse(api, store, account.as_ref(), "password", address).await?;
    let detail = "the name or the password is wrong";
    Err(Problem::new(StatusCode::UNAUTHORIZED, "credentials", detail))
}

/// Signs in with a passkey: the answer sets the cookie of a new session.
#[utoipa::path(
    post,
    path = "/sign-in/passkey",
    tag = "people",
    extensions(("x-operation" = json!("public"))),
    request_body = Use,
    responses((status = 200, description = "Signed in", body = SignedIn), Problems)
)]
async fn passkey_sign_in(
    State(api): State<Api>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Json(wanted): Json<Use>,
) -> Result<Response, Problem> {
    cookie::must_be_ours(api.gate(), &Method::POST, &headers, false)?;
    let (store, address) = (api.store()?, address.map(|it| it.0));
    Try::begin(&api, &store, None, address).await?;
    let (account, was_known) = match proved(&api, &store, wanted.credential).await {
        Ok(proved) => proved,
        Err(Unproved::Problem(problem)) => return Err(problem),
        Err(Unproved::Refused(account, why)) => {
            tracing::warn!("a passkey did not sign in: {why}");
            refuse(&api, &store, account.as_deref(), "passkey", address).await?;
            return Err(unproved());
        }
    };
    Try::taken_back(&api, &store, address).await?;
    if was_known {
        Try::forgotten(&api, &store, &account.name).await?;
    } else {
        Try::taken_back(&api, &store, address).await?; // of the beginning
    }
    let browser = Browser { headers: &headers, address };
    open(&api, &store, &account, "passkey", &browser, StatusCode::OK).await
}

/// Why nobody is signed in.
enum Unproved {
    /// Whose passkey it was, where that is known, and why it does not count: for the log.
    Refused(Option<Box<Account>>, String),
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for Unproved {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

/// Whose passkey has answered, and whether they have proved to know the password before.
async fn proved(
    api: &Api,
    store: &Store,
    answer: Authentication,
) -> Result<(Account, bool), Unproved> {
    let (origin, _) = api.gate().party()?;
    let (access, now) = (api.access("nobody"), api.now());
    let nobody = |why: &str| Unproved::Refused(None, why.to_owned());
    let Authentication { raw_id, response } = answer;
    let client = ClientData::read(&response.client_data_json.0);
    let client = client.ok_or_else(|| nobody("what the browser says cannot be read"))?;
    let challenge = client.challenge().to_owned();
    let begun = store.take_ceremony(&access, now, KIND, &digest(&challenge)).await?;
    let begun = begun.and_then(|it| serde_json::from_value::<Begun>(it).ok());
    let begun = begun.ok_or_else(|| nobody("it was not begun here, or too long ago"))?;
    let passkey = store.passkey(&access, &raw_id.0).await?;
    let passkey = passkey.ok_or_else(|| nobody("nobody has this passkey"))?;
    let account = store.account(&access, passkey.account).await?;
    let account = account.ok_or_else(|| nobody("its account is gone"))?;
    let other = |why: &str| Unproved::Refused(Some(Box::new(account.clone())), why.to_owned());
    let is_holder = match (&response.user_handle, begun.account) {
        (Some(handle), wanted) => {
            handle.0 == passkey.holder && wanted.is_none_or(|it| it == account.number)
        }
        (None, wanted) => wanted == Some(account.number),
    };
    if !is_holder {
        return Err(other("it belongs to somebody else"));
    }
    let ceremony = Ceremony { challenge: &challenge, origin, must_verify: begun.account.is_none() };
    let kept = KeptPasskey {
        key: &passkey.key,
        counter: passkey.counter,
        can_back_up: passkey.can_back_up,
    };
    let signed = (&*response.authenticator_data.0, &*response.signature.0);
    let used = used_passkey(&client, signed, &kept, &ceremony);
    let used = used.map_err(|why| other(&why.to_string()))?;
    if !account.is_active || account.is_service {
        return Err(other("the account is not active"));
    }
    let access = api.access(&account.name);
    let (counter, is_backed_up) = (used.counter, used.is_backed_up);
    if !store.use_passkey(&access, now, &passkey.id, counter, is_backed_up).await? {
        return Err(other(&PasskeyRefused::Copied.to_string()));
    }
    Ok((account, begun.account.is_some()))
}
