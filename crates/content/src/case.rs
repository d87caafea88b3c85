//! Cases: the tests that stand beside each content file.

use indexmap::IndexMap;
use model::Verdict;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A case of a check.
pub type CheckCase = Case<CheckWant>;

/// A case of a classification.
pub type ClassificationCase = Case<Match>;

/// A case of a rule about one resource: it, its neighbours, and what is wanted.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Case<W> {
    /// What the case shows, as a sentence.
    pub name: String,
    /// The kind of `r` when the rule speaks of several.
    pub kind: Option<String>,
    /// The canonical document; what is left out is absent.
    #[serde(default)]
    pub resource: Json,
    /// Paths of the document that were not read.
    #[serde(default)]
    pub unread: Vec<String>,
    /// The instant at which it is judged, RFC 3339; a fixed day by default.
    pub now: Option<String>,
    /// What it is connected to.
    #[serde(default)]
    pub neighbours: Vec<Neighbour>,
    /// Edge directions at `r` that are not completely known, such as `<-[:APPLIES_TO]-`.
    #[serde(default)]
    pub incomplete: Vec<String>,
    /// What must come out.
    pub want: W,
}

/// A neighbour in a case.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// The edge as it is drawn from the resource above: `-[:T]->` or `<-[:T]-`.
    pub via: String,
    /// Its kind.
    pub kind: String,
    /// Its document; a stub when `stub` is set.
    #[serde(default)]
    pub resource: Json,
    /// It is only referred to and was never read.
    #[serde(default)]
    pub stub: bool,
    /// Paths of its document that were not read.
    #[serde(default)]
    pub unread: Vec<String>,
    /// Edge directions at it that are not completely known.
    #[serde(default)]
    pub incomplete: Vec<String>,
    /// What it is connected to, apart from the resource above.
    #[serde(default)]
    pub neighbours: Vec<Self>,
    /// A name by which another neighbour of the case may mean the same node.
    #[serde(rename = "as")]
    pub alias: Option<String>,
}

/// The wanted verdict.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CheckWant {
    /// One of the four verdicts.
    pub verdict: Verdict,
    /// The exact evidence, path to value, when given.
    pub evidence: Option<IndexMap<String, Json>>,
}

/// Whether a classification holds for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Match {
    /// It does.
    Match,
    /// It does not.
    NoMatch,
    /// What its predicate needs was not read.
    Unknown,
}

impl Match {
    /// The name as it stands in case files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::NoMatch => "noMatch",
            Self::Unknown => "unknown",
        }
    }
}

/// A case of a kind: files as a cloud would give them, and what they become.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindCase {
    /// What the case shows, as a sentence.
    pub name: String,
    /// Relative path to content: JSON, or text.
    pub files: IndexMap<String, Json>,
    /// What must come out.
    pub want: KindWant,
}

/// What the files of a kind case must become.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindWant {
    /// Resources that must be there.
    #[serde(default)]
    pub resources: Vec<WantedResource>,
    /// All edges at these resources apart from `CONTAINS`: from, type, to.
    pub edges: Option<Vec<(String, String, String)>>,
    /// Parts of the reasons of all problems.
    #[serde(default)]
    pub problems: Vec<String>,
}

/// A resource that a kind case wants.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedResource {
    /// Canonical id.
    pub id: String,
    /// Kind id.
    pub kind: String,
    /// Display name, when given.
    pub name: Option<String>,
    /// Scope, when given.
    pub scope: Option<String>,
    /// Region, when given.
    pub region: Option<String>,
    /// All tags, when given.
    pub tags: Option<IndexMap<String, String>>,
    /// Values that the document must hold at least, when given.
    pub document: Option<Json>,
}

/// A case of a standard: its frozen size.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardCase {
    /// What the case shows, as a sentence.
    pub name: String,
    /// What must come out.
    pub want: StandardWant,
}

/// What a standard case wants.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardWant {
    /// Number of requirements.
    pub requirements: usize,
}
