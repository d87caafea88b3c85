//! What a step makes of the state, for people and as JSON: the answer of `import` and `what-if`.

use std::io::{self, Write};

use posture::{ChangeLine, Score, WhatIf};
use serde::Serialize;

use crate::report::{counted, single_line};
use crate::tenant::{Step, Tenant};

/// Lines that are printed of each list; the JSON has all.
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
        let percent = |it: Option<Score>| {
            it.map_or_else(|| "none".to_owned(), |it| format!("{:.1} %", it.percent))
        };
        writeln!(out, "secure score {} -> {}", percent(report.before), percent(report.after))?;
        lines(&report.broken, "broken", out)?;
        lines(&report.mended, "mended", out)?;
        lines(&report.lost, "can no longer be judged", out)?;
        lines(&report.found, "can be judged now, and is not unhealthy", out)?;
        lines(&report.gone, "was unhealthy and went with its resource", out)?;
        for it in &report.standings {
            let (standard, requirement) = (&it.standard, &it.requirement);
            writeln!(out, "{standard} {requirement}: {:?} -> {:?}", it.before, it.after)?;
        }
        for it in &report.changed_under {
            let number = it.exemption.unwrap_or_default();
            let resource = single_line(&it.resource);
            writeln!(out, "look again at exemption {number}: {} on {resource} changed", it.check)?;
        }
        Ok(())
    }
}

fn lines(all: &[ChangeLine], what: &str, out: &mut dyn Write) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "{} {what}", counted(all.len() as u64, "assessment"))?;
    for it in all.iter().take(MAX_LINES) {
        let severity = it.severity.map_or("", model::Severity::name);
        writeln!(out, "  {severity:<8} {}  {}", it.check, single_line(&it.resource))?;
    }
    if all.len() > MAX_LINES {
        writeln!(out, "  ... and {} more", all.len() - MAX_LINES)?;
    }
    Ok(())
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
