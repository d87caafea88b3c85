//! Interned document keys: one number for each distinct key of all documents.
//!
//! Documents of a million resources share a few thousand keys, so a key is stored once and a
//! look-up in a document compares numbers. The table only grows; it is shared between threads.

use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;

/// A document key (`properties`, `Tags`, ...) as a number of its [`Keys`] table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(crate) u32);

impl Key {
    /// The position in the table, for arrays that run beside it.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The table of all keys, cheap to clone: clones share one table.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    inner: Arc<RwLock<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The table that it was forked from: what that one knows, then or later, goes before what is its own.
    origin: Option<Keys>,
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

/// The first number of a name that a fork alone knows: no table of documents grows so large.
const OWN: u32 = 1 << 31;

impl Inner {
    fn first(&self) -> u32 {
        if self.origin.is_some() { OWN } else { 0 }
    }

    fn find(&self, name: &str) -> Option<Key> {
        let known = self.origin.as_ref().and_then(|it| it.find(name));
        known.or_else(|| self.numbers.get(name).map(|number| Key(*number)))
    }
}

impl Keys {
    /// The number of `name`, which is added when it is new.
    pub fn intern(&self, name: &str) -> Key {
        if let Some(key) = self.find(name) {
            return key;
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = inner.find(name) {
            return key;
        }
        let name: Arc<str> = name.into();
        let number = inner.first() + inner.names.len() as u32;
        inner.names.push(Arc::clone(&name));
        inner.numbers.insert(name, number);
        Key(number)
    }

    /// A table for questions that name what no document has: it knows what this one knows, then and later, and what is
    /// added to it stays unknown to this one, whose numbers are somebody else's as well. Costs nothing.
    #[must_use]
    pub fn fork(&self) -> Self {
        let inner = Inner { origin: Some(self.clone()), ..Inner::default() };
        Self { inner: Arc::new(RwLock::new(inner)) }
    }

    /// Whether a name that this fork had numbered for itself came up in its origin later: what was made with the number
    /// of before does not find it in newer documents. False for what is no fork.
    pub fn has_strayed(&self) -> bool {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let origin = inner.origin.as_ref();
        origin.is_some_and(|origin| inner.names.iter().any(|it| origin.find(it).is_some()))
    }

    /// The number of `name`; `None` when no document has that key.
    pub fn find(&self, name: &str) -> Option<Key> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).find(name)
    }

    /// The text of `key`; empty when the key is of another table.
    pub fn name(&self, key: Key) -> Arc<str> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        match (&inner.origin, key.0.checked_sub(OWN)) {
            (Some(origin), None) => origin.name(key),
            (Some(_), Some(number)) => {
                inner.names.get(number as usize).cloned().unwrap_or_default()
            }
            (None, _) => inner.names.get(key.index()).cloned().unwrap_or_default(),
        }
    }

    /// The names from number `from` on, in the order of their numbers: what a store that knows the
    /// first `from` has yet to learn. Those of a fork are its own alone.
    pub fn names_from(&self, from: usize) -> Vec<Arc<str>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.names.get(from..).unwrap_or_default().to_vec()
    }

    /// How many keys there are; of a fork, how many are its own.
    pub fn len(&self) -> usize {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).names.len()
    }

    /// Whether there is no key yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn a_name_has_one_number_in_all_clones() {
        let keys = Keys::default();
        let first = keys.intern("properties");
        assert_eq!(keys.intern("properties"), first);
        assert_eq!(&*keys.name(first), "properties");
        assert_eq!(keys.find("absent"), None);
    }

    #[test]
    fn what_is_asked_of_a_fork_gives_no_name_to_its_origin() {
        let keys = Keys::default();
        let known = keys.intern("properties");
        let fork = keys.fork();
        fork.intern("asked");
        assert_eq!((keys.find("asked"), fork.find("properties")), (None, Some(known)));
        assert_eq!(keys.intern("stored").index(), 1);
    }

    #[test]
    fn a_fork_knows_what_its_origin_learns_and_says_when_that_is_too_late() {
        let keys = Keys::default();
        let fork = keys.fork();
        let later = keys.intern("later");
        assert_eq!((fork.find("later"), &*fork.name(later)), (Some(later), "later"));
        let asked = fork.intern("asked");
        assert_eq!((&*fork.name(asked), fork.has_strayed()), ("asked", false));
        let stored = keys.intern("asked");
        assert_eq!((fork.find("asked"), fork.has_strayed()), (Some(stored), true));
        assert!(!keys.has_strayed());
    }
}
