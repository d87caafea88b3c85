//! Exemptions count at once, end by themselves, and leave verdicts as they are.

use jiff::SignedDuration;
use lang::NodeId;
use model::Verdict;
use serde_json::json;

use super::incremental::difference;
use super::world::{ASSESSOR, LIBRARY, World};
use crate::exemption::{Category, Exemption, Place, Target};

const CHECK: &str = "aws.acm.expires-soon";

fn world() -> World {
    World::of_cases(LIBRARY.check(CHECK).into_iter())
}

fn node_that_is(world: &World, verdict: Verdict) -> NodeId {
    let is_it = |node: &NodeId| {
        world.ledger.assessment(*node, CHECK).is_some_and(|it| it.verdict == verdict)
    };
    world.nodes.keys().copied().find(is_it).unwrap()
}

fn exemption(world: &World, node: NodeId, category: Category, hours: i64) -> Exemption {
    Exemption {
        number: 1,
        category,
        target: Target::Check(CHECK.to_owned()),
        place: Place::Resource(format!("case:{}", node.0)),
        reason: "a test".to_owned(),
        evidence: Vec::new(),
        approver: "nobody".to_owned(),
        from: world.now,
        until: world.now.checked_add(SignedDuration::from_hours(hours)).ok(),
    }
}

/// What the counts of the check become under a decision about an assessment of that verdict.
#[track_caller]
fn check(category: Category, verdict: Verdict, want: (i64, i64, i64)) {
    let mut world = world();
    let node = node_that_is(&world, verdict);
    let before = world.ledger.counts(CHECK);
    world.exemptions.push(exemption(&world, node, category, 12));
    let nothing = world.changes();
    assert_eq!(world.commit(&nothing, &ASSESSOR), 0, "a decision evaluates nothing");
    let after = world.ledger.counts(CHECK);
    assert_eq!(after.raw, before.raw, "verdicts stay what they are");
    let more = |a: u64, b: u64| a.cast_signed() - b.cast_signed();
    let found = (
        more(after.effective.healthy, before.effective.healthy),
        more(after.effective.unhealthy, before.effective.unhealthy),
        more(after.effective.unknown, before.effective.unknown),
    );
    assert_eq!(found, want, "{category:?} {verdict:?}");
    let end = world.exemptions[0].until.unwrap();
    assert!(world.ledger.next_flip().is_some_and(|it| it <= end));
    world.now = end;
    world.commit(&nothing, &ASSESSOR);
    assert_eq!(difference(&world, &ASSESSOR, true), Vec::<String>::new());
    assert_eq!(world.ledger.counts(CHECK).exempt, 0, "it ends by itself");
}

#[test]
fn an_exemption_counts_at_once_and_ends_by_itself() {
    check(Category::Mitigated, Verdict::Unhealthy, (1, -1, 0));
    check(Category::Mitigated, Verdict::Unknown, (0, 0, 0));
    check(Category::Waiver, Verdict::Unhealthy, (0, -1, 0));
    check(Category::Waiver, Verdict::Unknown, (0, 0, -1));
    check(Category::Waiver, Verdict::Healthy, (-1, 0, 0));

    let mut world = world();
    let node = node_that_is(&world, Verdict::Unhealthy);
    world.exemptions.push(exemption(&world, node, Category::Waiver, 12));
    world.commit(&world.changes(), &ASSESSOR);
    world.nodes.get_mut(&node).unwrap().json = json!({ "NotAfter": "2026-11-25T00:00:00Z" });
    let mut changes = world.changes();
    world.put(node, &mut changes);
    let mut noticed = Vec::new();
    world.commit_whole(&changes, &ASSESSOR, &mut |diff| {
        noticed = diff.changed_under.iter().map(|it| (it.node, it.exemption)).collect();
    });
    assert_eq!(noticed, [(node, 1)], "a change under an exemption is noticed");
}
