//! Signing in: the first account, guessing, telling names apart, planted sessions.

use serde_json::json;
use store::{AccountChange, NewAccount};

use crate::client::{PASSWORD, now, on_a_server, wait};

#[test]
fn the_first_account_is_made_by_its_link_alone() {
    on_a_server(async |server| {
        let ways = server.send("GET", "/sign-in", &[], None).await;
        assert_eq!(
            ways.body,
            json!({ "needsSetUp": true, "password": true, "passkey": false, "provider": false })
        );
        let make = async |secret: &str, password: &str| {
            let body = json!({ "secret": secret, "name": "ada", "displayName": "Ada",
                               "password": password });
            server.send("POST", "/set-up", &[], Some(&body)).await
        };
        let old = api::begin_set_up(&server.api).await.unwrap().unwrap();
        let secret = api::begin_set_up(&server.api).await.unwrap().unwrap();
        assert_eq!(make("0000", PASSWORD).await.code(), "set-up");
        assert_eq!(make(&old, PASSWORD).await.code(), "set-up", "another link was written");
        let weak = make(&secret, "Password1234").await;
        assert_eq!(
            (weak.status.as_u16(), &weak.body["fields"][0]["name"]),
            (422, &json!("password"))
        );
        let made = make(&secret, PASSWORD).await;
        assert_eq!(made.status, 201);
        assert!(!made.body.to_string().contains(PASSWORD));
        let cookie = made.headers["set-cookie"].to_str().unwrap();
        for rule in ["__Host-merlon=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
            assert!(cookie.contains(rule), "{cookie}");
        }
        assert_eq!(make(&secret, PASSWORD).await.code(), "set-up", "it counts once");
        assert!(api::begin_set_up(&server.api).await.unwrap().is_none());
        let ways = server.send("GET", "/sign-in", &[], None).await;
        assert_eq!(ways.body["needsSetUp"], false);
    });
}

#[test]
fn a_link_ends_after_a_day() {
    on_a_server(async |server| {
        let secret = api::begin_set_up(&server.api).await.unwrap().unwrap();
        wait(24 * 3600);
        let body = json!({ "secret": secret, "name": "ada", "displayName": "Ada",
                           "password": PASSWORD });
        assert_eq!(server.send("POST", "/set-up", &[], Some(&body)).await.code(), "set-up");
    });
}

#[test]
fn no_answer_tells_whether_there_is_a_name() {
    on_a_server(async |server| {
        server.owner().await;
        let off = server.person("disabled").await;
        let change = AccountChange { is_active: Some(false), ..Default::default() };
        server.store.change_account(&server.access, now(), off, None, &change).await.unwrap();
        let service = NewAccount {
            name: "robot".to_owned(),
            display: "Robot".to_owned(),
            is_service: true,
            ..NewAccount::default()
        };
        server.store.add_account(&server.access, now(), &service).await.unwrap();
        let wrong = server.sign_in("owner", "a wrong password").await;
        assert_eq!((wrong.status.as_u16(), wrong.code()), (401, "credentials"));
        assert!(wrong.secret().is_none());
        for (name, password) in [
            ("nobody", PASSWORD),
            ("disabled", PASSWORD),
            ("robot", ""),
            ("not a name\u{0}", PASSWORD),
            ("", ""),
            ("owner", &"x".repeat(9999)),
        ] {
            let other = server.sign_in(name, password).await;
            assert_eq!((other.status, &other.body), (wrong.status, &wrong.body), "{name}");
        }
        let log = server.store.audit_log(&server.access, 0, 99).await.unwrap();
        let refused: Vec<&str> =
            log.iter().filter(|it| it.action == "session.refuse").map(|it| &*it.object).collect();
        assert_eq!(refused[..4], ["owner", "unknown", "disabled", "robot"]);
        assert!(!format!("{log:?}").contains(PASSWORD));
    });
}

#[test]
fn guessing_costs_longer_and_longer_waits() {
    on_a_server(async |server| {
        server.owner().await;
        for name in ["owner", "no-such-name"] {
            for _ in 0..5 {
                assert_eq!(server.sign_in(name, "a wrong guess").await.status, 401);
            }
            let refused = server.sign_in(name, "a wrong guess").await;
            assert_eq!((refused.status.as_u16(), refused.code()), (429, "too-many-attempts"));
            let seconds: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert_eq!(seconds, 2);
        }
        let right = server.sign_in("OWNER ", PASSWORD).await;
        assert_eq!(right.status, 429, "the right one is not looked at either");
        wait(2);
        assert_eq!(server.sign_in("owner", "a wrong guess").await.status, 401);
        assert_eq!(server.sign_in("owner", PASSWORD).await.status, 429, "it waits longer");
        wait(3);
        assert_eq!(server.sign_in("owner", PASSWORD).await.status, 200);
        assert_eq!(server.sign_in("owner", "a wrong guess").await.status, 401, "counted anew");
    });
}

#[test]
fn one_address_cannot_try_many_names() {
    on_a_server(async |server| {
        server.owner().await;
        let attempt = async |name: &str, address: &str| {
            let body = json!({ "name": name, "password": "spring-is-here" });
            server.send("POST", "/sign-in", &[("test-address", address)], Some(&body)).await.status
        };
        for n in 0..30 {
            assert_eq!(attempt(&format!("name{n}"), "2001:db8::1").await, 401);
        }
        assert_eq!(attempt("name30", "2001:db8::2").await, 429, "the same network");
        assert_eq!(attempt("name30", "2001:db8:0:1::1").await, 401);
    });
}

#[test]
fn right_passwords_of_a_whole_office_count_nothing() {
    on_a_server(async |server| {
        server.owner().await;
        for _ in 0..40 {
            assert_eq!(server.sign_in("owner", PASSWORD).await.status, 200);
        }
    });
}

#[test]
fn a_planted_session_is_not_taken_over() {
    on_a_server(async |server| {
        let owner = server.owner().await;
        let planted = "ab".repeat(32);
        for old in [&planted, &owner.secret] {
            let cookie = format!("__Host-merlon={old}");
            let body = json!({ "name": "owner", "password": PASSWORD });
            let answer = server.send("POST", "/sign-in", &[("cookie", &cookie)], Some(&body)).await;
            assert_eq!(answer.status, 200);
            assert_ne!(answer.secret().unwrap(), *old);
            let me = server.send("GET", "/me", &[("cookie", &cookie)], None).await;
            assert_eq!(me.status, 401, "what was there before is worth nothing");
        }
    });
}

#[test]
fn another_site_cannot_sign_somebody_in() {
    on_a_server(async |server| {
        server.owner().await;
        let body = json!({ "name": "owner", "password": PASSWORD });
        let headers = [("host", "merlon.example"), ("origin", "https://evil.example")];
        let answer = server.send("POST", "/sign-in", &headers, Some(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "cross-site"));
        let headers = [("host", "merlon.example"), ("origin", "https://merlon.example")];
        assert_eq!(server.send("POST", "/sign-in", &headers, Some(&body)).await.status, 200);
    });
}
