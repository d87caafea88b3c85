//! `merlon report` and `merlon coverage`: what is kept, here or on a server, for whoever must show it.

use std::fs;
use std::io::Write;

use anyhow::{Context as _, bail};
use serde_json::Value as Json;
use store::At;
use view::Sight;

use crate::cli::Cli;
use crate::cli::check::{CoverageKept, ReportForm, ReportKept};
use crate::cli::kept::Form;
use crate::kept::Kept;
use crate::remote::{array, ask, number, text};
use crate::report::{counted, short_scope, single_line};
use crate::tenant::Tenant;
use crate::{library, when};

/// Lines that are printed of what is missing in a scope; the JSON has all.
const MAX_LINES: usize = 20;

/// `merlon report`.
pub(crate) fn report(arguments: &ReportKept, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let at = arguments.at.at.as_deref().map_or(Ok(At::Now), when::moment)?;
    let (subject, scope) = (arguments.subject.as_str(), arguments.scope.as_deref());
    let text = ask(
        &arguments.place,
        async |kept| written(kept, cli, arguments, at).await,
        async |server| {
            let format = match arguments.format {
                ReportForm::Html => "html",
                ReportForm::Csv => "csv",
            };
            let moment = when::as_asked(at);
            let mut query = vec![("format", format)];
            query.extend(scope.map(|it| ("scope", it)));
            query.extend(moment.as_deref().map(|it| ("at", it)));
            let path: &[&str] =
                if subject == "posture" { &["posture"] } else { &["standards", subject] };
            server.get_text(&[&["reports"], path].concat(), &query).await
        },
    )?;
    match &arguments.output {
        Some(file) => fs::write(file, text)
            .with_context(|| format!("`{}` cannot be written", file.display()))?,
        None => out.write_all(text.as_bytes())?,
    }
    Ok(0)
}

/// The tenant as it is or was.
async fn tenant<'l>(
    kept: &Kept,
    library: &'l std::sync::Arc<content::Library>,
    at: At,
) -> anyhow::Result<Tenant<'l>> {
    match at {
        At::Now => kept.load(library).await,
        at => {
            let sequence = kept.store.moment(&kept.access, at).await?.seq;
            kept.load_at(library, sequence).await
        }
    }
}

/// What is seen of one scope with all below; of everything, when none is named.
fn sight(view: &view::View, scope: Option<&str>) -> anyhow::Result<Sight> {
    if let Some(scope) = scope.filter(|it| !view.sees_scope(&Sight::Everything, it)) {
        bail!("there is no scope `{scope}`");
    }
    Ok(scope.map_or(Sight::Everything, |it| Sight::scopes([it])))
}

/// The report about what is kept here.
async fn written(kept: &Kept, cli: &Cli, arguments: &ReportKept, at: At) -> anyhow::Result<String> {
    let library = library::load(&cli.content)?;
    let view = tenant(kept, &library, at).await?.view();
    let scope = arguments.scope.as_deref();
    let sight = sight(&view, scope)?;
    let settings = kept.store.settings(&kept.access).await?;
    let name = settings.iter().find(|it| it.name == "organisation.name");
    let organisation = name.and_then(|it| it.value.as_str()).unwrap_or_default();
    let now = when::now();
    let about = api::report::About { organisation, now, by: kept.access.actor(), scope };
    let subject = arguments.subject.as_str();
    let attestations = kept.store.attestations(&kept.access, subject).await?;
    let ground = api::report::Ground { view: &view, sight: &sight, attestations: &attestations };
    let report = if subject == "posture" {
        api::report::posture_report(ground, &about)
    } else {
        api::report::standard_report(ground, subject, &about)
            .with_context(|| format!("there is no standard `{subject}`; or say `posture`"))?
    };
    Ok(match arguments.format {
        ReportForm::Html => report.html,
        ReportForm::Csv => report.csv,
    })
}

/// `merlon coverage`.
pub(crate) fn coverage(
    arguments: &CoverageKept,
    cli: &Cli,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let at = arguments.at.at.as_deref().map_or(Ok(At::Now), when::moment)?;
    let scope = arguments.scope.as_deref();
    let found = ask(
        &arguments.place,
        async |kept| {
            let library = library::load(&cli.content)?;
            let view = tenant(kept, &library, at).await?.view();
            let sight = sight(&view, scope)?;
            let sequence = view.sequence();
            let ground = api::Collections::read(&kept.store, &kept.access, sequence).await?;
            Ok(api::coverage(&view, &sight, &ground))
        },
        async |server| {
            let moment = when::as_asked(at);
            let mut query = Vec::new();
            query.extend(scope.map(|it| ("scope", it)));
            query.extend(moment.as_deref().map(|it| ("at", it)));
            server.get(&["coverage"], &query).await
        },
    )?;
    if arguments.format == Form::Json {
        serde_json::to_writer_pretty(&mut *out, &found)?;
        writeln!(out)?;
        return Ok(0);
    }
    write_coverage(&found, out)
}

fn write_coverage(found: &Json, out: &mut dyn Write) -> anyhow::Result<u8> {
    let totals = found.get("totals").unwrap_or(&Json::Null);
    writeln!(
        out,
        "{} covered in full, {} in part, {} not at all; {}, {} of kinds that nothing describes; {} unknown",
        counted(number(totals, "full"), "scope"),
        number(totals, "partly"),
        number(totals, "none"),
        counted(number(totals, "resources"), "resource"),
        number(totals, "undescribed"),
        counted(number(totals, "unknown"), "assessment")
    )?;
    for scope in array(found, "scopes") {
        let name = single_line(text(scope, "name"));
        let id = single_line(short_scope(text(scope, "scope")));
        let state = text(scope, "state");
        let resources = counted(number(scope, "resources"), "resource");
        writeln!(out, "{state:<7} {name}  ({id})  {resources}")?;
        let mut n_lines = 0;
        for kind in array(scope, "kinds") {
            for gap in array(kind, "gaps") {
                n_lines += 1;
                if n_lines > MAX_LINES {
                    continue;
                }
                let what = match single_line(text(gap, "what")) {
                    what if what.is_empty() => String::new(),
                    what => format!(" {what}"),
                };
                let unknown = counted(number(gap, "assessments"), "assessment");
                let reason = single_line(text(gap, "reason"));
                writeln!(out, "        {}{what}: {reason} ({unknown})", text(kind, "kind"))?;
            }
        }
        if n_lines > MAX_LINES {
            writeln!(out, "        ... and {} more", n_lines - MAX_LINES)?;
        }
        let missing = array(scope, "missing").len() as u64;
        if missing > 0 {
            writeln!(out, "        nothing of {}", counted(missing, "kind"))?;
        }
    }
    Ok(0)
}
