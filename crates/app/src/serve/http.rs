//! The HTTP side: limits on what a client may do, health, readiness, metrics.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api::{Api, ClientAddress, RequestId};
use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use portal::Portal;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use super::health::Health;
use super::stop::{Phase, Stop};
use crate::config::Server;
use crate::measure::{self, metrics};

/// Header fields of one request.
const MOST_HEADERS: usize = 64;
/// After a connection could not be accepted: usually no file is free, and trying at once finds none.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The route whose body may take as long as it takes.
const UPLOAD: &str = "/api/v1/imports";

/// The socket that clients connect to.
pub(crate) async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Answers until the order to stop; then finishes what is in hand.
pub(crate) async fn serve(
    listener: TcpListener,
    server: Server,
    (health, api): (Arc<Health>, Option<Api>),
    stop: Stop,
) {
    let service = router(health, api, server.request_timeout);
    let slots = Arc::new(Semaphore::new(server.connections as usize));
    let mut open = JoinSet::new();
    loop {
        let Some(slot) = stop.or(Arc::clone(&slots).acquire_owned()).await else { break };
        let Some(accepted) = stop.or(listener.accept()).await else { break };
        match accepted {
            Ok((stream, peer)) => {
                let (service, server, stop) = (service.clone(), server.clone(), stop.clone());
                open.spawn(async move {
                    metrics().http_connections.change([], 1.0);
                    connection((stream, peer.ip()), service, &server, &stop).await;
                    metrics().http_connections.change([], -1.0);
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                stop.pause(ACCEPT_PAUSE).await;
            }
        }
        // Forget those that ended.
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

/// One connection until it ends.
async fn connection(
    (stream, client): (TcpStream, IpAddr),
    service: Router,
    server: &Server,
    stop: &Stop,
) {
    let service = TowerToHyperService::new(service);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ClientAddress(client));
        service.call(request)
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(server.header_timeout)
        .max_buf_size(usize::try_from(server.header_size.0).unwrap_or(usize::MAX))
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop.reached(Phase::Stopping) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended: {error}");
    }
}

fn router(health: Arc<Health>, api: Option<Api>, request_timeout: Duration) -> Router {
    let operations = Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
        .with_state(health);
    // A process that does not play the role answers for itself alone.
    let all = match api {
        Some(api) => {
            let portal = Arc::new(Portal::open());
            operations.merge(api::router(api)).layer(middleware::from_fn_with_state(portal, show))
        }
        None => operations
            .fallback(async || (StatusCode::NOT_FOUND, "this process does not answer the web\n")),
    };
    all.layer(middleware::from_fn(move |request, next| around(request, next, request_timeout)))
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
    let limit = if route == UPLOAD { Duration::MAX } else { limit };
    let span = tracing::info_span!(
        "request",
        request.id = id,
        http.request.method = method,
        http.route = route
    );
    let started = Timestamp::now();
    metrics().http_active.change([], 1.0);
    let answered = tokio::time::timeout(limit, next.run(request)).instrument(span.clone()).await;
    let mut response = answered.unwrap_or_else(|_| {
        (StatusCode::SERVICE_UNAVAILABLE, "this took too long\n").into_response()
    });
    metrics().http_active.change([], -1.0);
    let seconds = Timestamp::now().duration_since(started).as_secs_f64();
    let status = response.status();
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
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
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
