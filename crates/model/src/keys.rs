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
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Keys {
    /// The number of `name`, which is added when it is new.
    pub fn intern(&self, name: &str) -> Key {
        if let Some(key) = self.find(name) {
            return key;
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = inner.numbers.get(name) {
            return Key(*number);
        }
        let name: Arc<str> = name.into();
        let number = inner.names.len() as u32;
        inner.names.push(Arc::clone(&name));
        inner.numbers.insert(name, number);
        Key(number)
    }

    /// A table of its own with what is in this one: what is added to either stays unknown to the other. For questions
    /// that name what no document has, where the numbers of this table are somebody else's as well.
    #[must_use]
    pub fn fork(&self) -> Self {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let (names, numbers) = (inner.names.clone(), inner.numbers.clone());
        Self { inner: Arc::new(RwLock::new(Inner { names, numbers })) }
    }

    /// The number of `name`; `None` when no document has that key.
    pub fn find(&self, name: &str) -> Option<Key> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.numbers.get(name).map(|number| Key(*number))
    }

    /// The text of `key`; empty when the key is of another table.
    pub fn name(&self, key: Key) -> Arc<str> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.names.get(key.index()).cloned().unwrap_or_default()
    }

    /// The names from number `from` on, in the order of their numbers: what a store that knows the
    /// first `from` has yet to learn.
    pub fn names_from(&self, from: usize) -> Vec<Arc<str>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.names.get(from..).unwrap_or_default().to_vec()
    }

    /// How many keys there are.
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
}
