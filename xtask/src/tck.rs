//! The openCypher Technology Compatibility Kit, run against our engine.
//!
//! In: a folder with `features/**/*.feature` and `graphs/<name>/*.cypher`. Out: every scenario that
//! failed, and a last line `N passed, M failed, K out of scope`.
//!
//! Out of scope is only what we do not claim: writing, procedures, and temporal types beyond instants
//! and lengths of time written as text.

mod gherkin;
mod literal;
mod render;
mod scenario;
mod scope;
mod world;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use self::scenario::Outcome;
use crate::process;

/// What became of all scenarios.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) n_passed: usize,
    pub(crate) failures: Vec<String>,
    /// Out of scope: reason and how often.
    pub(crate) reasons: BTreeMap<String, usize>,
}

impl Report {
    pub(crate) fn n_out_of_scope(&self) -> usize {
        self.reasons.values().sum()
    }
}

/// `cargo xtask tck [DIR]`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let folder = match arguments {
        [folder] => PathBuf::from(folder),
        [] => default_folder().context(
            "give the folder of the Technology Compatibility Kit, or set MERLON_TEST_DATA",
        )?,
        _ => anyhow::bail!("usage: cargo xtask tck [DIR]"),
    };
    let report = run_folder(&folder)?;
    for failure in &report.failures {
        process::say(failure);
    }
    process::say("out of scope:");
    for (reason, count) in &report.reasons {
        process::say(&format!("  {count:5}  {reason}"));
    }
    process::say(&format!(
        "{} passed, {} failed, {} out of scope",
        report.n_passed,
        report.failures.len(),
        report.n_out_of_scope()
    ));
    ensure!(report.failures.is_empty(), "{} scenarios failed", report.failures.len());
    Ok(())
}

/// The kit in the folder of test data.
#[expect(
    clippy::disallowed_methods,
    reason = "tasks are told where test data lies by the environment"
)]
pub(crate) fn default_folder() -> Option<PathBuf> {
    let data = std::env::var("MERLON_TEST_DATA").ok()?;
    let folder = Path::new(&data).join("opencypher-tck");
    folder.is_dir().then_some(folder)
}

/// Runs every feature below a folder.
pub(crate) fn run_folder(folder: &Path) -> Result<Report> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    ensure!(!files.is_empty(), "there is no feature file in {}", folder.display());
    let graphs = world::NamedGraphs::new(folder);
    let mut report = Report::default();
    for file in files {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("reading {}", file.display()))?;
        let scenarios = gherkin::parse(&text).with_context(|| format!("in {}", file.display()))?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for scenario in scenarios {
            match scenario::run(&scenario, &graphs) {
                Outcome::Passed => report.n_passed += 1,
                Outcome::OutOfScope(reason) => *report.reasons.entry(reason).or_default() += 1,
                Outcome::Failed { query, want, got } => report.failures.push(format!(
                    "FAILED {stem}: {}\n  query: {}\n  want:  {}\n  got:   {}\n",
                    scenario.name,
                    query.trim().replace('\n', "\n         "),
                    want.replace('\n', "\n         "),
                    got.replace('\n', "\n         "),
                )),
            }
        }
    }
    Ok(report)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if folder.is_file() {
        files.push(folder.to_owned());
        return Ok(());
    }
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "feature") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_kit_passes() {
        let Some(folder) = super::default_folder() else {
            crate::process::complain("skipped: MERLON_TEST_DATA has no opencypher-tck");
            return;
        };
        let report = super::run_folder(&folder).unwrap();
        assert!(
            report.n_passed >= FLOOR,
            "{} passed:\n{}",
            report.n_passed,
            report.failures.join("\n")
        );
    }

    /// Scenarios that passed when this was last raised.
    const FLOOR: usize = 1_590;
}
