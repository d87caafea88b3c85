//! One's own passkeys: making, naming and taking away.

use ::people::{
    Ceremony, ClientData, N_RECOVERY_CODES, PASSKEY_ALGORITHMS, challenge_text, digest,
    display_name, made_passkey, recovery_code, recovery_digest,
};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Passkey;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ClientAddress;
use super::factors::{Again, end_unproved};
use super::gate::random;
use super::me::{must_prove_again, own};
use super::webauthn::{Binary, Creation, Entity, Kind, Named, Options, Owner, Registration};
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::{Json, Path};
use crate::state::Api;
use crate::time::Time;

/// The kind of what is begun here and ended with the passkey.
const KIND: &str = "passkey-new";
/// How long somebody may take.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// Ways to reach an authenticator that are kept: how many, and how long their words are.
const MOST_WAYS: usize = 8;
const LONGEST_WAY: usize = 32;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(begin_passkey))
        .routes(routes!(list_passkeys, add_passkey))
        .routes(routes!(rename_passkey))
        .routes(routes!(drop_passkey))
}

/// A passkey of the caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Passkey)]
struct Item {
    id: Binary,
    name: String,
    created: Time,
    /// When somebody signed in with it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<Time>,
    /// Whether it is on more than one device, as it said last.
    backed_up: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Passkeys)]
struct Items {
    items: Vec<Item>,
}

/// The answer of an authenticator, and what the passkey is to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPasskey)]
struct Wanted {
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    credential: Registration,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RenamePasskey)]
struct Rename {
    #[schema(min_length = 1, max_length = 128)]
    name: String,
}

/// A new passkey.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MadePasskey)]
struct Made {
    passkey: Item,
    /// Codes that each replace the passkey once, when it is the first second factor of the account; shown once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recovery_codes: Vec<String>,
}

/// What is kept while an authenticator makes a passkey.
#[derive(Debug, Deserialize)]
struct Begun {
    account: u64,
    session: u64,
    holder: Binary,
}

impl Item {
    fn shown(passkey: Passkey) -> Self {
        Self {
            id: Binary(passkey.id),
            name: passkey.name,
            created: passkey.created.into(),
            used: passkey.used.map(Into::into),
            backed_up: passkey.is_backed_up,
        }
    }
}

fn named(typed: &str) -> Result<String, Problem> {
    display_name(typed).map_err(|bad| Problem::invalid("name", bad.to_string()))
}

/// Begins to make a passkey: what the browser is to ask an authenticator.
#[utoipa::path(
    post,
    path = "/me/passkeys/options",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    request_body = Again,
    responses(
        (status = 200, description = "For `navigator.credentials.create`", body = Options<Creation>),
        Problems
    )
)]
async fn begin_passkey(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    address: Option<Extension<ClientAddress>>,
    Json(wanted): Json<Again>,
) -> Result<axum::Json<Options<Creation>>, Problem> {
    let session = caller.session()?;
    let (_, party) = api.gate().party()?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let account = own(&api, &store, &caller).await?;
    must_prove_again(&api, &store, (&account, session), &wanted.password, address.map(|it| it.0))
        .await?;
    let all = store.passkeys(&access, account.number).await?;
    let holder = match all.first() {
        Some(it) => it.holder.clone(),
        None => random::<32>()?.to_vec(),
    };
    let challenge = challenge_text(&random()?);
    let ends = api.now().checked_add(PATIENCE).unwrap_or(jiff::Timestamp::MAX);
    let holder = Binary(holder);
    let body = json!({ "account": account.number, "session": session, "holder": holder });
    store.begin_ceremony(&access, KIND, &digest(&challenge), &body, ends).await?;
    let user = Owner { id: holder, name: account.name, display_name: account.display };
    let known = all.into_iter().map(|it| Named::of(it.id, it.transports)).collect();
    let kinds = PASSKEY_ALGORITHMS.map(Kind::of).to_vec();
    let entity = Entity { id: party.to_owned(), name: "Merlon" };
    let options = Creation::of(entity, user, challenge, kinds, known);
    Ok(axum::Json(Options { public_key: options }))
}

