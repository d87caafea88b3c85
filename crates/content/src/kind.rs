//! A kind of resource: how its documents are recognised, put together, named and connected.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use model::Path;
use serde::Deserialize;

use crate::check::{Reference, Status};
use crate::yaml::{OneOrMany, path, path_map, path_option, paths};

/// One kind file, `content/kinds/<cloud>/<service>/<slug>.kind.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// `<cloud>.<slug>`.
    pub id: String,
    /// Name for people, singular.
    pub title: String,
    /// The cloud's own type: resource type, asset type, `group/Kind`, CloudFormation type.
    pub native: String,
    /// Life cycle.
    #[serde(default)]
    pub status: Status,
    /// First version with this kind.
    pub since: String,
    /// Cross-cloud classes, beside the native label.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Where id, name, region, tags and other names stand.
    #[serde(default)]
    pub identity: Identity,
    /// AWS: the operations that list and describe it.
    pub collect: Option<Collect>,
    /// Places that hold JSON as text, decoded in place.
    #[serde(default, deserialize_with = "paths")]
    pub decode: Vec<Path>,
    /// Other answers that give the same kind.
    #[serde(default)]
    pub forms: Vec<Form>,
    /// Azure: child and extension documents that become keys of this document.
    #[serde(default)]
    pub parts: IndexMap<String, Part>,
    /// Fields that list answers leave out: absent there means unread.
    #[serde(default, deserialize_with = "paths")]
    pub detail_only: Vec<Path>,
    /// References that become edges.
    #[serde(default)]
    pub edges: Vec<Edge>,
    /// Paths that the field tables lack: of older API versions, or undocumented but real.
    #[serde(default, deserialize_with = "paths")]
    pub fields: Vec<Path>,
    /// Values that are removed before anything is stored.
    #[serde(default, deserialize_with = "paths")]
    pub secrets: Vec<Path>,
    /// Primary sources.
    pub references: Vec<Reference>,
}

/// Where a resource's names stand in its document.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Template over the document, `arn:aws:s3:::{Name}`; also `{account}`, `{region}`, `{partition}`, and
    /// `{QueueUrl|last}` for what comes after the last slash of a value.
    pub id: Option<String>,
    /// Path of the display name.
    #[serde(default, deserialize_with = "path_option")]
    pub name: Option<Path>,
    /// Path of the region, where the folder or the document's `location` does not give it.
    #[serde(default, deserialize_with = "path_option")]
    pub region: Option<Path>,
    /// Path of the tags: a list of Key and Value, or a map.
    #[serde(default, deserialize_with = "path_option")]
    pub tags: Option<Path>,
    /// Other names by which references, logs and agents know it.
    #[serde(default, deserialize_with = "path_map")]
    pub also: IndexMap<String, Path>,
}

/// The API operations that an AWS kind is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collect {
    /// The operation that lists the resources.
    pub list: Answer,
    /// The service has one end point for all regions.
    #[serde(default)]
    pub global: bool,
    /// One answer each for one resource.
    #[serde(default)]
    pub details: Vec<Detail>,
}

/// A list answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// `<service>/<operation>` as the AWS CLI names them.
    pub operation: String,
    /// Path to the items; `.` when the answer itself is the one item.
    #[serde(deserialize_with = "path")]
    pub items: Path,
    /// The field that an item becomes when items are plain texts.
    #[serde(rename = "as")]
    pub as_field: Option<String>,
    /// Error codes that mean "never set": with `items: "."` the one item is then an empty document.
    #[serde(default)]
    pub absent: Vec<String>,
}

/// A detail answer, which becomes one key of the document.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// `<service>/<operation>` as the AWS CLI names them.
    pub operation: String,
    /// The item's field that the operation takes as its argument.
    pub argument: String,
    /// Key in the document; the operation in PascalCase by default.
    pub key: Option<String>,
    /// Where the answer (or, with `each`, the element) names its resource.
    #[serde(default, deserialize_with = "path_option")]
    pub owner: Option<Path>,
    /// A batch answer: the elements, each of one resource.
    #[serde(default, deserialize_with = "path_option")]
    pub each: Option<Path>,
    /// Several answers belong to one resource: the key is a map by this field.
    pub by: Option<String>,
    /// Error codes that mean "there is none".
    #[serde(default)]
    pub absent: Vec<String>,
}

