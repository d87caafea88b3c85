//! Azure resources and the rules of `PSRule.Rules.Azure`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;

use super::ledger::Ledger;
use super::report::{self, Got, Report};
use super::{Bench, json_lines, mapping};

/// What a rule expects of the resources of a file.
#[derive(Debug, Deserialize)]
struct Label {
    rule: String,
    data: String,
    context: String,
    expected: BTreeMap<String, Value>,
}

impl Label {
    fn targets(&self, outcome: &str) -> impl Iterator<Item = &str> {
        let targets = self.expected.get(outcome).and_then(|it| it.get("targets"));
        targets.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
}

pub(crate) fn judge(bench: &Bench) -> Result<Ledger> {
    let entries = mapping::read(include_str!("psrule.yaml"))?;
    let labels: Vec<Label> = json_lines(&bench.data.join("azure/psrule/expected.jsonl"))?;
    let mut ledger = Ledger::new(labels.iter().map(|it| it.rule.as_str()), &entries);
    let mut reports: BTreeMap<&str, Report> = BTreeMap::new();
    for entry in entries.iter().filter(|it| !it.checks.is_empty()) {
        // Rules of one entry may speak about one file: a target fails when it fails one of them.
        let mut expected: BTreeMap<(&str, &str), bool> = BTreeMap::new();
        for label in labels.iter().filter(|it| entry.rules.contains(&it.rule)) {
            if label.context.starts_with("With ")
                && labels.iter().any(|it| it.rule == label.rule && it.context == "Conditions")
            {
                continue; // the same rule with other options
            }
            for outcome in ["fail", "pass", "none"] {
                for target in label.targets(outcome) {
                    *expected.entry((&label.data, target)).or_default() |= outcome == "fail";
                }
            }
        }
        for ((data, target), fails) in expected {
            if !reports.contains_key(data) {
                let file = bench.data.join("exports/azure-labelled").join(data);
                reports.insert(data, report::scan(bench, &file, None)?);
            }
            let report = reports.get(data).context("the report is there")?;
            let got = about(report, &entry.checks, target, entry.whole);
            let file = data.trim_start_matches("Resources.").trim_end_matches(".json");
            ledger.enter(entry, &format!("{file}/{target}"), fails, &got);
        }
    }
    Ok(ledger)
}

/// With `whole`, what is inside the target counts for it.
fn about(report: &Report, checks: &[String], target: &str, whole: bool) -> Got {
    let target = target.to_ascii_lowercase();
    report.about(checks, &|id, name| {
        let id = id.to_ascii_lowercase();
        let names: Vec<&str> = id
            .rsplit_once("/providers/")
            .map_or(id.as_str(), |it| it.1)
            .split('/')
            .skip(2)
            .step_by(2)
            .collect();
        name.is_some_and(|it| it.eq_ignore_ascii_case(&target))
            || names.join("/") == target
            || if whole {
                names.contains(&target.as_str())
            } else {
                names.last() == Some(&target.as_str())
            }
    })
}
