//! The security graph in memory and its queries: openCypher, planned and compiled.
//!
//! In: nodes with documents and edges, from [`GraphBuilder`] or [`csv`]; texts of queries.
//! Out: rows, and for checks the worth of a condition at one node.
//!
//! Not here: where nodes come from, what a check means, files, threads, a clock.

mod store;

pub use store::{Delta, EdgeProvider, EdgeType, Evidence, Graph, GraphBuilder, NodeMeta, Way};
