//! From nodes and edges in any order to a graph.

use std::sync::Arc;

use hashbrown::HashTable;
use lang::value::{GapId, NodeId};
use model::{Doc, Key, Keys, Tags, View};

use super::csr::{Csr, Way};
use super::gaps::{Incomplete, Missing};
use super::names::{LabelSets, Names};
use super::provider::EdgeProvider;
use super::{Base, Graph};

/// An edge type of a [`GraphBuilder`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeType(pub(crate) u32);

/// What Merlon knows about a node beside its document: `n.merlon.id` and so on.
#[derive(Debug, Clone, Copy)]
pub struct NodeMeta<'a> {
    /// Canonical id.
    pub id: &'a str,
    /// Name for people.
    pub name: &'a str,
    /// Kind id.
    pub kind: &'a str,
    /// Subscription, account, project or cluster.
    pub scope: &'a str,
    /// Region; `None` when global.
    pub region: Option<&'a str>,
    /// Tags.
    pub tags: &'a Tags,
    /// Whether the resource was read; of one known only by reference the region, the tags and all
    /// further facts are unread.
    pub collected: bool,
}

impl NodeMeta<'_> {
    /// The map behind `n.merlon`.
    pub fn doc(&self, keys: &Keys) -> Doc {
        let text = |(key, text)| (keys.intern(key), View::Str(text));
        let own =
            [("id", self.id), ("name", self.name), ("kind", self.kind), ("scope", self.scope)];
        let own = own.into_iter().chain(self.region.map(|region| ("region", region)));
        let mut entries: Vec<_> = own.map(text).collect();
        let tags = Doc::flat(&mut self.tags.iter().map(text).collect::<Vec<_>>());
        if self.collected {
            entries.push((keys.intern("tags"), tags.view()));
        }
        Doc::flat(&mut entries).with_openness(!self.collected)
    }
}

/// So many of what Merlon says about nodes lie together.
const PACKED: usize = 4096;

/// Collects nodes and edges.
#[derive(Default)]
pub struct GraphBuilder {
    keys: Keys,
    pub(super) labels: Arc<Names>,
    pub(super) types: Arc<Names>,
    pub(super) sets: Arc<LabelSets>,
    pub(super) docs: Vec<Doc>,
    pub(super) metas: Vec<Option<Doc>>,
    pub(super) label_set: Vec<u32>,
    pub(super) group: Vec<u32>,
    edges: Vec<Vec<(u32, u32)>>,
    edge_docs: Vec<Vec<Option<Doc>>>,
    pub(super) incomplete: Incomplete,
    providers: Vec<Option<Arc<dyn EdgeProvider>>>,
}

impl std::fmt::Debug for GraphBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GraphBuilder({} nodes)", self.docs.len())
    }
}

impl GraphBuilder {
    /// A graph whose documents use `keys`.
    pub fn new(keys: &Keys) -> Self {
        Self { keys: keys.clone(), ..Self::default() }
    }

    /// A graph that goes on with the names, marks and computed edges of another, without its nodes.
    pub(super) fn continuing(graph: &Graph) -> Self {
        let n_types = graph.types.len();
        Self {
            keys: graph.keys.clone(),
            labels: Arc::clone(&graph.labels),
            types: Arc::clone(&graph.types),
            edges: vec![Vec::new(); n_types],
            edge_docs: vec![Vec::new(); n_types],
            incomplete: graph.incomplete.clone(),
            providers: graph.providers.to_vec(),
            ..Self::default()
        }
    }

    /// Adds a node. `group` says which [marks](Self::mark_incomplete) apply to it.
    pub fn add_node(&mut self, labels: &[&str], doc: Doc, meta: Option<Doc>, group: u32) -> NodeId {
        let set = self.label_set(labels);
        self.add_node_with(set, doc, meta, group)
    }

    /// The number of a set of labels, for nodes that share it.
    pub(crate) fn label_set(&mut self, labels: &[&str]) -> u32 {
        set_of(labels, &mut self.labels, &mut self.sets)
    }

