//! `merlon key pair`, `sign` and `verify`: signatures of files, as minisign has them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use zeroize::Zeroizing;

use crate::config::unreadable;
use crate::signature::{PublicKey, SecretKey};

/// Only the owner reads and writes.
const PRIVATE: u32 = 0o600;

/// Makes a key that signs, in `file`, and the key that checks, beside it.
pub(crate) fn pair(file: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let key = SecretKey::generate(&SystemRandom::new())?;
    let beside = with_end(file, "pub");
    let make = |path: &Path, mode: u32, text: &str| {
        let made = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
        let mut made = made.with_context(|| format!("`{}` cannot be made", path.display()))?;
        made.write_all(text.as_bytes())?;
        Ok::<_, anyhow::Error>(made.sync_all()?)
    };
    make(file, PRIVATE, &key.text())?;
    make(&beside, 0o644, &key.public().text())?;
    writeln!(
        out,
        "made `{}`, which signs, and `{}`, which checks",
        file.display(),
        beside.display()
    )?;
    Ok(())
}

/// Signs a file; the signature lies beside it.
pub(crate) fn sign(file: &Path, key: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let bytes = fs::read(file).map_err(|error| unreadable(file, &error))?;
    let beside = sign_bytes(file, &bytes, &secret_key(key)?)?;
    writeln!(out, "signed: `{}`", beside.display())?;
    Ok(())
}

/// Writes the signature of a file with these bytes beside it; gives its path.
pub(crate) fn sign_bytes(file: &Path, bytes: &[u8], key: &SecretKey) -> anyhow::Result<PathBuf> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let comment = format!("timestamp:{}\tfile:{name}\thashed", Timestamp::now().as_second());
    let beside = with_end(file, "minisig");
    let written = fs::write(&beside, key.sign(bytes, &comment)?);
    written.with_context(|| format!("`{}` cannot be written", beside.display()))?;
    Ok(beside)
}

/// Checks a file with the signature beside it.
pub(crate) fn verify(file: &Path, trust: &str, out: &mut dyn Write) -> anyhow::Result<()> {
    let bytes = fs::read(file).map_err(|error| unreadable(file, &error))?;
    let comment = verified(file, &bytes, None, trust)?;
    writeln!(out, "`{}` is as it was signed ({})", file.display(), comment.escape_default())?;
    Ok(())
}

/// Checks the bytes of a file with its signature (beside it, unless named); gives the trusted comment.
pub(crate) fn verified(
    file: &Path,
    bytes: &[u8],
    signature: Option<&Path>,
    trust: &str,
) -> anyhow::Result<String> {
    let beside = with_end(file, "minisig");
    let signature = signature.unwrap_or(&beside);
    let text = fs::read_to_string(signature).map_err(|error| unreadable(signature, &error))?;
    let checked = public_key(trust)?.verify(bytes, &text);
    checked.with_context(|| format!("`{}` is not trusted", file.display()))
}

/// The key in a file, or the line of it itself.
fn public_key(trust: &str) -> anyhow::Result<PublicKey> {
    if let Ok(key) = PublicKey::parse(trust) {
        return Ok(key);
    }
    let path = Path::new(trust);
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    PublicKey::parse(&text).with_context(|| format!("`{trust}`"))
}

/// The key in a file that only its owner reads.
pub(crate) fn secret_key(path: &Path) -> anyhow::Result<SecretKey> {
    let about = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let mode = about.permissions().mode() & 0o777;
    let name = path.display();
    let of_others = mode & 0o077;
    ensure!(of_others == 0, "others can read `{name}` (mode {mode:03o}): `chmod 600` it");
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    SecretKey::parse(&Zeroizing::new(text)).with_context(|| format!("`{name}`"))
}

/// `name.end` of `name`.
fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    PathBuf::from(name)
}
