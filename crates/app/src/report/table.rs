//! The report for people at a terminal: what they have, what to fix first, where they stand.

use std::collections::BTreeMap;
use std::io::{self, Write};

use posture::Recommendation;

use super::style::{bar, cell, clip, counted};
use super::{Report, severity_colour, short_scope, single_line};
use crate::risk::words;

/// Recommendations that are shown with an example.
const MAX_RECOMMENDATIONS: usize = 25;
/// Resources that are shown below each.
const MAX_EXAMPLES: usize = 2;
/// Columns before what stands below a recommendation.
const DETAIL_INDENT: usize = 11;
/// Scopes, kinds, gaps and problems that are listed.
const MAX_LINES: usize = 20;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    head(report, out)?;
    score(report, out)?;
    risk(report, out)?;
    recommendations(report, out)?;
    controls(report, out)?;
    standards(report, out)?;
    inventory(report, out)?;
    unknowns(report, out)?;
    problems(report, out)
}

fn heading(report: &Report<'_>, out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{}", report.style.bold(text))
}

fn head(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let facts = report.facts;
    let n_scopes = report.posture.scopes.len();
    let text = format!(
        "{} in {}",
        counted(facts.n_resources, "resource"),
        counted(n_scopes as u64, "scope")
    );
    writeln!(out, "{}  {text}  {}", report.style.bold("Merlon"), report.style.dim(&facts.as_of))
}

fn score(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    heading(report, out, "Secure score")?;
    let Some(total) = report.posture.score else {
        return writeln!(out, "  no score: no check with points could judge anything");
    };
    writeln!(
        out,
        "  {}  {}  {:.1} of {:.0} points, {:.0} % assessed",
        report.style.bold(&format!("{:>3.0} %", total.percent)),
        bar(total.percent, 20),
        total.current,
        total.max,
        total.assessed_percent
    )?;
    let scopes = report.scopes_by_score();
    if scopes.len() < 2 {
        return Ok(());
    }
    let width = report.style.width.saturating_sub(49).clamp(20, 48);
    for (scope, score) in scopes.iter().take(MAX_LINES) {
        writeln!(
            out,
            "  {:>3.0} %  {}  {}  weight {:>5}, {:>3.0} % assessed",
            score.percent,
            bar(score.percent, 8),
            cell(&single_line(short_scope(&scope.scope)), width),
            scope.weight,
            score.assessed_percent
        )?;
    }
    more(report, out, scopes.len(), "scopes")
}

fn more(report: &Report<'_>, out: &mut dyn Write, n_all: usize, what: &str) -> io::Result<()> {
    match n_all.checked_sub(MAX_LINES) {
        Some(rest) if rest > 0 => {
            writeln!(out, "  {}", report.style.dim(&format!("... and {rest} more {what}")))
        }
        _ => Ok(()),
    }
}

/// How far the worst is from what matters, beside how much of the good practice is followed.
fn risk(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let style = report.style;
    heading(report, out, "Risk-based score")?;
    if let Some(score) = report.risks.score {
        let open = score.open;
        let found = format!(
            "open: {} critical, {} high, {} medium, {} low",
            open.critical, open.high, open.medium, open.low
        );
        match score.percent {
            Some(percent) => writeln!(
                out,
                "  {}  {}  {found}",
                style.bold(&format!("{percent:>3.0} %")),
                bar(percent, 20)
            )?,
            None => writeln!(out, "  no score: nothing was judged")?,
        }
    }
    if let Some(limit) = &report.risks.limit {
        let text = format!("{limit}; risk rests on severity and on how critical resources are");
        writeln!(out, "  {}", style.dim(&text))?;
    }
    Ok(())
}

fn recommendations(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut all = report.by_risk();
    all.retain(|it| !it.unhealthy.is_empty());
    let n_unhealthy: usize = all.iter().map(|it| it.unhealthy.len()).sum();
    heading(
        report,
        out,
        &format!(
            "Fix first: {} in {}",
            counted(n_unhealthy as u64, "finding"),
            counted(all.len() as u64, "recommendation")
        ),
    )?;
    for item in all.iter().take(MAX_RECOMMENDATIONS) {
        recommendation(report, item, out)?;
    }
    if let Some(rest) = all.len().checked_sub(MAX_RECOMMENDATIONS).filter(|it| *it > 0) {
        let text = format!("... and {rest} more; --format json or html lists all");
        writeln!(out, "  {}", report.style.dim(&text))?;
    }
    Ok(())
}

