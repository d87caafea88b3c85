//! What every room may use and no room owns: near names for error messages, problems as data,
//! chains of errors, blocks with checksums.
//!
//! Nothing here knows a cloud, a rule or a file format.

pub mod blocks;
mod chain;
mod nearest;
mod problem;

pub use chain::chain;
pub use nearest::nearest;
pub use problem::{Problem, Problems};
