//! What was collected completely: which kind in which scope.
//!
//! AWS: a kind whose list answers of a region (or of the account) were all read to the last page.
//! Azure, GCP: a kind of which at least one resource of a scope was read. Kubernetes: that, or a
//! typed list, even an empty one. And whatever a `merlon-export.yaml` declares.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Gap, Resource};

use crate::batch::{Declared, ListPage, PageOutcome};
use crate::facts::ALL;
use crate::index::Index;
use crate::snapshot::Collected;

/// Why a list that goes on is not all of it.
const NEXT_IS_MISSING: &str = "the next page of the list is not here";

/// What is known about completeness.
#[derive(Debug)]
pub(crate) struct Coverage {
    /// What was listed to the end, or is declared to be: what is not in it does not exist.
    complete: BTreeSet<Collected>,
    /// Kinds of Kubernetes of which a typed list was read: of the whole cluster or of a namespace.
    listed: BTreeSet<(Arc<str>, Arc<str>)>,
    /// Scopes of which everything was collected.
    scopes: BTreeSet<Arc<str>>,
}

/// What an import says about completeness.
#[derive(Debug, Default)]
pub(crate) struct Completeness {
    /// What counts as collected when edges are judged to be missing.
    pub(crate) collected: BTreeSet<Collected>,
    /// What was listed to the end, or is declared to be: what is not in the import is gone.
    pub(crate) complete: BTreeSet<Collected>,
    /// Kinds of a cluster of which a typed list was read: scope, kind.
    pub(crate) listed: BTreeSet<(Arc<str>, Arc<str>)>,
    /// What was asked for and is not complete: a page was refused or is not here.
    pub(crate) incomplete: BTreeSet<Collected>,
}

/// The pages of each list by operation and argument.
type Lists<'p> = BTreeMap<(&'p str, Option<&'p str>), BTreeMap<u32, &'p PageOutcome>>;

/// The kinds that list answers of AWS cover, and those that they do not cover because a page is
/// missing, which becomes a gap.
pub(crate) fn pages(
    pages: &[ListPage],
    index: &Index<'_>,
    gaps: &mut BTreeSet<Gap>,
) -> (BTreeSet<Collected>, BTreeSet<Collected>) {
    let mut lists: BTreeMap<_, Lists<'_>> = BTreeMap::new();
    for page in pages {
        let place = (Arc::clone(&page.account), page.region.clone(), page.kind);
        let list = lists.entry(place).or_default();
        let of_argument = list.entry((&page.operation, page.argument.as_deref())).or_default();
        // Of two answers of one page the one that says more is missing counts.
        let outcome = of_argument.entry(page.page).or_insert(&page.outcome);
        if page.outcome > **outcome {
            *outcome = &page.outcome;
        }
    }
    let (mut collected, mut incomplete) = (BTreeSet::new(), BTreeSet::new());
    for ((account, region, kind), list) in lists {
        let Some(info) = index.kind(kind) else { continue };
        let mut is_complete = true;
        for ((operation, _), pages) in list {
            if let Some(reason) = what_is_missing(&pages) {
                is_complete = false;
                gaps.insert(Gap {
                    scope: format!("aws:{account}"),
                    what: operation.replace('/', ":"),
                    reason,
                });
            }
        }
        let scope = format!("aws:{account}").into();
        let found = Collected { scope, region, kind: Arc::clone(&info.id) };
        if is_complete {
            collected.insert(found)
        } else {
            incomplete.insert(found)
        };
    }
    (collected, incomplete)
}

/// Why the pages of one list are not all of it.
fn what_is_missing(pages: &BTreeMap<u32, &PageOutcome>) -> Option<String> {
    let failed = pages.values().find_map(|it| match it {
        PageOutcome::Failed(code) => Some(code.clone()),
        PageOutcome::Last | PageOutcome::HasNext => None,
    });
    if failed.is_some() {
        return failed;
    }
    let first = pages.first_key_value().map(|(page, _)| *page);
    let (last, outcome) = pages.last_key_value()?;
    if first != Some(1) || *last as usize != pages.len() {
        return Some("a page of the list is not here".to_owned());
    }
    (**outcome == PageOutcome::HasNext).then(|| NEXT_IS_MISSING.to_owned())
}

