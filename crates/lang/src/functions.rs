//! The scalar functions, and the names of the aggregating ones.
//!
//! One table: [`find`] looks a name up without regard to case, [`Function::apply`] calls it. Unless a function
//! says otherwise, an unread argument makes the result unread and else a null argument makes it null, so that
//! each function below sees only real values.

pub mod aggregate;
mod convert;
mod graph;
mod list;
mod network;
mod number;
mod policy;
mod text;
pub(crate) mod time;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

pub use self::time::parse_instant;
use crate::error::{ErrorKind, EvalError};
use crate::host::Host;
use crate::ops::{Outcome, absorb};
use crate::types::{Type, TypeSet};
use crate::value::Value;

/// What functions may ask.
#[derive(Clone, Copy)]
pub struct Context<'a, 'g> {
    /// The graph.
    pub host: &'a dyn Host<'g>,
    /// The instant at which the query runs.
    pub now: Timestamp,
    /// The source of `rand()`.
    pub random: &'a Random,
}

impl fmt::Debug for Context<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("now", &self.now).finish_non_exhaustive()
    }
}

/// Numbers that look random and are the same in every run, so that the same query gives the same answer.
#[derive(Debug, Default)]
pub struct Random(AtomicU64);

impl Random {
    /// The next number, at least 0 and below 1.
    pub fn next(&self) -> f64 {
        // SplitMix64 (Steele, Lea, Flood 2014)
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// How a function is called, given arguments whose number fits.
type Body = for<'a, 'g> fn(&Context<'a, 'g>, &[Value<'g>]) -> Outcome<'g>;

/// A function of the language.
pub struct Function {
    /// The name as documented.
    pub name: &'static str,
    /// What each argument may be.
    pub args: &'static [TypeSet],
    /// How many of them must be given.
    pub n_required: usize,
    /// What it gives.
    pub returns: Returns,
    /// What becomes of null and unread arguments.
    nulls: Nulls,
    body: Body,
}

/// What a function gives.
#[derive(Clone, Copy, Debug)]
pub enum Returns {
    /// Nothing is known.
    Any,
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// A floating point number.
    Float,
    /// Text.
    Str,
    /// A list.
    List,
    /// A list of texts.
    Texts,
    /// A list of nodes.
    Nodes,
    /// A list of edges.
    Edges,
    /// A node.
    Node,
    /// A map.
    Map,
    /// An instant.
    DateTime,
    /// A length of time.
    Duration,
    /// The same as the first argument.
    First,
    /// An element of the first argument.
    Element,
}

/// What becomes of null and unread arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nulls {
    /// Either makes the result the same.
    Absorb,
    /// Unread makes the result unread; null is passed in.
    PassNull,
    /// Both are passed in.
    PassBoth,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({})", self.name)
    }
}

impl Function {
    const fn new(
        name: &'static str,
        args: &'static [TypeSet],
        returns: Returns,
        body: Body,
    ) -> Self {
        Self { name, args, n_required: args.len(), returns, nulls: Nulls::Absorb, body }
    }

    /// The last `n` arguments may be left out.
    const fn optional(mut self, n: usize) -> Self {
        self.n_required -= n;
        self
    }

    const fn nulls(mut self, nulls: Nulls) -> Self {
        self.nulls = nulls;
        self
    }

    /// Calls the function.
    ///
    /// # Errors
    /// The number or the types of the arguments do not fit, or the result is out of range.
    pub fn apply<'g>(&self, context: &Context<'_, 'g>, args: &[Value<'g>]) -> Outcome<'g> {
        if !self.takes(args.len()) {
            let message = self.wrong_number(args.len());
            return Err(EvalError::new(ErrorKind::InvalidNumberOfArguments, message));
        }
        if self.nulls != Nulls::PassBoth {
            if let Some(unread) = args.iter().find(|it| it.gap().is_some()) {
                return Ok(unread.clone());
            }
            if self.nulls == Nulls::Absorb && args.iter().any(Value::is_null) {
                return Ok(Value::Null);
            }
        }
        (self.body)(context, args)
    }

    /// Whether it can be called with so many arguments.
    pub fn takes(&self, n_args: usize) -> bool {
        n_args >= self.n_required && (n_args <= self.args.len() || self.takes_any_number())
    }

    /// What an argument may be; the last one declared holds for all that follow.
    pub fn arg(&self, idx: usize) -> TypeSet {
        self.args.get(idx).or(self.args.last()).copied().unwrap_or(TypeSet::ANY)
    }

    fn takes_any_number(&self) -> bool {
        self.name == "coalesce"
    }

    /// Says that the number of arguments is wrong.
    pub fn wrong_number(&self, n_args: usize) -> String {
        let (least, most) = (self.n_required, self.args.len());
        let wanted = match (self.takes_any_number(), least == most) {
            (true, _) => format!("at least {least}"),
            (false, true) => most.to_string(),
            (false, false) => format!("{least} to {most}"),
        };
        let plural = if wanted == "1" { "" } else { "s" };
        format!("`{}` takes {wanted} argument{plural}, not {n_args}", self.name)
    }

    /// Whether equal arguments always give the same result, wherever and whenever the query runs.
    pub fn is_constant(&self) -> bool {
        !matches!(self.name, "rand" | "daysSince" | "datetime" | "date" | "timestamp")
    }

    /// What it gives for arguments of such types.
    pub fn result(&self, args: &[Type]) -> Type {
        let first = || args.first().cloned().unwrap_or_default();
        match self.returns {
            Returns::Any => Type::Any,
            Returns::Bool => Type::Bool,
            Returns::Int => Type::Int,
            Returns::Float => Type::Float,
            Returns::Str => Type::Str,
            Returns::List => Type::list_of(Type::Any),
            Returns::Texts => Type::list_of(Type::Str),
            Returns::Nodes => Type::list_of(Type::node()),
            Returns::Edges => Type::edges(),
            Returns::Node => Type::node(),
            Returns::Map => Type::Map,
            Returns::DateTime => Type::DateTime,
            Returns::Duration => Type::Duration,
            Returns::First if self.name == "coalesce" => {
                args.iter().cloned().fold(Type::Null, coalesced)
            }
            Returns::First => first(),
            Returns::Element => first().element(),
        }
    }
}

