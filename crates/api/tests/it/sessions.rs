//! Sessions and tokens: how they end, what an old one is worth, what another site can do with them.

use serde_json::json;

use crate::client::{PASSWORD, on_a_server, wait};

#[test]
fn sessions_end_unused_and_at_the_end_of_the_day() {
    on_a_server(async |server| {
        let mut browser = server.owner().await;
        wait(3599);
        assert_eq!(browser.get("/me").await.status, 200);
        wait(3599);
        assert_eq!(browser.get("/me").await.status, 200, "it was used meanwhile");
        wait(3600);
        assert_eq!(browser.get("/me").await.code(), "signed-out");
        let mut browser = server.signed_in("owner").await;
        for _ in 0..24 {
            assert_eq!(browser.get("/me").await.status, 200);
            wait(1800);
        }
        assert_eq!(browser.get("/me").await.status, 401, "used or not");
    });
}

#[test]
fn an_old_secret_that_comes_back_ends_the_session() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let ada = server.person("ada").await;
        let mut browser = server.signed_in("ada").await;
        let stolen = browser.secret.clone();
        let grant = json!({ "account": ada, "role": "reader" });
        assert_eq!(owner.post("/grants", grant).await.status, 201);
        assert_eq!(browser.get("/me").await.status, 200);
        assert_ne!(browser.secret, stolen, "other rights, another secret");
        let with = async |secret: &str| {
            let cookie = format!("__Host-merlon={secret}");
            server.send("GET", "/me", &[("cookie", &cookie)], None).await.status
        };
        assert_eq!(with(&stolen).await, 200, "requests may be on their way");
        wait(20);
        assert_eq!(with(&stolen).await, 401);
        assert_eq!(browser.get("/me").await.status, 401, "nobody knows who was the thief");
        let log = server.store.audit_log(&server.access, 0, 99).await.unwrap();
        assert!(log.iter().any(|it| it.detail["why"] == "an old secret came back"));
    });
}

/// The answer that gives a browser its new secret may be a problem: it must carry the secret all the same.
#[test]
fn a_problem_gives_a_new_secret_too() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let ada = server.person("ada").await;
        let mut browser = server.signed_in("ada").await;
        let before = browser.secret.clone();
        let grant = json!({ "account": ada, "role": "reader" });
        assert_eq!(owner.post("/grants", grant).await.status, 201);
        let refused = browser.get("/recommendations/nothing").await;
        assert!(refused.status.is_server_error() || refused.status == 404, "{refused:?}");
        assert_ne!(browser.secret, before);
        wait(21);
        assert_eq!(browser.get("/me").await.status, 200);
    });
}

#[test]
fn signing_out_is_the_end_of_the_secret() {
    on_a_server(async |server| {
        let mut one = server.owner().await;
        let mut other = server.signed_in("owner").await;
        let sessions = one.get("/me/sessions").await.body;
        assert_eq!(sessions.as_array().unwrap().len(), 2);
        assert!(!sessions.to_string().contains(&one.secret));
        let (before, out) = (one.secret.clone(), one.send("POST", "/me/sign-out", None).await);
        assert_eq!((out.status.as_u16(), out.secret().as_deref()), (204, Some("")));
        assert_eq!(out.headers["clear-site-data"], "\"storage\"");
        one.secret = before;
        assert_eq!(one.get("/me").await.status, 401);
        assert_eq!(other.get("/me").await.status, 200);

        let mut third = server.signed_in("owner").await;
        let number = &third.get("/me/sessions").await.body[1]["number"];
        assert_eq!(third.send("DELETE", &format!("/me/sessions/{number}"), None).await.status, 204);
        assert_eq!(other.get("/me").await.status, 401, "ended from afar");
        let mut fourth = server.signed_in("owner").await;
        let everywhere = fourth.send("POST", "/me/sign-out-everywhere", None).await;
        assert_eq!(everywhere.body, json!({ "ended": 2 }));
        assert_eq!(third.get("/me").await.status, 401);
    });
}

#[test]
fn sessions_of_others_cannot_be_ended() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        server.person("ada").await;
        let mut ada = server.signed_in("ada").await;
        let number = owner.get("/me/sessions").await.body[0]["number"].clone();
        let path = format!("/me/sessions/{number}");
        assert_eq!(ada.send("DELETE", &path, None).await.status, 404);
        assert_eq!(owner.get("/me").await.status, 200);
    });
}

