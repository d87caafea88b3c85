//! What Merlon knows: checks, controls, standards, kinds, as they are written.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use model::Severity;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::recommendations::CheckText;
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::Path;
use crate::state::Api;
use crate::words;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_checks))
        .routes(routes!(get_check))
        .routes(routes!(list_controls))
        .routes(routes!(list_kinds))
}

/// A check in a list.
#[derive(Debug, Serialize, ToSchema)]
struct CheckLine<'v> {
    id: &'v str,
    title: &'v str,
    #[schema(value_type = words::Severity)]
    severity: Severity,
    control: &'v str,
    kinds: Vec<&'v str>,
    /// How many cases hold it to what it says.
    cases: usize,
}

/// All checks.
#[utoipa::path(
    get,
    path = "/content/checks",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    responses((status = 200, description = "The checks", body = Vec<CheckLine<'static>>), Problems)
)]
async fn list_checks(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let library = view.library();
        let line = |it: &'static content::Check| CheckLine {
            id: &it.id,
            title: &it.title,
            severity: it.severity,
            control: &it.control,
            kinds: it.all_kinds().collect(),
            cases: library.check_cases(&it.id).len(),
        };
        Ok(axum::Json(library.checks().map(line).collect::<Vec<_>>()).into_response())
    })
    .await
}

/// A check as it is written.
#[derive(Debug, Serialize, ToSchema)]
struct CheckDetail<'v> {
    id: &'v str,
    title: &'v str,
    #[schema(value_type = words::Severity)]
    severity: Severity,
    control: &'v str,
    #[serde(flatten)]
    text: CheckText<'v>,
}

/// One check.
#[utoipa::path(
    get,
    path = "/content/checks/{id}",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The check", body = CheckDetail<'static>), Problems)
)]
async fn get_check(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let it = view.library().check(&id).ok_or_else(|| Problem::not_found("check"))?;
        let (id, title, control) = (&*it.id, &*it.title, &*it.control);
        let detail = CheckDetail { id, title, severity: it.severity, control, text: it.into() };
        Ok(axum::Json(detail).into_response())
    })
    .await
}

/// A group of checks that is worth points in the secure score.
#[derive(Debug, Serialize, ToSchema)]
struct ControlText<'v> {
    id: &'v str,
    title: &'v str,
    /// Most points that it can earn in one scope; 0 for advice only.
    points: f64,
    description: &'v str,
    checks: Vec<&'v str>,
}

/// All controls.
#[utoipa::path(
    get,
    path = "/controls",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    responses((status = 200, description = "The controls", body = Vec<ControlText<'static>>), Problems)
)]
async fn list_controls(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let library = view.library();
        let control = |it: &'static content::Control| ControlText {
            id: &it.id,
            title: &it.title,
            points: it.points,
            description: &it.description,
            checks: library.checks().filter(|c| c.control == it.id).map(|c| &*c.id).collect(),
        };
        Ok(axum::Json(library.controls().map(control).collect::<Vec<_>>()).into_response())
    })
    .await
}

/// A kind of resource.
#[derive(Debug, Serialize, ToSchema)]
struct KindLine<'v> {
    id: &'v str,
    title: &'v str,
    /// The cloud's own type.
    native: &'v str,
    labels: &'v [String],
}

/// All kinds of resources that are described.
#[utoipa::path(
    get,
    path = "/content/kinds",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    responses((status = 200, description = "The kinds", body = Vec<KindLine<'static>>), Problems)
)]
async fn list_kinds(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let line = |it: &'static content::Kind| KindLine {
            id: &it.id,
            title: &it.title,
            native: &it.native,
            labels: &it.labels,
        };
        Ok(axum::Json(view.library().kinds().map(line).collect::<Vec<_>>()).into_response())
    })
    .await
}
