//! Role assignments and deny assignments, by whom they name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;

use super::condition::Condition;
use super::role::{Permission, Role};
use crate::read::Node;

/// Everybody, in deny assignments.
const EVERYBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Who has which role where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    /// Canonical id.
    pub(super) id: String,
    /// Object id of user, group or service principal, in lower case.
    pub(super) principal: String,
    /// Whether the document says that it is a group.
    pub(super) is_group: bool,
    /// Identifier of the role definition: the last word of its id.
    pub(super) role: String,
    /// Where: an id in lower case.
    pub(super) scope: String,
    pub(super) condition: Option<Condition>,
    /// Whether the role has to be activated first.
    pub(super) by_activation: bool,
}

/// What nobody, or somebody, may do whatever roles say.
#[derive(Debug)]
pub(super) struct Deny {
    pub(super) id: String,
    pub(super) scope: String,
    pub(super) is_for_children: bool,
    pub(super) principals: Vec<String>,
    pub(super) excluded: Vec<String>,
    pub(super) permissions: Vec<Permission>,
    pub(super) condition: Option<Condition>,
}

/// The assignments of one principal.
#[derive(Debug, Default)]
struct Held {
    all: Vec<Arc<Assignment>>,
    /// Those at subscriptions and within, by scope.
    near: HashMap<String, Vec<Arc<Assignment>>>,
    /// Those at management groups and above.
    wide: Vec<Arc<Assignment>>,
}

/// Up to so many assignments are looked at one by one.
const FEW: usize = 4;

impl Held {
    fn put(&mut self, it: Arc<Assignment>) {
        self.all.push(Arc::clone(&it));
        if is_wide(&it.scope) {
            self.wide.push(it);
        } else {
            self.near.entry(it.scope.clone()).or_default().push(it);
        }
    }

    fn remove(&mut self, it: &Assignment) {
        self.all.retain(|own| own.id != it.id);
        self.wide.retain(|own| own.id != it.id);
        if let Some(near) = self.near.get_mut(&it.scope) {
            near.retain(|own| own.id != it.id);
            if near.is_empty() {
                self.near.remove(&it.scope);
            }
        }
    }

    /// Those that may hold for `on`: at management groups, then the further from it the sooner. All of them, in the order in which they
    /// came, where there are few or `on` has a `*`.
    fn at<'a>(&'a self, on: &'a str) -> impl Iterator<Item = &'a Arc<Assignment>> {
        let is_any = self.all.len() <= FEW || on.contains('*');
        let (all, wide, on): (&[_], &[_], &str) =
            if is_any { (&self.all, &[], "") } else { (&[], &self.wide, on) };
        let ends = on.match_indices('/').map(|(at, _)| at).chain([on.len()]);
        let above = ends.filter_map(|end| on.get(..end).filter(|it| !it.is_empty()));
        all.iter().chain(wide).chain(above.filter_map(|it| self.near.get(it)).flatten())
    }
}

