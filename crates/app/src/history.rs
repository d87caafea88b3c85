//! What became of a tenant over time: `merlon score`, `merlon diff`, `merlon changes`.

use std::io::Write;

use paths::Insight;
use posture::risk::OpenByRisk;
use serde_json::{Value as Json, json};
use store::{At, ScoreRow, Word};
use view::RiskScore;

use crate::cli::Cli;
use crate::cli::kept::{Changes, Diff, Form, ScoreKept};
use crate::kept::Kept;
use crate::remote::{self, Server, array, float, number, renamed, text};
use crate::report::{counted, short_scope, single_line};
use crate::{library, risk, standing, when};

/// Lines that are printed of each list; the JSON has all.
const MAX_LINES: usize = 50;
/// Commits that are read at a time.
const PAGE: u32 = 1000;

/// Percent of the points that were earned.
fn percent(row: &ScoreRow) -> f64 {
    let own = row.score.detail.get("percent").and_then(Json::as_f64);
    let share = if row.score.possible > 0.0 { row.score.value / row.score.possible } else { 0.0 };
    own.unwrap_or(share * 100.0)
}

fn row(it: &ScoreRow, scope: &str) -> Json {
    json!({
        "scope": scope, "commit": it.seq, "at": it.at.to_string(), "current": it.score.value,
        "max": it.score.possible, "percent": percent(it), "assessedPercent": it.score.assessed,
        "detail": it.score.detail,
    })
}

pub(crate) fn score(arguments: &ScoreKept, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(standard) = &arguments.standard {
        return standing::run(standard, arguments, out);
    }
    let at = arguments.at.at.as_deref().map_or(Ok(At::Now), when::moment)?;
    let is_history = arguments.history;
    let rows = remote::ask(
        &arguments.place,
        async |kept| {
            let mut rows = scores(kept, at, is_history).await?;
            if arguments.risk && !rows.is_empty() {
                put_risk(&mut rows, risk_then(kept, cli, at).await?);
            }
            Ok(rows)
        },
        async |server| {
            let (moment, history) = (when::as_parameter(at), is_history.to_string());
            let all = server.get(&["scores"], &[("at", &moment), ("history", &history)]).await?;
            let mut rows = all.as_array().cloned().unwrap_or_default();
            if arguments.risk {
                let moment = when::as_asked(at);
                let asked: Vec<_> = moment.as_deref().map(|it| ("at", it)).into_iter().collect();
                let found = server.get(&["score"], &asked).await?;
                put_risk(&mut rows, found.get("riskBased").cloned().unwrap_or_default());
            }
            Ok(rows)
        },
    )?;
    if rows.is_empty() && (arguments.format == Form::Table || !is_history) {
        writeln!(out, "nothing was judged yet")?;
        return Ok(0);
    }
    if arguments.format == Form::Json {
        serde_json::to_writer_pretty(&mut *out, &rows)?;
        writeln!(out)?;
        return Ok(0);
    }
    for it in &rows {
        let scope = text(it, "scope");
        let name = if scope.is_empty() { "all scopes" } else { short_scope(scope) };
        writeln!(
            out,
            "{:>5.1} %  {:>5.1} of {:>3.0} points  {:>3.0} % assessed  since commit {:>4}  {}  {}",
            float(it, "percent"),
            float(it, "current"),
            float(it, "max"),
            float(it, "assessedPercent"),
            number(it, "commit"),
            text(it, "at"),
            single_line(name)
        )?;
        if let Some(risk) = it.get("riskBased") {
            risk_line(risk, out)?;
        }
    }
    Ok(0)
}

/// Puts the risk-based score beside the classic one over all scopes.
fn put_risk(rows: &mut [Json], risk: Json) {
    let total = rows.iter_mut().find(|it| text(it, "scope").is_empty());
    if let Some(Json::Object(total)) = total {
        total.insert("riskBased".to_owned(), risk);
    }
}

fn risk_line(risk: &Json, out: &mut dyn Write) -> std::io::Result<()> {
    let open = risk.get("open").unwrap_or(&Json::Null);
    let levels = ["critical", "high", "medium", "low"];
    let open = levels.map(|it| format!("{} {it}", number(open, it))).join(", ");
    match risk.get("percent").and_then(Json::as_f64) {
        Some(percent) => write!(out, "{percent:>5.1} %  by risk; open: {open}")?,
        None => write!(out, "    -    by risk; open: {open}")?,
    }
    let is_known = risk.get("knownAsOf").is_some_and(Json::is_u64);
    writeln!(out, "{}", if is_known { "" } else { " (exposure and attack paths are not known)" })
}

