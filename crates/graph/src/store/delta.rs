//! Changing a graph: a list of changes gives a new graph that shares the base with the old one.
//!
//! Queries that run over the old graph are not disturbed. When the overlay has grown, [`Graph::compact`]
//! makes a base of its own again, with new numbers for nodes and edges.

use std::sync::Arc;

use lang::value::{EdgeId, GapId, NodeId};
use model::Doc;

use super::builder::{self, GraphBuilder};
use super::csr::Way;
use super::gaps::Missing;
use super::overlay::{Adjacency, EdgeRecord, NodeRecord, Overlay};
use super::{EdgeType, Graph};

/// Changes to a graph, in the order in which they were noted.
#[derive(Debug, Default)]
pub struct Delta {
    next_node: u32,
    changes: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Put { node: u32, labels: Vec<String>, doc: Doc, meta: Option<Doc>, group: u32 },
    SetMeta { node: u32, meta: Doc },
    Remove(u32),
    Connect { from: u32, edge_type: String, to: u32, doc: Option<Doc> },
    Disconnect { from: u32, edge_type: String, to: u32 },
    SetIncomplete { place: (u32, String, Way), missing: Vec<(Vec<String>, GapId)> },
}

/// What a change of a [`Delta`] concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched<'d> {
    /// A node that is added or replaced.
    Put(NodeId),
    /// A node that is removed with its edges.
    Removed(NodeId),
    /// Edges that are added or removed: where they start, their type, where they end.
    Edge(NodeId, &'d str, NodeId),
    /// What nodes of a group may lack.
    Marks(u32, &'d str, Way),
}

impl Delta {
    /// No changes yet to `graph`.
    pub fn new(graph: &Graph) -> Self {
        Self { next_node: graph.node_bound(), changes: Vec::new() }
    }

    /// Whether there is no change.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The number of the node that is added next.
    pub fn next_node(&self) -> NodeId {
        NodeId(self.next_node)
    }

    /// What the changes concern, in their order.
    pub fn touched(&self) -> impl Iterator<Item = Touched<'_>> {
        self.changes.iter().map(|change| match change {
            Change::Put { node, .. } | Change::SetMeta { node, .. } => Touched::Put(NodeId(*node)),
            Change::Remove(node) => Touched::Removed(NodeId(*node)),
            Change::Connect { from, edge_type, to, .. }
            | Change::Disconnect { from, edge_type, to } => {
                Touched::Edge(NodeId(*from), edge_type, NodeId(*to))
            }
            Change::SetIncomplete { place: (group, edge_type, way), .. } => {
                Touched::Marks(*group, edge_type, *way)
            }
        })
    }

    /// Adds a node; its number holds as soon as the changes are applied.
    pub fn add_node(&mut self, labels: &[&str], doc: Doc, meta: Option<Doc>, group: u32) -> NodeId {
        let node = NodeId(self.next_node);
        self.next_node += 1;
        self.replace_node(node, labels, doc, meta, group);
        node
    }

    /// Leaves so many numbers of nodes free: there is no node of these numbers.
    pub fn leave_free(&mut self, n: u32) {
        for _ in 0..n {
            self.changes.push(Change::Remove(self.next_node));
            self.next_node += 1;
        }
    }

    /// Gives a node other labels, another document, other facts. Its edges stay.
    pub fn replace_node(
        &mut self,
        node: NodeId,
        labels: &[&str],
        doc: Doc,
        meta: Option<Doc>,
        group: u32,
    ) {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        self.changes.push(Change::Put { node: node.0, labels, doc, meta, group });
    }

    /// Gives a node other facts, and leaves the rest of it as it is. Nothing happens where there is no node.
    pub fn set_meta(&mut self, node: NodeId, meta: Doc) {
        self.changes.push(Change::SetMeta { node: node.0, meta });
    }

    /// Appends changes that were noted for the graph that this delta leads to.
    pub fn append(&mut self, later: Self) {
        self.next_node = self.next_node.max(later.next_node);
        self.changes.extend(later.changes);
    }

    /// Removes a node with all its edges.
    pub fn remove_node(&mut self, node: NodeId) {
        self.changes.push(Change::Remove(node.0));
    }

    /// Adds an edge.
    pub fn add_edge(&mut self, from: NodeId, edge_type: &str, to: NodeId, doc: Option<Doc>) {
        let edge_type = edge_type.to_owned();
        self.changes.push(Change::Connect { from: from.0, edge_type, to: to.0, doc });
    }

    /// Removes all edges of a type that lead from one node to another.
    pub fn remove_edges(&mut self, from: NodeId, edge_type: &str, to: NodeId) {
        let edge_type = edge_type.to_owned();
        self.changes.push(Change::Disconnect { from: from.0, edge_type, to: to.0 });
    }

    /// Says anew which edges of a type and direction nodes of a group may lack: for each, the labels of
    /// the missing other ends and the gap. An empty list: none.
    pub fn set_incomplete(
        &mut self,
        group: u32,
        edge_type: &str,
        way: Way,
        missing: &[(&[&str], GapId)],
    ) {
        let missing = missing
            .iter()
            .map(|(labels, gap)| (labels.iter().map(|it| (*it).to_owned()).collect(), *gap));
        let place = (group, edge_type.to_owned(), way);
        self.changes.push(Change::SetIncomplete { place, missing: missing.collect() });
    }
}

