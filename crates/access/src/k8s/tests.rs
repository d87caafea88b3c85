//! The corners of access in Kubernetes, by name.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::testing::{self, World};
use crate::{Actor, Answer, Effect, Plus};

use Answer::{Allowed, Denied, Unknown};

const SHOP: &str = "k8s:prod//serviceaccount/web/shop";
const JANE: &str = "k8s:prod//user//jane";
const WEB: &str = "k8s:prod//namespace//web";
const CLUSTER: &str = "k8s:prod";

#[expect(
    clippy::needless_pass_by_value,
    reason = "documents of tests are made where they are given"
)]
impl World {
    fn object(&mut self, kind: &str, path: &str, doc: Json) {
        self.add(kind, &format!("k8s:prod/{path}"), &[], &doc);
        self.scope_last(CLUSTER);
    }

    fn cluster_role(&mut self, name: &str, rules: Json) {
        self.object(
            "k8s.cluster-role",
            &format!("rbac.authorization.k8s.io/clusterrole//{name}"),
            json!({ "rules": rules }),
        );
    }

    fn role(&mut self, namespace: &str, name: &str, rules: Json) {
        self.object(
            "k8s.role",
            &format!("rbac.authorization.k8s.io/role/{namespace}/{name}"),
            json!({ "rules": rules }),
        );
    }

    /// Binds `Role/x` or `ClusterRole/x` in a namespace, or everywhere where that is empty.
    fn bind(&mut self, namespace: &str, role: &str, subjects: Json) {
        let (kind, name) = role.split_once('/').unwrap();
        let doc = json!({ "roleRef": { "kind": kind, "name": name }, "subjects": subjects });
        let of = if namespace.is_empty() { "cluster" } else { "" };
        let name = format!("b{}", self.resources().len());
        let path = format!("rbac.authorization.k8s.io/{of}rolebinding/{namespace}/{name}");
        let kind =
            if namespace.is_empty() { "k8s.cluster-role-binding" } else { "k8s.role-binding" };
        self.object(kind, &path, doc);
    }
}

fn world() -> World {
    let mut world = World::default();
    world.object("k8s.service-account", "/serviceaccount/web/shop", json!({}));
    world.object("k8s.node", "/node//n1", json!({}));
    world
}

fn shop() -> Json {
    json!([{ "kind": "ServiceAccount", "name": "shop", "namespace": "web" }])
}

fn group(name: &str) -> Json {
    json!([{ "kind": "Group", "name": name }])
}

#[track_caller]
fn check(world: &World, who: &str, action: &str, on: &str, want: Answer) {
    let decision = testing::decide(&world.access(), who, Plus::Nothing, (action, on), &[]);
    assert_eq!(decision.answer, want, "{who} {action} {on}: {decision:?}");
    match want {
        Allowed => assert!(decision.reasons.iter().any(|it| it.effect == Effect::Allows)),
        Unknown => assert!(!decision.unread.is_empty()),
        Denied => assert!(decision.unread.is_empty()),
    }
}

const READ_SECRETS: &str = "get secrets";
const SECRET: &str = "k8s:prod//secret/web/till";

#[test]
fn a_role_binding_holds_in_its_namespace() {
    let mut world = world();
    world.cluster_role(
        "reader",
        json!([{ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"] }]),
    );
    world.bind("web", "ClusterRole/reader", shop());
    check(&world, SHOP, READ_SECRETS, SECRET, Allowed);
    check(&world, SHOP, READ_SECRETS, WEB, Allowed);
    check(&world, SHOP, READ_SECRETS, "k8s:prod//secret/kube-system/x", Denied);
    check(&world, SHOP, READ_SECRETS, CLUSTER, Denied);
    check(&world, SHOP, READ_SECRETS, "k8s:prod//secret/*/*", Allowed);
    check(&world, SHOP, "delete secrets", SECRET, Denied);
}

#[test]
fn a_cluster_role_binding_holds_everywhere() {
    let mut world = world();
    world.cluster_role(
        "reader",
        json!([{ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] }]),
    );
    world.bind("", "ClusterRole/reader", shop());
    check(&world, SHOP, READ_SECRETS, "k8s:prod//secret/kube-system/x", Allowed);
    check(&world, SHOP, READ_SECRETS, CLUSTER, Allowed);
    check(&world, SHOP, READ_SECRETS, "k8s:test//secret/web/till", Denied);
}

#[test]
fn parts_of_resources_are_asked_for_by_name() {
    let mut world = world();
    world.role(
        "web",
        "pods",
        json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["*"] }]),
    );
    world.role(
        "web",
        "exec",
        json!([{ "apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"] }]),
    );
    world.bind("web", "Role/pods", shop());
    check(&world, SHOP, "create pods/exec", "k8s:prod//pod/web/p", Denied);
    world.bind("web", "Role/exec", shop());
    check(&world, SHOP, "create pods/exec", "k8s:prod//pod/web/p", Allowed);
}

