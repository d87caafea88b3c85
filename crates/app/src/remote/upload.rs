//! Exports on their way to a server: files and folders as one archive, each under the path that it has here, because
//! folders name accounts, operations and clusters.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context as Wakes, Poll};

use anyhow::{Context as _, ensure};
use axum::body::Bytes;
use base::Problems;
use reqwest::{Body, header};
use serde_json::Value as Json;

use super::Server;
use crate::cli::Import;
use crate::input;
use crate::progress::Progress;

/// Exports are text, and pack well at any level.
const LEVEL: i32 = 3;
/// Bytes that are read and sent at a time.
const SHARE: usize = 1 << 18;

/// A file that is gone when this is dropped.
struct Packed {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Drop for Packed {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

/// The rest of a file, as a body. Reading a local file is short enough to do where it is sent from.
struct Sent {
    packed: Packed,
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Wakes<'_>,
    ) -> Poll<Option<io::Result<http_body::Frame<Bytes>>>> {
        let mut share = Vec::with_capacity(SHARE);
        let read =
            io::Read::by_ref(&mut self.packed.file).take(SHARE as u64).read_to_end(&mut share);
        Poll::Ready(match read {
            Ok(0) => None,
            Ok(_) => Some(Ok(http_body::Frame::data(Bytes::from(share)))),
            Err(error) => Some(Err(error)),
        })
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.packed.size)
    }
}

impl Server {
    /// Sends exports; gives the job that reads them.
    pub(crate) async fn import(
        &self,
        import: &Import,
        progress: &Progress,
    ) -> anyhow::Result<Json> {
        self.upload("imports", import, progress).await
    }

    /// Sends documents; gives what they would change, or the job that finds out.
    pub(crate) async fn what_if(
        &self,
        import: &Import,
        progress: &Progress,
    ) -> anyhow::Result<Json> {
        self.upload("what-if", import, progress).await
    }

    /// Sends files to a route that reads them.
    async fn upload(&self, to: &str, import: &Import, progress: &Progress) -> anyhow::Result<Json> {
        progress.say("packing");
        let packed = pack(import, progress)?;
        let size = packed.size;
        let complete = import.complete.to_string();
        let name = format!("{}.tar.zst", name_of(import));
        let mut query = vec![("name", name.as_str()), ("complete", complete.as_str())];
        let said = [("format", &import.as_format), ("now", &import.now)];
        query.extend(said.into_iter().filter_map(|(name, it)| Some((name, it.as_deref()?))));
        progress.say("sending");
        let request = self
            .http
            .post(self.address(&[to], &query)?)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::CONTENT_LENGTH, size)
            .body(Body::wrap(Sent { packed }));
        super::json_of(self.send(request).await?).await
    }
}

/// What the export is called in the log: the first file or folder.
fn name_of(import: &Import) -> String {
    /// The interface takes names of 255 bytes with their endings.
    const LONGEST: usize = 200;
    let path = import.paths.first().and_then(|it| std::path::absolute(it).ok());
    let name = path.and_then(|it| Some(it.file_name()?.to_string_lossy().into_owned()));
    let name = name.filter(|it| it != "-" && it.len() <= LONGEST);
    name.unwrap_or_else(|| "export".to_owned())
}

/// Packs everything that is to be imported.
fn pack(import: &Import, progress: &Progress) -> anyhow::Result<Packed> {
    let mut problems = Problems::default();
    let sources = input::list_sources(&import.paths, None, &mut problems);
    if let Some(problem) = problems.into_vec().into_iter().next() {
        anyhow::bail!("`{}`: {}", problem.file, problem.reason);
    }
    ensure!(!sources.is_empty(), "there is nothing to import");
    let path = std::env::temp_dir().join(format!("merlon-export-{}.tar.zst", std::process::id()));
    let cannot = || format!("`{}` cannot be written", path.display());
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).with_context(cannot)?;
    let mut packed = Packed { path: path.clone(), file, size: 0 };
    let packer = zstd::stream::write::Encoder::new(&mut packed.file, LEVEL).with_context(cannot)?;
    let mut archive = tar::Builder::new(packer);
    for source in &sources {
        progress.file(&source.name);
        add(&mut archive, source, progress)
            .with_context(|| format!("`{}` cannot be read", source.name))?;
    }
    let done = archive.into_inner().and_then(zstd::stream::write::Encoder::finish);
    done.and_then(io::Write::flush).with_context(cannot)?;
    packed.size = packed.file.stream_position().with_context(cannot)?;
    packed.file.rewind().with_context(cannot)?;
    Ok(packed)
}

/// Adds one file under the path that says what it is.
fn add<W: io::Write>(
    archive: &mut tar::Builder<W>,
    source: &input::Source,
    progress: &Progress,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o600);
    let Some(file) = source.file() else {
        // Standard input has no length before its end.
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        progress.bytes(bytes.len());
        header.set_size(bytes.len() as u64);
        return archive.append_data(&mut header, "export", bytes.as_slice());
    };
    let file = File::open(file)?;
    let size = file.metadata()?.len();
    progress.bytes(usize::try_from(size).unwrap_or(usize::MAX));
    header.set_size(size);
    let path = source.path.trim_start_matches('/');
    // A file that grows meanwhile is sent as long as it was.
    archive.append_data(&mut header, path, file.take(size))
}
