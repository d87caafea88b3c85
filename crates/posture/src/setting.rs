//! What judging is given beside the graph: the instant and the limits.

use graph::{Context, Limits, Params};

/// The instant at which things are judged, and what one predicate may use up.
#[derive(Debug, Clone)]
pub struct Setting {
    now: jiff::Timestamp,
    params: Params,
    limits: Limits,
}

impl Setting {
    /// Judges as of `now`.
    pub fn at(now: jiff::Timestamp) -> Self {
        Self { now, params: Params::new(), limits: Limits::default() }
    }

    /// With parameters.
    #[must_use]
    pub fn with_params(mut self, params: Params) -> Self {
        self.params = params;
        self
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The instant.
    pub fn now(&self) -> jiff::Timestamp {
        self.now
    }

    /// The same at another instant.
    #[must_use]
    pub(crate) fn moved_to(&self, now: jiff::Timestamp) -> Self {
        Self { now, ..self.clone() }
    }

    /// What a run of the query engine is given.
    pub fn context(&self) -> Context<'_> {
        Context { now: self.now, params: &self.params, limits: &self.limits }
    }
}
