//! `merlon import` and `merlon what-if`: documents into what is kept, or what they would change.

use std::io::Write;
use std::path::PathBuf;

use anyhow::ensure;
use std::sync::Arc;

use content::Library;
use jiff::Timestamp;
use serde_json::json;

use crate::cli::Cli;
use crate::cli::kept::{Form, ImportKept, WhatIf};
use crate::difference::{self, Difference};
use crate::estate::{self, ImportOptions};
use crate::kept::{self, About, Kept};
use crate::measure::metrics;
use crate::progress::Progress;
use crate::report::counted;
use crate::serve::{ImportJob, Kind};
use crate::tenant::Tenant;
use crate::{job_command, library, scan, when};

/// Nothing could be read.
const NOTHING_READ: u8 = 3;

pub(crate) fn run(arguments: &ImportKept, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    if arguments.queue {
        return queue(arguments, out);
    }
    let library = library::load(&cli.content)?;
    let clock = when::now();
    let now = arguments.import.now.as_deref().map_or(Ok(clock), when::instant)?;
    ensure!(now <= clock, "`--now` is in the future: ask `merlon what-if` what will be then");
    let progress = Progress::new(cli.quiet);
    let options = scan::import_options(&arguments.import)?;
    kept::with(&arguments.place, clock, async |kept| {
        let writer = kept.writer(clock).await?;
        let mut tenant = kept.load(&library).await?;
        let done = import(kept, &writer.lease, &mut tenant, &options, (now, None), &progress).await;
        let released = kept.release(writer).await;
        // What went wrong first says more than what followed from it.
        let done = done?;
        released?;
        let Some((difference, committed, n_problems)) = done else { return Ok(NOTHING_READ) };
        match arguments.format {
            Form::Json => {
                let answer = json!({
                    "sequence": committed.seq,
                    "at": committed.at.to_string(),
                    "clockWasBehind": committed.held,
                    "problems": n_problems,
                    "difference": difference,
                });
                serde_json::to_writer_pretty(&mut *out, &answer)?;
                writeln!(out)?;
            }
            Form::Table => {
                writeln!(out, "commit {}", committed.seq)?;
                if committed.held {
                    writeln!(
                        out,
                        "the clock is behind: the commit has the instant of the last one"
                    )?;
                }
                difference.write(out)?;
                if difference.is_cut() {
                    writeln!(out, "`merlon diff {}` lists everything", committed.seq - 1)?;
                }
                if n_problems > 0 {
                    let what = counted(n_problems, "item");
                    writeln!(out, "{what} not understood: `merlon changes` lists them")?;
                }
            }
        }
        Ok(0)
    })
}

/// Leaves the import to a server.
fn queue(arguments: &ImportKept, out: &mut dyn Write) -> anyhow::Result<u8> {
    // What is wrong with the options is told now, not by the server later.
    scan::import_options(&arguments.import)?;
    let import = &arguments.import;
    ensure!(import.now.is_none(), "`--now` is that of the server when it reads the files");
    let (as_format, complete) = (import.as_format.clone(), import.complete);
    let job = ImportJob::new(&import.paths, as_format, complete)?;
    let number = job_command::add(&arguments.place, Kind::Import, serde_json::to_value(job)?)?;
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
        summary: summary(&options.paths),
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
    let library = library::load(&cli.content)?;
    if !arguments.fixed.is_empty() {
        return what_if_fixed(arguments, &library, out);
    }
    let now = arguments.now.as_deref().map_or_else(|| Ok(when::now()), when::instant)?;
    let progress = Progress::new(cli.quiet);
    let options = ImportOptions {
        paths: arguments.paths.clone(),
        format: arguments.as_format.as_deref().map(scan::parse_format).transpose()?,
        is_complete: arguments.complete,
    };
    kept::with(&arguments.place, now, async |kept| {
        let mut tenant = kept.load(&library).await?;
        let import = estate::read_import(&tenant.reader, &options, &progress);
        if is_nothing(&import) {
            return Ok(NOTHING_READ);
        }
        let step = tenant.update(import, now);
        let difference = Difference::new(&tenant, &step);
        match arguments.format {
            Form::Json => {
                serde_json::to_writer_pretty(&mut *out, &difference)?;
                writeln!(out)?;
            }
            Form::Table => difference.write(out)?,
        }
        Ok(0)
    })
}

/// What it would be worth to fix something.
fn what_if_fixed(
    arguments: &WhatIf,
    library: &Arc<Library>,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let fixed: Vec<_> = arguments.fixed.iter().map(|it| view::Fixed::parse(it)).collect();
    kept::with(&arguments.place, when::now(), async |kept| {
        let tenant = kept.load(library).await?;
        let answer = tenant.what_if_fixed(&fixed)?;
        match arguments.format {
            Form::Json => {
                serde_json::to_writer_pretty(&mut *out, &answer)?;
                writeln!(out)?;
            }
            Form::Table => difference::write_fixed(&answer, out)?,
        }
        Ok(0)
    })
}

/// Whether nothing in the files was understood.
fn is_nothing(import: &inventory::Import) -> bool {
    import.n_resources() == 0 && import.counts.items == import.counts.left_out
}
