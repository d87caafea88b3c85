//! `merlon content bundle`, `update`, `roll-back`, `remove` and `installed`: content that comes in signed files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use jiff::Timestamp;
use serde_json::json;
use store::AuditEntry;

use crate::cli::{BundleContent, UpdateContent};
use crate::config::{self, Environment, Place};
use crate::{bundle, content_command, kept, library, sign_command, when};

/// Exit code when a bundle is not taken.
const REFUSED: u8 = 2;

/// Packs a folder into a bundle, once everything in it passes, and signs it.
pub(crate) fn make(arguments: &BundleContent, out: &mut dyn Write) -> anyhow::Result<u8> {
    let key = sign_command::secret_key(&arguments.key)?;
    let files = library::read_content(&arguments.folder)?;
    ensure!(!files.is_empty(), "`{}` holds no content", arguments.folder.display());
    if !is_sound(&arguments.folder, out)? {
        return Ok(REFUSED);
    }
    let version = arguments.version.unwrap_or_else(|| version_of(Timestamp::now()));
    let bytes = bundle::pack(&files, version)?;
    let path = &arguments.output;
    fs::write(path, &bytes).with_context(|| format!("`{}` cannot be written", path.display()))?;
    let beside = sign_command::sign_bytes(path, &bytes, &key)?;
    let (path, beside, n) = (path.display(), beside.display(), files.len());
    writeln!(out, "packed {n} files as version {version}: `{path}`, signed: `{beside}`")?;
    Ok(0)
}

/// A version that grows with time: `20261122103000`.
fn version_of(now: Timestamp) -> u64 {
    now.strftime("%Y%m%d%H%M%S").to_string().parse().unwrap_or(0)
}

/// Puts a bundle in force that a trusted key has signed and that passes together with what is built in.
pub(crate) fn update(arguments: &UpdateContent, out: &mut dyn Write) -> anyhow::Result<u8> {
    let UpdateContent { file, trust, signature, older, place } = arguments;
    let folder = folder_of(place)?;
    let bytes = bundle::read(file)?;
    sign_command::verified(file, &bytes, signature.as_deref(), trust)?;
    let version = bundle::unpack(&bytes)?.about.version;
    if let Some(current) = bundle::current(&folder)? {
        let in_force = current.version;
        if version == in_force {
            writeln!(out, "version {version} is in force already")?;
            return Ok(0);
        }
        ensure!(
            version > in_force || *older,
            "version {version} is older than {in_force}, which is in force: --older takes it all the same"
        );
    }
    if !is_sound(file, out)? {
        writeln!(out, "version {version} is not taken")?;
        return Ok(REFUSED);
    }
    let beside = PathBuf::from(format!("{}.minisig", file.display()));
    let signature = signature.as_ref().unwrap_or(&beside);
    let signature = fs::read_to_string(signature).context("the signature is gone")?;
    // First the record: what is in force must stand there, even when the next step fails.
    note(place, "content.update", version)?;
    bundle::install(&folder, version, &bytes, &signature)?;
    writeln!(out, "version {version} is in force from the next start of a server or command on")?;
    Ok(0)
}

/// Puts the version before in force again.
pub(crate) fn roll_back(place: &Place, out: &mut dyn Write) -> anyhow::Result<u8> {
    let folder = folder_of(place)?;
    note(
        place,
        "content.rollBack",
        bundle::current(&folder)?.and_then(|it| it.previous).unwrap_or(0),
    )?;
    let (from, to) = bundle::roll_back(&folder)?;
    writeln!(
        out,
        "version {to} is in force again, in the place of {from}, from the next start on"
    )?;
    Ok(0)
}

/// Takes what was installed out of force.
pub(crate) fn remove(place: &Place, out: &mut dyn Write) -> anyhow::Result<u8> {
    let folder = folder_of(place)?;
    ensure!(bundle::current(&folder)?.is_some(), "no content was installed here");
    note(place, "content.remove", 0)?;
    bundle::remove(&folder)?;
    writeln!(out, "what is built in counts again, from the next start on")?;
    Ok(0)
}

