//! What a changed document of Google Cloud may have altered of answers.
//!
//! A binding that came, went or stands elsewhere in its document concerns those whom it names. Where it
//! names others than single people and accounts, everybody may be meant.

use super::policy::Policy;
use super::{Estate, people, place};
use crate::truth::Truth;

/// What was known of a resource.
#[derive(Debug)]
pub(super) struct Before {
    policy: Option<Policy>,
    n_unread: u32,
    people: people::One,
    places: place::One,
    custom: Option<Vec<String>>,
    prevention: (bool, Option<(String, Truth)>),
    is_deny: bool,
    is_group: bool,
}

impl Before {
    pub(super) fn with_policy(self, policy: Option<Policy>) -> Self {
        Self { policy, ..self }
    }
}

impl Estate {
    /// What is known of a resource, but for its policy.
    pub(super) fn before(&self, id: &str) -> Before {
        let name = id.strip_prefix("//iam.googleapis.com/").unwrap_or_default();
        Before {
            policy: None,
            n_unread: self.n_unread,
            people: self.people.one(id),
            places: self.places.one(id),
            custom: self.custom.get(name).map(|it| it.1.clone()),
            prevention: self.prevention.one(id),
            is_deny: self.denies.contains_key(id),
            is_group: self.people.is_group(id),
        }
    }

    /// Says what is other than it was.
    pub(super) fn touch(&mut self, id: &str, before: &Before) {
        let after = self.before(id);
        let bounds = before.is_deny || after.is_deny || before.is_group || after.is_group;
        let (old, new) = (&before.places, &after.places);
        if bounds
            || before.custom != after.custom
            || before.prevention.1 != after.prevention.1
            || (before.n_unread > 0) != (after.n_unread > 0)
            || (&old.0, &old.1) != (&new.0, &new.1)
        {
            return self.touched.everything();
        }
        if old.2 != new.2 || before.prevention.0 != after.prevention.0 {
            self.touched.resource(id);
        }
        if before.people != after.people {
            self.touched.identity(id);
            for (email, _) in [&before.people.0, &after.people.0].into_iter().flatten() {
                self.touch_member(&format!("serviceAccount:{email}"));
            }
        }
        self.touch_policy(id, before.policy.as_ref());
    }

    fn touch_policy(&mut self, id: &str, old: Option<&Policy>) {
        let new = self.policies.get(id);
        if old == new {
            return;
        }
        let is_read = |it: Option<&Policy>| it.is_some_and(|it| !it.is_unread);
        let is_level = |it: &String| it.starts_with("//cloudresourcemanager.");
        // whether anything was read decides what is denied and what is not known, for everybody
        if is_read(old) != is_read(new)
            && (is_level(&id.to_owned()) || !self.places.chain(id).ids.iter().any(is_level))
        {
            return self.touched.everything();
        }
        let mut members = members_beyond(old, new);
        members.extend(members_beyond(new, old));
        let was_there = old.is_some();
        if was_there != new.is_some() {
            self.touched.resource(id);
        }
        members.sort_unstable();
        members.dedup();
        for member in members {
            let is_one = ["user:", "serviceAccount:"].iter().any(|it| member.starts_with(it));
            if !is_one || member.contains('[') {
                return self.touched.everything();
            }
            self.touch_member(&member);
        }
    }

    /// Somebody by the name in policies, and the machines that act so.
    fn touch_member(&mut self, member: &str) {
        self.touched.actor(member);
        if let Some(account) = self.people.account_of(member) {
            self.touched.actor(account);
        }
        for machine in self.people.machines_of(member) {
            self.touched.actor(machine);
        }
    }
}

/// Whom bindings of one policy name that the other does not have.
fn members_beyond(one: Option<&Policy>, other: Option<&Policy>) -> Vec<String> {
    let all = one.into_iter().flat_map(|it| &it.bindings);
    let own = all.filter(|it| !other.is_some_and(|other| other.bindings.contains(it)));
    own.flat_map(|it| it.members.iter().cloned()).collect()
}
