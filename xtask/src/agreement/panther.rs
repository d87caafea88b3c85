//! AWS resources and the policies of Panther.

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;

use super::ledger::Ledger;
use super::mapping::Entry;
use super::{Bench, answers, json_lines, mapping, report, write};

/// A test of a policy.
#[derive(Debug, Deserialize)]
struct Label {
    policy_id: String,
    resource_types: Vec<String>,
    test: String,
    expected_compliant: bool,
    resource: Value,
}

pub(crate) fn judge(bench: &Bench) -> Result<Ledger> {
    let entries = mapping::read(include_str!("panther.yaml"))?;
    let labels: Vec<Label> = json_lines(&bench.data.join("aws/panther-policy-tests.jsonl"))?;
    let mut ledger = Ledger::new(labels.iter().map(|it| it.policy_id.as_str()), &entries);
    // Every test is an account of its own.
    let folder = bench.scratch.join("panther");
    let mut cases = Vec::new();
    for (number, label) in labels.iter().enumerate() {
        let is_meant = |it: &&Entry| !it.checks.is_empty() && it.rules.contains(&label.policy_id);
        let Some(entry) = entries.iter().find(is_meant) else { continue };
        let account = format!("{}", 700_000_000_000 + number);
        let resource = moved(&label.resource, &account)?;
        for (path, answer) in answers::of(&label.resource_types, &resource, &account) {
            write(&folder.join(&account).join(path), &answer.to_string())?;
        }
        cases.push((account, label, entry));
    }
    let report = report::scan(bench, &folder, None)?;
    for (account, label, entry) in cases {
        let got = report.about(&entry.checks, &|id, _| id.contains(&account));
        let subject = format!("{}/{}", label.policy_id, label.test);
        ledger.enter(entry, &subject, !label.expected_compliant, &got);
    }
    Ok(ledger)
}

/// The resource in another account.
fn moved(resource: &Value, account: &str) -> Result<Value> {
    let mut text = resource.to_string();
    for example in ["123456789012", "112233445566", ":123456789:"] {
        let with =
            if example.starts_with(':') { format!(":{account}:") } else { account.to_owned() };
        text = text.replace(example, &with);
    }
    Ok(serde_json::from_str(&text)?)
}
