//! Errors of a query: before it runs ([`QueryError`], with a place) and while it runs ([`EvalError`]).
//!
//! The kinds are the names of the openCypher Technology Compatibility Kit, so that its scenarios can be held
//! against them; a few of our own follow at the end of [`ErrorKind`].

use std::fmt;

use crate::ast::Span;

/// The short name of [`QueryError`].
pub use self::QueryError as Error;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// The text is not what the grammar expects here.
    UnexpectedSyntax,
    /// A character that the language does not use.
    InvalidUnicodeCharacter,
    /// `\u` without its four hexadecimal digits.
    InvalidUnicodeLiteral,
    /// A number that cannot be read.
    InvalidNumberLiteral,
    /// A whole number beyond 64 bits, written or computed.
    IntegerOverflow,
    /// A floating point number beyond the largest.
    FloatingPointOverflow,
    /// An edge in brackets that cannot be read.
    InvalidRelationshipPattern,
    /// A variable that nothing introduces.
    UndefinedVariable,
    /// A variable that is introduced a second time.
    VariableAlreadyBound,
    /// A variable used as a node here and as something else there.
    VariableTypeConflict,
    /// One edge variable twice in a pattern.
    RelationshipUniquenessViolation,
    /// An aggregating function where rows are not grouped.
    InvalidAggregation,
    /// An aggregating function inside another.
    NestedAggregation,
    /// An expression that mixes aggregation with what is not grouped by.
    AmbiguousAggregationExpression,
    /// `RETURN *` with nothing in scope.
    NoVariablesInScope,
    /// Two columns of one name.
    ColumnNameConflict,
    /// An expression in `WITH` without `AS`.
    NoExpressionAlias,
    /// The parts of a `UNION` have different columns.
    DifferentColumnsInUnion,
    /// Clauses in an order or a place that makes no query.
    InvalidClauseComposition,
    /// A parameter in place of a map of properties.
    InvalidParameterUse,
    /// A value of a type that does not fit here.
    InvalidArgumentType,
    /// A value that does not fit here.
    InvalidArgumentValue,
    /// `DISTINCT` in a function that does not aggregate.
    InvalidArgumentPassingMode,
    /// Something that varies from row to row where a constant is needed.
    NonConstantExpression,
    /// A negative number where a count is needed.
    NegativeIntegerArgument,
    /// A number out of the range of an argument.
    NumberOutOfRange,
    /// A function that does not exist.
    UnknownFunction,
    /// Too few or too many arguments.
    InvalidNumberOfArguments,
    /// `CREATE` of an edge without direction.
    RequiresDirectedRelationship,
    /// `CREATE` of an edge with a length.
    CreatingVarLength,
    /// `CREATE` of an edge without exactly one type.
    NoSingleRelationshipType,
    /// A parameter without a value.
    MissingParameter,
    /// Division of a whole number by zero.
    DivisionByZero,
    /// Ours: a clause of openCypher that this language does not have (all that write, and procedures).
    UnsupportedClause,
    /// Ours: a construct of openCypher that this language does not have.
    UnsupportedSyntax,
    /// Ours: a query that is too long or too deeply nested.
    LimitExceeded,
    /// Ours: a label that the schema does not know.
    UnknownLabel,
    /// Ours: an edge type that the schema does not know.
    UnknownEdgeType,
    /// Ours: a property that the schema does not know.
    UnknownProperty,
}

impl ErrorKind {
    /// The name of the kind, as the Technology Compatibility Kit spells it.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// The class of the error in the Technology Compatibility Kit, when it arises before the query runs.
    pub fn class(self) -> &'static str {
        match self {
            Self::MissingParameter => "ParameterMissing",
            Self::InvalidArgumentValue => "TypeError",
            Self::NumberOutOfRange | Self::DivisionByZero => "ArgumentError",
            _ => "SyntaxError",
        }
    }
}

/// Why a query cannot run, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryError {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The same for people: lower case, names the thing in back-ticks, no full stop.
    pub message: String,
    /// Where, in bytes.
    pub span: Span,
    /// The line of its start, counted from 1.
    pub line: u32,
    /// The character of its start within the line, counted from 1.
    pub column: u32,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl QueryError {
    /// An error at `span` of `source`.
    pub fn new(source: &str, kind: ErrorKind, span: Span, message: impl Into<String>) -> Self {
        let (line, column) = line_column(source, span.start as usize);
        Self { kind, message: message.into(), span, line, column, suggestion: None }
    }

    /// The same with what was probably meant.
    #[must_use]
    pub fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

/// Line and character of a byte offset, counted from 1.
pub fn line_column(source: &str, offset: usize) -> (u32, u32) {
    let before = source.get(..offset).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line as u32, column as u32)
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " (did you mean `{suggestion}`?)"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for QueryError {}

/// Why an expression has no value. The place is known to who evaluates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EvalError {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The same for people: lower case, names the thing in back-ticks, no full stop.
    pub message: String,
}

impl EvalError {
    /// An error while evaluating.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// `what` needs `wanted` but was given a value of the type `found`.
    pub fn bad_type(what: &str, wanted: &str, found: &str) -> Self {
        let message = format!("{what} needs {wanted}, not {found}");
        Self::new(ErrorKind::InvalidArgumentType, message)
    }
}
