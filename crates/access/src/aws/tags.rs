//! Tags that would have to be other than they are for something to be allowed.
//!
//! Policies that go by tags are as strong as the right to set them: whoever sets the tag of a resource, or its own,
//! makes the condition hold. So a question that is denied as things are can be asked again as if tags had changed.

use super::context::{Key, Question, Text, Value, Who};
use super::estate::{Estate, Part};
use super::evaluate::{evaluate, is_assuming_action};
use super::pattern::{FRESH, witness};
use super::policy::{Policy, Statement};
use crate::{NO_VALUE, OWN_TAG, Plus, TAG};

/// Changes that are tried for one question, each alone; then so many of them together.
const MOST_TRIED: usize = 24;
/// Ways to change tags that are told.
const MOST_TOLD: usize = 4;

/// A tag with the value that it would have: `(merlon:tag/name, value)`.
pub(super) type Change = (String, String);

impl Policy {
    /// Whether a statement about this action, in lower case, goes by tags.
    fn goes_by_tags(&self, action: &str) -> bool {
        self.statements.iter().any(|it| goes_by_tags(it) && it.actions.covers(action))
    }
}

fn goes_by_tags(statement: &Statement) -> bool {
    statement
        .conditions
        .iter()
        .any(|it| matches!(it.key, Key::ResourceTag(_) | Key::PrincipalTag(_)))
}

impl Estate {
    /// Whether a policy that counts for an actor goes by tags where it is about this action, in lower case.
    pub(super) fn actor_hinges(&self, who: Who<'_>, plus: Plus<'_>, action: &str) -> bool {
        let mut does = false;
        self.each_of_actor(who, plus, &mut |policy| does |= policy.goes_by_tags(action));
        does
    }

    /// The same of what is asked about.
    pub(super) fn resource_hinges(&self, question: &Question<'_>) -> bool {
        let mut does = false;
        self.each_of_resource(question, &mut |policy| does |= policy.goes_by_tags(question.action));
        does
    }

    /// Changes of tags with which the answer is better than it is, one alone where one is enough.
    pub(super) fn changes(&self, question: &Question<'_>) -> Vec<Vec<Change>> {
        let mut changes: Vec<Change> = Vec::new();
        let mut look = |policy: &Policy| {
            let about = policy.statements.iter().filter(|it| it.actions.covers(question.action));
            for statement in about.filter(|it| goes_by_tags(it)) {
                wanted(question, statement, &mut changes);
            }
        };
        self.each_of_actor(question.who, question.plus, &mut look);
        self.each_of_resource(question, &mut look);
        let mut seen = hashbrown::HashSet::new();
        changes.retain(|it| seen.insert(it.clone()));
        changes.truncate(MOST_TRIED);
        let as_it_is = evaluate(question, &mut None);
        let is_better = |change: &[Change]| {
            let mut context: Vec<(&str, &str)> = question.context.to_vec();
            context.extend(change.iter().map(|(key, value)| (key.as_str(), value.as_str())));
            evaluate(&Question { context: &context, ..*question }, &mut None) > as_it_is
        };
        let mut found: Vec<Vec<Change>> = changes.iter().map(|it| vec![it.clone()]).collect();
        found.retain(|it| is_better(it));
        if found.is_empty() {
            // All tags together, each with the first value that something wants.
            let mut together: Vec<Change> = Vec::new();
            for change in &changes {
                if !together.iter().any(|it| it.0 == change.0) {
                    together.push(change.clone());
                }
            }
            if together.len() > 1 && is_better(&together) {
                found.push(together);
            }
        }
        found.truncate(MOST_TOLD);
        found
    }

    /// Every policy of an identity, its boundary, and what the organisation says above its account.
    fn each_of_actor(&self, who: Who<'_>, plus: Plus<'_>, look: &mut dyn FnMut(&Policy)) {
        if let Who::Known { principal, .. } = who {
            self.policies_of(principal, plus, &mut |policy| {
                policy.into_iter().for_each(&mut *look);
                false
            });
            if let Part::Read(Some(slot)) = principal.boundary {
                let policy = self.slot(slot).and_then(|it| it.policy.as_deref());
                policy.into_iter().for_each(&mut *look);
            }
        }
        if let Some(guards) = who.account().and_then(|it| self.organisations.guards(it)) {
            let levels = guards.service_control.iter().flat_map(|it| &it.guards);
            levels.filter_map(|it| it.policy.as_deref()).for_each(&mut *look);
        }
    }

    /// The policy of a resource, and what the organisation says above its account.
    fn each_of_resource(&self, question: &Question<'_>, look: &mut dyn FnMut(&Policy)) {
        if let Some(guards) = question.account.and_then(|it| self.organisations.guards(it)) {
            let all = guards.resource_control.iter();
            all.filter_map(|it| it.policy.as_deref()).for_each(&mut *look);
        }
        let own = match question.role {
            Some(role) if is_assuming_action(question.action) => role.trust.read().map(|it| &**it),
            Some(_) => None,
            None => question.holder.and_then(|it| it.policy.read()).and_then(Option::as_deref),
        };
        own.into_iter().for_each(&mut *look);
    }
}

/// The tags that the conditions of a statement want, or want not to be there where it denies.
fn wanted(question: &Question<'_>, statement: &Statement, changes: &mut Vec<Change>) {
    for condition in &statement.conditions {
        let (prefix, tag) = match &condition.key {
            Key::ResourceTag(tag) => (TAG, tag),
            Key::PrincipalTag(tag) => (OWN_TAG, tag),
            _ => continue,
        };
        let key = format!("{prefix}{tag}");
        // Which values hold is tried out: those that are named, another one, and none.
        let others = [FRESH, NO_VALUE].map(|it| (key.clone(), it.to_owned()));
        let wants_named = statement.is_allow != condition.is_negated;
        if !wants_named {
            changes.extend(others.clone());
        }
        for value in &condition.values {
            match question.expand(value) {
                Text::Known(text) => changes.push((key.clone(), witness(&text))),
                Text::Open(_) | Text::Absent => {}
            }
            // `${aws:PrincipalTag/team}`: the own tag that the resource has.
            let own = value.text.strip_prefix("${").and_then(|it| it.strip_suffix('}'));
            if let Some(Key::PrincipalTag(own)) = own.map(Key::parse)
                && let Value::One(has) = question.value(&condition.key, &condition.name)
            {
                changes.push((format!("{OWN_TAG}{own}"), has.into_owned()));
            }
        }
        if wants_named {
            changes.extend(others);
        }
    }
}
