//! Which nodes can be reached: each found once, however many ways lead there.
//!
//! Stands in for [`super::Trail`] where nobody can tell the difference: the edges are not asked for,
//! the least length is at most 1, all edges point one way, and rows that occur twice do not count
//! twice. A shortest walk to another node has no edge twice, nor has a shortest one back to the start.

use lang::value::{NodeId, Value};

use super::expand::bound_node;
use super::hop::Hop;
use super::{NodeCheck, Op, Sink, run};
use crate::run::{Flow, Frame, Marks, Outcome, Slot};

/// Where a search starts.
pub(crate) enum ReachFrom<'g> {
    /// At the node in a slot.
    Slot(Slot),
    /// At all nodes that these steps bind to a slot; it is not told apart which one it was.
    All(Vec<Op<'g>>, Slot),
}

/// Finds the nodes that lie within some edges.
pub(crate) struct Reach<'g> {
    pub(crate) hop: Hop<'g>,
    pub(crate) from: ReachFrom<'g>,
    pub(crate) to: Slot,
    pub(crate) to_is_bound: bool,
    pub(crate) check: NodeCheck<'g>,
    /// 0 or 1.
    pub(crate) min: u32,
    pub(crate) max: u32,
}

/// The nodes that were found.
struct Reached {
    marks: Marks,
    nodes: Vec<u32>,
}

impl<'g> Reach<'g> {
    pub(crate) fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        let sources = match &self.from {
            ReachFrom::Slot(slot) => match bound_node(frame, *slot) {
                Some(node) => vec![node],
                None => return Ok(Flow::Go),
            },
            ReachFrom::All(ops, slot) => collect(ops, *slot, self.hop.graph.node_bound(), frame)?,
        };
        let target = if self.to_is_bound {
            match bound_node(frame, self.to) {
                Some(node) => Some(node),
                None => return Ok(Flow::Go),
            }
        } else {
            None
        };
        let marks = frame.scratch.take_marks(self.hop.graph.node_bound());
        let mut reached = Reached { marks, nodes: Vec::new() };
        let flow = self.search(sources, target, &mut reached, frame, sink);
        for node in reached.nodes {
            reached.marks.remove(node);
        }
        frame.scratch.give_marks(reached.marks);
        flow
    }

    fn search(
        &self,
        sources: Vec<u32>,
        target: Option<u32>,
        reached: &mut Reached,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        let mut frontier = sources;
        if self.min == 0 {
            reached.nodes.extend(frontier.iter().filter(|node| reached.marks.insert(**node)));
            if self.emit(&frontier, target, frame, sink)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        for _ in 0..self.max {
            let mut next = Vec::new();
            for node in &frontier {
                self.hop.note_missing(*node, None, frame);
                self.hop.for_each_list(*node, |list| {
                    frame.step(list.others.len() as u64)?;
                    let others = list.others.iter();
                    next.extend(others.filter(|other| reached.marks.insert(**other)));
                    Ok(Flow::Go)
                })?;
            }
            if next.is_empty() {
                break;
            }
            next.sort_unstable(); // neighbours in the graph are neighbours in memory
            reached.nodes.extend(&next);
            frontier = next;
            if self.emit(&frontier, target, frame, sink)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Go)
    }

    /// Goes on with each node that may be the end.
    fn emit(
        &self,
        nodes: &[u32],
        target: Option<u32>,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        for node in nodes {
            if target.is_some_and(|target| target != *node) || !self.check.fits_labels(*node) {
                continue;
            }
            frame.set(self.to, Value::Node(NodeId(*node)));
            if self.check.with(*node, self.to, frame, sink)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Go)
    }
}

/// The distinct nodes that `ops` bind to `slot`, in the order of their numbers.
pub(crate) fn collect<'g>(
    ops: &[Op<'g>],
    slot: Slot,
    bound: u32,
    frame: &mut Frame<'g>,
) -> Outcome<Vec<u32>> {
    let mut marks = frame.scratch.take_marks(bound);
    let mut nodes = Vec::new();
    let result = run(ops, frame, &mut |frame| {
        if let Some(gap) = frame.taint {
            frame.note(gap);
        } else if let Some(node) = frame.node(slot)
            && marks.insert(node)
        {
            nodes.push(node);
        }
        Ok(Flow::Go)
    });
    for node in &nodes {
        marks.remove(*node);
    }
    frame.scratch.give_marks(marks);
    result?;
    nodes.sort_unstable();
    Ok(nodes)
}
