//! Views held against a slow oracle, which filters and counts one resource after the other.

mod oracle;
mod world;

use std::sync::Arc;

use proptest::prelude::*;

use self::oracle::Oracle;
use self::world::{Dice, World};
use crate::{
    Fixed, Page, Parts, RecommendationFilter, RecommendationSort, ResourceFilter, ResourceSort,
    Sight, View,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// After every edit the view says what the oracle says, and what a view made in full says, for
    /// whoever looks.
    #[test]
    fn a_view_says_what_the_naive_filter_says_and_nothing_outside_the_sight(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let mut world = World::new(&mut dice);
        let mut view = View::new(world.parts());
        for _ in 0..6 {
            let before = view;
            let touched = world.edit(&mut dice);
            view = before.after(world.parts(), &touched);
            let full = View::new(world.parts());
            for _ in 0..3 {
                let sight = world.any_sight(&mut dice);
                let oracle = Oracle::new(&world, &sight);
                oracle.check(&view, &mut dice);
                prop_assert_eq!(oracle::said(&view, &sight), oracle::said(&full, &sight));
            }
        }
    }

    /// A page begins behind the last item of the page before, whatever happened in between.
    #[test]
    fn pages_go_on_where_they_ended_although_the_list_changes(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let mut world = World::new(&mut dice);
        let mut view = View::new(world.parts());
        let sorts = [ResourceSort::Severity, ResourceSort::Unhealthy, ResourceSort::Name];
        let sorts = sorts.into_iter().chain([ResourceSort::Kind, ResourceSort::Id]);
        let sorts = sorts.chain([ResourceSort::Criticality]);
        for sort in sorts {
            for is_reversed in [false, true] {
                let mut page = Page { limit: 1 + dice.roll(5), after: None, is_reversed };
                loop {
                    let sight = Sight::Everything;
                    let list = view.resources(&sight, &ResourceFilter::default(), sort, &page);
                    let wanted = Oracle::new(&world, &sight).page(&view, sort, &page);
                    let ids: Vec<&str> = list.items.iter().map(|it| it.id).collect();
                    prop_assert_eq!(ids, wanted);
                    let Some(next) = list.next else { break };
                    page.after = Some(next);
                    let touched = world.edit(&mut dice);
                    view = view.after(world.parts(), &touched);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What a decision would change is what it changes, and mending a check gains what it says.
    #[test]
    fn what_if_is_what_then_is(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let mut world = World::new(&mut dice);
        for _ in 0..3 {
            let _ = world.edit(&mut dice);
        }
        let view = View::new(world.parts());
        let sight = world.any_sight(&mut dice);
        let filter = RecommendationFilter::default();
        let all = Page::first(100);
        let list = view.recommendations(&sight, &filter, RecommendationSort::Title, &all);
        for it in list.items {
            let fixed = Fixed { what: it.check.id.clone(), resource: None };
            let found = view.what_if_fixed(&sight, &[fixed]).unwrap();
            let percent = |it: Option<posture::Score>| it.map_or(0.0, |it| it.percent);
            let gain = percent(found.after) - percent(found.before);
            if found.after.is_some() {
                prop_assert!((gain - it.gain).abs() < 1e-9, "{}: {gain} {}", it.check.id, it.gain);
            }
            prop_assert_eq!(found.fixed, it.effective.unhealthy);
        }
        let exemption = world.exemption(&mut dice);
        let answer = view.what_if_exempt(&sight, [exemption.clone()]);
        let touched = world.decide(exemption);
        let after = view.after(world.parts(), &touched);
        prop_assert_eq!(answer, view.otherwise(&sight, &after));
    }
}

/// What one caller sees is not in the answers to another, not even as text.
#[test]
fn no_answer_names_what_is_outside_the_sight() {
    let mut dice = Dice(3);
    let world = World::new(&mut dice);
    let view = View::new(world.parts());
    for sight in world.all_sights() {
        let said = oracle::said(&view, &sight).join("\n");
        for hidden in Oracle::new(&world, &sight).hidden() {
            assert!(!said.contains(&hidden), "{hidden} for {sight:?}");
        }
    }
}

/// A view whose ledger, graph and content are gone still answers.
#[test]
fn an_older_view_stays_as_it_was() {
    let mut dice = Dice(5);
    let mut world = World::new(&mut dice);
    let view = View::new(world.parts());
    let said = oracle::said(&view, &Sight::Everything);
    for _ in 0..20 {
        let touched = world.edit(&mut dice);
        let Parts { ledger, .. } = world.parts();
        assert!(ledger.sequence() > view.sequence());
        drop(view.after(world.parts(), &touched));
        assert_eq!(oracle::said(&view, &Sight::Everything), said);
    }
}

/// A check that is tried says what it says as content, and what is wrong with it is told.
#[test]
fn a_dry_run_says_what_the_check_would_say() {
    let mut dice = Dice(11);
    let mut world = World::new(&mut dice);
    while world.uses.is_empty() {
        let _ = world.edit(&mut dice); // an edge type that nothing has is refused
    }
    let view = View::new(world.parts());
    let never: Arc<dyn Fn() -> bool + Send + Sync> = Arc::new(|| false);
    for sight in world.all_sights() {
        let filter = RecommendationFilter::default();
        let sort = RecommendationSort::Title;
        let list = view.recommendations(&sight, &filter, sort, &Page::first(100));
        for it in list.items {
            let text = world::check_text(&it.check.id);
            let found = view.dry_run(&sight, &text, &never).unwrap();
            assert_eq!(
                (found.counts, found.changed, found.left),
                (it.raw, 0, 0),
                "{}",
                it.check.id
            );
            assert_eq!(found.unhealthy.len() as u64, it.raw.unhealthy);
        }
    }
    let text = world::check_text("azure.disk.open");
    let whole = view.dry_run(&Sight::Everything, &text, &never).unwrap().counts;
    let n_all = whole.healthy + whole.unhealthy + whole.unknown + whole.not_applicable;
    let late = view.dry_run(&Sight::Everything, &text, &(Arc::new(|| true) as _)).unwrap();
    assert_eq!(
        (late.left, late.counts),
        (n_all, posture::VerdictCounts::default()),
        "what takes too long is left"
    );
    for (what, other, want) in [
        ("r.open = true", "r.open ==== true", "`unhealthy`"),
        ("control: c1", "control: cX", "control"),
        ("kind: azure.disk", "kind: azure.dusk", "kind"),
        ("title:", "titel:", "titel"),
    ] {
        let problems =
            view.dry_run(&Sight::Everything, &text.replace(what, other), &never).unwrap_err();
        assert!(problems[0].message.contains(want), "{problems:?}");
    }
}
