//! A check: a rule about one kind of resource, with everything a person needs to act on it.

use indexmap::IndexMap;
use model::{Path, Severity};
use serde::{Deserialize, Serialize};

use crate::standard::Control;
use crate::yaml::{OneOrMany, path};

/// One check file, `content/checks/<cloud>/<service>/<slug>.check.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// `<cloud>.<service>.<slug>`, equal to the path; never reused.
    pub id: String,
    /// Names the problem, not the remedy.
    pub title: String,
    /// Only `stable` checks count in scores.
    #[serde(default)]
    pub status: Status,
    /// First version with this check.
    pub since: String,
    /// How bad it is, from the catalogue.
    pub severity: Severity,
    /// The kind that it judges.
    pub kind: Option<String>,
    /// The kinds that it judges, when there are several.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Predicate; where it is false the check does not apply.
    pub applies: Option<String>,
    /// Predicate over the resource `r`; true is unhealthy.
    pub unhealthy: String,
    /// What to show as proof.
    pub evidence: Vec<Evidence>,
    /// The secure-score control that it counts in.
    pub control: String,
    /// The control itself, where a check that somebody wrote brings one along.
    pub own_control: Option<Control>,
    /// Requirements of standards, by standard.
    #[serde(default)]
    pub standards: IndexMap<String, Vec<String>>,
    /// MITRE ATT&CK technique ids.
    #[serde(default)]
    pub techniques: Vec<String>,
    /// What an attacker or an accident does with it.
    pub why: String,
    /// What the check cannot see; `none` must be said.
    pub blind_spots: String,
    /// How to mend it.
    pub fix: Fix,
    /// Primary sources.
    pub references: Vec<Reference>,
    /// Leaf conditions that no case can bring into a state, with the reason.
    #[serde(default)]
    pub waived: IndexMap<String, String>,
    /// The check that took this one's place.
    pub replaced_by: Option<String>,
}

impl Check {
    /// All kinds that it judges.
    pub fn all_kinds(&self) -> impl Iterator<Item = &str> {
        self.kind.iter().chain(&self.kinds).map(String::as_str)
    }
}

/// Life cycle of a content file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Shown, but not counted in any score.
    Preview,
    /// Shown and counted.
    #[default]
    Stable,
    /// Kept for history only; not run.
    Deprecated,
}

/// What an unhealthy assessment shows as proof.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Evidence {
    /// A path of the document.
    Path(#[serde(deserialize_with = "path")] Path),
    /// The elements of a list for which a predicate over `x` holds.
    Elements(Elements),
    /// Rows (`resource`, `path`, `value`) of a query anchored at `r`, for neighbours.
    Query(EvidenceQuery),
}

/// List elements as evidence.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elements {
    /// Path of the list.
    #[serde(deserialize_with = "path")]
    pub at: Path,
    /// Predicate over the element `x`; all elements when absent.
    #[serde(rename = "where")]
    pub predicate: Option<String>,
}

/// A query as evidence.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceQuery {
    /// openCypher that uses `r` and returns `resource`, `path` and `value`.
    pub query: String,
}

/// How to mend an unhealthy resource.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// What to do by hand, one step each.
    #[serde(default)]
    pub steps: Vec<String>,
    /// A command, with `{id}`, `{name}` and the like to fill in.
    #[serde(default)]
    pub cli: OneOrMany,
    /// A change that Merlon can make itself.
    pub action: Option<serde_json::Value>,
}

/// A primary source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Where it stands.
    pub url: String,
    /// The day on which it was read, ISO 8601.
    pub read: String,
}
