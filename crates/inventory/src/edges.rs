//! References become edges; what they lead to and was not read becomes a stub.
//!
//! Each kind declares its references. A reference by id is met by the resource with that id or by
//! one that encloses it; a reference by another name is searched near the resource: the same region
//! and scope, then the scope, then (for names that are unique in a cloud) everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher as _;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use model::{Doc, EdgeRef, GapId, Keys, Resource, View};

use crate::batch::Affected;
use crate::index::Index;
use crate::names::{Names, Target};
use crate::snapshot::{Collected, MissingEdges};
use crate::view_path::{Found, ViewPath, text};
use crate::{affects, hierarchy, incomplete, refer, selector};

/// From a finding to what it is about.
const AFFECTS: &str = "AFFECTS";
/// From a workload to an image.
const USES_IMAGE: &str = "USES_IMAGE";

/// A declared reference, prepared.
#[derive(Debug)]
pub(crate) struct Spec<'l> {
    pub(crate) edge_type: u32,
    pub(crate) path: ViewPath,
    /// Kinds that it may lead to; empty for any.
    pub(crate) targets: Vec<Target<'l>>,
    pub(crate) by: &'l str,
    pub(crate) is_reverse: bool,
    pub(crate) cloud: &'l str,
}

/// A reference of one resource whose place was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unread {
    pub(crate) resource: u32,
    /// Number of the kind and of the reference in its list.
    pub(crate) spec: (u32, u32),
    pub(crate) gap: GapId,
}

/// The resources while edges are built: stubs are added at the end.
#[derive(Debug)]
pub(crate) struct Pool<'p> {
    pub(crate) resources: &'p mut Vec<Resource>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<'p> Pool<'p> {
    fn new(resources: &'p mut Vec<Resource>) -> Self {
        let hasher = DefaultHashBuilder::default();
        let table = HashTable::with_capacity(resources.len());
        let n_resources = resources.len() as u32;
        let mut pool = Self { resources, table, hasher };
        (0..n_resources).for_each(|number| pool.enter(number));
        pool
    }

    fn enter(&mut self, number: u32) {
        let (resources, hasher) = (&*self.resources, &self.hasher);
        let id = |number: &u32| resources.get(*number as usize).map_or("", |it| &*it.id);
        let hash = hasher.hash_one(id(&number));
        self.table.insert_unique(hash, number, |it| hasher.hash_one(id(it)));
    }

    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        let is_it = |it: &u32| self.resources.get(*it as usize).is_some_and(|it| it.id == id);
        self.table.find(self.hasher.hash_one(id), is_it).copied()
    }

    /// The resource with this id; a stub of the kind is made when there is none.
    pub(crate) fn find_or_stub(&mut self, id: &str, kind: &Arc<str>, scope: &Arc<str>) -> u32 {
        if let Some(number) = self.find(id) {
            return number;
        }
        let number = self.resources.len() as u32;
        self.resources.push(Resource {
            id: id.to_owned(),
            kind: Arc::clone(kind),
            name: id.rsplit(['/', ':']).find(|it| !it.is_empty()).unwrap_or(id).to_owned(),
            scope: Arc::clone(scope),
            region: None,
            tags: model::Tags::default(),
            doc: Doc::stub(),
            collected: false,
            also: Vec::new(),
            affects: Box::default(),
            as_of: None,
        });
        self.enter(number);
        number
    }
}

/// All edges of an import.
#[derive(Debug)]
pub(crate) struct Edges {
    pub(crate) all: Vec<EdgeRef>,
    pub(crate) types: Vec<String>,
    pub(crate) groups: Vec<u32>,
    pub(crate) missing: Vec<MissingEdges>,
}

