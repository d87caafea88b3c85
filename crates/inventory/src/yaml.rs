//! YAML text into JSON values, one document at a time, with bounds.

use serde_json::Value as Json;

/// Largest YAML document that is read, in bytes.
const MAX_DOCUMENT_BYTES: usize = 64 << 20;
/// Largest number of values in one document, after aliases are put in.
const MAX_NODES: usize = 5_000_000;

/// The documents of `text` with the line on which each begins, or why one was not read.
pub(crate) fn documents(text: &str) -> Vec<(usize, Result<Json, String>)> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut start_line = 1;
    let mut offset = 0;
    for (n_lines, line) in (1..).zip(text.split_inclusive('\n')) {
        if is_separator(line) {
            read(text.get(start..offset), start_line, &mut found);
            start = offset;
            start_line = n_lines;
        }
        offset += line.len();
    }
    read(text.get(start..), start_line, &mut found);
    found
}

/// `---` begins a document. In the middle of a block of text it is indented.
fn is_separator(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| {
        rest.trim_start_matches([' ', '\t']).len() < rest.len() || rest.trim().is_empty()
    })
}

fn read(text: Option<&str>, line: usize, found: &mut Vec<(usize, Result<Json, String>)>) {
    let text = text.unwrap_or_default();
    let has_content = text.lines().any(|line| {
        let line = line.trim_start_matches("---").trim();
        !line.is_empty() && !line.starts_with('#') && line != "..."
    });
    if has_content {
        found.push((line, parse(text)));
    }
}

fn parse(text: &str) -> Result<Json, String> {
    if text.len() > MAX_DOCUMENT_BYTES {
        return Err(format!("a YAML document is larger than {} MB", MAX_DOCUMENT_BYTES >> 20));
    }
    let options = serde_saphyr::options! {
        with_snippet: false,
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            max_events: MAX_NODES * 2,
            max_depth: 100,
            max_aliases: 10_000,
        },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let message = error.without_snippet().to_string();
        let message = message.lines().next().unwrap_or_default();
        format!("it is not readable YAML: {message}")
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::documents;
    use serde_json::json;

    #[test]
    fn documents_are_read_one_by_one() {
        let text = "# only a remark\n---\na: 1\n--- \nb: [x, 'y']\n---\nc: [\n---\nd: yes\n";
        let found = documents(text);
        assert_eq!(found[0], (2, Ok(json!({ "a": 1 }))));
        assert_eq!(found[1], (4, Ok(json!({ "b": ["x", "y"] }))));
        assert!(found[2].1.as_ref().unwrap_err().contains("not readable YAML"));
        assert_eq!(found[3], (8, Ok(json!({ "d": "yes" }))));
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn a_bomb_of_aliases_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..12 {
            let inner = vec![format!("*a{}", i - 1); 10].join(", ");
            writeln!(text, "a{i}: &a{i} [{inner}]").unwrap();
        }
        assert!(documents(&text)[0].1.is_err());
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(documents(&"[".repeat(100_000))[0].1.is_err());
        let block: Vec<String> = (0..5_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        let block = block.concat();
        assert!(documents(&block)[0].1.is_err());
    }
}
