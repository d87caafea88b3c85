//! `cargo xtask gen`: the pages in `docs/reference`, written from what they describe.
//!
//! INVARIANT: the pages depend on `content/` and the program alone, so that the same checkout gives
//! the same bytes.

mod pages;

use std::fs;

use anyhow::{Context as _, Result, bail, ensure};
use content::{ContentFile, Library};

use crate::asvs;
use crate::process::{capture, root, say};
use crate::tidy::files_below;

/// Writes the pages, or with `--check` compares them.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => write(),
        [flag] if flag == "--check" => check(),
        _ => bail!("`cargo xtask gen` takes `--check` or nothing"),
    }
}

fn write() -> Result<()> {
    for (path, text) in pages()? {
        let file = root().join(&path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder of {path}"))?;
        }
        fs::write(&file, text).with_context(|| format!("cannot write {path}"))?;
        say(&format!("wrote {path}"));
    }
    Ok(())
}

/// Fails when a page is not what the content asks for.
pub(crate) fn check() -> Result<()> {
    let pages = pages()?;
    let stale: Vec<&str> = pages
        .iter()
        .filter(|(path, text)| fs::read_to_string(root().join(path)).ok().as_ref() != Some(text))
        .map(|(path, _)| path.as_str())
        .collect();
    ensure!(stale.is_empty(), "stale: {}; run `cargo xtask gen`", stale.join(", "));
    Ok(())
}

/// All pages, as path and text.
fn pages() -> Result<Vec<(String, String)>> {
    let files: Vec<ContentFile> = files_below(&root(), "content", ".yaml")?
        .into_iter()
        .map(|file| ContentFile {
            path: file.path.strip_prefix("content/").unwrap_or(&file.path).to_owned(),
            bytes: file.text.into_bytes(),
        })
        .collect();
    let (library, problems) = Library::build(&files, false);
    if let Some(first) = problems.first() {
        let n_problems = problems.len();
        bail!("the content has {n_problems} problems, the first: {first}");
    }
    let mut pages = pages::all(&library);
    // The program knows its own settings, metrics and HTTP interface.
    for (subject, name) in [
        ("configuration", "configuration.md"),
        ("metrics", "metrics.md"),
        ("openapi", "openapi.json"),
    ] {
        let page =
            capture("cargo", &["run", "--quiet", "--package", "app", "--", "reference", subject])?;
        pages.push((format!("docs/reference/{name}"), page));
    }
    let text = |path: &str| {
        fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))
    };
    pages.push((asvs::PAGE.to_owned(), asvs::page(&text(asvs::ROWS)?, &text(asvs::IDS)?)?));
    Ok(pages)
}
