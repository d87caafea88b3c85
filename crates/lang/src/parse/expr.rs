//! Operators, by precedence from weak to strong:
//!
//! `OR`, `XOR`, `AND`, `NOT`, comparisons (which chain), predicates (`IN`, `STARTS WITH`, `ENDS WITH`, `CONTAINS`,
//! `=~`, `IS NULL`), `+ -`, `* / %`, `^`, signs, then access (`.key`, `[index]`, `:Label`). All of equal strength
//! group from left to right.

use super::token::TokenKind;
use super::{Parsed, Parser};
use crate::ast::{BinaryOp, CompareOp, Expr, ExprKind, UnaryOp};

const NOT: u8 = 3;
const COMPARE: u8 = 4;
const PREDICATE: u8 = 5;

/// An operator between two operands, or behind one.
#[derive(Clone, Copy)]
enum Infix {
    Binary(BinaryOp),
    Compare(CompareOp),
    Postfix(UnaryOp),
}

impl Parser<'_> {
    /// An expression.
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.enter()?;
        let outer = std::mem::replace(&mut self.tallest, 0);
        let expr = self.binary(0)?;
        self.tallest = outer.max(self.height);
        self.leave();
        Ok(expr)
    }

    /// An expression of operators that bind at least as strong as `min`.
    fn binary(&mut self, min: u8) -> Parsed<Expr> {
        let start = self.here();
        let mut left = if min <= NOT && self.is_word("not") { self.not()? } else { self.unary()? };
        let mut chains = false;
        while let Some((infix, strength, n_tokens)) = self.infix() {
            if strength < min {
                break;
            }
            self.at += n_tokens;
            let height = self.height;
            let is_chain = chains && strength == COMPARE;
            chains = strength == COMPARE;
            if let Infix::Postfix(op) = infix {
                left = unary(op, left);
            } else {
                self.enter_by(1)?;
                let right = self.binary(strength + 1)?;
                self.depth -= 1;
                left = join(infix, is_chain, left, right);
            }
            left.span = self.since(start);
            self.grow(height.max(self.height) + 1)?;
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed<Expr> {
        let start = self.here();
        self.at += 1;
        self.enter()?;
        let operand = self.binary(NOT)?;
        self.leave();
        self.grow(self.height + 1)?;
        let span = self.since(start);
        Ok(Expr { span, ..unary(UnaryOp::Not, operand) })
    }

    /// The operator that comes next, its strength and its number of tokens.
    fn infix(&self) -> Option<(Infix, u8, usize)> {
        let binary = |op, strength| Some((Infix::Binary(op), strength, 1));
        let compare = |op| Some((Infix::Compare(op), COMPARE, 1));
        match self.kind_at(self.at) {
            TokenKind::Symbol(symbol) => match *symbol {
                "=" => compare(CompareOp::Eq),
                "<>" => compare(CompareOp::Ne),
                "<" => compare(CompareOp::Lt),
                "<=" => compare(CompareOp::Le),
                ">" => compare(CompareOp::Gt),
                ">=" => compare(CompareOp::Ge),
                "=~" => binary(BinaryOp::Matches, PREDICATE),
                "+" => binary(BinaryOp::Add, 6),
                "-" => binary(BinaryOp::Sub, 6),
                "*" => binary(BinaryOp::Mul, 7),
                "/" => binary(BinaryOp::Div, 7),
                "%" => binary(BinaryOp::Mod, 7),
                "^" => binary(BinaryOp::Pow, 8),
                _ => None,
            },
            TokenKind::Word => self.infix_word(),
            _ => None,
        }
    }

    fn infix_word(&self) -> Option<(Infix, u8, usize)> {
        let followed_by = |word| self.is_word_at(self.at + 1, word);
        let predicate = |op, n_tokens| Some((Infix::Binary(op), PREDICATE, n_tokens));
        let postfix = |op, n_tokens| Some((Infix::Postfix(op), PREDICATE, n_tokens));
        match self.word().to_ascii_lowercase().as_str() {
            "or" => Some((Infix::Binary(BinaryOp::Or), 0, 1)),
            "xor" => Some((Infix::Binary(BinaryOp::Xor), 1, 1)),
            "and" => Some((Infix::Binary(BinaryOp::And), 2, 1)),
            "in" => predicate(BinaryOp::In, 1),
            "contains" => predicate(BinaryOp::Contains, 1),
            "starts" if followed_by("with") => predicate(BinaryOp::StartsWith, 2),
            "ends" if followed_by("with") => predicate(BinaryOp::EndsWith, 2),
            "is" if followed_by("null") => postfix(UnaryOp::IsNull, 2),
            "is" if followed_by("not") && self.is_word_at(self.at + 2, "null") => {
                postfix(UnaryOp::IsNotNull, 3)
            }
            _ => None,
        }
    }

    /// Signs before an operand. A minus directly before digits belongs to the number.
    fn unary(&mut self) -> Parsed<Expr> {
        let start = self.here();
        let op = match self.kind_at(self.at) {
            TokenKind::Symbol("-") => UnaryOp::Minus,
            TokenKind::Symbol("+") => UnaryOp::Plus,
            _ => return self.operand(),
        };
        self.at += 1;
        let is_number = *self.kind_at(self.at) == TokenKind::Number;
        let is_accessed =
            self.is_symbol_at(self.at + 1, ".") || self.is_symbol_at(self.at + 1, "[");
        if op == UnaryOp::Minus && is_number && !is_accessed {
            let literal = self.number(true)?;
            self.grow(1)?;
            return Ok(Expr::new(ExprKind::Literal(literal), self.since(start)));
        }
        self.enter()?;
        let operand = self.unary()?;
        self.leave();
        self.grow(self.height + 1)?;
        Ok(Expr::new(ExprKind::Unary(op, Box::new(operand)), self.since(start)))
    }

    /// An atom with the access behind it.
    pub(super) fn operand(&mut self) -> Parsed<Expr> {
        let start = self.here();
        let mut expr = self.atom()?;
        loop {
            let height = self.height;
            let kind = if self.eat_symbol(".") {
                ExprKind::Property(Box::new(expr), self.name("a property")?)
            } else if self.eat_symbol("[") {
                let kind = self.index_or_slice(expr)?;
                self.expect_symbol("]")?;
                kind
            } else if self.is_symbol(":") {
                self.at += 1;
                ExprKind::HasLabels(Box::new(expr), self.label_expr(!self.bar_closes)?)
            } else {
                return Ok(expr);
            };
            expr = Expr::new(kind, self.since(start));
            self.grow(height.max(self.height) + 1)?;
        }
    }

    /// What stands in the square brackets behind `of`.
    fn index_or_slice(&mut self, of: Expr) -> Parsed<ExprKind> {
        let outer = std::mem::replace(&mut self.bar_closes, false);
        let from = if self.is_symbol("..") { None } else { Some(Box::new(self.expr()?)) };
        let kind = match (self.eat_symbol(".."), from) {
            (false, Some(index)) => ExprKind::Index(Box::new(of), index),
            (_, from) => {
                let height = self.height;
                let to = if self.is_symbol("]") { None } else { Some(Box::new(self.expr()?)) };
                self.height = self.height.max(height);
                ExprKind::Slice(Box::new(of), from, to)
            }
        };
        self.bar_closes = outer;
        Ok(kind)
    }
}

fn unary(op: UnaryOp, operand: Expr) -> Expr {
    let span = operand.span;
    Expr::new(ExprKind::Unary(op, Box::new(operand)), span)
}

/// Two operands as one; a comparison is added to a chain of comparisons.
fn join(infix: Infix, is_chain: bool, left: Expr, right: Expr) -> Expr {
    let span = left.span;
    let kind = match (infix, left.kind) {
        (Infix::Binary(op), kind) => {
            ExprKind::Binary(op, Box::new(Expr::new(kind, span)), Box::new(right))
        }
        (Infix::Postfix(op), kind) => ExprKind::Unary(op, Box::new(Expr::new(kind, span))),
        (Infix::Compare(op), ExprKind::Compare(first, mut rest)) if is_chain => {
            rest.push((op, right));
            ExprKind::Compare(first, rest)
        }
        (Infix::Compare(op), kind) => {
            ExprKind::Compare(Box::new(Expr::new(kind, span)), vec![(op, right)])
        }
    };
    Expr::new(kind, span)
}

#[cfg(test)]
mod tests {
    use crate::parse::parse_expression;

    /// Both texts must give the same tree.
    #[track_caller]
    fn check(source: &str, same_as: &str) {
        assert_eq!(parse_expression(source).unwrap(), parse_expression(same_as).unwrap());
    }

    #[test]
    fn strength_of_operators() {
        check("a OR b XOR c AND NOT d = e", "a OR (b XOR (c AND (NOT (d = e))))");
        check("NOT a IS NULL", "NOT (a IS NULL)");
        check("a = b IN c", "a = (b IN c)");
        check("[1]+2 IN [3]+4", "([1]+2) IN ([3]+4)");
        check("a + b * c ^ d", "a + (b * (c ^ d))");
        check("-3 ^ 2", "(-3) ^ 2");
        check("-a.b[0]", "-((a.b)[0])");
        check("a STARTS WITH b OR c", "(a STARTS WITH b) OR c");
        check("a - b - c", "(a - b) - c");
        check("a ^ b ^ c", "(a ^ b) ^ c");
        check("a IS NULL = b IS NOT NULL", "(a IS NULL) = (b IS NOT NULL)");
        check("a:B.c", "(a:B).c");
    }

    #[test]
    fn comparisons_chain() {
        assert_ne!(
            parse_expression("a < b < c").unwrap(),
            parse_expression("(a < b) < c").unwrap()
        );
        check("a < b <= c AND d", "(a < b <= c) AND d");
    }

    #[test]
    fn keywords_in_any_case() {
        check("a and not b is null", "a AND NOT b IS NULL");
    }
}
