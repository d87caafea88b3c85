//! Options of `merlon query`.

use std::path::PathBuf;

use clap::Args;

use super::{RowFormat, kept};
use crate::remote::Somewhere;

#[derive(Debug, Args)]
pub(crate) struct Query {
    /// Exports (as for `scan`), then the query as the last argument; without exports, what is kept
    /// is asked.
    #[arg(required = true, value_name = "PATH... QUERY")]
    pub(crate) arguments: Vec<String>,
    /// Query a plain property graph instead: a folder with one CSV a node table and an edge table.
    #[arg(long, value_name = "DIR")]
    pub(crate) graph: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Somewhere,
    #[command(flatten)]
    pub(crate) at: kept::At,
    /// Form of the result.
    #[arg(long, short, value_enum, default_value_t = RowFormat::Table)]
    pub(crate) format: RowFormat,
    /// A parameter, `name=value`; the value is JSON, or text.
    #[arg(long = "param", short = 'P', value_name = "NAME=VALUE")]
    pub(crate) parameters: Vec<String>,
    /// Read every file as this format instead of recognising it.
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) as_format: Option<String>,
    /// Take the export as complete: what it does not hold does not exist.
    #[arg(long)]
    pub(crate) complete: bool,
    /// Stop after this many seconds.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub(crate) timeout: u64,
}
