//! How the verdict of a check depends on the instant at which it is judged.

use graph::{Graph, Predicate};
use jiff::{SignedDuration, Timestamp};
use lang::NodeId;

use crate::assessor::CompiledCheck;
use crate::setting::Setting;
use crate::verdicts::Outcome;

/// How a verdict depends on time.
#[derive(Debug, Clone, Default)]
pub(crate) enum Clock {
    /// Not at all.
    #[default]
    Never,
    /// In a way that is not understood: it is judged again each day.
    Daily,
}

impl Clock {
    pub(crate) fn of<'p>(mut predicates: impl Iterator<Item = &'p Predicate>) -> Self {
        if predicates.any(|it| it.footprint().reads_now) { Self::Daily } else { Self::Never }
    }

    /// The next instant at which the outcome on `node`, which is `outcome` now, is another one.
    pub(crate) fn next_flip(
        &self,
        _check: &CompiledCheck<'_>,
        _graph: &Graph,
        setting: &Setting,
        _node: NodeId,
        _outcome: Outcome,
    ) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::Daily => setting.now().checked_add(SignedDuration::from_hours(24)).ok(),
        }
    }
}
