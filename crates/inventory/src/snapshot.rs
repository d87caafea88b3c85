//! The result of an import.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::Problem;
use model::{EdgeRef, Gap, GapId, Resource};

use crate::batch::Counts;

/// All of one import. The same files in any order give the same snapshot, apart from the numbers
/// of document keys.
#[derive(Debug)]
pub struct Snapshot {
    /// The resources that were read, sorted by id, then those known by reference only.
    pub resources: Vec<Resource>,
    /// The edges between them, sorted, each once.
    pub edges: Vec<EdgeRef>,
    /// Names of the edge types, by number.
    pub edge_types: Vec<String>,
    /// What could not be read; number 0 is "not collected".
    pub gaps: Vec<Gap>,
    /// What was read and not understood, by file and reason.
    pub problems: Vec<Problem>,
    /// What was collected completely.
    pub collected: BTreeSet<Collected>,
    /// The group of each resource: see [`Snapshot::missing`].
    pub groups: Vec<u32>,
    /// The edges that resources of a group may lack, because what they lead to was not collected.
    pub missing: Vec<MissingEdges>,
    /// Numbers about the import.
    pub counts: Counts,
}

/// A kind that was collected completely in a scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Collected {
    /// Subscription, account, project or cluster.
    pub scope: Arc<str>,
    /// The region, for AWS kinds that are listed by region; `None`: everywhere in the scope.
    pub region: Option<Arc<str>>,
    /// The kind; a native type in lower case when no kind file describes it.
    pub kind: Arc<str>,
}

/// Edges that the resources of a group may have beyond those that are known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingEdges {
    /// The group.
    pub group: u32,
    /// Number of the edge type.
    pub edge_type: u32,
    /// Whether the edges leave the resources of the group rather than enter them.
    pub is_outgoing: bool,
    /// The kinds that the other end may have; empty: any.
    pub kinds: Vec<Arc<str>>,
    /// Why.
    pub gap: GapId,
}

impl Snapshot {
    /// Whether all resources of a kind in a scope and region were read.
    pub fn is_collected(&self, scope: &str, region: Option<&str>, kind: &str) -> bool {
        let has = |region: Option<&str>| {
            let wanted = Collected {
                scope: scope.into(),
                region: region.map(Into::into),
                kind: kind.into(),
            };
            self.collected.contains(&wanted)
        };
        has(None) || region.is_some_and(|it| has(Some(it)))
    }

    /// Number of the resource with this id.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.resources.iter().position(|it| it.id == id)
    }
}
