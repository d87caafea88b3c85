//! `merlon import` and `merlon what-if`: documents into what is kept, or what they would change.

use std::io::Write;
use std::path::PathBuf;

use anyhow::ensure;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::cli::kept::{Form, ImportKept, WhatIf};
use crate::cli::{Cli, Import};
use crate::difference::{self, Difference};
use crate::estate::{self, ImportOptions};
use crate::kept::{self, About, Kept};
use crate::measure::metrics;
use crate::progress::Progress;
use crate::remote::{self, Server, number};
use crate::report::counted;
use crate::serve::{ImportJob, Kind};
use crate::tenant::Tenant;
use crate::{job_command, library, scan, when};

/// Nothing could be read.
const NOTHING_READ: u8 = 3;

pub(crate) fn run(arguments: &ImportKept, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(server) = arguments.place.server()? {
        return send(arguments, &server, cli, out);
    }
    if arguments.queue {
        return queue(arguments, out);
    }
    let library = library::load(&cli.content)?;
    let clock = when::now();
    let now = arguments.import.now.as_deref().map_or(Ok(clock), when::instant)?;
    ensure!(now <= clock, "`--now` is in the future: ask `merlon what-if` what will be then");
    let progress = Progress::new(cli.quiet);
    let options = scan::import_options(&arguments.import)?;
    let answer = kept::with(&arguments.place.place, clock, async |kept| {
        let writer = kept.writer(clock).await?;
        let mut tenant = kept.load(&library).await?;
        let done = import(kept, &writer.lease, &mut tenant, &options, (now, None), &progress).await;
        let released = kept.release(writer).await;
        // What went wrong first says more than what followed from it.
        let done = done?;
        released?;
        let Some((difference, committed, n_problems)) = done else { return Ok(None) };
        Ok(Some(json!({
            "sequence": committed.seq,
            "at": committed.at.to_string(),
            "clockWasBehind": committed.held,
            "problems": n_problems,
            "difference": difference,
        })))
    })?;
    drop(progress);
    let Some(answer) = answer else { return Ok(NOTHING_READ) };
    say(&answer, arguments.format, out)
}

/// Sends the export to a server and waits for its job.
fn send(
    arguments: &ImportKept,
    server: &Server,
    cli: &Cli,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    // What is wrong with the options is told before anything is sent.
    scan::import_options(&arguments.import)?;
    ensure!(
        arguments.import.now.is_none(),
        "`--now` is that of the server when it reads the files"
    );
    let progress = Progress::new(cli.quiet);
    let answer = kept::run(async {
        let job = server.import(&arguments.import, &progress).await?;
        if arguments.queue {
            return Ok(Err(number(&job, "number")));
        }
        match server.finished(job, &progress).await {
            Ok(answer) => Ok(Ok(Some(answer))),
            Err(error) if is_nothing_read(&error) => Ok(Ok(None)),
            Err(error) => Err(error),
        }
    })?;
    drop(progress);
    match answer {
        Err(job) => {
            writeln!(out, "job {job} waits")?;
            Ok(0)
        }
        Ok(None) => Ok(NOTHING_READ),
        Ok(Some(answer)) => say(&answer, arguments.format, out),
    }
}

fn is_nothing_read(error: &anyhow::Error) -> bool {
    const NOTHING: [&str; 2] = ["nothing could be read", "nothing in it could be read"];
    let failed = error.downcast_ref::<remote::Failed>().map(|it| it.reason.as_str());
    let refused = error.downcast_ref::<remote::Refused>().map(|it| it.detail.as_str());
    failed.or(refused).is_some_and(|why| NOTHING.iter().any(|it| why.contains(it)))
}

/// Says what an import changed.
fn say(answer: &Json, format: Form, out: &mut dyn Write) -> anyhow::Result<u8> {
    if format == Form::Json {
        serde_json::to_writer_pretty(&mut *out, answer)?;
        writeln!(out)?;
        return Ok(0);
    }
    let commit = number(answer, "sequence");
    writeln!(out, "commit {commit}")?;
    if answer.get("clockWasBehind").and_then(Json::as_bool).unwrap_or_default() {
        writeln!(out, "the clock is behind: the commit has the instant of the last one")?;
    }
    let difference = answer.get("difference").unwrap_or(&Json::Null);
    difference::write(difference, out)?;
    if difference::is_cut(difference) {
        writeln!(out, "`merlon diff {}` lists everything", commit.saturating_sub(1))?;
    }
    let n_problems = number(answer, "problems");
    if n_problems > 0 {
        let what = counted(n_problems, "item");
        writeln!(out, "{what} not understood: `merlon changes` lists them")?;
    }
    Ok(0)
}

/// Leaves the import to a server.
fn queue(arguments: &ImportKept, out: &mut dyn Write) -> anyhow::Result<u8> {
    // What is wrong with the options is told now, not by the server later.
    scan::import_options(&arguments.import)?;
    let import = &arguments.import;
    ensure!(import.now.is_none(), "`--now` is that of the server when it reads the files");
    let (as_format, complete) = (import.as_format.clone(), import.complete);
    let job = ImportJob::new(&import.paths, as_format, complete)?;
    let number =
        job_command::add(&arguments.place.place, Kind::Import, serde_json::to_value(job)?)?;
    writeln!(out, "job {number} waits")?;
    Ok(0)
}

