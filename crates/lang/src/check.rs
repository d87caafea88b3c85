//! Whether a query makes sense before it runs: names, types, aggregation, order of clauses.
//!
//! In: a tree and what is known around it ([`Options`]). Out: [`Checked`], the columns and which variables are in
//! scope where; or the first error. The rules and the kinds of errors are those of the compile-time scenarios of
//! the openCypher Technology Compatibility Kit.
//!
//! With a [`Schema`], labels, edge types and paths of documents that do not exist are refused with the nearest
//! name that does.
//!
//! Not here: what values are at run time; only what can never work is refused.

mod call;
mod clause;
mod expr;
mod pattern;
mod projection;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ast::{Expr, Query, Span};
use crate::error::{ErrorKind, QueryError};
use crate::types::Type;

/// What exists in the graph, as far as it is known before a query runs.
pub trait Schema {
    /// Whether nodes can have a label.
    fn has_label(&self, label: &str) -> bool;

    /// Whether edges can have a type.
    fn has_edge_type(&self, edge_type: &str) -> bool;

    /// Whether a node with all of these labels can have something at a path of its document. `*` stands for every
    /// element of a list. True when nothing is known about such nodes.
    fn has_path(&self, labels: &[Arc<str>], path: &[Arc<str>]) -> bool;

    /// The label that is spelled most like this one.
    fn nearest_label(&self, label: &str) -> Option<String>;

    /// The edge type that is spelled most like this one.
    fn nearest_edge_type(&self, edge_type: &str) -> Option<String>;

    /// The path that is spelled most like this one, with dots.
    fn nearest_path(&self, labels: &[Arc<str>], path: &[Arc<str>]) -> Option<String>;
}

/// What is known around a query or an expression.
#[derive(Clone, Default)]
pub struct Options<'a> {
    /// What exists in the graph; without it, everything may.
    pub schema: Option<&'a dyn Schema>,
    /// The names of all parameters; without it, every name may be given. `now` is always known.
    pub parameters: Option<&'a [&'a str]>,
    /// Variables that are bound beforehand, such as the resource of a check.
    pub variables: Vec<Variable>,
    /// Whether `CREATE` is allowed (test set-up only).
    pub allow_create: bool,
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("variables", &self.variables).finish_non_exhaustive()
    }
}

/// A variable in scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: Arc<str>,
    /// What is known about it.
    pub ty: Type,
}

/// A column of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The alias, else the exact text of the expression.
    pub name: String,
    /// What is known about it.
    pub ty: Type,
    /// Whether it aggregates over rows; the others are what is grouped by.
    pub aggregates: bool,
}

/// What the check found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// The columns of the answer; none without `RETURN`.
    pub columns: Vec<Column>,
    scopes: BTreeMap<(u32, u32), Vec<Variable>>,
}

impl Checked {
    /// The variables in scope behind the clause that stands at `span`, in the order in which they were introduced.
    /// Works for the clauses of sub-queries too; there the variables around the sub-query come first.
    pub fn scope_behind(&self, span: Span) -> &[Variable] {
        self.scopes.get(&(span.start, span.end)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Checks a whole query, given the text it was read from.
///
/// # Errors
/// The first thing that can never work.
pub fn check_query(
    source: &str,
    query: &Query,
    options: &Options<'_>,
) -> Result<Checked, QueryError> {
    let mut checker = Checker::new(source, options);
    let columns = checker.query(query, false)?;
    checker.checked.columns = columns;
    Ok(checker.checked)
}

/// Checks a single expression, such as evidence, and says what it gives.
///
/// # Errors
/// The first thing that can never work.
pub fn check_expression(
    source: &str,
    expr: &Expr,
    options: &Options<'_>,
) -> Result<Type, QueryError> {
    Checker::new(source, options).expr(expr)
}

/// Checks a single condition, such as the predicate of a check. Patterns are allowed in it.
///
/// # Errors
/// The first thing that can never work.
pub fn check_condition(source: &str, expr: &Expr, options: &Options<'_>) -> Result<(), QueryError> {
    Checker::new(source, options).condition(expr)
}

/// Whether aggregating functions may stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aggregation {
    Allowed,
    Forbidden,
    /// Inside an aggregating function.
    Inside,
}

struct Checker<'a> {
    source: &'a str,
    options: &'a Options<'a>,
    /// Innermost last.
    scope: Vec<Variable>,
    /// How many variables at the beginning of the scope are around the sub-query and stay visible in it.
    n_outer: usize,
    aggregation: Aggregation,
    checked: Checked,
}

impl<'a> Checker<'a> {
    fn new(source: &'a str, options: &'a Options<'a>) -> Self {
        Self {
            source,
            options,
            scope: options.variables.clone(),
            n_outer: 0,
            aggregation: Aggregation::Forbidden,
            checked: Checked::default(),
        }
    }

    fn error(&self, kind: ErrorKind, span: Span, message: impl Into<String>) -> QueryError {
        QueryError::new(self.source, kind, span, message)
    }

    /// The innermost variable of a name.
    fn find(&self, name: &str) -> Option<&Variable> {
        self.scope.iter().rev().find(|it| &*it.name == name)
    }

    fn find_mut(&mut self, name: &str) -> Option<&mut Variable> {
        self.scope.iter_mut().rev().find(|it| &*it.name == name)
    }

    fn declare(&mut self, name: &Arc<str>, ty: Type) {
        self.scope.push(Variable { name: Arc::clone(name), ty });
    }

    fn undefined(&self, name: &crate::ast::Name) -> QueryError {
        let message = format!("the variable `{}` is not defined", name.as_str());
        let known = self.scope.iter().map(|it| &*it.name);
        let meant = base::nearest(name.as_str(), known).map(str::to_owned);
        self.error(ErrorKind::UndefinedVariable, name.span, message).suggest(meant)
    }

    /// Runs `inner` in a scope that is put back afterwards.
    fn scoped<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        let scope = self.scope.clone();
        let result = inner(self);
        self.scope = scope;
        result
    }

    /// Runs `inner` where aggregating functions are allowed or not.
    fn aggregating<T>(&mut self, state: Aggregation, inner: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.aggregation, state);
        let result = inner(self);
        self.aggregation = outer;
        result
    }
}

#[cfg(test)]
mod tests;
