//! Statements: actions, resources, variables, conditions, principals.

use serde_json::json;

use super::{ACCOUNT, Aws, MAYBE, NO, OTHER, YES, allow, deny, policy, role_arn, user_arn, with};
use crate::{Actor, Given, Plus, Request, attached_of_aws};

const OBJECT: &str = "arn:aws:s3:::claims/2026/a.csv";

#[test]
fn a_deny_wins_and_nothing_is_a_no() {
    let mut aws = Aws::default();
    aws.user("a", json!([allow("s3:*", "*"), deny("s3:Delete*", "*")]));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("a"), "s3:DeleteObject", OBJECT, NO);
    aws.check(&user_arn("a"), "sqs:SendMessage", "*", NO);
}

#[test]
fn actions_ignore_case_and_take_wildcards() {
    let mut aws = Aws::default();
    aws.user(
        "a",
        json!([allow("S3:gET?bject*", "*"), deny("s*:PUT*", "*"), allow("s3:Put*", "*")]),
    );
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("a"), "s3:PutObject", OBJECT, NO);
}

#[test]
fn not_action() {
    let mut aws = Aws::default();
    let all_but = json!({ "Effect": "Allow", "NotAction": ["iam:*", "s3:Put*"], "Resource": "*" });
    aws.user("a", json!([all_but]));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("a"), "s3:PutObject", OBJECT, NO);
    aws.check(&user_arn("a"), "iam:CreateUser", "*", NO);
}

#[test]
fn not_action_in_a_deny() {
    let mut aws = Aws::default();
    let all_but = json!({ "Effect": "Deny", "NotAction": "s3:*", "Resource": "*" });
    aws.user("a", json!([allow("*", "*"), all_but]));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("a"), "ec2:RunInstances", "*", NO);
}

#[test]
fn not_resource() {
    let mut aws = Aws::default();
    let all_but =
        json!({ "Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::claims*" });
    aws.user("a", json!([all_but]));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, NO);
    aws.check(&user_arn("a"), "s3:GetObject", "arn:aws:s3:::else/x", YES);
    let mut aws = Aws::default();
    let only = json!({ "Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::claims/*" });
    aws.user("a", json!([allow("*", "*"), only]));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("a"), "s3:GetObject", "arn:aws:s3:::else/x", NO);
    // any such object: only one within what the deny leaves
    aws.check(&user_arn("a"), "s3:GetObject", "arn:aws:s3:::*", YES);
}

#[test]
fn variables_need_the_version_that_has_them() {
    let home = json!([allow("s3:*", "arn:aws:s3:::home/${aws:username}/*")]);
    let mut aws = Aws::default();
    aws.user("ann", home.clone());
    aws.check(&user_arn("ann"), "s3:GetObject", "arn:aws:s3:::home/ann/x", YES);
    aws.check(&user_arn("ann"), "s3:GetObject", "arn:aws:s3:::home/bob/x", NO);
    let mut old = Aws::default();
    let policies = json!({ "own": { "PolicyDocument": { "Statement": home } } });
    old.user_with("ann", json!([]), json!({ "GetUserPolicy": policies }));
    old.check(&user_arn("ann"), "s3:GetObject", "arn:aws:s3:::home/ann/x", NO);
    // a role has no user name
    let mut role = Aws::default();
    role.role("ann", json!({ "Service": "ec2.amazonaws.com" }), home);
    role.check(&role_arn("ann"), "s3:GetObject", "arn:aws:s3:::home/ann/x", NO);
}

/// What somebody may do to itself says nothing of others: the policy for self-service that AWS recommends.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_credentials_console.html>.
#[test]
fn any_user_is_another_one_than_who_asks() {
    let any = format!("arn:aws:iam::{ACCOUNT}:user/*");
    let makes = "iam:CreateAccessKey";
    let own = json!([allow(makes, "arn:aws:iam::*:user/${aws:username}")]);
    let mut aws = Aws::default();
    aws.user("ann", own);
    aws.check(&user_arn("ann"), makes, &user_arn("ann"), YES);
    aws.check(&user_arn("ann"), makes, &user_arn("bob"), NO);
    aws.check(&user_arn("ann"), makes, &any, NO);
    aws.user("ann", json!([allow(makes, "arn:aws:iam::*:user/${aws:username}-*")]));
    aws.check(&user_arn("ann"), makes, &any, YES);
    aws.user("ann", json!([allow(makes, &user_arn("bob"))]));
    aws.check(&user_arn("ann"), makes, &any, YES);
}

