//! Documents as compact binary trees.
//!
//! In: JSON values. Out: [`Doc`], about half the size of the text, and [`View`], which reads it
//! without building anything. A million documents stay in memory this way, and reading one path
//! costs a few dozen nanoseconds.
//!
//! Beside JSON's six types there are two: **unread** (a value that was not collected, with the
//! number of the gap) and the **open object**, whose missing keys are unread rather than absent.
//!
//! Encoding of a value: a tag byte, then for numbers a varint or eight bytes, for text its length
//! and bytes, for lists and objects the length of their content in bytes, the number of elements
//! and the elements; an object's entries are a key number and a value, sorted by key number.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use self::held::Held;
use crate::keys::{Key, Keys};
use crate::resource::GapId;
use crate::stored::{self, DocError};

mod held;
mod merge;

pub(crate) const NULL: u8 = 0;
pub(crate) const FALSE: u8 = 1;
pub(crate) const TRUE: u8 = 2;
pub(crate) const INT: u8 = 3;
pub(crate) const FLOAT: u8 = 4;
pub(crate) const STR: u8 = 5;
pub(crate) const LIST: u8 = 6;
pub(crate) const OBJECT: u8 = 7;
pub(crate) const OPEN_OBJECT: u8 = 8;
pub(crate) const UNREAD: u8 = 9;

/// Deeper values read as null when a tree is walked; what comes in is bounded more tightly.
const MAX_DEPTH: u32 = 512;

/// Key of the marker object by which shaping code writes special values into JSON: see
/// [`unread_marker`] and [`open_marker`].
const MARKER: &str = "\u{0}merlon";

/// JSON stand-in for an unread value; [`Doc::build`] turns it into one.
pub fn unread_marker(gap: GapId) -> Json {
    serde_json::json!({ MARKER: gap.0 })
}

/// Marks a JSON object as open: its missing keys are unread. Other values are left alone.
pub fn open_marker(value: &mut Json) {
    if let Json::Object(map) = value {
        map.insert(MARKER.to_owned(), Json::Bool(true));
    }
}

/// A document: an immutable tree, cheap to clone.
///
/// Its bytes are a range of a block, which it may share: clones share theirs, and the documents of a
/// file that was read at once lie in a few large blocks rather than in a million small ones. A block may
/// be compressed until one of its documents is read: see [`Doc::packed_in`].
#[derive(Clone)]
pub struct Doc {
    block: Held,
    start: u32,
    len: u32,
}

impl PartialEq for Doc {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Doc {}

impl std::hash::Hash for Doc {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

impl std::fmt::Debug for Doc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Doc({} bytes)", self.len)
    }
}

impl Doc {
    /// Encodes `json`, with markers turned into unread values and open objects.
    pub fn build(json: &Json, keys: &Keys) -> Self {
        let mut bytes = Vec::with_capacity(256);
        encode(json, keys, &mut bytes);
        Self::packed(&bytes)
    }

    /// A copy in a block of its own size. Shrinking the buffer in place would keep up to half of
    /// it unused, for as long as the document lives.
    fn packed(bytes: &[u8]) -> Self {
        // a document of 4 GiB cannot come in: items are bounded
        Self { block: Held::Warm(bytes.into()), start: 0, len: bytes.len() as u32 }
    }

    /// [`Doc::all_in`] for bytes from a disk: each document is walked first, and what [`Doc::build`]
    /// cannot have written is refused. Key numbers must be below `n_keys`, those of the table that the
    /// documents were built with.
    pub fn checked_in(
        block: &Arc<[u8]>,
        lengths: &[u32],
        n_keys: usize,
    ) -> Result<Vec<Self>, DocError> {
        let docs = Self::all_in(block, lengths).ok_or(DocError::Length)?;
        docs.iter().try_for_each(|it| stored::check(it.bytes(), n_keys))?;
        Ok(docs)
    }

    /// One document that was stored: see [`Doc::checked_in`].
    pub fn from_bytes(bytes: &[u8], n_keys: usize) -> Result<Self, DocError> {
        stored::check(bytes, n_keys)?;
        Ok(Self::packed(bytes))
    }

