//! Queries and clauses.

use super::{Fail, Parsed, Parser};
use crate::ast::{
    Clause, Create, Match, Projection, ProjectionItem, Query, Return, SingleQuery, SortItem, Span,
    Union, Unwind, With,
};
use crate::error::ErrorKind;

/// Clauses that openCypher has and this language does not.
const WRITING: [&str; 8] =
    ["merge", "set", "delete", "detach", "remove", "foreach", "load", "drop"];
const READING: [&str; 3] = ["call", "use", "from"];

/// The words by which a clause begins, for suggestions.
const CLAUSES: [&str; 6] = ["MATCH", "OPTIONAL MATCH", "UNWIND", "WITH", "RETURN", "UNION"];

impl Parser<'_> {
    /// Single queries put together by `UNION`.
    pub(super) fn query(&mut self) -> Parsed<Query> {
        let start = self.here();
        let first = self.single_query()?;
        let mut unions = Vec::new();
        while self.is_word("union") {
            let start = self.here();
            self.at += 1;
            let all = self.eat_word("all");
            let query = self.single_query()?;
            unions.push(Union { all, query, span: self.since(start) });
        }
        Ok(Query { first, unions, span: self.since(start) })
    }

    fn single_query(&mut self) -> Parsed<SingleQuery> {
        let start = self.here();
        let mut clauses = vec![self.clause()?];
        while !(self.word().eq_ignore_ascii_case("union") || self.ends_query()) {
            clauses.push(self.clause()?);
        }
        Ok(SingleQuery { clauses, span: self.since(start) })
    }

    fn ends_query(&self) -> bool {
        self.is_symbol(";") || self.is_symbol("}") || self.at + 1 >= self.tokens.len()
    }

    fn clause(&mut self) -> Parsed<Clause> {
        let start = self.here();
        if self.eat_words("optional", "match") {
            return self.match_clause(start, true).map(Clause::Match);
        }
        if self.eat_word("match") {
            return self.match_clause(start, false).map(Clause::Match);
        }
        if self.eat_word("unwind") {
            let list = self.expr()?;
            self.expect_word("AS")?;
            let variable = self.variable()?;
            return Ok(Clause::Unwind(Unwind { list, variable, span: self.since(start) }));
        }
        if self.eat_word("with") {
            let projection = self.projection()?;
            let condition = self.condition()?;
            return Ok(Clause::With(With { projection, condition, span: self.since(start) }));
        }
        if self.eat_word("return") {
            let projection = self.projection()?;
            return Ok(Clause::Return(Return { projection, span: self.since(start) }));
        }
        if self.is_word("create") && !self.in_subquery {
            self.at += 1;
            let patterns = self.patterns()?;
            return Ok(Clause::Create(Create { patterns, span: self.since(start) }));
        }
        Err(self.no_clause())
    }

    /// Says why no clause begins here.
    fn no_clause(&self) -> Fail {
        let word = self.word();
        let is_one_of = |words: &[&str]| words.iter().any(|it| it.eq_ignore_ascii_case(word));
        let shown = word.to_uppercase();
        if self.in_subquery && (is_one_of(&WRITING) || shown == "CREATE") {
            let message = format!("`{shown}` cannot be used in a sub-query");
            return self.error(ErrorKind::InvalidClauseComposition, self.here(), message);
        }
        if is_one_of(&WRITING) {
            let message = format!("`{shown}` changes the graph, and queries only read");
            return self.error(ErrorKind::UnsupportedClause, self.here(), message);
        }
        if is_one_of(&READING) {
            let message = format!("`{shown}` is not supported");
            return self.error(ErrorKind::UnsupportedClause, self.here(), message);
        }
        let error = self.unexpected("a clause or the end of the text");
        match base::nearest(&shown, CLAUSES) {
            Some(clause) => error.suggest(Some(clause.to_owned())),
            None => error,
        }
    }

    /// Patterns and condition of a `MATCH`, whose keyword is read.
    fn match_clause(&mut self, start: Span, optional: bool) -> Parsed<Match> {
        let patterns = self.patterns()?;
        let condition = self.condition()?;
        Ok(Match { optional, patterns, condition, span: self.since(start) })
    }

    /// `WHERE condition`, when it comes next.
    pub(super) fn condition(&mut self) -> Parsed<Option<crate::ast::Expr>> {
        if self.eat_word("where") { self.expr().map(Some) } else { Ok(None) }
    }

    /// The body of `EXISTS { }` or `COUNT { }`: a query, or patterns with a condition.
    pub(super) fn subquery(&mut self) -> Parsed<Query> {
        self.expect_symbol("{")?;
        // a sub-query takes as much stack as two levels of brackets
        self.enter()?;
        self.enter()?;
        let outer = std::mem::replace(&mut self.in_subquery, true);
        let start = self.here();
        let is_pattern = self.is_symbol("(")
            || (self.is_name_at(self.at) && self.is_symbol_at(self.at + 1, "="));
        let query = if is_pattern {
            let only = self.match_clause(start, false)?;
            let span = only.span;
            let first = SingleQuery { clauses: vec![Clause::Match(only)], span };
            Query { first, unions: Vec::new(), span }
        } else {
            self.query()?
        };
        self.in_subquery = outer;
        self.leave();
        self.leave();
        self.expect_symbol("}")?;
        Ok(query)
    }

    fn projection(&mut self) -> Parsed<Projection> {
        let start = self.here();
        let distinct = self.eat_word("distinct");
        let star = self.eat_symbol("*");
        let mut items = Vec::new();
        if !star || self.eat_symbol(",") {
            items.push(self.projection_item()?);
            while self.eat_symbol(",") {
                items.push(self.projection_item()?);
            }
        }
        let order_by = self.order_by()?;
        let skip = if self.eat_word("skip") { Some(self.expr()?) } else { None };
        let limit = if self.eat_word("limit") { Some(self.expr()?) } else { None };
        Ok(Projection { distinct, star, items, order_by, skip, limit, span: self.since(start) })
    }

    fn projection_item(&mut self) -> Parsed<ProjectionItem> {
        let expr = self.expr()?;
        let alias = if self.eat_word("as") { Some(self.variable()?) } else { None };
        Ok(ProjectionItem { expr, alias })
    }

    fn order_by(&mut self) -> Parsed<Vec<SortItem>> {
        let mut items = Vec::new();
        if !self.eat_words("order", "by") {
            return Ok(items);
        }
        loop {
            let expr = self.expr()?;
            let descending = self.eat_word("descending") || self.eat_word("desc");
            if !descending && !self.eat_word("ascending") {
                self.eat_word("asc");
            }
            items.push(SortItem { expr, descending });
            if !self.eat_symbol(",") {
                return Ok(items);
            }
        }
    }
}