impl Detail {
    /// Key of the document under which the answer stands.
    pub fn document_key(&self) -> String {
        self.key.clone().unwrap_or_else(|| {
            let operation = self.operation.rsplit('/').next().unwrap_or_default();
            operation.split('-').map(capitalised).collect()
        })
    }
}

/// Another answer that gives resources of the kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// `<service>/<operation>`; absent for AWS Config and gcloud forms.
    pub operation: Option<String>,
    /// Path to the items.
    #[serde(default, deserialize_with = "path_option")]
    pub items: Option<Path>,
    /// The items of AWS Config with this kind's native type.
    #[serde(default)]
    pub aws_config: bool,
    /// The output of `gcloud ... list --format json` with this `kind` value.
    pub gcloud: Option<String>,
    /// Top-level keys that this form can give; absent there means absent.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Canonical path from source path.
    #[serde(default, deserialize_with = "path_map")]
    pub set: IndexMap<String, Path>,
}

/// An Azure document that becomes a key of its parent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Resource type of the child or extension.
    #[serde(rename = "type")]
    pub native: String,
    /// Last segment of its name, when only one child counts.
    pub name: Option<String>,
    /// A list of all such children.
    #[serde(default)]
    pub many: bool,
}

/// A reference in the document that becomes an edge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// Edge type, `UPPER_SNAKE`.
    #[serde(rename = "type")]
    pub edge_type: String,
    /// Kinds that it may lead to; `any` for whatever has the id.
    pub to: OneOrMany,
    /// Where the reference stands.
    #[serde(deserialize_with = "path")]
    pub at: Path,
    /// How the reference names its target: `id` (default), `name`, `selector`, or one of the
    /// target's other names.
    #[serde(default = "by_id")]
    pub by: String,
    /// The edge leads from the target to this resource.
    #[serde(default)]
    pub reverse: bool,
}

fn by_id() -> String {
    "id".to_owned()
}

impl Kind {
    /// The cloud: the first word of the id.
    pub fn cloud(&self) -> &str {
        self.id.split('.').next().unwrap_or_default()
    }

    /// The native label: `aws.s3-bucket` is `AwsS3Bucket`.
    pub fn native_label(&self) -> String {
        native_label(&self.id)
    }

    /// All labels of a node of this kind: native, classes, `Resource`.
    pub fn all_labels(&self) -> Vec<String> {
        let mut labels = vec![self.native_label()];
        labels.extend(self.labels.iter().cloned());
        labels.push("Resource".to_owned());
        labels
    }

    /// Top-level keys of the document that are answers of their own and may be unread.
    pub fn part_keys(&self) -> Vec<String> {
        self.part_sources().into_keys().collect()
    }

    /// The same with what each is the answer of: an operation, or the type of a child.
    pub fn part_sources(&self) -> BTreeMap<String, &str> {
        let details = self.collect.iter().flat_map(|it| &it.details);
        let mut parts: BTreeMap<String, &str> =
            details.map(|it| (it.document_key(), it.operation.as_str())).collect();
        parts.extend(self.parts.iter().map(|(key, it)| (key.clone(), it.native.as_str())));
        if self.cloud() == "gcp" {
            parts.insert("iamPolicy".to_owned(), "getIamPolicy");
        }
        parts
    }
}

/// The native label of a kind id, or of a native type for generic nodes: words in PascalCase.
pub fn native_label(id: &str) -> String {
    id.split(|c: char| !c.is_ascii_alphanumeric()).map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::native_label;

    #[test]
    fn native_labels_are_the_words_of_the_id() {
        assert_eq!(native_label("aws.s3-bucket"), "AwsS3Bucket");
        assert_eq!(native_label("k8s.pod"), "K8sPod");
    }
}
