//! Settings that people change while the server runs.

use std::time::Duration;

use ::people::{Operation, SessionLimits};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::SettingRow;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::{Json as Body, Path, whole};
use crate::state::Api;
use crate::tag;
use crate::time::Time;

/// A setting: name, meaning, default, smallest and greatest value.
struct Known {
    name: &'static str,
    about: &'static str,
    default: u64,
    range: (u64, u64),
}

/// Every setting.
const KNOWN: [Known; 8] = [
    Known {
        name: "session.idleMinutes",
        about: "A session ends after so many minutes without a request.",
        default: 60,
        range: (5, 1440),
    },
    Known {
        name: "session.absoluteHours",
        about: "A session ends so many hours after signing in, whatever happens.",
        default: 12,
        range: (1, 168),
    },
    Known {
        name: SECOND_FACTOR,
        about: "1: whoever signs in with a password needs a second factor, an app or a passkey; who has none can do \
                nothing but set one up. Tokens, and who signs in at an identity provider, need none.",
        default: 0,
        range: (0, 1),
    },
    Known {
        name: "token.longestDays",
        about: "A token of the interface is valid for at most so many days.",
        default: 365,
        range: (1, 730),
    },
    Known {
        name: RETENTION_VERSIONS,
        about: "Earlier versions of resources and their documents, exemptions and what was collected are kept so \
                many days; where the configuration of the server says less, that counts.",
        default: 400,
        range: (1, 36500),
    },
    Known {
        name: RETENTION_ASSESSMENTS,
        about: "Earlier verdicts are kept so many days, as above.",
        default: 400,
        range: (1, 36500),
    },
    Known {
        name: RETENTION_SCORES,
        about: "Earlier scores, counts and standings are kept so many days, as above.",
        default: 400,
        range: (1, 36500),
    },
    Known {
        name: RETENTION_JOBS,
        about: "Jobs that have ended are kept so many days, as above.",
        default: 30,
        range: (1, 36500),
    },
];

/// The name of the setting that demands a second factor.
const SECOND_FACTOR: &str = "signIn.secondFactor";

/// Names of the settings that say how many days history is kept; `app` reads them when it removes what is older.
pub const RETENTION_VERSIONS: &str = "retention.versionsDays";
/// As [`RETENTION_VERSIONS`], for verdicts.
pub const RETENTION_ASSESSMENTS: &str = "retention.assessmentsDays";
/// As [`RETENTION_VERSIONS`], for scores.
pub const RETENTION_SCORES: &str = "retention.scoresDays";
/// As [`RETENTION_VERSIONS`], for jobs.
pub const RETENTION_JOBS: &str = "retention.jobsDays";

/// The name of the setting that names the organisation.
const ORGANISATION: &str = "organisation.name";
/// Characters of the name of an organisation.
const MOST_NAME: usize = 100;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_settings))
        .routes(routes!(put_setting))
        .routes(routes!(get_organisation, put_organisation))
}

/// A setting.
#[derive(Debug, Serialize, ToSchema)]
struct Setting {
    name: &'static str,
    /// What it is for.
    about: &'static str,
    value: u64,
    default: u64,
    least: u64,
    most: u64,
    /// Who changed it; missing at its default.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Time>,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

/// All settings with what they may be.
#[utoipa::path(
    get,
    path = "/settings",
    tag = "server",
    extensions(("x-operation" = json!("settings.read"))),
    responses((status = 200, description = "The settings", body = Vec<Setting>), Problems)
)]
async fn list_settings(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<axum::Json<Vec<Setting>>, Problem> {
    Ok(axum::Json(all(&api, &caller).await?))
}

async fn all(api: &Api, caller: &Caller) -> Result<Vec<Setting>, Problem> {
    let changed = api.store()?.settings(&api.access(&caller.name)).await?;
    let shown = KNOWN.iter().map(|known| {
        let row = changed.iter().find(|it| it.name == known.name);
        Setting {
            name: known.name,
            about: known.about,
            value: row.and_then(|it| it.value.as_u64()).unwrap_or(known.default),
            default: known.default,
            least: known.range.0,
            most: known.range.1,
            by: row.map(|it| it.actor.clone()),
            at: row.map(|it| it.at.into()),
            can: caller.can(&[Operation::SettingsWrite], &[]),
        }
    });
    Ok(shown.collect())
}

/// The value of a setting.
pub(crate) async fn value_of(api: &Api, name: &str) -> Result<u64, Problem> {
    let changed = api.store()?.settings(&api.access("merlon")).await?;
    Ok(value_in(&changed, name))
}

/// What holds for all sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionRules {
    /// How long they live.
    pub(crate) limits: SessionLimits,
    /// Whether one that began with a password needs an account with a second factor.
    pub(crate) needs_second_factor: bool,
}

