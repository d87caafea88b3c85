//! Patterns and sub-queries as conditions.

use super::sketch::{check, check_predicate};

const GRAPH: &str = r#"
    r:Vm {"ports": [22, 443], "rules": [{"port": 22, "open": true}, {"port": 80, "open": false}]}
    nic:Nic {"forward": true}
    nsg:Nsg {"name": "g"}
    r -HAS_INTERFACE-> nic
    nic -PROTECTED_BY-> nsg
    x -OWNS-> r
    x:User {}
"#;

#[test]
fn exists_in_its_forms() {
    check_predicate(GRAPH, "EXISTS { (r)-[:HAS_INTERFACE]->(:Nic) }", "true");
    check_predicate(GRAPH, "EXISTS { (r)-[:PROTECTED_BY]->() }", "false");
    check_predicate(
        GRAPH,
        "NOT EXISTS { MATCH (r)-[:HAS_INTERFACE]->(n)-[:PROTECTED_BY]->(g:Nsg) WHERE g.name = 'h' }",
        "true",
    );
    check_predicate(
        GRAPH,
        "EXISTS { MATCH (r)-[:HAS_INTERFACE]->(n) WHERE n.forward AND size(r.ports) = 2 }",
        "true",
    );
    check_predicate(GRAPH, "(r)<-[:OWNS]-(:User)", "true");
    check_predicate(
        GRAPH,
        "EXISTS { MATCH (r)-[:HAS_INTERFACE]->(n) WHERE NOT EXISTS { (n)-[:PROTECTED_BY]->() } }",
        "false",
    );
    check_predicate(
        GRAPH,
        "EXISTS { MATCH (r)-[:HAS_INTERFACE]->(n) WITH count(n) AS c WHERE c > 1 RETURN c }",
        "false",
    );
    check_predicate(GRAPH, "EXISTS { (r)-[:HAS_INTERFACE|PROTECTED_BY*1..3]->(:Nsg) }", "true");
}

#[test]
fn counts() {
    check_predicate(GRAPH, "COUNT { (r)-[:HAS_INTERFACE]->() } = 1", "true");
    check_predicate(GRAPH, "COUNT { (r)--() } > 2", "false");
    check_predicate(GRAPH, "size([(r)-->(n) | n.forward])", "1");
    check(GRAPH, "MATCH (n) WHERE COUNT { (n)--() } > 1 RETURN n", &["nic", "r"]);
}

#[test]
fn lists_in_documents() {
    check_predicate(GRAPH, "any(x IN r.rules WHERE x.port = 22 AND x.open)", "true");
    check_predicate(GRAPH, "all(x IN r.rules WHERE x.open)", "false");
    check_predicate(GRAPH, "443 IN r.ports", "true");
    check_predicate(GRAPH, "[x IN r.rules WHERE NOT x.open | x.port]", "[80]");
    check_predicate(GRAPH, "reduce(s = 0, x IN r.ports | s + x)", "465");
    check_predicate(GRAPH, "coalesce(r.absent, true)", "true");
    check_predicate(GRAPH, "r.absent = 1", "null");
    check_predicate(GRAPH, "$now > datetime('2026-01-01T00:00:00Z')", "true");
}
