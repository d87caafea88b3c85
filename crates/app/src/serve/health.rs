//! How the process is: what `/readyz` answers and why.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// What must be in order before the process does its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    /// The database answers.
    Database,
    /// The schema is the one that this program knows.
    Migrations,
    /// The right to write is held, or another process holds it.
    Lease,
    /// The graph is in memory.
    Graph,
    /// The process goes on working: false once it was told to stop.
    Process,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Migrations => "migrations",
            Self::Lease => "lease",
            Self::Graph => "graph",
            Self::Process => "process",
        }
    }
}

/// How a part is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct State {
    ready: bool,
    /// One word.
    #[serde(rename = "state")]
    word: &'static str,
    /// What a person wants to know: why it is not ready, who holds the lease.
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
}

impl State {
    pub(crate) fn ready(word: &'static str) -> Self {
        Self { ready: true, word, reason: String::new() }
    }

    pub(crate) fn not_ready(word: &'static str, reason: impl Into<String>) -> Self {
        Self { ready: false, word, reason: reason.into() }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.ready
    }

    /// The same with a remark.
    pub(crate) fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }
}

/// How all parts are.
#[derive(Debug)]
pub(crate) struct Health {
    parts: Mutex<BTreeMap<Part, State>>,
}

/// The body of `/readyz`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) ready: bool,
    parts: BTreeMap<Part, State>,
}

impl Health {
    /// Nothing is ready before it says so.
    pub(crate) fn new(parts: &[Part]) -> Self {
        let waiting = |part: &Part| (*part, State::not_ready("waiting", ""));
        Self { parts: Mutex::new(parts.iter().map(waiting).collect()) }
    }

    /// Notes how a part is now; a change is logged once.
    pub(crate) fn set(&self, part: Part, state: State) {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(old) = parts.get_mut(&part) else { return };
        if *old == state {
            return;
        }
        let (now, reason) = (state.word, state.reason.as_str());
        let name = part.name();
        // That the process stops is no fault of its own.
        if old.ready && !state.ready && part != Part::Process {
            tracing::warn!(part = name, state = now, reason, "{name}: no longer ready: {now}");
        } else {
            tracing::info!(part = name, state = now, reason, "{name}: {now}");
        }
        *old = state;
    }

    /// How everything is.
    pub(crate) fn report(&self) -> Report {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Report { ready: parts.values().all(|it| it.ready), parts }
    }
}

#[cfg(test)]
mod tests {
    use super::{Health, Part, State};

    #[test]
    fn ready_is_when_every_part_is() {
        let health = Health::new(&[Part::Database, Part::Lease]);
        assert!(!health.report().ready);
        health.set(Part::Database, State::ready("open"));
        health.set(Part::Lease, State::ready("standby").because("held by `a`"));
        assert!(health.report().ready);
        health.set(Part::Database, State::not_ready("away", "refused"));
        let report = serde_json::to_value(health.report()).unwrap();
        let want = serde_json::json!({
            "ready": false,
            "parts": {
                "database": {"ready": false, "state": "away", "reason": "refused"},
                "lease": {"ready": true, "state": "standby", "reason": "held by `a`"},
            }
        });
        assert_eq!(report, want);
    }

    #[test]
    fn a_part_that_this_process_does_not_play_is_not_asked_for() {
        let health = Health::new(&[Part::Database]);
        health.set(Part::Graph, State::not_ready("loading", ""));
        health.set(Part::Database, State::ready("open"));
        assert!(health.report().ready);
    }
}
