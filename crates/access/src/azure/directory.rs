//! Entra: roles of the directory, application permissions of Microsoft Graph, and owners.
//!
//! Simplified, and said so in the documentation: roles that may not touch administrators may touch
//! nobody who has a role of the directory; administrative units are not resolved.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use model::Resource;

use super::people::{People, ids};
use crate::glob;
use crate::notes::Notes;
use crate::read::Node;
use crate::truth::Truth;
use crate::{Answer, Effect, Plus};

mod table;

/// Global administrators make themselves user access administrators of everything with this.
pub(super) const ELEVATE: &str = "microsoft.authorization/elevateaccess/action";

/// The application that Microsoft Graph is in every tenant.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
/// Its name.
const GRAPH_NAME: &str = "Microsoft Graph";

/// Whether the directory decides about an action, in lower case.
pub(super) fn is_of_directory(action: &str) -> bool {
    action.starts_with("microsoft.directory/") || action == ELEVATE
}

/// What the directory says.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// By principal: what makes it more than a member of the tenant.
    held: HashMap<String, Vec<Held>>,
    /// Roles whose members were not read: (role, document).
    open: BTreeSet<(String, String)>,
    /// Custom roles: actions that they allow, by the role's identifier.
    roles: HashMap<String, Vec<String>>,
    /// Permissions of Microsoft Graph that read alone, with the document that names them.
    reading: HashMap<String, String>,
    /// Owned object to its owners.
    owners: HashMap<String, Vec<String>>,
    /// Owner to what it owns.
    owned: HashMap<String, BTreeSet<String>>,
    /// What kind of object an id is: `applications`, `servicePrincipals`, `groups`, `users`.
    classes: HashMap<String, &'static str>,
    documents: HashMap<String, Vec<String>>,
    changed: bool,
}

/// A role that somebody holds.
#[derive(Debug, Clone, Default)]
struct Held {
    document: String,
    path: String,
    /// Identifier of the role's template, or of an application permission.
    role: String,
    /// `/`, an object, an administrative unit.
    scope: String,
    /// Whether it has to be activated first.
    by_activation: bool,
}

impl Held {
    fn of(document: &str) -> Self {
        Self { document: document.to_owned(), ..Self::default() }
    }

    /// Whether the role is in use: one that was not activated gives nothing yet.
    fn is_active(&self) -> Truth {
        if self.by_activation { Truth::Unknown } else { Truth::Yes }
    }
}

impl Directory {
    pub(super) fn put(&mut self, resource: &Resource, node: Node<'_>) {
        let id = resource.id.as_str();
        let lower = |key: &str| node.at(key).text().map(str::to_ascii_lowercase);
        self.changed = true;
        match &*resource.kind {
            "azure.entra-directory-role" => {
                let Some(role) = lower("roleTemplateId") else { return };
                match ids(node.at("members")) {
                    None => {
                        self.open.insert((role, id.to_owned()));
                    }
                    Some(members) => {
                        for (at, member) in members.into_iter().enumerate() {
                            let path = format!("members[{at}]");
                            let (role, scope) = (role.clone(), "/".to_owned());
                            self.hold(member, Held { path, role, scope, ..Held::of(id) });
                        }
                    }
                }
            }
            kind @ ("azure.entra-role-assignment" | "azure.entra-role-eligibility") => {
                let (Some(member), Some(role)) = (lower("principalId"), lower("roleDefinitionId"))
                else {
                    return;
                };
                let scope = lower("directoryScopeId").unwrap_or_else(|| "/".to_owned());
                let path = "roleDefinitionId".to_owned();
                let by_activation = kind == "azure.entra-role-eligibility";
                self.hold(member, Held { path, role, scope, by_activation, ..Held::of(id) });
            }
            "azure.entra-app-role-assignment" => {
                let (Some(member), Some(role)) = (lower("principalId"), lower("appRoleId")) else {
                    return;
                };
                // permissions of other programs say nothing of the directory
                let of = node.at("resourceDisplayName").text();
                if of.is_some_and(|it| it != GRAPH_NAME) {
                    return;
                }
                let (path, scope) = ("appRoleId".to_owned(), "/".to_owned());
                self.hold(member, Held { path, role, scope, ..Held::of(id) });
            }
            "azure.entra-role-definition" => {
                let actions = node.at("rolePermissions").items();
                let actions = actions.flat_map(|it| it.at("allowedResourceActions").texts());
                let actions = actions.map(str::to_ascii_lowercase).collect();
                self.roles.insert(id.to_owned(), actions);
            }
            kind => self.put_object(kind, id, node),
        }
    }

