//! Changes of an attack graph as an estate makes them, for measuring.

use super::Chance;
use crate::attack::{AttackGraph, Change, Cost, Edge, EdgeNumber, Position, Shut};

/// What changed in the estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// An attribute of one thing: up to four ways from it go, and as many come. One in twenty is the end of
    /// it: all that leads there and away goes.
    Attribute,
    /// A grant comes or is taken away: 20 to 200 edges from one identity. One in twenty is an
    /// administrator's: 2,000 to 5,000.
    Grant,
    /// A rule of the network comes or goes: up to 200 edges, from many to one or from one to many.
    Rule,
}

/// A change that was drawn and not made yet.
#[derive(Debug)]
pub struct Draft {
    /// What changed.
    pub sort: Sort,
    removed: Vec<EdgeNumber>,
    inserted: Vec<(Position, Position, Cost)>,
    /// Whether what it inserts may be taken away again.
    is_kept: bool,
}

impl Draft {
    /// Edges that it inserts and removes.
    pub fn n_edges(&self) -> usize {
        self.removed.len() + self.inserted.len()
    }

    /// Makes the change.
    pub fn make(&self, graph: &mut AttackGraph) -> Change {
        let mut change = Change::default();
        for edge in &self.removed {
            if graph.remove(*edge) {
                change.removed.push(*edge);
            }
        }
        for (from, to, cost) in &self.inserted {
            let edge = Edge { from: &[*from], to: *to, cost: *cost, facts: &[2] };
            change.inserted.extend(graph.insert(&edge, 0));
        }
        change
    }
}

/// Draws changes in the mix of an estate: 70 % attributes, 20 % grants, 10 % rules; half of grants and rules
/// take away what one before brought.
#[derive(Debug)]
pub struct Changes {
    chance: Chance,
    brought: [Vec<Vec<EdgeNumber>>; 2],
}

impl Changes {
    /// Changes; the same seed gives the same.
    pub fn new(seed: u64) -> Self {
        Self { chance: Chance(seed | 1), brought: [Vec::new(), Vec::new()] }
    }

    /// The next change of a graph.
    pub fn draw(&mut self, graph: &AttackGraph) -> Draft {
        let n = graph.n_positions();
        let chance = &mut self.chance;
        let one = chance.below(n);
        let mut draft = Draft {
            sort: Sort::Attribute,
            removed: Vec::new(),
            inserted: Vec::new(),
            is_kept: false,
        };
        let drawn = chance.below(100);
        if drawn < 70 {
            let outs = graph.outs(one, Shut::of(false)).map(|it| it.0);
            if chance.below(20) == 0 {
                let ins = graph.ins(one, Shut::of(false)).map(|it| it.edge);
                draft.removed = outs.chain(ins).collect();
                return draft;
            }
            draft.removed = outs.take(1 + chance.below(4) as usize).collect();
            for _ in 0..=chance.below(4) {
                draft.inserted.push((one, chance.below(n), chance.cost()));
            }
            return draft;
        }
        draft.sort = if drawn < 90 { Sort::Grant } else { Sort::Rule };
        let of_sort = usize::from(draft.sort == Sort::Rule);
        if let Some(brought) = self.brought.get_mut(of_sort)
            && !brought.is_empty()
            && chance.below(2) == 0
        {
            draft.removed = brought.swap_remove(chance.below(brought.len() as u32) as usize);
            return draft;
        }
        draft.is_kept = true;
        let (count, is_to) = match draft.sort {
            Sort::Grant if chance.below(20) == 0 => (2_000 + chance.below(3_001), false),
            Sort::Grant => (20 + chance.below(181), false),
            _ => (1 + chance.below(200), chance.below(2) == 0),
        };
        let cost = chance.cost();
        for _ in 0..count {
            let other = chance.below(n);
            draft.inserted.push(if is_to { (other, one, cost) } else { (one, other, cost) });
        }
        draft
    }

    /// Keeps what a change brought: it may be taken away later.
    pub fn made(&mut self, draft: &Draft, change: Change) {
        if draft.is_kept
            && let Some(brought) = self.brought.get_mut(usize::from(draft.sort == Sort::Rule))
        {
            brought.push(change.inserted);
        }
    }
}
