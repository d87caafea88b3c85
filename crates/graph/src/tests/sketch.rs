//! Small graphs as text, one node or edge a line:
//!
//! ```text
//! a:Vm:Resource {"size": 1}     a node: name, labels, document
//! b:Net ?                       a stub: everything in it is unread
//! a -USES-> b {"since": 1}      an edge, with properties or without
//! a lacks -USES-> :Net          at the group of `a` such edges may be missing
//! ```

use std::collections::BTreeMap;

use lang::value::{GapId, NodeId};
use model::{Doc, Keys};

use crate::{Context, Graph, GraphBuilder, Limits, NodeMeta, Params, Predicate, Query, Way};

/// A graph with the names of its nodes.
pub(crate) struct Sketch {
    pub(crate) graph: Graph,
    pub(crate) nodes: BTreeMap<String, NodeId>,
}

pub(crate) fn sketch(text: &str) -> Sketch {
    let keys = Keys::default();
    let mut builder = GraphBuilder::new(&keys);
    let mut nodes = BTreeMap::new();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_node = |line: &&&str| !line.contains("->") && !line.contains("<-");
    for line in lines.iter().filter(is_node) {
        let (head, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut labels: Vec<&str> = head.split(':').collect();
        let name = labels.remove(0);
        let is_stub = rest.trim() == "?";
        let doc = match rest.trim() {
            "?" => Doc::stub(),
            "" => Doc::build(&serde_json::json!({}), &keys),
            json => Doc::build(&mark_unread(serde_json::from_str(json).unwrap()), &keys),
        };
        let meta = NodeMeta {
            id: name,
            name,
            kind: "test.kind",
            scope: "test",
            region: Some("here"),
            tags: &[("owner", name)].into_iter().collect(),
            collected: !is_stub,
        };
        let group = nodes.len() as u32;
        let node = builder.add_node(&labels, doc, Some(meta.doc(&keys)), group);
        nodes.insert(name.to_owned(), node);
    }
    for line in lines.iter().filter(|line| !is_node(line)) {
        if let Some((name, rest)) = line.split_once(" lacks ") {
            let (arrow, labels) = rest.split_once(' ').unwrap_or((rest, ""));
            let way = if arrow.starts_with('<') { Way::In } else { Way::Out };
            let edge_type = builder.edge_type(arrow.trim_matches(['<', '-', '>']));
            let labels: Vec<&str> = labels.split(':').filter(|it| !it.is_empty()).collect();
            builder.mark_incomplete(nodes[name].0, edge_type, way, &labels, GapId(7));
            continue;
        }
        let mut words = line.splitn(4, ' ');
        let from = nodes[words.next().unwrap()];
        let edge_type = words.next().unwrap().trim_matches(['-', '>']);
        let to = nodes[words.next().unwrap()];
        let json = words.next().map(|json| mark_unread(serde_json::from_str(json).unwrap()));
        let doc = json.map(|json| Doc::build(&json, &keys));
        let edge_type = builder.edge_type(edge_type);
        builder.add_edge(from, edge_type, to, doc);
    }
    Sketch { graph: builder.finish(), nodes }
}

/// The text `?` stands for an unread value.
fn mark_unread(json: serde_json::Value) -> serde_json::Value {
    match json {
        serde_json::Value::String(text) if text == "?" => model::doc::unread_marker(GapId(3)),
        serde_json::Value::Object(map) => {
            map.into_iter().map(|(key, value)| (key, mark_unread(value))).collect()
        }
        other => other,
    }
}

/// The rows of a query as text, sorted unless the query orders them.
#[track_caller]
pub(crate) fn rows(sketch: &Sketch, text: &str) -> Vec<String> {
    let query = Query::compile(text, None).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (params, limits) = (Params::new(), Limits::default());
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    let context = Context { now, params: &params, limits: &limits };
    let rows = query.run(&sketch.graph, &context).unwrap_or_else(|error| panic!("{text}: {error}"));
    let name_of = |id: u32| {
        let found = sketch.nodes.iter().find(|(_, node)| node.0 == id);
        found.map_or("?", |(name, _)| name)
    };
    let mut lines: Vec<String> = rows
        .rows
        .iter()
        .map(|row| {
            let values: Vec<String> = row
                .iter()
                .map(|value| match value {
                    lang::Value::Node(node) => name_of(node.0).to_owned(),
                    other => other.to_string(),
                })
                .collect();
            values.join(" ")
        })
        .collect();
    if !text.contains("ORDER BY") {
        lines.sort();
    }
    lines
}

#[track_caller]
pub(crate) fn check(graph: &str, query: &str, want: &[&str]) {
    assert_eq!(rows(&sketch(graph), query), want, "{query}");
}

/// The worth of a condition at the node `r`.
#[track_caller]
pub(crate) fn check_predicate(graph: &str, condition: &str, want: &str) {
    let sketch = sketch(graph);
    let predicate = Predicate::compile(condition, "r", &[], None)
        .or_else(|_| Predicate::compile_value(condition, "r", &[], None))
        .unwrap();
    let (params, limits) = (Params::new(), Limits::default());
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    let context = Context { now, params: &params, limits: &limits };
    let mut bound = predicate.bind(&sketch.graph, &context).unwrap();
    let value = bound.eval(sketch.nodes["r"]);
    assert_eq!(value.unwrap().to_string(), want, "{condition}");
}
