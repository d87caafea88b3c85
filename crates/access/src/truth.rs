//! Three-valued logic: what is known to hold, known not to hold, and not known.

/// A truth value of Kleene's logic; the order is that of `or`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    /// It does not hold.
    No,
    /// It is not known.
    Unknown,
    /// It holds.
    Yes,
}

impl Truth {
    pub(crate) fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        self.min(other)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// The opposite; what is not known stays so.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

/// Whether all hold; nothing holds trivially.
pub(crate) fn all(mut values: impl Iterator<Item = Truth>) -> Truth {
    values
        .try_fold(Truth::Yes, |so_far, it| match so_far.and(it) {
            Truth::No => Err(Truth::No),
            other => Ok(other),
        })
        .unwrap_or_else(|it| it)
}

/// Whether one holds.
pub(crate) fn any(mut values: impl Iterator<Item = Truth>) -> Truth {
    values
        .try_fold(Truth::No, |so_far, it| match so_far.or(it) {
            Truth::Yes => Err(Truth::Yes),
            other => Ok(other),
        })
        .unwrap_or_else(|it| it)
}
