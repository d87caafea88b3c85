//! Nodes, edges, paths, and the keys of maps.

use super::{Function, Returns, arg, bad_argument};
use crate::ops::Outcome;
use crate::types::TypeSet;
use crate::value::Value;

const NODE: &[TypeSet] = &[TypeSet::NODE];
const EDGE: &[TypeSet] = &[TypeSet::EDGE];
const PATH: &[TypeSet] = &[TypeSet::PATH];
const NODE_OR_EDGE: &[TypeSet] = &[TypeSet::NODE.or(TypeSet::EDGE)];
const WITH_KEYS: &[TypeSet] = &[TypeSet::NODE.or(TypeSet::EDGE).or(TypeSet::MAP)];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("labels", NODE, Returns::Texts, |context, args| match arg(args, 0) {
        Value::Node(node) => {
            let labels = context.host.node_labels(node);
            Ok(Value::list(labels.into_iter().map(Value::str).collect()))
        }
        other => Err(bad_argument("labels", "a node", &other)),
    }),
    Function::new("type", EDGE, Returns::Str, |context, args| match arg(args, 0) {
        Value::Edge(edge) => Ok(Value::str(context.host.edge_type(edge))),
        other => Err(bad_argument("type", "an edge", &other)),
    }),
    Function::new("id", NODE_OR_EDGE, Returns::Int, |_, args| match arg(args, 0) {
        Value::Node(node) => Ok(Value::Int(i64::from(node.0))),
        Value::Edge(edge) => Ok(Value::Int(i64::from(edge.0))),
        other => Err(bad_argument("id", "a node or an edge", &other)),
    }),
    Function::new("elementId", NODE_OR_EDGE, Returns::Str, |_, args| match arg(args, 0) {
        Value::Node(node) => Ok(Value::string(node.0.to_string())),
        Value::Edge(edge) => Ok(Value::string(edge.0.to_string())),
        other => Err(bad_argument("elementId", "a node or an edge", &other)),
    }),
    Function::new("properties", WITH_KEYS, Returns::Map, |context, args| match arg(args, 0) {
        Value::Node(node) => Ok(context.host.node_properties(node)),
        Value::Edge(edge) => Ok(context.host.edge_properties(edge)),
        map @ (Value::Map(_) | Value::DocMap(_)) => Ok(map),
        other => Err(bad_argument("properties", "a node, an edge or a map", &other)),
    }),
    Function::new("keys", WITH_KEYS, Returns::Texts, |context, args| {
        let of = match arg(args, 0) {
            Value::Node(node) => context.host.node_properties(node),
            Value::Edge(edge) => context.host.edge_properties(edge),
            other => other,
        };
        let map =
            of.as_map().ok_or_else(|| bad_argument("keys", "a node, an edge or a map", &of))?;
        if !map.is_complete().is_true() {
            return Ok(map.is_complete().into());
        }
        Ok(Value::list(map.entries().into_iter().map(|(key, _)| Value::Str(key)).collect()))
    }),
    Function::new("startNode", EDGE, Returns::Node, |context, args| match arg(args, 0) {
        Value::Edge(edge) => Ok(Value::Node(context.host.edge_ends(edge).0)),
        other => Err(bad_argument("startNode", "an edge", &other)),
    }),
    Function::new("endNode", EDGE, Returns::Node, |context, args| match arg(args, 0) {
        Value::Edge(edge) => Ok(Value::Node(context.host.edge_ends(edge).1)),
        other => Err(bad_argument("endNode", "an edge", &other)),
    }),
    Function::new("nodes", PATH, Returns::Nodes, |_, args| match arg(args, 0) {
        Value::Path(path) => Ok(Value::list(path.nodes.iter().copied().map(Value::Node).collect())),
        other => Err(bad_argument("nodes", "a path", &other)),
    }),
    Function::new("relationships", PATH, Returns::Edges, |_, args| edges("relationships", args)),
    Function::new("rels", PATH, Returns::Edges, |_, args| edges("rels", args)),
    Function::new("length", PATH, Returns::Int, |_, args| match arg(args, 0) {
        Value::Path(path) => Ok(Value::count(path.n_edges())),
        other => Err(bad_argument("length", "a path", &other)),
    }),
];

fn edges<'g>(function: &str, args: &[Value<'g>]) -> Outcome<'g> {
    match arg(args, 0) {
        Value::Path(path) => Ok(Value::list(path.edges.iter().copied().map(Value::Edge).collect())),
        other => Err(bad_argument(function, "a path", &other)),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::tests::check;

    #[test]
    fn maps_have_keys() {
        check("keys({b: 1, a: null})", "['a', 'b']");
        check("properties({a: 1})", "{a: 1}");
        check("keys(1)", "InvalidArgumentValue");
        check("labels('a')", "InvalidArgumentValue");
        check("nodes(null)", "null");
    }
}
