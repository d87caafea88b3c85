//! From edges as they come to edges side by side.

use super::lists::{ByPlace, Lists};
use super::{Arc, AttackGraph, Cost, Edge, Joint, LEAST_COST, Position};
use crate::fact::UNPROVEN;

/// Collects edges.
#[derive(Debug, Default)]
pub struct AttackBuilder {
    n_positions: u32,
    tails: Vec<Position>,
    arcs: Vec<Arc>,
    labels: Vec<u32>,
    facts: Lists,
    joints: Vec<Joint>,
    joint_tails: Lists,
}

/// What an edge needs, each once.
pub(super) fn needs(from: &[Position]) -> Vec<Position> {
    let mut needs = from.to_vec();
    needs.sort_unstable();
    needs.dedup();
    needs
}

impl AttackBuilder {
    /// Makes room for positions below `n`.
    pub fn hold(&mut self, n: u32) {
        self.n_positions = self.n_positions.max(n);
    }

    /// Adds an edge; `label` is given back with it. An edge that needs nothing is left out.
    pub fn add(&mut self, edge: &Edge<'_>, label: u32) {
        for position in edge.from.iter().chain([&edge.to]) {
            self.hold(position + 1);
        }
        let is_proven = !edge.facts.contains(&UNPROVEN);
        match edge.from {
            [] => {}
            [tail] => self.add_single(*tail, Arc::new(edge.to, edge.cost, is_proven), label, edge),
            several => match needs(several).as_slice() {
                [tail] => {
                    self.add_single(*tail, Arc::new(edge.to, edge.cost, is_proven), label, edge);
                }
                several => {
                    self.joint_tails.push(several);
                    self.joints.push(Joint::of(edge, label));
                }
            },
        }
    }

    fn add_single(&mut self, tail: Position, arc: Arc, label: u32, edge: &Edge<'_>) {
        self.tails.push(tail);
        self.arcs.push(arc);
        self.labels.push(label);
        self.facts.push(edge.facts);
    }

    /// The graph of all edges that were added.
    pub fn finish(self) -> AttackGraph {
        self.finish_in_order().0
    }

    /// The graph, and for each number of an edge that needs one position, as which it was added.
    pub(super) fn finish_in_order(self) -> (AttackGraph, Vec<u32>) {
        let n = self.n_positions as usize;
        let by_tail = ByPlace::of(n, self.tails.iter().copied().zip(0..));
        let ByPlace { first, order } = by_tail;
        let arcs: Vec<Arc> =
            order.iter().filter_map(|it| self.arcs.get(*it as usize)).copied().collect();
        drop(self.arcs);
        let pick = |list: &[u32]| -> Vec<u32> {
            order.iter().filter_map(|it| list.get(*it as usize)).copied().collect()
        };
        let (tails, labels) = (pick(&self.tails), pick(&self.labels));
        let facts = self.facts.picked(&order);
        let tails_of =
            |it: u32| self.joint_tails.get(it as usize).iter().map(move |tail| (*tail, it));
        let joints_of = ByPlace::of(n, (0..self.joints.len() as u32).flat_map(tails_of));
        let heads = self.joints.iter().map(|it| it.arc.head).zip(0..);
        let joints_to = ByPlace::of(n, heads);
        let n_unproven = arcs.iter().filter(|it| !it.is_proven()).count()
            + self.joints.iter().filter(|it| !it.arc.is_proven()).count();
        let graph = AttackGraph {
            n_positions: self.n_positions,
            n_edges: (arcs.len() + self.joints.len()) as u32,
            n_unproven: n_unproven as u32,
            first,
            arcs,
            tails,
            labels,
            facts,
            joints: self.joints,
            joint_tails: self.joint_tails,
            joints_of,
            joints_to,
            later: super::Later::default(),
            ins: None,
        };
        (graph, order)
    }
}

impl Arc {
    pub(super) fn new(head: Position, cost: Cost, is_proven: bool) -> Self {
        let cost = cost.clamp(LEAST_COST, super::MOST_COST);
        Self { head, cost: if is_proven { cost } else { cost | super::UNPROVEN_BIT } }
    }
}
