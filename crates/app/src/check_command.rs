//! `merlon check`: checks of one's own, of what is kept here or of a server.

mod remote;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use content::{LineChange, compare_lines};
use serde_json::{Value as Json, json};
use store::{At, CustomCheck, PublishedChecks};
use view::Sight;

use crate::cli::Cli;
use crate::cli::check::CheckCommand;
use crate::cli::kept::Form;
use crate::kept::Kept;
use crate::own_check::{self, Act, Deed};
use crate::progress::Progress;
use crate::remote::{Somewhere, array, ask, number, text};
use crate::report::single_line;
use crate::{library, when};

/// The check is not as it must be.
const WRONG: u8 = 2;

pub(crate) fn run(command: &CheckCommand, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    match command {
        CheckCommand::List { place, format } => {
            let rows = ask(place, list, remote::list)?;
            write_list(&rows, *format, out)?;
        }
        CheckCommand::Show { id, version, place } => {
            let text = ask(
                place,
                async |kept| shown(kept, id, *version).await,
                async |server| remote::shown(server, id, *version).await,
            )?;
            write!(out, "{text}")?;
        }
        CheckCommand::Validate { file, cases, place } => {
            let (text, cases) = texts(file, cases.as_deref())?;
            let found = ask(
                place,
                async |kept| validated(kept, cli, &text, &cases).await,
                async |server| remote::validated(server, &text, &cases).await,
            )?;
            return write_validated(&found, out);
        }
        CheckCommand::Add { file, cases, place } => {
            let (text, cases) = texts(file, cases.as_deref())?;
            let (id, version) = ask(
                place,
                async |kept| add(kept, cli, &text, &cases).await,
                async |server| remote::add(server, &text, &cases).await,
            )?;
            writeln!(out, "version {version} of {id}: `merlon check publish {id}` makes it count")?;
        }
        CheckCommand::Try { file, place } => {
            let text = read(file)?;
            let found = ask(
                place,
                async |kept| tried(kept, cli, &text).await,
                async |server| remote::tried(server, &text).await,
            )?;
            serde_json::to_writer_pretty(&mut *out, &found)?;
            writeln!(out)?;
        }
        CheckCommand::Publish { id, version, place } => {
            let done = act(cli, place, id, *version, None)?;
            write_done(&done, out)?;
        }
        CheckCommand::Disable { id, place } => {
            write_done(&act(cli, place, id, None, Some(Deed::Disable))?, out)?;
        }
        CheckCommand::Delete { id, place } => {
            write_done(&act(cli, place, id, None, Some(Deed::Delete))?, out)?;
        }
        CheckCommand::Versions { id, place } => {
            let rows = ask(
                place,
                async |kept| versions(kept, id).await,
                async |server| remote::versions(server, id).await,
            )?;
            write_versions(&rows, out)?;
        }
        CheckCommand::Compare { id, from, to, place } => {
            let lines = ask(
                place,
                async |kept| compared(kept, id, (*from, *to)).await,
                async |server| remote::compared(server, id, (*from, *to)).await,
            )?;
            for it in &lines {
                let mark = match text(it, "sort") {
                    "removed" => '-',
                    "added" => '+',
                    _ => ' ',
                };
                writeln!(out, "{mark} {}", text(it, "text"))?;
            }
        }
    }
    Ok(0)
}

fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("`{}` cannot be read", file.display()))
}

/// The text of a check and that of its cases.
fn texts(file: &Path, cases: Option<&Path>) -> anyhow::Result<(String, String)> {
    Ok((read(file)?, cases.map_or_else(|| Ok(String::new()), read)?))
}

fn problems(found: &[content::ContentProblem]) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

async fn published(kept: &Kept) -> anyhow::Result<PublishedChecks> {
    Ok(kept.store.published_checks(&kept.access, At::Now).await?)
}

/// The last version of a check that is not deleted.
async fn last(kept: &Kept, id: &str) -> anyhow::Result<CustomCheck> {
    let rows = kept.store.custom_versions(&kept.access, id).await?;
    let last = rows.into_iter().next_back().filter(|it| !it.text.is_empty());
    last.with_context(|| format!("there is no check of your own `{id}`"))
}

