//! Bytes into text: byte order marks, UTF-16, and Latin-1 as the last resort.

use std::borrow::Cow;

/// Text, with a remark when the bytes were not plain UTF-8.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    /// What is worth telling the user; nothing is lost by it.
    pub(crate) remark: Option<&'static str>,
}

/// Decodes `bytes`; never fails, because every byte is a letter of Latin-1.
pub(crate) fn decode(bytes: &[u8]) -> Decoded<'_> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => plain(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // JSON and YAML begin with ASCII: a zero byte beside it is UTF-16 without a mark.
        [first, 0, _, 0, ..] if first.is_ascii() => utf16(bytes, u16::from_le_bytes),
        [0, second, 0, _, ..] if second.is_ascii() => utf16(bytes, u16::from_be_bytes),
        _ => plain(bytes),
    }
}

fn plain(bytes: &[u8]) -> Decoded<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded { text: Cow::Borrowed(text), remark: None },
        // The end of a chunk of a cut file: the rest is still UTF-8.
        Err(error) if error.error_len().is_none() => Decoded {
            text: String::from_utf8_lossy(bytes),
            remark: Some("the last letter is cut off in the middle"),
        },
        Err(_) => Decoded {
            text: Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
            remark: Some("it is not UTF-8 and was read as Latin-1; letters may be wrong"),
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded<'_> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut is_broken = !odd.is_empty();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|letter| {
            letter.unwrap_or_else(|_| {
                is_broken = true;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    let remark = is_broken.then_some("it is broken UTF-16; letters may be wrong");
    Decoded { text: Cow::Owned(text), remark }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[track_caller]
    fn check(bytes: &[u8], want: &str, has_remark: bool) {
        let decoded = decode(bytes);
        assert_eq!((&*decoded.text, decoded.remark.is_some()), (want, has_remark));
    }

    #[test]
    fn marks_are_taken_off() {
        check(b"\xEF\xBB\xBF{}", "{}", false);
        check(b"{}", "{}", false);
    }

    #[test]
    fn utf_16_in_both_orders_with_and_without_a_mark() {
        check(b"\xFF\xFE{\0}\0", "{}", false);
        check(b"\xFE\xFF\0{\0}", "{}", false);
        check(b"{\0}\0", "{}", false);
        check(b"\0{\0}", "{}", false);
        check(b"\xFF\xFE{\0}", "{", true);
    }

    #[test]
    fn other_bytes_are_latin_1() {
        check(b"{\"a\": \"caf\xE9!\"}", "{\"a\": \"café!\"}", true);
    }
}
