//! What a predicate does with time, read from its tree.
//!
//! Understood is the comparison of now, plus or minus a length of days or less, with an instant
//! that stands as text in the document or in the predicate; and `daysSince(..)` with a number.

use jiff::{SignedDuration, Timestamp};
use lang::Period;
use lang::ast::{BinaryOp, Expr, ExprKind, Literal, UnaryOp};
use lang::functions::parse_instant;
use model::Path;

use crate::leaves::read_paths;

/// What is found out.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) reads_now: bool,
    pub(super) is_understood: bool,
    pub(super) has_floats: bool,
    pub(super) paths: Vec<Path>,
    pub(super) literals: Vec<Timestamp>,
    pub(super) offsets: Vec<SignedDuration>,
    /// Variables in scope, innermost last: whether they hold what stands in the document.
    variables: Vec<(String, bool)>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            reads_now: false,
            is_understood: true,
            has_floats: false,
            paths: Vec::new(),
            literals: Vec::new(),
            offsets: Vec::new(),
            variables: Vec::new(),
        }
    }
}

impl Shape {
    /// Takes in one predicate over `r`.
    pub(super) fn read(&mut self, predicate: &str) {
        let Ok(tree) = lang::parse_expression(predicate) else {
            self.reads_now = true;
            self.is_understood = false;
            return;
        };
        self.walk(&tree);
        let mut paths = Vec::new();
        read_paths(&tree, &mut |path| paths.push(path));
        paths.sort_unstable();
        paths.dedup();
        self.paths.extend(paths.iter().filter_map(|it| Path::parse(it).ok()));
        literals(&tree, &mut |text| self.literals.extend(parse_instant(text)));
    }

    fn give_up(&mut self) {
        self.is_understood = false;
    }

    fn walk(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Compare(first, rest) => {
                let mut left: &Expr = first;
                for (_, right) in rest {
                    self.comparison(left, right);
                    left = right;
                }
                return;
            }
            ExprKind::Exists(_)
            | ExprKind::Count(_)
            | ExprKind::Pattern(_)
            | ExprKind::PatternComprehension(_) => {
                // instants of neighbours are not followed
                if mentions_now(expr) {
                    self.reads_now = true;
                    self.give_up();
                }
                return;
            }
            ExprKind::Quantifier(it) => {
                self.walk(&it.list);
                let stands = self.is_list_as_read(&it.list);
                self.variables.push((it.variable.as_str().to_owned(), stands));
                self.walk(&it.condition);
                self.variables.pop();
                return;
            }
            ExprKind::ListComprehension(it) => {
                self.walk(&it.list);
                let stands = self.is_list_as_read(&it.list);
                self.variables.push((it.variable.as_str().to_owned(), stands));
                it.condition.iter().chain(&it.projection).for_each(|it| self.walk(it));
                self.variables.pop();
                return;
            }
            _ if is_now(expr) || is_days_since(expr).is_some() => {
                self.reads_now = true;
                self.give_up();
                return;
            }
            _ => {}
        }
        let mut children = Vec::new();
        expr.for_each_child(&mut |child| children.push(child));
        for child in children {
            self.walk(child);
        }
    }

    fn comparison(&mut self, left: &Expr, right: &Expr) {
        if !mentions_now(left) && !mentions_now(right) {
            self.walk(left);
            self.walk(right);
            return;
        }
        self.reads_now = true;
        let offset = self.offset(left, right).or_else(|| self.offset(right, left));
        match offset {
            Some(offset) => self.offsets.push(offset),
            None => self.give_up(),
        }
    }

    /// How long after the instant in `instant` the comparison with `now` turns over.
    fn offset(&mut self, now: &Expr, instant: &Expr) -> Option<SignedDuration> {
        if let Some(of) = is_days_since(now) {
            let days = number(instant)?;
            self.has_floats = true;
            let offset = SignedDuration::try_from_secs_f64(days * 86_400.0).ok()?;
            return (self.is_as_read(of) && !mentions_now(of)).then_some(offset);
        }
        let (base, ahead) = split_lengths(now)?;
        let (of, behind) = split_lengths(instant)?;
        let ExprKind::Call(call) = &of.kind else { return None };
        let is_instant = call.function.as_str().eq_ignore_ascii_case("datetime");
        let [text] = call.args.as_slice() else { return None };
        let is_fit = is_now(base) && is_instant && self.is_as_read(text) && !mentions_now(text);
        is_fit.then(|| behind.checked_sub(ahead)).flatten()
    }

    /// Whether the value of an expression stands, as it is, in the document or in the predicate.
    fn is_as_read(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Literal(_) => true,
            ExprKind::Variable(name) => {
                let known = self.variables.iter().rev().find(|(it, _)| it == name.as_str());
                known.is_some_and(|(_, stands)| *stands)
            }
            ExprKind::Property(of, key) => match &of.kind {
                ExprKind::Variable(name) if name.as_str() == "r" => key.as_str() != "merlon",
                _ => self.is_as_read(of),
            },
            ExprKind::Index(of, _) | ExprKind::Slice(of, _, _) => self.is_as_read(of),
            ExprKind::List(items) => items.iter().all(|it| self.is_as_read(it)),
            ExprKind::Call(call) => {
                let name = call.function.as_str().to_ascii_lowercase();
                matches!(&*name, "coalesce" | "head" | "last")
                    && call.args.iter().all(|it| self.is_as_read(it))
            }
            _ => false,
        }
    }

    /// The same for a list, which may be put together of several.
    fn is_list_as_read(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Binary(BinaryOp::Add, left, right) => {
                self.is_list_as_read(left) && self.is_list_as_read(right)
            }
            _ => self.is_as_read(expr),
        }
    }
}

