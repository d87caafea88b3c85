//! The fix plan: the cheapest set of facts whose removal cuts every way to every target.
//!
//! The ways are too many to list. So it goes in rounds: find the likeliest way that is still open, ask that
//! one of its facts be removed, take the cheapest set that does so for all ways found so far, and search
//! again. When nothing is reached any more, no cheaper set can do it: it must cut these ways, too.

use std::collections::BTreeSet;

use crate::attack::{AttackGraph, EdgeNumber, Fact, Position};
use crate::fact::{UNPROVEN, is_fixable};
use crate::search::{Without, search};

/// Facts among which the cheapest set is found for certain.
pub const MOST_EXACT: usize = 20;
/// Rounds after which a plan is given as it is.
const MOST_ROUNDS: usize = 10_000;

/// What to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixPlan {
    /// The facts, by number.
    pub fixes: Vec<Fact>,
    /// Fewer do not do; equal to the number of fixes when the plan is the cheapest there is.
    pub at_least: usize,
    /// Targets that no fix cuts off: something on the way rests on nothing that can be taken away.
    pub left: Vec<Position>,
}

/// The fix plan for all ways from `entries` to `targets` that are left without the facts `gone`.
pub fn fix_plan(
    graph: &AttackGraph,
    entries: &[Position],
    targets: &[Position],
    gone: &[Fact],
) -> FixPlan {
    let mut ways: Vec<BTreeSet<Fact>> = Vec::new();
    let mut left: BTreeSet<Position> = BTreeSet::new();
    let mut chosen = Choice::default();
    for _ in 0..MOST_ROUNDS {
        let removed = chosen.fixes.iter().chain(gone).copied().chain([UNPROVEN]);
        let reached = search(graph, entries, &Without::facts(removed));
        let mut is_new = false;
        for target in targets {
            if reached.cost(*target).is_none() || left.contains(target) {
                continue;
            }
            let facts = facts_of(graph, &reached.way(graph, *target));
            if facts.is_empty() {
                left.insert(*target);
            } else if !ways.contains(&facts) {
                ways.push(facts);
                is_new = true;
            }
        }
        if !is_new {
            break;
        }
        chosen = choose(&ways);
    }
    FixPlan { fixes: chosen.fixes, at_least: chosen.at_least, left: left.into_iter().collect() }
}

fn facts_of(graph: &AttackGraph, way: &[EdgeNumber]) -> BTreeSet<Fact> {
    way.iter().flat_map(|edge| graph.facts(*edge)).copied().filter(|it| is_fixable(*it)).collect()
}

#[derive(Debug, Default)]
struct Choice {
    fixes: Vec<Fact>,
    at_least: usize,
}

/// The smallest set with at least one member of each of `ways`.
fn choose(ways: &[BTreeSet<Fact>]) -> Choice {
    let ways = least(ways);
    let greedy = greedy(&ways);
    let apart = n_apart(&ways);
    let facts: BTreeSet<Fact> = ways.iter().flatten().copied().collect();
    if greedy.len() <= apart {
        return Choice { at_least: greedy.len(), fixes: greedy };
    }
    if facts.len() > MOST_EXACT {
        return Choice { at_least: apart, fixes: greedy };
    }
    let mut best = greedy;
    exact(&ways, &mut Vec::new(), &mut best);
    best.sort_unstable();
    Choice { at_least: best.len(), fixes: best }
}

/// The ways that hold no other way: cutting these cuts the others.
fn least(ways: &[BTreeSet<Fact>]) -> Vec<BTreeSet<Fact>> {
    let holds_another = |way: &BTreeSet<Fact>| ways.iter().any(|it| it != way && it.is_subset(way));
    let mut least: Vec<_> = ways.iter().filter(|it| !holds_another(it)).cloned().collect();
    least.sort();
    least.dedup();
    least
}

/// Always the fact that is on most of what is still open.
fn greedy(ways: &[BTreeSet<Fact>]) -> Vec<Fact> {
    let mut open: Vec<&BTreeSet<Fact>> = ways.iter().collect();
    let mut fixes = Vec::new();
    while !open.is_empty() {
        let facts: BTreeSet<Fact> = open.iter().flat_map(|it| it.iter()).copied().collect();
        let count = |fact: &Fact| open.iter().filter(|it| it.contains(fact)).count();
        // of equally good ones the one with the lowest number
        let Some(best) = facts.iter().copied().max_by_key(|it| (count(it), std::cmp::Reverse(*it)))
        else {
            break;
        };
        fixes.push(best);
        open.retain(|it| !it.contains(&best));
    }
    fixes.sort_unstable();
    fixes
}

/// Ways without a fact in common: each needs a fix of its own.
fn n_apart(ways: &[BTreeSet<Fact>]) -> usize {
    let mut sorted: Vec<&BTreeSet<Fact>> = ways.iter().collect();
    sorted.sort_by_key(|it| it.len());
    let mut taken: BTreeSet<Fact> = BTreeSet::new();
    let mut count = 0;
    for way in sorted {
        if way.is_disjoint(&taken) {
            taken.extend(way);
            count += 1;
        }
    }
    count
}

/// Branches on the smallest open way; a branch that cannot beat the best ends.
fn exact(open: &[BTreeSet<Fact>], chosen: &mut Vec<Fact>, best: &mut Vec<Fact>) {
    let Some(way) = open.iter().min_by_key(|it| it.len()) else {
        if chosen.len() < best.len() {
            best.clone_from(chosen);
        }
        return;
    };
    if chosen.len() + n_apart(open) >= best.len() {
        return;
    }
    for fact in way {
        let rest: Vec<BTreeSet<Fact>> =
            open.iter().filter(|it| !it.contains(fact)).cloned().collect();
        chosen.push(*fact);
        exact(&rest, chosen, best);
        chosen.pop();
    }
}
