//! Lists of recommendations: each check with what it found among the resources that a caller sees.

use std::collections::BTreeMap;

use content::Check;
use model::Severity;
use posture::VerdictCounts;
use posture::risk::OpenByRisk;
use serde::{Deserialize, Serialize};

use crate::checks::{CheckFacts, Checks, SEVERITIES, severity_index};
use crate::facets::{Counts, Facet};
use crate::filter::says_yes;
use crate::lines::{Cell, VERDICTS};
use crate::page::{Cursor, CursorValue, Listed, Page};
use crate::sight::Sight;
use crate::text::words;
use crate::view::View;

/// How a recommendation fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RecommendationState {
    /// Something counts as unhealthy.
    Unhealthy,
    /// Nothing does, and something could not be judged.
    Unknown,
    /// All that was judged is healthy.
    Healthy,
    /// There is nothing to judge, or all of it is exempt.
    NotApplicable,
}

impl RecommendationState {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Unhealthy, Self::Unknown, Self::Healthy, Self::NotApplicable];

    /// The name as it stands in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unhealthy => "unhealthy",
            Self::Unknown => "unknown",
            Self::Healthy => "healthy",
            Self::NotApplicable => "notApplicable",
        }
    }
}

/// What recommendations are sorted by; then by severity and id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RecommendationSort {
    /// What is open first, then by the highest risk and how often it is found at it, then by severity and number of
    /// unhealthy resources.
    #[default]
    Risk,
    /// What is open first, then by severity and number of unhealthy resources.
    Urgency,
    /// Those with the most unhealthy resources first.
    Unhealthy,
    /// By title.
    Title,
}

/// What a list of recommendations is narrowed to: as a
/// [`ResourceFilter`](crate::ResourceFilter).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecommendationFilter {
    /// Words that all must be in title or id, or begin a word there.
    pub text: Option<String>,
    /// Severities.
    pub severities: Vec<Severity>,
    /// Clouds.
    pub clouds: Vec<String>,
    /// Controls, by id.
    pub controls: Vec<String>,
    /// What checks are about within their cloud: the second word of their ids.
    pub categories: Vec<String>,
    /// How they fare.
    pub states: Vec<RecommendationState>,
    /// The highest risk of what is open.
    pub risks: Vec<Severity>,
    /// Standards, by id.
    pub standards: Vec<String>,
    /// Scopes, with all below: only resources in them are counted.
    pub scopes: Vec<String>,
}

/// One check with what it found.
#[derive(Debug, Clone)]
pub struct RecommendationItem<'v> {
    /// The check.
    pub check: &'v Check,
    /// The cloud that it is about.
    pub cloud: &'v str,
    /// What it is about there.
    pub category: &'v str,
    /// How it fares.
    pub state: RecommendationState,
    /// Verdicts as judged.
    pub raw: VerdictCounts,
    /// Verdicts as they count.
    pub effective: VerdictCounts,
    /// Assessments that an exemption makes count otherwise.
    pub exempt: u64,
    /// Open assessments by risk.
    pub by_risk: OpenByRisk,
    /// The commit since which the oldest open assessment is unhealthy; `None` when none is open.
    pub since: Option<u64>,
    /// Points that its control may earn at most; 0 when it counts in no score.
    pub control_points: f64,
    /// Points of a hundred that the score of all that the caller sees would gain if everything that it
    /// found were mended; 0 when it counts in no score. Below 0 is possible: what is mended and still
    /// unknown for another check leaves the calculation.
    pub gain: f64,
    /// Whether it counts in scores.
    pub is_scored: bool,
}

/// What one check found.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    pub(crate) raw: VerdictCounts,
    pub(crate) effective: VerdictCounts,
    pub(crate) exempt: u64,
    /// Open assessments by risk.
    pub(crate) by_risk: OpenByRisk,
    /// Since when the oldest open assessment is.
    pub(crate) since: Option<u32>,
}

