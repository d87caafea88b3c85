//! The graph of a scenario: set-up queries are run here, clause by clause; our engine only reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use graph::{Graph, GraphBuilder, Limits, Params, Query};
use lang::Value;
use lang::ast::{Clause, Create, Direction, Expr, ExprKind, LabelExpr, PathPattern};
use lang::value::NodeId;
use model::{Doc, Keys};
use serde_json::{Map, Value as Json};

/// Nodes and edges, growing.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    nodes: Vec<(Vec<String>, Map<String, Json>)>,
    edges: Vec<(u32, String, u32, Map<String, Json>)>,
}

/// Variables of the rows between the clauses of a set-up query.
type Row = BTreeMap<String, Value<'static>>;

/// The graphs that scenarios call by name.
#[derive(Debug)]
pub(crate) struct NamedGraphs {
    folder: PathBuf,
}

impl NamedGraphs {
    pub(crate) fn new(folder: &Path) -> Self {
        let inside = folder.ancestors().map(|it| it.join("graphs")).find(|it| it.is_dir());
        Self { folder: inside.unwrap_or_else(|| folder.join("graphs")) }
    }

    /// The graph of a name, from its scripts.
    pub(crate) fn load(&self, name: &str) -> Result<World> {
        let path = self.folder.join(name).join(format!("{name}.cypher"));
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("reading {}", path.display()))?;
        let mut world = World::default();
        for query in text.split(';').filter(|query| !query.trim().is_empty()) {
            world.execute(query, &Params::new())?;
        }
        Ok(world)
    }
}

impl World {
    pub(crate) fn graph(&self) -> Graph {
        let keys = Keys::default();
        let mut builder = GraphBuilder::new(&keys);
        for (labels, properties) in &self.nodes {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            let doc = Doc::build(&Json::Object(properties.clone()), &keys);
            builder.add_node(&labels, doc, None, 0);
        }
        for (from, edge_type, to, properties) in &self.edges {
            let edge_type = builder.edge_type(edge_type);
            let doc = Doc::build(&Json::Object(properties.clone()), &keys);
            let doc = (!properties.is_empty()).then_some(doc);
            builder.add_edge(NodeId(*from), edge_type, NodeId(*to), doc);
        }
        builder.finish()
    }

    /// Runs a set-up query.
    pub(crate) fn execute(&mut self, text: &str, params: &Params) -> Result<()> {
        let query = lang::parse_query(text)?;
        if !query.unions.is_empty() {
            bail!("a set-up query with `UNION`");
        }
        let mut rows = vec![Row::new()];
        let mut reading: Option<(u32, u32)> = None;
        for clause in &query.first.clauses {
            match clause {
                Clause::Create(create) => {
                    if let Some((start, end)) = reading.take() {
                        let part = text.get(start as usize..end as usize).unwrap_or_default();
                        rows = self.read(part, params, &rows)?;
                    }
                    rows = self.create(text, create, params, rows)?;
                }
                Clause::Match(_) | Clause::Unwind(_) | Clause::With(_) => {
                    let span = clause.span();
                    let start = reading.map_or(span.start, |(start, _)| start);
                    reading = Some((start, span.end));
                }
                Clause::Return(_) => {}
            }
        }
        Ok(())
    }

    /// Runs reading clauses over rows.
    fn read(&self, clauses: &str, params: &Params, rows: &[Row]) -> Result<Vec<Row>> {
        match self.run(&format!("{clauses} RETURN *"), params, rows) {
            Err(error) if error.to_string().contains("scope") => {
                let rows = self.run(&format!("{clauses} RETURN 1 AS `_`"), params, rows)?;
                Ok(rows.into_iter().map(|_| Row::new()).collect())
            }
            rows => rows,
        }
    }

