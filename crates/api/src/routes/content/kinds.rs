//! Kinds with the parts that they are made of, and standards with the checks behind each requirement.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use content::{Kind, Library, Standard};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Source, status_word};
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::Path;
use crate::state::Api;
use crate::words;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_kinds))
        .routes(routes!(get_kind))
        .routes(routes!(list_standard_texts))
        .routes(routes!(get_standard_text))
}

/// A kind of resource.
#[derive(Debug, Serialize, ToSchema)]
struct KindLine<'v> {
    id: &'v str,
    title: &'v str,
    cloud: &'v str,
    /// The cloud's own type.
    native: &'v str,
    #[schema(value_type = words::Status)]
    status: &'static str,
    /// Classes across clouds.
    labels: &'v [String],
    /// How many parts its documents have beside the first answer.
    parts: usize,
    /// How many checks judge it.
    checks: usize,
}

fn checks_of<'v>(library: &'v Library, kind: &'v str) -> impl Iterator<Item = &'v str> {
    library.checks().filter(move |it| it.all_kinds().any(|it| it == kind)).map(|it| &*it.id)
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
        let library = view.library();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for kind in library.checks().flat_map(|it| it.all_kinds()) {
            *counts.entry(kind).or_default() += 1;
        }
        let lines: Vec<_> = library
            .kinds()
            .map(|it| KindLine {
                id: &it.id,
                title: &it.title,
                cloud: it.cloud(),
                native: &it.native,
                status: status_word(it.status),
                labels: &it.labels,
                parts: it.part_sources().len(),
                checks: counts.get(&*it.id).copied().unwrap_or_default(),
            })
            .collect();
        Ok(axum::Json(lines).into_response())
    })
    .await
}

/// A kind of resource with what its documents hold.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct KindDetail<'v> {
    id: &'v str,
    title: &'v str,
    cloud: &'v str,
    /// The cloud's own type.
    native: &'v str,
    #[schema(value_type = words::Status)]
    status: &'static str,
    /// The first version with it.
    since: &'v str,
    /// The label of its nodes in queries, then classes across clouds.
    labels: Vec<String>,
    /// The answers that its documents are made of beside the first: each may be unread by itself.
    parts: Vec<KindPart<'v>>,
    /// The operation that lists it, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<&'v str>,
    /// References in its documents that become edges.
    edges: Vec<KindEdge<'v>>,
    /// Paths of its documents as predicates and queries name them, with their types.
    properties: Vec<Property>,
    /// Paths whose values are removed before anything is stored.
    secrets: Vec<&'v str>,
    /// Ids of the checks that judge it.
    checks: Vec<&'v str>,
    sources: Vec<Source<'v>>,
}

/// An answer that becomes a key of the document.
#[derive(Debug, Serialize, ToSchema)]
struct KindPart<'v> {
    /// The key of the document.
    key: String,
    /// The operation that gives it, or the type of the children that it is made of.
    source: &'v str,
}

/// A reference that becomes an edge.
#[derive(Debug, Serialize, ToSchema)]
struct KindEdge<'v> {
    #[serde(rename = "type")]
    edge: &'v str,
    /// Kinds that it may lead to; `any` for whatever has the id.
    to: &'v [String],
    /// Where the reference stands.
    at: &'v str,
    /// The edge leads from the target to the resource.
    reverse: bool,
}

/// A path of a document.
#[derive(Debug, Serialize, ToSchema)]
struct Property {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

impl<'v> KindDetail<'v> {
    fn of(it: &'v Kind, library: &'v Library) -> Self {
        let part = |(key, source)| KindPart { key, source };
        let edge = |it: &'v content::Edge| KindEdge {
            edge: &it.edge_type,
            to: &it.to.0,
            at: it.at.text(),
            reverse: it.reverse,
        };
        let property = |(path, kind)| Property { path, kind };
        Self {
            id: &it.id,
            title: &it.title,
            cloud: it.cloud(),
            native: &it.native,
            status: status_word(it.status),
            since: &it.since,
            labels: it.all_labels(),
            parts: it.part_sources().into_iter().map(part).collect(),
            list: it.collect.as_ref().map(|it| &*it.list.operation),
            edges: it.edges.iter().map(edge).collect(),
            properties: library.properties(it).into_iter().map(property).collect(),
            secrets: it.secrets.iter().map(model::Path::text).collect(),
            checks: checks_of(library, &it.id).collect(),
            sources: it.references.iter().map(Source::from).collect(),
        }
    }
}

