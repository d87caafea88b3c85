//! Lists of resources.

use std::collections::BTreeMap;

use lang::NodeId;
use model::Criticality;
use serde::{Deserialize, Serialize};

use crate::checks::SEVERITIES;
use crate::facets::{Counts, Facet};
use crate::filter::{
    CLOUD, CRITICALITY, KIND, REGION, ResourceFilter, ResourceState, SCOPE, SEVERITY, STATE, TAG,
    Wanted, add_at,
};
use crate::lines::Entry;
use crate::order::{Best, Key, Order, Point};
use crate::page::{Cursor, CursorValue, Listed, Page};
use crate::sight::Sight;
use crate::view::View;

/// What resources are sorted by; then by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResourceSort {
    /// Those with the most severe open assessments first: by the number of critical ones, then of
    /// high ones and so on.
    #[default]
    Severity,
    /// Those with the most open assessments first.
    Unhealthy,
    /// The most critical first.
    Criticality,
    /// By name, whatever its case.
    Name,
    /// By the id of the kind.
    Kind,
    /// By id alone.
    Id,
}

/// Assessments that count as unhealthy, by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OpenCounts {
    /// Critical ones.
    pub critical: u64,
    /// High ones.
    pub high: u64,
    /// Medium ones.
    pub medium: u64,
    /// Low ones.
    pub low: u64,
}

/// One resource of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceItem<'v> {
    /// Its node.
    #[serde(skip)]
    pub node: NodeId,
    /// Canonical id.
    pub id: &'v str,
    /// Name for people.
    pub name: &'v str,
    /// Kind id; a native type where no kind file describes it.
    pub kind: &'v str,
    /// Name of the kind; `None` where no kind file describes it.
    pub kind_title: Option<&'v str>,
    /// The cloud; empty where nothing says it.
    pub cloud: &'v str,
    /// Subscription, account, project or cluster.
    pub scope: &'v str,
    /// The innermost scope in which it lies, such as its resource group; empty for none.
    pub home: &'v str,
    /// Region; empty when global or not known.
    pub region: &'v str,
    /// Tags by key.
    pub tags: BTreeMap<String, &'v str>,
    /// How it fares.
    pub state: ResourceState,
    /// Assessments that count as unhealthy.
    pub open: OpenCounts,
    /// Whether an exemption makes some assessment count otherwise.
    pub exempt: bool,
    /// How critical it is; `None`: by no classification.
    pub criticality: Option<Criticality>,
    /// The classifications that say so, by id.
    pub critical_by: Vec<&'v str>,
}

/// What a pass over the lines counts.
#[derive(Debug)]
struct Tallies {
    total: u64,
    kinds: Counts,
    clouds: Counts,
    places: Counts,
    regions: Counts,
    tag_sets: Counts,
    states: Counts,
    severities: Counts,
    criticalities: Counts,
}

impl Tallies {
    fn new(view: &View) -> Self {
        let tables = &view.tables;
        Self {
            total: 0,
            kinds: Counts::of(tables.kinds.len()),
            clouds: Counts::of(tables.clouds.len()),
            places: Counts::of(view.places.len()),
            regions: Counts::of(tables.regions.len()),
            tag_sets: Counts::of(tables.tag_sets().len()),
            states: Counts::of(ResourceState::ALL.len()),
            severities: Counts::of(SEVERITIES.len()),
            // one more, for those that are not critical
            criticalities: Counts::of(Criticality::ALL.len() + 1),
        }
    }

    /// Counts a line in every facet but for whose own filter it would be wanted.
    #[inline]
    fn add(&mut self, entry: &Entry<'_>, fails: u32) {
        let line = entry.line;
        let counts = |own: u32| fails & !own == 0;
        self.total += u64::from(fails == 0);
        if counts(KIND) {
            self.kinds.add(line.kind as usize, 1);
        }
        if counts(CLOUD) {
            self.clouds.add(line.cloud as usize, 1);
        }
        if counts(SCOPE) {
            add_at(&mut self.places, line.home, 1);
        }
        if counts(REGION) {
            self.regions.add(line.region as usize, 1);
        }
        if counts(TAG) {
            self.tag_sets.add(line.tag_set as usize, 1);
        }
        if counts(STATE) {
            self.states.add(line.state.index(), 1);
        }
        if counts(SEVERITY) {
            for (at, n) in line.open.iter().enumerate() {
                self.severities.add(at, u64::from(*n > 0));
            }
        }
        if counts(CRITICALITY) {
            self.criticalities.add(line.criticality_index(), 1);
        }
    }

