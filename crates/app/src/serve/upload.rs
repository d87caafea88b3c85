//! What a client sent, fetched from the store to where it can be read: one file, or an archive of many.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::estate::Sent;
use crate::kept::Kept;
use crate::unpack::unpacked;

/// Most bytes that an archive may grow to: a bomb costs one job.
const MOST_UNPACKED: u64 = 16 << 30;
/// Most files of an archive.
const MOST_FILES: usize = 200_000;
/// Where an archive says what it is, and the word.
const MAGIC: (usize, &[u8]) = (257, b"ustar");
/// Endings that say how something is packed rather than what it is.
const PACKED: [&str; 6] = [".tar.zst", ".tar.gz", ".tgz", ".tar", ".zst", ".gz"];

/// Files in a folder of their own; it is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Fetched {
    folder: PathBuf,
    name: String,
    paths: Vec<PathBuf>,
}

impl Fetched {
    /// What is to be read.
    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// What it is called.
    pub(crate) fn sent(&self) -> Sent {
        Sent { base: files_in(&self.folder), name: self.name.clone() }
    }
}

impl Drop for Fetched {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn files_in(folder: &Path) -> PathBuf {
    folder.join("files")
}

/// Writes an upload to a temporary folder, an archive unpacked. A single file lies there in a folder that is called like
/// it: that is what stands for a cluster that does not say its name.
pub(crate) async fn fetch(kept: &Kept, number: u64) -> anyhow::Result<Fetched> {
    let upload = kept.store.upload(&kept.access, number).await?;
    let folder = std::env::temp_dir().join(format!("merlon-{}-{number}", std::process::id()));
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    drop(fs::remove_dir_all(&folder));
    let cannot = || format!("`{}` cannot be written", folder.display());
    builder.create(&folder).with_context(cannot)?;
    // The name was checked when it came in; here it must not lead out of the folder, whatever it is.
    let name = Path::new(&upload.name).file_name().context("the upload has no name")?;
    let name = name.to_string_lossy().into_owned();
    let shown = PACKED.iter().find_map(|it| name.strip_suffix(it)).unwrap_or(&name);
    let mut fetched = Fetched { folder: folder.clone(), name: shown.to_owned(), paths: Vec::new() };
    let whole = folder.join("upload");
    let mut file = File::create_new(&whole).with_context(cannot)?;
    for part in 0..upload.n_parts {
        let bytes = kept.store.part(&kept.access, number, part).await?;
        file.write_all(&bytes).with_context(cannot)?;
    }
    drop(file);
    let files = files_in(&folder);
    if is_archive(&whole).with_context(cannot)? {
        unpack(&whole, &files)?;
        fs::remove_file(&whole).with_context(cannot)?;
        for entry in fs::read_dir(&files).with_context(cannot)? {
            fetched.paths.push(entry.with_context(cannot)?.path());
        }
        fetched.paths.sort();
    } else {
        let inner = files.join(shown.rsplit_once('.').map_or(shown, |(stem, _)| stem));
        fs::create_dir_all(&inner).with_context(cannot)?;
        let path = inner.join(&name);
        fs::rename(&whole, &path).with_context(cannot)?;
        fetched.paths.push(path);
    }
    Ok(fetched)
}

/// Whether a file is an archive, packed or not.
fn is_archive(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    let (at, word) = MAGIC;
    let reader = unpacked(Box::new(File::open(path)?))?;
    // What cannot be unpacked is no archive; whoever reads it says what is wrong with it.
    drop(reader.take((at + word.len()) as u64).read_to_end(&mut head));
    Ok(head.get(at..).is_some_and(|it| it == word))
}

/// Unpacks files and folders of an archive, and nothing else: no link, and nothing outside of `to`.
fn unpack(path: &Path, to: &Path) -> anyhow::Result<()> {
    let damaged = "the archive is damaged";
    let reader = unpacked(Box::new(File::open(path)?)).context(damaged)?;
    let mut archive = tar::Archive::new(reader.take(MOST_UNPACKED));
    fs::create_dir_all(to).with_context(|| format!("`{}` cannot be written", to.display()))?;
    for (n_files, entry) in archive.entries().context(damaged)?.enumerate() {
        ensure!(n_files < MOST_FILES, "an archive has at most {MOST_FILES} files");
        let mut entry = entry.context(damaged)?;
        let kind = entry.header().entry_type();
        let name = entry.path().context(damaged)?.into_owned();
        let is_inside = |it: Component<'_>| matches!(it, Component::Normal(_) | Component::CurDir);
        ensure!(
            name.components().all(is_inside),
            "the archive has a file outside of it: `{}`",
            name.display()
        );
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        ensure!(
            kind.is_file(),
            "`{}` in the archive is neither a file nor a folder",
            name.display()
        );
        let cannot = || format!("`{}` of the archive cannot be written", name.display());
        let target = to.join(&name);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).with_context(cannot)?;
        }
        let mut file = File::create_new(&target).with_context(cannot)?;
        let n_copied = io::copy(&mut entry, &mut file).with_context(cannot)?;
        ensure!(n_copied == entry.size(), "the archive ends too early, or grows beyond its limit");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use testkit::Folder;

    use super::*;

    /// An archive with one entry, its name as it is.
    fn archive(name: &[u8], kind: tar::EntryType) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(kind);
        header.set_size(if kind.is_file() { 2 } else { 0 });
        header.set_mode(0o600);
        header.set_cksum();
        let mut archive = tar::Builder::new(Vec::new());
        archive.append(&header, if kind.is_file() { &b"{}"[..] } else { &[] }).unwrap();
        archive.into_inner().unwrap()
    }

    #[test]
    fn archives_are_unpacked_and_nothing_leaves_the_folder() {
        let folder = Folder::new().unwrap();
        let (file, to) = (folder.path().join("a.tar.zst"), folder.path().join("files"));
        let check = |bytes: &[u8]| {
            fs::write(&file, zstd::encode_all(bytes, 1).unwrap()).unwrap();
            assert!(is_archive(&file).unwrap());
            drop(fs::remove_dir_all(&to));
            unpack(&file, &to).map_err(|it| format!("{it:#}"))
        };
        check(&archive(b"a/b.json", tar::EntryType::Regular)).unwrap();
        assert_eq!(fs::read(to.join("a/b.json")).unwrap(), b"{}");
        for (name, why) in [(&b"../b.json"[..], "outside"), (b"/etc/b.json", "outside")] {
            let refused = check(&archive(name, tar::EntryType::Regular)).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
        let refused = check(&archive(b"link", tar::EntryType::Symlink)).unwrap_err();
        assert!(refused.contains("neither"), "{refused}");
        let whole = archive(b"a/b.json", tar::EntryType::Regular);
        assert!(check(&whole[..513]).is_err());
        assert!(
            !is_archive(&{
                fs::write(&file, "{}").unwrap();
                file.clone()
            })
            .unwrap()
        );
    }
}