/// Counts of one check in the order of [`VERDICTS`].
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    raw: [u64; 4],
    effective: [u64; 4],
    exempt: u64,
}

impl Sums {
    /// Counts `n` assessments that say the same.
    fn add(&mut self, cell: Cell, n: u64) {
        if let Some(sum) = self.raw.get_mut(cell.verdict_index()) {
            *sum += n;
        }
        let counts_as = cell.counts_as();
        self.exempt += if counts_as == Some(cell.verdict()) { 0 } else { n };
        let at = VERDICTS.iter().position(|it| Some(*it) == counts_as);
        if let Some(sum) = at.and_then(|at| self.effective.get_mut(at)) {
            *sum += n;
        }
    }
}

fn counts([healthy, unhealthy, unknown, not_applicable]: [u64; 4]) -> VerdictCounts {
    VerdictCounts { healthy, unhealthy, unknown, not_applicable }
}

impl View {
    /// What every check found among the resources that a caller sees, by its number.
    pub(crate) fn check_counts(&self, sight: &Sight, places: Option<&Vec<bool>>) -> Vec<Found> {
        let seen = self.seen(sight);
        let n_checks = self.checks.bound();
        let mut sorts = Counts::of(Cell::sorts(n_checks).count());
        let mut since = vec![u32::MAX; n_checks];
        let (risks, mut by_risk) = (self.risks(), vec![OpenByRisk::default(); n_checks]);
        for entry in self.lines.listed() {
            if !seen.sees(entry.line.home) || !says_yes(places, entry.line.home) {
                continue;
            }
            for cell in entry.cells {
                sorts.add(cell.sort(), 1);
            }
            if entry.line.n_open() == 0 {
                continue;
            }
            let levels = risks.levels(&entry);
            for (cell, own) in entry.cells.iter().zip(entry.since).filter(|it| it.0.is_open()) {
                let number = cell.check();
                let Some(facts) = self.checks.get(number) else { continue };
                let level = levels.get(severity_index(facts.check.severity));
                if let Some(level) = level.and_then(|it| SEVERITIES.get(*it))
                    && let Some(first) = since.get_mut(number as usize)
                    && let Some(by_risk) = by_risk.get_mut(number as usize)
                {
                    *first = (*first).min(*own);
                    by_risk.add(*level);
                }
            }
        }
        let mut sums = vec![Sums::default(); n_checks];
        for (cell, n) in Cell::sorts(n_checks).zip(sorts.all()).filter(|(_, n)| **n > 0) {
            if let Some(sums) = sums.get_mut(cell.check() as usize) {
                sums.add(cell, *n);
            }
        }
        let found = |((it, since), by_risk): ((&Sums, &u32), &OpenByRisk)| Found {
            raw: counts(it.raw),
            effective: counts(it.effective),
            exempt: it.exempt,
            by_risk: *by_risk,
            since: Some(*since).filter(|it| *it < u32::MAX),
        };
        sums.iter().zip(&since).zip(&by_risk).map(found).collect()
    }

