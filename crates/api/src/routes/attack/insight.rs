//! What is derived of the newest state, kept until there is a newer one.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{Timestamp, ToSpan as _};
use paths::{Insight, IsOver};
use view::View;

/// Conditions depend on time: what is older than this is derived anew.
const FRESH_HOURS: i64 = 1;

/// Kept for the commit as of which it is.
#[derive(Debug, Default)]
pub(crate) struct Insights {
    kept: Mutex<Option<(u64, Timestamp, Arc<Insight>)>>,
}

impl Insights {
    /// What is derived of a view. Whoever comes while it is derived waits for that.
    ///
    /// # Errors
    /// A fact table of the content is not what it should be.
    pub(crate) fn of(
        &self,
        view: &View,
        now: Timestamp,
        is_over: IsOver<'_>,
    ) -> Result<Arc<Insight>, serde_json::Error> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = now.saturating_sub(FRESH_HOURS.hours()).unwrap_or(Timestamp::MIN);
        if let Some((sequence, made, insight)) = &*kept
            && *sequence == view.sequence()
            && *made >= oldest
        {
            return Ok(Arc::clone(insight));
        }
        let insight = Arc::new(Insight::of(view.graph(), view.library(), now, Some(is_over))?);
        *kept = Some((view.sequence(), now, Arc::clone(&insight)));
        Ok(insight)
    }
}
