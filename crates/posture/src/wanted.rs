//! What a check would accept at a place of a document: the leaf of its condition about that place, turned round.
//!
//! Only what the condition says in so many words: a comparison of one path with a constant, a flag, presence. What else
//! a check asks has no short answer, and gets none.

use std::collections::BTreeSet;

use content::{Check, Evidence};
use lang::ast::{BinaryOp, CompareOp, Expr, ExprKind, UnaryOp};
use lang::parse_expression;

/// What a check would accept, by path.
#[derive(Debug, Default)]
pub struct Wanted {
    leaves: Vec<Leaf>,
    /// The paths that the check shows as proof.
    shown: BTreeSet<String>,
}

/// A leaf of a condition about one value.
#[derive(Debug)]
struct Leaf {
    /// Paths of which the first that is there is meant.
    paths: Vec<String>,
    /// What would make it false.
    wanted: String,
    /// Whether it takes others to be unhealthy: changing one of them is enough.
    is_joined: bool,
}

impl Wanted {
    /// Reads the condition of a check.
    pub fn of(check: &Check) -> Self {
        let shown = check.evidence.iter().filter_map(|it| match it {
            Evidence::Path(path) => Some(path.text().to_owned()),
            Evidence::Elements(_) | Evidence::Query(_) => None,
        });
        let mut wanted = Self { leaves: Vec::new(), shown: shown.collect() };
        if let Ok(condition) = parse_expression(&check.unhealthy) {
            wanted.walk(&condition, true, false);
        }
        wanted
    }

    /// What would be accepted at `path`, as the right side of a comparison (`= true`, `<> 'Allow'`, `IS NOT NULL`).
    /// `None` where the condition says nothing simple about it, or several things.
    pub fn at(&self, path: &str) -> Option<&str> {
        let is_about = |it: &&Leaf| it.paths.iter().any(|it| it == path);
        let mut found = self.leaves.iter().filter(is_about);
        let (leaf, None) = (found.next()?, found.next()) else { return None };
        // Of several that must come together the check shows the one that is to change.
        let is_shown = |it: &Leaf| it.paths.iter().any(|it| self.shown.contains(it));
        let is_other = |it: &&Leaf| it.is_joined && !std::ptr::eq(*it, leaf) && is_shown(it);
        let is_one_of_many = leaf.is_joined && self.leaves.iter().any(|it| is_other(&it));
        (!is_one_of_many).then_some(leaf.wanted.as_str())
    }

    /// Collects the leaves of a condition; `is_true`: unhealthy is what makes it true.
    fn walk(&mut self, expr: &Expr, is_true: bool, is_joined: bool) {
        match &expr.kind {
            ExprKind::Unary(UnaryOp::Not, of) => self.walk(of, !is_true, is_joined),
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
                let is_joined = is_joined || (*op == BinaryOp::And) == is_true;
                self.walk(left, is_true, is_joined);
                self.walk(right, is_true, is_joined);
            }
            _ => {
                if let Some((paths, wanted)) = leaf(expr, is_true) {
                    self.leaves.push(Leaf { paths, wanted, is_joined });
                }
            }
        }
    }
}

/// The paths of a leaf, and what the value would have to be; `is_true`: unhealthy is what makes it true.
fn leaf(expr: &Expr, is_true: bool) -> Option<(Vec<String>, String)> {
    match &expr.kind {
        ExprKind::Unary(op @ (UnaryOp::IsNull | UnaryOp::IsNotNull), of) => {
            let wants_null = (*op == UnaryOp::IsNotNull) == is_true;
            let wanted = if wants_null { "IS NULL" } else { "IS NOT NULL" };
            Some((paths(of)?, wanted.to_owned()))
        }
        ExprKind::Compare(of, others) => {
            let [(op, value)] = others.as_slice() else { return None };
            let op = if is_true { opposite(*op) } else { *op };
            Some((paths(of)?, compared(op, value)?))
        }
        ExprKind::Binary(
            op @ (BinaryOp::In | BinaryOp::StartsWith | BinaryOp::EndsWith),
            of,
            value,
        ) if is_constant(value) => {
            let not = if is_true { "NOT " } else { "" };
            Some((paths(of)?, format!("{not}{op} {value}")))
        }
        // A flag.
        ExprKind::Property(..) | ExprKind::Call(_) => {
            Some((paths(expr)?, format!("= {}", !is_true)))
        }
        _ => None,
    }
}

