//! Scopes of Azure: which one lies in which.
//!
//! `/`, management groups, subscriptions, resource groups, resources. Ids are in lower case. In what is
//! asked about, a word may be `*`: then it is asked whether there is any such resource.

use hashbrown::HashMap;

use crate::truth::Truth;

pub(super) const GROUPS: &str = "/providers/microsoft.management/managementgroups/";

/// What lies in what, above subscriptions.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Child (subscription or management group) to management group, by the document that says so.
    parents: HashMap<String, HashMap<String, String>>,
    /// The root of the tenant that a subscription or management group is in, by that document. The root is a
    /// management group whose name is the tenant's id.
    tops: HashMap<String, String>,
    /// How many documents name a root.
    roots: HashMap<String, u32>,
}

impl Tree {
    pub(super) fn put(&mut self, document: &str, child: &str, parent: &str) {
        let said = self.parents.entry(child.to_owned()).or_default();
        said.insert(document.to_owned(), parent.to_owned());
    }

    /// A subscription or management group says in which tenant it is.
    pub(super) fn put_tenant(&mut self, document: &str, tenant: &str) {
        let root = format!("{GROUPS}{tenant}");
        self.forget_tenant(document);
        *self.roots.entry_ref(root.as_str()).or_default() += 1;
        self.tops.insert(document.to_owned(), root);
    }

    fn forget_tenant(&mut self, document: &str) {
        let Some(root) = self.tops.remove(document) else { return };
        if let Some(n) = self.roots.get_mut(&root) {
            *n -= 1;
            if *n == 0 {
                self.roots.remove(&root);
            }
        }
    }

    /// What a document says a thing lies in.
    pub(super) fn said(&self, document: &str) -> (Option<String>, Option<String>) {
        let parent = self.parents.get(document).and_then(|it| it.get(document));
        (parent.cloned(), self.tops.get(document).cloned())
    }

    /// Forgets what a document said.
    pub(super) fn remove(&mut self, document: &str) {
        if unit(document) != Some(document) {
            return;
        }
        self.forget_tenant(document);
        self.parents.retain(|_, said| {
            said.remove(document);
            !said.is_empty()
        });
    }

    fn parent(&self, child: &str) -> Option<&str> {
        self.parents.get(child)?.values().min().map(String::as_str)
    }

