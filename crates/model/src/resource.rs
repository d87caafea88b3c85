//! A resource with its document, the references that become edges, and gaps.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::doc::Doc;
use crate::tags::Tags;

/// Number of a gap in the list of gaps of a scan; stored inside documents at unread places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GapId(pub u32);

impl GapId {
    /// "This part was never collected": the gap of every scan that has no better reason.
    pub const NOT_COLLECTED: Self = Self(0);
}

/// What could not be read, and why. Number 0 of every list is "not collected".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// The scope it is in; empty when it concerns all.
    pub scope: String,
    /// The kind or the API operation that could not be read; empty when it concerns all.
    pub what: String,
    /// Why: `not collected`, or the cloud's error code.
    pub reason: String,
}

/// One thing in a cloud, in the canonical form of its kind.
///
/// Kind, scope, region and the kinds of names repeat over a million resources and are shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Canonical id: ARM id in lower case, ARN, full name of Cloud Asset Inventory, cluster path.
    pub id: String,
    /// Kind id such as `azure.storage-account`; a native type in lower case when no kind file
    /// describes it (a generic node).
    pub kind: Arc<str>,
    /// Name for people.
    pub name: String,
    /// Subscription, account, project or cluster it belongs to.
    pub scope: Arc<str>,
    /// Region or location; `None` for global things and where it is not known.
    pub region: Option<Arc<str>>,
    /// Tags or labels.
    pub tags: Tags,
    /// The configuration.
    pub doc: Doc,
    /// Whether the resource itself was read; `false` for a stub that something refers to.
    pub collected: bool,
    /// Other names by which references, logs and agents know it: (name kind, value).
    pub also: Vec<(Arc<str>, String)>,
    /// Of a finding: what it is about, sorted. Its scope is the scope of the last of them.
    pub affects: Box<[Affects]>,
    /// When the cloud says that it was so; `None` where it does not say.
    pub as_of: Option<Timestamp>,
}

/// How a finding names a resource that it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Affects {
    /// What kind of name it is: `id`, `image`, `repository`, `kubernetes` or a kind of other names.
    pub by: Arc<str>,
    /// The name.
    pub value: String,
}

/// An edge between two resources of a scan, by their numbers in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeRef {
    /// Number of the resource it leaves.
    pub from: u32,
    /// Number of its type in the scan's list of edge types.
    pub edge_type: u32,
    /// Number of the resource it enters.
    pub to: u32,
}
