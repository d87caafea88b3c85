//! What changed documents of AWS may have altered of answers.
//!
//! Documents are compared as they are compiled: a change that says nothing about access stirs nothing.
//! Whom a managed policy or a group is held by is looked up when all of a batch is in.

use std::sync::Arc;

use hashbrown::HashSet;

use super::estate::{Estate, Held, Name, Part, Principal, named};
use super::holder::Holder;
use super::policy::Policy;
use crate::Touched;

/// What changed since this was asked last.
#[derive(Debug, Default)]
pub(super) struct Stirred {
    pub(super) touched: Touched,
    /// Slots of managed policies that say something else.
    pub(super) policies: HashSet<u32>,
    /// Groups that hold something else.
    pub(super) groups: HashSet<Name>,
}

/// Whether two policies are the same: documents of the same bytes are compiled once.
pub(super) fn is_same(a: Option<&Arc<Policy>>, b: Option<&Arc<Policy>>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            let says_nothing = |it: &Policy| it.is_odd && it.statements.is_empty();
            Arc::ptr_eq(a, b) || says_nothing(a) && says_nothing(b)
        }
        _ => false,
    }
}

impl Held {
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let inline = self.inline.len() == other.inline.len()
            && self
                .inline
                .iter()
                .zip(&other.inline)
                .all(|(a, b)| a.0 == b.0 && is_same(Some(&a.1), Some(&b.1)));
        inline && self.attached == other.attached
    }
}

impl Holder {
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let policy = match (&self.policy, &other.policy) {
            (Part::Unread, Part::Unread) => true,
            (Part::Read(a), Part::Read(b)) => is_same(a.as_ref(), b.as_ref()),
            _ => false,
        };
        policy
            && self.account == other.account
            && self.tags == other.tags
            && self.path == other.path
            && self.grants == other.grants
            && self.aliases == other.aliases
            && self.bucket == other.bucket
            && self.is_key == other.is_key
    }
}

impl Estate {
    pub(super) fn touch_all(&mut self) {
        self.stirred.touched.everything();
    }

    /// A resource that says something else, came or went.
    pub(super) fn touch_holder(&mut self, id: &str) {
        // the settings of an account bear on all its buckets
        if id.ends_with(":account-public-access-block") {
            return self.touch_all();
        }
        self.stirred.touched.resource(id);
    }

    /// An identity as it is to be: called before it is taken in.
    pub(super) fn touch_principal(&mut self, new: &Principal) {
        let touched = &mut self.stirred.touched;
        let Some(old) = self.principals.get(&new.arn) else {
            touched.identity(&new.arn);
            touched.trusts.insert(new.arn.to_string());
            return;
        };
        // conditions on what is done to an identity look at its boundary, too
        let is_other =
            old.unique != new.unique || old.tags != new.tags || old.boundary != new.boundary;
        if is_other {
            touched.identity(&new.arn);
        }
        if !old.held.is_same(&new.held) || old.groups != new.groups {
            touched.actor(&new.arn);
        }
        let is_same_trust = match (&old.trust, &new.trust) {
            (Part::Unread, Part::Unread) => true,
            (Part::Read(a), Part::Read(b)) => is_same(Some(a), Some(b)),
            _ => false,
        };
        if is_other || !is_same_trust {
            touched.trusts.insert(new.arn.to_string());
        }
    }

    /// What changed since this was asked last may have altered.
    pub(super) fn take_touched(&mut self) -> Touched {
        let Stirred { mut touched, policies, mut groups } = std::mem::take(&mut self.stirred);
        if touched.is_everything || policies.is_empty() && groups.is_empty() {
            return touched;
        }
        let has = |held: &Held| match &held.attached {
            Part::Read(slots) => slots.iter().any(|it| policies.contains(&it.0)),
            Part::Unread => false,
        };
        for (key, group) in &self.groups {
            if has(&group.held) {
                groups.insert(key.clone());
            }
            if groups.contains(key) {
                touched.actor(&group.arn);
            }
        }
        for principal in self.principals.values() {
            let by_boundary = match &principal.boundary {
                Part::Read(Some(slot)) => policies.contains(&slot.0),
                _ => false,
            };
            let by_group = match &principal.groups {
                Part::Read(names) if !groups.is_empty() => {
                    let account = named(&principal.arn).map(|it| it.0).unwrap_or_default();
                    names.iter().any(|it| groups.contains(&(account.clone(), it.clone())))
                }
                _ => false,
            };
            if by_boundary || by_group || has(&principal.held) {
                touched.actor(&principal.arn);
            }
        }
        touched
    }
}
