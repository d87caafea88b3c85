//! Verdicts, severities and levels of criticality.

use serde::{Deserialize, Serialize};

/// What a check says about one resource. Four, never two: what could not be read is `Unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// The check's condition was read and does not hold.
    Healthy,
    /// The check's condition was read and holds.
    Unhealthy,
    /// The check does not speak about this resource.
    NotApplicable,
    /// What the condition needs was not read, or is absent without a documented default.
    Unknown,
}

impl Verdict {
    /// The name as it stands in content, API and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::NotApplicable => "notApplicable",
            Self::Unknown => "unknown",
        }
    }
}

/// How bad an unhealthy verdict is, from the catalogue; ordered from low to critical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Good practice; little to gain for an attacker by itself.
    Low,
    /// Helps an attacker or weakens a safeguard.
    Medium,
    /// Exposes data, identities or hosts.
    High,
    /// Can be used at once, without further conditions.
    Critical,
}

impl Severity {
    /// The name as it stands in content, API and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How much would be lost with a critical asset; ordered from low to very high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Criticality {
    /// Its loss is felt.
    Low,
    /// Its loss hurts a part of the organisation.
    Medium,
    /// Its loss gives away much data, or the way to much else.
    High,
    /// Who holds it holds everything.
    VeryHigh,
}

impl Criticality {
    /// All of them, the highest first.
    pub const ALL: [Self; 4] = [Self::VeryHigh, Self::High, Self::Medium, Self::Low];

    /// The name as it stands in content, API and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::VeryHigh => "veryHigh",
        }
    }

    /// The level with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// From 1 for low to 4 for very high: what queries compare, as names have no order of their own.
    pub fn rank(self) -> u8 {
        match self {
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
            Self::VeryHigh => 4,
        }
    }
}
