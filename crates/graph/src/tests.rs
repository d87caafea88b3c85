//! Queries and conditions over small graphs that are written as text.

mod affected;
mod changes;
mod computed;
mod exists;
mod file;
mod lookups;
mod oracle;
mod paths;
mod profile;
mod properties;
mod rows;
mod searches;
pub(crate) mod sketch;
mod unread;
