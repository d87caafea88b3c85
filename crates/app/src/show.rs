//! `merlon show`: one resource as it is or was, what was judged of it, and how it came about.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context as _;
use model::{Keys, Resource};
use serde_json::{Value as Json, json};
use store::{At, Version};

use crate::cli::kept::{Form, Show};
use crate::kept::{self, Kept};
use crate::report::{counted, single_line};
use crate::when;

/// Values that are printed of one change; the JSON has all.
const MAX_VALUES: usize = 30;

pub(crate) fn run(arguments: &Show, out: &mut dyn Write) -> anyhow::Result<u8> {
    let at = arguments.at.at.as_deref().map_or(Ok(At::Now), when::moment)?;
    kept::with(&arguments.place, when::now(), async |kept| {
        let id = find(kept, &arguments.resource).await?;
        let keys = kept.store.keys(&kept.access).await?;
        if arguments.history {
            let versions = kept.store.history(&kept.access, &id).await?;
            let steps = steps(&versions, &keys);
            return match arguments.format {
                Form::Json => json_out(&Json::from(steps), out),
                Form::Table => history(&steps, out),
            };
        }
        let found = kept.store.resource(&kept.access, &id, at).await?;
        let found = found.with_context(|| format!("`{id}` was not there then"))?;
        let open = kept.store.assessments_of_resource(&kept.access, &id, at).await?;
        let assessments: Vec<Json> = open
            .iter()
            .map(|it| {
                json!({
                    "check": &*it.check, "verdict": it.verdict.name(), "why": &*it.why,
                    "since": it.since, "firstSeen": it.first_seen, "reopened": it.reopened,
                })
            })
            .collect();
        if arguments.format == Form::Json {
            let mut answer = facts(&found.resource);
            if let Json::Object(map) = &mut answer {
                map.insert("since".to_owned(), found.since.into());
                map.insert("document".to_owned(), found.resource.doc.view().to_json(&keys));
                map.insert("open".to_owned(), assessments.into());
            }
            return json_out(&answer, out);
        }
        let it = &found.resource;
        writeln!(out, "{}", single_line(&it.id))?;
        writeln!(
            out,
            "  {} in {}, so since commit {}",
            it.kind,
            single_line(&it.scope),
            found.since
        )?;
        for it in &open {
            let again = match it.reopened {
                0 => String::new(),
                n => format!(", came back {}", counted(u64::from(n), "time")),
            };
            let verdict = it.verdict.name();
            writeln!(out, "  {verdict:<9}  {} since commit {}{again}", it.check, it.since)?;
        }
        serde_json::to_writer_pretty(&mut *out, &it.doc.view().to_json(&keys))?;
        writeln!(out)?;
        Ok(0)
    })
}

fn json_out(json: &Json, out: &mut dyn Write) -> anyhow::Result<u8> {
    serde_json::to_writer_pretty(&mut *out, json)?;
    writeln!(out)?;
    Ok(0)
}

/// The id that a text means: an id that was ever there, or a name that one resource has now.
async fn find(kept: &Kept, text: &str) -> anyhow::Result<String> {
    for id in [text.to_owned(), text.to_ascii_lowercase()] {
        if !kept.store.history(&kept.access, &id).await?.is_empty() {
            return Ok(id);
        }
    }
    let mut named = Vec::new();
    let mut pages = kept.store.resources(&kept.access, At::Now).await?;
    while let Some(page) = pages.next().await? {
        named.extend(page.into_iter().map(|it| it.resource).filter(|it| it.name == text));
    }
    match named.as_slice() {
        [one] => Ok(one.id.clone()),
        [] => anyhow::bail!("no resource has the id or name `{text}`"),
        many => {
            anyhow::bail!("{} resources have the name `{text}`; give the id of one", many.len())
        }
    }
}

fn facts(it: &Resource) -> Json {
    let tags: BTreeMap<&str, &str> = it.tags.iter().collect();
    json!({
        "id": it.id, "name": it.name, "kind": &*it.kind, "scope": &*it.scope,
        "region": it.region.as_deref(), "tags": tags,
    })
}

/// What each version changed: who, when, and the values that are other than before.
fn steps(versions: &[Version], keys: &Keys) -> Vec<Json> {
    let mut steps = Vec::new();
    let mut before: Option<(&Version, Json)> = None;
    for version in versions {
        if let Some((older, _)) = &before
            && let Some(end) = older.to.filter(|end| *end < version.from)
        {
            steps.push(json!({ "commit": end, "change": "gone" }));
            before = None;
        }
        let mut now = facts(&version.resource);
        if let Json::Object(map) = &mut now {
            map.insert("document".to_owned(), version.resource.doc.view().to_json(keys));
        }
        let mut values = Vec::new();
        let change = match &before {
            None => "appeared",
            Some((_, old)) => {
                differences(old, &now, &mut String::new(), &mut values);
                "changed"
            }
        };
        steps.push(json!({
            "commit": version.from, "at": version.at.to_string(), "by": version.actor,
            "cloudSays": cloud_says(&now), "change": change, "values": values,
        }));
        before = Some((version, now));
    }
    if let Some(end) = before.and_then(|(last, _)| last.to) {
        steps.push(json!({ "commit": end, "change": "gone" }));
    }
    steps
}

/// Who changed it last and when, where the cloud writes that into the document.
fn cloud_says(now: &Json) -> Json {
    let data = now.pointer("/document/systemData").cloned().unwrap_or_default();
    let text = |key: &str| data.get(key).and_then(Json::as_str).map(str::to_owned);
    match (text("lastModifiedBy"), text("lastModifiedAt")) {
        (None, None) => Json::Null,
        (by, at) => json!({ "by": by, "at": at }),
    }
}

/// The places where two values differ, outermost first, with what stands there.
fn differences(old: &Json, new: &Json, at: &mut String, found: &mut Vec<Json>) {
    match (old, new) {
        _ if old == new => {}
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
        _ => found.push(json!({ "path": at, "before": old, "after": new })),
    }
}

fn history(steps: &[Json], out: &mut dyn Write) -> anyhow::Result<u8> {
    for step in steps {
        let text = |key: &str| step.get(key).and_then(Json::as_str).unwrap_or_default();
        let commit = step.get("commit").and_then(Json::as_u64).unwrap_or_default();
        let by = if text("by").is_empty() { String::new() } else { format!(" by {}", text("by")) };
        writeln!(out, "commit {commit}  {}  {}{}", text("at"), text("change"), single_line(&by))?;
        let values = step.get("values").and_then(Json::as_array);
        for value in values.into_iter().flatten().take(MAX_VALUES) {
            let part = |key: &str| single_line(&value.get(key).unwrap_or(&Json::Null).to_string());
            let path = value.get("path").and_then(Json::as_str).unwrap_or_default();
            writeln!(out, "  {}: {} -> {}", single_line(path), part("before"), part("after"))?;
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::differences;
    use serde_json::{Value as Json, json};

    #[track_caller]
    fn check(old: &Json, new: &Json, want: &Json) {
        let mut found = Vec::new();
        differences(old, new, &mut String::new(), &mut found);
        assert_eq!(Json::from(found), *want);
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
