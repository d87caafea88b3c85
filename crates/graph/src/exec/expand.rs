//! Following one edge.

use lang::value::Value;

use super::hop::{EdgeList, Hop};
use super::{NodeCheck, Sink, holds_edge};
use crate::run::{Flow, Frame, Outcome, Slot};

/// Follows one edge from a bound node.
pub(crate) struct Expand<'g> {
    pub(crate) hop: Hop<'g>,
    /// The same edges, seen from the other end.
    pub(crate) back: Hop<'g>,
    pub(crate) from: Slot,
    pub(crate) to: Slot,
    pub(crate) to_is_bound: bool,
    pub(crate) check: NodeCheck<'g>,
    /// Where the edge goes; none: nobody asks for it.
    pub(crate) edge: Option<Slot>,
    /// Edges of the same pattern, which must be others.
    pub(crate) others: Vec<Slot>,
}

/// The node in a slot; nothing (and a gap remembered) when it is not there.
pub(crate) fn bound_node(frame: &mut Frame<'_>, slot: Slot) -> Option<u32> {
    match frame.get(slot) {
        Value::Node(node) => Some(node.0),
        Value::Unread(gap) => {
            let gap = *gap;
            frame.note(gap);
            None
        }
        _ => None,
    }
}

impl<'g> Expand<'g> {
    pub(crate) fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        let Some(from) = bound_node(frame, self.from) else { return Ok(Flow::Go) };
        if self.to_is_bound {
            return self.run_between(from, frame, sink);
        }
        self.hop.note_missing(from, None, frame);
        self.hop.for_each_list(from, |list| {
            frame.step(list.others.len() as u64)?;
            for (idx, other) in list.others.iter().enumerate() {
                if list.skips_loops && *other == from {
                    continue;
                }
                if !self.check.fits_labels(*other) || !self.take_edge(list, idx, frame) {
                    continue;
                }
                frame.set_node(self.to, *other);
                if self.check.with(*other, self.to, frame, sink)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
            Ok(Flow::Go)
        })
    }

    /// Both ends are bound: goes through the edges of the one with fewer.
    fn run_between(&self, from: u32, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        let Some(to) = bound_node(frame, self.to) else { return Ok(Flow::Go) };
        self.hop.note_missing(from, Some(to), frame);
        self.back.note_missing(to, Some(from), frame);
        let (hop, start, end) = if self.hop.degree(from) <= self.back.degree(to) {
            (&self.hop, from, to)
        } else {
            (&self.back, to, from)
        };
        hop.for_each_list(start, |list| {
            frame.step(list.others.len() as u64)?;
            for (idx, other) in list.others.iter().enumerate() {
                let is_skipped = *other != end || (list.skips_loops && *other == start);
                if is_skipped || !self.take_edge(list, idx, frame) {
                    continue;
                }
                if self.check.with(to, self.to, frame, sink)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
            Ok(Flow::Go)
        })
    }

    /// Puts the edge into its slot; false when the pattern has it already.
    #[inline]
    fn take_edge(&self, list: &EdgeList<'_, 'g>, idx: usize, frame: &mut Frame<'g>) -> bool {
        if self.edge.is_none() && self.others.is_empty() {
            return true;
        }
        let edge = list.edge(idx);
        if self.others.iter().any(|slot| holds_edge(frame.get(*slot), edge)) {
            return false;
        }
        if let Some(slot) = self.edge {
            frame.set(slot, Value::Edge(edge));
        }
        true
    }
}
