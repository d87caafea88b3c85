//! `merlon schema`: what queries may name.

use std::collections::BTreeMap;
use std::io::Write;

use content::{Kind, Library};
use serde_json::json;

use crate::cli::{Cli, Schema};
use crate::library;

pub(crate) fn run(arguments: &Schema, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let library = library::load(&cli.content)?;
    match &arguments.name {
        Some(name) => one(&library, name, arguments.json, out)?,
        None => all(&library, arguments.json, out)?,
    }
    Ok(0)
}

fn all(library: &Library, is_json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut classes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut edges: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for kind in library.kinds() {
        for label in &kind.labels {
            classes.entry(label).or_default().push(kind.native_label());
        }
        for edge in &kind.edges {
            for target in &edge.to.0 {
                let target = library.kind(target).map_or("Resource".to_owned(), Kind::native_label);
                let (from, to) = if edge.reverse {
                    (target, kind.native_label())
                } else {
                    (kind.native_label(), target)
                };
                edges.entry(&edge.edge_type).or_default().push(format!("(:{from})-->(:{to})"));
            }
        }
    }
    for ends in edges.values_mut() {
        ends.sort();
        ends.dedup();
    }
    if is_json {
        let kinds: Vec<_> = library
            .kinds()
            .map(|it| json!({ "label": it.native_label(), "kind": it.id, "native": it.native, "title": it.title, "labels": it.labels }))
            .collect();
        let schema = json!({ "labels": kinds, "classes": classes, "edges": edges });
        writeln!(out, "{}", serde_json::to_string_pretty(&schema)?)?;
        return Ok(());
    }
    writeln!(out, "Labels (one a kind; `merlon schema LABEL` lists its properties)")?;
    for kind in library.kinds() {
        writeln!(out, "  :{:<40} {}", kind.native_label(), kind.title)?;
    }
    writeln!(out, "\nClasses across clouds (every resource carries :Resource, too)")?;
    for (class, labels) in &classes {
        writeln!(out, "  :{class:<22} {}", labels.join(" "))?;
    }
    writeln!(out, "\nEdges")?;
    for (edge, ends) in &edges {
        writeln!(out, "  :{edge}")?;
        for end in ends {
            writeln!(out, "      {end}")?;
        }
    }
    writeln!(
        out,
        "\nEvery node has r.merlon.id, name, kind, scope, region, tags; all else is its document."
    )?;
    Ok(())
}

fn one(library: &Library, name: &str, is_json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let kind = library.kinds().find(|it| {
        it.id == name || it.native_label() == name || it.native.eq_ignore_ascii_case(name)
    });
    let Some(kind) = kind else {
        let labels: Vec<String> = library.kinds().map(Kind::native_label).collect();
        let near = base::nearest(name, labels.iter().map(String::as_str))
            .or_else(|| library.nearest_id(name));
        let hint = near.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
        anyhow::bail!("there is no label or kind `{name}`{hint}");
    };
    let properties = library.properties(kind);
    if is_json {
        let schema =
            json!({ "label": kind.native_label(), "kind": kind.id, "properties": properties });
        writeln!(out, "{}", serde_json::to_string_pretty(&schema)?)?;
        return Ok(());
    }
    writeln!(out, ":{}  {} ({})\n", kind.native_label(), kind.title, kind.native)?;
    for (path, shape) in properties {
        writeln!(out, "  {path:<70} {shape}")?;
    }
    Ok(())
}