    /// Runs a query behind rows, whose variables are in scope.
    fn run(&self, query: &str, params: &Params, rows: &[Row]) -> Result<Vec<Row>> {
        let names: Vec<&String> = rows.first().map(|row| row.keys().collect()).unwrap_or_default();
        let items: Vec<String> =
            names.iter().map(|name| format!("`_row`[\"{name}\"] AS `{name}`")).collect();
        let items = if items.is_empty() { "1 AS `_`".to_owned() } else { items.join(", ") };
        let text = if names.is_empty() && rows.len() == 1 {
            query.to_owned()
        } else {
            format!("UNWIND $`_rows` AS `_row` WITH {items} {query}")
        };
        let maps = rows.iter().map(|row| {
            let entries = row.iter();
            Value::map(entries.map(|(name, it)| (name.clone().into(), it.clone())).collect())
        });
        let mut params = params.clone();
        params.insert("_rows".to_owned(), Value::list(maps.collect()));
        let graph = self.graph();
        let query = Query::compile(&text, None)?;
        let limits = Limits::default();
        let context = super::scenario::context(&params, &limits)?;
        let found = query.run(&graph, &context)?;
        let mut result = Vec::new();
        for row in found.rows {
            let mut named = Row::new();
            for (name, value) in found.columns.iter().zip(&row) {
                named.insert(name.clone(), owned(value)?);
            }
            named.remove("_");
            result.push(named);
        }
        Ok(result)
    }

    fn create(
        &mut self,
        text: &str,
        create: &Create,
        params: &Params,
        rows: Vec<Row>,
    ) -> Result<Vec<Row>> {
        // all property maps of the clause, computed for all rows by one query
        let exprs: Vec<&Expr> = create.patterns.iter().flat_map(in_pattern).collect();
        let mut result = Vec::new();
        match self.compute(text, &exprs, params, &rows) {
            Ok(values) => {
                for (mut row, values) in rows.into_iter().zip(values) {
                    for pattern in &create.patterns {
                        self.create_pattern(pattern, &mut row, &values)?;
                    }
                    result.push(row);
                }
            }
            // a pattern that speaks of nodes made by the one before it: one after the other
            Err(_) => {
                for mut row in rows {
                    for pattern in &create.patterns {
                        let own = in_pattern(pattern);
                        let values =
                            self.compute(text, &own, params, std::slice::from_ref(&row))?;
                        let values = values.into_iter().next().unwrap_or_default();
                        self.create_pattern(pattern, &mut row, &values)?;
                    }
                    result.push(row);
                }
            }
        }
        Ok(result)
    }

    /// The values of expressions in each row.
    fn compute<'e>(
        &self,
        text: &str,
        exprs: &[&'e Expr],
        params: &Params,
        rows: &[Row],
    ) -> Result<Vec<Vec<(&'e Expr, Value<'static>)>>> {
        if exprs.is_empty() {
            return Ok(vec![Vec::new(); rows.len()]);
        }
        let item = |(idx, expr): (usize, &&Expr)| format!("{} AS `p{idx}`", expr.span.text(text));
        let items: Vec<String> = exprs.iter().enumerate().map(item).collect();
        let found = self.run(&format!("RETURN {}", items.join(", ")), params, rows)?;
        let values = found.into_iter().map(|row| {
            let value = |idx: usize| row.get(&format!("p{idx}")).cloned().unwrap_or(Value::Null);
            exprs.iter().enumerate().map(|(idx, expr)| (*expr, value(idx))).collect()
        });
        Ok(values.collect())
    }

