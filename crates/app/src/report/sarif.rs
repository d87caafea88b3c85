//! The report as SARIF 2.1.0: each check is a rule, each unhealthy resource a result.
//!
//! Resources have no file and line; their id is the logical location, and the location that
//! viewers need is the id as a URI below `merlon:`.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0" (2020-03-27).

use std::io::{self, Write};

use model::Severity;
use serde_json::{Value as Json, json};

use super::Report;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = io::BufWriter::new(&mut *out);
    let open = report.open_recommendations();
    let rules: Vec<Json> = open
        .iter()
        .map(|it| {
            let check = it.check;
            json!({
                "id": check.id,
                "name": check.id,
                "shortDescription": { "text": check.title },
                "fullDescription": { "text": check.why },
                "help": { "text": help(check) },
                "helpUri": check.references.first().map(|it| &it.url),
                "defaultConfiguration": { "level": level(check.severity) },
                "properties": {
                    "tags": ["security", check.control],
                    "security-severity": security_severity(check.severity),
                },
            })
        })
        .collect();
    let results: Vec<Json> = open
        .iter()
        .enumerate()
        .flat_map(|(idx, it)| it.unhealthy.iter().map(move |node| (idx, it, *node)))
        .map(|(idx, it, node)| {
            let resource = report.posture.resource(node);
            let proof: Vec<String> = report
                .posture
                .evidence(it.check, node)
                .iter()
                .map(|it| format!("{} = {}", it.path, it.value))
                .collect();
            json!({
                "ruleId": it.check.id,
                "ruleIndex": idx,
                "level": level(it.check.severity),
                "message": { "text": format!("{}: {}. {}", resource.name, it.check.title, proof.join("; ")) },
                "locations": [{
                    "physicalLocation": { "artifactLocation": { "uri": uri(resource.id) }, "region": { "startLine": 1 } },
                    "logicalLocations": [{ "fullyQualifiedName": resource.id, "kind": "resource" }],
                }],
                "partialFingerprints": { "resource/v1": format!("{}/{}", it.check.id, resource.id) },
            })
        })
        .collect();
    let sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Merlon",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "results": results,
        }],
    });
    serde_json::to_writer(&mut writer, &sarif)?;
    writer.flush()?;
    drop(writer);
    writeln!(out)
}

fn help(check: &content::Check) -> String {
    let cli = check.fix.cli.0.join("\n");
    format!("{}\n\nFix: {}\n{cli}", check.why, check.fix.steps.join(" "))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The number by which code scanning sorts: the middle of the CVSS band of that name.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

/// The id as a relative URI: what RFC 3986 does not allow in a path is percent-encoded.
fn uri(id: &str) -> String {
    let mut uri = String::from("merlon");
    uri.push('/');
    for byte in id.trim_start_matches('/').bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let digit =
                |value: u8| char::from_digit(value.into(), 16).unwrap_or('0').to_ascii_uppercase();
            uri.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn odd_characters_of_ids_are_encoded() {
        assert_eq!(uri("//a.com/b c:d"), "merlon/a.com/b%20c%3Ad");
    }
}
