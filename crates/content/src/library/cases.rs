//! Cases of one content file, read when somebody looks at them: most runs look at none.

use std::sync::OnceLock;

use serde::de::DeserializeOwned;

use crate::yaml;

/// The cases of one file.
#[derive(Debug)]
pub(super) struct Cases<T> {
    bytes: Vec<u8>,
    read: OnceLock<Vec<T>>,
}

impl<T> Cases<T> {
    /// Cases that were read.
    pub(super) fn read(cases: Vec<T>) -> Self {
        Self { bytes: Vec::new(), read: OnceLock::from(cases) }
    }

    /// Cases that are read when they are first looked at.
    pub(super) fn later(bytes: Vec<u8>) -> Self {
        Self { bytes, read: OnceLock::new() }
    }
}

impl<T: DeserializeOwned> Cases<T> {
    /// All of them; none when the text is no list of cases, which the content check says.
    pub(super) fn all(&self) -> &[T] {
        self.read.get_or_init(|| yaml::parse(&self.bytes).unwrap_or_default())
    }
}
