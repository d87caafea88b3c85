//! What a change is said to touch, held against all answers before and after it.

use model::{Doc, Keys, Resource, Tags};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::Touched;
use crate::testing::{NOW, facts};
use crate::{Access, Actor, Decision, Given, Plus, Request};

/// A document that comes, goes and says something else.
struct Document {
    kind: &'static str,
    id: &'static str,
    variants: Vec<Json>,
}

/// Documents and the questions that are asked of them.
struct World {
    documents: Vec<Document>,
    actors: &'static [&'static str],
    /// Actions, each with what it is done on.
    asked: &'static [(&'static str, &'static str)],
}

fn resource(document: &Document, variant: usize, keys: &Keys) -> Option<Resource> {
    let doc = document.variants.get(variant)?;
    Some(Resource {
        id: document.id.to_owned(),
        kind: document.kind.into(),
        name: document.id.to_owned(),
        scope: "".into(),
        region: None,
        tags: Tags::default(),
        doc: Doc::build(doc, keys),
        collected: true,
        also: Vec::new(),
        affects: Box::default(),
        as_of: None,
    })
}

fn request<'a>(id: &'a str, (action, on): (&'a str, &'a str)) -> Request<'a> {
    let actor = Actor { id, plus: Plus::Nothing };
    Request { actor, action, on, context: &[], given: Given::AsRead }
}

impl World {
    fn answers(&self, access: &Access) -> Vec<Decision> {
        let asked = |id: &'static str| self.asked.iter().map(move |it| request(id, *it));
        let all = self.actors.iter().flat_map(|it| asked(it));
        all.map(|it| access.decide(&it)).collect()
    }

    /// Whether a change of the answer about an actor was said to be possible.
    fn is_told(touched: &Touched, actor: &str, (action, on): (&str, &str)) -> bool {
        touched.is_everything
            || touched.actors.contains(actor)
            || touched.resources.iter().any(|it| on.to_ascii_lowercase().starts_with(it))
            || action == "sts:AssumeRole" && touched.trusts.contains(on)
    }

    /// Makes the changes one after the other: document, variant. A variant that there is not is a removal.
    #[track_caller]
    fn check(&self, changes: &[(usize, usize)]) {
        let keys = Keys::default();
        let mut access = Access::new(&keys, facts(), NOW.parse().unwrap());
        let mut before = self.answers(&access);
        for (document, variant) in changes {
            let document = &self.documents[document % self.documents.len()];
            let variant = variant % (document.variants.len() + 1);
            let put = resource(document, variant, &keys);
            let removed = put.is_none().then_some(document.id);
            let touched = access.update(put.iter(), removed.into_iter());
            let after = self.answers(&access);
            let questions = self
                .actors
                .iter()
                .flat_map(|actor| self.asked.iter().map(move |asked| (*actor, *asked)));
            for ((old, new), (actor, asked)) in before.iter().zip(&after).zip(questions) {
                assert!(
                    old == new || Self::is_told(&touched, actor, asked),
                    "{actor} {asked:?} after {} became variant {variant}: {touched:?}\n{old:?}\n{new:?}",
                    document.id
                );
            }
            let is_actor = |id: &&&str| access.is_actor(id);
            let listed: Vec<String> =
                access.identities().map(str::to_owned).chain(access.named()).collect();
            for actor in self.actors.iter().filter(is_actor) {
                assert!(listed.iter().any(|it| it == actor), "{actor} is no identity");
            }
            assert!(listed.iter().all(|it| access.is_actor(it)), "{listed:?}");
            before = after;
        }
    }
}

const SUB: &str = "/subscriptions/11111111-1111-1111-1111-111111111111";
const ANNA: &str = "a0000000-0000-0000-0000-000000000001";
const BEN: &str = "a0000000-0000-0000-0000-000000000002";
const CREW: &str = "b0000000-0000-0000-0000-000000000001";
const STORE: &str = "/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/quay/providers/microsoft.storage/storageaccounts/tidelog";
const READ_BLOB: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