async fn list(kept: &Kept) -> anyhow::Result<Vec<Json>> {
    let published = published(kept).await?;
    let rows = kept.store.custom_checks(&kept.access).await?;
    let state = |it: &CustomCheck| match published.0.get(&it.id) {
        None => "draft",
        Some(own) if !own.is_on => "disabled",
        Some(own) if own.version == it.version => "published",
        Some(_) => "changed",
    };
    let shown = |it: &CustomCheck| {
        let counts = published.0.get(&it.id).map(|it| it.version);
        json!({
            "id": it.id, "state": state(it), "latest": it.version, "published": counts,
            "actor": it.actor, "at": it.at.to_string(),
        })
    };
    Ok(rows.iter().filter(|it| !it.text.is_empty()).map(shown).collect())
}

fn write_list(rows: &[Json], format: Form, out: &mut dyn Write) -> anyhow::Result<()> {
    if format == Form::Json {
        serde_json::to_writer_pretty(&mut *out, rows)?;
        return Ok(writeln!(out)?);
    }
    if rows.is_empty() {
        writeln!(out, "no checks of your own")?;
    }
    for it in rows {
        let (id, state, latest) = (text(it, "id"), text(it, "state"), number(it, "latest"));
        writeln!(out, "{id:<50} {state:<10} version {latest}")?;
    }
    Ok(())
}

async fn shown(kept: &Kept, id: &str, version: Option<u64>) -> anyhow::Result<String> {
    let version = match version {
        Some(version) => version,
        None => last(kept, id).await?.version,
    };
    Ok(kept.store.custom_version(&kept.access, id, version).await?.text)
}

async fn validated(kept: &Kept, cli: &Cli, text: &str, cases: &str) -> anyhow::Result<Json> {
    let library = library::load(&cli.content)?;
    let view = kept.load(&library).await?.view();
    Ok(api::validate_check(&view, text, cases))
}

/// What is wrong, a line each; what the cases show, where nothing is.
fn write_validated(found: &Json, out: &mut dyn Write) -> anyhow::Result<u8> {
    let mut n_problems = 0;
    for it in array(found, "problems") {
        n_problems += 1;
        let place = ["line", "column"].map(|name| it.get(name).and_then(Json::as_u64));
        write!(out, "{}", text(it, "in"))?;
        for number in place.into_iter().flatten() {
            write!(out, ":{number}")?;
        }
        writeln!(out, ": {}", single_line(text(it, "detail")))?;
    }
    let Some(check) = found.get("check") else { return Ok(WRONG) };
    for case in array(check, "cases") {
        for problem in array(case, "problems").iter().filter_map(Json::as_str) {
            n_problems += 1;
            writeln!(out, "case `{}`: {}", text(case, "name"), single_line(problem))?;
        }
    }
    let coverage = check.get("coverage").unwrap_or(&Json::Null);
    for problem in array(coverage, "problems").iter().filter_map(Json::as_str) {
        n_problems += 1;
        writeln!(out, "cases: {}", single_line(problem))?;
    }
    writeln!(
        out,
        "{}: {} of {} cases hold, {} of {} conditions are shown by them",
        text(check, "id"),
        number(coverage, "held"),
        number(coverage, "cases"),
        number(coverage, "covered"),
        array(coverage, "conditions").len()
    )?;
    Ok(if n_problems == 0 { 0 } else { WRONG })
}

/// Keeps a version; gives the id and its number.
async fn add(kept: &Kept, cli: &Cli, text: &str, cases: &str) -> anyhow::Result<(String, u64)> {
    let library = library::load(&cli.content)?;
    let own = library.read_own(text, cases).map_err(|it| anyhow::anyhow!("{}", problems(&it)))?;
    let found = posture::check_text_problems(&library, None, &own.check, text);
    ensure!(found.is_empty(), "{}", problems(&found));
    let id = own.check.id.as_str();
    let before = kept.store.custom_versions(&kept.access, id).await?;
    let base = before.last().map_or(0, |it| it.version);
    let version = kept.store.add_custom(&kept.access, when::now(), base, (id, text, cases)).await?;
    Ok((id.to_owned(), version))
}

