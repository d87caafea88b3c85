//! What if: something fixed, or a check that is not published yet, or documents as they would be. Nothing is stored.

mod documents;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use posture::{ScopeLine, StandingChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::{ChangedLine, DryLine, DryRun, Otherwise};

use super::scores::Score;
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::{Json as Body, Object};
use crate::state::Api;

/// Things that one question may assume to be fixed.
const MOST_FIXED: usize = 100;
/// Bytes of a check that is tried: far more than any has.
const MOST_TEXT: usize = 64 * 1024;
/// How long a check is tried; what is left then is said.
const LONGEST: Duration = Duration::from_secs(20);

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(what_if_fixed))
        .routes(routes!(dry_run))
        .merge(documents::routes())
}

/// What would be otherwise for the caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WhatIf {
    /// Assessments that would count otherwise.
    changed: u64,
    /// Of these, the unhealthy ones that would count as healthy.
    fixed: u64,
    /// The first of them, by severity: at most 1,000.
    assessments: Vec<ChangedAssessment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Score>,
    /// The scopes whose score would change.
    scopes: Vec<ChangedScope>,
    /// The requirements whose state would change.
    standings: Vec<ChangedStanding>,
    /// The number of the newest commit that this rests on.
    as_of: u64,
}

/// An assessment that would count otherwise.
#[derive(Debug, Serialize, ToSchema)]
struct ChangedAssessment {
    check: String,
    resource: String,
    name: String,
    /// The verdict as which it counts; missing: it has left the calculation.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'static str>,
}

/// A scope whose score would change, in percent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedScope {
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<f64>,
    controls: Vec<ChangedControl>,
}

/// A control whose points would change in a scope.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedControl {
    control: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<f64>,
}

/// A requirement whose state would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedStanding {
    standard: String,
    requirement: String,
    before: &'static str,
    after: &'static str,
}

impl WhatIf {
    pub(crate) fn new(it: Otherwise, as_of: u64) -> Self {
        let assessment = |it: ChangedLine| ChangedAssessment {
            check: it.check,
            resource: it.resource,
            name: it.name,
            before: it.before.map(model::Verdict::name),
            after: it.after.map(model::Verdict::name),
        };
        let scope = |it: ScopeLine| ChangedScope {
            scope: it.scope,
            before: it.before,
            after: it.after,
            controls: it
                .controls
                .into_iter()
                .map(|it| ChangedControl {
                    control: it.control,
                    before: it.before,
                    after: it.after,
                })
                .collect(),
        };
        let standing = |it: StandingChange| ChangedStanding {
            standard: it.standard,
            requirement: it.requirement,
            before: it.before.name(),
            after: it.after.name(),
        };
        Self {
            changed: it.changed,
            fixed: it.fixed,
            assessments: it.assessments.into_iter().map(assessment).collect(),
            before: it.before.map(Score::from),
            after: it.after.map(Score::from),
            scopes: it.scopes.into_iter().map(scope).collect(),
            standings: it.standings.into_iter().map(standing).collect(),
            as_of,
        }
    }
}

/// What is assumed to be fixed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Fixed {
    /// The id of a check or of a control.
    what: String,
    /// The id of a resource; wherever it is unhealthy, when it is left out.
    resource: Option<String>,
}

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WhatIfFixed {
    #[schema(min_items = 1, max_items = 100, value_type = Vec<Fixed>)]
    fixed: Vec<Object<Fixed>>,
}

/// What the score and the standings would be if something were fixed.
#[utoipa::path(
    post,
    path = "/score/what-if",
    tag = "posture",
    extensions(("x-operation" = json!("whatif.run"))),
    request_body = WhatIfFixed,
    responses((status = 200, description = "What would be otherwise", body = WhatIf), Problems)
)]
async fn what_if_fixed(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(question): Body<WhatIfFixed>,
) -> Result<Response, Problem> {
    if question.fixed.is_empty() || question.fixed.len() > MOST_FIXED {
        return Err(Problem::invalid("fixed", format!("1 to {MOST_FIXED} of them")));
    }
    let fixed = question.fixed.into_iter();
    let fixed: Vec<view::Fixed> =
        fixed.map(|Object(it)| view::Fixed { what: it.what, resource: it.resource }).collect();
    api.read(&caller, move |view, sight| {
        let found = view.what_if_fixed(sight, &fixed);
        let found = found.map_err(|error| Problem::invalid("fixed", error.to_string()))?;
        Ok(axum::Json(WhatIf::new(found, view.sequence())).into_response())
    })
    .await
}

/// A check to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckToTry {
    /// The check as YAML, as a file of content.
    #[schema(max_length = 65536)]
    text: String,
}

/// What a check would say.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Tried {
    /// Its id.
    check: String,
    healthy: u64,
    unhealthy: u64,
    unknown: u64,
    not_applicable: u64,
    /// Resources of its kinds that were not judged, because there are too many or it took too long.
    left: u64,
    /// How often the verdict is another one than the check of this id gives now.
    changed: u64,
    /// The first resources that would be unhealthy; at most 200.
    unhealthy_resources: Vec<TriedOn>,
    /// The first resources about which it would not know; at most 200.
    unknown_resources: Vec<TriedOn>,
    /// The number of the newest commit that this rests on.
    as_of: u64,
}

/// What it would say about one resource.
#[derive(Debug, Serialize, ToSchema)]
struct TriedOn {
    resource: String,
    name: String,
    /// The verdict that the check of this id gives now.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'static str>,
    /// Why it would not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Tried {
    fn new(it: DryRun, as_of: u64) -> Self {
        let line = |it: DryLine| TriedOn {
            resource: it.resource,
            name: it.name,
            before: it.before.map(model::Verdict::name),
            why: it.why,
        };
        Self {
            check: it.check,
            healthy: it.counts.healthy,
            unhealthy: it.counts.unhealthy,
            unknown: it.counts.unknown,
            not_applicable: it.counts.not_applicable,
            left: it.left,
            changed: it.changed,
            unhealthy_resources: it.unhealthy.into_iter().map(line).collect(),
            unknown_resources: it.unknown.into_iter().map(line).collect(),
            as_of,
        }
    }
}

/// What a check would say about all resources, before it is published.
#[utoipa::path(
    post,
    path = "/checks/dry-run",
    tag = "content",
    extensions(("x-operation" = json!("recommendation.write"))),
    request_body = CheckToTry,
    responses((status = 200, description = "What it would say", body = Tried), Problems)
)]
async fn dry_run(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(it): Body<CheckToTry>,
) -> Result<Response, Problem> {
    // Its predicates look at everything: whoever asks must have it on the whole tenant.
    caller.must(&[], "tenant")?;
    if it.text.len() > MOST_TEXT {
        return Err(Problem::invalid("text", "must have 65,536 bytes at most"));
    }
    let turn = api.turn_to_ask().await?;
    let (clock, end) =
        (api.clock(), api.now().saturating_add(LONGEST).unwrap_or(jiff::Timestamp::MAX));
    let is_over: Arc<dyn Fn() -> bool + Send + Sync> = Arc::new(move || clock() >= end);
    api.read(&caller, move |view, sight| {
        let _turn = turn;
        let found = view.dry_run(sight, &it.text, &is_over).map_err(super::checks::wrong_text)?;
        Ok(axum::Json(Tried::new(found, view.sequence())).into_response())
    })
    .await
}
