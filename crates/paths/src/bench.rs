//! Attack graphs of any size, for measuring.

mod changes;

pub use changes::{Changes, Draft, Sort};

use crate::attack::{AttackBuilder, AttackGraph, Cost, Edge, Position};
use crate::reach::Waves;

/// An attack graph with entry points and targets.
#[derive(Debug)]
pub struct Scene {
    /// The graph.
    pub graph: AttackGraph,
    /// Entry points.
    pub entries: Vec<Position>,
    /// Targets, each with its positions.
    pub targets: Vec<Vec<Position>>,
}

/// What a scene is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Positions.
    pub positions: u32,
    /// Edges, one in a hundred of which needs two positions.
    pub edges: u32,
    /// Entry points.
    pub entries: u32,
    /// Targets.
    pub targets: u32,
}

/// Ordinal likelihoods as costs: certain, high, medium, low.
const COSTS: [Cost; 4] = [1, 105, 511, 1204];

/// A scene; the same seed gives the same.
///
/// Edges lead from anywhere to anywhere, as attackers' do in an estate where many hold much: most positions
/// are in one large group of mutual reach, and ways are short. Entry points and targets are spread.
pub fn scene(size: Size, seed: u64) -> Scene {
    let mut chance = Chance(seed | 1);
    let mut builder = AttackBuilder::default();
    builder.hold(size.positions);
    for number in 0..size.edges {
        let from = [chance.below(size.positions), chance.below(size.positions)];
        let to = chance.below(size.positions);
        let cost = chance.cost();
        let needs = if number % 100 == 0 { &from[..] } else { from.get(..1).unwrap_or_default() };
        let fact = 2 + chance.below(size.positions);
        builder.add(&Edge { from: needs, to, cost, facts: &[fact] }, number);
    }
    let mut entries: Vec<Position> =
        (0..size.entries).map(|_| chance.below(size.positions)).collect();
    entries.sort_unstable();
    entries.dedup();
    let targets = (0..size.targets).map(|_| vec![chance.below(size.positions)]).collect();
    Scene { graph: builder.finish(), entries, targets }
}

/// Positions that are reached when what is needed and what it costs do not count: a floor for a search.
pub fn n_reached_at_all(graph: &AttackGraph, entries: &[Position]) -> usize {
    let n = graph.n_positions() as usize;
    let (mut seen, mut waves) = (vec![false; n], Waves::new(n));
    let (mut wave, mut next): (Vec<Position>, Vec<Position>) = (Vec::new(), Vec::new());
    let mut count = 0;
    let mut see = |position: Position, next: &mut Vec<Position>| {
        if let Some(is_seen) = seen.get_mut(position as usize).filter(|it| !**it) {
            *is_seen = true;
            count += 1;
            next.push(position);
        }
    };
    for entry in entries {
        see(*entry, &mut wave);
    }
    while !wave.is_empty() {
        waves.order(&mut wave);
        for position in wave.drain(..) {
            for arc in graph.laid_out(position).1 {
                see(arc.head, &mut next);
            }
        }
        std::mem::swap(&mut wave, &mut next);
    }
    count
}

/// Numbers that look like chance (xorshift, Marsaglia 2003).
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn cost(&mut self) -> Cost {
        COSTS.get(self.below(4) as usize).copied().unwrap_or(1)
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (((self.0 >> 32) * u64::from(bound)) >> 32) as u32
    }
}
