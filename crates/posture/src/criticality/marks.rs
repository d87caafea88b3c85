//! Marks as they stand on a node, in what Merlon says about it.

use graph::Graph;
use lang::NodeId;
use model::{Criticality, Doc, Key, Keys, View};
use serde_json::json;

use super::compile::CompiledRule;
use super::decisions::AssetDecision;

/// What Merlon says about a node by the classifications: its keys under `merlon`.
///
/// `criticality` is the highest level, `criticalityRank` the same as a number from 1 to 4, `criticalBy` the
/// classifications that hold, `criticalToReview` those that hold and are only likely to be right, `notCriticalBy` those
/// that hold and of which somebody decided that they are wrong here.
pub const CRITICALITY_KEYS: [&str; 5] =
    ["criticalBy", "criticalToReview", "criticality", "criticalityRank", "notCriticalBy"];

/// The marks of one node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks<'m> {
    /// The highest level of the classifications that hold; `None`: the node is no critical asset.
    pub level: Option<Criticality>,
    /// The classifications that hold, by id.
    pub by: Vec<&'m str>,
    /// Those that hold and say themselves that somebody should look.
    pub to_review: Vec<&'m str>,
    /// Those that hold and of which somebody decided that the node is not critical by them.
    pub dismissed: Vec<&'m str>,
}

impl<'m> Marks<'m> {
    /// Whether no classification holds.
    pub fn is_empty(&self) -> bool {
        self.by.is_empty() && self.to_review.is_empty() && self.dismissed.is_empty()
    }

    /// Whether a classification holds, whatever was decided of it.
    pub(super) fn holds(&self, id: &str) -> bool {
        [&self.by, &self.to_review, &self.dismissed].into_iter().any(|all| all.contains(&id))
    }

    /// Adds a rule that holds. What somebody decided counts for more than what the rule says of itself.
    pub(super) fn add(&mut self, rule: &'m CompiledRule, decided: Option<&AssetDecision>) {
        let id = rule.rule.id.as_str();
        match decided {
            Some(it) if !it.is_critical => self.dismissed.push(id),
            None if rule.rule.review => self.to_review.push(id),
            _ => {
                let level = decided.and_then(|it| it.level).unwrap_or(rule.level);
                self.by.push(id);
                self.level = self.level.max(Some(level));
            }
        }
    }
}

/// The marks of a node; none where it has none.
pub fn marks_of(graph: &Graph, node: NodeId) -> Marks<'_> {
    MarkKeys::new(graph.keys()).read(graph, node)
}

/// All nodes with marks, in order.
pub fn marked(graph: &Graph) -> Vec<NodeId> {
    let keys = MarkKeys::new(graph.keys());
    graph.nodes().filter(|node| keys.has_marks(graph, *node)).collect()
}

/// The keys of marks in a table of keys.
#[derive(Debug, Clone, Copy)]
pub struct MarkKeys {
    by: Key,
    to_review: Key,
    level: Key,
    rank: Key,
    dismissed: Key,
}

impl MarkKeys {
    /// Those of a table.
    pub fn new(keys: &Keys) -> Self {
        let [by, to_review, level, rank, dismissed] = CRITICALITY_KEYS.map(|it| keys.intern(it));
        Self { by, to_review, level, rank, dismissed }
    }

    /// Whether a node has marks.
    pub(super) fn has_marks(&self, graph: &Graph, node: NodeId) -> bool {
        let meta = graph.meta(node);
        let lists = [self.by, self.to_review, self.dismissed];
        lists.iter().any(|key| matches!(meta.get(*key), Some(View::List(_))))
    }

    /// How critical a node is; `None`: by no classification.
    pub fn level(&self, graph: &Graph, node: NodeId) -> Option<Criticality> {
        graph.meta(node).get(self.level).and_then(text).and_then(Criticality::from_name)
    }

    fn read<'g>(&self, graph: &'g Graph, node: NodeId) -> Marks<'g> {
        let meta = graph.meta(node);
        let texts = |key| match meta.get(key) {
            Some(View::List(list)) => list.iter().filter_map(text).collect(),
            _ => Vec::new(),
        };
        let level = self.level(graph, node);
        Marks {
            level,
            by: texts(self.by),
            to_review: texts(self.to_review),
            dismissed: texts(self.dismissed),
        }
    }

    /// What Merlon says about a node, with these marks and no others.
    pub(super) fn with(&self, graph: &Graph, node: NodeId, marks: &Marks<'_>) -> Doc {
        let own = [self.by, self.to_review, self.level, self.rank, self.dismissed];
        let (is_open, mut entries) = match graph.meta(node) {
            View::Object(meta) => {
                let kept = meta.iter().filter(|(key, _)| !own.contains(key));
                (meta.is_open(), kept.collect::<Vec<_>>())
            }
            _ => (false, Vec::new()),
        };
        let keys = graph.keys();
        let list = |texts: &[&str]| Doc::build(&json!(texts), keys);
        let [by, to_review, dismissed] =
            [&marks.by, &marks.to_review, &marks.dismissed].map(|it| list(it));
        let rank = marks.level.map(|it| Doc::build(&json!(it.rank()), keys));
        if !marks.by.is_empty() {
            entries.push((self.by, by.view()));
        }
        if !marks.to_review.is_empty() {
            entries.push((self.to_review, to_review.view()));
        }
        if !marks.dismissed.is_empty() {
            entries.push((self.dismissed, dismissed.view()));
        }
        if let (Some(level), Some(rank)) = (marks.level, &rank) {
            entries.push((self.level, View::Str(level.name())));
            entries.push((self.rank, rank.view()));
        }
        Doc::flat(&mut entries).with_openness(is_open)
    }
}

fn text(view: View<'_>) -> Option<&str> {
    match view {
        View::Str(text) => Some(text),
        _ => None,
    }
}
