//! Changes on top of a base: nodes and edges added, replaced, removed.
//!
//! What a change touches is copied: the record of a node, the whole adjacency of a node in one type
//! and direction. So reading stays one look-up and a slice.

use hashbrown::HashMap;
use model::Doc;

use super::csr::Way;

/// A node as the overlay has it.
#[derive(Debug, Clone)]
pub(crate) struct NodeRecord {
    pub(crate) doc: Doc,
    pub(crate) meta: Option<Doc>,
    pub(crate) label_set: u32,
    pub(crate) group: u32,
}

/// An edge that the base does not have.
#[derive(Debug, Clone)]
pub(crate) struct EdgeRecord {
    pub(crate) edge_type: u32,
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) doc: Option<Doc>,
}

/// The other ends of the edges of a node, with the numbers of the edges.
pub(crate) type Adjacency = (Vec<u32>, Vec<u32>);

/// All changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overlay {
    /// Nodes replaced (some record), removed (none) or added.
    pub(crate) nodes: HashMap<u32, Option<NodeRecord>>,
    pub(crate) by_label: Vec<Vec<u32>>,
    pub(crate) by_id: HashMap<Box<str>, u32>,
    pub(crate) adjacency: HashMap<(u32, Way, u32), Adjacency>,
    pub(crate) edges: Vec<EdgeRecord>,
    pub(crate) n_added: u32,
    pub(crate) n_nodes: usize,
    pub(crate) n_edges: usize,
}

impl Overlay {
    pub(crate) fn n_nodes(&self) -> usize {
        self.n_nodes
    }

    pub(crate) fn n_edges(&self) -> usize {
        self.n_edges
    }

    pub(crate) fn n_added(&self) -> u32 {
        self.n_added
    }

    pub(crate) fn is_live(&self, node: u32) -> bool {
        !matches!(self.nodes.get(&node), Some(None))
    }

    /// The nodes that are replaced, removed or added.
    pub(crate) fn touched(&self) -> impl Iterator<Item = u32> + '_ {
        self.nodes.keys().copied()
    }

    pub(crate) fn is_touched(&self, node: u32) -> bool {
        self.nodes.contains_key(&node)
    }

    pub(crate) fn node(&self, node: u32) -> Option<&NodeRecord> {
        self.nodes.get(&node)?.as_ref()
    }

    pub(crate) fn node_by_id(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn with_label(&self, label: u32) -> &[u32] {
        self.by_label.get(label as usize).map_or(&[], |nodes| nodes)
    }

    pub(crate) fn adjacent(&self, edge_type: u32, way: Way, node: u32) -> Option<(&[u32], &[u32])> {
        let (others, numbers) = self.adjacency.get(&(edge_type, way, node))?;
        Some((others, numbers))
    }

    pub(crate) fn edge(&self, number: u32) -> Option<(u32, u32, u32)> {
        let edge = self.edges.get(number as usize)?;
        Some((edge.edge_type, edge.from, edge.to))
    }

    pub(crate) fn edge_doc(&self, number: u32) -> Option<&Doc> {
        self.edges.get(number as usize)?.doc.as_ref()
    }
}

impl Overlay {
    /// Puts a node in its place, new or not.
    pub(crate) fn put(
        &mut self,
        node: u32,
        record: NodeRecord,
        labels: &[u32],
        id: Option<String>,
    ) {
        for label in labels {
            let at = *label as usize;
            if self.by_label.len() <= at {
                self.by_label.resize_with(at + 1, Vec::new);
            }
            if let Some(nodes) = self.by_label.get_mut(at) {
                nodes.push(node);
            }
        }
        if let Some(id) = id {
            self.by_id.insert(id.into_boxed_str(), node);
        }
        self.nodes.insert(node, Some(record));
    }

    /// Forgets what the lists say of a node that this overlay had put there.
    pub(crate) fn unlist(&mut self, node: u32) {
        if !matches!(self.nodes.get(&node), Some(Some(_))) {
            return;
        }
        for nodes in &mut self.by_label {
            nodes.retain(|it| *it != node);
        }
        self.by_id.retain(|_, it| *it != node);
    }
}
