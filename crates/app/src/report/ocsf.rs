//! The report as OCSF 1.4 compliance findings (class 2003), one a line.
//!
//! Source: OCSF schema 1.4.0, class `compliance_finding`, <https://schema.ocsf.io/1.4.0/classes/compliance_finding>
//! (read 2026-11-21): `class_uid` 2003, `category_uid` 2, `type_uid` = class × 100 + activity;
//! `severity_id` 2 low to 5 critical; `compliance.status_id` 1 pass, 2 warning, 3 fail.

use std::io::{self, Write};

use model::Severity;
use serde_json::{Value as Json, json};

use super::Report;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let time_ms =
        report.facts.as_of.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_millisecond);
    for item in report.posture.recommendations() {
        for node in item.unhealthy {
            let evidence: Vec<Json> = report
                .posture
                .evidence(item.check, *node)
                .into_iter()
                .map(|it| json!({ "resource": it.resource, "path": it.path, "value": it.value }))
                .collect();
            let status = json!({ "status": "Fail", "status_id": 3 });
            let evidence = json!(evidence);
            line(
                report,
                Line { check: item.check, node: *node, time_ms, status, evidence },
                &mut out,
            )?;
        }
        let reasons = report.posture.reasons(item.check, &report.facts.gaps);
        for (node, why) in item.unknown {
            let detail = reasons.describe(*node, *why);
            let status = json!({ "status": "Unknown", "status_id": 0, "status_details": [detail] });
            let evidence = json!([]);
            line(
                report,
                Line { check: item.check, node: *node, time_ms, status, evidence },
                &mut out,
            )?;
        }
    }
    out.flush()
}

/// One assessment, on its way to be a line.
struct Line<'a> {
    check: &'a content::Check,
    node: lang::NodeId,
    time_ms: i64,
    status: Json,
    evidence: Json,
}

fn line(report: &Report<'_>, line: Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Line { check, node, time_ms, status, evidence } = line;
    let resource = report.posture.resource(node);
    let requirements: Vec<String> = check
        .standards
        .iter()
        .flat_map(|(standard, ids)| ids.iter().map(move |id| format!("{standard} {id}")))
        .collect();
    let mut compliance = json!({
        "control": check.id,
        "standards": check.standards.keys().collect::<Vec<_>>(),
        "requirements": requirements,
    });
    if let (Json::Object(compliance), Json::Object(status)) = (&mut compliance, status) {
        compliance.extend(status);
    }
    let finding = json!({
        "metadata": {
            "version": "1.4.0",
            "product": { "name": "Merlon", "vendor_name": "Merlon", "version": env!("CARGO_PKG_VERSION") },
        },
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "activity_id": 1,
        "activity_name": "Create",
        "type_uid": 200_301,
        "time": time_ms,
        "severity_id": severity_id(check.severity),
        "severity": severity_name(check.severity),
        "status_id": 1,
        "status": "New",
        "finding_info": {
            "uid": format!("{}/{}", check.id, resource.id),
            "title": check.title,
            "desc": check.why,
            "types": ["Posture"],
        },
        "compliance": compliance,
        "remediation": {
            "desc": check.fix.steps.join(" "),
            "references": check.references.iter().map(|it| &it.url).collect::<Vec<_>>(),
        },
        "cloud": { "provider": provider(resource.kind), "account": { "uid": resource.scope } },
        "resources": [{
            "uid": resource.id,
            "name": resource.name,
            "type": resource.kind,
            "region": resource.region,
        }],
        "unmapped": { "evidence": evidence },
    });
    serde_json::to_writer(&mut *out, &finding)?;
    out.write_all(b"\n")
}

fn severity_id(severity: Severity) -> u8 {
    match severity {
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

fn provider(kind: &str) -> &'static str {
    match kind.split('.').next() {
        Some("azure") => "Azure",
        Some("aws") => "AWS",
        Some("gcp") => "GCP",
        Some("k8s") => "Kubernetes",
        _ => "Other",
    }
}
