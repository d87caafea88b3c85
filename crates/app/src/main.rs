//! The `merlon` command: reads arguments, moves values between the rooms, prints.
//!
//! Exit codes: 0 done; 1 `--fail-on` found something, or `health` says that the server is not well; 2 the command line, the configuration or the
//! content is wrong; 3 nothing could be read; 4 to 7 see `serve`.

mod access_command;
mod audit;
mod backup;
mod bench;
mod bundle;
mod bundle_command;
mod check_command;
mod classify;
mod cli;
mod config;
mod config_command;
mod connect;
mod content_command;
mod content_show;
mod critical_command;
mod decision;
mod demo;
mod difference;
mod estate;
mod exemption;
mod explain;
mod fetch;
mod generate;
mod generate_command;
mod health_command;
mod history;
mod holder;
mod import_command;
mod input;
mod job_command;
mod kept;
mod key_command;
mod library;
mod list_command;
mod logs;
mod measure;
mod network;
mod output;
mod own_check;
mod paths_command;
mod progress;
mod query;
mod reach_command;
mod remote;
mod report;
mod report_command;
mod review_command;
#[cfg(test)]
mod rights;
mod risk;
mod rows;
mod scan;
mod schema;
mod seal;
mod serve;
mod show;
mod sign_command;
mod signature;
mod standing;
mod state_file;
mod step_cases;
mod tenant;
mod unpack;
mod when;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::cli::kept::ExemptCommand;
use crate::cli::{BenchCommand, Cli, Command, Subject};
use crate::serve::Welcome;

/// Importing makes and drops millions of small values: this allocator takes a fifth off the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let mut cli = Cli::parse();
    let mut out = output::Output::new(io::stdout());
    let done = add_installed(&mut cli).and_then(|()| run(&cli, &mut out));
    ExitCode::from(end(done, out.is_gone(), &mut io::stderr().lock()))
}

/// How the process ends, after saying what went wrong.
fn end(done: anyhow::Result<u8>, is_reader_gone: bool, err: &mut dyn Write) -> u8 {
    match done {
        Ok(code) => code,
        // The reader of our output went away: not an error of ours.
        Err(_) if is_reader_gone => 0,
        Err(error) => {
            writeln!(err, "merlon: {}", base::chain(error.as_ref())).unwrap_or_default();
            2
        }
    }
}

/// Lays content that is installed where the command works below the folders that it names: they count more.
fn add_installed(cli: &mut Cli) -> anyhow::Result<()> {
    let place = match &cli.command {
        Command::Import(arguments) => arguments.place.kept(),
        Command::WhatIf(arguments) => arguments.place.kept(),
        Command::Query(arguments) => arguments.place.kept(),
        Command::Critical(arguments) if arguments.paths.is_empty() => Some(&arguments.place),
        Command::Review { command } => command.place().kept(),
        Command::Exempt { command: ExemptCommand::Add(arguments) } => arguments.place.kept(),
        Command::Exempt { command: ExemptCommand::End { place, .. } } => place.kept(),
        Command::Check { command } => command.place().kept(),
        Command::Report(arguments) => arguments.place.kept(),
        Command::Coverage(arguments) => arguments.place.kept(),
        Command::Bench { command: BenchCommand::Start { place } } => Some(place),
        Command::Bench { command: BenchCommand::Posture { place, .. } } => Some(place),
        Command::Bench { command: BenchCommand::Freshness(arguments) } => Some(&arguments.place),
        Command::Serve(arguments) => Some(&arguments.place),
        _ => None,
    };
    // A server has its own.
    let Some(place) = place else { return Ok(()) };
    if let Some(path) = bundle_command::in_force(place)? {
        cli.content.insert(0, path);
    }
    Ok(())
}

