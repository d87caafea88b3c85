//! Foreign files into resources with edges: the security inventory.
//!
//! In: files that the app has opened ([`SourceFile`]) and the kinds of the library. Out: resources
//! in the canonical form of their kind, the edges between them, what could not be read (gaps) and
//! what was not understood (problems).
//!
//! [`Reader::parse`] works on one file at a time and may run in parallel; [`Assembler`] puts the
//! batches together in any order: into a [`Snapshot`] for a scan, or into an [`Import`] that
//! [`Inventory::update`] takes in and answers with [`Changes`]. Nothing here opens files or knows
//! the time.

mod affects;
mod assemble;
mod aws;
mod aws_config;
mod aws_place;
mod azure;
mod azure_cli;
mod azure_id;
mod batch;
mod case;
mod changes;
mod clusters;
mod coverage;
mod declared;
mod derive;
mod details;
mod entra;
mod facts;
mod file;
mod finding_format;
mod findings;
mod gcp;
mod groups;
mod hierarchy;
mod import;
mod index;
mod inventory;
mod k8s;
mod late;
mod link;
mod look_up;
mod merge;
mod nodes;
mod outline;
mod pairs;
mod reader;
mod refer;
mod rules;
mod same_hash;
mod scrub;
mod selector;
mod shape;
mod snapshot;
mod source;
mod stubs;
mod table;
mod template;
mod text;
mod tree;
mod update;
mod view_path;
mod yaml;

pub use assemble::Assembler;
pub use batch::{Batch, Counts};
pub use case::{KindCases, check_kind_case};
pub use changes::{Changes, MissingChange, Put, Removed};
pub use file::Known;
pub use finding_format::{FINDING_LABELS, check_finding_formats, finding_label};
pub use import::Import;
pub use inventory::Inventory;
pub use reader::Reader;
pub use snapshot::{Collected, MissingEdges, Snapshot};
pub use source::{Format, SourceFile, is_lines};
