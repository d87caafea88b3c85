//! The engine against the shipped content.

mod bounded;
mod exempt;
mod incremental;
mod marks;
mod stored;
mod time;
mod world;
