//! Packs `content/` and the estate of the demo into files that the binary carries: path length, path, content
//! length, content, for each file, sorted by path. Cases stay out; only the content check needs them, and
//! it reads the folder. Debug builds read the folders, so that editing a rule compiles nothing.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).unwrap_or_default();
    let (checkout, out) = (variable("CARGO_MANIFEST_DIR").join("../.."), variable("OUT_DIR"));
    let is_debug = variable("PROFILE").as_os_str() == "debug";
    let is_content = |path: &str| !path.ends_with(".case.yaml") && !path.starts_with("schema/");
    pack(&checkout.join("content"), &out.join("content.pack"), is_debug, is_content)?;
    pack(&checkout.join("examples/larkspur-freight"), &out.join("estate.pack"), is_debug, |_| true)
}

/// Writes the files of `folder` into one; none in debug builds.
fn pack(
    folder: &Path,
    target: &Path,
    is_debug: bool,
    is_wanted: impl Fn(&str) -> bool,
) -> std::io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut out = fs::File::create(target)?;
    if is_debug {
        return Ok(());
    }
    let mut files = Vec::new();
    walk(folder, &mut files)?;
    files.sort();
    for file in files {
        let path = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        if !is_wanted(&path) {
            continue;
        }
        let bytes = fs::read(&file)?;
        out.write_all(&(path.len() as u32).to_le_bytes())?;
        out.write_all(path.as_bytes())?;
        out.write_all(&(bytes.len() as u32).to_le_bytes())?;
        out.write_all(&bytes)?;
    }
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
