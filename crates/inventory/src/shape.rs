//! Steps that every cloud's documents go through: decode, remove secrets, mark what is unread,
//! name, encode.

use std::sync::Arc;

use hashbrown::HashSet;
use model::{Doc, Gap, Keys, Path, Tags};
use serde_json::Value as Json;

use crate::batch::{Batch, Identity, Origin, PartContent, PartReading, Reading, Slot};
use crate::index::{Index, KindInfo};
use crate::source::SourceFile;
use crate::{scrub, tree};

/// The work on one file.
#[derive(Debug)]
pub(crate) struct Work<'f, 'l> {
    pub(crate) index: &'f Index<'l>,
    pub(crate) keys: &'f Keys,
    pub(crate) file: &'f SourceFile<'f>,
    pub(crate) batch: Batch,
    path: Arc<str>,
    place: u64,
    texts: HashSet<Arc<str>>,
}

/// What is known about a document beside its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    /// The answer to a question about this one resource: it holds every field.
    Detail,
    /// An item of a list, which may lack the kind's `detail_only` fields.
    ListItem,
}

impl<'f, 'l> Work<'f, 'l> {
    pub(crate) fn new(index: &'f Index<'l>, keys: &'f Keys, file: &'f SourceFile<'f>) -> Self {
        let mut batch = Batch::default();
        batch.counts.files = u64::from(file.first_line == 0);
        Self {
            index,
            keys,
            file,
            batch,
            path: file.path.into(),
            place: file.first_line,
            texts: HashSet::new(),
        }
    }

    /// A shared text.
    pub(crate) fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&text));
        text
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> Arc<str> {
        Arc::clone(&self.path)
    }

    /// The origin of the next reading.
    pub(crate) fn origin(&mut self, as_of: Option<&str>) -> Origin {
        self.place += 1;
        Origin { as_of: as_of.map(Into::into), path: self.path(), place: self.place }
    }

    /// Counts an item that is left out, and says why.
    pub(crate) fn leave_out(&mut self, reason: impl Into<String>) {
        self.leave_out_many(reason, 1);
    }

    /// Counts several items that are left out for one reason.
    pub(crate) fn leave_out_many(&mut self, reason: impl Into<String>, count: u64) {
        self.batch.counts.left_out += count;
        self.batch.problems.add_many(self.file.path, reason, count);
    }

    /// Tells something about the file by which no item is lost.
    pub(crate) fn remark(&mut self, reason: impl Into<String>) {
        self.batch.problems.add(self.file.path, reason);
    }

    pub(crate) fn gap(&mut self, scope: &str, what: &str, reason: &str) -> Gap {
        let gap = Gap { scope: scope.to_owned(), what: what.to_owned(), reason: reason.to_owned() };
        self.batch.gaps.push(gap.clone());
        gap
    }

    /// Adds a reading of a resource.
    pub(crate) fn add_reading(&mut self, identity: Identity, mut reading: Reading) {
        // It stays until all files are read; room to grow would stay with it.
        reading.also.shrink_to_fit();
        reading.name.shrink_to_fit();
        self.batch.readings.push((identity, reading));
    }

    /// Notes that a page of a list ended after the readings since `n_before`, and whether another
    /// follows.
    pub(crate) fn note_page(&mut self, n_before: usize, has_next: bool) {
        let read = self.batch.readings.get(n_before..).unwrap_or_default();
        let kinds = read.iter().map(|(it, _)| (Arc::clone(&it.scope), Arc::clone(&it.kind)));
        let pages = if has_next { &mut self.batch.cut } else { &mut self.batch.ended };
        pages.extend(kinds);
    }

    /// Adds a part of the resource `owner`.
    pub(crate) fn add_part(
        &mut self,
        owner: Identity,
        key: &str,
        slot: Slot,
        content: PartContent,
    ) {
        let origin = self.origin(None);
        let key = self.keys.intern(key);
        self.batch.parts.push((owner, PartReading { key, slot, content, origin }));
    }

    /// The shared id of a kind, or the native type of a generic node.
    pub(crate) fn kind_text(&mut self, kind: Option<u32>, native: &str) -> Arc<str> {
        match kind.and_then(|number| self.index.kind(number)) {
            Some(info) => Arc::clone(&info.id),
            None => self.text(&native.to_ascii_lowercase()),
        }
    }

    /// Encodes a document that is ready.
    pub(crate) fn encode(&self, json: &Json) -> Doc {
        Doc::build(json, self.keys)
    }
}

/// Gives keys and enum values their documented spelling.
pub(crate) fn fold(json: &mut Json, info: Option<&KindInfo<'_>>) {
    if let Some(info) = info {
        info.fold(json);
    }
}

/// Brings a document into the form that its kind wants: text decoded, secrets removed, fields that
/// this answer cannot hold marked unread. Parts are the business of the caller.
pub(crate) fn refine(json: &mut Json, info: Option<&KindInfo<'_>>, whole: Whole) {
    if let Some(info) = info {
        for path in &info.kind.decode {
            tree::decode_text(json, path);
        }
        for path in &info.kind.secrets {
            tree::each_mut(json, path.steps(), &mut scrub::remove);
        }
        if whole == Whole::ListItem {
            for path in &info.kind.detail_only {
                tree::unread_if_missing(json, path.steps());
            }
        }
    }
    scrub::scrub(json);
}

/// The display name that the kind's `identity.name` leads to.
pub(crate) fn name(json: &Json, info: Option<&KindInfo<'_>>) -> Option<String> {
    info?.kind.identity.name.as_ref()?.find_text(json).filter(|name| !name.is_empty())
}

/// Tags: a map, or a list of objects with a key and a value in any spelling.
pub(crate) fn tags(json: &Json, path: Option<&Path>, fallback: &str) -> Tags {
    let value = match path {
        Some(path) => path.find(json),
        None => json.get(fallback),
    };
    match value {
        Some(Json::Object(map)) => {
            map.iter().filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect()
        }
        Some(Json::Array(items)) => items.iter().filter_map(tag).collect(),
        _ => Tags::default(),
    }
}

fn tag(item: &Json) -> Option<(String, String)> {
    let find = |names: [&str; 3]| names.into_iter().find_map(|name| text(item.get(name)?));
    let key = find(["Key", "key", "TagKey"])?;
    Some((key, find(["Value", "value", "TagValue"]).unwrap_or_default()))
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(bool) => Some(bool.to_string()),
        Json::Null => Some(String::new()),
        Json::Array(_) | Json::Object(_) => None,
    }
}

/// Other names by which the resource is known, from the kind's `identity.also`.
pub(crate) fn also(json: &Json, info: Option<&KindInfo<'_>>) -> Vec<(Arc<str>, String)> {
    let mut found = Vec::new();
    if let Some(info) = info {
        for (name, path) in info.also_names.iter().zip(info.kind.identity.also.values()) {
            for item in path.find_all(json) {
                if let Some(text) = item.text().filter(|text| !text.is_empty()) {
                    found.push((Arc::clone(name), text));
                }
            }
        }
    }
    found
}

/// The first of `names` that is a text in `json`.
pub(crate) fn text_of<'a>(json: &'a Json, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| json.get(name)?.as_str()).filter(|text| !text.is_empty())
}
