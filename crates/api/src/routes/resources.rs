//! Resources: lists with facets and search, one with its document, its history.

use std::collections::BTreeMap;

use ::people::Operation;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use model::{Criticality, Severity};
use posture::risk::OpenByRisk;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::{
    Listed, ResourceFilter, ResourceItem, ResourceSort, ResourceState, Sight, TagFilter, View,
};

use super::assessments::Assessment;
use super::critical::AssetDecision;
use crate::guard::Caller;
use crate::list::{self, Asked, Faceted, List};
use crate::past::Moment;
use crate::problem::{Problem, Problems};
use crate::query::{Path, Query};
use crate::state::Api;
use crate::versions::{ResourceStep, resource_steps};
use crate::words;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_resources))
        .routes(routes!(get_resource))
        .routes(routes!(list_versions))
        .routes(routes!(get_version))
}

/// What may be done with a resource.
const DEEDS: [Operation; 3] =
    [Operation::ExemptionWrite, Operation::WhatifRun, Operation::AssetDecide];

/// A resource in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resource<'v> {
    /// Canonical id.
    id: &'v str,
    /// Name for people.
    name: &'v str,
    /// Id of its kind; a native type where no kind describes it.
    kind: &'v str,
    /// Name of the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind_title: Option<&'v str>,
    /// `aws`, `azure`, `gcp`, `k8s`; empty where nothing says it.
    cloud: &'v str,
    /// Subscription, account, project or cluster.
    scope: &'v str,
    /// The innermost scope in which it lies, such as its resource group.
    home: &'v str,
    /// Empty when global or not known.
    region: &'v str,
    tags: BTreeMap<String, &'v str>,
    #[schema(value_type = words::ResourceState)]
    state: ResourceState,
    open: OpenCounts,
    /// Whether an exemption makes some assessment count otherwise.
    exempt: bool,
    /// How critical it is; missing where no classification says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::Criticality>)]
    criticality: Option<Criticality>,
    /// The classifications that say so, by id.
    critical_by: Vec<&'v str>,
}

/// Assessments that count as unhealthy, by severity, or by risk where that is said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenCounts {
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
}

impl From<OpenByRisk> for OpenCounts {
    fn from(it: OpenByRisk) -> Self {
        let OpenByRisk { critical, high, medium, low } = it;
        Self {
            critical: critical.into(),
            high: high.into(),
            medium: medium.into(),
            low: low.into(),
        }
    }
}

impl<'v> From<ResourceItem<'v>> for Resource<'v> {
    fn from(it: ResourceItem<'v>) -> Self {
        let view::OpenCounts { critical, high, medium, low } = it.open;
        Self {
            id: it.id,
            name: it.name,
            kind: it.kind,
            kind_title: it.kind_title,
            cloud: it.cloud,
            scope: it.scope,
            home: it.home,
            region: it.region,
            tags: it.tags,
            state: it.state,
            open: OpenCounts { critical, high, medium, low },
            exempt: it.exempt,
            criticality: it.criticality,
            critical_by: it.critical_by,
        }
    }
}

/// Which resources. Of several values of one parameter any may hold (of tags all must).
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    /// Words that all must be in name, id, kind, region or tags, or begin a word there.
    q: Option<String>,
    /// Ids of kinds.
    #[serde(default)]
    kind: Vec<String>,
    /// Clouds.
    #[serde(default)]
    cloud: Vec<String>,
    /// Ids of scopes, with all below.
    #[serde(default)]
    scope: Vec<String>,
    /// Regions; empty: without region.
    #[serde(default)]
    region: Vec<String>,
    /// `key` or `key=value`.
    #[serde(default)]
    tag: Vec<String>,
    /// How they fare.
    #[serde(default)]
    #[param(value_type = Vec<words::ResourceState>)]
    state: Vec<ResourceState>,
    /// Severities of what counts as unhealthy on them.
    #[serde(default)]
    #[param(value_type = Vec<words::Severity>)]
    severity: Vec<Severity>,
    /// How critical they are.
    #[serde(default)]
    #[param(value_type = Vec<words::Criticality>)]
    criticality: Vec<Criticality>,
    /// Checks that count as unhealthy on them.
    #[serde(default)]
    check: Vec<String>,
    /// Whether an exemption makes some assessment count otherwise.
    exempt: Option<bool>,
    #[serde(default)]
    #[param(value_type = Option<words::ResourceSort>)]
    sort: ResourceSort,
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

