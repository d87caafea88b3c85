//! A second engine, slow and obvious: it tries every node and every edge at every place of a pattern
//! and walks the trees of expressions. What the real engine gives must be the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use lang::ast::{
    Clause, Direction, EdgePattern, Expr, ExprKind, Match, NodePattern, PathKind, PathPattern,
    PatternComprehension, Projection, Query,
};
use lang::error::EvalError;
use lang::eval::{Env, Subqueries, eval, eval_truth};
use lang::functions::Context;
use lang::functions::aggregate::{Accumulator, has_aggregate};
use lang::ops::Outcome;
use lang::value::{EdgeId, Key, NodeId, PathValue, Truth, Value, compare};

use crate::Graph;
use crate::host::RunHost;
use crate::plan::conjuncts;

type Row<'g> = BTreeMap<String, Value<'g>>;

/// The slow engine over one graph.
pub(crate) struct Oracle<'g> {
    pub(crate) host: RunHost<'g>,
    pub(crate) graph: &'g Graph,
}

/// A row as an environment.
struct Scope<'a, 'g> {
    oracle: &'a Oracle<'g>,
    row: &'a Row<'g>,
    computed: Vec<(&'a Expr, Value<'g>)>,
}

impl<'g> Env<'g> for Scope<'_, 'g> {
    fn variable(&self, name: &str) -> Option<Value<'g>> {
        self.row.get(name).cloned()
    }

    fn parameter(&self, _: &str) -> Option<Value<'g>> {
        None
    }

    fn context(&self) -> Context<'_, 'g> {
        self.oracle.host.context()
    }

    fn subqueries(&self) -> &dyn Subqueries<'g> {
        self.oracle
    }

    fn computed(&self, expr: &Expr) -> Option<Value<'g>> {
        self.computed.iter().find(|(it, _)| *it == expr).map(|(_, value)| value.clone())
    }
}

/// The variables that a sub-query can see.
fn outer_row<'g>(names: &[&str], scope: &dyn Env<'g>) -> Row<'g> {
    let pairs = names.iter().filter_map(|name| Some(((*name).to_owned(), scope.variable(name)?)));
    pairs.collect()
}

