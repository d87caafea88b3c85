//! The resources and stubs of the living inventory by number and by id.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};
use model::Resource;

/// A resource or stub with what was derived from it.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) resource: Resource,
    /// The edges and stubs that it names, sorted.
    pub(crate) links: Box<[Link]>,
    pub(crate) group: u32,
}

/// One edge that a node names, by the node at its other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    pub(crate) other: u32,
    /// The edge type times two, plus one when the edge comes from the other end.
    pub(crate) edge: u32,
    /// What it says about the other end, if that is a stub; else [`Link::READ`].
    pub(crate) proposal: u32,
}

impl Link {
    /// The other end was read: nothing needs to be said about it.
    pub(crate) const READ: u32 = u32::MAX;
}

/// All nodes. A number that became free is given away again, but only after [`Nodes::recycle`].
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    slots: Vec<Option<Node>>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    free: Vec<u32>,
    freed: Vec<u32>,
}

impl Nodes {
    pub(crate) fn with_capacity(n_nodes: usize) -> Self {
        Self {
            slots: Vec::with_capacity(n_nodes),
            table: HashTable::with_capacity(n_nodes),
            ..Self::default()
        }
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Node> {
        self.slots.get(number as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Node> {
        self.slots.get_mut(number as usize)?.as_mut()
    }

    pub(crate) fn resource(&self, number: u32) -> Option<&Resource> {
        self.get(number).map(|it| &it.resource)
    }

    /// The number of the resource or stub with this id.
    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        let is_it = |it: &u32| self.resource(*it).is_some_and(|it| it.id == id);
        self.table.find(self.hasher.hash_one(id), is_it).copied()
    }

    /// Gives a resource whose id is new a number: the one that it asks for when that is free.
    pub(crate) fn add(&mut self, resource: Resource, wanted: Option<u32>) -> u32 {
        let wanted = wanted.and_then(|it| {
            let at = self.free.iter().rposition(|free| *free == it)?;
            Some(self.free.swap_remove(at))
        });
        let number = wanted.or_else(|| self.free.pop()).unwrap_or(self.slots.len() as u32);
        let hash = self.hasher.hash_one(resource.id.as_str());
        let node = Node { resource, links: Box::default(), group: u32::MAX };
        if let Some(slot) = self.slots.get_mut(number as usize) {
            *slot = Some(node);
        } else {
            self.slots.push(Some(node));
        }
        let (slots, hasher) = (&self.slots, &self.hasher);
        let hash_of = |it: &u32| {
            let node = slots.get(*it as usize).and_then(Option::as_ref);
            hasher.hash_one(node.map_or("", |it| it.resource.id.as_str()))
        };
        self.table.insert_unique(hash, number, hash_of);
        number
    }

    /// Takes a node away; its number stays unused until [`Nodes::recycle`].
    pub(crate) fn remove(&mut self, number: u32) -> Option<Node> {
        let hash = self.hasher.hash_one(self.resource(number)?.id.as_str());
        if let Ok(entry) = self.table.find_entry(hash, |it| *it == number) {
            entry.remove();
        }
        self.freed.push(number);
        self.slots.get_mut(number as usize)?.take()
    }

    /// From now on the numbers of removed nodes may be given away again.
    pub(crate) fn recycle(&mut self) {
        self.free.append(&mut self.freed);
    }

    /// One more than the greatest number.
    pub(crate) fn bound(&self) -> u32 {
        self.slots.len() as u32
    }

    /// All nodes by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Node)> {
        let numbered = self.slots.iter().enumerate();
        numbered.filter_map(|(number, node)| Some((number as u32, node.as_ref()?)))
    }

    /// All resources in the order of their numbers: in the place of the nodes, because there may be
    /// no room for both.
    pub(crate) fn into_resources(self) -> Vec<Resource> {
        drop(self.table);
        self.slots.into_iter().filter_map(|it| Some(it?.resource)).collect()
    }

    /// Whether an edge is named by one of its ends.
    pub(crate) fn has_edge(&self, edge: &model::EdgeRef) -> bool {
        let names = |own: u32, other: u32, way: u32| {
            let wanted = (other, edge.edge_type * 2 + way);
            let links = self.get(own).map_or(&[][..], |it| &it.links);
            let at = links.partition_point(|it| (it.other, it.edge) < wanted);
            links.get(at).is_some_and(|it| (it.other, it.edge) == wanted)
        };
        names(edge.from, edge.to, 0) || names(edge.to, edge.from, 1)
    }
}

/// The edge that a link of a node is.
pub(crate) fn edge_of(own: u32, link: Link) -> model::EdgeRef {
    let (from, to) = if link.edge & 1 == 1 { (link.other, own) } else { (own, link.other) };
    model::EdgeRef { from, edge_type: link.edge / 2, to }
}
