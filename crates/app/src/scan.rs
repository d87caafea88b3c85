//! `merlon scan`: from exports to a report.

use std::fs::File;
use std::io::{IsTerminal as _, Write};
use std::sync::Arc;

use anyhow::Context as _;
use model::Severity;
use posture::{Assessor, Posture, Setting};

use crate::cli::{Cli, Derive, FailOn, Import, Scan};
use crate::estate::{self, ImportOptions};
use crate::library;
use crate::progress::Progress;
use crate::report::{Format, Report, Style};
use crate::risk::{Judged, Risks};

/// Nothing could be read.
const NOTHING_READ: u8 = 3;

pub(crate) fn run(arguments: &Scan, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let library = library::load(&cli.content)?;
    let now = instant(arguments.import.now.as_deref())?;
    let progress = Progress::new(cli.quiet);
    let options = import_options(&arguments.import)?;
    let mut estate = estate::load(&library, &options, &now, &progress);
    let setting = Setting::at(now.parse()?);
    let (assessor, problems) = Assessor::compile(&library);
    estate.facts.problems.extend(problems.into_iter().map(|it| base::Problem {
        file: format!("check {}", it.check),
        reason: format!("`{}` cannot be used: {}", it.field, it.message),
        count: 1,
    }));
    progress.say("judging");
    let ledger = estate::judge(&assessor, &estate.graph, &setting);
    let assessor = Arc::new(assessor);
    let posture = Posture::new(&library, &estate.graph, &assessor, &setting, &ledger);
    progress.say("deriving exposure and attack paths");
    let judged = Judged {
        library: &library,
        assessor: &assessor,
        graph: &estate.graph,
        ledger: &ledger,
        gaps: &estate.facts.gaps,
        n_resources: estate.facts.n_resources,
        now: now.parse()?,
    };
    let risks = Risks::derive(judged, when_to_derive(arguments))?;
    drop(progress);
    let style = style(out_is_terminal(arguments));
    let level = arguments.level.map(severity);
    let report = Report { posture: &posture, facts: &estate.facts, risks: &risks, level, style };
    match &arguments.output {
        Some(path) => {
            let file = File::create(path)
                .with_context(|| format!("`{}` cannot be written", path.display()))?;
            let mut file = std::io::BufWriter::new(file);
            report.write(arguments.format, &mut file)?;
            file.flush()?;
        }
        None => report.write(arguments.format, out)?,
    }
    if estate.facts.n_resources == 0 {
        return Ok(NOTHING_READ);
    }
    let limit = arguments.fail_on.map(severity);
    Ok(u8::from(limit.is_some_and(|limit| posture.worst().is_some_and(|worst| worst >= limit))))
}

/// What is not shown need not be derived.
fn when_to_derive(arguments: &Scan) -> Derive {
    let shows_risk = matches!(arguments.format, Format::Table | Format::Json | Format::Csv);
    if shows_risk || arguments.level.is_some() { arguments.risk } else { Derive::Never }
}

fn severity(fail_on: FailOn) -> Severity {
    match fail_on {
        FailOn::Low => Severity::Low,
        FailOn::Medium => Severity::Medium,
        FailOn::High => Severity::High,
        FailOn::Critical => Severity::Critical,
    }
}

/// The instant at which things are judged, RFC 3339 with whole seconds in UTC.
pub(crate) fn instant(given: Option<&str>) -> anyhow::Result<String> {
    let instant = match given {
        Some(text) => text
            .parse::<jiff::Timestamp>()
            .with_context(|| format!("`{text}` is not an instant such as 2026-11-21T12:00:00Z"))?,
        None => jiff::Timestamp::now(),
    };
    let whole = jiff::Timestamp::from_second(instant.as_second())?;
    Ok(whole.to_string())
}

/// What the command line says about reading.
pub(crate) fn import_options(import: &Import) -> anyhow::Result<ImportOptions> {
    Ok(ImportOptions {
        sent: None,
        paths: import.paths.clone(),
        format: import.as_format.as_deref().map(parse_format).transpose()?,
        is_complete: import.complete,
    })
}

/// The format of that name.
pub(crate) fn parse_format(name: &str) -> anyhow::Result<inventory::Format> {
    inventory::Format::from_name(name).with_context(|| {
        let known: Vec<&str> = inventory::Format::ALL.iter().map(|(name, _)| *name).collect();
        format!("`{name}` is no format; known are {}", known.join(", "))
    })
}

fn out_is_terminal(arguments: &Scan) -> bool {
    arguments.output.is_none()
        && arguments.format == Format::Table
        && std::io::stdout().is_terminal()
}

/// Colours only for a terminal and without `NO_COLOR`; the width of the terminal, else 80 columns.
pub(crate) fn style(is_terminal: bool) -> Style {
    let is_set = |name| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    let columns = std::env::var_os("COLUMNS").and_then(|it| it.to_str()?.parse::<usize>().ok());
    let width = columns.filter(|_| is_terminal).unwrap_or(80).clamp(60, 200);
    Style { has_colour: is_terminal && !is_set("NO_COLOR"), width }
}
