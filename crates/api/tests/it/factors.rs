//! The second factor: codes count once, recovery codes too, and nobody turns it off without the password.

use serde_json::json;

use crate::client::{Answer, PASSWORD, Server, now, on_a_server, wait};

/// What the app shows, from the secret as it was typed into it.
fn code(secret: &str) -> String {
    let digits = secret.bytes().map(|it| match it {
        b'A'..=b'Z' => u64::from(it - b'A'),
        it => u64::from(it - b'2' + 26),
    });
    let bits: Vec<bool> =
        digits.flat_map(|it| (0..5).rev().map(move |n| it >> n & 1 == 1)).collect();
    let byte = |it: &[bool]| it.iter().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit));
    let bytes: Vec<u8> = bits.chunks_exact(8).map(byte).collect();
    let bytes: [u8; 20] = bytes.try_into().unwrap();
    (0..1_000_000)
        .map(|it| format!("{it:06}"))
        .find(|it| people::totp_step(&bytes, it, now(), None) == Some(now().as_second() / 30))
        .unwrap()
}

async fn sign_in(server: &Server, code: &str) -> Answer {
    let body = json!({ "name": "owner", "password": PASSWORD, "code": code });
    server.send("POST", "/sign-in", &[], Some(&body)).await
}

#[test]
fn codes_and_recovery_codes_count_once() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let again = json!({ "password": PASSWORD });
        let wrong = json!({ "password": "not the password" });
        assert_eq!(owner.post("/me/totp", wrong.clone()).await.code(), "credentials");
        let app = owner.post("/me/totp", again.clone()).await;
        assert_eq!(app.status, 200, "{app:?}");
        let secret = app.body["secret"].as_str().unwrap().to_owned();
        assert!(app.body["link"].as_str().unwrap().contains(&secret));
        let bad = owner.post("/me/totp/confirm", json!({ "code": "12345x" })).await;
        assert_eq!(bad.status, 422);
        assert_eq!(server.sign_in("owner", PASSWORD).await.status, 200, "it is not confirmed");
        let first = code(&secret);
        let confirmed = owner.post("/me/totp/confirm", json!({ "code": first })).await;
        let codes = confirmed.body["recoveryCodes"].as_array().unwrap().clone();
        assert_eq!(codes.len(), 10);

        let missing = server.sign_in("owner", PASSWORD).await;
        assert_eq!((missing.status.as_u16(), missing.code()), (401, "second-factor"));
        assert_eq!(sign_in(&server, &first).await.code(), "second-factor", "it was used");
        wait(30);
        let next = code(&secret);
        assert_eq!(sign_in(&server, &next).await.status, 200);
        assert_eq!(sign_in(&server, &next).await.status, 401, "somebody has looked on");
        let recovery = codes[3].as_str().unwrap();
        assert_eq!(sign_in(&server, &recovery.to_uppercase()).await.status, 200);
        assert_eq!(sign_in(&server, recovery).await.status, 401);

        assert_eq!(owner.post("/me/totp", again.clone()).await.status, 409, "in use already");
        let renewed = owner.post("/me/recovery-codes", again.clone()).await;
        assert_eq!(renewed.body["recoveryCodes"].as_array().unwrap().len(), 10);
        assert_eq!(sign_in(&server, codes[4].as_str().unwrap()).await.status, 401);
        assert_eq!(owner.post("/me/totp/drop", wrong).await.status, 403);
        assert_eq!(owner.post("/me/totp/drop", again).await.status, 204);
        assert_eq!(server.sign_in("owner", PASSWORD).await.status, 200);
    });
}

#[test]
fn codes_cannot_be_guessed() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let app = owner.post("/me/totp", json!({ "password": PASSWORD })).await;
        let secret = app.body["secret"].as_str().unwrap().to_owned();
        owner.post("/me/totp/confirm", json!({ "code": code(&secret) })).await;
        for _ in 0..5 {
            assert_eq!(sign_in(&server, "000000").await.status, 401);
        }
        assert_eq!(sign_in(&server, "000000").await.status, 429);
    });
}

