//! `merlon critical`: the critical assets of an export or of what is kept, and what a classification would find.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use content::Library;
use content::case::Match;
use graph::Graph;
use lang::NodeId;
use posture::{Choices, Classifier, MetaKeys, Rule};
use serde_json::{Value as Json, json};
use store::At;

use crate::cli::{Cli, Critical, RowFormat};
use crate::estate::{self, ImportOptions};
use crate::progress::Progress;
use crate::{kept, library, rows, scan, tenant, when};

const COLUMNS: [&str; 7] = ["level", "name", "kind", "scope", "classification", "why", "id"];

pub(crate) fn run(arguments: &Critical, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let library = library::load(&cli.content)?;
    let (graph, choices) = graph(arguments, cli, &library)?;
    let (found, unknown) = match &arguments.rule {
        Some(file) => on_trial(file, &library, &graph)?,
        None => marked(arguments.review, &library, &choices, &graph),
    };
    let columns: Vec<String> = COLUMNS.iter().map(ToString::to_string).collect();
    let values = |it: Asset<'_>| {
        // In JSON a list stays a list.
        let by = if arguments.format == RowFormat::Json || arguments.format == RowFormat::Ndjson {
            json!(it.by)
        } else {
            json!(it.by.join(", "))
        };
        let texts = [it.level, it.name, it.kind, it.scope].map(|it| json!(it));
        texts.into_iter().chain([by, json!(it.why), json!(it.id)]).collect::<Vec<Json>>()
    };
    let n_found = found.len();
    rows::write(&columns, found.into_iter().map(values).collect(), arguments.format, out)?;
    if !cli.quiet {
        let what = if arguments.review { "to review" } else { "critical" };
        let mut notes = vec![format!("{n_found} {what}")];
        notes.extend(unknown.iter().map(|(id, count)| {
            format!("note: `{id}` cannot tell about {count}: something was not collected")
        }));
        writeln!(std::io::stderr(), "{}", notes.join("\n"))?;
    }
    Ok(0)
}

/// One line.
struct Asset<'a> {
    rank: u8,
    level: &'static str,
    name: &'a str,
    kind: &'a str,
    scope: &'a str,
    /// The classifications that hold, the one that gives the level first.
    by: Vec<String>,
    why: String,
    id: &'a str,
}

/// What classifications could not tell: by id, on how many.
type Unknown = Vec<(String, usize)>;

/// The graph with its marks, and by what choices they were made.
fn graph(
    arguments: &Critical,
    cli: &Cli,
    library: &Arc<Library>,
) -> anyhow::Result<(Graph, Choices)> {
    if arguments.paths.is_empty() {
        let at = arguments.at.at.as_deref().map_or(Ok(At::Now), when::moment)?;
        return kept::with(&arguments.place, when::now(), async |kept| {
            Ok((kept.graph(library, at).await?, kept.choices(at).await?))
        });
    }
    ensure!(
        !arguments.place.is_named() && arguments.at.at.is_none(),
        "name exports, or what is kept (`--data`, `--database`, `--at`), not both"
    );
    let progress = Progress::new(cli.quiet);
    let options = ImportOptions {
        sent: None,
        paths: arguments.paths.clone(),
        format: arguments.as_format.as_deref().map(scan::parse_format).transpose()?,
        is_complete: arguments.complete,
    };
    let estate = estate::load(library, &options, &scan::instant(None)?, &progress);
    ensure!(
        estate.facts.n_resources > 0,
        "nothing could be read; `merlon scan` lists the problems"
    );
    Ok((estate.graph, Choices::default()))
}

/// The assets that the graph marks, or those that somebody should look at.
fn marked<'g>(
    is_review: bool,
    library: &Library,
    choices: &Choices,
    graph: &'g Graph,
) -> (Vec<Asset<'g>>, Unknown) {
    let rules: BTreeMap<String, Rule> =
        choices.rules(library).map(|it| (it.classification.id.clone(), it)).collect();
    let meta = MetaKeys::new(graph);
    let mut found = Vec::new();
    for node in graph.nodes() {
        let marks = posture::marks_of(graph, node);
        let by = if is_review { marks.to_review } else { marks.by };
        let decided = |id: &str| choices.decided.get(meta.id(graph, node), id);
        let rule = |id: &&str| {
            let mut rule = rules.get(*id)?.clone();
            rule.level = decided(id).and_then(|it| it.level).unwrap_or(rule.level);
            Some(rule)
        };
        let mut by: Vec<Rule> = by.iter().filter_map(rule).collect();
        by.sort_by_key(|it| std::cmp::Reverse(it.level));
        found.extend(asset(graph, meta, node, &by.iter().collect::<Vec<_>>()).map(|mut it| {
            if let Some(decision) = by.first().and_then(|it| decided(&it.classification.id)) {
                it.why = format!("{} (decided by {}: {})", it.why, decision.by, decision.reason);
            }
            it
        }));
    }
    sort(&mut found);
    let classifier: Classifier = tenant::classifier(library, choices, None);
    let unknown = classifier.unknown(graph).into_iter();
    (found, unknown.map(|(id, count)| (id.to_owned(), count)).collect())
}

/// What the classification in a file finds.
fn on_trial<'g>(
    file: &Path,
    library: &Library,
    graph: &'g Graph,
) -> anyhow::Result<(Vec<Asset<'g>>, Unknown)> {
    let text =
        std::fs::read(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    let name = file.display().to_string();
    let rule = match library.read_classification(&name, &text) {
        Ok(rule) => Arc::new(rule),
        Err(problems) => {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            bail!("{}", all.join("\n"));
        }
    };
    let outcomes = posture::try_rule(library, graph, &rule)
        .map_err(|problem| anyhow::anyhow!("{name}: `where`: {}", problem.message))?;
    let id = rule.id.clone();
    let rule = Rule { level: rule.level, classification: rule, is_on: true, is_own: true };
    let meta = MetaKeys::new(graph);
    let matching = outcomes.iter().filter(|it| it.1 == Match::Match);
    let mut found: Vec<_> =
        matching.filter_map(|(node, _)| asset(graph, meta, *node, &[&rule])).collect();
    sort(&mut found);
    let n_unknown = outcomes.iter().filter(|it| it.1 == Match::Unknown).count();
    Ok((found, if n_unknown == 0 { Vec::new() } else { vec![(id, n_unknown)] }))
}

fn asset<'g>(graph: &'g Graph, meta: MetaKeys, node: NodeId, by: &[&Rule]) -> Option<Asset<'g>> {
    let first = by.first()?;
    Some(Asset {
        rank: first.level.rank(),
        level: first.level.name(),
        name: meta.name(graph, node),
        kind: meta.kind(graph, node),
        scope: meta.scope(graph, node),
        by: by.iter().map(|it| it.classification.id.clone()).collect(),
        why: first.classification.title.clone(),
        id: meta.id(graph, node),
    })
}

/// The most critical first, then by kind, name and id.
fn sort(assets: &mut [Asset<'_>]) {
    assets.sort_by(|a, b| {
        let key = |it: &Asset<'_>| std::cmp::Reverse(it.rank);
        key(a).cmp(&key(b)).then_with(|| (a.kind, a.name, a.id).cmp(&(b.kind, b.name, b.id)))
    });
}
