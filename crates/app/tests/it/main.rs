//! Whole-system tests: the built binary on files, as a user runs it.

mod bad_input;
mod command;
mod exports;
mod report;
mod schema;
