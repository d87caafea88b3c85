//! What people decided of single assets to review: that a classification is right about one, or is not.
//!
//! A decision concerns one asset and one classification, and counts while that holds for the asset. When it holds no
//! more, the decision is kept and says nothing; when it holds again, or the asset comes back, it counts again.

use std::collections::{BTreeMap, BTreeSet};

use graph::Graph;
use lang::NodeId;
use model::Criticality;
use serde::{Deserialize, Serialize};

use super::choices::Instant;
use super::marks::{Marks, marks_of};

/// What somebody decided of an asset and a classification that may be right about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssetDecision {
    /// Whether the asset is critical.
    pub is_critical: bool,
    /// The level of one that is; `None`: what the classification gives, now and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Criticality>,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// All decisions of a tenant: by the id of the asset, then by that of the classification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decisions(BTreeMap<String, BTreeMap<String, AssetDecision>>);

/// Whether a classification that may be right about an asset was decided on, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DecisionState {
    /// Nobody has decided: the asset waits for somebody to look.
    Undecided,
    /// The asset is critical.
    Critical,
    /// It is not.
    NotCritical,
}

impl DecisionState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Undecided, Self::Critical, Self::NotCritical];

    /// Its name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Critical => "critical",
            Self::NotCritical => "notCritical",
        }
    }
}

impl AssetDecision {
    /// Which way it went.
    pub fn state(&self) -> DecisionState {
        if self.is_critical { DecisionState::Critical } else { DecisionState::NotCritical }
    }
}

impl Decisions {
    /// What was decided of an asset and a classification.
    pub fn get(&self, asset: &str, classification: &str) -> Option<&AssetDecision> {
        self.0.get(asset)?.get(classification)
    }

    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn n_decisions(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Every decision with its asset and its classification, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &AssetDecision)> {
        let of = |(asset, all): (_, _)| {
            let asset: &String = asset;
            let all: &BTreeMap<String, AssetDecision> = all;
            all.iter().map(move |(id, it)| (asset.as_str(), id.as_str(), it))
        };
        self.0.iter().flat_map(of)
    }

    /// Records a decision, or takes it back.
    pub fn set(&mut self, asset: &str, classification: &str, decision: Option<AssetDecision>) {
        let all = self.0.entry(asset.to_owned()).or_default();
        match decision {
            Some(decision) => drop(all.insert(classification.to_owned(), decision)),
            None => drop(all.remove(classification)),
        }
        if all.is_empty() {
            self.0.remove(asset);
        }
    }

    /// Forgets what was decided about classifications that are no more.
    pub fn keep_of(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.values_mut().for_each(|all| all.retain(|id, _| is_there(id)));
        self.0.retain(|_, all| !all.is_empty());
    }

    /// The assets of which something else is decided than in `other`.
    pub(super) fn differing<'d>(&'d self, other: &'d Self) -> BTreeSet<&'d str> {
        let ids = self.0.keys().chain(other.0.keys());
        ids.filter(|id| self.0.get(*id) != other.0.get(*id)).map(String::as_str).collect()
    }

    /// The classifications that can be decided on for an asset, with how each stands: those that hold and are only
    /// likely to be right, and those that were decided on. Those of [`Marks::by`] without a decision are sure.
    pub fn decidable<'m>(&self, asset: &str, marks: &Marks<'m>) -> Vec<(&'m str, DecisionState)> {
        let decided = marks.by.iter().chain(&marks.dismissed);
        let decided = decided.filter_map(|id| Some((*id, self.get(asset, id)?.state())));
        let open = marks.to_review.iter().map(|id| (*id, DecisionState::Undecided));
        open.chain(decided).collect()
    }

    /// Which classifications a decision on an asset is about: those that are `wanted`; where none is, those that nobody
    /// has decided on, or where there are none of these those that were decided on. Taking back is about the latter.
    ///
    /// # Errors
    /// A wanted one does not hold for the asset, or needs no decision, and none was made; nothing is there to decide.
    pub fn concerned(
        &self,
        graph: &Graph,
        node: NodeId,
        wanted: &[String],
        decision: DecisionState,
    ) -> Result<Vec<String>, String> {
        let asset = graph.id(node).unwrap_or_default();
        let all = self.decidable(asset, &marks_of(graph, node));
        let can_be =
            |id: &String| all.iter().any(|it| it.0 == id.as_str()) || self.get(asset, id).is_some();
        if let Some(id) = wanted.iter().find(|id| !can_be(id)) {
            return Err(format!("`{id}` does not put `{asset}` up for review"));
        }
        if !wanted.is_empty() {
            return Ok(wanted.to_vec());
        }
        let (open, decided): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|it| it.1 == DecisionState::Undecided);
        let is_taken_back = decision == DecisionState::Undecided;
        let meant = if is_taken_back || open.is_empty() { decided } else { open };
        if meant.is_empty() {
            let what = if is_taken_back { "nothing was decided on" } else { "nobody asks about" };
            return Err(format!("{what} `{asset}`"));
        }
        Ok(meant.into_iter().map(|it| it.0.to_owned()).collect())
    }
}
