//! Where an identity may be granted something: in its account, at what its policies name, and at what names it.
//!
//! A place is an account, a principal, or the beginning of a resource's name up to a `:` or `/`. Partitions, regions
//! and accounts in patterns are left out of it, because exports may lack them: that finds too many, never too few.

use super::context::Who;
use super::estate::{Estate, account};
use super::evaluate::{is_assuming_action, is_key, may_have_a_policy};
use super::pattern::{LITERAL_MARK, LITERAL_STAR, is_open};
use super::policy::{Named, Policy, Resources};
use super::s3::BucketAccess;
use crate::{Actor, Reach};

/// The place of resources that may be open to other accounts, or of which no account is known.
const ANY_ACCOUNT: &str = "any account";

/// The place of resources that may have a policy that was not read, for who belongs to no account.
const WITHOUT_ACCOUNT: &str = "no account";

impl Estate {
    /// The places of a resource for an action in lower case; `None` where somebody may be allowed without a word
    /// about it.
    pub(super) fn places_of(&self, action: &str, on: &str) -> Option<Vec<String>> {
        if is_open(on) || !on.starts_with("arn:") {
            return None;
        }
        let on = self.behind_alias(action, on);
        let is_role = self.principals.contains_key(on);
        let holder = if is_role { None } else { self.holder(on) };
        let is_taken = is_assuming_action(action) && on.contains(":role/");
        let mut own = holder.and_then(|it| it.policy.read()).and_then(Option::as_deref);
        if is_taken {
            own = Some(self.principals.get(on)?.trust.read()?);
        } else if is_key(on) {
            // who may ask a key is said by it, or nobody can tell
            holder.filter(|it| own.is_some() && it.grants.is_empty())?;
        }
        if own.is_some_and(|it| it.is_odd) {
            return None;
        }
        let mut found = Vec::new();
        let mut leaves_it = !is_taken;
        for it in own.into_iter().flat_map(|it| named(it, action)) {
            match it {
                // what is left to an account takes a word of its own policies, too
                Named::Account(account) => {
                    found.push(account.to_string());
                    leaves_it = true;
                }
                Named::Arn(arn) if !arn.contains(":assumed-role/") => found.push(arn.to_string()),
                Named::Service(it) | Named::Federated(it) => found.push(it.to_string()),
                // sessions and unique ids belong to identities that would have to be looked up first
                Named::Arn(_) | Named::Anyone | Named::Unique(_) | Named::Canonical(_) => {
                    found.push("*".to_owned());
                }
            }
        }
        let has_list =
            holder.and_then(|it| it.bucket.as_ref()).is_some_and(BucketAccess::has_grants);
        found.extend(has_list.then(|| "*".to_owned()));
        if !leaves_it {
            return Some(found);
        }
        let service = on.split(':').nth(2);
        let is_own = service.is_some_and(|it| action.split(':').next() == Some(it));
        let account = account(on).filter(|_| is_own).or_else(|| holder.map(|it| &*it.account));
        found.extend(account.map(str::to_owned));
        let is_unsaid = holder.is_none() && may_have_a_policy(on);
        found.extend(is_unsaid.then(|| WITHOUT_ACCOUNT.to_owned()));
        found.extend((account.is_none() || is_unsaid).then(|| ANY_ACCOUNT.to_owned()));
        let (service, name) = name_of(on)?;
        found.push(format!("={service}:{name}"));
        found.extend(beginnings(name).map(|it| format!("{service}:{it}")));
        Some(found)
    }

    pub(super) fn reach_of(&self, actor: Actor<'_>, action: &str) -> Reach {
        let who = self.who(actor.id);
        let mut found = vec!["*".to_owned(), actor.id.to_owned()];
        let mut is_wide = actor.plus.is_everything();
        match who {
            Who::Known { principal, .. } => {
                found.push(principal.arn.to_string());
                is_wide |= self.policies_of(principal, actor.plus, &mut |policy| {
                    policy.is_none_or(|it| it.is_odd || names(it, action, &mut found))
                });
            }
            Who::Root(_) | Who::Strange { .. } => is_wide = true,
            Who::Anyone | Who::Service(_) | Who::Federated(_) => {
                found.push(WITHOUT_ACCOUNT.to_owned());
            }
        }
        if is_wide {
            found.extend(who.account().map(str::to_owned));
            found.push(ANY_ACCOUNT.to_owned());
        }
        found.sort_unstable();
        found.dedup();
        Reach::At(found)
    }
}

/// Whom the statements of a resource's own policy name that allow an action.
fn named<'a>(policy: &'a Policy, action: &'a str) -> impl Iterator<Item = &'a Named> {
    let allowing = policy.statements.iter().filter(|it| it.is_allow && it.actions.covers(action));
    let all = allowing.filter_map(|it| it.principals.as_ref());
    all.flat_map(|it| if it.is_not { &[Named::Anyone][..] } else { &it.named })
}

/// Adds the places that a policy grants an action at; whether that is anywhere.
fn names(policy: &Policy, action: &str, found: &mut Vec<String>) -> bool {
    let granting = policy.statements.iter().filter(|it| it.is_allow && it.actions.covers(action));
    granting.fold(false, |is_wide, it| {
        is_wide | it.resources.as_ref().is_none_or(|it| names_all(it, found))
    })
}

fn names_all(resources: &Resources, found: &mut Vec<String>) -> bool {
    if resources.is_not {
        return true;
    }
    resources.patterns.iter().fold(false, |is_wide, pattern| {
        let Some((service, name)) = name_of(&pattern.text) else { return true };
        let open = ['*', '?', '$', LITERAL_STAR, LITERAL_MARK];
        if service.contains(open) {
            return true;
        }
        let place = match name.find(open) {
            None => name,
            Some(end) => {
                let before = name.get(..end).unwrap_or_default();
                let Some(end) = before.rfind([':', '/']) else { return true };
                before.get(..end).unwrap_or_default()
            }
        };
        found.push(format!("{service}:{place}"));
        // what is asked about as a whole for its parts
        let wholes = beginnings(place).filter(|it| it.len() < place.len());
        found.extend(wholes.map(|it| format!("={service}:{it}")));
        is_wide
    })
}

/// The service and the name in an ARN; `None` where it has fewer parts.
fn name_of(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let service = parts.nth(2)?;
    Some((service, parts.nth(2)?))
}

/// A name and what it begins with, up to each `:` and `/`.
fn beginnings(name: &str) -> impl Iterator<Item = &str> {
    let ends = name.match_indices([':', '/']).map(|it| it.0).chain([name.len()]);
    ends.filter_map(|end| name.get(..end))
}
