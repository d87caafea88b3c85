//! `merlon generate`: writes a made-up estate to a folder.

use std::fs;
use std::io::Write;

use anyhow::Context as _;

use crate::cli::Generate;
use crate::generate::{GenerateOptions, generate};

pub(crate) fn run(arguments: &Generate, out: &mut dyn Write) -> anyhow::Result<u8> {
    let folder = &arguments.out;
    fs::create_dir_all(folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    let is_empty = fs::read_dir(folder)?.next().is_none();
    anyhow::ensure!(is_empty, "`{}` is not empty", folder.display());
    let options = GenerateOptions { resources: arguments.resources, seed: arguments.seed };
    let mut n_files = 0_u64;
    let mut n_bytes = 0_u64;
    generate(&options, &mut |path, bytes| {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&file, bytes)
            .with_context(|| format!("`{}` cannot be written", file.display()))?;
        n_files += 1;
        n_bytes += bytes.len() as u64;
        Ok(())
    })?;
    writeln!(
        out,
        "{} resources in {n_files} files, {:.1} MB; manifest.json lists what was planted",
        arguments.resources,
        n_bytes as f64 / 1e6
    )?;
    Ok(0)
}
