//! `merlon content list` and `show`: what comes with this program, or what a server has.

use std::io::Write;

use anyhow::{Context as _, bail};
use content::{Check, Evidence, Kind, Library, Standard};
use serde_json::{Value as Json, json};

use crate::cli::Cli;
use crate::remote::{Server, array, float, number, text};
use crate::{kept, library};

/// What may be listed.
const LISTS: [&str; 4] = ["checks", "kinds", "standards", "controls"];

pub(crate) fn list(what: &str, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    if !LISTS.contains(&what) {
        bail!("`{what}` is none of {}", LISTS.join(", "));
    }
    let items = match Server::named(&cli.server)? {
        None => items(&*library::load(&cli.content)?, what),
        Some(server) => {
            let path: &[&str] = if what == "controls" { &["controls"] } else { &["content", what] };
            kept::run(async { server.items(path, &[], usize::MAX).await })?
        }
    };
    for it in &items {
        let (id, title) = (text(it, "id"), text(it, "title"));
        match what {
            "checks" => writeln!(out, "{id:<58} {:<9} {title}", text(it, "severity"))?,
            "kinds" => writeln!(out, "{id:<40} {:<50} {title}", text(it, "native"))?,
            "standards" => {
                let n = number(it, "requirements");
                writeln!(out, "{id:<24} {n:>4} requirements  {title}")?;
            }
            _ => writeln!(out, "{id:<44} {:>3} points  {title}", float(it, "points"))?,
        }
    }
    Ok(0)
}

/// What a list of the content shows.
fn items(library: &Library, what: &str) -> Vec<Json> {
    match what {
        "checks" => {
            let item = |it: &std::sync::Arc<Check>| json!({ "id": it.id, "severity": it.severity.name(), "title": it.title });
            library.checks().map(item).collect()
        }
        "kinds" => {
            let item = |it: &Kind| json!({ "id": it.id, "native": it.native, "title": it.title });
            library.kinds().map(item).collect()
        }
        "standards" => {
            let item = |it: &Standard| json!({ "id": it.id, "requirements": it.requirements.len(), "title": it.title });
            library.standards().map(item).collect()
        }
        _ => {
            let item = |it: &content::Control| json!({ "id": it.id, "points": it.points, "title": it.title });
            library.controls().map(item).collect()
        }
    }
}

pub(crate) fn show(id: &str, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(server) = Server::named(&cli.server)? {
        return kept::run(async { show_of(&server, id, out).await });
    }
    let library = library::load(&cli.content)?;
    if let Some(check) = library.check(id) {
        show_check(check, out)?;
    } else if let Some(kind) = library.kind(id) {
        let of_kind = library.checks().filter(|it| it.all_kinds().any(|it| it == id));
        let checks: Vec<_> = of_kind.map(|it| (it.id.as_str(), it.title.as_str())).collect();
        write_kind(&kind_text(kind), &checks, out)?;
    } else if let Some(standard) = library.standards().find(|it| it.id == id) {
        write_standard(&standard_text(standard, &library), out)?;
    } else {
        let near =
            library.nearest_id(id).map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
        bail!("there is no check, kind or standard `{id}`{near}");
    }
    Ok(0)
}

/// The same of a server.
async fn show_of(server: &Server, id: &str, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(check) = server.find(&["content", "checks", id], &[]).await? {
        write_check(&check, out)?;
    } else if let Some(kind) = server.find(&["content", "kinds", id], &[]).await? {
        let all = server.items(&["content", "checks"], &[], usize::MAX).await?;
        let is_of_kind = |it: &&Json| array(it, "kinds").iter().any(|it| it == id);
        let of_kind = all.iter().filter(is_of_kind);
        let checks: Vec<_> = of_kind.map(|it| (text(it, "id"), text(it, "title"))).collect();
        write_kind(&kind, &checks, out)?;
    } else {
        let standard = server.find(&["content", "standards", id], &[]).await?;
        let standard =
            standard.with_context(|| format!("there is no check, kind or standard `{id}`"))?;
        write_standard(&standard, out)?;
    }
    Ok(0)
}

/// A check, whole, as a person reads it.
pub(crate) fn show_check(check: &Check, out: &mut dyn Write) -> anyhow::Result<()> {
    write_check(&check_text(check), out)
}

/// A check with the fields that the interface gives it.
fn check_text(it: &Check) -> Json {
    let evidence = |it: &Evidence| match it {
        Evidence::Path(path) => json!({ "path": path.text() }),
        Evidence::Elements(elements) => json!({ "path": elements.at.text() }),
        Evidence::Query(query) => json!({ "query": query.query }),
    };
    let source = |it: &content::Reference| json!({ "url": it.url, "read": it.read });
    json!({
        "id": it.id, "title": it.title, "severity": it.severity.name(), "why": it.why,
        "kinds": it.all_kinds().collect::<Vec<_>>(), "applies": it.applies,
        "unhealthy": it.unhealthy, "blindSpots": it.blind_spots, "control": it.control,
        "evidence": it.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "standards": it.standards, "techniques": it.techniques,
        "steps": it.fix.steps, "cli": it.fix.cli.0,
        "sources": it.references.iter().map(source).collect::<Vec<_>>(),
    })
}