/// What holds for all sessions.
pub(crate) async fn session_rules(api: &Api) -> Result<SessionRules, Problem> {
    let changed = api.store()?.settings(&api.access("merlon")).await?;
    let idle = Duration::from_mins(value_in(&changed, "session.idleMinutes"));
    let absolute = Duration::from_hours(value_in(&changed, "session.absoluteHours"));
    let needs_second_factor = value_in(&changed, SECOND_FACTOR) > 0;
    Ok(SessionRules { limits: SessionLimits { idle, absolute }, needs_second_factor })
}

fn value_in(changed: &[SettingRow], name: &str) -> u64 {
    let row = changed.iter().find(|it| it.name == name);
    let default = KNOWN.iter().find(|it| it.name == name).map_or(0, |it| it.default);
    row.and_then(|it| it.value.as_u64()).unwrap_or(default)
}

/// A new value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewValue {
    /// Null: back to the default.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 0)]
    value: Option<u64>,
}

/// Changes a setting.
#[utoipa::path(
    put,
    path = "/settings/{name}",
    tag = "server",
    extensions(("x-operation" = json!("settings.write"))),
    params(("name" = String, Path, description = "Its name")),
    request_body = NewValue,
    responses((status = 200, description = "All settings", body = Vec<Setting>), Problems)
)]
async fn put_setting(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(new): Body<NewValue>,
) -> Result<axum::Json<Vec<Setting>>, Problem> {
    caller.must(&[], "setting")?;
    let known = KNOWN.iter().find(|it| it.name == name);
    let known = known.ok_or_else(|| Problem::not_found("setting"))?;
    let (least, most) = known.range;
    if new.value.is_some_and(|it| !(least..=most).contains(&it)) {
        return Err(Problem::invalid("value", format!("must be {least} to {most}")));
    }
    if known.name == SECOND_FACTOR && new.value == Some(1) && !api.gate().has_second_factors() {
        let detail = "nobody could set one up: apps need a master key on the server, passkeys need `server.origin`";
        return Err(Problem::new(StatusCode::CONFLICT, "no-second-factor", detail));
    }
    tag::must_match(&headers, &all(&api, &caller).await?)?;
    let value: Option<Json> = new.value.map(|it| json!(it));
    let access = api.access(&caller.name);
    api.store()?.set(&access, api.now(), known.name, value.as_ref()).await?;
    api.forget_settings();
    Ok(axum::Json(all(&api, &caller).await?))
}

/// The organisation that this server is for.
#[derive(Debug, Serialize, ToSchema)]
struct Organisation {
    /// Its name, as reports and pages show it; may be empty.
    name: String,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

/// A name for the organisation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrganisation {
    /// Empty: it has none.
    #[schema(max_length = 100)]
    name: String,
}

/// The name of the organisation; empty where none was given.
pub(crate) async fn organisation(api: &Api) -> Result<String, Problem> {
    let changed = api.store()?.settings(&api.access("merlon")).await?;
    let row = changed.into_iter().find(|it| it.name == ORGANISATION);
    Ok(row.and_then(|it| it.value.as_str().map(str::to_owned)).unwrap_or_default())
}

async fn shown_organisation(api: &Api, caller: &Caller) -> Result<Organisation, Problem> {
    let name = organisation(api).await?;
    Ok(Organisation { name, can: caller.can(&[Operation::SettingsWrite], &[]) })
}

/// The organisation that this server is for.
#[utoipa::path(
    get,
    path = "/organisation",
    tag = "server",
    extensions(("x-operation" = json!("content.read"))),
    responses((status = 200, description = "The organisation", body = Organisation), Problems)
)]
async fn get_organisation(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<axum::Json<Organisation>, Problem> {
    Ok(axum::Json(shown_organisation(&api, &caller).await?))
}

/// Names the organisation.
#[utoipa::path(
    put,
    path = "/organisation",
    tag = "server",
    extensions(("x-operation" = json!("settings.write"))),
    request_body = NewOrganisation,
    responses((status = 200, description = "The organisation", body = Organisation), Problems)
)]
async fn put_organisation(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Body(new): Body<NewOrganisation>,
) -> Result<axum::Json<Organisation>, Problem> {
    caller.must(&[], "organisation")?;
    let name = new.name.trim();
    if name.chars().count() > MOST_NAME || name.chars().any(char::is_control) {
        return Err(Problem::invalid("name", "must have 100 characters at most, on one line"));
    }
    tag::must_match(&headers, &shown_organisation(&api, &caller).await?)?;
    let value = (!name.is_empty()).then(|| json!(name));
    let access = api.access(&caller.name);
    api.store()?.set(&access, api.now(), ORGANISATION, value.as_ref()).await?;
    Ok(axum::Json(shown_organisation(&api, &caller).await?))
}
