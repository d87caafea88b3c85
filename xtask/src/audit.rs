//! `cargo xtask audit`: known weaknesses of the crates in `Cargo.lock`, with `cargo-audit`.
//!
//! The list of weaknesses changes without a change of ours and comes over the network. Where it cannot be fetched the
//! copy of an earlier run counts, however old; where there is none the step says that it was skipped.

#![expect(
    clippy::indexing_slicing,
    reason = "what JSON does not hold reads as null, without a panic"
)]

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

use crate::deny::Outcome;
use crate::process::{answer, is_there, say};

/// Seconds that fetching the list may take, and looking up then: a network that swallows everything costs no more.
const PATIENCE: f64 = 90.0;
const NO_LIST: &str = "the list of weaknesses cannot be fetched, and there is no earlier copy";

/// Looks all crates up.
pub(crate) fn run() -> Result<Outcome> {
    if !is_there("cargo", &["audit", "--version"]) {
        return Ok(Outcome::Skipped("cargo-audit is missing: cargo install cargo-audit --locked"));
    }
    let fetched = answer("cargo", &["audit", "--json"], PATIENCE)?;
    let report = if is_report(&fetched) {
        fetched
    } else {
        say("audit: the list of weaknesses cannot be fetched: an earlier copy is asked");
        answer("cargo", &["audit", "--json", "--no-fetch", "--stale"], PATIENCE)?
    };
    if !is_report(&report) {
        return Ok(Outcome::Skipped(NO_LIST));
    }
    let faults = faults(&report)?;
    if faults.is_empty() {
        return Ok(Outcome::Done);
    }
    bail!("{} crates have known weaknesses\n  {}", faults.len(), faults.join("\n  "))
}

/// Whether a text is a report, rather than nothing because something went wrong before.
fn is_report(text: &str) -> bool {
    serde_json::from_str::<Json>(text).is_ok_and(|it| it["vulnerabilities"].is_object())
}

/// What a report says against us, a line each: weaknesses, crates that were taken back, and unsound ones.
fn faults(report: &str) -> Result<Vec<String>> {
    let report: Json = serde_json::from_str(report).context("`cargo audit` did not print JSON")?;
    let empty = Vec::new();
    let found = report["vulnerabilities"]["list"].as_array().unwrap_or(&empty).iter();
    let warned = ["unsound", "yanked"].into_iter().flat_map(|kind| {
        report["warnings"][kind].as_array().unwrap_or(&empty).iter().map(move |it| (kind, it))
    });
    let line = |kind: &str, it: &Json| {
        let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
        format!(
            "{} {}: {} {} ({kind})",
            text(&it["package"]["name"]),
            text(&it["package"]["version"]),
            text(&it["advisory"]["id"]),
            text(&it["advisory"]["title"]),
        )
    };
    Ok(found
        .map(|it| line("weakness", it))
        .chain(warned.map(|(kind, it)| line(kind, it)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{faults, is_report};

    #[test]
    fn a_report_is_read_and_an_error_is_none() {
        let clean = r#"{"vulnerabilities":{"found":false,"count":0,"list":[]},"warnings":{}}"#;
        assert!(is_report(clean) && faults(clean).unwrap().is_empty());
        let bad = r#"{"vulnerabilities":{"found":true,"count":1,"list":[
            {"advisory":{"id":"RUSTSEC-2020-0071","title":"Potential segfault"},
             "package":{"name":"time","version":"0.1.43"}}]},
            "warnings":{"unmaintained":[{"package":{"name":"x","version":"1"}}],
                        "yanked":[{"advisory":null,"package":{"name":"y","version":"2"}}]}}"#;
        assert_eq!(
            faults(bad).unwrap(),
            ["time 0.1.43: RUSTSEC-2020-0071 Potential segfault (weakness)", "y 2: - - (yanked)"]
        );
        assert!(!is_report("") && !is_report("error: couldn't fetch advisory database"));
    }
}
