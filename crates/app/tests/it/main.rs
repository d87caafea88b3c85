//! Whole-system tests: the built binary on files, as a user runs it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: a failure here fails the test"
)]

mod access;
mod api;
mod attack;
mod bad_input;
mod bundle;
mod command;
mod configuration;
mod content;
mod critical;
mod edge;
mod exports;
mod faults;
mod follow;
mod hostile;
mod kept;
mod kill;
mod kill_served;
mod remote;
mod report;
mod schema;
mod serve;
mod server;
mod sessions;
mod worker;
