//! The order of evaluation: what the layers say, put together.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>;
//! across accounts both sides have to allow:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>.

use super::context::{Question, Who};
use super::estate::{Part, asks_key};
use super::layers::{self, Both, Origin, Reach, unread};
use super::s3;
use crate::truth::Truth;
use crate::{Effect, Given, Reason, Trail};

/// Whether one thing may be done to one resource.
pub(super) fn evaluate(question: &Question<'_>, trail: &mut Option<&mut Trail>) -> Truth {
    let own = own_side(question, trail);
    let mut reach = resource_side(question, trail);
    if question.given == Given::Trusting {
        match question.who {
            Who::Known { principal, .. } if principal.is_role => reach.role = Truth::Yes,
            _ => reach.direct = Truth::Yes,
        }
    }
    if trail.is_none() && own.allow.or(reach.any()) == Truth::No {
        return Truth::No;
    }
    let bound = layers::boundary(question, trail);
    let granted = grant(question, own.allow, bound.allow, reach, trail);
    if trail.is_none() && granted == Truth::No {
        return Truth::No;
    }
    let control = layers::service_control(question, trail);
    let denied = own
        .deny
        .or(reach.deny)
        .or(bound.deny)
        .or(control.deny)
        .or(layers::resource_control(question, trail));
    granted.and(control.allow).and(denied.negated())
}

/// What the actor's own policies say.
fn own_side(question: &Question<'_>, trail: &mut Option<&mut Trail>) -> Both {
    let mut both = match question.who {
        Who::Known { .. } => layers::identity(question, trail),
        Who::Root(account) => {
            if !question.estate.has_read(account) {
                unread(trail, &format!("account {account}"), "", "its own policies may forbid it");
            }
            Both::OPEN
        }
        Who::Strange { arn, account } => {
            unread(trail, arn, "", "its own policies were not read");
            // an account that nobody of us reads gives its identities what it likes
            let is_foreign = !question.estate.has_read(account);
            let allow = if is_foreign { Truth::Yes } else { Truth::Unknown };
            Both { allow, deny: Truth::No }
        }
        Who::Anyone | Who::Service(_) | Who::Federated(_) => Both::SILENT,
    };
    if question.plus.is_everything() {
        both.allow = Truth::Yes;
    }
    both
}

/// Brings own policies, boundary and the policy of the resource together.
fn grant(
    question: &Question<'_>,
    own: Truth,
    bound: Truth,
    reach: Reach,
    trail: &mut Option<&mut Trail>,
) -> Truth {
    let Some(account) = question.who.account() else { return reach.direct };
    let is_same = question.account.is_none_or(|it| it == account);
    if !is_same {
        return own.and(bound).and(reach.any());
    }
    if must_be_named(question) {
        let needs = reach.account.and(own).and(bound);
        return reach.direct.or(reach.role.and(bound)).or(needs);
    }
    let granted = reach.direct.or(reach.role.and(bound)).or(own.and(bound));
    if granted == Truth::No
        && let Some(holder) = question.holder.filter(|it| matches!(it.policy, Part::Unread))
    {
        unread(trail, &holder.id, &holder.path, "it could allow");
    }
    granted
}

/// Whether nothing is allowed that the policy of the resource does not allow: roles and keys.
fn must_be_named(question: &Question<'_>) -> bool {
    is_assuming(question)
        || question.holder.is_some_and(|it| it.is_key)
        || (is_key(question.on) && asks_key(question.action))
}

/// Whether it is a KMS key, perhaps by an alias of which nobody knows the key.
pub(super) fn is_key(on: &str) -> bool {
    on.contains(":kms:") && (on.contains(":key/") || on.contains(":alias/"))
}

/// Whether a role is to be taken.
pub(super) fn is_assuming(question: &Question<'_>) -> bool {
    is_assuming_action(question.action) && question.on.contains(":role/")
}

pub(super) fn is_assuming_action(action: &str) -> bool {
    action.starts_with("sts:assumerole")
        || matches!(action, "sts:tagsession" | "sts:setsourceidentity")
}

