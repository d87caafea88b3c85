//! Exemptions between their record in the store and what the engine heeds; `merlon exempt`.

use std::io::Write;

use anyhow::Context as _;
use jiff::Timestamp;
use posture::{Category, Exemption, Exemptions, Place as Where, Target};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::At;

use crate::cli::Cli;
use crate::cli::kept::{ExemptAdd, ExemptCommand, ExemptKind, Form};
use crate::config::Place;
use crate::decision::{NewExemption, Wish, decide};
use crate::kept::Kept;
use crate::report::single_line;
use crate::{kept, library, when};

/// The body of an exemption as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    category: Category,
    target: Target,
    place: Where,
    reason: String,
    evidence: Vec<String>,
    approver: String,
    from: String,
    until: Option<String>,
}

/// All exemptions that are on record, ended ones too.
pub(crate) async fn all(kept: &Kept, at: At) -> anyhow::Result<Exemptions> {
    let rows = kept.store.exemptions(&kept.access, at).await?;
    let all: anyhow::Result<Vec<Exemption>> =
        rows.iter().map(|(id, it)| of_store(id, &it.body)).collect();
    Ok(Exemptions::new(all?))
}

fn of_store(id: &str, body: &Json) -> anyhow::Result<Exemption> {
    let damaged = || format!("exemption {id} is damaged");
    let body: Body = serde_json::from_value(body.clone()).with_context(damaged)?;
    Ok(Exemption {
        number: id.parse().with_context(damaged)?,
        category: body.category,
        target: body.target,
        place: body.place,
        reason: body.reason,
        evidence: body.evidence,
        approver: body.approver,
        from: body.from.parse().with_context(damaged)?,
        until: body.until.map(|it| it.parse()).transpose().with_context(damaged)?,
    })
}

/// An exemption as the store takes it, under its number.
pub(crate) fn to_store(it: &Exemption) -> (String, Option<store::Exemption>) {
    let body = Body {
        category: it.category,
        target: it.target.clone(),
        place: it.place.clone(),
        reason: it.reason.clone(),
        evidence: it.evidence.clone(),
        approver: it.approver.clone(),
        from: it.from.to_string(),
        until: it.until.map(|it| it.to_string()),
    };
    let body = serde_json::to_value(body).unwrap_or_default();
    (it.number.to_string(), Some(store::Exemption { ends: it.until, body }))
}

pub(crate) fn run(command: &ExemptCommand, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let now = when::now();
    match command {
        ExemptCommand::Add(arguments) => {
            record(&arguments.place, &Wish::Add(wished(arguments)?), cli, now, out)
        }
        ExemptCommand::End { number, place } => record(place, &Wish::End(*number), cli, now, out),
        ExemptCommand::List { place, all: is_all, format } => {
            kept::with(place, now, async |kept| {
                let known = all(kept, At::Now).await?;
                let shown: Vec<&Exemption> = known
                    .iter()
                    .filter(|it| *is_all || it.until.is_none_or(|end| end > now))
                    .collect();
                list(&shown, now, *format, out)?;
                Ok(0)
            })
        }
    }
}

/// What the command line wishes for.
fn wished(arguments: &ExemptAdd) -> anyhow::Result<NewExemption> {
    let target = match (&arguments.check, &arguments.control) {
        (Some(id), _) => Target::Check(id.clone()),
        (None, Some(id)) => Target::Control(id.clone()),
        (None, None) => Target::Everything,
    };
    let place = match (&arguments.resource, &arguments.scope) {
        (Some(id), _) => Where::Resource(id.clone()),
        (None, Some(id)) => Where::Scope(id.clone()),
        (None, None) => Where::Everywhere,
    };
    let until = arguments.until.as_deref().map(when::instant).transpose()?;
    Ok(NewExemption {
        category: match arguments.kind {
            ExemptKind::Mitigated => Category::Mitigated,
            ExemptKind::Waiver => Category::Waiver,
        },
        target,
        place,
        reason: arguments.reason.clone(),
        evidence: Some(arguments.evidence.clone())
            .filter(|it| !it.is_empty())
            .into_iter()
            .collect(),
        approver: arguments.approver.clone(),
        until: until.map(|it| it.to_string()),
    })
}

/// Decides and says what changed.
fn record(
    place: &Place,
    wish: &Wish,
    cli: &Cli,
    now: Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let library = library::load(&cli.content)?;
    kept::with(place, now, async |kept| {
        let writer = kept.writer(now).await?;
        let mut tenant = kept.load(&library).await?;
        let decided = decide(kept, &writer.lease, &mut tenant, wish, (now, None)).await;
        kept.release(writer).await?;
        let decided = decided?;
        let percent = |it: Option<posture::Score>| {
            it.map_or_else(|| "none".to_owned(), |it| format!("{:.1} %", it.percent))
        };
        writeln!(
            out,
            "commit {}: exemption {}, {} assessments count otherwise, score {} -> {}",
            decided.committed.seq,
            decided.number,
            decided.n_counted,
            percent(decided.score.0),
            percent(decided.score.1)
        )?;
        Ok(0)
    })
}

fn list(
    shown: &[&Exemption],
    now: Timestamp,
    format: Form,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    if format == Form::Json {
        let all: Vec<Json> = shown
            .iter()
            .map(|it| {
                let (id, record) = to_store(it);
                let mut body = record.map(|it| it.body).unwrap_or_default();
                if let Json::Object(map) = &mut body {
                    map.insert("number".to_owned(), id.into());
                    map.insert("isActive".to_owned(), it.is_active(now).into());
                }
                body
            })
            .collect();
        serde_json::to_writer_pretty(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(());
    }
    if shown.is_empty() {
        writeln!(out, "no exemptions")?;
    }
    for it in shown {
        let what = match &it.target {
            Target::Check(id) => format!("check {id}"),
            Target::Control(id) => format!("control {id}"),
            Target::Everything => "every check".to_owned(),
        };
        let place = match &it.place {
            Where::Resource(id) => format!("on {id}"),
            Where::Scope(id) => format!("in {id}"),
            Where::Everywhere => "everywhere".to_owned(),
        };
        let kind = match it.category {
            Category::Mitigated => "mitigated",
            Category::Waiver => "waiver",
        };
        let until = it.until.map_or_else(|| "no end".to_owned(), |it| format!("until {it}"));
        writeln!(out, "{:>4}  {kind:<9}  {what} {}", it.number, single_line(&place))?;
        writeln!(
            out,
            "      {until}, by {}: {}",
            single_line(&it.approver),
            single_line(&it.reason)
        )?;
    }
    Ok(())
}
