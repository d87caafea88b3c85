//! Changes on top of a base: nodes and edges added, replaced, removed.
//!
//! What a change touches is copied: the record of a node, the whole adjacency of a node in one type
//! and direction. So reading stays one look-up and a slice. Everything lies in maps that clones share,
//! so a change of a graph costs what it touches, however much was changed before.
//!
//! What readers ask is never inlined: most graphs have no overlay, and asking such a graph must stay
//! small enough to be inlined itself.

use std::sync::Arc;

use model::Doc;

use super::csr::Way;
use super::radix::Radix;

/// A node as the overlay has it.
#[derive(Debug, Clone)]
pub(crate) struct NodeRecord {
    pub(crate) doc: Doc,
    pub(crate) meta: Option<Doc>,
    pub(crate) label_set: u32,
    pub(crate) group: u32,
    /// Whether `by_id` leads to it: its id is not that of the base.
    pub(crate) is_listed: bool,
}

/// An edge that the base does not have.
#[derive(Debug)]
pub(crate) struct EdgeRecord {
    pub(crate) edge_type: u32,
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) doc: Option<Doc>,
}

/// The other ends of the edges of a node, with the numbers of the edges.
#[derive(Debug, Clone, Default)]
pub(crate) struct Adjacency {
    pub(crate) others: Vec<u32>,
    pub(crate) numbers: Vec<u32>,
}

/// The changed adjacencies of a node.
#[derive(Debug, Clone, Default)]
struct Adjacencies {
    lists: Vec<(u32, Way, Arc<Adjacency>)>,
}

/// Nodes, about in the order in which they were put. In pieces that clones share.
#[derive(Debug, Clone, Default)]
pub(crate) struct NodeList {
    pieces: Vec<Arc<[u32]>>,
    last: Vec<u32>,
    len: usize,
}

/// Nodes in a piece of a list.
const PIECE: usize = if cfg!(test) { 3 } else { 1024 };

impl NodeList {
    pub(crate) const NONE: Self = Self { pieces: Vec::new(), last: Vec::new(), len: 0 };

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.pieces.iter().flat_map(|piece| piece.iter()).chain(&self.last).copied()
    }

    fn push(&mut self, node: u32) {
        self.last.push(node);
        self.len += 1;
        if self.last.len() >= PIECE {
            self.pieces.push(std::mem::take(&mut self.last).into());
        }
    }

    fn remove(&mut self, node: u32) {
        if let Some(piece) = self.pieces.iter_mut().find(|piece| piece.contains(&node)) {
            *piece = piece.iter().copied().filter(|it| *it != node).collect();
            self.len -= 1;
        } else if let Some(at) = self.last.iter().position(|it| *it == node) {
            self.last.remove(at);
            self.len -= 1;
        }
    }
}

/// All changes. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overlay {
    /// Nodes replaced (some record), removed (none) or added.
    nodes: Radix<Option<Arc<NodeRecord>>>,
    by_label: Radix<Arc<NodeList>>,
    /// Nodes by some bits of the hash of their id.
    by_id: Radix<Arc<NodeList>>,
    adjacency: Radix<Arc<Adjacencies>>,
    edges: Radix<Arc<EdgeRecord>>,
    /// Edges that were ever added, whether they are still there or not.
    n_new_edges: u32,
    n_added: u32,
    n_nodes: usize,
    n_edges: usize,
    n_touched: usize,
}

/// Bits of a hash that the list of ids is sorted by: enough for overlays of some 100,000 nodes.
const ID_BITS: u32 = 20;

fn id_slot(hash: u64) -> u32 {
    (hash & ((1 << ID_BITS) - 1)) as u32
}

impl Overlay {
    /// No changes to a base of this size.
    pub(crate) fn on(n_nodes: usize, n_edges: usize) -> Self {
        Self { n_nodes, n_edges, ..Self::default() }
    }

    pub(crate) fn n_nodes(&self) -> usize {
        self.n_nodes
    }

    pub(crate) fn n_edges(&self) -> usize {
        self.n_edges
    }

    pub(crate) fn n_added(&self) -> u32 {
        self.n_added
    }

    pub(crate) fn n_new_edges(&self) -> u32 {
        self.n_new_edges
    }

    /// Nodes and adjacencies that it holds, about.
    pub(crate) fn size(&self) -> usize {
        self.n_touched
    }

    #[inline(never)]
    pub(crate) fn is_live(&self, node: u32) -> bool {
        !matches!(self.nodes.get(node), Some(None))
    }

    #[inline(never)]
    pub(crate) fn is_touched(&self, node: u32) -> bool {
        self.nodes.get(node).is_some()
    }

    /// The nodes that are replaced, removed or added, in order.
    pub(crate) fn touched(&self) -> Vec<u32> {
        let mut found = Vec::new();
        self.nodes.for_each(&mut |node, _| found.push(node));
        found
    }

    #[inline(never)]
    pub(crate) fn node(&self, node: u32) -> Option<&NodeRecord> {
        self.nodes.get(node)?.as_deref()
    }

    /// Calls `visit` with every node that two overlays may have otherwise.
    pub(crate) fn different_nodes(&self, other: &Self, visit: &mut dyn FnMut(u32)) {
        let is_same = |a: &Option<Arc<NodeRecord>>, b: &Option<Arc<NodeRecord>>| match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        self.nodes.differences(&other.nodes, &is_same, visit);
    }