impl Graph {
    /// The graph with changes. The base is shared; this graph stays as it is. Costs what the changes
    /// touch, whatever was changed before.
    #[must_use]
    pub fn apply(&self, delta: &Delta) -> Self {
        let mut graph = self.clone();
        let mut overlay = match &self.overlay {
            Some(overlay) => (**overlay).clone(),
            None => Overlay::on(self.docs.len(), self.base.n_edges() as usize),
        };
        for change in &delta.changes {
            graph.change(change, &mut overlay);
        }
        graph.overlay = Some(Arc::new(overlay));
        graph
    }

    fn change(&mut self, change: &Change, overlay: &mut Overlay) {
        match change {
            Change::Put { node, labels, doc, meta, group } => {
                let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
                let label_set = builder::set_of(&labels, &mut self.labels, &mut self.sets);
                let (doc, meta, group) = (doc.clone(), meta.clone(), *group);
                let record = NodeRecord { doc, meta, label_set, group, is_listed: false };
                self.put(overlay, *node, record);
            }
            Change::SetMeta { node, meta } => self.set_meta(overlay, *node, meta.clone()),
            Change::Remove(node) => self.remove(overlay, *node),
            Change::Connect { from, edge_type, to, doc } => {
                let edge_type = builder::number_of(edge_type, &mut self.types);
                let number = self.base.n_edges() + overlay.n_new_edges();
                for (way, node, other) in [(Way::Out, *from, *to), (Way::In, *to, *from)] {
                    self.change_adjacency(overlay, (edge_type, way, node), |own| {
                        own.others.push(other);
                        own.numbers.push(number);
                    });
                }
                let (from, to, doc) = (*from, *to, doc.clone());
                overlay.add_edge(EdgeRecord { edge_type, from, to, doc });
            }
            Change::Disconnect { from, edge_type, to } => {
                if let Some(edge_type) = self.types.find(edge_type) {
                    self.drop_edges(overlay, (edge_type, Way::In, *to), *from);
                    let n_removed = self.drop_edges(overlay, (edge_type, Way::Out, *from), *to);
                    overlay.forget_edges(n_removed);
                }
            }
            Change::SetIncomplete { place: (group, edge_type, way), missing } => {
                let edge_type = builder::number_of(edge_type, &mut self.types);
                let mut entries = Vec::with_capacity(missing.len());
                for (labels, gap) in missing {
                    let label = |label: &String| builder::number_of(label, &mut self.labels);
                    entries.push(Missing { labels: labels.iter().map(label).collect(), gap: *gap });
                }
                self.incomplete.set(*group, edge_type, *way, entries);
            }
        }
    }

    fn put(&self, overlay: &mut Overlay, node: u32, mut record: NodeRecord) {
        let n_base = self.docs.len() as u32;
        let was_there = overlay.is_live(node) && (node < n_base || overlay.is_touched(node));
        let id = self.id_of(record.meta.as_ref());
        let old = overlay.node(node);
        let keeps_id = old.is_some_and(|old| self.id_of(old.meta.as_ref()) == id);
        if let Some(old) = old.filter(|old| old.label_set == record.label_set && keeps_id) {
            record.is_listed = old.is_listed;
            return overlay.replace(node, record);
        }
        self.unlist(overlay, node);
        let is_of_base = id.is_some_and(|id| self.base.find_id(id, &self.keys) == Some(node));
        let hash = id.filter(|_| !is_of_base).map(builder::id_hash);
        record.is_listed = hash.is_some();
        let labels = self.sets.get(record.label_set);
        overlay.put(node, record, labels, hash, (was_there, n_base));
    }