#[test]
fn stars_of_resources() {
    let mut world = world();
    world.role("web", "all", json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }]));
    world.role(
        "web",
        "scale",
        json!([{ "apiGroups": ["apps"], "resources": ["*/scale"], "verbs": ["update"] }]),
    );
    world.bind("web", "Role/scale", shop());
    check(&world, SHOP, "update deployments/scale", WEB, Allowed);
    check(&world, SHOP, "update deployments", WEB, Denied);
    world.bind("web", "Role/all", shop());
    check(&world, SHOP, "create pods/exec", WEB, Allowed);
    check(&world, SHOP, "* *", WEB, Allowed);
    check(&world, SHOP, "* *", CLUSTER, Denied);
}

#[test]
fn a_role_of_another_group_does_not_count() {
    let mut world = world();
    world.role(
        "web",
        "r",
        json!([{ "apiGroups": ["extensions"], "resources": ["deployments"], "verbs": ["create"] }]),
    );
    world.bind("web", "Role/r", shop());
    check(&world, SHOP, "create deployments", WEB, Denied);
    check(&world, SHOP, "create deployments.extensions", WEB, Allowed);
}

#[test]
fn names_of_resources_bind_and_creation_has_no_name() {
    let mut world = world();
    world.role("web", "r", json!([{ "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["till"], "verbs": ["get", "create"] }]));
    world.bind("web", "Role/r", shop());
    check(&world, SHOP, READ_SECRETS, SECRET, Allowed);
    check(&world, SHOP, READ_SECRETS, "k8s:prod//secret/web/other", Denied);
    check(&world, SHOP, READ_SECRETS, WEB, Denied);
    check(&world, SHOP, "create secrets", SECRET, Denied);
}

#[test]
fn urls_count_for_the_cluster_only() {
    let mut world = world();
    world.cluster_role(
        "r",
        json!([{ "nonResourceURLs": ["/metrics", "/debug/*"], "verbs": ["get"] }]),
    );
    world.bind("web", "ClusterRole/r", shop());
    check(&world, SHOP, "get /metrics", CLUSTER, Denied);
    world.bind("", "ClusterRole/r", shop());
    check(&world, SHOP, "get /metrics", CLUSTER, Allowed);
    check(&world, SHOP, "get /debug/pprof", CLUSTER, Allowed);
    check(&world, SHOP, "get /logs", CLUSTER, Denied);
}

#[test]
fn aggregated_roles_take_the_rules_of_others() {
    let mut world = world();
    let selector = json!([{ "matchLabels": { "to-view": "true" } }]);
    let view = json!({ "aggregationRule": { "clusterRoleSelectors": selector } });
    world.object("k8s.cluster-role", "rbac.authorization.k8s.io/clusterrole//view", view);
    let part = json!({ "metadata": { "labels": { "to-view": "true" } }, "rules": [{ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] }] });
    world.object("k8s.cluster-role", "rbac.authorization.k8s.io/clusterrole//part", part);
    world.bind("web", "ClusterRole/view", shop());
    check(&world, SHOP, READ_SECRETS, SECRET, Allowed);
    check(&world, SHOP, "get pods", WEB, Denied);
}

#[test]
fn groups_that_come_with_an_identity() {
    for (name, want) in [
        ("system:serviceaccounts", Allowed),
        ("system:serviceaccounts:web", Allowed),
        ("system:serviceaccounts:build", Denied),
        ("system:authenticated", Allowed),
        ("system:unauthenticated", Denied),
        ("system:nodes", Denied),
    ] {
        let mut world = world();
        world.cluster_role(
            "r",
            json!([{ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] }]),
        );
        world.bind("", "ClusterRole/r", group(name));
        check(&world, SHOP, READ_SECRETS, SECRET, want);
    }
}

#[test]
fn anybody_is_unauthenticated() {
    let mut world = world();
    world.bind("", "ClusterRole/cluster-admin", group("system:unauthenticated"));
    check(&world, "*", "* *", CLUSTER, Allowed);
    let mut world = self::world();
    world.bind("", "ClusterRole/cluster-admin", group("system:authenticated"));
    check(&world, "*", "* *", CLUSTER, Denied);
}

#[test]
fn a_user_may_be_in_groups_that_nobody_wrote_down() {
    let mut world = world();
    world.bind("web", "ClusterRole/cluster-admin", group("team"));
    check(&world, JANE, READ_SECRETS, SECRET, Unknown);
    check(&world, JANE, READ_SECRETS, "k8s:prod//secret/other/x", Denied);
    check(&world, SHOP, READ_SECRETS, SECRET, Denied);
    check(&world, "k8s:prod//group//team", READ_SECRETS, SECRET, Allowed);
    let with = testing::decide(
        &world.access(),
        JANE,
        Plus::Group("k8s:prod//group//team"),
        (READ_SECRETS, SECRET),
        &[],
    );
    assert_eq!(with.answer, Allowed);
}

#[test]
fn masters_need_no_role() {
    let mut world = world();
    world.bind("web", "ClusterRole/view", shop());
    check(&world, "k8s:prod//group//system:masters", "* *", CLUSTER, Allowed);
}

#[test]
fn names_of_people_and_groups_may_hold_slashes() {
    let mut world = world();
    world.bind("", "ClusterRole/cluster-admin", group("oidc:/platform/admins"));
    let user = json!([{ "kind": "User", "name": "https://id.example/jane" }]);
    world.bind("web", "ClusterRole/cluster-admin", user);
    check(&world, "k8s:prod//group//oidc:/platform/admins", "* *", CLUSTER, Allowed);
    check(&world, "k8s:prod//group//admins", "* *", CLUSTER, Denied);
    check(&world, "k8s:prod//user//https://id.example/jane", READ_SECRETS, SECRET, Allowed);
    check(&world, "k8s:prod//user//https://id.example/jack", READ_SECRETS, SECRET, Unknown);
    let mut named = world.access().named();
    named.sort();
    assert_eq!(
        named,
        ["k8s:prod//group//oidc:/platform/admins", "k8s:prod//user//https://id.example/jane"]
    );
}

#[test]
fn a_role_that_was_not_read_is_unknown() {
    let mut world = world();
    world.bind("web", "Role/lost", shop());
    check(&world, SHOP, READ_SECRETS, SECRET, Unknown);
    check(&world, SHOP, READ_SECRETS, CLUSTER, Denied);
    check(&self::world(), SHOP, READ_SECRETS, SECRET, Unknown);
}

#[test]
fn a_service_account_may_be_named_as_a_user() {
    let mut world = world();
    world.bind(
        "",
        "ClusterRole/cluster-admin",
        json!([{ "kind": "User", "name": "system:serviceaccount:web:shop" }]),
    );
    check(&world, SHOP, "* *", CLUSTER, Allowed);
    let is = world.access().administrator(Actor { id: SHOP, plus: Plus::Nothing });
    assert_eq!(is.answer, Allowed);
}

#[test]
fn to_escalate_bind_and_impersonate_are_verbs() {
    let mut world = world();
    world.cluster_role("r", json!([
        { "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["bind", "escalate"], "resourceNames": ["edit"] },
        { "apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"], "resourceNames": ["jane"] },
    ]));
    world.bind("", "ClusterRole/r", shop());
    check(
        &world,
        SHOP,
        "bind clusterroles",
        "k8s:prod/rbac.authorization.k8s.io/clusterrole//edit",
        Allowed,
    );
    check(
        &world,
        SHOP,
        "escalate clusterroles",
        "k8s:prod/rbac.authorization.k8s.io/clusterrole//cluster-admin",
        Denied,
    );
    check(&world, SHOP, "impersonate users", JANE, Allowed);
    check(&world, SHOP, "impersonate users", "k8s:prod//user//root", Denied);
}

#[test]
fn a_request_about_a_namespace_is_one_in_it() {
    let mut world = world();
    world.role(
        "web",
        "r",
        json!([{ "apiGroups": [""], "resources": ["namespaces"], "verbs": ["delete"] }]),
    );
    world.bind("web", "Role/r", shop());
    check(&world, SHOP, "delete namespaces", WEB, Allowed);
    check(&world, SHOP, "delete namespaces", "k8s:prod//namespace//other", Denied);
}

#[test]
fn a_node_is_let_at_what_its_pods_need() {
    let mut world = world();
    let node = "k8s:prod//node//n1";
    let spec = json!({ "nodeName": "n1", "serviceAccountName": "shop", "volumes": [{ "secret": { "secretName": "till" } }] });
    world.object("k8s.pod", "/pod/web/p", json!({ "spec": spec }));
    world.bind("web", "ClusterRole/view", json!([]));
    check(&world, node, READ_SECRETS, SECRET, Allowed);
    check(&world, node, "create serviceaccounts/token", SHOP, Allowed);
    check(&world, node, READ_SECRETS, "k8s:prod//secret/web/other", Denied);
    check(&world, node, "list secrets", WEB, Denied);
    check(&world, SHOP, READ_SECRETS, SECRET, Denied);
}

#[test]
fn identities_of_aws_in_a_cluster() {
    let mut world = world();
    let roles = "- rolearn: arn:aws:iam::111122223333:role/deployer\n  username: deployer\n  groups:\n    - system:masters\n- groups:\n  - team\n  rolearn: \"arn:aws:iam::111122223333:role/dev\"\n  username: dev\n";
    world.object(
        "k8s.config-map",
        "/configmap/kube-system/aws-auth",
        json!({ "data": { "mapRoles": roles } }),
    );
    world.bind("web", "ClusterRole/cluster-admin", group("team"));
    check(&world, "arn:aws:iam::111122223333:role/ci/deployer", "* *", CLUSTER, Allowed);
    check(&world, "arn:aws:iam::111122223333:role/dev", READ_SECRETS, SECRET, Allowed);
    check(&world, "arn:aws:iam::111122223333:role/dev", "* *", CLUSTER, Denied);
    check(&world, "arn:aws:iam::999922223333:role/dev", READ_SECRETS, SECRET, Denied);
    let can: Vec<String> =
        world.access().who_can("* *", CLUSTER, &[]).into_iter().map(|it| it.0).collect();
    assert_eq!(can, ["arn:aws:iam::111122223333:role/deployer"]);
}

#[test]
fn a_removed_binding_grants_no_more() {
    let mut world = world();
    world.bind("", "ClusterRole/cluster-admin", shop());
    world.bind("", "ClusterRole/view", group("x"));
    let mut access = world.access();
    let answer = |access: &crate::Access| {
        testing::decide(access, SHOP, Plus::Nothing, ("* *", CLUSTER), &[]).answer
    };
    assert_eq!(answer(&access), Allowed);
    access.update(std::iter::empty(), [world.resources()[2].id.as_str()].into_iter());
    assert_ne!(answer(&access), Allowed);
}

const VERBS: [&str; 3] = ["get", "create", "*"];
const RESOURCES: [&str; 5] = ["secrets", "pods", "pods/exec", "*", "*/exec"];

#[derive(Debug, Clone)]
struct Grant {
    verb: usize,
    resource: usize,
    name: Option<usize>,
    /// 0 everywhere, 1 and 2 namespaces.
    place: usize,
    subject: usize,
}

const SUBJECTS: [(&str, &str); 4] = [
    ("ServiceAccount", "shop"),
    ("ServiceAccount", "other"),
    ("Group", "system:serviceaccounts:web"),
    ("Group", "system:authenticated"),
];
const PLACES: [&str; 3] = ["", "web", "build"];
const NAMES: [&str; 2] = ["till", "x"];

fn naive(all: &[Grant], verb: &str, resource: &str, place: usize, name: Option<usize>) -> bool {
    all.iter().any(|it| {
        let (own_verb, own) = (VERBS[it.verb], RESOURCES[it.resource]);
        let has_verb = own_verb == "*" || own_verb == verb;
        let has_resource =
            own == "*" || own == resource || own == "*/exec" && resource == "pods/exec";
        let has_name = it.name.is_none()
            || verb != "create" && it.name == name
            || resource == "pods/exec" && it.name == name;
        let is_here = it.place == 0 || it.place == place;
        has_verb && has_resource && has_name && is_here && it.subject != 1
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn kubernetes_is_what_a_naive_evaluator_says(
        all in prop::collection::vec((0..3usize, 0..5usize, prop::option::of(0..2usize), 0..3usize, 0..4usize)
            .prop_map(|(verb, resource, name, place, subject)| Grant { verb, resource, name, place, subject }), 1..6)
    ) {
        let mut world = world();
        for (at, it) in all.iter().enumerate() {
            let names = it.name.map(|it| vec![NAMES[it]]).unwrap_or_default();
            world.cluster_role(&format!("r{at}"), json!([{ "apiGroups": [""], "resources": [RESOURCES[it.resource]], "verbs": [VERBS[it.verb]], "resourceNames": names }]));
            let (kind, name) = SUBJECTS[it.subject];
            world.bind(PLACES[it.place], &format!("ClusterRole/r{at}"), json!([{ "kind": kind, "name": name, "namespace": "web" }]));
        }
        let access = world.access();
        for verb in ["get", "create"] {
            for (resource, kind) in [("secrets", "secret"), ("pods", "pod"), ("pods/exec", "pod")] {
                for (place, of) in PLACES.iter().enumerate().skip(1) {
                    for (name, text) in NAMES.iter().enumerate() {
                        let on = format!("k8s:prod//{kind}/{of}/{text}");
                        let action = format!("{verb} {resource}");
                        let found = testing::decide(&access, SHOP, Plus::Nothing, (&action, &on), &[]).answer;
                        let want = if naive(&all, verb, resource, place, Some(name)) { Allowed } else { Denied };
                        prop_assert_eq!(found, want, "{} {}", action, on);
                    }
                }
            }
        }
    }
}
