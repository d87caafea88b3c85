//! `merlon key`: its commands.

use std::path::PathBuf;

use clap::Subcommand;

use crate::config::Place;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Put a new key in front of those in a key file, which is made when it is missing.
    New {
        /// The key file; not in the data folder.
        file: PathBuf,
    },
    /// Seal the secret on standard input for one setting; prints what to write there.
    Seal {
        /// The setting, such as `store.database`.
        setting: String,
        #[command(flatten)]
        place: Place,
    },
    /// Make a key that signs files, and beside it (`.pub`) the one that checks them.
    Pair {
        /// The key that signs; only its owner reads it.
        file: PathBuf,
    },
    /// Sign a file; the signature lies beside it (`.minisig`).
    Sign {
        /// The file.
        file: PathBuf,
        /// The key that signs.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Check a file with the signature beside it.
    Verify {
        /// The file.
        file: PathBuf,
        /// The key that must have signed it: its file, or the text in it.
        #[arg(long, value_name = "KEY")]
        trust: String,
    },
    /// Seal everything that is sealed anew with the first key of the key file.
    Rotate {
        #[command(flatten)]
        place: Place,
    },
}
