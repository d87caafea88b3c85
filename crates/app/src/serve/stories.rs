//! Keeps what is derived of attack paths over time: whoever holds the lease stores it, and everybody hears of it.

use std::sync::Arc;
use std::time::Duration;

use base::chain;
use jiff::Timestamp;
use store::{Store, StoreError, Stories};
use tokio::sync::watch;

use super::backoff::Backoff;
use super::database::{Shared, count};
use super::stop::Stop;
use super::writer::Writer;

/// How often it is looked at what another process has stored: one row.
const LOOK: Duration = Duration::from_secs(2);

/// What was stored last, and under which lease.
type Done = (u64, Arc<Stories>);

/// Stores what is told while this process holds the lease, and says whenever what is stored has changed; until the order to
/// stop.
pub(crate) async fn run(
    shared: Arc<Shared>,
    store: Store,
    mut writer: watch::Receiver<Option<Arc<Writer>>>,
    stop: Stop,
) {
    let mut told = shared.desk.told.subscribe();
    let mut backoff = Backoff::new();
    let mut done: Option<Done> = None;
    while !stop.is_given() {
        let present = writer.borrow_and_update().clone();
        let latest = told.borrow_and_update().clone();
        let pause = match keep(&shared, &store, present.zip(latest), &mut done).await {
            Ok(()) => {
                backoff.reset();
                LOOK
            }
            Err(error) => {
                count(&error);
                tracing::warn!("attack paths could not be stored: {}", chain(&error));
                backoff.pause()
            }
        };
        tokio::select! {
            () = stop.pause(pause) => {}
            // A process that never writes has nobody who would tell.
            Ok(()) = writer.changed() => {}
            Ok(()) = told.changed() => {}
        }
    }
}

/// Stores what was not stored yet, and looks at what is.
async fn keep(
    shared: &Shared,
    store: &Store,
    what: Option<(Arc<Writer>, Arc<Stories>)>,
    done: &mut Option<Done>,
) -> Result<(), StoreError> {
    let is_done = |token: u64, stories: &Arc<Stories>| {
        let same = |it: &Done| it.0 == token && Arc::ptr_eq(&it.1, stories);
        done.as_ref().is_some_and(same)
    };
    if let Some((writer, stories)) = what.filter(|it| !is_done(it.0.lease.token, &it.1)) {
        let now = Timestamp::now();
        match store.keep_stories(&shared.access, &writer.lease, now, &stories).await {
            Ok(Some(kept)) if kept.opened + kept.resolved > 0 => tracing::info!(
                commit.sequence = stories.seq,
                "{} attack paths opened, {} were resolved, {} are open",
                kept.opened,
                kept.resolved,
                kept.open
            ),
            // Nothing is different, or another process has told of a newer state.
            Ok(_) => {}
            // Whoever holds it now derives the same.
            Err(StoreError::LeaseLost(_)) => {}
            Err(error) => return Err(error),
        }
        *done = Some((writer.lease.token, stories));
    }
    let head = store.story_head(&shared.access).await?;
    let revision = head.map_or(0, |it| it.revision);
    shared.desk.stored.send_if_modified(|it| std::mem::replace(it, revision) != revision);
    Ok(())
}
