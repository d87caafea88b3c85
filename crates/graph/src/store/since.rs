//! What differs between a graph and an earlier one, when both are changes of one base.
//!
//! Overlays share what neither changed, so finding the differences costs what changed between them.

use std::sync::Arc;

use hashbrown::HashSet;
use lang::value::{GapId, NodeId};
use model::Doc;

use super::Graph;
use super::csr::Way;
use super::delta::{Delta, Touched};
use super::gaps::Missing;
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
                let ends = |graph: &Self| -> HashSet<(u32, u32)> {
                    if (edge_type as usize) >= graph.types.len() {
                        return HashSet::new();
                    }
                    let adjacent = graph.adjacent(edge_type, Way::Out, node);
                    let number = |at: usize| adjacent.edge(at).0;
                    adjacent.others.iter().enumerate().map(|it| (*it.1, number(it.0))).collect()
                };
                let name = self.types.name(edge_type);
                let (old, new) = (ends(before), ends(self));
                let other: HashSet<u32> = old.symmetric_difference(&new).map(|it| it.0).collect();
                found.extend(
                    other.into_iter().map(|to| Touched::Edge(NodeId(node), name, NodeId(to))),
                );
            }
        }
        self.incomplete.differences(&before.incomplete, &mut |group, edge_type, way| {
            found.push(Touched::Marks(group, self.types.name(edge_type), way));
        });
        Some(found)
    }

    /// The edges of one type between two nodes, as they are, by their documents.
    fn edges_between(&self, from: NodeId, edge_type: u32, to: NodeId) -> Vec<Option<Doc>> {
        let adjacent = self.adjacent(edge_type, Way::Out, from.0);
        let places = adjacent.others.iter().enumerate().filter(|it| *it.1 == to.0);
        places.map(|it| self.edge_doc(adjacent.edge(it.0)).cloned()).collect()
    }
}

impl Delta {
    /// The changes that lead to a graph from an earlier one, of which [`Graph::since`] told what was `touched`: they
    /// can be applied to another graph that has these nodes under the same numbers.
    pub fn leading_to(after: &Graph, touched: &[Touched<'_>]) -> Self {
        let mut delta = Self::new(after);
        for it in touched {
            match *it {
                Touched::Put(node) => {
                    let labels: Vec<&str> = after.labels(node).collect();
                    let doc = after.document(node).cloned().unwrap_or_else(Doc::stub);
                    let meta = after.meta_doc(node).cloned();
                    delta.replace_node(node, &labels, doc, meta, after.group(node));
                }
                Touched::Removed(node) => delta.remove_node(node),
                Touched::Edge(..) => {}
                Touched::Marks(group, name, way) => {
                    let missing = after.types.find(name).map(|it| after.missing(group, it, way));
                    let labels = |it: &Missing| -> Vec<&str> {
                        it.labels.iter().map(|it| after.labels.name(*it)).collect()
                    };
                    let missing: Vec<(Vec<&str>, GapId)> =
                        missing.into_iter().flatten().map(|it| (labels(it), it.gap)).collect();
                    let missing: Vec<(&[&str], GapId)> =
                        missing.iter().map(|it| (&*it.0, it.1)).collect();
                    delta.set_incomplete(group, name, way, &missing);
                }
            }
        }
        // edges end with their nodes, and begin when both are there
        for it in touched {
            let Touched::Edge(from, name, to) = *it else { continue };
            delta.remove_edges(from, name, to);
            let Some(edge_type) = after.types.find(name) else { continue };
            for doc in after.edges_between(from, edge_type, to) {
                delta.add_edge(from, name, to, doc);
            }
        }
        delta
    }
}
