//! The second factor: codes of an app, and recovery codes.

use ::people::{
    N_RECOVERY_CODES, TOTP_BYTES, recovery_code, recovery_digest, totp_link, totp_step, totp_text,
};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ClientAddress;
use super::gate::random;
use super::me::{must_prove_again, own};
use super::prove::{Hush, TOTP, Try, totp_secret};
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::Json;
use crate::state::Api;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(begin_totp))
        .routes(routes!(confirm_totp))
        .routes(routes!(drop_totp))
        .routes(routes!(renew_recovery_codes))
}

/// The caller's password, once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordAgain)]
pub(super) struct Again {
    pub(super) password: Hush,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmApp)]
struct Confirm {
    /// What the app shows.
    #[schema(max_length = 64)]
    code: String,
}

/// What the app needs; shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthenticatorApp)]
struct App {
    /// To be typed.
    secret: String,
    /// To be shown as a picture.
    link: String,
}

/// Codes that each replace the app once; shown once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// Begins to use an app: its secret counts once a code of it has confirmed it.
#[utoipa::path(
    post,
    path = "/me/totp",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    request_body = Again,
    responses((status = 200, description = "For the app", body = App), Problems)
)]
async fn begin_totp(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    address: Option<Extension<ClientAddress>>,
    Json(wanted): Json<Again>,
) -> Result<axum::Json<App>, Problem> {
    let session = caller.session()?;
    let store = api.store()?;
    let account = own(&api, &store, &caller).await?;
    must_prove_again(&api, &store, (&account, session), &wanted.password, address.map(|it| it.0))
        .await?;
    let secret = random::<TOTP_BYTES>()?;
    let name = format!("{TOTP}.{}", account.number);
    let sealed = api.gate().seal.as_ref().and_then(|it| it.seal(&name, &secret));
    let Some(sealed) = sealed else {
        let detail = "codes need a master key, which this server does not have";
        return Err(Problem::new(StatusCode::CONFLICT, "no-master-key", detail));
    };
    store.begin_totp(&api.access(&caller.name), account.number, &sealed).await?;
    let link = totp_link("Merlon", &account.name, &secret);
    Ok(axum::Json(App { secret: totp_text(&secret), link }))
}

/// Confirms the app with a code of it: from now on signing in asks for one.
#[utoipa::path(
    post,
    path = "/me/totp/confirm",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    request_body = Confirm,
    responses((status = 200, description = "Codes for a lost app", body = RecoveryCodes), Problems)
)]
async fn confirm_totp(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    address: Option<Extension<ClientAddress>>,
    Json(wanted): Json<Confirm>,
) -> Result<axum::Json<RecoveryCodes>, Problem> {
    let session = caller.session()?;
    let store = api.store()?;
    let account = own(&api, &store, &caller).await?;
    let attempt = Try::begin(&api, &store, Some(&account.name), address.map(|it| it.0)).await?;
    let secret = totp_secret(&api, &account).filter(|_| !account.totp_on);
    let step = secret.and_then(|it| totp_step(&it, &wanted.code, api.now(), None));
    let step = step.ok_or_else(|| Problem::invalid("code", "is not what the app shows now"))?;
    attempt.succeeded(&api, &store).await?;
    let (codes, hashes) = recovery_codes()?;
    let access = api.access(&caller.name);
    store.confirm_totp(&access, api.now(), account.number, step, &hashes).await?;
    if !account.has_second_factor() {
        end_unproved(&api, &caller, session).await?;
    }
    Ok(axum::Json(codes))
}

/// Ends the other sessions of an account that has its first second factor now, where one is demanded: they began with a
/// password alone, and would pass for more from now on.
pub(super) async fn end_unproved(api: &Api, caller: &Caller, kept: u64) -> Result<(), Problem> {
    if api.session_rules().await?.needs_second_factor {
        let access = api.access(&caller.name);
        api.store()?.end_sessions(&access, api.now(), caller.account, Some(kept)).await?;
    }
    Ok(())
}

/// Stops using the app.
#[utoipa::path(
    post,
    path = "/me/totp/drop",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    request_body = Again,
    responses((status = 204, description = "Signing in asks for no code"), Problems)
)]
async fn drop_totp(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    address: Option<Extension<ClientAddress>>,
    Json(wanted): Json<Again>,
) -> Result<StatusCode, Problem> {
    let session = caller.session()?;
    let store = api.store()?;
    let account = own(&api, &store, &caller).await?;
    must_prove_again(&api, &store, (&account, session), &wanted.password, address.map(|it| it.0))
        .await?;
    store.drop_totp(&api.access(&caller.name), api.now(), account.number).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// New recovery codes; those before no longer count.
#[utoipa::path(
    post,
    path = "/me/recovery-codes",
    tag = "people",
    extensions(("x-operation" = json!("token.own"))),
    request_body = Again,
    responses((status = 200, description = "The new codes", body = RecoveryCodes), Problems)
)]
async fn renew_recovery_codes(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    address: Option<Extension<ClientAddress>>,
    Json(wanted): Json<Again>,
) -> Result<axum::Json<RecoveryCodes>, Problem> {
    let session = caller.session()?;
    let store = api.store()?;
    let account = own(&api, &store, &caller).await?;
    must_prove_again(&api, &store, (&account, session), &wanted.password, address.map(|it| it.0))
        .await?;
    let access = api.access(&caller.name);
    if !account.has_second_factor() {
        let detail = "recovery codes replace an app or a passkey, and there is none";
        return Err(Problem::new(StatusCode::CONFLICT, "conflict", detail));
    }
    let (codes, hashes) = recovery_codes()?;
    store.set_recovery_codes(&access, api.now(), account.number, &hashes).await?;
    Ok(axum::Json(codes))
}

fn recovery_codes() -> Result<(RecoveryCodes, Vec<[u8; 32]>), Problem> {
    let codes = (0..N_RECOVERY_CODES)
        .map(|_| Ok(recovery_code(&random()?)))
        .collect::<Result<Vec<_>, Problem>>()?;
    let hashes = codes.iter().map(|it| recovery_digest(it)).collect();
    Ok((RecoveryCodes { recovery_codes: codes }, hashes))
}
