//! The one strict loader: YAML into typed structs, errors with line and column.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, SeqAccess, Visitor};

/// Why a content file could not be read: line and column (from 1) where known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub(crate) line: Option<u64>,
    pub(crate) column: Option<u64>,
    pub(crate) message: String,
}

impl YamlError {
    /// As a problem of a file.
    pub(crate) fn of(self, file: &str) -> crate::ContentProblem {
        let Self { line, column, message } = self;
        crate::ContentProblem { file: file.to_owned(), line, column, message }
    }
}

/// Reads one document.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, YamlError> {
    let text = std::str::from_utf8(bytes).map_err(|error| YamlError {
        line: None,
        column: None,
        message: format!("it is not UTF-8 text: {error}"),
    })?;
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location();
        YamlError {
            line: place.map(|it| it.line()),
            column: place.map(|it| it.column()),
            message: error.without_snippet().to_string().replace('\n', " "),
        }
    })
}

/// A text, or a list of texts, as people like to write them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneOrMany(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMany, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element()? {
                    texts.push(text);
                }
                Ok(OneOrMany(texts))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}

/// A path in a content file, parsed while it is read so that errors carry the line.
pub(crate) fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<model::Path, D::Error> {
    let text = String::deserialize(deserializer)?;
    model::Path::parse(&text).map_err(serde::de::Error::custom)
}

/// An optional path; see [`path`].
pub(crate) fn path_option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<model::Path>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|it| model::Path::parse(&it).map_err(serde::de::Error::custom)).transpose()
}

/// A list of paths; see [`path`].
pub(crate) fn paths<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<model::Path>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|it| model::Path::parse(it).map_err(serde::de::Error::custom)).collect()
}

/// A map of names to paths; see [`path`].
pub(crate) fn path_map<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<indexmap::IndexMap<String, model::Path>, D::Error> {
    let texts = indexmap::IndexMap::<String, String>::deserialize(deserializer)?;
    texts
        .into_iter()
        .map(|(name, text)| {
            let path = model::Path::parse(&text).map_err(serde::de::Error::custom)?;
            Ok((name, path))
        })
        .collect()
}
