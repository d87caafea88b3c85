//! Bundles: content in one file with a version, signed beside it, installed in a folder of Merlon.
//!
//! `merlon-content 1`, a line of JSON about it, then its files packed and compressed. INVARIANT: what is installed was
//! signed by a key that is trusted and passed `content check` before it took effect; a version is in force as a whole or
//! not at all, for one small file names it and is replaced in one step.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use blake2::{Blake2b512, Digest as _};
use content::ContentFile;
use serde::{Deserialize, Serialize};

const MAGIC: &str = "merlon-content 1";
/// Bytes of a bundle, as it is and unpacked.
const MOST: u64 = 256 << 20;
const MOST_UNPACKED: u64 = 1 << 30;
const LEVEL: i32 = 19;
/// Below the folder of Merlon.
const FOLDER: &str = "content";
/// Names the version in force.
const CURRENT: &str = "current.json";

/// What a bundle says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    /// Grows with each bundle.
    pub(crate) version: u64,
    /// Its files.
    pub(crate) files: usize,
    /// The hash of what follows.
    blake2b: String,
}

/// A bundle that was read.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub(crate) about: About,
    pub(crate) files: Vec<ContentFile>,
}

/// Which version is in force, and which was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Current {
    pub(crate) version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) previous: Option<u64>,
}

/// The bytes of a bundle. The same files give the same bytes.
pub(crate) fn pack(files: &[ContentFile], version: u64) -> anyhow::Result<Vec<u8>> {
    let mut plain = Vec::new();
    for file in files {
        for field in [file.path.as_bytes(), &file.bytes] {
            let length = u32::try_from(field.len()).context("a file is too large")?;
            plain.extend_from_slice(&length.to_le_bytes());
            plain.extend_from_slice(field);
        }
    }
    let packed = zstd::bulk::compress(&plain, LEVEL).context("the content cannot be compressed")?;
    let about = About { version, files: files.len(), blake2b: hash(&packed) };
    let mut bytes = format!("{MAGIC}\n{}\n", serde_json::to_string(&about)?).into_bytes();
    bytes.extend_from_slice(&packed);
    ensure!(bytes.len() as u64 <= MOST, "the bundle is larger than 256 MiB");
    Ok(bytes)
}

/// Whether bytes begin as a bundle does.
pub(crate) fn is_bundle(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC.as_bytes())
}

/// Reads a bundle; one that is not whole is refused.
pub(crate) fn unpack(bytes: &[u8]) -> anyhow::Result<Bundle> {
    let rest = bytes.strip_prefix(MAGIC.as_bytes()).and_then(|it| it.strip_prefix(b"\n"));
    let rest = rest.context("this is no bundle of content")?;
    let end = rest.iter().position(|it| *it == b'\n').context("the bundle is cut off")?;
    let (head, packed) = rest.split_at(end);
    let packed = packed.get(1..).unwrap_or_default();
    let about: About = serde_json::from_slice(head).context("the bundle is damaged")?;
    ensure!(about.blake2b == hash(packed), "the bundle is damaged");
    let mut plain = Vec::new();
    zstd::stream::read::Decoder::new(packed)
        .and_then(|it| it.take(MOST_UNPACKED + 1).read_to_end(&mut plain))
        .context("the bundle is damaged")?;
    ensure!(plain.len() as u64 <= MOST_UNPACKED, "the bundle is too large");
    let files = crate::library::unpack(&plain);
    ensure!(files.len() == about.files, "the bundle is damaged");
    for file in &files {
        let is_plain = |it: &str| !it.is_empty() && it != "." && it != "..";
        ensure!(file.path.split('/').all(is_plain), "`{}` is no path of content", file.path);
    }
    Ok(Bundle { about, files })
}

/// Reads the bytes of a bundle, as many as one may have.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("`{}` cannot be read", path.display());
    let mut bytes = Vec::new();
    let file = fs::File::open(path).with_context(cannot)?;
    file.take(MOST + 1).read_to_end(&mut bytes).with_context(cannot)?;
    ensure!(bytes.len() as u64 <= MOST, "`{}` is larger than 256 MiB", path.display());
    Ok(bytes)
}

fn hash(bytes: &[u8]) -> String {
    Blake2b512::digest(bytes).iter().fold(String::new(), |mut text, it| {
        // Writing to a string cannot fail.
        write!(text, "{it:02x}").unwrap_or_default();
        text
    })
}

