//! What a scope or parent contains is unknown for the kinds that were not collected there.

use inventory::{Assembler, Reader, Snapshot, SourceFile};
use model::Keys;

use crate::support::library;

fn import(text: &str) -> Snapshot {
    let (library, keys) = (library(), Keys::default());
    let reader = Reader::new(&library, &keys);
    let mut assembler = Assembler::new(&reader);
    assembler.absorb(reader.parse(&SourceFile::whole(
        "prod/x.json",
        "prod/x.json",
        text.as_bytes(),
    )));
    assembler.finish()
}

/// Whether the resource may contain (or with `false` be contained in) resources of a kind that
/// were not read.
#[track_caller]
fn check(text: &str, id: &str, is_outgoing: bool, kind: &str, want: bool) {
    let snapshot = import(text);
    let number = snapshot.find(id).unwrap();
    let found = snapshot.missing.iter().any(|it| {
        it.group == snapshot.groups[number]
            && snapshot.edge_types[it.edge_type as usize] == "CONTAINS"
            && it.is_outgoing == is_outgoing
            && it.kinds.iter().any(|own| &**own == kind)
    });
    assert_eq!(found, want, "{kind}");
}

#[test]
fn a_namespace_may_contain_what_was_not_listed() {
    let namespace = r#"{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "web" } }"#;
    let id = "k8s:prod//namespace//web";
    check(namespace, id, true, "k8s.network-policy", true);
    let list = r#"{ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "metadata": {}, "items": [] }"#;
    check(&format!("{namespace}\n{list}"), id, true, "k8s.network-policy", false);
}

#[test]
fn a_project_may_contain_and_be_contained() {
    let id = "//cloudresourcemanager.googleapis.com/projects/p";
    let project = format!(
        r#"{{ "name": "{id}", "assetType": "cloudresourcemanager.googleapis.com/Project", "resource": {{ "data": {{ "projectId": "p" }} }} }}"#
    );
    check(&project, id, true, "gcp.log-sink", true);
    check(&project, id, false, "gcp.organization", true);
    let sink = r#"{ "name": "//logging.googleapis.com/projects/p/sinks/s", "assetType": "logging.googleapis.com/LogSink", "resource": { "data": { "name": "s" } } }"#;
    check(&format!("{project}\n{sink}"), id, true, "gcp.log-sink", false);
}
