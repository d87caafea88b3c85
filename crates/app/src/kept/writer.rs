//! The right to write, for as long as a command takes: waited for, kept, given back.

use std::time::Duration;

use jiff::Timestamp;
use store::{Lease, StoreError, WRITER};
use tokio::task::JoinHandle;

use super::Kept;
use crate::{holder, when};

/// How long the right to write is held without a sign of life.
const LEASE_TIME: Duration = Duration::from_mins(1);
/// How long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is asked whether the other has finished.
const LOOK: Duration = Duration::from_millis(50);

/// The right to write, kept for as long as the work takes.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) lease: Lease,
    keeper: JoinHandle<()>,
}

impl Kept {
    /// The right to write, for this process. A process that was killed loses it at once, another
    /// one is waited for.
    pub(crate) async fn writer(&self, now: Timestamp) -> anyhow::Result<Writer> {
        let own = holder::own("cli");
        let mut dead = own.clone();
        let mut left = PATIENCE;
        loop {
            let asked = when::now().max(now);
            let found =
                self.store.succeed(&self.access, WRITER, &dead, &own, asked, LEASE_TIME).await;
            let holder = match found {
                Ok(lease) => {
                    let pause = || tokio::time::sleep(LEASE_TIME / 3);
                    return Ok(Writer { keeper: self.keep(lease.clone(), pause), lease });
                }
                Err(StoreError::LeaseHeld { holder, .. }) if holder::is_dead(&holder) => {
                    dead = holder;
                    continue;
                }
                Err(StoreError::LeaseHeld { holder, .. }) if !left.is_zero() => holder,
                Err(error) => return Err(error.into()),
            };
            tracing::debug!(holder, "another process writes: waiting");
            tokio::time::sleep(LOOK).await;
            left = left.saturating_sub(LOOK);
        }
    }

    /// Gives the right to write back.
    pub(crate) async fn release(&self, writer: Writer) -> anyhow::Result<()> {
        writer.keeper.abort();
        Ok(self.store.release(&self.access, &writer.lease).await?)
    }

    /// Prolongs a lease after each `pause`, while this thread reads and judges. One that is lost
    /// needs nothing: the commit is refused.
    fn keep<P>(&self, lease: Lease, mut pause: impl FnMut() -> P + Send + 'static) -> JoinHandle<()>
    where
        P: Future<Output = ()> + Send,
    {
        let (store, access) = (self.store.clone(), self.access.clone());
        tokio::spawn(async move {
            loop {
                pause().await;
                let renewed = store.renew(&access, &lease, when::now(), LEASE_TIME).await;
                if let Err(error @ StoreError::LeaseLost(_)) = renewed {
                    tracing::warn!("another process has taken over: {error}");
                    return;
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use jiff::Timestamp;
    use store::{Change, Lease, Location, Store, StoreError, WRITER};
    use tokio::sync::Semaphore;

    use super::LEASE_TIME;
    use crate::kept::{self, Kept};

    /// A store of its own, and a lease on it that a process took an age ago.
    async fn rig(folder: &testkit::Folder) -> (Kept, Lease) {
        let location = Location::Folder(folder.path().join("data"));
        let long_ago = Timestamp::from_second(1_700_000_000).unwrap();
        let store = Store::open(&location, long_ago).await.unwrap();
        let kept = Kept { store, access: kept::access(), cache: None };
        let own = kept.store.acquire(&kept.access, WRITER, "own", long_ago, LEASE_TIME).await;
        (kept, own.unwrap())
    }

    #[test]
    fn the_lease_is_kept_while_the_thread_that_needs_it_is_busy() {
        let folder = testkit::Folder::new().unwrap();
        kept::run(async {
            let (kept, lease) = rig(&folder).await;
            let (tell, told) = mpsc::channel();
            // The first pause ends at once; that there is a second one says that it was renewed.
            let mut n_pauses = 0;
            let keeper = kept.keep(lease.clone(), move || {
                n_pauses += 1;
                tell.send(n_pauses).unwrap();
                let is_first = n_pauses == 1;
                async move {
                    if !is_first {
                        std::future::pending::<()>().await;
                    }
                }
            });
            // This thread reads and judges: it does nothing else meanwhile.
            assert_eq!((told.recv(), told.recv()), (Ok(1), Ok(2)));
            let now = super::when::now();
            let other = kept.store.acquire(&kept.access, WRITER, "other", now, LEASE_TIME).await;
            assert!(matches!(other, Err(StoreError::LeaseHeld { .. })), "{other:?}");
            let change = Change::new("import", "after a long time");
            let committed = kept.store.commit(&kept.access, &lease, now, &change).await?;
            assert_eq!(committed.seq, 1);
            keeper.abort();
            kept.store.close().await;
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn a_lost_lease_is_not_kept_any_more_and_nothing_is_committed_under_it() {
        let folder = testkit::Folder::new().unwrap();
        kept::run(async {
            let (kept, lease) = rig(&folder).await;
            let now = super::when::now();
            kept.store.acquire(&kept.access, WRITER, "other", now, LEASE_TIME).await?;
            let gate = std::sync::Arc::new(Semaphore::new(0));
            let opened = std::sync::Arc::clone(&gate);
            let keeper = kept.keep(lease.clone(), move || {
                let gate = std::sync::Arc::clone(&opened);
                async move { gate.acquire().await.unwrap().forget() }
            });
            gate.add_permits(1);
            keeper.await?;
            let change = Change::new("import", "too late");
            let refused = kept.store.commit(&kept.access, &lease, now, &change).await;
            assert!(matches!(refused, Err(StoreError::LeaseLost(_))), "{refused:?}");
            kept.store.close().await;
            Ok(())
        })
        .unwrap();
    }
}