#[test]
fn what_the_documents_do_not_say_is_unknown() {
    for (condition, want) in [
        (json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }), MAYBE),
        (json!({ "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } }), MAYBE),
        (json!({ "IpAddress": { "aws:SourceIp": ["10.0.0.0/8", "fd00::/8"] } }), NO),
        (json!({ "IpAddress": { "aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"] } }), MAYBE),
        (json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/0" } }), YES),
        (json!({ "NotIpAddress": { "aws:SourceIp": "192.168.0.0/16" } }), YES),
        (json!({ "NotIpAddress": { "aws:SourceIp": "192.0.2.0/24" } }), MAYBE),
        (json!({ "IpAddressIfExists": { "aws:SourceIp": "10.0.0.0/8" } }), MAYBE),
        (json!({ "StringLike": { "aws:Referer": "https://larkspur.example/*" } }), YES),
        (json!({ "StringEquals": { "aws:SourceVpce": "vpce-1" } }), MAYBE),
        (json!({ "DateLessThan": { "aws:CurrentTime": "2020-01-01T00:00:00Z" } }), NO),
        (json!({ "DateGreaterThan": { "aws:CurrentTime": "2020-01-01T00:00:00Z" } }), YES),
        (json!({ "StringEquals": { "aws:PrincipalTag/team": "red" } }), NO),
        (json!({ "StringEqualsIfExists": { "aws:PrincipalTag/team": "red" } }), YES),
        (json!({ "StringNotEquals": { "aws:PrincipalTag/team": "red" } }), YES),
        (json!({ "Null": { "aws:PrincipalTag/team": "true" } }), YES),
        (json!({ "StringEquals": { "aws:PrincipalTag/unit": "blue" } }), YES),
        (json!({ "StringLike": { "aws:PrincipalArn": "arn:aws:iam::*:user/a*" } }), YES),
        (json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::*:user/a*" } }), NO),
        (json!({ "ForAnyValue:StringEquals": { "aws:CalledVia": "athena.amazonaws.com" } }), NO),
        (json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } }), YES),
        (json!({ "Bool": { "aws:SecureTransport": "false" } }), NO),
        (json!({ "StringEquals": { "aws:PrincipalType": "User" } }), YES),
    ] {
        let mut aws = Aws::default();
        let statement = with(allow("s3:*", "*"), json!({ "Condition": condition }));
        aws.user("a", json!([statement])).tags(&[("unit", "blue")]);
        aws.check(&user_arn("a"), "s3:GetObject", OBJECT, want);
    }
}

#[test]
fn keys_of_a_role_do_not_tell_of_a_second_factor() {
    for (condition, want) in [
        (json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }), NO),
        (json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "true" } }), YES),
        (json!({ "NumericLessThan": { "aws:MultiFactorAuthAge": "3600" } }), NO),
    ] {
        let mut aws = Aws::default();
        let statement = with(allow("s3:*", "*"), json!({ "Condition": condition }));
        aws.role("job", json!({ "Service": "ec2.amazonaws.com" }), json!([statement]));
        aws.check(&role_arn("job"), "s3:GetObject", OBJECT, want);
    }
}

#[test]
fn a_condition_that_nobody_can_judge_is_named() {
    let mut aws = Aws::default();
    let source = json!({ "StringEquals": { "aws:SourceAccount": ACCOUNT } });
    let trust = json!([{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Condition": source,
        "Principal": { "Service": "lambda.amazonaws.com" },
    }]);
    let more = json!({ "AssumeRolePolicyDocument": policy(trust) });
    aws.role_with(&role_arn("job"), json!({}), json!([]), more);
    let access = aws.access();
    let decide = |context: &[(&str, &str)]| {
        let actor = Actor { id: "lambda.amazonaws.com", plus: Plus::Nothing };
        let (action, on, given) = ("sts:AssumeRole", &*role_arn("job"), Given::AsRead);
        access.decide(&Request { actor, action, on, context, given })
    };
    let found = decide(&[]);
    assert_eq!(found.answer, MAYBE);
    let unread: Vec<&str> = found.unread.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(unread, ["aws:SourceAccount"]);
    assert_eq!(decide(&[("aws:SourceAccount", ACCOUNT)]).answer, YES);
    assert_eq!(decide(&[("aws:SourceAccount", OTHER)]).answer, NO);
}

