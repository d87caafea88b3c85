//! Where a tenant stands against a standard, now, then and over time: `merlon score --standard`.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Context as _, ensure};
use serde::Serialize;
use serde_json::{Value as Json, json};
use store::{At, Moment, RequirementRow};

use crate::cli::kept::{Form, ScoreKept};
use crate::kept::Kept;
use crate::remote::{self, Server, number, text};
use crate::when;

/// Changes of requirements that are printed of one commit; the JSON has all.
const MAX_CHANGES: usize = 20;

/// How many requirements have which state: those that found something to judge.
type Counts = BTreeMap<String, u64>;

/// One change of the standing.
#[derive(Debug, Serialize)]
struct Change {
    commit: u64,
    at: String,
    states: Counts,
    changed: Vec<Changed>,
}

/// One requirement whose state changed; null: nothing was found to judge.
#[derive(Debug, Serialize)]
struct Changed {
    requirement: String,
    before: Option<String>,
    after: Option<String>,
}

pub(crate) fn run(
    standard: &str,
    arguments: &ScoreKept,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let at = arguments.at.at.as_deref().map_or(Ok(At::Now), when::moment)?;
    let rows = remote::ask(
        &arguments.place,
        async |kept| {
            let rows = if arguments.history {
                kept.store.standing_history(&kept.access, standard).await?
            } else {
                let mut all = kept.store.standings(&kept.access, at).await?;
                all.retain(|it| &*it.standard == standard);
                all
            };
            must_be_known(kept, standard, !rows.is_empty()).await?;
            Ok(rows)
        },
        async |server| {
            let mut rows = rows_of(server, standard).await?;
            rows.retain(|it| arguments.history || holds(it, at));
            Ok(rows)
        },
    )?;
    if arguments.history {
        let changes = changes(&rows);
        return match arguments.format {
            Form::Json => print_json(&changes, out),
            Form::Table => print_changes(&changes, out),
        };
    }
    match arguments.format {
        Form::Json => {
            let one = |it: &RequirementRow| {
                json!({
                    "requirement": *it.requirement, "state": *it.state,
                    "sinceCommit": it.since.seq, "since": it.since.at.to_string(),
                })
            };
            print_json(&rows.iter().map(one).collect::<Vec<_>>(), out)
        }
        Form::Table => print_states(&rows, out),
    }
}

/// Every state that the requirements had, as a server kept it.
async fn rows_of(server: &Server, standard: &str) -> anyhow::Result<Vec<RequirementRow>> {
    let found = server.get(&["standards", standard, "states"], &[]).await?;
    let moment = |it: &Json| -> anyhow::Result<Moment> {
        let at = text(it, "at").parse().context("the server wrote a damaged instant")?;
        Ok(Moment { seq: number(it, "commit"), at })
    };
    let row = |it: &Json| -> anyhow::Result<RequirementRow> {
        Ok(RequirementRow {
            standard: standard.into(),
            requirement: text(it, "requirement").into(),
            state: text(it, "state").into(),
            since: moment(it.get("since").unwrap_or(&Json::Null))?,
            until: it.get("until").map(moment).transpose()?,
        })
    };
    found.as_array().map_or(&[][..], Vec::as_slice).iter().map(row).collect()
}

/// Whether a state held at a moment: from its commit on, and no longer at that which ended it.
fn holds(row: &RequirementRow, at: At) -> bool {
    let is_over = |end: Moment| match at {
        At::Now => true,
        At::Seq(number) => end.seq <= number,
        At::Time(instant) => end.at <= instant,
    };
    let has_begun = match at {
        At::Now => true,
        At::Seq(number) => row.since.seq <= number,
        At::Time(instant) => row.since.at <= instant,
    };
    has_begun && !row.until.is_some_and(is_over)
}

/// Fails, with the names that there are, where nothing is kept under this one.
async fn must_be_known(kept: &Kept, standard: &str, is_known: bool) -> anyhow::Result<()> {
    if is_known {
        return Ok(());
    }
    let all = kept.store.standings(&kept.access, At::Now).await?;
    let mut names: Vec<&str> = all.iter().map(|it| &*it.standard).collect();
    names.dedup();
    ensure!(!names.is_empty(), "no standing is kept: nothing was judged yet");
    ensure!(
        names.contains(&standard),
        "nothing was judged by a standard `{standard}`: there are {}",
        names.join(", ")
    );
    Ok(()) // nothing was judged by it then
}

fn print_json<T: Serialize>(all: &[T], out: &mut dyn Write) -> anyhow::Result<u8> {
    serde_json::to_writer_pretty(&mut *out, all)?;
    writeln!(out)?;
    Ok(0)
}

