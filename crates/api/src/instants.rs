//! When commits were made, for those who show a number with its instant.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::problem::Problem;
use crate::state::Api;
use crate::time::Time;

/// Commits that are read at a time.
const PAGE: u32 = 1000;

/// The instants of commits by their numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Instants(BTreeMap<u64, Timestamp>);

impl Instants {
    /// The instant of a commit; `None` where it is not on record.
    pub(crate) fn of(&self, commit: u64) -> Option<Time> {
        self.0.get(&commit).copied().map(Time)
    }
}

impl Api {
    /// The instants of all commits that can be seen. Each is read once.
    pub(crate) async fn instants(&self) -> Result<Arc<Instants>, Problem> {
        let mut known = self.instants.lock().await;
        let (store, access, newest) = (self.store()?, self.access("merlon"), self.sequence());
        loop {
            let last = known.0.last_key_value().map_or(0, |it| *it.0);
            if last >= newest {
                return Ok(Arc::clone(&known));
            }
            let page = store.changes_since(&access, last, PAGE).await?;
            if page.is_empty() {
                return Ok(Arc::clone(&known));
            }
            Arc::make_mut(&mut known).0.extend(page.into_iter().map(|it| (it.seq, it.at)));
        }
    }
}
