//! Taking jobs from the queue: so many at once, each watched over until it ends.
//!
//! A job runs behind a wall: a bug in it costs the job, not the process. While it runs, the queue
//! hears that it does; a job that another process took meanwhile is dropped.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value as Json;
use store::{Heard, Job, Store, StoreError};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use super::backoff::Backoff;
use super::database::{Shared, may_pass};
use super::stop::{Phase, Stop};
use super::work::{self, Kind};
use super::writer::Writer;
use crate::measure::metrics;
use crate::progress::{Progress, Stopped};
use base::chain;

/// How often the queue hears how far a job is.
const SIGN: Duration = Duration::from_secs(1);

/// How long a job rests that could not be done because the database was away or full. It is as if it had
/// not been tried: a job has no attempts to lose by what others must mend.
const PUT_BACK: Duration = Duration::from_secs(2);

/// How a job ended, for the log and the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Retried,
    Failed,
    Cancelled,
    Lost,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retried => "retried",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Lost => "lost",
        }
    }
}

/// Takes jobs until the order to stop, then finishes those in hand.
pub(crate) async fn run(
    shared: Arc<Shared>,
    store: Store,
    writer: watch::Receiver<Option<Arc<Writer>>>,
    stop: Stop,
) {
    let most = shared.config.worker.concurrency as usize;
    let mut hand = JoinSet::new();
    let mut backoff = Backoff::new();
    while !stop.is_given() {
        // Forget those that ended; wait for one when there are enough.
        while hand.try_join_next().is_some() {}
        if hand.len() >= most {
            stop.or(hand.join_next()).await;
            continue;
        }
        let present = writer.borrow().clone();
        match take(&shared, &store, present.is_some()).await {
            Ok(Some(job)) => {
                backoff.reset();
                let (shared, store, stop) = (Arc::clone(&shared), store.clone(), stop.clone());
                hand.spawn(watch_over(shared, store, job, present, stop));
            }
            Ok(None) => {
                backoff.reset();
                wait(&shared, &mut hand, writer.clone(), &stop).await;
            }
            Err(error) => {
                shared.failed(&error);
                tracing::debug!("no job could be taken: {}", chain(&error));
                stop.pause(backoff.pause()).await;
            }
        }
    }
    while hand.join_next().await.is_some() {}
}

async fn take(shared: &Shared, store: &Store, is_writer: bool) -> Result<Option<Job>, StoreError> {
    let kinds = Kind::open_to(is_writer);
    let ttl = shared.config.worker.lease;
    // Right after the database was away, other workers have not had the time to say that they live.
    let takes_over = !shared.was_away_within(ttl);
    let now = Timestamp::now();
    store.claim(&shared.access, &kinds, &shared.name, now, ttl, takes_over).await
}

/// Rests until there may be a job: time has passed, one in hand ended, the lease came or went.
async fn wait(
    shared: &Shared,
    hand: &mut JoinSet<()>,
    mut writer: watch::Receiver<Option<Arc<Writer>>>,
    stop: &Stop,
) {
    writer.mark_unchanged();
    tokio::select! {
        () = stop.pause(shared.config.worker.poll) => {}
        () = shared.queued.notified() => {}
        Some(_) = hand.join_next() => {}
        _ = writer.changed() => {}
    }
}

/// Runs one job to its end and tells the queue.
async fn watch_over(
    shared: Arc<Shared>,
    store: Store,
    job: Job,
    writer: Option<Arc<Writer>>,
    stop: Stop,
) {
    let span = tracing::info_span!(
        "job",
        job.id = job.number,
        job.kind = job.kind,
        job.attempt = job.attempt
    );
    let started = Timestamp::now();
    metrics().jobs_active.change([], 1.0);
    let outcome = attempt(&shared, &store, &job, writer, &stop).instrument(span.clone()).await;
    let is_over = matches!(outcome, Outcome::Failed | Outcome::Cancelled);
    if outcome == Outcome::Done || (is_over && work::keeps_nothing(&job)) {
        work::clear_away(&shared, &store, &job).await;
    }
    metrics().jobs_active.change([], -1.0);
    let seconds = Timestamp::now().duration_since(started).as_secs_f64();
    metrics().job_duration.observe([&job.kind, outcome.word()], seconds);
    span.in_scope(|| {
        let word = outcome.word();
        tracing::info!(
            job.outcome = word,
            duration_s = seconds,
            "the job `{}` is {word}",
            job.kind
        );
    });
}

