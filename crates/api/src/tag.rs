//! Entity tags: what an answer is, in a few characters.

use std::fmt::Write as _;

use axum::http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::problem::Problem;

/// The tag of the bytes of an answer.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    format!("\"{}\"", hex(&Sha256::digest(bytes), 16))
}

/// The first `n` bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8], n: usize) -> String {
    let mut text = String::with_capacity(2 * n);
    for byte in bytes.iter().take(n) {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}

/// The tag of an object as its `GET` answers it.
pub(crate) fn of<T: Serialize>(object: &T) -> String {
    of_bytes(&serde_json::to_vec(object).unwrap_or_default())
}

/// Whether a list of tags, as `If-Match` and `If-None-Match` carry it, names `tag`.
pub(crate) fn is_named(list: &str, tag: &str) -> bool {
    // Compression makes a tag weak; it is the same object.
    let strip = |it: &str| it.trim().trim_start_matches("W/").to_owned();
    list.trim() == "*" || list.split(',').any(|it| strip(it) == tag)
}

/// Refuses a change to an object that is no longer what the client has read.
pub(crate) fn must_match<T: Serialize>(headers: &HeaderMap, object: &T) -> Result<(), Problem> {
    let Some(wanted) = headers.get(header::IF_MATCH) else { return Ok(()) };
    if wanted.to_str().is_ok_and(|it| is_named(it, &of(object))) {
        return Ok(());
    }
    let detail = "it has changed since it was read: read it again";
    Err(Problem::new(StatusCode::PRECONDITION_FAILED, "changed", detail))
}

#[cfg(test)]
mod tests {
    use super::{is_named, of};

    #[test]
    fn tags_tell_objects_apart() {
        let tag = of(&1);
        assert_ne!(tag, of(&2));
        assert!(is_named(&format!("\"x\", W/{tag}"), &tag));
        assert!(is_named("*", &tag));
        assert!(!is_named("\"x\"", &tag));
    }
}
