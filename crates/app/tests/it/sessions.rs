//! `kill -9` amid sign-ins, sign-outs and changes of secrets: no session becomes another's, none that was ended lives
//! again, and none that was begun is lost.
//!
//! Browsers sign in, ask who they are and sign out while their rights, and so their secrets, change all the time. After some
//! answers the server is killed and started again, and each secret that somebody holds is tried. `MERLON_KILLS` sets the
//! number of kills.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value as Json, json};

use crate::command::folder;
use crate::server::{Server, wait_for};

const PASSWORD: &str = "nine blue lamps at sea";
const N_BROWSERS: usize = 3;

/// An answer that came whole.
struct Answer {
    status: u16,
    /// The secret that it gives: empty when it takes it away.
    secret: Option<String>,
    body: Json,
}

/// Asks once; `None` when no whole answer came.
fn ask(address: &str, method: &str, path: &str, fields: &str, body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    let length = body.len();
    let request = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nhost: {address}\r\n{fields}content-type: application/json\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let field = |name: &str| {
        head.lines().find_map(|it| it.split_once(": ").filter(|it| it.0 == name)).map(|it| it.1)
    };
    if field("content-length").is_some_and(|it| it != body.len().to_string()) {
        return None;
    }
    let cookie = field("set-cookie").and_then(|it| it.strip_prefix("__Host-merlon="));
    Some(Answer {
        status: head.split(' ').nth(1)?.parse().ok()?,
        secret: cookie.map(|it| it.split(';').next().unwrap().to_owned()),
        body: serde_json::from_str(body).unwrap_or_default(),
    })
}

fn session(secret: &str) -> String {
    format!("cookie: __Host-merlon={secret}\r\nsec-fetch-site: same-origin\r\n")
}

/// Somebody with a browser, and what the server has told them.
struct Browser {
    name: String,
    /// The secret of the session; `None`: signed out.
    secret: Option<String>,
    /// Secrets of sessions whose end was confirmed.
    ended: Vec<String>,
    /// Whether the last request got no answer: it may have been done or not.
    is_unsure: bool,
}

