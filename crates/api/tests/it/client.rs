//! A server in this process, a clock that tests move, and browsers that keep a cookie.

use std::cell::Cell;
use std::sync::Arc;

use api::{Api, ClientAddress, Gate, RequestId, Seal};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use store::{Access, Location, Store, TenantId};
use testkit::Folder;
use tokio::sync::{Notify, watch};
use tower_service::Service as _;

pub(crate) const PASSWORD: &str = "nine blue lamps at sea";

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(0) };
}

/// The clock of the test that runs on this thread.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000 + NOW.get()).unwrap()
}

pub(crate) fn wait(seconds: i64) {
    NOW.set(NOW.get() + seconds);
}

#[derive(Debug)]
struct Backwards;

impl Seal for Backwards {
    fn seal(&self, name: &str, secret: &[u8]) -> Option<String> {
        let digits: Vec<String> = secret.iter().rev().map(|it| format!("{it:02x}")).collect();
        Some(format!("{name}!{}", digits.concat()))
    }

    fn open(&self, name: &str, sealed: &str) -> Option<Vec<u8>> {
        let digits = sealed.strip_prefix(name)?.strip_prefix('!')?.as_bytes();
        let byte = |it: &[u8]| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok();
        digits.chunks(2).rev().map(byte).collect()
    }
}

/// A server with a database of its own.
pub(crate) struct Server {
    pub(crate) api: Api,
    pub(crate) store: Store,
    pub(crate) access: Access,
    router: Router,
    _folder: Option<Folder>,
}

/// Runs a test against a new server.
pub(crate) fn on_a_server(test: impl AsyncFn(Server)) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(async {
        let folder = Folder::new().unwrap();
        let location = Location::Folder(folder.path().join("data"));
        let store = Store::open(&location, now()).await.unwrap();
        let (_, stores) = watch::channel(Some(store.clone()));
        let (_, views) = watch::channel(None);
        let api = Api::new(TenantId::FIRST, stores, views, Arc::new(Notify::new()), now);
        let gate = Gate { seal: Some(Arc::new(Backwards)), ..Gate::default() };
        let api = api.with_gate(gate);
        let access = Access::new(TenantId::FIRST, "test");
        let router = api::router(api.clone());
        test(Server { api, store: store.clone(), access, router, _folder: Some(folder) }).await;
        store.close().await;
    });
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Json,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The secret that the answer gives.
    pub(crate) fn secret(&self) -> Option<String> {
        let mut fields = self.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap());
        let value = fields.find_map(|it| it.strip_prefix("__Host-merlon="))?;
        Some(value.split(';').next().unwrap().to_owned())
    }
}

impl Server {
    /// The same database behind another interface.
    pub(crate) fn with(&self, api: Api) -> Self {
        let (store, access) = (self.store.clone(), self.access.clone());
        Self { router: api::router(api.clone()), api, store, access, _folder: None }
    }

    /// Sends a request as it stands.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Json>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let address =
            headers.iter().find(|it| it.0 == "test-address").map_or("192.0.2.1", |it| it.1);
        let request = request
            .extension(RequestId("r".to_owned()))
            .extension(ClientAddress(address.parse().unwrap()))
            .body(body.map_or_else(Body::empty, |it| Body::from(it.to_string())))
            .unwrap();
        let response = self.router.clone().call(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 24).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Json::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let body = json!({ "name": name, "password": password });
        self.send("POST", "/sign-in", &[], Some(&body)).await
    }

    /// The first account, `owner`, signed in.
    pub(crate) async fn owner(&self) -> Browser<'_> {
        let secret = api::begin_set_up(&self.api).await.unwrap().unwrap();
        let body = json!({ "secret": secret, "name": "owner", "displayName": "The Owner",
                           "password": PASSWORD });
        let answer = self.send("POST", "/set-up", &[], Some(&body)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        Browser { server: self, secret: answer.secret().unwrap() }
    }

    /// Somebody without a role who signs in with [`PASSWORD`], and their number.
    pub(crate) async fn person(&self, name: &str) -> u64 {
        let hash = people::hash_password(PASSWORD, &[7; 16]);
        let account = store::NewAccount {
            name: name.to_owned(),
            display: name.to_owned(),
            password: hash,
            ..Default::default()
        };
        self.store.add_account(&self.access, now(), &account).await.unwrap()
    }

    pub(crate) async fn signed_in(&self, name: &str) -> Browser<'_> {
        let answer = self.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Browser { server: self, secret: answer.secret().unwrap() }
    }
}

/// A browser with a session.
pub(crate) struct Browser<'s> {
    pub(crate) server: &'s Server,
    pub(crate) secret: String,
}

impl Browser<'_> {
    /// Sends a request as the portal does, and keeps the cookie that comes back.
    pub(crate) async fn send(&mut self, method: &str, path: &str, body: Option<Json>) -> Answer {
        let cookie = format!("__Host-merlon={}", self.secret);
        let headers = [("cookie", &*cookie), ("sec-fetch-site", "same-origin")];
        let answer = self.server.send(method, path, &headers, body.as_ref()).await;
        if let Some(secret) = answer.secret() {
            self.secret = secret;
        }
        answer
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Json) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    /// A new token of this account.
    pub(crate) async fn token(&mut self, role: &str) -> String {
        let answer = self.post("/me/tokens", json!({ "name": "t", "role": role })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body["token"].as_str().unwrap().to_owned()
    }
}
