//! What a caller may see.

use std::collections::BTreeSet;

use crate::places::{NOWHERE, Places};

/// The scopes that a caller may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Everything, also what lies in no scope.
    Everything,
    /// The scopes with these ids, with all below; nothing when it is empty.
    Scopes(BTreeSet<String>),
}

impl Sight {
    /// Scopes with all below.
    pub fn scopes<S: Into<String>>(ids: impl IntoIterator<Item = S>) -> Self {
        Self::Scopes(ids.into_iter().map(Into::into).collect())
    }
}

/// A [`Sight`] on the places of one view.
#[derive(Debug)]
pub(crate) enum Seen {
    All,
    /// By the number of the place.
    Some(Vec<bool>),
}

impl Seen {
    pub(crate) fn new(sight: &Sight, places: &Places) -> Self {
        match sight {
            Sight::Everything => Self::All,
            Sight::Scopes(ids) => Self::Some(places.below(ids.iter().map(String::as_str))),
        }
    }

    /// Whether what lies in a place is seen.
    #[inline]
    pub(crate) fn sees(&self, place: u32) -> bool {
        match self {
            Self::All => true,
            Self::Some(places) => {
                place != NOWHERE && places.get(place as usize).copied().unwrap_or_default()
            }
        }
    }

    pub(crate) fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}
