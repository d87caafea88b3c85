//! Lists of assessments: what each check says of each resource that a caller sees.

use content::Check;
use jiff::Timestamp;
use lang::NodeId;
use model::{Severity, Verdict};
use posture::risk::Risk;
use posture::{Category, CheckNumber, Judged, Reasons};
use serde::{Deserialize, Serialize};

use crate::checks::{SEVERITIES, severity_index};
use crate::facets::{Counts, Facet};
use crate::filter::{CLOUD, KIND, OTHER, ResourceFilter, SCOPE, Wanted, add_at, says_yes};
use crate::known::Levels;
use crate::lines::{Cell, Entry, VERDICTS};
use crate::order::{Best, Key, Order, Point};
use crate::page::{Cursor, CursorValue, Listed, Page};
use crate::resources::ResourceItem;
use crate::sight::Sight;
use crate::view::View;

/// What assessments are sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AssessmentSort {
    /// The highest risk first, then as by severity. What is not open has none and comes last.
    #[default]
    Risk,
    /// The worst severity first, then by check and resource.
    Severity,
    /// By the id of the resource, then as above.
    Resource,
    /// The latest change of the verdict first, then by resource and check.
    Since,
}

/// What a list of assessments is narrowed to: as a [`ResourceFilter`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssessmentFilter {
    /// Words that the resource is found by.
    pub text: Option<String>,
    /// Checks, by id.
    pub checks: Vec<String>,
    /// Resources, by id.
    pub resources: Vec<String>,
    /// Verdicts as judged.
    pub verdicts: Vec<Verdict>,
    /// Severities of the checks.
    pub severities: Vec<Severity>,
    /// Scope ids, with all below.
    pub scopes: Vec<String>,
    /// Clouds of the resources.
    pub clouds: Vec<String>,
    /// Kind ids of the resources.
    pub kinds: Vec<String>,
    /// Whether an exemption makes it count otherwise than judged, or not at all.
    pub is_exempt: Option<bool>,
    /// Whether it came back after it had been mended.
    pub is_reopened: Option<bool>,
}

/// What a check says of a resource.
#[derive(Debug, Clone)]
pub struct AssessmentItem<'v> {
    /// The check.
    pub check: &'v Check,
    /// The resource.
    pub resource: ResourceItem<'v>,
    /// The verdict as judged.
    pub verdict: Verdict,
    /// What it counts as; `None`: it has left the calculation.
    pub counts_as: Option<Verdict>,
    /// The exemption that counts for it, by its number, and how.
    pub exemption: Option<(u64, Category)>,
    /// How urgent it is; `None` where it does not count as unhealthy.
    pub risk: Option<Risk>,
    /// Why it is unknown, for people; only then.
    pub why: Option<String>,
    /// The commit since which it has this verdict.
    pub since: u64,
    /// The commit at which it was first judged.
    pub first_seen: u64,
    /// How often it came back after it had been mended.
    pub reopened: u32,
    /// The instant at which time alone changes the verdict, when one is known.
    pub flips_at: Option<Timestamp>,
}

// What a cell may fail, beside what its line may: see `filter`.
const CHECK: u32 = 1 << 16;
const VERDICT: u32 = 1 << 17;
const SEVERITY: u32 = 1 << 18;

/// What each sort of cell fails, by its place: see [`Cell::sort`].
fn cell_fails(view: &View, filter: &AssessmentFilter) -> Vec<u32> {
    let checks = view.wanted_checks(&filter.checks);
    let fails = |cell: Cell| {
        let Some(facts) = view.checks.get(cell.check()) else { return OTHER };
        let (severities, verdicts) = (&filter.severities, &filter.verdicts);
        let mut fails = if says_yes(checks.as_ref(), cell.check()) { 0 } else { CHECK };
        if !severities.is_empty() && !severities.contains(&facts.check.severity) {
            fails |= SEVERITY;
        }
        if !verdicts.is_empty() && !verdicts.contains(&cell.verdict()) {
            fails |= VERDICT;
        }
        if filter.is_exempt.is_some_and(|it| it != cell.is_exempt())
            || filter.is_reopened.is_some_and(|it| it != cell.is_reopened())
        {
            fails |= OTHER;
        }
        fails
    };
    Cell::sorts(view.checks.bound()).map(fails).collect()
}

