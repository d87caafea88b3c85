//! What is derived of a graph, said about its nodes, so that queries can ask for it.

use access::{Access, Actor, Plus};
use graph::{Delta, Graph};
use lang::NodeId;
use model::{Doc, GapId, View};
use network::{Network, Width};
use serde_json::{Value as Json, json};

/// Keys under `merlon` that only a [marked](marked) graph has.
///
/// `internet`: packets from the internet arrive, from how much of it (`wide`, `narrow`, `trusted`). `administrator`:
/// the identity may do everything where it is at home. Either is unread where something that was not read decides,
/// and absent where it is not so.
pub const DERIVED_KEYS: [&str; 2] = ["administrator", "internet"];

/// `graph` with what is derived of it as values of its nodes. Both must have been made of it.
#[must_use]
pub fn marked(graph: &Graph, access: &Access, network: &Network) -> Graph {
    let mut delta = Delta::new(graph);
    for id in network.endpoints() {
        let Some(exposure) = network.exposure_without_proof(id) else { continue };
        let value = match (exposure.answer, exposure.width) {
            (network::Answer::No, _) => continue,
            (network::Answer::Yes, Some(width)) => json!(width_name(width)),
            _ => unread(),
        };
        mark(graph, &mut delta, id, "internet", &value);
    }
    for id in access.identities() {
        let value = match access.administrator(Actor { id, plus: Plus::Nothing }).answer {
            access::Answer::Denied => continue,
            access::Answer::Allowed => json!(true),
            access::Answer::Unknown => unread(),
        };
        mark(graph, &mut delta, id, "administrator", &value);
    }
    graph.apply(&delta)
}

/// From how much of the internet, in a word.
pub fn width_name(width: Width) -> &'static str {
    match width {
        Width::Trusted => "trusted",
        Width::Narrow => "narrow",
        Width::Wide => "wide",
    }
}

fn unread() -> Json {
    model::doc::unread_marker(GapId::NOT_COLLECTED)
}

fn mark(graph: &Graph, delta: &mut Delta, id: &str, key: &str, value: &Json) {
    if let Some(node) = graph.node_by_id(id) {
        delta.set_meta(node, with(graph, node, key, value));
    }
}

/// What Merlon says about a node, and one thing more.
fn with(graph: &Graph, node: NodeId, key: &str, value: &Json) -> Doc {
    let (keys, value) = (graph.keys(), Doc::build(&json!({ key: value }), graph.keys()));
    let (is_open, mut entries) = match graph.meta(node) {
        View::Object(meta) => (meta.is_open(), meta.iter().collect::<Vec<_>>()),
        _ => (false, Vec::new()),
    };
    let key = keys.intern(key);
    if let Some(value) = value.view().get(key) {
        entries.retain(|(other, _)| *other != key);
        entries.push((key, value));
    }
    Doc::flat(&mut entries).with_openness(is_open)
}