    fn put_object(&mut self, kind: &str, id: &str, node: Node<'_>) {
        let class = match kind {
            "azure.entra-application" => "applications",
            "azure.entra-service-principal" => "serviceprincipals",
            "azure.entra-group" => "groups",
            "azure.entra-user" => "users",
            _ => return,
        };
        if node.at("appId").text() == Some(GRAPH) {
            let reads = |it: &Node<'_>| it.at("value").text().is_some_and(reads_alone);
            let roles = node.at("appRoles").items().filter(reads);
            let roles = roles.filter_map(|it| it.at("id").text().map(str::to_ascii_lowercase));
            self.reading.extend(roles.map(|it| (it, id.to_owned())));
        }
        self.classes.insert(id.to_owned(), class);
        self.disown(id);
        let owners = ids(node.at("owners")).unwrap_or_default();
        for owner in &owners {
            self.owned.entry_ref(owner).or_default().insert(id.to_owned());
        }
        self.owners.insert(id.to_owned(), owners);
    }

    fn hold(&mut self, member: String, held: Held) {
        self.documents.entry(held.document.clone()).or_default().push(member.clone());
        self.held.entry(member).or_default().push(held);
    }

    pub(super) fn remove(&mut self, id: &str) {
        if self.classes.remove(id).is_some() {
            self.disown(id);
            self.reading.retain(|_, document| document != id);
        }
        self.roles.remove(id);
        if id.starts_with('/') {
            return;
        }
        self.open.retain(|(_, document)| document != id);
        for member in self.documents.remove(id).unwrap_or_default() {
            if let Some(all) = self.held.get_mut(&member) {
                all.retain(|it| it.document != id);
            }
            self.changed = true;
        }
    }

    fn disown(&mut self, id: &str) {
        for owner in self.owners.remove(id).into_iter().flatten() {
            if let Some(all) = self.owned.get_mut(&owner) {
                all.remove(id);
            }
        }
    }

    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Groups that hold a role of the directory; only role-assignable ones can.
    pub(super) fn groups(&self) -> impl Iterator<Item = String> {
        let known = self.classes.iter().filter(|(_, class)| **class == "groups");
        known.map(|(id, _)| id.clone()).filter(|id| self.held.contains_key(id))
    }

    /// The actions of a role; `None` where neither a document nor the table knows it.
    fn actions(&self, role: &str) -> Option<Vec<&str>> {
        let read = self.roles.get(role).filter(|it| !it.is_empty());
        if let Some(actions) = read {
            return Some(actions.iter().map(String::as_str).collect());
        }
        let known = table::role(role).map(|it| it.actions.to_vec());
        known.or_else(|| self.reading.contains_key(role).then(Vec::new))
    }

    /// What a role gives of an action on an object.
    fn allows(&self, people: &People, role: &str, action: &str, on: &str) -> Truth {
        if action == ELEVATE {
            return Truth::of(role == table::GLOBAL_ADMINISTRATOR);
        }
        let Some(actions) = self.actions(role) else { return Truth::Unknown };
        if !actions.iter().any(|it| glob::takes(it, action)) {
            return Truth::No;
        }
        let is_strong = table::role(role).is_some_and(|it| it.reaches_administrators);
        if is_strong || !guards_administrators(action) {
            return Truth::Yes;
        }
        if self.is_administrator(people, on) { Truth::No } else { self.is_ordinary(on) }
    }

    /// Whether an object that is not known as privileged is surely none.
    fn is_ordinary(&self, on: &str) -> Truth {
        Truth::of(self.classes.contains_key(on) || on == "/" || on.contains('*')).or(Truth::Unknown)
    }

