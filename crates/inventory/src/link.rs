//! Linking: from edits of resources to the edges, stubs and groups that follow, and to what has
//! changed.
//!
//! What depends on an edit is derived again until nothing changes any more. That ends, because
//! derivations look up only what was read, and a stub's parent is always shorter than the stub.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{EdgeRef, GapId, Keys, Resource};

use crate::changes::{Changes, Put, Removed};
use crate::derive::{Derived, derive};
use crate::index::Index;
use crate::inventory::Inventory;
use crate::look_up::{Asker, End, LookUp, answers, key};
use crate::nodes::{Link, Nodes, edge_of};
use crate::pairs::{Pairs, pair};
use crate::reader::Reader;
use crate::rules::Rules;
use crate::stubs::vacant;

/// One update of an inventory.
#[derive(Debug)]
pub(crate) struct Linking<'i, 'r, 'l> {
    inventory: &'i mut Inventory,
    rules: &'r Rules<'l>,
    index: &'r Index<'l>,
    keys: &'r Keys,
    /// What is to be derived again.
    dirty: BTreeSet<u32>,
    /// Stubs that nothing may name any more.
    idle: BTreeSet<u32>,
    /// What was, by number, where something may have changed.
    before: BTreeMap<u32, Option<Box<Resource>>>,
    groups_before: BTreeMap<u32, Option<u32>>,
    edges_before: BTreeMap<EdgeRef, bool>,
    new_groups: Vec<u32>,
    n_derived: u64,
    /// Numbers that ids had once and get again.
    wanted: BTreeMap<String, u32>,
    /// While an empty inventory is filled: what was asked, by whom. Nothing else is noted then.
    filling: Option<Vec<u64>>,
}

impl<'i, 'r, 'l> Linking<'i, 'r, 'l> {
    pub(crate) fn new(inventory: &'i mut Inventory, reader: &'r Reader<'l>) -> Self {
        Self {
            inventory,
            rules: reader.rules(),
            index: reader.index(),
            keys: reader.keys(),
            dirty: BTreeSet::new(),
            idle: BTreeSet::new(),
            before: BTreeMap::new(),
            groups_before: BTreeMap::new(),
            edges_before: BTreeMap::new(),
            new_groups: Vec::new(),
            n_derived: 0,
            wanted: BTreeMap::new(),
            filling: None,
        }
    }

    /// Asks for numbers of resources and stubs that come back.
    pub(crate) fn want_numbers(&mut self, wanted: BTreeMap<String, u32>) {
        self.wanted = wanted;
    }

    /// Fills an empty inventory with resources, which are sorted by id.
    pub(crate) fn fill(&mut self, resources: Vec<Resource>) {
        let knows_findings = self.inventory.knows_findings;
        let n_resources = resources.len() as u32;
        let mut pairs = Vec::with_capacity(resources.len());
        let mut findings = Vec::new();
        let mut nodes = Nodes::with_capacity(resources.len());
        for (number, resource) in resources.into_iter().enumerate() {
            let number = number as u32;
            answers(&resource, (self.rules, self.index), knows_findings, &mut |question| {
                pairs.push(pair(key(question), number));
            });
            if !resource.affects.is_empty() {
                findings.push(number);
            }
            self.inventory.note_project(&resource);
            nodes.add(resource, None);
        }
        self.inventory.nodes = nodes;
        self.inventory.answers = Pairs::fill(pairs);
        self.filling = Some(Vec::new());
        let is_finding = |number: &u32| findings.binary_search(number).is_ok();
        for number in (0..n_resources).filter(|it| !is_finding(it)) {
            self.derive(number);
        }
        self.derive_all();
        // The scope of a finding is that of a stub, perhaps, which all others must have named.
        for _ in 0..2 {
            self.dirty.extend(&findings);
            self.derive_all();
        }
        self.inventory.asked = Pairs::fill(self.filling.take().unwrap_or_default());
    }

