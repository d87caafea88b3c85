//! What was not read is not absent.

use super::sketch::{check, check_predicate};

const GRAPH: &str = r#"
    r:Vm {"part": "?", "ok": true}
    nic:Nic {"forward": "?"}
    bare:Nic {"forward": false}
    stub:Key ?
    r -HAS_INTERFACE-> nic
    r -HAS_INTERFACE-> bare
    r -ENCRYPTED_WITH-> stub
    r lacks -PROTECTED_BY-> :Nsg:Resource
    r lacks <-ASSIGNED_TO-
"#;

#[test]
fn values() {
    check_predicate(GRAPH, "r.part = 1", "unread(3)");
    check_predicate(GRAPH, "r.part.deeper.still IS NULL", "unread(3)");
    check_predicate(GRAPH, "coalesce(r.part, 1)", "unread(3)");
    check_predicate(GRAPH, "r.ok OR r.part", "true");
    check_predicate(GRAPH, "r.ok AND r.part", "unread(3)");
    check_predicate(GRAPH, "NOT r.ok AND r.part", "false");
    check_predicate(GRAPH, "r.absent AND r.part", "unread(3)");
}

#[test]
fn missing_edges() {
    check_predicate(GRAPH, "EXISTS { (r)-[:PROTECTED_BY]->(:Nsg) }", "unread(7)");
    check_predicate(GRAPH, "EXISTS { (r)-[:PROTECTED_BY]->(:Firewall) }", "false");
    check_predicate(GRAPH, "EXISTS { (r)-[:PROTECTED_BY]->(n) WHERE n.x = 1 }", "unread(7)");
    check_predicate(GRAPH, "COUNT { (r)-[:PROTECTED_BY]->() }", "unread(7)");
    check_predicate(GRAPH, "NOT (r)<-[:ASSIGNED_TO]-()", "unread(7)");
    check_predicate(GRAPH, "EXISTS { (r)-[:ASSIGNED_TO]->() }", "false");
    check_predicate(GRAPH, "EXISTS { (r)--() }", "true");
    check_predicate(GRAPH, "size([(r)-[:PROTECTED_BY]->(n) | n])", "unread(7)");
}

#[test]
fn unread_conditions_inside() {
    check_predicate(GRAPH, "EXISTS { (r)-[:HAS_INTERFACE]->(n) WHERE n.forward }", "unread(3)");
    check_predicate(GRAPH, "EXISTS { (r)-[:HAS_INTERFACE]->(n) WHERE n.forward = false }", "true");
    check_predicate(
        GRAPH,
        "EXISTS { (r)-[:HAS_INTERFACE]->(n) WHERE n.forward AND n.absent = 1 }",
        "false",
    );
    check_predicate(
        GRAPH,
        "EXISTS { (r)-[:HAS_INTERFACE]->(n) WHERE n.forward AND n:Key }",
        "false",
    );
    check_predicate(GRAPH, "COUNT { (r)-[:HAS_INTERFACE]->(n) WHERE n.forward } > 0", "unread(3)");
}

#[test]
fn stubs() {
    check_predicate(
        GRAPH,
        "EXISTS { (r)-[:ENCRYPTED_WITH]->(k:Key) WHERE k.enabled }",
        "unread(0)",
    );
    check_predicate(GRAPH, "EXISTS { (r)-[:ENCRYPTED_WITH]->(:Key) }", "true");
    check_predicate(
        GRAPH,
        "EXISTS { (r)-[:ENCRYPTED_WITH]->(k) WHERE k.merlon.region = 'x' }",
        "false",
    );
}

#[test]
fn optional_match_of_what_may_be_missing_is_unread() {
    check(
        GRAPH,
        "MATCH (r:Vm) OPTIONAL MATCH (r)-[:PROTECTED_BY]->(n:Nsg) RETURN n.x",
        &["unread(7)"],
    );
    check(GRAPH, "MATCH (r:Vm) OPTIONAL MATCH (r)-[:PROTECTED_BY]->(n:Nic) RETURN n.x", &["null"]);
}

/// What is not known of a start does not matter where nothing can be reached from it.
#[test]
fn a_doubtful_start_counts_only_where_it_leads_somewhere() {
    let graph = r#"
        r:R {}
        a:A {"v": "?"}
        b:B {"x": 1}
        c:C {"v": 1}
        a -T-> b
    "#;
    let optional = |labels: &str, edge: &str| {
        format!("MATCH (r:R) OPTIONAL MATCH ({labels} {{v: 1}})-[:{edge}]->(t) RETURN DISTINCT t.x")
    };
    check(graph, &optional("", "T*1..3"), &["unread(3)"]);
    check(graph, &optional(":C", "T*1..3"), &["null"]);
    check(graph, &optional("", "S*1..3"), &["null"]);
    let lengths = |labels: &str| {
        format!(
            "MATCH (r:R) OPTIONAL MATCH p = shortestPath((x {{v: 1}})-[:T*1..9]->(t{labels})) \
             RETURN length(p)"
        )
    };
    check(graph, &lengths(""), &["unread(3)"]);
    check(graph, &lengths(":C"), &["null"]);
}

#[test]
fn unread_properties_of_edges() {
    let graph = r#"
        r:R {}
        a:A {}
        b:A {}
        r -T-> a {"v": "?", "w": 1}
        a -T-> b {"v": 1, "w": 2}
    "#;
    for pattern in ["(r)-[:T {v: 1}]->(:A)", "(r)-[:T*1..2 {v: 1}]->(:A)", "(r)-[:T*2 {v: 1}]->()"]
    {
        check_predicate(graph, &format!("EXISTS {{ {pattern} }}"), "unread(3)");
        check_predicate(graph, &format!("COUNT {{ {pattern} }}"), "unread(3)");
    }
    check_predicate(graph, "EXISTS { (r)-[:T*1..2 {v: 1, w: 7}]->() }", "false");
    check_predicate(graph, "EXISTS { (r)-[:T*1..2 {w: 1}]->() }", "true");
    for function in ["shortestPath", "allShortestPaths"] {
        let text = format!(
            "MATCH (r:R), (b:A) OPTIONAL MATCH p = {function}((r)-[:T* {{v: 1}}]->(b)) RETURN length(p)"
        );
        check(graph, &text, &["unread(3)", "unread(3)"]);
    }
}

#[test]
fn which_gap_is_told_does_not_depend_on_the_order_of_edges() {
    let [one, other] = ["r -T-> a\nr -T-> b", "r -T-> b\nr -T-> a"].map(|edges| {
        let nodes = "r:A {}\na:B {\"v\": \"?\"}\nb:B ?\n";
        format!("{nodes}{edges}")
    });
    for graph in [one, other] {
        check_predicate(&graph, "EXISTS { (r)-[:T]->(x {v: 1}) }", "unread(3)");
        check_predicate(&graph, "COUNT { (r)-[:T]->(x {v: 1}) }", "unread(3)");
    }
}
