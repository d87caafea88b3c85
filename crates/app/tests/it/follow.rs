//! Two servers on one database: one writes, the other follows, answers, passes changes on, and takes over.

use serde_json::{Value as Json, json};

use crate::api::first_account;
use crate::command::{folder, merlon, sample};
use crate::remote::OWN;
use crate::server::{Server, wait_for};
use crate::worker::postgres;

const QUICK: [(&str, &str); 2] =
    [("MERLON__WORKER__LEASE", "2s"), ("MERLON__WORKER__POLL", "20ms")];

fn json_of(body: &str) -> Json {
    serde_json::from_str(body).unwrap()
}

fn check(place: &[&str]) {
    let first = Server::start_with(place, &QUICK);
    first.wait_until_ready();
    first.wait_for_part("lease", "held");
    let session = first_account(&first);
    let token = json!({ "name": "test", "role": "owner" });
    let fresh = json_of(&first.send("POST", "/api/v1/me/tokens", &session, Some(&token)).body);
    let bearer = format!("authorization: Bearer {}\r\n", fresh["token"].as_str().unwrap());
    let second = Server::start_with(place, &QUICK);
    second.wait_for_part("lease", "standby");

    // What the one commits, the other shows.
    let run = merlon(&[&["import", sample().as_str(), "--queue"], place].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let total = |server: &Server| {
        let answer = server.get_with("/api/v1/resources?limit=1", &bearer);
        (answer.status == 200).then(|| json_of(&answer.body)["total"].as_u64().unwrap())
    };
    let wanted = wait_for("the import", || total(&first).filter(|it| *it > 0));
    wait_for("the follower", || (total(&second) == Some(wanted)).then_some(()));

    // A change that the follower is asked for counts there when it answers.
    let post = |path: &str, body: &Json| {
        let answer = second.send("POST", &format!("/api/v1{path}"), &bearer, Some(body));
        assert!((200..300).contains(&answer.status), "{path}: {} {}", answer.status, answer.body);
        json_of(&answer.body)
    };
    let draft = post("/checks", &json!({ "text": OWN }));
    assert_eq!((&draft["state"], &draft["latest"]), (&json!("draft"), &json!(1)));
    let done = post("/checks/own.pod.any/publish", &json!({}));
    let unhealthy = done["found"]["unhealthy"].as_u64();
    assert!(unhealthy.is_some(), "{done}\n{}\n{}", first.log(), second.log());
    let unhealthy = unhealthy.unwrap();
    assert!(unhealthy > 0, "{done}");
    assert_eq!(done["evaluated"], done["found"]["unhealthy"], "{done}");
    let found = json_of(&second.get_with("/api/v1/recommendations/own.pod.any", &bearer).body);
    assert_eq!(found["counted"]["unhealthy"].as_u64(), Some(unhealthy));
    // Before it was published there was no such check.
    let before = done["sequence"].as_u64().unwrap() - 1;
    let path = format!("/api/v1/recommendations/own.pod.any?at={before}");
    assert_eq!(second.get_with(&path, &bearer).status, 404);
    let path = format!("/api/v1/resources?limit=1&at={before}");
    let past = second.get_with(&path, &bearer);
    assert_eq!(json_of(&past.body)["total"].as_u64(), Some(wanted), "{}", past.body);
    assert_eq!(json_of(&past.body)["asOf"].as_u64(), Some(before));

    // Reports and coverage come from the follower, too.
    let report = second.get_with("/api/v1/reports/posture", &bearer);
    assert!(report.body.contains("<!doctype html>") && !report.body.contains("<script"));
    assert!(report.head.to_lowercase().contains("content-security-policy: default-src 'none'"));
    let coverage = json_of(&second.get_with("/api/v1/coverage", &bearer).body);
    assert_eq!(coverage["asOf"].as_u64(), Some(before + 1));
    assert!(!coverage["scopes"].as_array().unwrap().is_empty());

    // The writer dies: the other takes over with what it has.
    first.signal("KILL");
    second.wait_for_part("lease", "held");
    let found = post("/checks/own.pod.any/disable", &json!({}));
    assert_eq!(found["sequence"].as_u64(), Some(before + 2), "{found}");
    let path = "/api/v1/recommendations/own.pod.any";
    assert_eq!(second.get_with(path, &bearer).status, 404, "it does not count any more");
    assert_eq!(total(&second), Some(wanted));
}

#[test]
fn a_second_server_follows_and_takes_over_in_sqlite() {
    let data = folder("follow-sqlite").join("data").to_string_lossy().into_owned();
    check(&["--data", &data]);
}

#[test]
fn a_second_server_follows_and_takes_over_in_postgresql() {
    if let Some(url) = postgres() {
        check(&["--database", &url]);
    }
}
