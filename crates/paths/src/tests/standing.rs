//! Stories that stand while the graph changes against stories told from scratch.

use proptest::prelude::*;

use super::change::{Batch, Living, batches};
use super::{POSITIONS, Sketch, SketchEdge, sketches};
use crate::bench::{Changes, Scene, Size, scene};
use crate::count::{Count, n_reaching};
use crate::fact::UNPROVEN;
use crate::search::Without;
use crate::story::{Standing, Story, likeliest};

/// Some edges could not be judged.
fn doubt(edges: &mut [SketchEdge]) {
    for (_, _, cost, facts) in edges {
        if *cost % 5 == 0 {
            facts.push(UNPROVEN);
        }
    }
}

fn doubted() -> impl Strategy<Value = (Sketch, Vec<Batch>)> {
    (sketches(0), batches()).prop_map(|(mut sketch, mut batches)| {
        doubt(&mut sketch.edges);
        for batch in &mut batches {
            doubt(&mut batch.inserted);
        }
        (sketch, batches)
    })
}

/// Two targets of two positions each, and one of one.
const TARGETS: [&[u32]; 3] = [&[8, 3], &[7, 2], &[5]];

/// What must not depend on which of equally likely ways was found.
fn told(story: &Story) -> (bool, u32, Count) {
    (story.is_proven, story.way.cost, story.count)
}

fn check(living: &Living, standing: &Standing, entries: &[u32]) {
    let targets: Vec<Vec<u32>> = TARGETS.iter().map(|it| it.to_vec()).collect();
    let found = likeliest(&living.graph, entries, &targets, &[]);
    let mut n_stories = 0;
    for (number, target) in targets.iter().enumerate() {
        let reaching = entries.iter().filter(|it| {
            let costs = living.slow_costs(&[**it], &[UNPROVEN]);
            target.iter().any(|it| costs[*it as usize].is_some())
        });
        let count = Count::Known(reaching.count() as u32);
        let want = found.of(number).map(|(is_proven, cost)| (is_proven, cost, count));
        assert_eq!(standing.story(number).map(told), want, "target {number}");
        n_stories += usize::from(want.is_some());
    }
    let stories: Vec<&Story> = standing.stories().collect();
    assert_eq!(stories.len(), n_stories);
    let order = |it: &&Story| (!it.is_proven, it.way.cost);
    assert!(stories.is_sorted_by_key(order), "ranked");
    for story in stories {
        let mut held = entries.to_vec();
        for edge in &story.way.edges {
            assert!(living.graph.holds(*edge));
            assert!(living.graph.is_proven(*edge) || !story.is_proven);
            assert!(
                living.graph.from(*edge).iter().all(|it| held.contains(it)),
                "it can be walked"
            );
            held.push(living.graph.to(*edge));
        }
        assert!(held.contains(&story.way.target) && held.contains(&story.way.entry));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn stories_that_stand_are_stories_from_scratch(
        (sketch, batches) in doubted(),
        entries in prop::collection::btree_set(0..POSITIONS, 1..4),
        compacted in any::<prop::sample::Index>(),
    ) {
        let entries: Vec<u32> = entries.into_iter().collect();
        let targets: Vec<Vec<u32>> = TARGETS.iter().map(|it| it.to_vec()).collect();
        let mut living = Living::new(&sketch);
        let mut standing = Standing::new(&mut living.graph, &entries, &targets);
        check(&living, &standing, &entries);
        for (number, batch) in batches.iter().enumerate() {
            if number == compacted.index(batches.len()) {
                standing.renumber(&living.compact());
                check(&living, &standing, &entries);
            }
            let before: Vec<Option<Story>> =
                (0..targets.len()).map(|it| standing.story(it).cloned()).collect();
            let change = living.change(batch);
            let changed = standing.follow(&living.graph, &change);
            check(&living, &standing, &entries);
            for (number, before) in before.iter().enumerate() {
                let is_same = standing.story(number) == before.as_ref();
                prop_assert_eq!(changed.contains(&number), !is_same);
            }
        }
    }
}

/// Sparse graphs fall apart and grow together; dense ones are one group with a few stragglers.
#[test]
fn stories_stand_through_the_changes_of_an_estate() {
    let check = |n_edges: u32, most_open: usize| {
        let size = Size { positions: 1_500, edges: n_edges, entries: 70, targets: 40 };
        let Scene { mut graph, entries, targets } = scene(size, 5);
        let mut standing = Standing::new(&mut graph, &entries, &targets);
        let mut changes = Changes::new(3);
        let mut n_open = 0;
        for number in 0..100 {
            let draft = changes.draw(&graph);
            let change = draft.make(&mut graph);
            standing.follow(&graph, &change);
            changes.made(&draft, change);
            n_open += usize::from(standing.wants_recount());
            if standing.wants_recount() {
                standing.recount(&graph);
            }
            let counts = n_reaching(&graph, &entries, &targets, &Without::unproven());
            let found = likeliest(&graph, &entries, &targets, &[]);
            for (target, count) in counts.iter().enumerate() {
                let want = found.of(target).map(|it| (it.0, it.1, Count::Known(*count)));
                assert_eq!(
                    standing.story(target).map(told),
                    want,
                    "change {number}: {:?}",
                    draft.sort
                );
            }
        }
        assert!(n_open <= most_open, "{n_open} of {n_edges} edges");
    };
    check(1_600, 0);
    check(3_000, 0);
    check(9_000, 0);
}
