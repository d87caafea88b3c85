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
