//! Queries as forms: text to form to text, and what has no form.

use serde_json::json;

use crate::client::on_a_server;

#[test]
fn a_form_and_its_text_are_two_views_of_one_query() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let text = "MATCH (m:VirtualMachine)-[:RUNS_AS*1..2]->(i:Identity)\nWHERE (m.merlon.internet = 'wide' OR NOT m.size <= 2)\n  AND m.age < $now - duration('P90D')\n  AND any(x IN coalesce(m.ports, []) WHERE x.to IN [22, 3389])\n  AND NOT EXISTS { MATCH (m)<-[:AFFECTS]-(v:Vulnerability) WHERE v.score >= 9.5 }\nRETURN DISTINCT m, i LIMIT 50";
        let told = owner.post("/query/search", json!({ "text": text })).await;
        assert_eq!(told.status, 200, "{told:?}");
        let form = &told.body["form"];
        assert_eq!(form["limit"], 50);
        assert_eq!(form["thing"]["items"].as_array().unwrap().len(), 5, "{form:#}");
        assert_eq!(form["thing"]["items"][1]["values"][0], json!({ "ago": "P90D" }));
        assert_eq!(form["thing"]["items"][4]["presence"], "shown");
        let back = owner.post("/query/search", json!({ "form": form })).await;
        assert_eq!(back.body["text"], text);
        assert_eq!(&back.body["form"], form);
    });
}

#[test]
fn a_condition_has_a_form_with_its_anchor() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let asked = json!({ "text": "r.a = 1 AND r.b", "anchor": "r" });
        let told = owner.post("/query/search", asked).await;
        let form = &told.body["form"];
        assert_eq!(form["thing"]["variable"], "r");
        let back = owner.post("/query/search", json!({ "form": form, "anchor": "r" })).await;
        assert_eq!(back.body["text"], "r.a = 1\nAND r.b = true");
    });
}

#[test]
fn what_has_no_form_is_told_and_what_is_wrong_is_refused() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let told = owner.post("/query/search", json!({ "text": "MATCH (a)\nRETURN a.name" })).await;
        assert_eq!(told.status, 200);
        assert!(told.body["form"].is_null());
        assert_eq!(
            (&told.body["beyond"]["line"], &told.body["beyond"]["column"]),
            (&json!(2), &json!(8))
        );
        let told = owner.post("/query/search", json!({ "text": "MATCH (a" })).await;
        assert_eq!((told.status.as_u16(), told.code()), (422, "invalid"), "{told:?}");
        assert_eq!(told.body["fields"][0]["name"], "text", "{told:?}");
        for asked in [json!({}), json!({ "text": "", "form": { "thing": {} } })] {
            assert_eq!(owner.post("/query/search", asked).await.status, 422);
        }
    });
}
