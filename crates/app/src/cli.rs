//! The command line: commands, options and their help texts.

pub(crate) mod access;
pub(crate) mod check;
mod critical;
pub(crate) mod kept;
mod key;
mod query;
mod reach;
pub(crate) mod remote;
pub(crate) mod review;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::critical::Critical;
pub(crate) use self::key::KeyCommand;
pub(crate) use self::query::Query;
pub(crate) use self::reach::Reach;
use crate::config::Place;
use crate::remote::{ServerOptions, Somewhere};
use crate::report::Format;

/// Security posture of clouds and servers, from an export to a ranked report.
#[derive(Debug, Parser)]
#[command(name = "merlon", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Add or override content from this folder (laid out as `content/`).
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) content: Vec<PathBuf>,
    /// No progress and no notes on standard error.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// The same options as those of each command: they may stand before it, too.
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read exports of clouds and report what is there and what is wrong.
    #[command(after_help = EXIT_CODES)]
    Scan(Scan),
    /// Find the ways in which an attacker gets from where it is to what matters, and what cuts them.
    Paths(Paths),
    /// Say what the internet reaches in exports, what may pass between two, and prove it.
    Reach(Reach),
    /// Say what an identity may do to a resource, or who may do something to it, and why.
    Access(access::Access),
    /// Read exports into what is kept: what is new, changed, gone, broken, mended.
    Import(kept::ImportKept),
    /// Say what a set of documents would change, and keep nothing.
    WhatIf(kept::WhatIf),
    /// Show a resource as it is or was.
    Show(kept::Show),
    /// Show the secure score as it is or was.
    Score(kept::ScoreKept),
    /// Say what appeared, vanished, broke and was mended between two moments.
    Diff(kept::Diff),
    /// List the commits.
    Changes(kept::Changes),
    /// Record, end and list decisions that an assessment does not count.
    Exempt {
        #[command(subcommand)]
        command: kept::ExemptCommand,
    },
    /// Write, publish and take back checks of your own.
    Check {
        #[command(subcommand)]
        command: check::CheckCommand,
    },
    /// Write a report for print, or its figures: against a standard, or of everything.
    Report(check::ReportKept),
    /// Say what was collected of each scope, what was not, and why.
    Coverage(check::CoverageKept),
    /// Look at the audit log.
    Audit {
        #[command(subcommand)]
        command: kept::AuditCommand,
    },
    /// Write everything that is kept into one file, while writers go on.
    Backup(kept::Backup),
    /// Read what `backup` wrote, into either kind of database.
    Restore(kept::Restore),
    /// Ask the security graph in openCypher.
    Query(Query),
    /// List critical assets: their level, and by which classification.
    Critical(Critical),
    /// List assets that may be critical, and decide whether they are.
    Review {
        #[command(subcommand)]
        command: review::ReviewCommand,
    },
    /// Print labels, edge types and properties that queries may use.
    Schema(Schema),
    /// Explain a resource, a check, or the score.
    Explain(Explain),
    /// List, show or check the content: kinds, checks, controls, standards.
    Content {
        #[command(subcommand)]
        command: ContentCommand,
    },
    /// Write a believable estate of any size, with planted faults, in the import formats.
    Generate(Generate),
    /// Measure Merlon on a generated estate or graph, beside a floor.
    Bench {
        #[command(subcommand)]
        command: BenchCommand,
    },
    /// Look at Merlon with a believable estate: loads it, serves it on this machine, says how to sign in.
    #[command(after_help = SERVE_EXIT_CODES)]
    Demo(Demo),
    /// Run the server: keep the state, take jobs, answer health and metrics.
    #[command(after_help = SERVE_EXIT_CODES)]
    Serve(Serve),
    /// Ask a running server how it is; exits with 1 when it says that it is not well.
    Health(Health),
    /// Show the queue of jobs, add to it.
    Job {
        #[command(subcommand)]
        command: JobCommand,
    },
    /// List what a server has: resources, assessments, recommendations, standards, users and more.
    List(remote::List),
    /// Ask a server for anything that its interface has.
    Api(remote::Request),
    /// Keep a token for a server, so that `--server` finds it.
    Login(remote::Login),
    /// Forget the token for a server.
    Logout {
        /// Its address.
        server: String,
    },
    /// Show or check the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Make master keys, seal secrets with them, move to a new one; sign files and check them.
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Print a reference page of the program as Markdown.
    Reference {
        /// What about: settings or metrics.
        subject: Subject,
    },
    /// Print shell completions.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

