//! Signing in at a real identity provider: `oidc-provider`, a certified implementation of OpenID Connect, runs beside the
//! server, and a browser of this test fills its forms.
//!
//! Not part of `cargo test`, for it needs Node and its packages: `cargo xtask test` fetches them and runs it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

#[expect(dead_code, reason = "other tests need more of it")]
#[path = "it/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};
use testkit::Folder;

use self::server::{Server, wait_for};

/// Where browsers find Merlon: the browser below knows where that is.
const ORIGIN: &str = "https://merlon.example";
const SECRET: &str = "a secret: with % signs";

/// The provider; it ends with its standard input.
struct Provider {
    child: Child,
    issuer: String,
}

impl Provider {
    #[expect(clippy::disallowed_methods, reason = "the test runs the provider as a process")]
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc-provider");
        let mut child = Command::new("node")
            .args(["server.mjs", ORIGIN])
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.lines().map(Result::unwrap);
        let issuer = lines.find(|it| it.starts_with("http://")).unwrap();
        // It must not be stopped by what it goes on to say.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, issuer }
    }

    fn host(&self) -> &str {
        self.issuer.strip_prefix("http://").unwrap()
    }

    /// Makes it give tokens that are wrong in some way; `none`: right ones.
    fn fault(&self, name: &str) {
        let answer = ask(self.host(), "GET", &format!("/-/faults/{name}"), "", "");
        assert_eq!(answer.status, 204, "{name}");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|it| {
            let (key, value) = it.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// One request of HTTP/1.0, so that the answer is not cut into chunks.
fn ask(host: &str, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nhost: {host}\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// A browser: cookies of two hosts, redirections, forms.
struct Browser<'t> {
    merlon: &'t Server,
    provider: &'t Provider,
    cookies: BTreeMap<(String, String), String>,
}

impl<'t> Browser<'t> {
    fn new(merlon: &'t Server, provider: &'t Provider) -> Self {
        Self { merlon, provider, cookies: BTreeMap::new() }
    }

    /// Asks once, follows nothing.
    fn ask(&mut self, method: &str, url: &str, fields: &str, form: &str) -> Answer {
        let (host, path) = match url.strip_prefix(ORIGIN) {
            Some(path) => (self.merlon.address.clone(), path),
            None => (
                self.provider.host().to_owned(),
                url.strip_prefix(&*self.provider.issuer).unwrap_or(url),
            ),
        };
        let mine = self.cookies.iter().filter(|((of, _), value)| *of == host && !value.is_empty());
        let mine: Vec<String> = mine.map(|((_, name), value)| format!("{name}={value}")).collect();
        let headers = format!("cookie: {}\r\n{fields}", mine.join("; "));
        let answer = ask(&host, method, path, &headers, form);
        for line in answer.head.lines() {
            let Some((name, rest)) = line.split_once(": ") else { continue };
            if name.eq_ignore_ascii_case("set-cookie") {
                let (name, value) = rest.split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert((host.clone(), name.to_owned()), value.to_owned());
            }
        }
        answer
    }

    fn get(&mut self, url: &str) -> Answer {
        self.ask("GET", url, "", "")
    }

    fn post(&mut self, url: &str, form: &str) -> Answer {
        self.ask("POST", url, "content-type: application/x-www-form-urlencoded\r\n", form)
    }

    /// Asks something of the interface, and gives its answer as JSON.
    fn api(&mut self, method: &str, path: &str) -> (u16, Json) {
        let fields = "sec-fetch-site: same-origin\r\n";
        let answer = self.ask(method, &format!("{ORIGIN}/api/v1{path}"), fields, "");
        (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
    }

    /// Goes to the provider, signs in there, agrees to what Merlon wants to know; the address that the provider sends
    /// the browser back to.
    fn sign_in(&mut self, name: &str) -> String {
        let mut answer = self.get(&format!("{ORIGIN}/api/v1/sign-in/provider"));
        for _ in 0..12 {
            if (300..400).contains(&answer.status) {
                let next = answer.field("location").unwrap().to_owned();
                if next.starts_with(ORIGIN) {
                    return next;
                }
                answer = self.get(&next);
                continue;
            }
            assert_eq!(answer.status, 200, "{}\n{}", answer.head, answer.body);
            let action = between(&answer.body, "action=\"", "\"").to_owned();
            let prompt = between(&answer.body, "name=\"prompt\" value=\"", "\"").to_owned();
            let form = match &*prompt {
                "login" => format!("prompt=login&login={name}&password=anything"),
                _ => format!("prompt={prompt}"),
            };
            answer = self.post(&action, &form);
        }
        panic!("it never came back");
    }

    /// The same, and comes back.
    fn round(&mut self, name: &str) -> Answer {
        let back = self.sign_in(name);
        self.get(&back)
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}

fn code(answer: &Answer) -> String {
    let problem: Json = serde_json::from_str(&answer.body).unwrap_or_default();
    format!("{} {}", answer.status, problem["code"].as_str().unwrap_or_default())
}

/// Merlon with this provider, an owner, and a group whose members the provider names.
fn merlon(provider: &Provider, folder: &Folder) -> Server {
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let variables = [
        ("MERLON__SERVER__ORIGIN", ORIGIN),
        ("MERLON__PROVIDER__ISSUER", &provider.issuer),
        ("MERLON__PROVIDER__CLIENT", "merlon"),
        ("MERLON__PROVIDER__SECRET", SECRET),
    ];
    let server = Server::start_with(&["--data", &data], &variables);
    server.wait_until_ready();
    let secret = wait_for("the link for the first account", || {
        Some(server.output().split_once("/set-up#")?.1.split_whitespace().next()?.to_owned())
    });
    let owner = json!({ "secret": secret, "name": "owner", "displayName": "The Owner",
                        "password": "nine blue lamps at sea" });
    let made = server.send("POST", "/api/v1/set-up", "", Some(&owner));
    assert_eq!(made.status, 201, "{}", made.body);
    let cookie = between(&made.head, "set-cookie: ", ";").to_owned();
    let headers = format!("cookie: {cookie}\r\nsec-fetch-site: same-origin\r\n");
    let group = json!({ "name": "auditors", "claim": "auditors" });
    let group = server.send("POST", "/api/v1/groups", &headers, Some(&group));
    let group: Json = serde_json::from_str(&group.body).unwrap();
    let grant = json!({ "group": group["number"], "role": "globalReader" });
    assert_eq!(server.send("POST", "/api/v1/grants", &headers, Some(&grant)).status, 201);
    server
}

#[test]
fn people_sign_in_and_out_at_the_provider() {
    let (provider, folder) = (Provider::start(), Folder::new().unwrap());
    let merlon = merlon(&provider, &folder);
    let mut ada = Browser::new(&merlon, &provider);
    assert_eq!(ada.api("GET", "/sign-in").1["provider"], true);
    let back = ada.round("ada");
    assert_eq!((back.status, back.field("location")), (303, Some("/")), "{}", back.body);
    let (status, me) = ada.api("GET", "/me");
    assert_eq!(status, 200);
    assert_eq!(
        (&me["account"]["name"], &me["account"]["email"]),
        (&json!("ada"), &json!("ada@example.org"))
    );
    assert_eq!(me["groups"][0]["name"], "auditors", "{me}");
    assert_eq!(ada.api("GET", "/audit").0, 200, "the role of the group that the provider names");

    let mut bob = Browser::new(&merlon, &provider);
    assert_eq!(bob.round("bob").status, 303);
    let (_, me) = bob.api("GET", "/me");
    assert_eq!((&me["account"]["name"], &me["account"]["email"]), (&json!("bob"), &json!(null)));
    assert_eq!(bob.api("GET", "/audit").0, 403, "nobody named his groups");

    // Who is signed in at the provider comes back without a form, until they sign out there.
    let (status, out) = ada.api("POST", "/me/sign-out");
    assert_eq!(status, 200, "{out}");
    assert_eq!(ada.api("GET", "/me").0, 401);
    let form = ada.get(out["next"].as_str().unwrap());
    let xsrf = between(&form.body, "name=\"xsrf\" value=\"", "\"").to_owned();
    let action = between(&form.body, "action=\"", "\"").to_owned();
    let out = ada.post(&action, &format!("xsrf={xsrf}&logout=yes"));
    assert_eq!(out.field("location"), Some("https://merlon.example/"), "{}", out.body);
    let asked = ada.get(&format!("{ORIGIN}/api/v1/sign-in/provider"));
    let asked = ada.get(&asked.field("location").unwrap().to_owned());
    assert!(asked.field("location").unwrap().contains("/interaction/"), "it asks again");
}

#[test]
fn what_does_not_prove_who_somebody_is_is_refused() {
    let (provider, folder) = (Provider::start(), Folder::new().unwrap());
    let merlon = merlon(&provider, &folder);
    let refused = "401 provider";
    let mut ada = Browser::new(&merlon, &provider);
    for fault in ["audience", "expired", "future", "issuer", "nonce", "stranger"] {
        provider.fault(fault);
        assert_eq!(code(&ada.round("ada")), refused, "{fault}");
        assert_eq!(ada.api("GET", "/me").0, 401, "{fault}");
    }
    provider.fault("none");

    let back = ada.sign_in("ada");
    let state = between(&back, "state=", "&").to_owned();
    let wrong = back.replace(&state, &"0".repeat(state.len()));
    assert_eq!(code(&ada.get(&wrong)), refused, "another state");
    let mut other = Browser::new(&merlon, &provider);
    assert_eq!(code(&other.get(&back)), refused, "another browser");
    assert_eq!(ada.get(&back).status, 303);
    assert_eq!(code(&ada.get(&back)), refused, "the same once more");

    // The code of a finished sign-in, with the state of another: the provider itself refuses it.
    let old = between(&back, "code=", "&").to_owned();
    let again = ada.sign_in("ada");
    let fresh = between(&again, "code=", "&").to_owned();
    assert_eq!(code(&ada.get(&again.replace(&fresh, &old))), refused, "a code counts once");
    let back = ada.sign_in("ada");
    let issuer = between(&format!("{back}&"), "iss=", "&").to_owned();
    let elsewhere = back.replace(&issuer, "https%3A%2F%2Fother.example");
    assert_eq!(code(&ada.get(&elsewhere)), refused, "another provider");

    // The provider begins to use another key; one that has no trust takes nothing away.
    provider.fault("rotated");
    assert_eq!(ada.round("ada").status, 303, "the new key is fetched");
    assert_eq!(ada.api("GET", "/me").0, 200);

    let log = merlon.log();
    for why in [
        "made for somebody else",
        "too old or comes from the future",
        "made by somebody else",
        "belongs to another sign-in",
        "signature of the identity token is wrong",
        "the browser has not begun it",
        "invalid_grant",
        "another provider has sent the browser back",
    ] {
        assert!(log.contains(why), "the log does not say `{why}`:\n{log}");
    }
    assert!(!log.contains("a secret:"), "{log}");
}

#[test]
fn a_provider_that_is_away_costs_signing_in_there_alone() {
    let (mut provider, folder) = (Provider::start(), Folder::new().unwrap());
    let merlon = merlon(&provider, &folder);
    // Nothing listens there any more.
    provider.child.kill().unwrap();
    provider.child.wait().unwrap();
    let away = Browser::new(&merlon, &provider).get(&format!("{ORIGIN}/api/v1/sign-in/provider"));
    assert_eq!(code(&away), "503 provider-away");
    let body = json!({ "name": "owner", "password": "nine blue lamps at sea" });
    assert_eq!(merlon.send("POST", "/api/v1/sign-in", "", Some(&body)).status, 200);
}
