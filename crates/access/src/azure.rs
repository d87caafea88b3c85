//! Azure and Entra: roles at scopes, inherited downward; deny assignments before them; conditions; the
//! doors beside them (access policies of vaults, keys of storage accounts); roles of the directory.
//!
//! What decides: a deny assignment, then any role assignment of the actor or a group it is in at the
//! scope or above it, whose definition has the action and whose condition holds. `notActions` take
//! away from their own permission only.

use jiff::Timestamp;
use model::{Keys, Resource};

use self::condition::{Condition, Known};
use self::data::Doors;
use self::directory::Directory;
use self::grants::{Assignment, Deny, Grants};
use self::people::People;
use self::role::Plane;
use self::scope::{Sense, Tree};
use crate::cloud::Cloud;
use crate::notes::Notes;
use crate::read::Node;
use crate::truth::Truth;
use crate::{Actor, Answer, Effect, Given, Plus, Reach, Request, Touched, Trail};

mod beside;
mod condition;
mod data;
mod directory;
mod grants;
mod people;
mod reach;
mod role;
mod scope;
mod stirred;
#[cfg(test)]
mod tests;

pub(crate) use role::BuiltInRoles;

/// What is done to locks.
const LOCKS: &str = "microsoft.authorization/locks/";
/// Takes a lock away.
const DELETE_LOCK: &str = "microsoft.authorization/locks/delete";

/// Access in all tenants of Azure that were read.
#[derive(Debug)]
pub(crate) struct Estate {
    keys: Keys,
    now: Timestamp,
    roles: BuiltInRoles,
    tree: Tree,
    people: People,
    grants: Grants,
    doors: Doors,
    directory: Directory,
    /// Whether somebody stands in for others.
    has_stand_ins: bool,
    touched: Touched,
}

/// A question, made ready.
struct Question<'a> {
    actor: &'a str,
    /// Its object ids and those of the groups it is in.
    who: &'a [String],
    plus: Plus<'a>,
    given: Given,
    plane: Plane,
    known: Known<'a>,
}

impl Estate {
    pub(crate) fn new(keys: &Keys, roles: BuiltInRoles, now: Timestamp) -> Self {
        Self {
            keys: keys.clone(),
            now,
            roles,
            tree: Tree::default(),
            people: People::default(),
            grants: Grants::default(),
            doors: Doors::default(),
            directory: Directory::default(),
            has_stand_ins: false,
            touched: Touched::default(),
        }
    }

    fn put_scope(&mut self, resource: &Resource, node: Node<'_>) {
        let id = resource.id.as_str();
        let lower = |node: Node<'_>| node.text().map(str::to_ascii_lowercase);
        if &*resource.kind == "azure.subscription" {
            if let Some(parent) = lower(node.at("properties.managementGroup.id")) {
                self.tree.put(id, id, &parent);
            }
            if let Some(tenant) = lower(node.at("tenantId")) {
                self.tree.put_tenant(id, &tenant);
            }
            return;
        }
        // what a list of groups above a subscription says; what the group says itself goes before it
        for parent in ["parentGroup.id", "properties.details.parent.id"] {
            if let Some(parent) = lower(node.at(parent)) {
                self.tree.put(id, id, &parent);
            }
        }
        for child in node.at("properties.children").items().filter_map(|it| lower(it.at("id"))) {
            self.tree.put(id, &child, id);
        }
        for child in node.at("subscriptions").items() {
            // the name of the part is the subscription's id, its own id is a path below the group
            if let Some(name) =
                lower(child.at("id")).and_then(|it| Some(it.rsplit_once('/')?.1.to_owned()))
            {
                self.tree.put(id, &format!("/subscriptions/{name}"), id);
            }
        }
        if let Some(tenant) = lower(node.at("properties.tenantId")) {
            self.tree.put_tenant(id, &tenant);
        }
    }

    fn read(&mut self, resource: &Resource) {
        let keys = self.keys.clone();
        let node = Node::new(resource.doc.view(), &keys);
        self.people.put(resource, node);
        match &*resource.kind {
            "azure.subscription" | "azure.management-group" => self.put_scope(resource, node),
            kind if kind.starts_with("azure.entra-") => self.directory.put(resource, node),
            kind => {
                self.grants.put(kind, &resource.id, node);
                self.doors.put(kind, &resource.id, node);
            }
        }
    }

    fn forget(&mut self, id: &str) {
        self.tree.remove(id);
        self.people.remove(id);
        self.grants.remove(id);
        self.doors.remove(id);
        self.directory.remove(id);
    }

    fn plane(&self, action: &str) -> Plane {
        if self.grants.names_data_action(action) { Plane::Data } else { self.roles.plane(action) }
    }

