//! The property graph in memory: an immutable base, shared, and at most one overlay of changes on it.
//!
//! In: nodes with documents and edges, from [`GraphBuilder`]. Out: adjacency, labels, documents and
//! columns, by number. Nothing here knows a query.
//!
//! INVARIANT: numbers of nodes and edges never change their meaning while a graph or a graph derived
//! from it by changes is in use; compaction gives new numbers.

mod builder;
pub(crate) mod column;
pub(crate) mod csr;
mod delta;
mod file;
pub(crate) mod gaps;
mod lists;
pub(crate) mod names;
mod overlay;
mod provider;
mod radix;
mod since;

use std::sync::{Arc, OnceLock};

use hashbrown::HashTable;
use lang::value::{EdgeId, NodeId};
use model::{Doc, Keys, View};

pub use self::builder::{EdgeType, GraphBuilder, NodeMeta};
use self::column::{Column, Columns};
use self::csr::Csr;
pub use self::csr::Way;
pub use self::delta::{Delta, Touched};
pub use self::file::{FORMAT_VERSION, FileError, Stamp};
use self::gaps::{Incomplete, Missing};
pub(crate) use self::lists::{Adjacent, Lists};
use self::names::{LabelSets, Names};
pub(crate) use self::overlay::NodeList;
use self::overlay::{NodeRecord, Overlay};
pub use self::provider::{EdgeProvider, Evidence};

/// A property graph. Cheap to clone: clones and changed graphs share the base.
#[derive(Clone)]
pub struct Graph {
    keys: Keys,
    labels: Arc<Names>,
    types: Arc<Names>,
    sets: Arc<LabelSets>,
    base: Arc<Base>,
    /// The documents of the base, by node; apart from it because they may be exchanged for the same, compressed.
    docs: Arc<[Doc]>,
    overlay: Option<Arc<Overlay>>,
    incomplete: Incomplete,
    /// By edge type; empty when no type is computed.
    providers: Arc<[Option<Arc<dyn EdgeProvider>>]>,
}

/// What does not change.
#[derive(Debug, Default)]
struct Base {
    metas: Vec<Option<Doc>>,
    label_set: Vec<u32>,
    group: Vec<u32>,
    by_label: Vec<Vec<u32>>,
    by_id: HashTable<u32>,
    csr: Vec<Csr>,
    /// By type: the number of its first edge; one more entry than types.
    first_edge: Vec<u32>,
    /// Groups and their nodes, sorted; made on first use.
    by_group: OnceLock<Vec<(u32, u32)>>,
    columns: Columns,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Graph({} nodes, {} edges)", self.n_nodes(), self.n_edges())
    }
}

/// An edge as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct EdgeView<'g> {
    /// Its type.
    pub edge_type: &'g str,
    /// Where it starts.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// Its properties, when it has any.
    pub doc: Option<&'g Doc>,
}

impl Graph {
    /// The same graph with a table of keys of its own: what questions name stays out of the table that goes on with the
    /// documents.
    #[must_use]
    pub fn with_own_keys(&self) -> Self {
        Self { keys: self.keys.fork(), ..self.clone() }
    }

    /// The table of keys that its documents use.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The number of nodes.
    pub fn n_nodes(&self) -> usize {
        match &self.overlay {
            Some(overlay) => overlay.n_nodes(),
            None => self.docs.len(),
        }
    }

    /// The number of stored edges.
    pub fn n_edges(&self) -> usize {
        match &self.overlay {
            Some(overlay) => overlay.n_edges(),
            None => self.base.n_edges() as usize,
        }
    }

    /// One more than the highest number of a node.
    pub fn node_bound(&self) -> u32 {
        let added = self.overlay.as_ref().map_or(0, |overlay| overlay.n_added());
        self.docs.len() as u32 + added
    }

