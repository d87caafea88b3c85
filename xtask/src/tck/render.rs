//! Values that the engine gave, in the form of the tables of the kit.

use graph::Graph;
use lang::Value;
use lang::value::{EdgeId, NodeId};

use super::literal::Literal;

/// A value of a graph.
pub(crate) fn literal(graph: &Graph, value: &Value<'_>) -> Literal {
    match value {
        Value::Null => Literal::Null,
        Value::Unread(_) => Literal::Str("<unread>".to_owned()),
        Value::Bool(it) => Literal::Bool(*it),
        Value::Int(it) => Literal::Int(*it),
        Value::Float(it) => Literal::Float(*it),
        Value::Str(text) => Literal::Str(text.as_str().to_owned()),
        Value::List(_) | Value::DocList(_) => {
            let items = value.as_list().into_iter().flat_map(lang::value::ListView::iter);
            Literal::List(items.map(|item| literal(graph, &item)).collect())
        }
        Value::Map(_) | Value::DocMap(_) => Literal::Map(entries(graph, value)),
        Value::Node(id) => node(graph, *id),
        Value::Edge(id) => edge(graph, *id),
        Value::Path(path) => Literal::Path {
            nodes: path.nodes.iter().map(|id| node(graph, *id)).collect(),
            edges: path
                .edges
                .iter()
                .zip(&path.nodes)
                .map(|(id, before)| {
                    let is_forward = graph.edge(*id).is_some_and(|it| it.from == *before);
                    (edge(graph, *id), is_forward)
                })
                .collect(),
        },
        Value::DateTime(instant) => Literal::Str(instant.to_string()),
        Value::Duration(period) => Literal::Str(period.to_string()),
    }
}

fn entries(graph: &Graph, value: &Value<'_>) -> Vec<(String, Literal)> {
    let entries = value.as_map().map(lang::value::MapView::entries).unwrap_or_default();
    let mut entries: Vec<_> = entries
        .into_iter()
        .map(|(key, value)| (key.as_str().to_owned(), literal(graph, &value)))
        .collect();
    entries.sort_by(|a: &(String, Literal), b| a.0.cmp(&b.0));
    entries
}

fn node(graph: &Graph, id: NodeId) -> Literal {
    let mut labels: Vec<String> = graph.labels(id).map(str::to_owned).collect();
    labels.sort();
    let properties = entries(graph, &Value::from_view(graph.doc(id), graph.keys()));
    Literal::Node { labels, properties }
}

fn edge(graph: &Graph, id: EdgeId) -> Literal {
    let Some(found) = graph.edge(id) else { return Literal::Null };
    let properties = found
        .doc
        .map(|doc| entries(graph, &Value::from_view(doc.view(), graph.keys())))
        .unwrap_or_default();
    Literal::Edge { edge_type: found.edge_type.to_owned(), properties }
}
