//! Positions that reach each other by single edges: strongly connected components.
//!
//! D. J. Pearce, A space-efficient algorithm for finding strongly connected components (2016): one number a
//! position, because what takes time is memory.

use crate::attack::{AttackGraph, ByPlace, Cursor, Position};
use crate::search::Without;

/// Groups of positions that reach each other by what is proven, numbered so that edges between groups lead
/// to lower numbers.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) of: Vec<u32>,
    pub(super) n: u32,
    /// Edges between groups, from group to group, those that start in higher groups first.
    pub(super) between: Vec<(u32, u32)>,
}

impl Groups {
    pub(super) fn of(graph: &AttackGraph, without: &Without) -> Self {
        let n = graph.n_positions();
        let mut search = Search {
            graph,
            without,
            number: vec![0; n as usize],
            next: 1,
            last_group: n,
            open: Vec::new(),
            between: Vec::new(),
        };
        for position in 0..n {
            if search.number(position) == 0 {
                search.run(position);
            }
        }
        let n_groups = n - search.last_group;
        let mut of = search.number;
        for number in &mut of {
            *number = n - *number;
        }
        let group = |position: u32| of.get(position as usize).copied().unwrap_or_default();
        // Each once for the same two groups in a row: what leaves a large group often goes to few others.
        let mut edges: Vec<(u32, u32)> = search
            .between
            .iter()
            .map(|(from, number)| (n_groups - 1 - group(*from), n - number))
            .collect();
        edges.dedup();
        let places = ByPlace::of(n_groups as usize, edges.iter().copied());
        let between = places.pairs().map(|(from, to)| (n_groups - 1 - from, to)).collect();
        Self { of, n: n_groups, between }
    }

    /// The group of a position; `None` where there is no such position.
    pub(super) fn group(&self, position: Position) -> Option<u32> {
        self.of.get(position as usize).copied()
    }
}

struct Search<'a> {
    graph: &'a AttackGraph,
    without: &'a Without,
    /// 0: not met. Up to `last_group`: open, the lowest open number that is reached. Above: the group, the
    /// first that was closed has the highest number.
    number: Vec<u32>,
    next: u32,
    last_group: u32,
    open: Vec<Position>,
    between: Vec<(Position, u32)>,
}

/// A position on the way down, and which of its edges is next.
struct Frame {
    position: Position,
    cursor: Cursor,
    /// Lowest number that is reached from here, and whether that is its own.
    low: u32,
    is_first: bool,
}

impl Search<'_> {
    fn number(&self, position: Position) -> u32 {
        self.number.get(position as usize).copied().unwrap_or_default()
    }

    fn set(&mut self, position: Position, number: u32) {
        if let Some(place) = self.number.get_mut(position as usize) {
            *place = number;
        }
    }

    fn enter(&mut self, position: Position) -> Frame {
        let low = self.next;
        self.set(position, low);
        self.next += 1;
        Frame { position, cursor: self.graph.cursor(position), low, is_first: true }
    }

    /// From one position, without recursion.
    fn run(&mut self, start: Position) {
        let shut = self.without.shut();
        let mut frames = vec![self.enter(start)];
        while let Some(frame) = frames.last_mut() {
            if let Some((edge, head)) = self.graph.next(&mut frame.cursor, shut) {
                if !self.without.leaves(self.graph, edge, head) {
                    continue;
                }
                match self.number(head) {
                    0 => frames.push(self.enter(head)),
                    number => self.came_to(frame, number),
                }
            } else {
                let (position, low, is_first) = (frame.position, frame.low, frame.is_first);
                self.leave(position, low, is_first);
                frames.pop();
                if let Some(parent) = frames.last_mut() {
                    let number = self.number(position);
                    self.came_to(parent, number);
                }
            }
        }
    }

    fn came_to(&mut self, frame: &mut Frame, number: u32) {
        if number > self.last_group {
            self.between.push((frame.position, number));
        } else if number < frame.low {
            (frame.low, frame.is_first) = (number, false);
            self.set(frame.position, number);
        }
    }

    fn leave(&mut self, position: Position, low: u32, is_first: bool) {
        if !is_first {
            self.open.push(position);
            return;
        }
        let group = self.last_group;
        self.next -= 1;
        while let Some(last) = self.open.last().copied() {
            if self.number(last) < low {
                break;
            }
            self.open.pop();
            self.set(last, group);
            self.next -= 1;
        }
        self.set(position, group);
        self.last_group -= 1;
    }
}
