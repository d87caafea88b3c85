//! What Merlon knows, as data: kinds, checks, classifications, controls, standards and their cases.
//!
//! In: files as (path, bytes) pairs that the app has read. Out: a [`Library`] that is indexed and
//! consistent, and the list of everything that was wrong with the files, with line and column.
//!
//! A broken file costs itself, never the library. Nothing here runs a check: the engines do.

pub mod case;
mod check;
mod classification;
mod compare;
pub mod fields;
mod kind;
mod kind_shape;
mod library;
mod standard;
pub mod step;
pub mod step_case;
pub mod step_estate;
mod yaml;

pub use check::{Check, Elements, Evidence, EvidenceQuery, Fix, Reference, Status};
pub use classification::{AssetType, Classification};
pub use compare::{LineChange, compare_lines};
pub use kind::{Answer, Collect, Detail, Edge, Form, Identity, Kind, Part, native_label};
pub use library::{ContentFile, ContentProblem, Library};
pub use library::{MOST_OWN_CASES, MOST_OWN_TEXT, OWN_PREFIX, OwnCheck};
pub use standard::{Control, Requirement, Standard};
pub use yaml::OneOrMany;