    fn set_meta(&self, overlay: &mut Overlay, node: u32, meta: Doc) {
        if !overlay.is_live(node) {
            return;
        }
        let record = match (overlay.node(node), self.docs.get(node as usize)) {
            (Some(record), _) => NodeRecord { meta: Some(meta), ..record.clone() },
            (None, Some(doc)) => NodeRecord {
                doc: doc.clone(),
                meta: Some(meta),
                label_set: self.base.label_set.get(node as usize).copied().unwrap_or_default(),
                group: self.base.group.get(node as usize).copied().unwrap_or_default(),
                is_listed: false,
            },
            (None, None) => return,
        };
        self.put(overlay, node, record);
    }

    fn unlist(&self, overlay: &mut Overlay, node: u32) {
        let Some(old) = overlay.node(node) else { return };
        let id = self.id_of(old.meta.as_ref()).filter(|_| old.is_listed);
        let (labels, hash) = (self.sets.get(old.label_set), id.map(builder::id_hash));
        overlay.unlist(node, labels, hash);
    }

    /// Takes a node out, with the edges that lead from it and to it.
    fn remove(&self, overlay: &mut Overlay, node: u32) {
        let n_base = self.docs.len() as u32;
        let was_there = overlay.is_live(node) && (node < n_base || overlay.is_touched(node));
        for edge_type in 0..self.types.len() as u32 {
            for way in [Way::Out, Way::In] {
                let mut others = self.adjacency(overlay, edge_type, way, node).others;
                if others.is_empty() {
                    continue;
                }
                overlay.forget_edges(others.len());
                others.sort_unstable();
                others.dedup();
                for other in others {
                    self.drop_edges(overlay, (edge_type, way.reversed(), other), node);
                }
                // a loop is gone from both lists by now
                let own = (edge_type, way, node);
                self.change_adjacency(overlay, own, |own| *own = Adjacency::default());
            }
        }
        self.unlist(overlay, node);
        overlay.remove(node, was_there);
    }

    fn id_of<'a>(&self, meta: Option<&'a Doc>) -> Option<&'a str> {
        builder::id_of(meta?, self.keys.find("id")?)
    }

    /// The edges of a node as the overlay in the making has them.
    fn adjacency(&self, overlay: &Overlay, edge_type: u32, way: Way, node: u32) -> Adjacency {
        match overlay.adjacent(edge_type, way, node) {
            Some(adjacency) => adjacency.clone(),
            None => self.base_adjacency(edge_type, way, node),
        }
    }

    fn base_adjacency(&self, edge_type: u32, way: Way, node: u32) -> Adjacency {
        let adjacent = self.base.lists(edge_type, way).at(node);
        let numbers = (0..adjacent.others.len()).map(|idx| adjacent.edge(idx).0);
        Adjacency { others: adjacent.others.to_vec(), numbers: numbers.collect() }
    }

    fn change_adjacency<T>(
        &self,
        overlay: &mut Overlay,
        place: (u32, Way, u32),
        change: impl FnOnce(&mut Adjacency) -> T,
    ) -> T {
        let (edge_type, way, node) = place;
        overlay.change_adjacency(place, || self.base_adjacency(edge_type, way, node), change)
    }

    /// Drops all edges to `other` from one list; gives how many there were.
    fn drop_edges(&self, overlay: &mut Overlay, place: (u32, Way, u32), other: u32) -> usize {
        self.change_adjacency(overlay, place, |own| {
            let n_before = own.others.len();
            let mut others = own.others.iter();
            own.numbers.retain(|_| others.next().is_none_or(|it| *it != other));
            own.others.retain(|it| *it != other);
            n_before - own.others.len()
        })
    }

    /// How many nodes and adjacencies the overlay holds: a measure of when to compact.
    pub fn overlay_size(&self) -> usize {
        self.overlay.as_deref().map_or(0, Overlay::size)
    }

    /// The same graph with a base of its own and no overlay. Nodes are numbered anew: the second
    /// result gives the new number by the old one.
    ///
    /// Takes seconds for large graphs, and may run beside changes: see [`Graph::caught_up`].
    #[must_use]
    pub fn compact(&self) -> (Self, Vec<Option<NodeId>>) {
        let mut builder = GraphBuilder::continuing(self);
        let mut numbers = vec![None; self.node_bound() as usize];
        for node in self.nodes() {
            let record = self.overlay.as_ref().and_then(|it| it.node(node.0));
            let (doc, meta) = if let Some(record) = record {
                (record.doc.clone(), record.meta.clone())
            } else {
                let at = node.0 as usize;
                let doc = self.docs.get(at).cloned().unwrap_or_else(Doc::stub);
                (doc, self.base.metas.get(at).cloned().flatten())
            };
            let labels: Vec<&str> = self.labels(node).collect();
            let number = builder.add_node(&labels, doc, meta, self.group(node));
            if let Some(place) = numbers.get_mut(node.0 as usize) {
                *place = Some(number);
            }
        }
        let mut connect = |edge_type: u32, from: u32, to: u32, doc: Option<&Doc>| {
            let number = |node: u32| numbers.get(node as usize).copied().flatten();
            if let (Some(from), Some(to)) = (number(from), number(to)) {
                builder.add_edge(from, EdgeType(edge_type), to, doc.cloned());
            }
        };
        for (edge_type, csr) in (0_u32..).zip(&self.base.csr) {
            let (from, to, _) = csr.parts();
            for (place, (from, to)) in (0_u32..).zip(from.iter().zip(to)) {
                let overlay = self.overlay.as_ref();
                if overlay.is_none_or(|it| it.adjacent(edge_type, Way::Out, *from).is_none()) {
                    connect(edge_type, *from, *to, csr.doc(place));
                }
            }
        }
        if let Some(overlay) = &self.overlay {
            overlay.for_each_adjacency(&mut |from, edge_type, way, list| {
                for (to, edge) in list.others.iter().zip(&list.numbers).filter(|_| way == Way::Out)
                {
                    connect(edge_type, from, *to, self.edge_doc(EdgeId(*edge)));
                }
            });
        }
        (builder.finish(), numbers)
    }

    /// This graph, just made by [`Graph::compact`] from an older one, with the changes that were made to
    /// that one since. `numbers` is what [`Graph::compact`] gave; the numbers of nodes that were added
    /// since are appended to it.
    #[must_use]
    pub fn caught_up(
        &self,
        mut numbers: Vec<Option<NodeId>>,
        changes: &[Delta],
    ) -> (Self, Vec<Option<NodeId>>) {
        let mut graph = self.clone();
        for delta in changes {
            let moved = delta.moved(&graph, &mut numbers);
            graph = graph.apply(&moved);
        }
        (graph, numbers)
    }
}