#[test]
fn a_deny_under_an_unknown_condition_leaves_it_open() {
    let mut aws = Aws::default();
    let unless = json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } });
    let statement = with(deny("*", "*"), json!({ "Condition": unless }));
    aws.user("a", json!([allow("*", "*"), statement]));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, MAYBE);
    let known = [("aws:MultiFactorAuthPresent", "true")];
    aws.check_in(&user_arn("a"), "s3:GetObject", OBJECT, &known, YES);
    let known = [("aws:MultiFactorAuthPresent", "false")];
    aws.check_in(&user_arn("a"), "s3:GetObject", OBJECT, &known, NO);
}

#[test]
fn a_deny_of_plain_transport_stops_nobody() {
    let mut aws = Aws::default();
    let plain = json!({ "Bool": { "aws:SecureTransport": "false" } });
    aws.user("a", json!([allow("*", "*"), with(deny("*", "*"), json!({ "Condition": plain }))]));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
}

#[test]
fn passing_a_role_to_one_service() {
    let mut aws = Aws::default();
    let to = json!({ "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } });
    let pass = with(allow("iam:PassRole", &role_arn("*")), json!({ "Condition": to }));
    aws.user("a", json!([pass]));
    aws.role("r", json!({ "Service": "lambda.amazonaws.com" }), json!([]));
    let ask = |service, want| {
        let known = [("iam:PassedToService", service)];
        aws.check_in(&user_arn("a"), "iam:PassRole", &role_arn("r"), &known, want);
    };
    ask("lambda.amazonaws.com", YES);
    ask("ec2.amazonaws.com", NO);
    aws.check(&user_arn("a"), "iam:PassRole", &role_arn("r"), MAYBE);
    // the service has to be trusted, too
    aws.check("lambda.amazonaws.com", "sts:AssumeRole", &role_arn("r"), YES);
    aws.check("ec2.amazonaws.com", "sts:AssumeRole", &role_arn("r"), NO);
}

#[test]
fn trust_alone_is_enough_where_it_names_the_caller_of_the_same_account() {
    let mut aws = Aws::default();
    aws.user("named", json!([])).user("holds", json!([allow("sts:AssumeRole", "*")]));
    aws.role("by-name", json!({ "AWS": user_arn("named") }), json!([]));
    aws.role("by-account", json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }), json!([]));
    aws.check(&user_arn("named"), "sts:AssumeRole", &role_arn("by-name"), YES);
    aws.check(&user_arn("holds"), "sts:AssumeRole", &role_arn("by-name"), NO);
    aws.check(&user_arn("named"), "sts:AssumeRole", &role_arn("by-account"), NO);
    aws.check(&user_arn("holds"), "sts:AssumeRole", &role_arn("by-account"), YES);
    // any role of the account: one that was read and trusts the caller
    aws.check(&user_arn("holds"), "sts:AssumeRole", &role_arn("*"), YES);
    aws.check(&user_arn("named"), "sts:AssumeRole", &role_arn("by-a*"), NO);
}

#[test]
fn across_accounts_both_sides_have_to_allow() {
    let outside = format!("arn:aws:iam::{OTHER}:role/tool");
    let trust = json!({ "Service": "ec2.amazonaws.com" });
    for (statements, trusts, want) in [
        (json!([allow("sts:AssumeRole", "*")]), format!("arn:aws:iam::{OTHER}:root"), YES),
        (json!([]), outside.clone(), NO),
        (json!([allow("sts:AssumeRole", "*")]), user_arn("else"), NO),
    ] {
        let mut aws = Aws::default();
        aws.role_with(&outside, trust.clone(), statements, json!({}));
        aws.role("r", json!({ "AWS": trusts }), json!([]));
        aws.check(&outside, "sts:AssumeRole", &role_arn("r"), want);
    }
}

#[test]
fn an_account_that_nobody_read_gives_its_own_what_it_likes() {
    let mut aws = Aws::default();
    let outside = format!("arn:aws:iam::{OTHER}:role/vendor");
    aws.role("r", json!({ "AWS": outside }), json!([]));
    aws.check(&outside, "sts:AssumeRole", &role_arn("r"), YES);
    aws.check(&format!("arn:aws:iam::{OTHER}:role/else"), "sts:AssumeRole", &role_arn("r"), NO);
}

