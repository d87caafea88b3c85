//! The interface as clients see it: the router over a real database.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod client;
mod document;
mod doors;
mod factors;
mod limits;
mod passkeys;
mod people;
mod provider;
mod searches;
mod sessions;
mod sign_in;
