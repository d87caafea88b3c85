//! How many connections each client has, and whether anything goes on in a connection.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use tokio::sync::watch;

/// Bits of an IPv6 address that one client has: whoever has a network has as many addresses as they like.
const CLIENT_BITS: u32 = 64;

/// The open connections by client.
#[derive(Debug, Default)]
pub(crate) struct Clients(Mutex<BTreeMap<IpAddr, u32>>);

/// The place of one connection, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    clients: Arc<Clients>,
    client: IpAddr,
}

impl Clients {
    /// A place for one more connection of a client; `None` when it has `most` already.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr, most: u32) -> Option<Place> {
        let client = client_of(address);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place { clients: Arc::clone(self), client })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}

/// Whom an address belongs to: itself, or the first half of an IPv6 address.
fn client_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(it) => {
            IpAddr::V6((it.to_bits() >> (128 - CLIENT_BITS) << (128 - CLIENT_BITS)).into())
        }
    }
}

/// What goes on in a connection.
#[derive(Debug)]
pub(crate) struct Activity {
    /// Requests in hand, and how many there have been.
    now: watch::Sender<(u32, u64)>,
}

impl Default for Activity {
    fn default() -> Self {
        Self { now: watch::Sender::new((0, 0)) }
    }
}

/// A request in hand.
#[derive(Debug)]
pub(crate) struct Hold(Arc<Activity>);

impl Activity {
    /// A request begins.
    pub(crate) fn begin(self: &Arc<Self>) -> Hold {
        self.now.send_modify(|(in_hand, all)| {
            *in_hand += 1;
            *all += 1;
        });
        Hold(Arc::clone(self))
    }

    /// Ends once nothing was in hand for a time.
    pub(crate) async fn is_over(&self, idle: Duration) {
        let mut now = self.now.subscribe();
        loop {
            // The sender lives in `self`: waiting does not fail.
            drop(now.wait_for(|(in_hand, _)| *in_hand == 0).await);
            now.mark_unchanged();
            if tokio::time::timeout(idle, now.changed()).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.now.send_modify(|(in_hand, _)| *in_hand -= 1);
    }
}

/// The body of an answer: the request is in hand until its end.
#[derive(Debug)]
pub(crate) struct Busy<B> {
    body: B,
    _hold: Hold,
}

impl<B> Busy<B> {
    pub(crate) fn new(body: B, hold: Hold) -> Self {
        Self { body, _hold: hold }
    }
}

impl<B: Body + Unpin> Body for Busy<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_its_share_and_others_have_theirs() {
        let clients = Arc::new(Clients::default());
        let enter = |text: &str| clients.enter(text.parse().unwrap(), 2);
        let one = enter("192.0.2.1").unwrap();
        let _two = enter("192.0.2.1").unwrap();
        assert!(enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some());
        drop(one);
        assert!(enter("192.0.2.1").is_some());
        let _three = enter("2001:db8::1").unwrap();
        let _four = enter("2001:db8::2:0:0:1").unwrap();
        assert!(enter("2001:db8::ffff").is_none());
        assert!(enter("2001:db8:0:1::1").is_some());
        assert_eq!(clients.0.lock().unwrap().len(), 2);
    }

    #[test]
    fn a_connection_is_over_when_nothing_goes_on() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let activity = Arc::new(Activity::default());
            let hold = activity.begin();
            let moment = Duration::from_millis(1);
            let waiting = tokio::time::timeout(moment, activity.is_over(Duration::ZERO));
            assert!(waiting.await.is_err(), "a request is in hand");
            let body = Busy::new(String::new(), hold);
            drop(body);
            activity.is_over(moment).await;
        });
    }
}