fn recommendation(
    report: &Report<'_>,
    item: &Recommendation<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = report.style;
    let severity = item.check.severity;
    let judged = item.counts.healthy + item.counts.unhealthy;
    let share = format!("{} of {judged}", item.counts.unhealthy);
    let open = report.risks.open(item);
    let risk = open.highest().unwrap_or(severity);
    // Risk, share and title stand in columns.
    let indent = 2 + 8 + 1 + 12 + 1;
    let width = style.width.saturating_sub(indent);
    writeln!(
        out,
        "  {} {share:>12} {}",
        style.paint(severity_colour(risk), &format!("{:<8}", risk.name())),
        clip(&item.check.title, width),
    )?;
    let start = " ".repeat(DETAIL_INDENT);
    let width = style.width.saturating_sub(DETAIL_INDENT);
    let id = if severity == risk {
        item.check.id.clone()
    } else {
        format!("{} (severity {})", item.check.id, severity.name())
    };
    writeln!(out, "{start}{}", style.dim(&clip(&id, width)))?;
    let worst = report.risks.worst(item);
    let factors = worst.iter().flat_map(|it| &it.factors);
    let factors: Vec<&str> = factors.map(|it| words(*it)).collect();
    if !factors.is_empty() {
        let text =
            format!("{} of {risk}: {}", open.at(risk), factors.join(", "), risk = risk.name());
        writeln!(out, "{start}{}", clip(&text, width))?;
    }
    // Those at the highest risk show what is meant.
    let mut examples: Vec<_> = item.unhealthy.to_vec();
    examples.sort_by_cached_key(|it| std::cmp::Reverse(report.risks.of(*it, severity).level));
    for node in examples.iter().take(MAX_EXAMPLES) {
        let resource = report.posture.resource(*node);
        let evidence = report.posture.evidence(item.check, *node);
        let proof =
            evidence.first().map_or_else(String::new, |it| format!(": {} = {}", it.path, it.value));
        let line = single_line(&format!("{}{proof}", resource.name));
        writeln!(out, "{start}{}", clip(&line, width))?;
    }
    Ok(())
}

fn controls(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    heading(report, out, "Controls")?;
    for (control, healthy, unhealthy) in report.judged_controls() {
        writeln!(
            out,
            "  {:>2.0} points  {}  {healthy:>6} healthy {unhealthy:>6} unhealthy",
            control.points,
            cell(&control.title, report.style.width.saturating_sub(46).clamp(20, 44)),
        )?;
    }
    Ok(())
}

fn standards(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    heading(report, out, "Standards")?;
    for standing in &report.posture.standings {
        if standing.passed + standing.failed + standing.unknown == 0 {
            continue;
        }
        writeln!(
            out,
            "  {} {:>4} passed {:>4} failed {:>4} unknown {:>4} manual",
            cell(&standing.standard, report.style.width.saturating_sub(52).clamp(22, 40)),
            standing.passed,
            standing.failed,
            standing.unknown,
            standing.manual,
        )?;
    }
    Ok(())
}

fn inventory(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    heading(report, out, "Inventory")?;
    let (known, generic): (Vec<_>, Vec<_>) =
        report.facts.kinds.iter().partition(|it| !it.is_generic);
    for kind in known.iter().take(MAX_LINES) {
        writeln!(out, "  {:>7}  {}", kind.count, single_line(&kind.title))?;
    }
    more(report, out, known.len(), "kinds")?;
    if report.facts.n_generic > 0 {
        let share = report.facts.n_generic as f64 * 100.0 / report.facts.n_resources.max(1) as f64;
        writeln!(
            out,
            "  {:>7}  resources ({share:.0} %) of {} types that no kind file describes:",
            report.facts.n_generic,
            generic.len()
        )?;
        for kind in generic.iter().take(MAX_LINES) {
            writeln!(out, "  {:>7}    {}", kind.count, single_line(&kind.kind))?;
        }
        more(report, out, generic.len(), "types")?;
    }
    if report.facts.n_conflicts > 0 {
        let n = report.facts.n_conflicts;
        writeln!(out, "  {n:>7}  were read more than once with different content")?;
    }
    Ok(())
}

fn unknowns(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let reasons = report.unknown_reasons();
    if reasons.is_empty() {
        return Ok(());
    }
    let n_unknown: usize = reasons.iter().map(|it| it.1).sum();
    heading(report, out, &format!("Not judged: {n_unknown} assessments are unknown"))?;
    for (why, count) in reasons.iter().take(MAX_LINES) {
        let text = single_line(why);
        writeln!(out, "  {count:>7}  {}", clip(&text, report.style.width.saturating_sub(11)))?;
    }
    more(report, out, reasons.len(), "reasons")
}

fn problems(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.facts.problems.is_empty() {
        return Ok(());
    }
    let mut by_reason: BTreeMap<&str, (u64, &str, usize)> = BTreeMap::new();
    for problem in &report.facts.problems {
        let entry = by_reason.entry(&problem.reason).or_insert((0, &problem.file, 0));
        entry.0 += problem.count;
        entry.2 += 1;
    }
    let n_items: u64 = report.facts.problems.iter().map(|it| it.count).sum();
    heading(report, out, &format!("Problems: {n_items} items were not understood"))?;
    let mut reasons: Vec<_> = by_reason.into_iter().collect();
    reasons.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.cmp(b.0)));
    for (reason, (count, file, n_files)) in reasons.iter().take(MAX_LINES) {
        let others =
            if *n_files > 1 { format!(" and {} more files", n_files - 1) } else { String::new() };
        let width = report.style.width.saturating_sub(11);
        writeln!(out, "  {count:>7}  {}", clip(&single_line(reason), width))?;
        let place = clip(&single_line(&format!("{file}{others}")), width);
        writeln!(out, "           {}", report.style.dim(&place))?;
    }
    more(report, out, reasons.len(), "reasons")
}
