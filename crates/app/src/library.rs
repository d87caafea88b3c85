//! Where content comes from: packed into the binary, or from folders and bundles.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use content::{ContentFile, Library};

use crate::bundle_command;

/// What `build.rs` packed; empty in debug builds, which read the folder of the checkout.
static PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/content.pack"));

/// Largest fact table.
const MAX_FACT_BYTES: u64 = 256 << 20;

/// The folder of the checkout that this binary was built from.
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content");

/// The built-in content with that of `folders` over it, in their order.
///
/// # Errors
/// A folder or bundle cannot be read, or content that was not built in has problems: what the user wrote
/// must not be ignored in silence.
pub(crate) fn load(folders: &[PathBuf]) -> anyhow::Result<Arc<Library>> {
    let mut files = built_in()?;
    for folder in folders {
        files.extend(read_content(folder)?);
    }
    decompress(&mut files)?;
    let (library, problems) = Library::build(&files, false);
    if !problems.is_empty() {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow::bail!("the content has {} problems:\n{}", lines.len(), lines.join("\n"));
    }
    Ok(Arc::new(library))
}

/// All files of the content with their cases, for the content check.
pub(crate) fn files_with_cases(folders: &[PathBuf]) -> anyhow::Result<Vec<ContentFile>> {
    let mut files = Vec::new();
    if folders.is_empty() {
        // a release does not know the folder that it was built in, or it would be another binary in another one
        let checkout = if PACK.is_empty() { CHECKOUT } else { "content" };
        files = read_folder(Path::new(checkout)).context(
            "cases are not packed into the binary: run it in a checkout, or name the folder with --content",
        )?;
    }
    for folder in folders {
        files.extend(read_content(folder)?);
    }
    decompress(&mut files)?;
    Ok(files)
}

/// The same with what is built in below: what would count together.
pub(crate) fn files_over_built_in(content: &[PathBuf]) -> anyhow::Result<Vec<ContentFile>> {
    let mut files = built_in()?;
    for it in content {
        files.extend(read_content(it)?);
    }
    decompress(&mut files)?;
    Ok(files)
}

/// The files of a folder, or of a bundle.
pub(crate) fn read_content(path: &Path) -> anyhow::Result<Vec<ContentFile>> {
    if path.is_file() { bundle_command::read(path) } else { read_folder(path) }
}

/// Undoes the compression of fact tables; their names lose `.zst`.
fn decompress(files: &mut [ContentFile]) -> anyhow::Result<()> {
    for file in files {
        if let Some(path) = file.path.strip_suffix(".zst") {
            let cannot_read = || format!("`{}` is not compressed content", file.path);
            let mut bytes = Vec::new();
            zstd::stream::read::Decoder::new(file.bytes.as_slice())
                .and_then(|it| it.take(MAX_FACT_BYTES).read_to_end(&mut bytes))
                .with_context(cannot_read)?;
            file.path = path.to_owned();
            file.bytes = bytes;
        }
    }
    Ok(())
}

fn built_in() -> anyhow::Result<Vec<ContentFile>> {
    if PACK.is_empty() { read_folder(Path::new(CHECKOUT)) } else { Ok(unpack(PACK)) }
}

/// Files of a pack, as far as it is whole.
pub(crate) fn unpack(mut pack: &[u8]) -> Vec<ContentFile> {
    let mut files = Vec::new();
    while let Some((path, rest)) = field(pack) {
        let Some((bytes, rest)) = field(rest) else { break };
        let path = String::from_utf8_lossy(path).into_owned();
        files.push(ContentFile { path, bytes: bytes.to_vec() });
        pack = rest;
    }
    files
}

/// A length and as many bytes; the rest follows.
fn field(pack: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = pack.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

fn read_folder(root: &Path) -> anyhow::Result<Vec<ContentFile>> {
    let mut files = Vec::new();
    walk(root, root, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<ContentFile>) -> anyhow::Result<()> {
    let cannot_read = || format!("content cannot be read from `{}`", folder.display());
    for entry in std::fs::read_dir(folder).with_context(cannot_read)? {
        let path = entry.with_context(cannot_read)?.path();
        if path.is_dir() {
            walk(root, &path, files)?;
        } else {
            let below = path.strip_prefix(root).unwrap_or(&path);
            let below = below.to_string_lossy().replace('\\', "/");
            if below.starts_with("schema/") {
                continue;
            }
            let bytes = std::fs::read(&path).with_context(cannot_read)?;
            files.push(ContentFile { path: below, bytes });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::unpack;

    #[test]
    fn a_pack_gives_its_files_back() {
        let pack = b"\x01\0\0\0a\x02\0\0\0xy\x01\0\0\0b\0\0\0\0";
        let files: Vec<_> = unpack(pack).into_iter().map(|it| (it.path, it.bytes.len())).collect();
        assert_eq!(files, [("a".to_owned(), 2), ("b".to_owned(), 0)]);
    }
}
