//! The recorded exports: everything loads, nothing is lost.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use inventory::Snapshot;
use model::Keys;

use crate::support::{import, library, test_data};

fn print(title: &str, snapshot: &Snapshot) {
    let n_read = snapshot.resources.iter().filter(|it| it.collected).count();
    let generic = snapshot
        .resources
        .iter()
        .filter(|it| it.collected && it.kind.contains('/') || it.kind.contains("::"))
        .count();
    let mut text = format!(
        "{title}: {:?}\n  {n_read} resources read ({generic} generic), {} stubs, {} edges, {} gaps\n",
        snapshot.counts,
        snapshot.resources.len() - n_read,
        snapshot.edges.len(),
        snapshot.gaps.len()
    );
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for problem in &snapshot.problems {
        *reasons.entry(&problem.reason).or_default() += problem.count;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (reason, count) in reasons.iter().take(25) {
        writeln!(text, "  {count:6} {reason}").unwrap();
    }
    std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes()).unwrap();
}

#[track_caller]
fn check(folder: &str, at_least: usize) {
    let Some(data) = test_data() else {
        std::io::Write::write_all(
            &mut std::io::stderr(),
            b"skipped: MERLON_TEST_DATA is not set\n",
        )
        .unwrap();
        return;
    };
    let snapshot = import(&library(), &Keys::default(), &data.join(folder));
    print(folder, &snapshot);
    let n_read = snapshot.resources.iter().filter(|it| it.collected).count();
    let counts = snapshot.counts;
    assert_eq!(counts.items, counts.readings + counts.parts + counts.left_out, "items are lost");
    assert!(n_read >= at_least, "{n_read} resources");
}

#[test]
fn azure_exports_load() {
    check("exports/azure", 3_000);
}

#[test]
fn labelled_azure_exports_load() {
    check("exports/azure-labelled", 250);
}

#[test]
fn aws_exports_load() {
    check("exports/aws", 2_500);
}

#[test]
fn gcp_exports_load() {
    check("exports/gcp", 1_000);
}

#[test]
fn a_cluster_loads() {
    check("exports/k8s", 500);
}

#[test]
fn authorization_details_load() {
    check("iam/authz-details-iam-vulnerable.json", 50);
}
