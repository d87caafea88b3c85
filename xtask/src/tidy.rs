//! `cargo xtask tidy`: the rules of the house that neither rustc nor clippy knows.
//!
//! In: the folder of the workspace and `cargo metadata`. Out: faults, which fail, and hints, which
//! do not. Each rule is a pure function over text, with its test beside it; the whole is a test
//! too, so that plain `cargo test` guards the architecture.

mod documents;
mod layers;
mod manifests;
mod sources;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::asvs;
use crate::process::{capture, root, say};

/// A text file of the workspace.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// Path below the workspace folder, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// What the rules found.
#[derive(Debug, Default)]
struct Findings {
    faults: Vec<String>,
    hints: Vec<String>,
}

/// Checks everything and prints what it found.
pub(crate) fn run() -> Result<()> {
    let findings = check_all(&root())?;
    for hint in &findings.hints {
        say(&format!("hint: {hint}"));
    }
    if findings.faults.is_empty() {
        return Ok(());
    }
    bail!("{} faults\n  {}", findings.faults.len(), findings.faults.join("\n  "))
}

fn check_all(root: &Path) -> Result<Findings> {
    let mut findings = Findings::default();

    let metadata = capture("cargo", &["metadata", "--format-version", "1", "--no-deps"])?;
    let packages = layers::packages(&metadata)?;
    let rules = layers::Rules::parse(&read(root, "layers.toml")?.text)?;
    findings.faults.extend(rules.check(&packages));

    let mut members = Vec::new();
    for folder in ["crates", "xtask"] {
        members.extend(files_below(root, folder, "Cargo.toml")?);
    }
    for file in &members {
        findings.faults.extend(manifests::check_member(file)?);
    }
    let workspace = read(root, "Cargo.toml")?;
    findings.faults.extend(manifests::check_workspace(&workspace, &members));

    let mut all_sources = Vec::new();
    for folder in ["crates", "xtask", "fuzz"] {
        all_sources.extend(files_below(root, folder, ".rs")?);
    }
    for file in &all_sources {
        findings.faults.extend(sources::check(file));
        findings.hints.extend(sources::hint(file));
    }

    let pages = files_below(root, ".", ".md")?;
    for page in &pages {
        findings.faults.extend(documents::check_links(page, root));
    }
    let mut named = files_below(root, "portal", ".ts")?;
    for end in [".tsx", ".txt", ".toml", ".json", ".yaml", ".service", ".sh"] {
        for folder in ["crates", "docs", "packaging", "portal", "scripts"] {
            named.extend(files_below(root, folder, end)?);
        }
    }
    for file in all_sources.iter().chain(&pages) {
        named.push(TextFile { path: file.path.clone(), text: file.text.clone() });
    }
    let (rows, ids) = (read(root, asvs::ROWS)?, read(root, asvs::IDS)?);
    findings.faults.extend(asvs::check(&rows.text, &ids.text, &all_sources, &named)?);

    let architecture = read(root, "ARCHITECTURE.md")?;
    findings.faults.extend(documents::check_guards(&architecture, &all_sources));
    Ok(findings)
}

fn read(root: &Path, path: &str) -> Result<TextFile> {
    let text =
        fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))?;
    Ok(TextFile { path: path.to_owned(), text })
}

/// All files below a folder whose name ends so, sorted; none when the folder does not exist.
pub(crate) fn files_below(root: &Path, folder: &str, end: &str) -> Result<Vec<TextFile>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {folder}"))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder == "." { name.clone() } else { format!("{folder}/{name}") };
            let is_folder = entry.file_type().is_ok_and(|it| it.is_dir());
            if is_folder && name != "target" && name != "node_modules" && !name.starts_with('.') {
                folders.push(path);
            } else if !is_folder && name.ends_with(end) {
                found.push(read(root, &path)?);
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::check_all;
    use crate::process::root;

    #[test]
    fn the_workspace_is_tidy() {
        let findings = check_all(&root()).unwrap();
        assert!(findings.faults.is_empty(), "{}", findings.faults.join("\n"));
    }
}
