//! `merlon show`: one resource as it is or was, what was judged of it, and how it came about.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context as _;
use api::{Happened, ResourceStep, resource_steps};
use model::Resource;
use serde_json::{Value as Json, json};
use store::At;

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
            let steps = resource_steps(&versions, &keys);
            return match arguments.format {
                Form::Json => json_out(&serde_json::to_value(&steps)?, out),
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

fn history(steps: &[ResourceStep], out: &mut dyn Write) -> anyhow::Result<u8> {
    for step in steps {
        let by = if step.by.is_empty() { String::new() } else { format!(" by {}", step.by) };
        let change = match step.change {
            Happened::Appeared => "appeared",
            Happened::Changed => "changed",
            Happened::Gone => "gone",
        };
        let (commit, at) = (step.commit, step.instant());
        writeln!(out, "commit {commit}  {at}  {change}{}", single_line(&by))?;
        for value in step.values.iter().take(MAX_VALUES) {
            let (before, after) = (value.before.to_string(), value.after.to_string());
            let (before, after) = (single_line(&before), single_line(&after));
            writeln!(out, "  {}: {before} -> {after}", single_line(&value.path))?;
        }
    }
    Ok(0)
}
