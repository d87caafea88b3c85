//! Pages of lists: where they begin, what they hold, where they go on.

use serde::{Deserialize, Serialize};

use crate::facets::Facet;

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Most items on it. The view sets no upper limit.
    pub limit: usize,
    /// Behind what it begins; `None`: at the start.
    pub after: Option<Cursor>,
    /// Whether the whole order is turned round.
    pub is_reversed: bool,
}

impl Page {
    /// The first page.
    pub fn first(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }
}

/// The last item of a page, by what the list is sorted by and by its id: the next page begins behind
/// it, whether or not the item is still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// What the list is sorted by.
    #[serde(rename = "v")]
    pub value: CursorValue,
    /// The id of the item: of a resource, or of a check.
    #[serde(rename = "i")]
    pub id: String,
    /// The check of an assessment.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// What an item is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CursorValue {
    /// A count or a sequence number.
    Number(u64),
    /// A name.
    Text(String),
}

/// A page of a list with what the whole list adds up to.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// The items of the page, in order.
    pub items: Vec<T>,
    /// Items of the whole list.
    pub total: u64,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Cursor>,
    /// How the list falls apart by each of its properties, each counted with all filters but its own.
    pub facets: Vec<Facet>,
}
