//! The one entry of the engine: `assess(base, delta) -> diff`.
//!
//! In: the graph and the ledger before; the graph, the content, the exemptions and the instant
//! after. Out: what that changes. A full scan is a delta against nothing; time that passed is a
//! delta without changes of the graph.
//!
//! [`Work`] is the same in three steps for callers with several threads: plan, judge ranges, finish.
//!
//! INVARIANT: the ledger after the diff says what a full scan of the graph after would say.

mod judge;
mod plan;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use graph::Graph;
use jiff::Timestamp;
use lang::NodeId;

pub use self::judge::Judge;
use self::plan::Plan;
use crate::active::Active;
use crate::assessor::{Assessor, MetaKeys};
use crate::diff::{ChangedUnder, Diff, ExemptionChange, RowChange, ScoreChange, StandingChange};
use crate::exemption::Exemptions;
use crate::ledger::scheme::Scheme;
use crate::ledger::sums::{CheckCounts, ScopeTallies, Sums};
use crate::ledger::{Ledger, score_of};
use crate::score::{Summary, total_of};
use crate::setting::Setting;
use crate::standing::state;
use crate::verdicts::{Outcome, VerdictCounts};

/// What was before.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    graph: Option<&'a Graph>,
    ledger: &'a Ledger,
}

impl<'a> Base<'a> {
    /// A graph and the ledger of its assessments.
    pub fn new(graph: &'a Graph, ledger: &'a Ledger) -> Self {
        Self { graph: Some(graph), ledger }
    }

    /// Nothing: what a full scan starts from. `ledger` is an empty one.
    pub fn nothing(ledger: &'a Ledger) -> Self {
        Self { graph: None, ledger }
    }
}

/// What is after.
#[derive(Debug, Clone)]
pub struct Delta<'a> {
    graph: &'a Graph,
    changes: Option<&'a graph::Delta>,
    assessor: &'a Assessor,
    setting: &'a Setting,
    exemptions: Option<&'a Exemptions>,
    sequence: u64,
}

impl<'a> Delta<'a> {
    /// The graph after, whatever it was before: everything is judged.
    pub fn everything(
        graph: &'a Graph,
        assessor: &'a Assessor,
        setting: &'a Setting,
        sequence: u64,
    ) -> Self {
        Self { graph, changes: None, assessor, setting, exemptions: None, sequence }
    }

    /// The graph that `changes` made of the one before, or the same graph and no changes.
    pub fn changes(
        graph: &'a Graph,
        changes: &'a graph::Delta,
        assessor: &'a Assessor,
        setting: &'a Setting,
        sequence: u64,
    ) -> Self {
        let changes = Some(changes);
        Self { graph, changes, assessor, setting, exemptions: None, sequence }
    }

    /// With all exemptions as they are after; without this call they stay as they are.
    #[must_use]
    pub fn with_exemptions(mut self, exemptions: &'a Exemptions) -> Self {
        self.exemptions = Some(exemptions);
        self
    }
}

/// What `delta` makes of `base`.
pub fn assess(base: &Base<'_>, delta: &Delta<'_>) -> Diff {
    let work = Work::plan(*base, delta);
    let part = work.judge(0..work.len());
    work.finish([part])
}

/// [`assess`] in steps: several threads may each judge ranges of the same work.
#[derive(Debug)]
pub struct Work<'a> {
    base: Base<'a>,
    graph: &'a Graph,
    assessor: &'a Assessor,
    setting: &'a Setting,
    sequence: u64,
    scheme: Arc<Scheme>,
    exemptions: Exemptions,
    before: Arc<Active>,
    after: Arc<Active>,
    plan: Arc<Plan>,
}

/// What one thread found.
#[derive(Debug, Default)]
pub struct Part {
    rows: Vec<RowChange>,
    sums: Sums,
    exempted: Vec<ExemptionChange>,
    changed_under: Vec<ChangedUnder>,
    n_evaluated: u64,
}