#[test]
fn an_agreed_external_id_is_not_known() {
    let mut aws = Aws::default();
    let outside = format!("arn:aws:iam::{OTHER}:root");
    let trust = policy(json!([{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": outside },
        "Condition": { "StringEquals": { "sts:ExternalId": "agreed" } },
    }]));
    aws.role_with(
        &role_arn("r"),
        json!("*"),
        json!([]),
        json!({ "AssumeRolePolicyDocument": trust }),
    );
    aws.check(&outside, "sts:AssumeRole", &role_arn("r"), MAYBE);
}

#[test]
fn an_identity_that_came_back_under_its_old_name_is_another() {
    let mut aws = Aws::default();
    aws.user("a", json!([]));
    aws.role("now", json!({ "AWS": "AIDAa" }), json!([]));
    aws.role("before", json!({ "AWS": "AIDAGONE" }), json!([]));
    aws.check(&user_arn("a"), "sts:AssumeRole", &role_arn("now"), YES);
    aws.check(&user_arn("a"), "sts:AssumeRole", &role_arn("before"), NO);
}

#[test]
fn groups_and_managed_policies_count() {
    let mut aws = Aws::default();
    let in_group = json!({ "ListGroupsForUser": { "Groups": [{ "GroupName": "readers" }] } });
    let arn = aws.managed("read", json!([allow("s3:Get*", "*")]));
    let attached = json!({ "AttachedPolicies": [{ "PolicyArn": arn }] });
    let group = format!("arn:aws:iam::{ACCOUNT}:group/readers");
    aws.user_with("a", json!([]), in_group).user("b", json!([]));
    aws.add("aws.iam-group", &group, json!({ "ListAttachedGroupPolicies": attached }));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    // the version that counts is the default one
    aws.check(&user_arn("a"), "s3:PutObject", OBJECT, NO);
    aws.check(&user_arn("b"), "s3:GetObject", OBJECT, NO);
    let joined = Actor { id: &user_arn("b"), plus: Plus::Group(&group) };
    let request = Request {
        actor: joined,
        action: "s3:GetObject",
        on: OBJECT,
        context: &[],
        given: Given::AsRead,
    };
    aws.ask(&request, YES);
}

#[test]
fn policies_of_aws_are_known_without_being_read_and_others_are_not() {
    let attached = |arn: &str| json!({ "ListAttachedUserPolicies": { "AttachedPolicies": [{ "PolicyArn": arn }] } });
    let mut aws = Aws::default();
    aws.user_with("a", json!([]), attached("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"));
    aws.user_with("b", json!([]), attached("arn:aws:iam::aws:policy/NobodyKnows"));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("a"), "s3:PutObject", OBJECT, NO);
    aws.check(&user_arn("b"), "s3:PutObject", OBJECT, MAYBE);
    // nobody can change such a policy: that it is attached is what can be changed
    let actor = Actor { id: &user_arn("a"), plus: Plus::Nothing };
    let given = Given::AsRead;
    let request = Request { actor, action: "s3:GetObject", on: OBJECT, context: &[], given };
    let reasons = aws.access().decide(&request).reasons;
    let [reason] = reasons.as_slice() else { panic!("{reasons:#?}") };
    assert_eq!(reason.resource, user_arn("a"));
    assert_eq!(attached_of_aws(&reason.path), Some("AmazonS3ReadOnlyAccess"));
}

#[test]
fn whoever_may_change_its_own_rights() {
    let mut aws = Aws::default();
    aws.user("a", json!([deny("s3:Delete*", "*")]));
    let actor = Actor { id: &user_arn("a"), plus: Plus::Everything };
    let ask = |action, want| {
        aws.ask(&Request { actor, action, on: OBJECT, context: &[], given: Given::AsRead }, want);
    };
    ask("s3:GetObject", YES);
    ask("s3:DeleteObject", NO);
}

#[test]
fn services_without_regions_are_asked_in_one() {
    let mut aws = Aws::default();
    let only = |region: &str| {
        let condition = json!({ "StringEquals": { "aws:RequestedRegion": region } });
        with(allow("*", "*"), json!({ "Condition": condition }))
    };
    aws.user("here", json!([only("eu-central-1")]));
    aws.user("there", json!([only("us-east-1")]));
    let key = user_arn("here");
    aws.check(&user_arn("here"), "iam:CreateAccessKey", &key, NO);
    aws.check(&user_arn("there"), "iam:CreateAccessKey", &key, YES);
    aws.check(&user_arn("here"), "iam:PassRole", &role_arn("any"), YES);
}