impl Command {
    /// Why a server is not asked for this; `None` where one may be.
    pub(crate) fn why_only_here(&self) -> Option<&'static str> {
        const FILES: &str =
            "it reads files and keeps nothing: `merlon what-if` asks a server about documents";
        const DATA: &str = "it works where the data is: run it on the machine of the server";
        const ITSELF: &str = "it is about this program and this machine";
        match self {
            Self::Scan(_) | Self::Paths(_) | Self::Reach(_) | Self::Access(_) => Some(FILES),
            Self::Critical(_) => Some(DATA),
            Self::Backup(_) | Self::Restore(_) => Some(DATA),
            Self::Config { .. } | Self::Key { .. } | Self::Serve(_) | Self::Demo(_) => Some(DATA),
            Self::Content { command } => command.why_only_here(),
            Self::Bench { .. } | Self::Generate(_) | Self::Reference { .. } => Some(ITSELF),
            Self::Completions { .. } | Self::Man => Some(ITSELF),
            Self::Health(_) => Some("`--url` says which server is asked how it is"),
            Self::Import(_)
            | Self::WhatIf(_)
            | Self::Show(_)
            | Self::Score(_)
            | Self::Diff(_)
            | Self::Changes(_)
            | Self::Exempt { .. }
            | Self::Review { .. }
            | Self::Check { .. }
            | Self::Report(_)
            | Self::Coverage(_)
            | Self::Audit { .. }
            | Self::Query(_)
            | Self::Schema(_)
            | Self::Explain(_)
            | Self::Job { .. }
            | Self::List(_)
            | Self::Api(_)
            | Self::Login(_)
            | Self::Logout { .. } => None,
        }
    }
}

/// How exports are read.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files, folders, or `-` for standard input; gzip and zstd are undone.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read every file as this format instead of recognising it.
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) as_format: Option<String>,
    /// Take the export as complete: what it does not hold does not exist.
    #[arg(long)]
    pub(crate) complete: bool,
    /// Judge as of this instant (RFC 3339) instead of now.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Paths {
    #[command(flatten)]
    pub(crate) import: Import,
    /// What the attacker holds at first: an id, a name, or `internet`; several times for several. The
    /// internet and what is known to have leaked when absent.
    #[arg(long, value_name = "ID")]
    pub(crate) from: Vec<String>,
    /// What is threatened: an id, a name, an account, or `account-admin` for all administrators; several
    /// times for several. Administrators and critical assets when absent.
    #[arg(long, value_name = "ID")]
    pub(crate) to: Vec<String>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    pub(crate) format: Shape,
    /// List ways that depend on what could not be judged, too (`json` always holds them).
    #[arg(long)]
    pub(crate) unproven: bool,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// For people.
    Table,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Scan {
    #[command(flatten)]
    pub(crate) import: Import,
    /// Form of the report.
    #[arg(long, short, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Write the report to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Exit with 1 when something of this severity or worse is unhealthy.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// Whether exposure and attack paths are derived, which risk rests on (`table`, `json` and `csv` show it).
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Derive::Auto)]
    pub(crate) risk: Derive,
    /// List only recommendations of this risk or worse (`table` and `json`).
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) level: Option<FailOn>,
}

/// When exposure and attack paths are derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Derive {
    /// Up to 100,000 resources, for a minute.
    Auto,
    /// However long it takes.
    Always,
    /// Not: risk is severity, moved by how critical a resource is.
    Never,
}

/// Severities for `--fail-on`, and levels of risk.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FailOn {
    /// Anything unhealthy.
    Low,
    /// Medium or worse.
    Medium,
    /// High or worse.
    High,
    /// Critical only.
    Critical,
}

