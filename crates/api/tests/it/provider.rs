//! Signing in at an identity provider, one that this test plays.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use api::{Fetch, Gate, Incoming, Outgoing, Provider};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value as Json, json};
use store::AccountChange;

use crate::client::{Answer, Browser, Server, now, on_a_server, wait};

const ISSUER: &str = "https://id.example";
const ORIGIN: &str = "https://merlon.example";

/// Codes that were given out: the challenge that came along, and the token for each.
#[derive(Debug, Default)]
struct Fake {
    codes: Mutex<BTreeMap<String, (String, Json)>>,
    /// Fields of its configuration that are other than usual.
    about: Mutex<BTreeMap<&'static str, Json>>,
    /// Which of its keys it uses.
    key: Mutex<u8>,
    /// How often its keys were read.
    n_read: Mutex<u32>,
}

impl Fake {
    fn answer(&self, request: &Outgoing) -> Result<Json, String> {
        let number = *self.key.lock().unwrap();
        let key = Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap();
        match request.url.strip_prefix(ISSUER).unwrap() {
            "/.well-known/openid-configuration" => {
                let mut about = json!({ "issuer": ISSUER,
                    "authorization_endpoint": format!("{ISSUER}/authorize?x=1"),
                    "token_endpoint": format!("{ISSUER}/token"),
                    "jwks_uri": format!("{ISSUER}/keys") });
                for (name, value) in &*self.about.lock().unwrap() {
                    about[*name] = value.clone();
                }
                Ok(about)
            }
            "/keys" => {
                *self.n_read.lock().unwrap() += 1;
                let x = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
                let kid = number.to_string();
                Ok(json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid }] }))
            }
            "/token" => {
                let form: BTreeMap<_, _> = request.form.clone().unwrap().into_iter().collect();
                let field = |name: &str| form.get(name).cloned().unwrap_or_default();
                let posted = || (field("client_id"), field("client_secret").replace(':', "%3A"));
                let (client, secret) = request.basic.clone().unwrap_or_else(posted);
                if (&*client, &*secret) != ("merlon", "s%3Acret") {
                    return Err(format!("who is `{client}`?"));
                }
                if form["redirect_uri"] != format!("{ORIGIN}/api/v1/sign-in/provider/back") {
                    return Err(format!("back to `{}`?", form["redirect_uri"]));
                }
                let (challenge, claims) =
                    self.codes.lock().unwrap().remove(&form["code"]).ok_or("no such code")?;
                if people::pkce_challenge(&form["code_verifier"]) != challenge {
                    return Err("the verifier is wrong".to_owned());
                }
                let encode = |it: &Json| URL_SAFE_NO_PAD.encode(it.to_string());
                let signed = format!(
                    "{}.{}",
                    encode(&json!({ "alg": "EdDSA", "kid": number.to_string() })),
                    encode(&claims)
                );
                let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).as_ref());
                Ok(json!({ "id_token": format!("{signed}.{signature}"), "access_token": "x" }))
            }
            other => Err(format!("nothing at {other}")),
        }
    }
}

impl Fetch for Fake {
    fn fetch(&self, request: Outgoing) -> Incoming<'_> {
        Box::pin(async move { self.answer(&request) })
    }
}

/// A browser that is at the provider.
struct Away {
    cookie: String,
    fields: BTreeMap<String, String>,
}

fn provider() -> (Provider, Arc<Fake>) {
    let fake = Arc::new(Fake::default());
    let provider = Provider {
        issuer: ISSUER.to_owned(),
        client: "merlon".to_owned(),
        secret: Some("s:cret".to_owned()),
        scopes: "openid profile".to_owned(),
        groups: "groups".to_owned(),
        only: None,
        fetch: Arc::<Fake>::clone(&fake),
    };
    (provider, fake)
}

fn with(server: &Server, provider: Provider) -> Server {
    let gate = Gate { origin: Some(ORIGIN.to_owned()), ..Gate::default() };
    server.with(server.api.clone().with_gate(gate).with_provider(provider))
}

fn with_provider(server: &Server) -> (Server, Arc<Fake>) {
    let (provider, fake) = provider();
    (with(server, provider), fake)
}

