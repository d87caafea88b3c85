//! Broken, hostile and odd input: one clear message each, nothing lost, never a panic.

use std::fmt::Write as _;

use inventory::{Assembler, Format, Reader, Snapshot, SourceFile, is_lines};
use model::Keys;

use crate::support::library;

fn import(files: &[(&str, &[u8])], format: Option<Format>) -> Snapshot {
    let library = library();
    let keys = Keys::default();
    let reader = Reader::new(&library, &keys);
    let mut assembler = Assembler::new(&reader);
    for (name, bytes) in files {
        let file = SourceFile {
            format,
            is_lines: is_lines(bytes),
            ..SourceFile::whole(name, name, bytes)
        };
        assembler.absorb(reader.parse(&file));
    }
    let snapshot = assembler.finish();
    let counts = snapshot.counts;
    assert_eq!(counts.items, counts.readings + counts.parts + counts.left_out, "items are lost");
    snapshot
}

/// Checks how many resources a file gives, and a part of its problem (`""`: it has none).
#[track_caller]
fn check(name: &str, bytes: &[u8], n_resources: usize, problem: &str) {
    let snapshot = import(&[(name, bytes)], None);
    let n_read = snapshot.resources.iter().filter(|it| it.collected).count();
    let found: Vec<&str> = snapshot.problems.iter().map(|it| it.reason.as_str()).collect();
    assert_eq!(n_read, n_resources, "{found:?}");
    if problem.is_empty() {
        assert_eq!(found, Vec::<&str>::new());
    } else {
        assert!(found.iter().any(|it| it.contains(problem)), "{found:?}");
    }
}

fn account(name: &str) -> String {
    format!(
        "{{\"id\": \"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/{name}\", \"properties\": {{}}}}"
    )
}

#[test]
fn a_cut_off_page_keeps_what_was_complete() {
    let text = format!("{{\"value\": [{}, {}, {{\"id\": \"/subs", account("a"), account("b"));
    check("a.json", text.as_bytes(), 2, "the JSON is cut off");
}

#[test]
fn a_broken_line_costs_itself() {
    let text = format!("{}\n{{\"id\": \n{}\n", account("a"), account("b"));
    check("a.ndjson", text.as_bytes(), 2, "(line 2)");
}

#[test]
fn files_that_are_nothing() {
    check("a.json", b"", 0, "the file is empty");
    check("a.json", b"   \n", 0, "the file is empty");
    check("a.json", b"hello", 0, "not");
    check("a.json", b"42", 0, "a bare text or number");
    check("a.json", b"[1, null, \"x\"]", 0, "an item is no object");
    check("a.json", b"{}", 0, "no known format");
    check("vpcs.json", b"{\"Vpcs\": []}", 0, "eu-west-1/ec2/describe-vpcs.json");
    check("a.bin", &[0, 159, 146, 150, 0, 1, 2, 255], 0, "not JSON");
    check("a.json", b"[]", 0, "");
    check("a.json", b"{\"value\": []}", 0, "");
}

#[test]
fn nesting_without_end() {
    let deep = "[".repeat(100_000);
    check("a.json", deep.as_bytes(), 0, "cut off");
    let closed = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    check("a.json", closed.as_bytes(), 0, "128 levels");
    let object = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    check("a.json", object.as_bytes(), 0, "128 levels");
    check("111122223333/ec2/describe-vpcs.json", object.as_bytes(), 0, "128 levels");
}

#[test]
fn encodings() {
    let text = format!("[{}]", account("a"));
    let with_mark = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    check("a.json", &with_mark, 1, "");
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    check("a.json", &utf16, 1, "");
    let latin: Vec<u8> = text.replace("/a\"", "/\u{e9}\"").chars().map(|it| it as u8).collect();
    check("a.json", &latin, 1, "Latin-1");
}

#[test]
fn a_long_line_is_skipped_and_told() {
    let long = format!("{{\"id\": \"{}\"}}", "x".repeat(20 << 20));
    let text = format!("{}\n{long}\n{}\n", account("a"), account("b"));
    check("a.ndjson", text.as_bytes(), 2, "longer than");
}

#[test]
fn yaml_bombs() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..12 {
        let inner = vec![format!("*a{}", i - 1); 10].join(", ");
        writeln!(bomb, "a{i}: &a{i} [{inner}]").unwrap();
    }
    check("a.yaml", bomb.as_bytes(), 0, "not readable YAML");
    let good = "apiVersion: v1\nkind: Pod\nmetadata: { name: p }\n";
    check("a.yaml", format!("{good}---\nkey: [\n---\n{good}").as_bytes(), 1, "not readable YAML");
}

#[test]
fn one_id_twice_is_one_resource_and_a_conflict() {
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";
    let one = format!("{{\"id\": \"{id}\", \"properties\": {{\"x\": 1}}}}");
    let two = format!("{{\"id\": \"{}\", \"properties\": {{\"x\": 2}}}}", id.to_uppercase());
    for order in [[("a.json", &one), ("b.json", &two)], [("b.json", &two), ("a.json", &one)]] {
        let files: Vec<(&str, &[u8])> =
            order.iter().map(|(name, it)| (*name, it.as_bytes())).collect();
        let snapshot = import(&files, None);
        let found: Vec<_> = snapshot.resources.iter().filter(|it| it.collected).collect();
        assert_eq!((found.len(), snapshot.counts.conflicts, snapshot.counts.merged), (1, 1, 1));
    }
}