fn compared(op: CompareOp, value: &Expr) -> Option<String> {
    let ExprKind::Literal(literal) = &value.kind else { return None };
    // Of two values one is the other's opposite.
    Some(match (op, literal) {
        (CompareOp::Ne, lang::ast::Literal::Bool(flag)) => format!("= {}", !flag),
        _ => format!("{op} {value}"),
    })
}

fn opposite(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::Ne,
        CompareOp::Ne => CompareOp::Eq,
        CompareOp::Lt => CompareOp::Ge,
        CompareOp::Le => CompareOp::Gt,
        CompareOp::Gt => CompareOp::Le,
        CompareOp::Ge => CompareOp::Lt,
    }
}

fn is_constant(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(_) => true,
        ExprKind::List(items) => items.iter().all(is_constant),
        _ => false,
    }
}

/// The paths of the judged resource that an expression stands for: `r.a.b`, or the first of several that is there.
fn paths(expr: &Expr) -> Option<Vec<String>> {
    if let ExprKind::Call(call) = &expr.kind {
        if !call.function.text.eq_ignore_ascii_case("coalesce") {
            return None;
        }
        let (default, of) = call.args.split_last()?;
        let of = if is_constant(default) { of } else { call.args.as_slice() };
        let all: Option<Vec<String>> = of.iter().map(path).collect();
        return all.filter(|it| !it.is_empty());
    }
    Some(vec![path(expr)?])
}

fn path(expr: &Expr) -> Option<String> {
    let ExprKind::Property(of, name) = &expr.kind else { return None };
    match &of.kind {
        ExprKind::Variable(variable) => (&*variable.text == "r").then(|| name.text.to_string()),
        _ => Some(format!("{}.{}", path(of)?, name.text)),
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;
    use lang::parse_expression;

    #[track_caller]
    fn check(condition: &str, shown: &[&str], path: &str, want: Option<&str>) {
        let shown = shown.iter().map(|it| (*it).to_owned()).collect();
        let mut wanted = Wanted { leaves: Vec::new(), shown };
        wanted.walk(&parse_expression(condition).unwrap(), true, false);
        assert_eq!(wanted.at(path), want, "{condition}");
    }

    #[test]
    fn a_simple_condition_says_what_it_would_accept() {
        for (condition, want) in [
            ("NOT coalesce(r.a.b, false)", "= true"),
            ("coalesce(r.a.b, true)", "= false"),
            ("r.a.b", "= false"),
            ("r.a.b = false", "= true"),
            ("r.a.b <> true", "= true"),
            ("coalesce(r.a.b, 'Allow') <> 'Deny'", "= 'Deny'"),
            ("coalesce(r.a.b, 'None') = 'None'", "<> 'None'"),
            ("coalesce(r.a.b, 30) < 90", ">= 90"),
            ("NOT r.a.b >= 90", ">= 90"),
            ("r.a.b IS NULL", "IS NOT NULL"),
            ("NOT r.a.b IS NULL", "IS NULL"),
            ("coalesce(r.a.b, 'x') IN ['x', 'y']", "NOT IN ['x', 'y']"),
            ("NOT r.a.b STARTS WITH 'TLS'", "STARTS WITH 'TLS'"),
            ("r.other = 1 OR NOT (r.a.b = 'x' AND r.more)", "= 'x'"),
            ("coalesce(r.c, r.a.b, 'Off') = 'Off'", "<> 'Off'"),
        ] {
            check(condition, &["a.b"], "a.b", Some(want));
        }
    }

    #[test]
    fn what_is_not_simple_has_no_answer() {
        for condition in [
            "any(x IN r.a.b WHERE x = 1)",
            "toLower(r.a.b) = 'x'",
            "r.a.b = r.c",
            "r.a.b = 1 OR r.a.b = 2",
            "size(coalesce(r.a.b, [])) = 0",
            "r.a.b < 1 XOR r.c",
            "n.a.b = 1",
        ] {
            check(condition, &["a.b"], "a.b", None);
        }
        // Two that must come together: either would do, and the check shows both.
        let both = "r.a.b = 1 AND NOT r.c";
        check(both, &["a.b", "c"], "a.b", None);
        check(both, &["a.b"], "a.b", Some("<> 1"));
    }
}
