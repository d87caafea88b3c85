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

/// What contains a resource.
fn parents(snapshot: &Snapshot, id: &str) -> Vec<String> {
    let number = snapshot.find(id).unwrap() as u32;
    let into = snapshot
        .edges
        .iter()
        .filter(|it| it.to == number && snapshot.edge_types[it.edge_type as usize] == "CONTAINS");
    into.map(|it| snapshot.resources[it.from as usize].id.clone()).collect()
}

#[test]
fn a_subscription_lies_in_the_nearest_of_its_management_groups() {
    let group = |name: &str| format!("/providers/microsoft.management/managementgroups/{name}");
    let by_row = r#"{ "data": [
        { "id": "/subscriptions/s", "type": "microsoft.resources/subscriptions", "name": "prod",
          "properties": { "managementGroupAncestorsChain": [ { "name": "Corp" }, { "name": "root" } ] } },
        { "id": "/providers/Microsoft.Management/managementGroups/corp", "name": "corp",
          "type": "microsoft.management/managementgroups",
          "properties": { "displayName": "Corp", "details": { "managementGroupAncestorsChain": [ { "name": "root" } ] } } }
    ] }"#;
    let by_arm = r#"[
        { "id": "/subscriptions/s", "type": "Microsoft.Resources/subscriptions", "displayName": "prod" },
        { "id": "/providers/Microsoft.Management/managementGroups/corp", "name": "corp",
          "type": "Microsoft.Management/managementGroups",
          "properties": { "displayName": "Corp",
            "details": { "parent": { "id": "/providers/Microsoft.Management/managementGroups/root" } },
            "children": [ { "type": "/subscriptions", "id": "/subscriptions/s", "name": "s" } ] } }
    ]"#;
    for text in [by_row, by_arm] {
        let snapshot = import(text);
        assert_eq!(parents(&snapshot, "/subscriptions/s"), [group("corp")], "{text}");
        assert_eq!(parents(&snapshot, &group("corp")), [group("root")], "{text}");
        let root = snapshot.find(&group("root")).unwrap();
        assert_eq!(
            &*snapshot.resources[root].kind, "azure.management-group",
            "not read, and known"
        );
    }
}

const PROJECTS: &str = "//cloudresourcemanager.googleapis.com/projects/";

/// The projects that there are, and the scope of everything that was read.
#[track_caller]
fn check_projects(assets: &[&str], projects: &[&str]) {
    let snapshot = import(&assets.join("\n"));
    let found: Vec<&str> = snapshot
        .resources
        .iter()
        .filter_map(|it| it.id.strip_prefix(PROJECTS))
        .filter(|it| !it.contains('/'))
        .collect();
    assert_eq!(found, projects);
    for it in snapshot.resources.iter().filter(|it| it.collected) {
        assert_eq!(&*it.scope, format!("{PROJECTS}p"), "{}", it.id);
    }
}

#[test]
fn a_project_by_number_and_by_id_is_one_scope() {
    let project = r#"{ "name": "//cloudresourcemanager.googleapis.com/projects/7", "assetType": "cloudresourcemanager.googleapis.com/Project", "resource": { "data": { "projectId": "p", "projectNumber": "7" } }, "ancestors": ["projects/7", "organizations/1"] }"#;
    let policy = r#"{ "name": "//cloudresourcemanager.googleapis.com/projects/7", "assetType": "cloudresourcemanager.googleapis.com/Project", "iamPolicy": { "bindings": [] }, "ancestors": ["projects/7"] }"#;
    let bucket = r#"{ "name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket", "resource": { "parent": "//cloudresourcemanager.googleapis.com/projects/7", "data": { "name": "b" } } }"#;
    let machine = r#"{ "name": "//compute.googleapis.com/projects/p/zones/z/instances/i", "assetType": "compute.googleapis.com/Instance", "resource": { "data": { "name": "i" } }, "ancestors": ["projects/7"] }"#;
    check_projects(&[project, policy, bucket, machine], &["p"]);
    check_projects(&[machine, bucket, policy, project], &["p"]);
    // The project itself was not read: something in it says both.
    check_projects(&[machine, bucket], &["p"]);
    check_projects(&[policy, machine], &["p"]);
}
