//! No answer changes unseen: of random conditions on random graphs under random changes, every node
//! whose answer differs is among those that the watch names; and few others are.

use std::fmt::Write as _;

use lang::value::{GapId, NodeId};
use model::{Doc, Keys};
use proptest::prelude::*;

use super::sketch::{self, Sketch};
use crate::{Context, Delta, Graph, GraphBuilder, Limits, NodeMeta, Params, Predicate, Watch, Way};

const LABELS: [&[&str]; 4] = [&[], &["A"], &["B"], &["A", "B"]];
const TYPES: [&str; 3] = ["T", "S", "U"];
const KINDS: [&str; 2] = ["k0", "k1"];

/// Choices, one byte each; when they run out, the first option is taken.
struct Dice<'a>(std::slice::Iter<'a, u8>);

impl Dice<'_> {
    fn below(&mut self, bound: usize) -> usize {
        self.0.next().map_or(0, |byte| *byte as usize % bound)
    }

    fn pick<'o>(&mut self, options: &[&'o str]) -> &'o str {
        options[self.below(options.len())]
    }
}

fn doc(dice: &mut Dice<'_>, keys: &Keys) -> Doc {
    let mut json = serde_json::json!({ "v": dice.below(3), "other": dice.below(4) });
    match dice.below(5) {
        0 => json["w"] = serde_json::json!(1),
        1 => json["w"] = model::doc::unread_marker(GapId(2)),
        2 => json["w"] = serde_json::json!({ "x": dice.below(2), "y": dice.below(2) }),
        3 => json["w"] = serde_json::json!([1, dice.below(3)]),
        _ => {}
    }
    Doc::build(&json, keys)
}

fn meta(dice: &mut Dice<'_>, keys: &Keys) -> Doc {
    let meta = NodeMeta {
        id: "",
        name: dice.pick(&["one", "two"]),
        kind: KINDS[usize::from(dice.below(4) == 3)],
        scope: "s",
        region: None,
        tags: &model::Tags::default(),
        collected: dice.below(5) < 4,
    };
    meta.doc(keys)
}

fn build(dice: &mut Dice<'_>) -> Graph {
    let keys = Keys::default();
    let mut builder = GraphBuilder::new(&keys);
    let n_nodes = 2 + dice.below(5);
    for _ in 0..n_nodes {
        let labels = LABELS[dice.below(4)];
        let (doc, meta, group) = (doc(dice, &keys), meta(dice, &keys), dice.below(3) as u32);
        builder.add_node(labels, doc, Some(meta), group);
    }
    for _ in 0..dice.below(10) {
        let edge_type = builder.edge_type(TYPES[dice.below(3)]);
        let (from, to) = (dice.below(n_nodes) as u32, dice.below(n_nodes) as u32);
        builder.add_edge(NodeId(from), edge_type, NodeId(to), edge_doc(dice, &keys));
    }
    for _ in 0..dice.below(3) {
        let edge_type = builder.edge_type(TYPES[dice.below(3)]);
        let way = [Way::Out, Way::In][dice.below(2)];
        builder.mark_incomplete(
            dice.below(3) as u32,
            edge_type,
            way,
            LABELS[dice.below(3)],
            GapId(7),
        );
    }
    builder.finish()
}

fn edge_doc(dice: &mut Dice<'_>, keys: &Keys) -> Option<Doc> {
    let since = dice.below(3);
    (since > 0).then(|| Doc::build(&serde_json::json!({ "since": since }), keys))
}

