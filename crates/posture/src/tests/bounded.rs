//! What a change costs: only what depends on it is evaluated again.

use std::collections::BTreeSet;

use lang::NodeId;
use serde_json::json;

use super::world::{ASSESSOR, LIBRARY, World};
use crate::leaves::leaf_conditions;

/// Checks that look at neighbours by an edge of one of these types.
fn n_checks_with(kind: &str, edge_types: &BTreeSet<String>) -> u64 {
    let checks = ASSESSOR.checks().iter().map(|it| &*it.check);
    let own = checks.filter(|it| it.all_kinds().any(|it| it == kind)).filter(|check| {
        let texts = check.applies.iter().chain([&check.unhealthy]);
        texts.into_iter().any(|text| edge_types.iter().any(|it| text.contains(it)))
    });
    own.count() as u64
}

fn an_attribute_that_no_check_reads_costs_nothing() {
    let mut world = World::of_cases(LIBRARY.checks().step_by(9));
    let nodes: Vec<NodeId> = world.nodes.keys().copied().collect();
    for node in nodes {
        world.nodes.get_mut(&node).unwrap().json["neverRead"] = json!("x");
        let mut changes = world.changes();
        world.put(node, &mut changes);
        assert_eq!(world.commit(&changes, &ASSESSOR), 0, "{:?}", world.nodes[&node]);
    }
}

fn an_own_attribute_costs_the_checks_that_read_it() {
    let mut n_changed = 0;
    for check in LIBRARY.checks().step_by(7) {
        let Some(kind) = check.kind.as_deref() else { continue };
        let Some(path) = leaf_conditions(&check.unhealthy)
            .into_iter()
            .find_map(|it| it.paths.into_iter().next())
        else {
            continue;
        };
        let Some(model::Step::Key(first)) = path.steps().first() else { continue };
        let mut world = World::of_cases(std::iter::once(check));
        world.nodes.get_mut(&NodeId(0)).unwrap().json[first.as_ref()] = json!("changed");
        let mut changes = world.changes();
        world.put(NodeId(0), &mut changes);
        let n_evaluated = world.commit(&changes, &ASSESSOR);
        let readers =
            ASSESSOR.checks().iter().filter(|it| it.check.all_kinds().any(|it| it == kind));
        let readers = readers.filter(|it| {
            let texts = it.check.applies.iter().chain([&it.check.unhealthy]);
            texts.into_iter().any(|text| text.contains(first.as_ref()))
        });
        // neighbours in the drawing are of other kinds mostly, and may look back
        let n_around = world.nodes.len() as u64 - 1;
        let n_most = readers.count() as u64 + n_around;
        assert!(n_evaluated <= n_most, "{}: {n_evaluated} > {n_most}", check.id);
        n_changed += n_evaluated;
    }
    assert!(n_changed > 0);
}

fn a_neighbour_costs_the_checks_whose_pattern_goes_there() {
    let check = LIBRARY.check("azure.compute.ssh-reachable").unwrap();
    let mut world = World::of_cases(std::iter::once(check));
    let types: BTreeSet<String> =
        world.graph.type_list().map(|(name, _)| name.to_owned()).collect();
    let nodes: Vec<NodeId> = world.nodes.keys().copied().collect();
    let n_all: u64 = world.ledger.n_assessments();
    for node in nodes {
        let own = world.ledger.row(node).map_or(0, |row| row.assessments().count()) as u64;
        let around: u64 = world
            .reach(node, 3)
            .iter()
            .map(|near| n_checks_with(&world.nodes[near].kind, &types))
            .sum();
        world.nodes.get_mut(&node).unwrap().json["properties"] = json!({ "securityRules": [] });
        let mut changes = world.changes();
        world.put(node, &mut changes);
        let n_evaluated = world.commit(&changes, &ASSESSOR);
        assert!(n_evaluated <= own + around, "{node:?}: {n_evaluated} > {own} + {around}");
        assert!(n_evaluated * 3 < n_all, "{n_evaluated} of {n_all}");
    }
}

fn time_that_changes_nothing_costs_nothing() {
    let mut world = World::of_cases(LIBRARY.checks().step_by(7));
    if let Some(next) = world.ledger.next_flip() {
        world.now = next.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap();
        let changes = world.changes();
        assert_eq!(world.commit(&changes, &ASSESSOR), 0);
    }
}

/// One test, because every one of its own would read all content anew.
#[test]
fn a_change_costs_what_depends_on_it() {
    an_attribute_that_no_check_reads_costs_nothing();
    an_own_attribute_costs_the_checks_that_read_it();
    a_neighbour_costs_the_checks_whose_pattern_goes_there();
    time_that_changes_nothing_costs_nothing();
}
