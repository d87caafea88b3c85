//! `cargo xtask facts [azure aws gcp k8s]`: makes the field tables in `content/facts`.
//!
//! Downloads the packages pinned in `scripts/facts/packages.txt` from `PyPI` into `target/facts` (they are
//! read, never installed or run), runs `scripts/facts/<cloud>.py` over them, and compresses the result.
//! Needs `python3` with pip; the scripts use the standard library only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

const CLOUDS: [&str; 4] = ["azure", "aws", "gcp", "k8s"];
const LEVEL: i32 = 19;

/// Makes the tables of the clouds that are named, of all when none is.
pub(crate) fn run(clouds: &[String]) -> Result<()> {
    for cloud in clouds {
        ensure!(CLOUDS.contains(&cloud.as_str()), "there is no cloud '{cloud}'");
    }
    let root = root()?;
    let scripts = root.join("scripts/facts");
    let listing = scripts.join("packages.txt");
    let work = root.join("target/facts");
    let wheels = work.join("wheels");
    fs::create_dir_all(&wheels)?;
    python(&[&scripts.join("fetch.py"), &listing, &wheels])?;
    for cloud in CLOUDS {
        if clouds.is_empty() || clouds.iter().any(|wanted| wanted == cloud) {
            let json = work.join(format!("fields-{cloud}.json"));
            python(&[&scripts.join(format!("{cloud}.py")), &listing, &wheels, &json])?;
            pack(&json, &root.join(format!("content/facts/fields-{cloud}.json.zst")))?;
        }
    }
    Ok(())
}

/// The folder of the workspace.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().context("xtask has no parent folder")?.to_owned())
}

/// Checks that the content room understands the table, and compresses it.
fn pack(json: &Path, to: &Path) -> Result<()> {
    let text = fs::read(json).with_context(|| json.display().to_string())?;
    let tables = content::fields::FieldTables::parse(&text)
        .with_context(|| format!("{} is no field table", json.display()))?;
    if let Err((native, error)) = tables.verify() {
        bail!("{}: {native}: {error}", json.display());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let packed = zstd::encode_all(text.as_slice(), LEVEL)?;
    fs::write(to, &packed).with_context(|| to.display().to_string())?;
    say(&format!("{}: {} types, {} bytes", to.display(), tables.natives().count(), packed.len()));
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a task runs tools; no room does")]
fn python(arguments: &[&Path]) -> Result<()> {
    let status = Command::new("python3").args(arguments).status().context("python3 is needed")?;
    ensure!(status.success(), "python3 {arguments:?} failed: {status}");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a task speaks to the developer on the terminal")]
fn say(text: &str) {
    println!("{text}");
}
