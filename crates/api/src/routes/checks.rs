//! Checks that people write themselves: drafts, versions, what differs, publishing, rolling back.

mod deeds;

use ::people::Operation;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use content::{ContentProblem, OwnCheck as Read};
use model::Severity;
use serde::{Deserialize, Serialize};
use store::{At, CustomCheck, Published};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::View;

use super::content::{CheckDetail, check_detail};
use crate::guard::Caller;
use crate::page::Page;
use crate::problem::{FieldProblem, Problem, Problems};
use crate::query::{Json as Body, Path};
use crate::state::Api;
use crate::tag;
use crate::time::Time;
use crate::words;

/// Own checks of a tenant.
const MOST_CHECKS: usize = 1000;
/// Versions of a check.
const MOST_VERSIONS: u64 = 1000;

/// Bytes of the text of a check.
const MOST_TEXT: usize = 64 << 10;
/// Bytes of its cases.
const MOST_CASES: usize = 256 << 10;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_own_checks, add_own_check))
        .routes(routes!(get_own_check, change_own_check, deeds::delete_own_check))
        .routes(routes!(validate_own_check))
        .merge(deeds::routes())
}

/// How a check that somebody wrote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum OwnState {
    /// It was never published.
    Draft,
    /// Its last version counts.
    Published,
    /// A version counts, and there is a later one.
    Changed,
    /// It was published and does not count now.
    Disabled,
}

/// A check that somebody wrote.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OwnCheck {
    /// Begins with `own.`.
    id: String,
    /// Empty where its text is no check any more.
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::Severity>)]
    severity: Option<Severity>,
    control: String,
    kinds: Vec<String>,
    state: OwnState,
    /// Its last version.
    latest: u64,
    /// The version that was published last.
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<u64>,
    /// Who wrote the last version.
    actor: String,
    at: Time,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

impl OwnCheck {
    fn shown(
        row: &CustomCheck,
        published: Option<Published>,
        read: Option<&Read>,
        caller: &Caller,
    ) -> Self {
        let check = read.map(|it| &it.check);
        let state = match published {
            None => OwnState::Draft,
            Some(it) if !it.is_on => OwnState::Disabled,
            Some(it) if it.version == row.version => OwnState::Published,
            Some(_) => OwnState::Changed,
        };
        Self {
            id: row.id.clone(),
            title: check.map(|it| it.title.clone()).unwrap_or_default(),
            severity: check.map(|it| it.severity),
            control: check.map(|it| it.control.clone()).unwrap_or_default(),
            kinds: check.map(|it| it.all_kinds().map(str::to_owned).collect()).unwrap_or_default(),
            state,
            latest: row.version,
            published: published.map(|it| it.version),
            actor: row.actor.clone(),
            at: row.at.into(),
            can: caller.can(&[Operation::RecommendationWrite], &[]),
        }
    }
}

/// A check that somebody wrote, with its text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OwnCheckDetail<'v> {
    #[serde(flatten)]
    own: OwnCheck,
    /// The last version, as it is written.
    text: String,
    /// Its cases, as they are written; may be empty.
    cases: String,
    /// What it says, with its cases and what they cover; missing where the text is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<CheckDetail<'v>>,
    /// What is wrong with it.
    problems: Vec<TextProblem>,
}

/// What is wrong with a text, and where.
#[derive(Debug, Serialize, ToSchema)]
struct TextProblem {
    /// `text` or `cases`.
    #[serde(rename = "in")]
    place: &'static str,
    /// The line, from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The character in the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    /// What is wrong, and what was expected.
    detail: String,
}

impl From<ContentProblem> for TextProblem {
    fn from(it: ContentProblem) -> Self {
        let ContentProblem { line, column, message, .. } = &it;
        Self { place: part(&it), line: *line, column: *column, detail: message.clone() }
    }
}

/// Which part of a check a problem is about.
fn part(it: &ContentProblem) -> &'static str {
    if it.file.starts_with("case") { "cases" } else { "text" }
}

/// 400: the text of a check is wrong; with the places.
pub(crate) fn wrong_text(problems: Vec<ContentProblem>) -> Problem {
    let field = |it: ContentProblem| {
        let field = FieldProblem::new(part(&it), it.message.clone());
        field.at(it.line.zip(it.column), None)
    };
    Problem::invalid_fields(problems.into_iter().map(field).collect())
}

