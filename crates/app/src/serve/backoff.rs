//! Pauses between attempts: longer each time, and never the same for two processes.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// Pauses that double up to a limit, each cut by chance to between half and all of itself.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    /// It worked: begin with short pauses again.
    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
    }

    /// The next pause.
    pub(crate) fn pause(&mut self) -> Duration {
        let whole = self.next;
        self.next = (whole * 2).min(LONGEST);
        whole.mul_f64(0.5 + 0.5 * chance())
    }
}

/// A number from 0 to 1. Without random bytes the pauses are whole, which harms nobody.
fn chance() -> f64 {
    let mut bytes = [255; 2];
    getrandom::fill(&mut bytes).unwrap_or_default();
    f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Backoff, FIRST, LONGEST};

    #[test]
    fn pauses_grow_to_a_limit_and_start_again() {
        let mut backoff = Backoff::new();
        let pauses: Vec<_> = (0..12).map(|_| backoff.pause()).collect();
        assert!(pauses[0] >= FIRST / 2 && pauses[0] <= FIRST);
        assert!(pauses[11] >= LONGEST / 2 && pauses[11] <= LONGEST);
        backoff.reset();
        assert!(backoff.pause() <= FIRST);
    }
}
