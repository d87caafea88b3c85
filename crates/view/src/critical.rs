//! Lists of critical assets, and of those that somebody should look at.

use std::collections::BTreeMap;

use graph::Graph;
use lang::NodeId;
use model::Criticality;
use posture::{AssetDecision, DecisionState, Rule, marks_of};

use crate::facets::Facet;
use crate::filter::says_yes;
use crate::page::{Cursor, CursorValue, Listed, Page};
use crate::sight::Sight;
use crate::view::View;

/// What a list of critical assets is narrowed to: of several values of one property any may hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CriticalFilter {
    /// What must stand in name or id, whatever its case.
    pub text: Option<String>,
    /// Levels.
    pub levels: Vec<Criticality>,
    /// Kinds, by id.
    pub kinds: Vec<String>,
    /// Clouds.
    pub clouds: Vec<String>,
    /// Classifications, by id.
    pub classifications: Vec<String>,
    /// Scopes, with all below.
    pub scopes: Vec<String>,
    /// Whether those are listed that are only likely to be critical, in place of those that are.
    pub is_review: bool,
    /// How what may be critical was decided on. Of those to review, where none is named: not yet. Of critical assets,
    /// where some are named, [`DecisionState::Critical`] are those that are so by a decision.
    pub decisions: Vec<DecisionState>,
}

/// A critical asset, or one to review.
#[derive(Debug, Clone)]
pub struct CriticalItem<'v> {
    /// The node.
    pub node: NodeId,
    /// Canonical id.
    pub id: &'v str,
    /// Name for people.
    pub name: &'v str,
    /// Kind id.
    pub kind: &'v str,
    /// The cloud.
    pub cloud: &'v str,
    /// Scope id.
    pub scope: &'v str,
    /// Its level; of one to review the level that it would have.
    pub level: Criticality,
    /// The level that it has by other classifications, of one to review.
    pub has_level: Option<Criticality>,
    /// The classifications that hold, by id; of one to review those that were decided on as the filter wants it.
    pub by: Vec<&'v str>,
    /// What was decided of it and these classifications.
    pub decisions: Vec<(&'v str, &'v AssetDecision)>,
}

const FACETS: [&str; 4] = ["level", "kind", "cloud", "classification"];
/// What no facet counts.
const OTHER: u32 = 1 << FACETS.len();

impl View {
    /// Critical assets among the resources that a caller sees: the most critical first, then by id.
    pub fn critical_assets(
        &self,
        sight: &Sight,
        filter: &CriticalFilter,
        page: &Page,
    ) -> Listed<CriticalItem<'_>> {
        let rules: BTreeMap<String, Rule> = self
            .choices
            .rules(&self.library)
            .map(|it| (it.classification.id.clone(), it))
            .collect();
        let (seen, places) = (self.seen(sight), self.places_below(&filter.scopes));
        let text = filter.text.as_deref().map(str::to_lowercase);
        let mut counts: [BTreeMap<&str, u64>; FACETS.len()] = Default::default();
        let mut decided = [0; DecisionState::ALL.len()];
        let wanted: &[DecisionState] = match filter.decisions.as_slice() {
            [] => &[DecisionState::Undecided],
            wanted => wanted,
        };
        let mut items = Vec::new();
        for node in self.marked() {
            let Some(entry) = self.lines.get(*node) else { continue };
            let home = entry.line.home;
            if !seen.sees(home) || !says_yes(places.as_ref(), home) {
                continue;
            }
            for (state, count) in DecisionState::ALL.into_iter().zip(&mut decided) {
                let item = filter.is_review.then(|| self.to_review(*node, &[state], &rules));
                let is_it = |it| fails(filter, text.as_deref(), &it) == 0;
                *count += u64::from(item.flatten().is_some_and(is_it));
            }
            let item = if filter.is_review {
                self.to_review(*node, wanted, &rules)
            } else {
                self.critical(*node, &filter.decisions)
            };
            let Some(item) = item else { continue };
            let fails = fails(filter, text.as_deref(), &item);
            for (at, counts) in counts.iter_mut().enumerate() {
                if fails & !(1 << at) == 0 {
                    values(at, &item, &mut |it| *counts.entry(it).or_default() += 1);
                }
            }
            if fails == 0 {
                items.push(item);
            }
        }
        let facets = FACETS.iter().zip(&counts).map(|(name, counts)| {
            Facet::new(name, counts.iter().map(|(value, count)| (*value, *count)))
        });
        let states = DecisionState::ALL.into_iter().zip(decided).filter(|it| it.1 > 0);
        let decision = Facet::new("decision", states.map(|(it, count)| (it.name(), count)));
        paged(items, facets.chain(filter.is_review.then_some(decision)).collect(), page)
    }

    /// How many resources that a caller sees each classification holds for, by id; but for those of which somebody
    /// decided that they are not critical by it.
    pub fn critical_counts(&self, sight: &Sight) -> BTreeMap<&str, u64> {
        let seen = self.seen(sight);
        let mut counts = BTreeMap::new();
        for node in self.marked() {
            if self.lines.get(*node).is_some_and(|it| seen.sees(it.line.home)) {
                let marks = marks_of(&self.graph, *node);
                for id in marks.by.into_iter().chain(marks.to_review) {
                    *counts.entry(id).or_default() += 1;
                }
            }
        }
        counts
    }

    /// The nodes with marks, found once for each view.
    fn marked(&self) -> &[NodeId] {
        self.marked.get_or_init(|| posture::marked(&self.graph))
    }

    /// A critical asset; of some `decisions` only one that is critical by them.
    fn critical(&self, node: NodeId, decisions: &[DecisionState]) -> Option<CriticalItem<'_>> {
        let marks = marks_of(&self.graph, node);
        let decided = self.decided(node, marks.by.iter());
        let state = match decided.as_slice() {
            [] => DecisionState::Undecided,
            _ => DecisionState::Critical,
        };
        let is_wanted = decisions.is_empty() || decisions.contains(&state);
        let level = marks.level.filter(|_| is_wanted)?;
        Some(self.item(node, level, (None, marks.by), decided))
    }

    /// An asset of which a classification that is only likely to be right was decided on in one of these ways.
    fn to_review(
        &self,
        node: NodeId,
        states: &[DecisionState],
        rules: &BTreeMap<String, Rule>,
    ) -> Option<CriticalItem<'_>> {
        let marks = marks_of(&self.graph, node);
        let id = self.meta.id(&self.graph, node);
        let decidable = self.choices.decided.decidable(id, &marks);
        let wanted = decidable.into_iter().filter(|it| states.contains(&it.1));
        let by: Vec<&str> = wanted.map(|it| it.0).collect();
        let decided = self.decided(node, by.iter());
        let level = |id: &&str| {
            let chosen = decided.iter().find(|it| it.0 == *id).and_then(|it| it.1.level);
            chosen.or_else(|| rules.get(*id).map(|it| it.level))
        };
        let level = by.iter().filter_map(level).max()?;
        Some(self.item(node, level, (marks.level, by), decided))
    }

    /// What was decided of a node and these classifications.
    pub(crate) fn decided<'v, 'a>(
        &'v self,
        node: NodeId,
        by: impl Iterator<Item = &'a &'v str>,
    ) -> Vec<(&'v str, &'v AssetDecision)>
    where
        'v: 'a,
    {
        let id = self.meta.id(&self.graph, node);
        by.filter_map(|it| Some((*it, self.choices.decided.get(id, it)?))).collect()
    }

    fn item<'v>(
        &'v self,
        node: NodeId,
        level: Criticality,
        (has_level, by): (Option<Criticality>, Vec<&'v str>),
        decisions: Vec<(&'v str, &'v AssetDecision)>,
    ) -> CriticalItem<'v> {
        let graph: &Graph = &self.graph;
        let kind = self.meta.kind(graph, node);
        CriticalItem {
            node,
            id: self.meta.id(graph, node),
            name: self.meta.name(graph, node),
            kind,
            cloud: kind.split('.').next().unwrap_or_default(),
            scope: self.meta.scope(graph, node),
            level,
            has_level,
            by,
            decisions,
        }
    }
}

