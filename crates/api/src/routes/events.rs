//! What changes, as it changes: server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_core::Stream;
use serde_json::json;
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::View;

use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::state::Api;

/// How often something is sent when nothing happens: shorter than proxies wait.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// After so long a stream ends: clients come again by themselves, and prove again who they are, so that a session
/// or token that has ended meanwhile hears nothing more.
const LONGEST: Duration = Duration::from_mins(5);

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(follow))
}

/// An event `change` for each new state, with its commit as `id` and `{"sequence": …}` as data. With
/// `Last-Event-ID`, an older commit: at once. An event `paths` when attack paths were opened, changed or resolved. A stream
/// ends after five minutes: ask again.
#[utoipa::path(
    get,
    path = "/events",
    tag = "work",
    extensions(("x-operation" = json!("events.read"))),
    responses(
        (status = 200, description = "A stream", content_type = "text/event-stream", body = serde_json::Value),
        Problems
    )
)]
async fn follow(
    State(api): State<Api>,
    Extension(_): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last = headers.get("last-event-id").and_then(|it| it.to_str().ok()?.parse().ok());
    let last = last.unwrap_or_else(|| api.sequence());
    let stream = changes((api.views(), api.desk.stored.subscribe()), api.ending(), last, LONGEST);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE)).into_response())
}

/// An event for each state newer than commit `last`, and for each change of attack paths that are kept, until `longest` is over or the server is to stop.
fn changes(
    followed: (watch::Receiver<Option<Arc<View>>>, watch::Receiver<u64>),
    ending: watch::Receiver<bool>,
    last: u64,
    longest: Duration,
) -> impl Stream<Item = Result<Event, Infallible>> {
    futures_util::stream::unfold(
        (followed, ending, Box::pin(tokio::time::sleep(longest)), last),
        |((mut views, mut stories), mut ending, mut over, last)| async move {
            let is_newer =
                |it: &Option<Arc<View>>| it.as_ref().is_some_and(|it| it.sequence() > last);
            let sequence = tokio::select! {
                newer = views.wait_for(is_newer) => Some(newer.ok()?.as_ref()?.sequence()),
                // Nobody keeps any where there is no sender.
                Ok(()) = stories.changed() => None,
                // A server that was never told of an end goes on.
                Ok(_) = ending.wait_for(|it| *it) => return None,
                () = over.as_mut() => return None,
            };
            let event = if let Some(sequence) = sequence {
                let data = json!({ "sequence": sequence }).to_string();
                Event::default().event("change").id(sequence.to_string()).data(data)
            } else {
                let data = json!({ "revision": *stories.borrow() }).to_string();
                Event::default().event("paths").data(data)
            };
            let last = sequence.unwrap_or(last);
            Some((Ok(event), ((views, stories), ending, over, last)))
        },
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::StreamExt as _;
    use tokio::sync::watch;

    use super::changes;

    #[tokio::test]
    async fn a_stream_ends_so_that_who_follows_proves_themselves_again() {
        let (_views, views) = watch::channel(None);
        let (_ending, ending) = watch::channel(false);
        let (_stories, stories) = watch::channel(0);
        let stream = changes((views, stories), ending, 0, Duration::ZERO);
        assert!(Box::pin(stream).next().await.is_none());
    }

    #[tokio::test]
    async fn who_follows_hears_when_attack_paths_open_or_are_resolved() {
        let (_views, views) = watch::channel(None);
        let (_ending, ending) = watch::channel(false);
        let (told, stories) = watch::channel(3);
        let stream = changes((views, stories), ending, 0, Duration::from_mins(1));
        let mut stream = Box::pin(stream);
        told.send_replace(4);
        let event = stream.next().await.unwrap().unwrap();
        assert!(format!("{event:?}").contains("paths"), "{event:?}");
    }
}
