//! The edge of the network: who may connect, how many, over TLS or not, and for how long they may keep us waiting.
//!
//! A request leaves here with the address of its client, the host that it asked for, and a body that comes in time;
//! what lies behind never looks at the connection.

pub(crate) mod body;
mod clients;
mod forwarded;
mod listener;
mod patient;
pub(crate) mod tls;
mod validity;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use api::ClientAddress;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use self::body::{InTime, TooSlow};
use self::clients::{Activity, Busy, Clients};
use self::forwarded::{Peer, sender};
pub(crate) use self::listener::{Listener, Stream};
use self::patient::Patient;
use super::stop::{Phase, Stop};
use crate::config::Server;
use crate::measure::metrics;

/// Header fields of one request.
const MOST_HEADERS: usize = 64;
/// After a connection could not be accepted: usually no file is free, and trying at once finds none.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Requests that one connection of HTTP/2 has in hand at once.
const MOST_STREAMS: u32 = 64;
/// Requests that a client took back before they were looked at; more end the connection (CVE-2023-44487).
const MOST_TAKEN_BACK: usize = 32;
/// Bytes that a client may send ahead, for a stream and for its whole connection.
const STREAM_WINDOW: u32 = 256 << 10;
const CONNECTION_WINDOW: u32 = 1 << 20;
/// Bytes of an answer that wait for the client, for a stream.
const SEND_BUFFER: usize = 128 << 10;
/// A connection of HTTP/2 without a request in hand is closed after so long; browsers open another one.
const IDLE: Duration = Duration::from_mins(3);
/// A client of HTTP/2 shows within so long that it is there.
const PING: Duration = Duration::from_secs(20);
/// Two years, as lists of browsers ask for.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// What answers, and over what.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) service: Router,
    pub(crate) server: Arc<Server>,
    /// Agrees on TLS; `None`: connections are plain.
    pub(crate) tls: Option<TlsAcceptor>,
}

/// Accepts connections until the order to stop; then finishes what is in hand.
pub(crate) async fn serve(listener: Listener, edge: Edge, stop: Stop) {
    let slots = Arc::new(Semaphore::new(edge.server.connections as usize));
    let clients = Arc::new(Clients::default());
    let mut open = JoinSet::new();
    loop {
        let Some(slot) = stop.or(Arc::clone(&slots).acquire_owned()).await else { break };
        let Some(accepted) = stop.or(listener.accept()).await else { break };
        match accepted {
            Ok((stream, address)) => {
                let peer = edge.peer(address);
                let most =
                    if peer.is_proxy { u32::MAX } else { edge.server.connections_per_client };
                let Some(place) = clients.enter(peer.address, most) else {
                    metrics().http_refused.add(["client-limit"], 1);
                    continue;
                };
                let (edge, stop) = (edge.clone(), stop.clone());
                open.spawn(async move {
                    metrics().http_connections.change([], 1.0);
                    edge.connection(stream, peer, &stop).await;
                    metrics().http_connections.change([], -1.0);
                    drop((place, slot));
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

impl Edge {
    /// The other end of a connection; one over a socket of this machine has no address.
    fn peer(&self, address: Option<IpAddr>) -> Peer {
        let is_secure = self.tls.is_some();
        match address.map(|it| it.to_canonical()) {
            Some(address) => {
                Peer { address, is_proxy: self.server.proxies.have(address), is_secure }
            }
            None => Peer { address: Ipv4Addr::LOCALHOST.into(), is_proxy: true, is_secure },
        }
    }

    /// One connection until it ends.
    async fn connection(self, stream: Stream, peer: Peer, stop: &Stop) {
        let stream = Patient::new(stream, self.server.body_timeout);
        let Some(acceptor) = &self.tls else {
            return self.http1(stream, peer, stop).await;
        };
        let agreeing = tokio::time::timeout(self.server.header_timeout, acceptor.accept(stream));
        match stop.or(agreeing).await {
            Some(Ok(Ok(stream))) => {
                let is_second = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                if is_second {
                    self.http2(stream, peer, stop).await;
                } else {
                    self.http1(stream, peer, stop).await;
                }
            }
            Some(Ok(Err(error))) => {
                metrics().http_refused.add(["tls"], 1);
                tracing::debug!("TLS was not agreed on: {error}");
            }
            Some(Err(_)) => {
                metrics().http_refused.add(["tls-timeout"], 1);
                tracing::debug!("TLS was not agreed on in time");
            }
            None => {}
        }
    }

    async fn http1(&self, stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer, stop: &Stop) {
        let service = self.answering(peer, Arc::default());
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.server.header_timeout)
            .max_buf_size(usize::try_from(self.server.header_size.0).unwrap_or(usize::MAX))
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

    async fn http2(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: Peer,
        stop: &Stop,
    ) {
        let activity = Arc::new(Activity::default());
        let service = self.answering(peer, Arc::clone(&activity));
        let head = u32::try_from(self.server.header_size.0).unwrap_or(u32::MAX);
        let serving = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(MOST_STREAMS)
            .max_pending_accept_reset_streams(MOST_TAKEN_BACK)
            .max_local_error_reset_streams(MOST_TAKEN_BACK)
            .max_header_list_size(head)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .keep_alive_interval(PING)
            .keep_alive_timeout(self.server.header_timeout)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(serving);
        let ended = tokio::select! {
            ended = serving.as_mut() => ended,
            () = stop.reached(Phase::Stopping) => {
                serving.as_mut().graceful_shutdown();
                serving.await
            }
            // A client that takes nothing of its answers ends here, too: nothing new comes of it.
            () = activity.is_over(IDLE) => {
                serving.as_mut().graceful_shutdown();
                let last = tokio::time::timeout(self.server.body_timeout, serving);
                last.await.unwrap_or(Ok(()))
            }
        };
        if let Err(error) = ended {
            tracing::debug!("a connection ended: {error}");
        }
    }

    /// Answers the requests of a connection.
    fn answering(
        &self,
        peer: Peer,
        activity: Arc<Activity>,
    ) -> impl Service<
        hyper::Request<Incoming>,
        Response = Response<Busy<Body>>,
        Error = std::convert::Infallible,
        Future: Send + 'static,
    > + use<> {
        let service = TowerToHyperService::new(self.service.clone());
        let server = Arc::clone(&self.server);
        service_fn(move |request: hyper::Request<Incoming>| {
            let hold = activity.begin();
            let (request, is_secure) = prepare(request, peer, &server);
            let answering = service.call(request);
            async move {
                let mut response = answering.await?;
                if is_secure {
                    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
                }
                Ok(response.map(|body| Busy::new(body, hold)))
            }
        })
    }
}

/// A request as what lies behind the edge knows it, and whether it came over TLS.
fn prepare(request: hyper::Request<Incoming>, peer: Peer, server: &Server) -> (Request, bool) {
    let (mut head, body) = request.into_parts();
    let sender = sender(peer, &server.proxies, server.forwarded, &head.headers);
    // HTTP/2 names the host in another place, and what a request names with its path counts more than the field
    // (RFC 9112, 3.2.2; RFC 9113, 8.3.1).
    if let Some(authority) = head.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        head.headers.insert(header::HOST, host);
    }
    if let Some(host) = sender.host {
        head.headers.insert(header::HOST, host);
    }
    let too_slow = TooSlow::default();
    head.extensions.insert(ClientAddress(sender.client));
    head.extensions.insert(too_slow.clone());
    let body = InTime::new(body, server.body_timeout, too_slow);
    (Request::from_parts(head, Body::new(body)), sender.is_secure)
}
