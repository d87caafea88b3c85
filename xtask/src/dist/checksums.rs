//! SHA-256 of files, as `sha256sum --check` reads it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use ring::digest::{SHA256, digest};

/// One line a file, `<hash>  <name>`.
pub(super) fn of(folder: &Path, names: &[&str]) -> Result<String> {
    names.iter().map(|name| Ok(format!("{}  {name}\n", of_file(&folder.join(name))?))).collect()
}

/// The hash of a file.
pub(super) fn of_file(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(hex(digest(&SHA256, &bytes).as_ref()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, it| {
        // Writing to a string cannot fail.
        write!(text, "{it:02x}").unwrap_or_default();
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::root;

    #[test]
    fn known_bytes_have_their_known_hash() {
        let file = root().join("target/dist-checksum-test");
        fs::create_dir_all(root().join("target")).unwrap();
        fs::write(&file, "abc").unwrap();
        // FIPS 180-4, the first example.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_file(&file).unwrap(), known);
        assert!(of(&root().join("target"), &["dist-checksum-test"]).unwrap().starts_with(known));
    }
}
