//! Packs `content/` into one file that the binary carries: path length, path, content length,
//! content, for each file, sorted by path. Cases are in it, too: people read them to see what a check says.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).unwrap_or_default();
    let root = variable("CARGO_MANIFEST_DIR").join("../../content");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut out = fs::File::create(variable("OUT_DIR").join("content.pack"))?;
    // Debug builds read the folder, so that editing a rule compiles nothing.
    if variable("PROFILE").as_os_str() == "debug" {
        return Ok(());
    }
    let mut files = Vec::new();
    walk(&root, &mut files)?;
    files.sort();
    for file in files {
        let path = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        if path.starts_with("schema/") {
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