fn run(cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(why) = cli.command.why_only_here()
        && cli.server.server.is_some()
    {
        anyhow::bail!("no server is asked for this: {why}");
    }
    match &cli.command {
        Command::Scan(arguments) => scan::run(arguments, cli, out),
        Command::Access(arguments) => access_command::run(arguments, cli, out),
        Command::Paths(arguments) => paths_command::run(arguments, cli, out),
        Command::Reach(arguments) => reach_command::run(arguments, cli, out),
        Command::Import(arguments) => import_command::run(arguments, cli, out),
        Command::WhatIf(arguments) => import_command::what_if(arguments, cli, out),
        Command::Show(arguments) => show::run(arguments, out),
        Command::Score(arguments) => history::score(arguments, cli, out),
        Command::Diff(arguments) => history::diff(arguments, out),
        Command::Changes(arguments) => history::changes(arguments, out),
        Command::Exempt { command } => exemption::run(command, cli, out),
        Command::Check { command } => check_command::run(command, cli, out),
        Command::Report(arguments) => report_command::report(arguments, cli, out),
        Command::Coverage(arguments) => report_command::coverage(arguments, cli, out),
        Command::Audit { command } => audit::run(command, cli, out),
        Command::Backup(arguments) => backup::backup(arguments, out),
        Command::Restore(arguments) => backup::restore(arguments, out),
        Command::Query(arguments) => query::run(arguments, cli, out),
        Command::Critical(arguments) => critical_command::run(arguments, cli, out),
        Command::Review { command } => review_command::run(command, cli, out),
        Command::Schema(arguments) => schema::run(arguments, cli, out),
        Command::Explain(arguments) => explain::run(arguments, cli, out),
        Command::Content { command } => content_command::run(command, cli, out),
        Command::Generate(arguments) => generate_command::run(arguments, out),
        Command::Bench { command } => bench::run(command, cli, out),
        Command::Demo(arguments) => demo::run(arguments, cli, out),
        Command::Serve(arguments) => serve::run(arguments, &cli.content, Welcome::Link),
        Command::Health(arguments) => health_command::run(arguments, out),
        Command::Job { command } => job_command::run(command, out),
        Command::List(arguments) => list_command::list(arguments, out),
        Command::Api(arguments) => list_command::request(arguments, out),
        Command::Login(it) => {
            remote::log_in(&it.server, it.ca.as_deref(), it.token_file.as_deref(), out)
        }
        Command::Logout { server } => remote::log_out(server, out),
        Command::Config { command } => config_command::run(command, out),
        Command::Key { command } => key_command::run(command, out),
        Command::Reference { subject } => {
            out.write_all(reference(*subject).as_bytes())?;
            Ok(0)
        }
        Command::Completions { shell } => {
            clap_complete::generate(
                *shell,
                &mut Cli::command(),
                "merlon",
                &mut io::BufWriter::new(out),
            );
            Ok(0)
        }
        Command::Man => {
            manual(out)?;
            Ok(0)
        }
    }
}

/// The HTTP interface, one field a line, so that a change of it reads well.
fn openapi() -> String {
    let mut text = serde_json::to_string_pretty(&api::document()).unwrap_or_default();
    text.push('\n');
    text
}

/// A page of `docs/reference` that the program itself writes.
fn reference(subject: Subject) -> String {
    match subject {
        Subject::Configuration => config::reference(),
        Subject::Metrics => measure::reference(),
        Subject::Openapi => openapi(),
    }
}

/// The manual page with a section for each command.
fn manual(out: &mut dyn Write) -> io::Result<()> {
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(out)?;
    for sub in command.get_subcommands() {
        let sub = sub.clone().display_name(format!("merlon-{}", sub.get_name()));
        clap_mangen::Man::new(sub).render(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::end;

    #[test]
    fn a_connection_that_breaks_is_no_reader_that_went_away() {
        let broken = || Err(anyhow::Error::new(io::Error::from(io::ErrorKind::BrokenPipe)));
        let mut said = Vec::new();
        assert_eq!(end(broken(), true, &mut said), 0);
        assert!(said.is_empty());
        // The same error of the database's socket: nothing was stored, and that must be said.
        assert_eq!(end(broken(), false, &mut said), 2);
        assert_eq!(String::from_utf8(said).unwrap(), "merlon: broken pipe\n");
    }
}