/// The values that an item counts for in a facet.
fn values<'v>(facet: usize, item: &CriticalItem<'v>, count: &mut dyn FnMut(&'v str)) {
    match facet {
        0 => count(item.level.name()),
        1 => count(item.kind),
        2 => count(item.cloud),
        _ => item.by.iter().copied().for_each(count),
    }
}

/// The properties, as bits, by which an item is not wanted.
fn fails(filter: &CriticalFilter, text: Option<&str>, item: &CriticalItem<'_>) -> u32 {
    let has = |list: &[String], value: &str| list.is_empty() || list.iter().any(|it| it == value);
    let wants = &filter.classifications;
    let is_text = |text: &str| {
        item.name.to_lowercase().contains(text) || item.id.to_lowercase().contains(text)
    };
    let found = [
        filter.levels.is_empty() || filter.levels.contains(&item.level),
        has(&filter.kinds, item.kind),
        has(&filter.clouds, item.cloud),
        wants.is_empty() || item.by.iter().any(|it| wants.iter().any(|wanted| wanted == it)),
    ];
    let failed = found.iter().enumerate().filter(|(_, it)| !**it);
    let bits: u32 = failed.map(|(at, _)| 1 << at).sum();
    bits + if text.is_none_or(is_text) { 0 } else { OTHER }
}

fn paged<'v>(
    mut items: Vec<CriticalItem<'v>>,
    facets: Vec<Facet>,
    page: &Page,
) -> Listed<CriticalItem<'v>> {
    let total = items.len() as u64;
    let key = |it: &CriticalItem<'v>| (std::cmp::Reverse(u64::from(it.level.rank())), it.id);
    items.sort_by(|a, b| {
        let order = key(a).cmp(&key(b));
        if page.is_reversed { order.reverse() } else { order }
    });
    if let Some(after) = &page.after {
        let rank = if let CursorValue::Number(rank) = after.value { rank } else { 0 };
        let point = (std::cmp::Reverse(rank), after.id.as_str());
        items.retain(|it| {
            let order = key(it).cmp(&point);
            if page.is_reversed { order.is_lt() } else { order.is_gt() }
        });
    }
    let goes_on = items.len() > page.limit;
    items.truncate(page.limit);
    let next = items.last().filter(|_| goes_on).map(|it| Cursor {
        value: CursorValue::Number(u64::from(it.level.rank())),
        id: it.id.to_owned(),
        check: None,
    });
    Listed { items, total, next, facets }
}
