//! Stories that stand while the graph changes against stories told from scratch.

use proptest::prelude::*;

use super::change::{Batch, Living, batches};
use super::{POSITIONS, Sketch, SketchEdge, sketches};
use crate::count::Count;
use crate::fact::UNPROVEN;
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
    ) {
        let entries: Vec<u32> = entries.into_iter().collect();
        let targets: Vec<Vec<u32>> = TARGETS.iter().map(|it| it.to_vec()).collect();
        let mut living = Living::new(&sketch);
        let mut standing = Standing::new(&mut living.graph, &entries, &targets);
        check(&living, &standing, &entries);
        for batch in &batches {
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
