//! Accounts, groups and roles, for who looks after them.

use serde_json::json;

use crate::client::{PASSWORD, on_a_server};

#[test]
fn accounts_are_made_changed_and_ended() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let new =
            json!({ "name": "Ada", "displayName": "Ada L", "password": "ships pass by night" });
        let made = owner.post("/users", new.clone()).await;
        assert_eq!((made.status.as_u16(), &made.body["name"]), (201, &json!("ada")));
        assert_eq!(owner.post("/users", new).await.code(), "conflict");
        let path = format!("/users/{}", made.body["number"]);

        let answer = server.sign_in("ada", "ships pass by night").await;
        let mut ada = crate::client::Browser { server: &server, secret: answer.secret().unwrap() };
        let me = ada.get("/me").await;
        assert_eq!(me.body["account"]["mustChangePassword"], true);
        assert_eq!(ada.get("/users").await.code(), "password-change");
        let token = ada.post("/me/tokens", json!({ "name": "t", "role": "reader" })).await;
        assert_eq!(token.code(), "password-change");
        let change = json!({ "old": "ships pass by night", "new": PASSWORD });
        assert_eq!(ada.post("/me/password", change).await.status, 204);
        assert_eq!(ada.get("/users").await.code(), "forbidden");

        let read = owner.get(&path).await;
        let tag = read.headers["etag"].to_str().unwrap().to_owned();
        let cookie = format!("__Host-merlon={}", owner.secret);
        let headers = [("cookie", &*cookie), ("merlon-request", "1"), ("if-match", &*tag)];
        let change = json!({ "displayName": "Ada Lovelace" });
        let patched = server.send("PATCH", &path, &headers, Some(&change)).await;
        assert_eq!(patched.body["displayName"], "Ada Lovelace");
        let late = server.send("PATCH", &path, &headers, Some(&change)).await;
        assert_eq!(late.status, 412);

        let off = owner.send("PATCH", &path, Some(json!({ "active": false }))).await;
        assert_eq!(off.body["active"], false);
        assert_eq!(ada.get("/me").await.status, 401);
        assert_eq!(owner.send("DELETE", &path, None).await.status, 204);
        assert_eq!(owner.get(&path).await.status, 404);
        assert_eq!(owner.get("/users").await.body["total"], 1);
    });
}

#[test]
fn the_last_owner_cannot_go() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let grants = owner.get("/grants").await.body;
        let grant = format!("/grants/{}", grants["items"][0]["number"]);
        assert_eq!(owner.send("DELETE", &grant, None).await.status, 409);
        assert_eq!(owner.send("DELETE", "/users/1", None).await.status, 409);
        let off = json!({ "active": false });
        assert_eq!(owner.send("PATCH", "/users/1", Some(off)).await.status, 409);
    });
}

#[test]
fn roles_come_through_groups_and_hold_at_once() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let ada = server.person("ada").await;
        let mut browser = server.signed_in("ada").await;
        let group = owner.post("/groups", json!({ "name": "auditors", "claim": "x" })).await;
        let group = group.body["number"].clone();
        let grant = owner.post("/grants", json!({ "group": group, "role": "globalReader" })).await;
        assert_eq!(grant.status, 201);
        assert_eq!(browser.get("/audit").await.code(), "forbidden");
        let member = format!("/groups/{group}/members/{ada}");
        assert_eq!(owner.send("PUT", &member, None).await.status, 204);
        assert_eq!(browser.get("/audit").await.status, 200);
        assert_eq!(browser.post("/users", json!({})).await.code(), "forbidden");
        let members = owner.get(&format!("/groups/{group}/members?limit=1")).await.body;
        assert_eq!((&members["total"], &members["items"][0]["name"]), (&json!(1), &json!("ada")));
        let grants = owner.get(&format!("/users/{ada}/grants")).await.body;
        assert_eq!(grants[0]["role"], "globalReader");
        let named = json!({ "name": "readers" });
        let changed = owner.send("PUT", &format!("/groups/{group}"), Some(named)).await;
        assert_eq!(
            (&changed.body["name"], &changed.body["claim"]),
            (&json!("readers"), &json!(null))
        );
        assert_eq!(owner.send("DELETE", &member, None).await.status, 204);
        assert_eq!(browser.get("/audit").await.code(), "forbidden");
        assert_eq!(owner.send("DELETE", &format!("/groups/{group}"), None).await.status, 204);
        let both = json!({ "group": 1, "account": 1, "role": "owner" });
        assert_eq!(owner.post("/grants", both).await.status, 422);
        let none = json!({ "account": 999, "role": "owner" });
        assert_eq!(owner.post("/grants", none).await.status, 404);
    });
}

#[test]
fn service_accounts_have_tokens_and_nothing_else() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let robot = json!({ "name": "ci", "displayName": "CI", "kind": "service" });
        let robot = owner.post("/users", robot).await.body["number"].clone();
        let token = json!({ "name": "t", "role": "contributor" });
        let made = owner.post(&format!("/users/{robot}/tokens"), token.clone()).await;
        assert_eq!(made.status, 201, "{made:?}");
        let bearer = format!("Bearer {}", made.body["token"].as_str().unwrap());
        let get =
            async |path: &str| server.send("GET", path, &[("authorization", &bearer)], None).await;
        assert_eq!(get("/jobs").await.code(), "forbidden", "it has no role yet");
        owner.post("/grants", json!({ "account": robot, "role": "contributor" })).await;
        assert_eq!(get("/jobs").await.status, 200);
        assert_eq!(get("/users").await.code(), "forbidden");
        assert_eq!(owner.post("/users/1/tokens", token).await.status, 409, "people make their own");
        let with = json!({ "password": PASSWORD });
        let set = owner.post(&format!("/users/{robot}/password"), with).await;
        assert_eq!(set.status, 409);
    });
}

#[test]
fn a_token_narrower_than_its_owner_gives_no_more() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let ada = server.person("ada").await;
        owner.post("/grants", json!({ "account": ada, "role": "securityReader" })).await;
        let mut browser = server.signed_in("ada").await;
        let bearer = format!("Bearer {}", browser.token("owner").await);
        let body = json!({ "account": ada, "role": "owner" });
        let headers = [("authorization", &*bearer)];
        let raised = server.send("POST", "/grants", &headers, Some(&body)).await;
        assert_eq!(raised.code(), "forbidden");
        assert_eq!(server.send("GET", "/grants", &headers, None).await.status, 200);
    });
}