/// One kind: its parts, edges, properties, and the checks that judge it.
#[utoipa::path(
    get,
    path = "/content/kinds/{id}",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The kind", body = KindDetail<'static>), Problems)
)]
async fn get_kind(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let library = view.library();
        let kind = library.kind(&id).ok_or_else(|| Problem::not_found("kind"))?;
        Ok(axum::Json(KindDetail::of(kind, library)).into_response())
    })
    .await
}

/// A standard.
#[derive(Debug, Serialize, ToSchema)]
struct StandardText<'v> {
    id: &'v str,
    title: &'v str,
    /// The publisher's version.
    version: &'v str,
    publisher: &'v str,
    /// Where it is published.
    url: &'v str,
    /// Clouds that it speaks about; empty for all.
    clouds: &'v [String],
    requirements: usize,
    /// Requirements with at least one check.
    checked: usize,
    /// Requirements that need a person.
    manual: usize,
}

/// A standard as it is written.
#[derive(Debug, Serialize, ToSchema)]
struct StandardTextDetail<'v> {
    id: &'v str,
    title: &'v str,
    /// The publisher's version.
    version: &'v str,
    publisher: &'v str,
    /// Where it is published.
    url: &'v str,
    /// Clouds that it speaks about; empty for all.
    clouds: &'v [String],
    requirements: Vec<RequirementText<'v>>,
}

/// A numbered demand of a standard.
#[derive(Debug, Serialize, ToSchema)]
struct RequirementText<'v> {
    /// The publisher's number.
    id: &'v str,
    title: &'v str,
    /// The chapter it stands in.
    family: &'v str,
    /// Whether no machine can judge it.
    manual: bool,
    /// Ids of the checks that speak about it.
    checks: Vec<&'v str>,
}

/// The ids of checks by requirement.
fn mapped<'v>(library: &'v Library, standard: &str) -> BTreeMap<&'v str, Vec<&'v str>> {
    let mut mapped: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for check in library.checks() {
        for requirement in check.standards.get(standard).into_iter().flatten() {
            mapped.entry(requirement).or_default().push(&check.id);
        }
    }
    mapped
}

impl<'v> StandardText<'v> {
    fn of(it: &'v Standard, library: &Library) -> Self {
        let mapped = mapped(library, &it.id);
        let is_checked = |id: &str| mapped.contains_key(id);
        Self {
            id: &it.id,
            title: &it.title,
            version: &it.version,
            publisher: &it.publisher,
            url: &it.url,
            clouds: &it.clouds,
            requirements: it.requirements.len(),
            checked: it.requirements.iter().filter(|it| is_checked(&it.id)).count(),
            manual: it.requirements.iter().filter(|it| !is_checked(&it.id)).count(),
        }
    }
}

/// All standards, as they are written; where things stand against them, `/standards` says.
#[utoipa::path(
    get,
    path = "/content/standards",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    responses(
        (status = 200, description = "The standards", body = Vec<StandardText<'static>>),
        Problems
    )
)]
async fn list_standard_texts(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let library = view.library();
        let lines: Vec<_> = library.standards().map(|it| StandardText::of(it, library)).collect();
        Ok(axum::Json(lines).into_response())
    })
    .await
}

/// One standard: its requirements and the checks behind each.
#[utoipa::path(
    get,
    path = "/content/standards/{id}",
    tag = "content",
    extensions(("x-operation" = json!("content.read"))),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The standard", body = StandardTextDetail<'static>), Problems)
)]
async fn get_standard_text(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let library = view.library();
        let it = library.standards().find(|it| it.id == id);
        let it = it.ok_or_else(|| Problem::not_found("standard"))?;
        let mut mapped = mapped(library, &it.id);
        let requirement = |it: &'_ content::Requirement| {
            let checks = mapped.remove(it.id.as_str()).unwrap_or_default();
            (it.manual || checks.is_empty(), checks)
        };
        let found: Vec<_> = it.requirements.iter().map(requirement).collect();
        let requirements = it.requirements.iter().zip(found).map(|(it, (manual, checks))| {
            RequirementText { id: &it.id, title: &it.title, family: &it.family, manual, checks }
        });
        let detail = StandardTextDetail {
            id: &it.id,
            title: &it.title,
            version: &it.version,
            publisher: &it.publisher,
            url: &it.url,
            clouds: &it.clouds,
            requirements: requirements.collect(),
        };
        Ok(axum::Json(detail).into_response())
    })
    .await
}
