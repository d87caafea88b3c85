//! What was read and not understood, counted instead of thrown.

use std::collections::BTreeMap;

/// One reason why something in a file was left out, and how often.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file as the user named it, `-` for standard input.
    pub file: String,
    /// What was wrong: lower case, no full stop, user input in backticks.
    pub reason: String,
    /// How many items were left out for this reason; at least 1.
    pub count: u64,
}

/// Collects problems; equal ones of one file are counted together.
///
/// INVARIANT: what is added is never dropped; the output is sorted by file and reason.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    counts: BTreeMap<(String, String), u64>,
}

impl Problems {
    /// Counts one more item of `file` that was left out because of `reason`.
    pub fn add(&mut self, file: &str, reason: impl Into<String>) {
        self.add_many(file, reason, 1);
    }

    /// Counts `count` more items of `file` that were left out because of `reason`.
    pub fn add_many(&mut self, file: &str, reason: impl Into<String>, count: u64) {
        *self.counts.entry((file.to_owned(), reason.into())).or_insert(0) += count;
    }

    /// Takes over everything that `other` has collected.
    pub fn merge(&mut self, other: Self) {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_insert(0) += count;
        }
    }

    /// Whether nothing was collected.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// All problems, sorted by file and reason.
    pub fn into_vec(self) -> Vec<Problem> {
        self.counts
            .into_iter()
            .map(|((file, reason), count)| Problem { file, reason, count })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, Problems};

    #[test]
    fn equal_problems_of_one_file_are_counted_together() {
        let mut problems = Problems::default();
        problems.add("b.json", "no id");
        problems.add("a.json", "no id");
        problems.add("b.json", "no id");
        let want = [
            Problem { file: "a.json".into(), reason: "no id".into(), count: 1 },
            Problem { file: "b.json".into(), reason: "no id".into(), count: 2 },
        ];
        assert_eq!(problems.into_vec(), want);
    }
}
