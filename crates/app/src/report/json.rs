//! The report as one JSON object, written as a stream: a million findings need no second copy.
//!
//! Shape: `docs/reference/report.schema.json`.

use std::io::{self, Write};

use posture::risk::{Factor, OpenByRisk};
use posture::{Posture, Recommendation, ResourceName};
use serde::Serialize;
use serde::ser::{SerializeSeq as _, Serializer};

use super::{JSON_SCHEMA, Report};

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = io::BufWriter::new(&mut *out);
    serde_json::to_writer_pretty(&mut writer, &Root::new(report))?;
    writer.flush()?;
    drop(writer);
    writeln!(out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Root<'a> {
    schema: &'static str,
    as_of: &'a str,
    resources: u64,
    scopes: Vec<Scope<'a>>,
    score: Option<posture::Score>,
    risk_score: Option<RiskScore>,
    /// Why exposure and attack paths are not known, or not all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    risk_limit: Option<&'a str>,
    recommendations: Vec<Item<'a>>,
    standards: &'a [posture::Standing],
    kinds: Vec<KindRow<'a>>,
    conflicts: u64,
    gaps: Vec<GapRow<'a>>,
    problems: Vec<ProblemRow<'a>>,
}

#[derive(Serialize)]
struct RiskScore {
    percent: Option<f64>,
    #[serde(flatten)]
    open: OpenByRisk,
}

impl From<view::RiskScore> for RiskScore {
    fn from(it: view::RiskScore) -> Self {
        Self { percent: it.percent, open: it.open }
    }
}

#[derive(Serialize)]
struct Scope<'a> {
    id: &'a str,
    score: Option<posture::Score>,
    weight: u64,
    controls: &'a [posture::ControlScore],
}

#[derive(Serialize)]
struct KindRow<'a> {
    kind: &'a str,
    count: u64,
    generic: bool,
}

#[derive(Serialize)]
struct GapRow<'a> {
    scope: &'a str,
    what: &'a str,
    reason: &'a str,
    assessments: u64,
}

#[derive(Serialize)]
struct ProblemRow<'a> {
    file: &'a str,
    reason: &'a str,
    count: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    check: &'a str,
    title: &'a str,
    severity: model::Severity,
    /// The highest of what is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    risk: Option<model::Severity>,
    by_risk: OpenByRisk,
    control: &'a str,
    standards: &'a indexmap::IndexMap<String, Vec<String>>,
    why: &'a str,
    steps: &'a [String],
    #[serde(serialize_with = "unhealthy")]
    unhealthy: Found<'a>,
    healthy: u64,
    unknown: u64,
    not_applicable: u64,
    #[serde(serialize_with = "unknown_resources")]
    unknown_resources: Found<'a>,
}

#[derive(Clone, Copy)]
struct Found<'a> {
    report: &'a Report<'a>,
    item: Recommendation<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Unhealthy<'a> {
    resource: &'a str,
    name: &'a str,
    kind: &'a str,
    scope: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    region: &'a str,
    risk: model::Severity,
    risk_factors: Vec<Factor>,
    evidence: Vec<Proof>,
}

#[derive(Serialize)]
struct Proof {
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    path: String,
    value: serde_json::Value,
}

#[derive(Serialize)]
struct Unknown<'a> {
    resource: &'a str,
    why: String,
}

impl<'a> Root<'a> {
    fn new(report: &'a Report<'a>) -> Self {
        let facts = report.facts;
        let posture: &'a Posture<'a> = report.posture;
        let recommendations = report.by_risk();
        let mut n_by_gap = vec![0; facts.gaps.len()];
        for (_, why) in recommendations.iter().flat_map(|it| it.unknown) {
            if let posture::Why::Gap(gap) = why
                && let Some(n) = n_by_gap.get_mut(gap.0 as usize)
            {
                *n += 1;
            }
        }
        Self {
            schema: JSON_SCHEMA,
            as_of: &facts.as_of,
            resources: facts.n_resources,
            scopes: posture
                .scopes
                .iter()
                .map(|it| Scope {
                    id: &it.scope,
                    score: it.score,
                    weight: it.weight,
                    controls: &it.controls,
                })
                .collect(),
            score: posture.score,
            risk_score: report.risks.score.map(RiskScore::from),
            risk_limit: report.risks.limit.as_deref(),
            recommendations: recommendations.iter().map(|it| Item::new(report, *it)).collect(),
            standards: &posture.standings,
            kinds: facts
                .kinds
                .iter()
                .map(|it| KindRow { kind: &it.kind, count: it.count, generic: it.is_generic })
                .collect(),
            conflicts: facts.n_conflicts,
            gaps: facts
                .gaps
                .iter()
                .zip(n_by_gap)
                .map(|(it, assessments)| GapRow {
                    scope: &it.scope,
                    what: &it.what,
                    reason: &it.reason,
                    assessments,
                })
                .collect(),
            problems: facts
                .problems
                .iter()
                .map(|it| ProblemRow { file: &it.file, reason: &it.reason, count: it.count })
                .collect(),
        }
    }
}

impl<'a> Item<'a> {
    fn new(report: &'a Report<'a>, item: Recommendation<'a>) -> Self {
        let check = item.check;
        let by_risk = report.risks.open(&item);
        Self {
            check: &check.id,
            title: &check.title,
            severity: check.severity,
            risk: by_risk.highest(),
            by_risk,
            control: &check.control,
            standards: &check.standards,
            why: &check.why,
            steps: &check.fix.steps,
            unhealthy: Found { report, item },
            healthy: item.counts.healthy,
            unknown: item.counts.unknown,
            not_applicable: item.counts.not_applicable,
            unknown_resources: Found { report, item },
        }
    }
}

fn unhealthy<S: Serializer>(found: &Found<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    let posture = found.report.posture;
    let mut list = serializer.serialize_seq(Some(found.item.unhealthy.len()))?;
    for node in found.item.unhealthy {
        let ResourceName { id, name, kind, scope, region } = posture.resource(*node);
        let evidence = posture
            .evidence(found.item.check, *node)
            .into_iter()
            .map(|it| Proof { resource: it.resource, path: it.path, value: it.value })
            .collect();
        let risk = found.report.risks.of(*node, found.item.check.severity);
        list.serialize_element(&Unhealthy {
            resource: id,
            name,
            kind,
            scope,
            region,
            risk: risk.level,
            risk_factors: risk.factors,
            evidence,
        })?;
    }
    list.end()
}

fn unknown_resources<S: Serializer>(found: &Found<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(found.item.unknown.len()))?;
    let reasons = found.report.posture.reasons(found.item.check, &found.report.facts.gaps);
    for (node, why) in found.item.unknown {
        let resource = found.report.posture.resource(*node).id;
        let why = reasons.describe(*node, *why);
        list.serialize_element(&Unknown { resource, why })?;
    }
    list.end()
}
