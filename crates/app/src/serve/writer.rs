//! The right to write for a tenant: waited for, held, kept, given back.
//!
//! While this process holds the lease, the state of the tenant is in memory and jobs that change it
//! run here. The database refuses a commit of one that lost the lease, so that being late to notice
//! does no harm.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use store::{Lease, Store, StoreError, WRITER};
use tokio::sync::{Mutex, watch};

use super::backoff::Backoff;
use super::database::{Shared, count};
use super::engine::Engine;
use super::follow::Standing;
use super::health::{Part, State};
use super::stop::Stop;
use crate::holder;
use crate::measure::metrics;
use base::chain;

/// The shortest pause between two looks at a lease that another process holds.
const SHORTEST: Duration = Duration::from_millis(10);

/// The state of a tenant, and the right to change it.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) lease: Lease,
    pub(crate) engine: Mutex<Engine>,
}

/// The writer that is there now, if this process is the one.
pub(crate) type Slot = watch::Sender<Option<Arc<Writer>>>;

/// Why the lease is not held any more.
enum Ended {
    Lost,
    Stopped,
}

/// Holds the lease whenever nobody else does, until told to stop; then gives it back.
pub(crate) async fn hold(shared: Arc<Shared>, store: Store, slot: Slot, stop: Stop) {
    while let Some(lease) = acquire(&shared, &store, &stop).await {
        let token = lease.token;
        metrics().lease_held.set([WRITER], 1.0);
        shared.health.set(Part::Lease, State::ready("held"));
        shared.health.set(Part::Graph, State::not_ready("loading", ""));
        tracing::info!(lease.token = token, "holding the lease: loading the state");
        let ended = tokio::select! {
            ended = keep(&shared, &store, &lease, &stop) => ended,
            () = load(&shared, &store, &lease, &slot) => Ended::Stopped,
        };
        slot.send_replace(None);
        metrics().lease_held.set([WRITER], 0.0);
        match ended {
            Ended::Lost => tracing::warn!(lease.token = token, "lost the lease: standing by"),
            Ended::Stopped => {
                if let Err(error) = store.release(&shared.access, &lease).await {
                    count(&error);
                    tracing::warn!("the lease runs out by itself: {}", chain(&error));
                }
                return;
            }
        }
    }
}

/// Waits for the lease; `None` when told to stop.
async fn acquire(shared: &Shared, store: &Store, stop: &Stop) -> Option<Lease> {
    let ttl = shared.config.worker.lease;
    let mut backoff = Backoff::new();
    let mut dead = shared.name.clone();
    while !stop.is_given() {
        let now = Timestamp::now();
        let (access, own) = (&shared.access, &shared.name);
        let error = match store.succeed(access, WRITER, &dead, own, now, ttl).await {
            Ok(lease) => {
                shared.standing.send_replace(Standing::Holds);
                return Some(lease);
            }
            Err(error) => error,
        };
        if let StoreError::LeaseHeld { holder, until, .. } = &error {
            backoff.reset();
            // A process of this machine that was killed need not be waited for.
            if holder::is_dead(holder) && *holder != dead {
                dead.clone_from(holder);
                continue;
            }
            let reason = format!("held by `{holder}`");
            shared.health.set(Part::Lease, State::ready("standby").because(reason));
            shared.health.set(Part::Graph, State::ready("standby"));
            shared.standing.send_if_modified(|it| {
                std::mem::replace(it, Standing::Follows) != Standing::Follows
            });
            // It may be given back before it runs out: look often enough for that, too.
            let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
            let pause = left.min(shared.config.worker.poll).max(SHORTEST);
            stop.pause(pause).await;
        } else {
            count(&error);
            shared.health.set(Part::Lease, State::not_ready("unknown", chain(&error)));
            stop.pause(backoff.pause()).await;
        }
    }
    None
}

/// Prolongs the lease three times in its length; returns when it was lost or the order to stop came.
async fn keep(shared: &Shared, store: &Store, lease: &Lease, stop: &Stop) -> Ended {
    let ttl = shared.config.worker.lease;
    let mut until = lease.expires;
    loop {
        stop.pause(ttl / 3).await;
        if stop.is_given() {
            return Ended::Stopped;
        }
        let now = Timestamp::now();
        match store.renew(&shared.access, lease, now, ttl).await {
            Ok(renewed) => {
                until = renewed.expires;
                shared.health.set(Part::Lease, State::ready("held"));
            }
            Err(error @ StoreError::LeaseLost(_)) => {
                count(&error);
                return Ended::Lost;
            }
            // The state in memory stays: when nobody took the lease meanwhile, it goes on.
            Err(error) => {
                count(&error);
                if Timestamp::now() >= until {
                    let reason = format!("could not be prolonged: {}", chain(&error));
                    shared.health.set(Part::Lease, State::not_ready("overdue", reason));
                }
            }
        }
    }
}

/// Loads the state, with patience, and offers it; then rests.
async fn load(shared: &Arc<Shared>, store: &Store, lease: &Lease, slot: &Slot) {
    let mut backoff = Backoff::new();
    loop {
        let started = Timestamp::now();
        match Engine::load(shared, store).await {
            Ok(engine) => {
                let seconds = Timestamp::now().duration_since(started).as_secs_f64();
                engine.measure();
                tracing::info!(duration_s = seconds, "the state is in memory");
                let engine = Mutex::new(engine);
                slot.send_replace(Some(Arc::new(Writer { lease: lease.clone(), engine })));
                shared.health.set(Part::Graph, State::ready("loaded"));
                return std::future::pending().await;
            }
            Err(error) => {
                let reason = chain(error.as_ref());
                tracing::error!("the state could not be loaded: {reason}");
                shared.health.set(Part::Graph, State::not_ready("failed", reason));
                tokio::time::sleep(backoff.pause()).await;
            }
        }
    }
}