impl<'g> Subqueries<'g> for Oracle<'g> {
    fn exists(&self, query: &Query, scope: &dyn Env<'g>) -> Result<Truth, EvalError> {
        let mut names = crate::names::NameSet::new();
        crate::names::in_query(query, &mut names);
        let names: Vec<&str> = names.into_iter().collect();
        let (rows, unread) = self.sub_query(query, &outer_row(&names, scope))?;
        Ok(match unread {
            Some(unread) if rows == 0 => unread,
            _ => Truth::from(rows > 0),
        })
    }

    fn count(&self, query: &Query, scope: &dyn Env<'g>) -> Outcome<'g> {
        let mut names = crate::names::NameSet::new();
        crate::names::in_query(query, &mut names);
        let names: Vec<&str> = names.into_iter().collect();
        let (rows, unread) = self.sub_query(query, &outer_row(&names, scope))?;
        Ok(unread.map_or(Value::Int(rows), Value::from))
    }

    fn fits(&self, pattern: &PathPattern, scope: &dyn Env<'g>) -> Result<Truth, EvalError> {
        let mut names = crate::names::NameSet::new();
        crate::names::in_pattern(pattern, &mut names);
        let names: Vec<&str> = names.into_iter().collect();
        let patterns = std::slice::from_ref(pattern);
        let rows = self.matches(patterns, &outer_row(&names, scope))?;
        let unread = rows.iter().find_map(|(_, truth)| unread(*truth));
        let is_found = rows.iter().any(|(_, truth)| truth.is_true());
        Ok(if is_found { Truth::True } else { unread.unwrap_or(Truth::False) })
    }

    fn comprehension(&self, _: &PatternComprehension, _: &dyn Env<'g>) -> Outcome<'g> {
        Ok(Value::Null)
    }
}

fn unread(truth: Truth) -> Option<Truth> {
    matches!(truth, Truth::Unread(_)).then_some(truth)
}

impl<'g> Oracle<'g> {
    fn scope<'a>(&'a self, row: &'a Row<'g>) -> Scope<'a, 'g> {
        Scope { oracle: self, row, computed: Vec::new() }
    }

    /// How many rows a sub-query of one `MATCH` has, and whether there might be more.
    fn sub_query(&self, query: &Query, row: &Row<'g>) -> Result<(i64, Option<Truth>), EvalError> {
        let Some(Clause::Match(it)) = query.first.clauses.first() else { return Ok((0, None)) };
        let rows = self.matching(it, row)?;
        let found = rows.iter().filter(|(_, truth)| truth.is_true()).count();
        Ok((found.cast_signed() as i64, rows.iter().find_map(|(_, truth)| unread(*truth))))
    }

    /// The rows of `MATCH ... WHERE`: true ones and unread ones. A condition of which one part is false
    /// or null cannot become true, whatever the unread parts are.
    fn matching(&self, it: &Match, row: &Row<'g>) -> Result<Vec<(Row<'g>, Truth)>, EvalError> {
        let mut parts = Vec::new();
        it.condition.iter().for_each(|condition| conjuncts(condition, &mut parts));
        let mut rows = Vec::new();
        for (row, mut truth) in self.matches(&it.patterns, row)? {
            for part in &parts {
                truth = both(truth, eval_truth(part, &self.scope(&row))?);
            }
            if !truth.is_false() {
                rows.push((row, truth));
            }
        }
        Ok(rows)
    }

    /// All ways in which the patterns fit.
    fn matches(
        &self,
        patterns: &[PathPattern],
        row: &Row<'g>,
    ) -> Result<Vec<(Row<'g>, Truth)>, EvalError> {
        let mut states = vec![(row.clone(), Vec::new(), Truth::True)];
        for pattern in patterns {
            let mut next = Vec::new();
            for (row, used, truth) in states {
                let found = self.path(pattern, &row, &used, truth)?;
                next.extend(if pattern.kind == PathKind::All {
                    found
                } else {
                    shortest(pattern, found)
                });
            }
            states = next;
        }
        Ok(states.into_iter().map(|(row, _, truth)| (row, truth)).collect())
    }

    fn path(
        &self,
        pattern: &PathPattern,
        row: &Row<'g>,
        used: &[EdgeId],
        truth: Truth,
    ) -> Result<Vec<(Row<'g>, Vec<EdgeId>, Truth)>, EvalError> {
        let mut states = Vec::new();
        for node in self.graph.nodes() {
            if let Some((row, fits)) = self.node(&pattern.start, node, row)? {
                let path = PathValue { nodes: vec![node], edges: Vec::new() };
                states.push((row, used.to_vec(), both(truth, fits), path));
            }
        }
        for (edge, node) in &pattern.steps {
            let mut next = Vec::new();
            for (row, used, truth, path) in states {
                let length = edge.length.map_or((1, 1), |it| (it.least(), it.most()));
                let mut trails = vec![(used, path, truth, 0, Vec::new())];
                while let Some((used, path, truth, n, edges)) = trails.pop() {
                    let at = *path.nodes.last().unwrap();
                    if n >= length.0
                        && let Some((row, fits)) = self.node(node, at, &row)?
                        && let Some(row) = Self::bind_edge(edge, &edges, row)
                    {
                        next.push((row, used.clone(), both(truth, fits), path.clone()));
                    }
                    if n >= length.1 {
                        continue;
                    }
                    for (id, other) in self.edges_at(edge, at) {
                        if used.contains(&id) {
                            continue;
                        }
                        let fits =
                            self.properties(edge.properties.as_ref(), &Value::Edge(id), &row)?;
                        if fits.is_false() {
                            continue;
                        }
                        let (mut used, mut path, mut edges) =
                            (used.clone(), path.clone(), edges.clone());
                        used.push(id);
                        edges.push(id);
                        path.nodes.push(other);
                        path.edges.push(id);
                        trails.push((used, path, both(truth, fits), n + 1, edges));
                    }
                }
            }
            states = next;
        }
        let named = states.into_iter().map(|(mut row, used, truth, path)| {
            let name = pattern.variable.as_ref().map_or("\u{2}path", lang::ast::Name::as_str);
            row.insert(name.to_owned(), Value::Path(Arc::new(path)));
            (row, used, truth)
        });
        Ok(named.collect())
    }

    fn edges_at(&self, pattern: &EdgePattern, at: NodeId) -> Vec<(EdgeId, NodeId)> {
        let mut found = Vec::new();
        for id in (0..self.graph.n_edges() as u32).map(EdgeId) {
            let edge = self.graph.edge(id).unwrap();
            let is_type = pattern.types.is_empty()
                || pattern.types.iter().any(|name| name.as_str() == edge.edge_type);
            if !is_type {
                continue;
            }
            if edge.from == at && pattern.direction != Direction::In {
                found.push((id, edge.to));
            }
            let is_new = edge.from != edge.to || pattern.direction == Direction::In;
            if edge.to == at && pattern.direction != Direction::Out && is_new {
                found.push((id, edge.from));
            }
        }
        found
    }

    fn bind_edge(pattern: &EdgePattern, edges: &[EdgeId], mut row: Row<'g>) -> Option<Row<'g>> {
        let Some(name) = &pattern.variable else { return Some(row) };
        let value = match (pattern.length, edges) {
            (None, [edge]) => Value::Edge(*edge),
            _ => Value::list(edges.iter().map(|edge| Value::Edge(*edge)).collect()),
        };
        match row.insert(name.as_str().to_owned(), value.clone()) {
            Some(before) => compare::equals(&before, &value).is_true().then_some(row),
            None => Some(row),
        }
    }

    /// The row with the node bound, when it may stand here.
    fn node(
        &self,
        pattern: &NodePattern,
        node: NodeId,
        row: &Row<'g>,
    ) -> Result<Option<(Row<'g>, Truth)>, EvalError> {
        let mut row = row.clone();
        if let Some(name) = &pattern.variable {
            match row.insert(name.as_str().to_owned(), Value::Node(node)) {
                Some(Value::Node(before)) if before != node => return Ok(None),
                Some(Value::Null) => return Ok(None),
                _ => {}
            }
        }
        let has = |label: &str| self.graph.labels(node).any(|it| it == label);
        if pattern.labels.as_ref().is_some_and(|labels| !labels.matches(&mut |it| has(it))) {
            return Ok(None);
        }
        let fits = self.properties(pattern.properties.as_ref(), &Value::Node(node), &row)?;
        Ok((!fits.is_false()).then_some((row, fits)))
    }

    /// Whether all properties are as a map says.
    fn properties(
        &self,
        map: Option<&Expr>,
        of: &Value<'g>,
        row: &Row<'g>,
    ) -> Result<Truth, EvalError> {
        let Some(ExprKind::Map(entries)) = map.map(|map| &map.kind) else { return Ok(Truth::True) };
        let mut truth = Truth::True;
        for (key, value) in entries {
            let own = lang::ops::property(&self.host, of, key.as_str())?;
            truth = both(truth, compare::equals(&own, &eval(value, &self.scope(row))?));
        }
        Ok(truth)
    }

    /// The rows of a query of `MATCH` clauses and `RETURN`, without `ORDER BY`.
    pub(crate) fn run(&self, query: &Query) -> Result<Vec<Vec<Value<'g>>>, EvalError> {
        let mut rows = vec![Row::new()];
        for clause in &query.first.clauses {
            match clause {
                Clause::Match(it) => {
                    let mut next = Vec::new();
                    for row in rows {
                        let found = self.matching(it, &row)?;
                        let is_none = !found.iter().any(|(_, truth)| truth.is_true());
                        let gap = found.iter().find_map(|(_, truth)| unread(*truth));
                        let trues = found.into_iter().filter(|(_, truth)| truth.is_true());
                        next.extend(trues.map(|(row, _)| row));
                        if it.optional && is_none {
                            let mut row = row;
                            let mut names = crate::names::NameSet::new();
                            it.patterns
                                .iter()
                                .for_each(|it| crate::names::in_pattern(it, &mut names));
                            let missing = gap.map_or(Value::Null, Value::from);
                            for name in names {
                                row.entry(name.to_owned()).or_insert_with(|| missing.clone());
                            }
                            next.push(row);
                        }
                    }
                    rows = next;
                }
                Clause::Return(it) => return self.project(&it.projection, &rows),
                Clause::Unwind(_) | Clause::With(_) | Clause::Create(_) => {}
            }
        }
        Ok(Vec::new())
    }

    fn project(
        &self,
        projection: &Projection,
        rows: &[Row<'g>],
    ) -> Result<Vec<Vec<Value<'g>>>, EvalError> {
        let items: Vec<&Expr> = projection.items.iter().map(|item| &item.expr).collect();
        let mut found: Vec<Vec<Value<'g>>> = Vec::new();
        if !items.iter().any(|expr| has_aggregate(expr)) {
            for row in rows {
                let values: Result<Vec<_>, _> =
                    items.iter().map(|expr| eval(expr, &self.scope(row))).collect();
                let values = values?;
                let key = |row: &Vec<Value<'g>>| row.iter().cloned().map(Key).collect::<Vec<_>>();
                if !projection.distinct || !found.iter().any(|it| key(it) == key(&values)) {
                    found.push(values);
                }
            }
            return Ok(found);
        }
        let mut groups: Vec<(Vec<Key<'g>>, Vec<&Row<'g>>)> = Vec::new();
        for row in rows {
            let mut key = Vec::new();
            for expr in items.iter().filter(|expr| !has_aggregate(expr)) {
                key.push(Key(eval(expr, &self.scope(row))?));
            }
            match groups.iter_mut().find(|(it, _)| *it == key) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((key, vec![row])),
            }
        }
        let has_keys = items.iter().any(|expr| !has_aggregate(expr));
        if groups.is_empty() && !has_keys {
            groups.push((Vec::new(), Vec::new()));
        }
        for (key, rows) in groups {
            let mut keys = key.into_iter();
            let mut values = Vec::new();
            for expr in &items {
                if !has_aggregate(expr) {
                    values.push(keys.next().unwrap().0);
                    continue;
                }
                values.push(match &expr.kind {
                    ExprKind::Call(call) => {
                        let mut state = Accumulator::of_call(call).unwrap();
                        for row in &rows {
                            state.add(&[eval(&call.args[0], &self.scope(row))?])?;
                        }
                        state.finish()?
                    }
                    _ => Value::Int(rows.len().cast_signed() as i64),
                });
            }
            found.push(values);
        }
        Ok(found)
    }
}

