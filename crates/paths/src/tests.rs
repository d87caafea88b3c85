//! Searches against slow, obvious ones on small attack graphs.

mod change;
mod plan;
mod search;
mod standing;

use proptest::prelude::*;

use crate::attack::{AttackBuilder, AttackGraph, Cost, Edge, Fact, Position};

/// Positions of a sketch.
const POSITIONS: u32 = 9;
/// Facts of a sketch.
const FACTS: std::ops::RangeInclusive<Fact> = 2..=9;

/// Edges as they were drawn.
#[derive(Debug, Clone)]
pub(super) struct Sketch {
    pub(super) edges: Vec<SketchEdge>,
}

/// What is needed, what is gained, the cost and the facts.
pub(super) type SketchEdge = (Vec<Position>, Position, Cost, Vec<Fact>);

impl Sketch {
    pub(super) fn graph(&self) -> AttackGraph {
        self.graph_of(POSITIONS)
    }

    /// With at least this many positions.
    pub(super) fn graph_of(&self, n_positions: u32) -> AttackGraph {
        let mut builder = AttackBuilder::default();
        builder.hold(n_positions);
        for (label, (from, to, cost, facts)) in (0_u32..).zip(&self.edges) {
            builder.add(&Edge { from, to: *to, cost: *cost, facts }, label);
        }
        builder.finish()
    }

    /// What it costs to come to each position, by going over all edges until nothing changes.
    pub(super) fn costs(&self, entries: &[Position], removed: &[Fact]) -> Vec<Option<Cost>> {
        let mut costs = vec![None; POSITIONS as usize];
        for entry in entries {
            costs[*entry as usize] = Some(0);
        }
        loop {
            let before = costs.clone();
            for (from, to, cost, facts) in &self.edges {
                if facts.iter().any(|it| removed.contains(it)) {
                    continue;
                }
                let mut from = from.clone();
                from.sort_unstable();
                from.dedup();
                let needs: Option<Cost> = from.iter().map(|it| costs[*it as usize]).sum();
                let place = &mut costs[*to as usize];
                if let Some(sum) = needs.map(|it| it + cost)
                    && place.is_none_or(|known| sum < known)
                {
                    *place = Some(sum);
                }
            }
            if costs == before {
                return costs;
            }
        }
    }
}

/// Small graphs, a third of whose edges need several positions.
pub(super) fn sketches(least_facts: usize) -> impl Strategy<Value = Sketch> {
    prop::collection::vec(edge(least_facts), 0..24).prop_map(|edges| Sketch { edges })
}

/// Edges, half of which are certain or nearly so: ways of equal cost come up.
pub(super) fn edge(least_facts: usize) -> impl Strategy<Value = SketchEdge> {
    let position = 0..POSITIONS;
    let from = prop_oneof![
        2 => prop::collection::vec(position.clone(), 1),
        1 => prop::collection::vec(position.clone(), 2..4),
    ];
    let facts = prop::collection::vec(FACTS, least_facts..4);
    (from, position, prop_oneof![1..4_u32, 1..2000_u32], facts)
}
