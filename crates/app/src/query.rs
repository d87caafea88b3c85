//! `merlon query`: openCypher over an export or a plain property graph.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use graph::{Graph, Limits, Params, Query as Compiled};
use posture::{LibrarySchema, Setting};
use serde_json::{Map, Value as Json, json};
use store::At;

use crate::cli::{Cli, Query};
use crate::estate::{self, ImportOptions};
use crate::progress::Progress;
use crate::remote::{Server, array};
use crate::{kept, library, rows, scan, when};

/// Rows that a server is asked for; it gives no more.
const MOST_ROWS: u32 = 100_000;
/// Seconds that a server takes for a question, at most.
const LONGEST: u64 = 60;
const NOT_COLLECTED: &str =
    "note: something that the query reads was not collected; there may be more rows";

pub(crate) fn run(arguments: &Query, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let (text, paths) = arguments.arguments.split_last().context("the query is missing")?;
    if let Some(server) = arguments.place.server()? {
        ensure!(
            paths.is_empty() && arguments.graph.is_none(),
            "a server is asked about what it keeps: name no exports and no `--graph`"
        );
        return ask(&server, text, arguments, cli, out);
    }
    let progress = Progress::new(cli.quiet);
    let now = scan::instant(None)?;
    let library = library::load(&cli.content)?;
    let graph = match &arguments.graph {
        Some(folder) if paths.is_empty() => load_csv(folder)?,
        Some(_) => anyhow::bail!("--graph takes its data from the folder; name no other paths"),
        None if paths.is_empty() => kept_graph(arguments, &library)?,
        None => {
            anyhow::ensure!(
                !arguments.place.is_named() && arguments.at.at.is_none(),
                "name exports, or what is kept (`--data`, `--database`, `--at`), not both"
            );
            let options = ImportOptions {
                sent: None,
                paths: paths.iter().map(PathBuf::from).collect(),
                format: arguments.as_format.as_deref().map(scan::parse_format).transpose()?,
                is_complete: arguments.complete,
            };
            let estate = estate::load(&library, &options, &now, &progress);
            anyhow::ensure!(
                estate.facts.n_resources > 0,
                "nothing could be read; `merlon scan` lists the problems"
            );
            estate.graph
        }
    };
    drop(progress);
    let params = parameters(&arguments.parameters)?;
    let limits = Limits { is_over: Some(deadline(arguments.timeout)), ..Limits::default() };
    let setting = Setting::at(now.parse()?).with_params(params).with_limits(limits);
    let schema = LibrarySchema::new(&library).with_graph(&graph);
    // A plain graph has no kinds: whatever it holds may be asked.
    let schema = arguments.graph.is_none().then_some(&schema as &dyn lang::Schema);
    let query = Compiled::compile(text, schema)?;
    let context = setting.context();
    let found = query.run(&graph, &context)?;
    rows::write(&found.columns, rows::values(&graph, &found), arguments.format, out)?;
    if !found.gaps.is_empty() {
        note(NOT_COLLECTED, cli)?;
    }
    Ok(0)
}

/// Asks a server.
fn ask(
    server: &Server,
    text: &str,
    arguments: &Query,
    cli: &Cli,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let parameters: Map<String, Json> =
        arguments.parameters.iter().map(|it| parameter(it)).collect::<anyhow::Result<_>>()?;
    let at = arguments.at.at.as_deref().map(when::moment).transpose()?.and_then(when::as_asked);
    let mut question = json!({
        "query": text, "parameters": parameters, "limit": MOST_ROWS,
        "timeout": arguments.timeout.clamp(1, LONGEST),
    });
    if let (Some(at), Some(fields)) = (at, question.as_object_mut()) {
        fields.insert("at".to_owned(), at.into());
    }
    let found = kept::run(async { server.post(&["query"], &question).await })?;
    let columns: Vec<String> = array(&found, "columns")
        .iter()
        .map(|it| it.as_str().unwrap_or_default().to_owned())
        .collect();
    let row = |it: &Json| it.as_array().cloned().unwrap_or_default();
    rows::write(&columns, array(&found, "rows").iter().map(row).collect(), arguments.format, out)?;
    let is_true = |name: &str| found.get(name).and_then(Json::as_bool).unwrap_or_default();
    if is_true("incomplete") {
        note(NOT_COLLECTED, cli)?;
    }
    if is_true("more") {
        note("note: there are more rows than a server gives at once", cli)?;
    }
    Ok(0)
}

fn note(text: &str, cli: &Cli) -> std::io::Result<()> {
    if cli.quiet { Ok(()) } else { writeln!(std::io::stderr(), "{text}") }
}

/// The graph of what is kept, as it is or was.
fn kept_graph(arguments: &Query, library: &Arc<content::Library>) -> anyhow::Result<Graph> {
    let at = arguments.at.at.as_deref().map_or(Ok(At::Now), when::moment)?;
    kept::with(&arguments.place.place, when::now(), async |kept| kept.graph(library, at).await)
}

/// A plain property graph from a folder of CSV files.
pub(crate) fn load_csv(folder: &Path) -> anyhow::Result<Graph> {
    let mut paths = Vec::new();
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("`{}` cannot be listed", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "csv") {
            paths.push(path);
        }
    }
    paths.sort();
    anyhow::ensure!(!paths.is_empty(), "`{}` holds no CSV files", folder.display());
    let mut loader = graph::csv::Loader::default();
    // Edges name nodes, so node tables come first; each file is read when its turn comes.
    let mut edge_tables = Vec::new();
    for path in paths {
        let table = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let bytes =
            std::fs::read(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        if graph::csv::is_edge_table(&bytes) {
            edge_tables.push((table, path));
        } else {
            loader.add_nodes(&table, &bytes)?;
        }
    }
    for (table, path) in edge_tables {
        let bytes =
            std::fs::read(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        loader.add_edges(&table, &bytes)?;
    }
    Ok(loader.finish())
}

/// Says after `seconds` that the time is over.
pub(crate) fn deadline(seconds: u64) -> Arc<dyn Fn() -> bool + Send + Sync> {
    let end = jiff::Timestamp::now().saturating_add(Duration::from_secs(seconds));
    let end = end.unwrap_or(jiff::Timestamp::MAX);
    Arc::new(move || jiff::Timestamp::now() >= end)
}

fn parameters(texts: &[String]) -> anyhow::Result<Params> {
    let mut params = Params::new();
    for text in texts {
        let (name, value) = parameter(text)?;
        params.insert(name, posture::from_json(&value));
    }
    Ok(params)
}

/// The name and the value of `name=value`; the value is JSON, or text.
fn parameter(text: &str) -> anyhow::Result<(String, Json)> {
    let (name, value) =
        text.split_once('=').with_context(|| format!("`{text}` is not `name=value`"))?;
    let json = serde_json::from_str(value).unwrap_or_else(|_| value.to_owned().into());
    Ok((name.trim_start_matches('$').to_owned(), json))
}