    /// Whether what is granted at `scope` holds for `on`. Not known where the chain of management
    /// groups was not read to its end.
    pub(super) fn holds(&self, scope: &str, on: &str, sense: Sense) -> Truth {
        if scope == "/" || on == "*" && sense == Sense::Some {
            return Truth::Yes;
        }
        let is_group = scope.strip_prefix(GROUPS).is_some_and(|it| !it.contains('/'));
        let Some(mut at) = unit(on).filter(|_| is_group) else {
            return Truth::of(lies_in(on, scope, sense));
        };
        if at.contains('*') {
            return Truth::of(sense == Sense::Some);
        }
        let mut top = None;
        // a chain is at most six deep; a wrong document may go in circles
        for _ in 0..16 {
            if at == scope {
                return Truth::Yes;
            }
            top = top.or_else(|| self.tops.get(at));
            match self.parent(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        let is_at_top = self.roots.contains_key(at);
        match (top, self.roots.contains_key(scope)) {
            (Some(top), true) => Truth::of(top == scope),
            // it does not say in which tenant it is: in the only one that there is
            (None, true) if !is_at_top && self.roots.len() == 1 => Truth::Yes,
            _ if is_at_top => Truth::No,
            _ => Truth::Unknown,
        }
    }
}

/// How words with `*` are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// Any resource that fits will do: for what grants.
    Some,
    /// Every resource that fits must be in: for what forbids.
    Every,
}

/// Subscription or management group of an id.
fn unit(on: &str) -> Option<&str> {
    let words = if on.starts_with(GROUPS) {
        4
    } else if on.starts_with("/subscriptions/") {
        2
    } else {
        return None;
    };
    let end = on.match_indices('/').nth(words).map_or(on.len(), |(at, _)| at);
    on.get(..end)
}

/// Whether `on` is `scope` or lies in it, word by word.
fn lies_in(on: &str, scope: &str, sense: Sense) -> bool {
    let mut words = on.split('/');
    let mut last = "";
    for wanted in scope.split('/') {
        match words.next() {
            Some(word) if word == wanted => last = word,
            Some(word) if word.contains('*') && sense == Sense::Some => {
                if !crate::glob::takes(word, wanted) {
                    return false;
                }
                last = word;
            }
            Some(_) => return false,
            // `.../vaults/*` is any vault, and anything in one
            None if last == "*" && sense == Sense::Some => return true,
            None => return false,
        }
    }
    true
}

/// The name that a resource id has for a type: `microsoft.storage/storageaccounts/blobservices` in an id.
pub(super) fn name_of<'a>(on: &'a str, native: &str) -> Option<&'a str> {
    let (provider, types) = native.split_once('/')?;
    let (_, tail) = on.rsplit_once("/providers/")?;
    let mut words = tail.split('/');
    if !words.next()?.eq_ignore_ascii_case(provider) {
        return None;
    }
    let mut name = None;
    for wanted in types.split('/') {
        if !words.next()?.eq_ignore_ascii_case(wanted) {
            return None;
        }
        name = words.next();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{Sense, Tree, name_of};
    use crate::truth::Truth;

    const CORP: &str = "/providers/microsoft.management/managementgroups/corp";
    const ROOT: &str = "/providers/microsoft.management/managementgroups/t";

    #[track_caller]
    fn check(scope: &str, on: &str, want: Truth) {
        let mut tree = Tree::default();
        tree.put("d1", "/subscriptions/a", CORP);
        tree.put("d2", CORP, ROOT);
        tree.put_tenant(ROOT, "t");
        assert_eq!(tree.holds(scope, on, Sense::Some), want, "{scope} for {on}");
    }

    #[test]
    fn a_scope_holds_for_what_lies_in_it() {
        check("/", "/subscriptions/a", Truth::Yes);
        check("/subscriptions/a", "/subscriptions/a/resourcegroups/rg", Truth::Yes);
        check("/subscriptions/a/resourcegroups/r", "/subscriptions/a/resourcegroups/rg", Truth::No);
        check("/subscriptions/a/resourcegroups/rg", "/subscriptions/a", Truth::No);
        check(CORP, "/subscriptions/a/resourcegroups/rg", Truth::Yes);
        check(ROOT, "/subscriptions/a/resourcegroups/rg", Truth::Yes);
    }

    #[test]
    fn the_root_of_the_tenant_holds_for_all_and_an_unknown_chain_is_unknown() {
        check(ROOT, "/subscriptions/b", Truth::Yes);
        check(CORP, "/subscriptions/b", Truth::Unknown);
        let other = "/providers/microsoft.management/managementgroups/other";
        check(other, "/subscriptions/a", Truth::No);
    }

    #[test]
    fn the_root_of_one_tenant_holds_for_nothing_of_another() {
        let mut tree = Tree::default();
        tree.put_tenant("/subscriptions/a", "t");
        tree.put_tenant("/subscriptions/b", "u");
        let roots = [ROOT, "/providers/microsoft.management/managementgroups/u"];
        let check = |tree: &Tree, on: &str, want: [Truth; 2]| {
            let found = roots.map(|it| tree.holds(it, on, Sense::Some));
            assert_eq!(found, want, "{on}");
        };
        check(&tree, "/subscriptions/a/resourcegroups/rg", [Truth::Yes, Truth::No]);
        check(&tree, "/subscriptions/b", [Truth::No, Truth::Yes]);
        check(&tree, "/subscriptions/c", [Truth::Unknown, Truth::Unknown]);
        tree.remove("/subscriptions/b");
        check(&tree, "/subscriptions/c", [Truth::Yes, Truth::Unknown]);
    }

    #[test]
    fn a_star_asks_whether_there_is_any() {
        let vault = "/subscriptions/a/resourcegroups/rg/providers/microsoft.keyvault/vaults/v";
        let any = "/subscriptions/a/resourcegroups/*/providers/microsoft.keyvault/vaults/*";
        check(vault, any, Truth::Yes);
        assert_eq!(Tree::default().holds(vault, any, Sense::Every), Truth::No);
        assert_eq!(Tree::default().holds("/subscriptions/a", any, Sense::Every), Truth::Yes);
    }

    #[test]
    fn names_by_type() {
        let on = "/subscriptions/a/resourcegroups/rg/providers/microsoft.storage/storageaccounts/acc/blobservices/default/containers/c";
        assert_eq!(name_of(on, "Microsoft.Storage/storageAccounts"), Some("acc"));
        assert_eq!(
            name_of(on, "Microsoft.Storage/storageAccounts/blobServices/containers"),
            Some("c")
        );
        assert_eq!(name_of(on, "Microsoft.Storage/storageAccounts/queueServices"), None);
    }
}
