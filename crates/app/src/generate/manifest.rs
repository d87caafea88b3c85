//! What an estate holds: the answers to the questions that a scan of it should answer.

use std::collections::BTreeMap;

use serde::Serialize;

/// The content of `manifest.json`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    /// The seed that gives this estate again.
    pub(crate) seed: u64,
    /// The instant as of which it is written, for `scan --now`.
    pub(crate) as_of: &'static str,
    /// Number of resources.
    pub(crate) resources: u64,
    /// Number of files, without the manifest.
    pub(crate) files: u64,
    /// Bytes in them.
    pub(crate) bytes: u64,
    /// Resources by kind.
    pub(crate) kinds: BTreeMap<&'static str, u64>,
    /// Faults that were put in on purpose, in the order in which they were.
    pub(crate) planted: Vec<Planted>,
    /// Ways from the internet to something that matters.
    pub(crate) attack_routes: Vec<AttackRoute>,
}

/// A fault that was put in on purpose.
#[derive(Debug, Serialize)]
pub(crate) struct Planted {
    /// Canonical id of the resource.
    pub(crate) resource: String,
    /// The check that must call it unhealthy.
    pub(crate) check: &'static str,
}

/// A way from an entry point to a target.
#[derive(Debug, Serialize)]
pub(crate) struct AttackRoute {
    /// What kind of way it is.
    pub(crate) name: &'static str,
    /// Canonical id of the resource where it starts.
    pub(crate) entry: String,
    /// What follows from what, in order.
    pub(crate) steps: Vec<AttackStep>,
    /// Canonical id of the resource that it threatens.
    pub(crate) target: String,
}

/// One step of a route.
#[derive(Debug, Serialize)]
pub(crate) struct AttackStep {
    /// Canonical id of the resource that the attacker reaches.
    pub(crate) to: String,
    /// What makes it possible.
    pub(crate) by: &'static str,
}

impl AttackStep {
    pub(crate) fn new(to: &str, by: &'static str) -> Self {
        Self { to: to.to_owned(), by }
    }
}
