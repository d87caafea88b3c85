//! A process that does not hold the lease follows the one that does: it answers from a state of its own, a moment
//! behind, and has it warm when it takes over.

use std::sync::Arc;
use std::time::Duration;

use base::chain;
use store::{At, Store};

use super::backoff::Backoff;
use super::database::{Shared, count};
use super::engine;
use super::stop::Stop;

/// How often the last commit is asked for: one row of an index.
const LOOK: Duration = Duration::from_millis(100);

/// Whether this process holds the lease, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was not found out yet.
    Unknown,
    /// It holds it, or is about to load the state under it: others follow.
    Holds,
    /// Another process does.
    Follows,
}

/// Follows while another process holds the lease, until the order to stop.
pub(crate) async fn run(shared: Arc<Shared>, store: Store, stop: Stop) {
    let mut standing = shared.standing.subscribe();
    let mut backoff = Backoff::new();
    while !stop.is_given() {
        if *standing.borrow_and_update() != Standing::Follows {
            stop.or(standing.changed()).await;
            continue;
        }
        match step(&shared, &store).await {
            Ok(()) => {
                backoff.reset();
                stop.pause(LOOK).await;
            }
            Err(error) => {
                tracing::warn!("the state could not be followed: {}", chain(error.as_ref()));
                stop.pause(backoff.pause()).await;
            }
        }
    }
}

/// Brings the state of this process up to the last commit, when there is a later one.
async fn step(shared: &Arc<Shared>, store: &Store) -> anyhow::Result<()> {
    let seen = shared.views.borrow().as_ref().map(|it| it.sequence());
    match store.moment(&shared.access, At::Now).await {
        Ok(last) if Some(last.seq) == seen => return Ok(()),
        Ok(_) => {}
        Err(error) => {
            count(&error);
            tracing::debug!("the last commit is not known: {}", chain(&error));
            return Ok(());
        }
    }
    engine::follow(shared, store).await
}