struct Resources {
    filter: ResourceFilter,
    sort: ResourceSort,
}

impl List for Resources {
    type Item<'v> = ResourceItem<'v>;
    type Shown<'v> = Resource<'v>;

    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("id", "/id"),
        ("name", "/name"),
        ("kind", "/kind"),
        ("cloud", "/cloud"),
        ("scope", "/scope"),
        ("region", "/region"),
        ("state", "/state"),
        ("critical", "/open/critical"),
        ("high", "/open/high"),
        ("medium", "/open/medium"),
        ("low", "/open/low"),
        ("exempt", "/exempt"),
        ("criticality", "/criticality"),
        ("tags", "/tags"),
    ];

    fn page<'v>(
        &self,
        view: &'v View,
        sight: &Sight,
        page: &view::Page,
    ) -> Listed<ResourceItem<'v>> {
        view.resources(sight, &self.filter, self.sort, page)
    }

    fn shown<'v>(&self, _: &'v View, item: ResourceItem<'v>) -> Resource<'v> {
        item.into()
    }
}

/// Resources, with facets. `Accept: text/csv` or `application/x-ndjson` gives the whole list.
#[utoipa::path(
    get,
    path = "/resources",
    tag = "estate",
    extensions(("x-operation" = json!("resource.read"))),
    params(Wanted),
    responses(
        (status = 200, description = "A page of resources", body = Faceted<Resource<'static>>),
        Problems
    )
)]
async fn list_resources(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let asked = Asked::new(wanted.limit, wanted.cursor.as_deref(), wanted.reverse, &headers)?;
    let tag = |text: String| match text.split_once('=') {
        Some((key, value)) => TagFilter { key: key.to_owned(), value: Some(value.to_owned()) },
        None => TagFilter { key: text, value: None },
    };
    let filter = ResourceFilter {
        text: wanted.q,
        kinds: wanted.kind,
        clouds: wanted.cloud,
        scopes: wanted.scope,
        regions: wanted.region,
        tags: wanted.tag.into_iter().map(tag).collect(),
        states: wanted.state,
        severities: wanted.severity,
        checks: wanted.check,
        is_exempt: wanted.exempt,
        criticalities: wanted.criticality,
    };
    let list = Resources { filter, sort: wanted.sort };
    let at = wanted.at;
    let answer = move |view: &_, sight: &_| Ok(list::answer(list, view, sight, asked));
    api.read_at(&caller, at.as_deref(), answer).await
}

/// A resource with everything that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ResourceDetail<'v> {
    #[serde(flatten)]
    resource: Resource<'v>,
    /// Whether it was read; one that others only refer to has no document.
    collected: bool,
    /// Labels of its node in queries.
    labels: Vec<&'v str>,
    /// Its configuration in the canonical form of its kind.
    #[schema(value_type = Object)]
    document: Json,
    /// The scopes in which it lies and which the caller sees, the innermost first.
    scopes: Vec<&'v str>,
    assessments: Vec<Assessment<'v>>,
    /// Classifications that are only likely to be right about it and wait for somebody to decide, by id.
    to_review: Vec<&'v str>,
    /// What was decided of it and classifications that hold.
    decisions: Vec<AssetDecision<'v>>,
    /// What is connected to it.
    neighbours: Vec<Neighbour<'v>>,
    /// Further neighbours that the caller sees.
    more_neighbours: u64,
    /// Neighbours that the caller does not see.
    hidden_neighbours: u64,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