fn print_states(rows: &[RequirementRow], out: &mut dyn Write) -> anyhow::Result<u8> {
    let mut counts = Counts::new();
    for it in rows {
        *counts.entry(it.state.to_string()).or_default() += 1;
    }
    writeln!(out, "{}", words(&counts))?;
    for it in rows {
        let (requirement, state, since) = (&it.requirement, &it.state, it.since);
        writeln!(out, "{requirement:<12} {state:<8} since commit {:>4}  {}", since.seq, since.at)?;
    }
    Ok(0)
}

fn print_changes(changes: &[Change], out: &mut dyn Write) -> anyhow::Result<u8> {
    for it in changes {
        writeln!(out, "commit {:>4}  {}  {}", it.commit, it.at, words(&it.states))?;
        let none = "not assessed".to_owned();
        for it in it.changed.iter().take(MAX_CHANGES) {
            let (before, after) = (it.before.as_ref(), it.after.as_ref());
            let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
            writeln!(out, "  {:<12} {before} -> {after}", it.requirement)?;
        }
        if it.changed.len() > MAX_CHANGES {
            writeln!(out, "  ... and {} more", it.changed.len() - MAX_CHANGES)?;
        }
    }
    Ok(0)
}

fn words(counts: &Counts) -> String {
    let all: Vec<String> = counts.iter().map(|(state, n)| format!("{n} {state}")).collect();
    if all.is_empty() { "nothing assessed".to_owned() } else { all.join(", ") }
}

/// What each commit changed, and what there was after it, oldest first. `rows` are by requirement
/// and then by time.
fn changes(rows: &[RequirementRow]) -> Vec<Change> {
    let mut by_commit: BTreeMap<u64, (Moment, Vec<Changed>)> = BTreeMap::new();
    let mut add = |when: Moment, changed: Changed| {
        by_commit.entry(when.seq).or_insert((when, Vec::new())).1.push(changed);
    };
    for (at, row) in rows.iter().enumerate() {
        let same = |it: &&RequirementRow| it.requirement == row.requirement;
        let earlier = at.checked_sub(1).and_then(|it| rows.get(it)).filter(same);
        let joins = |it: &&RequirementRow| it.until == Some(row.since);
        let requirement = || row.requirement.to_string();
        let before = earlier.filter(joins).map(|it| it.state.to_string());
        let after = Some(row.state.to_string());
        add(row.since, Changed { requirement: requirement(), before, after });
        let later = rows.get(at + 1).filter(same);
        if let Some(end) = row.until
            && later.is_none_or(|it| it.since != end)
        {
            let before = Some(row.state.to_string());
            add(end, Changed { requirement: requirement(), before, after: None });
        }
    }
    let mut states = Counts::new();
    let mut all = Vec::new();
    for (when, changed) in by_commit.into_values() {
        for it in &changed {
            if let Some(n) = it.before.as_ref().and_then(|it| states.get_mut(it)) {
                *n = n.saturating_sub(1);
            }
            if let Some(after) = &it.after {
                *states.entry(after.clone()).or_default() += 1;
            }
        }
        states.retain(|_, n| *n > 0);
        let (commit, at) = (when.seq, when.at.to_string());
        all.push(Change { commit, at, states: states.clone(), changed });
    }
    all
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use store::{Moment, RequirementRow};

    use super::{changes, words};

    fn moment(seq: u64) -> Moment {
        Moment { seq, at: Timestamp::from_second(seq.cast_signed()).unwrap() }
    }

    #[test]
    fn spans_become_changes_with_what_there_was_after_each() {
        let spans = [
            ("1", "failed", 1, Some(3)),
            ("1", "passed", 3, None),
            ("2", "passed", 1, Some(2)),
            ("2", "failed", 4, None),
        ];
        let rows = spans.map(|(requirement, state, since, until)| RequirementRow {
            standard: "cis".into(),
            requirement: requirement.into(),
            state: state.into(),
            since: moment(since),
            until: until.map(moment),
        });
        let said: Vec<String> = changes(&rows)
            .iter()
            .map(|it| {
                let changed = it.changed.iter().map(|it| {
                    let text = |it: &Option<String>| it.clone().unwrap_or_default();
                    format!("{} {}>{}", it.requirement, text(&it.before), text(&it.after))
                });
                let changed: Vec<String> = changed.collect();
                format!("{}: {} ({})", it.commit, words(&it.states), changed.join(", "))
            })
            .collect();
        let wanted = [
            "1: 1 failed, 1 passed (1 >failed, 2 >passed)",
            "2: 1 failed (2 passed>)",
            "3: 1 passed (1 failed>passed)",
            "4: 1 failed, 1 passed (2 >failed)",
        ];
        assert_eq!(said, wanted);
    }
}
