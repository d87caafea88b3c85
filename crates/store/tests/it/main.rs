#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by a panic and says what it skips"
)]
//! The contract of the store, held by SQLite and by PostgreSQL, each the real thing.

mod commits;
mod harness;
