//! Attack paths: what an attacker may reach step by step, from where, and which fixes cut it.
//!
//! In: the graph, effective access, network reachability and the steps of the content. Out: an attack
//! graph ([`Attack`]), and on it the likeliest ways from entry points to targets.
//!
//! Not here: what a step is (content), who may do what (`access`), what may pass (`network`), files,
//! a clock.

mod ask;
pub mod attack;
pub mod bench;
pub mod count;
mod derive;
mod fact;
mod insight;
mod marked;
pub mod plan;
pub mod reach;
pub mod report;
pub mod search;
pub mod story;
pub mod trial;

pub use ask::{Asked, ask, find};
pub use derive::{
    Attack, Changed, Estate, Followed, Held, INTERNET, IsOver, Leaf, Precondition, State,
    StepProblem, Tag, Taken, Unfollowed, What, leaves,
};
pub use fact::{ASSUMED, FactKind, Facts, UNPROVEN, is_fixable};
pub use insight::{Insight, access, facts, network};
pub use marked::{DERIVED_KEYS, marked, width_name};

#[cfg(test)]
mod tests;