    /// The number of nodes so far.
    pub(crate) fn n_nodes(&self) -> u32 {
        self.docs.len() as u32
    }

    /// Adds a node with a set of labels.
    pub(crate) fn add_node_with(
        &mut self,
        labels: u32,
        doc: Doc,
        meta: Option<Doc>,
        group: u32,
    ) -> NodeId {
        let node = self.docs.len() as u32;
        self.label_set.push(labels);
        self.docs.push(doc);
        self.metas.push(meta);
        self.group.push(group);
        if self.metas.len().is_multiple_of(PACKED) {
            self.pack_last();
        }
        NodeId(node)
    }

    /// The number of an edge type.
    pub fn edge_type(&mut self, name: &str) -> EdgeType {
        let number = number_of(name, &mut self.types);
        let n_types = self.types.len();
        self.edges.resize_with(n_types, Vec::new);
        self.edge_docs.resize_with(n_types, Vec::new);
        EdgeType(number)
    }

    /// Adds an edge, with properties or without.
    pub fn add_edge(&mut self, from: NodeId, edge_type: EdgeType, to: NodeId, doc: Option<Doc>) {
        let n_nodes = self.docs.len() as u32;
        debug_assert!(from.0 < n_nodes && to.0 < n_nodes, "an edge joins nodes that exist");
        let at = edge_type.0 as usize;
        let (Some(edges), Some(docs)) = (self.edges.get_mut(at), self.edge_docs.get_mut(at)) else {
            return;
        };
        if doc.is_some() || !docs.is_empty() {
            docs.resize(edges.len(), None);
            docs.push(doc);
        }
        edges.push((from.0, to.0));
    }

    /// Adds many edges without properties.
    pub fn add_edges(&mut self, edge_type: EdgeType, more: Vec<(u32, u32)>) {
        if let Some(edges) = self.edges.get_mut(edge_type.0 as usize) {
            if edges.is_empty() {
                *edges = more;
            } else {
                edges.extend(more);
            }
        }
    }

    /// Says that nodes of `group` may lack edges of a type in one direction: those whose other end
    /// would carry all of `labels` (no label: whatever it is), because of `gap`.
    pub fn mark_incomplete(
        &mut self,
        group: u32,
        edge_type: EdgeType,
        way: Way,
        labels: &[&str],
        gap: GapId,
    ) {
        let labels = labels.iter().map(|label| number_of(label, &mut self.labels)).collect();
        self.incomplete.add(group, edge_type.0, way, Missing { labels, gap });
    }

    /// Makes an edge type a computed one.
    pub fn set_provider(&mut self, edge_type: EdgeType, provider: Arc<dyn EdgeProvider>) {
        let at = edge_type.0 as usize;
        self.providers.resize_with(self.providers.len().max(at + 1), || None);
        if let Some(place) = self.providers.get_mut(at) {
            *place = Some(provider);
        }
    }

    /// Puts what Merlon says about the last nodes into one block: small ones among the many that are
    /// freed meanwhile would keep whole pages from being given back.
    fn pack_last(&mut self) {
        let first = self.metas.len().saturating_sub(1) / PACKED * PACKED;
        if let Some(last) = self.metas.get_mut(first..) {
            Doc::pack(last.iter_mut().flatten());
        }
    }

    /// The graph.
    pub fn finish(mut self) -> Graph {
        self.pack_last();
        let edges = std::mem::take(&mut self.edges);
        let docs = std::mem::take(&mut self.edge_docs);
        self.assemble(edges.into_iter().zip(docs).map(|(it, docs)| Csr::build(it, docs)).collect())
    }

