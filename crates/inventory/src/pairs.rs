//! Many numbers for a key, by the hash of the key: half the memory of a map of lists.
//!
//! A key is four bytes of hash, so a look-up may give numbers of another key too: whoever looks up
//! verifies.

use std::collections::BTreeSet;

/// Pairs of a hashed key and a number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pairs {
    all: BTreeSet<u64>,
}

impl Pairs {
    /// All at once, which is faster and packs better than one by one.
    pub(crate) fn fill(pairs: Vec<u64>) -> Self {
        Self { all: pairs.into_iter().collect() }
    }

    pub(crate) fn add(&mut self, key: u32, number: u32) {
        self.all.insert(pair(key, number));
    }

    pub(crate) fn remove(&mut self, key: u32, number: u32) {
        self.all.remove(&pair(key, number));
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// All pairs, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.all.iter().map(|it| ((*it >> 32) as u32, *it as u32))
    }

    /// The numbers of a key, ascending.
    pub(crate) fn of(&self, key: u32) -> impl Iterator<Item = u32> {
        self.all.range(pair(key, 0)..=pair(key, u32::MAX)).map(|it| *it as u32)
    }
}

/// A key and a number in one.
pub(crate) fn pair(key: u32, number: u32) -> u64 {
    u64::from(key) << 32 | u64::from(number)
}

#[cfg(test)]
mod tests {
    use super::{Pairs, pair};

    #[test]
    fn numbers_of_a_key() {
        let mut pairs = Pairs::fill(vec![pair(7, 3), pair(7, 1), pair(8, 0), pair(7, 3)]);
        pairs.add(7, u32::MAX);
        pairs.remove(7, 3);
        assert_eq!(pairs.of(7).collect::<Vec<_>>(), [1, u32::MAX]);
        assert_eq!(pairs.of(6).count() + pairs.of(u32::MAX).count(), 0);
        assert_eq!(pairs.len(), 3);
    }
}
