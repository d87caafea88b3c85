//! The patterns of a `MATCH` as a tree of things that are connected.

use hashbrown::{HashMap, HashSet};

use super::condition::constant;
use super::{Read, beyond};
use crate::ast::{
    CompareOp, Direction, EdgePattern, ExprKind, LabelExpr, Length, NodePattern, PathKind,
    PathPattern, Span,
};
use crate::search::{Connection, Item, Of, Presence, Test, TestOp, Thing};

/// The nodes of patterns and the edges between them.
pub(super) struct Nodes {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

struct Node {
    /// Unnamed nodes have names that no text can hold.
    name: String,
    labels: Vec<String>,
    items: Vec<Item>,
    span: Span,
}

struct Edge {
    from: usize,
    to: usize,
    types: Vec<String>,
    direction: Direction,
    hops: Option<Length>,
    span: Span,
}

/// Before the number of a node without a name.
const UNNAMED: char = '\0';

impl Nodes {
    pub(super) fn of(patterns: &[PathPattern]) -> Read<Self> {
        let mut found = Self { nodes: Vec::new(), edges: Vec::new() };
        for pattern in patterns {
            if let Some(name) = &pattern.variable {
                return beyond(name.span, "a whole path has a name");
            }
            if pattern.kind != PathKind::All {
                return beyond(pattern.span, "a shortest path is looked for");
            }
            let mut from = found.node(&pattern.start)?;
            for (edge, node) in &pattern.steps {
                let to = found.node(node)?;
                found.edge(from, edge, to)?;
                from = to;
            }
        }
        Ok(found)
    }

    fn node(&mut self, pattern: &NodePattern) -> Read<usize> {
        let name = match &pattern.variable {
            Some(name) => name.as_str().to_owned(),
            None => format!("{UNNAMED}{}", self.nodes.len()),
        };
        let labels = match &pattern.labels {
            Some(labels) => any_of(labels)?,
            None => Vec::new(),
        };
        let items = values(pattern)?;
        let Some(at) = self.nodes.iter().position(|it| it.name == name) else {
            self.nodes.push(Node { name, labels, items, span: pattern.span });
            return Ok(self.nodes.len() - 1);
        };
        if let Some(node) = self.nodes.get_mut(at) {
            if !labels.is_empty() && !node.labels.is_empty() {
                return beyond(pattern.span, format!("the labels of `{name}` stand in two places"));
            }
            node.labels.extend(labels);
            node.items.extend(items);
        }
        Ok(at)
    }

    fn edge(&mut self, from: usize, pattern: &EdgePattern, to: usize) -> Read<()> {
        if let Some(properties) = &pattern.properties {
            return beyond(properties.span, "an edge has conditions of its own");
        }
        if let Some(name) = &pattern.variable {
            return beyond(name.span, "an edge has a name");
        }
        self.edges.push(Edge {
            from,
            to,
            types: pattern.types.iter().map(|it| it.as_str().to_owned()).collect(),
            direction: pattern.direction,
            hops: pattern.length,
            span: pattern.span,
        });
        Ok(())
    }

    /// The names of all nodes, those without one included.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|it| it.name.as_str())
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|it| it.name == name)
    }

    /// Adds conditions by the name of the node that they are about.
    pub(super) fn add(&mut self, mut items: HashMap<String, Vec<Item>>) {
        for node in &mut self.nodes {
            node.items.extend(items.remove(&node.name).unwrap_or_default());
        }
    }

    /// All of it as a tree with `root` at its foot. `presence` says what a node is by its name.
    pub(super) fn tree(
        self,
        root: &str,
        span: Span,
        presence: &dyn Fn(&str) -> Presence,
    ) -> Read<Thing> {
        let Some(root) = self.find(root) else {
            return beyond(span, "the pattern has no such node");
        };
        let mut seen = Seen { nodes: HashSet::new(), edges: HashSet::new() };
        let thing = self.thing(root, &mut seen, presence)?;
        match self.nodes.iter().enumerate().find(|(at, _)| !seen.nodes.contains(at)) {
            Some((_, node)) => beyond(node.span, "it is not connected with what is looked for"),
            None => Ok(thing),
        }
    }

    fn thing(
        &self,
        at: usize,
        seen: &mut Seen,
        presence: &dyn Fn(&str) -> Presence,
    ) -> Read<Thing> {
        seen.nodes.insert(at);
        let Some(node) = self.nodes.get(at) else { return Ok(Thing::default()) };
        let mut items = node.items.clone();
        for (number, edge) in self.edges.iter().enumerate() {
            let (other, direction) = match (edge.from == at, edge.to == at) {
                (true, _) => (edge.to, edge.direction),
                (_, true) => (edge.from, turned(edge.direction)),
                _ => continue,
            };
            if !seen.edges.insert(number) {
                continue;
            }
            if seen.nodes.contains(&other) {
                return beyond(edge.span, "the pattern comes back to where it was");
            }
            let thing = self.thing(other, seen, presence)?;
            let name = self.nodes.get(other).map_or("", |it| it.name.as_str());
            items.push(Item::Connection(Connection {
                types: edge.types.clone(),
                direction,
                hops: edge.hops,
                presence: presence(name),
                thing,
            }));
        }
        let is_unnamed = node.name.starts_with(UNNAMED);
        let variable = if is_unnamed { String::new() } else { node.name.clone() };
        Ok(Thing { variable, labels: node.labels.clone(), items })
    }
}

struct Seen {
    nodes: HashSet<usize>,
    edges: HashSet<usize>,
}

fn turned(direction: Direction) -> Direction {
    match direction {
        Direction::Out => Direction::In,
        Direction::In => Direction::Out,
        Direction::Either => Direction::Either,
    }
}

fn any_of(labels: &LabelExpr) -> Read<Vec<String>> {
    match labels {
        LabelExpr::Label(name) => Ok(vec![name.as_str().to_owned()]),
        LabelExpr::Or(left, right) => {
            let mut found = any_of(left)?;
            found.extend(any_of(right)?);
            Ok(found)
        }
        LabelExpr::And(..) | LabelExpr::Not(_) => {
            let mut span = None;
            labels.for_each(&mut |it| span = span.or(Some(it.span)));
            beyond(span.unwrap_or_default(), "labels are put together other than by `|`")
        }
    }
}

/// `{key: value}` as tests.
fn values(pattern: &NodePattern) -> Read<Vec<Item>> {
    let Some(properties) = &pattern.properties else { return Ok(Vec::new()) };
    let ExprKind::Map(entries) = &properties.kind else {
        return beyond(properties.span, "the values of a node are a parameter");
    };
    let test = |(name, value): &(crate::ast::Name, crate::ast::Expr)| {
        Ok(Item::Test(Test {
            path: vec![name.as_str().to_owned()],
            otherwise: None,
            of: Of::Value,
            op: TestOp::Compare(CompareOp::Eq),
            values: vec![constant(value)?],
            not: false,
        }))
    };
    entries.iter().map(test).collect()
}
