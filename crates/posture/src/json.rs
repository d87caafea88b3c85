//! Values of the language as JSON, for reports and query results.

use graph::Graph;
use lang::{EdgeId, NodeId, Value};
use serde_json::{Map, Value as Json};

/// `value` as JSON. A node becomes its labels and, where it is a resource, what Merlon says about
/// it, else its properties; unread becomes the text `<not collected>`.
pub fn to_json(graph: &Graph, value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Unread(_) => Json::from("<not collected>"),
        Value::Bool(bool) => Json::from(*bool),
        Value::Int(int) => Json::from(*int),
        Value::Float(float) => serde_json::Number::from_f64(*float)
            .map_or_else(|| Json::from(float.to_string()), Json::Number),
        Value::Str(text) => Json::from(text.as_str()),
        Value::List(_) | Value::DocList(_) => value
            .as_list()
            .into_iter()
            .flat_map(|list| list.iter().map(|it| to_json(graph, &it)).collect::<Vec<_>>())
            .collect(),
        Value::Map(_) | Value::DocMap(_) => {
            let entries = value.as_map().into_iter().flat_map(lang::value::MapView::entries);
            Json::Object(
                entries.map(|(key, it)| (key.as_str().to_owned(), to_json(graph, &it))).collect(),
            )
        }
        Value::Node(node) => node_json(graph, *node),
        Value::Path(path) => {
            let nodes: Json = path.nodes.iter().map(|node| node_json(graph, *node)).collect();
            let edges: Json = path.edges.iter().map(|edge| edge_json(graph, *edge)).collect();
            serde_json::json!({ "nodes": nodes, "edges": edges })
        }
        Value::Edge(edge) => edge_json(graph, *edge),
        Value::DateTime(_) | Value::Duration(_) => Json::from(value.to_string()),
    }
}

fn node_json(graph: &Graph, node: NodeId) -> Json {
    let labels: Json = graph.labels(node).map(Json::from).collect();
    let mut map = Map::new();
    map.insert("labels".to_owned(), labels);
    match graph.meta(node).to_json(graph.keys()) {
        Json::Object(meta) => map.extend(meta),
        _ => {
            map.insert("properties".to_owned(), graph.doc(node).to_json(graph.keys()));
        }
    }
    Json::Object(map)
}

/// An edge by its type and the names of its ends; null when it was computed in a run that is over.
fn edge_json(graph: &Graph, edge: EdgeId) -> Json {
    let Some(view) = graph.edge(edge) else { return Json::Null };
    let name = |node| match graph.meta(node).to_json(graph.keys()) {
        Json::Object(mut meta) => meta.remove("id").unwrap_or_default(),
        _ => Json::from(node.0),
    };
    let mut map = Map::new();
    map.insert("type".to_owned(), Json::from(view.edge_type));
    map.insert("from".to_owned(), name(view.from));
    map.insert("to".to_owned(), name(view.to));
    if let Some(doc) = view.doc {
        map.insert("properties".to_owned(), doc.view().to_json(graph.keys()));
    }
    Json::Object(map)
}

/// JSON as a value of the language.
pub fn from_json(json: &Json) -> Value<'static> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::string(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(from_json).collect()),
        Json::Object(map) => Value::map(
            map.iter().map(|(key, value)| (key.clone().into(), from_json(value))).collect(),
        ),
    }
}
