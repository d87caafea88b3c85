//! Graphs and searches that change against ones made from scratch.

use proptest::prelude::*;

use super::{POSITIONS, Sketch, SketchEdge, edge, sketches};
use crate::attack::{AttackGraph, Change, Edge, EdgeNumber, Fact, Renumbered};
use crate::count::{Count, Counting, n_reaching};
use crate::search::{Following, Without, search};

/// Edges that come and edges that go, the latter by their place among those that are there.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) inserted: Vec<SketchEdge>,
    removed: Vec<prop::sample::Index>,
}

pub(super) fn batches() -> impl Strategy<Value = Vec<Batch>> {
    let removed = prop::collection::vec(any::<prop::sample::Index>(), 0..5);
    let batch = (prop::collection::vec(edge(0), 0..5), removed);
    let batch = batch.prop_map(|(inserted, removed)| Batch { inserted, removed });
    prop::collection::vec(batch, 1..6)
}

/// An attack graph, and the edges that it must have.
pub(super) struct Living {
    pub(super) graph: AttackGraph,
    edges: Vec<(EdgeNumber, SketchEdge)>,
    next_label: u32,
}

impl Living {
    pub(super) fn new(sketch: &Sketch) -> Self {
        // Without positions that no edge has: they come with an edge.
        let graph = sketch.graph_of(0);
        let edges = graph.edges().map(|it| (it, sketch.edges[graph.label(it) as usize].clone()));
        let edges = edges.collect();
        Self { graph, edges, next_label: sketch.edges.len() as u32 }
    }

    pub(super) fn change(&mut self, batch: &Batch) -> Change {
        let mut change = Change::default();
        for index in &batch.removed {
            if self.edges.is_empty() {
                break;
            }
            let (number, _) = self.edges.remove(index.index(self.edges.len()));
            assert!(self.graph.remove(number));
            assert!(!self.graph.remove(number), "it went already");
            change.removed.push(number);
        }
        for sketched in &batch.inserted {
            let (from, to, cost, facts) = sketched;
            let edge = Edge { from, to: *to, cost: *cost, facts };
            let number = self.graph.insert(&edge, self.next_label).unwrap();
            self.next_label += 1;
            self.edges.push((number, sketched.clone()));
            change.inserted.push(number);
        }
        change
    }

    pub(super) fn compact(&mut self) -> Renumbered {
        let numbers = self.graph.compact();
        for (number, _) in &mut self.edges {
            *number = numbers.of(*number).unwrap();
        }
        numbers
    }

    pub(super) fn sketch(&self) -> Sketch {
        Sketch { edges: self.edges.iter().map(|(_, edge)| edge.clone()).collect() }
    }

    /// What it costs to come to each position, found slowly; nothing where there is no such position yet.
    pub(super) fn slow_costs(&self, entries: &[u32], removed: &[Fact]) -> Vec<Option<u32>> {
        let n = self.graph.n_positions() as usize;
        let mut costs = self.sketch().costs(entries, removed);
        costs.iter_mut().skip(n).for_each(|it| *it = None);
        costs
    }

    /// From how many of `entries` each position is reached, each searched alone.
    fn slow_counts(&self, entries: &[u32]) -> Vec<u32> {
        let mut counts = vec![0; POSITIONS as usize];
        for entry in entries {
            for (count, cost) in counts.iter_mut().zip(self.slow_costs(&[*entry], &[])) {
                *count += u32::from(cost.is_some());
            }
        }
        counts
    }

    fn is_as_wanted(&self) {
        let graph = &self.graph;
        let mut numbers: Vec<EdgeNumber> = self.edges.iter().map(|it| it.0).collect();
        numbers.sort_unstable();
        assert_eq!(graph.edges().collect::<Vec<_>>(), numbers);
        assert_eq!(graph.n_edges() as usize, numbers.len());
        for (number, (from, to, cost, facts)) in &self.edges {
            let mut from = from.clone();
            from.sort_unstable();
            from.dedup();
            assert_eq!(graph.from(*number), from);
            assert_eq!((graph.to(*number), graph.cost(*number)), (*to, *cost));
            assert_eq!(graph.facts(*number), facts);
        }
    }
}

fn costs(reached: &crate::search::Reached) -> Vec<Option<u32>> {
    (0..POSITIONS).map(|it| reached.cost(it)).collect()
}