/// The risk-based score as the interface tells it, with exposure and attack paths as they were then.
async fn risk_then(kept: &Kept, cli: &Cli, at: At) -> anyhow::Result<Json> {
    let library = library::load(&cli.content)?;
    let (mut tenant, then) = match at {
        At::Now => (kept.load(&library).await?, when::now()),
        at => {
            let moment = kept.store.moment(&kept.access, at).await?;
            (kept.load_at(&library, moment.seq).await?, moment.at)
        }
    };
    let insight = Insight::of(&tenant.graph, &library, then, None)?;
    let known = api::known_of(&tenant.graph, &library, &insight);
    let RiskScore { percent, open, known_as_of } = risk::score_of(&tenant.view(), &known);
    let OpenByRisk { critical, high, medium, low } = open;
    Ok(json!({
        "percent": percent, "knownAsOf": known_as_of,
        "open": { "critical": critical, "high": high, "medium": medium, "low": low },
    }))
}

async fn scores(kept: &Kept, at: At, is_history: bool) -> anyhow::Result<Vec<Json>> {
    let words = kept.store.words(&kept.access).await?;
    let Some(measure) = words.find("secureScore") else { return Ok(Vec::new()) };
    let rows = if is_history {
        kept.store.score_history(&kept.access, measure, Word::NONE, 0).await?
    } else {
        let all = kept.store.scores(&kept.access, at).await?;
        all.into_iter().filter(|it| it.score.measure == measure).collect()
    };
    Ok(rows.iter().map(|it| row(it, &words.text(it.score.scope))).collect())
}

pub(crate) fn diff(arguments: &Diff, out: &mut dyn Write) -> anyhow::Result<u8> {
    let (from, to) = (when::moment(&arguments.from)?, when::moment(&arguments.to)?);
    let answer = remote::ask(
        &arguments.place,
        async |kept| difference(kept, from, to).await,
        async |server| difference_of(server, from, to).await,
    )?;
    if arguments.format == Form::Json {
        serde_json::to_writer_pretty(&mut *out, &answer)?;
        writeln!(out)?;
        return Ok(0);
    }
    let end = |name: &str| answer.get(name).cloned().unwrap_or_default();
    let (from, to) = (end("from"), end("to"));
    let shown = |it: &Json| {
        let percent = it.get("percent").and_then(Json::as_f64);
        percent.map_or_else(|| "none".to_owned(), |it| format!("{it:.1} %"))
    };
    let (first, last) = (number(&from, "commit"), number(&to, "commit"));
    writeln!(out, "commit {first} -> {last}, secure score {} -> {}", shown(&from), shown(&to))?;
    let ids = |name: &str| {
        let all = array(&answer, name).iter();
        all.map(|it| single_line(it.as_str().unwrap_or_default())).collect::<Vec<_>>()
    };
    let named = |name: &str| {
        let line =
            |it: &Json| format!("{}  {}", text(it, "check"), single_line(text(it, "resource")));
        array(&answer, name).iter().map(line).collect::<Vec<_>>()
    };
    section("resource", "appeared", &ids("appeared"), out)?;
    section("resource", "vanished", &ids("vanished"), out)?;
    section("resource", "changed", &ids("changed"), out)?;
    section("assessment", "broke", &named("broke"), out)?;
    section("assessment", "mended", &named("mended"), out)?;
    section("assessment", "can no longer be judged", &named("lostSight"), out)?;
    Ok(0)
}

async fn difference(kept: &Kept, from: At, to: At) -> anyhow::Result<Json> {
    let from = kept.store.moment(&kept.access, from).await?;
    let to = kept.store.moment(&kept.access, to).await?;
    let diff = kept.store.diff(&kept.access, from.seq, to.seq).await?;
    let scores = [total(kept, from.seq).await?, total(kept, to.seq).await?];
    let pairs = |all: &[(std::sync::Arc<str>, String)]| -> Vec<Json> {
        all.iter().map(|(check, id)| json!({ "check": **check, "resource": id })).collect()
    };
    Ok(json!({
        "from": { "commit": from.seq, "at": from.at.to_string(), "percent": scores[0] },
        "to": { "commit": to.seq, "at": to.at.to_string(), "percent": scores[1] },
        "appeared": diff.appeared, "vanished": diff.vanished, "changed": diff.changed,
        "broke": pairs(&diff.broke), "mended": pairs(&diff.mended),
        "lostSight": pairs(&diff.lost_sight),
    }))
}

