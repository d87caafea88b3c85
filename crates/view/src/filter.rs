//! What a list of resources is narrowed to, and how lines are asked about it.

use model::{Criticality, Severity};
use serde::{Deserialize, Serialize};

use crate::checks::severity_index;
use crate::lines::Entry;
use crate::places::NOWHERE;
use crate::text::Hits;
use crate::view::View;

/// How a resource fares over all its assessments, as they count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResourceState {
    /// Some assessment counts as unhealthy.
    Unhealthy,
    /// None does, and some could not be judged.
    Unknown,
    /// Some are healthy, and there is nothing else.
    Healthy,
    /// No check speaks about it.
    #[default]
    NotAssessed,
}

impl ResourceState {
    /// All, in the order in which they are counted.
    pub const ALL: [Self; 4] = [Self::Unhealthy, Self::Unknown, Self::Healthy, Self::NotAssessed];

    /// The name as it stands in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unhealthy => "unhealthy",
            Self::Unknown => "unknown",
            Self::Healthy => "healthy",
            Self::NotAssessed => "notAssessed",
        }
    }

    pub(crate) fn index(self) -> usize {
        match self {
            Self::Unhealthy => 0,
            Self::Unknown => 1,
            Self::Healthy => 2,
            Self::NotAssessed => 3,
        }
    }
}

/// A tag that resources are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFilter {
    /// Its key.
    pub key: String,
    /// Its value; `None`: any.
    pub value: Option<String>,
}

/// What a list of resources is narrowed to. Of the values of one property any may hold (of tags all
/// must); all properties must; an empty list narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceFilter {
    /// Words that all must be in name, id, kind, region or tags, or begin a word there.
    pub text: Option<String>,
    /// Kind ids.
    pub kinds: Vec<String>,
    /// Clouds: `aws`, `azure`, `gcp`, `k8s`.
    pub clouds: Vec<String>,
    /// Scope ids, with all below.
    pub scopes: Vec<String>,
    /// Regions; the empty text for resources without.
    pub regions: Vec<String>,
    /// Tags, all of them.
    pub tags: Vec<TagFilter>,
    /// How the resource fares.
    pub states: Vec<ResourceState>,
    /// Severities of checks that count as unhealthy on it.
    pub severities: Vec<Severity>,
    /// Checks that count as unhealthy on it, by id.
    pub checks: Vec<String>,
    /// Whether an exemption makes some assessment count otherwise.
    pub is_exempt: Option<bool>,
    /// How critical it is.
    pub criticalities: Vec<Criticality>,
}

// What a line may fail. Each facet is counted over the lines that fail its own filter at most.
pub(crate) const KIND: u32 = 1;
pub(crate) const CLOUD: u32 = 1 << 1;
pub(crate) const SCOPE: u32 = 1 << 2;
pub(crate) const REGION: u32 = 1 << 3;
pub(crate) const TAG: u32 = 1 << 4;
pub(crate) const STATE: u32 = 1 << 5;
pub(crate) const SEVERITY: u32 = 1 << 6;
pub(crate) const CRITICALITY: u32 = 1 << 7;
/// What no facet counts.
pub(crate) const OTHER: u32 = 1 << 8;

/// Whether a list of booleans says yes to a number; yes to all when there is no list.
#[inline]
pub(crate) fn says_yes(list: Option<&Vec<bool>>, number: u32) -> bool {
    list.is_none_or(|it| it.get(number as usize).copied().unwrap_or_default())
}

/// A filter on the tables of one view.
#[derive(Debug)]
pub(crate) struct Wanted {
    kinds: Option<Vec<bool>>,
    clouds: Option<Vec<bool>>,
    places: Option<Vec<bool>>,
    regions: Option<Vec<bool>>,
    /// By tag: whether a set of keys holds its key, and who has it with its value.
    tags: Vec<(Vec<bool>, Option<Hits>)>,
    states: Option<[bool; 4]>,
    severities: Option<[bool; 4]>,
    criticalities: Option<[bool; 4]>,
    checks: Option<Vec<bool>>,
    is_exempt: Option<bool>,
    hits: Option<Hits>,
}

