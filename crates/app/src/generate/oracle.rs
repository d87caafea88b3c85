//! The whole way, held against what is known: a scan of a generated estate finds every planted
//! fault, and for the checks that were used nothing else.

use std::collections::BTreeSet;

use inventory::{Assembler, Reader, SourceFile};
use model::Keys;
use posture::{Assessor, Posture, Setting};

use super::{AS_OF, GenerateOptions, generate};
use crate::{connect, estate, library};

type Found = BTreeSet<(String, String)>;

/// What was planted and what a scan finds, as pairs of resource and check.
fn plant_and_find(resources: u64, seed: u64) -> (Found, Found) {
    let library = library::load(&[]).unwrap();
    let keys = Keys::default();
    let reader = Reader::new(&library, &keys);
    let mut assembler = Assembler::new(&reader);
    let mut out = |path: &str, bytes: &[u8]| {
        if path != "manifest.json" {
            assembler.absorb(reader.parse(&SourceFile::whole(path, path, bytes)));
        }
        Ok(())
    };
    let manifest = generate(&GenerateOptions { resources, seed }, &mut out).unwrap();
    let snapshot = assembler.finish();
    assert!(snapshot.problems.is_empty(), "{:?}", snapshot.problems);
    assert_eq!(snapshot.counts.conflicts, 0);
    let collected = snapshot.resources.iter().filter(|it| it.collected).count() as u64;
    assert_eq!(collected, resources);

    let graph = connect::build_graph(&library, snapshot, &keys);
    let (assessor, problems) = Assessor::compile(&library);
    assert!(problems.is_empty(), "{problems:?}");
    let setting = Setting::at(AS_OF.parse().unwrap());
    let ledger = estate::judge(&assessor, &graph, &setting);
    let posture = Posture::new(&library, &graph, &assessor, &setting, &ledger);

    let pair = |resource: &str, check: &str| (resource.to_owned(), check.to_owned());
    let planted: Found = manifest.planted.iter().map(|it| pair(&it.resource, it.check)).collect();
    let used: BTreeSet<&str> = manifest.planted.iter().map(|it| it.check).collect();
    let mut found = Found::new();
    for recommendation in posture.recommendations() {
        let check = recommendation.check.id.as_str();
        for node in recommendation.unhealthy {
            if used.contains(check) {
                found.insert(pair(posture.resource(*node).id, check));
            }
        }
    }
    (planted, found)
}

#[track_caller]
fn check(resources: u64, seed: u64) {
    let (planted, found) = plant_and_find(resources, seed);
    let missed: Vec<_> = planted.difference(&found).collect();
    let invented: Vec<_> = found.difference(&planted).collect();
    assert!(missed.is_empty(), "planted, not found: {missed:#?}");
    assert!(invented.is_empty(), "found, not planted: {invented:#?}");
}

#[test]
fn a_scan_finds_what_was_planted_and_nothing_else() {
    check(4000, 1);
}

#[test]
fn an_estate_that_is_cut_off_anywhere_keeps_its_manifest_true() {
    for resources in [50, 333, 1021, 1777] {
        check(resources, resources);
    }
}