#[derive(Debug)]
struct Tallies {
    total: u64,
    kinds: Counts,
    clouds: Counts,
    places: Counts,
    /// By the sort of cell, on lines that are wanted.
    sorts: Counts,
}

impl Tallies {
    fn new(view: &View) -> Self {
        Self {
            total: 0,
            kinds: Counts::of(view.tables.kinds.len()),
            clouds: Counts::of(view.tables.clouds.len()),
            places: Counts::of(view.places.len()),
            sorts: Counts::of(Cell::sorts(view.checks.bound()).count()),
        }
    }

    /// Counts the cells of a line; `n` of them are all that the filter on cells wants.
    fn add_line(&mut self, entry: &Entry<'_>, fails: u32, n: u64) {
        let line = entry.line;
        self.total += if fails == 0 { n } else { 0 };
        if fails & !KIND == 0 {
            self.kinds.add(line.kind as usize, n);
        }
        if fails & !CLOUD == 0 {
            self.clouds.add(line.cloud as usize, n);
        }
        if fails & !SCOPE == 0 {
            add_at(&mut self.places, line.home, n);
        }
    }

    fn facets(&self, view: &View, sight: &Sight, cell_fails: &[u32]) -> Vec<Facet> {
        let tables = &view.tables;
        let mut checks = Counts::of(view.checks.bound());
        let mut verdicts = Counts::of(VERDICTS.len());
        let mut severities = Counts::of(SEVERITIES.len());
        let sorts = Cell::sorts(view.checks.bound()).zip(self.sorts.all()).zip(cell_fails);
        for ((cell, n), fails) in sorts.filter(|((_, n), _)| **n > 0) {
            let counts = |own: u32| if fails & !own == 0 { *n } else { 0 };
            checks.add(cell.check() as usize, counts(CHECK));
            verdicts.add(cell.verdict_index(), counts(VERDICT));
            if let Some(facts) = view.checks.get(cell.check()) {
                severities.add(severity_index(facts.check.severity), counts(SEVERITY));
            }
        }
        let verdict = |at| VERDICTS.get(at as usize).map_or("", |it| it.name());
        let severity = |at| SEVERITIES.get(at as usize).map_or("", |it| it.name());
        let check = |it| view.checks.get(it).map_or("", |it| it.check.id.as_str());
        vec![
            Facet::new("kind", self.kinds.named(|it| tables.kinds.name(it))),
            Facet::new("cloud", self.clouds.named(|it| tables.clouds.name(it))),
            view.scope_facet(sight, &self.places),
            Facet::new("check", checks.named(check)),
            Facet::new("verdict", verdicts.named(verdict)),
            Facet::new("severity", severities.named(severity)),
        ]
    }
}

