//! Which nodes can be reached: each found once, however many ways lead there.
//!
//! Stands in for [`super::Trail`] where nobody can tell the difference: the edges are not asked for,
//! the least length is at most 1, all edges point one way, and rows that occur twice do not count
//! twice. A shortest walk to another node has no edge twice, nor has a shortest one back to the start.

use hashbrown::HashMap;
use lang::value::GapId;

use super::expand::bound_node;
use super::hop::Hop;
use super::{NodeCheck, Op, Sink, run};
use crate::run::{Flow, Frame, Marks, Outcome, Slot, told};

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

impl Reached {
    fn take(bound: u32, frame: &mut Frame<'_>) -> Self {
        Self { marks: frame.scratch.take_marks(bound), nodes: Vec::new() }
    }

    fn give(mut self, frame: &mut Frame<'_>) -> Vec<u32> {
        for node in &self.nodes {
            self.marks.remove(*node);
        }
        frame.scratch.give_marks(self.marks);
        self.nodes
    }
}

impl<'g> Reach<'g> {
    pub(crate) fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        let bound = self.hop.graph.node_bound();
        let sources = match &self.from {
            ReachFrom::Slot(slot) => match bound_node(frame, *slot) {
                Some(node) => Collected { nodes: vec![node], doubts: Doubts::default() },
                None => return Ok(Flow::Go),
            },
            ReachFrom::All(ops, slot) => collect(ops, *slot, bound, frame)?,
        };
        let target = if self.to_is_bound {
            match bound_node(frame, self.to) {
                Some(node) => Some(node),
                None => return Ok(Flow::Go),
            }
        } else {
            None
        };
        let mut reached = Reached::take(bound, frame);
        let Collected { mut nodes, doubts } = sources;
        nodes.retain(|node| !doubts.contains_key(node));
        let mut flow = self.search(nodes, target, &mut reached, frame, sink);
        if matches!(flow, Ok(Flow::Go)) && !doubts.is_empty() {
            flow = self.run_doubtful(&doubts, target, &reached, frame, sink);
        }
        reached.give(frame);
        flow
    }

    /// Goes on from nodes that may not be among those to start at: what lies within their reach, and was
    /// not found from others, may be found.
    fn run_doubtful(
        &self,
        doubts: &Doubts,
        target: Option<u32>,
        known: &Reached,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        let before = frame.taint;
        let gap = doubts.values().fold(None, |gap, own| told(gap, Some(*own)));
        frame.taint = before.or(gap);
        let mut reached = Reached::take(self.hop.graph.node_bound(), frame);
        let mut sources: Vec<u32> = doubts.keys().copied().collect();
        sources.sort_unstable();
        let flow = self.search(sources, target, &mut reached, frame, &mut |frame| match frame
            .node(self.to)
        {
            Some(node) if known.marks.contains(node) => Ok(Flow::Go),
            _ => sink(frame),
        });
        reached.give(frame);
        frame.taint = before;
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
            frame.scratch.sort(&mut next, self.hop.graph.node_bound());
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
            frame.set_node(self.to, *node);
            if self.check.with(*node, self.to, frame, sink)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Go)
    }
}

/// The distinct nodes that steps bind to a slot.
pub(crate) struct Collected {
    /// All of them, in the order of their numbers.
    pub(crate) nodes: Vec<u32>,
    pub(crate) doubts: Doubts,
}

/// Those of them of which it is not known whether they count, with what was not read.
pub(crate) type Doubts = HashMap<u32, GapId>;

/// The distinct nodes that `ops` bind to `slot`.
pub(crate) fn collect<'g>(
    ops: &[Op<'g>],
    slot: Slot,
    bound: u32,
    frame: &mut Frame<'g>,
) -> Outcome<Collected> {
    let mut found = Reached::take(bound, frame);
    let mut doubts = Doubts::new();
    let outside = frame.taint.take();
    let result = run(ops, frame, &mut |frame| {
        match (frame.node(slot), frame.taint) {
            (Some(node), None) if found.marks.insert(node) => found.nodes.push(node),
            (Some(node), Some(gap)) => _ = doubts.entry(node).or_insert(gap),
            _ => {}
        }
        Ok(Flow::Go)
    });
    frame.taint = outside;
    doubts.retain(|node, _| !found.marks.contains(*node));
    let mut nodes = found.give(frame);
    result?;
    nodes.extend(doubts.keys());
    nodes.sort_unstable();
    Ok(Collected { nodes, doubts })
}