async fn go(server: &Server) -> Away {
    let answer = server.send("GET", "/sign-in/provider", &[], None).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let target = answer.headers["location"].to_str().unwrap();
    let fields = target.strip_prefix("https://id.example/authorize?x=1&").unwrap();
    let fields = fields.split('&').map(|it| it.split_once('=').unwrap());
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Secure") && cookie.contains("Lax"));
    Away { cookie: cookie.split(';').next().unwrap().to_owned(), fields }
}

impl Away {
    /// Somebody signs in at the provider: the code that the browser comes back with.
    fn sign_in(&self, fake: &Fake, subject: &str, name: &str, groups: &[&str]) -> String {
        assert_eq!(self.fields["code_challenge_method"], "S256");
        let claims = json!({ "iss": ISSUER, "aud": "merlon", "sub": subject,
            "nonce": self.fields["nonce"], "iat": now().as_second(),
            "exp": now().as_second() + 300, "preferred_username": name, "name": "Some Body",
            "groups": groups });
        let mut codes = fake.codes.lock().unwrap();
        let code = format!("code-{subject}-{}", codes.len());
        codes.insert(code.clone(), (self.fields["code_challenge"].clone(), claims));
        code
    }
}

async fn back(server: &Server, cookie: &str, state: &str, rest: &str) -> Answer {
    let path = format!("/sign-in/provider/back?state={state}&{rest}");
    server.send("GET", &path, &[("cookie", cookie)], None).await
}

/// Goes, signs in and comes back.
async fn round(server: &Server, fake: &Fake, subject: &str, name: &str, groups: &[&str]) -> Answer {
    let away = go(server).await;
    let code = away.sign_in(fake, subject, name, groups);
    back(server, &away.cookie, &away.fields["state"], &format!("code={code}&iss={ISSUER}")).await
}

fn must_refuse(answer: &Answer, why: &str) {
    assert_eq!((answer.status.as_u16(), answer.code()), (401, "provider"), "{why}: {answer:?}");
    assert!(answer.headers.get("set-cookie").is_none(), "{why}");
}

#[test]
fn who_signs_in_there_has_an_account_with_the_roles_of_their_groups() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let group = owner.post("/groups", json!({ "name": "auditors", "claim": "g-1" })).await;
        let grant = json!({ "group": group.body["number"], "role": "globalReader" });
        owner.post("/grants", grant).await;
        let (server, fake) = with_provider(&server);
        assert_eq!(server.send("GET", "/sign-in", &[], None).await.body["provider"], true);
        let answer = round(&server, &fake, "s-1", "Ada", &["g-1", "g-2"]).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.headers["location"]),
            (303, &"/".parse().unwrap())
        );
        let mut ada = Browser { server: &server, secret: answer.secret().unwrap() };
        let me = ada.get("/me").await.body;
        assert_eq!(
            (&me["account"]["name"], &me["account"]["provider"]),
            (&json!("ada"), &json!(true))
        );
        assert_eq!(ada.get("/audit").await.status, 200);
        let number = &me["account"]["number"];

        let again = round(&server, &fake, "s-1", "renamed", &[]).await;
        let mut again = Browser { server: &server, secret: again.secret().unwrap() };
        assert_eq!(again.get("/me").await.body["account"]["number"], *number, "the subject counts");
        assert_eq!(again.get("/audit").await.code(), "forbidden", "the groups of today");
        assert_eq!(server.sign_in("ada", "").await.code(), "credentials", "it has no password");

        let off = AccountChange { is_active: Some(false), ..Default::default() };
        let number = number.as_u64().unwrap();
        server.store.change_account(&server.access, now(), number, None, &off).await.unwrap();
        must_refuse(&round(&server, &fake, "s-1", "ada", &[]).await, "disabled");
    });
}

#[test]
fn a_name_from_there_takes_over_nobody() {
    on_a_server(async |server| {
        server.owner().await;
        let (server, fake) = with_provider(&server);
        for name in ["owner", "OWNER", "o w\u{0}ner"] {
            let answer = round(&server, &fake, &format!("evil-{}", name.len()), name, &[]).await;
            let mut evil = Browser { server: &server, secret: answer.secret().unwrap() };
            let me = evil.get("/me").await.body;
            assert_ne!(me["account"]["name"], "owner");
            assert_eq!(me["grants"], json!([]));
        }
    });
}

