//! From an import to edits of the inventory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;
use model::{Affects, Gap, GapId, Resource, View};

use crate::batch::Report;
use crate::changes::Changes;
use crate::coverage::Completeness;
use crate::facts::Facts;
use crate::findings::rank;
use crate::gcp::PROJECTS;
use crate::import::{Import, Incoming};
use crate::inventory::Inventory;
use crate::link::Linking;
use crate::look_up::{LookUp, key};
use crate::merge::Merge;
use crate::reader::Reader;
use crate::refer::namespace_of;
use crate::snapshot::Collected;

impl Inventory {
    /// Takes in what an import read. What it did not collect stays as it was known; what it was
    /// refused becomes unread with the reason; a resource goes only when its kind was collected
    /// completely where it is, and it is not there.
    pub fn update(&mut self, reader: &Reader<'_>, import: Import) -> Changes {
        let Import { mut resources, completeness, reports, gaps, .. } = import;
        let new_gaps = self.take_gaps(&gaps, &mut resources);
        if self.nodes.bound() == 0 {
            return self.fill(reader, resources, &completeness, new_gaps);
        }
        let projects = self.take_projects(&mut resources);
        let merge = Merge { inventory: self, reader };
        let mut n_unchanged = 0;
        let mut seen = BTreeSet::new();
        let mut edits = Vec::new();
        let namespaces = namespaces(&resources, &completeness);
        for incoming in resources {
            match merge.merged(incoming) {
                (Some(number), None) => {
                    n_unchanged += 1;
                    seen.insert(number);
                }
                (number, Some(resource)) => {
                    seen.extend(number);
                    edits.push(resource);
                }
                (None, None) => {}
            }
        }
        let moved = self.moved(&projects, &seen);
        let mut gone = self.gone(&completeness, &namespaces, (&seen, &moved));
        gone.extend(self.mended(reader, &reports, &seen));
        let (added, removed) = self.take_facts(&completeness);
        let mut linking = Linking::new(self, reader);
        for resource in edits.into_iter().chain(moved.into_values()) {
            linking.put(resource);
        }
        for number in gone {
            linking.remove(number);
        }
        let changes = linking.finish();
        let missing = self.settle(reader);
        Changes {
            missing,
            new_gaps,
            collected_added: added,
            collected_removed: removed,
            n_unchanged,
            ..changes
        }
    }

    /// Brings an inventory of an earlier moment to what is stored now: `resources` are those that were
    /// put since, `gone` the ids of those that are there no more, and `collected` and `gaps` are all
    /// that hold now. What did not change may stand among them.
    pub fn catch_up(
        &mut self,
        reader: &Reader<'_>,
        resources: Vec<Resource>,
        gone: &[&str],
        (collected, gaps): (Vec<Collected>, Vec<Gap>),
    ) -> Changes {
        if gaps.len() > self.gaps.len() {
            self.gaps = gaps;
        }
        let facts: Facts = collected.iter().collect();
        for it in self.facts.iter().filter(|it| !facts.holds(it)) {
            self.groups.expire_scope(&it.scope);
        }
        for it in collected.iter().filter(|it| !self.facts.holds(it)) {
            self.groups.expire_scope(&it.scope);
        }
        self.facts = facts;
        let mut linking = Linking::new(self, reader);
        for resource in resources {
            if !linking.has(&resource) {
                linking.put(resource);
            }
        }
        for id in gone {
            linking.remove_id(id);
        }
        let changes = linking.finish();
        let missing = self.settle(reader);
        Changes { missing, ..changes }
    }

    /// Takes an update back: everything is what it was, with the numbers that it had. `changes`
    /// must be those of the last update.
    pub fn undo(&mut self, reader: &Reader<'_>, changes: &Changes) -> Changes {
        for it in &changes.collected_added {
            self.facts.remove(it);
            self.groups.expire_scope(&it.scope);
        }
        for it in &changes.collected_removed {
            self.facts.add(it);
            self.groups.expire_scope(&it.scope);
        }
        for it in &changes.put {
            let is_new = it.before.as_ref().is_none_or(|before| !before.collected);
            let now = self.nodes.resource(it.number).filter(|it| it.id.starts_with(PROJECTS));
            if let Some((number, _)) = now.filter(|_| is_new).and_then(project) {
                self.projects.remove(&number);
            }
        }
        let mut linking = Linking::new(self, reader);
        let numbers = changes.removed.iter().map(|it| (it.before.id.clone(), it.number));
        linking.want_numbers(numbers.collect());
        for it in &changes.put {
            match &it.before {
                Some(before) if before.collected => linking.put((**before).clone()),
                _ => linking.remove(it.number),
            }
        }
        for it in changes.removed.iter().filter(|it| it.before.collected) {
            linking.put((*it.before).clone());
        }
        let back = linking.finish();
        let n_gaps = self.gaps.len().saturating_sub(changes.new_gaps.len());
        self.gaps.truncate(n_gaps.max(1));
        let missing = self.settle(reader);
        Changes {
            missing,
            collected_added: changes.collected_removed.clone(),
            collected_removed: changes.collected_added.clone(),
            ..back
        }
    }

