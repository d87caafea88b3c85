//! A classification: the rule that finds critical assets of one sort, and how critical they are.

use indexmap::IndexMap;
use model::Criticality;
use serde::{Deserialize, Serialize};

use crate::check::Reference;

/// One classification file, `content/classifications/<cloud>/<slug>.classification.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    /// `<cloud>.critical.<slug>`, as its place says; never reused. Of one that people wrote: `own.<slug>`.
    pub id: String,
    /// Names what it finds, in the singular.
    pub title: String,
    /// What makes these assets critical.
    pub description: String,
    /// First version with it.
    pub since: String,
    /// How critical an asset is for which it holds.
    pub level: Criticality,
    /// What sort of asset it finds.
    pub assets: AssetType,
    /// The kind of resource that it looks at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The kinds, when there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// The label of the kinds, in place of their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Predicate over the resource `r`; true: it holds.
    #[serde(rename = "where")]
    pub predicate: String,
    /// Whether the asset is only likely to be one: it is shown for review and not marked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub review: bool,
    /// Primary sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Leaf conditions that no case can bring into a state, with the reason.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub waived: IndexMap<String, String>,
}

impl Classification {
    /// The kinds that it names; none where it names a label.
    pub fn named_kinds(&self) -> impl Iterator<Item = &str> {
        self.kind.iter().chain(&self.kinds).map(String::as_str)
    }
}

/// The sorts of assets that may be critical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AssetType {
    /// A machine: what runs an operating system.
    Device,
    /// Who or what may act: a user, a role, a service.
    Identity,
    /// Everything else in a cloud or a cluster.
    CloudResource,
}

impl AssetType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Device, Self::Identity, Self::CloudResource];

    /// The name as it stands in content, API and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Identity => "identity",
            Self::CloudResource => "cloudResource",
        }
    }
}