    /// Moves documents into one block, where they lie close together for as long as any of them lives.
    pub fn pack<'a>(docs: impl Iterator<Item = &'a mut Self>) {
        let mut docs: Vec<&mut Self> = docs.collect();
        let bytes: Vec<u8> = docs.iter().flat_map(|doc| doc.bytes()).copied().collect();
        let block: Arc<[u8]> = bytes.into();
        let mut start = 0;
        for doc in &mut docs {
            let len = doc.len;
            **doc = Self { block: Held::Warm(Arc::clone(&block)), start, len };
            start += len;
        }
    }

    /// The encoded tree.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        let start = self.start as usize;
        self.block.bytes().get(start..start + self.len as usize).unwrap_or_default()
    }

    /// The document of a resource that is known only by reference: everything in it is unread.
    pub fn stub() -> Self {
        Self::packed(&[OPEN_OBJECT, 1, 0])
    }

    /// A value that was not collected.
    pub fn unread(gap: GapId) -> Self {
        let mut bytes = vec![UNREAD];
        write_varint(u64::from(gap.0), &mut bytes);
        Self::packed(&bytes)
    }

    /// A closed object of these values, each key once. Lists and objects among them must use the same
    /// table of keys.
    pub fn flat(entries: &mut [(Key, View<'_>)]) -> Self {
        let mut bytes = Vec::with_capacity(64);
        encode_flat(entries, &mut bytes);
        Self::packed(&bytes)
    }

    /// A list of documents.
    pub fn list(items: &[&Self]) -> Self {
        let mut bytes = vec![LIST];
        with_length(&mut bytes, |out| {
            write_varint(items.len() as u64, out);
            for item in items {
                out.extend_from_slice(item.bytes());
            }
        });
        Self::packed(&bytes)
    }

    /// This object with further entries; an entry that is there already is replaced. A document
    /// that is no object becomes one that holds only the entries.
    #[must_use]
    pub fn with_entries(&self, entries: &[(Key, &Self)]) -> Self {
        let (is_open, own) = match self.view() {
            View::Object(object) => (object.is_open(), object.raw_entries()),
            _ => (false, Vec::new()),
        };
        let mut merged: BTreeMap<Key, &[u8]> = own.into_iter().collect();
        merged.extend(entries.iter().map(|(key, doc)| (*key, doc.bytes())));
        let mut bytes = vec![if is_open { OPEN_OBJECT } else { OBJECT }];
        with_length(&mut bytes, |out| {
            write_varint(merged.len() as u64, out);
            for (key, value) in merged {
                write_varint(u64::from(key.0), out);
                out.extend_from_slice(value);
            }
        });
        Self::packed(&bytes)
    }

    /// This object with its missing keys turned from absent to unread, or the other way round.
    #[must_use]
    pub fn with_openness(self, is_open: bool) -> Self {
        let wanted = if is_open { OPEN_OBJECT } else { OBJECT };
        match self.bytes().first() {
            Some(&tag @ (OBJECT | OPEN_OBJECT)) if tag != wanted => {
                let mut bytes = self.bytes().to_vec();
                if let Some(tag) = bytes.first_mut() {
                    *tag = wanted;
                }
                Self::packed(&bytes)
            }
            _ => self,
        }
    }

    /// A view of the whole tree.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View::decode(self.bytes())
    }

    /// Size in memory, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.len as usize
    }
}

/// Documents in the making that will lie in one block.
#[derive(Debug, Default)]
pub struct Block {
    bytes: Vec<u8>,
    lengths: Vec<u32>,
}

