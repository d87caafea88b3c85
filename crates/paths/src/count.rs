//! From how many entry points each target is reached.
//!
//! Entry points are bits; sets of them flow along edges until nothing changes. Positions that reach each
//! other have the same set, so they are put together first, and then one pass over the edges between groups
//! is all: only joint edges can bring something new, after which what they lead to is passed again.

mod follow;
mod groups;
mod sets;
mod trees;

pub use follow::{Count, Counting};

use crate::attack::{AttackGraph, Position};
use crate::search::Without;
use groups::Groups;
use sets::Sets;

/// Entry points that are counted in one pass: bounds the memory, which is a bit for each of them and group.
const MOST_AT_ONCE: usize = 1 << 10;

/// For each of `targets`: from how many of `entries` any of its positions is reached, without what is left out.
pub fn n_reaching(
    graph: &AttackGraph,
    entries: &[Position],
    targets: &[Vec<Position>],
    without: &Without,
) -> Vec<u32> {
    let groups = Groups::of(graph, without);
    let mut counts = vec![0; targets.len()];
    for entries in entries.chunks(MOST_AT_ONCE) {
        let sets = flow(graph, &groups, entries, without);
        for (count, target) in counts.iter_mut().zip(targets) {
            *count += sets.n_together(target.iter().filter_map(|it| groups.group(*it)));
        }
    }
    counts
}

/// The entry points that reach each group.
fn flow(graph: &AttackGraph, groups: &Groups, entries: &[Position], without: &Without) -> Sets {
    let mut sets = Sets::new(groups.n, entries.len());
    for (bit, entry) in entries.iter().enumerate() {
        if let Some(group) = groups.group(*entry).filter(|_| without.can_be_held(*entry)) {
            sets.add(group, bit);
        }
    }
    // What leads from one of its needs to itself brings nothing.
    let joints: Vec<(Vec<u32>, u32)> = graph
        .joints(without.shut())
        .filter(|it| without.leaves(graph, *it, graph.to(*it)))
        .filter_map(|it| {
            let needs = graph.from(it).iter().filter_map(|it| groups.group(*it));
            Some((needs.collect::<Vec<_>>(), groups.group(graph.to(it))?))
        })
        .filter(|(needs, to)| !needs.contains(to))
        .collect();
    loop {
        for (from, to) in &groups.between {
            sets.flow(*from, *to);
        }
        let mut is_new = false;
        for (needs, to) in &joints {
            is_new |= sets.flow_together(needs, *to);
        }
        if !is_new {
            return sets;
        }
    }
}