/// What is in force below a folder of Merlon; `None` when nothing was installed.
pub(crate) fn current(folder: &Path) -> anyhow::Result<Option<Current>> {
    let path = folder.join(FOLDER).join(CURRENT);
    match fs::read(&path) {
        Ok(bytes) => {
            let cannot = || format!("`{}` is damaged: install the content again", path.display());
            Ok(Some(serde_json::from_slice(&bytes).with_context(cannot)?))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(crate::config::unreadable(&path, &error)),
    }
}

/// The file of a version below a folder of Merlon.
pub(crate) fn path(folder: &Path, version: u64) -> PathBuf {
    folder.join(FOLDER).join(format!("{version}.bundle"))
}

/// Puts a bundle with its signature in force. What was in force before stays for a roll back; what is older goes.
pub(crate) fn install(
    folder: &Path,
    version: u64,
    bytes: &[u8],
    signature: &str,
) -> anyhow::Result<()> {
    let previous = current(folder)?.map(|it| it.version).filter(|it| *it != version);
    fs::create_dir_all(folder.join(FOLDER)).context("the folder of the content cannot be made")?;
    let target = path(folder, version);
    replace(&target, bytes)?;
    replace(&target.with_extension("bundle.minisig"), signature.as_bytes())?;
    put_in_force(folder, &Current { version, previous })?;
    let kept = [Some(version), previous].into_iter().flatten().map(|it| format!("{it}.bundle"));
    remove_others(folder, &kept.collect::<Vec<_>>());
    Ok(())
}

/// Puts the version before in force again; gives both.
pub(crate) fn roll_back(folder: &Path) -> anyhow::Result<(u64, u64)> {
    let now = current(folder)?.context("no content was installed here")?;
    let Some(previous) = now.previous else {
        bail!(
            "there is no version before {}: `content remove` goes back to what is built in",
            now.version
        );
    };
    // It was checked when it was installed; it must still be whole.
    unpack(&read(&path(folder, previous))?)?;
    put_in_force(folder, &Current { version: previous, previous: Some(now.version) })?;
    Ok((now.version, previous))
}

/// Takes what was installed out of force: what is built in counts.
pub(crate) fn remove(folder: &Path) -> anyhow::Result<()> {
    let path = folder.join(FOLDER).join(CURRENT);
    fs::remove_file(&path).with_context(|| format!("`{}` cannot be removed", path.display()))?;
    remove_others(folder, &[]);
    Ok(())
}

fn put_in_force(folder: &Path, current: &Current) -> anyhow::Result<()> {
    replace(&folder.join(FOLDER).join(CURRENT), &serde_json::to_vec(current)?)
}

/// Writes a file so that it is there as a whole, or as it was.
fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let written = fs::File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        let folder = path.parent().unwrap_or(path);
        fs::File::open(folder)?.sync_all()
    });
    written.with_context(|| format!("`{}` cannot be written", path.display()))
}

/// Removes bundles that nothing goes back to. What stays only takes room.
fn remove_others(folder: &Path, kept: &[String]) {
    let Ok(entries) = fs::read_dir(folder.join(FOLDER)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != CURRENT && !kept.iter().any(|it| name.starts_with(it.as_str())) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use testkit::Folder;

    use super::*;

    fn files(names: &[&str]) -> Vec<ContentFile> {
        let file =
            |it: &&str| ContentFile { path: (*it).to_owned(), bytes: it.as_bytes().to_vec() };
        names.iter().map(file).collect()
    }

    #[test]
    fn a_bundle_gives_its_files_back_and_a_damaged_one_is_refused() {
        let bytes = pack(&files(&["checks/a.yaml", "checks/b.yaml"]), 7).unwrap();
        assert_eq!(bytes, pack(&files(&["checks/a.yaml", "checks/b.yaml"]), 7).unwrap());
        let bundle = unpack(&bytes).unwrap();
        assert_eq!((bundle.about.version, bundle.files.len()), (7, 2));
        assert_eq!(bundle.files[1].bytes, b"checks/b.yaml");
        for at in 0..bytes.len() {
            assert!(unpack(&bytes[..at]).is_err(), "cut at {at}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x20;
            if let Ok(bundle) = unpack(&flipped) {
                // The version stands outside of the hash; the signature holds it.
                assert_ne!(bundle.about, About { version: 7, ..bundle.about.clone() }, "{at}");
            }
        }
        for path in ["../a.yaml", "/etc/passwd", "checks//a.yaml", "."] {
            assert!(unpack(&pack(&files(&[path]), 1).unwrap()).is_err(), "{path}");
        }
    }

    #[test]
    fn versions_take_the_place_of_each_other_and_go_back() {
        let folder = Folder::new().unwrap();
        let folder = folder.path();
        assert_eq!(current(folder).unwrap(), None);
        assert!(roll_back(folder).is_err());
        for version in [1, 2, 3] {
            let bytes = pack(&files(&["checks/a.yaml"]), version).unwrap();
            install(folder, version, &bytes, "signed").unwrap();
        }
        let in_force = || current(folder).unwrap().unwrap();
        assert_eq!(in_force(), Current { version: 3, previous: Some(2) });
        assert!(!path(folder, 1).exists() && path(folder, 2).exists());
        assert_eq!(roll_back(folder).unwrap(), (3, 2));
        assert_eq!(in_force(), Current { version: 2, previous: Some(3) });
        assert_eq!(roll_back(folder).unwrap(), (2, 3));
        fs::write(path(folder, 2), "rubbish").unwrap();
        assert!(roll_back(folder).is_err());
        assert_eq!(in_force().version, 3, "what is damaged does not come into force");
        remove(folder).unwrap();
        assert_eq!(current(folder).unwrap(), None);
    }
}