    /// The graph with these edges, by type.
    pub(super) fn assemble(self, csr: Vec<Csr>) -> Graph {
        let mut by_label = vec![Vec::new(); self.labels.len()];
        for (node, set) in self.label_set.iter().enumerate() {
            for label in self.sets.get(*set) {
                if let Some(nodes) = by_label.get_mut(*label as usize) {
                    nodes.push(node as u32);
                }
            }
        }
        let mut first_edge = vec![0];
        let mut sum = 0;
        for it in &csr {
            sum += it.len() as u32;
            first_edge.push(sum);
        }
        let by_id = index_ids(&self.metas, &self.keys);
        let base = Base {
            metas: self.metas,
            label_set: self.label_set,
            group: self.group,
            by_label,
            by_id,
            csr,
            first_edge,
            ..Base::default()
        };
        Graph {
            keys: self.keys,
            labels: self.labels,
            types: self.types,
            sets: self.sets,
            base: Arc::new(base),
            docs: self.docs.into(),
            overlay: None,
            incomplete: self.incomplete,
            providers: self.providers.into(),
        }
    }
}

/// The number of a name, which is copied before it is changed.
pub(super) fn number_of(name: &str, names: &mut Arc<Names>) -> u32 {
    names.find(name).unwrap_or_else(|| Arc::make_mut(names).intern(name))
}

/// The number of the set of these labels.
pub(super) fn set_of(labels: &[&str], names: &mut Arc<Names>, sets: &mut Arc<LabelSets>) -> u32 {
    let mut numbers: Vec<u32> = labels.iter().map(|label| number_of(label, names)).collect();
    numbers.sort_by(|a, b| names.name(*a).cmp(names.name(*b)));
    numbers.dedup();
    sets.find(&numbers).unwrap_or_else(|| Arc::make_mut(sets).intern(&numbers))
}

pub(super) fn id_hash(id: &str) -> u64 {
    use std::hash::BuildHasher as _;
    // fixed seeds are not needed: the table is only asked, never walked
    hasher().hash_one(id)
}

fn hasher() -> &'static hashbrown::DefaultHashBuilder {
    static HASHER: std::sync::OnceLock<hashbrown::DefaultHashBuilder> = std::sync::OnceLock::new();
    HASHER.get_or_init(hashbrown::DefaultHashBuilder::default)
}

pub(super) fn id_of(meta: &Doc, key: Key) -> Option<&str> {
    match meta.view().get(key) {
        Some(View::Str(id)) => Some(id),
        _ => None,
    }
}

fn index_ids(metas: &[Option<Doc>], keys: &Keys) -> HashTable<u32> {
    let Some(key) = keys.find("id") else { return HashTable::new() };
    let mut table = HashTable::with_capacity(metas.len());
    let hash_of = |node: &u32| {
        let meta = metas.get(*node as usize).and_then(Option::as_ref);
        id_hash(meta.and_then(|meta| id_of(meta, key)).unwrap_or_default())
    };
    for (node, meta) in metas.iter().enumerate() {
        if let Some(id) = meta.as_ref().and_then(|meta| id_of(meta, key)) {
            table.insert_unique(id_hash(id), node as u32, hash_of);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use model::{Doc, Keys};
    use serde_json::json;

    use super::NodeMeta;

    #[test]
    fn facts_are_a_document_like_others() {
        let keys = Keys::default();
        let tags = [("owner", "me"), ("id", "7"), ("", "ü")].into_iter().collect();
        let meta = |region, collected| {
            let (id, name, kind, scope) = ("i", "n", "k", "s");
            NodeMeta { id, name, kind, scope, region, tags: &tags, collected }.doc(&keys)
        };
        let tags = json!({ "owner": "me", "id": "7", "": "ü" });
        let json = json!({ "id": "i", "name": "n", "kind": "k", "scope": "s", "tags": tags });
        assert_eq!(meta(None, true), Doc::build(&json, &keys));
        let json = json!({ "id": "i", "name": "n", "kind": "k", "scope": "s", "region": "here" });
        let stub = Doc::build(&json, &keys).with_openness(true);
        assert_eq!(meta(Some("here"), false), stub);
    }
}
