//! `cargo xtask interface`: the HTTP interface of a real server, as clients meet it: schemathesis over its OpenAPI
//! document, and a client in another language. See `scripts/interface/README.md`.

use std::env;

use anyhow::{Context as _, Result, bail};

use crate::deny::Outcome;
use crate::process::{is_there, pass, root};

const MISSING: &str =
    "schemathesis is missing: pip install --require-hashes -r scripts/interface/requirements.txt";

/// Builds the program and tries it. Without schemathesis only the client runs, and in CI that is a failure.
#[expect(clippy::disallowed_methods, reason = "a task follows the folders and the wishes of CI")]
pub(crate) fn run(arguments: &[String]) -> Result<Outcome> {
    let has_schemathesis = is_there("st", &["--version"]);
    if !has_schemathesis && env::var("CI").is_ok_and(|it| it == "true") {
        bail!(MISSING);
    }
    if !is_there("python3", &["--version"]) {
        return Ok(Outcome::Skipped("python3 is missing"));
    }
    pass("cargo", &["build", "--quiet", "--package", "app"], &[])?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let merlon = target.join("debug/merlon");
    let work = target.join("interface");
    let (merlon, work) = (merlon.to_str(), work.to_str());
    let places = "the target folder has a name that is no text";
    let mut all = vec!["scripts/interface/check.py", "--merlon", merlon.context(places)?];
    all.extend(["--work", work.context(places)?]);
    if !has_schemathesis {
        all.extend(["--only", "clients"]);
    }
    all.extend(arguments.iter().map(String::as_str));
    pass("python3", &all, &[])?;
    Ok(if has_schemathesis { Outcome::Done } else { Outcome::Skipped(MISSING) })
}
