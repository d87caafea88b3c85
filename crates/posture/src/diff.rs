//! What a delta changes: the answer of [`assess`](crate::assess).
//!
//! A commit stores it and applies it to the ledger; a what-if shows it and throws it away.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use lang::NodeId;
use model::Verdict;
use serde::Serialize;

use crate::active::Active;
use crate::exemption::{Category, Exemptions};
use crate::ledger::Ledger;
use crate::ledger::row::{Assessment, CheckNumber, Row};
use crate::ledger::scheme::{Catalogue, Scheme};
use crate::ledger::sums::{CheckCounts, ScopeTallies};
use crate::score::{ScopeScore, Score};
use crate::standing::{RequirementState, state};
use crate::verdicts::{VerdictCounts, Why};

/// What a delta changes.
#[derive(Debug)]
pub struct Diff {
    /// The commit that it belongs to.
    pub sequence: u64,
    /// The instant as of which everything is judged after it.
    pub now: Timestamp,
    /// How many assessments were evaluated to find out.
    pub n_evaluated: u64,
    /// The resources whose assessments changed, by the number of the node.
    pub rows: Vec<RowChange>,
    /// Assessments that count otherwise than before because of an exemption.
    pub exempted: Vec<ExemptionChange>,
    /// Resources that changed while an exemption spoke of an assessment that depends on the change.
    pub changed_under: Vec<ChangedUnder>,
    /// The scopes whose tallies changed, by id.
    pub scores: Vec<ScoreChange>,
    /// The score over all scopes, before and after.
    pub score: (Option<Score>, Option<Score>),
    /// The requirements whose state changed.
    pub standings: Vec<StandingChange>,
    pub(crate) scheme: Arc<Scheme>,
    pub(crate) counts: Vec<(CheckNumber, CheckCounts)>,
    pub(crate) scopes: Vec<(Box<str>, Option<ScopeTallies>)>,
    pub(crate) exemptions: Exemptions,
    pub(crate) active: Arc<Active>,
    /// The sums are those of all, not what is added to those before.
    pub(crate) replaces: bool,
}

/// The assessments of one resource, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// Its node.
    pub node: NodeId,
    /// Before; `None` when nothing judged it.
    pub before: Option<Row>,
    /// After; `None` when nothing judges it any more.
    pub after: Option<Row>,
}

/// One assessment that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flip {
    /// The node of the resource.
    pub node: NodeId,
    /// The check; see [`Diff::catalogue`].
    pub check: CheckNumber,
    /// Before; `None` when there was no such assessment.
    pub before: Option<Assessment>,
    /// After; `None` when there is none any more.
    pub after: Option<Assessment>,
}

/// What a [`Flip`] means to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FlipKind {
    /// It is unhealthy, and was not.
    Broken,
    /// It was unhealthy and is healthy or no longer concerned.
    Mended,
    /// It can no longer be judged.
    Lost,
    /// It could not be judged and now can; it is not unhealthy.
    Found,
    /// Its resource or check came or went, or only the reason why it is unknown changed.
    Other,
}

impl Flip {
    /// What it means.
    pub fn kind(&self) -> FlipKind {
        let before = self.before.map(|it| it.verdict);
        match (before, self.after.map(|it| it.verdict)) {
            (before, Some(Verdict::Unhealthy)) if before != Some(Verdict::Unhealthy) => {
                FlipKind::Broken
            }
            (Some(Verdict::Unhealthy), Some(Verdict::Healthy | Verdict::NotApplicable)) => {
                FlipKind::Mended
            }
            (before, Some(Verdict::Unknown)) if before != Some(Verdict::Unknown) => FlipKind::Lost,
            (Some(Verdict::Unknown), Some(Verdict::Healthy | Verdict::NotApplicable)) => {
                FlipKind::Found
            }
            _ => FlipKind::Other,
        }
    }

    /// Why it is unknown now.
    pub fn why(&self) -> Option<Why> {
        self.after.and_then(|it| it.why)
    }
}

