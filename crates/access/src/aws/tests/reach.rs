//! Where identities may be granted something: resources that need not be asked about are left out.

use serde_json::json;

use super::{Aws, allow, policy, user_arn, with};
use crate::testing::is_within_reach;
use crate::{Actor, Plus};

const READ: &str = "s3:GetObject";

/// Whether the user that may read at `pattern` is asked at a bucket of its account with the policy `own`.
#[track_caller]
fn check(pattern: &str, own: Option<serde_json::Value>, on: &str, want: bool) {
    let mut aws = Aws::default();
    aws.user("a", json!([allow(READ, pattern)]));
    let document = own.map_or_else(
        || json!({}),
        |it| json!({ "GetBucketPolicy": { "Policy": policy(json!([it])) } }),
    );
    aws.bucket("shop-data", document);
    let actor = Actor { id: &user_arn("a"), plus: Plus::Nothing };
    let found = is_within_reach(&aws.access(), actor, READ, on);
    assert_eq!(found, want, "{pattern} at {on}");
}

#[test]
fn what_no_pattern_names_is_out_of_reach() {
    let on = "arn:aws:s3:::shop-data";
    check("arn:aws:s3:::shop-data/*", None, on, true);
    check("arn:aws:s3:::shop-data/reports/2026", None, on, true);
    check("arn:aws:s3:::shop-data/*", None, "arn:aws:s3:::shop-data/reports/x", true);
    check("arn:aws:s3:::shop-other/*", None, on, false);
    check("arn:aws:s3:::shop-other/reports", None, on, false);
    check("arn:aws:s3:::shop-data/b/*", None, "arn:aws:s3:::shop-data/a/x", false);
    check("arn:aws:sqs:*:*:shop-data", None, on, false);
}

#[test]
fn a_pattern_without_a_beginning_names_all_of_the_account() {
    for pattern in ["*", "arn:aws:s3:::*", "arn:aws:s3:::shop-*", "arn:aws:*", "arn:*:s?:::shop/x"]
    {
        check(pattern, None, "arn:aws:s3:::shop-data", true);
    }
}

#[test]
fn whom_a_resource_names_reaches_it() {
    let on = "arn:aws:s3:::shop-data";
    let named = |who: &str, action: &str| {
        Some(with(allow(action, "*"), json!({ "Principal": { "AWS": who } })))
    };
    check("arn:aws:s3:::shop-other/*", named(&user_arn("a"), READ), on, true);
    check("arn:aws:s3:::shop-other/*", named("*", READ), on, true);
    check("arn:aws:s3:::shop-other/*", named("*", "s3:PutObject"), on, false);
    check("arn:aws:s3:::shop-other/*", named(&user_arn("b"), READ), on, false);
}
