//! The next flip that the ledger knows is the next flip that there is.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use lang::NodeId;

use super::world::{ASSESSOR, LIBRARY, World};
use crate::Setting;
use crate::assessor::CompiledCheck;
use crate::clock::Clock;
use crate::verdicts::Outcome;

fn outcome(world: &World, check: &CompiledCheck, at: Timestamp) -> Outcome {
    let setting = Setting::at(at);
    check.bind(&world.graph, &setting).unwrap().judge(NodeId(0))
}

fn after(at: Timestamp, nanos: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_nanos(nanos)).unwrap()
}

/// Follows the flips of one case over some years and looks at every day between them.
fn follow(world: &World, check: &CompiledCheck) -> usize {
    const DAY: i64 = 86_400_000_000_000;
    let mut n_flips = 0;
    let mut now: Timestamp = world.now;
    let end = after(now, 1100 * DAY);
    let mut days = (1..1100).step_by(11).map(|day| after(world.now, day * DAY)).peekable();
    while now < end {
        let is = outcome(world, check, now);
        let setting = Setting::at(now);
        let flip = check.clock.next_flip(check, &world.graph, &setting, NodeId(0), is);
        let flip = flip.filter(|it| *it < end);
        while let Some(day) = days.next_if(|day| flip.is_none_or(|flip| *day < flip)) {
            assert_eq!(
                outcome(world, check, day),
                is,
                "{} at {day}, asked at {now}",
                check.check.id
            );
        }
        let Some(flip) = flip else { break };
        assert!(flip > now);
        assert_eq!(outcome(world, check, after(flip, -1)), is, "{} before {flip}", check.check.id);
        assert_ne!(outcome(world, check, flip), is, "{} at {flip}", check.check.id);
        n_flips += 1;
        now = flip;
    }
    n_flips
}

#[test]
fn flips_are_exact_for_all_checks_that_read_now() {
    let mut n_flips = 0;
    let timed = ASSESSOR.checks().iter().filter(|it| !matches!(it.clock, Clock::Never));
    let mut n_checks = 0;
    for check in timed {
        assert!(matches!(check.clock, Clock::Instants(_)), "{} is judged daily", check.check.id);
        n_checks += 1;
        for case in LIBRARY.check_cases(&check.check.id) {
            let mut world = World::of_case(&check.check, case);
            for year in [2024, 2026] {
                world.now = format!("{year}-03-01T12:00:00Z").parse().unwrap();
                n_flips += follow(&world, check);
            }
        }
    }
    what_is_not_understood_flips_within_the_day();
    assert!(n_checks >= 18 && n_flips >= 60, "{n_checks} checks, {n_flips} flips");
}

fn what_is_not_understood_flips_within_the_day() {
    let check = LIBRARY.check("aws.acm.expires-soon").unwrap();
    let mut daily = CompiledCheck::compile(Arc::clone(check), None, &[], None).unwrap();
    daily.clock = Clock::Daily;
    let mut n_flips = 0;
    for case in LIBRARY.check_cases(&check.id) {
        let mut world = World::of_case(check, case);
        world.now = "2026-09-01T08:00:00Z".parse().unwrap();
        for _ in 0..120 {
            let is = outcome(&world, &daily, world.now);
            let setting = Setting::at(world.now);
            let next = daily.clock.next_flip(&daily, &world.graph, &setting, NodeId(0), is);
            let next = next.unwrap();
            assert_eq!(outcome(&world, &daily, after(next, -1)), is);
            n_flips += usize::from(outcome(&world, &daily, next) != is);
            world.now = next;
        }
    }
    assert!(n_flips > 0);
}
