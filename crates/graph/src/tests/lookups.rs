//! What two patterns share is looked up: the work grows with the nodes, not with their pairs.

use std::fmt::Write as _;

use super::sketch::{self, sketch};
use crate::{Context, Limits, Params, Query};

/// Nodes of each of two kinds.
const N_NODES: usize = 300;

/// What a query may look at: far less than the 90,000 pairs.
const STEPS: u64 = 12_000;

/// Machines and nodes that name them; the last node names none, and of one it is not known.
fn estate() -> String {
    let mut text = String::new();
    for number in 0..N_NODES {
        let (account, tag) = (number % 20, number % 7);
        writeln!(
            text,
            r#"m{number}:Machine {{"name": "i-{number}", "account": {account}, "tags": {{"t{tag}": "x"}}, "given": [{{"to": "N-{number}", "on": true}}, {{"to": "N-{number}"}}]}}"#
        )
        .unwrap();
        writeln!(
            text,
            r#"n{number}:Node {{"provider": "cloud:///zone/i-{number}", "account": {account}.0, "name": "n-{number}"}}"#
        )
        .unwrap();
    }
    text + "n999:Node {\"provider\": \"else\"}\nn1000:Node {\"provider\": \"?\"}\n"
}

#[track_caller]
fn check(query: &str, n_rows: usize) {
    let sketch = sketch(&estate());
    let params = Params::new();
    let limits = Limits { steps: STEPS, ..Limits::default() };
    let context = Context { now: jiff::Timestamp::UNIX_EPOCH, params: &params, limits: &limits };
    let read = Query::compile(query, None).unwrap();
    let rows = read.run(&sketch.graph, &context).unwrap_or_else(|error| panic!("{query}: {error}"));
    assert_eq!(rows.rows.len(), n_rows, "{query}");
}

#[test]
fn a_computed_value_is_looked_up() {
    check(
        "MATCH (n:Node), (m:Machine) WHERE split(n.provider, '/')[4] = m.name RETURN n, m",
        N_NODES,
    );
    check(
        "MATCH (n:Node), (m:Machine) WHERE m.name = last(split(n.provider, '/')) RETURN n, m",
        N_NODES,
    );
}

#[test]
fn one_of_several_values_is_looked_up() {
    check(
        "MATCH (n:Node), (m:Machine) WHERE last(split(n.provider, '/')) IN [m.name, 'x' + m.name] RETURN n",
        N_NODES,
    );
    check(
        "MATCH (n:Node), (m:Machine) WHERE n.name = toLower(m.name) OR split(n.provider, '/')[4] = m.name RETURN n",
        N_NODES,
    );
}

#[test]
fn what_a_list_holds_is_looked_up() {
    check(
        "MATCH (n:Node), (m:Machine) WHERE any(g IN m.given WHERE g.on AND toLower(g.to) = n.name) RETURN n",
        N_NODES,
    );
    check(
        "MATCH (n:Node), (m:Machine) WHERE n.name IN [g IN m.given | toLower(g.to)] RETURN n",
        N_NODES,
    );
}

#[test]
fn a_sub_query_looks_up_what_the_row_has() {
    check(
        "MATCH (n:Node) WHERE EXISTS { MATCH (m:Machine) WHERE last(split(n.provider, '/')) = m.name } RETURN n",
        N_NODES,
    );
    check(
        "MATCH (n:Node) WHERE NOT EXISTS { MATCH (m:Machine) WHERE last(split(n.provider, '/')) = m.name } RETURN n",
        1,
    );
}

#[test]
fn of_two_conditions_the_one_that_leaves_less_is_looked_up() {
    check(
        "MATCH (n:Node), (m:Machine) WHERE n.account = m.account AND split(n.provider, '/')[4] = m.name RETURN n",
        N_NODES,
    );
}

#[test]
fn patterns_are_joined_one_after_the_other() {
    check(
        "MATCH (a:Machine), (n:Node), (m:Machine) WHERE a.name = 'i-7' AND m.account = a.account AND last(split(n.provider, '/')) = m.name RETURN n",
        N_NODES / 20,
    );
}

/// What is unread beside an equation that is null leaves the whole open.
#[track_caller]
fn check_open(condition: &str, want: &str) {
    let graph = r#"
        x:X {"l": [{"k": 1}]}
        z:Z {"w": "?", "v": 1}
    "#;
    let query = format!("MATCH (x:X) RETURN EXISTS {{ MATCH (z:Z) WHERE {condition} }}");
    sketch::check(graph, &query, &[want]);
    let query = format!("MATCH (z:Z) RETURN EXISTS {{ MATCH (x:X) WHERE {condition} }}");
    sketch::check(graph, &query, &[want]);
}

#[test]
fn null_beside_unread_is_unread() {
    check_open("any(i IN x.l WHERE i.none = z.v)", "false");
    check_open("any(i IN x.l WHERE i.none = z.w)", "unread(3)");
    check_open("any(i IN x.l WHERE i.k < z.w AND i.none = z.v)", "unread(3)");
    check_open("any(i IN x.l WHERE i.k < z.w AND i.k = z.none)", "unread(3)");
    check_open("any(i IN x.l WHERE i.k < z.w AND i.k = z.v + 1)", "false");
    check_open("any(i IN x.l WHERE i.k < z.w AND any(j IN i.none WHERE j = z.v))", "unread(3)");
}
