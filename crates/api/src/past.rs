//! States of the past: made when somebody asks, few at a time, and kept for a while.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use store::{At, StoreError};
use tokio::sync::Semaphore;
use utoipa::IntoParams;
use view::{Sight, View};

use crate::guard::Caller;
use crate::problem::Problem;
use crate::state::Api;

/// States of the past that are kept, the ones asked for last. Each takes what the present one takes.
const KEPT: usize = 2;
/// Requests that may wait for a state to be made.
const WAITING: usize = 4;

/// Makes the state as it was after a commit.
pub type BuildPast = Arc<
    dyn Fn(u64) -> Pin<Box<dyn Future<Output = Result<Arc<View>, PastError>> + Send>> + Send + Sync,
>;

/// Why a state of the past cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// The store says why.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else; a fault of this program or its data.
    #[error("{0}")]
    Other(String),
}

/// The moment that is asked about.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moment {
    /// As it was then: the number of a commit, an instant (RFC 3339) or a day. Now, when it is left out.
    #[param(min_length = 1)]
    pub(crate) at: Option<String>,
}

/// Of which part, and at which moment.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    /// A scope, with all below; everything that the caller sees, when it is left out.
    #[param(min_length = 1)]
    pub(crate) scope: Option<String>,
    /// As it was then: the number of a commit, an instant (RFC 3339) or a day. Now, when it is left out.
    #[param(min_length = 1)]
    pub(crate) at: Option<String>,
}

/// The states of the past that are there.
pub(crate) struct PastViews {
    build: BuildPast,
    kept: Mutex<VecDeque<Arc<View>>>,
    waiting: AtomicUsize,
    turn: Semaphore,
}

impl std::fmt::Debug for PastViews {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PastViews").finish_non_exhaustive()
    }
}

impl PastViews {
    pub(crate) fn new(build: BuildPast) -> Self {
        Self {
            build,
            kept: Mutex::default(),
            waiting: AtomicUsize::new(0),
            turn: Semaphore::new(1),
        }
    }

    /// The one that is kept, which is then the last to go.
    fn find(&self, sequence: u64) -> Option<Arc<View>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|it| it.sequence() == sequence)?;
        let found = kept.remove(at)?;
        kept.push_back(Arc::clone(&found));
        Some(found)
    }

    /// The state after a commit: kept, or made now, one at a time.
    async fn at(&self, sequence: u64) -> Result<Arc<View>, Problem> {
        if let Some(found) = self.find(sequence) {
            return Ok(found);
        }
        let _place = Place::take(&self.waiting)?;
        let _turn = self.turn.acquire().await;
        if let Some(found) = self.find(sequence) {
            return Ok(found);
        }
        let view = (self.build)(sequence).await.map_err(|error| match error {
            PastError::Store(error) => Problem::from(error),
            other @ PastError::Other(_) => Problem::fault(&other),
        })?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(Arc::clone(&view));
        Ok(view)
    }
}

/// A place among those that wait.
struct Place<'p>(&'p AtomicUsize);

impl<'p> Place<'p> {
    fn take(waiting: &'p AtomicUsize) -> Result<Self, Problem> {
        if waiting.fetch_add(1, Ordering::AcqRel) >= WAITING {
            waiting.fetch_sub(1, Ordering::AcqRel);
            let detail = "several states of the past are being made already: try again in a moment";
            let busy = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail);
            return Err(busy.retry_after(5));
        }
        Ok(Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Reads a moment: the number of a commit, an instant, or a day, which means its first instant in UTC.
fn parse(text: &str) -> Result<At, Problem> {
    if let Ok(sequence) = text.parse::<u64>() {
        return Ok(At::Seq(sequence));
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(At::Time(instant));
    }
    let day = text.parse::<Date>().ok().and_then(|it| it.to_zoned(TimeZone::UTC).ok());
    let wrong =
        || Problem::invalid("at", "must be the number of a commit, an instant (RFC 3339) or a day");
    day.map(|it| At::Time(it.timestamp())).ok_or_else(wrong)
}

impl Api {
    /// The state at a moment; the newest when none is named.
    pub(crate) async fn view_at(&self, at: Option<&str>) -> Result<Arc<View>, Problem> {
        let newest = self.view()?;
        let Some(at) = at else { return Ok(newest) };
        let moment = self.store()?.moment(&self.access("merlon"), parse(at)?).await?;
        if moment.seq == newest.sequence() {
            return Ok(newest);
        }
        match &self.past {
            Some(past) => past.at(moment.seq).await,
            None => Err(Problem::starting()),
        }
    }

    /// Answers from the state at a moment with what `caller` may see of it. Rights are those of today.
    pub(crate) async fn read_at(
        &self,
        caller: &Caller,
        at: Option<&str>,
        answer: impl FnOnce(&Arc<View>, &Sight) -> Result<Response, Problem> + Send + 'static,
    ) -> Result<Response, Problem> {
        let view = self.view_at(at).await?;
        let (sight, seen) = (caller.sight(&view), HeaderValue::from(view.sequence()));
        let mut response = self.compute(move || answer(&view, &sight)).await?;
        response.headers_mut().insert("merlon-as-of", seen);
        Ok(response)
    }
}

/// What a caller sees of one scope with all below; of everything that they see, when none is named.
pub(crate) fn within(view: &View, sight: &Sight, scope: Option<&str>) -> Result<Sight, Problem> {
    match scope {
        None => Ok(sight.clone()),
        Some(id) if view.sees_scope(sight, id) => Ok(Sight::scopes([id])),
        Some(_) => Err(Problem::not_found("scope")),
    }
}

#[cfg(test)]
mod tests {
    use store::At;

    use super::parse;

    #[test]
    fn moments_are_numbers_instants_and_days() {
        assert_eq!(parse("7").unwrap(), At::Seq(7));
        let instant = "2026-11-22T10:00:00Z";
        assert_eq!(parse(instant).unwrap(), At::Time(instant.parse().unwrap()));
        let first = "2026-11-22T00:00:00Z".parse().unwrap();
        assert_eq!(parse("2026-11-22").unwrap(), At::Time(first));
        assert_eq!(parse("yesterday").unwrap_err().code(), "invalid");
    }
}
