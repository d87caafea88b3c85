//! Packs the portal into the binary: path length, path, content length, content, for each file of
//! `portal/dist`. Release builds make it first, when Node is there and what it is made of changed.
//!
//! `MERLON_PORTAL=none` leaves the portal out; `MERLON_PORTAL=dist` takes `portal/dist` as it lies there;
//! `MERLON_PORTAL=required` fails where the portal cannot be made, as a release must.
//! Debug builds pack nothing: they read the folder when they start, so that Rust is compiled no slower for it.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script is told by the environment, and runs Node"
)]

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the portal is made of, below its folder.
const SOURCES: [&str; 8] = [
    "src",
    "public",
    "scripts",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
];

/// The oldest Node that can build it.
const NODE: (u32, u32) = (20, 19);

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=MERLON_PORTAL");
    let variable = |name| std::env::var_os(name).map(PathBuf::from).unwrap_or_default();
    let root = variable("CARGO_MANIFEST_DIR").join("../../portal");
    let mut pack = fs::File::create(variable("OUT_DIR").join("portal.pack"))?;
    println!("cargo::rerun-if-changed=build.rs");
    if variable("PROFILE").as_os_str() == "debug" {
        return Ok(());
    }
    let wish = std::env::var("MERLON_PORTAL").unwrap_or_default();
    let dist = root.join("dist");
    match wish.as_str() {
        "none" => return Ok(()),
        "dist" => println!("cargo::rerun-if-changed={}", dist.display()),
        _ => {
            for source in SOURCES {
                println!("cargo::rerun-if-changed={}", root.join(source).display());
            }
            if let Err(why) = build(&root) {
                if wish == "required" {
                    return Err(io::Error::other(format!("the portal cannot be made: {why}")));
                }
                println!("cargo::warning=the portal is not in this binary: {why}");
                return Ok(());
            }
        }
    }
    let mut files = Vec::new();
    walk(&dist, &mut files)?;
    files.sort();
    for file in &files {
        // A file that lies there compressed, too, is packed in these forms alone.
        if files.contains(&with_end(file, ".gz")) {
            continue;
        }
        let path = file.strip_prefix(&dist).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let bytes = fs::read(file)?;
        pack.write_all(&(path.len() as u32).to_le_bytes())?;
        pack.write_all(path.as_bytes())?;
        pack.write_all(&(bytes.len() as u32).to_le_bytes())?;
        pack.write_all(&bytes)?;
    }
    Ok(())
}

/// Makes `dist` anew.
fn build(root: &Path) -> Result<(), String> {
    let version =
        said("node", &["--version"]).ok_or("Node is missing (20.19 or newer, with npm)")?;
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(str::parse::<u32>);
    let (major, minor) = (numbers.next(), numbers.next());
    if (major.and_then(Result::ok), minor.and_then(Result::ok)) < (Some(NODE.0), Some(NODE.1)) {
        return Err(format!("Node {} is too old: it takes 20.19 or newer", version.trim()));
    }
    // npm writes this file last, so that it tells whether what is there is whole and of these versions.
    let newest = |path: &str| fs::metadata(root.join(path)).and_then(|it| it.modified()).ok();
    let is_installed = newest("node_modules/.package-lock.json") >= newest("package-lock.json")
        && newest("node_modules/.package-lock.json").is_some();
    if !is_installed {
        npm(root, &["ci", "--no-audit", "--no-fund"])?;
    }
    npm(root, &["run", "build"])
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs npm; what it says is told when it fails.
fn npm(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let output =
        Command::new("npm").args(arguments).current_dir(root).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("npm cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|it| !it.trim().is_empty()).unwrap_or_default();
    Err(format!("`npm {}` in `portal` failed: {last}", arguments.join(" ")))
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
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
