//! From the patterns of a `MATCH` to a pipeline: where to start, in which order to follow edges, and
//! when to judge which condition.
//!
//! The cheapest start is bound already, then found by id, then by a column, then a label, then all.
//! From there the edge that leads to the fewest rows comes next; what no edge leads to is looked up by a value
//! that it shares with what is bound, if a condition says so; each condition is judged as soon as
//! its variables are bound.

mod columns;
mod cost;
mod emit;
mod lookup;
mod pattern;

use std::collections::BTreeSet;

use lang::ast::{BinaryOp, Expr, ExprKind, PathPattern};

use self::pattern::PatternGraph;
use crate::compile::Compiler;
use crate::error::Error;
use crate::exec::Op;
use crate::names::{self, NameSet};

/// What comes behind a `MATCH`, as far as it decides how to run it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Downstream<'a> {
    /// Variables that are used later; `None`: all.
    pub(crate) live: Option<NameSet<'a>>,
    /// Rows that occur twice make no difference.
    pub(crate) is_distinct: bool,
    /// Paths of which only the length is asked for.
    pub(crate) length_only: NameSet<'a>,
}

/// A condition, with the variables of the pattern that it needs.
pub(crate) struct Conjunct<'g> {
    pub(crate) expr: &'g Expr,
    pub(crate) needs: BTreeSet<String>,
    pub(crate) is_done: bool,
    /// Judged late among those that could be judged: it runs a query of its own.
    pub(crate) is_costly: bool,
}

/// The parts of `a AND b AND c`.
pub(crate) fn conjuncts<'g>(expr: &'g Expr, found: &mut Vec<&'g Expr>) {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::And, left, right) => {
            conjuncts(left, found);
            conjuncts(right, found);
        }
        _ => found.push(expr),
    }
}

impl<'g> Compiler<'g> {
    /// The steps of a `MATCH`. Declares the variables that the patterns introduce.
    pub(crate) fn match_ops(
        &mut self,
        patterns: &'g [PathPattern],
        condition: Option<&'g Expr>,
        downstream: &Downstream<'_>,
    ) -> Result<Vec<Op<'g>>, Error> {
        let pattern = PatternGraph::build(self, patterns, downstream)?;
        let mut exprs = Vec::new();
        if let Some(condition) = condition {
            conjuncts(condition, &mut exprs);
        }
        let conjuncts = exprs
            .into_iter()
            .map(|expr| {
                let mut all = NameSet::new();
                names::in_expr(expr, &mut all);
                let needs = all
                    .into_iter()
                    .filter(|name| pattern.introduces(name))
                    .map(str::to_owned)
                    .collect();
                let is_costly = has_query(expr);
                Conjunct { expr, needs, is_done: false, is_costly }
            })
            .collect();
        emit::Emitter::new(self, pattern, conjuncts, downstream).emit()
    }
}

/// Whether judging an expression means running a query.
pub(crate) fn has_query(expr: &Expr) -> bool {
    let mut found = matches!(
        expr.kind,
        ExprKind::Exists(_)
            | ExprKind::Count(_)
            | ExprKind::Pattern(_)
            | ExprKind::PatternComprehension(_)
    );
    expr.for_each_child(&mut |child| found |= has_query(child));
    found
}
