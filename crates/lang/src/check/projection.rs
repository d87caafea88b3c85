//! `WITH` and `RETURN`: columns, grouping, `ORDER BY`, `SKIP`, `LIMIT`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Aggregation, Checker, Column, Variable};
use crate::ast::{Expr, ExprKind, Literal, Name, Projection, ProjectionItem, UnaryOp};
use crate::error::{ErrorKind, QueryError};
use crate::functions;
use crate::functions::aggregate::{has_aggregate, is_aggregate};
use crate::types::{Type, TypeSet};

/// What rows are grouped by, as far as an expression that aggregates may repeat it.
struct Grouping<'e> {
    /// The expressions of items that do not aggregate.
    keys: Vec<&'e Expr>,
    /// Names that stand for such an item.
    names: BTreeSet<Arc<str>>,
}

impl Checker<'_> {
    /// Checks a projection with the condition behind it, and leaves the scope behind both.
    pub(super) fn projection(
        &mut self,
        projection: &Projection,
        condition: Option<&Expr>,
        is_with: bool,
    ) -> Result<Vec<Column>, QueryError> {
        let columns = self.columns(projection, is_with)?;
        let grouping = self.grouping(projection);
        let aggregates = columns.iter().any(|it| it.aggregates);
        if aggregates {
            for item in projection.items.iter().filter(|it| has_aggregate(&it.expr)) {
                self.unambiguous(&item.expr, &grouping)?;
            }
        }
        let variables = columns
            .iter()
            .map(|it| Variable { name: Arc::from(it.name.as_str()), ty: it.ty.clone() });
        let projected: Vec<Variable> = variables.collect();
        let is_grouped = aggregates || projection.distinct;
        let grouping = is_grouped.then_some(&grouping);
        for item in &projection.order_by {
            self.behind(&item.expr, projection, &projected, grouping)?;
            let state = if aggregates { Aggregation::Allowed } else { Aggregation::Forbidden };
            self.seeing(&projected, state, |it| it.expr(&item.expr).map(|_| ()))?;
        }
        if let Some(condition) = condition {
            self.behind(condition, projection, &projected, grouping)?;
            self.seeing(&projected, Aggregation::Forbidden, |it| it.condition(condition))?;
        }
        for (bound, clause) in [(&projection.skip, "SKIP"), (&projection.limit, "LIMIT")] {
            if let Some(bound) = bound {
                self.row_count(bound, clause)?;
            }
        }
        self.scope.truncate(self.n_outer);
        self.scope.extend(projected);
        Ok(columns)
    }

    fn columns(
        &mut self,
        projection: &Projection,
        is_with: bool,
    ) -> Result<Vec<Column>, QueryError> {
        let mut columns: Vec<Column> = Vec::new();
        if projection.star {
            if self.scope.len() == self.n_outer && !is_with {
                let message = "`*` has no variables to stand for";
                return Err(self.error(ErrorKind::NoVariablesInScope, projection.span, message));
            }
            let inner = self.scope.get(self.n_outer..).unwrap_or_default();
            columns.extend(inner.iter().map(|it| Column {
                name: it.name.to_string(),
                ty: it.ty.clone(),
                aggregates: false,
            }));
        }
        for item in &projection.items {
            let ty = self.aggregating(Aggregation::Allowed, |it| it.expr(&item.expr))?;
            let column = self.column(item, ty, is_with)?;
            if columns.iter().any(|it| it.name == column.name) {
                let message = format!("two columns are named `{}`", column.name);
                return Err(self.error(ErrorKind::ColumnNameConflict, item.expr.span, message));
            }
            columns.push(column);
        }
        Ok(columns)
    }

    fn column(&self, item: &ProjectionItem, ty: Type, is_with: bool) -> Result<Column, QueryError> {
        let is_named = item.alias.is_some() || matches!(item.expr.kind, ExprKind::Variable(_));
        let name = item.column(self.source).to_owned();
        if is_with && !is_named {
            let message = format!("`{name}` needs a name in `WITH`: write `{name} AS name`");
            return Err(self.error(ErrorKind::NoExpressionAlias, item.expr.span, message));
        }
        Ok(Column { name, ty, aggregates: has_aggregate(&item.expr) })
    }

    fn grouping<'e>(&self, projection: &'e Projection) -> Grouping<'e> {
        let keys = projection.items.iter().filter(|it| !has_aggregate(&it.expr));
        let mut names: BTreeSet<Arc<str>> = keys
            .clone()
            .filter_map(|it| match &it.expr.kind {
                ExprKind::Variable(name) => Some(Arc::clone(&name.text)),
                _ => None,
            })
            .collect();
        if projection.star {
            names.extend(self.scope.iter().map(|it| Arc::clone(&it.name)));
        }
        // variables around a sub-query are the same for all its rows
        names.extend(self.scope.iter().take(self.n_outer).map(|it| Arc::clone(&it.name)));
        Grouping { keys: keys.map(|it| &it.expr).collect(), names }
    }

    /// Outside its aggregating functions, an expression may use only what is grouped by: variables, and
    /// properties of variables.
    fn unambiguous(&self, expr: &Expr, grouping: &Grouping<'_>) -> Result<(), QueryError> {
        let is_grouped = is_simple(expr) && grouping.keys.contains(&expr);
        if is_aggregate(expr) || is_grouped {
            return Ok(());
        }
        let mut names: BTreeSet<Arc<str>> = grouping.names.clone();
        match &expr.kind {
            ExprKind::Variable(name) if !names.contains(&name.text) => {
                let message = format!(
                    "`{}` is neither grouped by nor aggregated; give it a column of its own",
                    name.as_str()
                );
                let kind = ErrorKind::AmbiguousAggregationExpression;
                return Err(self.error(kind, name.span, message));
            }
            _ => names.extend(locals(expr).into_iter().map(|it| Arc::clone(&it.text))),
        }
        let inner = Grouping { keys: grouping.keys.clone(), names };
        let mut result = Ok(());
        expr.for_each_child(&mut |it| {
            if result.is_ok() {
                result = self.unambiguous(it, &inner);
            }
        });
        result
    }

    /// Without grouping, `ORDER BY` and `WHERE` see the columns and what was in scope before; with it, only what
    /// the columns are made of.
    fn behind(
        &self,
        expr: &Expr,
        projection: &Projection,
        projected: &[Variable],
        grouping: Option<&Grouping<'_>>,
    ) -> Result<(), QueryError> {
        let Some(grouping) = grouping else { return Ok(()) };
        let mut names = grouping.names.clone();
        names.extend(projected.iter().map(|it| Arc::clone(&it.name)));
        if has_aggregate(expr) {
            return self.unambiguous(expr, &Grouping { keys: grouping.keys.clone(), names });
        }
        let columns: Vec<&Expr> = projection.items.iter().map(|it| &it.expr).collect();
        self.made_of(expr, &columns, &names)
    }

    /// Runs `inner` with the columns in scope, before those that were there already.
    fn seeing(
        &mut self,
        projected: &[Variable],
        state: Aggregation,
        inner: impl FnOnce(&mut Self) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        self.scoped(|checker| {
            checker.scope.extend(projected.iter().cloned());
            checker.aggregating(state, inner)
        })
    }

    /// An expression over columns: each variable is one, or is part of an expression that a column repeats.
    fn made_of(
        &self,
        expr: &Expr,
        columns: &[&Expr],
        names: &BTreeSet<Arc<str>>,
    ) -> Result<(), QueryError> {
        if columns.contains(&expr) {
            return Ok(());
        }
        let mut names = names.clone();
        match &expr.kind {
            ExprKind::Variable(name) if !names.contains(&name.text) => {
                let message = format!(
                    "`{}` is not among the columns, and nothing else is left once rows are grouped",
                    name.as_str()
                );
                return Err(self.error(ErrorKind::UndefinedVariable, name.span, message));
            }
            _ => names.extend(locals(expr).into_iter().map(|it| Arc::clone(&it.text))),
        }
        let mut result = Ok(());
        expr.for_each_child(&mut |it| {
            if result.is_ok() {
                result = self.made_of(it, columns, &names);
            }
        });
        result
    }

    /// `SKIP` and `LIMIT` need a whole number that is the same for all rows.
    fn row_count(&mut self, bound: &Expr, clause: &str) -> Result<(), QueryError> {
        if !is_fixed(bound) {
            let message = format!("`{clause}` needs a number that does not depend on the rows");
            return Err(self.error(ErrorKind::NonConstantExpression, bound.span, message));
        }
        let ty = self.aggregating(Aggregation::Forbidden, |it| it.expr(bound))?;
        if !ty.mask().meets(TypeSet::INT) {
            return Err(self.bad_type(bound, &format!("`{clause}`"), "an integer", &ty));
        }
        let is_negative = match &bound.kind {
            ExprKind::Literal(Literal::Int(number)) => *number < 0,
            ExprKind::Unary(UnaryOp::Minus, _) => true,
            _ => false,
        };
        if is_negative {
            let message = format!("`{clause}` needs a number that is not negative");
            return Err(self.error(ErrorKind::NegativeIntegerArgument, bound.span, message));
        }
        Ok(())
    }
}

