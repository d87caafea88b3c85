//! What a check may ask, and what it looks at.

use crate::{Error, Predicate};

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
    assert_eq!(format!("{:?}", footprint.paths), r#"{["a", "b"]}"#);
    let steps: Vec<String> = footprint
        .steps
        .iter()
        .map(|it| {
            let (types, way) = (it.edge_types.join("|"), it.direction);
            format!("{types} {way:?} {} {} {:?}", it.hops, it.labels.join("&"), it.paths)
        })
        .collect();
    assert_eq!(steps, ["HAS|OWNS Out 1 Nic&Up {[\"x\", \"y\"]}", "IN Out 2  {[\"z\"]}"]);
}
