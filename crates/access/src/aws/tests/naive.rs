//! A naive evaluator, written straight from AWS's description, on random small estates.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>.
//! It reads the JSON that the estate is made of and shares nothing with the room.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{ACCOUNT, Aws, NO, OTHER, YES, policy, role_arn, user_arn, with};
use crate::testing::is_within_reach;
use crate::{Actor, Given, Plus, Request};

const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"];
const OBJECTS: &[&str] = &["arn:aws:s3:::one/a", "arn:aws:s3:::one/b/c", "arn:aws:s3:::two/a"];

fn statement() -> impl Strategy<Value = Json> {
    let actions =
        prop::sample::select(vec!["*", "s3:*", "s3:Get*", "S3:PUT*", "s3:PutObject", "iam:*"]);
    let objects = prop::sample::select(vec![
        "*",
        "arn:aws:s3:::one/*",
        "arn:aws:s3:::*/a",
        "arn:aws:s3:::two/?",
    ]);
    let conditions = prop::sample::select(vec![
        json!(null),
        json!({ "StringEquals": { "aws:PrincipalTag/team": "red" } }),
        json!({ "StringNotEquals": { "aws:PrincipalTag/team": "red" } }),
        json!({ "StringEqualsIfExists": { "aws:PrincipalTag/none": "red" } }),
        json!({ "Null": { "aws:PrincipalTag/none": "false" } }),
    ]);
    let parts = (0..4_u8, proptest::bool::ANY, proptest::bool::ANY, actions, objects, conditions);
    parts.prop_map(|(effect, not_action, not_resource, action, on, condition)| {
        let effect = if effect == 0 { "Deny" } else { "Allow" };
        let mut statement = json!({ "Effect": effect });
        statement[if not_action { "NotAction" } else { "Action" }] = json!(action);
        statement[if not_resource { "NotResource" } else { "Resource" }] = json!(on);
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        statement
    })
}

fn statements() -> impl Strategy<Value = Vec<Json>> {
    prop::collection::vec(statement(), 0..3)
}

fn principals() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![
        json!("*"),
        json!({ "AWS": user_arn("a") }),
        json!({ "AWS": [role_arn("r")] }),
        json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }),
        json!({ "AWS": OTHER }),
        json!({ "AWS": stranger() }),
    ])
}

fn stranger() -> String {
    format!("arn:aws:iam::{OTHER}:role/s")
}

/// What is asked about: policies by who holds them.
#[derive(Debug, Clone)]
struct Estate {
    identity: Vec<Json>,
    boundary: Option<Vec<Json>>,
    guard: Option<Vec<Json>>,
    bucket: Vec<Json>,
}

fn estate() -> impl Strategy<Value = Estate> {
    let named =
        (statement(), principals()).prop_map(|(it, who)| with(it, json!({ "Principal": who })));
    let parts = (
        statements(),
        prop::option::of(statements()),
        prop::option::of(statements()),
        prop::collection::vec(named, 0..3),
    );
    parts.prop_map(|(identity, boundary, guard, bucket)| Estate {
        identity,
        boundary,
        guard,
        bucket,
    })
}

fn build(estate: &Estate, who: &str) -> Aws {
    let mut aws = Aws::default();
    let mut more = json!({});
    if let Some(boundary) = &estate.boundary {
        let arn = aws.managed("bound", json!(boundary));
        more = json!({ "PermissionsBoundary": { "PermissionsBoundaryArn": arn } });
    }
    // strangers are in the management account, which no guard bounds
    aws.organisation();
    if let Some(guard) = &estate.guard {
        aws.guard("p-FullAWSAccess", json!([]), &[]);
        aws.guard("p-guard", json!(guard), &[ACCOUNT]);
    }
    if who.contains(":user/") {
        aws.user_with("a", json!(estate.identity), more);
    } else {
        aws.role_with(who, json!({ "Service": "ec2.amazonaws.com" }), json!(estate.identity), more);
    }
    aws.tags(&[("team", "red")]);
    let policy = policy(json!(estate.bucket));
    for name in ["one", "two"] {
        aws.bucket(name, json!({ "GetBucketPolicy": { "Policy": policy } }));
    }
    aws
}

fn fits(pattern: &str, text: &str) -> bool {
    fits_bytes(pattern.as_bytes(), text.as_bytes())
}

fn fits_bytes(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|at| fits_bytes(rest, &text[at..])),
        Some((b'?', rest)) => !text.is_empty() && fits_bytes(rest, &text[1..]),
        Some((own, rest)) => text.first() == Some(own) && fits_bytes(rest, &text[1..]),
    }
}

