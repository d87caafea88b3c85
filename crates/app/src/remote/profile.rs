//! Tokens that `merlon login` keeps for later: one file that only its owner may read.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Server, address_of, who};
use crate::config::{Environment, unreadable};
use crate::kept;

/// What is kept of one server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ca: Option<PathBuf>,
}

type Profiles = BTreeMap<String, Profile>;

/// The file of the tokens: in the folder for configuration of this person.
fn file(environment: &Environment) -> anyhow::Result<PathBuf> {
    let of_person = environment.get("XDG_CONFIG_HOME").filter(|it| !it.is_empty());
    let folder = match (of_person, environment.get("HOME")) {
        (Some(folder), _) => PathBuf::from(folder),
        (None, Some(home)) => Path::new(home).join(".config"),
        (None, None) => anyhow::bail!("neither `XDG_CONFIG_HOME` nor `HOME` says where to keep it"),
    };
    Ok(folder.join("merlon").join("servers.json"))
}

fn read(path: &Path) -> anyhow::Result<Profiles> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Profiles::new()),
        Err(error) => return Err(unreadable(path, &error)),
    };
    must_be_private(path)?;
    serde_json::from_str(&text).map_err(|_| anyhow::anyhow!("`{}` is damaged", path.display()))
}

/// Refuses a file that others may read: what stands in it is no secret any more.
#[cfg(unix)]
fn must_be_private(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = fs::metadata(path).map_err(|error| unreadable(path, &error))?.permissions().mode();
    let shown = path.display();
    // The six lowest bits are those of the group and of all others.
    ensure!(
        mode.trailing_zeros() >= 6,
        "others may read `{shown}`: chmod 600, and get other tokens"
    );
    Ok(())
}

#[cfg(not(unix))]
fn must_be_private(_: &Path) -> anyhow::Result<()> {
    Ok(())
}

/// Writes the file whole or not at all; nobody but its owner can read it at any moment.
fn write(path: &Path, profiles: &Profiles) -> anyhow::Result<()> {
    let cannot = || format!("`{}` cannot be written", path.display());
    let folder = path.parent().with_context(cannot)?;
    fs::create_dir_all(folder).with_context(cannot)?;
    let text = Zeroizing::new(serde_json::to_string_pretty(profiles)?);
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).with_context(cannot)?;
    let done = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    done.and_then(|()| fs::rename(&beside, path)).with_context(cannot)
}

/// What is kept of a server.
pub(super) fn of(environment: &Environment, base: &Url) -> anyhow::Result<Option<Profile>> {
    let Ok(path) = file(environment) else { return Ok(None) };
    Ok(read(&path)?.remove(base.as_str()))
}

/// The token in a file.
pub(super) fn token_in(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    Ok(Zeroizing::new(Zeroizing::new(text).trim().to_owned()))
}

/// The token on standard input.
fn typed(base: &Url, out: &mut dyn Write) -> anyhow::Result<Zeroizing<String>> {
    if io::stdin().is_terminal() {
        write!(out, "token for {base}: ")?;
        out.flush()?;
    }
    let mut line = Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
    Ok(Zeroizing::new(line.trim().to_owned()))
}

/// Takes a token from a file or from standard input, tries it, and keeps it.
pub(crate) fn log_in(
    address: &str,
    ca: Option<&Path>,
    token_file: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let base = address_of(address)?;
    let token = if let Some(path) = token_file { token_in(path)? } else { typed(&base, out)? };
    ensure!(!token.is_empty(), "there is no token");
    let ca = ca.map(std::path::absolute).transpose().context("the working directory is gone")?;
    let server = Server::new(base.clone(), token.clone(), ca.as_deref())?;
    let name = kept::run(async { who(&server).await })?;
    let path = file(&Environment::of_process())?;
    let mut profiles = read(&path)?;
    profiles.insert(base.to_string(), Profile { token: token.to_string(), ca });
    write(&path, &profiles)?;
    writeln!(out, "{base} takes the token of `{name}`; it is kept in {}", path.display())?;
    Ok(0)
}

/// Forgets the token of a server. It counts until it is ended there.
pub(crate) fn log_out(address: &str, out: &mut dyn Write) -> anyhow::Result<u8> {
    let base = address_of(address)?;
    let path = file(&Environment::of_process())?;
    let mut profiles = read(&path)?;
    ensure!(profiles.remove(base.as_str()).is_some(), "no token is kept for {base}");
    write(&path, &profiles)?;
    writeln!(out, "forgotten; the token counts until somebody ends it on the server")?;
    Ok(0)
}
