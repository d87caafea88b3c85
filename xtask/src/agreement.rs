//! How often our checks agree with data that others have labelled.
//!
//! Three sets under `MERLON_TEST_DATA`: Azure resources with the expected outcome of each rule of
//! `PSRule.Rules.Azure`, Kubernetes objects with the expected findings of Kubescape, and AWS resources
//! with the expected outcome of each policy of Panther. The mapping files next to this one say which of
//! our checks asks the same question as a rule, where ours is deliberately another one, and why.

mod answers;
mod kubescape;
mod ledger;
mod mapping;
mod panther;
mod psrule;
mod report;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use self::ledger::Ledger;
use crate::process;

const USAGE: &str = "usage: cargo xtask agreement [psrule|kubescape|panther] [--merlon PATH]";

/// What a set needs: the program, the labelled data, and a folder for what is written on the way.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) merlon: String,
    pub(crate) data: PathBuf,
    pub(crate) scratch: PathBuf,
}

type Set = (&'static str, fn(&Bench) -> Result<Ledger>);

const SETS: [Set; 3] =
    [("psrule", psrule::judge), ("kubescape", kubescape::judge), ("panther", panther::judge)];

/// `cargo xtask agreement`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut wanted = Vec::new();
    let mut merlon = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--merlon" => merlon = Some(rest.next().context(USAGE)?.clone()),
            name => wanted.push(*SETS.iter().find(|it| it.0 == name).context(USAGE)?),
        }
    }
    if wanted.is_empty() {
        wanted.extend(SETS);
    }
    let Some(data) = data_folder() else { bail!("set MERLON_TEST_DATA to the labelled data") };
    let merlon = match merlon {
        Some(path) => path,
        None => built()?,
    };
    let scratch = std::env::temp_dir().join(format!("merlon-agreement-{}", std::process::id()));
    let bench = Bench { merlon, data, scratch };
    let mut summary = Vec::new();
    let outcome = wanted.iter().try_for_each(|(name, judge)| {
        let ledger = judge(&bench).with_context(|| format!("the set {name}"))?;
        process::say(&format!("== {name}\n{}\n", ledger.table()));
        summary.push(format!("{name}: {}", ledger.summary()));
        Ok(())
    });
    if bench.scratch.is_dir() {
        std::fs::remove_dir_all(&bench.scratch).context("cannot remove the scratch folder")?;
    }
    process::say(&summary.join("\n"));
    outcome
}

/// The labelled data, when there is some.
#[expect(
    clippy::disallowed_methods,
    reason = "xtask is told by the environment where test data is"
)]
fn data_folder() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var("MERLON_TEST_DATA").ok()?);
    folder.join("azure/psrule").is_dir().then_some(folder)
}

/// Builds the program as it is in this tree.
fn built() -> Result<String> {
    process::pass("cargo", &["build", "--quiet", "--package", "app"], &[])?;
    Ok(process::root().join("target/debug/merlon").display().to_string())
}

/// Reads a file with one JSON value on each line.
fn json_lines<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines()
        .map(|line| serde_json::from_str(line).with_context(|| path.display().to_string()))
        .collect()
}

/// Writes a file and the folders above it.
fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
