//! What an update of the living inventory has changed.
//!
//! Resources are named by their numbers in the [`Inventory`](crate::Inventory). A number stays with
//! a resource for as long as the inventory lives; that of one that is gone may be given to another
//! by a later update, never by the same.

use std::sync::Arc;

use model::{EdgeRef, Gap, GapId, Resource};

use crate::snapshot::Collected;

/// The difference between the inventory before and after an update, every list sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Resources and stubs that are new or differ from what they were.
    pub put: Vec<Put>,
    /// Resources and stubs that are gone.
    pub removed: Vec<Removed>,
    /// Edges that are new. Edges of what was removed stand in `edges_removed`.
    pub edges_added: Vec<EdgeRef>,
    /// Edges that are gone.
    pub edges_removed: Vec<EdgeRef>,
    /// Resources that are in another group than before, new ones included: number, group.
    pub regrouped: Vec<(u32, u32)>,
    /// Groups that did not exist before.
    pub new_groups: Vec<u32>,
    /// Groups whose resources may lack other edges than before, by edge type and direction.
    pub missing: Vec<MissingChange>,
    /// Gaps to add at the end of the tenant's list.
    pub new_gaps: Vec<Gap>,
    /// What is collected completely and was not before.
    pub collected_added: Vec<Collected>,
    /// What was collected completely and is no more: a list was refused or cut off.
    pub collected_removed: Vec<Collected>,
    /// How many collected resources of the import are as they were.
    pub n_unchanged: u64,
    /// How many resources and stubs were derived again, each time counted.
    pub n_derived: u64,
}

/// A resource or stub that is new or has changed. What it is now stands in the inventory.
#[derive(Debug, PartialEq, Eq)]
pub struct Put {
    /// Its number.
    pub number: u32,
    /// What it was; `None` when it is new. Of what was known by reference only, the stub.
    pub before: Option<Box<Resource>>,
}

/// A resource or stub that is gone.
#[derive(Debug, PartialEq, Eq)]
pub struct Removed {
    /// The number that it had.
    pub number: u32,
    /// What it was.
    pub before: Box<Resource>,
}

/// All that resources of a group may lack of an edge type in one direction; nothing when `entries`
/// is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingChange {
    /// The group.
    pub group: u32,
    /// Number of the edge type.
    pub edge_type: u32,
    /// Whether the edges leave the resources of the group rather than enter them.
    pub is_outgoing: bool,
    /// The kinds that the other end may have (none: any), and why.
    pub entries: Vec<(Vec<Arc<str>>, GapId)>,
}

impl Changes {
    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        let Self { put, removed, edges_added, edges_removed, regrouped, .. } = self;
        put.is_empty()
            && removed.is_empty()
            && edges_added.is_empty()
            && edges_removed.is_empty()
            && regrouped.is_empty()
            && self.missing.is_empty()
            && self.new_gaps.is_empty()
            && self.collected_added.is_empty()
            && self.collected_removed.is_empty()
    }
}