    fn fill(
        &mut self,
        reader: &Reader<'_>,
        resources: Vec<Incoming>,
        completeness: &Completeness,
        new_gaps: Vec<Gap>,
    ) -> Changes {
        let (collected_added, _) = self.take_facts(completeness);
        let mut linking = Linking::new(self, reader);
        linking.fill(resources.into_iter().map(|it| it.resource).collect());
        self.settle(reader);
        Changes { new_gaps, collected_added, ..self.as_changes(reader) }
    }

    /// Computes what is missing again where it must be.
    pub(crate) fn settle(&mut self, reader: &Reader<'_>) -> Vec<crate::changes::MissingChange> {
        let mut groups = std::mem::take(&mut self.groups);
        let missing = groups.settle(self.ground(reader));
        self.groups = groups;
        missing
    }

    /// Adds the gaps that are new, and gives those in documents their numbers in this list.
    fn take_gaps(&mut self, gaps: &[Gap], resources: &mut [Incoming]) -> Vec<Gap> {
        if gaps.len() <= 1 {
            return Vec::new();
        }
        let known: BTreeMap<&Gap, usize> =
            self.gaps.iter().enumerate().skip(1).map(|(number, gap)| (gap, number)).collect();
        let mut new = Vec::new();
        let mut numbers = vec![GapId::NOT_COLLECTED];
        for gap in gaps.iter().skip(1) {
            let number = known.get(gap).copied().unwrap_or_else(|| {
                new.push(gap.clone());
                self.gaps.len() + new.len() - 1
            });
            numbers.push(GapId(number as u32));
        }
        self.gaps.extend(new.iter().cloned());
        let is_same = numbers.iter().enumerate().all(|(old, new)| old as u32 == new.0);
        if !is_same {
            let number =
                |gap: GapId| numbers.get(gap.0 as usize).copied().unwrap_or(GapId::NOT_COLLECTED);
            for it in resources {
                if it.resource.doc.has_gaps() {
                    it.resource.doc = it.resource.doc.with_gaps(&number);
                }
            }
        }
        new
    }

    /// Notes a Google project that says its number.
    pub(crate) fn note_project(&mut self, resource: &Resource) {
        if !resource.id.starts_with(PROJECTS) {
            return;
        }
        if let Some((number, id)) = project(resource) {
            self.projects.insert(number, id);
        }
    }

    /// Gives resources that name their project by number its id; the projects that are new.
    fn take_projects(&self, resources: &mut [Incoming]) -> BTreeMap<Arc<str>, Arc<str>> {
        let projects = resources.iter().filter(|it| it.resource.id.starts_with(PROJECTS));
        let new: BTreeMap<Arc<str>, Arc<str>> = projects
            .filter_map(|it| project(&it.resource))
            .filter(|(number, id)| self.projects.get(number) != Some(id))
            .collect();
        for it in resources.iter_mut() {
            if let Some(id) = self.projects.get(&it.resource.scope) {
                it.resource.scope = Arc::clone(id);
            }
        }
        self.name_projects(resources);
        new
    }

    /// Gives a project that is named by number its id, as in what is known of it.
    fn name_projects(&self, resources: &mut [Incoming]) {
        let known = resources.iter().filter_map(|it| self.projects.get(it.resource.id.as_str()));
        let ids: BTreeSet<Arc<str>> = known.map(Arc::clone).collect();
        if ids.is_empty() {
            return;
        }
        let named = resources.iter().filter_map(|it| ids.get(it.resource.id.as_str()));
        let named: BTreeSet<Arc<str>> = named.map(Arc::clone).collect();
        for it in resources {
            let id = self.projects.get(it.resource.id.as_str());
            if let Some(id) = id.filter(|id| !named.contains(*id)) {
                it.resource.id = id.to_string();
            }
        }
    }

    /// The resources that name a project by number whose id is known now.
    fn moved(
        &self,
        projects: &BTreeMap<Arc<str>, Arc<str>>,
        seen: &BTreeSet<u32>,
    ) -> BTreeMap<u32, Resource> {
        if projects.is_empty() {
            return BTreeMap::new();
        }
        let moved = self.nodes.iter().filter(|(number, node)| {
            node.resource.collected && !seen.contains(number) && node.resource.affects.is_empty()
        });
        let moved = moved.filter_map(|(number, node)| {
            let scope = Arc::clone(projects.get(&node.resource.scope)?);
            Some((number, Resource { scope, ..node.resource.clone() }))
        });
        moved.collect()
    }

