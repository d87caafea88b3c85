//! Following edges several times, no edge twice.

use lang::value::{EdgeId, GapId, Truth, Value};

use super::expand::bound_node;
use super::hop::Hop;
use super::{NodeCheck, Sink, holds_edge};
use crate::run::{Eval, Flow, Frame, Outcome, Slot, told};

/// What the properties of each edge must be.
pub(crate) struct EdgeTest<'g> {
    pub(crate) entries: Vec<(&'g str, Eval<'g>)>,
}

impl<'g> EdgeTest<'g> {
    /// The wanted values, computed once for a search.
    pub(crate) fn wanted(&self, frame: &mut Frame<'g>) -> Outcome<Wanted<'g>> {
        self.entries.iter().map(|(key, eval)| Ok((*key, eval(frame)?))).collect()
    }
}

/// Properties that each edge must have.
pub(crate) type Wanted<'g> = Vec<(&'g str, Value<'g>)>;

/// Whether an edge has all these properties: true, false or unread.
pub(crate) fn edge_fits<'g>(hop: &Hop<'g>, edge: EdgeId, wanted: &Wanted<'g>) -> Truth {
    use lang::Host as _;
    let mut gap = None;
    for (key, value) in wanted {
        match lang::value::compare::equals(&hop.host.edge_property(edge, key), value) {
            Truth::True => {}
            Truth::Unread(it) => gap = told(gap, Some(it)),
            Truth::False | Truth::Null => return Truth::False,
        }
    }
    gap.map_or(Truth::True, Truth::Unread)
}

/// A step of several edges, from one place of the pattern to another.
pub(crate) struct Leg<'g> {
    pub(crate) hop: Hop<'g>,
    /// The same edges, seen from the other end.
    pub(crate) back: Hop<'g>,
    pub(crate) from: Slot,
    pub(crate) to: Slot,
    pub(crate) to_is_bound: bool,
    /// What the node at the other end must be.
    pub(crate) check: NodeCheck<'g>,
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// It is followed against the order in which it is written.
    pub(crate) is_reversed: bool,
}

/// The ends of a leg in one row: where it starts, and where it must end if that is bound.
pub(crate) type Ends = (u32, Option<u32>);

impl<'g> Leg<'g> {
    /// The ends; nothing (and a gap remembered) when a bound one is not there.
    pub(crate) fn ends(&self, frame: &mut Frame<'g>) -> Option<Ends> {
        let from = bound_node(frame, self.from)?;
        let target = if self.to_is_bound { Some(bound_node(frame, self.to)?) } else { None };
        Some((from, target))
    }
}

/// Follows edges between `min` and `max` times.
pub(crate) struct Trail<'g> {
    pub(crate) leg: Leg<'g>,
    /// Where the only length lies that counts at the moment, instead of `min` and `max`.
    pub(crate) exact: Option<Slot>,
    pub(crate) edge_test: Option<EdgeTest<'g>>,
    /// Where the list of edges goes.
    pub(crate) edges: Option<Slot>,
    /// Edges of the same pattern, which must be others.
    pub(crate) others: Vec<Slot>,
}

/// The edges at a node that are still to be tried.
struct Level {
    edges: Vec<(u32, EdgeId)>,
    next: usize,
    /// What was not read of the edges that lead to the node.
    taint: Option<GapId>,
}

impl<'g> Trail<'g> {
    pub(crate) fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        let Some(ends) = self.leg.ends(frame) else { return Ok(Flow::Go) };
        let wanted = match &self.edge_test {
            Some(test) => test.wanted(frame)?,
            None => Vec::new(),
        };
        let exact = self.exact.and_then(|slot| frame.get(slot).as_int());
        let exact = exact.and_then(|length| u32::try_from(length).ok());
        let (min, max) = exact.map_or((self.leg.min, self.leg.max), |length| (length, length));
        let outside = frame.taint;
        let flow = self.walk(ends, (min, max), &wanted, frame, sink);
        frame.taint = outside;
        flow
    }

    fn walk(
        &self,
        (from, target): Ends,
        (min, max): (u32, u32),
        wanted: &Wanted<'g>,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        let mut trail: Vec<EdgeId> = Vec::new();
        if min == 0 && self.emit(from, target, &trail, frame, sink)? == Flow::Stop {
            return Ok(Flow::Stop);
        }
        let mut levels = Vec::new();
        if max > 0 {
            levels.push(self.level(from, frame)?);
        }
        while let Some(level) = levels.last_mut() {
            let Some((node, edge)) = level.edges.get(level.next).copied() else {
                levels.pop();
                trail.pop();
                continue;
            };
            level.next += 1;
            let is_used = trail.contains(&edge)
                || self.others.iter().any(|slot| holds_edge(frame.get(*slot), edge));
            if is_used {
                continue;
            }
            frame.taint = match edge_fits(&self.leg.hop, edge, wanted) {
                Truth::True => level.taint,
                Truth::Unread(gap) => level.taint.or(Some(gap)),
                Truth::False | Truth::Null => continue,
            };
            trail.push(edge);
            let n_edges = trail.len() as u32;
            if n_edges >= min && self.emit(node, target, &trail, frame, sink)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
            if n_edges < max {
                levels.push(self.level(node, frame)?);
            } else {
                trail.pop();
            }
        }
        Ok(Flow::Go)
    }

    fn level(&self, node: u32, frame: &mut Frame<'g>) -> Outcome<Level> {
        self.leg.hop.note_missing(node, None, frame);
        let mut edges = Vec::new();
        self.leg.hop.for_each_list(node, |list| {
            frame.step(list.others.len() as u64)?;
            for (idx, other) in list.others.iter().enumerate() {
                if !(list.skips_loops && *other == node) {
                    edges.push((*other, list.edge(idx)));
                }
            }
            Ok(Flow::Go)
        })?;
        Ok(Level { edges, next: 0, taint: frame.taint })
    }

    /// Goes on with the trail to `node`, when that may be its end.
    fn emit(
        &self,
        node: u32,
        target: Option<u32>,
        trail: &[EdgeId],
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        if target.is_some_and(|target| target != node) {
            return Ok(Flow::Go);
        }
        if let Some(slot) = self.edges {
            let mut edges: Vec<_> = trail.iter().map(|edge| Value::Edge(*edge)).collect();
            if self.leg.is_reversed {
                edges.reverse();
            }
            frame.set(slot, Value::list(edges));
        }
        frame.set_node(self.leg.to, node);
        self.leg.check.with(node, self.leg.to, frame, sink)
    }
}
