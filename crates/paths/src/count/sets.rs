//! Sets of entry points, one a group, as bits side by side.

#[derive(Debug, Clone)]
pub(super) struct Sets {
    bits: Vec<u64>,
    n_words: usize,
}

impl Sets {
    /// Empty sets of `n_bits` entry points.
    pub(super) fn new(n: u32, n_bits: usize) -> Self {
        let n_words = n_bits.div_ceil(64).max(1);
        Self { bits: vec![0; n as usize * n_words], n_words }
    }

    pub(super) fn get(&self, group: u32) -> &[u64] {
        let at = group as usize * self.n_words;
        self.bits.get(at..at + self.n_words).unwrap_or_default()
    }

    pub(super) fn add(&mut self, group: u32, bit: usize) {
        if let Some(word) = self.bits.get_mut(group as usize * self.n_words + bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// All of `from` is in `to`, too. Whether that is new.
    pub(super) fn flow(&mut self, from: u32, to: u32) -> bool {
        let (from, to) = (from as usize * self.n_words, to as usize * self.n_words);
        let mut is_new = 0;
        for word in 0..self.n_words {
            let bits = self.bits.get(from + word).copied().unwrap_or_default();
            if let Some(place) = self.bits.get_mut(to + word) {
                is_new |= bits & !*place;
                *place |= bits;
            }
        }
        is_new != 0
    }

    /// What is in all of `needs` is in `to`, too. Whether that is new.
    pub(super) fn flow_together(&mut self, needs: &[u32], to: u32) -> bool {
        let mut is_new = 0;
        for word in 0..self.n_words {
            let all = needs
                .iter()
                .map(|it| self.get(*it).get(word).copied().unwrap_or_default())
                .fold(u64::MAX, |all, it| all & it);
            if let Some(place) = self.bits.get_mut(to as usize * self.n_words + word) {
                is_new |= all & !*place;
                *place |= all;
            }
        }
        is_new != 0
    }

    /// Adds an empty set.
    pub(super) fn push_empty(&mut self) {
        self.bits.resize(self.bits.len() + self.n_words, 0);
    }

    /// Adds a set like that of a group.
    pub(super) fn push_copy(&mut self, group: u32) {
        let at = group as usize * self.n_words;
        if at + self.n_words <= self.bits.len() {
            self.bits.extend_from_within(at..at + self.n_words);
        }
    }

    pub(super) fn clear(&mut self, group: u32) {
        let at = group as usize * self.n_words;
        self.bits.get_mut(at..at + self.n_words).unwrap_or_default().fill(0);
    }

    pub(super) fn is_empty(&self, group: u32) -> bool {
        self.get(group).iter().all(|it| *it == 0)
    }

    /// Whether something is in the sets of all these groups.
    pub(super) fn has_common(&self, groups: &[u32]) -> bool {
        (0..self.n_words).any(|word| {
            let words =
                groups.iter().map(|it| self.get(*it).get(word).copied().unwrap_or_default());
            words.fold(u64::MAX, |all, it| all & it) != 0
        })
    }

    /// How many are in any of the sets of these groups.
    pub(super) fn n_together(&self, groups: impl Iterator<Item = u32>) -> u32 {
        let mut together = vec![0_u64; self.n_words];
        for group in groups {
            for (sum, word) in together.iter_mut().zip(self.get(group)) {
                *sum |= word;
            }
        }
        together.iter().map(|it| it.count_ones()).sum()
    }
}
