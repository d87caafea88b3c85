//! The content that a ledger was judged by: numbers of checks, and what counts where.
//!
//! Checks have numbers that never change their meaning, because rows are stored with them. A check
//! whose definition changed keeps its number and is judged anew.

use std::sync::{Arc, OnceLock};

use graph::Watch;
use hashbrown::HashMap;
use model::Keys;

use super::row::CheckNumber;
use crate::assessor::Assessor;
use crate::requirements::Requirements;

/// The numbers of checks of one tenant; to be stored with the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    entries: Vec<CatalogueEntry>,
    fingerprint: u64,
}

/// One check of a [`Catalogue`]; its number is its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// The check's id.
    pub id: Box<str>,
    /// A hash of its kinds and predicates, as they were when the rows were made.
    pub definition: u64,
}

impl Catalogue {
    /// A catalogue from what was stored: entries in the order of their numbers, and
    /// [`Catalogue::fingerprint`].
    pub fn from_entries(entries: Vec<CatalogueEntry>, fingerprint: u64) -> Self {
        Self { entries, fingerprint }
    }

    /// The entries, in the order of their numbers. The list only grows.
    pub fn entries(&self) -> &[CatalogueEntry] {
        &self.entries
    }

    /// Says whether content is the same: a hash of all that verdicts and scores depend on.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The id of a check; empty when there is none with this number.
    pub fn id(&self, check: CheckNumber) -> &str {
        self.entries.get(check.index()).map_or("", |it| &it.id)
    }

    /// The number of a check, sought from the first to the last.
    pub fn number(&self, id: &str) -> Option<CheckNumber> {
        let at = self.entries.iter().position(|it| &*it.id == id)?;
        Some(CheckNumber(at as u32))
    }
}

/// What a ledger knows of the content.
#[derive(Debug, Default)]
pub(crate) struct Scheme {
    pub(crate) catalogue: Catalogue,
    /// Numbers of the assessor's checks, by position.
    pub(crate) numbers: Vec<CheckNumber>,
    /// By number.
    pub(crate) checks: Vec<SchemeCheck>,
    /// Id and points.
    pub(crate) controls: Arc<[(Box<str>, f64)]>,
    pub(crate) requirements: Arc<Requirements>,
    by_id: HashMap<Box<str>, CheckNumber>,
    watch: OnceLock<Watch>,
}

/// Where a check counts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SchemeCheck {
    /// Its place in the assessor; `None` when the content no longer has it.
    pub(crate) position: Option<u32>,
    pub(crate) control: Option<u32>,
    pub(crate) is_scored: bool,
}

impl Scheme {
    /// The content of `assessor` with the numbers that `before` gave, and new ones for new checks.
    pub(crate) fn adopt(assessor: &Assessor, before: &Catalogue) -> Self {
        Self::new(assessor, before, true)
    }

    /// The content of `assessor` for rows that other content may have made: the catalogue says
    /// still which.
    pub(crate) fn restore(assessor: &Assessor, stored: &Catalogue) -> Self {
        Self::new(assessor, stored, stored.fingerprint == assessor.fingerprint)
    }

    fn new(assessor: &Assessor, before: &Catalogue, is_judged_by_it: bool) -> Self {
        let mut catalogue = before.clone();
        if is_judged_by_it {
            catalogue.fingerprint = assessor.fingerprint;
        }
        let mut by_id: HashMap<Box<str>, CheckNumber> = HashMap::new();
        for (at, it) in catalogue.entries.iter().enumerate() {
            by_id.insert(it.id.clone(), CheckNumber(at as u32));
        }
        let mut numbers = Vec::with_capacity(assessor.checks().len());
        let mut checks = vec![SchemeCheck::default(); catalogue.entries.len()];
        for (position, it) in assessor.checks().iter().enumerate() {
            let id: Box<str> = it.check.id.as_str().into();
            let next = CheckNumber(catalogue.entries.len() as u32);
            let number = *by_id.entry(id.clone()).or_insert(next);
            let at = number.index();
            if at == catalogue.entries.len() {
                catalogue.entries.push(CatalogueEntry { id, definition: 0 });
                checks.push(SchemeCheck::default());
            }
            if let (true, Some(entry)) = (is_judged_by_it, catalogue.entries.get_mut(at)) {
                entry.definition = it.definition;
            }
            if let Some(place) = checks.get_mut(at) {
                *place = SchemeCheck {
                    position: Some(position as u32),
                    control: it.control.map(|it| it as u32),
                    is_scored: it.is_scored(),
                };
            }
            numbers.push(number);
        }
        Self {
            catalogue,
            numbers,
            checks,
            controls: Arc::clone(&assessor.controls),
            requirements: Arc::clone(&assessor.requirements),
            by_id,
            watch: OnceLock::new(),
        }
    }

    /// The number of a check.
    pub(crate) fn number(&self, id: &str) -> Option<CheckNumber> {
        self.by_id.get(id).copied()
    }

    /// Finds what a change of the graph concerns; checks go by their positions. Made on first use,
    /// for the keys of the graphs that this ledger is about.
    pub(crate) fn watch(&self, assessor: &Assessor, keys: &Keys) -> &Watch {
        self.watch.get_or_init(|| {
            let mut watch = Watch::new(keys);
            for it in assessor.checks() {
                let footprints: Vec<_> = it.footprints().collect();
                let kinds: Vec<&str> = it.check.all_kinds().collect();
                watch.add(&footprints, &kinds);
            }
            watch
        })
    }

    pub(crate) fn check(&self, number: CheckNumber) -> SchemeCheck {
        self.checks.get(number.index()).copied().unwrap_or_default()
    }
}
