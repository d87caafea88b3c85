//! Foreign files into resources with edges: the security inventory.
//!
//! In: files that the app has opened ([`SourceFile`]) and the kinds of the library. Out: a
//! [`Snapshot`]: resources in the canonical form of their kind, the edges between them, what could
//! not be read (gaps) and what was not understood (problems).
//!
//! [`Reader::parse`] works on one file at a time and may run in parallel; [`Assembler`] puts the
//! batches together in any order. Nothing here opens files or knows the time.

mod affects;
mod assemble;
mod aws;
mod aws_config;
mod aws_place;
mod azure;
mod azure_id;
mod batch;
mod case;
mod changes;
mod clusters;
mod coverage;
mod declared;
mod details;
mod edges;
mod entra;
mod finding_format;
mod findings;
mod gcp;
mod hierarchy;
mod incomplete;
mod index;
mod k8s;
mod late;
mod names;
mod outline;
mod reader;
mod refer;
mod scrub;
mod selector;
mod shape;
mod snapshot;
mod source;
mod table;
mod template;
mod text;
mod tree;
mod view_path;
mod yaml;

pub use assemble::Assembler;
pub use batch::{Batch, Counts};
pub use case::{KindCases, check_kind_case};
pub use changes::{Changes, MissingChange, Put, Removed};
pub use finding_format::{FINDING_LABELS, check_finding_formats, finding_label};
pub use reader::Reader;
pub use snapshot::{Collected, MissingEdges, Snapshot};
pub use source::{Format, SourceFile, is_lines};