    /// The answer to a question that is made ready: denies, then what grants.
    fn weigh(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        let denied = self.denied(question, notes.again());
        if denied == Truth::Yes {
            return Truth::No;
        }
        let allowed = self.granted(question, notes.again()).and(denied.negated());
        if allowed == Truth::No || question.plane == Plane::Data {
            return allowed;
        }
        allowed.and(self.locked(question, notes).negated())
    }

    /// Whether a read-only lock stops it. Locks are for the control plane and let nothing through but reading, so that
    /// keys are not listed either; whoever may delete a lock is stopped by none.
    /// <https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources>
    fn locked(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        let Known { action, on, .. } = question.known;
        let mut found = Truth::No;
        if action.ends_with("/read") || action.starts_with(LOCKS) {
            return found;
        }
        for (id, scope) in self.grants.locks() {
            let is_here = self.tree.holds(scope, on, Sense::Every);
            if is_here == Truth::No {
                continue;
            }
            let known = Known { action: DELETE_LOCK, on: id, ..question.known };
            let may_delete = self.weigh(&Question { known, ..*question }, Notes(None));
            let truth = is_here.and(may_delete.negated());
            if truth != Truth::No {
                notes.reason(Effect::Limits, || {
                    let says = format!("a read-only lock on {scope} stops {action}");
                    (id.clone(), "properties.level".to_owned(), says)
                });
            }
            found = found.or(truth);
        }
        found
    }

    fn denied(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        let mut found = Truth::No;
        for deny in self.grants.denies() {
            let is_here = if deny.is_for_children {
                self.tree.holds(&deny.scope, question.known.on, Sense::Every)
            } else {
                Truth::of(deny.scope == question.known.on)
            };
            let action =
                deny.permissions.iter().map(|it| it.holds(question.plane, &question.known).0);
            let action = crate::truth::any(action);
            let truth = is_here.and(action).and(holds(deny.condition.as_ref(), &question.known));
            if truth == Truth::No || is_named(&deny.excluded, question.who) {
                continue;
            }
            let is_meant = deny.is_for_everybody() || is_named(&deny.principals, question.who);
            if !is_meant || self.may_be_in(&deny.excluded) {
                // a group whose members were not read could only forbid, or except from it
                if is_meant || self.may_be_in(&deny.principals) {
                    notes.unread(|| {
                        (
                            deny.id.clone(),
                            "denies it to a group whose members were not read".to_owned(),
                        )
                    });
                }
                continue;
            }
            notes.reason(Effect::Denies, || denies(deny, question, truth));
            found = found.or(truth);
        }
        found
    }

    fn may_be_in(&self, principals: &[String]) -> bool {
        principals.iter().any(|it| self.people.open().contains(it))
    }

    fn granted(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        if question.plus.is_everything() {
            return Truth::Yes;
        }
        let mut best = self.by_roles(question, notes.again());
        if question.plane == Plane::Data {
            best = self.beside_roles(question, best, notes.again());
        }
        if best == Truth::No && self.grants.is_empty() && question.actor != "*" {
            notes.unread(|| {
                ("role assignments".to_owned(), "none was read, and one could allow it".to_owned())
            });
            return Truth::Unknown;
        }
        best
    }

    /// What role assignments grant.
    fn by_roles(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        let mut best = Truth::No;
        if question.actor == "*" {
            return best;
        }
        for principal in question.who {
            for assignment in self.grants.of_at(principal, question.known.on) {
                best = best.or(self.assigned(assignment, question, Truth::Yes, notes.again()));
                if best == Truth::Yes && !notes.are_kept() {
                    return best;
                }
            }
        }
        // who is nobody in the directory is in none of its groups
        if best == Truth::Yes || question.who.is_empty() {
            return best;
        }
        for group in self.people.open().iter().filter(|it| !question.who.contains(it)) {
            for assignment in self.grants.of_at(group, question.known.on) {
                best = best.or(self.assigned(assignment, question, Truth::Unknown, notes.again()));
            }
        }
        best
    }

