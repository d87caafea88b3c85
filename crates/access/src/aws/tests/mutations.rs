//! What is allowed stops being so when something is added that forbids it, and an administrator
//! stops being one.

use serde_json::{Value as Json, json};

use super::{ACCOUNT, Aws, MAYBE, NO, YES, allow, deny, user_arn, with};
use crate::{Actor, Answer, Plus};

const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:work";

/// Somebody who may do everything, with further statements, a boundary and a guard.
fn estate(more: Json, boundary: Option<Json>, guard: Option<Json>) -> Aws {
    let mut aws = Aws::default();
    aws.organisation();
    if let Some(guard) = guard {
        aws.guard("p-guard", json!([guard]), &["ou-1"]);
    }
    let mut statements = vec![allow("*", "*")];
    statements.extend(more.as_array().unwrap().iter().cloned());
    let mut doc = json!({});
    if let Some(boundary) = boundary {
        let arn = aws.managed("bound", json!([boundary]));
        doc = json!({ "PermissionsBoundary": { "PermissionsBoundaryArn": arn } });
    }
    aws.user_with("a", Json::Array(statements), doc);
    aws
}

#[track_caller]
fn check(aws: &Aws, sends: Answer, administers: Answer) {
    aws.check(&user_arn("a"), "sqs:SendMessage", QUEUE, sends);
    let actor = Actor { id: &user_arn("a"), plus: Plus::Nothing };
    let decision = aws.access().administrator(actor);
    assert_eq!(decision.answer, administers, "{decision:#?}");
}

#[test]
fn each_prohibition_flips_the_answer() {
    check(&estate(json!([]), None, None), YES, YES);
    check(&estate(json!([deny("*", "*")]), None, None), NO, NO);
    check(&estate(json!([deny("SQS:send*", "*")]), None, None), NO, YES);
    check(&estate(json!([deny("iam:*", "*")]), None, None), YES, NO);
    check(&estate(json!([deny("aws-portal:*", "*")]), None, None), YES, YES);
    check(&estate(json!([]), Some(allow("s3:*", "*")), None), NO, NO);
    check(&estate(json!([]), Some(allow("sqs:*", "*")), None), YES, NO);
    check(&estate(json!([]), Some(allow("*", "*")), None), YES, YES);
    check(&estate(json!([]), None, Some(deny("*", "*"))), NO, NO);
    check(&estate(json!([]), None, Some(deny("sqs:*", "*"))), NO, YES);
    check(&estate(json!([]), None, Some(deny("iam:*", "*"))), YES, NO);
    check(&estate(json!([]), None, Some(deny("organizations:*", "*"))), YES, YES);
}

#[test]
fn a_condition_that_cannot_hold_takes_the_grant_away() {
    for (condition, want) in [
        (json!({ "DateLessThan": { "aws:CurrentTime": "2021-01-01T00:00:00Z" } }), NO),
        (json!({ "StringEquals": { "aws:PrincipalAccount": "777788889999" } }), NO),
        (json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }), MAYBE),
        (json!({ "StringEquals": { "aws:PrincipalAccount": ACCOUNT } }), YES),
    ] {
        let mut aws = Aws::default();
        aws.user("a", json!([with(allow("*", "*"), json!({ "Condition": condition }))]));
        check(&aws, want, want);
    }
}

#[test]
fn everything_in_several_statements() {
    let mut aws = Aws::default();
    let all_but = json!({ "Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*" });
    aws.user("a", json!([all_but, allow("iam:*", "*")]));
    check(&aws, YES, YES);
    let mut aws = Aws::default();
    aws.user("a", json!([all_but]));
    check(&aws, YES, NO);
    let mut aws = Aws::default();
    let all_but = json!({ "Effect": "Allow", "NotAction": ["iam:*", "s3:Get*"], "Resource": "*" });
    aws.user("a", json!([all_but, allow("iam:Get*", "*")]));
    check(&aws, YES, NO);
}

#[test]
fn a_changed_policy_and_a_removed_one_count_at_once() {
    let mut aws = Aws::default();
    let arn = aws.managed("send", json!([allow("sqs:*", "*")]));
    let attached =
        json!({ "ListAttachedUserPolicies": { "AttachedPolicies": [{ "PolicyArn": arn }] } });
    aws.user_with("a", json!([]), attached);
    let mut access = aws.access();
    let actor = Actor { id: &user_arn("a"), plus: Plus::Nothing };
    let request = crate::Request {
        actor,
        action: "sqs:SendMessage",
        on: QUEUE,
        context: &[],
        given: crate::Given::AsRead,
    };
    assert_eq!(access.answer(&request), YES);
    aws.managed("send", json!([allow("s3:*", "*")]));
    access.update(aws.0.resources().iter(), std::iter::empty());
    assert_eq!(access.answer(&request), NO);
    access.update(std::iter::empty(), [arn.as_str()].into_iter());
    assert_eq!(access.answer(&request), MAYBE);
    access.update(std::iter::empty(), [user_arn("a").as_str()].into_iter());
    assert_eq!(access.identities().count(), 0);
}
