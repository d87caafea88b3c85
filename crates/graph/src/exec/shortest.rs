//! Shortest paths from one node: to one node, or to all that fit.
//!
//! A breadth-first search writes down distances only; the paths are read off backwards.

use hashbrown::HashMap;
use lang::value::{EdgeId, Truth, Value};

use super::Sink;
use super::trail::{EdgeTest, Leg, Wanted, edge_fits};
use crate::run::{FAR, Flow, Frame, Marks, Outcome, Slot};

/// Finds shortest paths from a bound node.
pub(crate) struct Shortest<'g> {
    /// From 0 or 1 edges on.
    pub(crate) leg: Leg<'g>,
    /// All of the shortest rather than one.
    pub(crate) wants_all: bool,
    pub(crate) edge_test: Option<EdgeTest<'g>>,
    /// Where the list of edges goes.
    pub(crate) edges: Option<Slot>,
    /// Where the length goes.
    pub(crate) length: Option<Slot>,
}

/// One search.
struct Search<'g> {
    /// The end, when it is bound.
    target: Option<u32>,
    /// By node; empty when no path is read off.
    distances: Vec<u32>,
    /// The nodes that were reached: smaller, so that asking is faster.
    marks: Marks,
    reached: Vec<u32>,
    wanted: Wanted<'g>,
    start: u32,
}

