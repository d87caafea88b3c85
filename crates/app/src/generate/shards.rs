//! Items into files of a bearable size.

use anyhow::Result;
use serde_json::Value as Json;

use super::estate::Estate;

/// A file is closed when it has grown to this size.
const SHARD_BYTES: usize = 4 << 20;
/// Items in a page of a list answer.
const PAGE_ITEMS: usize = 500;

/// One JSON object per line.
#[derive(Debug)]
pub(super) struct Lines {
    stem: String,
    n_files: u32,
    buffer: Vec<u8>,
}

impl Lines {
    /// Files `<stem>-0001.ndjson` and so on.
    pub(super) fn new(stem: String) -> Self {
        Self { stem, n_files: 0, buffer: Vec::new() }
    }

    pub(super) fn push(&mut self, estate: &mut Estate<'_>, item: &Json) -> Result<()> {
        serde_json::to_writer(&mut self.buffer, item)?;
        self.buffer.push(b'\n');
        if self.buffer.len() >= SHARD_BYTES { self.finish(estate) } else { Ok(()) }
    }

    /// Writes what is left.
    pub(super) fn finish(&mut self, estate: &mut Estate<'_>) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.n_files += 1;
        estate.write(&format!("{}-{:04}.ndjson", self.stem, self.n_files), &self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

/// How pages of a list name their items and what follows.
#[derive(Debug, Clone, Copy)]
pub(super) enum PageStyle {
    /// `{"value": [..], "nextLink": ..}`, pages numbered `-0001`.
    Azure,
    /// `{"<key>": [..], "NextToken": ..}`, pages `.json`, `.2.json` and so on.
    Aws(&'static str),
    /// A typed list of Kubernetes, by version and kind of the items. Its pages are lists of their
    /// own, so that none announces another.
    Kubernetes(&'static str, &'static str),
}

/// Pages of a list answer.
#[derive(Debug)]
pub(super) struct Pages {
    stem: String,
    style: PageStyle,
    n_files: u32,
    n_items: usize,
    items: Vec<u8>,
}

impl Pages {
    pub(super) fn new(stem: String, style: PageStyle) -> Self {
        Self { stem, style, n_files: 0, n_items: 0, items: Vec::new() }
    }

    pub(super) fn push(&mut self, estate: &mut Estate<'_>, item: &Json) -> Result<()> {
        if self.n_items >= PAGE_ITEMS {
            self.write(estate, true)?;
        }
        if self.n_items > 0 {
            self.items.push(b',');
        }
        self.n_items += 1;
        Ok(serde_json::to_writer(&mut self.items, item)?)
    }

    /// Writes the last page; an empty list is an answer too, and is written.
    pub(super) fn finish(&mut self, estate: &mut Estate<'_>) -> Result<()> {
        self.write(estate, false)
    }

    fn write(&mut self, estate: &mut Estate<'_>, has_more: bool) -> Result<()> {
        self.n_files += 1;
        self.n_items = 0;
        let items = std::mem::take(&mut self.items);
        let (stem, n) = (&self.stem, self.n_files);
        let (path, start, token) = match self.style {
            PageStyle::Azure => {
                (format!("{stem}-{n:04}.json"), "{\"value\":[".to_owned(), Some("nextLink"))
            }
            PageStyle::Aws(key) => {
                let path = if n == 1 { format!("{stem}.json") } else { format!("{stem}.{n}.json") };
                (path, format!("{{\"{key}\":["), Some("NextToken"))
            }
            PageStyle::Kubernetes(version, kind) => {
                let head =
                    format!("{{\"apiVersion\":\"{version}\",\"kind\":\"{kind}List\",\"items\":[");
                (format!("{stem}-{n:04}.json"), head, None)
            }
        };
        let end = match token.filter(|_| has_more) {
            Some(token) => format!("],\"{token}\":\"page-{}\"}}\n", n + 1),
            None => "]}\n".to_owned(),
        };
        estate.write(&path, &[start.as_bytes(), &items, end.as_bytes()].concat())
    }
}
