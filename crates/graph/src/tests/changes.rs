//! A changed graph answers as one that was built so from the start; so does its compacted form.

use std::collections::BTreeMap;

use lang::value::{GapId, NodeId};
use model::{Doc, Keys};
use proptest::prelude::*;

use super::sketch::{self, Sketch};
use crate::{Context, Delta, Graph, GraphBuilder, Limits, NodeMeta, Params, Predicate, Query, Way};

/// What the graph should be: nodes by name with labels and value, edges.
#[derive(Debug, Clone, Default)]
struct Wanted {
    nodes: BTreeMap<u32, (u8, u8)>,
    edges: Vec<(u32, u8, u32)>,
}

const LABELS: [&[&str]; 4] = [&[], &["A"], &["B"], &["A", "B"]];
const TYPES: [&str; 2] = ["T", "S"];

fn doc(name: u32, value: u8, keys: &Keys) -> Doc {
    Doc::build(&serde_json::json!({ "n": name, "v": value }), keys)
}

fn meta(name: u32, keys: &Keys) -> Doc {
    let id = format!("id-{name}");
    let meta = NodeMeta {
        id: &id,
        name: &id,
        kind: "k",
        scope: "s",
        region: None,
        tags: &model::Tags::default(),
        collected: true,
    };
    meta.doc(keys)
}

impl Wanted {
    fn build(&self) -> Graph {
        let keys = Keys::default();
        let mut builder = GraphBuilder::new(&keys);
        let mut numbers = BTreeMap::new();
        for (name, (labels, value)) in &self.nodes {
            let meta = Some(meta(*name, &keys));
            let labels = LABELS[*labels as usize];
            numbers.insert(*name, builder.add_node(labels, doc(*name, *value, &keys), meta, 0));
        }
        for (from, edge_type, to) in &self.edges {
            let edge_type = builder.edge_type(TYPES[*edge_type as usize]);
            builder.add_edge(numbers[from], edge_type, numbers[to], None);
        }
        builder.finish()
    }
}

fn rows(graph: &Graph, text: &str) -> Vec<String> {
    let query = Query::compile(text, None).unwrap();
    let (params, limits) = (Params::new(), Limits::default());
    let now = jiff::Timestamp::UNIX_EPOCH;
    let found = query.run(graph, &Context { now, params: &params, limits: &limits }).unwrap();
    let mut lines: Vec<String> = found.rows.iter().map(|row| format!("{row:?}")).collect();
    lines.sort();
    lines
}

const QUERIES: [&str; 9] = [
    "MATCH (a) RETURN a.n, labels(a), a.v",
    "MATCH (a:A) WHERE a.v = 1 RETURN a.n",
    "MATCH (a:A|B)-[r]->(b) RETURN a.n, type(r), b.n",
    "MATCH (a)-[:T]-(b:B) RETURN a.n, b.n",
    "MATCH (a)<-[:S*1..3]-(b) RETURN a.n, b.n",
    "MATCH (a)-[:T|S*1..4]->(b:A) RETURN DISTINCT b.n",
    "MATCH p = shortestPath((a:A)-[*1..5]->(b:B)) RETURN a.n, b.n, length(p)",
    "MATCH (a) WHERE a.merlon.id = 'id-2' RETURN a.n, a.v",
    "MATCH (a), (b) WHERE (a)-[:T]->(b) RETURN a.n, b.n, COUNT { (a)-[:T]->(b) }",
];

