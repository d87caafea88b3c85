//! What tests of several rooms need: a throw-away PostgreSQL, folders that go away.
//!
//! A dev-dependency only; nothing of the product uses it.

mod folder;
mod postgres;

pub use folder::Folder;
pub use postgres::{Postgres, Server};