    /// Adds a resource, or puts it in the place of the one with its id.
    pub(crate) fn put(&mut self, resource: Resource) {
        self.inventory.note_project(&resource);
        let number = if let Some(number) = self.inventory.nodes.find(&resource.id) {
            self.replace(number, resource);
            number
        } else {
            self.answer(&resource, None);
            let wanted = self.wanted.get(&resource.id).copied();
            let number = self.inventory.nodes.add(resource, wanted);
            self.before.entry(number).or_insert(None);
            self.enter_answers(number, true);
            number
        };
        self.dirty.insert(number);
    }

    fn replace(&mut self, number: u32, resource: Resource) {
        let same_answers = |old: &Resource| {
            old.collected
                && old.kind == resource.kind
                && old.scope == resource.scope
                && old.region == resource.region
                && old.name == resource.name
                && old.also == resource.also
                && old.tags == resource.tags
                && old.affects == resource.affects
        };
        let Some(old) = self.inventory.nodes.resource(number) else { return };
        let is_same = same_answers(old);
        if !is_same {
            self.answer(&resource, Some(number));
            if old_is_read(&self.inventory.nodes, number) {
                self.enter_answers(number, false);
            }
        }
        let Some(node) = self.inventory.nodes.get_mut(number) else { return };
        let old = std::mem::replace(&mut node.resource, resource);
        self.before.entry(number).or_insert_with(|| Some(Box::new(old)));
        if !is_same {
            self.enter_answers(number, true);
        }
    }

    /// Whether a resource is known just so.
    pub(crate) fn has(&self, resource: &Resource) -> bool {
        let nodes = &self.inventory.nodes;
        nodes.find(&resource.id).and_then(|it| nodes.resource(it)) == Some(resource)
    }

    /// Takes away the resource with this id, if it was read.
    pub(crate) fn remove_id(&mut self, id: &str) {
        if let Some(number) = self.inventory.nodes.find(id) {
            self.remove(number);
        }
    }

    /// Takes away a resource that was read. Where something names it a stub stays.
    pub(crate) fn remove(&mut self, number: u32) {
        let Some(own) = self.inventory.nodes.resource(number).filter(|it| it.collected) else {
            return;
        };
        let stub = vacant(own.id.clone());
        self.answer(&stub, Some(number));
        self.enter_answers(number, false);
        let Some(node) = self.inventory.nodes.get_mut(number) else { return };
        let old = std::mem::replace(&mut node.resource, stub);
        self.before.entry(number).or_insert_with(|| Some(Box::new(old)));
        self.idle.insert(number);
        self.dirty.insert(number);
    }

    /// Whoever asked for what a resource answers, or what the one answers whose place it takes,
    /// must be derived again.
    fn answer(&mut self, resource: &Resource, old: Option<u32>) {
        let Inventory { nodes, asked, knows_findings, .. } = &*self.inventory;
        let dirty = &mut self.dirty;
        let old = old.and_then(|it| nodes.resource(it)).filter(|it| it.collected);
        let mut ask_again = |question: LookUp<'_>| dirty.extend(asked.of(key(question)));
        for it in old.into_iter().chain(Some(resource).filter(|it| it.collected)) {
            ask_again(LookUp::Id(&it.id));
            answers(it, (self.rules, self.index), *knows_findings, &mut ask_again);
        }
    }

    /// Enters the answers of a resource, or takes them out.
    fn enter_answers(&mut self, number: u32, is_in: bool) {
        let Inventory { nodes, answers: known, knows_findings, .. } = &mut *self.inventory;
        let Some(own) = nodes.resource(number) else { return };
        answers(own, (self.rules, self.index), *knows_findings, &mut |question| {
            let key = key(question);
            if is_in { known.add(key, number) } else { known.remove(key, number) }
        });
    }