fn delta(graph: &Graph, dice: &mut Dice<'_>) -> Delta {
    let keys = graph.keys().clone();
    let mut delta = Delta::new(graph);
    let mut nodes: Vec<NodeId> = graph.nodes().collect();
    for _ in 0..=dice.below(4) {
        if nodes.is_empty() {
            break;
        }
        let (at, to) = (dice.below(nodes.len()), dice.below(nodes.len()));
        let (node, other) = (nodes[at], nodes[to]);
        let edge_type = TYPES[dice.below(3)];
        match dice.below(9) {
            0 | 1 if graph.has_node(node) => {
                let labels: Vec<&str> = graph.labels(node).collect();
                let meta = meta_of(graph, node);
                delta.replace_node(node, &labels, doc(dice, &keys), meta, graph.group(node));
            }
            2 => {
                let (labels, doc) = (LABELS[dice.below(4)], doc(dice, &keys));
                let meta = Some(meta(dice, &keys));
                delta.replace_node(node, labels, doc, meta, dice.below(3) as u32);
            }
            3 => {
                let (labels, doc) = (LABELS[dice.below(4)], doc(dice, &keys));
                let meta = Some(meta(dice, &keys));
                nodes.push(delta.add_node(labels, doc, meta, dice.below(3) as u32));
            }
            4 => {
                delta.remove_node(node);
                nodes.retain(|it| *it != node);
            }
            5 => delta.remove_edges(node, edge_type, other),
            6 => {
                let way = [Way::Out, Way::In][dice.below(2)];
                let labels = LABELS[dice.below(3)];
                let missing = [(labels, GapId(8))];
                let n = dice.below(2);
                delta.set_incomplete(dice.below(3) as u32, edge_type, way, &missing[..n]);
            }
            _ => delta.add_edge(node, edge_type, other, edge_doc(dice, &keys)),
        }
    }
    delta
}

/// The same facts again: as bytes they cannot be had, so from the graph's own.
fn meta_of(graph: &Graph, node: NodeId) -> Option<Doc> {
    graph.meta_doc(node).cloned()
}

fn place(dice: &mut Dice<'_>, name: &str) -> String {
    let labels = dice.pick(&["", "", ":A", ":B", ":!A", ":A|B"]);
    let map = dice.pick(&["", "", "", " {v: 1}"]);
    format!("({name}{labels}{map})")
}

fn edge(dice: &mut Dice<'_>, name: &str) -> String {
    let types = dice.pick(&[":T", ":S", ":U", ":T|S", "", ":T"]);
    let length = dice.pick(&["", "", "", "*1..2", "*0..1", "*2"]);
    let map = dice.pick(&["", "", "", " {since: 1}"]);
    let (left, right) = [("-", "->"), ("<-", "-"), ("-", "-")][dice.below(3)];
    format!("{left}[{name}{types}{length}{map}]{right}")
}

fn test(dice: &mut Dice<'_>, x: &str, y: &str) -> String {
    match dice.below(12) {
        0 => format!("{x}.v = 1"),
        1 => format!("{x}.v >= {y}.v"),
        2 => format!("{x}.w.x = 1"),
        3 => format!("{x}.w IS NULL"),
        4 => format!("{x}:A"),
        5 => format!("{x}.merlon.name = 'one'"),
        6 => format!("{x} = {y}"),
        7 => format!("size(keys({x})) > 2"),
        8 => format!("coalesce({x}.w, {y}.w, 1) = 1"),
        9 => format!("({x})-[:U]->()"),
        10 => format!("any(i IN [{x}, {y}] WHERE i.v = 2)"),
        _ => format!("{x} {{.v}}.v = 1"),
    }
}