/// Reads a check against what the view knows, with everything that is wrong with it.
fn read(view: &View, text: &str, cases: &str) -> Result<Read, Vec<ContentProblem>> {
    let own = view.library().read_own(text, cases)?;
    let graph = Some(view.graph());
    let problems = posture::check_text_problems(view.library(), graph, &own.check, text);
    if problems.is_empty() { Ok(own) } else { Err(problems) }
}

/// All checks that people wrote here, drafts too.
#[utoipa::path(
    get,
    path = "/checks",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    responses((status = 200, description = "The checks", body = Page<OwnCheck>), Problems)
)]
async fn list_own_checks(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    let (store, access) = (api.store()?, api.access(&caller.name));
    let rows = store.custom_checks(&access).await?;
    let published = store.published_checks(&access, At::Now).await?.0;
    let rights = caller.clone();
    api.read(&caller, move |view, _| {
        let items: Vec<OwnCheck> = rows
            .iter()
            .filter(|it| !it.text.is_empty())
            .map(|row| {
                let read = view.library().read_own(&row.text, &row.cases).ok();
                let published = published.get(&row.id).copied();
                OwnCheck::shown(row, published, read.as_ref(), &rights)
            })
            .collect();
        let total = Some(items.len() as u64);
        let page = Page { items, next: None, total, as_of: view.sequence() };
        Ok(axum::Json(page).into_response())
    })
    .await
}

/// The last version of a check, which is not deleted.
async fn last(api: &Api, caller: &Caller, id: &str) -> Result<CustomCheck, Problem> {
    let rows = api.store()?.custom_versions(&api.access(&caller.name), id).await?;
    let last = rows.into_iter().next_back().filter(|it| !it.text.is_empty());
    last.ok_or_else(|| Problem::not_found("check of your own"))
}

/// Answers with a check as it is written.
async fn show(
    api: &Api,
    caller: &Caller,
    row: CustomCheck,
    headers: Option<&HeaderMap>,
) -> Result<Response, Problem> {
    let published = api.store()?.published_checks(&api.access(&caller.name), At::Now).await?;
    let published = published.0.get(&row.id).copied();
    let (rights, headers) = (caller.clone(), headers.cloned());
    let reads = Caller { operation: Operation::ContentRead, ..caller.clone() };
    api.read(&reads, move |view, _| {
        let read = read(view, &row.text, &row.cases);
        let own = OwnCheck::shown(&row, published, read.as_ref().ok(), &rights);
        let (check, problems) = match &read {
            Ok(it) => (Some(check_detail(view.library(), &it.check, &it.cases)), Vec::new()),
            Err(problems) => (None, problems.iter().cloned().map(TextProblem::from).collect()),
        };
        let (text, cases) = (row.text.clone(), row.cases.clone());
        let detail = OwnCheckDetail { own, text, cases, check, problems };
        if let Some(headers) = headers {
            tag::must_match(&headers, &detail)?;
        }
        Ok(axum::Json(detail).into_response())
    })
    .await
}

/// One check that somebody wrote.
#[utoipa::path(
    get,
    path = "/checks/{id}",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The check", body = OwnCheckDetail<'static>), Problems)
)]
async fn get_own_check(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let row = last(&api, &caller, &id).await?;
    show(&api, &caller, row, None).await
}

/// A check as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckToWrite {
    /// The check as YAML, as a file of content. Its id begins with `own.`.
    #[schema(max_length = 65536)]
    text: String,
    /// Its cases as YAML, as a file of cases beside it.
    #[serde(default)]
    #[schema(max_length = 262_144)]
    cases: String,
}

/// What is wrong with a check.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Validated<'v> {
    /// Everything that is wrong; empty: it can be kept and published.
    problems: Vec<TextProblem>,
    /// What it says, with its cases and what they cover; missing where something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<CheckDetail<'v>>,
}

impl<'v> Validated<'v> {
    fn of(view: &'v View, found: &'v Result<Read, Vec<ContentProblem>>) -> Self {
        match found {
            Ok(own) => {
                let check = check_detail(view.library(), &own.check, &own.cases);
                Self { problems: Vec::new(), check: Some(check) }
            }
            Err(problems) => {
                let problems = problems.iter().cloned().map(TextProblem::from).collect();
                Self { problems, check: None }
            }
        }
    }
}

/// Says what is wrong with the text of a check and of its cases: the answer of `POST /checks/validate`.
pub fn validate_check(view: &View, text: &str, cases: &str) -> serde_json::Value {
    let found = read(view, text, cases);
    serde_json::to_value(Validated::of(view, &found)).unwrap_or_default()
}

