//! What a step makes of the state, for people and as JSON: the answer of `import` and `what-if`.

use std::io::{self, Write};

use content::Library;
use posture::{Flip, FlipKind, Score};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::report::{counted, single_line};
use crate::tenant::{Step, Tenant};

/// Flips that are printed of each kind; the JSON has all.
const MAX_LINES: usize = 20;

/// How often each kind of flip happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FlipCounts {
    /// Unhealthy, and was not.
    pub(crate) broken: u64,
    /// No longer unhealthy.
    pub(crate) mended: u64,
    /// Can no longer be judged.
    pub(crate) lost: u64,
    /// Can be judged again.
    pub(crate) found: u64,
}

/// A flip with names instead of numbers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NamedFlip {
    kind: FlipKind,
    check: String,
    severity: &'static str,
    resource: String,
    before: Option<&'static str>,
    after: Option<&'static str>,
}

/// What a step makes of the state.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Difference {
    /// Resources that are new, changed, gone, and as they were.
    pub(crate) resources: Resources,
    /// Assessments that were evaluated to find out.
    evaluated: u64,
    /// Assessments whose verdict changed, by kind.
    pub(crate) assessments: FlipCounts,
    flips: Vec<NamedFlip>,
    score: [Option<Score>; 2],
    scopes: Vec<Json>,
    requirements: Vec<posture::StandingChange>,
    /// Exempt assessments that depend on something that changed: (exemption, check, resource).
    changed_under_exemption: Vec<(u64, String, String)>,
}

/// Numbers of resources.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Resources {
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) gone: u64,
    pub(crate) unchanged: u64,
}

impl Difference {
    /// What `step` makes of `tenant`.
    pub(crate) fn new(library: &Library, tenant: &Tenant<'_>, step: &Step) -> Self {
        let name = |node| tenant.id_after(step, node).unwrap_or_default().to_owned();
        let catalogue = step.diff.catalogue();
        let mut flips: Vec<(model::Severity, NamedFlip)> = Vec::new();
        for flip in step.diff.flips() {
            let kind = flip.kind();
            if kind == FlipKind::Other {
                continue;
            }
            let check = catalogue.id(flip.check);
            let severity = library.check(check).map_or(model::Severity::Low, |it| it.severity);
            flips.push((
                severity,
                NamedFlip {
                    kind,
                    check: check.to_owned(),
                    severity: severity.name(),
                    resource: name(flip.node),
                    before: flip.before.map(|it| it.verdict.name()),
                    after: flip.after.map(|it| it.verdict.name()),
                },
            ));
        }
        flips.sort_by(|(a_severity, a), (b_severity, b)| {
            let key = |it: &NamedFlip| (it.kind, it.check.clone(), it.resource.clone());
            a.kind.cmp(&b.kind).then(b_severity.cmp(a_severity)).then_with(|| key(a).cmp(&key(b)))
        });
        let under = &step.diff.changed_under;
        Self {
            resources: resources(tenant, step),
            evaluated: step.diff.n_evaluated,
            assessments: count(step.diff.flips()),
            flips: flips.into_iter().map(|(_, it)| it).collect(),
            score: [step.diff.score.0, step.diff.score.1],
            scopes: step.diff.scores.iter().map(scope).collect(),
            requirements: step.diff.standings.clone(),
            changed_under_exemption: under
                .iter()
                .map(|it| (it.exemption, catalogue.id(it.check).to_owned(), name(it.node)))
                .collect(),
        }
    }

    /// For people.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Resources { added, changed, gone, unchanged } = self.resources;
        writeln!(
            out,
            "{}, {changed} changed, {gone} gone, {unchanged} as they were; {} evaluated",
            counted(added, "new resource"),
            counted(self.evaluated, "assessment")
        )?;
        let percent = |it: &Option<Score>| {
            it.map_or_else(|| "none".to_owned(), |it| format!("{:.1} %", it.percent))
        };
        let [before, after] = &self.score;
        writeln!(out, "secure score {} -> {}", percent(before), percent(after))?;
        for (kind, title) in [
            (FlipKind::Broken, "broken"),
            (FlipKind::Mended, "mended"),
            (FlipKind::Lost, "can no longer be judged"),
            (FlipKind::Found, "can be judged now, and is not unhealthy"),
        ] {
            self.write_flips(kind, title, out)?;
        }
        for it in &self.requirements {
            writeln!(
                out,
                "  {} {}: {:?} -> {:?}",
                it.standard, it.requirement, it.before, it.after
            )?;
        }
        for (exemption, check, resource) in &self.changed_under_exemption {
            let resource = single_line(resource);
            writeln!(out, "look again at exemption {exemption}: {check} on {resource} changed")?;
        }
        Ok(())
    }

    fn write_flips(&self, kind: FlipKind, title: &str, out: &mut dyn Write) -> io::Result<()> {
        let flips: Vec<&NamedFlip> = self.flips.iter().filter(|it| it.kind == kind).collect();
        if flips.is_empty() {
            return Ok(());
        }
        writeln!(out, "{} {title}", counted(flips.len() as u64, "assessment"))?;
        for it in flips.iter().take(MAX_LINES) {
            writeln!(out, "  {:<8} {}  {}", it.severity, it.check, single_line(&it.resource))?;
        }
        if flips.len() > MAX_LINES {
            writeln!(out, "  ... and {} more", flips.len() - MAX_LINES)?;
        }
        Ok(())
    }
}

fn scope(it: &posture::ScoreChange) -> Json {
    let score = |it: &Option<posture::ScopeScore>| {
        it.as_ref().map(|it| json!({ "score": it.score, "controls": it.controls }))
    };
    json!({ "scope": it.scope, "before": score(&it.before), "after": score(&it.after) })
}

fn resources(tenant: &Tenant<'_>, step: &Step) -> Resources {
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

/// Counts flips by kind.
pub(crate) fn count(flips: impl Iterator<Item = Flip>) -> FlipCounts {
    let mut counts = FlipCounts::default();
    for flip in flips {
        match flip.kind() {
            FlipKind::Broken => counts.broken += 1,
            FlipKind::Mended => counts.mended += 1,
            FlipKind::Lost => counts.lost += 1,
            FlipKind::Found => counts.found += 1,
            FlipKind::Other => {}
        }
    }
    counts
}
