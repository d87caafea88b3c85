//! Arguments of the commands over what Merlon keeps: import, what-if, show, score, diff, exempt,
//! changes, audit, backup, restore.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Import;
use crate::config::Place;
use crate::remote::Somewhere;

#[derive(Debug, Args)]
pub(crate) struct ImportKept {
    #[command(flatten)]
    pub(crate) import: Import,
    #[command(flatten)]
    pub(crate) place: Somewhere,
    /// Leave the work to a running `merlon serve` instead of doing it here.
    #[arg(long)]
    pub(crate) queue: bool,
    /// Form of the summary.
    #[arg(long, short, value_enum, default_value_t = Form::Table)]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct WhatIf {
    /// Files, folders, or `-` for standard input: documents as they would be.
    #[arg(value_name = "PATH", required_unless_present = "fixed")]
    pub(crate) paths: Vec<PathBuf>,
    /// Say instead what it would be worth to fix a check or a control, everywhere or on one resource.
    #[arg(long, value_name = "CHECK[@RESOURCE]", num_args = 1.., conflicts_with = "paths")]
    pub(crate) fixed: Vec<String>,
    /// Read every file as this format instead of recognising it.
    #[arg(long = "as", value_name = "FORMAT", conflicts_with = "fixed")]
    pub(crate) as_format: Option<String>,
    /// Take the documents as complete: what they do not hold does not exist.
    #[arg(long, conflicts_with = "fixed")]
    pub(crate) complete: bool,
    /// Judge as of this instant (RFC 3339, or a day) instead of now.
    #[arg(long, value_name = "TIME", conflicts_with = "fixed")]
    pub(crate) now: Option<String>,
    #[command(flatten)]
    pub(crate) place: Somewhere,
    /// Form of the answer.
    #[arg(long, short, value_enum, default_value_t = Form::Table)]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Id or name of a resource.
    pub(crate) resource: String,
    #[command(flatten)]
    pub(crate) place: Somewhere,
    #[command(flatten)]
    pub(crate) at: At,
    /// Every version with what changed, when and by whom.
    #[arg(long)]
    pub(crate) history: bool,
    /// Form of the answer.
    #[arg(long, short, value_enum, default_value_t = Form::Table)]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct ScoreKept {
    #[command(flatten)]
    pub(crate) place: Somewhere,
    #[command(flatten)]
    pub(crate) at: At,
    /// Where things stand against this standard instead: the state of each requirement.
    #[arg(long, value_name = "ID")]
    pub(crate) standard: Option<String>,
    /// With the risk-based score beside it: exposure and attack paths are derived for it.
    #[arg(long, conflicts_with_all = ["standard", "history"])]
    pub(crate) risk: bool,
    /// Every change so far.
    #[arg(long)]
    pub(crate) history: bool,
    /// Form of the answer.
    #[arg(long, short, value_enum, default_value_t = Form::Table)]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Since when: an instant, a day, or the number of a commit.
    pub(crate) from: String,
    /// Until when; `now` for the present.
    #[arg(default_value = "now")]
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) place: Somewhere,
    /// Form of the answer.
    #[arg(long, short, value_enum, default_value_t = Form::Table)]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Changes {
    #[command(flatten)]
    pub(crate) place: Somewhere,
    /// Only commits after this one.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub(crate) after: u64,
    /// Form of the answer.
    #[arg(long, short, value_enum, default_value_t = Form::Table)]
    pub(crate) format: Form,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExemptCommand {
    /// Record the decision that an assessment does not count.
    Add(ExemptAdd),
    /// End an exemption now.
    End {
        /// Its number, as `list` shows it.
        number: u64,
        #[command(flatten)]
        place: Somewhere,
    },
    /// List exemptions.
    List {
        #[command(flatten)]
        place: Somewhere,
        /// Ended ones, too.
        #[arg(long)]
        all: bool,
        /// Form of the answer.
        #[arg(long, short, value_enum, default_value_t = Form::Table)]
        format: Form,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ExemptAdd {
    /// This check only.
    #[arg(long, value_name = "ID", conflicts_with = "control")]
    pub(crate) check: Option<String>,
    /// All checks of this control.
    #[arg(long, value_name = "ID")]
    pub(crate) control: Option<String>,
    /// This resource only, by id.
    #[arg(long, value_name = "ID", conflicts_with = "scope")]
    pub(crate) resource: Option<String>,
    /// Everything in this scope, by id: a subscription, account, project, cluster, or one above.
    #[arg(long, value_name = "ID")]
    pub(crate) scope: Option<String>,
    /// Whether the risk is met otherwise (counts as healthy) or accepted (leaves the calculation).
    #[arg(long, value_enum)]
    pub(crate) kind: ExemptKind,
    /// Why.
    #[arg(long)]
    pub(crate) reason: String,
    /// Where the proof is: an address, a ticket.
    #[arg(long, default_value = "")]
    pub(crate) evidence: String,
    /// Who decided it.
    #[arg(long)]
    pub(crate) approver: String,
    /// When it ends by itself (RFC 3339, or a day).
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    #[command(flatten)]
    pub(crate) place: Somewhere,
}

/// Kinds of exemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExemptKind {
    /// Met otherwise: counts as healthy.
    Mitigated,
    /// Accepted: leaves the calculation.
    Waiver,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Walk the chain and name the first entry that was altered.
    Verify {
        #[command(flatten)]
        place: Somewhere,
    },
    /// List entries.
    List {
        #[command(flatten)]
        place: Somewhere,
        /// Only entries after this one.
        #[arg(long, default_value_t = 0, value_name = "NUMBER")]
        after: u64,
        /// Form of the answer.
        #[arg(long, short, value_enum, default_value_t = Form::Table)]
        format: Form,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// File to write; must not exist.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// File that `backup` wrote.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Restore although something is kept there; that is lost.
    #[arg(long)]
    pub(crate) replace: bool,
}

/// When to look at.
#[derive(Debug, Args)]
pub(crate) struct At {
    /// As it was then: an instant (RFC 3339), a day, or the number of a commit.
    #[arg(long = "at", value_name = "TIME")]
    pub(crate) at: Option<String>,
}

/// Forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people at a terminal.
    Table,
    /// JSON.
    Json,
}