/// The gap that a page leaves which announces another one.
pub(crate) fn cut(scope: &str, kind: &str) -> Gap {
    let reason = NEXT_IS_MISSING.to_owned();
    Gap { scope: scope.to_owned(), what: kind.to_owned(), reason }
}

impl Coverage {
    pub(crate) fn new(
        declared: &[Declared],
        scopes: &BTreeSet<(Arc<str>, Arc<str>)>,
        listed: BTreeSet<(Arc<str>, Arc<str>)>,
        mut collected: BTreeSet<Collected>,
    ) -> Self {
        let mut complete = BTreeSet::new();
        for entry in declared {
            match (&entry.scope, &entry.kinds) {
                (None, None) => {
                    let below = scopes.iter().filter(|(path, _)| path.starts_with(&entry.folder));
                    complete.extend(below.map(|(_, scope)| Arc::clone(scope)));
                }
                (Some(scope), None) => {
                    complete.insert(Arc::from(&**scope));
                }
                (Some(scope), Some(kinds)) => collected.extend(kinds.iter().map(|kind| {
                    Collected { scope: Arc::from(&**scope), region: None, kind: Arc::from(&**kind) }
                })),
                (None, Some(_)) => {}
            }
        }
        Self { complete: collected, listed, scopes: complete }
    }

    /// Whether everything in a scope was collected, as its export declares.
    pub(crate) fn is_declared_complete(&self, scope: &str) -> bool {
        self.scopes.contains(scope)
    }

    /// The coverage with what the resources show. In a complete scope every kind is collected: that
    /// is said by an entry with the kind `*`.
    pub(crate) fn finish<'r>(
        self,
        resources: impl Iterator<Item = &'r Resource>,
        incomplete: BTreeSet<Collected>,
    ) -> Completeness {
        let fact = |scope: &Arc<str>, kind: &Arc<str>| Collected {
            scope: Arc::clone(scope),
            region: None,
            kind: Arc::clone(kind),
        };
        let mut complete = self.complete;
        complete.extend(self.scopes.iter().map(|scope| fact(scope, &ALL.into())));
        let mut collected = complete.clone();
        collected.extend(self.listed.iter().map(|(scope, kind)| fact(scope, kind)));
        let mut last = None;
        for resource in resources.filter(|it| it.collected && !it.scope.starts_with("aws:")) {
            // Neighbours are mostly of one kind.
            let found = fact(&resource.scope, &resource.kind);
            if last.as_ref() != Some(&found) && !incomplete.contains(&found) {
                collected.insert(found.clone());
                last = Some(found);
            }
        }
        Completeness { collected, complete, listed: self.listed, incomplete }
    }
}

#[cfg(test)]
mod tests {
    use super::what_is_missing;
    use crate::batch::PageOutcome;

    #[track_caller]
    fn check(pages: &[(u32, PageOutcome)], want: Option<&str>) {
        let pages = pages.iter().map(|(page, outcome)| (*page, outcome)).collect();
        assert_eq!(what_is_missing(&pages).as_deref(), want);
    }

    #[test]
    fn a_list_is_complete_when_its_last_page_is_here() {
        check(&[(1, PageOutcome::Last)], None);
        check(&[(1, PageOutcome::HasNext), (2, PageOutcome::Last)], None);
    }

    #[test]
    fn a_missing_or_failed_page_is_told() {
        check(&[(1, PageOutcome::HasNext)], Some("the next page of the list is not here"));
        check(&[(2, PageOutcome::Last)], Some("a page of the list is not here"));
        check(&[(1, PageOutcome::Failed("AccessDenied".to_owned()))], Some("AccessDenied"));
    }
}
