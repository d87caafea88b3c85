//! The leaf conditions of a predicate: what AND, OR, XOR and NOT join.

use lang::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use model::Path;

/// A condition that holds no further AND, OR, XOR or NOT at its top.
#[derive(Debug)]
pub(crate) struct LeafCondition {
    /// The condition as text.
    pub(crate) text: String,
    /// Paths of the document of `r` that it reads.
    pub(crate) paths: Vec<Path>,
}

/// The leaf conditions of a predicate over `r`; none when it is not an expression.
pub(crate) fn leaf_conditions(predicate: &str) -> Vec<LeafCondition> {
    let mut found = Vec::new();
    if let Ok(tree) = lang::parse_expression(predicate) {
        split(&tree, &mut found);
    }
    found
}

fn split(tree: &Expr, found: &mut Vec<LeafCondition>) {
    match &tree.kind {
        ExprKind::Binary(BinaryOp::And | BinaryOp::Or | BinaryOp::Xor, left, right) => {
            split(left, found);
            split(right, found);
        }
        ExprKind::Unary(UnaryOp::Not, inner) => split(inner, found),
        _ => {
            let mut paths = Vec::new();
            read_paths(tree, &mut |path| paths.push(path));
            paths.sort();
            paths.dedup();
            let paths = paths.iter().filter_map(|it| Path::parse(it).ok()).collect();
            found.push(LeafCondition { text: tree.to_string(), paths });
        }
    }
}

/// Every path of `r` that an expression reads, the longest ones; `merlon` is not of the document.
pub(crate) fn read_paths(tree: &Expr, visit: &mut dyn FnMut(String)) {
    if let Some(path) = path_of(tree) {
        if !path.starts_with("`merlon`") {
            visit(path);
        }
        return;
    }
    let mut children = Vec::new();
    tree.for_each_child(&mut |child| children.push(child));
    for child in children {
        read_paths(child, visit);
    }
}

fn path_of(tree: &Expr) -> Option<String> {
    let ExprKind::Property(of, name) = &tree.kind else { return None };
    match &of.kind {
        ExprKind::Variable(variable) if &*variable.text == "r" => Some(format!("`{}`", name.text)),
        _ => path_of(of).map(|path| format!("{path}.`{}`", name.text)),
    }
}

#[cfg(test)]
mod tests {
    use super::leaf_conditions;

    #[track_caller]
    fn check(predicate: &str, want: &[(&str, &[&str])]) {
        let found = leaf_conditions(predicate);
        let found: Vec<(&str, Vec<&str>)> = found
            .iter()
            .map(|it| (it.text.as_str(), it.paths.iter().map(model::Path::text).collect()))
            .collect();
        let want: Vec<(&str, Vec<&str>)> =
            want.iter().map(|(text, paths)| (*text, paths.to_vec())).collect();
        assert_eq!(found, want);
    }

    #[test]
    fn conditions_are_split_at_and_or_not() {
        check(
            "r.a = 1 AND NOT (r.b.c OR coalesce(r.d, true))",
            &[("r.a = 1", &["`a`"]), ("r.b.c", &["`b`.`c`"]), ("coalesce(r.d, true)", &["`d`"])],
        );
    }

    #[test]
    fn a_quantifier_is_one_leaf() {
        check(
            "any(x IN r.list WHERE x.a AND x.b)",
            &[("any(x IN r.list WHERE x.a AND x.b)", &["`list`"])],
        );
    }

    #[test]
    fn what_merlon_adds_is_not_of_the_document() {
        check("r.merlon.region = 'x'", &[("r.merlon.region = 'x'", &[])]);
    }
}
