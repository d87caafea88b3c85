//! Versions of own checks: what differs, which one counts.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use content::{LineChange, compare_lines};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{At, CustomCheck};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::jobs;
use super::last;
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::{Json as Body, Path, Query, whole};
use crate::state::Api;
use crate::time::Time;
use crate::work::{Done, Work};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_own_versions))
        .routes(routes!(get_own_version))
        .routes(routes!(compare_own_versions))
        .routes(routes!(publish_own_check))
        .routes(routes!(disable_own_check))
}

/// A version of an own check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnCheckVersion)]
#[expect(clippy::struct_field_names, reason = "the interface calls it so")]
struct Version {
    version: u64,
    /// Who wrote it.
    actor: String,
    at: Time,
    /// Whether it is the one that counts.
    published: bool,
    /// Whether the check was deleted with it.
    deleted: bool,
}

/// A version with its text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnCheckVersionText)]
struct VersionText {
    #[serde(flatten)]
    version: Version,
    text: String,
    /// Its cases; may be empty.
    cases: String,
}

/// Every version of a check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnCheckVersions)]
struct Versions {
    /// The latest first.
    items: Vec<Version>,
}

/// The version that counts now; 0 where none does.
async fn counting(api: &Api, caller: &Caller, id: &str) -> Result<u64, Problem> {
    let published = api.store()?.published_checks(&api.access(&caller.name), At::Now).await?;
    let found = published.0.get(id).filter(|it| it.is_on);
    Ok(found.map_or(0, |it| it.version))
}

fn shown(it: &CustomCheck, counting: u64) -> Version {
    Version {
        version: it.version,
        actor: it.actor.clone(),
        at: it.at.into(),
        published: it.version == counting,
        deleted: it.text.is_empty(),
    }
}

/// Every version of a check that somebody wrote, also of one that was deleted.
#[utoipa::path(
    get,
    path = "/checks/{id}/versions",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The versions", body = Versions), Problems)
)]
async fn list_own_versions(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<axum::Json<Versions>, Problem> {
    let rows = api.store()?.custom_versions(&api.access(&caller.name), &id).await?;
    if rows.is_empty() {
        return Err(Problem::not_found("check of your own"));
    }
    let counting = counting(&api, &caller, &id).await?;
    Ok(axum::Json(Versions { items: rows.iter().rev().map(|it| shown(it, counting)).collect() }))
}

/// One version of a check.
#[utoipa::path(
    get,
    path = "/checks/{id}/versions/{version}",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    params(
        ("id" = String, Path, description = "Its id"),
        ("version" = u64, Path, description = "The version, from 1")
    ),
    responses((status = 200, description = "The version", body = VersionText), Problems)
)]
async fn get_own_version(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path((id, version)): Path<(String, u64)>,
) -> Result<axum::Json<VersionText>, Problem> {
    let row = api.store()?.custom_version(&api.access(&caller.name), &id, version).await?;
    let version = shown(&row, counting(&api, &caller, &id).await?);
    Ok(axum::Json(VersionText { version, text: row.text, cases: row.cases }))
}

/// Which versions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Two {
    /// The version that is compared with.
    #[param(minimum = 1)]
    from: u64,
    /// The version that is compared.
    #[param(minimum = 1)]
    to: u64,
}

/// What differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
struct Compared {
    from: u64,
    to: u64,
    /// The lines of both texts in one order.
    lines: Vec<ComparedLine>,
}

/// A line of one of two texts, or of both.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedLine {
    sort: LineSort,
    text: String,
}

/// What became of a line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum LineSort {
    Same,
    Removed,
    Added,
}

