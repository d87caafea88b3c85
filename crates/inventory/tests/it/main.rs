//! Integration tests: cases of kinds, rubbish, properties, and the recorded exports.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test helper that meets what it does not expect fails its test"
)]

mod cases;
mod contains;
mod exports;
mod findings;
mod formats;
mod living;
mod merging;
mod properties;
mod rubbish;
mod support;
