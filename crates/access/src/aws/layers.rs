//! What each layer of policies says about a question.

use super::context::{Question, Text, Who};
use super::estate::{Held, Part, Slot, account};
use super::organisation::{self, Guard};
use super::pattern::arn_like;
use super::policy::{Named, Policy, Principals, Resources, Statement};
use super::says;
use crate::decision::ATTACHED;
use crate::truth::Truth;
use crate::{Effect, Reason, Trail};

/// What a layer allows and denies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Both {
    pub(super) allow: Truth,
    pub(super) deny: Truth,
}

impl Both {
    pub(super) const SILENT: Self = Self { allow: Truth::No, deny: Truth::No };
    pub(super) const OPEN: Self = Self { allow: Truth::Yes, deny: Truth::No };

    fn join(&mut self, other: Self) {
        self.allow = self.allow.or(other.allow);
        self.deny = self.deny.or(other.deny);
    }
}

/// How the policy of a resource allows it to who asks, by how it names them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// By name, as everybody, or as a session.
    pub(super) direct: Truth,
    /// By the ARN of the role: what bounds the role still bounds it.
    pub(super) role: Truth,
    /// By the account, which leaves it to that account's own policies.
    pub(super) account: Truth,
    pub(super) deny: Truth,
}

impl Reach {
    pub(super) const SILENT: Self =
        Self { direct: Truth::No, role: Truth::No, account: Truth::No, deny: Truth::No };

    pub(super) fn any(self) -> Truth {
        self.direct.or(self.role).or(self.account)
    }
}

/// How a list of principals holds who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grip {
    No,
    Account,
    Role,
    Direct,
}

/// Where a policy is, for reasons.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) resource: &'a str,
    pub(super) path: &'a str,
    /// Whether it bounds what others grant.
    pub(super) is_bound: bool,
    /// The name of a policy of AWS, which nobody can change: that `resource` has it is what grants. Else empty.
    pub(super) of_aws: &'a str,
}

/// What policies of identities say: of a user with its groups, or of a role.
pub(super) fn identity(question: &Question<'_>, trail: &mut Option<&mut Trail>) -> Both {
    let Who::Known { principal, .. } = question.who else { return Both::SILENT };
    let mut both = held(question, &principal.held, &principal.arn, trail);
    let account = principal.account();
    match &principal.groups {
        Part::Unread => {
            unread(trail, &principal.arn, "ListGroupsForUser", "its groups could allow or deny");
            both.allow = both.allow.or(Truth::Unknown);
        }
        Part::Read(groups) => {
            for name in groups {
                both.join(group(question, account, name, trail));
            }
        }
    }
    if let crate::Plus::Group(id) = question.plus
        && let Some((account, name)) = super::estate::named(id)
    {
        both.join(group(question, &account, &name, trail));
    }
    both
}

fn group(
    question: &Question<'_>,
    account: &str,
    name: &str,
    trail: &mut Option<&mut Trail>,
) -> Both {
    if let Some(group) = question.estate.group(account, name) {
        held(question, &group.held, &group.arn, trail)
    } else {
        unread(trail, &format!("group {name} of account {account}"), "", "it could allow or deny");
        Both { allow: Truth::Unknown, deny: Truth::No }
    }
}

fn held(question: &Question<'_>, held: &Held, owner: &str, trail: &mut Option<&mut Trail>) -> Both {
    let mut both = Both::SILENT;
    for (path, policy) in &held.inline {
        let origin = Origin { resource: owner, path, is_bound: false, of_aws: "" };
        both.join(of_policy(question, policy, origin, trail));
    }
    match &held.attached {
        Part::Unread => {
            unread(trail, owner, "attached policies", "they could allow or deny");
            both.allow = both.allow.or(Truth::Unknown);
        }
        Part::Read(slots) => {
            for slot in slots {
                both.join(managed(question, *slot, Some(owner), trail));
            }
        }
    }
    both
}

