//! Bodies of requests: refused early when they are too large, let go when they come too slowly.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use api::Problem;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

/// Bytes of a body, where the route does not say otherwise.
const MOST: u64 = 1 << 20;
/// A body that goes on for longer than the silence that is allowed comes at least so fast, in bytes a second.
const SLOWEST: u64 = 1024;
/// Routes that read larger bodies; they bound them themselves.
const LARGE: [&str; 3] = [
    "/api/v1/imports",
    "/api/v1/standards/{id}/requirements/{requirement}/attestation",
    "/api/v1/what-if",
];
/// What is still read of a refused body, so that the client comes to read why.
const LINGER: u64 = 256 << 20;
const LINGER_TIME: Duration = Duration::from_secs(2);

/// Among the extensions of a request: set once its body came too slowly.
#[derive(Debug, Clone, Default)]
pub(crate) struct TooSlow(Arc<AtomicBool>);

impl TooSlow {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The body of a request that must come in time.
#[derive(Debug)]
pub(crate) struct InTime<B> {
    body: B,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    started: Option<Instant>,
    received: u64,
    too_slow: TooSlow,
}

/// A body came too slowly, or its connection broke.
#[derive(Debug)]
pub(crate) struct Ended(String);

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Ended {}

impl<B> InTime<B> {
    pub(crate) fn new(body: B, patience: Duration, too_slow: TooSlow) -> Self {
        Self { body, patience, waiting: None, started: None, received: 0, too_slow }
    }

    fn give_up<T>(&self) -> Poll<Option<Result<T, Ended>>> {
        self.too_slow.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(Ended("the body came too slowly".to_owned()))))
    }

    /// Whether what came so far came fast enough.
    fn is_fast_enough(&mut self) -> bool {
        let started = *self.started.get_or_insert_with(Instant::now);
        let passed = started.elapsed();
        passed < self.patience || self.received >= passed.as_secs().saturating_mul(SLOWEST)
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for InTime<B>
where
    B::Error: fmt::Display,
{
    type Data = Bytes;
    type Error = Ended;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Ended>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => {
                self.waiting = None;
                if let Some(Ok(data)) = frame.as_ref().map(|it| it.as_ref().map(Frame::data_ref)) {
                    self.received += data.map_or(0, |it| it.len() as u64);
                    if !self.is_fast_enough() {
                        return self.give_up();
                    }
                }
                Poll::Ready(frame.map(|it| it.map_err(|error| Ended(error.to_string()))))
            }
            Poll::Pending => {
                self.started.get_or_insert_with(Instant::now);
                let patience = self.patience;
                let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
                match waiting.as_mut().poll(context) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(()) => self.give_up(),
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What is wrong with the body that a request announces.
fn problem(route: &str, headers: &HeaderMap) -> Option<Problem> {
    if LARGE.contains(&route) {
        return None;
    }
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    let length: u64 = text(header::CONTENT_LENGTH).and_then(|it| it.parse().ok()).unwrap_or(0);
    if length > MOST {
        let detail = "a body may have 1 MiB here";
        return Some(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail));
    }
    // Nothing is unpacked on the way in: a small body must not become a large one.
    let is_plain = |it: &str| it.eq_ignore_ascii_case("identity");
    if headers.contains_key(header::CONTENT_ENCODING)
        && !text(header::CONTENT_ENCODING).is_some_and(is_plain)
    {
        let detail = "send the body without a content encoding";
        return Some(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-encoding", detail));
    }
    None
}

/// Refuses a request for the body that it announces, before any of it is read; gives the request back otherwise.
#[expect(
    clippy::result_large_err,
    reason = "an answer is as large as the request that it stands for"
)]
pub(crate) fn refuse(request: Request, route: &str, id: &str) -> Result<Request, Response> {
    match problem(route, request.headers()) {
        None => Ok(request),
        Some(problem) => {
            tokio::spawn(linger(request.into_body()));
            Err(closing(problem.answer(Some(id))))
        }
    }
}

/// The answer to a request whose body came too slowly.
pub(crate) fn too_slow(id: &str) -> Response {
    let detail = "the body came too slowly";
    closing(Problem::new(StatusCode::REQUEST_TIMEOUT, "too-slow", detail).answer(Some(id)))
}

/// The same answer, after which the connection is closed.
fn closing(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// Reads on for a moment: a connection that is closed with bytes on the way takes the answer with it.
async fn linger(mut body: axum::body::Body) {
    let reading = async {
        let mut received = 0;
        while received < LINGER {
            let frame = std::future::poll_fn(|it| Pin::new(&mut body).poll_frame(it)).await;
            let Some(Ok(frame)) = frame else { break };
            received += frame.data_ref().map_or(0, |it| it.len() as u64);
        }
    };
    // Whether all of it came does not matter.
    drop(tokio::time::timeout(LINGER_TIME, reading).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_packed_bodies_are_refused_by_what_they_announce() {
        let check = |route: &str, name: &'static str, value: &str, wanted: Option<u16>| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            let got = problem(route, &headers).map(|it| it.status().as_u16());
            assert_eq!(got, wanted, "{route} {name}: {value}");
        };
        check("/api/v1/query", "content-length", "1048576", None);
        check("/api/v1/query", "content-length", "1048577", Some(413));
        check("none", "content-length", "104857600", Some(413));
        check("/api/v1/imports", "content-length", "104857600", None);
        check("/api/v1/what-if", "content-length", "104857600", None);
        check("/api/v1/query", "content-encoding", "gzip", Some(415));
        check("/api/v1/query", "content-encoding", "identity", None);
    }

    #[test]
    fn the_routes_with_large_bodies_are_routes() {
        let document = api::document();
        for path in LARGE {
            assert!(document.paths.paths.contains_key(path), "{path}");
        }
    }
}
