//! Arguments of `merlon check`, `merlon report` and `merlon coverage`: checks of one's own, reports.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::kept::{At, Form};
use crate::remote::Somewhere;

#[derive(Debug, Subcommand)]
pub(crate) enum CheckCommand {
    /// List the checks that people wrote, drafts too.
    List {
        #[command(flatten)]
        place: Somewhere,
        /// Form of the answer.
        #[arg(long, short, value_enum, default_value_t = Form::Table)]
        format: Form,
    },
    /// Print the text of a check: the last version, or another.
    Show {
        /// Its id.
        id: String,
        /// The version.
        #[arg(long)]
        version: Option<u64>,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Say what is wrong with a check and its cases, and keep nothing; exits with 2 when something is.
    Validate {
        /// The check: a file as in content, whose id begins with `own.`.
        file: PathBuf,
        /// Its cases.
        #[arg(long, value_name = "FILE")]
        cases: Option<PathBuf>,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Keep a check, or a new version of one, as a draft.
    Add {
        /// The check: a file as in content, whose id begins with `own.`.
        file: PathBuf,
        /// Its cases.
        #[arg(long, value_name = "FILE")]
        cases: Option<PathBuf>,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Say what a check would find, and keep nothing.
    Try {
        /// The check: a file as in content.
        file: PathBuf,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Make a version of a check count; an earlier one rolls back.
    Publish {
        /// Its id.
        id: String,
        /// The version; the last one by default.
        #[arg(long)]
        version: Option<u64>,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Make a check count no more; it stays, with its versions.
    Disable {
        /// Its id.
        id: String,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Delete a check; what it said stays in the history.
    Delete {
        /// Its id.
        id: String,
        #[command(flatten)]
        place: Somewhere,
    },
    /// List the versions of a check.
    Versions {
        /// Its id.
        id: String,
        #[command(flatten)]
        place: Somewhere,
    },
    /// Say what differs between two versions of a check.
    Compare {
        /// Its id.
        id: String,
        /// The version that is compared with.
        from: u64,
        /// The version that is compared.
        to: u64,
        #[command(flatten)]
        place: Somewhere,
    },
}

impl CheckCommand {
    /// Where the checks are.
    pub(crate) fn place(&self) -> &Somewhere {
        match self {
            Self::List { place, .. }
            | Self::Show { place, .. }
            | Self::Validate { place, .. }
            | Self::Add { place, .. }
            | Self::Try { place, .. }
            | Self::Publish { place, .. }
            | Self::Disable { place, .. }
            | Self::Delete { place, .. }
            | Self::Versions { place, .. }
            | Self::Compare { place, .. } => place,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ReportKept {
    /// A standard, by id, or `posture`.
    pub(crate) subject: String,
    /// Form of the report.
    #[arg(long, short, value_enum, default_value_t = ReportForm::Html)]
    pub(crate) format: ReportForm,
    /// Write it to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Of this scope only, with all below.
    #[arg(long, value_name = "ID")]
    pub(crate) scope: Option<String>,
    #[command(flatten)]
    pub(crate) place: Somewhere,
    #[command(flatten)]
    pub(crate) at: At,
}

/// Forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportForm {
    /// One page for print.
    Html,
    /// The figures.
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct CoverageKept {
    /// Of this scope only, with all below.
    #[arg(long, value_name = "ID")]
    pub(crate) scope: Option<String>,
    #[command(flatten)]
    pub(crate) place: Somewhere,
    #[command(flatten)]
    pub(crate) at: At,
    /// Form of the answer.
    #[arg(long, short, value_enum, default_value_t = Form::Table)]
    pub(crate) format: Form,
}
