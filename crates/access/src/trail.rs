//! Reasons, collected while a question is answered.

use std::collections::BTreeSet;

use crate::{Answer, Decision, Effect, Reason, Unread};

/// What an answer rests on. Answers without reasons are given without one.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    reasons: Vec<Reason>,
    unread: BTreeSet<Unread>,
}

impl Trail {
    /// Adds a reason; one that is there already is left.
    pub(crate) fn reason(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Adds something that was not read and could change the answer.
    pub(crate) fn unread(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.unread.insert(Unread { what: what.into(), why: why.into() });
    }

    /// The decision; reasons that grant come first.
    pub(crate) fn decide(mut self, answer: Answer) -> Decision {
        self.reasons.sort_by_key(|it| match it.effect {
            Effect::Allows => 0,
            Effect::Denies => 1,
            Effect::Limits => 2,
            Effect::Permits => 3,
        });
        Decision { answer, reasons: self.reasons, unread: self.unread.into_iter().collect() }
    }
}
