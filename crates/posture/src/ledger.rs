//! The ledger: what is known of every assessment, and what all of them add up to.
//!
//! In: a [`Diff`](crate::Diff), which [`assess`](crate::assess) made from this ledger. Out: the
//! assessments of a resource, counts of checks, tallies of scopes, the next instant at which
//! something changes. Resources go by the numbers of their nodes, as long as the graph lives.
//!
//! A million resources with ten assessments each take about 60 MB: [`Row`].
//!
//! INVARIANT: the sums are those of the rows; the property test of the engine counts them anew.
//! INVARIANT: healthy + unhealthy + unknown + not applicable = assessments, for every check.

pub(crate) mod judged;
pub(crate) mod row;
mod rows;
pub(crate) mod scheme;
pub(crate) mod sums;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use graph::Graph;
use jiff::Timestamp;
use lang::NodeId;
use model::Verdict;

use self::row::{Assessment, CheckNumber, Row};
use self::rows::Rows;
use self::scheme::{Catalogue, Scheme};
use self::sums::{CheckCounts, ScopeTallies, Sums};
use crate::active::Active;
use crate::assessor::{Assessor, MetaKeys};
use crate::diff::Diff;
use crate::exemption::Exemptions;
use crate::score::{ScopeScore, Score, Summary, scope_score, total_of};
use crate::verdicts::{CheckVerdicts, Why};

/// What is known of every assessment of a tenant.
#[derive(Debug, Default)]
pub struct Ledger {
    /// By the number of the node.
    rows: Rows,
    pub(crate) scheme: Arc<Scheme>,
    /// By the number of the check.
    counts: Vec<CheckCounts>,
    pub(crate) scopes: BTreeMap<Box<str>, ScopeTallies>,
    /// What time alone changes.
    due: BTreeSet<(Timestamp, NodeId, CheckNumber)>,
    pub(crate) exemptions: Exemptions,
    /// Those of the exemptions that count now.
    pub(crate) active: Arc<Active>,
    pub(crate) now: Option<Timestamp>,
    sequence: u64,
}

/// What a ledger is restored from, beside its rows.
#[derive(Debug, Clone, Default)]
pub struct Restore {
    /// The numbers of checks, as stored.
    pub catalogue: Catalogue,
    /// The exemptions that held.
    pub exemptions: Exemptions,
    /// The instant as of which everything was judged.
    pub now: Timestamp,
    /// The commit as of which everything was judged.
    pub sequence: u64,
}

impl Ledger {
    /// The ledger as it was when its rows were stored. When the content is other than it was, the
    /// next [`assess`](crate::assess) judges anew what that concerns.
    pub fn restore(
        graph: &Graph,
        assessor: &Assessor,
        from: Restore,
        rows: impl Iterator<Item = (NodeId, Row)>,
    ) -> Self {
        let mut ledger = Self {
            scheme: Arc::new(Scheme::restore(assessor, &from.catalogue)),
            exemptions: from.exemptions,
            now: Some(from.now),
            sequence: from.sequence,
            ..Self::default()
        };
        let active = Arc::new(Active::new(&ledger.exemptions, from.now, &ledger.scheme));
        let meta = MetaKeys::new(graph);
        let (mut sums, mut states, mut assessments) = (Sums::default(), Vec::new(), Vec::new());
        for (node, row) in rows {
            assessments.clear();
            assessments.extend(row.assessments());
            for it in &assessments {
                ledger.due.extend(it.flips_at.map(|at| (at, node, it.check)));
            }
            if let Some((_, scope)) = meta.kind_and_scope(graph, node) {
                let effects = active.on(graph, meta, node, scope);
                let effect = |check| effects.of(check);
                sums.add(1, &ledger.scheme, scope, &assessments, (&effect, &mut states));
            }
            ledger.rows.put(node, Some(row));
        }
        ledger.active = active;
        ledger.counts.resize(ledger.scheme.checks.len(), CheckCounts::default());
        for (check, counts) in sums.new_counts(&[]) {
            ledger.set_counts(check, counts);
        }
        for (scope, sums) in sums.scopes() {
            if let Some(tallies) = sums.on(None) {
                ledger.scopes.insert(scope.into(), tallies);
            }
        }
        ledger
    }

    /// Takes in what [`assess`](crate::assess) found with this ledger as its base.
    pub fn apply(&mut self, diff: Diff) {
        let (now, sequence, replaces) = (diff.now, diff.sequence, diff.replaces);
        let Diff { rows, scheme, counts, scopes, exemptions, active, .. } = diff;
        if replaces {
            self.scopes.clear();
            self.counts.clear();
        }
        for change in rows {
            for it in change.before.iter().flat_map(Row::assessments) {
                if let Some(at) = it.flips_at {
                    self.due.remove(&(at, change.node, it.check));
                }
            }
            for it in change.after.iter().flat_map(Row::assessments) {
                self.due.extend(it.flips_at.map(|at| (at, change.node, it.check)));
            }
            self.rows.put(change.node, change.after);
        }
        self.counts.resize(scheme.checks.len(), CheckCounts::default());
        for (check, counts) in counts {
            self.set_counts(check, counts);
        }
        for (scope, tallies) in scopes {
            match tallies {
                Some(tallies) => self.scopes.insert(scope, tallies),
                None => self.scopes.remove(&scope),
            };
        }
        self.scheme = scheme;
        self.exemptions = exemptions;
        self.active = active;
        self.now = Some(now);
        self.sequence = sequence;
    }

