//! Queries and conditions over small graphs that are written as text.

mod exists;
mod paths;
mod profile;
mod rows;
pub(crate) mod sketch;
mod unread;
