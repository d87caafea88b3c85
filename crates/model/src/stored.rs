//! Whether bytes that come from a disk are a document.
//!
//! Reading a document in place trusts its encoding, so it is walked once when it comes in.

use crate::doc::{
    FALSE, FLOAT, INT, LIST, NULL, OBJECT, OPEN_OBJECT, STR, TRUE, UNREAD, read_varint,
};

/// Deeper nesting is refused; the readers of foreign files allow less.
const MOST_LEVELS: u32 = 512;

/// Why bytes are no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocError {
    /// They end too early, or go on after the end.
    Length,
    /// A tag that means nothing.
    Tag,
    /// Text that is not UTF-8.
    Text,
    /// Keys out of order, twice, or beyond the table.
    Key,
    /// Nested too deep.
    Depth,
}

impl std::fmt::Display for DocError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Length => "the document has another length than it says",
            Self::Tag => "the document holds an unknown tag",
            Self::Text => "the document holds text that is not UTF-8",
            Self::Key => "the document holds a key out of order or beyond the table",
            Self::Depth => "the document is nested too deep",
        })
    }
}

impl std::error::Error for DocError {}

/// Whether `bytes` are exactly one value.
pub(crate) fn check(bytes: &[u8], n_keys: usize) -> Result<(), DocError> {
    let rest = value(bytes, n_keys as u64, MOST_LEVELS)?;
    if rest.is_empty() { Ok(()) } else { Err(DocError::Length) }
}

/// Checks the first value; the rest follows.
fn value(bytes: &[u8], n_keys: u64, levels: u32) -> Result<&[u8], DocError> {
    let (tag, rest) = bytes.split_first().ok_or(DocError::Length)?;
    match *tag {
        NULL | FALSE | TRUE => Ok(rest),
        INT => varint(rest).map(|(_, rest)| rest),
        UNREAD => match varint(rest)? {
            (gap, rest) if u32::try_from(gap).is_ok() => Ok(rest),
            _ => Err(DocError::Tag),
        },
        FLOAT => rest.get(8..).ok_or(DocError::Length),
        STR => {
            let (text, rest) = block(rest)?;
            std::str::from_utf8(text).map_err(|_| DocError::Text)?;
            Ok(rest)
        }
        LIST | OBJECT | OPEN_OBJECT => {
            let (body, rest) = block(rest)?;
            let levels = levels.checked_sub(1).ok_or(DocError::Depth)?;
            elements(body, *tag != LIST, n_keys, levels)?;
            Ok(rest)
        }
        _ => Err(DocError::Tag),
    }
}

/// Checks the elements of a list or the entries of an object.
fn elements(body: &[u8], has_keys: bool, n_keys: u64, levels: u32) -> Result<(), DocError> {
    let (count, mut rest) = varint(body)?;
    let mut least = 0;
    for _ in 0..count {
        if has_keys {
            let (key, tail) = varint(rest)?;
            if key < least || key >= n_keys {
                return Err(DocError::Key);
            }
            least = key + 1;
            rest = tail;
        }
        rest = value(rest, n_keys, levels)?;
    }
    if rest.is_empty() { Ok(()) } else { Err(DocError::Length) }
}

/// A length and as many bytes; the rest follows.
fn block(bytes: &[u8]) -> Result<(&[u8], &[u8]), DocError> {
    let (length, rest) = varint(bytes)?;
    let length = usize::try_from(length).map_err(|_| DocError::Length)?;
    rest.split_at_checked(length).ok_or(DocError::Length)
}

fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), DocError> {
    let (number, rest) = read_varint(bytes);
    let used = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
    match used.last() {
        Some(last) if last & 0x80 == 0 => Ok((number, rest)),
        _ => Err(DocError::Length),
    }
}

#[cfg(test)]
mod tests {
    use super::DocError;
    use crate::doc::{Doc, open_marker, unread_marker};
    use crate::keys::Keys;
    use crate::resource::GapId;
    use serde_json::json;

    fn sample(keys: &Keys) -> Doc {
        let mut inner = json!({ "a": [1, -2, 2.5, "täxt", null, true, { "b": {} }] });
        open_marker(&mut inner);
        Doc::build(&json!({ "in": inner, "gap": unread_marker(GapId(9)) }), keys)
    }

    #[track_caller]
    fn check(bytes: &[u8], want: DocError) {
        assert_eq!(Doc::from_bytes(bytes, 9).unwrap_err(), want);
    }

    #[test]
    fn a_stored_document_comes_back() {
        let keys = Keys::default();
        let doc = sample(&keys);
        assert_eq!(Doc::from_bytes(doc.bytes(), keys.len()).unwrap(), doc);
        assert!(Doc::from_bytes(Doc::stub().bytes(), 0).is_ok());
    }

    #[test]
    fn keys_beyond_the_table_are_refused() {
        let keys = Keys::default();
        let doc = sample(&keys);
        assert_eq!(Doc::from_bytes(doc.bytes(), keys.len() - 1).unwrap_err(), DocError::Key);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        check(&[], DocError::Length);
        check(&[0, 0], DocError::Length);
        check(&[10], DocError::Tag);
        check(&[5, 1, 0xff], DocError::Text);
        check(&[5, 2, b'a'], DocError::Length);
        check(&[4, 0, 0], DocError::Length);
        check(&[7, 5, 2, 1, 0, 0, 0], DocError::Key); // 1 before 0
        check(&[3, 0x80], DocError::Length);
        check(&[6, 2, 2, 0], DocError::Length);
    }

    #[test]
    fn no_cut_and_no_flipped_byte_makes_a_panic() {
        let keys = Keys::default();
        let doc = sample(&keys);
        for end in 0..doc.bytes().len() {
            assert!(Doc::from_bytes(&doc.bytes()[..end], keys.len()).is_err());
        }
        for index in 0..doc.bytes().len() {
            for bit in 0..8 {
                let mut bytes = doc.bytes().to_vec();
                bytes[index] ^= 1 << bit;
                if let Ok(doc) = Doc::from_bytes(&bytes, keys.len()) {
                    assert!(!doc.view().to_json(&keys).to_string().is_empty());
                }
            }
        }
    }

    #[test]
    fn the_depth_is_bounded() {
        let mut doc = Doc::list(&[]);
        for _ in 0..600 {
            doc = Doc::list(&[&doc]);
        }
        assert_eq!(Doc::from_bytes(doc.bytes(), 0).unwrap_err(), DocError::Depth);
    }
}
