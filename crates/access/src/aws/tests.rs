//! The corners of AWS's evaluation logic, each by its name.
#![expect(clippy::needless_pass_by_value, reason = "documents read best where they are written")]

mod bounds;
mod corners;
mod mutations;
mod naive;
mod reach;
mod resources;

use serde_json::{Value as Json, json};

use crate::testing::{World, is_within_reach};
use crate::{Access, Actor, Answer, Given, Plus, Request};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const OTHER: &str = "444455556666";

pub(super) const YES: Answer = Answer::Allowed;
pub(super) const NO: Answer = Answer::Denied;
pub(super) const MAYBE: Answer = Answer::Unknown;

/// An estate in the making.
#[derive(Default)]
pub(super) struct Aws(World);

pub(super) fn policy(statements: Json) -> Json {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

pub(super) fn allow(action: &str, on: &str) -> Json {
    json!({ "Effect": "Allow", "Action": action, "Resource": on })
}

pub(super) fn deny(action: &str, on: &str) -> Json {
    json!({ "Effect": "Deny", "Action": action, "Resource": on })
}

/// A statement with further fields.
pub(super) fn with(mut statement: Json, more: Json) -> Json {
    for (key, value) in more.as_object().unwrap() {
        statement[key] = value.clone();
    }
    statement
}

pub(super) fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

pub(super) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

impl Aws {
    pub(super) fn user(&mut self, name: &str, statements: Json) -> &mut Self {
        self.user_with(name, statements, json!({}))
    }

    pub(super) fn user_with(&mut self, name: &str, statements: Json, more: Json) -> &mut Self {
        let doc = json!({
            "UserName": name, "UserId": format!("AIDA{name}"),
            "GetUserPolicy": { "own": { "PolicyDocument": policy(statements) } },
        });
        self.0.add("aws.iam-user", &user_arn(name), &[], &with(doc, more));
        self
    }

    pub(super) fn role(&mut self, name: &str, trust: Json, statements: Json) -> &mut Self {
        self.role_with(&role_arn(name), trust, statements, json!({}))
    }

    pub(super) fn role_with(
        &mut self,
        arn: &str,
        trust: Json,
        statements: Json,
        more: Json,
    ) -> &mut Self {
        let doc = json!({
            "RoleName": arn.rsplit('/').next(), "RoleId": format!("AROA{arn}"),
            "AssumeRolePolicyDocument": policy(json!([{
                "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trust,
            }])),
            "GetRolePolicy": { "own": { "PolicyDocument": policy(statements) } },
        });
        self.0.add("aws.iam-role", arn, &[], &with(doc, more));
        self
    }

    pub(super) fn managed(&mut self, name: &str, statements: Json) -> String {
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/{name}");
        let doc = json!({
            "DefaultVersionId": "v2",
            "GetPolicyVersion": {
                "v1": { "Document": policy(json!([allow("*", "*")])) },
                "v2": { "Document": policy(statements) },
            },
        });
        self.0.add("aws.iam-policy", &arn, &[], &doc);
        arn
    }

    pub(super) fn bucket(&mut self, name: &str, doc: Json) -> &mut Self {
        self.0.add("aws.s3-bucket", &format!("arn:aws:s3:::{name}"), &[], &doc);
        self.0.last().scope = format!("aws:{ACCOUNT}").as_str().into();
        self
    }

    pub(super) fn add(&mut self, kind: &str, id: &str, doc: Json) -> &mut Self {
        self.0.add(kind, id, &[], &doc);
        self
    }

    pub(super) fn tags(&mut self, tags: &[(&str, &str)]) -> &mut Self {
        self.0.last().tags = tags.iter().copied().collect();
        self
    }

    /// An organisation with a management account, a unit, and the account in it.
    pub(super) fn organisation(&mut self) -> &mut Self {
        let arn = |what: &str| format!("arn:aws:organizations::{OTHER}:{what}");
        let organisation = json!({ "Id": "o-a", "MasterAccountId": OTHER });
        self.add("aws.organizations-organization", &arn("organization/o-a"), organisation);
        self.add("aws.organizations-root", &arn("root/o-a/r-1"), json!({ "Id": "r-1" }));
        let below = |id: &str, parent: &str| json!({ "Id": id, "ListParents": { "Parents": [{ "Id": parent }] } });
        self.add("aws.organizations-unit", &arn("ou/o-a/ou-1"), below("ou-1", "r-1"));
        for (account, parent) in [(OTHER, "r-1"), (ACCOUNT, "ou-1")] {
            let id = arn(&format!("account/o-a/{account}"));
            self.add("aws.organizations-account", &id, below(account, parent));
        }
        self.guard("p-FullAWSAccess", json!([allow("*", "*")]), &["r-1", "ou-1", ACCOUNT, OTHER])
    }

    /// A service control policy at these places.
    pub(super) fn guard(&mut self, name: &str, statements: Json, at: &[&str]) -> &mut Self {
        self.guard_of("service_control_policy", name, statements, at)
    }

    pub(super) fn guard_of(
        &mut self,
        kind: &str,
        name: &str,
        statements: Json,
        at: &[&str],
    ) -> &mut Self {
        let id = format!("arn:aws:organizations::{OTHER}:policy/o-a/{kind}/{name}");
        let targets: Vec<Json> = at.iter().map(|it| json!({ "TargetId": it })).collect();
        let doc = json!({
            "DescribePolicy": { "Policy": { "Content": policy(statements) } },
            "ListTargetsForPolicy": { "Targets": targets },
        });
        self.add("aws.organizations-policy", &id, doc)
    }

    pub(super) fn access(&self) -> Access {
        self.0.access()
    }

    /// Asks one question, with and without reasons.
    #[track_caller]
    pub(super) fn check(&self, who: &str, action: &str, on: &str, want: Answer) -> &Self {
        self.check_in(who, action, on, &[], want)
    }

    #[track_caller]
    pub(super) fn check_in(
        &self,
        who: &str,
        action: &str,
        on: &str,
        context: &[(&str, &str)],
        want: Answer,
    ) -> &Self {
        let actor = Actor { id: who, plus: Plus::Nothing };
        self.ask(&Request { actor, action, on, context, given: Given::AsRead }, want)
    }

    #[track_caller]
    pub(super) fn ask(&self, request: &Request<'_>, want: Answer) -> &Self {
        let access = self.access();
        let decision = access.decide(request);
        assert_eq!(decision.answer, want, "{request:?}: {decision:#?}");
        assert_eq!(access.answer(request), want, "without reasons");
        if want != Answer::Denied && request.given == Given::AsRead {
            let Request { actor, action, on, .. } = *request;
            assert!(is_within_reach(&access, actor, action, on), "{request:?} is out of reach");
        }
        self
    }
}
