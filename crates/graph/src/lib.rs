//! The security graph in memory and its queries: openCypher, planned and compiled.
//!
//! In: nodes with documents and edges, from [`GraphBuilder`]; texts of queries. Out: rows, and for
//! checks the worth of a condition at one node.
//!
//! Not here: where nodes come from, what a check means, files, threads, a clock.

mod aggregate;
pub mod bench;
mod compile;
pub mod csv;
mod error;
mod exec;
mod footprint;
mod host;
mod names;
mod normal;
mod ops;
mod plan;
mod predicate;
mod project;
mod query;
mod run;
mod store;
mod watch;

pub use compile::Params;
pub use error::Error;
pub use footprint::{
    Footprint, FootprintNode, FootprintStep, MAX_HOPS, Paths, StepDirection, footprints_of_parts,
};
pub use lang::check::Schema;
pub use predicate::{Bound, Predicate};
pub use query::{Context, Query, Rows};
pub use run::{Bound as LimitKind, Limits};
pub use store::{
    Delta, EdgeProvider, EdgeType, EdgeView, Evidence, FORMAT_VERSION, FileError, Graph,
    GraphBuilder, NodeMeta, Stamp, Touched, Way,
};
pub use watch::Watch;

#[cfg(test)]
mod tests;