    /// The checks that a filter wants, with what they found among the resources that a caller sees.
    pub fn recommendations(
        &self,
        sight: &Sight,
        filter: &RecommendationFilter,
        sort: RecommendationSort,
        page: &Page,
    ) -> Listed<RecommendationItem<'_>> {
        let found = self.check_counts(sight, self.places_below(&filter.scopes).as_ref());
        let (wanted, gains) = (Wanted::new(filter), self.gains(sight));
        let mut items = Vec::new();
        let mut tallies = vec![Vec::new(); N_FACETS];
        for (number, facts) in self.checks.iter() {
            let Some(found) = found.get(number as usize) else { continue };
            let gain = gains.get(number as usize).copied().unwrap_or_default();
            let item = self.recommendation(facts, found, gain);
            let fails = wanted.fails(&item);
            for (at, values) in tallies.iter_mut().enumerate() {
                if fails & !(1 << at) == 0 {
                    values.push(property(at, &item));
                }
            }
            if fails == 0 {
                items.push(item);
            }
        }
        let total = items.len() as u64;
        let compare = |a, b| {
            let order = recommendation_key(a, sort).cmp(&recommendation_key(b, sort));
            if page.is_reversed { order.reverse() } else { order }
        };
        items.sort_by(|a, b| compare(point(a), point(b)));
        if let Some(after) = &page.after {
            match (self.library.check(&after.id), &after.value) {
                (Some(check), CursorValue::Number(number)) => {
                    let behind = Point::read(check, *number);
                    items.retain(|it| compare(point(it), behind).is_gt());
                }
                _ => items.clear(),
            }
        }
        let goes_on = items.len() > page.limit;
        items.truncate(page.limit);
        let next = items.last().filter(|_| goes_on).map(|it| Cursor {
            value: CursorValue::Number(point(it).number()),
            id: it.check.id.clone(),
            check: None,
        });
        let facets = FACETS.into_iter().zip(&tallies).map(|(name, values)| {
            let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
            for value in values.iter().filter(|it| !it.is_empty()) {
                *counts.entry(value).or_default() += 1;
            }
            Facet::new(name, counts.into_iter())
        });
        let facets = facets.collect();
        Listed { items, total, next, facets }
    }

    /// One check with what it found among the resources that a caller sees; `None` when there is none
    /// with this id.
    pub fn recommendation_of(&self, sight: &Sight, check: &str) -> Option<RecommendationItem<'_>> {
        let (number, facts) = self.checks.find(check)?;
        let found = self.check_counts(sight, None);
        let gain = self.gains(sight).get(number.0 as usize).copied().unwrap_or_default();
        Some(self.recommendation(facts, found.get(number.0 as usize)?, gain))
    }

    fn recommendation<'v>(
        &'v self,
        facts: &'v CheckFacts,
        found: &Found,
        gain: f64,
    ) -> RecommendationItem<'v> {
        let check = &*facts.check;
        let state = match &found.effective {
            it if it.unhealthy > 0 => RecommendationState::Unhealthy,
            it if it.unknown > 0 => RecommendationState::Unknown,
            it if it.healthy > 0 => RecommendationState::Healthy,
            _ => RecommendationState::NotApplicable,
        };
        let control = self.library.controls().find(|it| it.id == check.control);
        let is_scored = facts.is_scored();
        RecommendationItem {
            check,
            cloud: Checks::cloud(check),
            category: Checks::category(check),
            state,
            raw: found.raw,
            effective: found.effective,
            exempt: found.exempt,
            by_risk: found.by_risk,
            since: found.since.map(u64::from),
            control_points: control.filter(|_| is_scored).map_or(0.0, |it| it.points),
            gain,
            is_scored,
        }
    }
}

const FACETS: [&str; N_FACETS] = ["severity", "cloud", "control", "category", "state", "risk"];
const N_FACETS: usize = 6;
/// What no facet counts.
const OTHER: u32 = 1 << N_FACETS;

/// The value of the property that a facet counts.
fn property<'v>(facet: usize, item: &RecommendationItem<'v>) -> &'v str {
    match facet {
        0 => item.check.severity.name(),
        1 => item.cloud,
        2 => &item.check.control,
        3 => item.category,
        4 => item.state.name(),
        _ => item.by_risk.highest().map_or("", Severity::name),
    }
}

struct Wanted<'f> {
    filter: &'f RecommendationFilter,
    words: Vec<String>,
}

impl<'f> Wanted<'f> {
    fn new(filter: &'f RecommendationFilter) -> Self {
        let mut wanted = Vec::new();
        let text = filter.text.as_deref().unwrap_or_default();
        words(text, &mut String::new(), &mut |it| wanted.push(it.to_owned()));
        Self { filter, words: wanted }
    }

