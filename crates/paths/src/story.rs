//! Ways from entry points to targets, put together so that people can read them.

use std::collections::BTreeMap;

mod standing;

pub use standing::{Standing, Story};

use crate::attack::{AttackGraph, Cost, EdgeNumber, Fact, Position};
use crate::count::n_reaching;
use crate::fact::UNPROVEN;
use crate::reach::reach;
use crate::search::{Reached, Without, search};

/// Entry points that are searched one by one; beyond it they are searched together.
pub const MOST_ALONE: usize = 64;

/// One way from an entry point to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Where it starts. One of them, where several are needed together.
    pub entry: Position,
    /// Where it ends.
    pub target: Position,
    /// The edges, each behind all that it needs.
    pub edges: Vec<EdgeNumber>,
    /// How unlikely it is, in thousandths of a nat.
    pub cost: Cost,
    /// Entry points from which this target is reached, this one included.
    pub n_entries: u32,
}

/// The likeliest ways to each target: one from each entry point where these are few, else one a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ways {
    /// What is proven, the likeliest first.
    pub proven: Vec<Way>,
    /// What depends on something that could not be judged, for pairs without a proven way.
    pub unproven: Vec<Way>,
}

/// A target may be held in several ways: `targets` holds one list for each. `everybody` is what everybody
/// holds, such as a connection to the internet: ways may start there, too, but not there alone, unless it
/// is an entry point itself. `removed` are facts that do not hold any more.
pub fn ways(
    graph: &AttackGraph,
    entries: &[Position],
    everybody: Option<Position>,
    targets: &[Vec<Position>],
    removed: &[Fact],
) -> Ways {
    let without = |facts: &[Fact]| Without::facts(removed.iter().chain(facts).copied());
    let (proven, all) = (without(&[UNPROVEN]), without(&[]));
    if entries.len() > MOST_ALONE {
        let found = likeliest(graph, entries, targets, removed);
        let counts = n_reaching(graph, entries, targets, &proven);
        let has_unproven = !found.unproven.is_empty();
        let all = has_unproven.then(|| n_reaching(graph, entries, targets, &all));
        return found.ranked(&counts, &all.unwrap_or_default());
    }
    let mut found = Ways::default();
    for entry in entries {
        let starts: Vec<Position> = everybody.into_iter().chain([*entry]).collect();
        let reached = search(graph, &starts, &proven);
        let open = graph.has_unproven().then(|| search(graph, &starts, &all));
        let of_entry = |way: Way| Way { entry: *entry, ..way };
        for target in targets {
            let starts_here =
                |reached: &Reached| best(graph, reached, target, Some(*entry)).map(of_entry);
            match starts_here(&reached) {
                Some(way) => found.proven.push(way),
                None => found.unproven.extend(open.as_ref().and_then(starts_here)),
            }
        }
    }
    for list in [&mut found.proven, &mut found.unproven] {
        let mut counts: BTreeMap<Position, u32> = BTreeMap::new();
        for way in list.iter() {
            *counts.entry(way.target).or_default() += 1;
        }
        for way in list.iter_mut() {
            way.n_entries = counts.get(&way.target).copied().unwrap_or(1);
        }
        list.sort_by_key(rank);
    }
    found
}

/// The likeliest first, of these the shortest.
fn rank(way: &Way) -> (Cost, usize, Position, Position) {
    (way.cost, way.edges.len(), way.entry, way.target)
}

/// The likeliest way to each target from any of many entry points, with the number of the target, before it
/// is counted from how many it is reached.
#[derive(Debug, Default)]
pub struct Likeliest {
    proven: Vec<(usize, Way)>,
    /// Of targets without a proven way.
    unproven: Vec<(usize, Way)>,
}

impl Likeliest {
    /// Of a target: whether its way is proven, and what it costs.
    #[cfg(test)]
    pub(crate) fn of(&self, target: usize) -> Option<(bool, Cost)> {
        let find = |list: &[(usize, Way)], is_proven| {
            list.iter().find(|it| it.0 == target).map(|(_, way)| (is_proven, way.cost))
        };
        find(&self.proven, true).or_else(|| find(&self.unproven, false))
    }