/// An expression without the lengths of time that are added to it, and their sum.
fn split_lengths(expr: &Expr) -> Option<(&Expr, SignedDuration)> {
    let (left, right, sign) = match &expr.kind {
        ExprKind::Binary(BinaryOp::Add, left, right) => (left, right, 1),
        ExprKind::Binary(BinaryOp::Sub, left, right) => (left, right, -1),
        _ => return Some((expr, SignedDuration::ZERO)),
    };
    let (base, so_far) = split_lengths(left)?;
    Some((base, so_far.checked_add(length(right)?.checked_mul(sign)?)?))
}

/// A length of time without months, which have no one length.
fn length(expr: &Expr) -> Option<SignedDuration> {
    let ExprKind::Call(call) = &expr.kind else { return None };
    let [Expr { kind: ExprKind::Literal(Literal::Str(text)), .. }] = call.args.as_slice() else {
        return None;
    };
    let is_length = call.function.as_str().eq_ignore_ascii_case("duration");
    let period = Period::parse(text.trim()).filter(|it| is_length && it.months == 0)?;
    let days = SignedDuration::from_secs(period.days.checked_mul(86_400)?);
    let nanos = i32::try_from(period.nanos).ok()?;
    days.checked_add(SignedDuration::new(period.seconds, nanos))
}

fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Literal(Literal::Int(number)) => Some(*number as f64),
        ExprKind::Literal(Literal::Float(number)) => Some(*number),
        ExprKind::Unary(UnaryOp::Minus, inner) => number(inner).map(|it| -it),
        _ => None,
    }
}

fn is_now(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Parameter(name) => name.as_str() == "now",
        ExprKind::Call(call) => {
            let name = call.function.as_str().to_ascii_lowercase();
            call.args.is_empty() && matches!(&*name, "datetime" | "date" | "timestamp")
        }
        _ => false,
    }
}

/// The argument of `daysSince(..)`.
fn is_days_since(expr: &Expr) -> Option<&Expr> {
    let ExprKind::Call(call) = &expr.kind else { return None };
    let is_it = call.function.as_str().eq_ignore_ascii_case("daysSince");
    call.args.first().filter(|_| is_it)
}

/// Whether now stands anywhere in an expression, sub-queries included: told from its text, and
/// rather once too often.
fn mentions_now(expr: &Expr) -> bool {
    let text = expr.to_string().to_ascii_lowercase();
    ["$now", "$`now`", "dayssince", "datetime()", "date()", "timestamp()"]
        .iter()
        .any(|it| text.contains(it))
}

fn literals(expr: &Expr, visit: &mut dyn FnMut(&str)) {
    if let ExprKind::Literal(Literal::Str(text)) = &expr.kind {
        visit(text);
    }
    let mut children = Vec::new();
    expr.for_each_child(&mut |child| children.push(child));
    for child in children {
        literals(child, visit);
    }
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[track_caller]
    fn check(predicate: &str, want: &str) {
        let mut shape = Shape::default();
        shape.read(predicate);
        let hours: Vec<i64> = shape.offsets.iter().map(jiff::SignedDuration::as_hours).collect();
        let found = match (shape.reads_now, shape.is_understood) {
            (false, _) => "never".to_owned(),
            (true, true) => format!("{hours:?}"),
            (true, false) => "daily".to_owned(),
        };
        assert_eq!(found, want, "{predicate}");
    }

    #[test]
    fn comparisons_of_instants_with_now_are_understood() {
        check("datetime(r.a) < $now", "[0]");
        check("datetime(r.a.b) < $now - duration('P90D')", "[2160]");
        check("$now + duration('PT12H') >= datetime(coalesce(r.a, r.b))", "[-12]");
        check("datetime(r.a) + duration('P1D') < $now - duration('P1D')", "[48]");
        check("daysSince(r.a) > 90 OR r.b", "[2160]");
        check("any(p IN coalesce(r.a, []) + r.b WHERE datetime(p.end) < $now)", "[0]");
        check(
            "any(v IN [['1.30', '2025-07-23']] WHERE v[0] = r.a AND datetime(v[1]) < $now)",
            "[0]",
        );
    }

    #[test]
    fn what_is_not_understood_is_judged_each_day() {
        check("datetime(r.a + 'Z') < $now", "daily");
        check("datetime(r.a) < $now - duration('P1M')", "daily");
        check("$now.year > 2026", "daily");
        check("daysSince(r.a) > r.b", "daily");
        check("any(p IN split(r.a, ',') WHERE datetime(p) < $now)", "daily");
        check("EXISTS { (r)-[:X]->(n) WHERE datetime(n.end) < $now }", "daily");
        check("datetime(r.merlon.tags.end) < $now", "daily");
    }

    #[test]
    fn without_now_there_is_no_clock() {
        check("datetime(r.a) < datetime('2026-01-01') AND EXISTS { (r)-[:X]->(n) }", "never");
    }
}
