//! `merlon review`: the assets that may be critical, and what people decide of them.

use std::collections::BTreeMap;
use std::io::Write;

use jiff::Timestamp;
use model::Criticality;
use posture::{Choices, DecisionState, MetaKeys, Rule};
use serde_json::{Value as Json, json};
use store::At;

use crate::classify::{self, ALL, Choose, Decide, Deed, ToDecide};
use crate::cli::review::{Assets, Level, ReviewCommand};
use crate::cli::{Cli, RowFormat};
use crate::progress::Progress;
use crate::remote::{self, Somewhere, number, text};
use crate::{library, rows, when};

const COLUMNS: [&str; 6] = ["level", "name", "kind", "scope", "classification", "id"];
const DECIDED: [&str; 10] =
    ["decision", "level", "name", "kind", "scope", "classification", "reason", "by", "at", "id"];

pub(crate) fn run(command: &ReviewCommand, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let (assets, place) = match command {
        ReviewCommand::List { decided, place, format } => {
            return list(*decided, place, *format, cli, out);
        }
        ReviewCommand::Critical { assets, place, .. }
        | ReviewCommand::NotCritical { assets, place, .. }
        | ReviewCommand::Undo { assets, place } => (assets, place),
    };
    let (decision, level, reason) = match command {
        ReviewCommand::Critical { level, reason, .. } => {
            (DecisionState::Critical, level.map(Criticality::from), reason.as_str())
        }
        ReviewCommand::NotCritical { reason, .. } => {
            (DecisionState::NotCritical, None, reason.as_str())
        }
        ReviewCommand::Undo { .. } | ReviewCommand::List { .. } => {
            (DecisionState::Undecided, None, "")
        }
    };
    let decide = Decide { items: to_decide(assets), decision, level, reason: reason.to_owned() };
    record(place, decide, cli, when::now(), out)
}

impl From<Level> for Criticality {
    fn from(it: Level) -> Self {
        match it {
            Level::VeryHigh => Self::VeryHigh,
            Level::High => Self::High,
            Level::Medium => Self::Medium,
            Level::Low => Self::Low,
        }
    }
}

fn to_decide(assets: &Assets) -> Vec<ToDecide> {
    let classifications = &assets.classification;
    let of = |asset: &String| ToDecide {
        asset: asset.clone(),
        classifications: classifications.clone(),
    };
    assets.assets.iter().map(of).collect()
}

/// Decides, and says what came of it.
fn record(
    place: &Somewhere,
    decide: Decide,
    cli: &Cli,
    now: Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let progress = Progress::new(cli.quiet);
    let word = decide.decision.name();
    let body = serde_json::to_value(&decide)?;
    let choose = Choose { classification: ALL.to_owned(), deed: Deed::Decide(decide) };
    let done = remote::ask(
        place,
        async |kept| {
            let library = library::load(&cli.content)?;
            let writer = kept.writer(now).await?;
            let mut tenant = kept.load(&library).await?;
            let done = async {
                let choices = classify::plan(kept, &tenant, &choose, now).await?;
                let what = (&choose, choices);
                classify::act(kept, &writer.lease, &mut tenant, what, (now, None)).await
            };
            let done = done.await;
            kept.release(writer).await?;
            Ok(done?.to_json(&choose))
        },
        async |server| {
            let answer = server.post(&["critical-assets", "decisions"], &body).await?;
            server.finished(answer, &progress).await
        },
    )?;
    drop(progress);
    let items = done.get("items").and_then(Json::as_array).map_or(0, Vec::len);
    let assets = if items == 1 { "asset is" } else { "assets are" };
    let word = if word == "notCritical" { "not critical" } else { word };
    writeln!(out, "commit {}: {items} {assets} {word}", number(&done, "sequence"))?;
    Ok(0)
}

fn list(
    is_decided: bool,
    place: &Somewhere,
    format: RowFormat,
    cli: &Cli,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let mut found = remote::ask(
        place,
        async |kept| {
            let library = library::load(&cli.content)?;
            let (graph, choices) =
                (kept.graph(&library, At::Now).await?, kept.choices(At::Now).await?);
            Ok(of_graph(is_decided, &library, &choices, &graph))
        },
        async |server| {
            let mut query = vec![("limit", "1000")];
            if is_decided {
                query.extend([("decision", "critical"), ("decision", "notCritical")]);
            }
            let items = server.items(&["critical-assets", "review"], &query, usize::MAX).await?;
            Ok(items.iter().flat_map(|it| of_server(is_decided, it)).collect())
        },
    )?;
    found.sort_by(|a, b| {
        let key = |it: &Json| Criticality::from_name(text(it, "level"));
        let order = key(b).cmp(&key(a));
        order.then_with(|| {
            (text(a, "id"), text(a, "classification"))
                .cmp(&(text(b, "id"), text(b, "classification")))
        })
    });
    let columns: &[&str] = if is_decided { &DECIDED } else { &COLUMNS };
    let n_found = found.len();
    let row = |it: &Json| {
        let value = |name: &&str| it.get(*name).cloned().unwrap_or_default();
        columns.iter().map(value).collect()
    };
    let table = found.iter().map(row).collect();
    let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
    rows::write(&columns, table, format, out)?;
    if !cli.quiet {
        let what = if is_decided { "decided" } else { "to review" };
        writeln!(std::io::stderr(), "{n_found} {what}")?;
    }
    Ok(0)
}

/// A line for each asset and classification.
fn of_graph(
    is_decided: bool,
    library: &content::Library,
    choices: &Choices,
    graph: &graph::Graph,
) -> Vec<Json> {
    let rules: BTreeMap<String, Rule> =
        choices.rules(library).map(|it| (it.classification.id.clone(), it)).collect();
    let meta = MetaKeys::new(graph);
    let mut found = Vec::new();
    for node in posture::marked(graph) {
        let id = meta.id(graph, node);
        let all = choices.decided.decidable(id, &posture::marks_of(graph, node));
        for (classification, state) in all {
            if is_decided == (state == DecisionState::Undecided) {
                continue;
            }
            let decided = choices.decided.get(id, classification);
            let level = decided.and_then(|it| it.level);
            let level = level.or_else(|| rules.get(classification).map(|it| it.level));
            found.push(json!({
                "decision": state.name(),
                "level": level,
                "name": meta.name(graph, node),
                "kind": meta.kind(graph, node),
                "scope": meta.scope(graph, node),
                "classification": classification,
                "reason": decided.map(|it| &it.reason),
                "by": decided.map(|it| &it.by),
                "at": decided.map(|it| it.at),
                "id": id,
            }));
        }
    }
    found
}

/// The same of an asset as the interface shows it.
fn of_server(is_decided: bool, item: &Json) -> Vec<Json> {
    let list = |name: &str| item.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
    let mut lines = if is_decided { list("decisions") } else { Vec::new() };
    if !is_decided {
        let of = |id: Json| json!({ "classification": id, "decision": "undecided" });
        lines.extend(list("classifications").into_iter().map(of));
    }
    for line in &mut lines {
        let Some(line) = line.as_object_mut() else { continue };
        for name in ["name", "kind", "scope", "id", "level"] {
            let own = item.get(name).cloned().unwrap_or_default();
            line.entry(name).or_insert(own);
        }
    }
    lines
}
