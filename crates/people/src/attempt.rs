//! How fast somebody may guess: after some failures each further one costs a longer wait.
//!
//! Failures are counted by the name that was typed, whether or not there is such an account, and by the
//! address that they came from. An attempt is counted as failed before it is looked at, so that many at
//! once do not get many looks.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// What failures are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// The name that was typed.
    Name,
    /// The address; whole offices may share one.
    Address,
}

/// The failures so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// How many, since the last success or since they were forgotten.
    pub count: u32,
    /// When the last one was.
    pub last: Timestamp,
}

/// The longest wait. Longer ones would let anybody shut out anybody else.
const LONGEST: Duration = Duration::from_mins(15);
/// Of an address one failure is forgiven for each such time without any: a whole office mistypes all day.
const FORGIVEN: SignedDuration = SignedDuration::from_mins(10);
/// Failures are forgotten when none came for so long.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);

impl Counted {
    /// Failures that cost nothing.
    fn n_free(self) -> u32 {
        match self {
            Self::Name => 5,
            Self::Address => 30,
        }
    }
}

impl Failures {
    /// From which instant on another attempt is looked at.
    pub fn again_at(&self, counted: Counted) -> Timestamp {
        let wait = match self.count.checked_sub(counted.n_free()) {
            None => Duration::ZERO,
            Some(beyond) => LONGEST.min(Duration::from_secs(1 << beyond.min(16))),
        };
        self.last.checked_add(wait).unwrap_or(Timestamp::MAX)
    }

    /// The failures with one more at `now`.
    #[must_use]
    pub fn with_one_more(self, counted: Counted, now: Timestamp) -> Self {
        let pause = now.duration_since(self.last);
        let forgiven = match counted {
            _ if pause > FORGOTTEN => u32::MAX,
            Counted::Address => {
                let times = pause.as_secs().max(0) / FORGIVEN.as_secs();
                u32::try_from(times).unwrap_or(u32::MAX)
            }
            Counted::Name => 0,
        };
        let before = self.count.saturating_sub(forgiven);
        Self { count: before.saturating_add(1), last: now.max(self.last) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + n).unwrap()
    }

    #[test]
    fn waits_grow_to_a_quarter_of_an_hour() {
        let mut failures = Failures::default();
        let mut waits = Vec::new();
        for _ in 0..20 {
            failures = failures.with_one_more(Counted::Name, second(0));
            waits.push(failures.again_at(Counted::Name).duration_since(second(0)).as_secs());
        }
        assert_eq!(&waits[..8], [0, 0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(waits[19], 900);
        assert!(waits.is_sorted());
        assert_eq!(failures.again_at(Counted::Address), second(0));
    }

    /// Who guesses against one account gets no further than this in a year.
    #[test]
    fn a_year_of_guessing_is_some_thirty_thousand_guesses() {
        let (mut failures, mut now, mut n_guesses) = (Failures::default(), second(0), 0);
        while now < second(365 * 86_400) {
            failures = failures.with_one_more(Counted::Name, now);
            now = failures.again_at(Counted::Name).max(now);
            n_guesses += 1;
        }
        assert!(n_guesses < 36_000, "{n_guesses}");
    }

    #[test]
    fn old_failures_are_forgotten() {
        let many = Failures { count: 9, last: second(0) };
        assert_eq!(many.with_one_more(Counted::Name, second(86_399)).count, 10);
        assert_eq!(many.with_one_more(Counted::Name, second(86_402)).count, 1);
        let back = many.with_one_more(Counted::Name, second(-50));
        assert_eq!((back.count, back.last), (10, second(0)), "a clock that jumps back");
    }

    /// Thirty people who mistype once an hour each are no attack; who guesses from one address comes no faster by waiting.
    #[test]
    fn an_office_that_mistypes_all_day_never_waits() {
        let (mut failures, mut now) = (Failures::default(), second(0));
        for _ in 0..1000 {
            now = now.checked_add(Duration::from_mins(11)).unwrap();
            assert!(now >= failures.again_at(Counted::Address), "{failures:?}");
            failures = failures.with_one_more(Counted::Address, now);
        }
        let (mut failures, mut now, mut n_guesses) = (Failures::default(), second(0), 0);
        while now < second(86_400) {
            failures = failures.with_one_more(Counted::Address, now);
            now = failures.again_at(Counted::Address).max(now);
            n_guesses += 1;
        }
        assert!(n_guesses < 200, "{n_guesses} in a day");
    }
}
