//! Reports for print, and the same figures as CSV.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::settings::organisation;
use crate::guard::Caller;
use crate::past::within;
use crate::problem::{Problem, Problems};
use crate::query::{Path, Query};
use crate::report::{About, Ground, Report, policy, posture_report, standard_report};
use crate::state::Api;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(report_standard)).routes(routes!(report_posture))
}

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum ReportForm {
    /// For print.
    Html,
    /// The figures.
    Csv,
}

/// Which report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// What `Accept` asks for, when it is left out; else HTML.
    #[param(inline)]
    format: Option<ReportForm>,
    /// A scope, with all below; everything that the caller sees, when it is left out.
    #[param(min_length = 1)]
    scope: Option<String>,
    /// As it was then: the number of a commit, an instant (RFC 3339) or a day.
    #[param(min_length = 1)]
    at: Option<String>,
}

impl Wanted {
    fn form(&self, headers: &HeaderMap) -> ReportForm {
        let accept = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or("");
        let is_csv = accept.split(',').next().is_some_and(|it| it.trim().starts_with("text/csv"));
        self.format.unwrap_or(if is_csv { ReportForm::Csv } else { ReportForm::Html })
    }
}

/// A report as an answer: as a page that runs nothing, or as a file.
fn answer(report: Report, form: ReportForm, name: &str) -> Response {
    let name: String =
        name.chars().filter(|it| it.is_ascii_alphanumeric() || "-_.".contains(*it)).collect();
    match form {
        ReportForm::Html => {
            let mut response = report.html.into_response();
            let headers = response.headers_mut();
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, html);
            if let Ok(policy) = HeaderValue::from_str(&policy()) {
                headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            response
        }
        ReportForm::Csv => {
            let file = format!("attachment; filename=\"merlon-{name}.csv\"");
            let media = "text/csv; charset=utf-8; header=present";
            let fields = [(header::CONTENT_TYPE, media), (header::CONTENT_DISPOSITION, &file)];
            (fields, report.csv).into_response()
        }
    }
}

/// Where things stand against a standard: requirements, findings with evidence, attestations, exemptions.
#[utoipa::path(
    get,
    path = "/reports/standards/{id}",
    tag = "posture",
    extensions(("x-operation" = json!("report.read"))),
    params(("id" = String, Path, description = "The standard"), Wanted),
    responses(
        (
            status = 200,
            description = "The report",
            content((String = "text/html"), (String = "text/csv"))
        ),
        Problems
    )
)]
async fn report_standard(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let attestations = api.store()?.attestations(&api.access(&caller.name), &id).await?;
    let (organisation, now) = (organisation(&api).await?, api.now());
    let (form, by) = (wanted.form(&headers), std::sync::Arc::clone(&caller.name));
    api.read_at(&caller, wanted.at.clone().as_deref(), move |view, sight| {
        let scope = wanted.scope.as_deref();
        let sight = within(view, sight, scope)?;
        let ground = Ground { view, sight: &sight, attestations: &attestations };
        let about = About { organisation: &organisation, now, by: &by, scope };
        let report = standard_report(ground, &id, &about);
        let report = report.ok_or_else(|| Problem::not_found("standard"))?;
        Ok(answer(report, form, &id))
    })
    .await
}

/// How everything stands: the score, what to fix first, standards, coverage.
#[utoipa::path(
    get,
    path = "/reports/posture",
    tag = "posture",
    extensions(("x-operation" = json!("report.read"))),
    params(Wanted),
    responses(
        (
            status = 200,
            description = "The report",
            content((String = "text/html"), (String = "text/csv"))
        ),
        Problems
    )
)]
async fn report_posture(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let (organisation, now) = (organisation(&api).await?, api.now());
    let (form, by) = (wanted.form(&headers), std::sync::Arc::clone(&caller.name));
    api.read_at(&caller, wanted.at.clone().as_deref(), move |view, sight| {
        let scope = wanted.scope.as_deref();
        let sight = within(view, sight, scope)?;
        let ground = Ground { view, sight: &sight, attestations: &[] };
        let about = About { organisation: &organisation, now, by: &by, scope };
        Ok(answer(posture_report(ground, &about), form, "posture"))
    })
    .await
}
