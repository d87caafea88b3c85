//! What a form of a query writes finds what the text found that it was read from.

use std::collections::BTreeSet;

use lang::Search;
use lang::search::Thing;

use super::sketch::{rows, sketch};

const ESTATE: &str = r#"
    m1:Vm:Resource {"size": 3, "open": true, "ports": [22, 443], "rules": [{"port": 22, "from": "any"}, {"port": 443, "from": "office"}], "since": "2026-01-01T00:00:00Z"}
    m2:Vm:Resource {"size": 9, "open": false, "ports": [], "rules": [], "Name": "Prod", "since": "2026-11-20T00:00:00Z"}
    m3:Vm:Resource {"open": "?", "rules": [{"port": 22, "from": "office"}]}
    i1:Identity:Resource {"admin": true}
    i2:Identity:Resource {"admin": false}
    d1:Disk:Resource {"encrypted": false}
    d2:Disk:Resource {"encrypted": true}
    k1:Key:Resource {}
    m1 -RUNS_AS-> i1
    m2 -RUNS_AS-> i2
    m2 -RUNS_AS-> i1
    m1 -USES-> d1
    m1 -USES-> d2
    m2 -USES-> d2
    m3 -USES-> d1
    d2 -LOCKED_BY-> k1
    i1 -OWNS-> k1
    i2 -OWNS-> k1
"#;

/// The rows of both, each once; the columns may stand in another order.
#[track_caller]
fn check(text: &str) {
    let estate = sketch(ESTATE);
    let distinct = |text: &str| -> BTreeSet<BTreeSet<String>> {
        let words = |row: &String| row.split(' ').map(str::to_owned).collect();
        rows(&estate, text).iter().map(words).collect()
    };
    let written = Search::read(text).unwrap_or_else(|error| panic!("{text}: {error}")).write();
    let found = distinct(text);
    assert!(!found.is_empty(), "{text} finds nothing, which proves nothing");
    assert_eq!(distinct(&written), found, "{text}\nbecame\n{written}");
}

#[test]
fn a_form_finds_what_its_text_finds() {
    check("MATCH (m:Vm) WHERE m.open RETURN m");
    check("MATCH (m:Vm) WHERE NOT (m.open AND m.size > 1) RETURN m");
    check("MATCH (m:Vm) WHERE NOT NOT (m.open OR 4 < m.size) RETURN m");
    check("MATCH (m:Vm)-[:USES]->(d:Disk {encrypted: false}) RETURN d, m");
    check("MATCH (i)<-[:RUNS_AS]-(m), (m)-[:USES]->(d)-[:LOCKED_BY]->(k) RETURN k, i");
    check("MATCH (i:Identity)-[:OWNS]->(k)<-[:OWNS]-(j) RETURN i, j");
    check("MATCH (i:Identity)-[:OWNS]->()<-[:OWNS]-() RETURN i");
    check("MATCH (m:Vm)-[*1..2]->(k:Key|Identity) RETURN m, k");
    check("MATCH (m:Vm) WHERE EXISTS { (m)-[:USES]->(d)-[:LOCKED_BY]->() } RETURN m");
    check("MATCH (m:Vm) WHERE NOT (m)-[:USES]->(:Disk)-[:LOCKED_BY]->() RETURN m");
    check(
        "MATCH (i:Identity) WHERE EXISTS { (i)-[:OWNS]->(k) WHERE EXISTS { (k)<-[:OWNS]-() } } RETURN i",
    );
    check("MATCH (m:Vm) WHERE any(x IN m.rules WHERE x.port = 22 AND NOT x.from = 'any') RETURN m");
    check("MATCH (m:Vm) WHERE none(x IN coalesce(m.ports, []) WHERE x < 30) RETURN m");
    check(
        "MATCH (m:Vm) WHERE 22 IN m.ports OR toLower(coalesce(m.Name, '')) CONTAINS 'prod' RETURN m",
    );
    check("MATCH (m:Vm) WHERE datetime(m.since) < datetime() - duration('P90D') RETURN m");
    check(
        "MATCH (m:Vm) WHERE size(m.rules) = 0 AND m.merlon.tags.owner IN ['m2', 'x'] RETURN m LIMIT 3",
    );
    check("MATCH (m:Vm) WHERE m.Name IS NULL AND m.size <> 4 RETURN m");
}

#[test]
fn a_condition_holds_where_its_text_holds() {
    let estate = sketch(ESTATE);
    let finds = |condition: &str| rows(&estate, &format!("MATCH (r) WHERE {condition} RETURN r"));
    for text in [
        "r.open AND NOT EXISTS { MATCH (r)-[:USES]->(d) WHERE d.encrypted }",
        "(r)-[:USES]->(:Disk) OR r.admin = true",
        "NOT r.open = true OR r.size >= 3",
    ] {
        let written = Thing::read_condition(text, "r").unwrap().write_condition();
        assert_eq!(finds(&written), finds(text), "{text}\nbecame\n{written}");
    }
}
