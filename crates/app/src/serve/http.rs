//! What is around every request: an id, a line in the log, figures, fields of the answer; health, readiness, metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api::{Api, ClientAddress, Limited, Problem, RequestId};
use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use jiff::Timestamp;
use portal::Portal;
use tracing::Instrument as _;

use super::edge::body::{self, TooSlow};
use super::health::Health;
use crate::measure::{self, metrics};

/// The routes whose body may take as long as it takes.
const UPLOADS: [&str; 2] = ["/api/v1/imports", "/api/v1/what-if"];

/// Health, readiness and metrics alone.
pub(crate) fn operations(health: Arc<Health>, request_timeout: Duration) -> Router {
    finished(operations_of(health).fallback(nothing_here), request_timeout)
}

/// Everything that this process answers. `has_operations`: readiness and metrics, too.
pub(crate) fn router(
    health: Arc<Health>,
    api: Option<Api>,
    has_operations: bool,
    request_timeout: Duration,
) -> Router {
    let own = if has_operations {
        operations_of(health)
    } else {
        Router::new().route("/healthz", get(alive))
    };
    // A process that does not play the role answers for itself alone.
    let all = match api {
        Some(api) => {
            let portal = Arc::new(Portal::open());
            own.merge(api::router(api)).layer(middleware::from_fn_with_state(portal, show))
        }
        None => own.fallback(nothing_here),
    };
    finished(all, request_timeout)
}

fn operations_of(health: Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
        .with_state(health)
}

async fn nothing_here() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "this address does not answer the web\n")
}

fn finished(router: Router, request_timeout: Duration) -> Router {
    router.layer(middleware::from_fn(move |request, next| around(request, next, request_timeout)))
}

/// Pages and files of the portal, for what no program asks for.
async fn show(State(portal): State<Arc<Portal>>, request: Request, next: Next) -> Response {
    match portal.answer(request.method(), request.uri().path(), request.headers()) {
        Some(response) => response,
        None => next.run(request).await,
    }
}

async fn alive() -> &'static str {
    "ok\n"
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    let report = health.report();
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = serde_json::to_string(&report).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn scrape() -> Response {
    ([(header::CONTENT_TYPE, measure::CONTENT_TYPE)], measure::scrape()).into_response()
}

/// What holds for every request: an id, a limit of time, a line in the log, figures.
async fn around(mut request: Request, next: Next, limit: Duration) -> Response {
    let method = method_name(&request);
    let route =
        request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let id = request_id(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    // A long upload is slow by right; it is bounded where it is read.
    let limit = if UPLOADS.contains(&route.as_str()) { Duration::MAX } else { limit };
    let client = request.extensions().get::<ClientAddress>().map(|it| it.0.to_string());
    let span = tracing::info_span!(
        "request",
        request.id = id,
        client.address = client.as_deref().unwrap_or("-"),
        http.request.method = method,
        http.route = route
    );
    let started = Timestamp::now();
    metrics().http_active.change([], 1.0);
    let too_slow = request.extensions().get::<TooSlow>().cloned().unwrap_or_default();
    let mut response = match body::refuse(request, &route, &id) {
        Err(refused) => refused,
        Ok(request) if !names_its_host(&request) => {
            let detail = "a request names one host";
            Problem::new(StatusCode::BAD_REQUEST, "host", detail).answer(Some(&id))
        }
        Ok(request) => {
            let answering = tokio::time::timeout(limit, next.run(request));
            answering.instrument(span.clone()).await.unwrap_or_else(|_| {
                let (status, detail) = (StatusCode::SERVICE_UNAVAILABLE, "this took too long");
                Problem::new(status, "timeout", detail).answer(Some(&id))
            })
        }
    };
    if too_slow.is_set() {
        response = body::too_slow(&id);
    }
    metrics().http_active.change([], -1.0);
    let seconds = Timestamp::now().duration_since(started).as_secs_f64();
    let status = response.status();
    if let Some(Limited(whose)) = response.extensions().get() {
        metrics().http_limited.add([whose], 1);
    }
    metrics().http_duration.observe([method, &route, status.as_str()], seconds);
    span.in_scope(|| {
        let code = status.as_u16();
        tracing::debug!(http.response.status_code = code, duration_s = seconds, "answered {code}");
    });
    guard(&mut response, &id);
    response
}

/// Fields that every answer carries.
fn guard(response: &mut Response<Body>, id: &str) {
    const FIXED: [(HeaderName, &str); 7] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", id);
    }
}

/// Whether a request says which host it is for, once: with two, whoever stands before us may have understood another one
/// (RFC 9112, 3.2).
fn names_its_host(request: &Request) -> bool {
    let n_hosts = request.headers().get_all(header::HOST).iter().count();
    n_hosts == 1 || (n_hosts == 0 && request.version() == Version::HTTP_10)
}

/// The method, where it is a known one: the name of a metric must not grow with what clients send.
fn method_name(request: &Request) -> &'static str {
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// The id that a proxy gave the request, if it is a plain word; else a new one.
fn request_id(request: &Request) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let given = request.headers().get("x-request-id").and_then(|it| it.to_str().ok());
    let is_word = |text: &&str| {
        (1..=64).contains(&text.len())
            && text.chars().all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it))
    };
    given.filter(is_word).map_or_else(
        || {
            let started = Timestamp::now().as_microsecond();
            format!("{started:x}-{:x}", COUNT.fetch_add(1, Ordering::Relaxed))
        },
        ToOwned::to_owned,
    )
}