#[test]
fn resources_that_refer_to_each_other() {
    let group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks";
    let peer = |own: &str, other: &str| {
        format!(
            "{{\"id\": \"{group}/{own}/virtualNetworkPeerings/p\", \"properties\": {{\"remoteVirtualNetwork\": {{\"id\": \"{group}/{other}\"}}}}}}"
        )
    };
    let text = format!("[{}, {}]", peer("a", "b"), peer("b", "a"));
    let snapshot = import(&[("a.json", text.as_bytes())], None);
    assert!(!snapshot.edges.is_empty());
}

#[test]
fn a_template_is_no_export() {
    let text = b"{\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\", \"resources\": []}";
    check("a.json", text, 0, "deployment template");
}

#[test]
fn a_forced_format_is_held_to() {
    let text = format!("[{}]", account("a"));
    let snapshot = import(&[("a.json", text.as_bytes())], Some(Format::Gcp));
    assert!(snapshot.problems[0].reason.contains("does not look like `gcp`"));
}

#[test]
fn a_detail_answer_without_an_argument_is_a_problem() {
    let policy = b"{\"Policy\": \"{}\"}";
    check("111122223333/s3api/get-bucket-policy.json", policy, 0, "cannot be known");
}

#[test]
fn a_refused_answer_is_a_gap_and_a_missing_page_too() {
    let refused = "An error occurred (AccessDenied) when calling the ListBuckets operation: no";
    let page = "{\"Vpcs\": [], \"NextToken\": \"x\"}";
    let snapshot = import(
        &[
            ("111122223333/s3api/list-buckets.json", refused.as_bytes()),
            ("111122223333/us-east-1/ec2/describe-vpcs.json", page.as_bytes()),
        ],
        None,
    );
    let reasons: Vec<&str> = snapshot.gaps.iter().map(|it| it.reason.as_str()).collect();
    assert!(reasons.contains(&"AccessDenied"), "{reasons:?}");
    assert!(reasons.contains(&"the next page of the list is not here"), "{reasons:?}");
    assert!(!snapshot.is_collected("aws:111122223333", Some("us-east-1"), "aws.ec2-vpc"));
}

/// Checks whether storage accounts count as collected when some pages were read.
#[track_caller]
fn check_pages(pages: &[(&str, bool)], want: bool) {
    let pages: Vec<(String, String)> = pages
        .iter()
        .map(|(name, has_next)| {
            let next = if *has_next { "\"https://next\"" } else { "null" };
            (
                format!("{name}.json"),
                format!("{{\"value\": [{}], \"nextLink\": {next}}}", account(name)),
            )
        })
        .collect();
    let files: Vec<(&str, &[u8])> =
        pages.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let snapshot = import(&files, None);
    let kind = "azure.storage-account";
    assert_eq!(snapshot.is_collected("/subscriptions/s", None, kind), want);
    let is_told = |it: &model::Gap| it.what == kind && it.reason.contains("next page");
    assert_eq!(snapshot.gaps.iter().any(is_told), !want);
}

#[test]
fn a_page_of_azure_that_announces_another_is_not_all() {
    check_pages(&[("a", false)], true);
    check_pages(&[("a", true)], false);
    check_pages(&[("a", true), ("b", false)], true);
    check_pages(&[("a", true), ("b", true)], false);
}

#[test]
fn what_a_stub_refers_to_is_unknown() {
    let instances = br#"{"Reservations": [{"Instances": [{"InstanceId": "i-1",
        "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/web"}}]}]}"#;
    let snapshot =
        import(&[("111122223333/us-east-1/ec2/describe-instances.json", instances)], None);
    let stub = snapshot.find("arn:aws:iam::111122223333:instance-profile/web").unwrap();
    let group = snapshot.groups[stub];
    let runs_as = snapshot.edge_types.iter().position(|it| it == "RUNS_AS").unwrap() as u32;
    let is_lacking = |it: &inventory::MissingEdges| {
        it.group == group && it.edge_type == runs_as && it.is_outgoing
    };
    assert!(snapshot.missing.iter().any(is_lacking));
}

#[test]
fn secrets_do_not_come_in() {
    let canary = "CANARY-7f3a9";
    let secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{canary}'\ndata:\n  key: {canary}\nstringData:\n  other: {canary}\n"
    );
    let azure = format!(
        "[{{\"id\": \"/subscriptions/s/resourceGroups/g/providers/Microsoft.Other/things/a\", \"properties\": {{\"adminPassword\": \"{canary}\", \"connectionString\": \"{canary}\", \"list\": [{{\"primaryKey\": \"{canary}\"}}]}}}}]"
    );
    let keys = Keys::default();
    let library = library();
    let reader = Reader::new(&library, &keys);
    let mut assembler = Assembler::new(&reader);
    for (name, text) in [("s.yaml", secret), ("a.json", azure)] {
        assembler.absorb(reader.parse(&SourceFile::whole(name, name, text.as_bytes())));
    }
    let snapshot = assembler.finish();
    assert_eq!(snapshot.resources.iter().filter(|it| it.collected).count(), 2);
    for resource in &snapshot.resources {
        let text = resource.doc.view().to_json(&keys).to_string();
        assert!(!text.contains(canary), "{text}");
    }
}
