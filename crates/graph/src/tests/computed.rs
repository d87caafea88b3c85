//! Computed edges, and the bounds of a run.

use std::sync::Arc;

use lang::value::NodeId;
use model::{Doc, Keys};

use crate::{
    Context, EdgeProvider, Error, Evidence, Graph, GraphBuilder, LimitKind, Limits, Params, Query,
};

/// From every number to those that divide it.
struct Divides(u32);

impl EdgeProvider for Divides {
    fn out(&self, node: NodeId, found: &mut Vec<NodeId>) {
        found.extend((0..self.0).map(NodeId).filter(|it| self.test(node, *it)));
    }

    fn into(&self, node: NodeId, found: &mut Vec<NodeId>) {
        found.extend((0..self.0).map(NodeId).filter(|it| self.test(*it, node)));
    }

    fn test(&self, from: NodeId, to: NodeId) -> bool {
        from != to && to.0 > 0 && from.0.is_multiple_of(to.0) && from.0 > 0
    }

    fn estimate(&self) -> u32 {
        2
    }

    fn evidence(&self, from: NodeId, to: NodeId) -> Option<Evidence> {
        self.test(from, to).then(|| serde_json::json!(from.0 / to.0))
    }
}

fn numbers(n_nodes: u32) -> Graph {
    let keys = Keys::default();
    let mut builder = GraphBuilder::new(&keys);
    for number in 0..n_nodes {
        let doc = Doc::build(&serde_json::json!({ "n": number }), &keys);
        builder.add_node(&["Number"], doc, None, 0);
    }
    let next = builder.edge_type("NEXT");
    for number in 1..n_nodes {
        builder.add_edge(NodeId(number - 1), next, NodeId(number), None);
    }
    let divides = builder.edge_type("DIVISIBLE_BY");
    builder.set_provider(divides, Arc::new(Divides(n_nodes)));
    builder.finish()
}

fn run(graph: &Graph, text: &str, limits: &Limits) -> Result<Vec<String>, Error> {
    let params = Params::new();
    let context = Context { now: jiff::Timestamp::UNIX_EPOCH, params: &params, limits };
    let query = Query::compile(text, None)?;
    let found = query.run(graph, &context)?;
    Ok(found.rows.iter().map(|row| format!("{row:?}")).collect())
}

#[track_caller]
fn check(text: &str, want: &[&str]) {
    assert_eq!(run(&numbers(20), text, &Limits::default()).unwrap(), want, "{text}");
}

#[test]
fn computed_edges_are_like_stored_ones() {
    check(
        "MATCH (a)-[r:DIVISIBLE_BY]->(b) WHERE a.n = 6 RETURN b.n, type(r) ORDER BY b.n",
        &["[1, 'DIVISIBLE_BY']", "[2, 'DIVISIBLE_BY']", "[3, 'DIVISIBLE_BY']"],
    );
    check("MATCH (a {n: 9})<-[:DIVISIBLE_BY]-(b) RETURN b.n", &["[18]"]);
    check("MATCH (a {n: 6}), (b {n: 4}) RETURN EXISTS { (a)-[:DIVISIBLE_BY]->(b) }", &["[false]"]);
    check(
        "MATCH (a {n: 16})-[:DIVISIBLE_BY|NEXT*1..2]->(b) WHERE b.n > 7 RETURN DISTINCT b.n ORDER BY b.n",
        &["[8]", "[9]", "[17]", "[18]"],
    );
    check("MATCH (a {n: 5})--(b) RETURN b.n ORDER BY b.n", &["[4]", "[6]"]);
    check(
        "MATCH (a {n: 12})-[r:DIVISIBLE_BY]->(b {n: 4}) RETURN startNode(r).n, endNode(r).n",
        &["[12, 4]"],
    );
}

#[track_caller]
fn check_limit(text: &str, limits: &Limits, want: LimitKind) {
    let error = run(&numbers(200), text, limits).unwrap_err();
    assert_eq!(error, Error::Limit(want), "{text}");
}

