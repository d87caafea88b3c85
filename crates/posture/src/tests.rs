//! The engine against the shipped content.

mod bounded;
mod incremental;
mod stored;
mod time;
mod world;
