//! One path of the documents of many nodes, as a column of small numbers.
//!
//! Each distinct value has a code; a condition on the path is judged once a distinct value, and then
//! a scan only looks up codes.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

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
    Str(Arc<str>),
    /// A list or an object: to be read from the document.
    Deep,
}

impl Entry {
    /// The value; `None` when it is to be read from the document.
    pub(crate) fn value(&self) -> Option<Value<'static>> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Unread(gap) => Value::Unread(*gap),
            Self::Bool(it) => Value::Bool(*it),
            Self::Int(it) => Value::Int(*it),
            Self::Float(it) => Value::Float(*it),
            Self::Str(text) => Value::string(Arc::clone(text)),
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

/// The codes of nodes that follow each other.
pub(crate) enum CodesOfRun<'a> {
    Narrow(&'a [u8]),
    Wide(&'a [u32]),
}

/// The values of a path.
#[derive(Debug)]
pub(crate) struct Column {
    first_node: u32,
    codes: Codes,
    entries: Vec<Entry>,
    /// By code: how many nodes have it; that of null is not kept.
    counts: Vec<u32>,
    /// The nodes by code, made on first use: where those of each code start, and the nodes.
    by_code: OnceLock<(Vec<u32>, Vec<u32>)>,
    /// Codes of values that no search finds: unread, deep, floating.
    odd: Vec<u32>,
    /// The codes of texts and whole numbers, made on first use.
    index: OnceLock<HashMap<IndexKey, u32>>,
}

/// What a column can be searched for.
#[derive(Debug, PartialEq, Eq, Hash)]
enum IndexKey {
    Int(i64),
    Str(Arc<str>),
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
        let mut counts = vec![0_u32];
        let mut numbers: HashMap<EntryKey<'a>, u32> = HashMap::new();
        for node in nodes {
            let Some(key) = key_of(read(doc(*node), path)) else { continue };
            let code = *numbers.entry(key).or_insert_with_key(|key| {
                entries.push(key.entry());
                counts.push(0);
                entries.len() as u32 - 1
            });
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
            if let Some(place) = codes.get_mut((*node - first_node) as usize) {
                *place = code;
            }
        }
        let codes = if entries.len() <= 256 {
            Codes::Narrow(codes.into_iter().map(|code| code as u8).collect())
        } else {
            Codes::Wide(codes)
        };
        let is_odd =
            |entry: &Entry| matches!(entry, Entry::Unread(_) | Entry::Deep | Entry::Float(_));
        let odd = (0_u32..).zip(&entries).filter(|(_, entry)| is_odd(entry));
        Self {
            first_node,
            codes,
            odd: odd.map(|(code, _)| code).collect(),
            entries,
            counts,
            by_code: OnceLock::new(),
            index: OnceLock::new(),
        }
    }

    /// How many nodes have a code other than null.
    pub(crate) fn count(&self, code: u32) -> usize {
        self.counts.get(code as usize).copied().unwrap_or_default() as usize
    }

    /// The nodes that have one of `codes`, sorted. Not for null: it is the code of strangers too.
    pub(crate) fn nodes(&self, codes: &[u32]) -> Vec<u32> {
        let (starts, nodes) = self.by_code.get_or_init(|| self.sort_by_code());
        let mut found = Vec::new();
        for code in codes {
            if let Some([start, end]) =
                starts.get(*code as usize..).and_then(|rest| rest.first_chunk::<2>())
            {
                found.extend(nodes.get(*start as usize..*end as usize).unwrap_or_default());
            }
        }
        found.sort_unstable();
        found
    }

    fn sort_by_code(&self) -> (Vec<u32>, Vec<u32>) {
        let mut starts = Vec::with_capacity(self.counts.len() + 1);
        let mut sum = 0;
        for count in &self.counts {
            starts.push(sum);
            sum += count;
        }
        starts.push(sum);
        let mut next = starts.clone();
        let mut nodes = vec![0; sum as usize];
        let n_places = match &self.codes {
            Codes::Narrow(codes) => codes.len(),
            Codes::Wide(codes) => codes.len(),
        };
        for node in (0..n_places as u32).map(|place| place + self.first_node) {
            let code = self.code(node) as usize;
            if code == 0 {
                continue;
            }
            if let Some(at) = next.get_mut(code) {
                if let Some(place) = nodes.get_mut(*at as usize) {
                    *place = node;
                }
                *at += 1;
            }
        }
        (starts, nodes)
    }

    /// The codes of the values that equal a text or a whole number, or might; `None` for others.
    pub(crate) fn codes_equal(&self, value: &Value<'_>) -> Option<Vec<u32>> {
        let key = match value {
            Value::Int(it) => IndexKey::Int(*it),
            Value::Str(text) => IndexKey::Str(text.as_str().into()),
            _ => return None,
        };
        let index = self.index.get_or_init(|| {
            let keyed = (0_u32..).zip(&self.entries).filter_map(|(code, entry)| match entry {
                Entry::Int(it) => Some((IndexKey::Int(*it), code)),
                Entry::Str(text) => Some((IndexKey::Str(Arc::clone(text)), code)),
                Entry::Null | Entry::Unread(_) | Entry::Bool(_) | Entry::Float(_) | Entry::Deep => {
                    None
                }
            });
            keyed.collect()
        });
        let mut codes: Vec<u32> = index.get(&key).copied().into_iter().collect();
        codes.extend(&self.odd);
        codes.sort_unstable();
        Some(codes)
    }

    /// The distinct values; the first is null.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The codes of `n_nodes` nodes from `first` on; `None` when the column does not cover them.
    pub(crate) fn codes_of_run(&self, first: u32, n_nodes: usize) -> Option<CodesOfRun<'_>> {
        let start = first.checked_sub(self.first_node)? as usize;
        Some(match &self.codes {
            Codes::Narrow(codes) => CodesOfRun::Narrow(codes.get(start..start + n_nodes)?),
            Codes::Wide(codes) => CodesOfRun::Wide(codes.get(start..start + n_nodes)?),
        })
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
