//! What a judgement writes down on its way: nothing when only the answer is asked for.

use crate::{Effect, Reason, Trail};

/// The trail, if there is one. Texts are only made when somebody reads them.
#[derive(Debug)]
pub(crate) struct Notes<'t>(pub(crate) Option<&'t mut Trail>);

impl Notes<'_> {
    /// Writes a reason.
    pub(crate) fn reason(
        &mut self,
        effect: Effect,
        make: impl FnOnce() -> (String, String, String),
    ) {
        if let Some(trail) = &mut self.0 {
            let (resource, path, says) = make();
            trail.reason(Reason { effect, resource, path, says });
        }
    }

    /// Writes down what was not read.
    pub(crate) fn unread(&mut self, make: impl FnOnce() -> (String, String)) {
        if let Some(trail) = &mut self.0 {
            let (what, why) = make();
            trail.unread(what, why);
        }
    }

    /// Whether reasons are wanted: then all that grant are looked for, not only the first.
    pub(crate) fn are_kept(&self) -> bool {
        self.0.is_some()
    }

    /// The same notes for a part of the work.
    pub(crate) fn again(&mut self) -> Notes<'_> {
        Notes(self.0.as_deref_mut())
    }
}
