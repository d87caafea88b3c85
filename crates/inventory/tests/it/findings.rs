//! Reports of other tools become findings that affect resources.

use inventory::{Assembler, Reader, Snapshot, SourceFile, finding_label};
use model::Keys;
use serde_json::{Value as Json, json};

use crate::support::{library, test_data};

fn import(files: &[(&str, Json)], keys: &Keys) -> Snapshot {
    let library = library();
    let reader = Reader::new(&library, keys);
    let mut assembler = Assembler::new(&reader);
    for (name, json) in files {
        let text = json.to_string();
        assembler.absorb(reader.parse(&SourceFile::whole(name, name, text.as_bytes())));
    }
    assembler.finish()
}

/// Checks the findings of a report: label, severity, title and what each affects.
#[track_caller]
fn check(files: &[(&str, Json)], want: &[(&str, &str, &str, &str)]) {
    let keys = Keys::default();
    let snapshot = import(files, &keys);
    assert_eq!(snapshot.problems, [], "problems");
    let mut found = Vec::new();
    for (number, resource) in snapshot.resources.iter().enumerate() {
        let Some(label) = finding_label(&resource.kind) else { continue };
        let doc = resource.doc.view().to_json(&keys);
        let to = snapshot.edges.iter().find(|edge| {
            edge.from == number as u32 && snapshot.edge_types[edge.edge_type as usize] == "AFFECTS"
        });
        let to = to.map_or("", |edge| &snapshot.resources[edge.to as usize].id);
        let severity = doc["severity"].as_str().unwrap().to_owned();
        found.push((label.to_owned(), severity, resource.name.clone(), to.to_owned()));
    }
    let want: Vec<_> = want
        .iter()
        .map(|(a, b, c, d)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned(), (*d).to_owned()))
        .collect();
    assert_eq!(found, want);
}

#[test]
fn trivy_finds_in_images_and_pods_use_them() {
    let report = json!({
        "SchemaVersion": 2, "CreatedAt": "2026-11-20T10:00:00Z", "ArtifactName": "nginx:1.25",
        "ArtifactType": "container_image",
        "Metadata": { "RepoTags": ["nginx:1.25"] },
        "Results": [{
            "Target": "nginx:1.25 (debian 12)",
            "Vulnerabilities": [{ "VulnerabilityID": "CVE-2023-1", "PkgName": "zlib",
                "InstalledVersion": "1", "FixedVersion": "2", "Severity": "CRITICAL", "Title": "zlib: bad" }],
            "Secrets": [{ "RuleID": "aws-key", "Title": "AWS key", "Severity": "HIGH", "StartLine": 3 }],
            "Misconfigurations": [
                { "ID": "DS002", "Title": "root user", "Severity": "HIGH", "Status": "FAIL" },
                { "ID": "DS005", "Title": "fine", "Severity": "LOW", "Status": "PASS" }
            ]
        }]
    });
    let pod = json!({ "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "web", "namespace": "shop" },
        "spec": { "containers": [{ "name": "c", "image": "docker.io/library/nginx:1.25" }] } });
    let keys = Keys::default();
    let snapshot = import(&[("dump/pod.json", pod), ("t.json", report.clone())], &keys);
    let uses = snapshot.edges.iter().filter(|edge| {
        snapshot.edge_types[edge.edge_type as usize] == "USES_IMAGE"
            && snapshot.resources[edge.to as usize].id == "image:nginx:1.25"
    });
    assert_eq!(uses.count(), 1);
    check(
        &[("t.json", report)],
        &[
            ("Vulnerability", "critical", "zlib: bad", "image:nginx:1.25"),
            ("Misconfiguration", "high", "root user", "image:nginx:1.25"),
            ("Secret", "high", "AWS key", "image:nginx:1.25"),
        ],
    );
}

#[test]
fn grype_matches() {
    check(
        &[(
            "g.json",
            json!({
                "matches": [{
                    "vulnerability": { "id": "CVE-2024-2", "severity": "Negligible", "fix": { "versions": ["3"], "state": "fixed" } },
                    "artifact": { "name": "openssl", "version": "2" }
                }],
                "source": { "type": "image", "target": { "userInput": "app:1", "repoDigests": ["app@sha256:abc"] } }
            }),
        )],
        &[("Vulnerability", "low", "CVE-2024-2", "image:sha256:abc")],
    );
}