fn sub_query(dice: &mut Dice<'_>, r: &str, depth: usize) -> String {
    let (e, f) = (edge(dice, ""), edge(dice, ""));
    let x = place(dice, "x");
    let inner = condition(dice, "x", r, depth + 1);
    match dice.below(11) {
        0 => format!("EXISTS {{ MATCH ({r}){e}{x} WHERE {inner} }}"),
        1 => format!("COUNT {{ MATCH ({r}){e}{x} WHERE {inner} }} > 1"),
        2 => format!(
            "EXISTS {{ MATCH ({r}){e}{x}{f}(y) WHERE {inner} AND {} }}",
            test(dice, "y", "x")
        ),
        3 => format!("EXISTS {{ MATCH ({r}){e}{x}, ({r}){f}(y) WHERE {inner} AND x.v = y.v }}"),
        4 => format!("EXISTS {{ MATCH ({r}){e}{x}, (x){f}(y), (y)--({r}) WHERE {inner} }}"),
        5 => format!(
            "EXISTS {{ MATCH ({r}){e}{x} WITH x AS z WHERE {} MATCH (z){f}(y) WHERE y.v = 1 RETURN y }}",
            test(dice, "z", "z")
        ),
        6 => format!(
            "EXISTS {{ MATCH ({r}){e}{x} WITH collect(x) AS xs WHERE any(i IN xs WHERE i.v = 1) RETURN xs }}"
        ),
        7 => format!(
            "EXISTS {{ MATCH p = ({r}){e}{x} WHERE all(n IN nodes(p) WHERE n.v < 2) AND {inner} }}"
        ),
        8 => format!(
            "EXISTS {{ MATCH ({r}){e}{x} OPTIONAL MATCH (x){f}(y) WITH x, count(y) AS n WHERE n = 1 RETURN n }}"
        ),
        9 => format!("size([({r}){e}{x} WHERE {inner} | x.v]) = 1"),
        _ => format!(
            "EXISTS {{ MATCH ({r}){e}{x} UNWIND [x, {r}] AS u WITH u WHERE {} RETURN u }}",
            test(dice, "u", "u")
        ),
    }
}

fn condition(dice: &mut Dice<'_>, x: &str, y: &str, depth: usize) -> String {
    let mut text = String::new();
    match dice.below(if depth > 1 { 2 } else { 5 }) {
        0 | 1 => text += &test(dice, x, y),
        _ => text += &sub_query(dice, x, depth),
    }
    if dice.below(4) == 3 {
        write!(text, " AND NOT {}", condition(dice, x, y, depth + 1)).unwrap();
    }
    text
}

/// The answers of a condition at all nodes of a graph, by number.
fn answers(predicate: &Predicate, graph: &Graph) -> Vec<Option<String>> {
    let (params, limits) = (Params::new(), Limits::default());
    let context = Context { now: jiff::Timestamp::UNIX_EPOCH, params: &params, limits: &limits };
    let mut bound = predicate.bind(graph, &context).unwrap();
    let one = |node: u32| {
        let node = NodeId(node);
        graph.has_node(node).then(|| match bound.eval(node) {
            Ok(value) => value.to_string(),
            Err(_) => "failed".to_owned(),
        })
    };
    (0..graph.node_bound()).map(one).collect()
}

fn kind_of(graph: &Graph, node: u32) -> String {
    let kind = graph.meta(NodeId(node)).get(graph.keys().intern("kind"));
    kind.unwrap().to_json(graph.keys()).as_str().unwrap_or_default().to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_changes_unseen(
        graph in proptest::collection::vec(any::<u8>(), 90),
        changes in proptest::collection::vec(any::<u8>(), 40),
        text in proptest::collection::vec(any::<u8>(), 40),
    ) {
        let before = build(&mut Dice(graph.iter()));
        let delta = delta(&before, &mut Dice(changes.iter()));
        let after = before.apply(&delta);
        let mut dice = Dice(text.iter());
        let texts: Vec<String> = (0..3).map(|_| condition(&mut dice, "r", "r", 0)).collect();
        let predicates: Vec<Predicate> =
            texts.iter().filter_map(|it| Predicate::compile(it, "r", &[], None).ok()).collect();
        let mut watch = Watch::new(before.keys());
        for (number, predicate) in predicates.iter().enumerate() {
            let kinds: &[&str] = if number == 1 { &["k0"] } else { &[] };
            watch.add(&[predicate.footprint()], kinds);
        }
        let affected = watch.affected(&before, &after, &delta);
        prop_assert!(affected.is_sorted());
        for (number, predicate) in predicates.iter().enumerate() {
            let old = answers(predicate, &before);
            for (node, answer) in answers(predicate, &after).into_iter().enumerate() {
                let is_seen = affected.contains(&(number as u32, NodeId(node as u32)));
                let is_judged = answer.is_some() && (number != 1 || kind_of(&after, node as u32) == "k0");
                if is_judged && answer != old.get(node).cloned().flatten() {
                    prop_assert!(is_seen, "{} at {node}: {:?}, was {:?}", predicate.text(), answer, old.get(node));
                }
                if !is_judged {
                    prop_assert!(!is_seen, "{node} is not judged");
                }
            }
        }
    }
}