#[test]
fn another_site_changes_nothing_with_a_cookie() {
    on_a_server(async |server| {
        let browser = server.owner().await;
        let cookie = format!("__Host-merlon={}", browser.secret);
        let host = ("host", "merlon.example");
        for (headers, wanted) in [
            (vec![("origin", "https://evil.example")], 403),
            (vec![("origin", "null")], 403),
            (vec![("sec-fetch-site", "cross-site")], 403),
            (vec![("sec-fetch-site", "same-site"), ("origin", "https://merlon.example")], 403),
            (vec![], 403),
            (vec![("merlon-request", "1")], 204),
        ] {
            let headers = [vec![("cookie", &*cookie), host], headers].concat();
            let answer = server.send("POST", "/me/sign-out", &headers, None).await;
            assert_eq!(answer.status, wanted, "{headers:?}");
        }
    });
}

#[test]
fn another_password_ends_the_other_sessions() {
    on_a_server(async |server| {
        let mut one = server.owner().await;
        let mut other = server.signed_in("owner").await;
        let new = "a lamp for every ship";
        let change = async |old: &str, new: &str| json!({ "old": old, "new": new });
        let wrong = one.post("/me/password", change("wrong", new).await).await;
        assert_eq!((wrong.status.as_u16(), wrong.code()), (403, "credentials"));
        let weak = one.post("/me/password", change(PASSWORD, "theowner1234").await).await;
        assert_eq!(weak.status, 422);
        let before = one.secret.clone();
        assert_eq!(one.post("/me/password", change(PASSWORD, new).await).await.status, 204);
        assert_ne!(one.secret, before);
        assert_eq!(one.get("/me").await.status, 200);
        assert_eq!(other.get("/me").await.status, 401);
        assert_eq!(server.sign_in("owner", PASSWORD).await.status, 401);
        assert_eq!(server.sign_in("owner", new).await.status, 200);
    });
}

#[test]
fn a_session_cannot_be_used_to_guess_its_password() {
    on_a_server(async |server| {
        let mut browser = server.owner().await;
        let body = json!({ "old": "a guess", "new": "a lamp for every ship" });
        for _ in 0..5 {
            assert_eq!(browser.post("/me/password", body.clone()).await.status, 403);
        }
        assert_eq!(browser.post("/me/password", body).await.status, 429);
    });
}

#[test]
fn a_token_may_what_it_was_narrowed_to_until_it_ends() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let token = owner.token("reader").await;
        let bearer = format!("Bearer {token}");
        let with = async |method: &str, path: &str, field: &str| {
            server.send(method, path, &[("authorization", field)], None).await
        };
        let me = with("GET", "/me", &bearer).await;
        assert_eq!((me.status.as_u16(), &me.body["via"]), (200, &json!("token")));
        assert!(!me.body["can"].to_string().contains("user.manage"));
        assert_eq!(with("GET", "/users", &bearer).await.code(), "forbidden");
        for (method, path) in [
            ("GET", "/me/sessions"),
            ("POST", "/me/sign-out-everywhere"),
            ("DELETE", "/me/sessions/1"),
        ] {
            assert_eq!(with(method, path, &bearer).await.code(), "session-needed", "{path}");
        }
        let cookie = format!("__Host-merlon={}", owner.secret);
        let forged = format!("{}0", &bearer.trim_end_matches(|_| false).replace('a', "b"));
        for bad in ["Bearer", "Bearer x", "Basic b3duZXI6eA==", &forged, &token] {
            let headers = [("authorization", bad), ("cookie", &*cookie)];
            let answer = server.send("GET", "/me", &headers, None).await;
            assert_eq!(answer.status, 401, "a good cookie does not make `{bad}` good");
        }
        let all = owner.get("/me/tokens").await.body;
        assert!(!all.to_string().contains(token.rsplit('_').next().unwrap()));
        let number = &all["items"][0]["number"];
        wait(60);
        with("GET", "/me", &bearer).await;
        assert!(owner.get("/tokens").await.body["items"][0]["used"].is_string());
        assert_eq!(owner.send("DELETE", &format!("/tokens/{number}"), None).await.status, 204);
        assert_eq!(with("GET", "/me", &bearer).await.status, 401);

        let bearer = format!("Bearer {}", owner.token("owner").await);
        assert_eq!(with("GET", "/users", &bearer).await.status, 200);
        wait(90 * 86_400);
        assert_eq!(with("GET", "/users", &bearer).await.status, 401);
    });
}