impl Delta {
    /// The same changes to a graph that numbers its nodes in another way.
    fn moved(&self, graph: &Graph, numbers: &mut Vec<Option<NodeId>>) -> Self {
        let mut moved = Self::new(graph);
        let find = |numbers: &[Option<NodeId>], node: u32| {
            numbers.get(node as usize).copied().flatten().map(|node| node.0)
        };
        for change in &self.changes {
            let change = match change {
                Change::Put { node, labels, doc, meta, group } => {
                    while numbers.len() <= *node as usize {
                        numbers.push(None);
                    }
                    let node = find(numbers, *node).unwrap_or_else(|| {
                        let new = moved.next_node;
                        moved.next_node += 1;
                        if let Some(place) = numbers.get_mut(*node as usize) {
                            *place = Some(NodeId(new));
                        }
                        new
                    });
                    let (labels, doc, meta) = (labels.clone(), doc.clone(), meta.clone());
                    Some(Change::Put { node, labels, doc, meta, group: *group })
                }
                Change::SetMeta { node, meta } => {
                    let node = find(numbers, *node);
                    node.map(|node| Change::SetMeta { node, meta: meta.clone() })
                }
                Change::Remove(node) => find(numbers, *node).map(Change::Remove),
                Change::Connect { from, edge_type, to, doc } => {
                    let ends = find(numbers, *from).zip(find(numbers, *to));
                    ends.map(|(from, to)| {
                        let (edge_type, doc) = (edge_type.clone(), doc.clone());
                        Change::Connect { from, edge_type, to, doc }
                    })
                }
                Change::Disconnect { from, edge_type, to } => {
                    let ends = find(numbers, *from).zip(find(numbers, *to));
                    ends.map(|(from, to)| Change::Disconnect {
                        from,
                        edge_type: edge_type.clone(),
                        to,
                    })
                }
                Change::SetIncomplete { place, missing } => {
                    Some(Change::SetIncomplete { place: place.clone(), missing: missing.clone() })
                }
            };
            // what was gone before the graph was compacted has no number any more
            moved.changes.extend(change);
        }
        moved
    }
}
