//! Sets of small numbers, each kept once; a set is then a number itself.

use hashbrown::HashMap;

/// The number of a set; 0 is the empty one.
pub(super) type SetId = u32;

/// All sets of one walk.
#[derive(Debug)]
pub(super) struct Sets {
    n_words: usize,
    /// By number: a bit a member.
    members: Vec<Box<[u64]>>,
    numbers: HashMap<Box<[u64]>, SetId>,
    joined: HashMap<(SetId, SetId), SetId>,
}

impl Sets {
    /// For members below `bound`.
    pub(super) fn new(bound: u32) -> Self {
        let n_words = bound as usize / 64 + 1;
        let mut sets =
            Self { n_words, members: Vec::new(), numbers: HashMap::new(), joined: HashMap::new() };
        sets.of(&[]);
        sets
    }

    /// The set of these members.
    pub(super) fn of(&mut self, members: &[u32]) -> SetId {
        let mut words = vec![0_u64; self.n_words];
        for member in members {
            if let Some(word) = words.get_mut(*member as usize / 64) {
                *word |= 1 << (member % 64);
            }
        }
        self.number(words.into())
    }

    fn number(&mut self, words: Box<[u64]>) -> SetId {
        if let Some(number) = self.numbers.get(&words) {
            return *number;
        }
        let number = self.members.len() as SetId;
        self.members.push(words.clone());
        self.numbers.insert(words, number);
        number
    }

    fn words(&self, set: SetId) -> &[u64] {
        self.members.get(set as usize).map_or(&[], |it| it)
    }

    /// What is in either.
    pub(super) fn join(&mut self, a: SetId, b: SetId) -> SetId {
        let pair = (a.min(b), a.max(b));
        if a == b || pair.0 == 0 {
            return pair.1;
        }
        if let Some(joined) = self.joined.get(&pair) {
            return *joined;
        }
        let words = self.words(a).iter().zip(self.words(b)).map(|(a, b)| a | b).collect();
        let joined = self.number(words);
        self.joined.insert(pair, joined);
        joined
    }

    /// What is in both, in order.
    pub(super) fn common(&self, a: SetId, b: SetId) -> Vec<u32> {
        let mut found = Vec::new();
        for (at, (a, b)) in (0_u32..).zip(self.words(a).iter().zip(self.words(b))) {
            let mut word = a & b;
            while word != 0 {
                found.push(at * 64 + word.trailing_zeros());
                word &= word - 1;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Sets;

    #[test]
    fn sets_are_joined_and_cut() {
        let mut sets = Sets::new(200);
        let (a, b) = (sets.of(&[1, 64, 199]), sets.of(&[64, 3]));
        let both = sets.join(a, b);
        assert_eq!(both, sets.join(b, a));
        assert_eq!(both, sets.of(&[1, 3, 64, 199]));
        assert_eq!(sets.common(both, b), [3, 64]);
        assert_eq!(sets.join(0, a), a);
        assert_eq!(sets.common(0, a), [0_u32; 0]);
    }
}