fn words<'j>(it: &'j Json, name: &str) -> Vec<&'j str> {
    array(it, name).iter().filter_map(Json::as_str).collect()
}

/// A check with the fields that the interface gives it, as a person reads it.
pub(crate) fn write_check(it: &Json, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}  ({}, {})\n", text(it, "title"), text(it, "id"), text(it, "severity"))?;
    writeln!(out, "{}\n", text(it, "why"))?;
    writeln!(out, "Judges      {}", words(it, "kinds").join(", "))?;
    if let Some(applies) = it.get("applies").and_then(Json::as_str) {
        writeln!(out, "Applies     {applies}")?;
    }
    writeln!(out, "Unhealthy   {}", text(it, "unhealthy").trim())?;
    let proof = |it| match text(it, "path") {
        "" => text(it, "query"),
        path => path,
    };
    let evidence: Vec<&str> = array(it, "evidence").iter().map(proof).collect();
    writeln!(out, "Evidence    {}", evidence.join(", "))?;
    writeln!(out, "Cannot see  {}", text(it, "blindSpots"))?;
    writeln!(out, "Control     {}", text(it, "control"))?;
    for standard in it.get("standards").and_then(Json::as_object).into_iter().flatten() {
        let ids: Vec<&str> =
            standard.1.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        writeln!(out, "Standard    {} {}", standard.0, ids.join(", "))?;
    }
    let techniques = words(it, "techniques");
    if !techniques.is_empty() {
        writeln!(out, "ATT&CK      {}", techniques.join(", "))?;
    }
    writeln!(out, "\nFix")?;
    for (i, step) in words(it, "steps").iter().enumerate() {
        writeln!(out, "  {}. {step}", i + 1)?;
    }
    for line in words(it, "cli") {
        writeln!(out, "  $ {line}")?;
    }
    for source in array(it, "sources") {
        writeln!(out, "\n{} (read {})", text(source, "url"), text(source, "read"))?;
    }
    Ok(())
}

/// A kind with the fields that the interface gives it.
fn kind_text(kind: &Kind) -> Json {
    let parts: Vec<Json> = kind.part_keys().iter().map(|it| json!({ "key": it })).collect();
    let edge = |it: &content::Edge| {
        json!({
            "type": it.edge_type, "to": it.to.0, "at": it.at.text(), "reverse": it.reverse,
        })
    };
    json!({
        "id": kind.id, "title": kind.title, "native": kind.native, "labels": kind.all_labels(),
        "parts": parts, "edges": kind.edges.iter().map(edge).collect::<Vec<_>>(),
    })
}

fn write_kind(it: &Json, checks: &[(&str, &str)], out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}  ({})\n", text(it, "title"), text(it, "id"))?;
    writeln!(out, "native type  {}", text(it, "native"))?;
    writeln!(out, "labels       {}", words(it, "labels").join(", "))?;
    let parts: Vec<&str> = array(it, "parts").iter().map(|it| text(it, "key")).collect();
    if !parts.is_empty() {
        writeln!(out, "parts        {}", parts.join(", "))?;
    }
    for edge in array(it, "edges") {
        let is_reverse = edge.get("reverse").and_then(Json::as_bool).unwrap_or_default();
        let arrow = if is_reverse { "<-" } else { "->" };
        let (name, at) = (text(edge, "type"), text(edge, "at"));
        writeln!(out, "edge         {name} {arrow} {} at {at}", words(edge, "to").join(", "))?;
    }
    for (id, title) in checks {
        writeln!(out, "check        {id}  {title}")?;
    }
    Ok(())
}

/// A standard with the fields that the interface gives it.
fn standard_text(standard: &Standard, library: &Library) -> Json {
    let requirement = |it: &content::Requirement| {
        let is_behind = |check: &&std::sync::Arc<Check>| {
            check.standards.get(&standard.id).is_some_and(|ids| ids.contains(&it.id))
        };
        let checks: Vec<&str> =
            library.checks().filter(is_behind).map(|it| it.id.as_str()).collect();
        json!({ "id": it.id, "title": it.title, "checks": checks })
    };
    let requirements: Vec<Json> = standard.requirements.iter().map(requirement).collect();
    json!({ "id": standard.id, "title": standard.title, "requirements": requirements })
}

fn write_standard(it: &Json, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}  ({})\n", text(it, "title"), text(it, "id"))?;
    for requirement in array(it, "requirements") {
        let checks = words(requirement, "checks");
        let checks = if checks.is_empty() { "manual".to_owned() } else { checks.join(" ") };
        writeln!(out, "{:<8} {}: {checks}", text(requirement, "id"), text(requirement, "title"))?;
    }
    Ok(())
}
