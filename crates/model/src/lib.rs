//! The nouns as plain data: documents, resources, gaps, verdicts, severities.
//!
//! Nothing here knows how they are found, judged, stored or shown.

pub mod doc;
mod keys;
mod path;
mod resource;
mod stored;
mod tags;
mod verdict;

pub use doc::{Doc, View};
pub use keys::{Key, Keys};
pub use path::{Path, PathError, PathMatch, Step};
pub use resource::{Affects, EdgeRef, Gap, GapId, Resource};
pub use stored::DocError;
pub use tags::Tags;
pub use verdict::{Criticality, Severity, Verdict};
