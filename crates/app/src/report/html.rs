//! The report as one HTML file: opens anywhere, prints well, asks the network for nothing.
//!
//! No script: folding is `<details>`, themes are the reader's `prefers-color-scheme`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use posture::{Recommendation, RequirementState, Standing};

use super::junit::escape;
use super::style::counted;
use super::{Report, short_scope};

/// Resources that are listed for each recommendation; the JSON report has all.
const MAX_RESOURCES: usize = 100;
/// Lines of the lists of gaps and problems.
const MAX_LINES: usize = 100;

const STYLE: &str = include_str!("html/report.css");

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let out = &mut out;
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>Security posture, {}</title><style>{STYLE}</style></head><body>\n",
        escape(&report.facts.as_of)
    )?;
    head(report, out)?;
    writeln!(out, "<main>")?;
    scopes(report, out)?;
    recommendations(report, out)?;
    controls(report, out)?;
    standards(report, out)?;
    inventory(report, out)?;
    unknowns(report, out)?;
    problems(report, out)?;
    write!(out, "</main>\n<footer>Made by Merlon {}. ", env!("CARGO_PKG_VERSION"))?;
    writeln!(
        out,
        "A verdict stands on the documents that were read; what was not read is unknown, never healthy.</footer></body></html>"
    )?;
    out.flush()
}

fn head(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let facts = report.facts;
    let open = report.open_recommendations();
    writeln!(out, "<header><p class=\"brand\">Merlon</p><h1>Security posture</h1>")?;
    writeln!(
        out,
        "<p class=\"sub\">{} in {}, judged {}</p><div class=\"tiles\">",
        counted(facts.n_resources, "resource"),
        counted(report.posture.scopes.len() as u64, "scope"),
        escape(&facts.as_of)
    )?;
    match report.posture.score {
        Some(score) => writeln!(
            out,
            "<div class=\"tile score\"><b>{:.0} %</b><span>secure score</span>\
             <meter min=\"0\" max=\"100\" value=\"{:.1}\"></meter>\
             <small>{:.1} of {:.0} points, {:.0} % assessed</small></div>",
            score.percent, score.percent, score.current, score.max, score.assessed_percent
        )?,
        None => writeln!(
            out,
            "<div class=\"tile score\"><b>none</b><span>secure score</span><small>nothing could be judged</small></div>"
        )?,
    }
    let mut by_severity: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for item in &open {
        let entry = by_severity.entry(item.check.severity).or_default();
        entry.0 += 1;
        entry.1 += item.unhealthy.len();
    }
    for (severity, (checks, resources)) in by_severity.iter().rev() {
        let name = severity.name();
        writeln!(
            out,
            "<div class=\"tile {name}\"><b>{resources}</b><span>{name}</span><small>in {}</small></div>",
            counted(*checks as u64, "recommendation")
        )?;
    }
    writeln!(out, "</div></header>")
}

fn scopes(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let scopes = report.scopes_by_score();
    if scopes.len() < 2 {
        return Ok(());
    }
    writeln!(
        out,
        "<section><h2>Scopes</h2><table><thead><tr><th>Scope</th><th class=\"n\">Score</th><th></th><th class=\"n\">Weight</th><th class=\"n\">Assessed</th></tr></thead><tbody>"
    )?;
    for (scope, score) in scopes.iter().take(MAX_LINES) {
        writeln!(
            out,
            "<tr><td title=\"{}\">{}</td><td class=\"n\">{:.0} %</td><td><meter min=\"0\" max=\"100\" value=\"{:.1}\"></meter></td><td class=\"n\">{}</td><td class=\"n\">{:.0} %</td></tr>",
            escape(&scope.scope),
            escape(short_scope(&scope.scope)),
            score.percent,
            score.percent,
            scope.weight,
            score.assessed_percent
        )?;
    }
    writeln!(out, "</tbody></table>")?;
    more(out, scopes.len(), MAX_LINES, "scopes")?;
    writeln!(out, "</section>")
}