impl View {
    /// The assessments of resources that a caller sees which a filter wants.
    pub fn assessments(
        &self,
        sight: &Sight,
        filter: &AssessmentFilter,
        sort: AssessmentSort,
        page: &Page,
    ) -> Listed<AssessmentItem<'_>> {
        let of_resources = ResourceFilter {
            text: filter.text.clone(),
            kinds: filter.kinds.clone(),
            clouds: filter.clouds.clone(),
            scopes: filter.scopes.clone(),
            ..ResourceFilter::default()
        };
        let (seen, wanted) = (self.seen(sight), Wanted::new(self, &of_resources));
        let cell_fails = cell_fails(self, filter);
        let orders: Vec<u64> = self.check_orders();
        let order = Order {
            graph: &self.graph,
            meta: self.meta,
            by_name: false,
            is_reversed: page.is_reversed,
        };
        let after = page.after.as_ref().map(|it| self.assessment_point(it, sort));
        let mut best = Best::new(order, after, page.limit);
        let mut tallies = Tallies::new(self);
        let risks = self.risks();
        let mut visit = |entry: Entry<'_>| {
            if !entry.line.is_listed || !seen.sees(entry.line.home) {
                return;
            }
            let line_fails = wanted.fails(&entry);
            if line_fails & OTHER != 0 || line_fails.count_ones() > 1 {
                return;
            }
            let fails = |cell: &Cell| cell_fails.get(cell.sort()).copied().unwrap_or(OTHER);
            if line_fails != 0 {
                let n = entry.cells.iter().filter(|it| fails(it) == 0).count();
                tallies.add_line(&entry, line_fails, n as u64);
                return;
            }
            let levels = (sort == AssessmentSort::Risk && entry.line.n_open() > 0)
                .then(|| risks.levels(&entry));
            let mut n = 0;
            for (cell, since) in entry.cells.iter().zip(entry.since) {
                tallies.sorts.add(cell.sort(), 1);
                if fails(cell) == 0 {
                    n += 1;
                    let order = orders.get(cell.check() as usize).copied().unwrap_or_default();
                    let risk = levels.filter(|_| cell.is_open()).map(|it| self.risk_of(*cell, it));
                    let rest = Rest { since: *since, risk: risk.unwrap_or(SEVERITIES.len()) };
                    best.offer(assessment_key(&entry, order, rest, sort));
                }
            }
            tallies.add_line(&entry, line_fails, n);
        };
        if filter.resources.is_empty() {
            self.lines.listed().for_each(&mut visit);
        } else {
            let mut nodes: Vec<NodeId> =
                filter.resources.iter().filter_map(|id| self.graph.node_by_id(id)).collect();
            nodes.sort_unstable();
            nodes.dedup();
            nodes.into_iter().filter_map(|it| self.lines.get(it)).for_each(&mut visit);
        }
        let (keys, goes_on) = best.finish();
        let items: Vec<_> = keys
            .iter()
            .filter_map(|it| self.assessment_item(it.node, self.check_at(it, sort)?))
            .collect();
        let last = keys.last().zip(items.last()).filter(|_| goes_on);
        let next = last.map(|(key, item)| assessment_cursor(key, item, sort));
        Listed {
            items,
            total: tallies.total,
            next,
            facets: tallies.facets(self, sight, &cell_fails),
        }
    }

    /// The assessment of one resource by one check; `None` when the caller does not see it.
    pub fn assessment(
        &self,
        sight: &Sight,
        resource: &str,
        check: &str,
    ) -> Option<AssessmentItem<'_>> {
        let node = self.find(sight, resource)?;
        let (number, _) = self.checks.find(check)?;
        self.assessment_item(node, number)
    }

    pub(crate) fn assessment_item(
        &self,
        node: NodeId,
        number: CheckNumber,
    ) -> Option<AssessmentItem<'_>> {
        let mut judged = Vec::new();
        self.ledger.judged(&self.graph, self.meta, node, &mut judged);
        let found = judged.iter().find(|it| it.assessment.check == number)?;
        self.judged_item(node, found)
    }

    /// What is known of an assessment.
    pub(crate) fn judged_item(&self, node: NodeId, found: &Judged) -> Option<AssessmentItem<'_>> {
        let check = &*self.checks.get(found.assessment.check.0)?.check;
        let it = &found.assessment;
        let why = it.why.map(|why| Reasons::of(&self.graph, check, &self.gaps).describe(node, why));
        Some(AssessmentItem {
            check,
            resource: self.resource_item(node)?,
            verdict: it.verdict,
            counts_as: found.counts_as(),
            exemption: found.exemption,
            risk: match found.counts_as() {
                Some(Verdict::Unhealthy) => self.risk_at(node, check.severity),
                _ => None,
            },
            why,
            since: it.since,
            first_seen: it.first_seen,
            reopened: it.reopened(),
            flips_at: it.flips_at,
        })
    }

    /// The place of the risk of an open cell in [`SEVERITIES`].
    fn risk_of(&self, cell: Cell, levels: Levels) -> usize {
        let check = self.checks.get(cell.check());
        let level = check.and_then(|it| levels.get(severity_index(it.check.severity)));
        level.copied().unwrap_or(SEVERITIES.len())
    }

    /// By the number of the check: its place in the order of severity and id, as cursors count it.
    fn check_orders(&self) -> Vec<u64> {
        let order = |number| self.checks.get(number).map_or(0, |it| 2 * u64::from(it.order) + 1);
        (0..self.checks.bound() as u32).map(order).collect()
    }

    /// The check of a line of the list.
    fn check_at(&self, key: &Key, sort: AssessmentSort) -> Option<CheckNumber> {
        let order = match sort {
            AssessmentSort::Severity => key.major,
            AssessmentSort::Risk => key.major & ORDER_BITS,
            AssessmentSort::Resource | AssessmentSort::Since => key.minor,
        };
        self.checks.at_order(order / 2)
    }

    fn assessment_point<'c>(&self, cursor: &'c Cursor, sort: AssessmentSort) -> Point<'c> {
        let check = cursor.check.as_deref().unwrap_or_default();
        let (severity, rest) = match cursor.value {
            CursorValue::Number(number) => ((number & 3) as usize, number >> 2),
            CursorValue::Text(_) => (0, 0),
        };
        let order = self.checks.order_of(severity, check);
        let (major, minor) = match sort {
            AssessmentSort::Risk => (rest << RISK_SHIFT | order, 0),
            AssessmentSort::Severity => (order, 0),
            AssessmentSort::Resource => (0, order),
            AssessmentSort::Since => (u64::from(u32::MAX).saturating_sub(rest), order),
        };
        Point {
            major,
            name_rank: 0,
            name: "",
            id_rank: self.ranks.of_id(&cursor.id),
            id: &cursor.id,
            minor,
        }
    }
}