    /// What one assignment grants to somebody who is meant so surely.
    fn assigned(
        &self,
        it: &Assignment,
        question: &Question<'_>,
        is_meant: Truth,
        mut notes: Notes<'_>,
    ) -> Truth {
        let is_here = self.tree.holds(&it.scope, question.known.on, Sense::Some);
        if is_here == Truth::No {
            return Truth::No;
        }
        let condition = holds(it.condition.as_ref(), &question.known);
        let read = self.grants.role(&it.role);
        let role = read.map(|(_, role)| role).or_else(|| self.roles.get(&it.role));
        let Some(role) = role else {
            notes.unread(|| {
                (format!("role definition {}", it.role), format!("{} gives this role", it.id))
            });
            return is_here.and(condition).and(Truth::Unknown);
        };
        let (action, number, pattern) = role.holds(question.plane, &question.known);
        let is_active = if it.by_activation { Truth::Unknown } else { Truth::Yes };
        let truth = is_here.and(condition).and(action).and(is_meant).and(is_active);
        if truth == Truth::No {
            return truth;
        }
        notes.reason(Effect::Allows, || {
            let word = if question.plane == Plane::Data { "dataActions" } else { "actions" };
            let limit = if it.condition.is_some() { " under a condition" } else { "" };
            let says = format!("allows {pattern} on {} as {} ({word}){limit}", it.scope, role.name);
            (it.id.clone(), "properties.roleDefinitionId".to_owned(), says)
        });
        if let Some((document, _)) = read {
            notes.reason(Effect::Allows, || {
                let says = format!("the role {} holds {pattern}", role.name);
                (document.clone(), format!("properties.permissions[{number}]"), says)
            });
        }
        note_doubts(it, question, [is_here, condition.and(action), is_meant], notes);
        truth
    }
}

/// Says what keeps an assignment from granting surely: where, under which condition, to whom.
fn note_doubts(it: &Assignment, question: &Question<'_>, doubts: [Truth; 3], mut notes: Notes<'_>) {
    let [is_here, condition, is_meant] = doubts;
    if is_here == Truth::Unknown {
        notes.unread(|| {
            let why = format!("whether {} lies in it was not read", question.known.on);
            (it.scope.clone(), why)
        });
    }
    if is_meant == Truth::Unknown {
        notes.unread(|| {
            (format!("{} members", it.principal), format!("{} names this group", it.id))
        });
    }
    if it.by_activation {
        notes.unread(|| (format!("activation of {}", it.id), people::ACTIVATION.to_owned()));
    }
    if condition == Truth::Unknown {
        let attributes = match &it.condition {
            Some(condition) => condition.attributes().join(", "),
            None => "a condition of the role".to_owned(),
        };
        notes.unread(|| (attributes, format!("{} allows it only so", it.id)));
    }
}

/// Whether a condition holds; none always does.
fn holds(condition: Option<&Condition>, known: &Known<'_>) -> Truth {
    match condition {
        None => Truth::Yes,
        Some(condition) => condition.holds(known),
    }
}

fn is_named(names: &[String], who: &[String]) -> bool {
    names.iter().any(|it| who.contains(it))
}

fn denies(deny: &Deny, question: &Question<'_>, truth: Truth) -> (String, String, String) {
    let limit = if truth == Truth::Unknown { " under a condition" } else { "" };
    let says = format!("denies {} on {}{limit}", question.known.action, deny.scope);
    (deny.id.clone(), "properties.permissions".to_owned(), says)
}

pub(super) fn answer(truth: Truth) -> Answer {
    match truth {
        Truth::No => Answer::Denied,
        Truth::Unknown => Answer::Unknown,
        Truth::Yes => Answer::Allowed,
    }
}

impl Cloud for Estate {
    fn put(&mut self, resource: &Resource) {
        if !resource.kind.starts_with("azure.") {
            return;
        }
        let before = self.before(&resource.id);
        self.forget(&resource.id);
        if resource.collected {
            self.read(resource);
        }
        self.touch(&resource.id, Some(&resource.kind), &before);
    }

    fn remove(&mut self, id: &str) {
        let before = self.before(id);
        self.forget(id);
        self.touch(id, None, &before);
    }

    fn settle(&mut self) -> Touched {
        if self.grants.take_changed() | self.directory.take_changed() | self.people.has_changed() {
            let groups: Vec<String> = self.grants.groups().chain(self.directory.groups()).collect();
            self.people.settle(groups.into_iter());
        }
        let has_stand_ins = !self.people.is_empty() && !self.grants.tells_principals_apart();
        if std::mem::replace(&mut self.has_stand_ins, has_stand_ins) != has_stand_ins {
            self.touched.everything();
        }
        std::mem::take(&mut self.touched)
    }

