//! Decisions on assets to review: whether a classification that is only likely to be right is so about an asset.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use model::Criticality;
use posture::DecisionState;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::jobs;
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::Json as Body;
use crate::state::Api;
use crate::time::Time;
use crate::words;
use crate::work::{Done, Work};

/// Assets that are decided on at once.
const MOST: usize = 500;
/// Characters of a reason.
const LONGEST: usize = 2000;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(decide_assets))
}

/// What somebody decided of an asset and a classification.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetDecision<'v> {
    classification: &'v str,
    #[schema(value_type = words::DecisionState)]
    decision: DecisionState,
    /// The level that was chosen; missing: that of the classification.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::Criticality>)]
    level: Option<Criticality>,
    /// Why.
    reason: &'v str,
    /// Who decided.
    by: &'v str,
    /// When.
    at: Time,
}

impl<'v> AssetDecision<'v> {
    /// All of an asset.
    pub(crate) fn all(decided: Vec<(&'v str, &'v posture::AssetDecision)>) -> Vec<Self> {
        let of = |(classification, it): (&'v str, &'v posture::AssetDecision)| Self {
            classification,
            decision: it.state(),
            level: it.level,
            reason: &it.reason,
            by: &it.by,
            at: Time(it.at.0),
        };
        decided.into_iter().map(of).collect()
    }
}

/// An asset, and which classifications are decided on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AssetToDecide {
    /// Its id.
    asset: String,
    /// Classifications by id. None: all that wait for a decision on it; where none does, and to take back, those that
    /// were decided on.
    #[serde(default)]
    #[schema(max_items = 100, required = false)]
    classifications: Vec<String>,
}

/// A decision on assets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DecisionOnAssets {
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<AssetToDecide>,
    /// `undecided` takes back what was decided.
    #[schema(value_type = words::DecisionState)]
    decision: DecisionState,
    /// The level of assets that are critical; missing: that of the classification.
    #[serde(default)]
    #[schema(value_type = Option<words::Criticality>)]
    level: Option<Criticality>,
    /// Why; not needed to take a decision back.
    #[serde(default)]
    #[schema(max_length = 2000, required = false)]
    reason: String,
}

impl DecisionOnAssets {
    fn check(&self) -> Result<(), Problem> {
        if self.items.is_empty() || self.items.len() > MOST {
            return Err(Problem::invalid("items", format!("holds 1 to {MOST}")));
        }
        let is_said = !self.reason.trim().is_empty() || self.decision == DecisionState::Undecided;
        if !is_said || self.reason.chars().count() > LONGEST {
            return Err(Problem::invalid("reason", format!("must have 1 to {LONGEST} characters")));
        }
        if self.level.is_some() && self.decision != DecisionState::Critical {
            return Err(Problem::invalid("level", "only a critical asset has one"));
        }
        Ok(())
    }

    /// The same with the classifications that it is about, each asset being one that the caller may decide on.
    fn concerned(self, caller: &Caller, view: &view::View) -> Result<Self, Problem> {
        let named = |it: AssetToDecide| {
            let chain = view.chain_of_resource(&it.asset);
            let chain = chain.ok_or_else(|| Problem::not_found("resource"))?;
            let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
            caller.must(&chain, "resource")?;
            let graph = view.graph();
            let node = graph.node_by_id(&it.asset);
            let node = node.ok_or_else(|| Problem::not_found("resource"))?;
            let decided = &view.choices().decided;
            let classifications = decided
                .concerned(graph, node, &it.classifications, self.decision)
                .map_err(|why| Problem::invalid("items", why))?;
            Ok(AssetToDecide { asset: it.asset, classifications })
        };
        let items = self.items.into_iter().map(named).collect::<Result<_, Problem>>()?;
        Ok(Self { items, ..self })
    }
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DecidedAssets {
    /// The commit that made it count.
    sequence: u64,
    /// What was decided on: the body that takes exactly this back names the same.
    items: Vec<AssetToDecide>,
    /// Assessments that were evaluated for it.
    evaluated: u64,
}

/// Decides whether assets to review are critical, or takes that back. It counts at once, for as long as the
/// classification holds for the asset.
#[utoipa::path(
    post,
    path = "/critical-assets/decisions",
    tag = "estate",
    extensions(("x-operation" = json!("asset.decide"))),
    request_body = DecisionOnAssets,
    responses(
        (status = 200, description = "It counts", body = DecidedAssets),
        (status = 202, description = "It will: the job", body = jobs::Job),
        Problems
    )
)]
async fn decide_assets(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(wanted): Body<DecisionOnAssets>,
) -> Result<Response, Problem> {
    wanted.check()?;
    let (view, rights) = (api.view()?, caller.clone());
    let wanted = api.compute(move || wanted.concerned(&rights, &view)).await?;
    let deed = json!({ "decide": {
        "items": wanted.items,
        "decision": wanted.decision,
        "level": wanted.level,
        "reason": wanted.reason.trim(),
    } });
    let payload = json!({ "classification": "*", "deed": deed });
    match api.do_work(&caller, Work { kind: "classify", payload, priority: 3 }).await? {
        Done::Yes(row) => Ok(axum::Json(row.result).into_response()),
        Done::NotYet(row) => Ok(jobs::accepted(row, &caller)),
    }
}