fn says(statement: &Json, action: &str, on: &str) -> bool {
    let lower = |it: &str| it.to_lowercase();
    let is_action = match (statement["Action"].as_str(), statement["NotAction"].as_str()) {
        (Some(pattern), _) => fits(&lower(pattern), &lower(action)),
        (None, Some(pattern)) => !fits(&lower(pattern), &lower(action)),
        (None, None) => false,
    };
    let is_resource = match (statement["Resource"].as_str(), statement["NotResource"].as_str()) {
        (Some(pattern), _) => fits(pattern, on),
        (None, Some(pattern)) => !fits(pattern, on),
        (None, None) => false,
    };
    let condition = &statement["Condition"];
    // everybody here is of team red and has no tag `none`
    let holds = condition.get("StringNotEquals").is_none() && condition.get("Null").is_none();
    holds && is_action && is_resource
}

fn some(statements: &[Json], effect: &str, action: &str, on: &str) -> bool {
    statements.iter().any(|it| it["Effect"] == effect && says(it, action, on))
}

fn names(statement: &Json, text: &str) -> bool {
    let principal = &statement["Principal"];
    let own = &principal["AWS"];
    principal == text || own == text || own[0] == text
}

fn naive(estate: &Estate, who: &str, action: &str, on: &str) -> bool {
    let account = if who.contains(OTHER) { OTHER } else { ACCOUNT };
    let root = format!("arn:aws:iam::{account}:root");
    let is_named = |it: &&Json| [who, "*", account, &root].iter().any(|text| names(it, text));
    let bucket: Vec<Json> = estate.bucket.iter().filter(is_named).cloned().collect();
    let guard = estate.guard.as_deref().filter(|_| account == ACCOUNT);
    let layers = [Some(&estate.identity[..]), estate.boundary.as_deref(), guard, Some(&bucket[..])];
    if layers.into_iter().flatten().any(|it| some(it, "Deny", action, on)) {
        return false;
    }
    if guard.is_some_and(|it| !some(it, "Allow", action, on)) {
        return false;
    }
    let within = estate.boundary.as_ref().is_none_or(|it| some(it, "Allow", action, on));
    let own = some(&estate.identity, "Allow", action, on) && within;
    if account == OTHER {
        return own && some(&bucket, "Allow", action, on);
    }
    let by = |text: &str| {
        let named: Vec<Json> = bucket.iter().filter(|it| names(it, text)).cloned().collect();
        some(&named, "Allow", action, on)
    };
    own || by("*") || (by(who) && (who.contains(":user/") || within))
}

/// What the `iam-rs` crate makes of policies of an identity alone.
fn other(statements: &[Json], who: &str, action: &str, on: &str) -> bool {
    let policy: iam_rs::IAMPolicy = serde_json::from_value(policy(json!(statements))).unwrap();
    let principal = iam_rs::Principal::Aws(iam_rs::PrincipalId::String(who.to_owned()));
    let context = iam_rs::Context::new().with_string("aws:PrincipalTag/team", "red");
    let on = iam_rs::Arn::parse(on).unwrap();
    let request = iam_rs::IAMRequest::new_with_context(principal, action, on, context);
    iam_rs::evaluate_policy(&policy, &request).unwrap() == iam_rs::Decision::Allow
}

proptest! {
    #[test]
    fn the_room_says_what_another_crate_says(statements in statements()) {
        let who = user_arn("a");
        let estate = Estate { identity: statements, boundary: None, guard: None, bucket: Vec::new() };
        let access = build(&estate, &who).access();
        for action in ACTIONS {
            for on in OBJECTS {
                let actor = Actor { id: &who, plus: Plus::Nothing };
                let request =
                    Request { actor, action, on, context: &[], given: Given::AsRead };
                let want = if other(&estate.identity, &who, action, on) { YES } else { NO };
                prop_assert_eq!(access.answer(&request), want, "{} {}", action, on);
            }
        }
    }

    #[test]
    fn the_room_says_what_a_naive_evaluator_says(estate in estate(), who in 0..3_usize) {
        let who = [user_arn("a"), role_arn("r"), stranger()][who].clone();
        let access = build(&estate, &who).access();
        for action in ACTIONS {
            for on in OBJECTS {
                let actor = Actor { id: &who, plus: Plus::Nothing };
                let request =
                    Request { actor, action, on, context: &[], given: Given::AsRead };
                let want = if naive(&estate, &who, action, on) { YES } else { NO };
                prop_assert_eq!(access.answer(&request), want, "{} {} {}", who, action, on);
                prop_assert_eq!(access.decide(&request).answer, want);
                prop_assert!(want == NO || is_within_reach(&access, actor, action, on));
            }
        }
    }
}
