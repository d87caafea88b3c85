//! A form as openCypher: as a tree of the language, printed a clause and a condition a line.

use std::fmt;
use std::sync::Arc;

use super::{Connection, Elements, Group, Item, Of, Presence, Scalar, Search, Test, TestOp, Thing};
use crate::ast::{
    BinaryOp, Call, Clause, EdgePattern, Expr, ExprKind, LabelExpr, Literal, Match, Name,
    NodePattern, PathKind, PathPattern, Projection, ProjectionItem, Quantifier, Query, SingleQuery,
    Span, UnaryOp,
};

/// The text of a search in normal form.
pub(super) fn search(search: &Search) -> String {
    let block = Block::of(&search.thing, node(&search.thing));
    format!("{block}\nRETURN {}", projection(search, &columns(search)))
}

/// How many rows a search in normal form has, whatever its limit.
pub(super) fn count(search: &Search) -> String {
    let block = Block::of(&search.thing, node(&search.thing));
    let all = Search { limit: None, ..search.clone() };
    format!("{block}\nWITH {}\nRETURN count(*) AS n", projection(&all, &columns(search)))
}

/// The paths that a search in normal form finds, so that the edges between its columns are told.
pub(super) fn paths(search: &Search) -> String {
    let mut block = Block::of(&search.thing, node(&search.thing));
    let mut names = Vec::new();
    for (idx, pattern) in block.patterns.iter_mut().enumerate() {
        // No variable of the language begins with a blank unless it was meant to annoy.
        let path = format!(" path {}", idx + 1);
        pattern.variable = Some(name(&path));
        names.push(path);
    }
    let columns: Vec<&str> = names.iter().map(String::as_str).collect();
    format!("{block}\nRETURN {}", projection(search, &columns))
}

fn projection(search: &Search, columns: &[&str]) -> Projection {
    let items = columns.iter().map(|it| ProjectionItem { expr: variable(it), alias: None });
    Projection {
        distinct: search.thing.items.iter().any(|it| joined(it).is_some()),
        star: false,
        items: items.collect(),
        order_by: Vec::new(),
        skip: None,
        limit: search.limit.map(|it| int(i64::try_from(it).unwrap_or(i64::MAX))),
        span: Span::default(),
    }
}

fn columns(search: &Search) -> Vec<&str> {
    let mut columns = vec![search.thing.variable.as_str()];
    shown(&search.thing, &mut columns);
    columns
}

/// The text of the conditions of a thing in normal form.
pub(super) fn condition(thing: &Thing) -> String {
    let texts: Vec<String> =
        thing.items.iter().map(|it| operand(&item(it, &thing.variable))).collect();
    if texts.is_empty() { "true".to_owned() } else { texts.join("\nAND ") }
}

/// A condition as an operand of AND.
fn operand(condition: &Expr) -> String {
    match condition.kind {
        ExprKind::Binary(BinaryOp::Or, ..) => format!("({condition})"),
        _ => condition.to_string(),
    }
}

/// The columns behind the first, in order.
fn shown<'t>(thing: &'t Thing, columns: &mut Vec<&'t str>) {
    for it in thing.items.iter().filter_map(joined) {
        if it.presence == Presence::Shown {
            columns.push(&it.thing.variable);
        }
        shown(&it.thing, columns);
    }
}

/// The connection that is part of the pattern of what it is connected with.
fn joined(item: &Item) -> Option<&Connection> {
    match item {
        Item::Connection(it) if matches!(it.presence, Presence::Shown | Presence::Joined) => {
            Some(it)
        }
        _ => None,
    }
}

/// The patterns of a `MATCH` and what must hold of what they bind.
#[derive(Default)]
struct Block {
    patterns: Vec<PathPattern>,
    conditions: Vec<Expr>,
}