#[test]
fn what_doubles_ends_before_memory_does() {
    for text in [
        "RETURN size(reduce(s = 'a', x IN range(1, 99) | s + s))",
        "RETURN size(reduce(l = [1], x IN range(1, 99) | l + l))",
        "WITH reduce(s = 'a', x IN range(1, 20) | s + s) AS s RETURN size(replace(s, 'a', s))",
        "WITH reduce(s = 'a', x IN range(1, 20) | s + s) AS s RETURN size(replace(s, '', s))",
    ] {
        let error = run(&numbers(2), text, &Limits::default()).unwrap_err();
        assert!(error.to_string().contains("has at most"), "{text}: {error}");
    }
}

#[test]
fn what_is_shared_counts_once() {
    let limits = Limits { memory_bytes: 1 << 20, ..Limits::default() };
    let text = "WITH [x IN range(1, 10000) | x] AS all UNWIND range(1, 5000) AS x \
                WITH x, all ORDER BY x RETURN count(all)";
    run(&numbers(2), text, &limits).unwrap();
}

#[test]
fn bounds_end_a_run() {
    let steps = Limits { steps: 10_000, ..Limits::default() };
    check_limit("MATCH (a), (b), (c) RETURN count(*)", &steps, LimitKind::Steps);
    check_limit(
        "MATCH (a)-[:NEXT*]-(b), (c)-[:NEXT*]-(d) RETURN count(*)",
        &steps,
        LimitKind::Steps,
    );
    check_limit("UNWIND range(1, 100000) AS x RETURN count(x)", &steps, LimitKind::Steps);
    let rows = Limits { rows: 1_000, ..Limits::default() };
    check_limit("MATCH (a), (b) RETURN a.n, b.n", &rows, LimitKind::Rows);
    check_limit("MATCH (a), (b) RETURN collect(a.n)", &rows, LimitKind::Rows);
    check_limit("MATCH (a), (b) RETURN a.n ORDER BY a.n", &rows, LimitKind::Rows);
    let memory = Limits { memory_bytes: 4_096, ..Limits::default() };
    check_limit("MATCH (a), (b) WITH DISTINCT a, b RETURN count(*)", &memory, LimitKind::Memory);
    let memory = Limits { memory_bytes: 1 << 20, ..Limits::default() };
    for text in [
        "RETURN [x IN range(1, 100) | [y IN range(1, 1000) | y]]",
        "RETURN reduce(l = [], x IN range(1, 100) | l + [[y IN range(1, 1000) | y]])",
        "WITH reduce(s = 'a', x IN range(1, 16) | s + s) AS s UNWIND range(1, 100) AS x RETURN s + x",
        "WITH reduce(s = 'a', x IN range(1, 16) | s + s) AS s UNWIND range(1, 100) AS x \
         RETURN collect(s + x)",
        "WITH reduce(s = 'a', x IN range(1, 16) | s + s) AS s UNWIND range(1, 100) AS x \
         WITH s + x AS t ORDER BY t RETURN count(t)",
        "WITH reduce(s = 'a', x IN range(1, 16) | s + s) AS s UNWIND range(1, 100) AS x \
         RETURN DISTINCT s + x AS t",
        "WITH reduce(s = 'a', x IN range(1, 19) | s + s) AS s RETURN [s + 1, s + 2, s + 3]",
        "MATCH (a {n: 1}) WITH a, reduce(s = 'a', x IN range(1, 17) | s + s) AS s \
         RETURN [(a)-[:NEXT*1..40]->(b) | s + b.n]",
    ] {
        check_limit(text, &memory, LimitKind::Memory);
    }
    let time = Limits { is_over: Some(Arc::new(|| true)), ..Limits::default() };
    check_limit("MATCH (a), (b) RETURN count(*)", &time, LimitKind::Time);
}