/// Says what is in force.
pub(crate) fn installed(place: &Place, out: &mut dyn Write) -> anyhow::Result<u8> {
    match bundle::current(&folder_of(place)?)? {
        Some(current) => {
            writeln!(out, "version {}", current.version)?;
            if let Some(previous) = current.previous {
                writeln!(out, "before that: version {previous}")?;
            }
        }
        None => writeln!(out, "what is built in")?,
    }
    Ok(0)
}

/// Whether content passes together with what is built in; what does not is said.
fn is_sound(content: &Path, out: &mut dyn Write) -> anyhow::Result<bool> {
    Ok(content_command::check_over(content, out)? == 0)
}

/// Where content is installed: in the data folder, or in the folder of this machine beside a PostgreSQL.
fn folder_of(place: &Place) -> anyhow::Result<PathBuf> {
    let loaded = config::load(place, Vec::new(), &Environment::of_process())?;
    match config::cache(&loaded.config) {
        Some(folder) => Ok(folder),
        None => {
            bail!("with PostgreSQL content is installed in `store.cache`: set it, or use --content")
        }
    }
}

/// Writes who changed the content into the audit log.
fn note(place: &Place, action: &str, version: u64) -> anyhow::Result<()> {
    let entry = AuditEntry {
        action: action.to_owned(),
        object: "content".to_owned(),
        detail: json!({ "version": version }),
    };
    let now = when::now();
    kept::with(place, now, async |kept| {
        kept.store.add_tenant(&kept.access, "first", now).await?;
        Ok(kept.store.audit(&kept.access, now, entry).await?)
    })
}

/// The file of the content that is installed where a command works; `None` when there is none. What is wrong with the
/// configuration is said by the command itself.
pub(crate) fn in_force(place: &Place) -> anyhow::Result<Option<PathBuf>> {
    let Ok(loaded) = config::load(place, Vec::new(), &Environment::of_process()) else {
        return Ok(None);
    };
    let Some(folder) = config::cache(&loaded.config) else { return Ok(None) };
    let current = bundle::current(&folder)?;
    Ok(current.map(|it| bundle::path(&folder, it.version)))
}

/// The content of a file or folder.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<content::ContentFile>> {
    let bytes = bundle::read(path)?;
    ensure!(bundle::is_bundle(&bytes), "`{}` is neither a folder nor a bundle", path.display());
    let read = bundle::unpack(&bytes);
    Ok(read.with_context(|| format!("`{}`", path.display()))?.files)
}

#[cfg(test)]
mod tests {
    use content::ContentFile;
    use testkit::Folder;

    use super::*;

    #[test]
    fn what_does_not_pass_does_not_come_into_force() {
        let folder = Folder::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut out = Vec::new();
        sign_command::pair(&at("key"), &mut out).unwrap();
        let file = ContentFile {
            path: "checks/azure/storage/no-check.check.yaml".to_owned(),
            bytes: b"id: azure.storage.no-check\n".to_vec(),
        };
        let bytes = bundle::pack(&[file], 9).unwrap();
        fs::write(at("b"), &bytes).unwrap();
        let key = sign_command::secret_key(&at("key")).unwrap();
        sign_command::sign_bytes(&at("b"), &bytes, &key).unwrap();
        let arguments = UpdateContent {
            file: at("b"),
            trust: at("key.pub").to_string_lossy().into_owned(),
            signature: None,
            older: false,
            place: Place { data: Some(at("data")), ..Place::default() },
        };
        assert_eq!(update(&arguments, &mut out).unwrap(), REFUSED);
        let said = String::from_utf8(out).unwrap();
        assert!(said.contains("no-check.check.yaml") && said.contains("is not taken"), "{said}");
        assert_eq!(bundle::current(&at("data")).unwrap(), None);
    }
}
