//! `cargo xtask provider`: signing in at a real identity provider, which needs Node.

use anyhow::{Result, ensure};

use crate::deny::Outcome;
use crate::process::{is_there, pass};

/// The provider with the list of its packages.
const FOLDER: &str = "crates/app/tests/oidc-provider";

#[expect(clippy::disallowed_methods, reason = "CI says that it is there by a variable")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|it| it == "true")
}

/// Fetches the provider and runs the tests against it. Skipped where Node is missing, but not in CI.
pub(crate) fn run() -> Result<Outcome> {
    if !is_there("npm", &["--version"]) {
        ensure!(!is_ci(), "Node is missing: the tests of identity providers need it");
        return Ok(Outcome::Skipped("Node is missing: install version 20 or later"));
    }
    pass("npm", &["ci", "--no-audit", "--no-fund", "--prefix", FOLDER], &[])?;
    pass("cargo", &["test", "--package", "app", "--test", "provider"], &[])?;
    Ok(Outcome::Done)
}
