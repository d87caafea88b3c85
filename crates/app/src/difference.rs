//! What a step makes of the state, for people and as JSON: the answer of `import` and `what-if`.

use std::io::{self, Write};

use posture::WhatIf;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::remote::{array, number, renamed, text};
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
}

/// Whether lists of a difference hold less than there is.
pub(crate) fn is_cut(difference: &Json) -> bool {
    let counts = difference.get("counts").unwrap_or(&Json::Null);
    let names = ["broken", "mended", "lost", "found", "gone"];
    names.iter().any(|it| number(counts, it) > MAX_LINES as u64)
}

/// A difference, for people.
pub(crate) fn write(difference: &Json, out: &mut dyn Write) -> io::Result<()> {
    let resources = difference.get("resources").unwrap_or(&Json::Null);
    let n = |name: &str| number(resources, name);
    writeln!(
        out,
        "{}, {} changed, {} gone, {} as they were; {} evaluated",
        counted(n("added"), "new resource"),
        n("changed"),
        n("gone"),
        n("unchanged"),
        counted(number(difference, "evaluated"), "assessment")
    )?;
    scores(difference, out)?;
    lines(difference, "broken", "broken", out)?;
    lines(difference, "mended", "mended", out)?;
    lines(difference, "lost", "can no longer be judged", out)?;
    lines(difference, "found", "can be judged now, and is not unhealthy", out)?;
    lines(difference, "gone", "was unhealthy and went with its resource", out)?;
    standings(difference, out)?;
    let under = array(difference, "changedUnder");
    for it in under.iter().take(MAX_LINES) {
        let (exemption, resource) = (number(it, "exemption"), single_line(text(it, "resource")));
        let check = text(it, "check");
        writeln!(out, "look again at exemption {exemption}: {check} on {resource} changed")?;
    }
    more(count(difference, "changedUnder"), under.len(), out)
}

fn count(difference: &Json, name: &str) -> u64 {
    difference.get("counts").map_or(0, |it| number(it, name))
}

fn scores(answer: &Json, out: &mut dyn Write) -> io::Result<()> {
    let percent = |name: &str| {
        let percent = answer.get(name).and_then(|it| it.get("percent")?.as_f64());
        percent.map_or_else(|| "none".to_owned(), |it| format!("{it:.1} %"))
    };
    writeln!(out, "secure score {} -> {}", percent("before"), percent("after"))
}

fn lines(difference: &Json, name: &str, what: &str, out: &mut dyn Write) -> io::Result<()> {
    let (n, worst) = (count(difference, name), array(difference, name));
    if n == 0 {
        return Ok(());
    }
    writeln!(out, "{} {what}", counted(n, "assessment"))?;
    for it in worst.iter().take(MAX_LINES) {
        let (severity, check) = (text(it, "severity"), text(it, "check"));
        writeln!(out, "  {severity:<8} {check}  {}", single_line(text(it, "resource")))?;
    }
    more(n, worst.len(), out)
}

/// Says how many lines were left out of `n`, of which at most `listed` were printed.
fn more(n: u64, listed: usize, out: &mut dyn Write) -> io::Result<()> {
    let left = n.saturating_sub(listed.min(MAX_LINES) as u64);
    if left > 0 {
        writeln!(out, "  ... and {left} more")?;
    }
    Ok(())
}

/// What the interface says that fixing something would be worth, as it is printed.
pub(crate) fn fixed_of(found: &Json) -> Json {
    let ends = |it: &Json, names: &[&str]| {
        let names: Vec<(&str, &str)> = names.iter().map(|it| (*it, *it)).collect();
        renamed(it, &names)
    };
    let all = |it: &Json, name: &str, names: &[&str]| {
        array(it, name).iter().map(|it| ends(it, names)).collect::<Vec<_>>()
    };
    let scope = |it: &Json| {
        let mut scope = ends(it, &["scope", "before", "after"]);
        if let Json::Object(map) = &mut scope {
            let controls = all(it, "controls", &["control", "before", "after"]);
            map.insert("controls".to_owned(), controls.into());
        }
        scope
    };
    json!({
        "changed": found.get("changed"),
        "fixed": found.get("fixed"),
        "assessments": all(found, "assessments", &["check", "resource", "name", "before", "after"]),
        "before": found.get("before"),
        "after": found.get("after"),
        "scopes": array(found, "scopes").iter().map(scope).collect::<Vec<_>>(),
        "standings": all(found, "standings", &["standard", "requirement", "before", "after"]),
    })
}

/// What it would be worth to fix something, for people.
pub(crate) fn write_fixed(answer: &Json, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} would count as healthy", counted(number(answer, "fixed"), "assessment"))?;
    scores(answer, out)?;
    let shown = |it: &Json, name: &str, form: &dyn Fn(f64) -> String| {
        it.get(name).and_then(Json::as_f64).map_or_else(|| "none".to_owned(), form)
    };
    let share = |it: f64| format!("{it:.1} %");
    let points = |it: f64| format!("{it:.2}");
    let scopes = array(answer, "scopes");
    for it in scopes.iter().take(MAX_LINES) {
        let scope = single_line(short_scope(text(it, "scope")));
        writeln!(
            out,
            "{scope}: {} -> {}",
            shown(it, "before", &share),
            shown(it, "after", &share)
        )?;
        for it in array(it, "controls") {
            let (before, after) = (shown(it, "before", &points), shown(it, "after", &points));
            writeln!(out, "  {}: {before} -> {after} points", text(it, "control"))?;
        }
    }
    if scopes.len() > MAX_LINES {
        writeln!(out, "... and {} more scopes", scopes.len() - MAX_LINES)?;
    }
    standings(answer, out)
}

fn standings(answer: &Json, out: &mut dyn Write) -> io::Result<()> {
    for it in array(answer, "standings") {
        let (standard, requirement) = (text(it, "standard"), text(it, "requirement"));
        let (before, after) = (text(it, "before"), text(it, "after"));
        writeln!(out, "{standard} {requirement}: {before} -> {after}")?;
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