/// Whether what lies in a scope is not told by its id.
fn is_wide(scope: &str) -> bool {
    scope == "/" || is_management_group(scope)
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Grants {
    assignments: HashMap<String, Arc<Assignment>>,
    by_principal: HashMap<String, Held>,
    denies: BTreeMap<String, Deny>,
    /// Read-only locks, with what they lie on.
    locks: BTreeMap<String, String>,
    /// Definition by its identifier, with the documents that say it.
    roles: HashMap<String, (String, Role)>,
    /// Data actions that definitions write out, with how many do.
    data_actions: HashMap<String, u32>,
    groups: BTreeSet<(String, String)>,
    /// Scopes of assignments that are management groups, with how many have it.
    management_groups: BTreeMap<String, u32>,
    /// How many assignments depend on attributes of who acts.
    n_by_attributes: usize,
    changed: bool,
}

impl Assignment {
    fn read(id: &str, properties: Node<'_>) -> Option<Self> {
        let lower = |key: &str| properties.at(key).text().map(str::to_ascii_lowercase);
        let role = lower("roleDefinitionId")?;
        Some(Self {
            id: id.to_owned(),
            principal: lower("principalId")?,
            is_group: lower("principalType").as_deref() == Some("group"),
            role: role.rsplit('/').next().unwrap_or_default().to_owned(),
            scope: lower("scope").as_deref().or_else(|| scope_in(id)).map(trimmed)?,
            condition: condition(properties),
            by_activation: false,
        })
    }
}

/// `/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/x` is at `/subscriptions/s`.
fn scope_in(id: &str) -> Option<&str> {
    let (scope, _) = id.split_once("/providers/microsoft.authorization/")?;
    Some(if scope.is_empty() { "/" } else { scope })
}

pub(super) fn is_management_group(scope: &str) -> bool {
    scope.strip_prefix(super::scope::GROUPS).is_some_and(|it| !it.contains('/'))
}

fn trimmed(scope: &str) -> String {
    let scope = scope.trim_end_matches('/');
    if scope.is_empty() { "/".to_owned() } else { scope.to_owned() }
}

fn condition(properties: Node<'_>) -> Option<Condition> {
    let text = properties.at("condition").text().filter(|it| !it.trim().is_empty())?;
    Some(Condition::parse(text))
}

impl Deny {
    fn read(id: &str, properties: Node<'_>) -> Option<Self> {
        let people = |key: &str| super::people::ids(properties.at(key)).unwrap_or_default();
        let scope = properties.at("scope").text().map(str::to_ascii_lowercase);
        Some(Self {
            id: id.to_owned(),
            scope: scope.as_deref().or_else(|| scope_in(id)).map(trimmed)?,
            is_for_children: properties.at("doNotApplyToChildScopes").bool() != Some(true),
            principals: people("principals"),
            excluded: people("excludePrincipals"),
            permissions: properties.at("permissions").items().map(Permission::read).collect(),
            condition: condition(properties),
        })
    }

    pub(super) fn is_for_everybody(&self) -> bool {
        self.principals.iter().any(|it| it == EVERYBODY)
    }
}

impl Assignment {
    /// Whether it depends on attributes of who acts.
    fn looks_at_principal(&self) -> bool {
        let attributes = self.condition.as_ref().map(Condition::attributes).unwrap_or_default();
        attributes.iter().any(|it| it.starts_with("@Principal"))
    }
}

impl Grants {
    /// Whether principals are told apart by more than their names: by what denies, or by their attributes.
    pub(super) fn tells_principals_apart(&self) -> bool {
        !self.denies.is_empty() || self.n_by_attributes > 0
    }

    pub(super) fn put(&mut self, kind: &str, id: &str, node: Node<'_>) {
        let properties = node.at("properties");
        match kind {
            "azure.role-assignment" | "azure.role-eligibility" => {
                let Some(mut found) = Assignment::read(id, properties) else { return };
                found.by_activation = kind == "azure.role-eligibility";
                let found = Arc::new(found);
                if found.is_group {
                    self.groups.insert((found.principal.clone(), found.id.clone()));
                }
                self.n_by_attributes += usize::from(found.looks_at_principal());
                if is_management_group(&found.scope) {
                    *self.management_groups.entry(found.scope.clone()).or_default() += 1;
                }
                let held = self.by_principal.entry(found.principal.clone()).or_default();
                held.put(Arc::clone(&found));
                self.assignments.insert(id.to_owned(), found);
            }
            "azure.role-definition" => {
                let Some(role) = Role::read(properties) else { return };
                for action in role.data_actions() {
                    *self.data_actions.entry(action.to_owned()).or_default() += 1;
                }
                let name = id.rsplit('/').next().unwrap_or_default();
                let old = self.roles.insert(name.to_owned(), (id.to_owned(), role));
                self.forget_data_actions(old.as_ref());
            }
            "azure.deny-assignment" => {
                let Some(found) = Deny::read(id, properties) else { return };
                self.denies.insert(id.to_owned(), found);
            }
            "azure.resource-lock" => {
                let is_read_only = properties.at("level").text() == Some("ReadOnly");
                if let Some(scope) = scope_in(id).filter(|_| is_read_only) {
                    self.locks.insert(id.to_owned(), scope.to_owned());
                }
                return;
            }
            _ => return,
        }
        self.changed = true;
    }

    pub(super) fn remove(&mut self, id: &str) {
        if let Some(old) = self.assignments.remove(id) {
            self.groups.remove(&(old.principal.clone(), old.id.clone()));
            self.n_by_attributes -= usize::from(old.looks_at_principal());
            if let Some(count) = self.management_groups.get_mut(&old.scope) {
                *count -= 1;
                if *count == 0 {
                    self.management_groups.remove(&old.scope);
                }
            }
            if let Some(held) = self.by_principal.get_mut(&old.principal) {
                held.remove(&old);
                if held.all.is_empty() {
                    self.by_principal.remove(&old.principal);
                }
            }
            self.changed = true;
        }
        self.denies.remove(id);
        self.locks.remove(id);
        let name = id.rsplit('/').next().unwrap_or_default();
        if self.roles.get(name).is_some_and(|(document, _)| document == id) {
            let old = self.roles.remove(name);
            self.forget_data_actions(old.as_ref());
        }
    }

    fn forget_data_actions(&mut self, old: Option<&(String, Role)>) {
        for action in old.iter().flat_map(|(_, role)| role.data_actions()) {
            if let Some(count) = self.data_actions.get_mut(action) {
                *count -= 1;
            }
        }
    }

    /// The assignment of a document.
    pub(super) fn assignment(&self, id: &str) -> Option<&Arc<Assignment>> {
        self.assignments.get(id)
    }

    /// Whether assignments came or went since this was asked last.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Groups that assignments name.
    pub(super) fn groups(&self) -> impl Iterator<Item = String> {
        self.groups.iter().map(|(group, _)| group.clone())
    }

    /// The assignments of a principal.
    pub(super) fn of(&self, principal: &str) -> &[Arc<Assignment>] {
        self.by_principal.get(principal).map(|it| it.all.as_slice()).unwrap_or_default()
    }

    /// Those of them that may hold for `on`, an id in lower case in which `*` stands for any word.
    pub(super) fn of_at<'a>(
        &'a self,
        principal: &str,
        on: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Assignment>> {
        self.by_principal.get(principal).into_iter().flat_map(move |it| it.at(on))
    }

    /// All object ids that assignments name, sorted.
    pub(super) fn principals(&self) -> BTreeSet<&str> {
        self.by_principal.keys().map(String::as_str).collect()
    }

    /// Whether no assignment was read at all. A tenant without any has nobody who could do anything.
    pub(super) fn is_empty(&self) -> bool {
        self.assignments.is_empty()
    }

    /// Deny assignments, sorted by id.
    pub(super) fn denies(&self) -> impl Iterator<Item = &Deny> {
        self.denies.values()
    }

    /// Read-only locks with what they lie on, sorted by id.
    pub(super) fn locks(&self) -> &BTreeMap<String, String> {
        &self.locks
    }

    /// Management groups at which something is assigned.
    pub(super) fn management_groups(&self) -> impl Iterator<Item = &str> {
        self.management_groups.keys().map(String::as_str)
    }

    /// A role that a document defines, and which.
    pub(super) fn role(&self, name: &str) -> Option<&(String, Role)> {
        self.roles.get(name)
    }

    /// Whether a role definition that was read writes this data action out.
    pub(super) fn names_data_action(&self, action: &str) -> bool {
        self.data_actions.get(action).is_some_and(|count| *count > 0)
    }
}