async fn tried(kept: &Kept, cli: &Cli, text: &str) -> anyhow::Result<Json> {
    let library = library::load(&cli.content)?;
    let view = kept.load(&library).await?.view();
    let never: Arc<dyn Fn() -> bool + Send + Sync> = Arc::new(|| false);
    let found = view.dry_run(&Sight::Everything, text, &never);
    let found = found.map_err(|it| anyhow::anyhow!("{}", problems(&it)))?;
    Ok(serde_json::to_value(found)?)
}

/// Publishes a version, unless another deed is named.
fn act(
    cli: &Cli,
    place: &Somewhere,
    id: &str,
    version: Option<u64>,
    deed: Option<Deed>,
) -> anyhow::Result<Json> {
    let progress = Progress::new(cli.quiet);
    ask(
        place,
        async |kept| {
            let now = when::now();
            let library = library::load(&cli.content)?;
            let latest = last(kept, id).await?.version;
            let deed = deed.unwrap_or_else(|| Deed::Publish(version.unwrap_or(latest)));
            let act = Act { check: id.to_owned(), deed };
            let writer = kept.writer(now).await?;
            let done = async {
                let mut tenant = kept.load(&library).await?;
                let plan = own_check::plan(kept, &tenant, &act).await?;
                let what = (&act, plan);
                own_check::act(kept, &writer.lease, &mut tenant, what, (now, None)).await
            };
            let done = done.await;
            kept.release(writer).await?;
            Ok(done?.to_json(&act))
        },
        async |server| {
            let answer = remote::act(server, id, version, deed).await?;
            server.finished(answer, &progress).await
        },
    )
}

fn write_done(done: &Json, out: &mut dyn Write) -> anyhow::Result<()> {
    let percent = |name: &str| {
        let percent = done.pointer(&format!("/score/{name}/percent")).and_then(Json::as_f64);
        percent.map_or_else(|| "none".to_owned(), |it| format!("{it:.1} %"))
    };
    let found = done.get("found").unwrap_or(&Json::Null);
    writeln!(
        out,
        "commit {}: {} unhealthy, {} healthy, {} unknown; {} assessments evaluated, score {} -> {}",
        number(done, "sequence"),
        number(found, "unhealthy"),
        number(found, "healthy"),
        number(found, "unknown"),
        number(done, "evaluated"),
        percent("before"),
        percent("after")
    )?;
    Ok(())
}

async fn versions(kept: &Kept, id: &str) -> anyhow::Result<Vec<Json>> {
    let published = published(kept).await?;
    let counting = published.0.get(id).filter(|it| it.is_on).map(|it| it.version);
    let rows = kept.store.custom_versions(&kept.access, id).await?;
    let row = |it: &CustomCheck| {
        json!({
            "version": it.version, "actor": it.actor, "at": it.at.to_string(),
            "published": counting == Some(it.version), "deleted": it.text.is_empty(),
        })
    };
    Ok(rows.iter().map(row).collect())
}

fn write_versions(rows: &[Json], out: &mut dyn Write) -> anyhow::Result<()> {
    for it in rows {
        let is = |name: &str| it.get(name).and_then(Json::as_bool).unwrap_or_default();
        let what = match (is("deleted"), is("published")) {
            (true, _) => "deleted",
            (false, true) => "counts",
            (false, false) => "",
        };
        let (version, at) = (number(it, "version"), text(it, "at"));
        writeln!(out, "{version:>4}  {at}  {:<20} {what}", single_line(text(it, "actor")))?;
    }
    Ok(())
}

async fn compared(kept: &Kept, id: &str, (from, to): (u64, u64)) -> anyhow::Result<Vec<Json>> {
    let before = kept.store.custom_version(&kept.access, id, from).await?;
    let after = kept.store.custom_version(&kept.access, id, to).await?;
    let line = |(change, text): (LineChange, &str)| {
        let sort = match change {
            LineChange::Same => "same",
            LineChange::Removed => "removed",
            LineChange::Added => "added",
        };
        json!({ "sort": sort, "text": text })
    };
    Ok(compare_lines(&before.text, &after.text).into_iter().map(line).collect())
}
