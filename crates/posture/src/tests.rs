//! The engine against the shipped content.

mod bounded;
mod exempt;
mod incremental;
mod stored;
mod time;
mod world;