    fn create_pattern(
        &mut self,
        pattern: &PathPattern,
        row: &mut Row,
        values: &[(&Expr, Value<'static>)],
    ) -> Result<()> {
        let mut left = self.create_node(&pattern.start, row, values)?;
        for (edge, node) in &pattern.steps {
            let right = self.create_node(node, row, values)?;
            let [edge_type] = &*edge.types else { bail!("an edge to create has one type") };
            let (from, to) = match edge.direction {
                Direction::Out => (left, right),
                Direction::In => (right, left),
                Direction::Either => bail!("an edge to create has a direction"),
            };
            let properties = properties(edge.properties.as_ref(), values)?;
            self.edges.push((from, edge_type.as_str().to_owned(), to, properties));
            left = right;
        }
        Ok(())
    }

    fn create_node(
        &mut self,
        node: &lang::ast::NodePattern,
        row: &mut Row,
        values: &[(&Expr, Value<'static>)],
    ) -> Result<u32> {
        if let Some(name) = &node.variable {
            match row.get(name.as_str()) {
                Some(Value::Node(id)) => return Ok(id.0),
                Some(_) => bail!("`{}` is no node", name.as_str()),
                None => {}
            }
        }
        let mut labels = Vec::new();
        if let Some(expr) = &node.labels {
            collect_labels(expr, &mut labels)?;
        }
        self.nodes.push((labels, properties(node.properties.as_ref(), values)?));
        let id = self.nodes.len() as u32 - 1;
        if let Some(name) = &node.variable {
            row.insert(name.as_str().to_owned(), Value::Node(NodeId(id)));
        }
        Ok(id)
    }
}

/// The property maps of a pattern.
fn in_pattern(pattern: &PathPattern) -> Vec<&Expr> {
    let nodes = std::iter::once(&pattern.start).chain(pattern.steps.iter().map(|it| &it.1));
    let edges = pattern.steps.iter().filter_map(|(edge, _)| edge.properties.as_ref());
    nodes.filter_map(|node| node.properties.as_ref()).chain(edges).collect()
}

fn collect_labels(expr: &LabelExpr, labels: &mut Vec<String>) -> Result<()> {
    match expr {
        LabelExpr::Label(name) => labels.push(name.as_str().to_owned()),
        LabelExpr::And(left, right) => {
            collect_labels(left, labels)?;
            collect_labels(right, labels)?;
        }
        LabelExpr::Or(..) | LabelExpr::Not(_) => bail!("a node to create has plain labels"),
    }
    Ok(())
}

/// The properties that a map was computed to; null ones are none.
fn properties(
    expr: Option<&Expr>,
    values: &[(&Expr, Value<'static>)],
) -> Result<Map<String, Json>> {
    let Some(expr) = expr else { return Ok(Map::new()) };
    let value = values.iter().find(|(it, _)| std::ptr::eq(*it, expr)).map(|(_, value)| value);
    if let (ExprKind::Map(_) | ExprKind::Parameter(_), Some(map)) =
        (&expr.kind, value.and_then(Value::as_map))
    {
        let entries = map.entries();
        let kept = entries.iter().filter(|(_, value)| !value.is_null());
        return kept.map(|(key, value)| Ok((key.as_str().to_owned(), json(value)?))).collect();
    }
    bail!("properties that are no map")
}

/// A property value as JSON.
fn json(value: &Value<'_>) -> Result<Json> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(it) => Json::from(*it),
        Value::Int(it) => Json::from(*it),
        Value::Float(it) => serde_json::Number::from_f64(*it)
            .map(Json::Number)
            .context("a property that is no finite number")?,
        Value::Str(it) => Json::from(it.as_str()),
        Value::List(items) => items.iter().map(json).collect::<Result<_>>()?,
        other => bail!("a property of the type {}", other.type_name()),
    })
}

/// A value that does not borrow from a graph.
pub(crate) fn owned(value: &Value<'_>) -> Result<Value<'static>> {
    Ok(match value {
        Value::Null => Value::Null,
        Value::Unread(gap) => Value::Unread(*gap),
        Value::Bool(it) => Value::Bool(*it),
        Value::Int(it) => Value::Int(*it),
        Value::Float(it) => Value::Float(*it),
        Value::Str(text) => Value::string(text.as_str()),
        Value::List(_) | Value::DocList(_) => {
            let items = value.as_list().into_iter().flat_map(lang::value::ListView::iter);
            Value::list(items.map(|item| owned(&item)).collect::<Result<_>>()?)
        }
        Value::Map(_) | Value::DocMap(_) => {
            let entries = value.as_map().map(lang::value::MapView::entries).unwrap_or_default();
            let mut copied = Vec::new();
            for (key, value) in &entries {
                copied.push((key.as_str().to_owned().into(), owned(value)?));
            }
            Value::map(copied)
        }
        Value::Node(it) => Value::Node(*it),
        Value::Edge(it) => Value::Edge(*it),
        Value::Path(it) => Value::Path(Arc::clone(it)),
        Value::DateTime(it) => Value::DateTime(*it),
        Value::Duration(it) => Value::Duration(Arc::clone(it)),
    })
}
