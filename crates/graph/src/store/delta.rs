//! Changing a graph: a list of changes gives a new graph that shares the base with the old one.
//!
//! Queries that run over the old graph are not disturbed. When the overlay has grown, [`Graph::compact`]
//! makes a base of its own again, with new numbers for nodes and edges.

use std::sync::Arc;

use lang::value::{GapId, NodeId};
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

    /// What the changes concern, in their order.
    pub fn touched(&self) -> impl Iterator<Item = Touched<'_>> {
        self.changes.iter().map(|change| match change {
            Change::Put { node, .. } => Touched::Put(NodeId(*node)),
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
    /// The graph with changes. The base is shared; this graph stays as it is.
    #[must_use]
    pub fn apply(&self, delta: &Delta) -> Self {
        let mut graph = self.clone();
        let mut overlay = match &self.overlay {
            Some(overlay) => (**overlay).clone(),
            None => Overlay {
                n_nodes: self.base.docs.len(),
                n_edges: self.base.n_edges() as usize,
                ..Overlay::default()
            },
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
                let is_old = match overlay.nodes.get(node) {
                    Some(record) => record.is_some(),
                    None => (*node as usize) < self.base.docs.len(),
                };
                overlay.n_nodes += usize::from(!is_old);
                overlay.unlist(*node);
                let n_base = self.base.docs.len() as u32;
                overlay.n_added = overlay.n_added.max((node + 1).saturating_sub(n_base));
                let id = self.keys.find("id").zip(meta.as_ref());
                let id = id.and_then(|(key, meta)| builder::id_of(meta, key)).map(str::to_owned);
                let (doc, meta) = (doc.clone(), meta.clone());
                let record = NodeRecord { doc, meta, label_set, group: *group };
                overlay.put(*node, record, self.sets.get(label_set), id);
            }
            Change::Remove(node) => {
                for edge_type in 0..self.types.len() as u32 {
                    for way in [Way::Out, Way::In] {
                        let (others, _) = self.adjacency(overlay, edge_type, way, *node);
                        for other in others {
                            let (from, to) = match way {
                                Way::Out => (*node, other),
                                Way::In => (other, *node),
                            };
                            self.disconnect(overlay, edge_type, from, to);
                        }
                    }
                }
                overlay.unlist(*node);
                let was_there = match overlay.nodes.insert(*node, None) {
                    Some(record) => record.is_some(),
                    None => (*node as usize) < self.base.docs.len(),
                };
                overlay.n_nodes -= usize::from(was_there);
            }
            Change::Connect { from, edge_type, to, doc } => {
                let edge_type = self.types.intern(edge_type);
                let number = self.base.n_edges() + overlay.edges.len() as u32;
                for (way, node, other) in [(Way::Out, *from, *to), (Way::In, *to, *from)] {
                    let mut adjacency = self.adjacency(overlay, edge_type, way, node);
                    adjacency.0.push(other);
                    adjacency.1.push(number);
                    overlay.adjacency.insert((edge_type, way, node), adjacency);
                }
                let (from, to, doc) = (*from, *to, doc.clone());
                overlay.edges.push(EdgeRecord { edge_type, from, to, doc });
                overlay.n_edges += 1;
            }
            Change::Disconnect { from, edge_type, to } => {
                if let Some(edge_type) = self.types.find(edge_type) {
                    self.disconnect(overlay, edge_type, *from, *to);
                }
            }
            Change::SetIncomplete { place: (group, edge_type, way), missing } => {
                let edge_type = self.types.intern(edge_type);
                let mut entries = Vec::with_capacity(missing.len());
                for (labels, gap) in missing {
                    let labels = labels.iter().map(|label| self.labels.intern(label)).collect();
                    entries.push(Missing { labels, gap: *gap });
                }
                Arc::make_mut(&mut self.incomplete).set(*group, edge_type, *way, entries);
            }
        }
    }

    /// The edges of a node as the overlay in the making has them.
    fn adjacency(&self, overlay: &Overlay, edge_type: u32, way: Way, node: u32) -> Adjacency {
        if let Some((others, numbers)) = overlay.adjacent(edge_type, way, node) {
            return (others.to_vec(), numbers.to_vec());
        }
        let adjacent = self.base.adjacent(edge_type, way, node);
        let numbers = (0..adjacent.others.len()).map(|idx| adjacent.edge(idx).0);
        (adjacent.others.to_vec(), numbers.collect())
    }

    fn disconnect(&self, overlay: &mut Overlay, edge_type: u32, from: u32, to: u32) {
        let mut n_removed = 0;
        for (way, node, other) in [(Way::In, to, from), (Way::Out, from, to)] {
            let (others, numbers) = self.adjacency(overlay, edge_type, way, node);
            let n_before = others.len();
            let kept = others.into_iter().zip(numbers).filter(|(it, _)| *it != other);
            let adjacency: Adjacency = kept.unzip();
            n_removed = n_before - adjacency.0.len();
            overlay.adjacency.insert((edge_type, way, node), adjacency);
        }
        overlay.n_edges -= n_removed;
    }

    /// How many nodes and adjacencies the overlay holds: a measure of when to compact.
    pub fn overlay_size(&self) -> usize {
        let size = |overlay: &Overlay| overlay.nodes.len() + overlay.adjacency.len();
        self.overlay.as_deref().map_or(0, size)
    }

    /// The same graph with a base of its own and no overlay. Nodes are numbered anew: the second
    /// result gives the new number by the old one.
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
                let doc = self.base.docs.get(at).cloned().unwrap_or_else(Doc::stub);
                (doc, self.base.metas.get(at).cloned().flatten())
            };
            let labels: Vec<&str> = self.labels(node).collect();
            let number = builder.add_node(&labels, doc, meta, self.group(node));
            if let Some(place) = numbers.get_mut(node.0 as usize) {
                *place = Some(number);
            }
        }
        let number = |node: u32| numbers.get(node as usize).copied().flatten();
        for edge_type in 0..self.types.len() as u32 {
            for node in self.nodes() {
                let adjacent = self.adjacent(edge_type, Way::Out, node.0);
                for (idx, other) in adjacent.others.iter().enumerate() {
                    if let (Some(from), Some(to)) = (number(node.0), number(*other)) {
                        let doc = self.edge_doc(adjacent.edge(idx)).cloned();
                        builder.add_edge(from, EdgeType(edge_type), to, doc);
                    }
                }
            }
        }
        (builder.finish(), numbers)
    }
}