/// The same of a server.
async fn difference_of(server: &Server, from: At, to: At) -> anyhow::Result<Json> {
    let (from, to) = (when::as_parameter(from), when::as_parameter(to));
    let found = server.get(&["diff"], &[("from", &from), ("to", &to)]).await?;
    let mut ends = Vec::new();
    for (commit, at) in [("from", "fromAt"), ("to", "toAt")] {
        let commit = number(&found, commit);
        let scores = server.get(&["scores"], &[("at", &commit.to_string())]).await?;
        let is_total = |it: &&Json| text(it, "scope").is_empty();
        let total = scores.as_array().and_then(|it| it.iter().find(is_total));
        let percent = total.map(|it| float(it, "percent"));
        ends.push(json!({ "commit": commit, "at": text(&found, at), "percent": percent }));
    }
    let lists = ["appeared", "vanished", "changed", "broke", "mended", "lostSight"];
    let mut answer = renamed(&found, &lists.map(|it| (it, it)));
    if let (Json::Object(map), [from, to]) = (&mut answer, ends.as_slice()) {
        map.insert("from".to_owned(), from.clone());
        map.insert("to".to_owned(), to.clone());
    }
    Ok(answer)
}

fn section(noun: &str, what: &str, lines: &[String], out: &mut dyn Write) -> std::io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "{} {what}", counted(lines.len() as u64, noun))?;
    for line in lines.iter().take(MAX_LINES) {
        writeln!(out, "  {line}")?;
    }
    if lines.len() > MAX_LINES {
        writeln!(out, "  ... and {} more", lines.len() - MAX_LINES)?;
    }
    Ok(())
}

/// The score over all scopes after a commit.
async fn total(kept: &Kept, seq: u64) -> anyhow::Result<Option<f64>> {
    let words = kept.store.words(&kept.access).await?;
    let measure = words.find("secureScore");
    let all = kept.store.scores(&kept.access, At::Seq(seq)).await?;
    let is_total =
        |it: &&ScoreRow| Some(it.score.measure) == measure && it.score.scope == Word::NONE;
    Ok(all.iter().find(is_total).map(percent))
}

pub(crate) fn changes(arguments: &Changes, out: &mut dyn Write) -> anyhow::Result<u8> {
    let after = arguments.after;
    let rows = remote::ask(
        &arguments.place,
        async |kept| commits(kept, after).await,
        async |server| {
            let lines = server.lines_after("changes", after).await?;
            Ok(lines.iter().map(commit_of).collect())
        },
    )?;
    if arguments.format == Form::Json {
        serde_json::to_writer_pretty(&mut *out, &rows)?;
        writeln!(out)?;
        return Ok(0);
    }
    for it in &rows {
        let is_held = it.get("clockWasBehind").and_then(Json::as_bool).unwrap_or_default();
        let held = if is_held { " (the clock was behind)" } else { "" };
        let (by, summary) = (single_line(text(it, "by")), single_line(text(it, "summary")));
        writeln!(out, "{:>5}  {}  {by}  {summary}{held}", number(it, "sequence"), text(it, "at"))?;
        for it in array(it, "problems").iter().take(MAX_LINES) {
            let (file, reason) = (single_line(text(it, "file")), single_line(text(it, "reason")));
            writeln!(out, "       {:>4} not understood: {file}: {reason}", number(it, "count"))?;
        }
    }
    Ok(0)
}

/// A commit of a server, as it is printed.
fn commit_of(it: &Json) -> Json {
    let is_held = it.get("held").and_then(Json::as_bool).unwrap_or_default();
    json!({
        "sequence": number(it, "sequence"), "at": text(it, "at"), "clockWasBehind": is_held,
        "by": text(it, "actor"), "kind": text(it, "kind"), "summary": text(it, "summary"),
        "counts": it.get("counts"), "problems": array(it, "problems"),
    })
}

async fn commits(kept: &Kept, after: u64) -> anyhow::Result<Vec<Json>> {
    let (mut after, mut rows) = (after, Vec::new());
    loop {
        let page = kept.store.changes_since(&kept.access, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = last.seq;
        for it in page {
            let problems = kept.store.problems(&kept.access, it.seq).await?;
            rows.push(json!({
                "sequence": it.seq, "at": it.at.to_string(), "clockWasBehind": it.held,
                "by": it.actor, "kind": it.kind, "summary": it.summary,
                "counts": it.counts, "problems": problems_json(&problems),
            }));
        }
    }
}

fn problems_json(problems: &[base::Problem]) -> Vec<Json> {
    let one =
        |it: &base::Problem| json!({ "file": it.file, "reason": it.reason, "count": it.count });
    problems.iter().map(one).collect()
}
