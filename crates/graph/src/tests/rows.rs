//! Rows of whole queries.

use super::sketch::check;

const ESTATE: &str = r#"
    vm1:Vm {"env": "prod", "size": 4, "net": {"open": true}}
    vm2:Vm {"env": "dev", "size": 2}
    vm3:Vm {"env": "prod", "size": 8}
    id1:Identity {"human": false}
    id2:Identity {"human": true}
    db:Store {"critical": true}
    vm1 -RUNS_AS-> id1
    vm2 -RUNS_AS-> id1
    vm3 -RUNS_AS-> id2
    id1 -READS-> db {"since": 1}
    id2 -READS-> db {"since": 2}
    vm1 -SEES-> vm2
    vm2 -SEES-> vm3
    vm3 -SEES-> vm1
"#;

#[test]
fn scans_and_filters() {
    check(ESTATE, "MATCH (v:Vm) WHERE v.env = 'prod' RETURN v", &["vm1", "vm3"]);
    check(
        ESTATE,
        "MATCH (v) WHERE v.merlon.id = 'vm2' RETURN v.size, v.merlon.kind",
        &["2 'test.kind'"],
    );
    check(ESTATE, "MATCH (v:Vm {env: 'dev'}) RETURN v", &["vm2"]);
    check(ESTATE, "MATCH (v:Vm) WHERE v.net.open RETURN v.merlon.tags.owner", &["'vm1'"]);
}

#[test]
fn follows_edges_in_every_direction() {
    check(
        ESTATE,
        "MATCH (v)-[:RUNS_AS]->(i)-[r:READS]->(d) WHERE r.since = 1 RETURN v, d",
        &["vm1 db", "vm2 db"],
    );
    check(ESTATE, "MATCH (d:Store)<-[:READS]-(i {human: true})<-[:RUNS_AS]-(v) RETURN v", &["vm3"]);
    check(ESTATE, "MATCH (a:Vm {size: 4})--(b) RETURN b", &["id1", "vm2", "vm3"]);
    check(ESTATE, "MATCH (a)-[:SEES]->(b)-[:SEES]->(c)-[:SEES]->(a) RETURN count(*)", &["3"]);
}

#[test]
fn groups_sorts_and_pages() {
    check(
        ESTATE,
        "MATCH (v:Vm) RETURN v.env AS env, count(*) AS n, sum(v.size) ORDER BY n DESC",
        &["'prod' 2 12", "'dev' 1 2"],
    );
    check(ESTATE, "MATCH (v:Vm) RETURN v.size ORDER BY v.size SKIP 1 LIMIT 1", &["4"]);
    check(
        ESTATE,
        "MATCH (v:Vm)-->(i:Identity) RETURN count(DISTINCT i), collect(v.size)[0] > 1",
        &["2 true"],
    );
    check(ESTATE, "UNWIND [3, 1, 2] AS x WITH x WHERE x > 1 RETURN x * 2", &["4", "6"]);
    check(ESTATE, "RETURN 1 AS x UNION RETURN 1 AS x UNION RETURN 2 AS x", &["1", "2"]);
    check(ESTATE, "MATCH (v:Vm) WITH v.env AS e, count(*) AS n WHERE n > 1 RETURN e", &["'prod'"]);
}

#[test]
fn optional_gives_nulls() {
    check(
        ESTATE,
        "MATCH (v:Vm) OPTIONAL MATCH (v)-[:READS]->(d) RETURN v, d",
        &["vm1 null", "vm2 null", "vm3 null"],
    );
    check(
        ESTATE,
        "MATCH (i:Identity) OPTIONAL MATCH (i)<-[:RUNS_AS]-(v) WHERE v.size > 3 RETURN i, v",
        &["id1 vm1", "id2 vm3"],
    );
}