/// Keeps a passkey that an authenticator has made. From now on a password alone does not sign in.
#[utoipa::path(
    post,
    path = "/me/passkeys",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    request_body = Wanted,
    responses((status = 201, description = "Made", body = Made), Problems)
)]
async fn add_passkey(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, axum::Json<Made>), Problem> {
    let session = caller.session()?;
    let (origin, _) = api.gate().party()?;
    let (store, access, now) = (api.store()?, api.access(&caller.name), api.now());
    let name = named(&wanted.name)?;
    let refused = |why: &str| Problem::invalid("credential", why);
    let Registration { raw_id, response } = wanted.credential;
    let client = ClientData::read(&response.client_data_json.0);
    let client = client.ok_or_else(|| refused("the answer of the browser cannot be read"))?;
    let challenge = client.challenge().to_owned();
    let begun = store.take_ceremony(&access, now, KIND, &digest(&challenge)).await?;
    let begun = begun.and_then(|it| serde_json::from_value::<Begun>(it).ok());
    let begun = begun.filter(|it| it.account == caller.account && it.session == session);
    let begun = begun.ok_or_else(|| refused("it was not begun here, or too long ago"))?;
    let ceremony = Ceremony { challenge: &challenge, origin, must_verify: false };
    let made = made_passkey(&client, &response.object.0, &ceremony)
        .map_err(|why| refused(&why.to_string()))?;
    if made.id != raw_id.0 {
        return Err(refused("the browser and the authenticator name different passkeys"));
    }
    let is_word = |it: &String| {
        it.len() <= LONGEST_WAY && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
    };
    let passkey = Passkey {
        id: made.id,
        account: caller.account,
        name,
        holder: begun.holder.0,
        algorithm: made.algorithm,
        key: made.key,
        counter: made.counter,
        can_back_up: made.can_back_up,
        is_backed_up: made.is_backed_up,
        transports: response.transports.into_iter().filter(is_word).take(MOST_WAYS).collect(),
        created: now,
        used: None,
    };
    let codes = (0..N_RECOVERY_CODES)
        .map(|_| Ok(recovery_code(&random()?)))
        .collect::<Result<Vec<_>, Problem>>()?;
    let hashes: Vec<_> = codes.iter().map(|it| recovery_digest(it)).collect();
    let is_first = store.add_passkey(&access, now, &passkey, &hashes).await?;
    if is_first {
        end_unproved(&api, &caller, session).await?;
    }
    let recovery_codes = if is_first { codes } else { Vec::new() };
    let made = Made { passkey: Item::shown(passkey), recovery_codes };
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// The caller's passkeys, the oldest first.
#[utoipa::path(
    get,
    path = "/me/passkeys",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    responses((status = 200, description = "All of them", body = Items), Problems)
)]
async fn list_passkeys(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<axum::Json<Items>, Problem> {
    caller.session()?;
    let all = api.store()?.passkeys(&api.access(&caller.name), caller.account).await?;
    Ok(axum::Json(Items { items: all.into_iter().map(Item::shown).collect() }))
}

/// Calls a passkey of the caller otherwise.
#[utoipa::path(
    patch,
    path = "/me/passkeys/{id}",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    params(("id" = String, Path, description = "Its id")),
    request_body = Rename,
    responses((status = 204, description = "Done"), Problems)
)]
async fn rename_passkey(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Json(wanted): Json<Rename>,
) -> Result<StatusCode, Problem> {
    caller.session()?;
    let (id, access) = (Binary::parse(&id), api.access(&caller.name));
    let id = id.ok_or_else(|| Problem::not_found("passkey"))?;
    let name = named(&wanted.name)?;
    let store = api.store()?;
    if store.rename_passkey(&access, api.now(), (caller.account, &id.0), &name).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("passkey"))
    }
}

/// Takes a passkey of the caller away.
#[utoipa::path(
    post,
    path = "/me/passkeys/{id}/drop",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    params(("id" = String, Path, description = "Its id")),
    request_body = Again,
    responses((status = 204, description = "It no longer signs in"), Problems)
)]
async fn drop_passkey(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    address: Option<Extension<ClientAddress>>,
    Path(id): Path<String>,
    Json(wanted): Json<Again>,
) -> Result<StatusCode, Problem> {
    let session = caller.session()?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let account = own(&api, &store, &caller).await?;
    let id = Binary::parse(&id).ok_or_else(|| Problem::not_found("passkey"))?;
    must_prove_again(&api, &store, (&account, session), &wanted.password, address.map(|it| it.0))
        .await?;
    if store.remove_passkey(&access, api.now(), account.number, &id.0).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("passkey"))
    }
}
