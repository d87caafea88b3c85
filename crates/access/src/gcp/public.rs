//! Buckets that nobody can open to everybody: public access prevention, by themselves or by the organisation.
//!
//! <https://docs.cloud.google.com/storage/docs/public-access-prevention>: what policies grant to `allUsers` and
//! `allAuthenticatedUsers` does not count then, neither for strangers nor for who has signed in.

use std::collections::{BTreeMap, BTreeSet};

use model::Resource;

use super::place::Chain;
use crate::read::Node;
use crate::truth::Truth;

/// The constraint of organisation policies.
const CONSTRAINT: &str = "storage.publicAccessPrevention";

/// Where public access is prevented.
#[derive(Debug, Default)]
pub(super) struct Prevention {
    /// Buckets that prevent it themselves.
    buckets: BTreeSet<String>,
    /// By organisation policy: where it is set, and whether it is enforced there.
    by_place: BTreeMap<String, (String, Truth)>,
}

impl Prevention {
    pub(super) fn put(&mut self, resource: &Resource, node: Node<'_>) {
        let id = resource.id.as_str();
        match &*resource.kind {
            "gcp.storage-bucket" => {
                let setting = node.at("iamConfiguration.publicAccessPrevention").text();
                if setting == Some("enforced") {
                    self.buckets.insert(id.to_owned());
                }
            }
            "gcp.org-policy" if id.ends_with(&format!("/{CONSTRAINT}")) => {
                if let Some(enforced) = enforced(node) {
                    self.by_place.insert(id.to_owned(), (resource.scope.to_string(), enforced));
                }
            }
            _ => {}
        }
    }

    /// Whether a bucket prevents it, and what an organisation policy says: to be compared.
    pub(super) fn one(&self, id: &str) -> (bool, Option<(String, Truth)>) {
        (self.buckets.contains(id), self.by_place.get(id).cloned())
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.buckets.remove(id);
        self.by_place.remove(id);
    }

    /// Whether what lies there cannot be public.
    pub(super) fn holds(&self, chain: &Chain) -> Truth {
        let Some(first) = chain.ids.first().filter(|it| it.starts_with("//storage.")) else {
            return Truth::No;
        };
        if self.buckets.contains(first) || chain.ids.iter().any(|it| self.buckets.contains(it)) {
            return Truth::Yes;
        }
        let set = |place: &String| self.by_place.values().find(|(at, _)| at == place);
        // The nearest one counts.
        if let Some((_, enforced)) = chain.ids.iter().find_map(set) {
            return *enforced;
        }
        // Which organisation a project lies in may not have been read: most estates have one.
        let above = self.by_place.values().filter(|(at, _)| at.contains("/organizations/"));
        above.filter(|_| !chain.is_whole).fold(Truth::No, |so_far, (_, it)| so_far.or(*it))
    }
}

/// Whether the rules of a policy enforce its constraint; `None` where it leaves that to what lies above.
fn enforced(node: Node<'_>) -> Option<Truth> {
    let own = node.at("spec");
    if own.at("reset").bool() == Some(true) {
        return Some(Truth::No);
    }
    let mut found = None;
    for rule in own.at("rules").items() {
        let enforces = match (rule.at("enforce").bool(), rule.at("condition").is_null()) {
            (None, _) => continue,
            (Some(true), true) => Truth::Yes,
            // depends on tags of the resource
            (Some(true), false) => Truth::Unknown,
            (Some(false), _) => Truth::No,
        };
        found = Some(found.unwrap_or(Truth::No).or(enforces));
    }
    let earlier = node.at("booleanPolicy.enforced").bool().map(Truth::of);
    found.or(earlier)
}
