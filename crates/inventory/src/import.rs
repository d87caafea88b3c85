//! One import, put together but not linked: what an update of the inventory takes in.

use base::Problem;
use model::{Gap, Resource};

use crate::batch::{Counts, Report};
use crate::coverage::Completeness;

/// All of one import: each resource once, its readings and parts merged.
#[derive(Debug)]
pub struct Import {
    /// Sorted by id.
    pub(crate) resources: Vec<Incoming>,
    pub(crate) completeness: Completeness,
    /// Documents of other tools that name all that they found.
    pub(crate) reports: Vec<Report>,
    /// What could not be read; number 0 is "not collected".
    pub gaps: Vec<Gap>,
    /// What was read and not understood, by file and reason.
    pub problems: Vec<Problem>,
    /// Numbers about the import.
    pub counts: Counts,
}

/// A resource of an import.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) resource: Resource,
    /// Whether only parts of it were read, so that its name and tags are not known.
    pub(crate) is_partial: bool,
}

impl Import {
    /// How many resources were read.
    pub fn n_resources(&self) -> usize {
        self.resources.len()
    }

    /// The resources that were read, sorted by id.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().map(|it| &it.resource)
    }
}
