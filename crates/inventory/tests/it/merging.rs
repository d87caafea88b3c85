//! What an import does to what is known: what it leaves alone, what it changes, what it removes.

#![expect(clippy::cloned_ref_to_slice_refs, reason = "an import is written as a list of files")]

use inventory::{Assembler, Inventory, Reader, SourceFile};
use model::{GapId, Keys, View};
use serde_json::{Value as Json, json};

use crate::support::library;

const VM: &str = "/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines";
const PODS: &str = "k8s:prod//pod";

/// Takes in imports of files, one after another.
fn imported(keys: &Keys, imports: &[&[(&str, Json)]]) -> Inventory {
    let library = library();
    let reader = Reader::new(&library, keys);
    let mut inventory = Inventory::empty();
    for files in imports {
        let mut assembler = Assembler::new(&reader);
        for (name, json) in *files {
            let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            assembler.absorb(reader.parse(&SourceFile::whole(name, name, text.as_bytes())));
        }
        inventory.update(&reader, assembler.import());
    }
    inventory
}

/// Checks which resources are known after some imports.
#[track_caller]
fn check(imports: &[&[(&str, Json)]], want: &[&str]) {
    let inventory = imported(&Keys::default(), imports);
    let mut found: Vec<&str> = inventory
        .resources()
        .map(|(_, it)| it)
        .filter(|it| it.collected)
        .map(|it| &*it.id)
        .collect();
    found.sort_unstable();
    assert_eq!(found, want);
}

/// Checks the document of the one resource that is known after some imports.
#[track_caller]
fn check_document(imports: &[&[(&str, Json)]], id: &str, want: &Json) {
    let keys = Keys::default();
    let inventory = imported(&keys, imports);
    let number = inventory.find(id).unwrap();
    let own = inventory.resource(number).unwrap().doc.view().to_json(&keys);
    for (key, want) in want.as_object().unwrap() {
        assert_eq!(own.get(key), Some(want), "{key}");
    }
}

fn vm(name: &str, rest: &Json) -> (&'static str, Json) {
    let mut json = json!({ "id": format!("{VM}/{name}") });
    json.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    ("vms.json", json!([json]))
}

fn vpcs(names: &[&str], next: &Json) -> (&'static str, Json) {
    let vpcs: Vec<Json> = names.iter().map(|it| json!({ "VpcId": it })).collect();
    let answer = json!({ "Vpcs": vpcs, "NextToken": next });
    ("111122223333/us-east-1/ec2/describe-vpcs.json", answer)
}

fn pods(names: &[(&str, &str)]) -> (&'static str, Json) {
    let pod = |(namespace, name): &(&str, &str)| json!({ "metadata": { "name": name, "namespace": namespace } });
    let pods: Vec<Json> = names.iter().map(pod).collect();
    (
        "prod/pods.json",
        json!({ "apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": pods }),
    )
}

fn declared(json: &Json) -> (&'static str, Json) {
    ("merlon-export.yaml", json.clone())
}

#[test]
fn a_resource_that_is_not_in_a_partial_import_stays() {
    let (a, b) = (vm("a", &json!({})), vm("b", &json!({})));
    check(&[&[a, b.clone()], &[b]], &[&format!("{VM}/a"), &format!("{VM}/b")]);
}

#[test]
fn a_resource_goes_when_its_kind_is_declared_to_be_complete() {
    let (a, b) = (vm("a", &json!({})), vm("b", &json!({})));
    let all = declared(&json!({ "complete": true }));
    let kind = json!({ "scope": "/subscriptions/s", "kinds": ["azure.virtual-machine"] });
    let kind = declared(&json!({ "collected": [kind] }));
    let other = json!({ "scope": "/subscriptions/other", "kinds": "all" });
    let other = declared(&json!({ "collected": [other] }));
    check(&[&[a.clone(), b.clone()], &[b.clone(), all]], &[&format!("{VM}/b")]);
    check(&[&[a.clone(), b.clone()], &[b.clone(), kind]], &[&format!("{VM}/b")]);
    check(&[&[a, b.clone()], &[b, other]], &[&format!("{VM}/a"), &format!("{VM}/b")]);
}

