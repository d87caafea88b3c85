//! `merlon show`: one resource as it is or was, what was judged of it, and how it came about.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context as _;
use api::resource_steps;
use model::Resource;
use serde_json::{Value as Json, json};
use store::At;

use crate::cli::kept::{Form, Show};
use crate::kept::Kept;
use crate::remote::{self, Server, array, number, text};
use crate::report::{counted, single_line};
use crate::when;

/// Values that are printed of one change; the JSON has all.
const MAX_VALUES: usize = 30;

pub(crate) fn run(arguments: &Show, out: &mut dyn Write) -> anyhow::Result<u8> {
    let at = arguments.at.at.as_deref().map_or(Ok(At::Now), when::moment)?;
    let wanted = &arguments.resource;
    if arguments.history {
        let steps = remote::ask(
            &arguments.place,
            async |kept| {
                let id = find(kept, wanted).await?;
                let keys = kept.store.keys(&kept.access).await?;
                let versions = kept.store.history(&kept.access, &id).await?;
                Ok(serde_json::to_value(resource_steps(&versions, &keys))?)
            },
            async |server| {
                let id = find_on(server, wanted).await?;
                let mut steps = server.get(&["resources", &id, "versions"], &[]).await?;
                if let Json::Array(steps) = &mut steps {
                    steps.reverse();
                }
                Ok(steps)
            },
        )?;
        return match arguments.format {
            Form::Json => json_out(&steps, out),
            Form::Table => history(&steps, out),
        };
    }
    let answer = remote::ask(
        &arguments.place,
        async |kept| shown(kept, wanted, at).await,
        async |server| shown_on(server, wanted, at).await,
    )?;
    if arguments.format == Form::Json {
        return json_out(&answer, out);
    }
    let (kind, scope, since) =
        (text(&answer, "kind"), text(&answer, "scope"), number(&answer, "since"));
    writeln!(out, "{}", single_line(text(&answer, "id")))?;
    writeln!(out, "  {kind} in {}, so since commit {since}", single_line(scope))?;
    for it in array(&answer, "open") {
        let again = match number(it, "reopened") {
            0 => String::new(),
            n => format!(", came back {}", counted(n, "time")),
        };
        let (verdict, check, since) = (text(it, "verdict"), text(it, "check"), number(it, "since"));
        writeln!(out, "  {verdict:<9}  {check} since commit {since}{again}")?;
    }
    json_out(answer.get("document").unwrap_or(&Json::Null), out)
}

/// A resource of what is kept here.
async fn shown(kept: &Kept, wanted: &str, at: At) -> anyhow::Result<Json> {
    let id = find(kept, wanted).await?;
    let keys = kept.store.keys(&kept.access).await?;
    let found = kept.store.resource(&kept.access, &id, at).await?;
    let found = found.with_context(|| format!("`{id}` was not there then"))?;
    let open = kept.store.assessments_of_resource(&kept.access, &id, at).await?;
    let one = |it: &store::AssessmentRow| {
        json!({
            "check": &*it.check, "verdict": it.verdict.name(), "why": &*it.why,
            "since": it.since, "firstSeen": it.first_seen, "reopened": it.reopened,
        })
    };
    let mut answer = facts(&found.resource);
    if let Json::Object(map) = &mut answer {
        map.insert("since".to_owned(), found.since.into());
        map.insert("document".to_owned(), found.resource.doc.view().to_json(&keys));
        map.insert("open".to_owned(), open.iter().map(one).collect());
    }
    Ok(answer)
}

/// A resource of a server.
async fn shown_on(server: &Server, wanted: &str, at: At) -> anyhow::Result<Json> {
    let id = find_on(server, wanted).await?;
    let moment = when::as_asked(at);
    let asked: Vec<(&str, &str)> = moment.as_deref().map(|it| ("at", it)).into_iter().collect();
    let found = server.find(&["resources", &id], &asked).await?;
    let found = found.with_context(|| format!("`{id}` was not there then"))?;
    let steps = server.get(&["resources", &id, "versions"], &[]).await?;
    // The latest first.
    let was = |it: &&Json| match at {
        At::Now => true,
        At::Seq(sequence) => number(it, "commit") <= sequence,
        At::Time(instant) => {
            text(it, "at").parse::<jiff::Timestamp>().is_ok_and(|it| it <= instant)
        }
    };
    let last = steps.as_array().into_iter().flatten().find(was);
    let since = last.map_or(0, |it| number(it, "commit"));
    let is_open = |it: &&Json| matches!(text(it, "verdict"), "unhealthy" | "unknown");
    let one = |it: &Json| {
        json!({
            "check": text(it, "check"), "verdict": text(it, "verdict"), "why": text(it, "why"),
            "since": number(it, "since"), "firstSeen": number(it, "firstSeen"),
            "reopened": number(it, "reopened"),
        })
    };
    let mut open: Vec<Json> =
        array(&found, "assessments").iter().filter(is_open).map(one).collect();
    open.sort_by(|a, b| text(a, "check").cmp(text(b, "check")));
    let region = Some(text(&found, "region")).filter(|it| !it.is_empty());
    Ok(json!({
        "id": text(&found, "id"), "name": text(&found, "name"), "kind": text(&found, "kind"),
        "scope": text(&found, "scope"), "region": region, "tags": found.get("tags"),
        "since": since, "document": found.get("document"),
        "open": open,
    }))
}

/// The id that a text means on a server.
pub(crate) async fn find_on(server: &Server, wanted: &str) -> anyhow::Result<String> {
    let all = server.items(&["resources"], &[("q", wanted), ("limit", "1000")], usize::MAX).await?;
    let ids = || all.iter().map(|it| text(it, "id"));
    for id in [wanted, &wanted.to_ascii_lowercase()] {
        if ids().any(|it| it == id) {
            return Ok(id.to_owned());
        }
    }
    let named: Vec<&str> =
        all.iter().filter(|it| text(it, "name") == wanted).map(|it| text(it, "id")).collect();
    match named.as_slice() {
        [one] => Ok((*one).to_owned()),
        // One that is gone is in no list; its history may be known all the same.
        [] => Ok(wanted.to_owned()),
        many => {
            anyhow::bail!("{} resources have the name `{wanted}`; give the id of one", many.len())
        }
    }
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

fn history(steps: &Json, out: &mut dyn Write) -> anyhow::Result<u8> {
    for step in steps.as_array().map_or(&[][..], Vec::as_slice) {
        let by = match text(step, "by") {
            "" => String::new(),
            by => format!(" by {by}"),
        };
        let (commit, at, change) = (number(step, "commit"), text(step, "at"), text(step, "change"));
        writeln!(out, "commit {commit}  {at}  {change}{}", single_line(&by))?;
        for value in array(step, "values").iter().take(MAX_VALUES) {
            let end = |name: &str| single_line(&value.get(name).unwrap_or(&Json::Null).to_string());
            let path = single_line(text(value, "path"));
            writeln!(out, "  {path}: {} -> {}", end("before"), end("after"))?;
        }
    }
    Ok(0)
}
