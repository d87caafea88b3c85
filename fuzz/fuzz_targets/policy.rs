//! Whatever a policy of AWS says, questions about it are answered, with reasons and without alike.
#![no_main]

use access::{Access, Actor, Facts, Given, Plus, Request};
use libfuzzer_sys::fuzz_target;
use model::{Doc, Keys, Resource};
use serde_json::{Value as Json, json};

const WHO: &str = "arn:aws:iam::111122223333:role/r";

fuzz_target!(|text: &str| {
    let policy = serde_json::from_str::<Json>(text).unwrap_or_else(|_| text.into());
    let keys = Keys::default();
    let document = json!({
        "RoleId": "AROA1", "AssumeRolePolicyDocument": policy,
        "GetRolePolicy": { "own": { "PolicyDocument": policy } },
    });
    let resource = Resource {
        id: WHO.to_owned(),
        kind: "aws.iam-role".into(),
        name: "r".to_owned(),
        scope: "aws:111122223333".into(),
        region: None,
        tags: Default::default(),
        doc: Doc::build(&document, &keys),
        collected: true,
        also: Vec::new(),
        affects: Box::default(),
        as_of: None,
    };
    let mut access = Access::new(&keys, Facts::default(), jiff::Timestamp::UNIX_EPOCH);
    access.update([&resource].into_iter(), std::iter::empty());
    for (action, on) in
        [("s3:GetObject", "arn:aws:s3:::b/o"), ("s3:GetObject", "*"), ("sts:AssumeRole", WHO)]
    {
        let actor = Actor { id: WHO, plus: Plus::Nothing };
        let request = Request { actor, action, on, context: &[], given: Given::AsRead };
        assert_eq!(access.decide(&request).answer, access.answer(&request));
    }
    access.administrator(Actor { id: WHO, plus: Plus::Nothing });
});
