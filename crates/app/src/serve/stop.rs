//! Stopping: the first signal asks for it, the second does not wait.

use std::future::Future;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How far the process is with stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Work as usual.
    Running,
    /// Take nothing new, finish what is in hand.
    Stopping,
    /// Drop everything.
    AtOnce,
}

/// The order to stop, for whoever works.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    phase: watch::Receiver<Phase>,
}

/// Gives the order.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    phase: watch::Sender<Phase>,
}

/// An order that was not given yet, and those who wait for it.
pub(crate) fn order() -> (Order, Stop) {
    let (sender, receiver) = watch::channel(Phase::Running);
    (Order { phase: sender }, Stop { phase: receiver })
}

impl Order {
    /// Goes on to `phase`; never back.
    pub(crate) fn give(&self, phase: Phase) {
        self.phase.send_if_modified(|it| {
            let is_later = phase > *it;
            *it = (*it).max(phase);
            is_later
        });
    }

    /// Gives the order at the first SIGTERM or SIGINT, and drops everything at the second.
    pub(crate) async fn follow_signals(self) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        for phase in [Phase::Stopping, Phase::AtOnce] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            match phase {
                Phase::Running | Phase::Stopping => {
                    tracing::info!("asked to stop: finishing what is in hand");
                }
                Phase::AtOnce => tracing::warn!("asked twice: stopping at once"),
            }
            self.give(phase);
        }
        Ok(())
    }
}

impl Stop {
    /// Whether the order was given.
    pub(crate) fn is_given(&self) -> bool {
        self.is_at(Phase::Stopping)
    }

    /// Whether the process is at `phase`, or further.
    pub(crate) fn is_at(&self, phase: Phase) -> bool {
        *self.phase.borrow() >= phase
    }

    /// Waits until the process is at `phase`.
    pub(crate) async fn reached(&self, phase: Phase) {
        let mut receiver = self.phase.clone();
        // An error means that whoever gives orders is gone: there is nothing to wait for.
        drop(receiver.wait_for(|it| *it >= phase).await);
    }

    /// Waits, but not longer than until the order to stop.
    pub(crate) async fn pause(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.reached(Phase::Stopping) => {}
        }
    }

    /// Works until done or told to stop; `None` when told to stop.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.reached(Phase::Stopping) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Phase, order};

    #[tokio::test]
    async fn an_order_never_goes_back() {
        let (order, stop) = order();
        assert!(!stop.is_given());
        order.give(Phase::AtOnce);
        order.give(Phase::Stopping);
        stop.reached(Phase::AtOnce).await;
        assert_eq!(stop.or(std::future::pending::<()>()).await, None);
    }
}
