//! What a changed document of Azure may have altered of answers.
//!
//! What is assigned to one principal concerns whoever acts under its object id. Groups, the directory,
//! definitions of roles, denials and management groups bear on many at once.

use std::sync::Arc;

use super::grants::{Assignment, is_management_group};
use super::people::{Person, UNREAD};
use super::scope::GROUPS;
use super::{Estate, data};
use crate::cloud::{Which, of_id};

/// What was known of a resource.
#[derive(Debug)]
pub(super) struct Before {
    person: Option<Person>,
    assignment: Option<Arc<Assignment>>,
    doors: data::One,
    lies_in: (Option<String>, Option<String>),
    has_assignments: bool,
    is_lock: bool,
}

/// Between the id of a storage account and the name of a container.
const CONTAINERS: &str = "/blobservices/";

/// Kinds of which every change may concern anybody.
const WIDE: &[&str] = &["azure.management-group", "azure.role-definition", "azure.deny-assignment"];

impl Estate {
    /// What is known of a resource.
    pub(super) fn before(&self, id: &str) -> Before {
        Before {
            person: self.people.person(id).cloned(),
            assignment: self.grants.assignment(id).cloned(),
            doors: self.doors.one(id),
            lies_in: self.tree.said(id),
            has_assignments: !self.grants.is_empty(),
            is_lock: self.grants.locks().contains_key(id),
        }
    }

    /// Says what is other than it was. The kind is known of what is put alone.
    pub(super) fn touch(&mut self, id: &str, kind: Option<&str>, before: &Before) {
        let after = self.before(id);
        let is_wide = match kind {
            Some(kind) => WIDE.contains(&kind) || kind.starts_with("azure.entra-"),
            None => {
                id.starts_with(GROUPS)
                    || !id.starts_with('/') && of_id(id) == Some(Which::Azure)
                    || id.contains("/roledefinitions/")
                    || id.contains("/denyassignments/")
            }
        };
        if is_wide
            || before.lies_in != after.lies_in
            || before.has_assignments != after.has_assignments
            || before.is_lock != after.is_lock
        {
            return self.touched.everything();
        }
        if before.person != after.person {
            self.touched.identity(id);
            for person in [&before.person, &after.person].into_iter().flatten() {
                for object in &person.object_ids {
                    self.touch_principal(object);
                }
            }
        }
        if before.assignment != after.assignment {
            for it in [&before.assignment, &after.assignment].into_iter().flatten() {
                let is_unread = it.is_group && self.people.group(&it.principal).is_none();
                if is_unread || is_management_group(&it.scope) {
                    return self.touched.everything();
                }
                self.touch_principal(&it.principal);
            }
        }
        if before.doors != after.doors {
            self.touched.resource(id);
            // of an account it is asked whether any container in it is open
            if let Some((account, _)) = id.split_once(CONTAINERS) {
                self.touched.resource(account);
            }
            for vault in [&before.doors.0, &after.doors.0].into_iter().flatten() {
                for policy in vault.policies.iter().flatten() {
                    self.touch_principal(&policy.principal);
                }
            }
        }
    }

    /// Whoever acts under an object id, or is in the group that it is.
    fn touch_principal(&mut self, object: &str) {
        for object in self.people.with_members(object) {
            if self.people.is_open(object) {
                return self.touched.everything();
            }
            self.touched.actor(&format!("{UNREAD}{object}"));
            // by itself it may be asked about as well
            self.touched.actor(object);
            for id in self.people.resources_of(object) {
                self.touched.actor(id);
            }
        }
    }
}
