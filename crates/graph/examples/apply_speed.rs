//! What a change of a large graph costs: `cargo run --release -p graph --example apply_speed`.

#![expect(clippy::print_stdout, reason = "an example prints what it measures")]
#![expect(clippy::disallowed_methods, reason = "an example reads the clock")]

use std::time::Instant;

use graph::{Delta, Graph, GraphBuilder, NodeMeta};
use lang::NodeId;
use model::{Doc, Keys, Tags};

const N_NODES: u32 = 1_000_000;

fn doc(value: u32, keys: &Keys) -> Doc {
    let json = serde_json::json!({ "v": value, "properties": { "text": "x".repeat(100) } });
    Doc::build(&json, keys)
}

fn meta(number: u32, keys: &Keys) -> Doc {
    let id = format!("/subscriptions/0/resourcegroups/g{}/vm{number}", number / 100);
    let meta = NodeMeta {
        id: &id,
        name: &id,
        kind: "azure.virtual-machine",
        scope: "subscription",
        region: Some("westeurope"),
        tags: &Tags::default(),
        collected: true,
    };
    meta.doc(keys)
}

/// Every tenth node is a group of the nine behind it; the first contains 100,000.
fn build(keys: &Keys) -> Graph {
    let mut builder = GraphBuilder::new(keys);
    let (contains, uses) = (builder.edge_type("CONTAINS"), builder.edge_type("USES"));
    for number in 0..N_NODES {
        let labels: &[&str] = if number % 10 == 0 { &["Group"] } else { &["Vm", "Resource"] };
        builder.add_node(labels, doc(number % 7, keys), Some(meta(number, keys)), number % 50);
    }
    for number in 1..N_NODES {
        let group = if number < 100_000 { 0 } else { number - number % 10 };
        if number != group {
            builder.add_edge(NodeId(group), contains, NodeId(number), None);
        }
        builder.add_edge(NodeId(number), uses, NodeId(number * 7 % N_NODES), None);
        builder.add_edge(NodeId(number), uses, NodeId(number * 13 % N_NODES), None);
    }
    builder.finish()
}

fn change(graph: &Graph, number: u32) -> Delta {
    let keys = graph.keys();
    let mut delta = Delta::new(graph);
    let node = NodeId(number);
    delta.replace_node(node, &["Vm", "Resource"], doc(9, keys), Some(meta(number, keys)), 1);
    delta.remove_edges(node, "USES", NodeId((number * 7) % N_NODES));
    delta.add_edge(node, "USES", NodeId((number * 17) % N_NODES), None);
    delta
}

fn main() {
    let keys = Keys::default();
    let start = Instant::now();
    let mut graph = build(&keys);
    println!("{graph:?} built in {:.2} s", start.elapsed().as_secs_f64());
    let mut changed = 0;
    for size in [0_u32, 1_000, 100_000] {
        let start = Instant::now();
        while changed < size {
            changed += 1;
            graph = graph.apply(&change(&graph, (changed * 7919) % N_NODES));
        }
        let filling = start.elapsed().as_secs_f64();
        let mut times = Vec::new();
        for round in 0..200 {
            let delta = change(&graph, (round * 104_729 + 13) % N_NODES);
            let start = Instant::now();
            let after = graph.apply(&delta);
            times.push(start.elapsed().as_secs_f64() * 1e6);
            drop(after);
        }
        times.sort_by(f64::total_cmp);
        let mut hub = Delta::new(&graph);
        let new = hub.add_node(&["Vm", "Resource"], doc(1, &keys), Some(meta(N_NODES, &keys)), 1);
        hub.add_edge(NodeId(0), "CONTAINS", new, None);
        let start = Instant::now();
        let with_hub = graph.apply(&hub);
        let at_hub = start.elapsed().as_secs_f64() * 1e6;
        println!(
            "overlay of {size} changes ({filling:.2} s to fill): a change p50 {:.1} us, p99 {:.1} us; \
             a node more under one that has 100,000: {at_hub:.0} us; {} nodes",
            times.get(100).copied().unwrap_or_default(),
            times.get(198).copied().unwrap_or_default(),
            with_hub.n_nodes(),
        );
    }
    let start = Instant::now();
    let (compacted, _) = graph.compact();
    println!("{compacted:?} compacted in {:.2} s", start.elapsed().as_secs_f64());
}