#[derive(Debug, Clone)]
enum Step {
    Put(u8, u8, u8),
    Remove(u8),
    Connect(u8, u8, u8),
    Disconnect(u8, u8, u8),
    Apply,
    Compact,
    /// Compaction begins: what comes until it ends is changed on the old graph.
    Freeze,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..6_u8, 0..4_u8, 0..3_u8).prop_map(|(a, b, c)| Step::Put(a, b, c)),
        1 => (0..6_u8).prop_map(Step::Remove),
        4 => (0..6_u8, 0..2_u8, 0..6_u8).prop_map(|(a, b, c)| Step::Connect(a, b, c)),
        1 => (0..6_u8, 0..2_u8, 0..6_u8).prop_map(|(a, b, c)| Step::Disconnect(a, b, c)),
        2 => Just(Step::Apply),
        1 => Just(Step::Compact),
        1 => Just(Step::Freeze),
    ];
    proptest::collection::vec(step, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn changed_equals_built(steps in steps()) {
        let mut wanted = Wanted::default();
        let mut graph = wanted.build();
        let mut numbers: BTreeMap<u32, NodeId> = BTreeMap::new();
        let mut delta = Delta::new(&graph);
        let mut frozen: Option<(Graph, Vec<Delta>)> = None;
        // a graph that is told of each difference
        let mut told = graph.clone();
        for step in steps.iter().chain([&Step::Apply, &Step::Compact]) {
            let keys = graph.keys().clone();
            match step {
                Step::Put(name, labels, value) => {
                    let name = u32::from(*name);
                    let (text, facts) = (doc(name, *value, &keys), Some(meta(name, &keys)));
                    let labels_of = LABELS[*labels as usize];
                    match numbers.get(&name) {
                        Some(node) => delta.replace_node(*node, labels_of, text, facts, 0),
                        None => {
                            numbers.insert(name, delta.add_node(labels_of, text, facts, 0));
                        }
                    }
                    wanted.nodes.insert(name, (*labels, *value));
                }
                Step::Remove(name) => {
                    let name = u32::from(*name);
                    if let Some(node) = numbers.remove(&name) {
                        delta.remove_node(node);
                        wanted.nodes.remove(&name);
                        wanted.edges.retain(|(from, _, to)| *from != name && *to != name);
                    }
                }
                Step::Connect(from, edge_type, to) => {
                    let (from, to) = (u32::from(*from), u32::from(*to));
                    if let (Some(a), Some(b)) = (numbers.get(&from), numbers.get(&to)) {
                        delta.add_edge(*a, TYPES[*edge_type as usize], *b, None);
                        wanted.edges.push((from, *edge_type, to));
                    }
                }
                Step::Disconnect(from, edge_type, to) => {
                    let (from, to) = (u32::from(*from), u32::from(*to));
                    if let (Some(a), Some(b)) = (numbers.get(&from), numbers.get(&to)) {
                        delta.remove_edges(*a, TYPES[*edge_type as usize], *b);
                        wanted.edges.retain(|it| *it != (from, *edge_type, to));
                    }
                }
                Step::Apply | Step::Compact | Step::Freeze => {
                    let before = graph.clone();
                    graph = graph.apply(&delta);
                    told = told.apply(&Delta::leading_to(&graph, &graph.since(&before).unwrap()));
                    if let Some((_, changes)) = &mut frozen {
                        changes.push(delta);
                    }
                    if matches!(step, Step::Freeze) {
                        frozen = Some((graph.clone(), Vec::new()));
                    }
                    if matches!(step, Step::Compact) {
                        let (old, changes) =
                            frozen.take().unwrap_or_else(|| (graph.clone(), Vec::new()));
                        let (compacted, new) = old.compact();
                        let (caught_up, new) = compacted.caught_up(new, &changes);
                        graph = caught_up;
                        for node in numbers.values_mut() {
                            *node = new[node.0 as usize].unwrap();
                        }
                        prop_assert!(graph.since(&before).is_none());
                        told = graph.clone();
                    }
                    delta = Delta::new(&graph);
                    let built = wanted.build();
                    prop_assert_eq!(graph.n_nodes(), built.n_nodes());
                    prop_assert_eq!(graph.n_edges(), built.n_edges());
                    for text in QUERIES {
                        prop_assert_eq!(rows(&graph, text), rows(&built, text), "{}", text);
                        prop_assert_eq!(rows(&told, text), rows(&built, text), "told: {}", text);
                    }
                }
            }
        }
    }
}

#[test]
fn the_old_graph_stays_as_it_was() {
    let Sketch { graph, nodes } = sketch::sketch("a:A {\"v\": 1}\nb:B {}\na -T-> b");
    let keys = graph.keys().clone();
    let mut delta = Delta::new(&graph);
    delta.replace_node(
        nodes["a"],
        &["A"],
        Doc::build(&serde_json::json!({ "v": 2 }), &keys),
        None,
        0,
    );
    delta.remove_node(nodes["b"]);
    let changed = graph.apply(&delta);
    let text = "MATCH (a:A) OPTIONAL MATCH (a)-[:T]->(b) RETURN a.v, b IS NULL";
    assert_eq!(rows(&graph, text), ["[1, false]"]);
    assert_eq!(rows(&changed, text), ["[2, true]"]);
    assert!(changed.overlay_size() > 0);
}

#[test]
fn what_may_be_missing_can_change() {
    let Sketch { graph, nodes } = sketch::sketch("r:A {}\nr lacks -T-> :B");
    let predicate = Predicate::compile("EXISTS { (r)-[:T]->(:B) }", "r", &[], None).unwrap();
    let worth = |graph: &Graph| {
        let (params, limits) = (Params::new(), Limits::default());
        let now = jiff::Timestamp::UNIX_EPOCH;
        let context = Context { now, params: &params, limits: &limits };
        predicate.bind(graph, &context).unwrap().eval(nodes["r"]).unwrap().to_string()
    };
    assert_eq!(worth(&graph), "unread(7)");
    let mut delta = Delta::new(&graph);
    delta.set_incomplete(0, "T", Way::Out, &[]);
    assert_eq!(worth(&graph.apply(&delta)), "false");
    let mut delta = Delta::new(&graph);
    delta.set_incomplete(0, "T", Way::Out, &[(&["C"], GapId(1))]);
    assert_eq!(worth(&graph.apply(&delta)), "false");
}

#[test]
fn a_node_with_many_edges_goes_at_once() {
    let keys = Keys::default();
    let mut builder = GraphBuilder::new(&keys);
    let hub = builder.add_node(&["A"], doc(0, 0, &keys), None, 0);
    let has = builder.edge_type("T");
    for name in 1..20_000 {
        let leaf = builder.add_node(&["B"], doc(name, 0, &keys), None, 0);
        builder.add_edge(hub, has, leaf, None);
    }
    let graph = builder.finish();
    let mut delta = Delta::new(&graph);
    delta.remove_node(hub);
    let changed = graph.apply(&delta);
    assert_eq!((changed.n_nodes(), changed.n_edges()), (19_999, 0));
    let mut delta = Delta::new(&graph);
    (1..2_000).for_each(|leaf| delta.remove_node(NodeId(leaf)));
    assert_eq!(graph.apply(&delta).n_edges(), 18_000);
}
