//! A quick hash that is the same in every process, because it is kept in files.
//!
//! It need not withstand anybody: what it is used for verifies, and a collision costs a derivation.

use std::hash::Hasher;

/// Odd, and without a pattern: the digits of the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SameHash(u64);

impl Default for SameHash {
    fn default() -> Self {
        Self(0x243f_6a88_85a3_08d3)
    }
}

impl SameHash {
    /// Both halves of a product carry what went in.
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(FACTOR);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }
}

impl Hasher for SameHash {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        for (place, byte) in last.iter_mut().zip(rest) {
            *place = *byte;
        }
        self.mix(u64::from_le_bytes(last) ^ ((bytes.len() as u64) << 56));
    }

    fn finish(&self) -> u64 {
        let mut last = *self;
        last.mix(FACTOR);
        last.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::{Hash as _, Hasher as _};

    use super::SameHash;

    fn hash(text: &str) -> u64 {
        let mut hash = SameHash::default();
        text.hash(&mut hash);
        hash.finish()
    }

    #[test]
    fn near_texts_have_far_hashes() {
        let texts = (0..100_000).map(|it| format!("/subscriptions/0001/vm-{it}"));
        let low: BTreeSet<u32> = texts.map(|it| hash(&it) as u32).collect();
        assert!(low.len() > 99_990, "{} of 100000", low.len()); // by chance one or two fall together
        assert_ne!(hash(""), hash("\0"));
        assert_ne!(hash("1234567"), hash("1234567\0"));
        assert_eq!(hash("merlon"), hash("merlon"));
    }
}
