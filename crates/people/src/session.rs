//! How long a session lives, and what happens when an old secret of it comes back.

use std::time::Duration;

use jiff::Timestamp;

/// How long sessions live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without a request.
    pub idle: Duration,
    /// In all.
    pub absolute: Duration,
}

impl Default for SessionLimits {
    /// A working day; an hour without a request ends it.
    fn default() -> Self {
        Self { idle: Duration::from_hours(1), absolute: Duration::from_hours(12) }
    }
}

/// For so long the secret before the current one still counts: requests that were on their way when it
/// changed are no theft.
const GRACE: Duration = Duration::from_secs(20);
/// A request this long after the one noted last is noted: not each writes a row.
const NOTED: Duration = Duration::from_secs(30);

/// What is kept of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTimes {
    /// When somebody signed in.
    pub created: Timestamp,
    /// When the last request was noted.
    pub used: Timestamp,
    /// When the secret was changed last.
    pub rotated: Timestamp,
    /// Whether the secret must be changed with the next request, for the rights of its owner were changed.
    pub must_rotate: bool,
}

/// Which secret of a session came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The one that counts.
    Current,
    /// The one before it.
    Previous,
}

/// What to do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionVerdict {
    /// Let it in.
    Live {
        /// And note the instant.
        note: bool,
        /// And change the secret.
        rotate: bool,
    },
    /// The session has ended by itself.
    Expired,
    /// An old secret came back: somebody has copied it. The session must end.
    Replayed,
}

impl SessionTimes {
    /// Judges a request that came with a secret of this session.
    pub fn judge(
        &self,
        presented: Presented,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> SessionVerdict {
        let is_past = |from: Timestamp, length: Duration| {
            from.checked_add(length).is_ok_and(|end| now >= end)
        };
        // A request notes itself late, so it may live that much longer; never beyond the whole.
        if is_past(self.created, limits.absolute) || is_past(self.used, limits.idle) {
            return SessionVerdict::Expired;
        }
        match presented {
            Presented::Previous if is_past(self.rotated, GRACE) => SessionVerdict::Replayed,
            Presented::Previous => SessionVerdict::Live { note: false, rotate: false },
            Presented::Current => SessionVerdict::Live {
                note: is_past(self.used, NOTED.min(limits.idle / 2)),
                rotate: self.must_rotate,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + n).unwrap()
    }

    #[test]
    fn sessions_end_by_themselves() {
        let limits =
            SessionLimits { idle: Duration::from_mins(10), absolute: Duration::from_hours(1) };
        let check = |used: i64, now: i64, wanted: SessionVerdict| {
            let (created, rotated) = (second(0), second(0));
            let times = SessionTimes { created, used: second(used), rotated, must_rotate: false };
            assert_eq!(
                times.judge(Presented::Current, &limits, second(now)),
                wanted,
                "{used} {now}"
            );
        };
        let live = |note| SessionVerdict::Live { note, rotate: false };
        check(0, 0, live(false));
        check(0, 29, live(false));
        check(0, 30, live(true));
        check(0, 599, live(true));
        check(0, 600, SessionVerdict::Expired);
        check(3500, 3599, live(true));
        check(3590, 3600, SessionVerdict::Expired);
        check(100, 50, live(false));
    }

    #[test]
    fn an_old_secret_ends_the_session_but_not_while_requests_are_on_their_way() {
        let limits = SessionLimits::default();
        let times = SessionTimes {
            created: second(0),
            used: second(90),
            rotated: second(100),
            must_rotate: true,
        };
        let judge = |presented, now| times.judge(presented, &limits, second(now));
        let let_in = SessionVerdict::Live { note: false, rotate: false };
        assert_eq!(judge(Presented::Previous, 119), let_in);
        assert_eq!(judge(Presented::Previous, 120), SessionVerdict::Replayed);
        let rotate = SessionVerdict::Live { note: true, rotate: true };
        assert_eq!(judge(Presented::Current, 130), rotate);
    }
}
