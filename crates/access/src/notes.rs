//! What a judgement writes down on its way: nothing when only the answer is asked for.

use crate::decision::{Answer, Decision, Effect, Reason, Unread};

/// Reasons and unread parts, if they are wanted.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    wanted: bool,
    reasons: Vec<Reason>,
    unread: Vec<Unread>,
}

impl Notes {
    /// Notes that are kept.
    pub(crate) fn kept() -> Self {
        Self { wanted: true, ..Self::default() }
    }

    /// Notes that nobody reads.
    pub(crate) fn dropped() -> Self {
        Self::default()
    }

    /// Writes a reason; it is only made when it is wanted.
    pub(crate) fn reason(&mut self, reason: impl FnOnce() -> Reason) {
        if self.wanted {
            self.reasons.push(reason());
        }
    }

    /// Writes down what was not read.
    pub(crate) fn unread(&mut self, unread: impl FnOnce() -> (String, String)) {
        if self.wanted {
            let (what, why) = unread();
            self.unread.push(Unread { what, why });
        }
    }

    /// Whether reasons are wanted: then all that grant are looked for, not only the first.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// The decision, with those reasons first that grant. What decides against it stands alone.
    pub(crate) fn decision(mut self, answer: Answer) -> Decision {
        let against = |it: &Reason| matches!(it.effect, Effect::Denies | Effect::Limits);
        if answer == Answer::Denied && self.reasons.iter().any(against) {
            self.reasons.retain(against);
        }
        self.reasons.sort_by_key(against);
        self.reasons.dedup();
        self.unread.sort();
        self.unread.dedup();
        if answer == Answer::Denied {
            self.unread.clear();
        }
        Decision { answer, reasons: self.reasons, unread: self.unread }
    }
}