#[test]
fn an_administrator_helps_who_has_lost_the_app() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let ada = server.person("ada").await;
        let mut browser = server.signed_in("ada").await;
        let app = browser.post("/me/totp", json!({ "password": PASSWORD })).await;
        let secret = app.body["secret"].as_str().unwrap().to_owned();
        browser.post("/me/totp/confirm", json!({ "code": code(&secret) })).await;
        assert_eq!(server.sign_in("ada", PASSWORD).await.code(), "second-factor");
        let path = format!("/users/{ada}/reset-second-factor");
        assert_eq!(owner.send("POST", &path, None).await.status, 204);
        assert_eq!(server.sign_in("ada", PASSWORD).await.status, 200);
    });
}

#[test]
fn where_a_second_factor_is_demanded_a_password_leads_to_one() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let token = format!("Bearer {}", owner.token("owner").await);
        server.person("ada").await;
        let mut ada = server.signed_in("ada").await;
        let on = json!({ "value": 1 });
        let setting = "/settings/signIn.secondFactor";
        assert_eq!(owner.send("PUT", setting, Some(on)).await.status, 200);
        // At once, for sessions that there are, too; a token proves enough.
        for browser in [&mut owner, &mut ada] {
            let refused = browser.get("/users").await;
            assert_eq!((refused.status.as_u16(), refused.code()), (403, "second-factor-needed"));
            assert_eq!(browser.get("/me").await.body["secondFactorNeeded"], true);
            for path in ["/me/tokens", "/me/recovery-codes"] {
                let refused =
                    browser.post(path, json!({ "name": "t", "password": PASSWORD })).await;
                assert_eq!(refused.code(), "second-factor-needed", "{path}");
            }
        }
        let by_token = server.send("GET", "/users", &[("authorization", &token)], None).await;
        assert_eq!(by_token.status, 200);

        // Somebody else who knows the password has signed in, too.
        let mut other = server.signed_in("owner").await;
        let app = owner.post("/me/totp", json!({ "password": PASSWORD })).await;
        let secret = app.body["secret"].as_str().unwrap().to_owned();
        let done = owner.post("/me/totp/confirm", json!({ "code": code(&secret) })).await;
        assert_eq!(done.status, 200, "{done:?}");
        assert_eq!(owner.get("/me").await.body["secondFactorNeeded"], false);
        let users = owner.get("/users").await;
        let by_name = |name: &str| {
            let items = users.body["items"].as_array().unwrap();
            let user = items.iter().find(|it| it["name"] == name).unwrap();
            (user["secondFactor"].clone(), user["app"].clone(), user["passkeys"].clone())
        };
        assert_eq!(by_name("owner"), (json!(true), json!(true), json!(0)));
        assert_eq!(by_name("ada"), (json!(false), json!(false), json!(0)));
        assert_eq!(other.get("/me").await.status, 401, "it never proved more than a password");
        assert_eq!(ada.get("/users").await.code(), "second-factor-needed");
        // Without it, a password is enough again.
        let off = json!({ "value": 0 });
        assert_eq!(owner.send("PUT", setting, Some(off)).await.status, 200);
        assert_eq!(ada.get("/me/sessions").await.status, 200);
        assert_eq!(ada.post("/me/sign-out", json!({})).await.status, 204);
    });
}

#[test]
fn nobody_demands_what_nobody_can_set_up() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let bare = server.with(server.api.clone().with_gate(api::Gate::default()));
        let mut browser = crate::client::Browser { server: &bare, secret: owner.secret.clone() };
        let on = json!({ "value": 1 });
        let refused = browser.send("PUT", "/settings/signIn.secondFactor", Some(on)).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "no-second-factor"));
        assert_eq!(owner.get("/users").await.status, 200);
    });
}
