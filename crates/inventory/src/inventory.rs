//! The living inventory: resources with the edges between them, kept up to date by imports.
//!
//! [`Inventory::update`] takes in what an import read and derives again only what depends on it.
//! INVARIANT: after every update the inventory is what [`Inventory::load`] makes of its resources.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{EdgeRef, Gap, Resource};

use crate::changes::{Changes, MissingChange};
use crate::facts::Facts;
use crate::groups::{Ground, Groups};
use crate::import::Import;
use crate::link::Linking;
use crate::nodes::{Link, Node, Nodes, edge_of};
use crate::pairs::Pairs;
use crate::reader::Reader;
use crate::snapshot::{Collected, MissingEdges, Snapshot};
use crate::stubs::Stubs;

/// Resources, edges, stubs, groups, and what was collected. One for each tenant.
#[derive(Debug)]
pub struct Inventory {
    pub(crate) nodes: Nodes,
    /// Which resources answer each look-up.
    pub(crate) answers: Pairs,
    /// Which resources and stubs asked for each look-up. It may name some that ask no more: they
    /// are derived once too often.
    pub(crate) asked: Pairs,
    pub(crate) stubs: Stubs,
    pub(crate) groups: Groups,
    pub(crate) facts: Facts,
    pub(crate) gaps: Vec<Gap>,
    /// Google's projects by their number: the scopes that they stand for.
    pub(crate) projects: BTreeMap<Arc<str>, Arc<str>>,
    /// Whether look-ups are noted, for later updates.
    pub(crate) is_living: bool,
    pub(crate) knows_findings: bool,
}

impl Default for Inventory {
    fn default() -> Self {
        Self::empty()
    }
}

impl Inventory {
    /// Nothing, and "not collected" as the only gap.
    pub fn empty() -> Self {
        Self {
            nodes: Nodes::default(),
            answers: Pairs::default(),
            asked: Pairs::default(),
            stubs: Stubs::default(),
            groups: Groups::default(),
            facts: Facts::default(),
            gaps: vec![not_collected()],
            projects: BTreeMap::new(),
            is_living: true,
            knows_findings: true,
        }
    }

    /// What is stored: the collected resources, what was collected completely, and the tenant's
    /// list of gaps, whose number 0 is "not collected". Everything else is derived.
    pub fn load(
        reader: &Reader<'_>,
        mut resources: Vec<Resource>,
        collected: impl IntoIterator<Item = Collected>,
        gaps: Vec<Gap>,
    ) -> Self {
        let mut inventory = Self::empty();
        if !gaps.is_empty() {
            inventory.gaps = gaps;
        }
        let collected: Vec<Collected> = collected.into_iter().collect();
        inventory.facts = collected.iter().collect();
        resources.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        resources.dedup_by(|a, b| a.id == b.id);
        let mut linking = Linking::new(&mut inventory, reader);
        linking.fill(resources);
        inventory.settle(reader);
        inventory
    }

    /// The snapshot of one import on its own.
    pub(crate) fn snapshot(reader: &Reader<'_>, import: Import) -> Snapshot {
        let Import { resources, completeness, gaps, problems, counts, .. } = import;
        let mut inventory = Self::empty();
        inventory.is_living = false;
        inventory.knows_findings = resources.iter().any(|it| !it.resource.affects.is_empty());
        inventory.facts = completeness.collected.iter().collect();
        inventory.gaps = gaps;
        let mut linking = Linking::new(&mut inventory, reader);
        linking.fill(resources.into_iter().map(|it| it.resource).collect());
        let missing = inventory.groups.all_missing(inventory.ground(reader));
        let edges = inventory.edges();
        let groups = inventory.nodes.iter().map(|(_, it)| it.group).collect();
        let resources = inventory.nodes.into_resources();
        Snapshot {
            resources,
            edges,
            edge_types: reader.rules().types.clone(),
            gaps: inventory.gaps,
            problems,
            collected: completeness.collected,
            groups,
            missing: missing.into_iter().flat_map(one_by_one).collect(),
            counts,
        }
    }

    pub(crate) fn ground<'g, 'l>(&'g self, reader: &'g Reader<'l>) -> Ground<'g, 'l> {
        Ground {
            rules: reader.rules(),
            index: reader.index(),
            facts: &self.facts,
            gaps: &self.gaps,
        }
    }

    /// The resource or stub with this number.
    pub fn resource(&self, number: u32) -> Option<&Resource> {
        self.nodes.resource(number)
    }

    /// Number of the resource or stub with this id.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.nodes.find(id)
    }

    /// The group of a resource or stub.
    pub fn group(&self, number: u32) -> Option<u32> {
        self.nodes.get(number).map(|it| it.group)
    }

    /// All resources and stubs with their numbers, ascending. There may be numbers that are free.
    pub fn resources(&self) -> impl Iterator<Item = (u32, &Resource)> {
        self.nodes.iter().map(|(number, node)| (number, &node.resource))
    }

    /// One more than the greatest number of a resource.
    pub fn bound(&self) -> u32 {
        self.nodes.bound()
    }

    /// How many groups there are; some may have lost all their resources.
    pub fn n_groups(&self) -> u32 {
        self.groups.len() as u32
    }

    /// All edges, sorted, each once.
    pub fn edges(&self) -> Vec<EdgeRef> {
        let nodes = self.nodes.iter();
        let mut edges: Vec<EdgeRef> = nodes
            .flat_map(|(own, node)| node.links.iter().map(move |link| edge_of(own, *link)))
            .collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// What the resources of each group may lack.
    pub fn missing(&self, reader: &Reader<'_>) -> Vec<MissingChange> {
        self.groups.all_missing(self.ground(reader))
    }

    /// What was collected completely, sorted.
    pub fn collected(&self) -> impl Iterator<Item = Collected> {
        self.facts.iter()
    }

    /// The tenant's gaps; documents name them by their place in this list.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// About how many bytes are held beside the resources: links, look-ups, stubs, groups.
    pub fn footprint(&self) -> usize {
        // A set of pairs is packed into nodes of eleven; allocations come with a header.
        let pairs = (self.answers.len() + self.asked.len()) * 12;
        let links = |links: &[Link]| if links.is_empty() { 0 } else { size_of_val(links) + 16 };
        let nodes = self.nodes.iter().map(|(_, node)| {
            size_of::<Node>() - size_of::<Resource>() + links(&node.links) + size_of::<u64>()
        });
        nodes.sum::<usize>() + pairs + self.stubs.footprint() + self.groups.footprint()
    }

    /// Everything as if it were new: for a graph that is built from an inventory that was loaded.
    pub fn as_changes(&self, reader: &Reader<'_>) -> Changes {
        let put = |number| crate::changes::Put { number, before: None };
        Changes {
            put: self.nodes.iter().map(|(number, _)| put(number)).collect(),
            edges_added: self.edges(),
            regrouped: self.nodes.iter().map(|(number, node)| (number, node.group)).collect(),
            new_groups: (0..self.n_groups()).collect(),
            missing: self.missing(reader),
            ..Changes::default()
        }
    }
}

/// The gap with the number 0.
fn not_collected() -> Gap {
    let reason = "not collected".to_owned();
    Gap { scope: String::new(), what: String::new(), reason }
}

fn one_by_one(change: MissingChange) -> impl Iterator<Item = MissingEdges> {
    let MissingChange { group, edge_type, is_outgoing, entries } = change;
    let one = move |(kinds, gap)| MissingEdges { group, edge_type, is_outgoing, kinds, gap };
    entries.into_iter().map(one)
}