    /// All nodes.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        (0..self.node_bound()).filter(|node| self.is_live(*node)).map(NodeId)
    }

    /// Whether there is a node of this number.
    pub fn has_node(&self, node: NodeId) -> bool {
        node.0 < self.node_bound() && self.is_live(node.0)
    }

    /// The other ends of the edges of a type at a node in one direction, computed edges included.
    pub fn neighbours(&self, node: NodeId, edge_type: &str, way: Way) -> Vec<NodeId> {
        let mut found = Vec::new();
        if let Some(edge_type) = self.types.find(edge_type) {
            self.add_neighbours(edge_type, way, node.0, &mut found);
        }
        found.into_iter().map(NodeId).collect()
    }

    /// Appends the other ends of the edges of a type at a node in one direction.
    pub(crate) fn add_neighbours(&self, edge_type: u32, way: Way, node: u32, found: &mut Vec<u32>) {
        found.extend(self.adjacent(edge_type, way, node).others);
        if let Some(provider) = self.provider(edge_type) {
            let mut computed = Vec::new();
            match way {
                Way::Out => provider.out(NodeId(node), &mut computed),
                Way::In => provider.into(NodeId(node), &mut computed),
            }
            found.extend(computed.into_iter().map(|node| node.0));
        }
    }

    /// The nodes of a group.
    pub fn nodes_of_group(&self, group: u32) -> impl Iterator<Item = NodeId> + '_ {
        let base = self.base.nodes_of_group(group).filter(|node| !self.is_touched(*node));
        let touched = self.overlay.iter().flat_map(|overlay| overlay.touched());
        let touched =
            touched.filter(move |node| self.is_live(*node) && self.group(NodeId(*node)) == group);
        base.chain(touched).map(NodeId)
    }

    #[inline]
    pub(crate) fn is_live(&self, node: u32) -> bool {
        match &self.overlay {
            Some(overlay) => overlay.is_live(node),
            None => true,
        }
    }

    /// What the overlay, if there is one, has of a node.
    #[inline]
    fn changed(&self, node: u32) -> Option<&NodeRecord> {
        self.overlay.as_ref()?.node(node)
    }

    /// The document of a node.
    #[inline]
    pub fn doc(&self, node: NodeId) -> View<'_> {
        match self.changed(node.0) {
            Some(changed) => changed.doc.view(),
            None => self.docs.get(node.0 as usize).map_or(View::Null, Doc::view),
        }
    }

    /// The document of a node, to be shared; `None` where there is no node.
    pub fn document(&self, node: NodeId) -> Option<&Doc> {
        if !self.is_live(node.0) {
            return None;
        }
        match self.overlay.as_ref().and_then(|it| it.node(node.0)) {
            Some(changed) => Some(&changed.doc),
            None => self.docs.get(node.0 as usize),
        }
    }

    /// This graph with its documents as if nobody had read them: those that came compressed from a file take up
    /// their compressed size again, once the graph that they were read in is gone. Costs some milliseconds for
    /// a million nodes.
    #[must_use]
    pub fn cooled(&self) -> Self {
        Self { docs: Doc::cooled(&self.docs).into(), ..self.clone() }
    }

    /// Bytes in memory only because documents were read that came compressed.
    pub fn n_thawed_bytes(&self) -> usize {
        Doc::n_thawed_bytes(&self.docs)
    }

    /// What Merlon says about a node: the map behind `n.merlon`. Null for a node without.
    #[inline]
    pub fn meta(&self, node: NodeId) -> View<'_> {
        self.meta_doc(node).map_or(View::Null, Doc::view)
    }

    /// What Merlon says about a node, as it was given.
    #[inline]
    pub fn meta_doc(&self, node: NodeId) -> Option<&Doc> {
        match self.changed(node.0) {
            Some(changed) => changed.meta.as_ref(),
            None => self.base.metas.get(node.0 as usize).and_then(Option::as_ref),
        }
    }

    /// The group of a node: see [`GraphBuilder::mark_incomplete`].
    pub fn group(&self, node: NodeId) -> u32 {
        match self.changed(node.0) {
            Some(changed) => changed.group,
            None => self.base.group.get(node.0 as usize).copied().unwrap_or_default(),
        }
    }

    /// The `merlon.id` of a node; `None` for one that is gone or has none.
    pub fn id(&self, node: NodeId) -> Option<&str> {
        if !self.is_live(node.0) {
            return None;
        }
        match self.meta(node).get(self.keys.find("id")?) {
            Some(View::Str(id)) => Some(id),
            _ => None,
        }
    }

    /// The node whose `merlon.id` is `id`.
    pub fn node_by_id(&self, id: &str) -> Option<NodeId> {
        let base = self.base.find_id(id, &self.keys);
        let Some(overlay) = &self.overlay else { return base.map(NodeId) };
        let key = self.keys.find("id")?;
        let has_id = |node: &u32| {
            let meta = overlay.node(*node).and_then(|record| record.meta.as_ref());
            meta.is_some_and(|meta| builder::id_of(meta, key) == Some(id))
        };
        let base = base.filter(|node| !overlay.is_touched(*node) || has_id(node));
        let listed = overlay.nodes_by_id(builder::id_hash(id));
        let listed = listed.into_iter().flat_map(|nodes| nodes.iter().rev());
        listed.filter(|node| has_id(node)).chain(base).next().map(NodeId)
    }

    /// The labels of a node.
    pub fn labels(&self, node: NodeId) -> impl Iterator<Item = &str> {
        self.sets.get(self.label_set(node.0)).iter().map(|label| self.labels.name(*label))
    }

    #[inline]
    pub(crate) fn label_set(&self, node: u32) -> u32 {
        match self.changed(node) {
            Some(changed) => changed.label_set,
            None => self.base.label_set.get(node as usize).copied().unwrap_or_default(),
        }
    }

    pub(crate) fn label_sets(&self) -> &LabelSets {
        &self.sets
    }

    pub(crate) fn label_names(&self) -> &Names {
        &self.labels
    }

    pub(crate) fn type_names(&self) -> &Names {
        &self.types
    }

    /// The nodes of the base with a label, and those that the overlay adds or changes.
    ///
    /// A node of the first list counts only when [`Self::is_touched`] is false.
    pub(crate) fn with_label(&self, label: u32) -> (&[u32], &NodeList) {
        static NONE: NodeList = NodeList::NONE;
        let base = self.base.by_label.get(label as usize).map_or(&[][..], |nodes| nodes);
        let added = self.overlay.as_ref().and_then(|overlay| overlay.with_label(label));
        (base, added.unwrap_or(&NONE))
    }

    /// How many nodes have a label, about.
    pub fn n_with_label(&self, label: &str) -> usize {
        let Some(label) = self.labels.find(label) else { return 0 };
        let (base, added) = self.with_label(label);
        base.len() + added.len()
    }

    /// All labels that some node has or had.
    pub fn label_list(&self) -> impl Iterator<Item = &str> {
        (0..self.labels.len() as u32).map(|label| self.labels.name(label))
    }

    /// All edge types, computed ones included, with the number of stored edges.
    pub fn type_list(&self) -> impl Iterator<Item = (&str, usize)> {
        (0..self.types.len() as u32).map(|number| {
            (self.types.name(number), self.base.csr.get(number as usize).map_or(0, Csr::len))
        })
    }

    /// Whether the overlay adds, changes or removes a node.
    #[inline]
    pub(crate) fn is_touched(&self, node: u32) -> bool {
        self.overlay.as_ref().is_some_and(|overlay| overlay.is_touched(node))
    }

    pub(crate) fn has_overlay(&self) -> bool {
        self.overlay.is_some()
    }

    /// The edges of a type at a node in one direction.
    #[inline]
    pub(crate) fn adjacent(&self, edge_type: u32, way: Way, node: u32) -> Adjacent<'_> {
        self.lists(edge_type, way).at(node)
    }

    /// The edges of a type in one direction, to be asked for at many nodes.
    #[inline]
    pub(crate) fn lists(&self, edge_type: u32, way: Way) -> Lists<'_> {
        let mut lists = self.base.lists(edge_type, way);
        lists.changed = self.overlay.as_deref().map(|overlay| (overlay, edge_type, way));
        lists
    }

    /// A stored edge.
    pub fn edge(&self, edge: EdgeId) -> Option<EdgeView<'_>> {
        let (edge_type, from, to) = self.ends(edge)?;
        Some(EdgeView {
            edge_type: self.types.name(edge_type),
            from: NodeId(from),
            to: NodeId(to),
            doc: self.edge_doc(edge),
        })
    }

    /// The type and the ends of an edge.
    pub(crate) fn ends(&self, edge: EdgeId) -> Option<(u32, u32, u32)> {
        if edge.0 >= self.base.n_edges() {
            return self.overlay.as_ref()?.edge(edge.0 - self.base.n_edges());
        }
        self.base.edge(edge.0)
    }

    /// The properties of an edge; `None` when it has none.
    pub(crate) fn edge_doc(&self, edge: EdgeId) -> Option<&Doc> {
        if edge.0 >= self.base.n_edges() {
            return self.overlay.as_ref()?.edge_doc(edge.0 - self.base.n_edges());
        }
        let (edge_type, place) = self.base.place(edge.0)?;
        self.base.csr.get(edge_type as usize)?.doc(place)
    }

    /// Edges of a type over nodes with such edges: how many neighbours to expect.
    pub(crate) fn fan_out(&self, edge_type: u32, way: Way) -> f64 {
        let Some(csr) = self.base.csr.get(edge_type as usize) else { return 1.0 };
        csr.len() as f64 / (csr.n_nodes(way).max(1) as f64)
    }

    /// How many edges of a type there may be.
    pub(crate) fn n_of_type(&self, edge_type: u32) -> usize {
        let base = self.base.csr.get(edge_type as usize).map_or(0, Csr::len);
        base + self.overlay.as_ref().map_or(0, |overlay| overlay.n_new_edges() as usize)
    }

    pub(crate) fn n_types(&self) -> u32 {
        self.types.len() as u32
    }

    pub(crate) fn has_incomplete(&self) -> bool {
        !self.incomplete.is_empty()
    }

    pub(crate) fn missing(&self, group: u32, edge_type: u32, way: Way) -> &[Missing] {
        self.incomplete.get(group, edge_type, way)
    }

    #[inline]
    pub(crate) fn provider(&self, edge_type: u32) -> Option<&dyn EdgeProvider> {
        self.providers.get(edge_type as usize)?.as_deref()
    }

    /// The values of one path over the nodes of a label (of all nodes without), made on first use.
    ///
    /// Holds what the base holds: see [`Self::is_touched`].
    pub(crate) fn column(
        &self,
        label: Option<u32>,
        of_meta: bool,
        path: &[model::Key],
    ) -> Arc<Column> {
        self.base.columns.get_or_build((label, of_meta, path.into()), || {
            let docs = |node: u32| {
                if of_meta {
                    let meta = self.base.metas.get(node as usize).and_then(Option::as_ref);
                    meta.map_or(View::Null, Doc::view)
                } else {
                    self.docs.get(node as usize).map_or(View::Null, Doc::view)
                }
            };
            if let Some(nodes) = label.map(|label| self.base.by_label.get(label as usize)) {
                Column::build(nodes.map_or(&[][..], |it| it), path, docs)
            } else {
                let all: Vec<u32> = (0..self.docs.len() as u32).collect();
                Column::build(&all, path, docs)
            }
        })
    }
}