#[test]
fn a_list_to_the_last_page_tells_what_is_gone_and_a_cut_or_refused_one_does_not() {
    let arn = |id: &str| format!("arn:aws:ec2:us-east-1:111122223333:vpc/{id}");
    let both = vpcs(&["vpc-1", "vpc-2"], &Json::Null);
    check(&[&[both.clone()], &[vpcs(&["vpc-2"], &Json::Null)]], &[&arn("vpc-2")]);
    check(&[&[both.clone()], &[vpcs(&[], &Json::Null)]], &[]);
    let known = [arn("vpc-1"), arn("vpc-2")];
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    check(&[&[both.clone()], &[vpcs(&["vpc-2"], &json!("more"))]], &known);
    let refused = "An error occurred (AccessDenied) when calling the DescribeVpcs operation: no";
    check(&[&[both.clone()], &[(both.0, json!(refused))]], &known);
}

#[test]
fn a_refused_list_is_no_longer_complete() {
    let keys = Keys::default();
    let refused = "An error occurred (AccessDenied) when calling the DescribeVpcs operation: no";
    let both = vpcs(&["vpc-1"], &Json::Null);
    let has = |imports: &[&[(&str, Json)]]| {
        imported(&keys, imports).collected().any(|it| &*it.kind == "aws.ec2-vpc")
    };
    assert!(has(&[&[both.clone()]]));
    assert!(!has(&[&[both.clone()], &[(both.0, json!(refused))]]));
}

#[test]
fn a_list_of_one_namespace_says_nothing_about_others() {
    let all = pods(&[("a", "p"), ("a", "q"), ("b", "p")]);
    let (ap, aq, bp) = (format!("{PODS}/a/p"), format!("{PODS}/a/q"), format!("{PODS}/b/p"));
    check(&[&[all.clone()], &[pods(&[("a", "p")])]], &[&ap, &bp]);
    check(&[&[all.clone()], &[pods(&[])]], &[&ap, &aq, &bp]);
    check(&[&[all.clone()], &[pods(&[("a", "q"), ("b", "p")])]], &[&aq, &bp]);
}

#[test]
fn what_was_not_collected_stays_and_what_was_read_counts() {
    let whole = vm("a", &json!({ "properties": { "vmId": "1" }, "tags": { "x": "y" } }));
    let row = vm("a", &json!({ "location": "westeurope" }));
    let unread = "<not collected>";
    let properties = json!({ "vmId": "1", "instanceView": unread });
    let want = json!({ "properties": properties, "location": "westeurope" });
    check_document(&[&[whole.clone()], &[row]], &format!("{VM}/a"), &want);
    let newer = vm("a", &json!({ "properties": { "vmId": "2" } }));
    let want = json!({ "properties": { "vmId": "2", "instanceView": unread } });
    check_document(&[&[whole], &[newer]], &format!("{VM}/a"), &want);
}

#[test]
fn a_refused_part_becomes_unread_with_its_reason() {
    let bucket = ("111122223333/s3api/list-buckets.json", json!({ "Buckets": [{ "Name": "b" }] }));
    let place = "111122223333/s3api/get-bucket-policy/b.json";
    let policy = (place, json!({ "Policy": "{\"Statement\": []}" }));
    let refused = "An error occurred (AccessDenied) when calling the GetBucketPolicy operation: no";
    // Another gap comes first, so that the numbers of the second import are not those that are kept.
    let other = ("111122223333/us-east-1/ec2/describe-vpcs.json", json!(refused));
    let keys = Keys::default();
    let inventory =
        imported(&keys, &[&[bucket.clone(), policy, other], &[bucket, (place, json!(refused))]]);
    let number = inventory.find("arn:aws:s3:::b").unwrap();
    let doc = &inventory.resource(number).unwrap().doc;
    let Some(View::Unread(gap)) = doc.view().get(keys.intern("GetBucketPolicy")) else {
        panic!("it is not unread: {}", doc.view().to_json(&keys));
    };
    assert_ne!(gap, GapId::NOT_COLLECTED);
    let gap = &inventory.gaps()[gap.0 as usize];
    assert_eq!((&*gap.reason, gap.what.contains("get-bucket-policy")), ("AccessDenied", true));
}

