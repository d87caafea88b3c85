//! What expressions ask of a graph.

use lang::Host;
use lang::value::{DocMap, EdgeId, NodeId, Value};
use model::{Doc, View};

use super::Graph;

/// The key under which a node shows what Merlon says about it.
pub(crate) const MERLON: &str = "merlon";

impl<'g> Host<'g> for &'g Graph {
    fn node_labels(&self, node: NodeId) -> Vec<&'g str> {
        let graph: &'g Graph = self;
        graph.labels(node).collect()
    }

    fn node_property(&self, node: NodeId, key: &str) -> Value<'g> {
        let graph: &'g Graph = self;
        if key == MERLON {
            let meta = graph.meta(node);
            if !matches!(meta, View::Null) {
                return Value::from_view(meta, graph.keys());
            }
        }
        property(graph, graph.doc(node), key)
    }

    fn node_properties(&self, node: NodeId) -> Value<'g> {
        let graph: &'g Graph = self;
        Value::from_view(graph.doc(node), graph.keys())
    }

    fn edge_type(&self, edge: EdgeId) -> &'g str {
        let graph: &'g Graph = self;
        graph.edge(edge).map_or("", |(edge_type, _, _)| graph.type_names().name(edge_type))
    }

    fn edge_property(&self, edge: EdgeId, key: &str) -> Value<'g> {
        let graph: &'g Graph = self;
        property(graph, graph.edge_doc(edge).map_or(View::Null, Doc::view), key)
    }

    fn edge_properties(&self, edge: EdgeId) -> Value<'g> {
        let graph: &'g Graph = self;
        match graph.edge_doc(edge) {
            Some(doc) => Value::from_view(doc.view(), graph.keys()),
            None => Value::map(Vec::new()),
        }
    }

    fn edge_ends(&self, edge: EdgeId) -> (NodeId, NodeId) {
        self.edge(edge).map_or((NodeId(0), NodeId(0)), |(_, from, to)| (NodeId(from), NodeId(to)))
    }
}

/// A key of a document; a document that is no object has no keys.
fn property<'g>(graph: &'g Graph, doc: View<'g>, key: &str) -> Value<'g> {
    match doc {
        View::Object(view) => DocMap { view, keys: graph.keys() }.get(key),
        View::Unread(gap) => Value::Unread(gap),
        View::Null
        | View::Bool(_)
        | View::Int(_)
        | View::Float(_)
        | View::Str(_)
        | View::List(_) => Value::Null,
    }
}