    /// Whether a user has a role of the directory or owns a group that can be given one, or is such a group: weaker
    /// roles may not touch them.
    fn is_administrator(&self, people: &People, on: &str) -> bool {
        let is_assignable = |it: &str| people.group(it).is_some_and(|it| it.is_role_assignable);
        if is_assignable(on) || self.owned.get(on).into_iter().flatten().any(|it| is_assignable(it))
        {
            return true;
        }
        let who = people.with_groups(vec![on.to_owned()]);
        who.iter().any(|it| {
            let holds = |held: &Held| {
                let role = table::role(&held.role);
                !held.by_activation && role.is_none_or(|role| role.is_privileged)
            };
            is_assignable(it) || self.held.get(it).is_some_and(|all| all.iter().any(holds))
        })
    }

    pub(super) fn judge(
        &self,
        people: &People,
        who: &[String],
        plus: Plus<'_>,
        (action, on): (&str, &str),
        mut notes: Notes<'_>,
    ) -> Truth {
        if plus.is_everything() {
            return Truth::Yes;
        }
        let mut best = self.by_owner(who, action, on, notes.again());
        for (principal, held) in who.iter().filter_map(|it| Some((it, self.held.get(it)?))) {
            for it in held {
                let allows = self.allows(people, &it.role, action, on);
                let truth = is_in(&it.scope, on).and(allows).and(it.is_active());
                if truth == Truth::No {
                    continue;
                }
                let name = table::role(&it.role).map_or(it.role.as_str(), |it| it.name);
                notes.reason(Effect::Allows, || {
                    let says = format!("{principal} is {name} at {}", it.scope);
                    (it.document.clone(), it.path.clone(), says)
                });
                if it.by_activation {
                    notes.unread(|| {
                        (format!("activation of {name}"), super::people::ACTIVATION.to_owned())
                    });
                } else if truth == Truth::Unknown {
                    notes.unread(|| {
                        (format!("role {name}"), "its actions, or whom it may touch".to_owned())
                    });
                }
                best = best.or(truth);
            }
        }
        if best == Truth::Yes {
            return best;
        }
        if who.is_empty() {
            return Truth::No;
        }
        best.or(self.unread(people, who, action, on, notes))
    }

    /// What roles would give whose members were not read.
    fn unread(
        &self,
        people: &People,
        who: &[String],
        action: &str,
        on: &str,
        mut notes: Notes<'_>,
    ) -> Truth {
        let mut best = Truth::No;
        for (role, document) in &self.open {
            if self.allows(people, role, action, on) != Truth::No {
                notes.unread(|| (format!("{document} members"), "a member may do it".to_owned()));
                best = Truth::Unknown;
            }
        }
        for group in people.open().iter().filter(|it| !who.contains(it)) {
            for it in self.held.get(group).into_iter().flatten() {
                let truth = is_in(&it.scope, on).and(self.allows(people, &it.role, action, on));
                if truth != Truth::No {
                    notes.unread(|| {
                        (format!("{group} members"), format!("{} names this group", it.document))
                    });
                    best = Truth::Unknown;
                }
            }
        }
        if self.held.is_empty() && self.open.is_empty() {
            notes.unread(|| {
                (
                    "roles of the directory".to_owned(),
                    "none was read, and one could allow it".to_owned(),
                )
            });
            best = Truth::Unknown;
        }
        best
    }

    /// What an owner of an application, a service principal or a group may do to it.
    fn by_owner(&self, who: &[String], action: &str, on: &str, mut notes: Notes<'_>) -> Truth {
        let (Some(class), Some(owners)) = (self.classes.get(on), self.owners.get(on)) else {
            return Truth::No;
        };
        let rest = action.strip_prefix("microsoft.directory/").unwrap_or_default();
        let is_theirs = match *class {
            "applications" => {
                rest.starts_with("applications/")
                    || rest.starts_with("applications.myorganization/")
            }
            "serviceprincipals" => {
                rest.starts_with("serviceprincipals/")
                    && !rest.contains("approle")
                    && !rest.contains("managepermission")
            }
            "groups" => {
                rest.starts_with("groups")
                    && ["members/update", "owners/update", "delete", "basic/update"]
                        .iter()
                        .any(|it| rest.ends_with(it))
            }
            _ => false,
        };
        let at = owners.iter().position(|it| who.contains(it)).filter(|_| is_theirs);
        if let Some(at) = at {
            notes.reason(Effect::Allows, || {
                (on.to_owned(), format!("owners[{at}]"), format!("owns it, which allows {action}"))
            });
        }
        Truth::of(at.is_some())
    }

