//! Random tenants against an evaluator that is as naive as the documentation.

use proptest::prelude::*;
use serde_json::json;

use super::{ANNA, BEN, CREW, INNER, SUB, world};
use crate::testing::{self, World};
use crate::{Answer, Plus};

const ACTIONS: [&str; 4] =
    ["x.quay/cranes/read", "x.quay/cranes/write", "x.quay/cranes/lift/action", "x.quay/gates/read"];
const PATTERNS: [&str; 6] = [
    "*",
    "x.quay/*",
    "x.quay/cranes/*",
    "*/read",
    "x.quay/cranes/lift/action",
    "x.quay/gates/read",
];

#[derive(Debug, Clone)]
struct Grant {
    principal: usize,
    scope: usize,
    with: Vec<usize>,
    without: Vec<usize>,
    is_deny: bool,
    excluded: Option<usize>,
}

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let patterns = || prop::collection::vec(0..PATTERNS.len(), 0..3);
    let grant = (
        0..4usize,
        0..4usize,
        patterns(),
        patterns(),
        prop::bool::weighted(0.3),
        prop::option::of(0..4usize),
    );
    let grant = grant.prop_map(|(principal, scope, with, without, is_deny, excluded)| Grant {
        principal,
        scope,
        with,
        without,
        is_deny,
        excluded,
    });
    prop::collection::vec(grant, 1..6)
}

fn principals() -> [&'static str; 4] {
    [ANNA, BEN, CREW, INNER]
}

fn scopes() -> [String; 4] {
    let rg = |name: &str| format!("{SUB}/resourcegroups/{name}");
    [SUB.to_owned(), rg("quay"), rg("dock"), format!("{}/providers/x.quay/cranes/c", rg("quay"))]
}

fn texts(numbers: &[usize]) -> Vec<&'static str> {
    numbers.iter().map(|it| PATTERNS[*it]).collect()
}

fn build(all: &[Grant], members: [bool; 3]) -> World {
    let mut world = world();
    let inner: Vec<_> =
        [(ANNA, members[0])].iter().filter(|it| it.1).map(|it| json!({ "id": it.0 })).collect();
    let outer: Vec<_> = [(INNER, members[1]), (BEN, members[2])]
        .iter()
        .filter(|it| it.1)
        .map(|it| json!({ "id": it.0 }))
        .collect();
    world.group(INNER, json!({ "id": INNER, "members": inner }));
    world.group(CREW, json!({ "id": CREW, "members": outer }));
    for (at, it) in all.iter().enumerate() {
        let (scope, principal) = (&scopes()[it.scope], principals()[it.principal]);
        let permission = json!({ "actions": texts(&it.with), "notActions": texts(&it.without) });
        if it.is_deny {
            let excluded: Vec<_> =
                it.excluded.iter().map(|it| json!({ "id": principals()[*it] })).collect();
            let id = format!("{scope}/providers/microsoft.authorization/denyassignments/{at}");
            let doc = json!({ "scope": scope, "principals": [{ "id": principal }], "excludePrincipals": excluded, "permissions": [permission] });
            world.add("azure.deny-assignment", &id, &[], &json!({ "properties": doc }));
        } else {
            let role = format!("c0000000-0000-0000-0000-0000000000{at:02}");
            world.define(&role, permission);
            world.assign(&format!("a{at}"), principal, &role, scope);
        }
    }
    world
}

/// `*` is any text: with no other letters than those of the few actions, prefix and suffix will do.
fn fits(pattern: &str, action: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == action,
        Some((head, tail)) => {
            action.len() >= head.len() + tail.len()
                && action.starts_with(head)
                && action.ends_with(tail)
        }
    }
}

fn naive(all: &[Grant], members: [bool; 3], who: usize, action: &str, on: usize) -> bool {
    let is_one = |principal: usize| {
        principal == who
            || match (principal, who) {
                (3, 0) => members[0],
                (2, 0) => members[0] && members[1],
                (2, 1) => members[2],
                _ => false,
            }
    };
    let is_above = |scope: usize| scope == on || scope == 0 || scope == 1 && on == 3;
    let names = |it: &Grant| {
        let fits = |numbers: &[usize]| texts(numbers).iter().any(|it| fits(it, action));
        is_above(it.scope) && fits(&it.with) && !fits(&it.without) && is_one(it.principal)
    };
    let denied = all.iter().any(|it| it.is_deny && names(it) && !it.excluded.is_some_and(is_one));
    !denied && all.iter().any(|it| !it.is_deny && names(it))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn azure_is_what_a_naive_evaluator_says(all in grants(), members in any::<[bool; 3]>()) {
        prop_assume!(all.iter().any(|it| !it.is_deny));
        let access = build(&all, members).access();
        for who in 0..2 {
            for action in ACTIONS {
                for (on, id) in scopes().iter().enumerate() {
                    let found = testing::decide(&access, principals()[who], Plus::Nothing, (action, id), &[]);
                    let want = if naive(&all, members, who, action, on) { Answer::Allowed } else { Answer::Denied };
                    prop_assert_eq!(found.answer, want, "{} {} {}", principals()[who], action, id);
                }
            }
        }
    }

    /// Whatever is allowed: a deny for everybody over all of it ends that.
    #[test]
    fn a_deny_assignment_for_everybody_flips_every_answer(all in grants(), members in any::<[bool; 3]>()) {
        let mut world = build(&all, members);
        let everybody = json!([{ "id": "00000000-0000-0000-0000-000000000000" }]);
        let doc = json!({ "principals": everybody, "permissions": [{ "actions": ["*"] }] });
        world.deny(SUB, doc);
        let access = world.access();
        for action in ACTIONS {
            for id in scopes() {
                let found = testing::decide(&access, ANNA, Plus::Nothing, (action, &id), &[]);
                prop_assert_eq!(found.answer, Answer::Denied);
            }
        }
    }
}
