//! What checks say of resources: counts of verdicts, and why one is unknown.

use lang::NodeId;
use model::{GapId, Verdict};
use serde::Serialize;

/// How often each verdict was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerdictCounts {
    /// Healthy resources.
    pub healthy: u64,
    /// Unhealthy resources.
    pub unhealthy: u64,
    /// Resources that could not be judged.
    pub unknown: u64,
    /// Resources that the check does not speak about.
    pub not_applicable: u64,
}

impl VerdictCounts {
    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self {
            healthy: self.healthy + other.healthy,
            unhealthy: self.unhealthy + other.unhealthy,
            unknown: self.unknown + other.unknown,
            not_applicable: self.not_applicable + other.not_applicable,
        }
    }

    /// All of them.
    pub fn sum(&self) -> u64 {
        self.healthy + self.unhealthy + self.unknown + self.not_applicable
    }
}

/// Why an assessment is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Something was not read.
    Gap(GapId),
    /// The predicate came out null: a value is absent and the check names no default for it.
    Undecided,
    /// The predicate failed on this document, such as comparing a number with a list.
    Failed,
}

/// A verdict, with the reason when it is unknown.
pub(crate) type Outcome = (Verdict, Option<Why>);

/// The verdicts of one check.
#[derive(Debug, Clone, Default)]
pub struct CheckVerdicts {
    /// How often each verdict counts: an exemption is heeded.
    pub counts: VerdictCounts,
    /// Unhealthy resources that count as such, in the order of their numbers.
    pub unhealthy: Vec<NodeId>,
    /// Resources that could not be judged and count as such, and why.
    pub unknown: Vec<(NodeId, Why)>,
    /// Resources whose assessment an exemption takes out of its count, with the verdict that it has.
    pub exempt: Vec<(NodeId, Verdict)>,
}