/// A document with a default is still that place of the document, for what is read from it.
fn coalesced(so_far: Type, next: Type) -> Type {
    match (&so_far, &next) {
        (Type::Document(_), Type::List(_) | Type::Map | Type::Null) => so_far,
        _ => so_far.or(next),
    }
}

/// All functions that do not aggregate.
pub fn all() -> impl Iterator<Item = &'static Function> {
    const TABLES: [&[Function]; 8] = [
        number::FUNCTIONS,
        text::FUNCTIONS,
        list::FUNCTIONS,
        convert::FUNCTIONS,
        graph::FUNCTIONS,
        time::FUNCTIONS,
        network::FUNCTIONS,
        policy::FUNCTIONS,
    ];
    TABLES.into_iter().flatten()
}

/// The function of a name, whatever its case.
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|it| it.name.eq_ignore_ascii_case(name))
}

/// The nearest name of a function, for error messages.
pub fn nearest(name: &str) -> Option<&'static str> {
    base::nearest(name, all().map(|it| it.name).chain(aggregate::NAMES))
}

/// An argument that does not fit `function`.
fn bad_argument(function: &str, wanted: &str, found: &Value<'_>) -> EvalError {
    let message = format!("`{function}` needs {wanted}, not {}", found.type_name());
    EvalError::new(ErrorKind::InvalidArgumentValue, message)
}

/// A value of a type that `function` cannot work with.
fn bad_value(function: &str, found: &Value<'_>) -> EvalError {
    let message = format!("`{function}` cannot be used on {}", found.type_name());
    EvalError::new(ErrorKind::InvalidArgumentValue, message)
}

/// The text of an argument.
fn text_arg<'v>(function: &str, args: &'v [Value<'_>], idx: usize) -> Result<&'v str, EvalError> {
    let value = args.get(idx).unwrap_or(&Value::Null);
    value.as_str().ok_or_else(|| bad_argument(function, "a string", value))
}

/// The whole number of an argument.
fn int_arg(function: &str, args: &[Value<'_>], idx: usize) -> Result<i64, EvalError> {
    let value = args.get(idx).unwrap_or(&Value::Null);
    value.as_int().ok_or_else(|| bad_argument(function, "an integer", value))
}

/// An argument; null when it was left out.
fn arg<'g>(args: &[Value<'g>], idx: usize) -> Value<'g> {
    args.get(idx).cloned().unwrap_or(Value::Null)
}

/// The result of a function over two values, unless one is null or unread.
fn absorbing<'g>(a: &Value<'g>, b: &Value<'g>, otherwise: impl FnOnce() -> Value<'g>) -> Value<'g> {
    absorb(&[a, b]).unwrap_or_else(otherwise)
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::eval::{ConstantEnv, eval};
    use crate::parse::parse_expression;

    /// The value of an expression over constants at 2026-11-21T00:00:00Z, or the kind of the error.
    pub(crate) fn value_of(source: &str) -> String {
        let expr = parse_expression(source).unwrap();
        match eval(&expr, &ConstantEnv::new("2026-11-21T00:00:00Z".parse().unwrap())) {
            Ok(value) => value.to_string(),
            Err(error) => error.kind.name(),
        }
    }

    #[track_caller]
    pub(crate) fn check(source: &str, want: &str) {
        assert_eq!(value_of(source), want, "{source}");
    }

    #[test]
    fn names_are_found_in_any_case_and_are_unique() {
        assert_eq!(super::find("TOLOWER").unwrap().name, "toLower");
        let mut names: Vec<String> = super::all().map(|it| it.name.to_lowercase()).collect();
        let n_names = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), n_names);
    }

    #[test]
    fn null_is_absorbed() {
        check("toLower(null)", "null");
        check("substring('a', null)", "null");
        check("coalesce(null, 1, 2)", "1");
        check("coalesce(null, null)", "null");
    }

    #[test]
    fn number_of_arguments() {
        check("toLower()", "InvalidNumberOfArguments");
        check("coalesce()", "InvalidNumberOfArguments");
    }
}
