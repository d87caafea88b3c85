//! The engine against the shipped content.

mod incremental;
mod world;
