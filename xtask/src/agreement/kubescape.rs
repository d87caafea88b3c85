//! Kubernetes objects and the rules of Kubescape.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;

use super::ledger::Ledger;
use super::mapping::Entry;
use super::report::{self, Report};
use super::{Bench, json_lines, mapping, write};
use crate::process;

/// A test of a rule.
#[derive(Debug, Deserialize)]
struct Label {
    rule: String,
    test: String,
    inputs: BTreeMap<String, String>,
    expected_findings: Option<Vec<Value>>,
    fails: bool,
}

/// Kind, in lower case, and name.
type Object = (String, String);

pub(crate) fn judge(bench: &Bench) -> Result<Ledger> {
    let entries = mapping::read(include_str!("kubescape.yaml"))?;
    let labels: Vec<Label> = json_lines(&bench.data.join("iac/kubescape-labelled.jsonl"))?;
    let mut ledger = Ledger::new(labels.iter().map(|it| it.rule.as_str()), &entries);
    let mapped: Vec<(String, &Label, &Entry)> = labels
        .iter()
        .enumerate()
        .filter_map(|(number, label)| {
            let is_meant = |it: &&Entry| !it.checks.is_empty() && it.rules.contains(&label.rule);
            entries.iter().find(is_meant).map(|it| (format!("case{number}"), label, it))
        })
        .collect();
    // Every test is a cluster of its own, named by its folder.
    let folder = bench.scratch.join("kubescape");
    for (cluster, label, _) in &mapped {
        for (number, (path, text)) in label.inputs.iter().enumerate() {
            let name = Path::new(path).file_name().context("a path without a name")?;
            let name = name.to_string_lossy();
            write(&folder.join(cluster).join(format!("{number}-{name}")), &uncluttered(text))?;
        }
    }
    let report = report::scan(bench, &folder, Some("kubernetes"))?;
    for (cluster, label, entry) in mapped {
        enter(&mut ledger, &report, &cluster, label, entry)?;
    }
    Ok(ledger)
}

/// A cluster is named by the uid of its `kube-system`, if that is there; here the folder must do.
fn uncluttered(text: &str) -> String {
    if !listed(text).iter().any(|it| it.0 == "namespace" && it.1 == "kube-system") {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.lines().filter(|it| !it.contains("uid")).collect();
    lines.join("\n")
}

fn enter(
    ledger: &mut Ledger,
    report: &Report,
    cluster: &str,
    label: &Label,
    entry: &Entry,
) -> Result<()> {
    let prefix = format!("k8s:{cluster}/");
    let subject = format!("{}/{}", label.rule, label.test);
    if entry.whole {
        let got = report.about(&entry.checks, &|id, _| id.starts_with(&prefix));
        ledger.enter(entry, &subject, label.fails, &got);
        return Ok(());
    }
    let expected = failing(label);
    let kinds = kinds(&entry.checks)?;
    let mut objects: BTreeSet<Object> = expected.clone();
    objects.extend(report.noted(&entry.checks).into_iter().filter_map(|id| object(id, &prefix)));
    for text in label.inputs.values() {
        objects.extend(listed(text).into_iter().filter(|it| kinds.contains(&it.0)));
    }
    for (kind, name) in &objects {
        let got = report.about(&entry.checks, &|id, _| {
            object(id, &prefix).is_some_and(|it| it.0 == *kind && it.1 == *name)
        });
        let fails = expected.contains(&(kind.clone(), name.clone()));
        ledger.enter(entry, &format!("{subject}: {kind} {name}"), fails, &got);
    }
    Ok(())
}

/// Kind and name in an id, `k8s:<cluster>/<group>/<kind>/<namespace>/<name>`.
fn object(id: &str, prefix: &str) -> Option<Object> {
    let mut parts = id.strip_prefix(prefix)?.splitn(4, '/').skip(1);
    let kind = parts.next()?.to_owned();
    Some((kind, parts.nth(1)?.to_owned()))
}

/// The objects of the expected findings.
fn failing(label: &Label) -> BTreeSet<Object> {
    let findings = label.expected_findings.iter().flatten();
    findings
        .filter_map(|it| it.pointer("/alertObject/k8sApiObjects")?.as_array())
        .flatten()
        .filter_map(kind_and_name)
        .collect()
}

fn kind_and_name(object: &Value) -> Option<Object> {
    let kind = object.get("kind")?.as_str()?.to_ascii_lowercase();
    let name = object.pointer("/metadata/name").or_else(|| object.get("name"))?.as_str()?;
    Some((kind, name.to_owned()))
}

/// The objects of an input; none where it is not readable.
fn listed(text: &str) -> Vec<Object> {
    let documents: Vec<Value> = match serde_json::from_str(text) {
        Ok(json) => vec![json],
        Err(_) => serde_saphyr::from_multiple(text).unwrap_or_default(),
    };
    documents
        .iter()
        .flat_map(|it| match it.get("items").and_then(Value::as_array) {
            Some(items) => items.iter().collect(),
            None => vec![it],
        })
        .filter_map(kind_and_name)
        .collect()
}

/// The kinds that checks judge, as Kubernetes names them, in lower case.
fn kinds(checks: &[String]) -> Result<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Judged {
        #[serde(default)]
        kind: Option<String>,
        #[serde(default)]
        kinds: Vec<String>,
    }
    let mut all = BTreeSet::new();
    for check in checks {
        let path = format!("content/checks/{}.check.yaml", check.replace('.', "/"));
        let text =
            std::fs::read_to_string(process::root().join(&path)).with_context(|| path.clone())?;
        let judged: Judged = serde_saphyr::from_str(&text).with_context(|| path.clone())?;
        let kinds = judged.kind.into_iter().chain(judged.kinds);
        all.extend(kinds.map(|it| it.trim_start_matches("k8s.").replace('-', "")));
    }
    Ok(all)
}