#[test]
fn what_was_not_begun_by_this_browser_signs_nobody_in() {
    on_a_server(async |server| {
        server.owner().await;
        let (server, fake) = with_provider(&server);
        let (mine, theirs) = (go(&server).await, go(&server).await);
        let code = theirs.sign_in(&fake, "s-1", "ada", &[]);
        let (state, query) = (&theirs.fields["state"], format!("code={code}"));
        must_refuse(&back(&server, "", state, &query).await, "no cookie");
        must_refuse(&back(&server, &mine.cookie, state, &query).await, "another browser");
        let both = format!("{}; {}", mine.cookie, theirs.cookie);
        must_refuse(&back(&server, &both, state, &query).await, "a planted cookie");
        must_refuse(
            &back(&server, &mine.cookie, &mine.fields["state"], &query).await,
            "a stolen code",
        );
        must_refuse(&back(&server, &mine.cookie, &mine.fields["state"], &query).await, "used");
        let again = theirs.sign_in(&fake, "s-1", "ada", &[]);
        let right = back(&server, &theirs.cookie, state, &format!("code={again}")).await;
        assert_eq!(right.status, 303);
        must_refuse(&back(&server, &theirs.cookie, state, &query).await, "replayed");
    });
}

#[test]
fn a_provider_that_does_not_prove_it_is_not_believed() {
    on_a_server(async |server| {
        server.owner().await;
        let (server, fake) = with_provider(&server);
        let come = async |rest: &str| {
            let away = go(&server).await;
            back(&server, &away.cookie, &away.fields["state"], rest).await
        };
        must_refuse(&come("error=access_denied").await, "it says no");
        must_refuse(&come("code=other").await, "no such code");
        must_refuse(&come("").await, "nothing");
        let away = go(&server).await;
        let code = away.sign_in(&fake, "s-1", "ada", &[]);
        fake.codes.lock().unwrap().get_mut(&code).unwrap().1["nonce"] = json!("other");
        let rest = format!("code={code}");
        must_refuse(&back(&server, &away.cookie, &away.fields["state"], &rest).await, "nonce");
        let away = go(&server).await;
        let rest = format!("code={}", away.sign_in(&fake, "s-1", "ada", &[]));
        wait(600);
        must_refuse(&back(&server, &away.cookie, &away.fields["state"], &rest).await, "too late");
    });
}

#[test]
fn only_the_provider_itself_sends_a_browser_back() {
    on_a_server(async |server| {
        server.owner().await;
        let (server, fake) = with_provider(&server);
        let come = async |rest: &str| {
            let away = go(&server).await;
            let code = away.sign_in(&fake, "s-1", "ada", &[]);
            back(&server, &away.cookie, &away.fields["state"], &format!("code={code}{rest}")).await
        };
        assert_eq!(come("").await.status, 303, "it never says so");
        must_refuse(&come("&iss=https%3A%2F%2Fother.example").await, "another provider");
        wait(601);
        let says = ("authorization_response_iss_parameter_supported", json!(true));
        fake.about.lock().unwrap().extend([says]);
        must_refuse(&come("").await, "it always says so");
        assert_eq!(come(&format!("&iss={ISSUER}")).await.status, 303);
    });
}

#[test]
fn a_provider_that_names_another_or_sends_people_elsewhere_is_not_used() {
    on_a_server(async |server| {
        for (name, value) in [
            ("issuer", json!("https://other.example")),
            ("authorization_endpoint", json!("http://id.example/authorize")),
            ("jwks_uri", json!(null)),
        ] {
            let (server, fake) = with_provider(&server);
            fake.about.lock().unwrap().extend([(name, value)]);
            let answer = server.send("GET", "/sign-in/provider", &[], None).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (503, "provider-away"), "{name}");
        }
    });
}

#[test]
fn keys_are_read_again_when_a_new_one_has_signed() {
    on_a_server(async |server| {
        server.owner().await;
        let (server, fake) = with_provider(&server);
        let n_read = || *fake.n_read.lock().unwrap();
        for _ in 0..3 {
            assert_eq!(round(&server, &fake, "s-1", "ada", &[]).await.status, 303);
        }
        assert_eq!(n_read(), 1, "they are kept");
        *fake.key.lock().unwrap() = 6;
        assert_eq!(round(&server, &fake, "s-1", "ada", &[]).await.status, 303);
        assert_eq!(n_read(), 2, "a key that nobody knew");
        wait(600);
        assert_eq!(round(&server, &fake, "s-1", "ada", &[]).await.status, 303);
        assert_eq!(n_read(), 3, "what was taken back is forgotten");
    });
}