impl fmt::Display for Block {
    /// The clause, a pattern and a condition a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, pattern) in self.patterns.iter().enumerate() {
            write!(f, "{}{pattern}", if idx == 0 { "MATCH " } else { ",\n      " })?;
        }
        for (idx, condition) in self.conditions.iter().enumerate() {
            f.write_str(if idx == 0 { "\nWHERE " } else { "\n  AND " })?;
            f.write_str(&operand(condition))?;
        }
        Ok(())
    }
}

impl Block {
    /// A thing with all that is joined to it, beginning with `start`.
    fn of(thing: &Thing, start: NodePattern) -> Self {
        let mut block = Self::default();
        block.patterns.push(pattern(start));
        block.extend(thing, 0);
        block
    }

    /// Adds what belongs to `thing`, with which the pattern `at` ends.
    fn extend(&mut self, thing: &Thing, at: usize) {
        let apart = thing.items.iter().filter(|it| joined(it).is_none());
        self.conditions.extend(apart.map(|it| item(it, &thing.variable)));
        for (idx, connection) in thing.items.iter().filter_map(joined).enumerate() {
            let at = if idx == 0 {
                at
            } else {
                self.patterns.push(pattern(bare(&thing.variable)));
                self.patterns.len() - 1
            };
            self.step(connection, at);
        }
    }

    fn step(&mut self, connection: &Connection, at: usize) {
        if let Some(pattern) = self.patterns.get_mut(at) {
            pattern.steps.push((edge(connection), node(&connection.thing)));
        }
        self.extend(&connection.thing, at);
    }
}

fn pattern(start: NodePattern) -> PathPattern {
    let (kind, span) = (PathKind::All, Span::default());
    PathPattern { variable: None, kind, start, steps: Vec::new(), span }
}

fn bare(variable: &str) -> NodePattern {
    NodePattern {
        variable: Some(name(variable)),
        labels: None,
        properties: None,
        span: Span::default(),
    }
}

fn node(thing: &Thing) -> NodePattern {
    let labels = thing.labels.iter().map(|it| LabelExpr::Label(name(it)));
    let labels = labels.reduce(|left, right| LabelExpr::Or(Box::new(left), Box::new(right)));
    NodePattern { labels, ..bare(&thing.variable) }
}

fn edge(connection: &Connection) -> EdgePattern {
    EdgePattern {
        variable: None,
        types: connection.types.iter().map(|it| name(it)).collect(),
        direction: connection.direction,
        length: connection.hops,
        properties: None,
        span: Span::default(),
    }
}

fn item(item: &Item, of: &str) -> Expr {
    match item {
        Item::Test(it) => test(it, of),
        Item::Group(it) => group(it, of),
        Item::Connection(it) => connected(it, of),
        Item::Elements(it) => elements(it, of),
    }
}

fn group(group: &Group, of: &str) -> Expr {
    let op = if group.is_any { BinaryOp::Or } else { BinaryOp::And };
    negated(joined_by(op, group.items.iter().map(|it| item(it, of))), group.not)
}

/// `true` when there are none.
fn joined_by(op: BinaryOp, items: impl Iterator<Item = Expr>) -> Expr {
    items
        .reduce(|left, right| expr(ExprKind::Binary(op, Box::new(left), Box::new(right))))
        .unwrap_or_else(|| literal(Literal::Bool(true)))
}

fn connected(connection: &Connection, of: &str) -> Expr {
    let mut block = Block { patterns: vec![pattern(bare(of))], conditions: Vec::new() };
    block.step(connection, 0);
    let condition = if block.conditions.is_empty() {
        None
    } else {
        Some(joined_by(BinaryOp::And, block.conditions.into_iter()))
    };
    let span = Span::default();
    let clause = Match { optional: false, patterns: block.patterns, condition, span };
    let single = SingleQuery { clauses: vec![Clause::Match(clause)], span };
    let exists = ExprKind::Exists(Box::new(Query { first: single, unions: Vec::new(), span }));
    negated(expr(exists), connection.presence == Presence::Absent)
}

