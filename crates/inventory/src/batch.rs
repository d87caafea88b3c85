//! What parsing a file gives: readings of resources, parts of resources, and what went wrong.
//!
//! Plain data between the [`Reader`](crate::Reader), which runs in parallel over files, and the
//! [`Assembler`](crate::Assembler), which puts everything together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::Problems;
use model::{Doc, Gap, Key, Tags};

/// Where something was read; of two readings the one with the greater origin wins: the newer, else
/// the one from the later path, else the later in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    /// When the cloud says it was so, as RFC 3339 text in UTC.
    pub(crate) as_of: Option<Box<str>>,
    /// The file.
    pub(crate) path: Arc<str>,
    /// The item's place in the file.
    pub(crate) place: u64,
}

/// What a resource is: the same in all its readings.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) kind: Arc<str>,
    pub(crate) scope: Arc<str>,
}

/// One reading of a resource.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) name: String,
    pub(crate) region: Option<Arc<str>>,
    pub(crate) tags: Tags,
    pub(crate) also: Vec<(Arc<str>, String)>,
    pub(crate) doc: Doc,
    pub(crate) origin: Origin,
}

/// How a part stands in its owner's document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// It is the value of the key.
    Whole,
    /// It is a further page of the value of the key.
    Page(u32),
    /// It is an element of the list under the key; elements are sorted by this text.
    Element(String),
    /// It is an entry with this key of the map under the key.
    Entry(String),
}

/// A part of a resource's document that was read on its own.
#[derive(Debug, Clone)]
pub(crate) struct PartReading {
    pub(crate) key: Key,
    pub(crate) slot: Slot,
    pub(crate) content: PartContent,
    pub(crate) origin: Origin,
}

/// What was read of a part.
#[derive(Debug, Clone)]
pub(crate) enum PartContent {
    /// Its value; null when the cloud said that there is none.
    Value(Doc),
    /// The cloud refused.
    Refused(Gap),
}

/// An answer of AWS about one resource that is named by an argument.
#[derive(Debug, Clone)]
pub(crate) struct DetailReading {
    pub(crate) account: Arc<str>,
    pub(crate) region: Option<Arc<str>>,
    /// Number of the kind, and of the detail in its list.
    pub(crate) kind: u32,
    pub(crate) detail: u32,
    /// The argument as the file name has it, with `~`.
    pub(crate) argument: Option<String>,
    /// The resource as the answer names it.
    pub(crate) owner: Option<String>,
    /// Text in the answer whose file name form is the argument: what `~` stood for.
    pub(crate) spelled: Option<String>,
    /// The ARN in the answer that ends with the resource's name.
    pub(crate) arn: Option<String>,
    pub(crate) part: PartReading,
    /// The number of the page when the name ends with one.
    pub(crate) page: u32,
}

/// One page of a list answer of AWS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListPage {
    pub(crate) account: Arc<str>,
    pub(crate) region: Option<Arc<str>>,
    /// Number of the kind that it lists.
    pub(crate) kind: u32,
    pub(crate) operation: String,
    pub(crate) argument: Option<String>,
    pub(crate) page: u32,
    pub(crate) outcome: PageOutcome,
}

/// How reading a page went.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PageOutcome {
    /// Nothing follows.
    Last,
    /// The cloud announced another page.
    HasNext,
    /// It could not be read, and why.
    Failed(String),
}

/// A finding and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Affected {
    /// Id of the finding's node.
    pub(crate) finding: String,
    /// How the resource is named; see the format of findings.
    pub(crate) by: String,
    pub(crate) value: String,
}

/// A document of another tool that names all its findings about something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Report {
    /// The format.
    pub(crate) tool: String,
    /// Kind of the findings.
    pub(crate) kind: &'static str,
    /// What it is about, as in [`Affected`].
    pub(crate) by: String,
    pub(crate) value: String,
    /// Rank of the least severity that it names: the tool may have left out what is less severe.
    /// 0 when it names nothing.
    pub(crate) least: u8,
}

/// What an export says about its own completeness, from a `merlon-export.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Declared {
    /// Folder of the file, with a trailing slash unless it is the root.
    pub(crate) folder: String,
    /// `None` for every scope below the folder.
    pub(crate) scope: Option<String>,
    /// `None` for all kinds.
    pub(crate) kinds: Option<BTreeSet<String>>,
}

/// Numbers about what was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files, counting the chunks of a large one once.
    pub files: u64,
    /// Items in the files: resources, parts, details, findings and what was not understood.
    pub items: u64,
    /// Items that are a reading of a resource of their own.
    pub readings: u64,
    /// Items that are a part of another resource only.
    pub parts: u64,
    /// Items that were left out; each is counted in a problem.
    pub left_out: u64,
    /// Readings that were merged into another reading of the same resource.
    pub merged: u64,
    /// Resources of which two readings disagree.
    pub conflicts: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.items += other.items;
        self.readings += other.readings;
        self.parts += other.parts;
        self.left_out += other.left_out;
        self.merged += other.merged;
        self.conflicts += other.conflicts;
    }
}

/// The content of one file or chunk.
#[derive(Debug, Default)]
pub struct Batch {
    pub(crate) readings: Vec<(Identity, Reading)>,
    pub(crate) parts: Vec<(Identity, PartReading)>,
    pub(crate) details: Vec<DetailReading>,
    pub(crate) pages: Vec<ListPage>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) declared: Vec<Declared>,
    pub(crate) affected: Vec<Affected>,
    pub(crate) reports: Vec<Report>,
    /// Kinds of which a typed list was read, even an empty one: (scope, kind).
    pub(crate) listed: BTreeSet<(Arc<str>, Arc<str>)>,
    /// Kinds of which a page was read that announces another one: (scope, kind).
    pub(crate) cut: BTreeSet<(Arc<str>, Arc<str>)>,
    /// Kinds of which a page was read that announces none.
    pub(crate) ended: BTreeSet<(Arc<str>, Arc<str>)>,
    /// Kubernetes: what is known about the folders that objects come from.
    pub(crate) folders: BTreeMap<Arc<str>, Folder>,
    /// Scopes seen in this file, for `merlon-export.yaml`: (path of the file, scope).
    pub(crate) scopes: BTreeSet<(Arc<str>, Arc<str>)>,
    /// Google's projects whose number and id stand in one asset, as scopes.
    pub(crate) projects: BTreeSet<(Arc<str>, Arc<str>)>,
    pub(crate) problems: Problems,
    pub(crate) counts: Counts,
}

/// What a folder with Kubernetes objects tells about its cluster.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folder {
    /// Uid of the namespace `kube-system`, which is the cluster's.
    pub(crate) uid: Option<String>,
    /// Whether objects without a namespace are here: it is the top folder of a cluster.
    pub(crate) is_root: bool,
}
