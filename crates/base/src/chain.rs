//! An error with its causes on one line.

use std::error::Error;
use std::fmt::Write as _;

/// An error and what caused it, on one line: for logs and for people at a terminal.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        // Some crates print their source inside their own message.
        if !text.contains(&inner_text) {
            // Writing to a string cannot fail.
            write!(text, ": {inner_text}").unwrap_or_default();
        }
        cause = inner.source();
    }
    text
}