    /// Derives everything that is to be derived, and drops the stubs that nothing names.
    fn derive_all(&mut self) {
        loop {
            while let Some(number) = self.dirty.pop_first() {
                self.derive(number);
            }
            let Some(number) = self.idle.pop_first() else { return };
            let is_stub = self.inventory.nodes.resource(number).is_some_and(|it| !it.collected);
            if is_stub && !self.inventory.stubs.is_named(number) {
                self.drop_stub(number);
            }
        }
    }

    /// Derives a resource or stub again.
    fn derive(&mut self, number: u32) {
        let Inventory { nodes, answers, stubs, knows_findings, is_living, .. } =
            &mut *self.inventory;
        let Some(own) = nodes.resource(number) else { return };
        self.n_derived += 1;
        let mut asked = Vec::new();
        let mut derived = Derived::default();
        if own.collected || stubs.is_named(number) {
            let mut ask = Asker {
                rules: self.rules,
                index: self.index,
                keys: self.keys,
                nodes,
                answers,
                stubs,
                knows_findings: *knows_findings,
                asked: is_living.then_some(&mut asked),
            };
            derived = derive(&mut ask, own);
        }
        for question in asked {
            match &mut self.filling {
                Some(all) => all.push(pair(question, number)),
                None => self.inventory.asked.add(question, number),
            }
        }
        let Derived { edges, unread, scope_from } = derived;
        let mut scope_of = None;
        let mut links = Vec::with_capacity(edges.len());
        for (i, (edge, end)) in edges.into_iter().enumerate() {
            let (other, proposal) = match end {
                End::Read(other) => (other, Link::READ),
                End::Stub(id, proposal) => (self.stub(id), proposal),
            };
            if scope_from == Some(i) {
                scope_of = Some(other);
            }
            links.push(Link { other, edge, proposal });
        }
        self.put_links(number, links);
        self.put_group(number, &unread);
        if let Some(other) = scope_of {
            self.put_scope(number, other);
        }
    }

    /// The number of the stub with this id, which is made when it is new.
    fn stub(&mut self, id: String) -> u32 {
        if let Some(number) = self.inventory.nodes.find(&id) {
            return number;
        }
        let wanted = self.wanted.get(&id).copied();
        let number = self.inventory.nodes.add(vacant(id), wanted);
        if self.filling.is_none() {
            self.before.entry(number).or_insert(None);
        }
        number
    }

    /// Gives a node other links, and notes the edges that may have come or gone by it.
    fn put_links(&mut self, number: u32, mut links: Vec<Link>) {
        links.retain(|it| it.other != number);
        links.sort_unstable();
        links.dedup();
        let Some(node) = self.inventory.nodes.get(number) else { return };
        if *node.links == *links {
            return;
        }
        let is_in = |all: &[Link], it: &Link| all.binary_search(it).is_ok();
        let gone: Vec<Link> = node.links.iter().filter(|it| !is_in(&links, it)).copied().collect();
        let new: Vec<Link> = links.iter().filter(|it| !is_in(&node.links, it)).copied().collect();
        if self.filling.is_none() {
            for link in gone.iter().chain(&new) {
                let edge = edge_of(number, *link);
                let nodes = &self.inventory.nodes;
                self.edges_before.entry(edge).or_insert_with(|| nodes.has_edge(&edge));
            }
        }
        if let Some(node) = self.inventory.nodes.get_mut(number) {
            node.links = links.into();
        }
        let stubs = &mut self.inventory.stubs;
        let mut touched = BTreeSet::new();
        for link in new.iter().filter(|it| it.proposal != Link::READ) {
            if stubs.propose(link.other, link.proposal) {
                touched.insert(link.other);
            }
        }
        for link in gone.iter().filter(|it| it.proposal != Link::READ) {
            if stubs.withdraw(link.other, link.proposal) {
                touched.insert(link.other);
            }
        }
        for stub in touched {
            self.refresh(stub);
        }
    }