/// An assessment that counts otherwise than before because of an exemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExemptionChange {
    /// The node of the resource.
    pub node: NodeId,
    /// The check.
    pub check: CheckNumber,
    /// The exemption that counted, with its category.
    pub before: Option<(u64, Category)>,
    /// The exemption that counts.
    pub after: Option<(u64, Category)>,
}

/// A change under an exemption: the decision may rest on what is no longer so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangedUnder {
    /// The node of the resource.
    pub node: NodeId,
    /// The check whose assessment depends on the change.
    pub check: CheckNumber,
    /// The number of the exemption.
    pub exemption: u64,
}

/// What a scope scored and scores.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreChange {
    /// The scope's id.
    pub scope: String,
    /// Before; `None` when nothing in it was judged.
    pub before: Option<ScopeScore>,
    /// After; `None` when nothing in it is judged.
    pub after: Option<ScopeScore>,
}

/// A requirement whose state changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StandingChange {
    /// The standard's id.
    pub standard: String,
    /// The requirement's number.
    pub requirement: String,
    /// Before.
    pub before: RequirementState,
    /// After.
    pub after: RequirementState,
}

impl Diff {
    /// The numbers of checks that its rows use; to be stored when it has grown or changed.
    pub fn catalogue(&self) -> &Catalogue {
        &self.scheme.catalogue
    }

    /// The counts of the checks whose counts changed, as they are after it.
    pub fn check_counts(&self) -> impl Iterator<Item = (CheckNumber, CheckCounts)> + '_ {
        self.counts.iter().copied()
    }

    /// The state of every requirement that some check decides, as it is after this diff, which
    /// was made from `base`: the standard, the requirement, the state.
    pub fn all_standings<'a>(
        &'a self,
        base: &'a Ledger,
    ) -> impl Iterator<Item = (&'a str, &'a str, RequirementState)> + 'a {
        let changed: BTreeMap<&str, VerdictCounts> = self
            .check_counts()
            .map(|(it, counts)| (self.catalogue().id(it), counts.effective))
            .collect();
        self.scheme.requirements.all.iter().map(move |it| {
            let after = it.checks.iter().map(|check| match changed.get(&**check) {
                Some(counts) => *counts,
                None if self.replaces => VerdictCounts::default(),
                None => base.counts(check).effective,
            });
            let sum = after.fold(VerdictCounts::default(), |sum, it| sum.plus(&it));
            (&*it.standard, &*it.id, state(false, &sum))
        })
    }

    /// Whether nothing at all changed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.exempted.is_empty() && self.scores.is_empty()
    }

    /// Every assessment whose verdict or reason changed. Of those that came or went, only the ones
    /// that are or were unhealthy or unknown: the others are in [`Diff::rows`].
    pub fn flips(&self) -> impl Iterator<Item = Flip> + '_ {
        self.rows.iter().flat_map(flips_of)
    }
}

fn flips_of(change: &RowChange) -> Vec<Flip> {
    let mut flips = Vec::new();
    let mut before = change.before.iter().flat_map(Row::assessments).peekable();
    let mut after = change.after.iter().flat_map(Row::assessments).peekable();
    loop {
        let next = match (before.peek(), after.peek()) {
            (None, None) => return flips,
            (Some(old), None) => old.check,
            (None, Some(new)) => new.check,
            (Some(old), Some(new)) => old.check.min(new.check),
        };
        let old = before.next_if(|it| it.check == next);
        let new = after.next_if(|it| it.check == next);
        let is_open = |it: &Assessment| matches!(it.verdict, Verdict::Unhealthy | Verdict::Unknown);
        let is_flip = match (&old, &new) {
            (Some(old), Some(new)) => !old.says_the_same(new),
            (one, other) => one.as_ref().or(other.as_ref()).is_some_and(is_open),
        };
        if is_flip {
            flips.push(Flip { node: change.node, check: next, before: old, after: new });
        }
    }
}
