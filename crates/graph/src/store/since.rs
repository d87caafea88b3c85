//! What differs between a graph and an earlier one, when both are changes of one base.
//!
//! Overlays share what neither changed, so finding the differences costs what changed between them.

use std::sync::Arc;

use hashbrown::HashSet;
use lang::value::NodeId;

use super::Graph;
use super::csr::Way;
use super::delta::Touched;
use super::overlay::Overlay;

impl Graph {
    /// What was touched between an earlier graph and this one: perhaps more, never less. `None` where they are
    /// not changes of one base, so that their numbers of nodes mean different things.
    pub fn since(&self, before: &Self) -> Option<Vec<Touched<'_>>> {
        if !Arc::ptr_eq(&self.base, &before.base) || self.providers.iter().any(Option::is_some) {
            return None;
        }
        let none = Overlay::on(0, 0);
        let (old, new) = [before, self].map(|it| it.overlay.as_deref().unwrap_or(&none)).into();
        let mut found = Vec::new();
        old.different_nodes(new, &mut |node| {
            let is_there = self.has_node(NodeId(node));
            found.push(if is_there {
                Touched::Put(NodeId(node))
            } else {
                Touched::Removed(NodeId(node))
            });
        });
        let mut nodes: Vec<u32> = Vec::new();
        old.different_adjacencies(new, &mut |node| nodes.push(node));
        for node in nodes {
            for edge_type in 0..self.types.len() as u32 {
                if [old, new].iter().all(|it| it.adjacent(edge_type, Way::Out, node).is_none()) {
                    continue;
                }
                let ends = |graph: &Self| -> HashSet<u32> {
                    let is_known = (edge_type as usize) < graph.types.len();
                    let ends = is_known.then(|| graph.adjacent(edge_type, Way::Out, node).others);
                    ends.into_iter().flatten().copied().collect()
                };
                let name = self.types.name(edge_type);
                let (old, new) = (ends(before), ends(self));
                let other = old.symmetric_difference(&new);
                found.extend(other.map(|to| Touched::Edge(NodeId(node), name, NodeId(*to))));
            }
        }
        self.incomplete.differences(&before.incomplete, &mut |group, edge_type, way| {
            found.push(Touched::Marks(group, self.types.name(edge_type), way));
        });
        Some(found)
    }
}
