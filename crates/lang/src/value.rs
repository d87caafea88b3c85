//! What an expression is worth at run time.
//!
//! A [`Value`] is 32 bytes and cheap to clone: text and documents are borrowed from the graph (`'g`) where they
//! come from it, everything else is behind an `Arc`. It knows no graph: a node is a number, what is in it is
//! asked of a [`crate::host::Host`].
//!
//! Four questions are asked of two values, and they have different answers:
//!
//! | question | function | 1 and 1.0 | null and null | NaN and NaN |
//! |---|---|---|---|---|
//! | `a = b` | [`compare::equals`] | true | null | false |
//! | `a < b` | [`compare::compare`] | equal | null | neither |
//! | same group, `DISTINCT` | [`Key`] | same | same | same |
//! | which first in `ORDER BY` | [`compare::order`] | equal | equal | equal |
//!
//! **Unread** is what could not be looked at (see the crate `model`). It is not null: null is known to be absent.
//!
//! INVARIANT: entries of a [`MapValue`] are sorted by key, each key once.

pub mod compare;
pub(crate) mod display;
mod document;
pub mod truth;
pub mod view;

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

pub use model::GapId;

pub use self::compare::Key;
pub use self::document::{DocList, DocMap};
pub use self::truth::Truth;
pub use self::view::{ListView, MapView};
use crate::period::Period;

/// A node of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// An edge of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId(pub u32);

