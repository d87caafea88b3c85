//! The files of the estate: packed into the binary, or in debug builds those of the checkout.

use std::path::{Component, Path};
use std::{fs, io};

/// What `build.rs` packed; empty in debug builds, which read the folder of the checkout.
static PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/estate.pack"));

/// The folder of the checkout that this binary was built from.
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/larkspur-freight");

/// Writes all files below `folder`, which stays: who plays with the demo changes one and imports it again.
pub(crate) fn unpack(folder: &Path) -> io::Result<()> {
    if PACK.is_empty() {
        return copy(Path::new(CHECKOUT), folder);
    }
    let mut pack = PACK;
    while let Some((path, rest)) = field(pack) {
        let Some((bytes, rest)) = field(rest) else { break };
        pack = rest;
        let path = String::from_utf8_lossy(path);
        let path = Path::new(path.as_ref());
        // The names are our own; none leaves the folder.
        if !path.components().all(|it| matches!(it, Component::Normal(_))) {
            continue;
        }
        write(&folder.join(path), bytes)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            write(&target, &fs::read(&path)?)?;
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)
}

/// A length and so many bytes, then the rest.
fn field(pack: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = pack.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}