    /// The ways ranked, with the counts of all targets by what is proven, and by all.
    pub fn ranked(self, proven: &[u32], all: &[u32]) -> Ways {
        let counted = |ways: Vec<(usize, Way)>, counts: &[u32]| {
            let count = |number: usize| counts.get(number).copied().unwrap_or(1);
            let ways = ways.into_iter();
            let ways = ways.map(|(number, way)| Way { n_entries: count(number), ..way });
            let mut ways: Vec<Way> = ways.collect();
            ways.sort_by_key(rank);
            ways
        };
        Ways { proven: counted(self.proven, proven), unproven: counted(self.unproven, all) }
    }
}

/// The likeliest way to each target from all entry points together.
pub fn likeliest(
    graph: &AttackGraph,
    entries: &[Position],
    targets: &[Vec<Position>],
    removed: &[Fact],
) -> Likeliest {
    let mut found = Likeliest::default();
    let proven = Without::facts(removed.iter().copied().chain([UNPROVEN]));
    let reached = search(graph, entries, &proven);
    let mut open = Vec::new();
    for (number, target) in targets.iter().enumerate() {
        match best(graph, &reached, target, None) {
            Some(way) => found.proven.push((number, way)),
            None => open.push((number, target)),
        }
    }
    if graph.has_unproven() && !open.is_empty() {
        let reached = search(graph, entries, &Without::facts(removed.iter().copied()));
        for (number, target) in open {
            found.unproven.extend(best(graph, &reached, target, None).map(|way| (number, way)));
        }
    }
    found
}

/// The likeliest way to any of the positions of a target, where `entry` is named one that starts there, too.
/// What is held from the start is no way.
fn best(
    graph: &AttackGraph,
    reached: &Reached,
    target: &[Position],
    entry: Option<Position>,
) -> Option<Way> {
    let cost = |it: &Position| reached.cost(*it).filter(|cost| *cost > 0);
    let starts_here =
        |it: &Position| entry.is_none_or(|entry| reached.starts(graph, *it).contains(&entry));
    let held = target.iter().copied().filter(|it| cost(it).is_some());
    let target = held.filter(starts_here).min_by_key(cost)?;
    let edges = reached.way(graph, target);
    let entry = *reached.starts(graph, target).first()?;
    Some(Way { entry, target, edges, cost: cost(&target)?, n_entries: 1 })
}

/// A position that many ways pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChokePoint {
    /// What many pass.
    pub position: Position,
    /// How many ways pass it.
    pub n_passing: usize,
    /// How many targets are not reached any more without it.
    pub n_cut: usize,
}

/// The positions whose loss cuts most ways, found by searching again without them.
pub fn choke_points(
    graph: &AttackGraph,
    entries: &[Position],
    ways: &[Way],
    removed: &[Fact],
    most: usize,
) -> Vec<ChokePoint> {
    let mut passing: BTreeMap<Position, usize> = BTreeMap::new();
    for way in ways {
        let mut inner: Vec<Position> = way.edges.iter().map(|it| graph.to(*it)).collect();
        inner.retain(|it| *it != way.target);
        inner.sort_unstable();
        inner.dedup();
        for position in inner {
            *passing.entry(position).or_default() += 1;
        }
    }
    let mut candidates: Vec<(Position, usize)> = passing.into_iter().collect();
    candidates.sort_by_key(|(position, n)| (std::cmp::Reverse(*n), *position));
    candidates.truncate(most * 2);
    let mut targets: Vec<Position> = ways.iter().map(|it| it.target).collect();
    targets.sort_unstable();
    targets.dedup();
    let mut found: Vec<ChokePoint> = candidates
        .into_iter()
        .map(|(position, n_passing)| {
            let without = Without::facts(removed.iter().copied().chain([UNPROVEN]));
            let without = without.and_position(position);
            let held = reach(graph, entries, &without);
            let n_cut = targets.iter().filter(|it| !held.contains(**it)).count();
            ChokePoint { position, n_passing, n_cut }
        })
        .filter(|it| it.n_cut > 0)
        .collect();
    found.sort_by_key(|it| (std::cmp::Reverse((it.n_cut, it.n_passing)), it.position));
    found.truncate(most);
    found
}
