//! From how many entry points each target is reached.
//!
//! Entry points are bits; sets of them flow along edges until nothing changes. Positions that reach each
//! other have the same set, so they are put together first, and then one pass in the order of the edges
//! is all: only joint edges can bring something new, after which what they lead to is passed again.

use crate::attack::{AttackGraph, Position};

/// Not numbered yet.
const NONE: u32 = u32::MAX;

/// For each of `targets`: from how many of `entries` any of its positions is reached, by what is proven.
pub fn n_reaching(
    graph: &AttackGraph,
    entries: &[Position],
    targets: &[Vec<Position>],
) -> Vec<u32> {
    let groups = Groups::of(graph);
    let n_words = entries.len().div_ceil(64).max(1);
    let mut sets = Sets { bits: vec![0; groups.n as usize * n_words], n_words };
    for (bit, entry) in entries.iter().enumerate() {
        sets.add(groups.group(*entry), bit);
    }
    let joints: Vec<u32> =
        (graph.n_singles()..graph.n_edges()).filter(|it| graph.is_proven(*it)).collect();
    loop {
        // Groups are numbered from the last to the first: what an edge leads to has a lower number.
        for position in groups.order.iter().rev() {
            let from = groups.group(*position);
            let (_, arcs) = graph.out(*position);
            for arc in arcs {
                let to = groups.group(arc.head);
                if to != from && arc.is_proven() {
                    sets.flow(from, to);
                }
            }
        }
        let mut is_new = false;
        for joint in &joints {
            let needs: Vec<u32> = graph.from(*joint).iter().map(|it| groups.group(*it)).collect();
            is_new |= sets.flow_together(&needs, groups.group(graph.to(*joint)));
        }
        if !is_new {
            break;
        }
    }
    targets
        .iter()
        .map(|positions| {
            let mut together = vec![0_u64; n_words];
            for position in positions {
                for (sum, word) in together.iter_mut().zip(sets.get(groups.group(*position))) {
                    *sum |= word;
                }
            }
            together.iter().map(|it| it.count_ones()).sum()
        })
        .collect()
}

struct Sets {
    bits: Vec<u64>,
    n_words: usize,
}

impl Sets {
    fn get(&self, group: u32) -> &[u64] {
        let at = group as usize * self.n_words;
        self.bits.get(at..at + self.n_words).unwrap_or_default()
    }

    fn add(&mut self, group: u32, bit: usize) {
        if let Some(word) = self.bits.get_mut(group as usize * self.n_words + bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// All of `from` is in `to`, too, which has a lower number.
    fn flow(&mut self, from: u32, to: u32) {
        let (low, high) = self.bits.split_at_mut(from as usize * self.n_words);
        let to = low.get_mut(to as usize * self.n_words..).unwrap_or_default();
        for (to, from) in to.iter_mut().zip(high.iter().take(self.n_words)) {
            *to |= from;
        }
    }

    /// What is in all of `needs` is in `to`, too. Whether that is new.
    fn flow_together(&mut self, needs: &[u32], to: u32) -> bool {
        let mut is_new = false;
        for word in 0..self.n_words {
            let all = needs
                .iter()
                .map(|it| self.get(*it).get(word).copied().unwrap_or_default())
                .fold(u64::MAX, |all, it| all & it);
            if let Some(place) = self.bits.get_mut(to as usize * self.n_words + word) {
                is_new |= all & !*place != 0;
                *place |= all;
            }
        }
        is_new
    }
}

/// Positions that reach each other by single edges (Tarjan's strongly connected components), numbered so
/// that edges between groups lead to lower numbers.
struct Groups {
    of: Vec<u32>,
    n: u32,
    /// All positions, by group.
    order: Vec<Position>,
}

impl Groups {
    fn group(&self, position: Position) -> u32 {
        self.of.get(position as usize).copied().unwrap_or_default()
    }

    fn of(graph: &AttackGraph) -> Self {
        let n = graph.n_positions() as usize;
        let mut search = Tarjan {
            graph,
            number: vec![NONE; n],
            low: vec![0; n],
            next: 0,
            open: Vec::new(),
            groups: Self { of: vec![NONE; n], n: 0, order: Vec::with_capacity(n) },
        };
        for position in 0..n as u32 {
            if search.number.get(position as usize) == Some(&NONE) {
                search.run(position);
            }
        }
        search.groups
    }
}

struct Tarjan<'a> {
    graph: &'a AttackGraph,
    number: Vec<u32>,
    low: Vec<u32>,
    next: u32,
    open: Vec<Position>,
    groups: Groups,
}

impl Tarjan<'_> {
    /// From one position, without recursion: a frame is a position and how many of its edges were followed.
    fn run(&mut self, start: Position) {
        let mut frames: Vec<(Position, u32)> = Vec::new();
        self.enter(start, &mut frames);
        while let Some((position, followed)) = frames.last_mut() {
            let (position, at) = (*position, *followed as usize);
            let (_, arcs) = self.graph.out(position);
            if let Some(arc) = arcs.get(at) {
                *followed += 1;
                if !arc.is_proven() {
                    continue;
                }
                match self.number.get(arc.head as usize) {
                    Some(&NONE) => self.enter(arc.head, &mut frames),
                    Some(&number) if self.groups.group(arc.head) == NONE => {
                        self.lower(position, number);
                    }
                    _ => {}
                }
            } else {
                frames.pop();
                let low = self.low.get(position as usize).copied().unwrap_or_default();
                if self.number.get(position as usize) == Some(&low) {
                    self.close(position);
                }
                if let Some((parent, _)) = frames.last() {
                    self.lower(*parent, low);
                }
            }
        }
    }

    fn enter(&mut self, position: Position, frames: &mut Vec<(Position, u32)>) {
        for list in [&mut self.number, &mut self.low] {
            if let Some(place) = list.get_mut(position as usize) {
                *place = self.next;
            }
        }
        self.next += 1;
        self.open.push(position);
        frames.push((position, 0));
    }

    fn lower(&mut self, position: Position, number: u32) {
        if let Some(low) = self.low.get_mut(position as usize) {
            *low = (*low).min(number);
        }
    }

    /// All that was opened since `first` is a group.
    fn close(&mut self, first: Position) {
        while let Some(position) = self.open.pop() {
            if let Some(group) = self.groups.of.get_mut(position as usize) {
                *group = self.groups.n;
            }
            self.groups.order.push(position);
            if position == first {
                break;
            }
        }
        self.groups.n += 1;
    }
}
