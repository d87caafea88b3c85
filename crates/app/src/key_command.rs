//! `merlon key`: make master keys, seal secrets with them, move to a new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use zeroize::Zeroizing;

use crate::cli::KeyCommand;
use crate::config::{self, Environment, KEYS, Loaded};
use crate::seal::{MasterKey, Ring};
use crate::sign_command;

/// Only the owner reads and writes.
const PRIVATE: u32 = 0o600;

pub(crate) fn run(command: &KeyCommand, out: &mut dyn Write) -> anyhow::Result<u8> {
    match command {
        KeyCommand::New { file } => new(file, out)?,
        KeyCommand::Seal { setting, place } => {
            let mut secret = Zeroizing::new(String::new());
            io::stdin().read_to_string(&mut secret).context("standard input cannot be read")?;
            seal(setting, &config_of(place)?, secret.trim_end_matches(['\r', '\n']), out)?;
        }
        KeyCommand::Pair { file } => sign_command::pair(file, out)?,
        KeyCommand::Sign { file, key } => sign_command::sign(file, key, out)?,
        KeyCommand::Verify { file, trust } => sign_command::verify(file, trust, out)?,
        KeyCommand::Rotate { place } => rotate(&config_of(place)?, out)?,
    }
    Ok(0)
}

fn config_of(place: &config::Place) -> anyhow::Result<Loaded> {
    Ok(config::load(place, Vec::new(), &Environment::of_process())?)
}

/// Puts a new key in front of those in the file; makes the file when it is missing.
fn new(file: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let key = MasterKey::generate()?;
    let line = key.line();
    if file.exists() {
        // What is no key file, or is open to others, is not written to.
        Ring::from_file(file, None)?;
        let old = Zeroizing::new(fs::read(file).map_err(|it| config::unreadable(file, &it))?);
        replace(file, &[line.as_bytes(), &old], PRIVATE)?;
    } else {
        let mut made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(PRIVATE)
            .open(file)
            .with_context(|| format!("`{}` cannot be made", file.display()))?;
        made.write_all(line.as_bytes())?;
        made.sync_all()?;
    }
    writeln!(
        out,
        "made the key `{}`: it seals from now on; keep a copy of the file apart from back-ups",
        key.id
    )?;
    Ok(())
}

fn seal(setting: &str, loaded: &Loaded, secret: &str, out: &mut dyn Write) -> anyhow::Result<()> {
    let secrets: Vec<String> = KEYS
        .iter()
        .filter(|it| it.is_secret && it.section != "key")
        .map(config::Key::path)
        .collect();
    if !secrets.iter().any(|it| it == setting) {
        bail!("`{setting}` is no secret setting; there are: {}", secrets.join(", "));
    }
    ensure!(!secret.is_empty(), "there is nothing to seal: pass the secret on standard input");
    writeln!(out, "{}", loaded.ring.seal(&config::purpose(setting), secret.as_bytes())?)?;
    Ok(())
}

/// Seals everything anew with the current key.
fn rotate(loaded: &Loaded, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(current) = loaded.ring.current() else { bail!("there is no master key") };
    if let Some(file) = &loaded.file {
        let text = fs::read_to_string(file).map_err(|it| config::unreadable(file, &it))?;
        let (anew, settings) =
            config::reseal(&text, &loaded.ring).with_context(|| format!("`{}`", file.display()))?;
        if !settings.is_empty() {
            let mode = fs::metadata(file)?.permissions().mode() & 0o777;
            replace(file, &[anew.as_bytes()], mode)?;
        }
        for setting in settings {
            writeln!(out, "sealed `{setting}` with the key `{}`", current.id)?;
        }
    }
    for id in loaded.ring.former() {
        writeln!(
            out,
            "nothing in this configuration needs the key `{id}` any more: remove its line when no copy of the file does"
        )?;
    }
    Ok(())
}

/// Replaces a file as a whole: after a crash it is the old one or the new one.
fn replace(file: &Path, parts: &[&[u8]], mode: u32) -> anyhow::Result<()> {
    let whole = || format!("`{}` cannot be replaced", file.display());
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = file.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = folder.join(format!(".{name}.new"));
    let mut made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&beside)
        .with_context(|| format!("`{}` cannot be made", beside.display()))?;
    for part in parts {
        made.write_all(part).with_context(whole)?;
    }
    made.sync_all().with_context(whole)?;
    fs::rename(&beside, file).with_context(whole)?;
    File::open(folder).and_then(|it| it.sync_all()).with_context(whole)
}
