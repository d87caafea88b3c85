//! Reports: one judged estate, in the form that a person or a tool asks for.
//!
//! Every format reads the same [`Report`]; none of them judges, counts or sorts by itself.

mod csv;
mod html;
mod json;
mod junit;
mod ocsf;
mod sarif;
mod style;
mod table;

use std::collections::BTreeMap;
use std::io::{self, Write};

use base::Problem;
use content::Control;
use model::{Gap, Severity};
use posture::{Posture, Recommendation, ScopeScore, Score};

use crate::risk::Risks;

pub(crate) use csv::field as csv_field;
pub(crate) use style::{Style, cell, counted, severity_colour, short_scope, single_line};

/// The schema that the JSON report follows; its file stands in `docs/reference/`.
pub(crate) const JSON_SCHEMA: &str = "https://merlon.dev/schema/report-1.json";

/// What a scan knows beside the posture.
#[derive(Debug)]
pub(crate) struct ScanFacts {
    /// The instant at which things were judged, RFC 3339.
    pub(crate) as_of: String,
    /// Resources that were read; stubs do not count.
    pub(crate) n_resources: u64,
    /// Resources whose kind no file describes.
    pub(crate) n_generic: u64,
    /// Kinds with their number of resources, most frequent first; generic types last.
    pub(crate) kinds: Vec<KindCount>,
    /// What could not be read, with how often it made an assessment unknown.
    pub(crate) gaps: Vec<Gap>,
    /// What was read and not understood.
    pub(crate) problems: Vec<Problem>,
    /// Resources that were read more than once with different content.
    pub(crate) n_conflicts: u64,
}

/// Number of resources of one kind.
#[derive(Debug)]
pub(crate) struct KindCount {
    /// Kind id, or native type of generic resources.
    pub(crate) kind: String,
    /// Name for people.
    pub(crate) title: String,
    /// How many.
    pub(crate) count: u64,
    /// No kind file describes it.
    pub(crate) is_generic: bool,
    /// It is what another tool found, not a resource.
    pub(crate) is_finding: bool,
}

/// A judged estate, ready to be written.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) posture: &'a Posture<'a>,
    pub(crate) facts: &'a ScanFacts,
    pub(crate) risks: &'a Risks<'a>,
    /// Only recommendations of this risk or worse are listed.
    pub(crate) level: Option<Severity>,
    pub(crate) style: Style,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people at a terminal.
    Table,
    /// One JSON object; schema in docs/reference/report.schema.json.
    Json,
    /// OCSF compliance findings, one JSON object a line.
    Ndjson,
    /// One row for each unhealthy or unknown assessment.
    Csv,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// `JUnit` XML, for pipelines.
    Junit,
    /// One HTML file, to hand over.
    Html,
}

impl Report<'_> {
    /// Writes the report.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub(crate) fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Table => table::write(self, out),
            Format::Json => json::write(self, out),
            Format::Ndjson => ocsf::write(self, out),
            Format::Csv => csv::write(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Junit => junit::write(self, out),
            Format::Html => html::write(self, out),
        }
    }

    /// Recommendations with at least one unhealthy resource, most urgent first.
    fn open_recommendations(&self) -> Vec<Recommendation<'_>> {
        let mut all = self.posture.recommendations();
        all.retain(|it| !it.unhealthy.is_empty());
        all
    }

    /// All recommendations that are asked for, the highest risk first.
    fn by_risk(&self) -> Vec<Recommendation<'_>> {
        let mut all = self.posture.recommendations();
        all.retain(|it| {
            self.level.is_none_or(|least| self.risks.open(it).highest() >= Some(least))
        });
        self.risks.sort(&mut all);
        all
    }

    /// Scopes that have a score, lowest first.
    fn scopes_by_score(&self) -> Vec<(&ScopeScore, Score)> {
        let mut scopes: Vec<_> =
            self.posture.scopes.iter().filter_map(|it| Some((it, it.score?))).collect();
        scopes
            .sort_by(|(a, x), (b, y)| x.percent.total_cmp(&y.percent).then(a.scope.cmp(&b.scope)));
        scopes
    }

    /// Controls that judged something, with healthy and unhealthy resources over all scopes.
    fn judged_controls(&self) -> Vec<(&Control, u64, u64)> {
        let mut sums: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for control in self.posture.scopes.iter().flat_map(|it| &it.controls) {
            let sum = sums.entry(&control.control).or_default();
            sum.0 += u64::from(control.tally.healthy);
            sum.1 += u64::from(control.tally.unhealthy);
        }
        let controls = self.posture.library().controls().filter_map(|control| {
            let (healthy, unhealthy) = *sums.get(control.id.as_str())?;
            (healthy + unhealthy > 0).then_some((control, healthy, unhealthy))
        });
        controls.collect()
    }

    /// Why assessments are unknown, with how often, most frequent first.
    fn unknown_reasons(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for item in self.posture.recommendations() {
            let texts = self.posture.reasons(item.check, &self.facts.gaps);
            for (node, why) in item.unknown {
                *counts.entry(texts.describe(*node, *why)).or_default() += 1;
            }
        }
        let mut reasons: Vec<_> = counts.into_iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        reasons
    }
}
