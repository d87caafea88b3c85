//! `merlon schema`: what queries may name, here or on a server.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context as _;
use content::{Kind, Library};
use serde_json::{Value as Json, json};

use crate::cli::{Cli, Schema};
use crate::remote::{Server, array, text};
use crate::{kept, library};

pub(crate) fn run(arguments: &Schema, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(server) = Server::named(&cli.server)? {
        let labels = kept::run(async { labels_of(&server).await })?;
        let Some(name) = &arguments.name else {
            let edges = kept::run(async { server.get(&["schema"], &[]).await })?;
            let edge = |it: &Json| {
                let [name, from, to] = ["type", "from", "to"].map(|name| text(it, name).to_owned());
                (name, from, to)
            };
            let edges = array(&edges, "edges").iter().map(edge).collect();
            all(&labels, edges, arguments.json, out)?;
            return Ok(0);
        };
        let is_named = |it: &&LabelOf| {
            it.kind == *name || it.label == *name || it.native.eq_ignore_ascii_case(name)
        };
        let found = labels.iter().find(is_named);
        let found = found.with_context(|| format!("there is no label or kind `{name}`"))?;
        let kind = kept::run(async { server.get(&["content", "kinds", &found.kind], &[]).await })?;
        let property = |it: &Json| (text(it, "path").to_owned(), text(it, "type").to_owned());
        let properties = array(&kind, "properties").iter().map(property).collect();
        one(found, properties, arguments.json, out)?;
        return Ok(0);
    }
    let library = library::load(&cli.content)?;
    if let Some(name) = &arguments.name {
        let kind = kind_named(&library, name)?;
        one(&LabelOf::of(kind), library.properties(kind), arguments.json, out)?;
    } else {
        let labels: Vec<LabelOf> = library.kinds().map(LabelOf::of).collect();
        all(&labels, edges(&library), arguments.json, out)?;
    }
    Ok(0)
}

/// The label of a kind.
struct LabelOf {
    label: String,
    kind: String,
    native: String,
    title: String,
    /// Labels that it has beside, across clouds.
    classes: Vec<String>,
}

impl LabelOf {
    fn of(it: &Kind) -> Self {
        Self {
            label: it.native_label(),
            kind: it.id.clone(),
            native: it.native.clone(),
            title: it.title.clone(),
            classes: it.labels.clone(),
        }
    }
}

/// The labels that a server has.
async fn labels_of(server: &Server) -> anyhow::Result<Vec<LabelOf>> {
    let schema = server.get(&["schema"], &[]).await?;
    let kinds = server.items(&["content", "kinds"], &[], usize::MAX).await?;
    let native: BTreeMap<&str, &str> =
        kinds.iter().map(|it| (text(it, "id"), text(it, "native"))).collect();
    let label = |it: &Json| {
        let classes = array(it, "classes").iter().filter_map(Json::as_str);
        LabelOf {
            label: text(it, "label").to_owned(),
            kind: text(it, "kind").to_owned(),
            native: native.get(text(it, "kind")).copied().unwrap_or_default().to_owned(),
            title: text(it, "title").to_owned(),
            classes: classes.map(str::to_owned).collect(),
        }
    };
    Ok(array(&schema, "labels").iter().map(label).collect())
}

/// Type, from and to of every edge that kinds describe.
fn edges(library: &Library) -> Vec<(String, String, String)> {
    let mut edges = Vec::new();
    for kind in library.kinds() {
        for edge in &kind.edges {
            for target in &edge.to.0 {
                let target = library.kind(target).map_or("Resource".to_owned(), Kind::native_label);
                let own = kind.native_label();
                let (from, to) = if edge.reverse { (target, own) } else { (own, target) };
                edges.push((edge.edge_type.clone(), from, to));
            }
        }
    }
    edges
}

fn all(
    labels: &[LabelOf],
    all_edges: Vec<(String, String, String)>,
    is_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut classes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for it in labels {
        for class in &it.classes {
            classes.entry(class).or_default().push(&it.label);
        }
    }
    let mut edges: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (edge, from, to) in all_edges {
        edges.entry(edge).or_default().push(format!("(:{from})-->(:{to})"));
    }
    for ends in edges.values_mut() {
        ends.sort();
        ends.dedup();
    }
    if is_json {
        let kinds: Vec<_> = labels
            .iter()
            .map(|it| json!({ "label": it.label, "kind": it.kind, "native": it.native, "title": it.title, "labels": it.classes }))
            .collect();
        let schema = json!({ "labels": kinds, "classes": classes, "edges": edges });
        writeln!(out, "{}", serde_json::to_string_pretty(&schema)?)?;
        return Ok(());
    }
    writeln!(out, "Labels (one a kind; `merlon schema LABEL` lists its properties)")?;
    for it in labels {
        writeln!(out, "  :{:<40} {}", it.label, it.title)?;
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

fn kind_named<'l>(library: &'l Library, name: &str) -> anyhow::Result<&'l Kind> {
    let kind = library.kinds().find(|it| {
        it.id == name || it.native_label() == name || it.native.eq_ignore_ascii_case(name)
    });
    kind.with_context(|| {
        let labels: Vec<String> = library.kinds().map(Kind::native_label).collect();
        let near = base::nearest(name, labels.iter().map(String::as_str))
            .or_else(|| library.nearest_id(name));
        let hint = near.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
        format!("there is no label or kind `{name}`{hint}")
    })
}

fn one(
    it: &LabelOf,
    properties: Vec<(String, String)>,
    is_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    if is_json {
        let schema = json!({ "label": it.label, "kind": it.kind, "properties": properties });
        writeln!(out, "{}", serde_json::to_string_pretty(&schema)?)?;
        return Ok(());
    }
    writeln!(out, ":{}  {} ({})\n", it.label, it.title, it.native)?;
    for (path, shape) in properties {
        writeln!(out, "  {path:<70} {shape}")?;
    }
    Ok(())
}
