//! Exemptions: recorded decisions that an assessment does not count, with an end.
//!
//! A verdict stays what it is. What an exemption changes is how it *counts*, in scores, standings
//! and reports: see [`Category`]. A decision counts from the instant `from` up to `until`.
//!
//! INVARIANT: an exemption never makes an unknown assessment count as healthy.

use std::sync::Arc;

use jiff::Timestamp;
use model::Verdict;
use serde::{Deserialize, Serialize};

/// How an exempt assessment counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Category {
    /// The risk is dealt with in another way: unhealthy counts as healthy.
    Mitigated,
    /// The risk is accepted: the assessment leaves the calculation.
    Waiver,
}

impl Category {
    /// What `verdict` counts as; `None`: it leaves the calculation.
    pub fn effective(self, verdict: Verdict) -> Option<Verdict> {
        match (self, verdict) {
            (Self::Mitigated, Verdict::Unhealthy) => Some(Verdict::Healthy),
            (Self::Mitigated, other) => Some(other),
            (Self::Waiver, _) => None,
        }
    }
}

/// The assessments that an exemption is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// Those of one check, by its id.
    Check(String),
    /// Those of all checks of a control, by its id.
    Control(String),
    /// All.
    Everything,
}

/// The resources that an exemption is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// One resource, by its id, and nothing in it.
    Resource(String),
    /// A scope or a parent, by its id, with everything in it.
    Scope(String),
    /// All.
    Everywhere,
}

/// A recorded decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// Its number in the tenant. Where two apply, the later decision (the higher number) counts.
    pub number: u64,
    /// How what it is about counts.
    pub category: Category,
    /// Which assessments.
    pub target: Target,
    /// Of which resources.
    pub place: Place,
    /// Why.
    pub reason: String,
    /// What proves that: links, ticket numbers.
    pub evidence: Vec<String>,
    /// Who decided.
    pub approver: String,
    /// Since when it counts.
    pub from: Timestamp,
    /// The first instant at which it no longer counts; `None`: it has no end.
    pub until: Option<Timestamp>,
}

impl Exemption {
    /// Whether it counts at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// The next instant after `now` at which it begins or ends to count.
    fn flips_after(&self, now: Timestamp) -> Option<Timestamp> {
        if self.until.is_some_and(|until| until <= self.from) {
            return None;
        }
        Some(self.from).into_iter().chain(self.until).find(|it| *it > now)
    }
}

/// All exemptions of a tenant, past and future ones too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exemptions {
    all: Arc<[Exemption]>,
}

impl Exemptions {
    /// Those of a list, in any order.
    pub fn new(mut all: Vec<Exemption>) -> Self {
        all.sort_by_key(|it| it.number);
        Self { all: all.into() }
    }

    /// By number.
    pub fn iter(&self) -> impl Iterator<Item = &Exemption> {
        self.all.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The next instant after `now` at which one begins or ends to count.
    pub fn flips_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.all.iter().filter_map(|it| it.flips_after(now)).min()
    }
}
