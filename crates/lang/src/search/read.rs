//! openCypher as a form, where it says no more than a form can.

mod condition;
mod pattern;

use hashbrown::HashMap;

use super::{Connection, Item, Presence, Search, Thing, normal};
use crate::ast::{Clause, Expr, ExprKind, Literal, Match, Projection, Query, SingleQuery, Span};
use crate::error::{QueryError, line_column};
use crate::parse::{parse_expression, parse_query};
use condition::Scope;
use pattern::Nodes;

/// Why a text is no search, although it is a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotASearch {
    /// What in it a search cannot say: lower case, no full stop.
    pub why: String,
    /// Where, in bytes.
    pub span: Span,
    /// The line of its start, counted from 1.
    pub line: u32,
    /// The character of its start within the line, counted from 1.
    pub column: u32,
}

/// Why a text cannot be read as a search.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadError {
    /// It is not openCypher.
    Wrong(QueryError),
    /// It says more than a search can.
    Beyond(NotASearch),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Wrong(error) => f.write_str(&error.message),
            Self::Beyond(it) => f.write_str(&it.why),
        }
    }
}

impl std::error::Error for ReadError {}

/// What a search cannot say, and where.
struct Beyond(Span, String);

type Read<T> = Result<T, Beyond>;

fn beyond<T>(span: Span, why: impl Into<String>) -> Read<T> {
    Err(Beyond(span, why.into()))
}

impl Beyond {
    fn of(self, source: &str) -> ReadError {
        let Self(span, why) = self;
        let (line, column) = line_column(source, span.start as usize);
        ReadError::Beyond(NotASearch { why, span, line, column })
    }
}

/// The search that a query is, in normal form.
pub(super) fn search(text: &str) -> Result<Search, ReadError> {
    let query = parse_query(text).map_err(ReadError::Wrong)?;
    whole(&query).map(|it| it.normal()).map_err(|it| it.of(text))
}

/// The conditions that an expression puts on `variable`.
pub(super) fn condition(text: &str, variable: &str) -> Result<Thing, ReadError> {
    let tree = parse_expression(text).map_err(ReadError::Wrong)?;
    let scope = Scope::of_things(vec![variable.to_owned()]);
    let items = scope.list(&tree).map_err(|it| it.of(text))?;
    let items = items.into_iter().map(|(_, item)| item).collect();
    let thing = Thing { variable: variable.to_owned(), labels: Vec::new(), items };
    Ok(normal::thing(&thing, false))
}

fn whole(query: &Query) -> Read<Search> {
    if let Some(union) = query.unions.first() {
        return beyond(union.span, "UNION puts two questions together");
    }
    let [Clause::Match(found), Clause::Return(answer)] = query.first.clauses.as_slice() else {
        return Err(too_many_clauses(&query.first));
    };
    let columns = columns(&answer.projection)?;
    let Some(anchor) = columns.first().map(|it| it.variable.as_str()) else {
        return beyond(answer.span, "nothing is returned");
    };
    let nodes = block(found, None)?;
    let names: Vec<&str> = columns.iter().map(|it| it.variable.as_str()).collect();
    for column in &columns {
        if nodes.find(&column.variable).is_none() {
            return beyond(column.span, format!("`{}` is no node of the pattern", column.variable));
        }
    }
    let mut thing = nodes.tree(anchor, found.span, &|it| {
        if names.contains(&it) { Presence::Shown } else { Presence::Joined }
    })?;
    rename(&mut thing, &columns);
    Ok(Search { thing, limit: limit(&answer.projection)? })
}

fn too_many_clauses(query: &SingleQuery) -> Beyond {
    let (mut matches, mut span, mut why) = (0, query.span, "RETURN is missing");
    for clause in &query.clauses {
        let (at, word) = match clause {
            Clause::Match(it) => {
                matches += 1;
                (it.span, "more than one MATCH")
            }
            Clause::Unwind(it) => (it.span, "UNWIND makes rows of a list"),
            Clause::With(it) => (it.span, "WITH computes something in between"),
            Clause::Create(it) => (it.span, "CREATE makes something"),
            Clause::Return(_) => continue,
        };
        if matches > 1 || !matches!(clause, Clause::Match(_)) {
            (span, why) = (at, word);
            break;
        }
    }
    Beyond(span, why.to_owned())
}

/// A variable that is returned, and what its column is called.
struct Column {
    variable: String,
    title: String,
    span: Span,
}

