//! Truth with two ways of not knowing: null (known to be absent) and unread (not looked at).
//!
//! Kleene's logic: what is not known does not matter where the known operand decides alone (`false AND x`,
//! `true OR x`). Where both kinds of not knowing meet, unread wins: it can still be looked at.

use super::GapId;

/// The worth of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// Undecided: something it needs is absent.
    Null,
    /// Undecided: something it needs was not read.
    Unread(GapId),
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Truth {
    /// It holds.
    pub fn is_true(self) -> bool {
        matches!(self, Self::True)
    }

    /// It does not hold.
    pub fn is_false(self) -> bool {
        matches!(self, Self::False)
    }

    /// `a AND b`. Of two gaps the left one is kept.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::Unread(gap), _) | (_, Self::Unread(gap)) => Self::Unread(gap),
            (Self::Null, _) | (_, Self::Null) => Self::Null,
            (Self::True, Self::True) => Self::True,
        }
    }

    /// `a OR b`. Of two gaps the left one is kept.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::Unread(gap), _) | (_, Self::Unread(gap)) => Self::Unread(gap),
            (Self::Null, _) | (_, Self::Null) => Self::Null,
            (Self::False, Self::False) => Self::False,
        }
    }

    /// `a XOR b`: known only when both are.
    #[must_use]
    pub fn xor(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unread(gap), _) | (_, Self::Unread(gap)) => Self::Unread(gap),
            (Self::Null, _) | (_, Self::Null) => Self::Null,
            (Self::True, Self::True) | (Self::False, Self::False) => Self::False,
            (Self::True, Self::False) | (Self::False, Self::True) => Self::True,
        }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    /// `NOT a`.
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Null => Self::Null,
            Self::Unread(gap) => Self::Unread(gap),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Truth;
    use crate::value::GapId;

    fn any_truth() -> impl Strategy<Value = Truth> {
        prop_oneof![
            Just(Truth::True),
            Just(Truth::False),
            Just(Truth::Null),
            Just(Truth::Unread(GapId(7))),
        ]
    }

    proptest! {
        #[test]
        fn laws_of_kleene(a in any_truth(), b in any_truth(), c in any_truth()) {
            prop_assert_eq!(a.and(b), b.and(a));
            prop_assert_eq!(a.or(b), b.or(a));
            prop_assert_eq!(a.xor(b), b.xor(a));
            prop_assert_eq!(a.and(b).and(c), a.and(b.and(c)));
            prop_assert_eq!(a.or(b).or(c), a.or(b.or(c)));
            prop_assert_eq!(a.xor(b).xor(c), a.xor(b.xor(c)));
            prop_assert_eq!(!(a.and(b)), (!a).or(!b));
            prop_assert_eq!(!(a.or(b)), (!a).and(!b));
            prop_assert_eq!(!!a, a);
            prop_assert_eq!(a.and(Truth::True), a);
            prop_assert_eq!(a.or(Truth::False), a);
            prop_assert_eq!(a.xor(Truth::False), a);
        }
    }

    #[test]
    fn null_with_unread_is_unread() {
        let unread = Truth::Unread(GapId(1));
        assert_eq!(Truth::Null.and(unread), unread);
        assert_eq!(Truth::Null.or(unread), unread);
        assert_eq!(Truth::False.and(unread), Truth::False);
        assert_eq!(Truth::True.or(unread), Truth::True);
    }
}
