//! The fix plan against trying all sets of facts.

use proptest::prelude::*;

use super::{FACTS, POSITIONS, sketches};
use crate::plan::fix_plan;

/// The smallest number of facts whose removal leaves none of the targets reached.
fn least(sketch: &super::Sketch, entries: &[u32], targets: &[u32]) -> Option<usize> {
    (0_u32..1 << FACTS.count())
        .filter_map(|set| {
            let removed: Vec<u32> =
                FACTS.zip(0..).filter(|(_, bit)| set >> bit & 1 == 1).map(|it| it.0).collect();
            let costs = sketch.costs(entries, &removed);
            let is_cut = targets.iter().all(|it| costs[*it as usize].is_none());
            is_cut.then_some(removed.len())
        })
        .min()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_plan_cuts_everything_with_the_fewest_fixes(
        sketch in sketches(1),
        entry in 0..POSITIONS,
        targets in prop::collection::btree_set(0..POSITIONS, 1..4),
    ) {
        let targets: Vec<u32> = targets.into_iter().filter(|it| *it != entry).collect();
        let plan = fix_plan(&sketch.graph(), &[entry], &targets, &[]);
        prop_assert!(plan.left.is_empty());
        let costs = sketch.costs(&[entry], &plan.fixes);
        prop_assert!(targets.iter().all(|it| costs[*it as usize].is_none()));
        prop_assert_eq!(Some(plan.fixes.len()), least(&sketch, &[entry], &targets));
        prop_assert_eq!(plan.at_least, plan.fixes.len());
    }

    #[test]
    fn what_no_fix_cuts_is_said_and_the_rest_is_cut(
        sketch in sketches(0),
        entry in 0..POSITIONS,
        targets in prop::collection::btree_set(0..POSITIONS, 1..4),
    ) {
        let targets: Vec<u32> = targets.into_iter().filter(|it| *it != entry).collect();
        let plan = fix_plan(&sketch.graph(), &[entry], &targets, &[]);
        let everything: Vec<u32> = FACTS.collect();
        let stays = sketch.costs(&[entry], &everything);
        let after = sketch.costs(&[entry], &plan.fixes);
        for target in targets {
            prop_assert_eq!(plan.left.contains(&target), stays[target as usize].is_some());
            prop_assert!(plan.left.contains(&target) || after[target as usize].is_none());
        }
    }
}
