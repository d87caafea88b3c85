//! Edges that are computed when asked for, such as effective access; never stored.

use lang::value::NodeId;

/// Why a computed edge holds: what is shown to people, as JSON.
pub type Evidence = serde_json::Value;

/// An edge type whose edges are computed.
///
/// The three ways to ask must agree: `b` is in `out(a)` exactly if `a` is in `into(b)` and if
/// `test(a, b)` holds. No edge is given twice.
pub trait EdgeProvider: Send + Sync {
    /// Appends the nodes that edges from `node` lead to.
    fn out(&self, node: NodeId, found: &mut Vec<NodeId>);

    /// Appends the nodes from which edges lead to `node`.
    fn into(&self, node: NodeId, found: &mut Vec<NodeId>);

    /// Whether an edge leads from `from` to `to`.
    fn test(&self, from: NodeId, to: NodeId) -> bool;

    /// How many edges a node has, about; for planning only.
    fn estimate(&self) -> u32;

    /// Why the edge holds; `None` when it does not.
    fn evidence(&self, from: NodeId, to: NodeId) -> Option<Evidence>;
}