fn more(out: &mut dyn Write, n_all: usize, limit: usize, what: &str) -> io::Result<()> {
    match n_all.checked_sub(limit) {
        Some(rest) if rest > 0 => {
            writeln!(out, "<p class=\"more\">and {rest} more {what}; the JSON report lists all</p>")
        }
        _ => Ok(()),
    }
}

fn recommendations(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section><h2>Fix first</h2>")?;
    let open = report.open_recommendations();
    if open.is_empty() {
        writeln!(out, "<p>Nothing that could be judged is unhealthy.</p>")?;
    }
    for item in &open {
        recommendation(report, item, out)?;
    }
    writeln!(out, "</section>")
}

fn recommendation(
    report: &Report<'_>,
    item: &Recommendation<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let check = item.check;
    let severity = check.severity.name();
    writeln!(
        out,
        "<details class=\"item\" id=\"{id}\"><summary><span class=\"badge {severity}\">{severity}</span> <span class=\"title\">{}</span> <span class=\"count\">{} of {}</span></summary>",
        escape(&check.title),
        item.counts.unhealthy,
        item.counts.healthy + item.counts.unhealthy,
        id = escape(&check.id),
    )?;
    writeln!(out, "<p>{}</p>", escape(&check.why))?;
    if !check.fix.steps.is_empty() {
        writeln!(out, "<h4>Fix</h4><ol>")?;
        for step in &check.fix.steps {
            writeln!(out, "<li>{}</li>", escape(step))?;
        }
        writeln!(out, "</ol>")?;
    }
    if !check.fix.cli.0.is_empty() {
        writeln!(out, "<pre>{}</pre>", escape(&check.fix.cli.0.join("\n")))?;
    }
    writeln!(out, "<table><thead><tr><th>Resource</th><th>Found</th></tr></thead><tbody>")?;
    for node in item.unhealthy.iter().take(MAX_RESOURCES) {
        let resource = report.posture.resource(*node);
        write!(
            out,
            "<tr><td><b>{}</b><br><small>{}</small></td><td>",
            escape(resource.name),
            escape(resource.id)
        )?;
        for proof in report.posture.evidence(check, *node).iter().take(8) {
            let at = proof.resource.as_deref().map(|it| format!("{it} ")).unwrap_or_default();
            let value = super::style::fit(&proof.value.to_string(), 300);
            write!(
                out,
                "<div><small>{}</small><code>{} = {}</code></div>",
                escape(&at),
                escape(&proof.path),
                escape(&value)
            )?;
        }
        writeln!(out, "</td></tr>")?;
    }
    writeln!(out, "</tbody></table>")?;
    more(out, item.unhealthy.len(), MAX_RESOURCES, "resources")?;
    let standards: Vec<String> = check
        .standards
        .iter()
        .map(|(standard, ids)| format!("{standard} {}", ids.join(", ")))
        .collect();
    write!(
        out,
        "<p class=\"meta\"><code>{}</code>{}{}",
        escape(&check.id),
        if standards.is_empty() { "" } else { ". " },
        escape(&standards.join("; "))
    )?;
    write!(out, ". Cannot see: {}", escape(check.blind_spots.trim_end_matches('.')))?;
    for reference in &check.references {
        write!(out, ". <a href=\"{0}\" rel=\"noreferrer\">{0}</a>", escape(&reference.url))?;
    }
    writeln!(out, "</p></details>")
}

fn controls(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section><h2>Controls</h2><table><thead><tr><th>Control</th><th class=\"n\">Points</th><th class=\"n\">Healthy</th><th class=\"n\">Unhealthy</th><th></th></tr></thead><tbody>"
    )?;
    for (control, healthy, unhealthy) in report.judged_controls() {
        let share = healthy as f64 * 100.0 / (healthy + unhealthy) as f64;
        writeln!(
            out,
            "<tr><td>{}</td><td class=\"n\">{:.0}</td><td class=\"n\">{healthy}</td><td class=\"n\">{unhealthy}</td><td><meter min=\"0\" max=\"100\" value=\"{share:.1}\"></meter></td></tr>",
            escape(&control.title),
            control.points
        )?;
    }
    writeln!(out, "</tbody></table></section>")
}