    /// Makes a stub what its proposals say.
    fn refresh(&mut self, number: u32) {
        let Inventory { nodes, stubs, asked, .. } = &mut *self.inventory;
        let Some(node) = nodes.get_mut(number).filter(|it| !it.resource.collected) else { return };
        let Some(now) = stubs.resource(number, &node.resource.id, self.index) else {
            self.idle.insert(number);
            return;
        };
        if now == node.resource {
            return;
        }
        // What was vacant until now nobody has seen.
        let was_known = !node.resource.name.is_empty();
        if was_known && now.scope != node.resource.scope {
            // A finding takes over the scope of what it is about.
            self.dirty.extend(asked.of(key(LookUp::Id(&now.id))));
        }
        let old = std::mem::replace(&mut node.resource, now);
        if self.filling.is_none() {
            self.before.entry(number).or_insert_with(|| Some(Box::new(old)));
        }
        self.dirty.insert(number);
    }

    /// Puts a node into the group that it belongs to.
    fn put_group(&mut self, number: u32, unread: &[(u32, GapId)]) {
        let Inventory { nodes, groups, .. } = &mut *self.inventory;
        let Some(node) = nodes.get_mut(number) else { return };
        let old = Some(node.group).filter(|it| *it != u32::MAX);
        let known = (self.rules, self.index);
        let (group, is_new) = groups.enter(&node.resource, unread, old, known);
        node.group = group;
        if self.filling.is_none() && old != Some(group) {
            self.groups_before.entry(number).or_insert(old);
        }
        if is_new && self.filling.is_none() {
            self.new_groups.push(group);
        }
    }

    /// Gives a finding the scope of what it is about.
    fn put_scope(&mut self, number: u32, other: u32) {
        let nodes = &mut self.inventory.nodes;
        let Some(scope) = nodes.resource(other).map(|it| Arc::clone(&it.scope)) else { return };
        let Some(node) = nodes.get_mut(number).filter(|it| it.resource.scope != scope) else {
            return;
        };
        if self.filling.is_none() {
            self.before.entry(number).or_insert_with(|| Some(Box::new(node.resource.clone())));
        }
        node.resource.scope = scope;
        self.dirty.insert(number);
    }

    /// Takes away a stub that nothing names.
    fn drop_stub(&mut self, number: u32) {
        self.put_links(number, Vec::new());
        let Some(node) = self.inventory.nodes.remove(number) else { return };
        if node.group != u32::MAX {
            self.inventory.groups.leave(node.group, (self.rules, self.index));
            self.groups_before.entry(number).or_insert(Some(node.group));
        }
        self.before.entry(number).or_insert_with(|| Some(Box::new(node.resource)));
    }

    /// Derives what depends on the edits; what has changed, but for what is missing.
    pub(crate) fn finish(mut self) -> Changes {
        self.derive_all();
        let nodes = &self.inventory.nodes;
        let mut changes = Changes {
            new_groups: self.new_groups,
            n_derived: self.n_derived,
            ..Changes::default()
        };
        for (number, before) in self.before {
            match (before, nodes.resource(number)) {
                (None, None) => {}
                (Some(before), None) => changes.removed.push(Removed { number, before }),
                (Some(before), Some(now)) if *before == *now => {}
                (before, Some(_)) => changes.put.push(Put { number, before }),
            }
        }
        for (edge, was_there) in self.edges_before {
            match (was_there, nodes.has_edge(&edge)) {
                (false, true) => changes.edges_added.push(edge),
                (true, false) => changes.edges_removed.push(edge),
                _ => {}
            }
        }
        for (number, before) in self.groups_before {
            let now = nodes.get(number).map(|it| it.group);
            changes.regrouped.extend(now.filter(|it| Some(*it) != before).map(|it| (number, it)));
        }
        self.inventory.nodes.recycle();
        changes
    }
}

fn old_is_read(nodes: &Nodes, number: u32) -> bool {
    nodes.resource(number).is_some_and(|it| it.collected)
}
