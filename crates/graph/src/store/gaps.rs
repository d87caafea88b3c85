//! Where edges may be missing, because what they lead to was not collected.
//!
//! A node belongs to a *group* (a kind in a scope). For a group, an edge type and a direction the
//! inventory says which labels the missing other ends would carry.

use hashbrown::HashMap;
use lang::value::GapId;

use super::csr::Way;

/// One thing that may be missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Missing {
    /// The labels that the other end would carry; empty: not known.
    pub(crate) labels: Box<[u32]>,
    pub(crate) gap: GapId,
}

/// All that may be missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incomplete {
    by_place: HashMap<(u32, u32, Way), Vec<Missing>>,
}

impl Incomplete {
    pub(crate) fn add(&mut self, group: u32, edge_type: u32, way: Way, missing: Missing) {
        self.by_place.entry((group, edge_type, way)).or_default().push(missing);
    }

    pub(crate) fn set(&mut self, group: u32, edge_type: u32, way: Way, missing: Vec<Missing>) {
        if missing.is_empty() {
            self.by_place.remove(&(group, edge_type, way));
        } else {
            self.by_place.insert((group, edge_type, way), missing);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_place.is_empty()
    }

    pub(crate) fn get(&self, group: u32, edge_type: u32, way: Way) -> &[Missing] {
        self.by_place.get(&(group, edge_type, way)).map_or(&[], |found| found)
    }
}
