//! Paths that are read, as a tree: two documents are compared along all of them at once, and what is
//! written the same is not entered.

use std::collections::BTreeMap;

use model::{Key, View};

use super::Site;

/// Paths and who reads them.
#[derive(Debug, Default)]
pub(super) struct Trie {
    /// Read right here: where, and by whom.
    readers: BTreeMap<Site, Vec<u32>>,
    below: BTreeMap<Key, Trie>,
}

impl Trie {
    pub(super) fn insert(&mut self, path: &[Key], site: Site, reader: u32) {
        let mut at = self;
        for key in path {
            at = at.below.entry(*key).or_default();
        }
        super::push(at.readers.entry(site).or_default(), reader);
    }

    /// Calls `found` for each place where a path reads differently in two documents.
    pub(super) fn differences<'t>(
        &'t self,
        old: Option<View<'_>>,
        new: Option<View<'_>>,
        found: &mut dyn FnMut(Site, &'t [u32]),
    ) {
        match (old, new) {
            (None, None) => return,
            (Some(old), Some(new)) if old.is_same(new) => return,
            _ => {}
        }
        for (site, readers) in &self.readers {
            found(*site, readers);
        }
        for (key, below) in &self.below {
            let (old, new) = (old.and_then(|it| it.get(*key)), new.and_then(|it| it.get(*key)));
            below.differences(old, new, found);
        }
    }
}
