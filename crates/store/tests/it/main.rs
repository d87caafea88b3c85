//! The contract of the store, held by SQLite and by PostgreSQL, each the real thing.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by a panic and says what it skips"
)]

mod access;
mod audit;
mod backup;
mod commits;
mod damage;
mod harness;
mod jobs;
mod leases;
mod oracle;
mod people;
mod retention;
mod schema;
mod service;
mod standings;
mod stories;
mod valid;