/// What differs between two versions of a check, line by line.
#[utoipa::path(
    get,
    path = "/checks/{id}/compare",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    params(("id" = String, Path, description = "Its id"), Two),
    responses((status = 200, description = "What differs", body = Compared), Problems)
)]
async fn compare_own_versions(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(two): Query<Two>,
) -> Result<axum::Json<Compared>, Problem> {
    let (store, access) = (api.store()?, api.access(&caller.name));
    let from = store.custom_version(&access, &id, two.from).await?;
    let to = store.custom_version(&access, &id, two.to).await?;
    let compared = api
        .compute(move || {
            let line = |(change, text): (LineChange, &str)| ComparedLine {
                sort: match change {
                    LineChange::Same => LineSort::Same,
                    LineChange::Removed => LineSort::Removed,
                    LineChange::Added => LineSort::Added,
                },
                text: text.to_owned(),
            };
            let lines = compare_lines(&from.text, &to.text).into_iter().map(line).collect();
            Ok(Compared { from: from.version, to: to.version, lines })
        })
        .await?;
    Ok(axum::Json(compared))
}

/// Which version counts from now on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VersionToPublish {
    /// The last one, when it is left out; an earlier one rolls back.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1)]
    version: Option<u64>,
}

/// What came of publishing a check, or of taking it back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PublishedCheck {
    /// The commit that made it count.
    sequence: u64,
    check: String,
    /// The version that counts.
    version: Option<u64>,
    /// Assessments that were evaluated for it.
    evaluated: u64,
    /// What it found.
    found: super::super::recommendations::Counts,
    score: Option<ScoreChange>,
}

/// The score before and after.
#[derive(Debug, Serialize, ToSchema)]
struct ScoreChange {
    before: Option<super::super::scores::Score>,
    after: Option<super::super::scores::Score>,
}

/// Makes a version of a check count, in place of the one that does: in all lists, scores and standards at once.
#[utoipa::path(
    post,
    path = "/checks/{id}/publish",
    tag = "content",
    extensions(("x-operation" = json!("recommendation.write"))),
    params(("id" = String, Path, description = "Its id")),
    request_body = VersionToPublish,
    responses(
        (status = 200, description = "It counts", body = PublishedCheck),
        (status = 202, description = "It will: the job", body = jobs::Job),
        Problems
    )
)]
async fn publish_own_check(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(wanted): Body<VersionToPublish>,
) -> Result<Response, Problem> {
    caller.must(&[], "tenant")?;
    let latest = last(&api, &caller, &id).await?;
    let version = wanted.version.unwrap_or(latest.version);
    api.store()?.custom_version(&api.access(&caller.name), &id, version).await?;
    act(&api, &caller, &id, json!({ "publish": version })).await
}

/// Nothing has to be said.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::empty_structs_with_brackets, reason = "it is read from an object without entries")]
struct Nothing {}

/// Makes a check count no more. It stays, with its versions, and can be published again.
#[utoipa::path(
    post,
    path = "/checks/{id}/disable",
    tag = "content",
    extensions(("x-operation" = json!("recommendation.write"))),
    params(("id" = String, Path, description = "Its id")),
    request_body = Nothing,
    responses(
        (status = 200, description = "It does not count", body = PublishedCheck),
        (status = 202, description = "It will not: the job", body = jobs::Job),
        Problems
    )
)]
async fn disable_own_check(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Response, Problem> {
    caller.must(&[], "tenant")?;
    last(&api, &caller, &id).await?;
    act(&api, &caller, &id, json!("disable")).await
}

/// Deletes a check. What it said stays in the history, and its versions can still be read.
#[utoipa::path(
    delete,
    path = "/checks/{id}",
    tag = "content",
    extensions(("x-operation" = json!("recommendation.write"))),
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is deleted", body = PublishedCheck),
        (status = 202, description = "It will be: the job", body = jobs::Job),
        Problems
    )
)]
pub(super) async fn delete_own_check(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.must(&[], "tenant")?;
    last(&api, &caller, &id).await?;
    act(&api, &caller, &id, json!("delete")).await
}

/// Queues what is to be done with a check, and waits a moment for it to count.
async fn act(
    api: &Api,
    caller: &Caller,
    id: &str,
    deed: serde_json::Value,
) -> Result<Response, Problem> {
    let payload = json!({ "check": id, "deed": deed });
    let job = Work { kind: "own-check", payload, priority: 3 };
    match api.do_work(caller, job).await? {
        Done::Yes(row) => Ok(axum::Json(row.result).into_response()),
        Done::NotYet(row) => Ok(jobs::accepted(row, caller)),
    }
}
