//! The state of a tenant at one moment, as people look at it: lists, filters, facets, search and
//! sums for the scopes that a caller may see.
//!
//! In: a graph with its ledger, and what a step touched. Out: a [`View`], which never changes and is
//! shared by all who read; the next one is made from it in the time of the step. Every door takes a
//! [`Sight`] first: what lies outside of it is not listed, counted, found or named.
//!
//! A list is one pass over columns: no request touches documents of resources that it does not show.
//!
//! Not here: HTTP, who the caller is, where the state comes from, a clock.

mod assessments;
mod checks;
mod coverage;
mod critical;
mod detail;
mod dry_run;
mod facets;
mod filter;
mod gains;
mod known;
mod lines;
mod names;
mod order;
mod page;
mod places;
mod recommendations;
mod resources;
mod scopes;
mod scores;
mod sight;
#[cfg(test)]
mod tests;
mod text;
mod view;
mod what_if;

pub use assessments::{AssessmentFilter, AssessmentItem, AssessmentSort};
pub use coverage::{GapCount, KindCoverage, ScopeCoverage};
pub use critical::{CriticalFilter, CriticalItem};
pub use detail::{Neighbour, ResourceDetail};
pub use dry_run::{DryLine, DryRun};
pub use facets::{Facet, FacetValue};
pub use filter::{ResourceFilter, ResourceState, TagFilter};
pub use known::{Known, RiskScore};
pub use page::{Cursor, CursorValue, Listed, Page};
pub use recommendations::RecommendationSort;
pub use recommendations::{RecommendationFilter, RecommendationItem, RecommendationState};
pub use resources::{OpenCounts, ResourceItem, ResourceSort};
pub use scopes::ScopeItem;
pub use scores::ScoreItem;
pub use sight::Sight;
pub use view::{Parts, Touched, View};
pub use what_if::{ChangedLine, Fixed, Otherwise, WhatIfError};
