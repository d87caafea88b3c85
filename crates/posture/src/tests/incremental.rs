//! After every edit the ledger says what a full scan would say.

use std::collections::BTreeMap;

use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::world::{ASSESSOR, Dice, LIBRARY, World};
use crate::exemption::Exemptions;
use crate::{Assessor, Base, CheckCounts, Delta, Ledger, Posture, Setting, assess};

/// What a ledger says, in words; with what is made from it when `is_all`.
fn said(
    world: &World,
    ledger: &Ledger,
    assessor: &Assessor,
    is_all: bool,
) -> BTreeMap<String, String> {
    let mut said = BTreeMap::new();
    for (node, row) in ledger.rows() {
        for it in row.assessments() {
            let id = ledger.catalogue().id(it.check);
            let text = format!("{:?} {:?} {:?}", it.verdict, it.why, it.flips_at);
            said.insert(format!("{node:?} {id}"), text);
        }
    }
    for check in assessor.checks() {
        let counts = ledger.counts(&check.check.id);
        if counts != CheckCounts::default() {
            said.insert(format!("counts {}", check.check.id), format!("{counts:?}"));
        }
    }
    for scope in ledger.scope_scores() {
        said.insert(format!("scope {}", scope.scope), format!("{scope:?}"));
    }
    said.insert("score".to_owned(), format!("{:?}", ledger.score()));
    if !is_all {
        return said;
    }
    let setting = Setting::at(world.now);
    let posture = Posture::new(&LIBRARY, &world.graph, assessor, &setting, ledger);
    for standing in &posture.standings {
        for it in &standing.requirements {
            let counts = (it.state, it.healthy, it.unhealthy, it.unknown);
            said.insert(format!("{} {}", standing.standard, it.id), format!("{counts:?}"));
        }
    }
    for it in posture.recommendations() {
        let lists = (it.counts, it.unhealthy, it.unknown, it.exempt);
        said.insert(format!("list {}", it.check.id), format!("{lists:?}"));
    }
    said
}

fn full(world: &World, assessor: &Assessor) -> Ledger {
    let mut ledger = Ledger::default();
    let setting = Setting::at(world.now);
    let exemptions = Exemptions::new(world.exemptions.clone());
    let delta = Delta::everything(&world.graph, assessor, &setting, 1).with_exemptions(&exemptions);
    let diff = assess(&Base::nothing(&ledger), &delta);
    ledger.apply(diff);
    ledger
}

/// What differs between the ledger of `world` and a full scan.
pub(super) fn difference(world: &World, assessor: &Assessor, is_all: bool) -> Vec<String> {
    let mine = said(world, &world.ledger, assessor, is_all);
    let wanted = said(world, &full(world, assessor), assessor, is_all);
    let keys: std::collections::BTreeSet<&String> = mine.keys().chain(wanted.keys()).collect();
    keys.into_iter()
        .filter(|key| mine.get(*key) != wanted.get(*key))
        .map(|key| format!("{key}: is {:?}, wanted {:?}", mine.get(key), wanted.get(key)))
        .collect()
}

/// Rolls edits, several to a commit, and compares after each commit.
fn run(mut world: World, seeds: &[u64]) -> Result<(), TestCaseError> {
    let mut log = Vec::new();
    for (at, seed) in seeds.iter().enumerate() {
        let mut dice = Dice(*seed);
        let mut changes = world.changes();
        for _ in 0..=dice.roll(3) {
            log.push(world.edit(&mut dice, &mut changes));
        }
        log.push("commit".to_owned());
        world.commit(&changes, &ASSESSOR);
        let difference = difference(&world, &ASSESSOR, at + 1 == seeds.len());
        if !difference.is_empty() {
            let (log, difference) = (log.join("\n"), difference.join("\n"));
            return Err(TestCaseError::fail(format!("after\n{log}\n{difference}")));
        }
    }
    Ok(())
}

/// How many checks share an estate, and how many commits it sees.
const CHUNK: usize = 8;
const COMMITS: usize = 8;

#[test]
fn incremental_equals_full_on_all_checks() {
    let ids: Vec<&str> = LIBRARY.checks().map(|it| it.id.as_str()).collect();
    let config =
        Config { cases: 1, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    for (number, chunk) in ids.chunks(CHUNK).enumerate() {
        let mut runner = TestRunner::new_with_rng(config.clone(), rng(number));
        let seeds = proptest::collection::vec(proptest::num::u64::ANY, COMMITS);
        let result = runner.run(&seeds, |seeds| {
            let checks = chunk.iter().filter_map(|id| LIBRARY.check(id));
            run(World::of_cases(checks), &seeds)
        });
        if let Err(error) = result {
            panic!("{chunk:?}: {error}");
        }
    }
}

fn rng(number: usize) -> proptest::test_runner::TestRng {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&(number as u64).to_le_bytes());
    proptest::test_runner::TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &seed)
}