impl Browser {
    /// Does what somebody does until the server is gone.
    fn live(&mut self, address: &str, n_answers: &AtomicU64) {
        for step in 0_u32.. {
            let done = match self.secret.clone() {
                None => self.sign_in(address),
                Some(secret) if step % 7 == 6 => self.sign_out(address, &secret),
                Some(secret) => self.look(address, &secret),
            };
            self.is_unsure = done.is_none();
            if done.is_none() {
                return;
            }
            n_answers.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn sign_in(&mut self, address: &str) -> Option<()> {
        let body = json!({ "name": self.name, "password": PASSWORD }).to_string();
        let answer = ask(address, "POST", "/sign-in", "", &body)?;
        if answer.status == 200 {
            assert_eq!(answer.body["name"], self.name, "signed in as somebody else");
            self.secret = answer.secret;
        } else {
            // Attempts that a kill has cut off count as failed.
            assert_eq!(answer.status, 429, "{}", answer.body);
        }
        Some(())
    }

    fn sign_out(&mut self, address: &str, secret: &str) -> Option<()> {
        let answer = ask(address, "POST", "/me/sign-out", &session(secret), "")?;
        assert_eq!((answer.status, answer.secret.as_deref()), (204, Some("")));
        self.ended.extend(self.secret.take());
        Some(())
    }

    fn look(&mut self, address: &str, secret: &str) -> Option<()> {
        let answer = ask(address, "GET", "/me", &session(secret), "")?;
        assert_eq!(answer.status, 200, "{}: {}", self.name, answer.body);
        self.is_me(&answer);
        if answer.secret.is_some() {
            self.secret = answer.secret;
        }
        Some(())
    }

    fn is_me(&self, answer: &Answer) {
        assert_eq!(answer.body["account"]["name"], self.name, "the session of somebody else");
    }

    /// After a kill: what was said before must hold.
    fn check(&mut self, address: &str) {
        for secret in &self.ended {
            let answer = ask(address, "GET", "/me", &session(secret), "").unwrap();
            assert_eq!(answer.status, 401, "{}: an ended session lives again", self.name);
        }
        let Some(secret) = self.secret.clone() else { return };
        let answer = ask(address, "GET", "/me", &session(&secret), "").unwrap();
        match answer.status {
            200 => {
                self.is_me(&answer);
                if answer.secret.is_some() {
                    self.secret = answer.secret;
                }
                // Its new secret may have been lost with the answer: then this one ends soon.
                if self.is_unsure {
                    self.secret = None;
                }
            }
            401 if self.is_unsure => self.secret = None,
            status => assert_eq!(status, 200, "{}: a session was lost: {}", self.name, answer.body),
        }
    }
}

/// Gives and takes roles, so that secrets change, until the server is gone.
fn stir(address: &str, owner: &str, accounts: &[u64]) {
    let fields = format!("authorization: Bearer {owner}\r\n");
    for account in accounts.iter().cycle() {
        let grant = json!({ "account": account, "role": "reader" }).to_string();
        let Some(given) = ask(address, "POST", "/grants", &fields, &grant) else { return };
        // One that a kill has left is taken away another time.
        let number = given.body["number"].as_u64();
        let path = format!("/grants/{}", number.unwrap_or(0));
        if ask(address, "DELETE", &path, &fields, "").is_none() {
            return;
        }
    }
}

/// A token of the first account, and the numbers of the others.
fn people(server: &Server, names: &[String]) -> (String, Vec<u64>) {
    let secret = wait_for("the link for the first account", || {
        Some(server.output().split_once("/set-up#")?.1.split_whitespace().next()?.to_owned())
    });
    let send = |path: &str, fields: &str, body: &Json| {
        let answer = ask(&server.address, "POST", path, fields, &body.to_string()).unwrap();
        assert_eq!(answer.status, 201, "{path}: {}", answer.body);
        answer
    };
    let owner = json!({ "secret": secret, "name": "owner", "displayName": "The Owner",
                        "password": PASSWORD });
    let fields = session(&send("/set-up", "", &owner).secret.unwrap());
    let token = send("/me/tokens", &fields, &json!({ "name": "t", "role": "owner" }));
    let add = |name: &String| {
        let user = json!({ "name": name, "displayName": name, "password": PASSWORD });
        send("/users", &fields, &user).body["number"].as_u64().unwrap()
    };
    let numbers = names.iter().map(add).collect();
    (token.body["token"].as_str().unwrap().to_owned(), numbers)
}

#[expect(clippy::disallowed_methods, reason = "a long run sets how often it kills")]
fn n_kills() -> u32 {
    std::env::var("MERLON_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(4)
}

#[test]
fn no_kill_confuses_loses_or_revives_a_session() {
    let n_kills = n_kills();
    let data = folder("killed-sessions").join("data").to_string_lossy().into_owned();
    let names: Vec<String> = (0..N_BROWSERS).map(|it| format!("person{it}")).collect();
    let new = |name: &String| Browser {
        name: name.clone(),
        secret: None,
        ended: Vec::new(),
        is_unsure: false,
    };
    let mut browsers: Vec<Browser> = names.iter().map(new).collect();
    let mut known = None;
    let mut seed = 7_u64;
    for kill in 0..=n_kills {
        let mut server = Server::start(&["--data", &data]);
        server.wait_until_ready();
        let address = server.address.clone();
        let (owner, accounts) = known.get_or_insert_with(|| people(&server, &names));
        for browser in &mut browsers {
            browser.check(&address);
        }
        if kill == n_kills {
            break;
        }
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let wanted = 5 + (seed >> 33) % 60;
        let n_answers = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for browser in &mut browsers {
                scope.spawn(|| browser.live(&address, &n_answers));
            }
            scope.spawn(|| stir(&address, owner, accounts));
            wait_for("some answers", || (n_answers.load(Ordering::SeqCst) >= wanted).then_some(()));
            server.signal("KILL");
        });
        server.ended();
    }
    let n_ended: usize = browsers.iter().map(|it| it.ended.len()).sum();
    assert!(n_ended > 0 || n_kills < 2, "nobody ever signed out: the test tests nothing");
}
