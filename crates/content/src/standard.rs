//! Standards with their requirements, and the controls of the secure score.

use serde::Deserialize;

/// One standard file, `content/standards/<id>.standard.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// Equal to the file's stem.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// The publisher's version.
    pub version: String,
    /// Who publishes it.
    pub publisher: String,
    /// Where it is published.
    pub url: String,
    /// Clouds that it speaks about; empty for all.
    #[serde(default)]
    pub clouds: Vec<String>,
    /// Its numbered demands.
    pub requirements: Vec<Requirement>,
}

/// One numbered demand of a standard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The publisher's number.
    pub id: String,
    /// Short title in our words.
    pub title: String,
    /// The chapter it stands in.
    #[serde(default)]
    pub family: String,
    /// No machine can judge it: a person attests.
    #[serde(default)]
    pub manual: bool,
}

/// A group of checks that is worth points in the secure score.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Slug.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Most points that it can earn in one scope; 0 for advice only.
    pub points: f64,
    /// What it is about.
    pub description: String,
}
