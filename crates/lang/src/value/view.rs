//! One way to read a list or a map, whether it was made while evaluating or lies in a document.

use model::GapId;

use super::{DocList, DocMap, MapValue, Text, Truth, Value};

/// A list.
#[derive(Clone, Copy, Debug)]
pub enum ListView<'v, 'g> {
    /// Made while evaluating.
    Values(&'v [Value<'g>]),
    /// In a document; reached in order, so prefer `iter` to `get`.
    Doc(DocList<'g>),
}

/// A map.
#[derive(Clone, Copy, Debug)]
pub enum MapView<'v, 'g> {
    /// Made while evaluating.
    Values(&'v MapValue<'g>),
    /// In a document.
    Doc(DocMap<'g>),
}

impl<'v, 'g> ListView<'v, 'g> {
    /// The number of elements.
    pub fn len(self) -> usize {
        match self {
            Self::Values(items) => items.len(),
            Self::Doc(list) => list.view.len(),
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
            Self::Doc(list) => list.iter().nth(idx),
        }
    }

    /// All elements in order.
    pub fn iter(self) -> impl Iterator<Item = Value<'g>> + use<'v, 'g> {
        let (values, doc) = match self {
            Self::Values(items) => (items, None),
            Self::Doc(list) => (Default::default(), Some(list)),
        };
        values.iter().cloned().chain(doc.into_iter().flat_map(DocList::iter))
    }
}

impl<'g> MapView<'_, 'g> {
    /// The number of entries.
    pub fn len(self) -> usize {
        match self {
            Self::Values(map) => map.entries().len(),
            Self::Doc(map) => map.view.len(),
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
            Self::Doc(map) => map.get(key),
        }
    }

    /// The keys with their values, sorted by key.
    pub fn entries(self) -> Vec<(Text<'g>, Value<'g>)> {
        match self {
            Self::Values(map) => map.entries().to_vec(),
            Self::Doc(map) => map.entries(),
        }
    }

    /// Whether a key exists; unread when it is not there but may exist.
    pub fn has_key(self, key: &str) -> Truth {
        match self {
            Self::Values(map) => Truth::from(map.get(key).is_some()),
            Self::Doc(map) => {
                let key = map.keys.find(key);
                if key.is_some_and(|key| map.view.iter().any(|it| it.0 == key)) {
                    Truth::True
                } else {
                    !self.is_complete()
                }
            }
        }
    }

    /// True when all keys are known; unread when there may be more.
    pub fn is_complete(self) -> Truth {
        match self {
            Self::Doc(map) if map.view.is_open() => Truth::Unread(GapId::NOT_COLLECTED),
            Self::Doc(_) | Self::Values(_) => Truth::True,
        }
    }
}
