//! Critical assets, and the classifications that find them.

mod classifications;
mod decisions;

use ::people::Operation;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use model::Criticality;
use posture::DecisionState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::{CriticalFilter, CriticalItem, Listed, Sight, View};

pub(crate) use self::decisions::AssetDecision;
use crate::guard::Caller;
use crate::list::{self, Asked, Faceted, List};
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::state::Api;
use crate::words;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_critical_assets))
        .routes(routes!(list_assets_to_review))
        .merge(classifications::routes())
        .merge(decisions::routes())
}

/// A critical asset, or one to review.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CriticalAsset<'v> {
    id: &'v str,
    name: &'v str,
    kind: &'v str,
    cloud: &'v str,
    /// The scope in which it lies.
    scope: &'v str,
    /// The highest level of the classifications; of an asset to review the level that it would have.
    #[schema(value_type = words::Criticality)]
    level: Criticality,
    /// The level that other classifications give it; only of an asset to review.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::Criticality>)]
    has_level: Option<Criticality>,
    /// The classifications that hold, by id; of an asset to review those that were decided on as the list wants it.
    classifications: Vec<&'v str>,
    /// What was decided of it and these classifications.
    decisions: Vec<AssetDecision<'v>>,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

/// Which assets. Of several values of one parameter any may hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    /// What must stand in name or id, whatever its case.
    q: Option<String>,
    #[serde(default)]
    #[param(value_type = Vec<words::Criticality>)]
    level: Vec<Criticality>,
    /// Kinds, by id.
    #[serde(default)]
    kind: Vec<String>,
    #[serde(default)]
    cloud: Vec<String>,
    /// Ids of classifications.
    #[serde(default)]
    classification: Vec<String>,
    /// Ids of scopes, with all below.
    #[serde(default)]
    scope: Vec<String>,
    /// How it was decided on. Of assets to review only those that nobody has decided on, where nothing is named; of
    /// critical assets `critical` are those that a decision makes so.
    #[serde(default)]
    #[param(value_type = Vec<words::DecisionState>)]
    decision: Vec<DecisionState>,
    /// Turns the order round.
    #[serde(default)]
    #[param(default = false)]
    reverse: bool,
    /// Items of the page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// As it was then: the number of a commit, an instant (RFC 3339) or a day.
    #[param(min_length = 1)]
    at: Option<String>,
}

struct Assets {
    filter: CriticalFilter,
    caller: Caller,
}

impl List for Assets {
    type Item<'v> = CriticalItem<'v>;
    type Shown<'v> = CriticalAsset<'v>;

    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("level", "/level"),
        ("name", "/name"),
        ("kind", "/kind"),
        ("cloud", "/cloud"),
        ("scope", "/scope"),
        ("classification", "/classifications/0"),
        ("decision", "/decisions/0/decision"),
        ("reason", "/decisions/0/reason"),
        ("decidedBy", "/decisions/0/by"),
        ("decidedAt", "/decisions/0/at"),
        ("id", "/id"),
    ];

    fn page<'v>(
        &self,
        view: &'v View,
        sight: &Sight,
        page: &view::Page,
    ) -> Listed<CriticalItem<'v>> {
        view.critical_assets(sight, &self.filter, page)
    }

    fn shown<'v>(&self, view: &'v View, it: CriticalItem<'v>) -> CriticalAsset<'v> {
        let chain = view.chain_of_resource(it.id).unwrap_or_default();
        let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
        CriticalAsset {
            id: it.id,
            name: it.name,
            kind: it.kind,
            cloud: it.cloud,
            scope: it.scope,
            level: it.level,
            has_level: it.has_level,
            classifications: it.by,
            decisions: AssetDecision::all(it.decisions),
            can: self.caller.can(&[Operation::AssetDecide], &chain),
        }
    }
}

async fn list(
    (api, caller, headers): (Api, Caller, HeaderMap),
    wanted: Wanted,
    is_review: bool,
) -> Result<Response, Problem> {
    let asked = Asked::new(wanted.limit, wanted.cursor.as_deref(), wanted.reverse, &headers)?;
    let filter = CriticalFilter {
        text: wanted.q,
        levels: wanted.level,
        kinds: wanted.kind,
        clouds: wanted.cloud,
        classifications: wanted.classification,
        scopes: wanted.scope,
        is_review,
        decisions: wanted.decision,
    };
    let list = Assets { filter, caller: caller.clone() };
    let answer = move |view: &_, sight: &_| Ok(list::answer(list, view, sight, asked));
    api.read_at(&caller, wanted.at.as_deref(), answer).await
}

/// Critical assets, the most critical first, with facets. `Accept: text/csv` or `application/x-ndjson` gives the
/// whole list.
#[utoipa::path(
    get,
    path = "/critical-assets",
    tag = "estate",
    extensions(("x-operation" = json!("resource.read"))),
    params(Wanted),
    responses(
        (status = 200, description = "A page of assets", body = Faceted<CriticalAsset<'static>>),
        Problems
    )
)]
async fn list_critical_assets(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    list((api, caller, headers), wanted, false).await
}

/// Assets that are only likely to be critical: a name or a tag says so that is often copied. They have no level by
/// that, until somebody decides that they are. `decision` lists those that were decided on.
#[utoipa::path(
    get,
    path = "/critical-assets/review",
    tag = "estate",
    extensions(("x-operation" = json!("resource.read"))),
    params(Wanted),
    responses(
        (status = 200, description = "A page of assets", body = Faceted<CriticalAsset<'static>>),
        Problems
    )
)]
async fn list_assets_to_review(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    list((api, caller, headers), wanted, true).await
}
