//! Nodes in the order of their ids, by which those within a resource are found.

use graph::Graph;
use lang::NodeId;

/// All nodes that have an id, by their ids. The ids themselves stay in the graph.
#[derive(Debug)]
pub(super) struct Ids {
    sorted: Vec<NodeId>,
}

impl Ids {
    pub(super) fn of(graph: &Graph) -> Self {
        let mut sorted: Vec<NodeId> = graph.nodes().filter(|it| graph.id(*it).is_some()).collect();
        sorted.sort_unstable_by(|a, b| (graph.id(*a), a).cmp(&(graph.id(*b), b)));
        Self { sorted }
    }

    /// The nodes whose ids begin so.
    pub(super) fn within<'a>(
        &'a self,
        start: &'a str,
        graph: &'a Graph,
    ) -> impl Iterator<Item = NodeId> + 'a {
        let from = self.sorted.partition_point(|it| graph.id(*it) < Some(start));
        let rest = self.sorted.get(from..).unwrap_or_default().iter().copied();
        rest.take_while(move |it| graph.id(*it).is_some_and(|id| id.starts_with(start)))
    }

    /// Follows a change of some nodes.
    pub(super) fn follow(&mut self, nodes: &[NodeId], before: &Graph, after: &Graph) {
        let place = |sorted: &[NodeId], node: NodeId, graph: &Graph| {
            sorted.binary_search_by(|it| (graph.id(*it), *it).cmp(&(graph.id(node), node)))
        };
        let is_other = |it: &&NodeId| before.id(**it) != after.id(**it);
        for node in nodes.iter().filter(is_other) {
            if let Ok(at) = place(&self.sorted, *node, before) {
                self.sorted.remove(at);
            }
        }
        for node in nodes.iter().filter(is_other).filter(|it| after.id(**it).is_some()) {
            if let Err(at) = place(&self.sorted, *node, after) {
                self.sorted.insert(at, *node);
            }
        }
    }
}