/// Reads files and commits what they change; `None` when nothing could be read. A commit with the
/// `request` of an earlier one is that one.
pub(crate) async fn import(
    kept: &Kept,
    writer: &store::Lease,
    tenant: &mut Tenant<'_>,
    options: &ImportOptions,
    (now, request): (Timestamp, Option<String>),
    progress: &Progress,
) -> anyhow::Result<Option<(Difference, store::Committed, u64)>> {
    let import = estate::read_import(&tenant.reader, options, progress);
    let problems = import.problems.clone();
    let n_problems = problems.iter().map(|it| it.count).sum();
    progress.go_on()?;
    if is_nothing(&import) {
        return Ok(None);
    }
    progress.say("assessing");
    let step = tenant.update(import, now);
    metrics().assessments.add([], step.diff.n_evaluated);
    let difference = Difference::new(tenant, &step);
    progress.go_on()?;
    progress.say("storing");
    let about = About {
        kind: "import",
        summary: match &options.sent {
            Some(sent) => format!("import of {}", sent.name),
            None => summary(&options.paths),
        },
        problems: &problems,
        request,
        exemptions: Vec::new(),
        audit: Vec::new(),
        states: Vec::new(),
    };
    let committed = kept.commit(writer, tenant, step, &about, now).await?;
    Ok(Some((difference, committed, n_problems)))
}

fn summary(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().take(3).map(|it| it.display().to_string()).collect();
    let more = paths.len().saturating_sub(names.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("import of {}{rest}", names.join(", "))
}

pub(crate) fn what_if(arguments: &WhatIf, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    if !arguments.fixed.is_empty() {
        return what_if_fixed(arguments, cli, out);
    }
    let (now, progress) = (when::now(), Progress::new(cli.quiet));
    let asked = arguments.now.as_deref().map(when::instant).transpose()?;
    let format = arguments.as_format.as_deref().map(scan::parse_format).transpose()?;
    let answer = remote::ask(
        &arguments.place,
        async |kept| {
            let library = library::load(&cli.content)?;
            let options = ImportOptions {
                sent: None,
                paths: arguments.paths.clone(),
                format,
                is_complete: arguments.complete,
            };
            let mut tenant = kept.load(&library).await?;
            let found = would_change(&mut tenant, &options, asked.unwrap_or(now), &progress)?;
            Ok(found.map(serde_json::to_value).transpose()?)
        },
        async |server| {
            let import = Import {
                paths: arguments.paths.clone(),
                as_format: arguments.as_format.clone(),
                complete: arguments.complete,
                now: asked.map(|it| it.to_string()),
            };
            let found = server.what_if(&import, &progress).await;
            let found = match found {
                Ok(answer) => server.finished(answer, &progress).await?,
                Err(error) if is_nothing_read(&error) => Json::Null,
                Err(error) => return Err(error),
            };
            Ok(found.get("resources").is_some().then_some(found))
        },
    )?;
    drop(progress);
    let Some(difference) = answer else { return Ok(NOTHING_READ) };
    match arguments.format {
        Form::Json => {
            serde_json::to_writer_pretty(&mut *out, &difference)?;
            writeln!(out)?;
        }
        Form::Table => difference::write(&difference, out)?,
    }
    Ok(0)
}

/// What files would change; `None` when nothing could be read. The tenant can only be thrown away afterwards.
pub(crate) fn would_change(
    tenant: &mut Tenant<'_>,
    options: &ImportOptions,
    now: Timestamp,
    progress: &Progress,
) -> anyhow::Result<Option<Difference>> {
    let import = estate::read_import(&tenant.reader, options, progress);
    progress.go_on()?;
    if is_nothing(&import) {
        return Ok(None);
    }
    progress.say("assessing");
    let step = tenant.update(import, now);
    Ok(Some(Difference::new(tenant, &step)))
}

/// What it would be worth to fix something.
fn what_if_fixed(arguments: &WhatIf, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let fixed: Vec<_> = arguments.fixed.iter().map(|it| view::Fixed::parse(it)).collect();
    let answer = remote::ask(
        &arguments.place,
        async |kept| {
            let library = library::load(&cli.content)?;
            let tenant = kept.load(&library).await?;
            Ok(serde_json::to_value(tenant.what_if_fixed(&fixed)?)?)
        },
        async |server| {
            let one = |it: &view::Fixed| match &it.resource {
                Some(resource) => json!({ "what": it.what, "resource": resource }),
                None => json!({ "what": it.what }),
            };
            let question = json!({ "fixed": fixed.iter().map(one).collect::<Vec<_>>() });
            let found = server.post(&["score", "what-if"], &question).await?;
            Ok(difference::fixed_of(&found))
        },
    )?;
    match arguments.format {
        Form::Json => {
            serde_json::to_writer_pretty(&mut *out, &answer)?;
            writeln!(out)?;
        }
        Form::Table => difference::write_fixed(&answer, out)?,
    }
    Ok(0)
}

/// Whether nothing in the files was understood.
fn is_nothing(import: &inventory::Import) -> bool {
    import.n_resources() == 0 && import.counts.items == import.counts.left_out
}
