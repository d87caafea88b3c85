//! The file of a back-up: compressed on the way, checked before anything of it is believed.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::db::Result;
use crate::error::StoreError;
use crate::stage::stopped;

/// Longer texts and bytes do not stand in a row.
const LONGEST: u64 = 512 << 20;
/// Compression level: back-ups are made often and read seldom.
const LEVEL: i32 = 3;
/// The header has fewer bytes.
const LONGEST_LINE: u64 = 4096;
const HASH: usize = 32;

fn failed(path: &Path, verb: &'static str) -> impl Fn(io::Error) -> StoreError + use<> {
    let path = path.display().to_string();
    move |error| StoreError::File(format!("back-up `{path}` cannot be {verb}"), error)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| stopped())?
}

/// Writes and hashes.
struct Hashing {
    file: BufWriter<File>,
    hasher: Sha256,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A back-up that is being written, under a name of its own until it is complete.
pub(super) struct Out {
    path: PathBuf,
    partial: PathBuf,
    stream: zstd::stream::write::Encoder<'static, Hashing>,
}

impl Out {
    pub(super) async fn create(path: PathBuf, header: &str) -> Result<Self> {
        let header = header.to_owned();
        blocking(move || {
            let partial = partial(&path);
            let fail = failed(&path, "written");
            if path.exists() {
                return Err(fail(io::ErrorKind::AlreadyExists.into()));
            }
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = BufWriter::new(options.open(&partial).map_err(&fail)?);
            let mut hashing = Hashing { file, hasher: Sha256::new() };
            hashing.write_all(header.as_bytes()).map_err(&fail)?;
            let stream = zstd::stream::write::Encoder::new(hashing, LEVEL).map_err(&fail)?;
            Ok(Self { path, partial, stream })
        })
        .await
    }

    pub(super) async fn write(mut self, bytes: Vec<u8>) -> Result<Self> {
        blocking(move || {
            self.stream.write_all(&bytes).map_err(failed(&self.path, "written"))?;
            Ok(self)
        })
        .await
    }

    pub(super) async fn finish(self) -> Result<()> {
        blocking(move || {
            let fail = failed(&self.path, "written");
            let Hashing { mut file, hasher } = self.stream.finish().map_err(&fail)?;
            file.write_all(&hasher.finalize()).map_err(&fail)?;
            let file = file.into_inner().map_err(|it| fail(it.into_error()))?;
            file.sync_all().map_err(&fail)?;
            std::fs::rename(&self.partial, &self.path).map_err(&fail)?;
            let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty());
            let folder = File::open(folder.unwrap_or_else(|| Path::new("."))).map_err(&fail)?;
            folder.sync_all().map_err(&fail)
        })
        .await
    }
}

fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}

/// The header of a back-up.
pub(super) fn first_line(path: &Path) -> Result<String> {
    let fail = failed(path, "read");
    let file = File::open(path).map_err(&fail)?;
    let mut line = Vec::new();
    BufReader::new(file).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(&fail)?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// A back-up that is being read.
pub(super) struct In {
    path: PathBuf,
    stream: Option<Stream>,
    buffer: Vec<u8>,
    at: usize,
}

type Stream = zstd::stream::read::Decoder<'static, BufReader<io::Take<BufReader<File>>>>;

/// Bytes that are unpacked at once.
const BLOCK: usize = 1 << 20;

impl In {
    /// Opens a back-up whose checksum is right.
    pub(super) async fn open(path: PathBuf) -> Result<Self> {
        blocking(move || {
            let stream = Some(open(&path)?);
            Ok(Self { path, stream, buffer: Vec::new(), at: 0 })
        })
        .await
    }

    /// Sees that `wanted` bytes are in the buffer.
    async fn fill(&mut self, wanted: usize) -> Result<()> {
        let left = self.buffer.len().saturating_sub(self.at);
        if left >= wanted {
            return Ok(());
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let mut stream = self.stream.take().ok_or_else(stopped)?;
        let mut buffer = std::mem::take(&mut self.buffer);
        let path = self.path.clone();
        let (stream, buffer) = blocking(move || {
            let more = (wanted - left).max(BLOCK) as u64;
            let fail = failed(&path, "read");
            Read::by_ref(&mut stream).take(more).read_to_end(&mut buffer).map_err(&fail)?;
            Ok((stream, buffer))
        })
        .await?;
        self.stream = Some(stream);
        self.buffer = buffer;
        if self.buffer.len() < wanted {
            return Err(StoreError::Corrupt("the back-up ends too early".to_owned()));
        }
        Ok(())
    }

    pub(super) async fn chunk<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.fill(N).await?;
        let bytes = self.buffer.get(self.at..).and_then(<[u8]>::first_chunk::<N>);
        let bytes = *bytes.ok_or_else(stopped)?;
        self.at += N;
        Ok(bytes)
    }

    pub(super) async fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.chunk::<1>().await?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(StoreError::Corrupt("the back-up holds a number that is too long".to_owned()))
    }

    pub(super) async fn bytes(&mut self) -> Result<Vec<u8>> {
        let length = self.varint().await?;
        if length > LONGEST {
            return Err(StoreError::Corrupt("the back-up holds a value that is too long".into()));
        }
        let length = length as usize;
        self.fill(length).await?;
        let bytes = self.buffer.get(self.at..self.at + length).unwrap_or_default().to_vec();
        self.at += length;
        Ok(bytes)
    }

    pub(super) async fn text(&mut self) -> Result<String> {
        String::from_utf8(self.bytes().await?)
            .map_err(|_| StoreError::Corrupt("the back-up holds text that is not UTF-8".into()))
    }
}

fn open(path: &Path) -> Result<Stream> {
    let fail = failed(path, "read");
    let length = File::open(path).and_then(|it| it.metadata()).map_err(&fail)?.len();
    let body = length.checked_sub(HASH as u64);
    let body = body.ok_or_else(|| StoreError::Corrupt("the back-up is cut off".to_owned()))?;
    let mut reader = BufReader::with_capacity(BLOCK, File::open(path).map_err(&fail)?);
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK];
    let mut left = body;
    while left > 0 {
        let step = left.min(BLOCK as u64) as usize;
        let part = block.get_mut(..step).unwrap_or_default();
        reader.read_exact(part).map_err(&fail)?;
        hasher.update(part);
        left -= step as u64;
    }
    let mut wanted = [0; HASH];
    reader.read_exact(&mut wanted).map_err(&fail)?;
    if *hasher.finalize() != wanted {
        return Err(StoreError::Corrupt("the checksum of the back-up is wrong".to_owned()));
    }
    let mut reader = BufReader::new(File::open(path).map_err(&fail)?).take(body);
    reader.read_until(b'\n', &mut Vec::new()).map_err(&fail)?;
    zstd::stream::read::Decoder::new(reader).map_err(&fail)
}
