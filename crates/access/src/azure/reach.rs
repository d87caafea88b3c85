//! Where an actor may be granted something: the scopes of its assignments, and the vaults that name it.

use super::beside::{GIVE_KEYS, READ_BLOB};
use super::grants::Assignment;
use super::role::Plane;
use super::scope::Sense;
use super::{Estate, directory};
use crate::truth::Truth;
use crate::{Actor, Reach};

/// A principal of which nothing is said: it may be in any group whose members were not read.
pub(super) const ANY_PRINCIPAL: &str = "azure:principalId:any principal";

impl Estate {
    /// The assignments of principals, or of groups that they may be in, whose role may have an action.
    pub(super) fn assigned_for<'a>(
        &'a self,
        who: &'a [String],
        action: &'a str,
    ) -> impl Iterator<Item = &'a Assignment> {
        self.assigned_to(who.iter().chain(self.people.open()), action)
    }

    fn assigned_to<'a>(
        &'a self,
        principals: impl Iterator<Item = &'a String>,
        action: &'a str,
    ) -> impl Iterator<Item = &'a Assignment> {
        let plane = self.plane(action);
        let assigned = principals.flat_map(|it| self.grants.of(it));
        assigned.map(AsRef::as_ref).filter(move |it| {
            let role = self.grants.role(&it.role).map(|(_, role)| role);
            let role = role.or_else(|| self.roles.get(&it.role));
            let takes = |plane, action: &str| role.is_none_or(|it| it.touches(plane, action));
            let has_keys = || GIVE_KEYS.iter().any(|it| takes(Plane::Control, it));
            takes(plane, action) || plane == Plane::Data && has_keys()
        })
    }

    pub(super) fn reach_of(&self, actor: Actor<'_>, action: &str) -> Reach {
        if self.people.is_disabled(actor.id) {
            return Reach::At(Vec::new());
        }
        if actor.plus.is_everything() {
            return Reach::Anywhere;
        }
        let who = self.people.known(actor.id, actor.plus.group());
        if directory::is_of_directory(action) {
            let found = self.directory.reach(&self.people, &who, action);
            return found.map_or(Reach::Anywhere, Reach::At);
        }
        if self.grants.is_empty() {
            return Reach::Anywhere;
        }
        let mut found: Vec<String> =
            self.assigned_for(&who, action).map(|it| it.scope.clone()).collect();
        if self.plane(action) == Plane::Data {
            let vaults = self.doors.vaults_naming(&who);
            let open = self.doors.vaults_naming(self.people.open());
            found.extend(vaults.chain(open).map(str::to_owned));
        }
        found.sort_unstable();
        found.dedup();
        Reach::At(found)
    }

    /// Where something allows an action to an actor that is not said of everybody.
    pub(super) fn own_reach_of(&self, actor: Actor<'_>, action: &str) -> Vec<String> {
        let who = self.people.known(actor.id, actor.plus.group());
        if directory::is_of_directory(action) {
            return self.directory.own_reach(&who, action);
        }
        let mut found: Vec<String> =
            self.assigned_to(who.iter(), action).map(|it| it.scope.clone()).collect();
        if self.plane(action) == Plane::Data {
            found.extend(self.doors.vaults_naming(&who).map(str::to_owned));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The scopes above a resource; `None` where its data may be open to whom nothing is granted.
    pub(super) fn places_of(&self, action: &str, on: &str) -> Option<Vec<String>> {
        if on.contains('*') {
            return None;
        }
        if directory::is_of_directory(action) {
            return Some(directory::places(on));
        }
        if self.plane(action) == Plane::Data {
            let is_unsure = self.doors.vaults(on).into_iter().any(|(_, vault)| {
                vault.is_none_or(|it| it.uses_roles != Some(true) && it.policies.is_none())
            });
            if is_unsure || action == READ_BLOB && !self.doors.open_containers(on).is_empty() {
                return None;
            }
        }
        let mut found = vec!["/".to_owned()];
        let words = on.match_indices('/').map(|(at, _)| at).skip(1);
        found.extend(words.filter_map(|end| on.get(..end)).map(str::to_owned));
        found.push(on.to_owned());
        let groups = self.grants.management_groups();
        let above = groups.filter(|it| self.tree.holds(it, on, Sense::Some) != Truth::No);
        found.extend(above.map(str::to_owned));
        Some(found)
    }
}