async fn attempt(
    shared: &Arc<Shared>,
    store: &Store,
    job: &Job,
    writer: Option<Arc<Writer>>,
    stop: &Stop,
) -> Outcome {
    let progress = Arc::new(Progress::new(true));
    let body =
        work::run(Arc::clone(shared), store.clone(), job.clone(), writer, Arc::clone(&progress));
    let mut running = tokio::spawn(body.in_current_span());
    let ended = loop {
        tokio::select! {
            ended = &mut running => break ended,
            () = tokio::time::sleep(SIGN.min(shared.config.worker.lease / 3)) => {
                match heard(shared, store, job, &progress).await {
                    Ok(Heard::GoOn) => {}
                    // It ends by itself where that does no harm, or is done before it looks.
                    Ok(Heard::Cancel) => progress.stop(),
                    Err(Lost) => {
                        running.abort();
                        return Outcome::Lost;
                    }
                }
            }
            () = stop.reached(Phase::AtOnce) => {
                running.abort();
                return Outcome::Lost;
            }
        }
    };
    match ended {
        Ok(Ok(result)) => tell(shared, store, job, Ended::Well(result)).await,
        Ok(Err(error)) if error.is::<Stopped>() => tell(shared, store, job, Ended::Cancelled).await,
        Ok(Err(error)) => {
            let cause = error.chain().find_map(|it| it.downcast_ref::<StoreError>());
            if let Some(error) = cause {
                shared.failed(error);
            }
            let is_lost = matches!(cause, Some(StoreError::LeaseLost(_)));
            let may_pass = is_lost || cause.is_some_and(may_pass);
            let reason = chain(error.as_ref());
            let outlook = if may_pass { "waits" } else { "failed" };
            tracing::warn!("the job `{}` {outlook}: {reason}", job.kind);
            tell(shared, store, job, Ended::Badly { reason, may_pass }).await
        }
        // Where it panicked stands in the log already.
        Err(_) => {
            let reason = "a bug in the program".to_owned();
            tell(shared, store, job, Ended::Badly { reason, may_pass: false }).await
        }
    }
}

/// Another process has the job now.
struct Lost;

/// How the body of a job ended.
enum Ended {
    Well(Json),
    Badly { reason: String, may_pass: bool },
    Cancelled,
}

/// Says that the job goes on, and hears whether it is to.
async fn heard(
    shared: &Shared,
    store: &Store,
    job: &Job,
    progress: &Progress,
) -> Result<Heard, Lost> {
    let (ttl, figures) = (shared.config.worker.lease, progress.figures());
    match store.heartbeat(&shared.access, job, Timestamp::now(), ttl, Some(&figures)).await {
        Ok(heard) => Ok(heard),
        Err(error) => {
            shared.failed(&error);
            if matches!(error, StoreError::LeaseLost(_)) { Err(Lost) } else { Ok(Heard::GoOn) }
        }
    }
}

/// Tells the queue how the job ended, until it heard it.
async fn tell(shared: &Shared, store: &Store, job: &Job, ended: Ended) -> Outcome {
    let mut backoff = Backoff::new();
    // Spreads jobs that fail together.
    let seed = backoff.pause().as_nanos() as u64;
    loop {
        let (access, now) = (&shared.access, Timestamp::now());
        let (told, outcome) = match &ended {
            Ended::Well(result) => (store.complete(access, job, now, result).await, Outcome::Done),
            Ended::Badly { reason, may_pass: true } => {
                (store.put_back(access, job, now, reason, PUT_BACK).await, Outcome::Retried)
            }
            Ended::Badly { reason, may_pass: false } => {
                (store.fail(access, job, now, reason, seed).await, Outcome::Failed)
            }
            Ended::Cancelled => (store.end_cancelled(access, job, now).await, Outcome::Cancelled),
        };
        match told {
            Ok(()) => return outcome,
            Err(error) => {
                shared.failed(&error);
                if !may_pass(&error) {
                    return Outcome::Lost;
                }
                tokio::time::sleep(backoff.pause().max(Duration::from_millis(50))).await;
            }
        }
    }
}
