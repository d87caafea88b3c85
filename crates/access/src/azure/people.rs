//! Who is who in Entra: principals by object id and by resource, groups and their members, owners.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};
use model::Resource;

use crate::read::Node;

/// How inventory names a principal that was not read.
pub(super) const UNREAD: &str = "azure:principalId:";

/// Why a role that somebody is eligible for is not sure: rules of activation are not read.
pub(super) const ACTIVATION: &str = "it may take a second factor or an approval";

/// Principals, by object id in lower case.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Canonical id of a resource to its object ids.
    by_resource: HashMap<String, Person>,
    /// Object id to canonical ids.
    resources: HashMap<String, BTreeSet<String>>,
    groups: HashMap<String, Group>,
    /// Member to the groups whose documents name it.
    above: HashMap<String, BTreeSet<String>>,
    /// The same the other way round.
    below: HashMap<String, BTreeSet<String>>,
    /// Groups that somebody may be in although no document says so: see [`People::settle`].
    open: Vec<String>,
    changed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) object_ids: Vec<String>,
    is_disabled: bool,
    is_actor: bool,
    attributes: Option<Vec<(String, String)>>,
    groups: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Group {
    /// `None` where they were not read.
    members: Option<Vec<String>>,
    pub(super) is_role_assignable: bool,
}

impl People {
    pub(super) fn put(&mut self, resource: &Resource, node: Node<'_>) {
        let object_ids = object_ids(resource, node);
        if object_ids.is_empty() {
            return;
        }
        let is_group = &*resource.kind == "azure.entra-group";
        if is_group {
            self.put_group(&resource.id, node);
        }
        let is_entra = resource.kind.starts_with("azure.entra-");
        let mut groups = Vec::new();
        if is_entra {
            for key in ["memberOf", "transitiveMemberOf"] {
                groups.extend(ids(node.at(key)).unwrap_or_default());
            }
        }
        for id in &object_ids {
            self.resources.entry(id.clone()).or_default().insert(resource.id.clone());
            for group in &groups {
                self.note_membership(id, group);
            }
        }
        let is_disabled = is_entra && node.at("accountEnabled").bool() == Some(false);
        let attributes = attributes(node.at("customSecurityAttributes"));
        let person = Person { object_ids, is_disabled, is_actor: !is_group, attributes, groups };
        self.by_resource.insert(resource.id.clone(), person);
        self.changed = true;
    }

    fn put_group(&mut self, id: &str, node: Node<'_>) {
        let members = ids(node.at("members"));
        for member in members.iter().flatten() {
            self.note_membership(member, id);
        }
        let is_role_assignable = node.at("isAssignableToRole").bool() == Some(true);
        self.groups.insert(id.to_owned(), Group { members, is_role_assignable });
    }

    /// What is known of a resource as a principal.
    pub(super) fn person(&self, id: &str) -> Option<&Person> {
        self.by_resource.get(id)
    }

    /// The resources that act under an object id.
    pub(super) fn resources_of(&self, object: &str) -> impl Iterator<Item = &str> {
        self.resources.get(object).into_iter().flatten().map(String::as_str)
    }

    pub(super) fn remove(&mut self, id: &str) {
        if let Some(group) = self.groups.remove(id) {
            for member in group.members.iter().flatten() {
                self.forget_membership(member, id);
            }
        }
        let Some(person) = self.by_resource.remove(id) else { return };
        for object in &person.object_ids {
            if let Some(all) = self.resources.get_mut(object) {
                all.remove(id);
                if all.is_empty() {
                    self.resources.remove(object);
                }
            }
            for group in &person.groups {
                self.forget_membership(object, group);
            }
        }
        self.changed = true;
    }

    fn note_membership(&mut self, member: &str, group: &str) {
        self.above.entry(member.to_owned()).or_default().insert(group.to_owned());
        self.below.entry(group.to_owned()).or_default().insert(member.to_owned());
    }

    fn forget_membership(&mut self, member: &str, group: &str) {
        for (all, key, other) in
            [(&mut self.above, member, group), (&mut self.below, group, member)]
        {
            if let Some(others) = all.get_mut(key) {
                others.remove(other);
                if others.is_empty() {
                    all.remove(key);
                }
            }
        }
    }

    /// Finds the groups that a principal may be in although no document says so: those whose members
    /// were not read, those that were not read (`unread`), and the groups that these are in.
    pub(super) fn settle(&mut self, unread: impl Iterator<Item = String>) {
        let closed =
            |it: &&String| self.groups.get(*it).is_none_or(|group| group.members.is_none());
        let mut open: BTreeSet<String> = self.groups.keys().filter(closed).cloned().collect();
        open.extend(unread.filter(|it| !self.groups.contains_key(it)));
        let mut queue: Vec<String> = open.iter().cloned().collect();
        while let Some(group) = queue.pop() {
            for above in self.above.get(&group).into_iter().flatten() {
                if open.insert(above.clone()) {
                    queue.push(above.clone());
                }
            }
        }
        self.open = open.into_iter().collect();
        self.changed = false;
    }

    pub(super) fn has_changed(&self) -> bool {
        self.changed
    }

    /// Groups that a principal may be in, for all that is known.
    pub(super) fn open(&self) -> &[String] {
        &self.open
    }

