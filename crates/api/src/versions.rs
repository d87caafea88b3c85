//! How a resource came about: what each of its versions changed, when, and by whom.

use std::collections::BTreeMap;

use model::{Keys, Resource};
use serde::Serialize;
use serde_json::{Value as Json, json};
use store::Version;
use utoipa::ToSchema;

use crate::time::Time;

/// Values that are given of one change.
const MOST_VALUES: usize = 1000;

/// What happened to a resource in a commit.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceStep {
    /// The commit.
    pub commit: u64,
    /// When; missing where it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Time>,
    /// Who brought it in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// Who changed it last in the cloud, where the document says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud_says: Option<CloudSays>,
    /// What happened.
    pub change: Happened,
    /// The values that are other than before, at most 1,000.
    pub values: Vec<ValueChange>,
}

/// What happens to resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Happened {
    /// It was not there before.
    Appeared,
    /// It is other than before.
    Changed,
    /// It is not there any more.
    Gone,
}

/// Who changed a resource, by its own document.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
struct CloudSays {
    by: Option<String>,
    at: Option<String>,
}

/// A value that differs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ValueChange {
    /// Where it stands; what is not in the document has no `document` in front.
    pub path: String,
    /// Null where it was absent.
    #[schema(value_type = Value)]
    pub before: Json,
    /// Null where it is absent.
    #[schema(value_type = Value)]
    pub after: Json,
}

impl ResourceStep {
    /// When, as text; empty where the resource went.
    pub fn instant(&self) -> String {
        self.at.map_or_else(String::new, |it| it.0.to_string())
    }

    fn gone(commit: u64) -> Self {
        let (by, change, values) = (String::new(), Happened::Gone, Vec::new());
        Self { commit, at: None, by, cloud_says: None, change, values }
    }
}

/// What each version changed, the oldest first.
pub fn resource_steps(versions: &[Version], keys: &Keys) -> Vec<ResourceStep> {
    let mut steps = Vec::new();
    let mut before: Option<(&Version, Json)> = None;
    for version in versions {
        if let Some((older, _)) = &before
            && let Some(end) = older.to.filter(|end| *end < version.from)
        {
            steps.push(ResourceStep::gone(end));
            before = None;
        }
        let now = facts(&version.resource, keys);
        let mut values = Vec::new();
        let change = match &before {
            None => Happened::Appeared,
            Some((_, old)) => {
                differences(old, &now, &mut String::new(), &mut values);
                Happened::Changed
            }
        };
        steps.push(ResourceStep {
            commit: version.from,
            at: Some(version.at.into()),
            by: version.actor.clone(),
            cloud_says: cloud_says(&now),
            change,
            values,
        });
        before = Some((version, now));
    }
    if let Some(end) = before.and_then(|(last, _)| last.to) {
        steps.push(ResourceStep::gone(end));
    }
    steps
}

fn facts(it: &Resource, keys: &Keys) -> Json {
    let tags: BTreeMap<&str, &str> = it.tags.iter().collect();
    json!({
        "id": it.id, "name": it.name, "kind": &*it.kind, "scope": &*it.scope,
        "region": it.region.as_deref(), "tags": tags, "document": it.doc.view().to_json(keys),
    })
}

/// Who changed it last and when, where the cloud writes that into the document.
fn cloud_says(now: &Json) -> Option<CloudSays> {
    let data = now.pointer("/document/systemData")?;
    let text = |key: &str| data.get(key).and_then(Json::as_str).map(str::to_owned);
    let says = CloudSays { by: text("lastModifiedBy"), at: text("lastModifiedAt") };
    (says.by.is_some() || says.at.is_some()).then_some(says)
}

/// The innermost places where two values differ, with what stands there.
fn differences(old: &Json, new: &Json, at: &mut String, found: &mut Vec<ValueChange>) {
    match (old, new) {
        _ if old == new || found.len() >= MOST_VALUES => {}
        (Json::Object(a), Json::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let length = at.len();
                if !at.is_empty() {
                    at.push('.');
                }
                at.push_str(name);
                let nothing = Json::Null;
                let (x, y) = (a.get(name).unwrap_or(&nothing), b.get(name).unwrap_or(&nothing));
                differences(x, y, at, found);
                at.truncate(length);
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                let length = at.len();
                at.push('[');
                at.push_str(&i.to_string());
                at.push(']');
                differences(x, y, at, found);
                at.truncate(length);
            }
        }
        _ => {
            let (path, before, after) = (at.clone(), old.clone(), new.clone());
            found.push(ValueChange { path, before, after });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::differences;

    #[track_caller]
    fn check(old: &Json, new: &Json, want: &Json) {
        let mut found = Vec::new();
        differences(old, new, &mut String::new(), &mut found);
        assert_eq!(serde_json::to_value(&found).unwrap(), *want);
    }

    #[test]
    fn differences_name_the_innermost_place() {
        check(&json!({ "a": 1 }), &json!({ "a": 1 }), &json!([]));
        check(
            &json!({ "a": { "b": [1, 2] }, "gone": true }),
            &json!({ "a": { "b": [1, 3] }, "new": "x" }),
            &json!([
                { "path": "a.b[1]", "before": 2, "after": 3 },
                { "path": "gone", "before": true, "after": null },
                { "path": "new", "before": null, "after": "x" }
            ]),
        );
        check(
            &json!([1]),
            &json!([1, 2]),
            &json!([{ "path": "", "before": [1], "after": [1, 2] }]),
        );
    }
}