fn counts(graph: &AttackGraph, entries: &[u32]) -> Vec<u32> {
    n_reaching(
        graph,
        entries,
        &(0..POSITIONS).map(|it| vec![it]).collect::<Vec<_>>(),
        &Without::default(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn a_graph_that_changed_is_one_made_of_its_edges(
        sketch in sketches(0),
        batches in batches(),
        entries in prop::collection::vec(0..POSITIONS, 0..3),
        has_ins in any::<bool>(),
    ) {
        let mut living = Living::new(&sketch);
        if has_ins {
            living.graph.index_ins();
        }
        for batch in &batches {
            living.change(batch);
            living.is_as_wanted();
            let reached = search(&living.graph, &entries, &Without::default());
            prop_assert_eq!(costs(&reached), living.slow_costs(&entries, &[]));
            prop_assert_eq!(counts(&living.graph, &entries), living.slow_counts(&entries));
        }
        let labels: Vec<u32> = living.edges.iter().map(|it| living.graph.label(it.0)).collect();
        living.compact();
        living.is_as_wanted();
        let now: Vec<u32> = living.edges.iter().map(|it| living.graph.label(it.0)).collect();
        prop_assert_eq!(now, labels);
        let reached = search(&living.graph, &entries, &Without::default());
        prop_assert_eq!(costs(&reached), living.slow_costs(&entries, &[]));
    }

    #[test]
    fn a_search_that_follows_is_a_search_from_scratch(
        sketch in sketches(0),
        batches in batches(),
        entries in prop::collection::vec(0..POSITIONS, 0..3),
        removed in prop::collection::vec(super::FACTS, 0..3),
    ) {
        let mut living = Living::new(&sketch);
        let without = Without::facts(removed.clone());
        let mut following = Following::new(&mut living.graph, &entries, without.clone());
        for batch in &batches {
            let before = following.reached().clone();
            let change = living.change(batch);
            let touched = following.follow(&living.graph, &change);
            let reached = following.reached();
            let want = living.slow_costs(&entries, &removed);
            prop_assert_eq!(costs(reached), want.clone());
            let anew = search(&living.graph, &entries, &without);
            prop_assert_eq!(costs(&anew), want);
            for position in 0..POSITIONS {
                is_gained_tightly(&living.graph, reached, position, &entries, &removed);
                let is_same = (before.cost(position), before.by(position))
                    == (reached.cost(position), reached.by(position));
                prop_assert!(is_same || touched.contains(&position), "{position} was touched");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn counts_that_follow_are_counts_from_scratch(
        sketch in sketches(0),
        batches in batches(),
        entries in prop::collection::btree_set(0..POSITIONS, 0..5),
    ) {
        let entries: Vec<u32> = entries.into_iter().collect();
        let mut living = Living::new(&sketch);
        let targets: Vec<Vec<u32>> = (0..POSITIONS).map(|it| vec![it]).collect();
        let mut counting = Counting::new(&mut living.graph, &entries, &targets);
        for batch in &batches {
            let change = living.change(batch);
            counting.follow(&living.graph, &change);
            let want = living.slow_counts(&entries);
            let want: Vec<Count> = want.into_iter().map(Count::Known).collect();
            prop_assert_eq!(counting.counts(), want);
        }
    }

    #[test]
    fn a_count_is_right_or_said_to_be_unknown(
        sketch in sketches(0),
        batches in batches(),
        entries in prop::collection::btree_set(0..POSITIONS, 0..5),
        work in 0..60_u32,
    ) {
        let entries: Vec<u32> = entries.into_iter().collect();
        let mut living = Living::new(&sketch);
        let targets: Vec<Vec<u32>> = (0..POSITIONS).map(|it| vec![it]).collect();
        let mut counting = Counting::with_work(&mut living.graph, &entries, &targets, work);
        for batch in &batches {
            let change = living.change(batch);
            counting.follow(&living.graph, &change);
            let want = living.slow_counts(&entries);
            for (got, want) in counting.counts().iter().zip(want) {
                prop_assert!(*got == Count::Known(want) || *got == Count::NotCounted);
            }
            prop_assert_eq!(
                counting.wants_recount(),
                counting.counts().contains(&Count::NotCounted)
            );
        }
        counting.recount(&living.graph);
        let want = living.slow_counts(&entries);
        prop_assert_eq!(counting.counts(), want.into_iter().map(Count::Known).collect::<Vec<_>>());
    }
}

/// The edge by which a position is gained is there, costs what is said, and all that it needs costs less.
fn is_gained_tightly(
    graph: &AttackGraph,
    reached: &crate::search::Reached,
    position: u32,
    entries: &[u32],
    removed: &[Fact],
) {
    let Some(cost) = reached.cost(position) else {
        assert_eq!(reached.by(position), None);
        return;
    };
    let Some(edge) = reached.by(position) else {
        assert!(entries.contains(&position));
        return;
    };
    assert!(graph.holds(edge) && graph.to(edge) == position);
    assert!(!graph.facts(edge).iter().any(|it| removed.contains(it)));
    let needs: Vec<u32> = graph.from(edge).iter().map(|it| reached.cost(*it).unwrap()).collect();
    assert!(needs.iter().all(|it| *it < cost));
    assert_eq!(needs.iter().sum::<u32>() + graph.cost(edge), cost);
}

#[test]
fn a_graph_is_worn_when_an_eighth_of_it_changed() {
    let check = |n_inserted: u32, want: bool| {
        let mut graph = Sketch { edges: Vec::new() }.graph();
        for number in 0..n_inserted {
            graph.insert(&Edge { from: &[0], to: 1, cost: 1, facts: &[] }, number);
        }
        assert_eq!(graph.is_worn(), want, "{n_inserted}");
        graph.compact();
        assert!(!graph.is_worn());
    };
    check(10, false);
    check(2000, true);
}
