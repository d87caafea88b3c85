//! Reports of the sample estate, in every format.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::command::{checkout, folder, merlon, sample, scan_json};
use crate::schema::violations;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

#[test]
fn the_json_report_follows_its_schema() {
    let schema = std::fs::read(checkout().join("docs/reference/report.schema.json")).unwrap();
    let schema: Json = serde_json::from_slice(&schema).unwrap();
    assert_eq!(violations(&schema, &scan_json(&[&sample()])), Vec::<String>::new());
}

#[test]
fn the_score_can_be_computed_again_from_the_printed_figures() {
    let report = scan_json(&[&sample()]);
    let (mut sum, mut weights) = (0.0, 0.0);
    for scope in report["scopes"].as_array().unwrap() {
        let (mut current, mut max, mut weight) = (0.0, 0.0, 0.0);
        for control in scope["controls"].as_array().unwrap() {
            let points = control["max"].as_f64().unwrap();
            let healthy = control["healthy"].as_f64().unwrap();
            let unhealthy = control["unhealthy"].as_f64().unwrap();
            if points > 0.0 && healthy + unhealthy > 0.0 {
                current += points / (healthy + unhealthy) * healthy;
                max += points;
                weight += healthy + unhealthy;
            }
        }
        if max > 0.0 {
            let percent = current / max * 100.0;
            assert!(close(percent, scope["score"]["percent"].as_f64().unwrap()), "{scope}");
            sum += percent * weight;
            weights += weight;
        }
    }
    assert!(weights > 0.0);
    assert!(close(sum / weights, report["score"]["percent"].as_f64().unwrap()));
}

#[test]
fn recommendations_are_listed_by_risk_with_what_makes_it() {
    let rank = |it: &Json| {
        ["low", "medium", "high", "critical"].iter().position(|word| it.as_str() == Some(word))
    };
    let report = scan_json(&[&sample()]);
    let all = report["recommendations"].as_array().unwrap();
    let levels: Vec<_> = all.iter().map(|it| rank(&it["risk"])).collect();
    assert!(levels.is_sorted_by(|a, b| a >= b), "{levels:?}");
    assert!(levels.first().unwrap().is_some());
    let found: Vec<&Json> = all.iter().flat_map(|it| it["unhealthy"].as_array().unwrap()).collect();
    let factors: Vec<&Json> =
        found.iter().flat_map(|it| it["riskFactors"].as_array().unwrap()).collect();
    for factor in ["attackPath", "exposedWide", "criticalResource"] {
        assert!(factors.iter().any(|it| *it == factor), "{factor}");
    }
    for item in all {
        let by_risk = item["byRisk"].as_object().unwrap().values();
        let n: u64 = by_risk.map(|it| it.as_u64().unwrap()).sum();
        assert_eq!(n, item["unhealthy"].as_array().unwrap().len() as u64);
    }
    let percent = report["riskScore"]["percent"].as_f64().unwrap();
    assert!((0.0..=100.0).contains(&percent));
    // Nothing derived: said, and no score that rests on it.
    let bare = scan_json(&[&sample(), "--risk", "never", "--level", "high"]);
    assert!(bare["riskScore"].is_null());
    assert!(bare["riskLimit"].as_str().unwrap().contains("--risk never"));
    let listed = bare["recommendations"].as_array().unwrap();
    assert!(!listed.is_empty() && listed.iter().all(|it| rank(&it["risk"]) >= Some(2)));
    let table = merlon(&["scan", &sample()]);
    assert!(table.stdout.contains("Risk-based score"), "{}", table.stdout);
    assert!(table.stdout.contains("on an attack path"), "{}", table.stdout);
}

#[test]
fn every_unhealthy_resource_shows_evidence() {
    let report = scan_json(&[&sample()]);
    let mut n_unhealthy = 0;
    for item in report["recommendations"].as_array().unwrap() {
        for resource in item["unhealthy"].as_array().unwrap() {
            n_unhealthy += 1;
            assert!(
                !resource["evidence"].as_array().unwrap().is_empty(),
                "{} {resource}",
                item["check"]
            );
        }
    }
    assert!(n_unhealthy > 50, "{n_unhealthy}");
}

#[test]
fn the_order_of_files_does_not_matter() {
    let base = sample();
    let parts: Vec<String> =
        ["azure", "aws", "gcp", "kubernetes"].iter().map(|it| format!("{base}/{it}")).collect();
    let forward: Vec<&str> = parts.iter().map(String::as_str).collect();
    let backward: Vec<&str> = forward.iter().rev().copied().collect();
    assert_eq!(scan_json(&forward), scan_json(&backward));
}

#[test]
fn all_formats_agree_on_the_unhealthy() {
    let report = scan_json(&[&sample()]);
    let n_unhealthy: usize = report["recommendations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["unhealthy"].as_array().unwrap().len())
        .sum();
    let scan = |format| merlon(&["scan", "--format", format, &sample()]).stdout;
    let sarif: Json = serde_json::from_str(&scan("sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), n_unhealthy);
    let n_failed = scan("ndjson")
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap())
        .filter(|it| it["compliance"]["status"] == "Fail")
        .count();
    assert_eq!(n_failed, n_unhealthy);
    assert_eq!(scan("junit").matches("<failure ").count(), n_unhealthy);
    assert_eq!(scan("csv").matches(",unhealthy,").count(), n_unhealthy);
    assert!(scan("html").starts_with("<!doctype html>"));
}

#[test]
fn the_table_fits_80_columns_and_has_no_colour_in_a_pipe() {
    let run = merlon(&["scan", &sample()]);
    assert_eq!(run.stderr, "");
    assert!(!run.stdout.contains('\u{1b}'));
    for line in run.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn fail_on_sets_the_exit_code() {
    let sample = sample();
    let code = |severity| merlon(&["scan", "--fail-on", severity, &sample]).code;
    assert_eq!(code("high"), 1);
    let empty = folder("fail-on-nothing");
    assert_eq!(merlon(&["scan", &empty.to_string_lossy()]).code, 3);
    assert_eq!(merlon(&["scan", "--fail-on", "sometimes", &sample]).code, 2);
}

#[test]
fn what_the_manifest_of_the_generator_plants_is_found() {
    let out = folder("generated");
    let out = out.to_string_lossy().into_owned();
    let run = merlon(&["generate", "--resources", "3000", "--seed", "7", "--out", &out]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let manifest = std::fs::read(format!("{out}/manifest.json")).unwrap();
    let manifest: Json = serde_json::from_slice(&manifest).unwrap();
    let report = scan_json(&[&out]);
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in report["recommendations"].as_array().unwrap() {
        let resources = item["unhealthy"].as_array().unwrap();
        found
            .entry(item["check"].as_str().unwrap())
            .or_default()
            .extend(resources.iter().filter_map(|it| it["resource"].as_str()));
    }
    assert_eq!(report["problems"], serde_json::json!([]));
    let planted = manifest["planted"].as_array().unwrap();
    assert!(planted.len() > 20, "{}", planted.len());
    for fault in planted {
        let (check, resource) =
            (fault["check"].as_str().unwrap(), fault["resource"].as_str().unwrap());
        let is_found = found.get(check).is_some_and(|it| it.contains(&resource));
        assert!(is_found, "{check} does not find {resource}");
    }
}
