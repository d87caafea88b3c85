//! Expressions that have the same value in every row are computed once.

use lang::ast::{Expr, ExprKind, Literal};
use lang::functions::aggregate::is_aggregate;
use lang::value::{Text, Value};

/// The value of a literal, borrowed from the tree.
pub(crate) fn literal(literal: &Literal) -> Value<'_> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(it) => Value::Bool(*it),
        Literal::Int(it) => Value::Int(*it),
        Literal::Float(it) => Value::Float(*it),
        Literal::Str(text) => Value::Str(Text::Borrowed(text)),
    }
}

/// Functions whose value changes from call to call.
const VOLATILE: [&str; 2] = ["rand", "randomuuid"];

/// Whether the value of a function changes from call to call.
pub(crate) fn is_volatile(function: &str) -> bool {
    VOLATILE.iter().any(|it| it.eq_ignore_ascii_case(function))
}

/// Whether the value depends on no variable, aggregate or pattern.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Variable(_)
        | ExprKind::CountStar
        | ExprKind::Pattern(_)
        | ExprKind::PatternComprehension(_)
        | ExprKind::Exists(_)
        | ExprKind::Count(_)
        // these bind variables of their own: worth too little to look inside
        | ExprKind::ListComprehension(_)
        | ExprKind::Quantifier(_)
        | ExprKind::Reduce(_)
        | ExprKind::MapProjection(_) => false,
        ExprKind::Call(call) => {
            !is_volatile(call.function.as_str()) && !is_aggregate(expr) && call.args.iter().all(is_constant)
        }
        _ => {
            let mut all = true;
            expr.for_each_child(&mut |child| all &= is_constant(child));
            all
        }
    }
}
