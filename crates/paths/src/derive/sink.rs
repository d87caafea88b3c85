//! Where edges go while they are derived: into a graph in the making, or into one that changes.

use hashbrown::HashSet;

use crate::attack::{AttackBuilder, AttackGraph, Change, Edge, EdgeNumber};

/// Takes edges.
#[derive(Debug)]
pub(super) enum Sink {
    Made(AttackBuilder),
    Changed(Box<Changing>),
}

/// A graph that changes, and what changed in it.
#[derive(Debug)]
pub(super) struct Changing {
    pub(super) graph: AttackGraph,
    inserted: HashSet<EdgeNumber>,
    removed: Vec<EdgeNumber>,
}

impl Changing {
    pub(super) fn of(graph: AttackGraph) -> Self {
        Self { graph, inserted: HashSet::new(), removed: Vec::new() }
    }

    /// Takes an edge away. One that came with the same change never was.
    pub(super) fn remove(&mut self, edge: EdgeNumber) {
        if self.graph.remove(edge) && !self.inserted.remove(&edge) {
            self.removed.push(edge);
        }
    }

    /// The graph, and what changed in it.
    pub(super) fn finish(self) -> (AttackGraph, Change) {
        let mut inserted: Vec<EdgeNumber> = self.inserted.into_iter().collect();
        inserted.sort_unstable();
        (self.graph, Change { inserted, removed: self.removed })
    }
}

impl Sink {
    pub(super) fn add(&mut self, edge: &Edge<'_>, label: u32) {
        match self {
            Self::Made(builder) => builder.add(edge, label),
            Self::Changed(it) => it.inserted.extend(it.graph.insert(edge, label)),
        }
    }
}