/// What a managed policy says. `owner` is whom it is attached to; `None`: it is a boundary, and grants nothing.
fn managed(
    question: &Question<'_>,
    slot: Slot,
    owner: Option<&str>,
    trail: &mut Option<&mut Trail>,
) -> Both {
    let Some(managed) = question.estate.slot(slot) else { return Both::SILENT };
    let is_bound = owner.is_none();
    let Some(policy) = &managed.policy else {
        unread(trail, &managed.arn, "GetPolicyVersion", "the policy could allow or deny");
        return Both { allow: Truth::Unknown, deny: Truth::No };
    };
    let of_aws = managed.arn.split_once(":iam::aws:policy/").map_or("", |it| it.1);
    let origin = match owner.filter(|_| !of_aws.is_empty()) {
        Some(owner) => Origin { resource: owner, path: ATTACHED, is_bound, of_aws },
        None => Origin { resource: &managed.arn, path: &managed.path, is_bound, of_aws: "" },
    };
    let both = of_policy(question, policy, origin, trail);
    if is_bound && both.allow != Truth::Yes {
        limits(trail, origin, both.allow, "the permissions boundary", question);
    }
    both
}

/// What the permissions boundary leaves.
pub(super) fn boundary(question: &Question<'_>, trail: &mut Option<&mut Trail>) -> Both {
    let Who::Known { principal, .. } = question.who else { return Both::OPEN };
    if question.plus.is_unbounded() {
        return Both::OPEN;
    }
    match principal.boundary {
        Part::Read(Some(slot)) => managed(question, slot, None, trail),
        Part::Read(None) => Both::OPEN,
        Part::Unread => {
            unread(trail, &principal.arn, "PermissionsBoundary", "a boundary could limit it");
            Both::OPEN
        }
    }
}

/// What the service control policies above the actor's account leave.
pub(super) fn service_control(question: &Question<'_>, trail: &mut Option<&mut Trail>) -> Both {
    let account = match question.who {
        Who::Known { principal, .. } if principal.is_service_linked() => return Both::OPEN,
        who => who.account(),
    };
    let Some(account) = account else { return Both::OPEN };
    let Some(guards) = question.estate.organisations.guards(account) else {
        if !question.estate.organisations.is_known() {
            unread(
                trail,
                &format!("organization of account {account}"),
                "",
                "a service control policy could forbid it",
            );
        }
        return Both::OPEN;
    };
    if guards.is_management {
        return Both::OPEN;
    }
    let mut both = Both::OPEN;
    for level in guards.service_control.iter().filter(|it| !it.guards.is_empty()) {
        let mut here = Both::SILENT;
        for guard in &level.guards {
            here.join(guarded(question, guard, trail));
        }
        if level.may_allow_all {
            here.allow = Truth::Yes;
        }
        if here.allow != Truth::Yes {
            let resource = level.guards.first().map_or("", |it| &it.arn);
            let origin =
                Origin { resource, path: organisation::CONTENT, is_bound: true, of_aws: "" };
            let what = format!("no service control policy of {}", level.place);
            limits(trail, origin, here.allow, &what, question);
        }
        both.allow = both.allow.and(here.allow);
        both.deny = both.deny.or(here.deny);
    }
    both
}

fn guarded(question: &Question<'_>, guard: &Guard, trail: &mut Option<&mut Trail>) -> Both {
    let origin =
        Origin { resource: &guard.arn, path: organisation::CONTENT, is_bound: true, of_aws: "" };
    if let Some(policy) = &guard.policy {
        of_policy(question, policy, origin, trail)
    } else {
        unread(trail, &guard.arn, "DescribePolicy", "the policy could forbid it");
        Both { allow: Truth::Unknown, deny: Truth::No }
    }
}

/// Services whose resources resource control policies bound.
const UNDER_RESOURCE_CONTROL: &[&str] = &[
    "s3",
    "sts",
    "kms",
    "sqs",
    "secretsmanager",
    "cognito-identity",
    "cognito-idp",
    "logs",
    "dynamodb",
    "ecr",
    "aoss",
];

/// Whether a resource control policy above the resource's account denies it.
pub(super) fn resource_control(question: &Question<'_>, trail: &mut Option<&mut Trail>) -> Truth {
    if let Who::Known { principal, .. } = question.who
        && principal.is_service_linked()
    {
        return Truth::No;
    }
    let service = question.action.split(':').next().unwrap_or_default();
    let guards = question.account.and_then(|it| question.estate.organisations.guards(it));
    let Some(guards) = guards.filter(|it| !it.is_management) else { return Truth::No };
    if !UNDER_RESOURCE_CONTROL.contains(&service) {
        return Truth::No;
    }
    let each = guards.resource_control.iter().map(|it| guarded(question, it, trail).deny);
    each.fold(Truth::No, Truth::or)
}

