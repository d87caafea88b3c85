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

use serde_json::Value as Json;

use crate::keys::{Key, Keys};
use crate::resource::GapId;

mod merge;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const STR: u8 = 5;
const LIST: u8 = 6;
const OBJECT: u8 = 7;
const OPEN_OBJECT: u8 = 8;
const UNREAD: u8 = 9;

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

/// A document: an immutable tree, owned.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Doc {
    bytes: Box<[u8]>,
}

impl std::fmt::Debug for Doc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Doc({} bytes)", self.bytes.len())
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
        Self { bytes: bytes.into() }
    }

    /// The document of a resource that is known only by reference: everything in it is unread.
    pub fn stub() -> Self {
        Self { bytes: Box::new([OPEN_OBJECT, 1, 0]) }
    }

    /// A value that was not collected.
    pub fn unread(gap: GapId) -> Self {
        let mut bytes = vec![UNREAD];
        write_varint(u64::from(gap.0), &mut bytes);
        Self::packed(&bytes)
    }

    /// A closed object of plain values, for tables: lists and objects among them become null.
    pub fn flat(entries: &mut [(Key, View<'_>)]) -> Self {
        entries.sort_unstable_by_key(|(key, _)| *key);
        let mut body = Vec::with_capacity(64);
        write_varint(entries.len() as u64, &mut body);
        for (key, value) in &*entries {
            write_varint(u64::from(key.0), &mut body);
            encode_scalar(*value, &mut body);
        }
        let mut bytes = Vec::with_capacity(body.len() + 4);
        bytes.push(OBJECT);
        write_varint(body.len() as u64, &mut bytes);
        bytes.extend_from_slice(&body);
        Self::packed(&bytes)
    }

    /// A list of documents.
    pub fn list(items: &[&Self]) -> Self {
        let mut bytes = vec![LIST];
        with_length(&mut bytes, |out| {
            write_varint(items.len() as u64, out);
            for item in items {
                out.extend_from_slice(&item.bytes);
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
        merged.extend(entries.iter().map(|(key, doc)| (*key, &*doc.bytes)));
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
    pub fn with_openness(mut self, is_open: bool) -> Self {
        if let Some(tag) = self.bytes.first_mut()
            && matches!(*tag, OBJECT | OPEN_OBJECT)
        {
            *tag = if is_open { OPEN_OBJECT } else { OBJECT };
        }
        self
    }

    /// A view of the whole tree.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View::decode(&self.bytes)
    }

    /// Size in memory, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }
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

fn encode_scalar(value: View<'_>, out: &mut Vec<u8>) {
    match value {
        View::Null | View::List(_) | View::Object(_) => out.push(NULL),
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
    content(out);
    let length = out.len() - start;
    let mut prefix = Vec::with_capacity(4);
    write_varint(length as u64, &mut prefix);
    out.splice(start..start, prefix);
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
fn read_varint(bytes: &[u8]) -> (u64, &[u8]) {
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
        match self {
            View::Null => Json::Null,
            View::Bool(bool) => Json::Bool(bool),
            View::Int(int) => Json::from(int),
            View::Float(float) => Json::from(float),
            View::Str(text) => Json::from(text),
            View::List(list) => list.iter().map(|item| item.to_json(keys)).collect(),
            View::Object(object) => Json::Object(
                object
                    .iter()
                    .map(|(key, value)| (keys.name(key).as_ref().to_owned(), value.to_json(keys)))
                    .collect(),
            ),
            View::Unread(_) => Json::from("<not collected>"),
        }
    }
}

impl<'a> ListView<'a> {
    /// Number of elements.
    pub fn len(self) -> usize {
        read_varint(self.body).0 as usize
    }

    /// Whether there is no element.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The elements in order.
    pub fn iter(self) -> impl Iterator<Item = View<'a>> + Clone {
        let (n_items, mut rest) = read_varint(self.body);
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
        read_varint(content)
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
mod tests {
    use super::{Doc, View, open_marker, unread_marker};
    use crate::keys::Keys;
    use crate::resource::GapId;
    use serde_json::json;

    #[track_caller]
    fn check_round_trip(json: &serde_json::Value) {
        let keys = Keys::default();
        assert_eq!(&Doc::build(json, &keys).view().to_json(&keys), json);
    }

    #[test]
    fn every_json_type_comes_back() {
        check_round_trip(&json!({
            "a": null, "b": [true, false, -1, 0, 300, i64::MAX, i64::MIN, 2.5, "täxt"],
            "nested": { "z": {}, "y": [], "x": [[{ "deep": 1 }]] }
        }));
    }

    #[test]
    fn missing_keys_are_null_in_closed_and_unread_in_open_objects() {
        let keys = Keys::default();
        let mut json = json!({ "closed": { "a": 1 } });
        open_marker(&mut json);
        let doc = Doc::build(&json, &keys);
        let missing = keys.intern("missing");
        assert!(matches!(doc.view().get(missing), Some(View::Unread(_))));
        let closed = doc.view().get(keys.intern("closed")).unwrap();
        assert!(matches!(closed.get(missing), Some(View::Null)));
        assert!(matches!(closed.get(keys.intern("a")), Some(View::Int(1))));
    }

    #[test]
    fn an_unread_marker_keeps_its_gap() {
        let keys = Keys::default();
        let doc = Doc::build(&json!({ "part": unread_marker(GapId(7)) }), &keys);
        assert!(matches!(doc.view().get(keys.intern("part")), Some(View::Unread(GapId(7)))));
    }

    #[test]
    fn everything_in_a_stub_is_unread() {
        let keys = Keys::default();
        let stub = Doc::stub();
        assert!(matches!(stub.view().get(keys.intern("name")), Some(View::Unread(_))));
    }

    #[test]
    fn entries_are_added_and_replaced() {
        let keys = Keys::default();
        let doc = Doc::build(&json!({ "b": 1, "a": [1] }), &keys);
        let two = Doc::build(&json!({ "x": 2 }), &keys);
        let merged = doc.with_entries(&[(keys.intern("b"), &two), (keys.intern("c"), &two)]);
        let want = json!({ "a": [1], "b": { "x": 2 }, "c": { "x": 2 } });
        assert_eq!(merged.view().to_json(&keys), want);
        let open = merged.with_openness(true);
        assert!(matches!(open.view().get(keys.intern("d")), Some(View::Unread(_))));
    }

    #[test]
    fn lists_of_documents() {
        let keys = Keys::default();
        let list = Doc::list(&[&Doc::build(&json!({ "a": 1 }), &keys), &Doc::unread(GapId(2))]);
        assert_eq!(list.view().to_json(&keys), json!([{ "a": 1 }, "<not collected>"]));
    }

    #[test]
    fn a_flat_document_is_the_same_as_one_from_json() {
        let keys = Keys::default();
        let json = json!({ "id": 7, "name": "täxt", "ratio": 2.5, "on": true });
        let built = Doc::build(&json, &keys);
        let mut entries = [
            (keys.intern("name"), View::Str("täxt")),
            (keys.intern("on"), View::Bool(true)),
            (keys.intern("ratio"), View::Float(2.5)),
            (keys.intern("id"), View::Int(7)),
        ];
        assert_eq!(Doc::flat(&mut entries), built);
    }

    #[test]
    fn a_scalar_has_no_keys() {
        let keys = Keys::default();
        assert!(Doc::build(&json!(1), &keys).view().get(keys.intern("a")).is_none());
    }
}
