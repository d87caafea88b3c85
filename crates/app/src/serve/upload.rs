//! A file that a client sent, fetched from the store to where it can be read.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::kept::Kept;

/// A file in a folder of its own; both are removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Fetched {
    folder: PathBuf,
    path: PathBuf,
}

impl Fetched {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Fetched {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// Writes an upload to a temporary file that has the name which the client gave it.
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
    let fetched = Fetched { path: folder.join(name), folder: folder.clone() };
    let mut file = fs::File::create_new(&fetched.path).with_context(cannot)?;
    for part in 0..upload.n_parts {
        let bytes = kept.store.part(&kept.access, number, part).await?;
        file.write_all(&bytes).with_context(cannot)?;
    }
    Ok(fetched)
}
