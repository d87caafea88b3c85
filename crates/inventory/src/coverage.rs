//! What was collected completely: which kind in which scope.
//!
//! AWS: a kind whose list answers of a region (or of the account) were all read to the last page.
//! Azure, GCP: a kind of which at least one resource of a scope was read. Kubernetes: that, or a
//! typed list, even an empty one. And whatever a `merlon-export.yaml` declares.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Gap, Resource};

use crate::batch::{Declared, ListPage, PageOutcome};
use crate::index::Index;
use crate::snapshot::Collected;

/// What is known about completeness.
#[derive(Debug)]
pub(crate) struct Coverage {
    collected: BTreeSet<Collected>,
    /// Scopes of which everything was collected.
    complete: BTreeSet<Arc<str>>,
}

/// The pages of each list by operation and argument.
type Lists<'p> = BTreeMap<(&'p str, Option<&'p str>), BTreeMap<u32, &'p PageOutcome>>;

/// The kinds that list answers of AWS cover; a page that is missing becomes a gap.
pub(crate) fn pages(
    pages: &[ListPage],
    index: &Index<'_>,
    gaps: &mut BTreeSet<Gap>,
) -> BTreeSet<Collected> {
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
    let mut collected = BTreeSet::new();
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
        if is_complete {
            let scope = format!("aws:{account}").into();
            collected.insert(Collected { scope, region, kind: Arc::clone(&info.id) });
        }
    }
    collected
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
    (**outcome == PageOutcome::HasNext).then(|| "the next page of the list is not here".to_owned())
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
        collected.extend(listed.into_iter().map(|(scope, kind)| Collected {
            scope,
            region: None,
            kind,
        }));
        Self { collected, complete }
    }

    /// Whether everything in a scope was collected, as its export declares.
    pub(crate) fn is_declared_complete(&self, scope: &str) -> bool {
        self.complete.contains(scope)
    }

    /// The coverage with what the resources show. In a complete scope every kind is collected: that
    /// is said by an entry with the kind `*`.
    pub(crate) fn finish(self, resources: &[Resource]) -> BTreeSet<Collected> {
        let mut collected = self.collected;
        for scope in self.complete {
            collected.insert(Collected { scope, region: None, kind: "*".into() });
        }
        for resource in resources.iter().filter(|it| it.collected) {
            if !resource.scope.starts_with("aws:") {
                let (scope, kind) = (Arc::clone(&resource.scope), Arc::clone(&resource.kind));
                collected.insert(Collected { scope, region: None, kind });
            }
        }
        collected
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
