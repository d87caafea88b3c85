//! A [`Diff`] for people: what would break, be mended, score otherwise.
//!
//! The same report serves a what-if and a commit. It counts everything and lists the worst of it:
//! a first import of a large estate breaks millions of assessments that nobody reads one by one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

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
    /// How long each list would be in full.
    pub counts: Counts,
    /// What becomes unhealthy; the most severe first. This list and the others hold the first
    /// [`MOST_LINES`].
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

/// How many lines there are in all; the lists hold at most [`MOST_LINES`] each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Of [`WhatIf::broken`].
    pub broken: u64,
    /// Of [`WhatIf::mended`].
    pub mended: u64,
    /// Of [`WhatIf::lost`].
    pub lost: u64,
    /// Of [`WhatIf::found`].
    pub found: u64,
    /// Of [`WhatIf::gone`].
    pub gone: u64,
    /// Of [`WhatIf::exempted`].
    pub exempted: u64,
    /// Of [`WhatIf::changed_under`].
    pub changed_under: u64,
}

/// Lines that a list of a report holds: the most severe, then by check and resource. More than
/// anybody reads, and little memory.
pub const MOST_LINES: usize = 1000;

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
    pub fn report(&self, before: Option<&Graph>, after: &Graph, assessor: &Assessor) -> WhatIf {
        let namer = Namer { diff: self, before, after, assessor, meta: MetaKeys::new(after) };
        let ranks = namer.ranks();
        let [mut broken, mut mended, mut lost, mut found, mut gone] = [const { Worst::new() }; 5];
        for flip in self.flips() {
            let list = match flip.kind() {
                FlipKind::Broken => &mut broken,
                FlipKind::Mended => &mut mended,
                FlipKind::Lost => &mut lost,
                FlipKind::Found => &mut found,
                FlipKind::Other if is_gone(&flip) => &mut gone,
                FlipKind::Other => continue,
            };
            let rank = ranks.get(flip.check.index()).copied().unwrap_or(u32::MAX);
            list.add(rank, namer.id(flip.node), flip);
        }
        WhatIf {
            evaluated: self.n_evaluated,
            counts: Counts {
                broken: broken.n,
                mended: mended.n,
                lost: lost.n,
                found: found.n,
                gone: gone.n,
                exempted: self.exempted.len() as u64,
                changed_under: self.changed_under.len() as u64,
            },
            broken: broken.lines(&namer),
            mended: mended.lines(&namer),
            lost: lost.lines(&namer),
            found: found.lines(&namer),
            gone: gone.lines(&namer),
            before: self.score.0,
            after: self.score.1,
            scopes: self.scores.iter().map(ScopeLine::of).collect(),
            standings: self.standings.clone(),
            exempted: namer.exempted(),
            changed_under: namer.changed_under(),
        }
    }
}

/// A line that is not written yet, by how bad it is.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry<'a> {
    rank: u32,
    resource: &'a str,
    at: usize,
}

/// The worst of many flips, and how many there are.
struct Worst<'a> {
    n: u64,
    heap: BinaryHeap<Entry<'a>>,
    flips: Vec<Flip>,
}

impl<'a> Worst<'a> {
    const fn new() -> Self {
        Self { n: 0, heap: BinaryHeap::new(), flips: Vec::new() }
    }

    fn add(&mut self, rank: u32, resource: &'a str, flip: Flip) {
        self.n += 1;
        if self.flips.len() < MOST_LINES {
            self.heap.push(Entry { rank, resource, at: self.flips.len() });
            self.flips.push(flip);
            return;
        }
        // The first is the least bad of those that are kept: a worse one takes its place.
        if let Some(mut first) = self.heap.peek_mut()
            && (rank, resource) < (first.rank, first.resource)
        {
            let at = first.at;
            *first = Entry { rank, resource, at };
            if let Some(place) = self.flips.get_mut(at) {
                *place = flip;
            }
        }
    }

    fn lines(self, namer: &Namer<'_>) -> Vec<ChangeLine> {
        let sorted = self.heap.into_sorted_vec();
        let flips = sorted.iter().filter_map(|it| self.flips.get(it.at));
        flips.map(|it| namer.line(it)).collect()
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
    assessor: &'a Assessor,
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

    fn id(&self, node: lang::NodeId) -> &str {
        self.meta.id(self.graph(node), node)
    }

    /// By number of a check: its place among all, the most severe first, then by id.
    fn ranks(&self) -> Vec<u32> {
        let severity: BTreeMap<&str, Severity> =
            self.assessor.checks().iter().map(|it| (&*it.check.id, it.check.severity)).collect();
        let entries = self.diff.catalogue().entries().iter().enumerate();
        let mut order: Vec<_> =
            entries.map(|(at, it)| (Reverse(severity.get(&*it.id)), &*it.id, at)).collect();
        order.sort_unstable();
        let mut ranks = vec![u32::MAX; order.len()];
        for (rank, (_, _, at)) in order.into_iter().enumerate() {
            if let Some(place) = ranks.get_mut(at) {
                *place = rank as u32;
            }
        }
        ranks
    }

    fn exempted(&self) -> Vec<ExemptLine> {
        let all = self.diff.exempted.iter().take(MOST_LINES);
        all.map(|it| {
            let (exemption, category) = it.after.unzip();
            let (check, resource) = (self.check(it.check), self.id(it.node).to_owned());
            ExemptLine { check, resource, exemption, category }
        })
        .collect()
    }

    fn changed_under(&self) -> Vec<ExemptLine> {
        let all = self.diff.changed_under.iter().take(MOST_LINES);
        all.map(|it| {
            let (check, resource) = (self.check(it.check), self.id(it.node).to_owned());
            ExemptLine { check, resource, exemption: Some(it.exemption), category: None }
        })
        .collect()
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

impl ScopeLine {
    /// What changed in a scope.
    pub fn of(change: &ScoreChange) -> Self {
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
        Self {
            scope: change.scope.clone(),
            before: percent(&change.before),
            after: percent(&change.after),
            controls: lines.filter(|it| it.before != it.after).collect(),
        }
    }
}