/// Both conditions: false or null of one rules the row out.
fn both(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Truth::False | Truth::Null, _) | (_, Truth::False | Truth::Null) => Truth::False,
        _ => a.and(b),
    }
}

/// Of the paths between the same two nodes the shortest one (or all of them).
#[expect(clippy::type_complexity, reason = "a row, the edges it uses, and whether it counts")]
fn shortest<'g>(
    pattern: &PathPattern,
    found: Vec<(Row<'g>, Vec<EdgeId>, Truth)>,
) -> Vec<(Row<'g>, Vec<EdgeId>, Truth)> {
    let name = pattern.variable.as_ref().map_or("\u{2}path", lang::ast::Name::as_str);
    let path_of = |row: &Row<'g>| match row.get(name) {
        Some(Value::Path(path)) => Arc::clone(path),
        _ => panic!("a row without its path"),
    };
    let mut best: BTreeMap<(NodeId, NodeId), Vec<(Row<'g>, Vec<EdgeId>, Truth)>> = BTreeMap::new();
    for it in found {
        let path = path_of(&it.0);
        let ends = (path.nodes[0], *path.nodes.last().unwrap());
        let kept = best.entry(ends).or_default();
        let least = kept.first().map_or(usize::MAX, |it| path_of(&it.0).n_edges());
        if path.n_edges() < least {
            kept.clear();
        }
        if kept.is_empty() || (path.n_edges() == least && pattern.kind == PathKind::AllShortest) {
            kept.push(it);
        }
    }
    best.into_values().flatten().collect()
}