impl Wanted {
    pub(crate) fn new(view: &View, filter: &ResourceFilter) -> Self {
        let tables = &view.tables;
        let tag = |tag: &TagFilter| {
            let key = tables.tag_keys.find(&tag.key);
            let has = |set: &std::sync::Arc<[u32]>| key.is_some_and(|key| set.contains(&key));
            let sets = tables.tag_sets().iter().map(has).collect();
            (sets, tag.value.as_deref().map(|value| view.tag_hits(&tag.key, value)))
        };
        let severities = (!filter.severities.is_empty()).then(|| {
            let mut wanted = [false; 4];
            for severity in &filter.severities {
                if let Some(place) = wanted.get_mut(severity_index(*severity)) {
                    *place = true;
                }
            }
            wanted
        });
        let states = (!filter.states.is_empty())
            .then(|| ResourceState::ALL.map(|it| filter.states.contains(&it)));
        let criticalities = (!filter.criticalities.is_empty())
            .then(|| Criticality::ALL.map(|it| filter.criticalities.contains(&it)));
        Self {
            kinds: tables.kinds.wanted(&filter.kinds),
            clouds: tables.clouds.wanted(&filter.clouds),
            places: view.places_below(&filter.scopes),
            regions: tables.regions.wanted(&filter.regions),
            tags: filter.tags.iter().map(tag).collect(),
            states,
            severities,
            criticalities,
            checks: view.wanted_checks(&filter.checks),
            is_exempt: filter.is_exempt,
            hits: filter.text.as_deref().and_then(|text| view.text_hits(text)),
        }
    }

    /// What a line fails; 0 when it is wanted.
    #[inline]
    pub(crate) fn fails(&self, entry: &Entry<'_>) -> u32 {
        let line = entry.line;
        let mut fails = 0;
        let mut fail = |fails_it: bool, bit: u32| fails |= if fails_it { bit } else { 0 };
        fail(self.hits.as_ref().is_some_and(|it| !it.has(entry.node)), OTHER);
        fail(self.is_exempt.is_some_and(|it| it != line.has_exempt), OTHER);
        fail(!says_yes(self.kinds.as_ref(), line.kind), KIND);
        fail(!says_yes(self.clouds.as_ref(), line.cloud), CLOUD);
        fail(!says_yes(self.places.as_ref(), line.home), SCOPE);
        fail(!says_yes(self.regions.as_ref(), line.region), REGION);
        if let Some(states) = &self.states {
            fail(!states.get(line.state.index()).copied().unwrap_or_default(), STATE);
        }
        if let Some(severities) = &self.severities {
            let has = severities.iter().zip(line.open).any(|(wanted, n)| *wanted && n > 0);
            fail(!has, SEVERITY);
        }
        if let Some(wanted) = &self.criticalities {
            let is_it = wanted.get(line.criticality_index()).copied().unwrap_or_default();
            fail(!is_it, CRITICALITY);
        }
        if fails & OTHER == 0 && self.checks.is_some() {
            let is_open = |it: &crate::lines::Cell| {
                it.is_open() && says_yes(self.checks.as_ref(), it.check())
            };
            fails |= if entry.cells.iter().any(is_open) { 0 } else { OTHER };
        }
        if fails & OTHER == 0 && !self.tags.is_empty() && !self.has_tags(entry) {
            fails |= TAG;
        }
        fails
    }

    fn has_tags(&self, entry: &Entry<'_>) -> bool {
        self.tags.iter().all(|(sets, hits)| {
            says_yes(Some(sets), entry.line.tag_set)
                && hits.as_ref().is_none_or(|it| it.has(entry.node))
        })
    }
}

impl View {
    /// By place: whether it is one of these scopes or below one; `None` when none is named.
    pub(crate) fn places_below(&self, scopes: &[String]) -> Option<Vec<bool>> {
        (!scopes.is_empty()).then(|| self.places.below(scopes.iter().map(String::as_str)))
    }

    /// By the number of the check; `None` when none is named.
    pub(crate) fn wanted_checks(&self, ids: &[String]) -> Option<Vec<bool>> {
        if ids.is_empty() {
            return None;
        }
        let mut wanted = vec![false; self.checks.bound()];
        for (number, _) in ids.iter().filter_map(|id| self.checks.find(id)) {
            if let Some(place) = wanted.get_mut(number.0 as usize) {
                *place = true;
            }
        }
        Some(wanted)
    }
}

/// Adds `n` to a count by place; what lies in none is not counted.
pub(crate) fn add_at(counts: &mut crate::facets::Counts, place: u32, n: u64) {
    if place != NOWHERE {
        counts.add(place as usize, n);
    }
}