    /// What was collected completely, is known, and is not in the import.
    fn gone(
        &self,
        completeness: &Completeness,
        namespaces: &Namespaces,
        (seen, moved): (&BTreeSet<u32>, &BTreeMap<u32, Resource>),
    ) -> Vec<u32> {
        if completeness.complete.is_empty() && completeness.listed.is_empty() {
            return Vec::new();
        }
        let facts: Facts = completeness.complete.iter().collect();
        let is_gone = |it: &Resource| {
            // A finding is no resource of its scope: only a report of its tool knows whether it is
            // mended.
            it.collected
                && it.affects.is_empty()
                && (facts.has(&it.scope, it.region.as_ref(), &it.kind)
                    || namespaces.were_listed(it))
        };
        let nodes = self.nodes.iter().filter(|(number, _)| !seen.contains(number));
        let nodes = nodes.map(|(number, it)| (number, moved.get(&number).unwrap_or(&it.resource)));
        nodes.filter(|(_, resource)| is_gone(resource)).map(|(number, _)| number).collect()
    }

    /// The findings that reports about the same things name no more.
    fn mended(
        &self,
        reader: &Reader<'_>,
        reports: &[Report],
        seen: &BTreeSet<u32>,
    ) -> BTreeSet<u32> {
        let severity = reader.keys().intern("severity");
        let mut mended = BTreeSet::new();
        for report in reports {
            let value = report.value.to_ascii_lowercase();
            let key = key(LookUp::Affected { by: &report.by, value: &value });
            let of_tool = format!("finding:{}:", report.tool);
            let is_mended = |it: &Resource| {
                let rank = match it.doc.view().get(severity) {
                    Some(View::Str(text)) => rank(text),
                    _ => 0,
                };
                let is_about = |it: &Affects| *it.by == report.by && it.value == report.value;
                *it.kind == *report.kind
                    && it.id.starts_with(&of_tool)
                    && it.affects.iter().any(is_about)
                    && rank >= report.least
            };
            // Whoever affects it has asked for it.
            let known = self.asked.of(key).filter(|it| !seen.contains(it));
            mended.extend(known.filter(|it| self.nodes.resource(*it).is_some_and(is_mended)));
        }
        mended
    }

    /// Adds what was collected and takes away what was found incomplete: what is new, what is no
    /// more.
    fn take_facts(&mut self, found: &Completeness) -> (Vec<Collected>, Vec<Collected>) {
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for it in &found.collected {
            if self.facts.add(it) {
                self.groups.expire_scope(&it.scope);
                added.push(it.clone());
            }
        }
        for it in found.incomplete.difference(&found.collected) {
            if self.facts.remove(it) {
                self.groups.expire_scope(&it.scope);
                removed.push(it.clone());
            }
        }
        (added, removed)
    }
}

/// The number and the id of a Google project, as scopes.
fn project(resource: &Resource) -> Option<(Arc<str>, Arc<str>)> {
    let find = |name: &str| resource.also.iter().find(|(key, _)| &**key == name);
    let ((_, number), (_, id)) = (find("projectNumber")?, find("projectId")?);
    Some((format!("{PROJECTS}{number}").into(), format!("{PROJECTS}{id}").into()))
}

/// The namespaces in which kinds of a cluster were listed.
///
/// A typed list does not say whether it is one of the cluster or of a namespace. One with objects
/// of several namespaces is of the cluster; else it speaks for the namespace of its objects.
#[derive(Debug, Default)]
struct Namespaces {
    found: HashMap<(Arc<str>, Arc<str>), BTreeSet<String>>,
}

fn namespaces(resources: &[Incoming], completeness: &Completeness) -> Namespaces {
    let mut namespaces = Namespaces::default();
    for place in &completeness.listed {
        namespaces.found.insert(place.clone(), BTreeSet::new());
    }
    if namespaces.found.is_empty() {
        return namespaces;
    }
    for Incoming { resource, .. } in resources {
        let place = (Arc::clone(&resource.scope), Arc::clone(&resource.kind));
        if let Some(own) = namespaces.found.get_mut(&place) {
            own.insert(namespace_of(&resource.id).to_owned());
        }
    }
    namespaces
}

impl Namespaces {
    fn were_listed(&self, it: &Resource) -> bool {
        let place = (Arc::clone(&it.scope), Arc::clone(&it.kind));
        let Some(found) = self.found.get(&place) else { return false };
        let own = namespace_of(&it.id);
        // What belongs to the cluster has no namespace: its list is one of the cluster.
        own.is_empty() || found.len() > 1 || found.contains(own)
    }
}
