//! The files in memory: each in the compressions that it was packed in.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use hashbrown::HashMap;
use sha2::{Digest as _, Sha256};

/// What `build.rs` packed; empty in debug builds, which read the folder of the checkout.
static PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/portal.pack"));

/// The folder of the checkout that this binary was built from.
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../portal/dist");

type Bytes = Cow<'static, [u8]>;

/// How the bytes of an answer are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// Its name in `Content-Encoding`; `None`: the field is left out.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }
}

/// A file in all forms that it has.
#[derive(Debug, Default)]
pub(crate) struct File {
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    plain: Option<Bytes>,
    digest: String,
    pub(crate) media_type: &'static str,
    /// Whether its name changes with what is in it.
    pub(crate) has_hashed_name: bool,
}

impl File {
    /// The best form that a client takes, from what it says in `Accept-Encoding`.
    pub(crate) fn in_one_of(&self, accepted: &str) -> (Encoding, Bytes) {
        let takes = |wanted: &str| {
            accepted.split(',').any(|it| {
                let mut parts = it.split(';').map(str::trim);
                let is_it = parts.next().is_some_and(|it| it.eq_ignore_ascii_case(wanted));
                is_it && !parts.any(|it| matches!(it, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
            })
        };
        if let Some(bytes) = self.brotli.as_ref().filter(|_| takes("br")) {
            return (Encoding::Brotli, bytes.clone());
        }
        if let Some(bytes) = self.gzip.as_ref().filter(|_| takes("gzip")) {
            return (Encoding::Gzip, bytes.clone());
        }
        (Encoding::Plain, self.plain())
    }

    /// The file as it is. Packed files have no plain form: nearly every client takes a compressed one.
    fn plain(&self) -> Bytes {
        if let Some(bytes) = &self.plain {
            return bytes.clone();
        }
        let mut bytes = Vec::new();
        let packed = self.gzip.as_deref().unwrap_or_default();
        // It was packed by us and is in the binary: what cannot be read is empty.
        GzDecoder::new(packed).read_to_end(&mut bytes).unwrap_or_default();
        Cow::Owned(bytes)
    }

    pub(crate) fn text(&self) -> Option<String> {
        String::from_utf8(self.plain().into_owned()).ok()
    }

    /// Its tag: what it is, in which form.
    pub(crate) fn tag(&self, encoding: Encoding) -> String {
        let form = encoding.word().map_or_else(String::new, |it| format!("-{it}"));
        format!("\"{}{form}\"", self.digest)
    }
}

/// All files by their paths, without a leading `/`.
#[derive(Debug, Default)]
pub(crate) struct Files(HashMap<String, File>);

impl Files {
    pub(crate) fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// Those that this binary carries, or in debug builds those of the checkout.
    pub(crate) fn of_this_binary() -> Self {
        if !PACK.is_empty() {
            return Self::unpack(PACK);
        }
        let mut files = Self::default();
        if cfg!(debug_assertions) {
            files.read(Path::new(CHECKOUT), Path::new(CHECKOUT));
        }
        files
    }

    /// Reads what `build.rs` wrote.
    pub(crate) fn unpack(mut pack: &'static [u8]) -> Self {
        let mut files = Self::default();
        while let Some((path, rest)) = field(pack) {
            let Some((bytes, rest)) = field(rest) else { break };
            files.add(&String::from_utf8_lossy(path), Cow::Borrowed(bytes));
            pack = rest;
        }
        files
    }

    /// Adds what lies in a folder. What cannot be read is not there: the page says what to do then.
    fn read(&mut self, root: &Path, folder: &Path) {
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)
            .map(|entries| entries.filter_map(|it| it.ok().map(|it| it.path())).collect())
            .unwrap_or_default();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.read(root, &path);
            } else if let (Ok(bytes), Ok(name)) = (fs::read(&path), path.strip_prefix(root)) {
                self.add(&name.to_string_lossy().replace('\\', "/"), Cow::Owned(bytes));
            }
        }
    }

    pub(crate) fn add(&mut self, path: &str, bytes: Bytes) {
        let (path, encoding) = match (path.strip_suffix(".br"), path.strip_suffix(".gz")) {
            (Some(path), _) => (path, Encoding::Brotli),
            (_, Some(path)) => (path, Encoding::Gzip),
            _ => (path, Encoding::Plain),
        };
        let file = self.0.entry_ref(path).or_insert_with(|| File {
            media_type: media_type(path),
            has_hashed_name: path.starts_with("assets/"),
            ..File::default()
        });
        // Any form tells one file from another; the first that comes gives the tag.
        if file.digest.is_empty() {
            for byte in Sha256::digest(&bytes).iter().take(12) {
                write!(file.digest, "{byte:02x}").unwrap_or_default();
            }
        }
        match encoding {
            Encoding::Brotli => file.brotli = Some(bytes),
            Encoding::Gzip => file.gzip = Some(bytes),
            Encoding::Plain => file.plain = Some(bytes),
        }
    }
}

/// A length and so many bytes, then the rest.
fn field(pack: &'static [u8]) -> Option<(&'static [u8], &'static [u8])> {
    let (length, rest) = pack.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
