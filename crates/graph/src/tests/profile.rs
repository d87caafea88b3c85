//! What a check may ask, and what it looks at.

use crate::{Error, Predicate, footprints_of_parts};

#[track_caller]
fn check_refused(condition: &str) {
    let error = Predicate::compile(condition, "r", &[], None).unwrap_err();
    assert!(matches!(error, Error::Profile(_)), "{condition}: {error}");
}

#[test]
fn patterns_hang_on_the_resource_and_are_short() {
    check_refused("EXISTS { (a)-[:X]->(b) }");
    check_refused("EXISTS { (r)-[:X*]->(b) }");
    check_refused("EXISTS { (r)-->()-->()-->()-->()-->() }");
    check_refused("EXISTS { MATCH (r)-->(a)-->(b)-->(c) WHERE (c)-->()-->() }");
    check_refused("COUNT { MATCH (r)-->(a), (b)-->(c) } > 1");
    assert!(Predicate::compile("EXISTS { MATCH (r)-->(a), (b)-->(a) }", "r", &[], None).is_ok());
}

#[test]
fn footprint_names_paths_and_steps() {
    let text = "r.a.b = 1 AND EXISTS { MATCH (n:Nic&Up)<-[:HAS|OWNS]-(r) WHERE n.x.y AND NOT EXISTS { (n)-[:IN]->(s {z: 1}) } }";
    let predicate = Predicate::compile(text, "r", &[], None).unwrap();
    let footprint = predicate.footprint();
    assert_eq!(footprint.max_hops, 2);
    assert!(!footprint.reads_now);
    let line = |step: &crate::FootprintStep| {
        let node = &footprint.nodes[step.to];
        let (types, way) = (step.edge_types.join("|"), step.direction);
        let paths: Vec<String> = node.paths.iter().map(|path| path.join(".")).collect();
        format!("{} {types} {way:?} {} {} {paths:?}", step.from, step.to, node.hops)
    };
    assert_eq!(footprint.nodes[0].paths, [vec!["a".to_owned(), "b".to_owned()]].into());
    let steps: Vec<String> = footprint.steps.iter().map(line).collect();
    assert_eq!(steps, [r#"0 HAS|OWNS Out 1 1 ["x.y"]"#, r#"1 IN Out 2 2 ["z"]"#]);
}

#[track_caller]
fn check_parts(pattern: &str, want: &[&str]) {
    let parts = footprints_of_parts(pattern, &["to", "via"]).unwrap();
    let line = |(anchor, footprint): &(usize, crate::Footprint)| {
        let nodes = footprint.nodes.iter().map(|node| {
            let paths: Vec<String> = node.paths.iter().map(|path| path.join(".")).collect();
            format!("[{}]", paths.join(" "))
        });
        format!("{anchor} {}", nodes.collect::<String>())
    };
    assert_eq!(parts.iter().map(line).collect::<Vec<String>>(), want, "{pattern}");
}

#[test]
fn parts_of_a_pattern_hang_on_an_anchor_each() {
    check_parts("(to)-[:OWNS]->(k) WHERE to.a = k.b", &["0 [a][b]"]);
    check_parts("(via), (to)-[:OWNS]->(k) WHERE via.text CONTAINS k.b", &["1 [text]", "0 [][b]"]);
    check_parts("(to)-->(a), (b)<--(via), (a)-->(b)", &["0 [][][][]"]);
    for pattern in ["(a)-->(b), (to)", "(to), (via) WHERE EXISTS { (x)-->(y) }"] {
        let error = footprints_of_parts(pattern, &["to", "via"]).unwrap_err();
        assert!(matches!(error, Error::Profile(_)), "{pattern}: {error}");
    }
}

#[track_caller]
fn check_paths(condition: &str, want: &[&str]) {
    let predicate = Predicate::compile_value(condition, "r", &[], None).unwrap();
    let footprint = predicate.footprint();
    let paths =
        |paths: &crate::Paths| paths.iter().map(|it| it.join(".")).collect::<Vec<_>>().join(" ");
    let nodes: Vec<String> = footprint.nodes.iter().map(|node| paths(&node.paths)).collect();
    let inner = footprint.steps.iter().map(|it| paths(&it.inner_paths)).filter(|it| !it.is_empty());
    let found: Vec<String> =
        nodes.into_iter().chain(inner.map(|it| format!("inside {it}"))).collect();
    assert_eq!(found, want, "{condition}");
}

#[test]
fn values_are_read_where_their_variables_come_from() {
    check_paths("any(x IN r.list WHERE x.a = 1)", &["list"]);
    check_paths("size([(r)-[:T]->(x) | x.v]) > 1", &["", "v"]);
    check_paths("[(r)-[:T]->(x) | x][0].v", &["", "v"]);
    check_paths(
        "EXISTS { MATCH (r)-->(x) WITH x AS y WHERE y.v MATCH (y)-->(z) RETURN z }",
        &["", "v", ""],
    );
    check_paths(
        "COUNT { MATCH (r)-->(x) WITH collect(x) AS xs WHERE any(y IN xs WHERE y.v) RETURN 1 } > 0",
        &["", "v"],
    );
    check_paths(
        "EXISTS { MATCH p = (r)-[*1..2]->(x) WHERE all(n IN nodes(p) WHERE n.v = 1) }",
        &["v", "v", "inside v"],
    );
    check_paths("EXISTS { MATCH (r)-[e]->(x) WHERE startNode(e).v = 1 }", &["v", "v"]);
    check_paths("r {.a, b: r.c}.a = 1", &["a c"]);
    check_paths("r.merlon.tags.owner = 'x' AND r:Vm", &["merlon.tags.owner"]);
}
