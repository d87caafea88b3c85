//! One path of the documents of many nodes, as a column of small numbers.
//!
//! Each distinct value has a code; a condition on the path is judged once a distinct value, and then
//! a scan only looks up codes.

use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;
use lang::value::{GapId, Value};
use model::{Key, View};

/// A distinct value of a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    Null,
    Unread(GapId),
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Box<str>),
    /// A list or an object: to be read from the document.
    Deep,
}

impl Entry {
    /// The value; `None` when it is to be read from the document.
    pub(crate) fn value(&self) -> Option<Value<'_>> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Unread(gap) => Value::Unread(*gap),
            Self::Bool(it) => Value::Bool(*it),
            Self::Int(it) => Value::Int(*it),
            Self::Float(it) => Value::Float(*it),
            Self::Str(text) => Value::str(text),
            Self::Deep => return None,
        })
    }
}

/// Codes, as narrow as their number allows.
#[derive(Debug)]
pub(crate) enum Codes {
    Narrow(Vec<u8>),
    Wide(Vec<u32>),
}

/// The values of a path.
#[derive(Debug)]
pub(crate) struct Column {
    first_node: u32,
    codes: Codes,
    entries: Vec<Entry>,
}

#[derive(PartialEq, Eq, Hash)]
enum EntryKey<'a> {
    Unread(u32),
    Bool(bool),
    Int(i64),
    Float(u64),
    Str(&'a str),
    Deep,
}

impl Column {
    /// Reads `path` in the documents of `nodes`, which are sorted.
    pub(crate) fn build<'a>(nodes: &[u32], path: &[Key], doc: impl Fn(u32) -> View<'a>) -> Self {
        let first_node = nodes.first().copied().unwrap_or_default();
        let n_places = nodes.last().map_or(0, |last| (*last - first_node) as usize + 1);
        let mut codes = vec![0_u32; n_places];
        let mut entries = vec![Entry::Null];
        let mut numbers: HashMap<EntryKey<'a>, u32> = HashMap::new();
        for node in nodes {
            let Some(key) = key_of(read(doc(*node), path)) else { continue };
            let code = *numbers.entry(key).or_insert_with_key(|key| {
                entries.push(key.entry());
                entries.len() as u32 - 1
            });
            if let Some(place) = codes.get_mut((*node - first_node) as usize) {
                *place = code;
            }
        }
        let codes = if entries.len() <= 256 {
            Codes::Narrow(codes.into_iter().map(|code| code as u8).collect())
        } else {
            Codes::Wide(codes)
        };
        Self { first_node, codes, entries }
    }

    /// The distinct values; the first is null.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The code of a node; 0 for one that is not in the column.
    #[inline]
    pub(crate) fn code(&self, node: u32) -> u32 {
        let at = node.wrapping_sub(self.first_node) as usize;
        match &self.codes {
            Codes::Narrow(codes) => codes.get(at).copied().map_or(0, u32::from),
            Codes::Wide(codes) => codes.get(at).copied().unwrap_or(0),
        }
    }
}

/// The value at a path; what has no keys reads as null here, as the caller falls back for errors.
fn read<'a>(view: View<'a>, path: &[Key]) -> Option<View<'a>> {
    path.iter().try_fold(view, |view, key| view.get(*key))
}

/// The key of a value; `None` for null.
fn key_of(view: Option<View<'_>>) -> Option<EntryKey<'_>> {
    Some(match view {
        Some(View::Null) => return None,
        Some(View::Unread(gap)) => EntryKey::Unread(gap.0),
        Some(View::Bool(it)) => EntryKey::Bool(it),
        Some(View::Int(it)) => EntryKey::Int(it),
        Some(View::Float(it)) => EntryKey::Float(it.to_bits()),
        Some(View::Str(text)) => EntryKey::Str(text),
        Some(View::List(_) | View::Object(_)) | None => EntryKey::Deep,
    })
}

impl EntryKey<'_> {
    fn entry(&self) -> Entry {
        match self {
            Self::Unread(gap) => Entry::Unread(GapId(*gap)),
            Self::Bool(it) => Entry::Bool(*it),
            Self::Int(it) => Entry::Int(*it),
            Self::Float(bits) => Entry::Float(f64::from_bits(*bits)),
            Self::Str(text) => Entry::Str((*text).into()),
            Self::Deep => Entry::Deep,
        }
    }
}

type ColumnName = (Option<u32>, bool, Box<[Key]>);

/// The columns that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    built: RwLock<HashMap<ColumnName, Arc<Column>>>,
}

impl Columns {
    pub(crate) fn get_or_build(
        &self,
        name: ColumnName,
        build: impl FnOnce() -> Column,
    ) -> Arc<Column> {
        let read = self.built.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(column) = read.get(&name) {
            return Arc::clone(column);
        }
        drop(read);
        let column = Arc::new(build());
        let mut built = self.built.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(built.entry(name).or_insert(column))
    }
}
