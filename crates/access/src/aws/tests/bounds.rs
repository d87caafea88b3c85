//! What bounds from outside: boundaries, organisations.

use serde_json::json;

use super::{ACCOUNT, Aws, MAYBE, NO, OTHER, YES, allow, deny, policy, role_arn, user_arn, with};
use crate::{Actor, Answer, Given, Plus, Request};

const OBJECT: &str = "arn:aws:s3:::claims/a.csv";

fn bounded(by: &str) -> serde_json::Value {
    json!({ "PermissionsBoundary": { "PermissionsBoundaryArn": by } })
}

#[test]
fn a_boundary_grants_nothing_and_bounds_everything() {
    let mut aws = Aws::default();
    let bound = aws.managed("bound", json!([allow("s3:Get*", "*")]));
    aws.user_with("a", json!([allow("*", "*")]), bounded(&bound));
    aws.user_with("b", json!([]), bounded(&bound));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("a"), "s3:PutObject", OBJECT, NO);
    aws.check(&user_arn("b"), "s3:GetObject", OBJECT, NO);
    // one that is named and was not read might allow it
    aws.user_with("c", json!([allow("*", "*")]), bounded("arn:aws:iam::111122223333:policy/gone"));
    aws.check(&user_arn("c"), "s3:GetObject", OBJECT, MAYBE);
    // rights that somebody gives itself stay within
    let actor = Actor { id: &user_arn("b"), plus: Plus::Everything };
    let request =
        Request { actor, action: "s3:PutObject", on: OBJECT, context: &[], given: Given::AsRead };
    aws.ask(&request, NO);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn a_boundary_does_not_bound_whom_the_resource_names_itself() {
    let mut aws = Aws::default();
    let bound = aws.managed("bound", json!([allow("sqs:*", "*")]));
    aws.user_with("a", json!([]), bounded(&bound));
    let trust = json!({ "Service": "ec2.amazonaws.com" });
    aws.role_with(&role_arn("r"), trust, json!([]), bounded(&bound));
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/night");
    let to = |who: &str| {
        let named = json!({ "AWS": who });
        let bucket =
            with(allow("s3:GetObject", "arn:aws:s3:::claims/*"), json!({ "Principal": named }));
        json!({ "GetBucketPolicy": { "Policy": policy(json!([bucket])) } })
    };
    for (named, asks, want) in [
        (user_arn("a"), user_arn("a"), YES),
        // a role's ARN in a resource's policy is bounded, a session's is not
        (role_arn("r"), role_arn("r"), NO),
        (session.clone(), session.clone(), YES),
        (session, role_arn("r"), NO),
        (format!("arn:aws:iam::{ACCOUNT}:root"), user_arn("a"), NO),
    ] {
        aws.bucket("claims", to(&named));
        aws.check(&asks, "s3:GetObject", OBJECT, want);
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
#[test]
fn a_deny_with_not_principal_always_hits_who_has_a_boundary() {
    let mut aws = Aws::default();
    let bound = aws.managed("bound", json!([allow("*", "*")]));
    aws.user("a", json!([allow("*", "*")]));
    aws.user_with("b", json!([allow("*", "*")]), bounded(&bound));
    aws.user("c", json!([allow("*", "*")]));
    let but =
        json!({ "AWS": [user_arn("a"), user_arn("b"), format!("arn:aws:iam::{ACCOUNT}:root")] });
    let statement = with(deny("s3:*", "arn:aws:s3:::claims/*"), json!({ "NotPrincipal": but }));
    aws.bucket("claims", json!({ "GetBucketPolicy": { "Policy": policy(json!([statement])) } }));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("b"), "s3:GetObject", OBJECT, NO);
    aws.check(&user_arn("c"), "s3:GetObject", OBJECT, NO);
}

#[track_caller]
fn under(guard: serde_json::Value, at: &str, who: &str, want: Answer) {
    let mut aws = Aws::default();
    aws.organisation().guard("p-guard", guard, &[at]);
    aws.user("a", json!([allow("*", "*")]));
    let trust = json!({ "Service": "ec2.amazonaws.com" });
    let all = json!([allow("*", "*")]);
    for arn in [
        format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/linked"),
        format!("arn:aws:iam::{OTHER}:role/manager"),
    ] {
        aws.role_with(&arn, trust.clone(), all.clone(), json!({}));
    }
    aws.check(who, "ec2:RunInstances", "*", want);
}

#[test]
fn a_service_control_policy_of_any_level_bounds_the_account() {
    for at in ["r-1", "ou-1", ACCOUNT] {
        under(json!([deny("ec2:*", "*")]), at, &user_arn("a"), NO);
    }
    under(json!([deny("s3:*", "*")]), "r-1", &user_arn("a"), YES);
    under(json!([deny("ec2:*", "*")]), OTHER, &user_arn("a"), YES);
}

#[test]
fn a_list_of_what_is_allowed_has_to_allow_at_each_level() {
    let mut aws = Aws::default();
    aws.organisation().guard("p-FullAWSAccess", json!([allow("*", "*")]), &["r-1", ACCOUNT]);
    aws.guard("p-list", json!([allow("s3:*", "*")]), &["ou-1"]);
    aws.user("a", json!([allow("*", "*")]));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("a"), "ec2:RunInstances", "*", NO);
}

#[test]
fn organisations_do_not_bound_their_management_account_and_service_linked_roles() {
    let linked = format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/linked");
    under(json!([deny("ec2:*", "*")]), "r-1", &linked, YES);
    under(json!([deny("ec2:*", "*")]), "r-1", &format!("arn:aws:iam::{OTHER}:role/manager"), YES);
}

#[test]
fn a_guard_with_an_exception() {
    let but = json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::*:user/a" } });
    let guard = json!([with(deny("ec2:*", "*"), json!({ "Condition": but }))]);
    under(guard, "r-1", &user_arn("a"), YES);
}

#[test]
fn a_resource_control_policy_keeps_strangers_out() {
    let mut aws = Aws::default();
    let ours = json!({ "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-a" } });
    let statement = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": ours,
    });
    aws.organisation().guard_of("resource_control_policy", "p-rcp", json!([statement]), &["r-1"]);
    let open = with(allow("s3:GetObject", "arn:aws:s3:::claims/*"), json!({ "Principal": "*" }));
    aws.bucket("claims", json!({ "GetBucketPolicy": { "Policy": policy(json!([open])) } }));
    aws.user("a", json!([]));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    aws.check("arn:aws:iam::777788889999:root", "s3:GetObject", OBJECT, NO);
    aws.check("*", "s3:GetObject", OBJECT, NO);
}

#[test]
fn of_an_organisation_or_not() {
    for (named, want) in [("o-a", YES), ("o-b", NO)] {
        let mut aws = Aws::default();
        let ours = json!({ "StringEquals": { "aws:PrincipalOrgID": named } });
        aws.organisation();
        aws.user("a", json!([with(allow("s3:*", "*"), json!({ "Condition": ours }))]));
        aws.check(&user_arn("a"), "s3:GetObject", OBJECT, want);
    }
}