impl Part {
    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.sums.merge(other.sums);
        self.exempted.extend(other.exempted);
        self.changed_under.extend(other.changed_under);
        self.n_evaluated += other.n_evaluated;
    }
}

impl<'a> Work<'a> {
    /// Finds the resources that `delta` concerns, and the checks on each.
    pub fn plan(base: Base<'a>, delta: &Delta<'a>) -> Self {
        let Delta { graph, assessor, setting, sequence, .. } = *delta;
        let ledger = base.ledger;
        let has_same_content = ledger.catalogue().fingerprint() == assessor.fingerprint;
        let scheme = if has_same_content {
            Arc::clone(&ledger.scheme)
        } else {
            Arc::new(Scheme::adopt(assessor, ledger.catalogue()))
        };
        let exemptions = delta.exemptions.unwrap_or(&ledger.exemptions).clone();
        let before = Arc::clone(&ledger.active);
        let decisions = plan::changed_decisions(ledger, &exemptions, setting.now());
        let after = if has_same_content && decisions.is_empty() {
            Arc::clone(&before)
        } else {
            Arc::new(Active::new(&exemptions, setting.now(), &scheme))
        };
        let plan = Arc::new(plan::plan(&base, delta, &scheme, &decisions));
        Self { base, graph, assessor, setting, sequence, scheme, exemptions, before, after, plan }
    }