impl Block {
    /// Adds what [`Doc::flat`] would make of these values.
    pub fn add_flat(&mut self, entries: &mut [(Key, View<'_>)]) {
        let start = self.bytes.len();
        encode_flat(entries, &mut self.bytes);
        self.lengths.push((self.bytes.len() - start) as u32);
    }

    /// The number of documents so far.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Whether there is no document yet.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// The documents; afterwards it is empty.
    pub fn take(&mut self) -> Vec<Doc> {
        let docs = Doc::all_in(&self.bytes.as_slice().into(), &self.lengths);
        self.bytes.clear();
        self.lengths.clear();
        docs.unwrap_or_default() // the lengths add up
    }
}

fn encode_flat(entries: &mut [(Key, View<'_>)], out: &mut Vec<u8>) {
    entries.sort_unstable_by_key(|(key, _)| *key);
    out.push(OBJECT);
    with_length(out, |out| {
        write_varint(entries.len() as u64, out);
        for (key, value) in &*entries {
            write_varint(u64::from(key.0), out);
            encode_view(*value, out);
        }
    });
}

fn encode(json: &Json, keys: &Keys, out: &mut Vec<u8>) {
    match json {
        Json::Null => out.push(NULL),
        Json::Bool(false) => out.push(FALSE),
        Json::Bool(true) => out.push(TRUE),
        Json::Number(number) => encode_number(number, out),
        Json::String(text) => {
            out.push(STR);
            write_varint(text.len() as u64, out);
            out.extend_from_slice(text.as_bytes());
        }
        Json::Array(items) => {
            out.push(LIST);
            with_length(out, |out| {
                write_varint(items.len() as u64, out);
                for item in items {
                    encode(item, keys, out);
                }
            });
        }
        Json::Object(map) => match map.get(MARKER) {
            Some(Json::Number(gap)) => {
                out.push(UNREAD);
                write_varint(gap.as_u64().unwrap_or(0), out);
            }
            marker => encode_object(map, marker.is_some(), keys, out),
        },
    }
}

fn encode_view(value: View<'_>, out: &mut Vec<u8>) {
    match value {
        View::Null => out.push(NULL),
        View::List(list) => {
            out.push(LIST);
            write_varint(list.body.len() as u64, out);
            out.extend_from_slice(list.body);
        }
        View::Object(object) => out.extend_from_slice(object.bytes),
        View::Bool(bool) => out.push(if bool { TRUE } else { FALSE }),
        View::Int(int) => {
            out.push(INT);
            write_varint(zigzag(int), out);
        }
        View::Float(float) => {
            out.push(FLOAT);
            out.extend_from_slice(&float.to_le_bytes());
        }
        View::Str(text) => {
            out.push(STR);
            write_varint(text.len() as u64, out);
            out.extend_from_slice(text.as_bytes());
        }
        View::Unread(gap) => {
            out.push(UNREAD);
            write_varint(u64::from(gap.0), out);
        }
    }
}

fn encode_object(
    map: &serde_json::Map<String, Json>,
    is_open: bool,
    keys: &Keys,
    out: &mut Vec<u8>,
) {
    let mut entries: Vec<(Key, &Json)> = map
        .iter()
        .filter(|(name, _)| *name != MARKER)
        .map(|(name, value)| (keys.intern(name), value))
        .collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    out.push(if is_open { OPEN_OBJECT } else { OBJECT });
    with_length(out, |out| {
        write_varint(entries.len() as u64, out);
        for (key, value) in entries {
            write_varint(u64::from(key.0), out);
            encode(value, keys, out);
        }
    });
}

fn encode_number(number: &serde_json::Number, out: &mut Vec<u8>) {
    if let Some(int) = number.as_i64() {
        out.push(INT);
        write_varint(zigzag(int), out);
    } else {
        out.push(FLOAT);
        out.extend_from_slice(&number.as_f64().unwrap_or(f64::NAN).to_le_bytes());
    }
}

/// Writes what `content` writes, preceded by its length in bytes.
fn with_length(out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.push(0); // most lengths are one byte
    content(out);
    let length = out.len() - start - 1;
    if let (0..0x80, Some(place)) = (length, out.get_mut(start)) {
        *place = length as u8;
        return;
    }
    let mut prefix = Vec::with_capacity(4);
    write_varint(length as u64, &mut prefix);
    out.splice(start..=start, prefix);
}

fn zigzag(int: i64) -> u64 {
    ((int << 1) ^ (int >> 63)).cast_unsigned()
}

fn unzigzag(raw: u64) -> i64 {
    (raw >> 1).cast_signed() ^ -((raw & 1).cast_signed())
}

fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads a varint; the rest follows. `(0, [])` at the end of the bytes.
#[inline]
pub(crate) fn read_varint(bytes: &[u8]) -> (u64, &[u8]) {
    match bytes.split_first() {
        Some((byte, rest)) if *byte < 0x80 => (u64::from(*byte), rest), // most are short
        _ => read_long_varint(bytes),
    }
}

fn read_long_varint(bytes: &[u8]) -> (u64, &[u8]) {
    let mut value = 0;
    let mut shift = 0;
    let mut rest = bytes;
    while let Some((byte, tail)) = rest.split_first() {
        value |= u64::from(byte & 0x7f) << shift;
        rest = tail;
        if byte & 0x80 == 0 || shift >= 63 {
            break;
        }
        shift += 7;
    }
    (value, rest)
}

/// One value inside a document, read in place.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// JSON null, or a key that is known to be absent.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Str(&'a str),
    /// A list.
    List(ListView<'a>),
    /// An object, closed or open.
    Object(ObjectView<'a>),
    /// A value that was not collected.
    Unread(GapId),
}

/// A list inside a document: 16 bytes, to be kept by the million.
#[derive(Debug, Clone, Copy)]
pub struct ListView<'a> {
    /// The number of elements and the elements.
    body: &'a [u8],
}

/// An object inside a document, closed or open: 16 bytes, to be kept by the million.
#[derive(Debug, Clone, Copy)]
pub struct ObjectView<'a> {
    /// The tag, the length of the content in bytes, the number of entries and the entries.
    bytes: &'a [u8],
}

impl<'a> View<'a> {
    #[inline]
    fn decode(bytes: &'a [u8]) -> Self {
        Self::decode_one(bytes).0
    }

    /// Reads the first value; the rest follows.
    fn decode_one(bytes: &'a [u8]) -> (Self, &'a [u8]) {
        let Some((tag, rest)) = bytes.split_first() else { return (View::Null, &[]) };
        match *tag {
            FALSE => (View::Bool(false), rest),
            TRUE => (View::Bool(true), rest),
            INT => {
                let (raw, rest) = read_varint(rest);
                (View::Int(unzigzag(raw)), rest)
            }
            FLOAT => match rest.split_first_chunk::<8>() {
                Some((chunk, rest)) => (View::Float(f64::from_le_bytes(*chunk)), rest),
                None => (View::Null, &[]),
            },
            STR => {
                let (length, rest) = read_varint(rest);
                let (text, rest) = rest.split_at_checked(length as usize).unwrap_or((rest, &[]));
                (View::Str(std::str::from_utf8(text).unwrap_or_default()), rest)
            }
            LIST => {
                let (length, rest) = read_varint(rest);
                let (body, rest) = rest.split_at_checked(length as usize).unwrap_or((rest, &[]));
                (View::List(ListView { body }), rest)
            }
            OBJECT | OPEN_OBJECT => {
                let rest = Self::skip(bytes);
                let own = bytes.len() - rest.len();
                let object = ObjectView { bytes: bytes.get(..own).unwrap_or_default() };
                (View::Object(object), rest)
            }
            UNREAD => {
                let (gap, rest) = read_varint(rest);
                (View::Unread(GapId(gap as u32)), rest)
            }
            _ => (View::Null, rest),
        }
    }

    /// Skips one value without decoding text.
    #[inline]
    fn skip(bytes: &'a [u8]) -> &'a [u8] {
        let Some((tag, rest)) = bytes.split_first() else { return &[] };
        match *tag {
            INT | UNREAD => read_varint(rest).1,
            FLOAT => rest.get(8..).unwrap_or_default(),
            STR | LIST | OBJECT | OPEN_OBJECT => {
                let (length, rest) = read_varint(rest);
                rest.get(length as usize..).unwrap_or_default()
            }
            _ => rest,
        }
    }

    /// The value under `key`: null on a closed object without it and on null, unread on an open
    /// object without it and on unread, `None` on anything that has no keys.
    #[inline]
    pub fn get(self, key: Key) -> Option<View<'a>> {
        match self {
            View::Object(object) => Some(object.get(key)),
            View::Null => Some(View::Null),
            View::Unread(gap) => Some(View::Unread(gap)),
            View::Bool(_) | View::Int(_) | View::Float(_) | View::Str(_) | View::List(_) => None,
        }
    }

    /// Whether both are written the same: then they are the same value. Values that are written
    /// differently may still be equal, such as 1 and 1.0.
    pub fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (View::Null, View::Null) => true,
            (View::Bool(a), View::Bool(b)) => a == b,
            (View::Int(a), View::Int(b)) => a == b,
            (View::Float(a), View::Float(b)) => a.to_bits() == b.to_bits(),
            (View::Str(a), View::Str(b)) => a == b,
            (View::List(a), View::List(b)) => a.body == b.body,
            (View::Object(a), View::Object(b)) => a.bytes == b.bytes,
            (View::Unread(a), View::Unread(b)) => a == b,
            _ => false,
        }
    }

    /// The value as JSON, for evidence and reports; unread becomes the text `<not collected>`.
    pub fn to_json(self, keys: &Keys) -> Json {
        self.to_json_within(MAX_DEPTH, keys)
    }

    fn to_json_within(self, depth: u32, keys: &Keys) -> Json {
        let Some(depth) = depth.checked_sub(1) else { return Json::Null };
        match self {
            View::Null => Json::Null,
            View::Bool(bool) => Json::Bool(bool),
            View::Int(int) => Json::from(int),
            View::Float(float) => Json::from(float),
            View::Str(text) => Json::from(text),
            View::List(list) => list.iter().map(|item| item.to_json_within(depth, keys)).collect(),
            View::Object(object) => Json::Object(
                object
                    .iter()
                    .map(|(key, value)| {
                        let value = value.to_json_within(depth, keys);
                        (keys.name(key).as_ref().to_owned(), value)
                    })
                    .collect(),
            ),
            View::Unread(_) => Json::from("<not collected>"),
        }
    }
}

impl<'a> ListView<'a> {
    /// The number of elements and the elements. Each takes a byte at least, whatever the number says.
    fn items(self) -> (u64, &'a [u8]) {
        let (n_items, rest) = read_varint(self.body);
        (n_items.min(rest.len() as u64), rest)
    }

