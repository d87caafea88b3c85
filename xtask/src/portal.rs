//! `cargo xtask portal`: everything that the portal is held to, against the real binary.
//!
//! Packages, types, lints, unit and component tests, the build with its size budget, then the journeys, pages and
//! pictures in a browser. It needs Node with npm and Chromium; `.ci/run` installs what is missing.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::deny::Outcome;
use crate::process::{Stopwatch, is_there, pass, root, say};

/// The parts in order: what npm is asked to run, and why.
const PARTS: [(&str, &[&str]); 6] = [
    ("types", &["run", "--silent", "check"]),
    ("lint", &["run", "--silent", "lint"]),
    ("unit and component tests", &["run", "--silent", "test"]),
    ("build", &["run", "--silent", "build"]),
    ("size", &["run", "--silent", "size"]),
    ("browser", &["run", "--silent", "e2e"]),
];

/// Runs all parts; the first that fails ends it.
pub(crate) fn run() -> Result<Outcome> {
    let folder = root().join("portal");
    let there = folder.to_string_lossy().into_owned();
    ensure!(
        is_there("npm", &["--version"]),
        "npm is missing: install Node 20.19 or newer (apt-get install nodejs npm)"
    );
    if !is_installed() {
        timed("packages", &["--prefix", &there, "ci", "--no-audit", "--no-fund"])?;
    }
    // Pages are served by the binary as it is now: what cargo does not rebuild costs nothing.
    pass("cargo", &["build", "--quiet", "--package", "app"], &[])?;
    for (name, arguments) in PARTS {
        let mut all = vec!["--prefix", there.as_str()];
        all.extend(arguments);
        timed(name, &all)?;
    }
    Ok(Outcome::Done)
}

fn timed(name: &str, arguments: &[&str]) -> Result<()> {
    let watch = Stopwatch::start();
    pass("npm", arguments, &[])?;
    say(&format!("-- portal, {name}: {:.1} s", watch.seconds()));
    Ok(())
}

/// Whether what lies in `node_modules` is whole and as the lock file says: npm writes its own list last.
fn is_installed() -> bool {
    let changed = |path: PathBuf| fs::metadata(path).and_then(|it| it.modified()).ok();
    let portal = root().join("portal");
    let installed = changed(portal.join("node_modules/.package-lock.json"));
    installed.is_some() && installed >= changed(portal.join("package-lock.json"))
}