    /// Object ids of an actor and of all groups that it is known to be in.
    pub(super) fn known(&self, actor: &str, group: Option<&str>) -> Vec<String> {
        let mut found = self.object_ids(actor);
        found.extend(group.into_iter().flat_map(|it| self.object_ids(it)));
        self.with_groups(found)
    }

    /// These principals and all groups that they are in.
    pub(super) fn with_groups(&self, mut found: Vec<String>) -> Vec<String> {
        let mut seen: HashSet<String> = found.iter().cloned().collect();
        let mut at = 0;
        while let Some(id) = found.get(at).cloned() {
            at += 1;
            for group in self.above.get(&id).into_iter().flatten() {
                if seen.insert(group.clone()) {
                    found.push(group.clone());
                }
            }
        }
        found
    }

    /// An object and everybody who is known to be in it, should it be a group.
    pub(super) fn with_members<'a>(&'a self, object: &'a str) -> Vec<&'a str> {
        let mut found = vec![object];
        let mut seen: HashSet<&str> = found.iter().copied().collect();
        let mut at = 0;
        while let Some(group) = found.get(at).copied() {
            at += 1;
            let members = self.below.get(group).into_iter().flatten().map(String::as_str);
            found.extend(members.filter(|it| seen.insert(it)));
        }
        found
    }

    /// Whether it is a group that others may be in than those who are known.
    pub(super) fn is_open(&self, object: &str) -> bool {
        self.groups.get(object).is_some_and(|it| it.members.is_none())
            || self.open.iter().any(|it| it == object)
    }

    /// Object ids of a resource; one that was not read may be named by its object id itself.
    pub(super) fn object_ids(&self, id: &str) -> Vec<String> {
        match self.by_resource.get(id) {
            Some(person) => person.object_ids.clone(),
            None if id.starts_with('/') || id == "*" => Vec::new(),
            None => vec![id.strip_prefix(UNREAD).unwrap_or(id).to_ascii_lowercase()],
        }
    }

    pub(super) fn is_disabled(&self, id: &str) -> bool {
        self.by_resource.get(id).is_some_and(|it| it.is_disabled)
    }

    pub(super) fn attributes(&self, id: &str) -> Option<&[(String, String)]> {
        self.by_resource.get(id)?.attributes.as_deref()
    }

    pub(super) fn is_known(&self, object: &str) -> bool {
        self.resources.contains_key(object)
    }

    pub(super) fn group(&self, id: &str) -> Option<&Group> {
        self.groups.get(id)
    }

    /// Whether this is the canonical id of somebody who can act.
    pub(super) fn is_actor(&self, id: &str) -> bool {
        self.by_resource.get(id).is_some_and(|it| it.is_actor)
    }

    /// Whether nobody was read.
    pub(super) fn is_empty(&self) -> bool {
        self.by_resource.is_empty()
    }

    /// Canonical ids of who can act, groups not among them.
    pub(super) fn actors(&self) -> Vec<&str> {
        let actors = self.by_resource.iter().filter(|(_, it)| it.is_actor);
        let mut found: Vec<&str> = actors.map(|(id, _)| id.as_str()).collect();
        found.sort_unstable();
        found
    }
}

/// The object ids that a resource acts under: its own in the directory, that of its managed identity, that
/// of the kubelets of a cluster.
fn object_ids(resource: &Resource, node: Node<'_>) -> Vec<String> {
    match &*resource.kind {
        "azure.entra-user" | "azure.entra-group" | "azure.entra-service-principal" => {
            return vec![resource.id.to_ascii_lowercase()];
        }
        kind if kind.starts_with("azure.entra-") => return Vec::new(),
        _ => {}
    }
    let identity = "properties.identityProfile.kubeletidentity.objectId";
    let own = match &*resource.kind {
        "azure.user-assigned-identity" => vec!["properties.principalId"],
        "azure.managed-cluster" => vec!["identity.principalId", identity],
        _ => vec!["identity.principalId"],
    };
    own.into_iter().filter_map(|it| node.at(it).text().map(str::to_ascii_lowercase)).collect()
}

/// The ids of a list of directory objects, in lower case; `None` where it was not read. Lists of objects
/// come without their members unless these are asked for, so that none is not the same as no key.
pub(super) fn ids(list: Node<'_>) -> Option<Vec<String>> {
    let items = list.list()?;
    let id = |it: Node<'_>| it.at("id").text().or(it.text()).map(str::to_ascii_lowercase);
    Some(items.filter_map(id).collect())
}

/// `{Project: {Team: Harbour}}` as `Project_Team`.
fn attributes(sets: Node<'_>) -> Option<Vec<(String, String)>> {
    if sets.is_null() || sets.is_unread() {
        return None;
    }
    let mut found = Vec::new();
    for (set, values) in sets.entries() {
        for (name, value) in values.entries().into_iter().filter(|(it, _)| !it.contains('@')) {
            let values: Vec<String> = match value.list() {
                Some(list) => list.filter_map(Node::word).collect(),
                None => value.word().into_iter().collect(),
            };
            found.extend(values.into_iter().map(|it| (format!("{set}_{name}"), it)));
        }
    }
    Some(found)
}
