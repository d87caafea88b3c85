//! One resource with all that is known of it.

use graph::Way;
use lang::NodeId;
use posture::{AssetDecision, EvidenceItem, evidence};
use serde::Serialize;
use serde_json::Value as Json;

use crate::assessments::AssessmentItem;
use crate::checks::severity_index;
use crate::resources::ResourceItem;
use crate::sight::Sight;
use crate::view::View;

/// One resource with its document, its assessments and what is connected to it.
#[derive(Debug, Clone)]
pub struct ResourceDetail<'v> {
    /// The resource as lists show it.
    pub resource: ResourceItem<'v>,
    /// Whether it was read; one that others only refer to has no document.
    pub is_collected: bool,
    /// Labels of its node.
    pub labels: Vec<&'v str>,
    /// Its configuration in the canonical form of its kind.
    pub document: Json,
    /// The scopes in which it lies and which the caller sees, the innermost first.
    pub scopes: Vec<&'v str>,
    /// What checks say of it: by verdict as it counts, unhealthy first, then by severity and id.
    pub assessments: Vec<AssessmentItem<'v>>,
    /// Classifications that are only likely to be right about it, and on which nobody has decided.
    pub to_review: Vec<&'v str>,
    /// What was decided of it and the classifications that hold.
    pub decisions: Vec<(&'v str, &'v AssetDecision)>,
    /// What is connected to it and the caller sees, by edge type and id; at most 1,000.
    pub neighbours: Vec<Neighbour<'v>>,
    /// Further neighbours that the caller sees.
    pub more_neighbours: u64,
    /// Neighbours that the caller does not see.
    pub hidden_neighbours: u64,
}

/// A node that is connected to a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Neighbour<'v> {
    /// The type of the edge.
    pub edge: &'v str,
    /// Whether the edge leads from the resource to the neighbour.
    pub is_outgoing: bool,
    /// The neighbour's id.
    pub id: &'v str,
    /// Its name.
    pub name: &'v str,
    /// Its kind.
    pub kind: &'v str,
}

/// Neighbours that are given.
const MAX_NEIGHBOURS: usize = 1000;

impl View {
    /// One resource; `None` when there is none with this id that the caller sees.
    pub fn resource(&self, sight: &Sight, id: &str) -> Option<ResourceDetail<'_>> {
        let node = self.find(sight, id)?;
        let (seen, graph) = (self.seen(sight), &self.graph);
        let home = self.lines.get(node)?.line.home;
        let (mut neighbours, hidden_neighbours) = self.neighbours(sight, node);
        neighbours.sort_unstable();
        let more_neighbours = neighbours.len().saturating_sub(MAX_NEIGHBOURS) as u64;
        neighbours.truncate(MAX_NEIGHBOURS);
        let chain = self.places.chain(home).filter(|it| seen.sees(*it));
        let marks = posture::marks_of(graph, node);
        Some(ResourceDetail {
            resource: self.resource_item(node)?,
            is_collected: self.meta.kind_and_scope(graph, node).is_some(),
            labels: graph.labels(node).collect(),
            document: graph.doc(node).to_json(graph.keys()),
            scopes: chain.map(|it| self.places.id(it)).collect(),
            assessments: self.assessments_of(node),
            decisions: self.decided(node, marks.by.iter().chain(&marks.dismissed)),
            to_review: marks.to_review,
            neighbours,
            more_neighbours,
            hidden_neighbours,
        })
    }

    fn assessments_of(&self, node: NodeId) -> Vec<AssessmentItem<'_>> {
        let mut judged = Vec::new();
        self.ledger.judged(&self.graph, self.meta, node, &mut judged);
        let mut items: Vec<_> = judged.iter().filter_map(|it| self.judged_item(node, it)).collect();
        let key = |it: &AssessmentItem<'_>| {
            let verdict = match it.counts_as {
                Some(model::Verdict::Unhealthy) => 0,
                Some(model::Verdict::Unknown) => 1,
                Some(model::Verdict::Healthy) => 2,
                Some(model::Verdict::NotApplicable) => 3,
                None => 4,
            };
            (verdict, severity_index(it.check.severity))
        };
        items.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.check.id.cmp(&b.check.id)));
        items
    }

    /// The neighbours that a caller sees, and how many there are beside them.
    fn neighbours(&self, sight: &Sight, node: NodeId) -> (Vec<Neighbour<'_>>, u64) {
        let (seen, graph, meta) = (self.seen(sight), &self.graph, self.meta);
        let (mut found, mut n_hidden) = (Vec::new(), 0);
        for (edge, _) in graph.type_list() {
            for way in [Way::Out, Way::In] {
                for other in graph.neighbours(node, edge, way) {
                    let home = self.lines.get(other).map(|it| it.line.home);
                    if !home.is_some_and(|it| seen.sees(it)) {
                        n_hidden += 1;
                        continue;
                    }
                    found.push(Neighbour {
                        edge,
                        is_outgoing: way == Way::Out,
                        id: meta.id(graph, other),
                        name: meta.name(graph, other),
                        kind: meta.kind(graph, other),
                    });
                }
            }
        }
        (found, n_hidden)
    }

    /// What proves the verdict of a check on a resource, and how many values stand in resources that
    /// the caller does not see; `None` when the caller does not see the resource, or nothing is judged.
    pub fn evidence(
        &self,
        sight: &Sight,
        resource: &str,
        check: &str,
    ) -> Option<(Vec<EvidenceItem>, u64)> {
        let node = self.find(sight, resource)?;
        let (number, facts) = self.checks.find(check)?;
        self.ledger.row(node)?.find(number)?;
        let all = evidence(self.graph(), &self.setting, &facts.check, node);
        let n_all = all.len();
        let is_seen = |it: &EvidenceItem| {
            it.resource.as_deref().is_none_or(|id| self.find(sight, id).is_some())
        };
        let items: Vec<EvidenceItem> = all.into_iter().filter(is_seen).collect();
        let n_hidden = (n_all - items.len()) as u64;
        Some((items, n_hidden))
    }
}