/// Forms of a query result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// For people at a terminal.
    Table,
    /// A JSON array of objects.
    Json,
    /// A JSON object a line.
    Ndjson,
    /// CSV with a header.
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Print the properties of this kind or label, too.
    pub(crate) name: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A check id, a resource id or name, or `score`.
    pub(crate) subject: String,
    /// Exports, as for `scan`; not needed to explain a check.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Take the export as complete: what it does not hold does not exist.
    #[arg(long)]
    pub(crate) complete: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ContentCommand {
    /// Validate everything and run all cases.
    Check {
        /// Only files whose path contains this.
        filter: Option<String>,
    },
    /// List all checks, or kinds, standards or controls.
    List {
        /// `checks`, `kinds`, `standards` or `controls`.
        #[arg(default_value = "checks")]
        what: String,
    },
    /// Show one check, kind or standard.
    Show {
        /// Its id.
        id: String,
    },
    /// Pack a folder of content into one signed file, once everything in it passes.
    Bundle(BundleContent),
    /// Put a signed bundle in force, once it passes together with what is built in.
    Update(UpdateContent),
    /// Put the version before in force again.
    RollBack {
        #[command(flatten)]
        place: Place,
    },
    /// Take what was installed out of force: what is built in counts.
    Remove {
        #[command(flatten)]
        place: Place,
    },
    /// Say which version is in force.
    Installed {
        #[command(flatten)]
        place: Place,
    },
}