/// Says what is wrong with a check, with line and column. Nothing is kept.
#[utoipa::path(
    post,
    path = "/checks/validate",
    tag = "content",
    extensions(("x-operation" = json!("recommendation.write"))),
    request_body = CheckToWrite,
    responses((status = 200, description = "What is wrong", body = Validated<'static>), Problems)
)]
async fn validate_own_check(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(it): Body<CheckToWrite>,
) -> Result<Response, Problem> {
    caller.must(&[], "tenant")?;
    // Problems are for texts that can be read at all; longer ones are none.
    for (name, text, most) in [("text", &it.text, MOST_TEXT), ("cases", &it.cases, MOST_CASES)] {
        if text.len() > most {
            return Err(Problem::invalid(name, format!("must have {most} bytes at most")));
        }
    }
    api.read(&caller, move |view, _| {
        let found = read(view, &it.text, &it.cases);
        let validated = Validated::of(view, &found);
        Ok(axum::Json(validated).into_response())
    })
    .await
}

/// Keeps a new check as a draft: it counts once it is published.
#[utoipa::path(
    post,
    path = "/checks",
    tag = "content",
    extensions(("x-operation" = json!("recommendation.write"))),
    request_body = CheckToWrite,
    responses(
        (status = 201, description = "It is kept", body = OwnCheckDetail<'static>),
        Problems
    )
)]
async fn add_own_check(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(it): Body<CheckToWrite>,
) -> Result<Response, Problem> {
    caller.must(&[], "tenant")?;
    let id = id_of(&api, &it).await?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let rows = store.custom_checks(&access).await?;
    if rows.len() >= MOST_CHECKS {
        let detail = format!("there are {MOST_CHECKS} checks of your own already");
        return Err(Problem::new(StatusCode::CONFLICT, "too-many", detail));
    }
    let before = rows.iter().find(|row| row.id == id);
    if before.is_some_and(|it| !it.text.is_empty()) {
        let detail = format!("there is a check `{id}` already: change it, or take another id");
        return Err(Problem::new(StatusCode::CONFLICT, "conflict", detail));
    }
    // One that was deleted goes on with its versions.
    let base = before.map_or(0, |it| it.version);
    store.add_custom(&access, api.now(), base, (&id, &it.text, &it.cases)).await?;
    let row = last(&api, &caller, &id).await?;
    let shown = show(&api, &caller, row, None).await?;
    let place = [(header::LOCATION, format!("/api/v1/checks/{id}"))];
    Ok((StatusCode::CREATED, place, shown).into_response())
}

/// The id of a check that is as it must be.
async fn id_of(api: &Api, it: &CheckToWrite) -> Result<String, Problem> {
    let view = api.view()?;
    let (text, cases) = (it.text.clone(), it.cases.clone());
    let found = api.compute(move || read(&view, &text, &cases).map_err(wrong_text)).await?;
    Ok(found.check.id.clone())
}

/// Adds a version to a check, on top of the last. Which version counts does not change.
#[utoipa::path(
    put,
    path = "/checks/{id}",
    tag = "content",
    extensions(("x-operation" = json!("recommendation.write"))),
    params(("id" = String, Path, description = "Its id")),
    request_body = CheckToWrite,
    responses(
        (status = 200, description = "It is kept", body = OwnCheckDetail<'static>),
        Problems
    )
)]
async fn change_own_check(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(it): Body<CheckToWrite>,
) -> Result<Response, Problem> {
    caller.must(&[], "tenant")?;
    let row = last(&api, &caller, &id).await?;
    // The tag is that of what the caller reads.
    show(&api, &caller, row.clone(), Some(&headers)).await?;
    if id_of(&api, &it).await? != id {
        return Err(Problem::invalid("text", format!("its id must stay `{id}`")));
    }
    if row.version >= MOST_VERSIONS {
        let detail = format!("it has {MOST_VERSIONS} versions: begin a new one");
        return Err(Problem::new(StatusCode::CONFLICT, "too-many", detail));
    }
    if (row.text.as_str(), row.cases.as_str()) != (it.text.as_str(), it.cases.as_str()) {
        let (store, access) = (api.store()?, api.access(&caller.name));
        store.add_custom(&access, api.now(), row.version, (&id, &it.text, &it.cases)).await?;
    }
    let row = last(&api, &caller, &id).await?;
    show(&api, &caller, row, None).await
}