/// A variable, or a property of one.
fn is_simple(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Variable(_) => true,
        ExprKind::Property(of, _) => is_simple(of),
        _ => false,
    }
}

/// The variables that an expression introduces for its own parts.
fn locals(expr: &Expr) -> Vec<&Name> {
    match &expr.kind {
        ExprKind::ListComprehension(it) => vec![&it.variable],
        ExprKind::Quantifier(it) => vec![&it.variable],
        ExprKind::Reduce(it) => vec![&it.accumulator, &it.variable],
        _ => Vec::new(),
    }
}

/// Whether an expression uses no variable but its own, no pattern and no sub-query.
fn is_fixed(expr: &Expr) -> bool {
    fn check(expr: &Expr, own: &[&str]) -> bool {
        let mut own = own.to_vec();
        own.extend(locals(expr).into_iter().map(Name::as_str));
        let mut fixed = match &expr.kind {
            ExprKind::Variable(name) => own.contains(&name.as_str()),
            ExprKind::Pattern(_)
            | ExprKind::PatternComprehension(_)
            | ExprKind::Exists(_)
            | ExprKind::Count(_)
            | ExprKind::MapProjection(_)
            | ExprKind::CountStar => false,
            ExprKind::Call(call) => functions::find(call.function.as_str()).is_some(),
            _ => true,
        };
        expr.for_each_child(&mut |it| fixed = fixed && check(it, &own));
        fixed
    }
    check(expr, &[])
}