    fn fails(&self, item: &RecommendationItem<'_>) -> u32 {
        let it = self.filter;
        let (mut fails, mut bit) = (0, 1);
        let mut fail = |fails_it: bool| {
            fails |= if fails_it { bit } else { 0 };
            bit <<= 1;
        };
        let names =
            |list: &[String], value: &str| list.is_empty() || list.iter().any(|it| it == value);
        fail(!it.severities.is_empty() && !it.severities.contains(&item.check.severity));
        fail(!names(&it.clouds, item.cloud));
        fail(!names(&it.controls, &item.check.control));
        fail(!names(&it.categories, item.category));
        fail(!it.states.is_empty() && !it.states.contains(&item.state));
        let risk = item.by_risk.highest();
        fail(!it.risks.is_empty() && !risk.is_some_and(|risk| it.risks.contains(&risk)));
        let standards = &item.check.standards;
        let has_standard = it.standards.iter().any(|it| standards.contains_key(it));
        let is_other = !(it.standards.is_empty() || has_standard) || !self.has_words(item.check);
        fails | if is_other { OTHER } else { 0 }
    }

    fn has_words(&self, check: &Check) -> bool {
        let mut found = vec![false; self.words.len()];
        for text in [&check.title, &check.id] {
            words(text, &mut String::new(), &mut |own| {
                for (found, word) in found.iter_mut().zip(&self.words) {
                    *found |= own.starts_with(word.as_str());
                }
            });
        }
        found.iter().all(|it| *it)
    }
}

/// Where a recommendation stands: its check, its number of unhealthy resources, its highest risk.
#[derive(Debug, Clone, Copy)]
struct Point<'v> {
    check: &'v Check,
    n_unhealthy: u64,
    /// The place in [`SEVERITIES`]; behind them where nothing is open.
    risk: usize,
    /// How many are open at that risk.
    n_at_risk: u64,
}

/// Numbers of assessments keep below this in a cursor.
const MOST_COUNTED: u64 = (1 << 30) - 1;

impl<'v> Point<'v> {
    fn read(check: &'v Check, number: u64) -> Self {
        let (risk, n_at_risk) = ((number >> 60) as usize, number >> 30 & MOST_COUNTED);
        Self { check, n_unhealthy: number & MOST_COUNTED, risk, n_at_risk }
    }

    /// What of it changes, for a cursor.
    fn number(self) -> u64 {
        let counted = |it: u64| it.min(MOST_COUNTED);
        (self.risk as u64) << 60 | counted(self.n_at_risk) << 30 | counted(self.n_unhealthy)
    }
}

fn point<'v>(item: &RecommendationItem<'v>) -> Point<'v> {
    let highest = item.by_risk.highest();
    Point {
        check: item.check,
        n_unhealthy: item.effective.unhealthy,
        risk: highest.map_or(SEVERITIES.len(), severity_index),
        n_at_risk: highest.map_or(0, |it| u64::from(item.by_risk.at(it))),
    }
}

/// What recommendations are compared by.
type SortKey<'v> = (usize, usize, u64, usize, u64, &'v str, &'v str);

fn recommendation_key(point: Point<'_>, sort: RecommendationSort) -> SortKey<'_> {
    let Point { check, n_unhealthy, risk, n_at_risk } = point;
    let (severity, id) = (severity_index(check.severity), check.id.as_str());
    let (unhealthy, at_risk) = (u64::MAX - n_unhealthy, u64::MAX - n_at_risk);
    let is_closed = usize::from(n_unhealthy == 0);
    match sort {
        RecommendationSort::Risk => (is_closed, risk, at_risk, severity, unhealthy, "", id),
        RecommendationSort::Urgency => (is_closed, 0, 0, severity, unhealthy, "", id),
        RecommendationSort::Unhealthy => (0, 0, 0, 0, unhealthy, "", id),
        RecommendationSort::Title => (0, 0, 0, 0, 0, &check.title, id),
    }
}
