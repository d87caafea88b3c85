//! The report as CSV (RFC 4180): one row for each unhealthy or unknown assessment.

use std::io::{self, Write};

use posture::risk::Risk;

use super::Report;
use crate::risk::words;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    row(
        &mut out,
        &[
            "check", "title", "severity", "verdict", "resource", "name", "kind", "scope", "region",
            "evidence", "risk", "factors",
        ],
    )?;
    for item in report.posture.recommendations() {
        let check = item.check;
        let mut line = |verdict: &str, node, evidence: &str, risk: Option<&Risk>| {
            let factors: Vec<&str> =
                risk.iter().flat_map(|it| &it.factors).map(|it| words(*it)).collect();
            let it = report.posture.resource(node);
            let severity = check.severity.name();
            row(
                &mut out,
                &[
                    &check.id,
                    &check.title,
                    severity,
                    verdict,
                    it.id,
                    it.name,
                    it.kind,
                    it.scope,
                    it.region,
                    evidence,
                    risk.map_or("", |it| it.level.name()),
                    &factors.join(", "),
                ],
            )
        };
        for node in item.unhealthy {
            let evidence: Vec<String> = report
                .posture
                .evidence(check, *node)
                .iter()
                .map(|it| format!("{} = {}", it.path, it.value))
                .collect();
            let risk = report.risks.of(*node, check.severity);
            line("unhealthy", *node, &evidence.join("; "), Some(&risk))?;
        }
        let reasons = report.posture.reasons(check, &report.facts.gaps);
        for (node, why) in item.unknown {
            line("unknown", *node, &reasons.describe(*node, *why), None)?;
        }
    }
    out.flush()
}

fn row(out: &mut dyn Write, cells: &[&str]) -> io::Result<()> {
    for (i, text) in cells.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(out, "{comma}{}", field(text))?;
    }
    out.write_all(b"\r\n")
}

/// A field that no spreadsheet runs as a formula and no comma splits.
pub(crate) fn field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !text.contains(['"', ',', '\n', '\r']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::field;

    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(field(text), want);
    }

    #[test]
    fn quotes_and_commas_are_quoted() {
        check("plain", "plain");
        check("a,\"b\"", "\"a,\"\"b\"\"\"");
    }

    #[test]
    fn formulas_are_disarmed() {
        check("=1+1", "\"'=1+1\"");
    }
}