/// What the policy of a resource says.
pub(super) fn resource(
    question: &Question<'_>,
    policy: &Policy,
    origin: Origin<'_>,
    trail: &mut Option<&mut Trail>,
) -> Reach {
    let mut reach = Reach::SILENT;
    if policy.is_odd {
        unread(trail, origin.resource, origin.path, "a part could not be understood");
        reach.direct = Truth::Unknown;
    }
    for (number, statement) in policy.statements.iter().enumerate() {
        let Some(principals) = &statement.principals else { continue };
        let matches = matches(question, statement);
        if matches == Truth::No {
            continue;
        }
        if !statement.is_allow {
            let denied = matches.and(denies(question, principals));
            if denied != Truth::No {
                because(question, trail, origin, number, statement);
            }
            reach.deny = reach.deny.or(denied);
            continue;
        }
        let grip = match principals.is_not {
            false => grip(question, principals),
            true if grip(question, principals) == Grip::No => Grip::Direct,
            true => Grip::No,
        };
        let is_public = principals.named.contains(&Named::Anyone) || principals.is_not;
        if grip == Grip::No || (is_public && super::s3::is_restricted(question)) {
            continue;
        }
        because(question, trail, origin, number, statement);
        let place = match grip {
            Grip::Direct => &mut reach.direct,
            Grip::Role => &mut reach.role,
            Grip::Account | Grip::No => &mut reach.account,
        };
        *place = place.or(matches);
    }
    reach
}

/// Whether a denying statement is about who asks.
fn denies(question: &Question<'_>, principals: &Principals) -> Truth {
    let grip = grip(question, principals);
    if !principals.is_not {
        return Truth::of(grip != Grip::No);
    }
    // Whom a boundary bounds is denied whatever `NotPrincipal` says:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    if let Who::Known { principal, .. } = question.who
        && matches!(principal.boundary, Part::Read(Some(_)))
        && !question.plus.is_unbounded()
    {
        return Truth::Yes;
    }
    // The account has to be excepted, too:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    let has_account = principals.named.iter().any(|it| match it {
        Named::Account(account) => Some(&**account) == question.who.account(),
        Named::Anyone => true,
        _ => false,
    });
    match grip {
        Grip::No | Grip::Account => Truth::Yes,
        Grip::Role | Grip::Direct if has_account || question.who.account().is_none() => Truth::No,
        Grip::Role | Grip::Direct => Truth::Unknown,
    }
}

fn grip(question: &Question<'_>, principals: &Principals) -> Grip {
    principals.named.iter().map(|it| grip_of(question, it)).max().unwrap_or(Grip::No)
}

fn grip_of(question: &Question<'_>, named: &Named) -> Grip {
    let if_same = |is_same: bool, grip| if is_same { grip } else { Grip::No };
    match (named, question.who) {
        (Named::Anyone, _) => Grip::Direct,
        (Named::Account(own), Who::Root(account)) => if_same(**own == *account, Grip::Direct),
        (Named::Account(own), who) => if_same(who.account() == Some(own), Grip::Account),
        (Named::Arn(arn), Who::Known { principal, session }) => {
            if *arn == principal.arn {
                return if principal.is_role { Grip::Role } else { Grip::Direct };
            }
            let is_session = principal.is_role
                && session.is_some_and(|session| {
                    is_session(arn, principal.account(), principal.name(), session)
                });
            if_same(is_session, Grip::Direct)
        }
        (Named::Arn(arn), Who::Strange { arn: own, .. } | Who::Federated(own)) => {
            if_same(**arn == *own, Grip::Direct)
        }
        (Named::Unique(id), Who::Known { principal, .. }) => {
            let grip = if principal.is_role { Grip::Role } else { Grip::Direct };
            if_same(principal.unique.as_ref() == Some(id), grip)
        }
        (Named::Service(name), Who::Service(own)) => {
            if_same(name.eq_ignore_ascii_case(own), Grip::Direct)
        }
        (Named::Federated(provider), Who::Federated(own)) => {
            if_same(**provider == *own, Grip::Direct)
        }
        _ => Grip::No,
    }
}