/// What the policy of the resource says, with what lies beside it.
fn resource_side(question: &Question<'_>, trail: &mut Option<&mut Trail>) -> Reach {
    if is_assuming(question) {
        return trust(question, trail);
    }
    let Some(holder) = question.holder else {
        return without_a_policy(question, trail);
    };
    let mut reach = Reach::SILENT;
    match &holder.policy {
        Part::Read(Some(policy)) => {
            let origin =
                Origin { resource: &holder.id, path: &holder.path, is_bound: false, of_aws: "" };
            reach = layers::resource(question, policy, origin, trail);
        }
        // an account may always be asked: whoever makes a key without a policy gets that one
        Part::Read(None) if holder.is_key => reach.account = Truth::Yes,
        Part::Read(None) => {}
        Part::Unread => {
            unread(trail, &holder.id, &holder.path, "it could forbid");
            if holder.is_key {
                reach.account = Truth::Unknown;
            }
        }
    }
    let operation = question.action;
    if let Who::Known { principal, .. } = question.who
        && holder.grants.iter().any(|it| *it.0 == *principal.arn && *it.1 == *operation)
    {
        reach.direct = Truth::Yes;
        because(trail, &holder.id, "ListGrants.Grants", format!("a grant gives {operation}"));
    }
    let (by_list, granted) = s3::by_list(question);
    if let Some((whom, permission)) = granted {
        reach.direct = reach.direct.or(by_list);
        because(trail, &holder.id, "GetBucketAcl.Grants", format!("gives {permission} to {whom}"));
    }
    reach
}

/// A resource that was not read, or is yet to be made.
fn without_a_policy(question: &Question<'_>, trail: &mut Option<&mut Trail>) -> Reach {
    let mut reach = Reach::SILENT;
    if question.is_made_up {
        // most keys leave it to their account, and any will do
        reach.account = Truth::of(is_key(question.on));
    } else if is_key(question.on) && asks_key(question.action) {
        unread(trail, question.on, "GetKeyPolicy", "it has to allow");
        reach.account = Truth::Unknown;
    } else if question.account.is_some()
        && question.account != question.who.account()
        && may_have_a_policy(question.on)
    {
        unread(trail, question.on, "", "its own policy would have to allow");
        reach.direct = Truth::Unknown;
    }
    reach
}

/// Services of which resources carry policies:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>.
pub(super) fn may_have_a_policy(on: &str) -> bool {
    const SERVICES: &[&str] = &[
        "aoss",
        "backup",
        "codeartifact",
        "codebuild",
        "dynamodb",
        "ecr",
        "elasticfilesystem",
        "es",
        "events",
        "execute-api",
        "glacier",
        "glue",
        "kinesis",
        "lambda",
        "logs",
        "mediastore",
        "s3",
        "s3express",
        "schemas",
        "secretsmanager",
        "ses",
        "signer",
        "sns",
        "sqs",
        "ssm",
        "states",
        "vpc-lattice",
    ];
    on.split(':').nth(2).is_some_and(|service| SERVICES.contains(&service))
}

fn trust(question: &Question<'_>, trail: &mut Option<&mut Trail>) -> Reach {
    let policy = question.role.map(|it| &it.trust);
    let Some(Part::Read(policy)) = policy else {
        if question.is_made_up {
            return Reach { direct: Truth::Yes, ..Reach::SILENT };
        }
        unread(trail, question.on, "AssumeRolePolicyDocument", "it has to allow");
        return Reach { direct: Truth::Unknown, ..Reach::SILENT };
    };
    let path = "AssumeRolePolicyDocument";
    let origin = Origin { resource: question.on, path, is_bound: false, of_aws: "" };
    layers::resource(question, policy, origin, trail)
}

fn because(trail: &mut Option<&mut Trail>, resource: &str, path: &str, says: String) {
    let Some(trail) = trail else { return };
    let (resource, path) = (resource.to_owned(), path.to_owned());
    trail.reason(Reason { effect: Effect::Allows, resource, path, says });
}