    fn facets(&self, view: &View, sight: &Sight) -> Vec<Facet> {
        let tables = &view.tables;
        let mut keys = Counts::of(tables.tag_keys.len());
        for (set, n) in tables.tag_sets().iter().zip(self.tag_sets.all()) {
            set.iter().for_each(|key| keys.add(*key as usize, *n));
        }
        let state = |at| ResourceState::ALL.get(at as usize).map_or("", |it| it.name());
        let severity = |at| SEVERITIES.get(at as usize).map_or("", |it| it.name());
        let criticalities = Criticality::ALL.into_iter().zip(self.criticalities.all());
        let criticalities = criticalities.filter(|it| *it.1 > 0).map(|(it, n)| (it.name(), *n));
        vec![
            Facet::new("kind", self.kinds.named(|it| tables.kinds.name(it))),
            Facet::new("cloud", self.clouds.named(|it| tables.clouds.name(it))),
            view.scope_facet(sight, &self.places),
            Facet::new("region", self.regions.named(|it| tables.regions.name(it))),
            Facet::new("tag", keys.named(|it| tables.tag_keys.name(it))),
            Facet::new("state", self.states.named(state)),
            Facet::new("severity", self.severities.named(severity)),
            Facet::new("criticality", criticalities),
        ]
    }
}

