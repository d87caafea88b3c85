//! What a step makes of the state, for people and as JSON: the answer of `import` and `what-if`.

use std::io::{self, Write};

use posture::{ChangeLine, Score, StandingChange, WhatIf};
use serde::Serialize;

use crate::report::{counted, short_scope, single_line};
use crate::tenant::{Step, Tenant};

/// Lines that are printed of each list; the JSON has more.
const MAX_LINES: usize = 20;

/// What a step makes of the state.
#[derive(Debug, Serialize)]
pub(crate) struct Difference {
    pub(crate) resources: Resources,
    #[serde(flatten)]
    report: WhatIf,
}

/// Numbers of resources that are new, changed, gone, and as they were.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Resources {
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) gone: u64,
    pub(crate) unchanged: u64,
}

impl Difference {
    /// What `step` makes of `tenant`.
    pub(crate) fn new(tenant: &Tenant<'_>, step: &Step) -> Self {
        Self { resources: resources(tenant, step), report: tenant.report(step) }
    }

    /// Whether lists hold less than there is.
    pub(crate) fn is_cut(&self) -> bool {
        let it = self.report.counts;
        [it.broken, it.mended, it.lost, it.found, it.gone].iter().any(|it| *it > MAX_LINES as u64)
    }

    /// For people.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Resources { added, changed, gone, unchanged } = self.resources;
        let report = &self.report;
        writeln!(
            out,
            "{}, {changed} changed, {gone} gone, {unchanged} as they were; {} evaluated",
            counted(added, "new resource"),
            counted(report.evaluated, "assessment")
        )?;
        writeln!(out, "secure score {} -> {}", percent(report.before), percent(report.after))?;
        lines(report.counts.broken, &report.broken, "broken", out)?;
        lines(report.counts.mended, &report.mended, "mended", out)?;
        lines(report.counts.lost, &report.lost, "can no longer be judged", out)?;
        lines(report.counts.found, &report.found, "can be judged now, and is not unhealthy", out)?;
        lines(report.counts.gone, &report.gone, "was unhealthy and went with its resource", out)?;
        standings(&report.standings, out)?;
        for it in report.changed_under.iter().take(MAX_LINES) {
            let number = it.exemption.unwrap_or_default();
            let resource = single_line(&it.resource);
            writeln!(out, "look again at exemption {number}: {} on {resource} changed", it.check)?;
        }
        more(report.counts.changed_under, report.changed_under.len(), out)?;
        Ok(())
    }
}

fn lines(n: u64, worst: &[ChangeLine], what: &str, out: &mut dyn Write) -> io::Result<()> {
    if n == 0 {
        return Ok(());
    }
    writeln!(out, "{} {what}", counted(n, "assessment"))?;
    for it in worst.iter().take(MAX_LINES) {
        let severity = it.severity.map_or("", model::Severity::name);
        writeln!(out, "  {severity:<8} {}  {}", it.check, single_line(&it.resource))?;
    }
    more(n, worst.len(), out)
}

/// Says how many lines were left out of `n`, of which at most `listed` were printed.
fn more(n: u64, listed: usize, out: &mut dyn Write) -> io::Result<()> {
    let left = n - listed.min(MAX_LINES) as u64;
    if left > 0 {
        writeln!(out, "  ... and {left} more")?;
    }
    Ok(())
}

/// What it would be worth to fix something, for people.
pub(crate) fn write_fixed(answer: &view::Otherwise, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} would count as healthy", counted(answer.fixed, "assessment"))?;
    writeln!(out, "secure score {} -> {}", percent(answer.before), percent(answer.after))?;
    let points = |it: Option<f64>| it.map_or_else(|| "none".to_owned(), |it| format!("{it:.2}"));
    for it in answer.scopes.iter().take(MAX_LINES) {
        let share =
            |it: Option<f64>| it.map_or_else(|| "none".to_owned(), |it| format!("{it:.1} %"));
        let scope = single_line(short_scope(&it.scope));
        writeln!(out, "{scope}: {} -> {}", share(it.before), share(it.after))?;
        for it in &it.controls {
            let (control, before, after) = (&it.control, points(it.before), points(it.after));
            writeln!(out, "  {control}: {before} -> {after} points")?;
        }
    }
    if answer.scopes.len() > MAX_LINES {
        writeln!(out, "... and {} more scopes", answer.scopes.len() - MAX_LINES)?;
    }
    standings(&answer.standings, out)
}

fn standings(all: &[StandingChange], out: &mut dyn Write) -> io::Result<()> {
    for it in all {
        let (before, after) = (it.before.name(), it.after.name());
        writeln!(out, "{} {}: {before} -> {after}", it.standard, it.requirement)?;
    }
    Ok(())
}

fn percent(it: Option<Score>) -> String {
    it.map_or_else(|| "none".to_owned(), |it| format!("{:.1} %", it.percent))
}

/// Counts what the step does to resources; what stays as a stub is gone.
pub(crate) fn resources(tenant: &Tenant<'_>, step: &Step) -> Resources {
    let mut numbers = Resources { unchanged: step.changes.n_unchanged, ..Resources::default() };
    for it in &step.changes.put {
        let was_read = it.before.as_ref().is_some_and(|it| it.collected);
        let is_read = tenant.inventory.resource(it.number).is_some_and(|it| it.collected);
        match (was_read, is_read) {
            (false, true) => numbers.added += 1,
            (true, true) => numbers.changed += 1,
            (true, false) => numbers.gone += 1,
            (false, false) => {}
        }
    }
    let gone = step.changes.removed.iter().filter(|it| it.before.collected);
    numbers.gone += gone.count() as u64;
    numbers
}
