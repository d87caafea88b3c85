//! Compliance: where a scope stands against a standard.
//!
//! In: verdict counts of every check. Out: a state for every requirement, and the shares.
//!
//! INVARIANT: a requirement passes only when every mapped check that found something to judge was
//! judged everywhere and is healthy everywhere.

use std::collections::BTreeMap;

use content::{Library, Standard};
use serde::Serialize;

use crate::verdicts::VerdictCounts;

/// State of one requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RequirementState {
    /// All mapped checks are healthy.
    Passed,
    /// At least one resource is unhealthy.
    Failed,
    /// Nothing is unhealthy, but something could not be judged.
    Unknown,
    /// No mapped check found a resource to judge.
    NotAssessed,
    /// No check is mapped: a person has to attest it.
    Manual,
}

impl RequirementState {
    /// The word for it, as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotAssessed => "notAssessed",
            Self::Manual => "manual",
        }
    }
}

/// One requirement with its state and the checks behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequirementStanding {
    /// The publisher's number.
    pub id: String,
    /// Short title.
    pub title: String,
    /// Chapter.
    pub family: String,
    /// Its state.
    pub state: RequirementState,
    /// Mapped checks, sorted.
    pub checks: Vec<String>,
    /// Healthy assessments of these checks.
    pub healthy: u64,
    /// Unhealthy assessments of these checks.
    pub unhealthy: u64,
    /// Unknown assessments of these checks.
    pub unknown: u64,
}

/// A standard with the state of all its requirements.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The standard's id.
    pub standard: String,
    /// Its title.
    pub title: String,
    /// Requirements that passed.
    pub passed: usize,
    /// Requirements that failed.
    pub failed: usize,
    /// Requirements that could not be decided.
    pub unknown: usize,
    /// Requirements whose checks found nothing to judge.
    pub not_assessed: usize,
    /// Requirements that need a person.
    pub manual: usize,
    /// All requirements, in the standard's order.
    pub requirements: Vec<RequirementStanding>,
}

/// Where things stand against `standard`, given the verdicts of every check by id.
pub fn standing(
    library: &Library,
    standard: &Standard,
    counts: &BTreeMap<String, VerdictCounts>,
) -> Standing {
    let mut mapped: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for check in library.checks() {
        for requirement in check.standards.get(&standard.id).into_iter().flatten() {
            mapped.entry(requirement).or_default().push(check.id.clone());
        }
    }
    let requirements: Vec<RequirementStanding> = standard
        .requirements
        .iter()
        .map(|requirement| {
            let checks = mapped.remove(requirement.id.as_str()).unwrap_or_default();
            let all = checks
                .iter()
                .filter_map(|id| counts.get(id))
                .fold(VerdictCounts::default(), VerdictCounts::plus);
            RequirementStanding {
                id: requirement.id.clone(),
                title: requirement.title.clone(),
                family: requirement.family.clone(),
                state: state(checks.is_empty(), &all),
                checks,
                healthy: all.healthy,
                unhealthy: all.unhealthy,
                unknown: all.unknown,
            }
        })
        .collect();
    let n = |state| requirements.iter().filter(|it| it.state == state).count();
    Standing {
        standard: standard.id.clone(),
        title: standard.title.clone(),
        passed: n(RequirementState::Passed),
        failed: n(RequirementState::Failed),
        unknown: n(RequirementState::Unknown),
        not_assessed: n(RequirementState::NotAssessed),
        manual: n(RequirementState::Manual),
        requirements,
    }
}

pub(crate) fn state(has_no_check: bool, counts: &VerdictCounts) -> RequirementState {
    if has_no_check {
        RequirementState::Manual
    } else if counts.unhealthy > 0 {
        RequirementState::Failed
    } else if counts.unknown > 0 {
        RequirementState::Unknown
    } else if counts.healthy > 0 {
        RequirementState::Passed
    } else {
        RequirementState::NotAssessed
    }
}

#[cfg(test)]
mod tests {
    use super::{RequirementState, state};
    use crate::verdicts::VerdictCounts;

    #[track_caller]
    fn check(healthy: u64, unhealthy: u64, unknown: u64, want: RequirementState) {
        let counts = VerdictCounts { healthy, unhealthy, unknown, not_applicable: 9 };
        assert_eq!(state(false, &counts), want);
    }

    #[test]
    fn one_unhealthy_resource_fails_a_requirement() {
        check(100, 1, 1, RequirementState::Failed);
    }

    #[test]
    fn what_could_not_be_read_does_not_pass() {
        check(100, 0, 1, RequirementState::Unknown);
        check(1, 0, 0, RequirementState::Passed);
    }

    #[test]
    fn nothing_to_judge_is_not_a_pass() {
        check(0, 0, 0, RequirementState::NotAssessed);
    }
}
