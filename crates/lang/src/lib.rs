//! The query language: openCypher, read-only, from text to a checked tree, and what its values mean.
//!
//! In: the text of a query or of a single expression. Out: an [`ast`] with positions, errors that name
//! the place, [`value::Value`]s with the language's comparisons, and the scalar functions.
//!
//! Not here: a graph, a plan, an executor (`graph`).

pub mod ast;
pub mod check;
pub mod error;
pub mod eval;
pub mod functions;
pub mod host;
pub mod ops;
pub mod parse;
pub mod period;
mod print;
pub mod search;
pub mod types;
pub mod value;

pub use check::{Checked, Options, Schema, check_condition, check_expression, check_query};
pub use error::{Error, ErrorKind, EvalError, QueryError};
pub use eval::{Env, eval};
pub use functions::{Context, Function, Random};
pub use host::{Host, NoGraph};
pub use parse::{parse_expression, parse_query};
pub use period::Period;
pub use search::Search;
pub use types::Type;
pub use value::{EdgeId, GapId, NodeId, Truth, Value};
