//! What expressions ask of a graph during one run: the stored graph, and the computed edges that the
//! run came across.

use std::sync::{PoisonError, RwLock};

use hashbrown::HashMap;
use jiff::Timestamp;
use lang::Host;
use lang::functions::{Context, Random};
use lang::value::{DocMap, EdgeId, NodeId, Value};
use model::{Doc, View};

use crate::store::Graph;

/// The key under which a node shows what Merlon says about it.
pub(crate) const MERLON: &str = "merlon";

/// Numbers of computed edges start here; a graph has fewer stored ones.
const FIRST_COMPUTED: u32 = 0x8000_0000;

/// The graph and the computed edges of one run.
pub(crate) struct RunHost<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) now: Timestamp,
    pub(crate) random: Random,
    computed: RwLock<Computed>,
}

/// Computed edges as (type, from, to), numbered as they come.
#[derive(Default)]
struct Computed {
    edges: Vec<(u32, u32, u32)>,
    numbers: HashMap<(u32, u32, u32), u32>,
}

impl<'g> RunHost<'g> {
    pub(crate) fn new(graph: &'g Graph, now: Timestamp) -> Self {
        Self { graph, now, random: Random::default(), computed: RwLock::default() }
    }

    /// What functions may ask.
    pub(crate) fn context(&self) -> Context<'_, 'g> {
        Context { host: self, now: self.now, random: &self.random }
    }

    /// The number of a computed edge.
    pub(crate) fn number(&self, edge: (u32, u32, u32)) -> EdgeId {
        let mut computed = self.computed.write().unwrap_or_else(PoisonError::into_inner);
        let next = computed.edges.len() as u32;
        let number = *computed.numbers.entry(edge).or_insert(next);
        if number == next {
            computed.edges.push(edge);
        }
        EdgeId(FIRST_COMPUTED + number)
    }

    /// The type and the ends of an edge.
    pub(crate) fn edge(&self, edge: EdgeId) -> Option<(u32, u32, u32)> {
        match edge.0.checked_sub(FIRST_COMPUTED) {
            None => self.graph.ends(edge),
            Some(number) => {
                let computed = self.computed.read().unwrap_or_else(PoisonError::into_inner);
                computed.edges.get(number as usize).copied()
            }
        }
    }
}

impl<'g> Host<'g> for RunHost<'g> {
    fn node_labels(&self, node: NodeId) -> Vec<&'g str> {
        self.graph.labels(node).collect()
    }

    fn node_property(&self, node: NodeId, key: &str) -> Value<'g> {
        if key == MERLON {
            let meta = self.graph.meta(node);
            if !matches!(meta, View::Null) {
                return Value::from_view(meta, self.graph.keys());
            }
        }
        property(self.graph, self.graph.doc(node), key)
    }

    fn node_properties(&self, node: NodeId) -> Value<'g> {
        Value::from_view(self.graph.doc(node), self.graph.keys())
    }

    fn edge_type(&self, edge: EdgeId) -> &'g str {
        let graph = self.graph;
        self.edge(edge).map_or("", |(edge_type, _, _)| graph.type_names().name(edge_type))
    }

    fn edge_property(&self, edge: EdgeId, key: &str) -> Value<'g> {
        property(self.graph, self.graph.edge_doc(edge).map_or(View::Null, Doc::view), key)
    }

    fn edge_properties(&self, edge: EdgeId) -> Value<'g> {
        match self.graph.edge_doc(edge) {
            Some(doc) => Value::from_view(doc.view(), self.graph.keys()),
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
