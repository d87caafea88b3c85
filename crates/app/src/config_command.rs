//! `merlon config`: is the configuration right, what is in force, what can be set.

use std::io::Write;

use crate::cli::ConfigCommand;
use crate::config::{self, Environment};

/// The command line or the configuration is wrong.
const WRONG: u8 = 2;

pub(crate) fn run(command: &ConfigCommand, out: &mut dyn Write) -> anyhow::Result<u8> {
    match command {
        ConfigCommand::Check { place } => {
            match config::load(place, Vec::new(), &Environment::of_process()) {
                Ok(loaded) => {
                    match loaded.file {
                        Some(file) => writeln!(out, "`{}` is in order", file.display())?,
                        None => writeln!(out, "the configuration is in order (there is no file)")?,
                    }
                    Ok(0)
                }
                Err(problems) => {
                    for problem in &problems.0 {
                        writeln!(out, "{problem}")?;
                    }
                    Ok(WRONG)
                }
            }
        }
        ConfigCommand::Show { place } => {
            let loaded = config::load(place, Vec::new(), &Environment::of_process())?;
            let mut section = "";
            for (key, value, origin) in &loaded.shown {
                if key.section != section {
                    let gap = if section.is_empty() { "" } else { "\n" };
                    writeln!(out, "{gap}[{}]", key.section)?;
                    section = key.section;
                }
                let setting = format!("{} = {value:?}", key.name);
                writeln!(out, "{setting:<40} # {origin}")?;
            }
            Ok(0)
        }
    }
}
