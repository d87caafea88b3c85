//! Names (labels, edge types) as small numbers, and the sets of labels that nodes carry.

use std::sync::Arc;

use hashbrown::HashMap;

/// Names of one sort, numbered in the order in which they were first seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Names {
    pub(crate) fn intern(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(crate) fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", |name| name)
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}

/// The distinct sets of labels; a node keeps the number of its set.
#[derive(Debug, Clone, Default)]
pub(crate) struct LabelSets {
    /// Label numbers, in the order of their names, so that `labels(n)` does not depend on what came first.
    sets: Vec<Arc<[u32]>>,
    numbers: HashMap<Arc<[u32]>, u32>,
}

impl LabelSets {
    /// The number of the set; `labels` must be in the order of names and without doubles.
    pub(crate) fn intern(&mut self, labels: &[u32]) -> u32 {
        if let Some(number) = self.numbers.get(labels) {
            return *number;
        }
        let number = self.sets.len() as u32;
        let set: Arc<[u32]> = labels.into();
        self.sets.push(Arc::clone(&set));
        self.numbers.insert(set, number);
        number
    }

    pub(crate) fn find(&self, labels: &[u32]) -> Option<u32> {
        self.numbers.get(labels).copied()
    }

    pub(crate) fn get(&self, number: u32) -> &[u32] {
        self.sets.get(number as usize).map_or(&[], |set| set)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.sets.iter().map(|set| &**set)
    }
}
