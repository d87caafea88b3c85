//! Findings of other tools into nodes, with a reference to what they are about.

use serde_json::{Map, Value as Json, json};

use crate::batch::{Affected, Identity, Reading, Report};
use crate::finding_format::{self, FindingFormat, Findings, Nested};
use crate::scrub;
use crate::shape::Work;

/// Reads the findings of a document, which was counted as one item.
pub(crate) fn read(work: &mut Work<'_, '_>, format: &FindingFormat, document: &Json) {
    let root = Nested { levels: vec![document] };
    let mut n_found = 0;
    for findings in &format.findings {
        let mut around = vec![root.clone()];
        for group in &findings.groups {
            around = around.iter().flat_map(|it| it.below(group)).collect();
        }
        let mut least = None;
        for outer in around {
            let items = match &findings.items {
                Some(items) => outer.below(items),
                None => vec![outer],
            };
            for item in items {
                if is_wanted(findings, &item) {
                    n_found += u64::from(add(work, format, findings, &item));
                    let severity = rank(format.severity(item.first(&findings.severity).as_deref()));
                    least = Some(least.map_or(severity, |it: u8| it.min(severity)));
                }
            }
        }
        if let Some((by, value)) = findings.target(document) {
            let (tool, kind) = (format.id.clone(), findings.label.kind());
            work.batch.reports.push(Report { tool, kind, by, value, least: least.unwrap_or(0) });
        }
    }
    work.batch.counts.readings += n_found;
    // What passed a test is understood and no finding; so is a report without findings.
    let n_understood = if n_found == 0 { 1 } else { n_found };
    work.batch.counts.items += n_understood - 1;
    if n_found == 0 {
        work.batch.counts.parts += 1;
    }
}

/// Severities in their order.
pub(crate) fn rank(severity: &str) -> u8 {
    match severity {
        "low" => 0,
        "medium" => 1,
        "high" => 2,
        _ => 3,
    }
}

fn is_wanted(findings: &Findings, item: &Nested<'_>) -> bool {
    findings.only.iter().all(|(place, texts)| {
        let own = item.text(place).unwrap_or_default();
        texts.iter().any(|it| it.eq_ignore_ascii_case(&own))
    })
}

/// Adds one finding; whether it had an id.
fn add(
    work: &mut Work<'_, '_>,
    format: &FindingFormat,
    findings: &Findings,
    item: &Nested<'_>,
) -> bool {
    let parts: Vec<String> = findings.id.iter().filter_map(|place| item.text(place)).collect();
    if parts.is_empty() {
        work.batch.counts.items += 1;
        work.leave_out(format!("a finding of {} without an id", format.id));
        return false;
    }
    let id = format!("finding:{}:{}", format.id, parts.join("|"));
    let title = item.first(&findings.title).unwrap_or_else(|| parts.join(" "));
    let own = item.first(&findings.severity);
    let mut doc = Map::new();
    doc.insert("source".to_owned(), Json::from(format.id.as_str()));
    doc.insert("title".to_owned(), Json::from(title.as_str()));
    doc.insert("severity".to_owned(), Json::from(format.severity(own.as_deref())));
    if let Some(date) = item.first(&findings.date) {
        doc.insert("date".to_owned(), Json::from(date));
    }
    for (name, place) in &findings.fields {
        let value = match item.all(place).as_slice() {
            [] => continue,
            [one] => (*one).clone(),
            many => many.iter().map(|it| (*it).clone()).collect(),
        };
        doc.insert(name.clone(), value);
    }
    let affected = finding_format::affected(&findings.affects, item).map(|(by, value)| Affected {
        finding: id.clone(),
        by,
        value,
    });
    work.batch.affected.extend(affected);
    let mut json = json!(doc);
    scrub::scrub(&mut json);
    let identity = Identity { id, kind: work.text(findings.label.kind()), scope: work.text("") };
    let origin = work.origin(item.first(&findings.date).as_deref());
    let doc = work.encode(&json);
    let reading = Reading {
        name: title,
        region: None,
        tags: model::Tags::default(),
        also: Vec::new(),
        doc,
        origin,
    };
    work.add_reading(identity, reading);
    true
}
