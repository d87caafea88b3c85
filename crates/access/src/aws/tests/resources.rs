//! Policies of resources: buckets, keys, queues; what lies beside them.

use serde_json::{Value as Json, json};

use super::{ACCOUNT, Aws, MAYBE, NO, OTHER, YES, allow, deny, policy, role_arn, user_arn, with};
use crate::{Actor, Given, Plus, Request};

const OBJECT: &str = "arn:aws:s3:::claims/a.csv";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";

fn to(principal: Json, action: &str, on: &str) -> Json {
    with(allow(action, on), json!({ "Principal": principal }))
}

fn bucket_policy(statements: Json) -> Json {
    json!({ "GetBucketPolicy": { "Policy": policy(statements) } })
}

fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

#[test]
fn either_side_is_enough_within_an_account() {
    let mut aws = Aws::default();
    aws.user("named", json!([]))
        .user("holds", json!([allow("s3:GetObject", "*")]))
        .user("none", json!([]));
    let statement =
        to(json!({ "AWS": user_arn("named") }), "s3:GetObject", "arn:aws:s3:::claims/*");
    aws.bucket("claims", bucket_policy(json!([statement])));
    aws.check(&user_arn("named"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("holds"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("none"), "s3:GetObject", OBJECT, NO);
    // naming the bucket for what is done to objects means its objects
    aws.check(&user_arn("named"), "s3:GetObject", "arn:aws:s3:::claims", YES);
    aws.check("*", "s3:GetObject", OBJECT, NO);
}

#[test]
fn who_can_finds_both_sides_and_outsiders() {
    let mut aws = Aws::default();
    aws.user("holds", json!([allow("s3:GetObject", "*")])).user("none", json!([]));
    let statements = json!([
        to(json!({ "AWS": root(OTHER) }), "s3:GetObject", "arn:aws:s3:::claims/*"),
        to(
            json!({ "Service": "logging.s3.amazonaws.com" }),
            "s3:PutObject",
            "arn:aws:s3:::claims/*"
        ),
    ]);
    aws.bucket("claims", bucket_policy(statements));
    let access = aws.access();
    let who = |action| -> Vec<String> {
        access.who_can(action, "arn:aws:s3:::claims", &[]).into_iter().map(|it| it.0).collect()
    };
    assert_eq!(who("s3:GetObject"), [user_arn("holds"), root(OTHER)]);
    assert_eq!(who("s3:PutObject"), ["logging.s3.amazonaws.com"]);
}

#[test]
fn a_policy_that_was_not_read_leaves_what_is_allowed_and_stands_in_unread() {
    let mut aws = Aws::default();
    aws.user("holds", json!([allow("s3:GetObject", "*")])).user("none", json!([]));
    let unread = json!({ "GetBucketPolicy": model::doc::unread_marker(model::GapId(0)) });
    aws.bucket("claims", unread);
    aws.check(&user_arn("holds"), "s3:GetObject", OBJECT, YES);
    aws.check(&user_arn("none"), "s3:GetObject", OBJECT, NO);
    let access = aws.access();
    let actor = Actor { id: &user_arn("holds"), plus: Plus::Nothing };
    let request =
        Request { actor, action: "s3:GetObject", on: OBJECT, context: &[], given: Given::AsRead };
    let unread = access.decide(&request).unread;
    assert!(unread.iter().any(|it| it.what.contains("GetBucketPolicy")), "{unread:?}");
}

#[test]
fn a_policy_that_is_no_policy_might_say_anything_and_an_empty_one_says_nothing() {
    let mut aws = Aws::default();
    aws.bucket("claims", json!({ "GetBucketPolicy": { "Policy": "{ \"Statement\": 7 }" } }));
    aws.check("*", "s3:GetObject", OBJECT, MAYBE);
    aws.bucket("claims", json!({ "GetBucketPolicy": { "Policy": "" } }));
    aws.check("*", "s3:GetObject", OBJECT, NO);
}

#[test]
fn a_key_answers_to_its_own_policy_alone() {
    let key = |statements: Json| json!({ "GetKeyPolicy": { "Policy": policy(statements) } });
    for (statements, holder, named) in [
        (json!([to(json!({ "AWS": root(ACCOUNT) }), "kms:*", "*")]), YES, NO),
        (json!([to(json!({ "AWS": user_arn("named") }), "kms:Decrypt", "*")]), NO, YES),
        (json!([]), NO, NO),
    ] {
        let mut aws = Aws::default();
        aws.user("holds", json!([allow("kms:*", "*")])).user("named", json!([]));
        aws.add("aws.kms-key", KEY, key(statements));
        aws.check(&user_arn("holds"), "kms:Decrypt", KEY, holder);
        aws.check(&user_arn("named"), "kms:Decrypt", KEY, named);
    }
    let mut aws = Aws::default();
    aws.user("holds", json!([allow("kms:*", "*")]));
    aws.check(&user_arn("holds"), "kms:Decrypt", KEY, MAYBE);
}

#[test]
fn a_grant_of_a_key_allows_its_operations() {
    let mut aws = Aws::default();
    let grant = json!({ "GranteePrincipal": user_arn("a"), "Operations": ["Decrypt"] });
    let policy = json!({ "Policy": policy(json!([])) });
    aws.user("a", json!([]));
    aws.add(
        "aws.kms-key",
        KEY,
        json!({ "GetKeyPolicy": policy, "ListGrants": { "Grants": [grant] } }),
    );
    aws.check(&user_arn("a"), "kms:Decrypt", KEY, YES);
    aws.check(&user_arn("a"), "kms:Encrypt", KEY, NO);
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html>.
#[test]
fn aliases_of_a_key() {
    const ALIAS: &str = "arn:aws:kms:eu-west-1:111122223333:alias/claims";
    let open = policy(json!([to(json!({ "AWS": root(ACCOUNT) }), "kms:*", "*")]));
    let key = |aliases: &[&str]| {
        let all = aliases.iter().map(|it| json!({ "AliasName": it })).collect::<Vec<Json>>();
        json!({ "GetKeyPolicy": { "Policy": open }, "ListAliases": { "Aliases": all } })
    };
    let asked = |condition: Json, aliases: &[&str]| {
        let mut aws = Aws::default();
        let statement = with(allow("kms:Decrypt", "*"), json!({ "Condition": condition }));
        aws.user("a", json!([statement])).add("aws.kms-key", KEY, key(aliases));
        aws
    };
    let has = json!({ "ForAnyValue:StringLike": { "kms:ResourceAliases": "alias/cl*" } });
    let by = json!({ "StringEquals": { "kms:RequestAlias": "alias/claims" } });
    let not_by = json!({ "StringNotEquals": { "kms:RequestAlias": "alias/claims" } });
    for (condition, aliases, want) in [
        (&has, &["alias/claims"][..], YES),
        (&has, &["alias/other", "alias/claims"], YES),
        (&has, &["alias/other"], NO),
        (&has, &[], NO),
        (&by, &["alias/claims"], YES),
        (&by, &["alias/other"], NO),
        // the key may be named without an alias
        (&not_by, &["alias/claims"], YES),
    ] {
        let aws = asked(condition.clone(), aliases);
        aws.check(&user_arn("a"), "kms:Decrypt", KEY, want);
        if aliases == ["alias/claims"] {
            aws.check(&user_arn("a"), "kms:Decrypt", ALIAS, want);
        }
    }
    // an alias in a policy is no key, and an alias that was not read may be that of a closed one
    let mut aws = Aws::default();
    aws.user("a", json!([allow("kms:Decrypt", ALIAS)])).user("b", json!([allow("kms:*", "*")]));
    aws.check(&user_arn("b"), "kms:Decrypt", ALIAS, MAYBE);
    aws.check(&user_arn("b"), "kms:DeleteAlias", ALIAS, YES);
    aws.add("aws.kms-key", KEY, key(&["alias/claims"]));
    aws.check(&user_arn("a"), "kms:Decrypt", KEY, NO);
    aws.check(&user_arn("a"), "kms:Decrypt", ALIAS, NO);
    aws.check(&user_arn("b"), "kms:Decrypt", ALIAS, YES);
}

fn list(uri: &str, permission: &str) -> Json {
    let uri = format!("http://acs.amazonaws.com/groups/global/{uri}");
    json!({ "GetBucketAcl": { "Grants": [
        { "Grantee": { "Type": "Group", "URI": uri }, "Permission": permission },
    ] } })
}

#[test]
fn access_control_lists_of_a_bucket() {
    let mut aws = Aws::default();
    aws.bucket("claims", list("AllUsers", "READ"));
    aws.check("*", "s3:ListBucket", "arn:aws:s3:::claims", YES);
    aws.check("*", "s3:PutObject", OBJECT, NO);
    // anybody makes an account of AWS:
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups
    aws.bucket("claims", list("AuthenticatedUsers", "WRITE"));
    aws.check("*", "s3:PutObject", OBJECT, YES);
    aws.check("*", "s3:ListBucket", OBJECT, NO);
    aws.check(&root("777788889999"), "s3:PutObject", OBJECT, YES);
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service>
#[test]
fn a_service_reaches_a_key_in_the_region_of_the_key() {
    for (via, want) in [("s3.eu-west-1.amazonaws.com", YES), ("ebs.eu-west-1.amazonaws.com", NO)] {
        let condition = json!({ "StringEquals": { "kms:ViaService": via } });
        let statement = to(json!({ "AWS": root(ACCOUNT) }), "kms:*", "*");
        let statement = with(statement, json!({ "Condition": condition }));
        let mut aws = Aws::default();
        aws.user("a", json!([allow("kms:Decrypt", "*")]));
        aws.add(
            "aws.kms-key",
            KEY,
            json!({ "GetKeyPolicy": { "Policy": policy(json!([statement])) } }),
        );
        aws.check_in(&user_arn("a"), "kms:Decrypt", KEY, &[("kms:ViaService", "s3")], want);
        aws.check(&user_arn("a"), "kms:Decrypt", KEY, MAYBE);
    }
}

/// Who has no account of the organisation may have one of its own:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principaltype>.
#[test]
fn anybody_comes_with_or_without_an_account_of_their_own() {
    for (condition, want) in [
        (json!({ "StringEquals": { "aws:PrincipalType": "User" } }), YES),
        (json!({ "StringNotEquals": { "aws:PrincipalType": "Anonymous" } }), YES),
        (json!({ "StringEquals": { "aws:PrincipalAccount": ACCOUNT } }), NO),
        (json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1example" } }), NO),
        (json!({ "StringLike": { "aws:PrincipalOrgID": "o-*" } }), YES),
        (json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/deploy" } }), YES),
        (json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::111122223333:*" } }), NO),
        (json!({ "StringEquals": { "aws:PrincipalTag/team": "red" } }), YES),
        (json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }), YES),
        (json!({ "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } }), NO),
        (json!({ "IpAddress": { "aws:SourceIp": "64.0.0.0/2" } }), MAYBE),
        (json!({ "StringEquals": { "aws:SourceVpce": "vpce-1" } }), NO),
    ] {
        let statement = to(json!({ "AWS": "*" }), "s3:GetObject", "arn:aws:s3:::claims/*");
        let statement = with(statement, json!({ "Condition": condition }));
        let mut aws = Aws::default();
        aws.bucket("claims", bucket_policy(json!([statement])));
        aws.check("*", "s3:GetObject", OBJECT, want);
    }
}

#[test]
fn public_access_block_and_object_ownership_close_lists_and_policies() {
    let block = |name: &str| json!({ "PublicAccessBlockConfiguration": { name: true } });
    let public = bucket_policy(json!([to(json!("*"), "s3:*", "arn:aws:s3:::claims*")]));
    let owned = json!({ "GetBucketOwnershipControls": { "OwnershipControls": { "Rules": [
        { "ObjectOwnership": "BucketOwnerEnforced" },
    ] } } });
    let mut aws = Aws::default();
    for (doc, want) in [
        (public.clone(), YES),
        (
            with(public.clone(), json!({ "GetPublicAccessBlock": block("RestrictPublicBuckets") })),
            NO,
        ),
        (with(public.clone(), json!({ "GetPublicAccessBlock": block("IgnorePublicAcls") })), YES),
        (list("AllUsers", "READ"), YES),
        (
            with(
                list("AllUsers", "READ"),
                json!({ "GetPublicAccessBlock": block("IgnorePublicAcls") }),
            ),
            NO,
        ),
        (with(list("AllUsers", "READ"), owned), NO),
    ] {
        aws.bucket("claims", doc);
        aws.check("*", "s3:ListBucket", "arn:aws:s3:::claims", want);
    }
    // the account's own block counts for all its buckets
    let id = format!("arn:aws:s3::{ACCOUNT}:account-public-access-block");
    aws.bucket("claims", public);
    aws.add("aws.s3-account-public-access-block", &id, block("RestrictPublicBuckets"));
    aws.user("own", json!([]));
    aws.check("*", "s3:ListBucket", "arn:aws:s3:::claims", NO);
    aws.check(&user_arn("own"), "s3:ListBucket", "arn:aws:s3:::claims", YES);
}

#[test]
fn not_principal_allows_all_others() {
    let mut aws = Aws::default();
    let but = json!({ "NotPrincipal": { "AWS": user_arn("a") } });
    let statement = with(allow("s3:GetObject", "arn:aws:s3:::claims/*"), but);
    aws.user("a", json!([])).user("b", json!([]));
    aws.bucket("claims", bucket_policy(json!([statement])));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, NO);
    aws.check(&user_arn("b"), "s3:GetObject", OBJECT, YES);
    aws.check("*", "s3:GetObject", OBJECT, YES);
}

#[test]
fn a_deny_of_the_resource_wins() {
    let mut aws = Aws::default();
    aws.user("a", json!([allow("*", "*")]));
    let statement = with(deny("s3:*", "arn:aws:s3:::claims/*"), json!({ "Principal": "*" }));
    aws.bucket("claims", bucket_policy(json!([statement])));
    aws.check(&user_arn("a"), "s3:GetObject", OBJECT, NO);
    let actor = Actor { id: &user_arn("a"), plus: Plus::Everything };
    let request =
        Request { actor, action: "s3:GetObject", on: OBJECT, context: &[], given: Given::Trusting };
    aws.ask(&request, NO);
}

#[test]
fn a_resource_that_is_made_to_trust() {
    let mut aws = Aws::default();
    aws.user("a", json!([]));
    aws.role("r", json!({ "Service": "ec2.amazonaws.com" }), json!([]));
    let actor = Actor { id: &user_arn("a"), plus: Plus::Nothing };
    let on = role_arn("r");
    let ask = |given| Request { actor, action: "sts:AssumeRole", on: &on, context: &[], given };
    aws.ask(&ask(Given::AsRead), NO);
    aws.ask(&ask(Given::Trusting), YES);
}

#[test]
fn the_default_policy_of_a_topic_is_not_public() {
    let topic = "arn:aws:sns:eu-west-1:111122223333:news";
    let owner = json!({ "StringEquals": { "AWS:SourceOwner": ACCOUNT } });
    let statement =
        with(to(json!({ "AWS": "*" }), "SNS:Publish", topic), json!({ "Condition": owner }));
    let mut aws = Aws::default();
    let attributes = json!({ "Attributes": { "Policy": policy(json!([statement])) } });
    aws.user("a", json!([]));
    aws.add("aws.sns-topic", topic, json!({ "GetTopicAttributes": attributes }));
    aws.check("*", "sns:Publish", topic, NO);
    aws.check(&root(OTHER), "sns:Publish", topic, NO);
    aws.check(&user_arn("a"), "sns:Publish", topic, YES);
}

#[test]
fn any_resource_that_is_yet_to_be_made() {
    let mut aws = Aws::default();
    let functions = "arn:aws:lambda:*:111122223333:function:*";
    let only = "arn:aws:lambda:eu-west-1:111122223333:function:app-*";
    aws.user("a", json!([allow("lambda:CreateFunction", only)]));
    aws.user("b", json!([allow("lambda:*", "*"), deny("lambda:*", only)]));
    aws.user("c", json!([allow("lambda:CreateFunction", only), deny("lambda:*", functions)]));
    let bound = aws.managed("bound", json!([allow("lambda:*", only)]));
    let bounded = json!({ "PermissionsBoundary": { "PermissionsBoundaryArn": bound } });
    aws.user_with("d", json!([allow("lambda:*", "*")]), bounded);
    for (who, want) in [("a", YES), ("b", YES), ("c", NO), ("d", YES)] {
        aws.check(&user_arn(who), "lambda:CreateFunction", functions, want);
    }
    let elsewhere = "arn:aws:lambda:us-east-1:111122223333:function:*";
    aws.check(&user_arn("d"), "lambda:CreateFunction", elsewhere, NO);
}