    /// The same work on another copy of the graph after: the same nodes, documents and edges. For callers that
    /// give documents back between ranges ([`Graph::cooled`]).
    #[must_use]
    pub fn on<'b>(&self, graph: &'b Graph) -> Work<'b>
    where
        'a: 'b,
    {
        Work {
            base: self.base,
            graph,
            assessor: self.assessor,
            setting: self.setting,
            sequence: self.sequence,
            scheme: Arc::clone(&self.scheme),
            exemptions: self.exemptions.clone(),
            before: Arc::clone(&self.before),
            after: Arc::clone(&self.after),
            plan: Arc::clone(&self.plan),
        }
    }

    /// The graph after.
    pub fn graph(&self) -> &'a Graph {
        self.graph
    }

    /// The number of resources to look at; ranges of them can be judged.
    pub fn len(&self) -> usize {
        self.plan.items.len()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.plan.items.is_empty()
    }

    /// Judges a range of the resources.
    pub fn judge(&self, range: Range<usize>) -> Part {
        let mut judge = self.judge_here();
        judge.run(range);
        judge.finish()
    }

    /// What a thread judges its ranges with: checks stay bound from one range to the next.
    pub fn judge_here(&self) -> Judge<'_> {
        Judge::new(self)
    }

    /// Puts the parts together; their order does not matter.
    pub fn finish(self, parts: impl IntoIterator<Item = Part>) -> Diff {
        let mut all = Part::default();
        parts.into_iter().for_each(|part| all.merge(part));
        all.rows.sort_unstable_by_key(|it| it.node);
        all.exempted.sort_unstable_by_key(|it| (it.node, it.check));
        all.changed_under.sort_unstable_by_key(|it| (it.node, it.check));
        let ledger = self.base.ledger;
        let replaces = self.plan.replaces;
        let before: &[CheckCounts] = if replaces { &[] } else { ledger.all_counts() };
        let counts = all.sums.new_counts(before);
        let scopes = self.new_scopes(&all.sums);
        let mut diff = Diff {
            sequence: self.sequence,
            now: self.setting.now(),
            n_evaluated: all.n_evaluated,
            rows: all.rows,
            exempted: all.exempted,
            changed_under: all.changed_under,
            scores: Vec::new(),
            score: (ledger.score(), None),
            standings: Vec::new(),
            scheme: Arc::clone(&self.scheme),
            counts,
            scopes,
            exemptions: self.exemptions.clone(),
            active: Arc::clone(&self.after),
            replaces,
        };
        self.score(&mut diff);
        self.stand(&mut diff);
        diff
    }

    /// The scopes whose tallies change, with the new ones, by id.
    fn new_scopes(&self, sums: &Sums) -> Vec<(Box<str>, Option<ScopeTallies>)> {
        let old = &self.base.ledger.scopes;
        let replaces = self.plan.replaces;
        let mut found: BTreeMap<Box<str>, Option<ScopeTallies>> = BTreeMap::new();
        if replaces {
            found.extend(old.keys().map(|scope| (scope.clone(), None)));
        }
        for (scope, sums) in sums.scopes() {
            let before = old.get(scope);
            let after = sums.on(before.filter(|_| !replaces));
            found.insert(scope.into(), after);
        }
        // after a replacement all are said, so that the ledger can start from nothing
        let is_said = |(scope, after): &(Box<str>, Option<ScopeTallies>)| {
            replaces || old.get(scope) != after.as_ref()
        };
        found.into_iter().filter(is_said).collect()
    }

    fn score(&self, diff: &mut Diff) {
        let ledger = self.base.ledger;
        for (scope, after) in &diff.scopes {
            let before = ledger.scopes.get(scope);
            let before = before.map(|it| score_of(&ledger.scheme, scope, it));
            let after = after.as_ref().map(|it| score_of(&self.scheme, scope, it));
            if before != after {
                diff.scores.push(ScoreChange { scope: scope.to_string(), before, after });
            }
        }
        let mut left = diff.scopes.iter().peekable();
        let mut now = Vec::new();
        // both are in the order of ids: what is new takes the place of what was
        for (scope, tallies) in &ledger.scopes {
            while let Some((_, added)) = left.next_if(|(it, _)| it < scope) {
                now.extend(added);
            }
            match left.next_if(|(it, _)| it == scope) {
                Some((_, changed)) => now.extend(changed),
                None => now.push(tallies),
            }
        }
        now.extend(left.filter_map(|(_, added)| added.as_ref()));
        let controls = &self.scheme.controls;
        diff.score.1 = total_of(controls, now.into_iter().map(|it| Summary::new(controls, it)));
    }

    fn stand(&self, diff: &mut Diff) {
        let ledger = self.base.ledger;
        let requirements = &self.scheme.requirements;
        let now: BTreeMap<&str, VerdictCounts> = diff
            .counts
            .iter()
            .map(|(check, counts)| (self.scheme.catalogue.id(*check), counts.effective))
            .collect();
        let mut touched: Vec<u32> =
            now.keys().flat_map(|check| requirements.of_check(check)).copied().collect();
        if diff.replaces {
            touched.extend(0..requirements.all.len() as u32);
        }
        touched.sort_unstable();
        touched.dedup();
        for at in touched {
            let Some(requirement) = requirements.all.get(at as usize) else { continue };
            let (mut before, mut after) = (VerdictCounts::default(), VerdictCounts::default());
            for check in &requirement.checks {
                let old = ledger.counts(check).effective;
                before = before.plus(&old);
                let kept = if diff.replaces { VerdictCounts::default() } else { old };
                after = after.plus(now.get(&**check).unwrap_or(&kept));
            }
            let (before, after) = (state(false, &before), state(false, &after));
            if before != after {
                diff.standings.push(StandingChange {
                    standard: requirement.standard.to_string(),
                    requirement: requirement.id.to_string(),
                    before,
                    after,
                });
            }
        }
    }

    fn meta(&self) -> MetaKeys {
        MetaKeys::new(self.graph)
    }

    /// Whether a node is in the graph after.
    fn is_live(&self, node: NodeId) -> bool {
        self.graph.has_node(node)
    }

    /// Whether a change of the graph is what is judged, not only time or content.
    fn is_changed(&self) -> bool {
        self.plan.has_changes
    }

    /// When time alone changes the outcome of a check on a resource.
    fn flips_at(&self, check: u32, node: NodeId, outcome: Outcome) -> Option<Timestamp> {
        let check = self.assessor.checks().get(check as usize)?;
        check.clock.next_flip(check, self.graph, self.setting, node, outcome)
    }
}