impl Edges {
    pub(crate) fn build(
        resources: &mut Vec<Resource>,
        index: &Index<'_>,
        keys: &Keys,
        (collected, affected): (&BTreeSet<Collected>, &BTreeSet<Affected>),
    ) -> Self {
        let types = types(index);
        let specs = specs(index, keys, &types);
        let names = Names::build(resources, &specs, index);
        let mut pool = Pool::new(resources);
        let mut edges = Vec::new();
        let mut unread = Vec::new();
        let n_read = pool.resources.len();
        for from in 0..n_read {
            let Some(resource) = pool.resources.get(from) else { continue };
            let Some(kind) = index.number(&resource.kind) else { continue };
            let Some(own) = specs.get(kind as usize) else { continue };
            for (i, spec) in own.iter().enumerate() {
                let found = references(pool.resources, from, spec, keys);
                unread.extend(found.unread.map(|gap| Unread {
                    resource: from as u32,
                    spec: (kind, i as u32),
                    gap,
                }));
                for reference in found.named {
                    for to in refer::resolve(&mut pool, &names, spec, from, &reference) {
                        edges.push(edge(spec, from as u32, to));
                    }
                }
                for to in selector::resolve(&pool, &names, spec, from, &found.selectors) {
                    edges.push(edge(spec, from as u32, to));
                }
            }
        }
        let number = |name: &str| types.binary_search(&name.to_owned()).unwrap_or(0) as u32;
        let of_findings = (number(AFFECTS), number(USES_IMAGE));
        affects::build(&mut pool, affected, keys, of_findings, &mut edges);
        let contains = number(hierarchy::CONTAINS);
        hierarchy::build(&mut pool, index, contains, &mut edges);
        edges.retain(|edge| edge.from != edge.to);
        edges.sort_unstable();
        edges.dedup();
        let (groups, missing) = incomplete::build(
            (pool.resources, n_read),
            index,
            &specs,
            &unread,
            collected,
            contains,
        );
        Self { all: edges, types, groups, missing }
    }
}

fn edge(spec: &Spec<'_>, own: u32, other: u32) -> EdgeRef {
    let (from, to) = if spec.is_reverse { (other, own) } else { (own, other) };
    EdgeRef { from, edge_type: spec.edge_type, to }
}

/// All edge types, sorted.
fn types(index: &Index<'_>) -> Vec<String> {
    let mut types: BTreeSet<String> =
        [hierarchy::CONTAINS, AFFECTS, USES_IMAGE].into_iter().map(str::to_owned).collect();
    for info in &index.kinds {
        types.extend(info.kind.edges.iter().map(|edge| edge.edge_type.clone()));
    }
    types.into_iter().collect()
}

/// The references of each kind, by its number.
fn specs<'l>(index: &Index<'l>, keys: &Keys, types: &[String]) -> Vec<Vec<Spec<'l>>> {
    let numbers: BTreeMap<&str, u32> =
        types.iter().enumerate().map(|(i, name)| (name.as_str(), i as u32)).collect();
    let of_kind = |info: &crate::index::KindInfo<'l>| {
        let kind = info.kind;
        let spec = |edge: &'l content::Edge| Spec {
            edge_type: numbers.get(edge.edge_type.as_str()).copied().unwrap_or(0),
            path: ViewPath::new(&edge.at, keys),
            targets: Target::all(index, &edge.to.0),
            by: &edge.by,
            is_reverse: edge.reverse,
            cloud: kind.id.split('.').next().unwrap_or_default(),
        };
        kind.edges.iter().map(spec).collect()
    };
    index.kinds.iter().map(of_kind).collect()
}

/// A reference as it stands in a document.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) text: String,
    /// What stands beside it, for Kubernetes: kind and namespace of what is meant.
    pub(crate) kind: Option<String>,
    pub(crate) namespace: Option<String>,
}

#[derive(Debug, Default)]
struct References {
    named: Vec<Reference>,
    selectors: Vec<selector::Selector>,
    unread: Option<GapId>,
}

/// Everything that a declared reference of a resource names.
fn references(resources: &[Resource], from: usize, spec: &Spec<'_>, keys: &Keys) -> References {
    let mut found = References::default();
    let Some(resource) = resources.get(from) else { return found };
    let beside = spec.cloud == "k8s" && spec.path.last_key() == Some(keys.intern("name"));
    spec.path.visit(resource.doc.view(), &mut |place| match place {
        Found::Unread(gap) => found.unread = Some(gap),
        Found::Value(view @ View::Object(_), _) if spec.by == "selector" => {
            found.selectors.extend(selector::Selector::read(view, spec.path.last_key(), keys));
        }
        Found::Value(_, holder) => {
            let sibling = |name: &str| match holder.get(keys.intern(name)) {
                Some(View::Str(text)) if beside => Some(text.to_owned()),
                _ => None,
            };
            let text = text(place, keys).filter(|it| !it.is_empty());
            found.named.extend(text.map(|text| Reference {
                text,
                kind: sibling("kind"),
                namespace: sibling("namespace"),
            }));
        }
        Found::Key(_) => {
            let text = text(place, keys);
            found.named.extend(text.map(|text| Reference { text, kind: None, namespace: None }));
        }
    });
    found
}
