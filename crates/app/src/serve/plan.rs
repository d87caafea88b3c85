//! What comes without anybody asking: daily jobs, time flips that are due, figures of the queue.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use store::{JobFilter, JobState, Store, StoreError};
use tokio::sync::watch;
use tokio::time::Instant;

use super::database::{Shared, count};
use super::stop::Stop;
use super::work::Kind;
use super::writer::Writer;
use crate::measure::metrics;

/// How often the plan and the figures are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// Of a longer queue only the latest jobs count for its age.
const LOOKED_AT: u32 = 1000;
/// How often what people have left behind is taken away.
const PRUNING: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Plans jobs and measures the queue until the order to stop.
pub(crate) async fn run(
    shared: Arc<Shared>,
    store: Store,
    writer: watch::Receiver<Option<Arc<Writer>>>,
    stop: Stop,
) {
    let (api, mut next) = (shared.api(), Instant::now());
    while !stop.is_given() {
        let present = writer.borrow().clone();
        if let Err(error) = look(&shared, &store, present.as_deref()).await {
            count(&error);
        }
        if present.is_some() && Instant::now() >= next {
            next = Instant::now() + PRUNING;
            match api::prune_people(&api).await {
                Ok(0) => {}
                Ok(n) => tracing::info!("{n} sessions had ended by themselves and were taken away"),
                Err(problem) => tracing::warn!("sessions that ended are still there: {problem}"),
            }
        }
        stop.pause(LOOK).await;
    }
}

async fn look(shared: &Shared, store: &Store, writer: Option<&Writer>) -> Result<(), StoreError> {
    measure(shared, store).await?;
    let Some(writer) = writer else { return Ok(()) };
    let now = Timestamp::now();
    // One that waits or runs is enough: the next one is planned when it ended.
    for kind in [Kind::Prune, Kind::VerifyAudit] {
        let job = kind.job(Some("daily".to_owned()), now + DAY, json!({}));
        store.enqueue(&shared.access, now, &job).await?;
    }
    // While a job changes the state, the instant of the next flip may change, too: look later.
    let next = writer.engine.try_lock().ok().and_then(|engine| engine.next_flip());
    if let Some(due) = next {
        // A flip that comes earlier than the one that is planned gets a job of its own.
        let job = Kind::Flips.job(Some(due.as_microsecond().to_string()), due, json!({}));
        store.enqueue(&shared.access, now, &job).await?;
    }
    Ok(())
}

/// The figures of the queue.
async fn measure(shared: &Shared, store: &Store) -> Result<(), StoreError> {
    let counts = store.job_counts(&shared.access).await?;
    for (state, word) in
        [(JobState::Ready, "ready"), (JobState::Running, "running"), (JobState::Dead, "dead")]
    {
        let n = counts.iter().find(|(it, _)| *it == state).map_or(0, |(_, n)| *n);
        metrics().queue_depth.set([word], n as f64);
    }
    let now = Timestamp::now();
    let filter = JobFilter { states: vec![JobState::Ready], ..JobFilter::default() };
    let ready = store.jobs(&shared.access, &filter, LOOKED_AT).await?;
    let oldest = ready.iter().map(|it| it.run_at).min().unwrap_or(now);
    let age = now.duration_since(oldest).as_secs_f64().max(0.0);
    metrics().queue_age.set([], age);
    Ok(())
}
