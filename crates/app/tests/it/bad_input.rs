//! Rubbish costs one clear message and one skipped item, never the run.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::command::{folder, merlon, merlon_with_input, scan_json};

const ACCOUNT: &str = r#"{"id": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/good", "name": "good", "type": "Microsoft.Storage/storageAccounts", "location": "westeurope", "properties": {"supportsHttpsTrafficOnly": true}}"#;

/// Scans a folder with one good file and one with `bytes`: the good resource must be there, and the
/// bad file must be named in a problem whose reason contains `reason`.
#[track_caller]
fn check(name: &str, file: &str, bytes: &[u8], reason: &str) {
    let folder = folder(name);
    std::fs::write(folder.join("good.json"), format!("[{ACCOUNT}]")).unwrap();
    std::fs::write(folder.join(file), bytes).unwrap();
    let report = scan_json(&[&folder.to_string_lossy()]);
    let kinds = report["kinds"].to_string();
    assert!(kinds.contains("azure.storage-account"), "{kinds}");
    let problems = report["problems"].as_array().unwrap();
    let found: Vec<&str> = problems
        .iter()
        .filter(|it| it["file"].as_str().unwrap().ends_with(file))
        .filter_map(|it| it["reason"].as_str())
        .collect();
    assert!(found.iter().any(|it| it.contains(reason)), "{problems:?}");
}

#[test]
fn truncated_json() {
    check("truncated", "bad.json", ACCOUNT.split_at(120).0.as_bytes(), "JSON");
}

#[test]
fn deep_nesting() {
    let mut bytes = vec![b'['; 100_000];
    bytes.extend(vec![b']'; 100_000]);
    check("deep", "bad.json", &bytes, "nested deeper");
}

#[test]
fn binary_bytes() {
    check("binary", "bad.json", &[0xff, 0xfe, 0x00, 0x80, 0x81], "");
}

#[test]
fn a_yaml_bomb() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..30 {
        let previous = i - 1;
        let refs = vec![format!("*a{previous}"); 10].join(", ");
        writeln!(bomb, "a{i}: &a{i} [{refs}]").unwrap();
    }
    check("yaml-bomb", "bad.yaml", bomb.as_bytes(), "");
}

#[test]
fn a_truncated_gzip() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![b' '; 100_000]).unwrap();
    let mut bytes = encoder.finish().unwrap();
    bytes.truncate(bytes.len() / 2);
    check("gzip", "bad.json.gz", &bytes, "cannot be read");
}

#[test]
fn a_gzip_bomb() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(b"[").unwrap();
    for _ in 0..256 {
        encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    check("gzip-bomb", "bad.json.gz", &encoder.finish().unwrap(), "200 times");
}

#[test]
fn a_bad_line_costs_that_line() {
    let input = format!("{ACCOUNT}\n{{\"id\": \n{}\n", ACCOUNT.replace("good", "second"));
    let run = merlon_with_input(&["scan", "--format", "json", "-"], input.as_bytes());
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let accounts =
        report["kinds"].as_array().unwrap().iter().find(|it| it["kind"] == "azure.storage-account");
    assert_eq!(accounts.unwrap()["count"], 2, "{}", report["kinds"]);
    let problems = report["problems"].to_string();
    assert!(problems.contains("\"file\":\"-\""), "{problems}");
}

#[test]
fn a_resource_that_is_read_twice_is_one_resource() {
    let folder = folder("twice");
    std::fs::write(folder.join("a.json"), format!("[{ACCOUNT}]")).unwrap();
    let changed = ACCOUNT
        .replace("\"supportsHttpsTrafficOnly\": true", "\"supportsHttpsTrafficOnly\": false");
    std::fs::write(folder.join("b.json"), format!("[{changed}]")).unwrap();
    let report = scan_json(&[&folder.to_string_lossy()]);
    assert_eq!(report["conflicts"], 1);
    let accounts =
        report["kinds"].as_array().unwrap().iter().find(|it| it["kind"] == "azure.storage-account");
    assert_eq!(accounts.unwrap()["count"], 1);
}

#[test]
fn a_path_that_does_not_exist_is_said() {
    let run = merlon(&["scan", "/no/such/path"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("there is no such file or folder"), "{}", run.stdout);
}

#[test]
fn a_wrong_query_names_the_place_and_the_nearest_name() {
    let folder = folder("query");
    std::fs::write(folder.join("a.json"), format!("[{ACCOUNT}]")).unwrap();
    let path = folder.to_string_lossy().into_owned();
    let run = merlon(&["query", &path, "MATCH (r:AzureStorageAcount) RETURN r.name"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("AzureStorageAccount"), "{}", run.stderr);
    let run = merlon(&[
        "query",
        &path,
        "MATCH (r:AzureStorageAccount)\nRETURN r.properties.minimumTlsVersio",
    ]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("minimumTlsVersion"), "{}", run.stderr);
    assert!(run.stderr.contains('2'), "{}", run.stderr);
}
