//! What is stored comes back as it was, and other content judges anew what it must.

use lang::NodeId;
use model::GapId;
use model::doc::unread_marker;
use serde_json::json;

use super::incremental::difference;
use super::world::{ASSESSOR, Dice, LIBRARY, World, library};
use crate::exemption::Exemptions;
use crate::{Assessor, Ledger, Restore, Row, RowError};

/// An estate after some edits.
fn edited(seed: u64) -> World {
    let mut world = World::of_cases(LIBRARY.checks().skip(seed as usize * 20).take(10));
    let mut dice = Dice(seed);
    for _ in 0..6 {
        let mut changes = world.changes();
        for _ in 0..4 {
            world.edit(&mut dice, &mut changes);
        }
        world.commit(&changes, &ASSESSOR);
    }
    world
}

/// The ledger as a process would find it that starts anew.
fn restored(world: &World, assessor: &Assessor) -> Ledger {
    let rows: Vec<(NodeId, Vec<u8>)> =
        world.ledger.rows().map(|(node, row)| (node, row.bytes().to_vec())).collect();
    let rows = rows.into_iter().map(|(node, bytes)| (node, Row::from_bytes(&bytes).unwrap()));
    let from = Restore {
        catalogue: world.ledger.catalogue().clone(),
        exemptions: Exemptions::new(world.exemptions.clone()),
        now: world.now,
        sequence: world.sequence,
    };
    Ledger::restore(&world.graph, assessor, from, rows)
}

fn a_restored_ledger_says_and_does_the_same() {
    for seed in 0..6 {
        let mut world = edited(seed);
        let rows: Vec<_> = world.ledger.rows().map(|(node, row)| (node, row.clone())).collect();
        world.ledger = restored(&world, &ASSESSOR);
        let again: Vec<_> = world.ledger.rows().map(|(node, row)| (node, row.clone())).collect();
        assert_eq!(rows, again);
        assert_eq!(difference(&world, &ASSESSOR, true), Vec::<String>::new());
        let mut changes = world.changes();
        let mut dice = Dice(seed + 100);
        (0..4).for_each(|_| drop(world.edit(&mut dice, &mut changes)));
        world.commit(&changes, &ASSESSOR);
        assert_eq!(difference(&world, &ASSESSOR, false), Vec::<String>::new());
    }
}

fn compaction_takes_the_ledger_along() {
    let mut world = edited(3);
    let (graph, numbers) = world.graph.compact();
    world.graph = graph;
    world.ledger.renumber(&numbers);
    assert_eq!(difference(&world, &ASSESSOR, true), Vec::<String>::new());
}

fn other_content_judges_what_is_new_or_changed() {
    const CHANGED: &str = "checks/aws/acm/expires-soon.check.yaml";
    let other = library(&|path, bytes| {
        let text =
            String::from_utf8_lossy(&bytes).replace("duration('P30D')", "duration('P3000D')");
        let is_gone = path.starts_with("checks/aws/acm/weak-key");
        let bytes = if path == CHANGED { text.into_bytes() } else { bytes };
        (!is_gone).then_some(bytes)
    });
    let (assessor, _) = Assessor::compile(&other);
    assert_eq!(assessor.checks().len() + 1, ASSESSOR.checks().len());
    let checks = ["aws.acm.expires-soon", "aws.acm.weak-key", "aws.acm.renewal-failing"];
    let mut world = World::of_cases(checks.into_iter().filter_map(|it| LIBRARY.check(it)));
    let n_certificates = world.nodes.values().filter(|it| it.kind == "aws.acm-certificate").count();
    let nothing = world.changes();
    for is_restored in [false, true] {
        let evaluated = world.commit(&nothing, &assessor);
        assert_eq!(evaluated, n_certificates as u64, "only the changed check is evaluated");
        assert_eq!(difference(&world, &assessor, true), Vec::<String>::new());
        assert_eq!(world.commit(&nothing, &assessor), 0);
        if is_restored {
            world.ledger = restored(&world, &ASSESSOR);
        }
        let evaluated = world.commit(&nothing, &ASSESSOR);
        assert_eq!(evaluated, 2 * n_certificates as u64, "what came back is evaluated too");
        assert_eq!(difference(&world, &ASSESSOR, true), Vec::<String>::new());
    }
}

fn history_of_an_assessment() {
    let check = LIBRARY.check("aws.acm.expires-soon").unwrap();
    let mut world = World::of_cases(std::iter::once(check));
    let sequence = world.sequence;
    let bad = world.nodes.keys().copied().find(|node| {
        let found = world.ledger.assessment(*node, &check.id);
        found.is_some_and(|it| it.verdict == model::Verdict::Unhealthy)
    });
    let node = bad.unwrap();
    let broken = world.nodes[&node].json.clone();
    let mended = json!({ "NotAfter": "2036-01-01T00:00:00Z" });
    let unread = unread_marker(GapId::NOT_COLLECTED);
    for json in [mended, broken.clone(), unread, broken] {
        world.nodes.get_mut(&node).unwrap().json = json;
        let mut changes = world.changes();
        world.put(node, &mut changes);
        world.commit(&changes, &ASSESSOR);
    }
    let found = world.ledger.assessment(node, &check.id).unwrap();
    assert_eq!((found.first_seen, found.since), (sequence, world.sequence));
    // it was mended once; that it could not be judged in between mends nothing
    assert_eq!(found.reopened(), 1);
}

fn damaged_rows_are_refused() {
    let world = edited(1);
    let (_, row) = world.ledger.rows().find(|(_, row)| row.assessments().count() > 3).unwrap();
    let bytes = row.bytes();
    for length in 0..bytes.len() {
        assert!(Row::from_bytes(&bytes[..length]).is_err());
    }
    let mut longer = bytes.to_vec();
    longer.push(0);
    assert_eq!(Row::from_bytes(&longer), Err(RowError::Damaged));
    let mut newer = bytes.to_vec();
    newer[0] = 9;
    assert_eq!(Row::from_bytes(&newer), Err(RowError::Version(9)));
    for at in 0..bytes.len() {
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 0x55;
        // refused or another row: never a panic
        drop(Row::from_bytes(&flipped));
    }
}

/// One test, because every one of its own would read all content anew.
#[test]
fn a_restored_ledger_goes_on_as_if_it_had_never_stopped() {
    a_restored_ledger_says_and_does_the_same();
    compaction_takes_the_ledger_along();
    other_content_judges_what_is_new_or_changed();
    history_of_an_assessment();
    damaged_rows_are_refused();
}
