//! What became of a tenant over time: `merlon score`, `merlon diff`, `merlon changes`.

use std::io::Write;

use serde_json::{Value as Json, json};
use store::{At, ScoreRow, Word};

use crate::cli::kept::{Changes, Diff, Form, ScoreKept};
use crate::kept::{self, Kept};
use crate::report::{counted, short_scope, single_line};
use crate::{standing, when};

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

pub(crate) fn score(arguments: &ScoreKept, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(standard) = &arguments.standard {
        return standing::run(standard, arguments, out);
    }
    let at = arguments.at.at.as_deref().map_or(Ok(At::Now), when::moment)?;
    kept::with(&arguments.place, when::now(), async |kept| {
        let words = kept.store.words(&kept.access).await?;
        let Some(measure) = words.find("secureScore") else {
            writeln!(out, "nothing was judged yet")?;
            return Ok(0);
        };
        let rows = if arguments.history {
            kept.store.score_history(&kept.access, measure, Word::NONE, 0).await?
        } else {
            let all = kept.store.scores(&kept.access, at).await?;
            all.into_iter().filter(|it| it.score.measure == measure).collect()
        };
        if arguments.format == Form::Json {
            let all: Vec<Json> =
                rows.iter().map(|it| row(it, &words.text(it.score.scope))).collect();
            serde_json::to_writer_pretty(&mut *out, &all)?;
            writeln!(out)?;
            return Ok(0);
        }
        if rows.is_empty() {
            writeln!(out, "nothing was judged yet")?;
        }
        for it in &rows {
            let scope = words.text(it.score.scope);
            let name = if scope.is_empty() { "all scopes" } else { short_scope(&scope) };
            writeln!(
                out,
                "{:>5.1} %  {:>5.1} of {:>3.0} points  {:>3.0} % assessed  since commit {:>4}  {}  {}",
                percent(it),
                it.score.value,
                it.score.possible,
                it.score.assessed,
                it.seq,
                it.at,
                single_line(name)
            )?;
        }
        Ok(0)
    })
}

pub(crate) fn diff(arguments: &Diff, out: &mut dyn Write) -> anyhow::Result<u8> {
    let (from, to) = (when::moment(&arguments.from)?, when::moment(&arguments.to)?);
    kept::with(&arguments.place, when::now(), async |kept| {
        let from = kept.store.moment(&kept.access, from).await?;
        let to = kept.store.moment(&kept.access, to).await?;
        let diff = kept.store.diff(&kept.access, from.seq, to.seq).await?;
        let scores = [total(kept, from.seq).await?, total(kept, to.seq).await?];
        let pairs = |all: &[(std::sync::Arc<str>, String)]| -> Vec<Json> {
            all.iter().map(|(check, id)| json!({ "check": **check, "resource": id })).collect()
        };
        if arguments.format == Form::Json {
            let answer = json!({
                "from": { "commit": from.seq, "at": from.at.to_string(), "percent": scores[0] },
                "to": { "commit": to.seq, "at": to.at.to_string(), "percent": scores[1] },
                "appeared": diff.appeared, "vanished": diff.vanished, "changed": diff.changed,
                "broke": pairs(&diff.broke), "mended": pairs(&diff.mended),
                "lostSight": pairs(&diff.lost_sight),
            });
            serde_json::to_writer_pretty(&mut *out, &answer)?;
            writeln!(out)?;
            return Ok(0);
        }
        let shown =
            |it: Option<f64>| it.map_or_else(|| "none".to_owned(), |it| format!("{it:.1} %"));
        writeln!(
            out,
            "commit {} -> {}, secure score {} -> {}",
            from.seq,
            to.seq,
            shown(scores[0]),
            shown(scores[1])
        )?;
        let ids = |all: &[String]| all.iter().map(|it| single_line(it)).collect::<Vec<_>>();
        let named = |all: &[(std::sync::Arc<str>, String)]| {
            all.iter()
                .map(|(check, id)| format!("{check}  {}", single_line(id)))
                .collect::<Vec<_>>()
        };
        section("resource", "appeared", &ids(&diff.appeared), out)?;
        section("resource", "vanished", &ids(&diff.vanished), out)?;
        section("resource", "changed", &ids(&diff.changed), out)?;
        section("assessment", "broke", &named(&diff.broke), out)?;
        section("assessment", "mended", &named(&diff.mended), out)?;
        section("assessment", "can no longer be judged", &named(&diff.lost_sight), out)?;
        Ok(0)
    })
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
    kept::with(&arguments.place, when::now(), async |kept| {
        let (mut after, mut all) = (arguments.after, Vec::new());
        loop {
            let page = kept.store.changes_since(&kept.access, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for it in page {
                let problems = kept.store.problems(&kept.access, it.seq).await?;
                all.push((it, problems));
            }
        }
        if arguments.format == Form::Json {
            let rows: Vec<Json> = all
                .iter()
                .map(|(it, problems)| {
                    json!({
                        "sequence": it.seq, "at": it.at.to_string(), "clockWasBehind": it.held,
                        "by": it.actor, "kind": it.kind, "summary": it.summary,
                        "counts": it.counts, "problems": problems_json(problems),
                    })
                })
                .collect();
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            writeln!(out)?;
            return Ok(0);
        }
        for (it, problems) in &all {
            let held = if it.held { " (the clock was behind)" } else { "" };
            let by = single_line(&it.actor);
            writeln!(out, "{:>5}  {}  {by}  {}{held}", it.seq, it.at, single_line(&it.summary))?;
            for problem in problems.iter().take(MAX_LINES) {
                let (file, reason) = (single_line(&problem.file), single_line(&problem.reason));
                writeln!(out, "       {:>4} not understood: {file}: {reason}", problem.count)?;
            }
        }
        Ok(0)
    })
}

fn problems_json(problems: &[base::Problem]) -> Vec<Json> {
    let one =
        |it: &base::Problem| json!({ "file": it.file, "reason": it.reason, "count": it.count });
    problems.iter().map(one).collect()
}