    fn judge(&self, request: &Request<'_>, trail: Option<&mut Trail>) -> Answer {
        let mut notes = Notes(trail);
        let (action, on) = (request.action.to_ascii_lowercase(), request.on.to_ascii_lowercase());
        let actor = request.actor.id;
        if self.people.is_disabled(actor) {
            notes.reason(Effect::Limits, || {
                (
                    actor.to_owned(),
                    "accountEnabled".to_owned(),
                    "the account is disabled".to_owned(),
                )
            });
            return Answer::Denied;
        }
        let group = request.actor.plus.group();
        let who = if actor == "*" { Vec::new() } else { self.people.known(actor, group) };
        if directory::is_of_directory(&action) {
            let plus = request.actor.plus;
            return answer(self.directory.judge(&self.people, &who, plus, (&action, &on), notes));
        }
        let question = Question {
            actor,
            who: &who,
            plus: request.actor.plus,
            given: request.given,
            plane: self.plane(&action),
            known: Known {
                action: &action,
                on: &on,
                context: request.context,
                of_principal: self.people.attributes(actor),
                now: self.now,
            },
        };
        answer(self.weigh(&question, notes))
    }

    fn may_grant(&self, actor: Actor<'_>, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        if actor.plus.is_everything() {
            return true;
        }
        let who = self.people.known(actor.id, actor.plus.group());
        if directory::is_of_directory(&action) {
            let found = self.directory.reach(&self.people, &who, &action);
            return found.is_none_or(|it| !it.is_empty());
        }
        self.grants.is_empty()
            || self.doors.name(&who)
            || self.assigned_for(&who, &action).next().is_some()
    }

    fn reach(&self, actor: Actor<'_>, action: &str) -> Reach {
        self.reach_of(actor, &action.to_ascii_lowercase())
    }

    fn stand_ins(&self) -> &'static [&'static str] {
        if self.has_stand_ins { &[reach::ANY_PRINCIPAL] } else { &[] }
    }

    fn stand_in(&self, actor: Actor<'_>) -> Option<&'static str> {
        let is_plain = matches!(actor.plus, Plus::Nothing | Plus::Group(_));
        let is_other = actor.id != reach::ANY_PRINCIPAL && !self.people.is_disabled(actor.id);
        let has_stand_in = self.has_stand_ins && is_plain && is_other;
        // what signs in under no object of the directory is in no group of it
        let is_principal = || !self.people.known(actor.id, actor.plus.group()).is_empty();
        (has_stand_in && is_principal()).then_some(reach::ANY_PRINCIPAL)
    }

    fn own_reach(&self, actor: Actor<'_>, action: &str) -> Vec<String> {
        self.own_reach_of(actor, &action.to_ascii_lowercase())
    }

    fn places(&self, action: &str, on: &str) -> Option<Vec<String>> {
        self.places_of(&action.to_ascii_lowercase(), &on.to_ascii_lowercase())
    }

    fn administrator(&self, actor: Actor<'_>, trail: Option<&mut Trail>) -> Answer {
        let mut notes = Notes(trail);
        if actor.plus.is_everything() {
            return Answer::Allowed;
        }
        let who = self.people.known(actor.id, actor.plus.group());
        let mut best = self.directory.administrator(&self.people, &who, notes.again());
        let assigned = who.iter().chain(self.people.open()).flat_map(|it| self.grants.of(it));
        let mut scopes: Vec<&str> = assigned.map(|it| it.scope.as_str()).collect();
        scopes.retain(|it| it.matches('/').count() <= 2 || it.starts_with(scope::GROUPS));
        scopes.sort_unstable();
        scopes.dedup();
        for on in scopes {
            let request = Request { actor, action: "*", on, context: &[], given: Given::AsRead };
            let trail = notes.0.as_deref_mut();
            best = best.max(self.judge(&request, trail));
            if best == Answer::Allowed && !notes.are_kept() {
                break;
            }
        }
        best
    }

    fn identities(&self) -> Vec<&str> {
        self.people.actors()
    }

    fn is_identity(&self, id: &str) -> bool {
        self.people.is_actor(id)
    }

    fn is_named(&self, id: &str) -> bool {
        if self.stand_ins().contains(&id) {
            return true;
        }
        let object = id.strip_prefix(people::UNREAD);
        object.is_some_and(|it| !self.grants.of(it).is_empty() && !self.people.is_known(it))
    }

    fn named(&self) -> Vec<String> {
        let unread = self.grants.principals().into_iter().filter(|it| !self.people.is_known(it));
        let unread = unread.map(|it| format!("{}{it}", people::UNREAD));
        unread.chain(self.stand_ins().iter().map(|it| (*it).to_owned())).collect()
    }

    fn outsiders(&self, action: &str, on: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        if !self.doors.open_containers(&on.to_ascii_lowercase()).is_empty() {
            found.push("*".to_owned());
        }
        if !action.to_ascii_lowercase().starts_with("microsoft.directory/") {
            let unread =
                self.grants.principals().into_iter().filter(|it| !self.people.is_known(it));
            found.extend(unread.map(|it| format!("{}{it}", people::UNREAD)));
        }
        found
    }
}
