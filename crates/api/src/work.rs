//! Work that changes verdicts: queued, so that a kill loses nothing, and waited for a moment, so that
//! people see what came of it at once.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value as Json;
use store::{JobRow, JobState, NewJob};

use crate::guard::Caller;
use crate::problem::Problem;
use crate::state::Api;

/// How long a request waits for its job.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks. Every commit wakes it earlier.
const LOOK: Duration = Duration::from_millis(20);
/// After so many attempts a person must look.
const ATTEMPTS: u32 = 8;

/// A job that is wished for.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) kind: &'static str,
    pub(crate) payload: Json,
    pub(crate) priority: i32,
}

/// How far a job came while its request waited.
#[derive(Debug)]
pub(crate) enum Done {
    /// It is done; what came of it is in its result.
    Yes(JobRow),
    /// It goes on.
    NotYet(JobRow),
}

impl Api {
    /// Queues a job; gives its number.
    pub(crate) async fn queue(&self, caller: &Caller, work: Work) -> Result<u64, Problem> {
        let (store, access, now) = (self.store()?, self.access(&caller.name), self.now());
        let job = NewJob {
            kind: work.kind.to_owned(),
            dedup: None,
            priority: work.priority,
            run_at: now,
            payload: work.payload,
            most_attempts: ATTEMPTS,
        };
        let number = store.enqueue(&access, now, &job).await?;
        self.queued.notify_one();
        Ok(number)
    }

    /// Queues a job and waits a moment for its end. A job that fails is a problem with its reason, and is not
    /// tried again.
    pub(crate) async fn do_work(&self, caller: &Caller, work: Work) -> Result<Done, Problem> {
        let number = self.queue(caller, work).await?;
        let (store, access) = (self.store()?, self.access(&caller.name));
        let mut views = self.views();
        let waiting = async {
            loop {
                views.mark_unchanged();
                let row = store.job(&access, number).await?;
                match row.state {
                    JobState::Done => {
                        let seen = row.result.get("sequence").and_then(Json::as_u64);
                        self.wait_for(seen.unwrap_or(0)).await?;
                        return Ok(Done::Yes(row));
                    }
                    JobState::Dead | JobState::Cancelled => return Err(failed(&row)),
                    JobState::Ready if !row.error.is_empty() => {
                        store.cancel(&access, number, self.now()).await?;
                        return Err(failed(&row));
                    }
                    JobState::Ready | JobState::Running => {}
                }
                tokio::select! {
                    () = tokio::time::sleep(LOOK) => {}
                    _ = views.changed() => {}
                }
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(done) => done,
            Err(_) => Ok(Done::NotYet(store.job(&access, number).await?)),
        }
    }
}

/// A job that came to nothing. Its reason speaks of what was asked for.
fn failed(row: &JobRow) -> Problem {
    let reason = if row.error.is_empty() { "it was cancelled" } else { row.error.as_str() };
    Problem::new(StatusCode::CONFLICT, "failed", reason.to_owned())
}
