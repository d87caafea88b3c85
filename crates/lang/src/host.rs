//! What evaluation asks of the graph.

use crate::value::{EdgeId, NodeId, Value};

/// A graph as seen by expressions. Every id passed in was given out by the same graph.
///
/// A property that was not read is [`Value::Unread`]; one that is absent is [`Value::Null`].
pub trait Host<'g> {
    /// The labels of a node, in a fixed order.
    fn node_labels(&self, node: NodeId) -> Vec<&'g str>;

    /// Whether a node has a label.
    fn node_has_label(&self, node: NodeId, label: &str) -> bool {
        self.node_labels(node).contains(&label)
    }

    /// One property of a node.
    fn node_property(&self, node: NodeId, key: &str) -> Value<'g>;

    /// All properties of a node as a map.
    fn node_properties(&self, node: NodeId) -> Value<'g>;

    /// The type of an edge.
    fn edge_type(&self, edge: EdgeId) -> &'g str;

    /// One property of an edge.
    fn edge_property(&self, edge: EdgeId, key: &str) -> Value<'g>;

    /// All properties of an edge as a map.
    fn edge_properties(&self, edge: EdgeId) -> Value<'g>;

    /// The nodes that an edge leads from and to.
    fn edge_ends(&self, edge: EdgeId) -> (NodeId, NodeId);
}

/// A graph without nodes and edges, for expressions over constants.
#[derive(Clone, Copy, Debug)]
pub struct NoGraph;

impl<'g> Host<'g> for NoGraph {
    fn node_labels(&self, _: NodeId) -> Vec<&'g str> {
        Vec::new()
    }

    fn node_property(&self, _: NodeId, _: &str) -> Value<'g> {
        Value::Null
    }

    fn node_properties(&self, _: NodeId) -> Value<'g> {
        Value::map(Vec::new())
    }

    fn edge_type(&self, _: EdgeId) -> &'g str {
        ""
    }

    fn edge_property(&self, _: EdgeId, _: &str) -> Value<'g> {
        Value::Null
    }

    fn edge_properties(&self, _: EdgeId) -> Value<'g> {
        Value::map(Vec::new())
    }

    fn edge_ends(&self, _: EdgeId) -> (NodeId, NodeId) {
        (NodeId(0), NodeId(0))
    }
}
