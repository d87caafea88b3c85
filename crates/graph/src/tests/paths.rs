//! Paths of several edges and shortest paths.

use std::fmt::Write as _;

use super::sketch::check;

const RING: &str = r#"
    a:N {"v": 1}
    b:N {"v": 2}
    c:N {"v": 3}
    d:N {"v": 4}
    e:M {"v": 5}
    a -T-> b
    b -T-> c
    c -T-> d
    d -T-> a
    a -S-> c
    c -S-> e
"#;

#[test]
fn edges_in_a_row() {
    check(RING, "MATCH (x {v: 1})-[:T*1..3]->(y) RETURN y", &["b", "c", "d"]);
    check(RING, "MATCH (x {v: 1})-[:T*]->(y) RETURN y", &["a", "b", "c", "d"]);
    check(RING, "MATCH (x {v: 1})-[:T*0..1]->(y) RETURN y", &["a", "b"]);
    check(
        RING,
        "MATCH p = (x {v: 1})-[:T*2]->(y) RETURN length(p), [n IN nodes(p) | n.v]",
        &["2 [1, 2, 3]"],
    );
    check(
        RING,
        "MATCH (x {v: 1})-[r*2]->(y {v: 5}) RETURN size(r), type(r[0]), type(r[1])",
        &["2 'S' 'S'"],
    );
    check(RING, "MATCH (x {v: 5})<-[r*2]-(y {v: 1}) RETURN [t IN r | type(t)]", &["['S', 'S']"]);
}

#[test]
fn reachable_nodes_count_once() {
    check(RING, "MATCH (x {v: 1})-[:T|S*1..4]->(y) RETURN count(DISTINCT y)", &["5"]);
    check(RING, "MATCH (x:N)-[:T|S*1..2]->(y:M) RETURN count(DISTINCT y.v)", &["1"]);
    check(RING, "MATCH (x:N)-[:T|S*1..2]->(y:M) RETURN DISTINCT x", &["a", "b", "c"]);
    check(RING, "MATCH (x:M)-[:T|S*0..2]->(y) RETURN DISTINCT y", &["e"]);
}

#[test]
fn shortest_paths() {
    check(
        RING,
        "MATCH p = shortestPath((x {v: 1})-[*1..9]->(y {v: 4})) RETURN length(p), [n IN nodes(p) | n.v]",
        &["2 [1, 3, 4]"],
    );
    check(
        RING,
        "MATCH p = shortestPath((x {v: 1})-[:T*]->(y:N)) RETURN y, length(p)",
        &["a 4", "b 1", "c 2", "d 3"],
    );
    check(
        RING,
        "MATCH p = shortestPath((x:N)-[:T|S*1..9]->(y:M)) RETURN x, length(p)",
        &["a 2", "b 2", "c 1", "d 3"],
    );
    check(
        RING,
        "MATCH p = shortestPath((y:M)<-[:T|S*1..9]-(x:N)) RETURN x, [n IN nodes(p) | n.v]",
        &["a [5, 3, 1]", "b [5, 3, 2]", "c [5, 3]", "d [5, 3, 1, 4]"],
    );
    check(RING, "MATCH p = allShortestPaths((x {v: 1})-[*]-(y {v: 3})) RETURN length(p)", &["1"]);
    check(
        RING,
        "MATCH p = allShortestPaths((x {v: 2})-[:T*]-(y {v: 4})) RETURN [n IN nodes(p) | n.v]",
        &["[2, 1, 4]", "[2, 3, 4]"],
    );
    check(
        RING,
        "MATCH (x {v: 5}), (y {v: 1}) OPTIONAL MATCH p = shortestPath((x)-[*]->(y)) RETURN p",
        &["null"],
    );
}

#[test]
fn conditions_are_judged_while_the_path_is_looked_for() {
    let ways = r#"
        a:N {"v": 1}
        b:N {"v": 2, "blocked": true}
        c:N {"v": 3}
        d:N {"v": 4}
        e:N {"v": 5}
        a -T-> b
        b -T-> e
        a -T-> c
        c -T-> d
        d -T-> e
    "#;
    let text = "MATCH p = shortestPath((a {v: 1})-[*1..5]->(b {v: 5}))";
    check(ways, &format!("{text} RETURN [n IN nodes(p) | n.v]"), &["[1, 2, 5]"]);
    let open = "WHERE none(n IN nodes(p) WHERE coalesce(n.blocked, false))";
    check(ways, &format!("{text} {open} RETURN [n IN nodes(p) | n.v]"), &["[1, 3, 4, 5]"]);
    check(ways, &format!("{text} WHERE size(nodes(p)) > 9 RETURN p"), &[]);
}

#[test]
fn lengths_between_many_and_many_agree_with_single_searches() {
    let mut text = String::new();
    for node in 0..30 {
        let label = if node % 3 == 0 { "A" } else { "B" };
        writeln!(text, "n{node}:{label} {{\"v\": {node}}}").unwrap();
    }
    for node in 0..30 {
        let (one, other) = ((node * 7 + 1) % 30, (node * 3 + 2) % 30);
        writeln!(
            text,
            "n{node} -T-> n{one}
n{node} -T-> n{other}"
        )
        .unwrap();
    }
    let sketch = super::sketch::sketch(&text);
    let many = super::sketch::rows(
        &sketch,
        "MATCH p = shortestPath((x:A)-[:T*1..20]->(y:B)) RETURN x.v, y.v, length(p)",
    );
    let single = super::sketch::rows(
        &sketch,
        "MATCH p = shortestPath((x:A)-[:T*1..20]->(y:B)) RETURN x.v, y.v, size(relationships(p))",
    );
    assert_eq!(many, single);
    assert!(many.len() > 50);
}