impl ContentCommand {
    fn why_only_here(&self) -> Option<&'static str> {
        match self {
            Self::List { .. } | Self::Show { .. } => None,
            Self::Check { .. } => Some(
                "it reads the files of content: `merlon check validate` asks a server about a check of your own",
            ),
            Self::Bundle(_) => Some("it reads the files of content"),
            Self::Update(_)
            | Self::RollBack { .. }
            | Self::Remove { .. }
            | Self::Installed { .. } => {
                Some("content is installed where the data is: run it on the machine of the server")
            }
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct BundleContent {
    /// Laid out as `content/`.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The key that signs, of `merlon key pair` or `minisign -G -W`.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// The bundle; its signature lies beside it (`.minisig`).
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Its version, which must grow [default: the time].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) version: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct UpdateContent {
    /// The bundle.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The key that must have signed it: its file, or the text in it.
    #[arg(long, value_name = "KEY")]
    pub(crate) trust: String,
    /// Its signature [default: beside it, `.minisig`].
    #[arg(long, value_name = "FILE")]
    pub(crate) signature: Option<PathBuf>,
    /// Take it although a newer one is in force.
    #[arg(long)]
    pub(crate) older: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Number of resources.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) resources: u64,
    /// The same seed gives the same estate.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Folder to write to; must be empty or absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Keep the demo in this folder [default: merlon-demo].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Address of this machine to listen on [default: 127.0.0.1:7070].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Address to listen on [default: 127.0.0.1:7070].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Play only this part; may be repeated [default: all].
    #[arg(long, value_name = "ROLE", value_parser = ["all", "web", "worker"])]
    pub(crate) role: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Health {
    /// Where it answers, `http://host:port` [default: as the configuration says].
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Believe the authorities in this file, too (PEM).
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Ask whether every part is in order, not only whether it runs.
    #[arg(long)]
    pub(crate) ready: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// List jobs in one state, the latest first.
    List {
        /// Jobs in this state.
        #[arg(long, value_enum, default_value_t = JobStateName::Ready)]
        state: JobStateName,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Put a job into the queue; a server takes it. Imports come with `merlon import --queue`.
    Add {
        /// What is to be done.
        kind: JobKind,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Give a job that was given up all its attempts again.
    Revive {
        /// Its number.
        number: u64,
        #[command(flatten)]
        place: Somewhere,
    },
    /// End a job: one that waits at once, one that runs as soon as its worker hears of it.
    Cancel {
        /// Its number.
        number: u64,
        #[command(flatten)]
        place: Somewhere,
    },
}

/// Kinds of jobs.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum JobKind {
    /// Judge anew what time alone changes.
    Flips,
    /// Remove what is older than it is kept.
    Prune,
    /// Walk the chain of the audit log.
    VerifyAudit,
}

/// States of jobs.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum JobStateName {
    /// Waits for a worker or for its instant.
    Ready,
    /// A worker has it.
    Running,
    /// Completed.
    Done,
    /// Given up: a person must look.
    Dead,
    /// Ended because somebody asked for it.
    Cancelled,
}

/// What the program describes of itself.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Subject {
    /// Every setting, with its default and range.
    Configuration,
    /// Every metric of the server.
    Metrics,
    /// The HTTP interface, as an OpenAPI document.
    Openapi,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Tell everything that is wrong with the configuration.
    Check {
        #[command(flatten)]
        place: Place,
    },
    /// Print the settings in force and where each comes from; secrets are left out.
    Show {
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// From cold files to the judged report, beside merely parsing the same bytes.
    Posture {
        /// Exports, such as `merlon generate` writes.
        #[arg(required_unless_present = "from_store")]
        paths: Vec<PathBuf>,
        /// Judge what is kept instead.
        #[arg(long)]
        from_store: bool,
        #[command(flatten)]
        place: Place,
    },
    /// From one changed document to the new state, in a store that may be large.
    Freshness(Freshness),
    /// Lists, filters, facets, search and scores, as people ask for them.
    Lists(Lists),
    /// A running server: each kind of request by itself, then a crowd.
    Http(Http),
    /// From the start to the first answers about what is kept.
    Start {
        #[command(flatten)]
        place: Place,
    },
    /// Attack paths on a made-up attack graph of any size.
    Paths {
        /// Positions of the attacker.
        #[arg(long, default_value_t = 1_000_000)]
        positions: u32,
        /// Edges between them.
        #[arg(long, default_value_t = 10_000_000)]
        edges: u32,
        /// Entry points.
        #[arg(long, default_value_t = 1_000)]
        entries: u32,
        /// Targets.
        #[arg(long, default_value_t = 1_000)]
        targets: u32,
        /// Changes that are made one after the other, and followed.
        #[arg(long, default_value_t = 1_000)]
        changes: u32,
    },
    /// From one changed document to new attack paths, beside deriving all of them.
    Derive {
        /// Exports, such as `merlon generate` writes.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Documents that change, one after the other: 70 % attributes, 20 % grants, 10 % network rules.
        #[arg(long, default_value_t = 1_000)]
        changes: usize,
    },
    /// Queries on a plain property graph.
    Graph {
        /// Folder with one CSV a node table and an edge table.
        dir: PathBuf,
        /// JSON file with a `queries` object: name to openCypher.
        #[arg(long)]
        queries: PathBuf,
        /// JSON file with known answers, to hold the answers against.
        #[arg(long)]
        answers: Option<PathBuf>,
        /// Runs of each query; the median counts.
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Freshness {
    /// Exports to fill the store with first.
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Documents that change, one after the other: 70 % attributes, 20 % grants, 10 % network rules.
    #[arg(long, default_value_t = 500)]
    pub(crate) changes: usize,
}

#[derive(Debug, Args)]
pub(crate) struct Lists {
    /// Exports, such as `merlon generate` writes.
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Requests of each kind.
    #[arg(long, default_value_t = 40)]
    pub(crate) runs: usize,
    /// Clients that ask at once.
    #[arg(long, default_value_t = 8)]
    pub(crate) clients: usize,
}

#[derive(Debug, Args)]
pub(crate) struct Http {
    /// Where it answers, `http://host:port`.
    #[arg(long, value_name = "URL")]
    pub(crate) url: String,
    /// File with a token of a reader.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: PathBuf,
    /// Where it answers operations, when that is elsewhere.
    #[arg(long, value_name = "URL")]
    pub(crate) operations: Option<String>,
    /// Believe the authorities in this file, too (PEM).
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Requests of each kind.
    #[arg(long, default_value_t = 400)]
    pub(crate) runs: usize,
    /// Clients that ask each kind at once.
    #[arg(long, default_value_t = 8)]
    pub(crate) clients: usize,
    /// Clients of the crowd.
    #[arg(long, default_value_t = 200)]
    pub(crate) crowd: usize,
    /// How long the crowd stays.
    #[arg(long, default_value_t = 60)]
    pub(crate) seconds: u64,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  the report was written
  1  the report was written, and --fail-on found something
  2  the command line or the content is wrong
  3  nothing could be read";

const SERVE_EXIT_CODES: &str = "\
Signals: SIGTERM and SIGINT stop in order; a second one stops at once.

Exit codes:
  0  stopped in order
  2  the command line or the configuration is wrong
  4  the store cannot be used: read-only, full, damaged, or written by a newer version
  5  the address cannot be listened on
  6  stopped before everything in hand was finished
  7  a part of the server ended by itself: a bug, and the log says where";
