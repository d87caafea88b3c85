//! `merlon check` and `merlon report`: checks of one's own, and reports about what is kept.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use content::{LineChange, compare_lines};
use serde_json::json;
use store::{At, CustomCheck, PublishedChecks};
use view::Sight;

use crate::cli::Cli;
use crate::cli::check::{CheckCommand, ReportForm, ReportKept};
use crate::cli::kept::Form;
use crate::config::Place;
use crate::kept::Kept;
use crate::own_check::{self, Act, Deed};
use crate::{kept, library, when};

pub(crate) fn run(command: &CheckCommand, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let now = when::now();
    match command {
        CheckCommand::List { place, format } => {
            kept::with(place, now, async |kept| list(kept, *format, out).await)?;
        }
        CheckCommand::Show { id, version, place } => kept::with(place, now, async |kept| {
            let version = match version {
                Some(version) => *version,
                None => last(kept, id).await?.version,
            };
            let row = kept.store.custom_version(&kept.access, id, version).await?;
            Ok(write!(out, "{}", row.text)?)
        })?,
        CheckCommand::Add { file, cases, place } => {
            add(cli, place, file, cases.as_deref(), out)?;
        }
        CheckCommand::Try { file, place } => tried(cli, place, file, out)?,
        CheckCommand::Publish { id, version, place } => {
            act(cli, place, id, *version, None, out)?;
        }
        CheckCommand::Disable { id, place } => act(cli, place, id, None, Some(Deed::Disable), out)?,
        CheckCommand::Delete { id, place } => act(cli, place, id, None, Some(Deed::Delete), out)?,
        CheckCommand::Versions { id, place } => kept::with(place, now, async |kept| {
            let published = published(kept).await?;
            let counting = published.0.get(id).filter(|it| it.is_on).map(|it| it.version);
            for it in kept.store.custom_versions(&kept.access, id).await? {
                let mark = if counting == Some(it.version) { "counts" } else { "" };
                let what = if it.text.is_empty() { "deleted" } else { mark };
                writeln!(out, "{:>4}  {}  {:<20} {what}", it.version, it.at, it.actor)?;
            }
            Ok(())
        })?,
        CheckCommand::Compare { id, from, to, place } => kept::with(place, now, async |kept| {
            let before = kept.store.custom_version(&kept.access, id, *from).await?;
            let after = kept.store.custom_version(&kept.access, id, *to).await?;
            for (change, line) in compare_lines(&before.text, &after.text) {
                let mark = match change {
                    LineChange::Same => ' ',
                    LineChange::Removed => '-',
                    LineChange::Added => '+',
                };
                writeln!(out, "{mark} {line}")?;
            }
            Ok(())
        })?,
    }
    Ok(0)
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

async fn list(kept: &Kept, format: Form, out: &mut dyn Write) -> anyhow::Result<()> {
    let published = published(kept).await?;
    let rows = kept.store.custom_checks(&kept.access).await?;
    let rows: Vec<CustomCheck> = rows.into_iter().filter(|it| !it.text.is_empty()).collect();
    let state = |it: &CustomCheck| match published.0.get(&it.id) {
        None => "draft",
        Some(own) if !own.is_on => "disabled",
        Some(own) if own.version == it.version => "published",
        Some(_) => "changed",
    };
    if format == Form::Json {
        let shown = |it: &CustomCheck| {
            let counts = published.0.get(&it.id).map(|it| it.version);
            json!({
                "id": it.id, "state": state(it), "latest": it.version, "published": counts,
                "actor": it.actor, "at": it.at.to_string(),
            })
        };
        let all: Vec<_> = rows.iter().map(shown).collect();
        serde_json::to_writer_pretty(&mut *out, &all)?;
        return Ok(writeln!(out)?);
    }
    if rows.is_empty() {
        writeln!(out, "no checks of your own")?;
    }
    for it in &rows {
        writeln!(out, "{:<50} {:<10} version {}", it.id, state(it), it.version)?;
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("`{}` cannot be read", file.display()))
}

fn problems(found: &[content::ContentProblem]) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn add(
    cli: &Cli,
    place: &Place,
    file: &Path,
    cases: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let library = library::load(&cli.content)?;
    let text = read(file)?;
    let cases = cases.map_or_else(|| Ok(String::new()), read)?;
    let own = library.read_own(&text, &cases).map_err(|it| anyhow::anyhow!("{}", problems(&it)))?;
    let found = posture::check_text_problems(&library, None, &own.check, &text);
    ensure!(found.is_empty(), "{}", problems(&found));
    let now = when::now();
    kept::with(place, now, async |kept| {
        let id = own.check.id.as_str();
        let before = kept.store.custom_versions(&kept.access, id).await?;
        let base = before.last().map_or(0, |it| it.version);
        let version = kept.store.add_custom(&kept.access, now, base, (id, &text, &cases)).await?;
        Ok(writeln!(out, "version {version} of {id}: `merlon check publish {id}` makes it count")?)
    })
}

fn tried(cli: &Cli, place: &Place, file: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let library = library::load(&cli.content)?;
    let text = read(file)?;
    kept::with(place, when::now(), async |kept| {
        let view = kept.load(&library).await?.view();
        let never: Arc<dyn Fn() -> bool + Send + Sync> = Arc::new(|| false);
        let found = view.dry_run(&Sight::Everything, &text, &never);
        let found = found.map_err(|it| anyhow::anyhow!("{}", problems(&it)))?;
        serde_json::to_writer_pretty(&mut *out, &found)?;
        Ok(writeln!(out)?)
    })
}

/// Publishes a version, unless another deed is named.
fn act(
    cli: &Cli,
    place: &Place,
    id: &str,
    version: Option<u64>,
    deed: Option<Deed>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let library = library::load(&cli.content)?;
    let now = when::now();
    kept::with(place, now, async |kept| {
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
        let done = done?;
        let percent = |it: Option<posture::Score>| {
            it.map_or_else(|| "none".to_owned(), |it| format!("{:.1} %", it.percent))
        };
        let found = done.counts;
        writeln!(
            out,
            "commit {}: {} unhealthy, {} healthy, {} unknown; {} assessments evaluated, score {} -> {}",
            done.committed.seq,
            found.unhealthy,
            found.healthy,
            found.unknown,
            done.n_evaluated,
            percent(done.score.0),
            percent(done.score.1)
        )?;
        Ok(())
    })
}

/// `merlon report`.
pub(crate) fn report(arguments: &ReportKept, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let library = library::load(&cli.content)?;
    let now = when::now();
    let at = arguments.at.at.as_deref().map_or(Ok(At::Now), when::moment)?;
    let report = kept::with(&arguments.place, now, async |kept| {
        let mut tenant = match at {
            At::Now => kept.load(&library).await?,
            at => {
                let sequence = kept.store.moment(&kept.access, at).await?.seq;
                kept.load_at(&library, sequence).await?
            }
        };
        let view = tenant.view();
        let scope = arguments.scope.as_deref();
        let sight = scope.map_or(Sight::Everything, |it| Sight::scopes([it]));
        if let Some(scope) = scope.filter(|it| !view.sees_scope(&Sight::Everything, it)) {
            bail!("there is no scope `{scope}`");
        }
        let settings = kept.store.settings(&kept.access).await?;
        let name = settings.iter().find(|it| it.name == "organisation.name");
        let organisation = name.and_then(|it| it.value.as_str()).unwrap_or_default();
        let about = api::report::About { organisation, now, by: kept.access.actor(), scope };
        let subject = arguments.subject.as_str();
        let attestations = kept.store.attestations(&kept.access, subject).await?;
        let (view, sight) = (&*view, &sight);
        let ground = api::report::Ground { view, sight, attestations: &attestations };
        if subject == "posture" {
            return Ok(api::report::posture_report(ground, &about));
        }
        let report = api::report::standard_report(ground, subject, &about);
        report.with_context(|| format!("there is no standard `{subject}`; or say `posture`"))
    })?;
    let text = match arguments.format {
        ReportForm::Html => report.html,
        ReportForm::Csv => report.csv,
    };
    match &arguments.output {
        Some(file) => fs::write(file, text)
            .with_context(|| format!("`{}` cannot be written", file.display()))?,
        None => out.write_all(text.as_bytes())?,
    }
    Ok(0)
}
