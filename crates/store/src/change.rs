//! What a commit takes, as plain data.

use std::sync::Arc;

use base::Problem;
use jiff::Timestamp;
use model::{Gap, GapId, Resource};
use serde_json::Value as Json;

use crate::codec::Standing;
use crate::document::DocumentNo;
use crate::names::Word;

/// All that one commit changes. Start with [`Change::new`] and fill in what there is; everything is
/// stored, or nothing.
#[derive(Debug, Clone, Default)]
pub struct Change<'a> {
    /// What sort of change: `import`, `exemption`, `time`, `content`.
    pub kind: &'a str,
    /// One line for people.
    pub summary: String,
    /// Numbers for the change log.
    pub counts: Json,
    /// A name that makes a repeated commit the same commit: when one with this name is stored
    /// already, that one is the answer and nothing is changed.
    pub request: Option<String>,
    /// All gaps of the tenant; number 0 is "not collected". Those that are not stored yet are added.
    pub gaps: &'a [Gap],
    /// New resources and changed ones.
    pub puts: Vec<Put<'a>>,
    /// Ids of resources that are gone. Their verdicts end with them.
    pub gone: Vec<&'a str>,
    /// What this import collected completely.
    pub collected: Vec<Collected>,
    /// What no longer counts as collected.
    pub uncollected: Vec<Collected>,
    /// What was read by this import and not understood.
    pub problems: &'a [Problem],
    /// Gaps that this import met.
    pub met_gaps: Vec<GapId>,
    /// Resources whose verdicts changed, with all verdicts of each.
    pub verdicts: Vec<Verdicts<'a>>,
    /// New counts of checks in scopes.
    pub tallies: Vec<Tally>,
    /// New scores.
    pub scores: Vec<Score>,
    /// New states of requirements. One that is already so stays as it is.
    pub requirements: Vec<RequirementState>,
    /// These are the states of all requirements: any other that is kept has none any more.
    pub all_requirements: bool,
    /// New contents of named states; `None` ends one.
    pub states: Vec<(&'a str, Option<Vec<u8>>)>,
    /// Exemptions by id; `None` ends one.
    pub exemptions: Vec<(&'a str, Option<Exemption>)>,
    /// Further entries of the audit log; the commit itself always writes one.
    pub audit: Vec<AuditEntry>,
}

impl<'a> Change<'a> {
    /// A change of nothing so far.
    pub fn new(kind: &'a str, summary: impl Into<String>) -> Self {
        Self { kind, summary: summary.into(), counts: Json::Null, ..Self::default() }
    }
}

/// A resource as it is from this commit on.
#[derive(Debug, Clone)]
pub struct Put<'a> {
    /// The resource. It must have been collected: stubs are derived.
    pub resource: &'a Resource,
    /// Its document, where it was staged; else the commit stores it.
    pub staged: Option<DocumentNo>,
}

impl<'a> Put<'a> {
    /// A resource with its document.
    pub fn new(resource: &'a Resource) -> Self {
        Self { resource, staged: None }
    }
}

/// A kind that was collected completely in a scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Collected {
    /// Subscription, account, project or cluster.
    pub scope: Arc<str>,
    /// The region; `None`: everywhere in the scope.
    pub region: Option<Arc<str>>,
    /// The kind.
    pub kind: Arc<str>,
}

/// All verdicts of one resource.
#[derive(Debug, Clone)]
pub struct Verdicts<'a> {
    /// Id of the resource.
    pub resource: &'a str,
    /// All of them, packed by whoever judges; kept as they are. Empty: there are none any more.
    pub packed: &'a [u8],
    /// Those that are unhealthy or unknown once more, for lists and for history.
    pub open: Vec<Standing>,
}

/// How many resources of a scope a check calls what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// The check.
    pub check: Word,
    /// The scope.
    pub scope: Word,
    /// Healthy resources.
    pub healthy: u64,
    /// Unhealthy resources.
    pub unhealthy: u64,
    /// Resources about which the check does not speak.
    pub not_applicable: u64,
    /// Resources about which nothing is known.
    pub unknown: u64,
}

/// A figure of the whole tenant or of a scope.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// What it measures: `secureScore`.
    pub measure: Word,
    /// The scope; [`Word::NONE`]: the whole tenant.
    pub scope: Word,
    /// Points earned.
    pub value: f64,
    /// Points that could be earned.
    pub possible: f64,
    /// Assessed percent.
    pub assessed: f64,
    /// What it is made of.
    pub detail: Json,
}

/// Where the tenant stands against one requirement of a standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequirementState {
    /// The standard.
    pub standard: Word,
    /// The requirement, by the publisher's number.
    pub requirement: Word,
    /// The state, a word of whoever judges; [`Word::NONE`]: nothing was found to judge.
    pub state: Word,
}

/// A recorded decision that assessments do not count. What it says is for those who apply it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exemption {
    /// When it ends by itself.
    pub ends: Option<Timestamp>,
    /// Sort, targets, reason, evidence, approver.
    pub body: Json,
}

/// An entry of the audit log that is yet to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// What was done: `import`, `exemption.add`, `job.retry`.
    pub action: String,
    /// On what.
    pub object: String,
    /// Anything else; never a secret.
    pub detail: Json,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Its number.
    pub seq: u64,
    /// Its instant: the clock's, or that of the commit before where the clock was behind.
    pub at: Timestamp,
    /// Whether the clock was behind.
    pub held: bool,
    /// Whether it was stored before under the same `request`.
    pub repeated: bool,
}
