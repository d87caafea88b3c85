//! Who is an administrator of an account.
//!
//! Whoever may do everything on everything, however many statements that takes, or may change every
//! right: nothing keeps it from the rest. What denies or bounds a right that matters takes that
//! away; a guard rail of the organisation does only where it leaves no way to change rights.

use std::collections::BTreeSet;

use super::context::{Question, Who};
use super::estate::{Estate, Part};
use super::layers::{self, Both};
use super::pattern::{FRESH, witness};
use super::policy::Policy;
use crate::truth::Truth;
use crate::{Actor, Given, Trail};

/// An action that no policy names.
const ANY: &str = "\u{10}service:\u{10}action";
/// Whoever has one of these has no limit but what denies it.
const GIVES_RIGHTS: &[&str] = &[
    "iam:attachrolepolicy",
    "iam:putrolepolicy",
    "iam:attachuserpolicy",
    "iam:putuserpolicy",
    "iam:createpolicyversion",
    "iam:attachgrouppolicy",
];
/// An administrator has each of these.
const TELLING: &[&str] = &[
    "iam:attachrolepolicy",
    "iam:putuserpolicy",
    "iam:createaccesskey",
    "iam:passrole",
    "sts:assumerole",
    "ec2:runinstances",
    "lambda:createfunction",
    "s3:getobject",
    "s3:putobject",
    "secretsmanager:getsecretvalue",
    "kms:decrypt",
    "ssm:sendcommand",
];

impl Estate {
    pub(super) fn is_administrator(
        &self,
        actor: Actor<'_>,
        trail: &mut Option<&mut Trail>,
    ) -> Truth {
        let who = self.who(actor.id);
        let ask_about = |action: &str, on: &str, layer: &dyn Fn(&Question<'_>) -> Both| {
            layer(&Question {
                estate: self,
                who,
                plus: actor.plus,
                given: Given::AsRead,
                action,
                on,
                account: who.account(),
                holder: None,
                role: None,
                is_made_up: true,
                context: &[],
            })
        };
        let ask =
            |action: &str, layer: &dyn Fn(&Question<'_>) -> Both| ask_about(action, "*", layer);
        let principal = match who {
            Who::Known { principal, .. } => principal,
            Who::Root(_) => return Truth::Yes,
            Who::Strange { .. } => return Truth::Unknown,
            Who::Anyone | Who::Service(_) | Who::Federated(_) => return Truth::No,
        };
        let own = |action: &str| {
            let mut both = ask(action, &|it| layers::identity(it, &mut None));
            if actor.plus.is_everything() {
                both.allow = Truth::Yes;
            }
            both
        };
        let mut named = BTreeSet::new();
        self.policies_of(principal, actor.plus, &mut |policy| {
            named.extend(policy.into_iter().flat_map(actions));
            false
        });
        // One of each kind of action that the policies tell apart stands for all.
        let everything = named
            .iter()
            .map(String::as_str)
            .chain([ANY])
            .fold(Truth::Yes, |so_far, it| so_far.and(own(it).allow));
        let is_iam = |it: &&String| it.starts_with("iam:");
        let rights = named.iter().filter(is_iam).map(String::as_str).chain(["iam:\u{10}"]);
        let rights = rights.fold(Truth::Yes, |so_far, it| so_far.and(own(it).allow));
        let mut found = everything.or(rights);
        if everything != Truth::Yes && rights == Truth::Yes {
            // whoever changes all rights may lack what it has not taken yet
            found = Truth::Yes;
        }
        // A statement may leave out what rights are changed by: `NotResource: arn:aws:iam::*`.
        if actor.plus.is_everything() {
            found = Truth::Yes;
        } else if found != Truth::No {
            let gives = GIVES_RIGHTS.iter().map(|it| {
                let on = fresh_of(it, principal.account());
                ask_about(it, &on, &|it| layers::identity(it, &mut None)).allow
            });
            found = found.and(gives.fold(Truth::No, Truth::or));
        }
        for action in TELLING {
            let bound = ask(action, &|it| layers::boundary(it, &mut None));
            found = found.and(own(action).deny.or(bound.deny).negated()).and(bound.allow);
        }
        if matches!(principal.boundary, Part::Read(Some(_))) && !actor.plus.is_unbounded() {
            found = found.and(ask(ANY, &|it| layers::boundary(it, &mut None)).allow);
        }
        let control = GIVES_RIGHTS.iter().fold(Truth::No, |so_far, it| {
            let both = ask(it, &|it| layers::service_control(it, &mut None));
            so_far.or(both.allow.and(both.deny.negated()))
        });
        found = found.and(control);
        if trail.is_some() {
            // the reasons are those of the right that says most
            for layer in [layers::identity, layers::boundary, layers::service_control] {
                if let Some(trail) = trail.as_deref_mut() {
                    let reasons = std::cell::RefCell::new(trail);
                    ask("iam:attachrolepolicy", &|it| {
                        layer(it, &mut Some(&mut reasons.borrow_mut()))
                    });
                }
            }
        }
        found
    }
}

/// A resource that nothing names, of the sort that an action changes.
fn fresh_of(action: &str, account: &str) -> String {
    let sorts = [("group", "group"), ("user", "user"), ("role", "role")];
    let sort = sorts.iter().find(|it| action.contains(it.0)).map_or("policy", |it| it.1);
    format!("arn:aws:iam::{account}:{sort}/{FRESH}")
}

/// One action for each pattern of a policy.
fn actions(policy: &Policy) -> impl Iterator<Item = String> {
    let patterns = policy.statements.iter().flat_map(|it| it.actions.patterns());
    patterns.filter(|it| *it != "*").map(|it| {
        let it = witness(&it.to_ascii_lowercase());
        if it.contains(':') { it } else { format!("{it}:{FRESH}") }
    })
}
