//! Passkeys: making, signing in with one alone and after a password, what does not count.

use api::Gate;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use people::digest;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value as Json, json};

use crate::client::{Answer, Browser, PASSWORD, Server, on_a_server, wait};

const ORIGIN: &str = "https://merlon.example";
const PARTY: &str = "merlon.example";

fn sha256(bytes: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().to_vec()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An authenticator with one passkey; it signs whatever it is asked to, for whichever site.
struct Token {
    pair: Ed25519KeyPair,
    id: Vec<u8>,
    holder: String,
    counter: u32,
    verifies: bool,
    origin: &'static str,
}

impl Token {
    fn new(seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let id = vec![seed; 20];
        Self { pair, id, holder: String::new(), counter: 0, verifies: true, origin: ORIGIN }
    }

    fn client(&self, kind: &str, options: &Json) -> Vec<u8> {
        let challenge = &options["publicKey"]["challenge"];
        let client = json!({ "type": kind, "challenge": challenge, "origin": self.origin });
        client.to_string().into_bytes()
    }

    fn data(&mut self, flags: u8) -> Vec<u8> {
        self.counter += 1;
        let flags = flags | if self.verifies { 5 } else { 1 };
        [&sha256(PARTY.as_bytes())[..], &[flags], &self.counter.to_be_bytes()].concat()
    }

    fn make(&mut self, options: &Json) -> Json {
        options["publicKey"]["user"]["id"].as_str().unwrap().clone_into(&mut self.holder);
        let mut data = self.data(0x40);
        data.extend([0; 16]);
        data.extend([0, 20]);
        data.extend(&self.id);
        // {1: 1, 3: -8, -1: 6, -2: key}
        data.extend([0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32]);
        data.extend(self.pair.public_key().as_ref());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let client = self.client("webauthn.create", options);
        json!({ "id": text(&self.id), "rawId": text(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": { "clientDataJSON": text(&client), "attestationObject": text(&object),
                          "transports": ["internal", "no good word"], "publicKeyAlgorithm": -8 } })
    }

    fn sign(&mut self, options: &Json) -> Json {
        let (client, data) = (self.client("webauthn.get", options), self.data(0));
        let signature = self.pair.sign(&[&data[..], &sha256(&client)].concat());
        json!({ "id": text(&self.id), "rawId": text(&self.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": { "clientDataJSON": text(&client), "authenticatorData": text(&data),
                          "signature": text(signature.as_ref()), "userHandle": self.holder } })
    }
}

fn with_origin(server: &Server) -> Server {
    let gate = Gate { origin: Some(ORIGIN.to_owned()), ..Gate::default() };
    server.with(server.api.clone().with_gate(gate))
}

async fn options(browser: &mut Browser<'_>) -> Json {
    let answer = browser.post("/me/passkeys/options", json!({ "password": PASSWORD })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

async fn register(browser: &mut Browser<'_>, token: &mut Token) -> Answer {
    let options = options(browser).await;
    let credential = token.make(&options);
    browser.post("/me/passkeys", json!({ "name": "my key", "credential": credential })).await
}

async fn begin(server: &Server, body: Json) -> Answer {
    server.send("POST", "/sign-in/passkey/options", &[], Some(&body)).await
}

async fn finish(server: &Server, credential: &Json) -> Answer {
    let body = json!({ "credential": credential });
    server.send("POST", "/sign-in/passkey", &[], Some(&body)).await
}

async fn sign_in(server: &Server, token: &mut Token) -> Answer {
    let options = begin(server, json!({})).await;
    assert_eq!(options.status, 200, "{options:?}");
    finish(server, &token.sign(&options.body)).await
}

fn must_refuse(answer: &Answer, why: &str) {
    assert_eq!((answer.status.as_u16(), answer.code()), (401, "passkey"), "{why}: {answer:?}");
    assert!(answer.secret().is_none(), "{why}");
}

#[test]
fn a_passkey_signs_in_without_a_name_and_ends_passwords_alone() {
    on_a_server(async |server| {
        let server = with_origin(&server);
        let mut owner = server.owner().await;
        assert_eq!(server.send("GET", "/sign-in", &[], None).await.body["passkey"], true);
        let mut token = Token::new(3);
        let asked = options(&mut owner).await["publicKey"].clone();
        assert_eq!((&asked["rp"]["id"], &asked["user"]["name"]), (&json!(PARTY), &json!("owner")));
        assert_eq!(asked["excludeCredentials"], json!([]));
        let made = register(&mut owner, &mut token).await;
        assert_eq!(made.status, 201, "{made:?}");
        assert_eq!(made.body["passkey"]["name"], "my key");
        let codes = made.body["recoveryCodes"].as_array().unwrap().clone();
        assert_eq!(codes.len(), 10);
        let me = owner.get("/me").await.body["account"].clone();
        let factors = (&me["secondFactor"], &me["app"], &me["passkeys"]);
        assert_eq!(factors, (&json!(true), &json!(false), &json!(1)));
        let asked = options(&mut owner).await;
        let known = &asked["publicKey"]["excludeCredentials"];
        assert_eq!(known[0]["id"], text(&token.id), "it is not made twice");
        assert_eq!(known[0]["transports"], json!(["internal"]));
        let again = token.make(&asked);
        let again = owner.post("/me/passkeys", json!({ "name": "x", "credential": again })).await;
        assert_eq!(again.status, 409);

        let answer = sign_in(&server, &mut token).await;
        assert_eq!((answer.status.as_u16(), &answer.body["name"]), (200, &json!("owner")));
        let mut browser = Browser { server: &server, secret: answer.secret().unwrap() };
        assert_eq!(browser.get("/me/sessions").await.body[0]["method"], "passkey");
        assert_eq!(server.sign_in("owner", PASSWORD).await.code(), "second-factor");
        let body = json!({ "name": "owner", "password": PASSWORD, "code": codes[0] });
        assert_eq!(server.send("POST", "/sign-in", &[], Some(&body)).await.status, 200);
        assert_eq!(server.send("POST", "/sign-in", &[], Some(&body)).await.status, 401, "used");
        let renewed = owner.post("/me/recovery-codes", json!({ "password": PASSWORD })).await;
        assert_eq!(renewed.status, 200);

        let id = text(&token.id);
        let path = format!("/me/passkeys/{id}");
        assert_eq!(owner.send("PATCH", &path, Some(json!({ "name": "new" }))).await.status, 204);
        let all = owner.get("/me/passkeys").await.body;
        assert_eq!(
            (&all["items"][0]["name"], all["items"][0]["used"].is_string()),
            (&json!("new"), true)
        );
        let drop = format!("{path}/drop");
        assert_eq!(owner.post(&drop, json!({ "password": "wrong" })).await.status, 403);
        assert_eq!(owner.post(&drop, json!({ "password": PASSWORD })).await.status, 204);
        assert_eq!(owner.post(&drop, json!({ "password": PASSWORD })).await.status, 404);
        must_refuse(&sign_in(&server, &mut token).await, "taken away");
        assert_eq!(server.sign_in("owner", PASSWORD).await.status, 200);
    });
}

#[test]
fn after_the_password_a_passkey_need_not_know_the_person() {
    on_a_server(async |server| {
        let server = with_origin(&server);
        let mut owner = server.owner().await;
        let mut token = Token::new(3);
        token.verifies = false;
        assert_eq!(register(&mut owner, &mut token).await.status, 201);
        must_refuse(&sign_in(&server, &mut token).await, "alone it must");
        let known = json!({ "name": "Owner", "password": PASSWORD });
        let asked = begin(&server, known.clone()).await;
        assert_eq!(asked.body["publicKey"]["allowCredentials"][0]["id"], text(&token.id));
        let answer = finish(&server, &token.sign(&asked.body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let asked = begin(&server, known).await;
        let mut answer = token.sign(&asked.body);
        answer["response"].as_object_mut().unwrap().remove("userHandle");
        assert_eq!(finish(&server, &answer).await.status, 200, "an old kind of authenticator");
        let nobody = begin(&server, json!({ "name": "nobody", "password": PASSWORD })).await;
        let wrong = begin(&server, json!({ "name": "owner", "password": "wrong" })).await;
        assert_eq!((nobody.status, &nobody.body), (wrong.status, &wrong.body));
        assert_eq!(wrong.code(), "credentials");
        server.person("ada").await;
        let none = begin(&server, json!({ "name": "ada", "password": PASSWORD })).await;
        assert_eq!(none.code(), "no-passkey");
    });
}

#[test]
fn what_does_not_prove_it_signs_nobody_in() {
    on_a_server(async |server| {
        let server = with_origin(&server);
        let mut owner = server.owner().await;
        server.person("ada").await;
        let mut ada = server.signed_in("ada").await;
        let (mut mine, mut hers) = (Token::new(3), Token::new(4));
        assert_eq!(register(&mut owner, &mut mine).await.status, 201);
        assert_eq!(register(&mut ada, &mut hers).await.status, 201);
        assert_ne!(mine.holder, hers.holder);

        let asked = begin(&server, json!({})).await.body;
        let answer = mine.sign(&asked);
        assert_eq!(finish(&server, &answer).await.status, 200);
        must_refuse(&finish(&server, &answer).await, "a challenge counts once");
        let asked = begin(&server, json!({})).await.body;
        wait(301);
        must_refuse(&finish(&server, &mine.sign(&asked)).await, "too late");
        let made_up = json!({ "publicKey": { "challenge": text(&[1; 32]) } });
        must_refuse(&finish(&server, &mine.sign(&made_up)).await, "never begun");
        mine.origin = "https://merlon.example.evil";
        must_refuse(&sign_in(&server, &mut mine).await, "another site");
        mine.origin = ORIGIN;
        mine.verifies = false;
        must_refuse(&sign_in(&server, &mut mine).await, "nobody was recognized");
        mine.verifies = true;

        let asked = begin(&server, json!({})).await.body;
        let mut forged = hers.sign(&asked);
        forged["rawId"] = json!(text(&mine.id));
        must_refuse(&finish(&server, &forged).await, "another key");
        let mut forged = hers.sign(&begin(&server, json!({})).await.body);
        forged["response"]["userHandle"] = json!(mine.holder);
        must_refuse(&finish(&server, &forged).await, "another holder");
        let mut forged = hers.sign(&begin(&server, json!({})).await.body);
        forged["response"].as_object_mut().unwrap().remove("userHandle");
        must_refuse(&finish(&server, &forged).await, "no holder");
        let known = begin(&server, json!({ "name": "owner", "password": PASSWORD })).await.body;
        must_refuse(&finish(&server, &hers.sign(&known)).await, "of somebody else");
        must_refuse(&sign_in(&server, &mut Token::new(9)).await, "a stranger");

        mine.counter = 0;
        must_refuse(&sign_in(&server, &mut mine).await, "a copy counts from the beginning");
        let log = server.store.audit_log(&server.access, 0, 999).await.unwrap();
        let refused = log.iter().filter(|it| it.action == "session.refuse");
        assert!(
            refused.filter(|it| it.detail["why"] == "passkey" && it.object == "owner").count() >= 3
        );
        let evil = [("host", "merlon.example"), ("origin", "https://evil.example")];
        let body = json!({ "credential": mine.sign(&known) });
        let answer = server.send("POST", "/sign-in/passkey", &evil, Some(&body)).await;
        assert_eq!(answer.code(), "cross-site");
    });
}

#[test]
fn a_passkey_is_made_by_whom_it_was_begun() {
    on_a_server(async |server| {
        let server = with_origin(&server);
        let mut owner = server.owner().await;
        server.person("ada").await;
        let mut ada = server.signed_in("ada").await;
        let mut token = Token::new(3);
        let asked = options(&mut owner).await;
        let body = json!({ "name": "x", "credential": token.make(&asked) });
        assert_eq!(ada.post("/me/passkeys", body.clone()).await.status, 422, "of somebody else");
        assert_eq!(owner.post("/me/passkeys", body).await.status, 422, "it counts once");
        let mut made = token.make(&options(&mut owner).await);
        made["rawId"] = json!("AAAA");
        let body = json!({ "name": "x", "credential": made });
        assert_eq!(owner.post("/me/passkeys", body).await.status, 422, "two ids");
        let wrong = owner.post("/me/passkeys/options", json!({ "password": "wrong" })).await;
        assert_eq!(wrong.code(), "credentials");
        let bearer = format!("Bearer {}", owner.token("owner").await);
        let headers = [("authorization", &*bearer)];
        let answer = server.send("GET", "/me/passkeys", &headers, None).await;
        assert_eq!(answer.code(), "session-needed");
    });
}

#[test]
fn an_administrator_takes_passkeys_away_too() {
    on_a_server(async |server| {
        let server = with_origin(&server);
        let mut owner = server.owner().await;
        let ada = server.person("ada").await;
        let mut browser = server.signed_in("ada").await;
        let mut token = Token::new(3);
        assert_eq!(register(&mut browser, &mut token).await.status, 201);
        let path = format!("/users/{ada}/reset-second-factor");
        assert_eq!(owner.send("POST", &path, None).await.status, 204);
        must_refuse(&sign_in(&server, &mut token).await, "taken away");
        assert_eq!(server.sign_in("ada", PASSWORD).await.status, 200);
    });
}

#[test]
fn without_an_origin_there_are_no_passkeys() {
    on_a_server(async |server| {
        server.owner().await;
        assert_eq!(begin(&server, json!({})).await.code(), "no-origin");
        assert_eq!(server.send("GET", "/sign-in", &[], None).await.body["passkey"], false);
    });
}

/// An office that signs in with passwords and passkeys is not taken for somebody who guesses.
#[test]
fn right_passkeys_of_a_whole_office_count_nothing() {
    on_a_server(async |server| {
        let server = with_origin(&server);
        let mut owner = server.owner().await;
        let mut token = Token::new(3);
        assert_eq!(register(&mut owner, &mut token).await.status, 201);
        for _ in 0..40 {
            assert_eq!(sign_in(&server, &mut token).await.status, 200);
            assert_eq!(server.sign_in("owner", PASSWORD).await.code(), "second-factor");
            let known = json!({ "name": "owner", "password": PASSWORD });
            let asked = begin(&server, known).await;
            assert_eq!(finish(&server, &token.sign(&asked.body)).await.status, 200);
        }
    });
}

#[test]
fn what_was_begun_is_kept_as_a_hash() {
    on_a_server(async |server| {
        let server = with_origin(&server);
        server.owner().await;
        let asked = begin(&server, json!({})).await.body;
        let challenge = asked["publicKey"]["challenge"].as_str().unwrap();
        let taken = server
            .store
            .take_ceremony(&server.access, crate::client::now(), "passkey-use", &digest(challenge))
            .await;
        assert_eq!(taken.unwrap(), Some(json!({ "account": null })));
    });
}
