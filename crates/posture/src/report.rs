//! A [`Diff`] for people: what would break, be mended, score otherwise.
//!
//! The same report serves a what-if, a commit and the difference between two instants.

use graph::Graph;
use model::{Severity, Verdict};
use serde::Serialize;

use crate::assessor::{Assessor, MetaKeys};
use crate::diff::{Diff, Flip, FlipKind, ScoreChange, StandingChange};
use crate::exemption::Category;
use crate::score::Score;

/// What a delta changes, in words and figures.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WhatIf {
    /// Assessments that were evaluated to find out.
    pub evaluated: u64,
    /// What becomes unhealthy; the most severe first.
    pub broken: Vec<ChangeLine>,
    /// What was unhealthy and no longer is.
    pub mended: Vec<ChangeLine>,
    /// What can no longer be judged.
    pub lost: Vec<ChangeLine>,
    /// What could not be judged and is not unhealthy.
    pub found: Vec<ChangeLine>,
    /// What is unhealthy and goes with its resource or its check.
    pub gone: Vec<ChangeLine>,
    /// The score over all scopes before; null when nothing was judged.
    pub before: Option<Score>,
    /// The score over all scopes after.
    pub after: Option<Score>,
    /// Scopes whose score changes.
    pub scopes: Vec<ScopeLine>,
    /// Requirements whose state changes.
    pub standings: Vec<StandingChange>,
    /// Assessments that count otherwise because of an exemption.
    pub exempted: Vec<ExemptLine>,
    /// Exemptions whose resource changes.
    pub changed_under: Vec<ExemptLine>,
}

/// One assessment that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeLine {
    /// The check's id.
    pub check: String,
    /// Its title; empty when the content no longer has it.
    pub title: String,
    /// Its severity.
    pub severity: Option<Severity>,
    /// The resource's id.
    pub resource: String,
    /// Its name.
    pub name: String,
    /// The scope it is in.
    pub scope: String,
    /// The verdict before; null when there was none.
    pub before: Option<Verdict>,
    /// The verdict after; null when there is none.
    pub after: Option<Verdict>,
}

/// A scope whose score changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScopeLine {
    /// The scope's id.
    pub scope: String,
    /// Per cent before.
    pub before: Option<f64>,
    /// Per cent after.
    pub after: Option<f64>,
    /// The controls whose points change.
    pub controls: Vec<ControlLine>,
}

/// A control whose points change in a scope.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlLine {
    /// The control's id.
    pub control: String,
    /// Points before; null when it judged nothing.
    pub before: Option<f64>,
    /// Points after.
    pub after: Option<f64>,
}

/// An assessment that an exemption speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExemptLine {
    /// The check's id.
    pub check: String,
    /// The resource's id.
    pub resource: String,
    /// The exemption that counts, by its number; null when none counts any more.
    pub exemption: Option<u64>,
    /// How it counts.
    pub category: Option<Category>,
}

impl Diff {
    /// The report of this diff, which `after` made of `before`.
    pub fn report(&self, before: Option<&Graph>, after: &Graph, assessor: &Assessor<'_>) -> WhatIf {
        let namer = Namer { diff: self, before, after, assessor, meta: MetaKeys::new(after) };
        let mut report = WhatIf {
            evaluated: self.n_evaluated,
            broken: Vec::new(),
            mended: Vec::new(),
            lost: Vec::new(),
            found: Vec::new(),
            gone: Vec::new(),
            before: self.score.0,
            after: self.score.1,
            scopes: self.scores.iter().map(scope_line).collect(),
            standings: self.standings.clone(),
            exempted: Vec::new(),
            changed_under: Vec::new(),
        };
        for flip in self.flips() {
            let list = match flip.kind() {
                FlipKind::Broken => &mut report.broken,
                FlipKind::Mended => &mut report.mended,
                FlipKind::Lost => &mut report.lost,
                FlipKind::Found => &mut report.found,
                FlipKind::Other if is_gone(&flip) => &mut report.gone,
                FlipKind::Other => continue,
            };
            list.push(namer.line(&flip));
        }
        let lists = [&mut report.broken, &mut report.mended, &mut report.lost];
        for list in lists.into_iter().chain([&mut report.found, &mut report.gone]) {
            list.sort_by(|a, b| {
                let key = |it: &ChangeLine| (it.check.clone(), it.resource.clone());
                b.severity.cmp(&a.severity).then_with(|| key(a).cmp(&key(b)))
            });
        }
        for it in &self.exempted {
            let (check, resource) = (namer.check(it.check), namer.id(it.node));
            let (exemption, category) = it.after.unzip();
            report.exempted.push(ExemptLine { check, resource, exemption, category });
        }
        for it in &self.changed_under {
            let (check, resource) = (namer.check(it.check), namer.id(it.node));
            let exemption = Some(it.exemption);
            let line = ExemptLine { check, resource, exemption, category: None };
            report.changed_under.push(line);
        }
        report
    }
}

/// Whether an unhealthy assessment is no more.
fn is_gone(flip: &Flip) -> bool {
    let was_unhealthy = flip.before.is_some_and(|it| it.verdict == Verdict::Unhealthy);
    flip.after.is_none() && was_unhealthy
}

struct Namer<'a> {
    diff: &'a Diff,
    before: Option<&'a Graph>,
    after: &'a Graph,
    assessor: &'a Assessor<'a>,
    meta: MetaKeys,
}

impl Namer<'_> {
    fn check(&self, check: crate::CheckNumber) -> String {
        self.diff.catalogue().id(check).to_owned()
    }

    /// The graph that has a node: the one after where both have.
    fn graph(&self, node: lang::NodeId) -> &Graph {
        let before = self.before.filter(|_| !self.after.has_node(node));
        before.unwrap_or(self.after)
    }

    fn id(&self, node: lang::NodeId) -> String {
        self.meta.id(self.graph(node), node).to_owned()
    }

    fn line(&self, flip: &Flip) -> ChangeLine {
        let id = self.check(flip.check);
        let check = self.assessor.checks().iter().find(|it| it.check.id == id);
        let graph = self.graph(flip.node);
        ChangeLine {
            title: check.map(|it| it.check.title.clone()).unwrap_or_default(),
            severity: check.map(|it| it.check.severity),
            check: id,
            resource: self.meta.id(graph, flip.node).to_owned(),
            name: self.meta.name(graph, flip.node).to_owned(),
            scope: self.meta.scope(graph, flip.node).to_owned(),
            before: flip.before.map(|it| it.verdict),
            after: flip.after.map(|it| it.verdict),
        }
    }
}

fn scope_line(change: &ScoreChange) -> ScopeLine {
    let percent = |it: &Option<crate::ScopeScore>| Some(it.as_ref()?.score?.percent);
    let controls = |it: &Option<crate::ScopeScore>| {
        it.iter().flat_map(|it| it.controls.clone()).collect::<Vec<_>>()
    };
    let (before, after) = (controls(&change.before), controls(&change.after));
    let names = if after.is_empty() { &before } else { &after };
    let points = |list: &[crate::ControlScore], id: &str| {
        list.iter().find(|it| it.control == id).and_then(|it| it.current)
    };
    let lines = names.iter().map(|it| ControlLine {
        control: it.control.clone(),
        before: points(&before, &it.control),
        after: points(&after, &it.control),
    });
    ScopeLine {
        scope: change.scope.clone(),
        before: percent(&change.before),
        after: percent(&change.after),
        controls: lines.filter(|it| it.before != it.after).collect(),
    }
}