    /// Number of elements.
    pub fn len(self) -> usize {
        self.items().0 as usize
    }

    /// Whether there is no element.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The elements in order.
    pub fn iter(self) -> impl Iterator<Item = View<'a>> + Clone {
        let (n_items, mut rest) = self.items();
        (0..n_items).map(move |_| {
            let (view, tail) = View::decode_one(rest);
            rest = tail;
            view
        })
    }
}

impl<'a> ObjectView<'a> {
    /// The number of entries and the entries.
    fn body(self) -> (u64, &'a [u8]) {
        let content = read_varint(self.bytes.get(1..).unwrap_or_default()).1;
        let (n_entries, rest) = read_varint(content);
        (n_entries.min(rest.len() as u64), rest) // each takes a byte at least
    }

    /// The object as it is encoded: two that are the same, with one table of keys, hold the same.
    pub fn encoded(self) -> &'a [u8] {
        self.bytes
    }

    /// Number of entries.
    pub fn len(self) -> usize {
        self.body().0 as usize
    }

    /// Whether there is no entry.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether missing keys are unread rather than absent.
    pub fn is_open(self) -> bool {
        self.bytes.first() == Some(&OPEN_OBJECT)
    }

    /// The value under `key`; null or, in an open object, unread when there is none.
    pub fn get(self, key: Key) -> View<'a> {
        let (n_entries, mut rest) = self.body();
        for _ in 0..n_entries {
            let (number, value) = read_varint(rest);
            if number == u64::from(key.0) {
                return View::decode(value);
            }
            if number > u64::from(key.0) {
                break;
            }
            rest = View::skip(value);
        }
        self.missing()
    }

    /// The entries with their encoded values.
    fn raw_entries(self) -> Vec<(Key, &'a [u8])> {
        let (n_entries, mut rest) = self.body();
        let mut found = Vec::with_capacity(n_entries as usize);
        for _ in 0..n_entries {
            let (number, value) = read_varint(rest);
            rest = View::skip(value);
            let length = value.len() - rest.len();
            found.push((Key(number as u32), value.get(..length).unwrap_or_default()));
        }
        found
    }

    /// What a key that is not here reads as.
    pub fn missing(self) -> View<'a> {
        if self.is_open() { View::Unread(GapId::NOT_COLLECTED) } else { View::Null }
    }

    /// The entries in the order of their key numbers.
    pub fn iter(self) -> impl Iterator<Item = (Key, View<'a>)> + Clone {
        let (n_entries, mut rest) = self.body();
        (0..n_entries).map(move |_| {
            let (number, value) = read_varint(rest);
            let (view, tail) = View::decode_one(value);
            rest = tail;
            (Key(number as u32), view)
        })
    }
}

#[cfg(test)]
mod tests;