    /// The same without [`Ledger::next_flip`] and what is due: as a base it says what follows from
    /// changes, not what later instants bring. Costs little whatever it holds: rows are shared.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self {
            rows: self.rows.clone(),
            scheme: Arc::clone(&self.scheme),
            counts: self.counts.clone(),
            scopes: self.scopes.clone(),
            due: BTreeSet::new(),
            exemptions: self.exemptions.clone(),
            active: Arc::clone(&self.active),
            now: self.now,
            sequence: self.sequence,
        }
    }

    /// Gives resources the numbers that their nodes have after [`Graph::compact`]: by the old
    /// number, the new one.
    pub fn renumber(&mut self, numbers: &[Option<NodeId>]) {
        self.rows.renumber(numbers);
        let number = |node: NodeId| numbers.get(node.0 as usize).copied().flatten();
        let due = std::mem::take(&mut self.due);
        self.due = due
            .into_iter()
            .filter_map(|(at, node, check)| Some((at, number(node)?, check)))
            .collect();
    }

    fn set_counts(&mut self, check: CheckNumber, counts: CheckCounts) {
        if let Some(place) = self.counts.get_mut(check.index()) {
            *place = counts;
        }
    }

    /// The assessments of a resource, packed; `None` when nothing judges it.
    pub fn row(&self, node: NodeId) -> Option<&Row> {
        self.rows.get(node)
    }

    /// All rows, by the number of the node.
    pub fn rows(&self) -> impl Iterator<Item = (NodeId, &Row)> {
        self.rows.iter()
    }

    /// The assessment of one resource by one check.
    pub fn assessment(&self, node: NodeId, check: &str) -> Option<Assessment> {
        self.row(node)?.find(self.scheme.number(check)?)
    }

    /// The numbers of checks.
    pub fn catalogue(&self) -> &Catalogue {
        &self.scheme.catalogue
    }

    /// How often a check gave each verdict; all zero for one that is not known.
    pub fn counts(&self, check: &str) -> CheckCounts {
        let number = self.scheme.number(check);
        number.map(|it| self.counts_of(it)).unwrap_or_default()
    }

    /// How often the check with this number gave each verdict; all zero for one that is not known.
    pub fn counts_of(&self, check: CheckNumber) -> CheckCounts {
        self.counts.get(check.index()).copied().unwrap_or_default()
    }

    pub(crate) fn all_counts(&self) -> &[CheckCounts] {
        &self.counts
    }

    /// Over all checks.
    pub fn n_assessments(&self) -> u64 {
        self.counts.iter().map(|it| it.raw.sum()).sum()
    }

    /// The exemptions that it heeds.
    pub fn exemptions(&self) -> &Exemptions {
        &self.exemptions
    }

    /// The instant as of which everything is judged; `None` while nothing was.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// The commit as of which everything is judged.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The next instant at which time alone changes something: a verdict or an exemption.
    pub fn next_flip(&self) -> Option<Timestamp> {
        let verdict = self.due.first().map(|(at, _, _)| *at);
        let exemption = self.now.and_then(|now| self.exemptions.flips_after(now));
        verdict.into_iter().chain(exemption).min()
    }

    /// What is due at `now` at the latest.
    pub(crate) fn due(&self, now: Timestamp) -> impl Iterator<Item = (NodeId, CheckNumber)> + '_ {
        let due = self.due.iter().take_while(move |(at, _, _)| *at <= now);
        due.map(|(_, node, check)| (*node, *check))
    }

    /// The score of every scope, by its id.
    pub fn scope_scores(&self) -> Vec<ScopeScore> {
        let scopes = self.scopes.iter();
        scopes.map(|(scope, tallies)| score_of(&self.scheme, scope, tallies)).collect()
    }

    /// The score over all scopes; `None` when nothing was judged.
    pub fn score(&self) -> Option<Score> {
        let controls = &self.scheme.controls;
        total_of(controls, self.scopes.values().map(|it| Summary::new(controls, it)))
    }

    /// What every check found, by its number: one pass over all rows.
    pub(crate) fn lists(&self, graph: &Graph) -> Vec<CheckVerdicts> {
        let mut lists = Vec::new();
        lists.resize_with(self.scheme.checks.len(), CheckVerdicts::default);
        for (list, counts) in lists.iter_mut().zip(&self.counts) {
            list.counts = counts.effective;
        }
        let meta = MetaKeys::new(graph);
        for (node, row) in self.rows() {
            let scope = if self.active.is_empty() { "" } else { meta.scope(graph, node) };
            let effects = self.active.on(graph, meta, node, scope);
            for it in row.assessments() {
                let Some(list) = lists.get_mut(it.check.index()) else { continue };
                match (effects.of(it.check), it.verdict) {
                    (Some(category), verdict) if category.effective(verdict) != Some(verdict) => {
                        list.exempt.push((node, verdict));
                    }
                    (_, Verdict::Unhealthy) => list.unhealthy.push(node),
                    (_, Verdict::Unknown) => {
                        list.unknown.push((node, it.why.unwrap_or(Why::Undecided)));
                    }
                    _ => {}
                }
            }
        }
        lists
    }
}

/// The score of a scope with the names of its controls.
pub(crate) fn score_of(scheme: &Scheme, scope: &str, tallies: &ScopeTallies) -> ScopeScore {
    let controls: Vec<_> = scheme
        .controls
        .iter()
        .zip(&tallies.controls)
        .map(|((id, points), tally)| (id.to_string(), *points, *tally))
        .collect();
    scope_score(scope, &controls, tallies.assessed)
}
