//! Running a pipeline: each step binds slots and hands on to the next, depth first, so a row exists
//! only while it is looked at.

mod expand;
pub(crate) mod hop;
mod lookup;
pub(crate) mod node_check;
mod pairs;
mod reach;
mod shortest;
mod trail;

use lang::value::{EdgeId, NodeId, PathValue, Truth, Value};

pub(crate) use self::expand::Expand;
pub(crate) use self::hop::Hop;
pub(crate) use self::lookup::{Join, JoinWay, KeySource, Keys, Lookup, LookupState};
pub(crate) use self::node_check::NodeCheck;
pub(crate) use self::pairs::PairLengths;
pub(crate) use self::reach::{Reach, ReachFrom};
pub(crate) use self::shortest::Shortest;
pub(crate) use self::trail::{EdgeTest, Leg, Trail};
use crate::host::RunHost;
use crate::run::{Eval, Flow, Frame, Outcome, Slot, Test, told};
use crate::store::NodeList;
use std::sync::Arc;

/// What comes behind a step: called once a row.
pub(crate) type Sink<'s, 'g> = &'s mut dyn FnMut(&mut Frame<'g>) -> Outcome<Flow>;

/// Nodes whose column filters are judged together.
const SCAN_CHUNK: usize = 4096;

/// One step of a pipeline.
pub(crate) enum Op<'g> {
    /// Binds each node of a list.
    Scan(Scan<'g>),
    /// Binds each node of a list that may fit the row.
    Lookup(Lookup<'g>),
    /// Judges a node that is bound already.
    Check { slot: Slot, check: NodeCheck<'g> },
    /// Follows one edge.
    Expand(Expand<'g>),
    /// Takes an edge that is bound already.
    FromEdge(FromEdge<'g>),
    /// Follows edges several times, no edge twice.
    Trail(Trail<'g>),
    /// Finds which nodes can be reached, each once.
    Reach(Reach<'g>),
    /// Finds shortest paths.
    Shortest(Shortest<'g>),
    /// Finds the shortest of the paths that fulfil conditions.
    Deepen(Deepen<'g>),
    /// Finds the lengths of shortest paths from many nodes to many.
    PairLengths(PairLengths<'g>),
    /// Drops rows.
    Test(Test<'g>),
    /// Puts a path together.
    Path(PathOf<'g>),
    /// Binds each element of a list.
    Unwind { slot: Slot, list: Eval<'g> },
    /// Runs steps; when they give nothing, goes on once with nulls.
    Optional { ops: Vec<Op<'g>>, slots: Vec<Slot> },
}

/// Tries one length of paths after the other, until one has a path that fulfils the conditions.
pub(crate) struct Deepen<'g> {
    /// Where the length at hand goes.
    pub(crate) length: Slot,
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// Finds the paths of that length and judges them.
    pub(crate) ops: Vec<Op<'g>>,
    /// All paths of that length rather than one.
    pub(crate) wants_all: bool,
}

/// Where the nodes of a scan come from.
pub(crate) enum Source<'g> {
    /// All nodes.
    All,
    /// The nodes of a label: those of the base, those of the overlay.
    Label(&'g [u32], &'g NodeList),
    /// These.
    Nodes(Vec<u32>),
}

/// Binds each node of a list.
pub(crate) struct Scan<'g> {
    pub(crate) graph: &'g crate::Graph,
    pub(crate) slot: Slot,
    pub(crate) source: Source<'g>,
    pub(crate) check: NodeCheck<'g>,
}

/// Takes the ends of an edge that is bound already.
pub(crate) struct FromEdge<'g> {
    pub(crate) slot: Slot,
    pub(crate) hop: Hop<'g>,
    pub(crate) left: (Slot, bool),
    pub(crate) right: (Slot, bool),
    /// Edges of the same pattern, which must be others.
    pub(crate) others: Vec<Slot>,
}

/// The parts of a path, in order.
pub(crate) struct PathOf<'g> {
    pub(crate) host: Arc<RunHost<'g>>,
    pub(crate) slot: Slot,
    pub(crate) start: Slot,
    /// Slots of edges and of lists of edges.
    pub(crate) edges: Vec<Slot>,
}

/// Runs `ops` on the frame; `sink` is called for each row.
pub(crate) fn run<'g>(ops: &[Op<'g>], frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
    let Some((op, rest)) = ops.split_first() else { return sink(frame) };
    match op {
        Op::Scan(scan) => scan.run(frame, &mut |frame| run(rest, frame, sink)),
        Op::Lookup(lookup) => lookup.run(frame, &mut |frame| run(rest, frame, sink)),
        Op::Check { slot, check } => {
            let node = match frame.get(*slot) {
                Value::Node(node) => node.0,
                Value::Unread(gap) => {
                    let gap = *gap;
                    frame.note(gap);
                    return Ok(Flow::Go);
                }
                _ => return Ok(Flow::Go),
            };
            check.with(node, *slot, frame, &mut |frame| run(rest, frame, sink))
        }
        Op::Expand(expand) => expand.run(frame, &mut |frame| run(rest, frame, sink)),
        Op::FromEdge(from) => from.run(frame, &mut |frame| run(rest, frame, sink)),
        Op::Trail(trail) => trail.run(frame, &mut |frame| run(rest, frame, sink)),
        Op::Reach(reach) => reach.run(frame, &mut |frame| run(rest, frame, sink)),
        Op::Shortest(shortest) => shortest.run(frame, &mut |frame| run(rest, frame, sink)),
        Op::Deepen(deepen) => deepen.run(frame, &mut |frame| run(rest, frame, sink)),
        Op::PairLengths(pairs) => pairs.run(frame, &mut |frame| run(rest, frame, sink)),
        Op::Test(test) => {
            let truth = test(frame)?;
            judged(truth, frame, &mut |frame| run(rest, frame, sink))
        }
        Op::Path(path) => {
            let value = path.value(frame);
            frame.set(path.slot, value);
            run(rest, frame, sink)
        }
        Op::Unwind { slot, list } => unwind(*slot, list, frame, &mut |it| run(rest, it, sink)),
        Op::Optional { ops, slots } => {
            optional(ops, slots, frame, &mut |frame| run(rest, frame, sink))
        }
    }
}

/// Goes on with a row as a condition on it says.
///
/// An unread condition taints the row: a later condition may still rule it out for certain.
#[inline]
pub(crate) fn judged<'g>(truth: Truth, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
    match truth {
        Truth::True => sink(frame),
        Truth::False | Truth::Null => Ok(Flow::Go),
        Truth::Unread(gap) => {
            let before = frame.taint;
            frame.taint.get_or_insert(gap);
            let flow = sink(frame);
            frame.taint = before;
            flow
        }
    }
}

impl<'g> Deepen<'g> {
    fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        for length in self.min..=self.max {
            frame.set(self.length, Value::Int(i64::from(length)));
            let mut is_found = false;
            let mut outer = Flow::Go;
            run(&self.ops, frame, &mut |frame| {
                is_found |= frame.taint.is_none();
                outer = sink(frame)?;
                let is_over = outer == Flow::Stop || (is_found && !self.wants_all);
                Ok(if is_over { Flow::Stop } else { Flow::Go })
            })?;
            if outer == Flow::Stop {
                return Ok(Flow::Stop);
            }
            if is_found {
                break;
            }
        }
        Ok(Flow::Go)
    }
}

impl<'g> Scan<'g> {
    /// Nodes of the source.
    fn n_nodes(&self) -> u64 {
        match &self.source {
            Source::All => self.graph.n_nodes() as u64,
            Source::Label(base, added) => (base.len() + added.len()) as u64,
            Source::Nodes(nodes) => nodes.len() as u64,
        }
    }

    fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        match &self.source {
            Source::All => {
                let nodes = self.graph.nodes().map(|node| (node.0, false));
                self.each(nodes, frame, sink)
            }
            Source::Label(base, added) => {
                let is_touched = |node| self.graph.has_overlay() && self.graph.is_touched(node);
                let mut candidates = Vec::new();
                for chunk in base.chunks(SCAN_CHUNK) {
                    if !self.check.filters.is_empty() {
                        frame.step(chunk.len() as u64 / 16)?;
                    }
                    candidates.clear();
                    self.check.candidates(chunk, &mut candidates);
                    let own = candidates.iter().copied().filter(|(node, _)| !is_touched(*node));
                    if self.each(own, frame, sink)? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                }
                self.each(added.iter().map(|node| (node, false)), frame, sink)
            }
            Source::Nodes(nodes) => self.each(nodes.iter().map(|node| (*node, false)), frame, sink),
        }
    }

    /// Binds each node; with it, whether the filters are known to let it pass.
    #[inline]
    fn each(
        &self,
        nodes: impl Iterator<Item = (u32, bool)>,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        for (node, is_filtered) in nodes {
            frame.step(1)?;
            frame.set_node(self.slot, node);
            let flow = if !is_filtered {
                self.check.with(node, self.slot, frame, sink)?
            } else if self.check.fits_labels(node) {
                sink(frame)?
            } else {
                Flow::Go
            };
            if flow == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Go)
    }
}

impl<'g> FromEdge<'g> {
    fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        let edge = match frame.get(self.slot) {
            Value::Edge(edge) => *edge,
            Value::Unread(gap) => {
                let gap = *gap;
                frame.note(gap);
                return Ok(Flow::Go);
            }
            _ => return Ok(Flow::Go),
        };
        if self.others.iter().any(|slot| holds_edge(frame.get(*slot), edge)) {
            return Ok(Flow::Go);
        }
        for (left, right) in self.hop.ends_of(edge) {
            let mut fits = true;
            for ((slot, is_bound), node) in [(self.left, left), (self.right, right)] {
                if is_bound || (slot == self.left.0 && node != left) {
                    fits &= frame.node(slot) == Some(node);
                }
            }
            if self.left.0 == self.right.0 {
                fits &= left == right;
            }
            if !fits {
                continue;
            }
            frame.set_node(self.left.0, left);
            frame.set_node(self.right.0, right);
            if sink(frame)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Go)
    }
}

/// Whether a value is the edge or a list that has it.
#[inline]
pub(crate) fn holds_edge(value: &Value<'_>, edge: EdgeId) -> bool {
    match value {
        Value::Edge(it) => *it == edge,
        Value::List(items) => items.iter().any(|it| holds_edge(it, edge)),
        _ => false,
    }
}

impl<'g> PathOf<'g> {
    fn value(&self, frame: &Frame<'g>) -> Value<'g> {
        let Some(start) = frame.node(self.start) else { return Value::Null };
        let mut path = PathValue { nodes: vec![NodeId(start)], edges: Vec::new() };
        for slot in &self.edges {
            match frame.get(*slot) {
                Value::Edge(edge) => self.push(&mut path, *edge),
                Value::List(edges) => {
                    for edge in edges.iter() {
                        if let Value::Edge(edge) = edge {
                            self.push(&mut path, *edge);
                        }
                    }
                }
                _ => return Value::Null,
            }
        }
        Value::Path(Arc::new(path))
    }

    /// Appends an edge and its other end.
    fn push(&self, path: &mut PathValue, edge: EdgeId) {
        let (Some(last), Some((_, from, to))) = (path.nodes.last(), self.host.edge(edge)) else {
            return;
        };
        let other = if last.0 == from { to } else { from };
        path.edges.push(edge);
        path.nodes.push(NodeId(other));
    }
}

fn unwind<'g>(
    slot: Slot,
    list: &Eval<'g>,
    frame: &mut Frame<'g>,
    sink: Sink<'_, 'g>,
) -> Outcome<Flow> {
    match list(frame)? {
        Value::Null => Ok(Flow::Go),
        Value::Unread(gap) => {
            frame.note(gap);
            Ok(Flow::Go)
        }
        Value::List(items) => {
            for item in items.iter() {
                frame.step(1)?;
                frame.set(slot, item.clone());
                if sink(frame)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
            Ok(Flow::Go)
        }
        Value::DocList(items) => {
            for item in items.iter() {
                frame.step(1)?;
                frame.set(slot, item);
                if sink(frame)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
            Ok(Flow::Go)
        }
        // as in the reference implementation: a value that is no list is a list of one
        other => {
            frame.set(slot, other);
            sink(frame)
        }
    }
}

fn optional<'g>(
    ops: &[Op<'g>],
    slots: &[Slot],
    frame: &mut Frame<'g>,
    sink: Sink<'_, 'g>,
) -> Outcome<Flow> {
    let (gap, taint) = (frame.gap.take(), frame.taint.take());
    let mut is_found = false;
    let mut inner_gap = None;
    let flow = run(ops, frame, &mut |frame| {
        if let Some(gap) = frame.taint {
            inner_gap = told(inner_gap, Some(gap));
            return Ok(Flow::Go);
        }
        is_found = true;
        let inside = (frame.gap, frame.taint);
        (frame.gap, frame.taint) = (gap, taint);
        let flow = sink(frame);
        (frame.gap, frame.taint) = inside;
        flow
    });
    let missed = inner_gap.or(frame.gap);
    (frame.gap, frame.taint) = (gap, taint);
    if flow? == Flow::Stop {
        return Ok(Flow::Stop);
    }
    if is_found {
        return Ok(Flow::Go);
    }
    for slot in slots {
        frame.set(*slot, missed.map_or(Value::Null, Value::Unread));
    }
    sink(frame)
}