impl View {
    /// The resources that a caller sees and a filter wants.
    pub fn resources<'v>(
        &'v self,
        sight: &Sight,
        filter: &ResourceFilter,
        sort: ResourceSort,
        page: &Page,
    ) -> Listed<ResourceItem<'v>> {
        let (seen, wanted) = (self.seen(sight), Wanted::new(self, filter));
        let kinds = self.kind_orders(sort);
        let order = Order {
            graph: &self.graph,
            meta: self.meta,
            by_name: sort == ResourceSort::Name,
            is_reversed: page.is_reversed,
        };
        let after = page.after.as_ref().map(|it| self.resource_point(it, sort));
        let mut best = Best::new(order, after, page.limit);
        let mut tallies = Tallies::new(self);
        for entry in self.lines.listed() {
            if !seen.sees(entry.line.home) {
                continue;
            }
            let fails = wanted.fails(&entry);
            tallies.add(&entry, fails);
            if fails == 0 {
                best.offer(resource_key(&entry, sort, &kinds));
            }
        }
        let (keys, goes_on) = best.finish();
        let items: Vec<_> = keys.iter().filter_map(|it| self.resource_item(it.node)).collect();
        let last = keys.last().zip(items.last()).filter(|_| goes_on);
        let next = last.map(|(key, item)| resource_cursor(key, item, sort));
        Listed { items, total: tallies.total, next, facets: tallies.facets(self, sight) }
    }

    /// How many resources a caller sees that a filter wants.
    pub fn count_resources(&self, sight: &Sight, filter: &ResourceFilter) -> u64 {
        let (seen, wanted) = (self.seen(sight), Wanted::new(self, filter));
        let is_it = |it: &Entry<'_>| seen.sees(it.line.home) && wanted.fails(it) == 0;
        self.lines.listed().filter(is_it).count() as u64
    }

    /// Resources by their ids, as lists show them; those that the caller does not see are left out.
    pub fn resource_items(&self, sight: &Sight, ids: &[String]) -> Vec<ResourceItem<'_>> {
        let nodes = ids.iter().filter_map(|id| View::find(self, sight, id));
        nodes.filter_map(|it| self.resource_item(it)).collect()
    }

    /// One resource as lists show it.
    pub(crate) fn resource_item(&self, node: NodeId) -> Option<ResourceItem<'_>> {
        let entry = self.lines.get(node)?;
        let (graph, meta, line) = (&self.graph, self.meta, entry.line);
        let kind = meta.kind(graph, node);
        let tags = meta.tags(graph, node);
        let [critical, high, medium, low] = line.open.map(u64::from);
        Some(ResourceItem {
            node,
            id: meta.id(graph, node),
            name: meta.name(graph, node),
            kind,
            kind_title: self.library.kind(kind).map(|it| it.title.as_str()),
            cloud: self.tables.clouds.name(line.cloud),
            scope: meta.scope(graph, node),
            home: self.places.id(line.home),
            region: meta.region(graph, node),
            tags: tags.map(|(key, value)| (graph.keys().name(key).to_string(), value)).collect(),
            state: line.state,
            open: OpenCounts { critical, high, medium, low },
            exempt: line.has_exempt,
            criticality: line.criticality(),
            critical_by: match line.criticality() {
                Some(_) => posture::marks_of(graph, node).by,
                None => Vec::new(),
            },
        })
    }

    /// Kinds in the order of their ids, by number; only where a list is sorted by them.
    fn kind_orders(&self, sort: ResourceSort) -> Vec<u64> {
        if sort != ResourceSort::Kind {
            return Vec::new();
        }
        let kinds = &self.tables.kinds;
        let mut names: Vec<(&str, u32)> =
            (0..kinds.len() as u32).map(|it| (kinds.name(it), it)).collect();
        names.sort_unstable();
        let mut orders = vec![0; names.len()];
        for (order, (_, number)) in (0..).zip(names) {
            if let Some(place) = orders.get_mut(number as usize) {
                *place = 2 * order + 1;
            }
        }
        orders
    }

    fn resource_point<'c>(&self, cursor: &'c Cursor, sort: ResourceSort) -> Point<'c> {
        let (number, text) = match &cursor.value {
            CursorValue::Number(number) => (*number, ""),
            CursorValue::Text(text) => (0, text.as_str()),
        };
        let major = match sort {
            // what is more comes first: see `resource_key`
            ResourceSort::Severity | ResourceSort::Unhealthy => u64::MAX - number,
            ResourceSort::Criticality => number,
            ResourceSort::Name | ResourceSort::Id => 0,
            ResourceSort::Kind => {
                let kinds = &self.tables.kinds;
                let n = (0..kinds.len() as u32).filter(|it| kinds.name(*it) < text).count();
                2 * n as u64 + u64::from(kinds.find(text).is_some())
            }
        };
        Point {
            major,
            name_rank: self.ranks.of_name(text),
            name: text,
            id_rank: self.ranks.of_id(&cursor.id),
            id: &cursor.id,
            minor: 0,
        }
    }
}

fn resource_key(entry: &Entry<'_>, sort: ResourceSort, kinds: &[u64]) -> Key {
    let line = entry.line;
    let major = match sort {
        ResourceSort::Severity => u64::MAX - line.weight(),
        ResourceSort::Unhealthy => u64::MAX - line.n_open(),
        ResourceSort::Criticality => line.criticality_index() as u64,
        ResourceSort::Name | ResourceSort::Id => 0,
        ResourceSort::Kind => kinds.get(line.kind as usize).copied().unwrap_or_default(),
    };
    let (name_rank, id_rank) = (line.name_rank, line.id_rank);
    Key { major, name_rank, id_rank, node: entry.node, minor: 0 }
}

fn resource_cursor(key: &Key, item: &ResourceItem<'_>, sort: ResourceSort) -> Cursor {
    let value = match sort {
        ResourceSort::Severity | ResourceSort::Unhealthy => {
            CursorValue::Number(u64::MAX - key.major)
        }
        ResourceSort::Criticality => CursorValue::Number(key.major),
        ResourceSort::Name => CursorValue::Text(item.name.to_owned()),
        ResourceSort::Kind => CursorValue::Text(item.kind.to_owned()),
        ResourceSort::Id => CursorValue::Text(String::new()),
    };
    Cursor { value, id: item.id.to_owned(), check: None }
}
