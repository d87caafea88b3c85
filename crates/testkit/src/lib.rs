//! What tests of several rooms need: a throw-away PostgreSQL, folders that go away, disks that fill up, certificates.
//!
//! A dev-dependency only; nothing of the product uses it.

mod certificate;
mod disk;
mod folder;
mod postgres;

pub use certificate::Authority;
pub use disk::Disk;
pub use folder::Folder;
pub use postgres::{Postgres, Server};

#[expect(clippy::disallowed_methods, reason = "tests need programs; no room of the product does")]
fn command(program: impl AsRef<std::ffi::OsStr>) -> std::process::Command {
    std::process::Command::new(program)
}
