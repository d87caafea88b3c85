//! The master keys of an installation: the current one seals, the others still open.
//!
//! A key file has one key a line, the current one first: its id and 64 hexadecimal digits. Lines
//! that begin with `#` are remarks.

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{KEY_BYTES, KeyBytes, SealError, from_hex, random, random_key, to_hex};

/// One master key; wiped when dropped.
#[derive(Clone)]
pub(crate) struct MasterKey {
    pub(crate) id: String,
    pub(super) bytes: KeyBytes,
}

impl MasterKey {
    #[cfg(test)]
    pub(super) fn new(id: String, bytes: [u8; KEY_BYTES]) -> Self {
        Self { id, bytes: Zeroizing::new(bytes) }
    }

    /// A new key with a name that no other has.
    pub(crate) fn generate() -> Result<Self, SealError> {
        Ok(Self { id: format!("k{}", to_hex(&random::<4>()?)), bytes: random_key()? })
    }

    /// Its line in a key file.
    pub(crate) fn line(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{} {}\n", self.id, to_hex(&*self.bytes)))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// Why master keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RingError {
    #[error("the key file `{0}` cannot be read")]
    Unreadable(PathBuf, #[source] std::io::Error),
    #[error(
        "others can read the key file `{0}` (mode {1:03o}): `chmod 600` it, and replace the key if they may have done so"
    )]
    Open(PathBuf, u32),
    #[error(
        "the key file `{0}` lies in the data folder, where a back-up would carry it along with what it protects"
    )]
    InDataFolder(PathBuf),
    #[error("line {1} of the {0} is not a key id and 64 hexadecimal digits")]
    Line(String, usize),
    #[error("the {0} names the key `{1}` twice")]
    Twice(String, String),
    #[error("the {0} holds no key")]
    Empty(String),
}

/// The master keys, the current one first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ring {
    keys: Vec<MasterKey>,
}

impl Ring {
    #[cfg(test)]
    pub(super) fn new(keys: Vec<MasterKey>) -> Self {
        Self { keys }
    }

    /// Reads a key file that only its owner can read and that lies outside of `data`.
    pub(crate) fn from_file(path: &Path, data: Option<&Path>) -> Result<Self, RingError> {
        let unreadable = |error| RingError::Unreadable(path.to_owned(), error);
        let real = path.canonicalize().map_err(unreadable)?;
        if data.and_then(|it| it.canonicalize().ok()).is_some_and(|data| real.starts_with(data)) {
            return Err(RingError::InDataFolder(path.to_owned()));
        }
        let mode = fs::metadata(&real).map_err(unreadable)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(RingError::Open(path.to_owned(), mode));
        }
        let text = Zeroizing::new(fs::read_to_string(&real).map_err(unreadable)?);
        Self::parse(&format!("key file `{}`", path.display()), &text)
    }

    /// Reads a credential that systemd placed; it guards that folder itself.
    pub(crate) fn from_credential(path: &Path) -> Result<Self, RingError> {
        let unreadable = |error| RingError::Unreadable(path.to_owned(), error);
        let text = Zeroizing::new(fs::read_to_string(path).map_err(unreadable)?);
        Self::parse("systemd credential", &text)
    }

    /// Reads the text of a key file; `what` names it in messages.
    pub(crate) fn parse(what: &str, text: &str) -> Result<Self, RingError> {
        let mut keys: Vec<MasterKey> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key =
                parse_line(line).ok_or_else(|| RingError::Line(what.to_owned(), index + 1))?;
            if keys.iter().any(|it| it.id == key.id) {
                return Err(RingError::Twice(what.to_owned(), key.id));
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(RingError::Empty(what.to_owned()));
        }
        Ok(Self { keys })
    }

    /// The key that seals.
    pub(crate) fn current(&self) -> Option<&MasterKey> {
        self.keys.first()
    }

    /// The ids of the keys that only open.
    pub(crate) fn former(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().skip(1).map(|it| it.id.as_str())
    }

    /// The key of this name.
    pub(super) fn find(&self, id: &str) -> Option<&MasterKey> {
        self.keys.iter().find(|it| it.id == id)
    }
}

fn parse_line(line: &str) -> Option<MasterKey> {
    let (id, hex) = line.split_once(char::is_whitespace)?;
    let is_name = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    if id.len() > 32 || !id.chars().all(is_name) {
        return None;
    }
    let read = Zeroizing::new(from_hex(hex.trim())?);
    if read.len() != KEY_BYTES {
        return None;
    }
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    bytes.copy_from_slice(&read);
    Some(MasterKey { id: id.to_owned(), bytes })
}

#[cfg(test)]
mod tests {
    use super::{MasterKey, Ring};

    #[track_caller]
    fn check(text: &str, want: &str) {
        let message =
            Ring::parse("key file", text).map_or_else(|it| it.to_string(), |_| String::new());
        assert_eq!(message, want);
    }

    #[test]
    fn a_made_key_reads_back() {
        let key = MasterKey::generate().unwrap();
        let ring = Ring::parse("key file", &format!("# ours\n\n{}", *key.line())).unwrap();
        assert_eq!(ring.current().unwrap().id, key.id);
        assert_eq!(ring.current().unwrap().bytes, key.bytes);
    }

    #[test]
    fn a_bad_line_is_named_and_not_shown() {
        let hex = "0123456789abcdef".repeat(4);
        check("", "the key file holds no key");
        check("a 0123", "line 1 of the key file is not a key id and 64 hexadecimal digits");
        check(
            &format!("a {hex}\nb{hex}"),
            "line 2 of the key file is not a key id and 64 hexadecimal digits",
        );
        check(&format!("a {hex}\na {hex}"), "the key file names the key `a` twice");
    }

    #[test]
    fn debug_shows_no_key() {
        let key = MasterKey::generate().unwrap();
        let hex = key.line().trim().split(' ').nth(1).unwrap().to_owned();
        assert!(!format!("{key:?}").contains(&hex));
    }
}