impl<'g> Shortest<'g> {
    pub(crate) fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        let Some((start, target)) = self.leg.ends(frame) else { return Ok(Flow::Go) };
        let wanted = match &self.edge_test {
            Some(test) => test.wanted(frame)?,
            None => Vec::new(),
        };
        if let Some(target) = target
            && target != start
            && !self.wants_all
            && wanted.is_empty()
        {
            return self.run_pair(start, target, frame, sink);
        }
        let bound = self.leg.hop.graph.node_bound();
        let distances =
            if self.reads_off() { frame.scratch.take_distances(bound) } else { Vec::new() };
        let marks = frame.scratch.take_marks(bound);
        let reached = Vec::new();
        let mut search = Search { target, distances, marks, reached, wanted, start };
        let flow = self.search(&mut search, frame, sink);
        let Search { mut distances, mut marks, reached, .. } = search;
        for node in reached {
            marks.remove(node);
            if let Some(distance) = distances.get_mut(node as usize) {
                *distance = FAR;
            }
        }
        if self.reads_off() {
            frame.scratch.give_distances(distances);
        }
        frame.scratch.give_marks(marks);
        flow
    }

    /// One path between two nodes: two searches that meet, the one with the smaller frontier moves.
    fn run_pair(
        &self,
        start: u32,
        target: u32,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        let mut sides = [Side::new(start), Side::new(target)];
        let mut best: Option<(u32, u32)> = None;
        for step in 0..self.leg.max {
            let [out, back] = &sides;
            let from_start = out.frontier.len() <= back.frontier.len();
            let (hop, this) = if from_start { (&self.leg.hop, 0) } else { (&self.leg.back, 1) };
            let [first, second] = &mut sides;
            let (own, other) = if this == 0 { (first, second) } else { (second, first) };
            let mut next = Vec::new();
            for node in std::mem::take(&mut own.frontier) {
                hop.note_missing(node, None, frame);
                hop.for_each_list(node, |list| {
                    frame.step(list.others.len() as u64)?;
                    for (idx, neighbour) in list.others.iter().enumerate() {
                        if own.parents.contains_key(neighbour) {
                            continue;
                        }
                        own.parents.insert(*neighbour, Some((node, list.edge(idx))));
                        next.push(*neighbour);
                        if other.parents.contains_key(neighbour) {
                            best.get_or_insert((*neighbour, step + 1));
                        }
                    }
                    Ok(Flow::Go)
                })?;
            }
            if best.is_some() || next.is_empty() {
                break;
            }
            own.frontier = next;
        }
        let Some((meeting, length)) = best else { return Ok(Flow::Go) };
        let [out, back] = &sides;
        let mut edges = out.edges_to(meeting);
        edges.reverse();
        edges.extend(back.edges_to(meeting));
        edges.reverse(); // last edge first, as everywhere here
        if let Some(slot) = self.length {
            frame.set(slot, Value::Int(i64::from(length)));
        }
        frame.set_node(self.leg.to, target);
        self.leg.check.with(target, self.leg.to, frame, &mut |frame| self.give(&edges, frame, sink))
    }

    fn search(
        &self,
        search: &mut Search<'g>,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        let start = search.start;
        let mut frontier = vec![start];
        if self.leg.min == 0 {
            search.marks.insert(start);
            search.settle(&frontier, 0);
            if self.emit(search, &frontier, 0, frame, sink)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        for distance in 1..=self.leg.max {
            if search.target.is_some_and(|target| search.is_marked(target)) {
                break;
            }
            let mut next = Vec::new();
            for node in &frontier {
                self.leg.hop.note_missing(*node, None, frame);
                self.leg.hop.for_each_list(*node, |list| {
                    frame.step(list.others.len() as u64)?;
                    for (idx, other) in list.others.iter().enumerate() {
                        if search.is_marked(*other) {
                            continue;
                        }
                        if !search.wanted.is_empty()
                            && !self.takes(list.edge(idx), &search.wanted, frame)
                        {
                            continue;
                        }
                        if *other == start && self.is_turn(distance) {
                            continue;
                        }
                        search.marks.insert(*other);
                        next.push(*other);
                    }
                    Ok(Flow::Go)
                })?;
            }
            if next.is_empty() {
                break;
            }
            frame.scratch.sort(&mut next, self.leg.hop.graph.node_bound());
            search.settle(&next, distance);
            frontier = next;
            if self.emit(search, &frontier, distance, frame, sink)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Go)
    }

    /// Whether an edge has the properties. One that may have them is not taken, but remembered.
    fn takes(&self, edge: EdgeId, wanted: &Wanted<'g>, frame: &mut Frame<'g>) -> bool {
        let fits = edge_fits(&self.leg.hop, edge, wanted);
        if let Truth::Unread(gap) = fits {
            frame.note(gap);
        }
        fits.is_true()
    }

    /// Going back to the start over the edge by which one left is no path: with edges in both
    /// directions the length of a cycle is not known from distances alone, so there is none then.
    fn is_turn(&self, distance: u32) -> bool {
        self.leg.hop.ways.len() > 1 && distance > 1
    }

    /// Goes on with the paths to each node that may be the end.
    fn emit(
        &self,
        search: &Search<'g>,
        nodes: &[u32],
        distance: u32,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        for node in nodes {
            if search.target.is_some_and(|target| target != *node)
                || !self.leg.check.fits_labels(*node)
            {
                continue;
            }
            frame.set_node(self.leg.to, *node);
            if let Some(slot) = self.length {
                frame.set(slot, Value::Int(i64::from(distance)));
            }
            let flow = self.leg.check.with(*node, self.leg.to, frame, &mut |frame| {
                if !self.reads_off() {
                    return sink(frame);
                }
                self.read_off(search, *node, distance, frame, sink)
            })?;
            // one path was enough and it was a row; `read_off` says stop only when the sink does
            if flow == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Go)
    }

    /// Whether paths are asked for, not only whether there is one, and how long it is.
    fn reads_off(&self) -> bool {
        self.edges.is_some() || self.wants_all
    }

    /// Reads the paths to `node` off backwards.
    fn read_off(
        &self,
        search: &Search<'g>,
        node: u32,
        distance: u32,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        let mut back = Vec::new(); // the edges from the node at hand to the end, last first
        let mut stack = vec![self.steps_back(search, node, distance, frame)?];
        if distance == 0 {
            return self.give(&back, frame, sink);
        }
        while let Some(level) = stack.last_mut() {
            let Some((node, edge)) = level.pop() else {
                stack.pop();
                back.pop();
                continue;
            };
            back.push(edge);
            let left = distance - back.len() as u32;
            if left > 0 {
                stack.push(self.steps_back(search, node, left, frame)?);
                continue;
            }
            if self.give(&back, frame, sink)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
            if !self.wants_all {
                return Ok(Flow::Go);
            }
            back.pop();
        }
        Ok(Flow::Go)
    }

    /// The edges that lead to `node`, which lies at `distance`, from a node that is one nearer.
    fn steps_back(
        &self,
        search: &Search<'g>,
        node: u32,
        distance: u32,
        frame: &mut Frame<'g>,
    ) -> Outcome<Vec<(u32, EdgeId)>> {
        let mut found = Vec::new();
        let Some(nearer) = distance.checked_sub(1) else { return Ok(found) };
        self.leg.back.for_each_list(node, |list| {
            frame.step(list.others.len() as u64)?;
            for (idx, other) in list.others.iter().enumerate() {
                let is_nearer = if nearer == 0 {
                    *other == search.start
                } else {
                    // a start that lies on a cycle has the distance of the cycle
                    *other != search.start && search.distance(*other) == nearer
                };
                if !is_nearer || (list.skips_loops && *other == node) {
                    continue;
                }
                let edge = list.edge(idx);
                if self.takes(edge, &search.wanted, frame) {
                    found.push((*other, edge));
                }
            }
            Ok(Flow::Go)
        })?;
        found.reverse(); // they are taken from the end
        Ok(found)
    }

    fn give(&self, back: &[EdgeId], frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        if let Some(slot) = self.edges {
            let edges: Vec<_> = if self.leg.is_reversed {
                back.iter().map(|edge| Value::Edge(*edge)).collect()
            } else {
                back.iter().rev().map(|edge| Value::Edge(*edge)).collect()
            };
            frame.set(slot, Value::list(edges));
        }
        sink(frame)
    }
}

/// One of two searches that go towards each other.
struct Side {
    /// How each node was reached: from where, over which edge.
    parents: HashMap<u32, Option<(u32, EdgeId)>>,
    frontier: Vec<u32>,
}

impl Side {
    fn new(start: u32) -> Self {
        Self { parents: HashMap::from_iter([(start, None)]), frontier: vec![start] }
    }

    /// The edges between the start of this side and `node`, the one at `node` first.
    fn edges_to(&self, node: u32) -> Vec<EdgeId> {
        let mut edges = Vec::new();
        let mut at = node;
        while let Some(Some((before, edge))) = self.parents.get(&at) {
            edges.push(*edge);
            at = *before;
        }
        edges
    }
}

impl Search<'_> {
    fn distance(&self, node: u32) -> u32 {
        self.distances.get(node as usize).copied().unwrap_or(FAR)
    }

    fn is_marked(&self, node: u32) -> bool {
        self.marks.contains(node)
    }

    /// Writes down at which distance nodes were reached.
    fn settle(&mut self, nodes: &[u32], distance: u32) {
        self.reached.extend(nodes);
        for node in nodes {
            if let Some(place) = self.distances.get_mut(*node as usize) {
                *place = distance;
            }
        }
    }
}
