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
use crate::decision::{NewExemption, Wish, decide};
use crate::kept::Kept;
use crate::progress::Progress;
use crate::remote::{self, Somewhere, number, renamed, text};
use crate::report::single_line;
use crate::{library, when};

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

/// An exemption as it is printed, and as the interface calls its fields.
const FIELDS: [(&str, &str); 10] = [
    ("number", "number"),
    ("category", "category"),
    ("target", "target"),
    ("place", "place"),
    ("reason", "reason"),
    ("evidence", "evidence"),
    ("approver", "approver"),
    ("from", "from"),
    ("until", "until"),
    ("isActive", "active"),
];

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
            let mut rows = remote::ask(
                place,
                async |kept| {
                    let known = all(kept, At::Now).await?;
                    Ok(known.iter().map(|it| row(it, now)).collect::<Vec<_>>())
                },
                async |server| {
                    let items = server.items(&["exemptions"], &[], usize::MAX).await?;
                    Ok(items.iter().map(|it| renamed(it, &FIELDS)).collect())
                },
            )?;
            rows.retain(|it| *is_all || is_active(it));
            rows.sort_by_key(|it| number(it, "number"));
            list(&rows, *format, out)?;
            Ok(0)
        }
    }
}

/// An exemption as it is printed.
fn row(it: &Exemption, now: Timestamp) -> Json {
    let (id, record) = to_store(it);
    let mut body = record.map(|it| it.body).unwrap_or_default();
    if let Json::Object(map) = &mut body {
        map.insert("number".to_owned(), id.parse::<u64>().unwrap_or_default().into());
        map.insert("isActive".to_owned(), it.is_active(now).into());
    }
    body
}

fn is_active(it: &Json) -> bool {
    it.get("isActive").and_then(Json::as_bool).unwrap_or_default()
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
    place: &Somewhere,
    wish: &Wish,
    cli: &Cli,
    now: Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let progress = Progress::new(cli.quiet);
    let decided = remote::ask(
        place,
        async |kept| {
            let library = library::load(&cli.content)?;
            let writer = kept.writer(now).await?;
            let mut tenant = kept.load(&library).await?;
            let decided = decide(kept, &writer.lease, &mut tenant, wish, (now, None)).await;
            kept.release(writer).await?;
            Ok(decided?.to_json())
        },
        async |server| remote::decide(server, &serde_json::to_value(wish)?, &progress).await,
    )?;
    drop(progress);
    let percent = |name: &str| {
        let score = decided.get("score").and_then(|it| it.get(name)?.get("percent")?.as_f64());
        score.map_or_else(|| "none".to_owned(), |it| format!("{it:.1} %"))
    };
    writeln!(
        out,
        "commit {}: exemption {}, {} assessments count otherwise, score {} -> {}",
        number(&decided, "sequence"),
        number(&decided, "exemption"),
        number(&decided, "assessments"),
        percent("before"),
        percent("after")
    )?;
    Ok(0)
}

fn list(shown: &[Json], format: Form, out: &mut dyn Write) -> anyhow::Result<()> {
    if format == Form::Json {
        serde_json::to_writer_pretty(&mut *out, shown)?;
        writeln!(out)?;
        return Ok(());
    }
    if shown.is_empty() {
        writeln!(out, "no exemptions")?;
    }
    for it in shown {
        let one_of = |name: &str, words: [(&str, &str); 2], otherwise: &str| {
            let field = it.get(name);
            let found = words
                .iter()
                .find_map(|(key, word)| Some(format!("{word} {}", field?.get(key)?.as_str()?)));
            found.unwrap_or_else(|| otherwise.to_owned())
        };
        let what = one_of("target", [("check", "check"), ("control", "control")], "every check");
        let place = one_of("place", [("resource", "on"), ("scope", "in")], "everywhere");
        let kind = text(it, "category");
        let until = match text(it, "until") {
            "" => "no end".to_owned(),
            until => format!("until {until}"),
        };
        writeln!(out, "{:>4}  {kind:<9}  {what} {}", number(it, "number"), single_line(&place))?;
        let (approver, reason) =
            (single_line(text(it, "approver")), single_line(text(it, "reason")));
        writeln!(out, "      {until}, by {approver}: {reason}")?;
    }
    Ok(())
}