    /// Calls `visit` with every node of which two overlays may have other edges.
    pub(crate) fn different_adjacencies(&self, other: &Self, visit: &mut dyn FnMut(u32)) {
        self.adjacency.differences(&other.adjacency, &|a, b| Arc::ptr_eq(a, b), visit);
    }

    /// Nodes whose id may have this hash and is not the one that the base gives them.
    pub(crate) fn nodes_by_id(&self, hash: u64) -> Option<&NodeList> {
        self.by_id.get(id_slot(hash)).map(|list| &**list)
    }

    pub(crate) fn with_label(&self, label: u32) -> Option<&NodeList> {
        self.by_label.get(label).map(|list| &**list)
    }

    #[inline(never)]
    pub(crate) fn adjacent(&self, edge_type: u32, way: Way, node: u32) -> Option<&Adjacency> {
        let lists = &self.adjacency.get(node)?.lists;
        let is_it = |list: &&(u32, Way, Arc<Adjacency>)| (list.0, list.1) == (edge_type, way);
        lists.iter().find(is_it).map(|(_, _, list)| &**list)
    }

    /// Calls `visit` with every changed adjacency, by node.
    pub(crate) fn for_each_adjacency<'a>(
        &'a self,
        visit: &mut dyn FnMut(u32, u32, Way, &'a Adjacency),
    ) {
        self.adjacency.for_each(&mut |node, own| {
            for (edge_type, way, list) in &own.lists {
                visit(node, *edge_type, *way, list);
            }
        });
    }

    pub(crate) fn edge(&self, number: u32) -> Option<(u32, u32, u32)> {
        let edge = self.edges.get(number)?;
        Some((edge.edge_type, edge.from, edge.to))
    }

    pub(crate) fn edge_doc(&self, number: u32) -> Option<&Doc> {
        self.edges.get(number)?.doc.as_ref()
    }
}

impl Overlay {
    /// Puts a node in its place, new or not. `was_there`: whether there was a node; `hash`: of its id,
    /// when the base does not lead to it.
    pub(crate) fn put(
        &mut self,
        node: u32,
        record: NodeRecord,
        labels: &[u32],
        hash: Option<u64>,
        (was_there, n_base): (bool, u32),
    ) {
        for label in labels {
            self.by_label.change(*label, |list| {
                let list = Arc::make_mut(list.get_or_insert_default());
                list.push(node);
            });
        }
        if let Some(hash) = hash {
            self.by_id.change(id_slot(hash), |list| {
                let list = Arc::make_mut(list.get_or_insert_default());
                list.push(node);
            });
        }
        self.n_touched += usize::from(!self.is_touched(node));
        self.nodes.insert(node, Some(Arc::new(record)));
        self.n_nodes += usize::from(!was_there);
        self.n_added = self.n_added.max((node + 1).saturating_sub(n_base));
    }

    /// Gives a node that stays in all lists another record.
    pub(crate) fn replace(&mut self, node: u32, record: NodeRecord) {
        self.nodes.insert(node, Some(Arc::new(record)));
    }

    /// Marks a node as gone.
    pub(crate) fn remove(&mut self, node: u32, was_there: bool) {
        self.n_touched += usize::from(!self.is_touched(node));
        self.nodes.insert(node, None);
        self.n_nodes -= usize::from(was_there);
    }

    /// Forgets what the lists say of a node that this overlay had put there.
    pub(crate) fn unlist(&mut self, node: u32, labels: &[u32], hash: Option<u64>) {
        if self.node(node).is_none() {
            return;
        }
        let forget = |list: &mut Option<Arc<NodeList>>| {
            if let Some(list) = list {
                Arc::make_mut(list).remove(node);
            }
        };
        for label in labels {
            self.by_label.change(*label, forget);
        }
        if let Some(hash) = hash {
            self.by_id.change(id_slot(hash), forget);
        }
    }

    /// Changes the edges of a node of one type in one direction; `base` gives those that it has so far.
    pub(crate) fn change_adjacency<T>(
        &mut self,
        (edge_type, way, node): (u32, Way, u32),
        base: impl FnOnce() -> Adjacency,
        change: impl FnOnce(&mut Adjacency) -> T,
    ) -> T {
        let n_touched = &mut self.n_touched;
        self.adjacency.change(node, |own| {
            let lists = &mut Arc::make_mut(own.get_or_insert_default()).lists;
            let at = lists.iter().position(|list| (list.0, list.1) == (edge_type, way));
            let at = at.unwrap_or_else(|| {
                *n_touched += 1;
                lists.push((edge_type, way, Arc::new(base())));
                lists.len() - 1
            });
            match lists.get_mut(at) {
                Some((_, _, list)) => change(Arc::make_mut(list)),
                None => change(&mut Adjacency::default()), // it was found or pushed
            }
        })
    }

    /// Adds the record of an edge; its number among the new ones is the one that was next.
    pub(crate) fn add_edge(&mut self, edge: EdgeRecord) {
        self.edges.insert(self.n_new_edges, Arc::new(edge));
        self.n_new_edges += 1;
        self.n_edges += 1;
    }

    /// Counts edges that were taken out of the adjacencies.
    pub(crate) fn forget_edges(&mut self, n: usize) {
        self.n_edges -= n;
    }
}
