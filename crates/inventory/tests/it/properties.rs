//! Properties: the order of files does not matter, and no cut of any input makes a panic.

use std::fmt::Write as _;

use inventory::{Assembler, Reader, Snapshot, SourceFile};
use model::Keys;
use proptest::prelude::{Just, ProptestConfig, any, prop};
use proptest::strategy::Strategy as _;
use proptest::{prop_assert_eq, proptest};
use serde_json::json;

use crate::support::library;

/// Files of all clouds that describe some things twice and in parts.
fn files() -> Vec<(String, String)> {
    let vm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v";
    let store = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";
    let object = |kind: &str, name: &str| json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": name, "namespace": "n", "uid": "u-1" } });
    let all = [
        ("az/1.json", json!([{ "id": vm, "properties": { "vmId": "1" }, "tags": { "a": "b" } }])),
        (
            "az/2.json",
            json!({ "value": [{ "id": vm.to_uppercase(), "properties": { "vmId": "2" } }, { "id": store }] }),
        ),
        (
            "az/3.json",
            json!([{ "id": format!("{store}/blobServices/default"), "properties": { "x": 1 } }]),
        ),
        ("111122223333/s3api/list-buckets.json", json!({ "Buckets": [{ "Name": "b" }] })),
        ("111122223333/s3api/get-bucket-policy/b.json", json!({ "Policy": "{\"Statement\": []}" })),
        (
            "111122223333/us-east-1/ec2/describe-vpcs.json",
            json!({ "Vpcs": [{ "VpcId": "vpc-1" }] }),
        ),
        (
            "111122223333/us-east-1/ec2/describe-subnets.json",
            json!({ "Subnets": [{ "SubnetId": "subnet-1", "VpcId": "vpc-1" }] }),
        ),
        (
            "gcp/1.json",
            json!([{ "name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket", "resource": { "data": { "name": "b", "projectNumber": "7" } } }]),
        ),
        (
            "gcp/2.json",
            json!([{ "name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket", "iamPolicy": { "bindings": [] } }]),
        ),
        (
            "gcp/3.json",
            json!([{ "name": "//cloudresourcemanager.googleapis.com/projects/p", "assetType": "cloudresourcemanager.googleapis.com/Project", "resource": { "data": { "projectId": "p", "projectNumber": "7" } } }]),
        ),
        ("k8s/ns.json", object("Namespace", "kube-system")),
        ("k8s/x/pod.json", object("Pod", "p")),
    ];
    all.into_iter().map(|(name, json)| (name.to_owned(), json.to_string())).collect()
}

fn import(files: &[(String, String)], keys: &Keys) -> Snapshot {
    let library = library();
    let reader = Reader::new(&library, keys);
    let mut assembler = Assembler::new(&reader);
    for (name, text) in files {
        assembler.absorb(reader.parse(&SourceFile::whole(name, name, text.as_bytes())));
    }
    assembler.finish()
}

/// Everything of a snapshot as text, apart from the numbers of keys.
fn shown(snapshot: &Snapshot, keys: &Keys) -> String {
    let mut text = String::new();
    for it in &snapshot.resources {
        let doc = it.doc.view().to_json(keys);
        writeln!(
            text,
            "{} {} {} {} {:?} {:?} {:?} {} {doc}",
            it.id, it.kind, it.name, it.scope, it.region, it.tags, it.also, it.collected
        )
        .unwrap();
    }
    writeln!(
        text,
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        snapshot.edges,
        snapshot.gaps,
        snapshot.problems,
        snapshot.collected,
        snapshot.groups,
        snapshot.missing,
        snapshot.counts
    )
    .unwrap();
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_files_does_not_matter(order in Just(files()).prop_shuffle()) {
        let keys = Keys::default();
        let other = Keys::default();
        prop_assert_eq!(shown(&import(&files(), &keys), &keys), shown(&import(&order, &other), &other));
    }

    #[test]
    fn no_cut_and_no_flipped_byte_makes_a_panic(
        which in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        flip in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let all = files();
        let (name, text) = which.get(&all);
        let mut bytes = text.as_bytes().to_vec();
        let at = flip.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(cut.index(bytes.len() + 1));
        let library = library();
        let keys = Keys::default();
        let reader = Reader::new(&library, &keys);
        let mut assembler = Assembler::new(&reader);
        for name in [name.as_str(), "plain.yaml", "plain.json"] {
            assembler.absorb(reader.parse(&SourceFile::whole(name, name, &bytes)));
        }
        let counts = assembler.finish().counts;
        prop_assert_eq!(counts.items, counts.readings + counts.parts + counts.left_out);
    }
}
