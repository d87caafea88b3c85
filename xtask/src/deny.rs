//! `cargo xtask deny`: licences, bans and sources of the crates that we use, with `cargo-deny`.
//!
//! Advisories are not part of the gate: they change without a change of ours, and their database
//! comes over the network. `cargo deny check advisories` looks them up.

use std::fmt;

use anyhow::Result;

use crate::process::{is_there, pass};

/// Whether a step did its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It ran and found nothing.
    Done,
    /// A tool is missing; the reason is for the reader.
    Skipped(&'static str),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("ok"),
            Self::Skipped(why) => write!(f, "SKIPPED, {why}"),
        }
    }
}

/// Checks `deny.toml`; skipped where `cargo-deny` is not installed (`.ci/run` installs it).
pub(crate) fn run() -> Result<Outcome> {
    if !is_there("cargo", &["deny", "--version"]) {
        return Ok(Outcome::Skipped("cargo-deny is missing: cargo install cargo-deny --locked"));
    }
    let arguments = ["deny", "--log-level", "error", "check", "bans", "licenses", "sources"];
    pass("cargo", &arguments, &[])?;
    Ok(Outcome::Done)
}
