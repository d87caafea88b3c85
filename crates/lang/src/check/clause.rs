//! Clauses, their order, and `UNION`.

use super::{Aggregation, Checker, Column};
use crate::ast::{Clause, Create, Match, Query, SingleQuery, Unwind};
use crate::error::{ErrorKind, QueryError};
use crate::types::{Type, TypeSet};

impl Checker<'_> {
    /// A query; `is_inner` when it stands in `EXISTS { }` or `COUNT { }`.
    pub(super) fn query(
        &mut self,
        query: &Query,
        is_inner: bool,
    ) -> Result<Vec<Column>, QueryError> {
        let columns = self.scoped(|it| it.single_query(&query.first, is_inner))?;
        let names = |columns: &[Column]| -> Vec<String> {
            columns.iter().map(|it| it.name.clone()).collect()
        };
        for union in &query.unions {
            if union.all != query.unions.first().is_some_and(|it| it.all) {
                let message = "`UNION` and `UNION ALL` cannot be mixed in one query";
                return Err(self.error(ErrorKind::InvalidClauseComposition, union.span, message));
            }
            let others = self.scoped(|it| it.single_query(&union.query, is_inner))?;
            if names(&columns) != names(&others) {
                let message = format!(
                    "the parts of a `UNION` need the same columns, not `{}` and `{}`",
                    names(&columns).join(", "),
                    names(&others).join(", "),
                );
                return Err(self.error(ErrorKind::DifferentColumnsInUnion, union.span, message));
            }
        }
        Ok(columns)
    }

    /// A query in braces, which sees the variables around it and keeps its own to itself.
    pub(super) fn inner_query(&mut self, query: &Query) -> Result<(), QueryError> {
        let n_outer = std::mem::replace(&mut self.n_outer, self.scope.len());
        let result = self.query(query, true);
        self.n_outer = n_outer;
        result.map(|_| ())
    }

    fn single_query(
        &mut self,
        query: &SingleQuery,
        is_inner: bool,
    ) -> Result<Vec<Column>, QueryError> {
        let mut columns = Vec::new();
        let last = query.clauses.len().saturating_sub(1);
        for (idx, clause) in query.clauses.iter().enumerate() {
            match clause {
                Clause::Match(it) => self.match_clause(it)?,
                Clause::Unwind(it) => self.unwind(it)?,
                Clause::With(it) => {
                    self.projection(&it.projection, it.condition.as_ref(), true)?;
                }
                Clause::Return(it) if idx == last => {
                    columns = self.projection(&it.projection, None, false)?;
                }
                Clause::Return(_) => {
                    let message = "`RETURN` must be the last clause";
                    return Err(self.composition(clause, message));
                }
                Clause::Create(it) => self.create(it, is_inner)?,
            }
            let span = clause.span();
            self.checked.scopes.insert((span.start, span.end), self.scope.clone());
        }
        match query.clauses.last() {
            Some(Clause::Return(_) | Clause::Create(_)) => Ok(columns),
            Some(_) if is_inner => Ok(columns),
            Some(clause) => Err(self.composition(clause, "the query does not end with `RETURN`")),
            None => Ok(columns),
        }
    }

    fn composition(&self, clause: &Clause, message: &str) -> QueryError {
        self.error(ErrorKind::InvalidClauseComposition, clause.span(), message)
    }

    fn forbidding<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.aggregating(Aggregation::Forbidden, inner)
    }

    fn match_clause(&mut self, clause: &Match) -> Result<(), QueryError> {
        self.forbidding(|checker| {
            checker.bind_patterns(&clause.patterns)?;
            clause.condition.as_ref().map_or(Ok(()), |it| checker.condition(it))
        })
    }

    fn unwind(&mut self, clause: &Unwind) -> Result<(), QueryError> {
        let ty = self.forbidding(|checker| checker.expr(&clause.list))?;
        if !ty.mask().meets(TypeSet::LIST) {
            return Err(self.bad_type(&clause.list, "`UNWIND`", "a list", &ty));
        }
        let name = &clause.variable;
        if self.find(name.as_str()).is_some() {
            return Err(self.already_bound(name));
        }
        let element = ty.element();
        self.declare(&name.text, if element == Type::Null { Type::Any } else { element });
        Ok(())
    }

    fn create(&mut self, clause: &Create, is_inner: bool) -> Result<(), QueryError> {
        if is_inner || !self.options.allow_create {
            let message = "`CREATE` changes the graph, and queries only read";
            return Err(self.error(ErrorKind::UnsupportedClause, clause.span, message));
        }
        self.forbidding(|checker| {
            clause.patterns.iter().try_for_each(|it| checker.create_pattern(it))
        })
    }
}
