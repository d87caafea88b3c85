//! Which variables an expression or a clause speaks of.

use std::collections::BTreeSet;

use lang::ast::{
    Clause, Expr, ExprKind, MapItem, NodePattern, PathPattern, Projection, Query, SingleQuery,
};

/// The names of variables, in order.
pub(crate) type NameSet<'a> = BTreeSet<&'a str>;

/// Adds every variable that is named anywhere in `expr`, those of patterns and sub-queries and those
/// bound inside included: more rather than less.
pub(crate) fn in_expr<'a>(expr: &'a Expr, names: &mut NameSet<'a>) {
    match &expr.kind {
        ExprKind::Variable(name) => {
            names.insert(name.as_str());
        }
        ExprKind::MapProjection(it) => {
            names.insert(it.subject.as_str());
            for item in &it.items {
                if let MapItem::Variable(name) = item {
                    names.insert(name.as_str());
                }
            }
        }
        ExprKind::Pattern(pattern) => in_pattern(pattern, names),
        ExprKind::PatternComprehension(it) => {
            in_pattern(&it.pattern, names);
            it.condition.iter().chain([&it.projection]).for_each(|expr| in_expr(expr, names));
        }
        ExprKind::Exists(query) | ExprKind::Count(query) => in_query(query, names),
        _ => {}
    }
    expr.for_each_child(&mut |child| in_expr(child, names));
}

/// Adds every variable that a pattern names.
pub(crate) fn in_pattern<'a>(pattern: &'a PathPattern, names: &mut NameSet<'a>) {
    names.extend(pattern.variable.iter().map(lang::ast::Name::as_str));
    in_node(&pattern.start, names);
    for (edge, node) in &pattern.steps {
        names.extend(edge.variable.iter().map(lang::ast::Name::as_str));
        edge.properties.iter().for_each(|it| in_expr(it, names));
        in_node(node, names);
    }
}

fn in_node<'a>(node: &'a NodePattern, names: &mut NameSet<'a>) {
    names.extend(node.variable.iter().map(lang::ast::Name::as_str));
    node.properties.iter().for_each(|it| in_expr(it, names));
}

/// Adds every variable that a query names.
pub(crate) fn in_query<'a>(query: &'a Query, names: &mut NameSet<'a>) {
    for part in query.parts() {
        in_clauses(&part.clauses, names);
    }
}

/// Adds every variable that clauses name.
pub(crate) fn in_clauses<'a>(clauses: &'a [Clause], names: &mut NameSet<'a>) {
    for clause in clauses {
        match clause {
            Clause::Match(it) => {
                it.patterns.iter().for_each(|pattern| in_pattern(pattern, names));
                it.condition.iter().for_each(|expr| in_expr(expr, names));
            }
            Clause::Unwind(it) => {
                in_expr(&it.list, names);
                names.insert(it.variable.as_str());
            }
            Clause::With(it) => {
                in_projection(&it.projection, names);
                it.condition.iter().for_each(|expr| in_expr(expr, names));
            }
            Clause::Return(it) => in_projection(&it.projection, names),
            Clause::Create(it) => {
                it.patterns.iter().for_each(|pattern| in_pattern(pattern, names));
            }
        }
    }
}

/// Adds every variable that a projection names, except those meant by `*`.
pub(crate) fn in_projection<'a>(projection: &'a Projection, names: &mut NameSet<'a>) {
    for item in &projection.items {
        in_expr(&item.expr, names);
        names.extend(item.alias.iter().map(lang::ast::Name::as_str));
    }
    projection.order_by.iter().for_each(|item| in_expr(&item.expr, names));
    projection.skip.iter().chain(&projection.limit).for_each(|expr| in_expr(expr, names));
}

/// Paths of shortest-path patterns of which only the length is asked for.
pub(crate) fn length_only<'a>(query: &'a SingleQuery) -> NameSet<'a> {
    let mut paths = NameSet::new();
    for clause in &query.clauses {
        if let Clause::Match(it) = clause {
            for pattern in &it.patterns {
                if pattern.kind == lang::ast::PathKind::Shortest {
                    paths.extend(pattern.variable.iter().map(lang::ast::Name::as_str));
                }
            }
        }
    }
    if paths.is_empty() {
        return paths;
    }
    let has_star = query.clauses.iter().any(|clause| match clause {
        Clause::With(it) => it.projection.star,
        Clause::Return(it) => it.projection.star,
        Clause::Match(_) | Clause::Unwind(_) | Clause::Create(_) => false,
    });
    if has_star {
        return NameSet::new();
    }
    let mut used = NameSet::new();
    for clause in &query.clauses {
        let mut add = |expr: &'a Expr| beyond_length(expr, &mut used);
        match clause {
            Clause::Match(it) => it.condition.iter().for_each(&mut add),
            Clause::Unwind(it) => add(&it.list),
            Clause::With(it) => {
                for_each_expr(&it.projection, &mut add);
                it.condition.iter().for_each(&mut add);
            }
            Clause::Return(it) => for_each_expr(&it.projection, &mut add),
            Clause::Create(_) => {}
        }
    }
    paths.into_iter().filter(|path| !used.contains(path)).collect()
}

fn for_each_expr<'a>(projection: &'a Projection, visit: &mut dyn FnMut(&'a Expr)) {
    projection.items.iter().for_each(|item| visit(&item.expr));
    projection.order_by.iter().for_each(|item| visit(&item.expr));
}

/// Adds the variables that are used otherwise than in `length(variable)`.
fn beyond_length<'a>(expr: &'a Expr, names: &mut NameSet<'a>) {
    match &expr.kind {
        ExprKind::Call(call)
            if call.function.as_str().eq_ignore_ascii_case("length")
                && matches!(&*call.args, [Expr { kind: ExprKind::Variable(_), .. }]) => {}
        ExprKind::Variable(_)
        | ExprKind::MapProjection(_)
        | ExprKind::Pattern(_)
        | ExprKind::PatternComprehension(_)
        | ExprKind::Exists(_)
        | ExprKind::Count(_) => in_expr(expr, names),
        _ => expr.for_each_child(&mut |child| beyond_length(child, names)),
    }
}
