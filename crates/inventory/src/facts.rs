//! What was collected completely, for quick questions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::snapshot::Collected;

/// The kind that stands for all kinds.
pub(crate) const ALL: &str = "*";

/// Where a kind was collected; `None` is everywhere in the scope.
type Regions = BTreeSet<Option<Arc<str>>>;

/// The regions of each kind of each scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    scopes: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Regions>>,
}

impl Facts {
    /// Adds a fact; whether it is new.
    pub(crate) fn add(&mut self, it: &Collected) -> bool {
        let kinds = self.scopes.entry(Arc::clone(&it.scope)).or_default();
        kinds.entry(Arc::clone(&it.kind)).or_default().insert(it.region.clone())
    }

    /// Takes a fact away; whether it was there.
    pub(crate) fn remove(&mut self, it: &Collected) -> bool {
        let Some(kinds) = self.scopes.get_mut(&it.scope) else { return false };
        let Some(regions) = kinds.get_mut(&it.kind) else { return false };
        let was_there = regions.remove(&it.region);
        if regions.is_empty() {
            kinds.remove(&it.kind);
        }
        was_there
    }

    /// Whether this very fact is known.
    pub(crate) fn holds(&self, it: &Collected) -> bool {
        let regions = self.scopes.get(&it.scope).and_then(|kinds| kinds.get(&it.kind));
        regions.is_some_and(|regions| regions.contains(&it.region))
    }

    /// Whether a kind, or every kind, was collected in a scope, at least in one of its regions.
    pub(crate) fn has_some(&self, scope: &str, kind: &str) -> bool {
        let kinds = self.scopes.get(scope);
        kinds.is_some_and(|it| it.contains_key(kind) || it.contains_key(ALL))
    }

    /// Whether a kind was collected where a resource of this scope and region is.
    pub(crate) fn has(&self, scope: &str, region: Option<&Arc<str>>, kind: &str) -> bool {
        let Some(kinds) = self.scopes.get(scope) else { return false };
        kinds.contains_key(ALL)
            || kinds.get(kind).is_some_and(|regions| {
                regions.contains(&None)
                    || region.is_some_and(|it| regions.contains(&Some(Arc::clone(it))))
            })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Collected> {
        self.scopes.iter().flat_map(|(scope, kinds)| {
            kinds.iter().flat_map(|(kind, regions)| {
                regions.iter().map(|region| Collected {
                    scope: Arc::clone(scope),
                    region: region.clone(),
                    kind: Arc::clone(kind),
                })
            })
        })
    }
}

impl<'c> FromIterator<&'c Collected> for Facts {
    fn from_iter<I: IntoIterator<Item = &'c Collected>>(all: I) -> Self {
        let mut facts = Self::default();
        for it in all {
            facts.add(it);
        }
        facts
    }
}