/// A value of the language.
#[derive(Clone)]
pub enum Value<'g> {
    /// Known to be absent.
    Null,
    /// Not looked at, and why.
    Unread(GapId),
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating point number, infinities and NaN included.
    Float(f64),
    /// Text.
    Str(Text<'g>),
    /// A list.
    List(Arc<[Value<'g>]>),
    /// A map.
    Map(Arc<MapValue<'g>>),
    /// A list in a document. The same as a list; read both through [`Value::as_list`].
    DocList(DocList<'g>),
    /// An object in a document. The same as a map; read both through [`Value::as_map`].
    DocMap(DocMap<'g>),
    /// A node.
    Node(NodeId),
    /// An edge.
    Edge(EdgeId),
    /// A path.
    Path(Arc<PathValue>),
    /// An instant, shown in UTC.
    DateTime(Timestamp),
    /// A length of time in months, days and seconds.
    Duration(Arc<Period>),
}

/// Text, borrowed from the graph or shared. Equality, order and hash are those of `str`.
#[derive(Clone)]
pub enum Text<'g> {
    /// From the graph or the query.
    Borrowed(&'g str),
    /// Made while evaluating.
    Shared(Arc<str>),
}

/// A map: entries sorted by key.
#[derive(Clone, Debug, Default)]
pub struct MapValue<'g> {
    entries: Vec<(Text<'g>, Value<'g>)>,
}

/// A path: `nodes.len() == edges.len() + 1`, edge `i` lies between node `i` and node `i + 1` (in either direction).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathValue {
    /// The nodes from start to end; never empty.
    pub nodes: Vec<NodeId>,
    /// The edges from start to end.
    pub edges: Vec<EdgeId>,
}

impl Text<'_> {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text<'_> {}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl std::hash::Hash for Text<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl<'g> From<&'g str> for Text<'g> {
    fn from(text: &'g str) -> Self {
        Self::Borrowed(text)
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::Shared(text.into())
    }
}

impl<'g> MapValue<'g> {
    /// A map from entries in any order; of two entries with the same key the later one holds.
    pub fn from_entries(mut entries: Vec<(Text<'g>, Value<'g>)>) -> Self {
        entries.reverse();
        entries.sort_by(|a, b| a.0.cmp(&b.0)); // stable: the later one of equal keys now comes first
        entries.dedup_by(|next, kept| next.0 == kept.0);
        Self { entries }
    }

    /// The value of a key; `None` when there is no such entry.
    pub fn get(&self, key: &str) -> Option<&Value<'g>> {
        let idx = self.entries.binary_search_by(|(it, _)| it.as_str().cmp(key)).ok()?;
        self.entries.get(idx).map(|(_, value)| value)
    }

    /// All entries, sorted by key.
    pub fn entries(&self) -> &[(Text<'g>, Value<'g>)] {
        &self.entries
    }
}

impl PathValue {
    /// The number of edges.
    pub fn n_edges(&self) -> usize {
        self.edges.len()
    }
}

impl<'g> Value<'g> {
    /// Text borrowed from the graph or the query.
    pub fn str(text: &'g str) -> Self {
        Self::Str(Text::Borrowed(text))
    }

    /// Text made while evaluating.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::Str(Text::Shared(text.into()))
    }

    /// A list.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(items.into())
    }

    /// A map from entries in any order; of two entries with the same key the later one holds.
    pub fn map(entries: Vec<(Text<'g>, Self)>) -> Self {
        Self::Map(Arc::new(MapValue::from_entries(entries)))
    }

    /// Bytes that this value alone holds, about: what others share and what comes from the graph counts
    /// nothing. Counting ends beyond `most`.
    pub fn held_bytes(&self, most: u64) -> u64 {
        const EACH: u64 = size_of::<Value<'_>>() as u64;
        let all = |items: &mut dyn Iterator<Item = &Self>, each: u64| {
            let mut held = 0_u64;
            for item in items {
                held += each + item.held_bytes(most);
                if held > most {
                    break;
                }
            }
            held
        };
        match self {
            Self::Str(Text::Shared(text)) if Arc::strong_count(text) == 1 => text.len() as u64,
            Self::List(items) if Arc::strong_count(items) == 1 => all(&mut items.iter(), EACH),
            Self::Map(map) if Arc::strong_count(map) == 1 => {
                all(&mut map.entries.iter().map(|it| &it.1), 2 * EACH)
            }
            Self::Path(path) => 4 * (path.nodes.len() + path.edges.len()) as u64,
            _ => 0,
        }
    }

    /// A number of things.
    pub fn count(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A length of time.
    pub fn duration(period: Period) -> Self {
        Self::Duration(Arc::new(period))
    }

    /// Null, and nothing else.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The gap when it is unread.
    pub fn gap(&self) -> Option<GapId> {
        match self {
            Self::Unread(gap) => Some(*gap),
            _ => None,
        }
    }

    /// The text of a text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The number of a whole number.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number of a whole or floating point number.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// A view of a list, wherever it is kept.
    pub fn as_list(&self) -> Option<ListView<'_, 'g>> {
        match self {
            Self::List(items) => Some(ListView::Values(items)),
            Self::DocList(list) => Some(ListView::Doc(*list)),
            _ => None,
        }
    }

    /// A view of a map, wherever it is kept. Nodes and edges are not maps: ask the host.
    pub fn as_map(&self) -> Option<MapView<'_, 'g>> {
        match self {
            Self::Map(map) => Some(MapView::Values(map)),
            Self::DocMap(map) => Some(MapView::Doc(*map)),
            _ => None,
        }
    }

    /// As a condition: `None` when it is neither a truth value nor null nor unread.
    pub fn truth(&self) -> Option<Truth> {
        match self {
            Self::Null => Some(Truth::Null),
            Self::Unread(gap) => Some(Truth::Unread(*gap)),
            Self::Bool(value) => Some(Truth::from(*value)),
            _ => None,
        }
    }

    /// What to call such a value in a message: `integer`, `list`, `node`, ...
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unread(_) => "unread",
            Self::Bool(_) => "boolean",
            Self::Int(_) => "integer",
            Self::Float(_) => "float",
            Self::Str(_) => "string",
            Self::List(_) | Self::DocList(_) => "list",
            Self::Map(_) | Self::DocMap(_) => "map",
            Self::Node(_) => "node",
            Self::Edge(_) => "edge",
            Self::Path(_) => "path",
            Self::DateTime(_) => "datetime",
            Self::Duration(_) => "duration",
        }
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl<'g> From<&'g str> for Value<'g> {
    fn from(value: &'g str) -> Self {
        Self::str(value)
    }
}

impl From<Truth> for Value<'_> {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Bool(true),
            Truth::False => Self::Bool(false),
            Truth::Null => Self::Null,
            Truth::Unread(gap) => Self::Unread(gap),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Text, Value};

    #[test]
    fn a_value_is_small() {
        assert_eq!(size_of::<Value<'_>>(), 32);
    }

    #[test]
    fn later_entry_of_a_map_holds() {
        let map = Value::map(vec![
            (Text::from("b"), Value::Int(1)),
            (Text::from("a"), Value::Int(2)),
            (Text::from("b"), Value::Int(3)),
        ]);
        assert_eq!(map.to_string(), "{a: 2, b: 3}");
    }
}
