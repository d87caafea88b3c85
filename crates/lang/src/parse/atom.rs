//! Atoms: constants, brackets, calls, `CASE`, comprehensions, sub-queries.

use std::sync::Arc;

use super::token::TokenKind;
use super::{Parsed, Parser, is_reserved};
use crate::ast::{
    Call, Case, Expr, ExprKind, ListComprehension, Literal, MapItem, MapProjection, Name,
    PatternComprehension, Quantifier, QuantifierKind, Reduce,
};
use crate::error::ErrorKind;

impl Parser<'_> {
    /// An expression that no operator can take apart.
    pub(super) fn atom(&mut self) -> Parsed<Expr> {
        let start = self.here();
        let outer = std::mem::replace(&mut self.tallest, 0);
        let kind = match self.kind_at(self.at).clone() {
            TokenKind::Number => ExprKind::Literal(self.number(false)?),
            TokenKind::Str(text) => {
                self.at += 1;
                ExprKind::Literal(Literal::Str(Arc::from(text)))
            }
            TokenKind::Parameter(name) => {
                self.at += 1;
                ExprKind::Parameter(Name::new(&name, start))
            }
            TokenKind::Symbol("(") => self.in_round_brackets()?,
            TokenKind::Symbol("[") => self.in_brackets(Self::in_square_brackets)?,
            TokenKind::Symbol("{") => self.in_brackets(Self::map)?,
            TokenKind::Word => self.word_atom()?,
            TokenKind::Quoted(_) => self.named_atom()?,
            TokenKind::Symbol(_) | TokenKind::End => return Err(self.unexpected("an expression")),
        };
        let tallest = std::mem::replace(&mut self.tallest, outer);
        self.grow(tallest + 1)?;
        Ok(Expr::new(kind, self.since(start)))
    }

    /// Reads with `read`; inside brackets a `|` means "or" again.
    fn in_brackets<T>(&mut self, read: fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let outer = std::mem::replace(&mut self.bar_closes, false);
        let read = read(self)?;
        self.bar_closes = outer;
        Ok(read)
    }

    /// An expression that a `|` may follow, as in comprehensions.
    fn expr_before_bar(&mut self) -> Parsed<Expr> {
        let outer = std::mem::replace(&mut self.bar_closes, true);
        let expr = self.expr()?;
        self.bar_closes = outer;
        Ok(expr)
    }

    fn condition_before_bar(&mut self) -> Parsed<Option<Expr>> {
        if self.eat_word("where") { self.expr_before_bar().map(Some) } else { Ok(None) }
    }

    fn in_round_brackets(&mut self) -> Parsed<ExprKind> {
        if self.is_pattern_at(self.at) {
            return Ok(ExprKind::Pattern(Box::new(self.path_pattern()?)));
        }
        self.at += 1;
        let inner = self.in_brackets(Self::expr)?;
        self.expect_symbol(")")?;
        Ok(inner.kind)
    }

    fn in_square_brackets(&mut self) -> Parsed<ExprKind> {
        self.at += 1;
        if self.is_name_at(self.at) && self.is_word_at(self.at + 1, "in") {
            return self.list_comprehension();
        }
        let names_path = self.is_name_at(self.at) && self.is_symbol_at(self.at + 1, "=");
        let pattern = if names_path { self.at + 2 } else { self.at };
        let behind = self.pattern_end(pattern);
        if behind.is_some_and(|it| self.is_symbol_at(it, "|") || self.is_word_at(it, "where")) {
            return self.pattern_comprehension();
        }
        let items = if self.is_symbol("]") { Vec::new() } else { self.exprs()? };
        self.expect_symbol("]")?;
        Ok(ExprKind::List(items))
    }

    /// Expressions with commas between; at least one.
    fn exprs(&mut self) -> Parsed<Vec<Expr>> {
        let mut items = vec![self.expr()?];
        while self.eat_symbol(",") {
            items.push(self.expr()?);
        }
        Ok(items)
    }

    fn list_comprehension(&mut self) -> Parsed<ExprKind> {
        let variable = self.variable()?;
        self.expect_word("IN")?;
        let list = self.expr_before_bar()?;
        let condition = self.condition_before_bar()?;
        let projection = if self.eat_symbol("|") { Some(self.expr()?) } else { None };
        self.expect_symbol("]")?;
        let it = ListComprehension { variable, list, condition, projection };
        Ok(ExprKind::ListComprehension(Box::new(it)))
    }

    fn pattern_comprehension(&mut self) -> Parsed<ExprKind> {
        let pattern = self.path_pattern()?;
        let condition = self.condition_before_bar()?;
        self.expect_symbol("|")?;
        let projection = self.expr()?;
        self.expect_symbol("]")?;
        let it = PatternComprehension { pattern, condition, projection };
        Ok(ExprKind::PatternComprehension(Box::new(it)))
    }

    fn map(&mut self) -> Parsed<ExprKind> {
        self.at += 1;
        let mut entries = Vec::new();
        while !self.is_symbol("}") || !entries.is_empty() {
            let key = self.name("a key")?;
            self.expect_symbol(":")?;
            entries.push((key, self.expr()?));
            if !self.eat_symbol(",") {
                break;
            }
        }
        self.expect_symbol("}")?;
        Ok(ExprKind::Map(entries))
    }

    /// What begins with a word that may be a keyword.
    fn word_atom(&mut self) -> Parsed<ExprKind> {
        let word = self.word().to_ascii_lowercase();
        let has_brace = self.is_symbol_at(self.at + 1, "{");
        let has_bracket = self.is_symbol_at(self.at + 1, "(");
        let literal = |parser: &mut Self, literal| {
            parser.at += 1;
            Ok(ExprKind::Literal(literal))
        };
        match word.as_str() {
            "null" => literal(self, Literal::Null),
            "true" => literal(self, Literal::Bool(true)),
            "false" => literal(self, Literal::Bool(false)),
            "case" => self.in_brackets(Self::case),
            "exists" | "count" if has_brace => {
                self.at += 1;
                let query = self.in_brackets(Self::subquery)?;
                let query = Box::new(query);
                Ok(if word == "exists" { ExprKind::Exists(query) } else { ExprKind::Count(query) })
            }
            "count" if has_bracket && self.is_symbol_at(self.at + 2, "*") => {
                self.at += 3;
                self.expect_symbol(")")?;
                Ok(ExprKind::CountStar)
            }
            "shortestpath" | "allshortestpaths" if has_bracket => {
                let message = "a shortest path must be matched: `MATCH p = shortestPath(...)`";
                Err(self.error(ErrorKind::UnsupportedSyntax, self.here(), message))
            }
            "reduce" if has_bracket && self.is_symbol_at(self.at + 3, "=") => {
                self.in_brackets(Self::reduce)
            }
            _ => match quantifier_kind(&word) {
                Some(kind) if has_bracket && self.is_word_at(self.at + 3, "in") => {
                    self.quantifier(kind)
                }
                _ => self.named_atom(),
            },
        }
    }

    fn case(&mut self) -> Parsed<ExprKind> {
        self.at += 1;
        let subject = if self.is_word("when") { None } else { Some(self.expr()?) };
        let mut branches = Vec::new();
        while branches.is_empty() || self.is_word("when") {
            self.expect_word("WHEN")?;
            let when = self.expr()?;
            self.expect_word("THEN")?;
            branches.push((when, self.expr()?));
        }
        let otherwise = if self.eat_word("else") { Some(self.expr()?) } else { None };
        self.expect_word("END")?;
        Ok(ExprKind::Case(Box::new(Case { subject, branches, otherwise })))
    }

    fn reduce(&mut self) -> Parsed<ExprKind> {
        self.at += 2;
        let accumulator = self.variable()?;
        self.expect_symbol("=")?;
        let init = self.expr()?;
        self.expect_symbol(",")?;
        let variable = self.variable()?;
        self.expect_word("IN")?;
        let list = self.expr_before_bar()?;
        self.expect_symbol("|")?;
        let body = self.expr()?;
        self.expect_symbol(")")?;
        Ok(ExprKind::Reduce(Box::new(Reduce { accumulator, init, variable, list, body })))
    }

    fn quantifier(&mut self, kind: QuantifierKind) -> Parsed<ExprKind> {
        let outer = std::mem::replace(&mut self.bar_closes, false);
        self.at += 2;
        let variable = self.variable()?;
        self.expect_word("IN")?;
        let list = self.expr()?;
        self.expect_word("WHERE")?;
        let condition = self.expr()?;
        self.expect_symbol(")")?;
        self.bar_closes = outer;
        let it = Quantifier { kind, variable, list, condition };
        Ok(ExprKind::Quantifier(Box::new(it)))
    }

    /// A call, a map projection or a variable.
    fn named_atom(&mut self) -> Parsed<ExprKind> {
        if let Some(n_tokens) = self.call_length() {
            return self.call(n_tokens);
        }
        if is_reserved(self.word()) {
            return Err(self.unexpected("an expression"));
        }
        let name = self.variable()?;
        if self.is_symbol("{") {
            return self.map_projection(name);
        }
        Ok(ExprKind::Variable(name))
    }

    /// When a call begins here (`name(`, `some.name(`), the number of tokens of its name.
    fn call_length(&self) -> Option<usize> {
        let mut idx = self.at;
        while self.is_name_at(idx) && self.is_symbol_at(idx + 1, ".") {
            idx += 2;
        }
        let is_call = self.is_name_at(idx) && self.is_symbol_at(idx + 1, "(");
        let is_keyword = idx == self.at && is_reserved(self.word());
        (is_call && !is_keyword).then_some(idx + 1 - self.at)
    }

    fn call(&mut self, n_tokens: usize) -> Parsed<ExprKind> {
        let start = self.here();
        let mut text = String::new();
        for idx in 0..n_tokens {
            if idx % 2 == 0 {
                text.push_str(self.name("a function")?.as_str());
            } else {
                self.at += 1;
                text.push('.');
            }
        }
        let function = Name::new(&text, self.since(start));
        let (distinct, args) = self.in_brackets(Self::arguments)?;
        Ok(ExprKind::Call(Call { function, distinct, args }))
    }

    fn arguments(&mut self) -> Parsed<(bool, Vec<Expr>)> {
        self.expect_symbol("(")?;
        let distinct = self.eat_word("distinct");
        let args = if self.is_symbol(")") { Vec::new() } else { self.exprs()? };
        self.expect_symbol(")")?;
        Ok((distinct, args))
    }

    fn map_projection(&mut self, subject: Name) -> Parsed<ExprKind> {
        self.at += 1;
        let outer = std::mem::replace(&mut self.bar_closes, false);
        let mut items = Vec::new();
        while !self.is_symbol("}") || !items.is_empty() {
            items.push(self.map_item()?);
            if !self.eat_symbol(",") {
                break;
            }
        }
        self.expect_symbol("}")?;
        self.bar_closes = outer;
        Ok(ExprKind::MapProjection(Box::new(MapProjection { subject, items })))
    }

    fn map_item(&mut self) -> Parsed<MapItem> {
        let start = self.here();
        if self.eat_symbol(".") {
            if self.eat_symbol("*") {
                return Ok(MapItem::All(self.since(start)));
            }
            return self.name("a property").map(MapItem::Property);
        }
        if self.is_symbol_at(self.at + 1, ":") {
            let key = self.name("a key")?;
            self.at += 1;
            return Ok(MapItem::Entry(key, self.expr()?));
        }
        self.variable().map(MapItem::Variable)
    }
}

fn quantifier_kind(word: &str) -> Option<QuantifierKind> {
    match word {
        "all" => Some(QuantifierKind::All),
        "any" => Some(QuantifierKind::Any),
        "none" => Some(QuantifierKind::None),
        "single" => Some(QuantifierKind::Single),
        _ => None,
    }
}
