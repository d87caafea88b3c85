//! A file, or a chunk of one, as the app hands it over.

use std::fmt;

/// A family of formats; `--as` forces one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Azure Resource Manager and Azure Resource Graph JSON.
    Azure,
    /// Answers of the AWS CLI, and AWS Config snapshots.
    Aws,
    /// Cloud Asset Inventory, and `gcloud ... list --format json`.
    Gcp,
    /// Kubernetes objects.
    Kubernetes,
    /// Findings of other tools.
    Findings,
}

impl Format {
    /// All formats with the names that `--as` knows.
    pub const ALL: [(&'static str, Self); 5] = [
        ("azure", Self::Azure),
        ("aws", Self::Aws),
        ("gcp", Self::Gcp),
        ("kubernetes", Self::Kubernetes),
        ("findings", Self::Findings),
    ];

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = if name == "k8s" { "kubernetes" } else { name };
        Self::ALL.into_iter().find(|(own, _)| *own == name).map(|(_, format)| format)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = Self::ALL.iter().find(|(_, format)| format == self);
        f.write_str(own.map_or("", |(name, _)| name))
    }
}

/// A file that the app has opened and decompressed, or a chunk of whole lines of one.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'a> {
    /// Path below the root that the user gave, with `/`; AWS answers are told by it.
    pub name: &'a str,
    /// Path as the user would write it; problems name it. `-` for standard input.
    pub path: &'a str,
    /// The content, or a chunk of it.
    pub bytes: &'a [u8],
    /// The format, when the user has forced one.
    pub format: Option<Format>,
    /// Number of lines of the file before this chunk; 0 for a whole file.
    pub first_line: u64,
    /// Whether every line is an item of its own (see [`is_lines`]).
    pub is_lines: bool,
}

impl<'a> SourceFile<'a> {
    /// A whole file.
    pub fn whole(name: &'a str, path: &'a str, bytes: &'a [u8]) -> Self {
        Self { name, path, bytes, format: None, first_line: 0, is_lines: false }
    }
}

/// Whether a file that begins with `head` has one JSON object per line, so that the app may cut it
/// into chunks at line ends. `head` should hold at least the first two lines, where they exist.
pub fn is_lines(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut full = lines.by_ref().filter(|line| !line.is_empty());
    let (Some(first), Some(second)) = (full.next(), full.next()) else { return false };
    first.starts_with(b"{")
        && second.starts_with(b"{")
        && serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_lines;

    #[test]
    fn lines_are_told_from_pretty_json() {
        assert!(is_lines(b"{\"a\": 1}\n\n{\"b\": 2}\n"));
        assert!(!is_lines(b"{\"a\": 1}\n"));
        assert!(!is_lines(b"{\n  \"a\": {\n}}"));
        assert!(!is_lines(b"[{\"a\": 1},\n{\"b\": 2}]"));
    }
}
