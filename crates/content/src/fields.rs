//! Field tables: which paths a native type has, of what type, with which enum values.
//!
//! The tables are generated (`cargo xtask facts`) from public models. They serve two ends: a check
//! that names a path which does not exist is refused with the nearest name, and keys and enum
//! values that a source spells in another case are folded to the documented spelling.
//! A type is parsed when it is first asked for; a table has thousands and a run needs dozens.

mod fold;
mod shape;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

pub use shape::{Enum, Fields, Lookup, Shape};

/// Where a table comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The package or packages.
    pub name: String,
    /// Their version.
    pub version: String,
    /// Their licence, as an SPDX id.
    pub licence: String,
    /// The day on which they were read, `2026-11-21`.
    pub date: String,
}

/// The field tables of all clouds.
#[derive(Debug, Default)]
pub struct FieldTables {
    sources: Vec<Source>,
    /// By the lower-cased native type.
    entries: IndexMap<Box<str>, Entry>,
}

#[derive(Debug)]
struct Entry {
    native: Box<str>,
    raw: Box<RawValue>,
    shape: OnceLock<Option<Shape>>,
}

/// A table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    source: Source,
    kinds: BTreeMap<Box<str>, Box<RawValue>>,
}

impl FieldTables {
    /// One table, from its JSON text.
    ///
    /// # Errors
    /// The text is not a table.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let mut tables = Self::default();
        tables.add(json)?;
        Ok(tables)
    }

    /// Adds a table, from its JSON text; a type that was there before is replaced.
    ///
    /// # Errors
    /// The text is not a table; nothing was added.
    pub fn add(&mut self, json: &[u8]) -> Result<(), serde_json::Error> {
        let Table { source, kinds } = serde_json::from_slice(json)?;
        self.sources.push(source);
        for (native, raw) in kinds {
            let key = native.to_ascii_lowercase().into_boxed_str();
            self.entries.insert(key, Entry { native, raw, shape: OnceLock::new() });
        }
        Ok(())
    }

    /// Where the tables come from, in the order in which they were added.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// All native types, as documented, in the order of the tables.
    pub fn natives(&self) -> impl Iterator<Item = &str> {
        self.entries.values().map(|entry| entry.native.as_ref())
    }

    /// The documented spelling of a native type.
    pub fn native(&self, native: &str) -> Option<&str> {
        self.entry(native).map(|entry| entry.native.as_ref())
    }

    /// The shape of a native type, or of an AWS answer (`ec2/describe-instances`); case is ignored.
    pub fn shape(&self, native: &str) -> Option<&Shape> {
        let entry = self.entry(native)?;
        entry.shape.get_or_init(|| serde_json::from_str(entry.raw.get()).ok()).as_ref()
    }

    /// What a path of a native type leads to; [`Lookup::Any`] if the type is in no table.
    pub fn lookup(&self, native: &str, path: &model::Path) -> Lookup<'_> {
        self.shape(native).map_or(Lookup::Any, |shape| shape.lookup(path.steps()))
    }

    /// Folds a document of a native type in place; the number of keys and values changed.
    pub fn fold(&self, native: &str, document: &mut Json) -> usize {
        self.shape(native).map_or(0, |shape| shape.fold(document))
    }

    /// The native type that is most likely meant by an unknown one.
    pub fn nearest(&self, native: &str) -> Option<&str> {
        base::nearest(native, self.natives())
    }

    /// Parses every type, which is otherwise done on first use.
    ///
    /// # Errors
    /// The first type that is malformed, and why.
    pub fn verify(&self) -> Result<(), (String, serde_json::Error)> {
        for entry in self.entries.values() {
            if let Err(error) = serde_json::from_str::<Shape>(entry.raw.get()) {
                return Err((entry.native.to_string(), error));
            }
        }
        Ok(())
    }

    fn entry(&self, native: &str) -> Option<&Entry> {
        let lower = native.to_ascii_lowercase();
        self.entries.get(lower.as_str()).or_else(|| self.entries.get(command(&lower)?.as_str()))
    }
}

/// The AWS CLI's name of an answer that was written with the name of the API.
fn command(lower: &str) -> Option<String> {
    let (service, operation) = lower.split_once('/')?;
    let command = match service {
        "s3" => "s3api",
        "configservice" => "config",
        "codedeploy" => "deploy",
        _ => return None,
    };
    Some(format!("{command}/{operation}"))
}

#[cfg(test)]
mod tests;
