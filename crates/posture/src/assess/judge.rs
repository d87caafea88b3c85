//! Judging: one resource after the other, from its row before to its row after.

use std::ops::Range;

use lang::NodeId;

use super::plan::Item;
use super::{Part, Work};
use crate::active::Effects;
use crate::assessor::{BoundAssessor, MetaKeys};
use crate::diff::{ChangedUnder, ExemptionChange, RowChange};
use crate::exemption::Category;
use crate::ledger::row::{Assessment, CheckNumber, Row};
use crate::ledger::sums::ControlState;

/// Judges ranges of a [`Work`] on one thread.
pub struct Judge<'w> {
    work: &'w Work<'w>,
    bound: BoundAssessor<'w>,
    meta: MetaKeys,
    part: Part,
    // scratch space, kept from one resource to the next
    before: Vec<Assessment>,
    after: Vec<Assessment>,
    evaluated: Vec<CheckNumber>,
    states: Vec<ControlState>,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Judge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Judge({} evaluated)", self.part.n_evaluated)
    }
}

impl<'w> Judge<'w> {
    pub(super) fn new(work: &'w Work<'w>) -> Self {
        Self {
            work,
            bound: work.assessor.bind(work.graph, work.setting),
            meta: work.meta(),
            part: Part::default(),
            before: Vec::new(),
            after: Vec::new(),
            evaluated: Vec::new(),
            states: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// Judges a range of the resources.
    pub fn run(&mut self, range: Range<usize>) {
        for item in self.work.plan.items.get(range).unwrap_or_default() {
            self.resource(*item);
        }
    }

    /// What was found.
    pub fn finish(self) -> Part {
        self.part
    }

    fn resource(&mut self, item: Item) {
        let work = self.work;
        let node = item.node;
        let row = work.base.ledger.row(node);
        self.before.clear();
        self.before.extend(row.into_iter().flat_map(Row::assessments));
        let place =
            work.is_live(node).then(|| self.meta.kind_and_scope(work.graph, node)).flatten();
        self.after.clear();
        self.evaluated.clear();
        if let Some((kind, _)) = place {
            self.assess(item, kind);
        }
        let old_place = row.and(work.base.graph);
        let old_place = old_place.and_then(|graph| self.meta.kind_and_scope(graph, node));
        let scopes = (old_place.map(|it| it.1), place.map(|it| it.1));
        self.count(node, scopes);
        if self.before != self.after {
            let after = (!self.after.is_empty()).then(|| Row::pack(&self.after, &mut self.bytes));
            self.part.rows.push(RowChange { node, before: row.cloned(), after });
        }
    }

    /// Fills `after`: judged where the plan says so or nothing is known, else as before.
    fn assess(&mut self, item: Item, kind: &str) {
        let work = self.work;
        for position in work.assessor.of_kind(kind) {
            let Some(check) = work.scheme.numbers.get(*position as usize).copied() else {
                continue;
            };
            let known = self.before.binary_search_by_key(&check, |it| it.check);
            let known = known.ok().and_then(|at| self.before.get(at)).copied();
            let assessment = match known {
                Some(known) if !work.plan.has(item, *position) => known,
                known => {
                    let Some(outcome) = self.bound.judge(*position, item.node) else { continue };
                    self.part.n_evaluated += 1;
                    self.evaluated.push(check);
                    let flips_at = work.flips_at(*position, item.node, outcome);
                    Assessment::next(known.as_ref(), check, outcome, flips_at, work.sequence)
                }
            };
            self.after.push(assessment);
        }
        self.after.sort_unstable_by_key(|it| it.check);
    }

    /// Takes back what the resource counted and counts it anew.
    fn count(&mut self, node: NodeId, (old, new): (Option<&str>, Option<&str>)) {
        let work = self.work;
        let nothing = || work.before.none();
        let before = match (old, work.base.graph) {
            (Some(scope), Some(graph)) => work.before.on(graph, self.meta, node, scope),
            _ => nothing(),
        };
        let after = match new {
            Some(scope) => work.after.on(work.graph, self.meta, node, scope),
            None => nothing(),
        };
        let has_exemption = !(before.is_empty() && after.is_empty());
        if has_exemption {
            self.exemptions(node, &before, &after);
        }
        let is_same = !work.plan.replaces
            && !has_exemption
            && old == new
            && self.before.len() == self.after.len()
            && self.before.iter().zip(&self.after).all(|(a, b)| a.verdict == b.verdict);
        if is_same {
            return;
        }
        let Part { sums, .. } = &mut self.part;
        if let (Some(scope), false) = (old, work.plan.replaces) {
            let effect = |check| before.of(check);
            let scratch = (&effect as &dyn Fn(_) -> _, &mut self.states);
            sums.add(-1, &work.base.ledger.scheme, scope, &self.before, scratch);
        }
        if let Some(scope) = new {
            let effect = |check| after.of(check);
            let scratch = (&effect as &dyn Fn(_) -> _, &mut self.states);
            sums.add(1, &work.scheme, scope, &self.after, scratch);
        }
    }

    /// Notes which assessments an exemption lets count otherwise than before.
    fn exemptions(&mut self, node: NodeId, before: &Effects<'_>, after: &Effects<'_>) {
        for it in &self.after {
            let verdict = it.verdict;
            let change = ExemptionChange {
                node,
                check: it.check,
                before: before.decision(it.check),
                after: after.decision(it.check),
            };
            // a decision that leaves this verdict as it is says nothing about it
            let matters = |decision: Option<(u64, Category)>| {
                decision.is_some_and(|(_, it)| it.effective(verdict) != Some(verdict))
            };
            if change.before != change.after && (matters(change.before) || matters(change.after)) {
                self.part.exempted.push(change);
            }
        }
        if self.work.base.graph.is_none() || self.before.is_empty() {
            return;
        }
        for check in &self.evaluated {
            if let (Some((exemption, _)), true) = (after.decision(*check), self.work.is_changed()) {
                let check = *check;
                self.part.changed_under.push(ChangedUnder { node, check, exemption });
            }
        }
    }
}
