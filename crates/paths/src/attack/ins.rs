//! What leads to a position: the edges of an attack graph the other way round.

use super::lists::{ByPlace, Chains};
use super::{Arc, AttackGraph, Cost, EdgeNumber, GONE_BIT, Position, Shut};

/// A single edge, seen from where it leads: all that a search backwards reads, side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct In {
    pub(crate) tail: Position,
    pub(crate) edge: EdgeNumber,
    /// As in [`Arc`].
    cost: Cost,
}

impl In {
    pub(crate) fn cost(self) -> Cost {
        Arc { head: self.tail, cost: self.cost }.cost()
    }

    pub(crate) fn is_open(self, shut: Shut) -> bool {
        self.cost & shut.0 == 0
    }
}

/// Single edges by where they lead.
#[derive(Debug, Clone)]
pub(super) struct Ins {
    first: Vec<u32>,
    list: Vec<In>,
    /// Edges that were inserted since.
    later: Chains,
}

impl Ins {
    pub(super) fn of(graph: &AttackGraph) -> Self {
        let n = graph.n_positions as usize;
        let heads = graph.arcs.iter().zip(0..).filter(|(arc, _)| !arc.is_gone());
        let ByPlace { first, order } = ByPlace::of(n, heads.map(|(arc, edge)| (arc.head, edge)));
        let list = order.iter().filter_map(|edge| graph.in_of(*edge)).collect();
        Self { first, list, later: Chains::default() }
    }

    pub(super) fn hold(&mut self, n_positions: u32) {
        self.later.hold(n_positions);
    }

    pub(super) fn insert(&mut self, to: Position, edge: EdgeNumber) {
        self.later.push(to, edge);
    }

    /// Those of one position stand in the order of their numbers.
    pub(super) fn remove(&mut self, to: Position, edge: EdgeNumber) {
        let range = self.range(to);
        let list = self.list.get_mut(range).unwrap_or_default();
        if let Ok(at) = list.binary_search_by_key(&edge, |it| it.edge)
            && let Some(it) = list.get_mut(at)
        {
            it.cost |= GONE_BIT;
        }
    }

    fn range(&self, to: Position) -> std::ops::Range<usize> {
        let from = self.first.get(to as usize).copied().unwrap_or_default();
        let end = self.first.get(to as usize + 1).copied().unwrap_or(from);
        from as usize..end as usize
    }

    pub(super) fn get(&self, to: Position) -> &[In] {
        self.list.get(self.range(to)).unwrap_or_default()
    }
}

impl AttackGraph {
    fn in_of(&self, edge: EdgeNumber) -> Option<In> {
        let arc = self.arcs.get(edge as usize)?;
        Some(In { tail: *self.tails.get(edge as usize)?, edge, cost: arc.cost })
    }

    /// Makes sure that edges can be looked up by where they lead, too: about half again as much memory.
    pub fn index_ins(&mut self) {
        if self.ins.is_none() {
            self.ins = Some(Ins::of(self));
            self.make_room();
        }
    }

    /// Whether any edge leads to a position or away from it; not found out before [`Self::index_ins`].
    pub(crate) fn is_used(&self, position: Position) -> bool {
        let open = Shut::of(false);
        self.ins.is_none()
            || self.outs(position, open).next().is_some()
            || self.ins(position, open).next().is_some()
            || self.joints_of(position, open).next().is_some()
            || self.joints_to(position, open).next().is_some()
    }

    /// The single edges that lead to a position. Nothing before [`Self::index_ins`].
    pub(crate) fn ins(&self, to: Position, shut: Shut) -> impl Iterator<Item = In> + '_ {
        let laid_out = self.ins.as_ref().map_or(&[][..], |it| it.get(to));
        let later = self.ins.iter().flat_map(move |it| it.later.get(to));
        let later = later.filter_map(|edge| self.in_of(edge));
        laid_out.iter().copied().chain(later).filter(move |it| it.is_open(shut))
    }
}