impl Base {
    fn nodes_of_group(&self, group: u32) -> impl Iterator<Item = u32> + '_ {
        let sorted = self.by_group.get_or_init(|| {
            let mut pairs: Vec<(u32, u32)> = self.group.iter().copied().zip(0_u32..).collect();
            pairs.sort_unstable();
            pairs
        });
        let first = sorted.partition_point(|(it, _)| *it < group);
        let here = sorted.get(first..).unwrap_or_default().iter();
        here.take_while(move |(it, _)| *it == group).map(|(_, node)| *node)
    }

    fn n_edges(&self) -> u32 {
        self.first_edge.last().copied().unwrap_or_default()
    }

    #[inline]
    fn lists(&self, edge_type: u32, way: Way) -> Lists<'_> {
        match (self.csr.get(edge_type as usize), self.first_edge.get(edge_type as usize)) {
            (Some(csr), Some(first)) => Lists::of(csr, way, *first),
            _ => Lists::default(),
        }
    }

    /// The type of an edge and its place in it.
    fn place(&self, edge: u32) -> Option<(u32, u32)> {
        let edge_type = self.first_edge.partition_point(|first| *first <= edge).checked_sub(1)?;
        Some((edge_type as u32, edge - self.first_edge.get(edge_type)?))
    }

    fn edge(&self, edge: u32) -> Option<(u32, u32, u32)> {
        let (edge_type, place) = self.place(edge)?;
        let (from, to) = self.csr.get(edge_type as usize)?.ends(place)?;
        Some((edge_type, from, to))
    }

    fn find_id(&self, id: &str, keys: &Keys) -> Option<u32> {
        let key = keys.find("id")?;
        self.by_id
            .find(builder::id_hash(id), |node| {
                let meta = self.metas.get(*node as usize).and_then(Option::as_ref);
                meta.is_some_and(|meta| builder::id_of(meta, key) == Some(id))
            })
            .copied()
    }
}