#[test]
fn a_secret_goes_where_the_provider_wants_it() {
    on_a_server(async |server| {
        server.owner().await;
        let (server, fake) = with_provider(&server);
        let ways = ("token_endpoint_auth_methods_supported", json!(["client_secret_post"]));
        fake.about.lock().unwrap().extend([ways]);
        assert_eq!(round(&server, &fake, "s-1", "ada", &[]).await.status, 303);
    });
}

#[test]
fn only_a_group_of_the_provider_may_come_where_one_is_named() {
    on_a_server(async |server| {
        server.owner().await;
        let (provider, fake) = provider();
        let server = with(&server, Provider { only: Some("staff".to_owned()), ..provider });
        let answer = round(&server, &fake, "s-1", "ada", &["others"]).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "provider-group"));
        let count = server.store.account_count(&server.access).await.unwrap();
        assert_eq!(count, 1, "no account is made");
        assert_eq!(round(&server, &fake, "s-1", "ada", &["staff"]).await.status, 303);
    });
}

#[test]
fn another_site_does_not_begin_it() {
    on_a_server(async |server| {
        let (server, _) = with_provider(&server);
        for site in ["cross-site", "same-site"] {
            let headers = [("sec-fetch-site", site)];
            let answer = server.send("GET", "/sign-in/provider", &headers, None).await;
            assert_eq!(answer.code(), "cross-site");
        }
        let ours = [("sec-fetch-site", "same-origin")];
        assert_eq!(server.send("GET", "/sign-in/provider", &ours, None).await.status, 303);
    });
}

/// A copied session of somebody without a password must not become a way in that stays.
#[test]
fn who_has_no_password_proves_themselves_by_a_fresh_sign_in() {
    on_a_server(async |server| {
        server.owner().await;
        let (server, fake) = with_provider(&server);
        let answer = round(&server, &fake, "s-1", "ada", &[]).await;
        let mut ada = Browser { server: &server, secret: answer.secret().unwrap() };
        let new = json!({ "old": "", "new": "a lamp for every ship" });
        assert_eq!(ada.post("/me/password", new).await.code(), "no-password");
        let passkey = json!({ "password": "" });
        assert_eq!(ada.post("/me/passkeys/options", passkey.clone()).await.status, 200);
        wait(601);
        for path in ["/me/passkeys/options", "/me/totp", "/me/totp/drop", "/me/recovery-codes"] {
            assert_eq!(ada.post(path, passkey.clone()).await.code(), "sign-in-again", "{path}");
        }
    });
}

#[test]
fn signing_out_leads_to_the_provider() {
    on_a_server(async |server| {
        server.owner().await;
        let (server, fake) = with_provider(&server);
        let end = ("end_session_endpoint", json!(format!("{ISSUER}/end")));
        fake.about.lock().unwrap().extend([end]);
        let answer = round(&server, &fake, "s-1", "ada", &[]).await;
        let mut ada = Browser { server: &server, secret: answer.secret().unwrap() };
        let out = ada.send("POST", "/me/sign-out", None).await;
        let next = "https://id.example/end?client_id=merlon\
                    &post_logout_redirect_uri=https%3A%2F%2Fmerlon.example%2F";
        assert_eq!((out.status.as_u16(), &out.body["next"]), (200, &json!(next)));
        assert_eq!(ada.get("/me").await.status, 401);
        let mut owner = server.signed_in("owner").await;
        let out = owner.send("POST", "/me/sign-out", None).await;
        assert_eq!(out.status, 204, "who has not signed in there");
    });
}

#[test]
fn a_browser_is_told_in_the_portal() {
    on_a_server(async |server| {
        server.owner().await;
        let (server, _) = with_provider(&server);
        let html = [("accept", "text/html,*/*;q=0.8")];
        let answer = server.send("GET", "/sign-in/provider/back?state=x", &html, None).await;
        assert_eq!((answer.status.as_u16(), answer.secret()), (303, None));
        assert_eq!(answer.headers["location"], "/sign-in#provider=provider");
    });
}

#[test]
fn without_a_provider_there_is_none() {
    on_a_server(async |server| {
        assert_eq!(server.send("GET", "/sign-in/provider", &[], None).await.status, 404);
    });
}