fn azure() -> World {
    let role = |id: &str| format!("{SUB}/providers/Microsoft.Authorization/roleDefinitions/{id}");
    let (owner, reader) = (
        role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
        role("acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    );
    let assigned = |principal: &str, kind: &str, role: &str, scope: &str| json!({ "properties": { "principalId": principal, "principalType": kind, "roleDefinitionId": role, "scope": scope } });
    let member = |ids: &[&str]| {
        let members: Vec<Json> = ids.iter().map(|id| json!({ "id": id })).collect();
        json!({ "id": CREW, "members": members })
    };
    let user = |id: &str, is_enabled: bool| json!({ "id": id, "accountEnabled": is_enabled });
    World {
        documents: vec![
            Document {
                kind: "azure.entra-user",
                id: ANNA,
                variants: vec![user(ANNA, true), user(ANNA, false)],
            },
            Document { kind: "azure.entra-user", id: BEN, variants: vec![user(BEN, true)] },
            Document {
                kind: "azure.entra-group",
                id: CREW,
                variants: vec![member(&[ANNA]), member(&[ANNA, BEN]), json!({ "id": CREW })],
            },
            Document {
                kind: "azure.role-assignment",
                id: "/subscriptions/11111111-1111-1111-1111-111111111111/providers/microsoft.authorization/roleassignments/one",
                variants: vec![
                    assigned(ANNA, "User", &owner, SUB),
                    assigned(CREW, "Group", &owner, SUB),
                    assigned(CREW, "Group", &reader, SUB),
                    assigned("c0000000-0000-0000-0000-000000000001", "Group", &owner, SUB),
                ],
            },
            Document {
                kind: "azure.role-assignment",
                id: "/subscriptions/11111111-1111-1111-1111-111111111111/providers/microsoft.authorization/roleassignments/two",
                variants: vec![
                    assigned(BEN, "User", &reader, STORE),
                    assigned(BEN, "User", &owner, STORE),
                ],
            },
            Document {
                kind: "azure.storage-account",
                id: STORE,
                variants: vec![
                    json!({ "properties": { "allowBlobPublicAccess": true } }),
                    json!({ "properties": { "allowBlobPublicAccess": false, "allowSharedKeyAccess": false } }),
                ],
            },
            Document {
                kind: "azure.blob-container",
                id: "/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/quay/providers/microsoft.storage/storageaccounts/tidelog/blobservices/default/containers/logs",
                variants: vec![
                    json!({ "properties": { "publicAccess": "Container" } }),
                    json!({ "properties": { "publicAccess": "None" } }),
                ],
            },
        ],
        actors: &[ANNA, BEN, "azure:principalId:c0000000-0000-0000-0000-000000000001", "*"],
        asked: &[
            ("Microsoft.Authorization/roleAssignments/write", SUB),
            ("Microsoft.Storage/storageAccounts/listKeys/action", STORE),
            (READ_BLOB, STORE),
            (
                READ_BLOB,
                "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/quay/providers/Microsoft.Storage/storageAccounts/tidelog/blobServices/default/containers/logs",
            ),
        ],
    }
}

fn aws() -> World {
    let allows = |action: &str, on: &str| json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": on }] });
    let trusts = |who: &str| json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": who } }] });
    let user = |policies: Json| json!({ "Arn": "arn:aws:iam::111111111111:user/anna", "UserName": "anna", "UserPolicyList": policies, "AttachedManagedPolicies": [], "GroupList": [] });
    let inline = |document: Json| json!([{ "PolicyName": "own", "PolicyDocument": document }]);
    let role = |trust: Json| json!({ "Arn": "arn:aws:iam::111111111111:role/deploy", "RoleName": "deploy", "AssumeRolePolicyDocument": trust, "RolePolicyList": [], "AttachedManagedPolicies": [] });
    let bucket = |policy: Json| json!({ "Name": "tidelog", "Policy": policy });
    let open = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": "arn:aws:s3:::tidelog/*" }] });
    World {
        documents: vec![
            Document {
                kind: "aws.iam-user",
                id: "arn:aws:iam::111111111111:user/anna",
                variants: vec![
                    user(json!([])),
                    user(inline(allows("sts:AssumeRole", "*"))),
                    user(inline(allows("s3:*", "*"))),
                ],
            },
            Document {
                kind: "aws.iam-role",
                id: "arn:aws:iam::111111111111:role/deploy",
                variants: vec![
                    role(trusts("arn:aws:iam::111111111111:root")),
                    role(trusts("arn:aws:iam::111111111111:user/anna")),
                    role(trusts("arn:aws:iam::222222222222:root")),
                ],
            },
            Document {
                kind: "aws.s3-bucket",
                id: "arn:aws:s3:::tidelog",
                variants: vec![bucket(Json::Null), bucket(open)],
            },
        ],
        actors: &[
            "arn:aws:iam::111111111111:user/anna",
            "arn:aws:iam::111111111111:role/deploy",
            "*",
        ],
        asked: &[
            ("sts:AssumeRole", "arn:aws:iam::111111111111:role/deploy"),
            ("s3:GetObject", "arn:aws:s3:::tidelog/log"),
            ("s3:PutBucketPolicy", "arn:aws:s3:::tidelog"),
        ],
    }
}

fn changes() -> impl Strategy<Value = Vec<(usize, usize)>> {
    proptest::collection::vec((0..16_usize, 0..8_usize), 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn answers_of_azure_change_where_it_is_said(changes in changes()) {
        azure().check(&changes);
    }

    #[test]
    fn answers_of_aws_change_where_it_is_said(changes in changes()) {
        aws().check(&changes);
    }
}
