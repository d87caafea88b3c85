//! Options of `merlon critical`.

use std::path::PathBuf;

use clap::Args;

use super::{RowFormat, kept};
use crate::config::Place;

#[derive(Debug, Args)]
pub(crate) struct Critical {
    /// Exports (as for `scan`); without them, what is kept is asked.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) at: kept::At,
    /// List the assets that are only likely to be critical, for somebody to review.
    #[arg(long)]
    pub(crate) review: bool,
    /// Try a classification: list what the one in this file finds, and change nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "review")]
    pub(crate) rule: Option<PathBuf>,
    /// Form of the result.
    #[arg(long, short, value_enum, default_value_t = RowFormat::Table)]
    pub(crate) format: RowFormat,
    /// Read every file as this format instead of recognising it.
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) as_format: Option<String>,
    /// Take the export as complete: what it does not hold does not exist.
    #[arg(long)]
    pub(crate) complete: bool,
}