/// Something that is connected to a resource.
#[derive(Debug, Serialize, ToSchema)]
struct Neighbour<'v> {
    /// The type of the edge.
    edge: &'v str,
    /// Whether the edge leads from the resource to the neighbour.
    outgoing: bool,
    id: &'v str,
    name: &'v str,
    kind: &'v str,
}

/// One resource.
#[utoipa::path(
    get,
    path = "/resources/{id}",
    tag = "estate",
    extensions(("x-operation" = json!("resource.read"))),
    params(("id" = String, Path, description = "Its canonical id"), Moment),
    responses(
        (status = 200, description = "The resource", body = ResourceDetail<'static>),
        Problems
    )
)]
async fn get_resource(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(moment): Query<Moment>,
) -> Result<Response, Problem> {
    let (rights, instants) = (caller.clone(), api.instants().await?);
    api.read_at(&caller, moment.at.as_deref(), move |view, sight| {
        let found = view.resource(sight, &id).ok_or_else(|| Problem::not_found("resource"))?;
        let chain = view.chain_of_resource(&id).unwrap_or_default();
        let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
        let detail = ResourceDetail {
            resource: found.resource.into(),
            collected: found.is_collected,
            labels: found.labels,
            document: found.document,
            scopes: found.scopes,
            assessments: found
                .assessments
                .into_iter()
                .map(|it| Assessment::of(it, &instants))
                .collect(),
            to_review: found.to_review,
            decisions: AssetDecision::all(found.decisions),
            neighbours: found
                .neighbours
                .into_iter()
                .map(|it| Neighbour {
                    edge: it.edge,
                    outgoing: it.is_outgoing,
                    id: it.id,
                    name: it.name,
                    kind: it.kind,
                })
                .collect(),
            more_neighbours: found.more_neighbours,
            hidden_neighbours: found.hidden_neighbours,
            can: rights.can(&DEEDS, &chain),
        };
        Ok(axum::Json(detail).into_response())
    })
    .await
}

/// How a resource came about, the latest step first.
#[utoipa::path(
    get,
    path = "/resources/{id}/versions",
    tag = "estate",
    extensions(("x-operation" = json!("resource.read"))),
    params(("id" = String, Path, description = "Its canonical id")),
    responses((status = 200, description = "The steps", body = Vec<ResourceStep>), Problems)
)]
async fn list_versions(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    may_see(&api, &caller, &id)?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let versions = store.history(&access, &id).await?;
    let keys = store.keys(&access).await?;
    api.compute(move || {
        let mut steps = resource_steps(&versions, &keys);
        steps.reverse();
        Ok(axum::Json(steps).into_response())
    })
    .await
}

/// A resource as it was.
#[utoipa::path(
    get,
    path = "/resources/{id}/versions/{sequence}",
    tag = "estate",
    extensions(("x-operation" = json!("resource.read"))),
    params(
        ("id" = String, Path, description = "Its canonical id"),
        ("sequence" = u64, Path, description = "A commit")
    ),
    responses((status = 200, description = "Its document then", body = serde_json::Value), Problems)
)]
async fn get_version(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path((id, sequence)): Path<(String, u64)>,
) -> Result<Response, Problem> {
    may_see(&api, &caller, &id)?;
    let (store, access) = (api.store()?, api.access(&caller.name));
    let found = store.resource(&access, &id, store::At::Seq(sequence)).await?;
    let found = found.ok_or_else(|| Problem::not_found("version"))?;
    let keys = store.keys(&access).await?;
    Ok(axum::Json(found.resource.doc.view().to_json(&keys)).into_response())
}

/// Refuses a resource that the caller does not see. Of one that is gone only those see the history who see
/// everything: where it lay is not known any more.
fn may_see(api: &Api, caller: &Caller, id: &str) -> Result<(), Problem> {
    let view = api.view()?;
    let chain = view.chain_of_resource(id).unwrap_or_default();
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    caller.must(&chain, "resource").map_err(|_| Problem::not_found("resource"))
}
