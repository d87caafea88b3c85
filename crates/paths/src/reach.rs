//! What an attacker reaches from what it holds, whatever it costs.
//!
//! Goes over the graph in waves. A wave of many positions is taken in their order, so that memory is read from one end to
//! the other; a search that goes by cost cannot do that, and takes several times as long.

use crate::attack::{AttackGraph, Position};
use crate::search::{Missing, Without};

/// Positions that are held.
#[derive(Debug, Clone)]
pub struct Held {
    words: Vec<u64>,
}

/// Positions in a word.
const WORD: usize = u64::BITS as usize;

impl Held {
    fn none(n_positions: usize) -> Self {
        Self { words: vec![0; n_positions.div_ceil(WORD)] }
    }

    /// Whether a position is held.
    pub fn contains(&self, position: Position) -> bool {
        let (place, bit) = (position as usize / WORD, position as usize % WORD);
        self.words.get(place).is_some_and(|it| it >> bit & 1 == 1)
    }

    /// How many are held.
    pub fn n_held(&self) -> usize {
        self.words.iter().map(|it| it.count_ones() as usize).sum()
    }

    /// True where it was not held before.
    fn insert(&mut self, position: Position) -> bool {
        let (place, bit) = (position as usize / WORD, position as usize % WORD);
        let Some(word) = self.words.get_mut(place) else { return false };
        let is_new = *word >> bit & 1 == 0;
        *word |= 1 << bit;
        is_new
    }
}

/// Everything that can be reached from `entries`.
pub fn reach(graph: &AttackGraph, entries: &[Position], without: &Without) -> Held {
    let mut reaching = Reaching {
        graph,
        without,
        held: Held::none(graph.n_positions() as usize),
        missing: Missing::of(graph),
        next: Vec::new(),
    };
    for entry in entries.iter().filter(|it| without.can_be_held(**it)) {
        reaching.hold(*entry);
    }
    let mut waves = Waves::new(graph.n_positions() as usize);
    let mut wave = std::mem::take(&mut reaching.next);
    while !wave.is_empty() {
        waves.order(&mut wave);
        wave.drain(..).for_each(|it| reaching.go_from(it));
        std::mem::swap(&mut wave, &mut reaching.next);
    }
    reaching.held
}

struct Reaching<'a> {
    graph: &'a AttackGraph,
    without: &'a Without,
    held: Held,
    missing: Missing,
    /// What is held newly.
    next: Vec<Position>,
}

impl Reaching<'_> {
    fn hold(&mut self, position: Position) {
        if self.held.insert(position) {
            self.next.push(position);
        }
    }

    fn go_from(&mut self, position: Position) {
        let (graph, without, shut) = (self.graph, self.without, self.without.shut());
        let (first, arcs) = graph.laid_out(position);
        for (edge, arc) in (first..).zip(arcs) {
            if arc.is_open(shut) && without.leaves(graph, edge, arc.head) {
                self.hold(arc.head);
            }
        }
        if !graph.is_as_laid_out() {
            for (edge, arc) in graph.later(position) {
                if arc.is_open(shut) && without.leaves(graph, edge, arc.head) {
                    self.hold(arc.head);
                }
            }
        }
        for edge in graph.joints_of(position, shut) {
            if self.missing.is_last(graph, edge) && without.leaves(graph, edge, graph.to(edge)) {
                self.hold(graph.to(edge));
            }
        }
    }
}

/// Puts waves of many positions in order.
pub(crate) struct Waves {
    n_positions: usize,
    words: Vec<u64>,
}

impl Waves {
    pub(crate) fn new(n_positions: usize) -> Self {
        Self { n_positions, words: Vec::new() }
    }

    /// Orders a wave, in which each position is once, when it is so large that this takes less than to jump about.
    pub(crate) fn order(&mut self, wave: &mut Vec<Position>) {
        if wave.len() * WORD < self.n_positions {
            return;
        }
        self.words.resize(self.n_positions.div_ceil(WORD), 0);
        for position in wave.drain(..) {
            if let Some(word) = self.words.get_mut(position as usize / WORD) {
                *word |= 1 << (position as usize % WORD);
            }
        }
        for (place, word) in self.words.iter_mut().enumerate() {
            let mut bits = std::mem::take(word);
            while bits != 0 {
                wave.push((place * WORD) as Position + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
    }
}