#[test]
fn an_older_reading_does_not_replace_a_newer_one() {
    let id = "//storage.googleapis.com/b";
    let asset = |time: &str, class: &str, extra: &Json| {
        let json = json!({ "name": id, "assetType": "storage.googleapis.com/Bucket",
            "updateTime": time,
            "resource": { "data": { "name": "b", "storageClass": class, "extra": extra } } });
        ("gcp.json", json!([json]))
    };
    let newer = asset("2026-02-01T00:00:00Z", "NEARLINE", &Json::Null);
    let older = asset("2026-01-01T12:00:00.5Z", "STANDARD", &json!(1));
    let want = json!({ "storageClass": "NEARLINE" });
    check_document(&[&[newer.clone()], &[older.clone()]], id, &want);
    check_document(&[&[older], &[newer]], id, &want);
}

/// A report of Trivy about an image: number and severity of each vulnerability.
fn report(image: &str, class: &str, found: &[(u8, &str)]) -> (&'static str, Json) {
    let one = |(number, severity): &(u8, &str)| json!({ "VulnerabilityID": format!("CVE-{number}"), "PkgName": "z", "Severity": severity });
    let result = json!({ "Target": "t", "Class": class,
        "Vulnerabilities": found.iter().map(one).collect::<Vec<_>>() });
    let json = json!({ "SchemaVersion": 2, "ArtifactName": image,
        "Metadata": { "RepoTags": [image] }, "Results": [result] });
    ("trivy.json", json)
}

#[track_caller]
fn check_findings(imports: &[&[(&str, Json)]], want: &[&str]) {
    let inventory = imported(&Keys::default(), imports);
    let mut found: Vec<&str> =
        inventory.resources().filter(|(_, it)| it.collected).map(|(_, it)| &*it.name).collect();
    found.sort_unstable();
    assert_eq!(found, want);
}

#[test]
fn a_report_that_names_a_finding_no_more_mends_it() {
    let first = report("a:1", "os-pkgs", &[(1, "HIGH"), (2, "HIGH"), (3, "LOW")]);
    let then = report("a:1", "os-pkgs", &[(2, "HIGH"), (4, "LOW")]);
    check_findings(&[&[first.clone()], &[then]], &["CVE-2", "CVE-4"]);
    check_findings(&[&[first.clone()], &[report("a:1", "lang-pkgs", &[])]], &[]);
    // What is less severe may have been left out.
    let severe = report("a:1", "os-pkgs", &[(2, "HIGH")]);
    check_findings(&[&[first.clone()], &[severe]], &["CVE-2", "CVE-3"]);
    // Another image; and a report that has not looked at packages.
    let all = ["CVE-1", "CVE-2", "CVE-3"];
    check_findings(&[&[first.clone()], &[report("b:1", "os-pkgs", &[])]], &all);
    check_findings(&[&[first], &[report("a:1", "secret", &[])]], &all);
}

#[test]
fn a_list_of_everything_takes_no_kind_away() {
    let arn = "arn:aws:lambda:eu-west-1:111122223333:function:bill";
    let functions = (
        "111122223333/eu-west-1/lambda/list-functions.json",
        json!({ "Functions": [{ "FunctionName": "bill", "FunctionArn": arn, "Runtime": "python3.12" }] }),
    );
    let everything = (
        "111122223333/eu-west-1/resource-explorer-2/search.json",
        json!({ "Resources": [{ "Arn": arn, "Service": "lambda" }] }),
    );
    let want = json!({ "Runtime": "python3.12" });
    check_document(&[&[functions.clone(), everything.clone()]], arn, &want);
    check_document(&[&[everything.clone(), functions.clone()]], arn, &want);
    check_document(&[&[functions], &[everything]], arn, &want);
}
