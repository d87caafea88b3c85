//! What a caller's scopes are known by, and what is not seen of them.

use std::collections::{BTreeMap, BTreeSet};

use model::Verdict;
use posture::Why;

use crate::places::SCOPE;
use crate::sight::Sight;
use crate::view::View;

/// A subscription, account, project, cluster or other scope by which resources are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeCoverage<'v> {
    /// Its id.
    pub scope: &'v str,
    /// Its name; the id where none is known.
    pub name: &'v str,
    /// The cloud; empty where nothing says it.
    pub cloud: &'v str,
    /// Resources that were read in it, itself not counted.
    pub resources: u64,
    /// Of these, those of kinds that no content describes.
    pub undescribed: u64,
    /// What was read, by kind.
    pub kinds: Vec<KindCoverage<'v>>,
}

/// What is known of a kind in a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindCoverage<'v> {
    /// Its id; the cloud's own type where no content describes it.
    pub kind: &'v str,
    /// Whether content describes it.
    pub is_described: bool,
    /// Resources that were read.
    pub resources: u64,
    /// Assessments of them that are unknown.
    pub unknown: u64,
    /// Why they are, each with how many: the most first.
    pub gaps: Vec<GapCount<'v>>,
}

/// Something that was not read, and how much depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapCount<'v> {
    /// What was not read; empty: nothing was asked for.
    pub what: &'v str,
    /// Why.
    pub reason: &'v str,
    /// Assessments that are unknown because of it.
    pub assessments: u64,
}

/// Sums while the lines are walked.
#[derive(Default)]
struct Sums {
    resources: u64,
    unknown: u64,
    gaps: BTreeMap<u32, u64>,
}

impl View {
    /// What is known of each scope that a caller sees, by id. A scope that others name and that was never read
    /// is there without resources.
    pub fn coverage(&self, sight: &Sight) -> Vec<ScopeCoverage<'_>> {
        let seen = self.seen(sight);
        let mut by_scope: BTreeMap<u32, BTreeMap<u32, Sums>> = BTreeMap::new();
        let mut clouds: BTreeMap<u32, u32> = BTreeMap::new();
        for entry in self.lines.listed() {
            let line = entry.line;
            let is_scope = self.graph.labels(entry.node).any(|it| it == SCOPE);
            if !seen.sees(line.home) || is_scope {
                continue;
            }
            clouds.entry(line.scope).or_insert(line.cloud);
            let sums = by_scope.entry(line.scope).or_default().entry(line.kind).or_default();
            sums.resources += 1;
            if entry.cells.iter().all(|it| it.verdict() != Verdict::Unknown) {
                continue;
            }
            let row = self.ledger.row(entry.node).into_iter();
            for it in row.flat_map(posture::Row::assessments) {
                if it.verdict == Verdict::Unknown {
                    sums.unknown += 1;
                    if let Some(Why::Gap(gap)) = it.why {
                        *sums.gaps.entry(gap.0).or_default() += 1;
                    }
                }
            }
        }
        let covered: BTreeSet<u32> = by_scope.keys().copied().collect();
        // Scopes that are only named by others, and are no part of one that was read.
        for number in 0..self.places.len() as u32 {
            let is_top = self.places.get(number).is_some_and(|it| {
                it.node.is_some_and(|node| self.graph.labels(node).any(|it| it == SCOPE))
            });
            let has_below = self.places.children().contains_key(&number);
            let is_part = self.places.chain(number).skip(1).any(|it| covered.contains(&it));
            let is_known =
                self.known_as(self.places.id(number)).is_some_and(|it| covered.contains(&it));
            if is_top && !has_below && !is_part && !is_known && seen.sees(number) {
                by_scope.entry(number).or_default();
            }
        }
        let shown = by_scope.into_iter().filter_map(|(number, kinds)| {
            let place = self.places.get(number)?;
            let own = place.node.and_then(|it| self.lines.get(it)).map(|it| it.line.cloud);
            let cloud = clouds.get(&number).copied().or(own);
            let kinds: Vec<KindCoverage<'_>> =
                kinds.into_iter().map(|(kind, sums)| self.kind_coverage(kind, sums)).collect();
            let sum = |wanted: bool| {
                let own = kinds.iter().filter(|it| it.is_described == wanted);
                own.map(|it| it.resources).sum::<u64>()
            };
            let (described, undescribed) = (sum(true), sum(false));
            Some(ScopeCoverage {
                scope: &place.id,
                name: self.place_name(number),
                cloud: cloud.map_or("", |it| self.tables.clouds.name(it)),
                resources: described + undescribed,
                undescribed,
                kinds,
            })
        });
        let mut all: Vec<ScopeCoverage<'_>> = shown.collect();
        all.sort_by(|a, b| a.scope.cmp(b.scope));
        all
    }

    /// The place by which resources name the account that an organisation lists under another id.
    fn known_as(&self, id: &str) -> Option<u32> {
        let account = id.strip_prefix("arn:aws:organizations::")?.rsplit('/').next()?;
        self.places.find(&format!("aws:{account}"))
    }

    fn kind_coverage(&self, kind: u32, sums: Sums) -> KindCoverage<'_> {
        let kind = self.tables.kinds.name(kind);
        let mut gaps: Vec<GapCount<'_>> = sums
            .gaps
            .into_iter()
            .filter_map(|(gap, assessments)| {
                let gap = self.gaps.get(gap as usize)?;
                Some(GapCount { what: &gap.what, reason: &gap.reason, assessments })
            })
            .collect();
        gaps.sort_by(|a, b| b.assessments.cmp(&a.assessments).then(a.what.cmp(b.what)));
        let (resources, unknown) = (sums.resources, sums.unknown);
        let is_described = self.library.kind(kind).is_some();
        KindCoverage { kind, is_described, resources, unknown, gaps }
    }
}
