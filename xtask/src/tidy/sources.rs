//! Source files: a header, one idea, no promises, no skipped tests.

use super::TextFile;

/// More lines than this are refused.
const MOST_LINES: usize = 700;
/// More lines than this are worth a look.
const MANY_LINES: usize = 400;
/// Folders below `src`.
const MOST_FOLDERS: usize = 2;

/// Words that promise work. In pieces, so that this file does not promise anything itself.
const PROMISES: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const SKIPPED: [&str; 2] = [concat!("#[ign", "ore"), concat!("#[should", "_panic")];

/// Faults of one source file.
pub(crate) fn check(file: &TextFile) -> Vec<String> {
    let path = &file.path;
    let mut faults = Vec::new();
    let first = file.text.lines().find(|line| !line.starts_with("#![")).unwrap_or_default();
    if !first.starts_with("//! ") {
        faults
            .push(format!("{path}: the first line is not a `//!` header that says what it holds"));
    }
    let n_lines = file.text.lines().count();
    if n_lines > MOST_LINES {
        faults.push(format!("{path}: {n_lines} lines; at most {MOST_LINES}, aim at {MANY_LINES}"));
    }
    let below = path.split_once("/src/").map_or("", |(_, below)| below);
    if below.matches('/').count() > MOST_FOLDERS {
        faults.push(format!("{path}: more than {MOST_FOLDERS} folders below `src`"));
    }
    for (index, line) in file.text.lines().enumerate() {
        let number = index + 1;
        if let Some(word) = promise(line) {
            faults.push(format!("{path}:{number}: `{word}` without an issue: `{word}(#123)`"));
        }
        if let Some(word) = SKIPPED.iter().find(|word| line.contains(**word)) {
            faults.push(format!("{path}:{number}: `{word}`: a test runs, or it goes"));
        }
    }
    faults
}

/// What is worth a look in one source file, if anything.
pub(crate) fn hint(file: &TextFile) -> Option<String> {
    let n_lines = file.text.lines().count();
    let is_long = n_lines > MANY_LINES && n_lines <= MOST_LINES;
    is_long.then(|| format!("{}: {n_lines} lines; does it still hold one idea?", file.path))
}

/// The promise in a comment of this line, unless it names an issue.
fn promise(line: &str) -> Option<&'static str> {
    let (_, comment) = line.split_once("//")?;
    PROMISES.into_iter().find(|word| {
        comment.split_once(*word).is_some_and(|(before, after)| {
            !before.ends_with(char::is_alphanumeric)
                && !after.starts_with("(#")
                && !after.starts_with(char::is_alphanumeric)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{TextFile, check};

    #[track_caller]
    fn faults(path: &str, text: &str) -> usize {
        check(&TextFile { path: path.to_owned(), text: text.to_owned() }).len()
    }

    #[test]
    fn a_file_with_a_header_is_silent() {
        assert_eq!(faults("crates/graph/src/lib.rs", "//! The graph.\n"), 0);
        assert_eq!(faults("fuzz/x.rs", "#![no_main]\n//! Feeds bytes to the parser.\n"), 0);
    }

    #[test]
    fn a_file_without_a_header_is_refused() {
        assert_eq!(faults("crates/graph/src/lib.rs", "use std::fmt;\n"), 1);
    }

    #[test]
    fn a_long_file_is_refused() {
        assert_eq!(faults("crates/graph/src/lib.rs", &"//! x\n".repeat(700)), 0);
        assert_eq!(faults("crates/graph/src/lib.rs", &"//! x\n".repeat(701)), 1);
    }

    #[test]
    fn a_deep_file_is_refused() {
        assert_eq!(faults("crates/graph/src/a/b/c.rs", "//! x\n"), 0);
        assert_eq!(faults("crates/graph/src/a/b/c/d.rs", "//! x\n"), 1);
    }

    #[test]
    fn a_promise_needs_an_issue() {
        let word = concat!("TO", "DO");
        assert_eq!(faults("a.rs", &format!("//! x\n// {word}: later\n")), 1);
        assert_eq!(faults("a.rs", &format!("//! x\n// {word}(#12): later\n")), 0);
    }

    #[test]
    fn a_skipped_test_is_refused() {
        assert_eq!(faults("a.rs", concat!("//! x\n#[ign", "ore]\n")), 1);
    }
}
