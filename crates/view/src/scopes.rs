//! The scopes that a caller sees, with what lies in them.

use hashbrown::HashMap;
use posture::{ScopeScore, Score, total_score};
use serde::Serialize;

use crate::facets::{Counts, Facet};
use crate::filter::{ResourceState, add_at};
use crate::places::SCOPE;
use crate::sight::Sight;
use crate::view::View;

/// One scope with what lies in it and below.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScopeItem<'v> {
    /// Its id.
    pub id: &'v str,
    /// Name for people; the id where none is known.
    pub name: &'v str,
    /// Kind id of its node, such as `azure.subscription`; empty for a scope that is only named.
    pub kind: &'v str,
    /// The cloud; empty where nothing says it.
    pub cloud: &'v str,
    /// The scope in which it lies, when the caller sees that, too.
    pub parent: Option<&'v str>,
    /// Steps below the highest scope that the caller sees.
    pub depth: usize,
    /// Resources that were read, itself included.
    pub resources: u64,
    /// Of these, those with something that counts as unhealthy.
    pub unhealthy: u64,
    /// Of these, those about which something is unknown and nothing unhealthy.
    pub unknown: u64,
    /// The score over all in it; `None` where nothing was judged, and for parts of a subscription,
    /// account, project or cluster.
    pub score: Option<Score>,
}

impl View {
    /// The scopes that a caller sees: each before what lies in it, siblings by name.
    pub fn scopes(&self, sight: &Sight) -> Vec<ScopeItem<'_>> {
        let seen = self.seen(sight);
        let n = self.places.len();
        let (mut resources, mut unhealthy) = (Counts::of(n), Counts::of(n));
        let (mut unknown, mut clouds) = (Counts::of(n), vec![u32::MAX; n]);
        for line in self.lines.listed().map(|it| it.line) {
            if !seen.sees(line.home) {
                continue;
            }
            add_at(&mut resources, line.home, 1);
            add_at(&mut unhealthy, line.home, u64::from(line.state == ResourceState::Unhealthy));
            add_at(&mut unknown, line.home, u64::from(line.state == ResourceState::Unknown));
            if let Some(cloud) = clouds.get_mut(line.home as usize) {
                *cloud = line.cloud;
            }
        }
        let [resources, unhealthy, unknown] =
            [resources, unhealthy, unknown].map(|it| self.places.roll_up(it.all()));
        let at = |counts: &[u64], it: u32| counts.get(it as usize).copied().unwrap_or_default();
        let scores = self.scores_by_place(sight);
        let children = self.places.children();
        let mut items = Vec::new();
        let mut left: Vec<(u32, usize)> = Vec::new();
        let name = |it: u32| (self.place_name(it), self.places.id(it));
        let is_top = |it: &u32| {
            let parent = self.places.get(*it).map(|it| it.parent);
            seen.sees(*it) && parent.is_none_or(|it| it as usize >= n || !seen.sees(it))
        };
        let mut tops: Vec<u32> = (0..n as u32).filter(is_top).collect();
        tops.sort_by(|a, b| name(*b).cmp(&name(*a)));
        left.extend(tops.into_iter().map(|it| (it, 0)));
        while let Some((number, depth)) = left.pop() {
            let Some(place) = self.places.get(number) else { continue };
            // What only resources had named that are gone is no scope any more.
            let is_scope = |node| self.graph.labels(node).any(|it| it == SCOPE);
            if at(&resources, number) == 0 && !place.node.is_some_and(is_scope) {
                continue;
            }
            let line = place.node.and_then(|it| self.lines.get(it)).map(|it| it.line);
            let cloud = match line {
                Some(line) => line.cloud,
                None => clouds.get(number as usize).copied().unwrap_or(u32::MAX),
            };
            items.push(ScopeItem {
                id: &place.id,
                name: self.place_name(number),
                kind: place.node.map_or("", |it| self.meta.kind(&self.graph, it)),
                cloud: self.tables.clouds.name(cloud),
                parent: (depth > 0).then(|| self.places.id(place.parent)),
                depth,
                resources: at(&resources, number),
                unhealthy: at(&unhealthy, number),
                unknown: at(&unknown, number),
                score: scores.get(&number).copied(),
            });
            let mut below = children.get(&number).cloned().unwrap_or_default();
            below.sort_by(|a, b| name(*b).cmp(&name(*a)));
            left.extend(below.into_iter().map(|it| (it, depth + 1)));
        }
        items
    }

    /// The name of a place for people.
    pub(crate) fn place_name(&self, number: u32) -> &str {
        let Some(place) = self.places.get(number) else { return "" };
        let name = place.node.map_or("", |it| self.meta.name(&self.graph, it));
        if name.is_empty() { &place.id } else { name }
    }

    /// Counts by place, with all below, for the places that a caller sees.
    pub(crate) fn scope_facet(&self, sight: &Sight, counts: &Counts) -> Facet {
        let seen = self.seen(sight);
        let sums = self.places.roll_up(counts.all());
        let named = (0..).zip(&sums).filter(|(it, _)| seen.sees(*it));
        Facet::new("scope", named.map(|(it, n)| (self.places.id(it), *n)))
    }

    /// The score of every place that a caller sees over all scopes with a score in it.
    fn scores_by_place(&self, sight: &Sight) -> HashMap<u32, Score> {
        let seen = self.seen(sight);
        let mut by_place: HashMap<u32, Vec<ScopeScore>> = HashMap::new();
        for score in self.scope_scores(sight) {
            let Some(number) = self.places.find(&score.scope) else { continue };
            for above in self.places.chain(number).filter(|it| seen.sees(*it)) {
                by_place.entry(above).or_default().push(score.clone());
            }
        }
        let mut found = HashMap::new();
        for number in 0..self.places.len() as u32 {
            let scores = by_place.get(&number).and_then(|it| total_score(it));
            if let Some(score) = scores {
                found.insert(number, score);
            }
        }
        found
    }
}
