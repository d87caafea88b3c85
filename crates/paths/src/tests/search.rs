//! The search against going over all edges until nothing changes.

use proptest::prelude::*;

use super::{POSITIONS, sketches};
use crate::count::n_reaching;
use crate::reach::reach;
use crate::search::{Without, search};
use crate::story::ways;

proptest! {
    #[test]
    fn a_search_reaches_what_the_fixpoint_reaches_at_the_same_cost(
        sketch in sketches(0),
        entries in prop::collection::vec(0..POSITIONS, 0..3),
        removed in prop::collection::vec(super::FACTS, 0..3),
    ) {
        let graph = sketch.graph();
        let reached = search(&graph, &entries, &Without::facts(removed.clone()));
        let want = sketch.costs(&entries, &removed);
        let got: Vec<_> = (0..POSITIONS).map(|it| reached.cost(it)).collect();
        prop_assert_eq!(got, want);
    }

    #[test]
    fn what_is_reached_is_what_a_search_reaches(
        sketch in sketches(0),
        entries in prop::collection::vec(0..POSITIONS, 0..3),
        removed in prop::collection::vec(super::FACTS, 0..3),
        lost in 0..POSITIONS,
        n_beyond in 0_u32..200,
    ) {
        // positions that nothing leads to make waves small beside the graph
        let graph = sketch.graph_of(POSITIONS + n_beyond);
        for without in [Without::facts(removed), Without::unproven().and_position(lost)] {
            let (held, reached) = (reach(&graph, &entries, &without), search(&graph, &entries, &without));
            let got: Vec<_> = (0..graph.n_positions()).filter(|it| held.contains(*it)).collect();
            let want: Vec<_> = (0..graph.n_positions()).filter(|it| reached.cost(*it).is_some()).collect();
            prop_assert_eq!(held.n_held(), got.len());
            prop_assert_eq!(got, want);
        }
    }

    #[test]
    fn a_way_can_be_walked_and_uses_nothing_that_was_removed(
        sketch in sketches(0),
        entries in prop::collection::vec(0..POSITIONS, 1..3),
        removed in prop::collection::vec(super::FACTS, 0..3),
    ) {
        let graph = sketch.graph();
        let reached = search(&graph, &entries, &Without::facts(removed.clone()));
        for target in 0..POSITIONS {
            let mut held = entries.clone();
            for edge in reached.way(&graph, target) {
                prop_assert!(graph.from(edge).iter().all(|it| held.contains(it)));
                prop_assert!(!graph.facts(edge).iter().any(|it| removed.contains(it)));
                held.push(graph.to(edge));
            }
            prop_assert_eq!(held.contains(&target), reached.cost(target).is_some());
        }
    }

    #[test]
    fn each_pair_that_is_reached_has_a_way_and_no_other(
        sketch in sketches(0),
        entries in prop::collection::btree_set(0..POSITIONS, 1..3),
    ) {
        let graph = sketch.graph();
        let entries: Vec<u32> = entries.into_iter().collect();
        let targets: Vec<Vec<u32>> = (0..POSITIONS).map(|it| vec![it]).collect();
        let found = ways(&graph, &entries, None, &targets, &[]);
        for entry in &entries {
            let costs = sketch.costs(&[*entry], &[]);
            for target in 0..POSITIONS {
                let want = costs[target as usize].filter(|it| *it > 0);
                let got = found.proven.iter().find(|it| (it.entry, it.target) == (*entry, target));
                prop_assert_eq!(got.map(|it| it.cost), want);
            }
        }
    }
}

#[test]
fn what_needs_two_is_not_reached_with_one() {
    let check = |entries: &[u32], want: Option<u32>| {
        let edges = vec![(vec![0, 1], 2, 100, vec![]), (vec![3], 1, 50, vec![])];
        let graph = super::Sketch { edges }.graph();
        assert_eq!(search(&graph, entries, &Without::default()).cost(2), want, "{entries:?}");
    };
    check(&[0], None);
    check(&[0, 1], Some(100));
    check(&[0, 3], Some(150));
}

proptest! {
    #[test]
    fn entry_points_are_counted_as_if_each_were_searched_alone(
        sketch in sketches(0),
        entries in prop::collection::btree_set(0..POSITIONS, 0..5),
        removed in prop::collection::vec(super::FACTS, 0..3),
    ) {
        let graph = sketch.graph();
        let entries: Vec<u32> = entries.into_iter().collect();
        let targets: Vec<Vec<u32>> = (0..POSITIONS).map(|it| vec![it]).collect();
        let got = n_reaching(&graph, &entries, &targets, &Without::facts(removed.clone()));
        let want: Vec<u32> = (0..POSITIONS as usize)
            .map(|target| {
                let reaching = entries.iter().filter(|it| sketch.costs(&[**it], &removed)[target].is_some());
                reaching.count() as u32
            })
            .collect();
        prop_assert_eq!(got, want);
    }
}

#[test]
fn what_a_step_costs_is_its_likelihood() {
    use content::step::Likelihood;
    let check = |likelihood: Likelihood, cost: f64| {
        assert!((-1000.0 * likelihood.value().ln() - cost).abs() < 0.5, "{likelihood:?}");
    };
    check(Likelihood::Certain, 0.0);
    check(Likelihood::High, 105.0);
    check(Likelihood::Medium, 511.0);
    check(Likelihood::Low, 1204.0);
}

#[test]
fn what_everybody_holds_helps_and_makes_no_way_alone() {
    // 0: everybody, 1: the entry point; 3 takes both, 2 takes everybody alone, 4 the entry point alone.
    let edges =
        vec![(vec![0, 1], 3, 10, vec![]), (vec![0], 2, 10, vec![]), (vec![1], 4, 10, vec![])];
    let graph = super::Sketch { edges }.graph();
    let targets: Vec<Vec<u32>> = (2..5).map(|it| vec![it]).collect();
    let found = ways(&graph, &[1], Some(0), &targets, &[]);
    let got: Vec<(u32, u32)> = found.proven.iter().map(|it| (it.entry, it.target)).collect();
    assert_eq!(got, [(1, 3), (1, 4)]);
}

#[test]
fn many_entry_points_are_counted_whole() {
    // Each of many entry points leads to 100, an edge that could not be judged from there to 101.
    let n = crate::story::MOST_ALONE as u32 + 1;
    let mut edges: Vec<super::SketchEdge> = (0..n).map(|it| (vec![it], 100, 10, vec![])).collect();
    edges.push((vec![100], 101, 10, vec![crate::fact::UNPROVEN]));
    edges[1].3 = vec![2];
    let graph = super::Sketch { edges }.graph();
    let check = |removed: &[u32], want: u32| {
        let entries: Vec<u32> = (0..n).collect();
        let found = ways(&graph, &entries, None, &[vec![100], vec![101]], removed);
        let told: Vec<(u32, u32)> =
            found.proven.iter().map(|it| (it.target, it.n_entries)).collect();
        assert_eq!(told, [(100, want)]);
        let told: Vec<(u32, u32)> =
            found.unproven.iter().map(|it| (it.target, it.n_entries)).collect();
        assert_eq!(told, [(101, want)]);
    };
    check(&[], n);
    check(&[2], n - 1);
}