fn elements(elements: &Elements, of: &str) -> Expr {
    let list = place(of, &elements.path);
    let list = if elements.or_empty {
        call("coalesce", vec![list, expr(ExprKind::List(Vec::new()))])
    } else {
        list
    };
    let items = elements.items.iter().map(|it| item(it, &elements.variable));
    let quantifier = Quantifier {
        kind: elements.quantifier,
        variable: name(&elements.variable),
        list,
        condition: joined_by(BinaryOp::And, items),
    };
    negated(expr(ExprKind::Quantifier(Box::new(quantifier))), elements.not)
}

fn test(test: &Test, of: &str) -> Expr {
    let mut left = place(of, &test.path);
    if let Some(otherwise) = &test.otherwise {
        left = call("coalesce", vec![left, scalar(otherwise)]);
    }
    left = match test.of {
        Of::Value => left,
        Of::LowerCase => call("toLower", vec![left]),
        Of::Size => call("size", vec![left]),
        Of::Instant => call("datetime", vec![left]),
    };
    let first = || test.values.first().map_or_else(|| literal(Literal::Null), scalar);
    let infix = |op, right| ExprKind::Binary(op, Box::new(left.clone()), Box::new(right));
    let kind = match test.op {
        TestOp::Compare(op) => ExprKind::Compare(Box::new(left), vec![(op, first())]),
        TestOp::In => {
            infix(BinaryOp::In, expr(ExprKind::List(test.values.iter().map(scalar).collect())))
        }
        TestOp::Has => ExprKind::Binary(BinaryOp::In, Box::new(first()), Box::new(left)),
        TestOp::Contains => infix(BinaryOp::Contains, first()),
        TestOp::StartsWith => infix(BinaryOp::StartsWith, first()),
        TestOp::EndsWith => infix(BinaryOp::EndsWith, first()),
        TestOp::Matches => infix(BinaryOp::Matches, first()),
        TestOp::IsNull => ExprKind::Unary(UnaryOp::IsNull, Box::new(left)),
        TestOp::IsNotNull => ExprKind::Unary(UnaryOp::IsNotNull, Box::new(left)),
    };
    negated(expr(kind), test.not)
}

fn place(of: &str, path: &[String]) -> Expr {
    path.iter().fold(variable(of), |base, key| expr(ExprKind::Property(Box::new(base), name(key))))
}

fn scalar(scalar: &Scalar) -> Expr {
    match scalar {
        Scalar::Text(text) => literal(Literal::Str(Arc::from(text.as_str()))),
        Scalar::Int(number) => int(*number),
        Scalar::Float(number) => literal(Literal::Float(*number)),
        Scalar::Bool(value) => literal(Literal::Bool(*value)),
        Scalar::Ago(period) => moment(BinaryOp::Sub, period),
        Scalar::Ahead(period) => moment(BinaryOp::Add, period),
    }
}

fn moment(op: BinaryOp, period: &str) -> Expr {
    let now = expr(ExprKind::Parameter(name("now")));
    let period = call("duration", vec![literal(Literal::Str(Arc::from(period)))]);
    expr(ExprKind::Binary(op, Box::new(now), Box::new(period)))
}

fn negated(inner: Expr, not: bool) -> Expr {
    if not { expr(ExprKind::Unary(UnaryOp::Not, Box::new(inner))) } else { inner }
}

fn call(function: &str, args: Vec<Expr>) -> Expr {
    expr(ExprKind::Call(Call { function: name(function), distinct: false, args }))
}

fn variable(of: &str) -> Expr {
    expr(ExprKind::Variable(name(of)))
}

fn int(number: i64) -> Expr {
    literal(Literal::Int(number))
}

fn literal(literal: Literal) -> Expr {
    expr(ExprKind::Literal(literal))
}

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

fn name(text: &str) -> Name {
    Name::new(text, Span::default())
}
