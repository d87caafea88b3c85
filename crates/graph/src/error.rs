//! Why a query has no answer.

use lang::error::{ErrorKind, EvalError};

use crate::run::{Bound, Failure};

/// Why a query cannot be compiled or run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(clippy::error_impl_error, reason = "the one error of the room: `graph::Error`")]
pub enum Error {
    /// The text is no query of the language; has the place.
    #[error(transparent)]
    Query(#[from] lang::error::Error),
    /// An expression has no value.
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// A bound of [`crate::Limits`] was hit.
    #[error("the query needs more {} than it may use", .0.name())]
    Limit(Bound),
    /// A query that may not be a check's condition.
    #[error("{0}")]
    Profile(String),
}

impl From<Box<Failure>> for Error {
    fn from(failure: Box<Failure>) -> Self {
        match *failure {
            Failure::Eval(error) => Self::Eval(error),
            Failure::Limit(bound) => Self::Limit(bound),
        }
    }
}

impl Error {
    pub(crate) fn missing_parameter(name: &str) -> Self {
        let message = format!("parameter `{name}` has no value");
        Self::Eval(EvalError::new(ErrorKind::MissingParameter, message))
    }

    pub(crate) fn undefined(name: &str) -> Self {
        let message = format!("variable `{name}` is not defined");
        Self::Eval(EvalError::new(ErrorKind::UndefinedVariable, message))
    }

    pub(crate) fn misplaced(kind: ErrorKind, name: &str) -> Self {
        Self::Eval(EvalError::new(kind, format!("`{name}` cannot be used here")))
    }

    /// Where in the text: line and character, from 1, and how many characters; `None` where that is not known.
    pub fn place(&self) -> Option<(u32, u32, u32)> {
        match self {
            Self::Query(error) => {
                let length = error.span.end.saturating_sub(error.span.start).max(1);
                Some((error.line, error.column, length))
            }
            Self::Eval(_) | Self::Limit(_) | Self::Profile(_) => None,
        }
    }

    /// What is wrong, in the words of the Technology Compatibility Kit; `None` for ours.
    pub fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Query(error) => Some(error.kind),
            Self::Eval(error) => Some(error.kind),
            Self::Limit(_) | Self::Profile(_) => None,
        }
    }
}