/// Whether `arn` is that session (`arn:aws:sts::1:assumed-role/name/session`).
fn is_session(arn: &str, own_account: &str, role: &str, session: &str) -> bool {
    let Some((_, rest)) = arn.split_once(":assumed-role/") else { return false };
    account(arn) == Some(own_account) && rest.split_once('/') == Some((role, session))
}

/// What a policy of an identity, a boundary or an organisation says.
pub(super) fn of_policy(
    question: &Question<'_>,
    policy: &Policy,
    origin: Origin<'_>,
    trail: &mut Option<&mut Trail>,
) -> Both {
    let mut both = Both::SILENT;
    if policy.is_odd {
        unread(
            trail,
            origin.resource,
            origin.path,
            "it was not read, or a part was not understood",
        );
        both.allow = Truth::Unknown;
    }
    for (number, statement) in policy.statements.iter().enumerate() {
        let matches = matches(question, statement);
        if matches == Truth::No {
            continue;
        }
        because(question, trail, origin, number, statement);
        let side = if statement.is_allow { &mut both.allow } else { &mut both.deny };
        *side = side.or(matches);
    }
    both
}

/// Whether action, resource and conditions of a statement are those of the question.
fn matches(question: &Question<'_>, statement: &Statement) -> Truth {
    if !statement.actions.covers(question.action) {
        return Truth::No;
    }
    let on = statement.resources.as_ref().map_or(Truth::Yes, |it| about(question, it));
    statement.conditions.iter().fold(on, |so_far, condition| match so_far {
        Truth::No => Truth::No,
        _ => so_far.and(condition.holds(question, statement.is_allow)),
    })
}

fn about(question: &Question<'_>, resources: &Resources) -> Truth {
    let mut found = Truth::No;
    for pattern in &resources.patterns {
        found = found.or(match question.expand(pattern) {
            Text::Known(pattern) => Truth::of(arn_like(&pattern, question.on)),
            Text::Open(pattern) if arn_like(&pattern, question.on) => Truth::Unknown,
            Text::Open(_) | Text::Absent => Truth::No,
        });
    }
    if resources.is_not { found.negated() } else { found }
}

fn because(
    question: &Question<'_>,
    trail: &mut Option<&mut Trail>,
    origin: Origin<'_>,
    number: usize,
    statement: &Statement,
) {
    let Some(trail) = trail else { return };
    let effect = match (statement.is_allow, origin.is_bound) {
        (true, false) => Effect::Allows,
        (true, true) => Effect::Permits,
        (false, _) => Effect::Denies,
    };
    let path = if origin.path.is_empty() { "Document" } else { origin.path };
    let says = says::statement(statement);
    let (path, says) = match origin.of_aws {
        "" => (format!("{path}.Statement[{number}]"), says),
        name => (format!("{path}[{name}]"), format!("{says} by {name} of AWS")),
    };
    trail.reason(Reason { effect, resource: origin.resource.to_owned(), path, says });
    let verb = if statement.is_allow { "allows" } else { "denies" };
    for it in &statement.conditions {
        if it.holds(question, statement.is_allow) == Truth::Unknown {
            let name = it.name.to_string();
            trail.unread(name, format!("{} {verb} it only so", origin.resource));
        }
    }
}

fn limits(
    trail: &mut Option<&mut Trail>,
    origin: Origin<'_>,
    allow: Truth,
    what: &str,
    question: &Question<'_>,
) {
    let Some(trail) = trail else { return };
    let verb = match (allow, what.starts_with("no ")) {
        (Truth::Unknown, _) => "may not allow",
        (_, true) => "allows",
        (_, false) => "does not allow",
    };
    trail.reason(Reason {
        effect: Effect::Limits,
        resource: origin.resource.to_owned(),
        path: if origin.path.is_empty() { "Document".to_owned() } else { origin.path.to_owned() },
        says: format!("{what} {verb} {}", question.action),
    });
}

pub(super) fn unread(trail: &mut Option<&mut Trail>, resource: &str, part: &str, why: &str) {
    let Some(trail) = trail else { return };
    let what = if part.is_empty() { resource.to_owned() } else { format!("{resource} {part}") };
    trail.unread(what, why);
}