fn columns(projection: &Projection) -> Read<Vec<Column>> {
    if projection.star {
        return beyond(projection.span, "`*` returns whatever there is");
    }
    if let Some(it) = projection.order_by.first() {
        return beyond(it.expr.span, "the rows are ordered");
    }
    if let Some(it) = &projection.skip {
        return beyond(it.span, "the first rows are skipped");
    }
    let mut found: Vec<Column> = Vec::new();
    for item in &projection.items {
        let ExprKind::Variable(name) = &item.expr.kind else {
            return beyond(item.expr.span, "a column is computed: only whole nodes are shown");
        };
        if found.iter().any(|it| it.variable == name.as_str()) {
            return beyond(item.expr.span, "a node is shown twice");
        }
        let title = item.alias.as_ref().unwrap_or(name).as_str().to_owned();
        found.push(Column { variable: name.as_str().to_owned(), title, span: item.expr.span });
    }
    Ok(found)
}

fn limit(projection: &Projection) -> Read<Option<u64>> {
    let Some(limit) = &projection.limit else { return Ok(None) };
    match limit.kind {
        ExprKind::Literal(Literal::Int(number)) if number >= 0 => Ok(u64::try_from(number).ok()),
        _ => beyond(limit.span, "the number of rows is computed"),
    }
}

/// Variables are called as their columns.
fn rename(thing: &mut Thing, columns: &[Column]) {
    if let Some(column) = columns.iter().find(|it| it.variable == thing.variable) {
        thing.variable.clone_from(&column.title);
    }
    for item in &mut thing.items {
        if let Item::Connection(it) = item
            && matches!(it.presence, Presence::Shown | Presence::Joined)
        {
            rename(&mut it.thing, columns);
        }
    }
}

/// The nodes of a `MATCH` with what holds of each. `outer` is a thing around it that the pattern may begin at.
fn block(found: &Match, outer: Option<&str>) -> Read<Nodes> {
    if found.optional {
        return beyond(found.span, "OPTIONAL MATCH finds what may be missing");
    }
    let mut nodes = Nodes::of(&found.patterns)?;
    if let Some(condition) = &found.condition {
        let own = nodes.names().filter(|it| outer != Some(*it)).map(str::to_owned).collect();
        let mut items: HashMap<String, Vec<Item>> = HashMap::new();
        for (variable, item) in Scope::of_things(own).list(condition)? {
            items.entry(variable).or_default().push(item);
        }
        nodes.add(items);
    }
    Ok(nodes)
}

/// A sub-query in `EXISTS`, as a connection of the thing called by the first word.
fn exists(query: &Query, is_known: &dyn Fn(&str) -> bool) -> Read<(String, Connection)> {
    let found = match (query.unions.as_slice(), query.first.clauses.as_slice()) {
        ([], [Clause::Match(found)] | [Clause::Match(found), Clause::Return(_)]) => found,
        ([union, ..], _) => return beyond(union.span, "UNION puts two questions together"),
        ([], _) => return Err(too_many_clauses(&query.first)),
    };
    connection(found, is_known)
}

/// A pattern that begins at a known thing, as a connection of it.
fn connection(found: &Match, is_known: &dyn Fn(&str) -> bool) -> Read<(String, Connection)> {
    let of_pattern = Nodes::of(&found.patterns)?;
    let mut known = of_pattern.names().filter(|it| is_known(it));
    let Some(anchor) = known.next().map(str::to_owned) else {
        return beyond(found.span, "the pattern has nothing to do with what is looked for");
    };
    if let Some(other) = known.next() {
        return beyond(found.span, format!("`{anchor}` and `{other}` are connected anew"));
    }
    let nodes = block(found, Some(&anchor))?;
    let mut thing = nodes.tree(&anchor, found.span, &|_| Presence::Joined)?;
    match (thing.items.pop(), thing.items.is_empty() && thing.labels.is_empty()) {
        (Some(Item::Connection(mut it)), true) => {
            it.presence = Presence::Exists;
            Ok((anchor, it))
        }
        _ => beyond(found.span, format!("`{anchor}` is connected with several things at once")),
    }
}

/// A pattern as a condition.
fn pattern_condition(
    pattern: &crate::ast::PathPattern,
    is_known: &dyn Fn(&str) -> bool,
) -> Read<(String, Connection)> {
    let (patterns, span) = (vec![pattern.clone()], pattern.span);
    connection(&Match { optional: false, patterns, condition: None, span }, is_known)
}

fn is_true(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Literal::Bool(true)))
}
