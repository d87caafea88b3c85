//! The assessments of resources with the exemptions that count for them, and what some of them add up to.

use graph::Graph;
use lang::NodeId;
use model::Verdict;

use super::row::{Assessment, CheckNumber};
use super::sums::Sums;
use super::{Ledger, score_of};
use crate::assessor::MetaKeys;
use crate::exemption::Category;
use crate::score::ScopeScore;

/// An assessment and the exemption that counts for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// The assessment.
    pub assessment: Assessment,
    /// The exemption that counts, by its number, and how; `None`: the assessment counts as it is.
    pub exemption: Option<(u64, Category)>,
}

impl Judged {
    /// What it counts as; `None`: it has left the calculation.
    pub fn counts_as(&self) -> Option<Verdict> {
        let verdict = self.assessment.verdict;
        self.exemption.map_or(Some(verdict), |(_, category)| category.effective(verdict))
    }

    /// Whether an exemption makes it count otherwise than judged, or not at all.
    pub fn is_exempt(&self) -> bool {
        self.counts_as() != Some(self.assessment.verdict)
    }
}

impl Ledger {
    /// Puts the assessments of a resource into `found`, by the number of the check. `meta` is made
    /// of `graph`, whose ledger this is.
    pub fn judged(&self, graph: &Graph, meta: MetaKeys, node: NodeId, found: &mut Vec<Judged>) {
        found.clear();
        let Some(row) = self.row(node) else { return };
        if self.active.is_empty() {
            found
                .extend(row.assessments().map(|assessment| Judged { assessment, exemption: None }));
            return;
        }
        let effects = self.active.on(graph, meta, node, meta.scope(graph, node));
        found.extend(row.assessments().map(|assessment| {
            let exemption = effects.decision(assessment.check);
            Judged { assessment, exemption }
        }));
    }

    /// The scores that scopes would have if these resources were all that there is, by scope.
    pub fn scores_of(&self, graph: &Graph, nodes: impl Iterator<Item = NodeId>) -> Vec<ScopeScore> {
        let meta = MetaKeys::new(graph);
        let (mut sums, mut states, mut assessments) = (Sums::default(), Vec::new(), Vec::new());
        for node in nodes {
            let Some((row, (_, scope))) = self.row(node).zip(meta.kind_and_scope(graph, node))
            else {
                continue;
            };
            assessments.clear();
            assessments.extend(row.assessments());
            let effects = self.active.on(graph, meta, node, scope);
            let effect = |check: CheckNumber| effects.of(check);
            sums.add(1, &self.scheme, scope, &assessments, (&effect, &mut states));
        }
        let mut scores: Vec<ScopeScore> = sums
            .scopes()
            .filter_map(|(scope, sums)| Some(score_of(&self.scheme, scope, &sums.on(None)?)))
            .collect();
        scores.sort_by(|a, b| a.scope.cmp(&b.scope));
        scores
    }
}
