//! Recorded exports of real clouds: everything loads, nothing is lost.

use crate::command::{scan_json, test_data};

#[test]
fn all_recorded_exports_load() {
    let Some(exports) = test_data("exports") else { return };
    let report = scan_json(&[&exports.to_string_lossy()]);
    let n_resources = report["resources"].as_u64().unwrap();
    assert!(n_resources > 6_000, "{n_resources}");
    let n_kinds = |cloud: &str| {
        let kinds = report["kinds"].as_array().unwrap();
        kinds
            .iter()
            .filter(|it| it["generic"] == false && it["kind"].as_str().unwrap().starts_with(cloud))
            .count()
    };
    assert!(n_kinds("azure.") >= 35, "{}", n_kinds("azure."));
    assert!(n_kinds("aws.") >= 35, "{}", n_kinds("aws."));
    assert!(n_kinds("gcp.") >= 22, "{}", n_kinds("gcp."));
    assert!(n_kinds("k8s.") >= 14, "{}", n_kinds("k8s."));
}

#[test]
fn an_authorization_details_file_is_recognised_by_its_shape() {
    let Some(file) = test_data("iam/authz-details-iam-vulnerable.json") else { return };
    let report = scan_json(&[&file.to_string_lossy()]);
    let count = |kind: &str| {
        let kinds = report["kinds"].as_array().unwrap();
        kinds.iter().find(|it| it["kind"] == kind).map_or(0, |it| it["count"].as_u64().unwrap())
    };
    assert_eq!(count("aws.iam-user"), 44);
    assert_eq!(count("aws.iam-role"), 78);
}
