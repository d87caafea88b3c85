//! The explorer of a server: what forms offer, what is derived, and what is known about answers.

use serde_json::{Value as Json, json};

use crate::api::Team;

#[test]
fn a_form_finds_internet_facing_machines_and_what_is_known_of_them() {
    let team = Team::with_sample("explorer");
    let words = team.get(&team.owner, "/query/vocabulary?label=VirtualMachine");
    let has =
        |list: &str, fits: &dyn Fn(&Json) -> bool| words[list].as_array().unwrap().iter().any(fits);
    assert!(has("labels", &|it| it["label"] == "VirtualMachine" && it["things"].as_u64() > Some(0)));
    assert!(has("paths", &|it| it["path"] == json!(["merlon", "tags", "owner"])
        || it["path"] == json!(["merlon", "region"])));
    assert!(has("paths", &|it| it["path"].as_array().unwrap().contains(&json!("*"))));
    assert!(has("edges", &|it| it["isOutgoing"] == true), "{:#}", words["edges"]);

    let form = json!({ "thing": {
        "variable": "machine",
        "labels": ["VirtualMachine"],
        "items": [{ "is": "test", "path": ["merlon", "internet"], "op": "in", "values": ["wide", "narrow"] }],
    } });
    let text = team.post("/query/search", &json!({ "form": form }))["text"].clone();
    let found = team.post("/query", &json!({ "query": text }));
    assert_eq!(found["columns"], json!(["machine"]));
    let ids = |answer: &Json| -> Vec<String> {
        let rows = answer["rows"].as_array().unwrap().iter();
        let mut ids: Vec<String> =
            rows.map(|it| it[0]["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let exposed = team.get(&team.owner, "/exposure");
    let items = exposed["items"].as_array().unwrap();
    let machines = team.post("/query", &json!({ "query": "MATCH (m:VirtualMachine) RETURN m" }));
    let machines = ids(&machines);
    let mut wanted: Vec<String> = items
        .iter()
        .filter(|it| it["answer"] == "yes" && it["width"] != "trusted")
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .filter(|it| machines.contains(it))
        .collect();
    wanted.sort();
    assert_eq!(ids(&found), wanted);
    assert!(!wanted.is_empty());

    let known = team.post("/query/insights", &json!({ "ids": machines }));
    let known = known["items"].as_array().unwrap();
    assert_eq!(known.len(), machines.len());
    let on_internet = |it: &&Json| it["internet"]["answer"] == "yes";
    assert!(known.iter().filter(on_internet).all(|it| it["internet"]["ports"] != ""));
    assert!(known.iter().filter(on_internet).count() >= wanted.len());

    let asked = "MATCH (i) WHERE i.merlon.administrator = true RETURN i";
    let administrators = team.post("/query", &json!({ "query": asked }));
    assert!(!ids(&administrators).is_empty());
    let asked = json!({ "ids": ids(&administrators) });
    let known = team.post("/query/insights", &asked);
    assert!(known["items"].as_array().unwrap().iter().all(|it| it["administrator"] == "yes"));
}