    /// Where somebody may be allowed an action: too many places, never too few; `None`: anywhere.
    pub(super) fn reach(
        &self,
        people: &People,
        who: &[String],
        action: &str,
    ) -> Option<Vec<String>> {
        if self.held.is_empty() && self.open.is_empty() {
            return None;
        }
        let mut found = self.own_reach(who, action);
        if self.open.iter().any(|(role, _)| self.may_have(role, action)) {
            found.push(EVERYWHERE.to_owned());
        }
        found.extend(self.held_for(people.open(), action).map(str::to_owned));
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    /// The same, without what anybody may be allowed.
    pub(super) fn own_reach(&self, who: &[String], action: &str) -> Vec<String> {
        let held = self.held_for(who, action).map(str::to_owned);
        let owned = who.iter().filter_map(|it| self.owned.get(it)).flatten().cloned();
        let mut found: Vec<String> = held.chain(owned).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Where some of `who` hold a role that may have an action.
    fn held_for<'a>(&'a self, who: &'a [String], action: &str) -> impl Iterator<Item = &'a str> {
        let held = who.iter().filter_map(|it| self.held.get(it)).flatten();
        held.filter(|it| self.may_have(&it.role, action)).map(|it| place_of(&it.scope))
    }

    /// Whether a role may have an action.
    fn may_have(&self, role: &str, action: &str) -> bool {
        if action == ELEVATE {
            return role == table::GLOBAL_ADMINISTRATOR;
        }
        self.actions(role).is_none_or(|all| all.iter().any(|it| glob::takes(it, action)))
    }

    /// Whether somebody is global administrator.
    pub(super) fn administrator(
        &self,
        people: &People,
        who: &[String],
        notes: Notes<'_>,
    ) -> Answer {
        // nobody was read to have a role: then it is not said that everybody may be administrator
        if self.held.is_empty() && self.open.is_empty() {
            return Answer::Denied;
        }
        super::answer(self.judge(people, who, Plus::Nothing, (ELEVATE, "/"), notes))
    }
}

/// Whether a permission of Microsoft Graph lets nobody change anything: `Mail.Read`, `Group.Read.All`, `Mail.Send`.
fn reads_alone(permission: &str) -> bool {
    let mut words = permission.split('.').skip(1);
    words.any(|it| it == "Send" || it.starts_with("Read"))
        && !["Write", "Update", "Manage"].iter().any(|it| permission.contains(it))
}

/// The scope that is the whole directory.
const EVERYWHERE: &str = "/";
/// Of what lies in which administrative unit nothing is known.
const SOME_UNIT: &str = "/administrativeunits/";

/// The place that the scope of a role is.
fn place_of(scope: &str) -> &str {
    match scope {
        EVERYWHERE => EVERYWHERE,
        unit if unit.starts_with(SOME_UNIT) => SOME_UNIT,
        object => object.trim_start_matches('/'),
    }
}

/// The places at which a role counts for an object: see [`is_in`].
pub(super) fn places(on: &str) -> Vec<String> {
    [EVERYWHERE, SOME_UNIT, on].map(str::to_owned).to_vec()
}

/// Whether a role given at `scope` counts for an object.
fn is_in(scope: &str, on: &str) -> Truth {
    if scope == "/" || scope.trim_start_matches('/') == on {
        Truth::Yes
    } else if scope.starts_with(SOME_UNIT) {
        Truth::Unknown
    } else {
        Truth::No
    }
}

/// Actions that only stronger roles have on administrators and role-assignable groups.
fn guards_administrators(action: &str) -> bool {
    let Some(rest) = action.strip_prefix("microsoft.directory/") else { return false };
    let is_of_user = rest.starts_with("users/")
        && [
            "password",
            "authenticationmethods",
            "delete",
            "disable",
            "enable",
            "userprincipalname",
            "invalidate",
        ]
        .iter()
        .any(|it| rest.contains(it));
    is_of_user
        || rest.starts_with("groups") && rest.ends_with("/update")
        || rest.starts_with("groups/delete")
}