#[test]
fn inspector_findings_affect_instances() {
    let place = "111122223333/us-east-1/inspector2/list-findings.json";
    let instance =
        json!({ "Reservations": [{ "Instances": [{ "InstanceId": "i-0123456789abcdef0" }] }] });
    check(
        &[
            ("111122223333/us-east-1/ec2/describe-instances.json", instance),
            (
                place,
                json!({ "findings": [{
                "findingArn": "arn:aws:inspector2:us-east-1:111122223333:finding/f", "status": "ACTIVE",
                "type": "PACKAGE_VULNERABILITY", "severity": "HIGH", "title": "CVE-2024-3 - curl",
                "resources": [{ "id": "i-0123456789abcdef0", "type": "AWS_EC2_INSTANCE" }],
                "packageVulnerabilityDetails": { "vulnerabilityId": "CVE-2024-3" }
            }, { "findingArn": "arn:aws:inspector2:us-east-1:111122223333:finding/closed", "status": "CLOSED",
                "type": "PACKAGE_VULNERABILITY", "severity": "HIGH", "title": "old" }] }),
            ),
        ],
        &[(
            "Vulnerability",
            "high",
            "CVE-2024-3 - curl",
            "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0",
        )],
    );
}

#[test]
fn defender_sub_assessments_affect_azure_resources() {
    let vm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm";
    check(
        &[(
            "d.json",
            json!({ "value": [
            { "type": "Microsoft.Security/assessments/subAssessments",
              "id": format!("{vm}/providers/Microsoft.Security/assessments/a/subAssessments/b"), "name": "b",
              "properties": { "id": "CVE-2024-4", "displayName": "kernel is old",
                "status": { "code": "Unhealthy", "severity": "Medium" },
                "resourceDetails": { "source": "Azure", "id": vm } } },
            { "type": "Microsoft.Security/assessments", "name": "h",
              "id": format!("{vm}/providers/Microsoft.Security/assessments/h"),
              "properties": { "displayName": "fine", "status": { "code": "Healthy" } } }
        ] }),
        )],
        &[(
            "Vulnerability",
            "medium",
            "kernel is old",
            "/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/vm",
        )],
    );
}

#[test]
fn sarif_results_affect_a_repository() {
    check(
        &[(
            "s.sarif",
            json!({
                "version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
                "runs": [{
                    "tool": { "driver": { "name": "Semgrep" } },
                    "versionControlProvenance": [{ "repositoryUri": "https://example.com/a/b.git" }],
                    "results": [{ "ruleId": "eval", "level": "error", "message": { "text": "eval is used" },
                        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "a.js" }, "region": { "startLine": 7 } } }] }]
                }]
            }),
        )],
        &[("Misconfiguration", "high", "eval is used", "repository:https://example.com/a/b")],
    );
}

#[test]
fn ocsf_findings_one_per_line() {
    let arn = "arn:aws:s3:::logs";
    let vulnerability = json!({ "class_uid": 2002, "severity": "Critical", "status": "New",
        "finding_info": { "uid": "v1", "title": "old library" }, "vulnerabilities": [{ "cve": { "uid": "CVE-2024-5" } }],
        "resources": [{ "uid": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1" }] });
    let failed = json!({ "class_uid": 2004, "severity": "High", "status_code": "FAIL", "status": "New",
        "finding_info": { "uid": "c1", "title": "bucket is public" }, "resources": [{ "uid": arn }] });
    let passed = json!({ "class_uid": 2004, "severity": "High", "status_code": "PASS", "status": "New",
        "finding_info": { "uid": "c2", "title": "fine" }, "resources": [{ "uid": arn }] });
    check(
        &[("a.json", json!([vulnerability, failed, passed]))],
        &[
            ("Misconfiguration", "high", "bucket is public", arn),
            (
                "Vulnerability",
                "critical",
                "old library",
                "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
            ),
        ],
    );
}

#[test]
fn recorded_security_command_center_findings_load() {
    let Some(data) = test_data() else { return };
    let keys = Keys::default();
    let snapshot = crate::support::import(&library(), &keys, &data.join("gcp/scc-findings.jsonl"));
    let n_findings =
        snapshot.resources.iter().filter(|it| finding_label(&it.kind).is_some()).count();
    assert_eq!(snapshot.problems, []);
    assert!(n_findings >= 5, "{n_findings}");
}

#[test]
fn all_formats_of_the_content_are_valid() {
    assert_eq!(inventory::check_finding_formats(&library()), Vec::<String>::new());
}