fn standards(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section><h2>Standards</h2>")?;
    for standing in &report.posture.standings {
        if standing.passed + standing.failed + standing.unknown > 0 {
            standard(standing, out)?;
        }
    }
    writeln!(out, "</section>")
}

fn standard(standing: &Standing, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<details class=\"item\"><summary><span class=\"title\">{}</span> <span class=\"count\">{} passed, {} failed, {} unknown, {} without resources, {} manual</span></summary><table><thead><tr><th>Requirement</th><th></th><th>State</th><th class=\"n\">Unhealthy</th><th class=\"n\">Unknown</th></tr></thead><tbody>",
        escape(&standing.title),
        standing.passed,
        standing.failed,
        standing.unknown,
        standing.not_assessed,
        standing.manual
    )?;
    for requirement in &standing.requirements {
        let (class, state) = match requirement.state {
            RequirementState::Passed => ("passed", "passed"),
            RequirementState::Failed => ("failed", "failed"),
            RequirementState::Unknown => ("unknown", "unknown"),
            RequirementState::NotAssessed => ("none", "no resources"),
            RequirementState::Manual => ("none", "manual"),
        };
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td><span class=\"state {class}\">{state}</span></td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&requirement.id),
            escape(&requirement.title),
            requirement.unhealthy,
            requirement.unknown
        )?;
    }
    writeln!(out, "</tbody></table></details>")
}

fn inventory(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let facts = report.facts;
    writeln!(
        out,
        "<section><h2>Inventory</h2><details class=\"item\"><summary><span class=\"title\">{} resources of {} kinds</span> <span class=\"count\">{} of types that no kind file describes</span></summary><table><tbody>",
        facts.n_resources,
        facts.kinds.len(),
        facts.n_generic
    )?;
    for kind in &facts.kinds {
        let generic = if kind.is_generic { " <small>(generic)</small>" } else { "" };
        writeln!(
            out,
            "<tr><td>{}{generic}</td><td class=\"n\">{}</td></tr>",
            escape(&kind.title),
            kind.count
        )?;
    }
    writeln!(out, "</tbody></table></details></section>")
}

fn unknowns(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let reasons = report.unknown_reasons();
    if reasons.is_empty() {
        return Ok(());
    }
    let n_all: usize = reasons.iter().map(|it| it.1).sum();
    writeln!(
        out,
        "<section><h2>Not judged</h2><details class=\"item\"><summary><span class=\"title\">{n_all} assessments are unknown</span></summary><table><tbody>"
    )?;
    for (why, count) in reasons.iter().take(MAX_LINES) {
        let text = escape(why);
        writeln!(out, "<tr><td class=\"n\">{count}</td><td>{text}</td></tr>")?;
    }
    writeln!(out, "</tbody></table>")?;
    more(out, reasons.len(), MAX_LINES, "reasons")?;
    writeln!(out, "</details></section>")
}

fn problems(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let problems = &report.facts.problems;
    if problems.is_empty() {
        return Ok(());
    }
    let n_items: u64 = problems.iter().map(|it| it.count).sum();
    writeln!(
        out,
        "<section><h2>Problems</h2><details class=\"item\"><summary><span class=\"title\">{n_items} items were not understood</span></summary><table><tbody>"
    )?;
    for problem in problems.iter().take(MAX_LINES) {
        writeln!(
            out,
            "<tr><td class=\"n\">{}</td><td>{}<br><small>{}</small></td></tr>",
            problem.count,
            escape(&problem.reason),
            escape(&problem.file)
        )?;
    }
    writeln!(out, "</tbody></table>")?;
    more(out, problems.len(), MAX_LINES, "problems")?;
    writeln!(out, "</details></section>")
}
