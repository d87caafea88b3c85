//! Settings that people change while the server runs.

use std::time::Duration;

use ::people::{Operation, SessionLimits};
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::SettingRow;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::{Json as Body, Path};
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
const KNOWN: [Known; 3] = [
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
        name: "token.longestDays",
        about: "A token of the interface is valid for at most so many days.",
        default: 365,
        range: (1, 730),
    },
];

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_settings)).routes(routes!(put_setting))
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

/// How long sessions live.
pub(crate) async fn session_limits(api: &Api) -> Result<SessionLimits, Problem> {
    let changed = api.store()?.settings(&api.access("merlon")).await?;
    let idle = Duration::from_mins(value_in(&changed, "session.idleMinutes"));
    let absolute = Duration::from_hours(value_in(&changed, "session.absoluteHours"));
    Ok(SessionLimits { idle, absolute })
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
    tag::must_match(&headers, &all(&api, &caller).await?)?;
    let value: Option<Json> = new.value.map(|it| json!(it));
    let access = api.access(&caller.name);
    api.store()?.set(&access, api.now(), known.name, value.as_ref()).await?;
    api.forget_settings();
    Ok(axum::Json(all(&api, &caller).await?))
}
