//! One way to read a list or a map, whether it was made while evaluating or lies in a document.

use super::{MapValue, Text, Truth, Value};

/// A list.
#[derive(Clone, Copy, Debug)]
pub enum ListView<'v, 'g> {
    /// Made while evaluating.
    Values(&'v [Value<'g>]),
}

/// A map.
#[derive(Clone, Copy, Debug)]
pub enum MapView<'v, 'g> {
    /// Made while evaluating.
    Values(&'v MapValue<'g>),
}

impl<'v, 'g> ListView<'v, 'g> {
    /// The number of elements.
    pub fn len(self) -> usize {
        match self {
            Self::Values(items) => items.len(),
        }
    }

    /// Without elements.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The element at `idx`, counted from 0.
    pub fn get(self, idx: usize) -> Option<Value<'g>> {
        match self {
            Self::Values(items) => items.get(idx).cloned(),
        }
    }

    /// All elements in order.
    pub fn iter(self) -> impl Iterator<Item = Value<'g>> + use<'v, 'g> {
        match self {
            Self::Values(items) => items.iter().cloned(),
        }
    }
}

impl<'v, 'g> MapView<'v, 'g> {
    /// The number of entries.
    pub fn len(self) -> usize {
        match self {
            Self::Values(map) => map.entries().len(),
        }
    }

    /// Without entries.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The value of a key: null when the key is known to be absent, unread when it may exist.
    pub fn get(self, key: &str) -> Value<'g> {
        match self {
            Self::Values(map) => map.get(key).cloned().unwrap_or(Value::Null),
        }
    }

    /// The keys with their values, sorted by key.
    pub fn entries(self) -> Vec<(Text<'g>, Value<'g>)> {
        match self {
            Self::Values(map) => map.entries().to_vec(),
        }
    }

    /// Whether a key exists; unread when it is not there but may exist.
    pub fn has_key(self, key: &str) -> Truth {
        match self {
            Self::Values(map) => Truth::from(map.get(key).is_some()),
        }
    }

    /// True when all keys are known; unread when there may be more.
    pub fn is_complete(self) -> Truth {
        match self {
            Self::Values(_) => Truth::True,
        }
    }
}
