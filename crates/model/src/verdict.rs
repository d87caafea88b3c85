//! Verdicts and severities.

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
