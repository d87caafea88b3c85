//! What became of every label.

use std::collections::{BTreeMap, BTreeSet};

use super::mapping::Entry;
use super::report::Got;

/// The outcome of a set.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    lines: BTreeMap<String, Line>,
    /// Rules that one of our checks asks.
    mapped: BTreeSet<String>,
    /// Rules where our question is deliberately another one.
    different: BTreeSet<String>,
    /// Rules about which we have no check.
    others: BTreeSet<String>,
}

/// The outcome of an entry of the mapping.
#[derive(Debug, Default)]
struct Line {
    n_agree: usize,
    n_left_out: usize,
    disagreements: Vec<String>,
    unknowns: Vec<String>,
}

impl Ledger {
    /// Sorts the rules of a set by what the mapping says about them.
    pub(crate) fn new<'a>(rules: impl IntoIterator<Item = &'a str>, entries: &[Entry]) -> Self {
        let mut ledger = Self::default();
        for rule in rules {
            let place = match entries.iter().find(|it| it.rules.iter().any(|of| of == rule)) {
                None => &mut ledger.others,
                Some(entry) if entry.checks.is_empty() => &mut ledger.different,
                Some(_) => &mut ledger.mapped,
            };
            place.insert(rule.to_owned());
        }
        ledger
    }

    /// Enters what a label expects of a subject and what we got.
    pub(crate) fn enter(&mut self, entry: &Entry, subject: &str, expects_fail: bool, got: &Got) {
        let line = self.lines.entry(entry.name()).or_default();
        if entry.leaves_out(subject) {
            line.n_left_out += 1;
            return;
        }
        let expected = if expects_fail { "unhealthy" } else { "healthy or not applicable" };
        match (expects_fail, got) {
            (_, Got::Unknown(why)) => {
                line.unknowns.push(format!("{subject}: expected {expected}, unknown: {why}"));
            }
            (true, Got::Unhealthy) | (false, Got::Clean) => line.n_agree += 1,
            (true, Got::Clean) => {
                line.disagreements.push(format!("{subject}: expected {expected}, got no finding"));
            }
            (false, Got::Unhealthy) => {
                line.disagreements.push(format!("{subject}: expected {expected}, got unhealthy"));
            }
        }
    }

    /// Agreements, disagreements and unknowns.
    pub(crate) fn counts(&self) -> [usize; 3] {
        self.lines.values().fold([0; 3], |[agree, disagree, unknown], line| {
            [
                agree + line.n_agree,
                disagree + line.disagreements.len(),
                unknown + line.unknowns.len(),
            ]
        })
    }

    /// A line for each entry, with what did not agree under it.
    pub(crate) fn table(&self) -> String {
        let mut out = vec!["agree disagree unknown left-out".to_owned()];
        for (name, line) in &self.lines {
            let (n_disagree, n_unknown) = (line.disagreements.len(), line.unknowns.len());
            let (n_agree, n_left_out) = (line.n_agree, line.n_left_out);
            out.push(format!("{n_agree:5} {n_disagree:8} {n_unknown:7} {n_left_out:8}  {name}"));
            let notes = line.disagreements.iter().chain(&line.unknowns);
            out.extend(notes.map(|note| format!("{:31}  - {note}", "")));
        }
        out.join("\n")
    }

    /// The totals.
    pub(crate) fn summary(&self) -> String {
        let [agree, disagree, unknown] = self.counts();
        let left_out: usize = self.lines.values().map(|it| it.n_left_out).sum();
        format!(
            "{} rules mapped, {} deliberately different, {} without a check of ours; {agree} labels \
             agree, {disagree} disagree, {unknown} unknown, {left_out} left out",
            self.mapped.len(),
            self.different.len(),
            self.others.len(),
        )
    }
}