/// The nodes at which `condition` may change when the document of `changed` becomes `json`.
#[track_caller]
fn check(graph: &str, condition: &str, changed: &str, json: &serde_json::Value, want: &[&str]) {
    let Sketch { graph, nodes } = sketch::sketch(graph);
    let predicate = Predicate::compile(condition, "r", &[], None).unwrap();
    let mut watch = Watch::new(graph.keys());
    watch.add(&[predicate.footprint()], &[]);
    let mut delta = Delta::new(&graph);
    let node = nodes[changed];
    let labels: Vec<&str> = graph.labels(node).collect();
    let meta = meta_of(&graph, node);
    delta.replace_node(node, &labels, Doc::build(json, graph.keys()), meta, graph.group(node));
    let found = watch.affected(&graph, &graph.apply(&delta), &delta);
    let name = |node: NodeId| nodes.iter().find(|(_, it)| **it == node).unwrap().0.as_str();
    let mut names: Vec<&str> = found.into_iter().map(|(_, node)| name(node)).collect();
    names.sort_unstable();
    assert_eq!(names, want, "{condition}");
}

#[test]
fn a_value_that_is_not_read_affects_nothing() {
    let graph = "a:A {\"v\": 1}\nb:B {\"v\": 1, \"w\": 2}\nc:C {}\na -T-> b\nb -T-> c";
    let json = serde_json::json!({ "v": 1, "w": 3 });
    check(graph, "r.v = 1", "b", &json, &[]);
    check(graph, "r.w = 1", "b", &json, &["b"]);
    check(graph, "EXISTS { (r)-[:T]->(x {v: 1}) }", "b", &json, &[]);
    check(graph, "EXISTS { (r)-[:T]->(x {w: 1}) }", "b", &json, &["a"]);
    check(graph, "EXISTS { (r)-[:T]->(x:C {w: 1}) }", "b", &json, &[]);
    check(graph, "EXISTS { (r)<-[:T]-(x {w: 1}) }", "b", &json, &["c"]);
    check(graph, "EXISTS { (r)-[:S]->(x {w: 1}) }", "b", &json, &[]);
    check(graph, "EXISTS { MATCH (r)-[:T]->(x) RETURN x }", "b", &json, &[]);
}

#[test]
fn a_hub_is_walked_only_when_it_is_read() {
    let mut text = "hub:Sub {\"v\": 1}\n".to_owned();
    for number in 0..50 {
        writeln!(text, "n{number}:Vm {{}}\nhub -HAS-> n{number}").unwrap();
    }
    let Sketch { graph, nodes } = sketch::sketch(&text);
    let texts = ["EXISTS { (r)<-[:HAS]-(s:Sub {v: 1}) }", "EXISTS { (r)<-[:HAS]-(s)-[:OF]->(t) }"];
    let mut watch = Watch::new(graph.keys());
    for text in texts {
        watch.add(&[Predicate::compile(text, "r", &[], None).unwrap().footprint()], &[]);
    }
    let mut delta = Delta::new(&graph);
    let new = delta.add_node(&["Vm"], Doc::build(&serde_json::json!({}), graph.keys()), None, 0);
    delta.add_edge(nodes["hub"], "HAS", new, None);
    let found = watch.affected(&graph, &graph.apply(&delta), &delta);
    assert_eq!(found, [(0, new), (1, new)], "a new leaf concerns itself alone");
    let mut delta = Delta::new(&graph);
    delta.add_edge(nodes["hub"], "OF", nodes["n7"], None);
    let found = watch.affected(&graph, &graph.apply(&delta), &delta);
    assert_eq!(found.len(), 50);
    assert!(found.iter().all(|(check, _)| *check == 1), "who looks behind the hub");
}