/// What an assessment may be sorted by, beside the order of its check.
#[derive(Debug, Clone, Copy)]
struct Rest {
    since: u32,
    /// The place of its risk in [`SEVERITIES`]; behind them for what is not open.
    risk: usize,
}

/// Risk stands above the order of the check.
const RISK_SHIFT: u32 = 32;
const ORDER_BITS: u64 = (1 << RISK_SHIFT) - 1;

#[inline]
fn assessment_key(entry: &Entry<'_>, order: u64, rest: Rest, sort: AssessmentSort) -> Key {
    let (major, minor) = match sort {
        AssessmentSort::Risk => ((rest.risk as u64) << RISK_SHIFT | order, 0),
        AssessmentSort::Severity => (order, 0),
        AssessmentSort::Resource => (0, order),
        AssessmentSort::Since => (u64::from(u32::MAX - rest.since), order),
    };
    Key { major, name_rank: 0, id_rank: entry.line.id_rank, node: entry.node, minor }
}

/// The severity of the check in the two lowest bits, above them what else the list is sorted by.
fn assessment_cursor(key: &Key, item: &AssessmentItem<'_>, sort: AssessmentSort) -> Cursor {
    let rest = match sort {
        AssessmentSort::Since => u64::from(u32::MAX).saturating_sub(key.major),
        AssessmentSort::Risk => key.major >> RISK_SHIFT,
        AssessmentSort::Severity | AssessmentSort::Resource => 0,
    };
    Cursor {
        value: CursorValue::Number(rest << 2 | severity_index(item.check.severity) as u64),
        id: item.resource.id.to_owned(),
        check: Some(item.check.id.clone()),
    }
}
