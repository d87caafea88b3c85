//! The corners of access in Google Cloud, by name.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::testing::{self, World};
use crate::{Actor, Answer, Effect, Plus};

use Answer::{Allowed, Denied, Unknown};

const PROJECT: &str = "//cloudresourcemanager.googleapis.com/projects/quay";
const FOLDER: &str = "//cloudresourcemanager.googleapis.com/folders/5";
const ORG: &str = "//cloudresourcemanager.googleapis.com/organizations/9";
const BUCKET: &str = "//storage.googleapis.com/charts";
const OBJECT: &str = "//storage.googleapis.com/charts/objects/in/2026/tide.csv";
const SHOP: &str =
    "//iam.googleapis.com/projects/quay/serviceAccounts/shop@quay.iam.gserviceaccount.com";
const SHOP_MEMBER: &str = "serviceAccount:shop@quay.iam.gserviceaccount.com";
const ANNA: &str = "user:anna@harbour.example";
const READ: &str = "storage.objects.get";

#[expect(
    clippy::needless_pass_by_value,
    reason = "documents of tests are made where they are given"
)]
impl World {
    fn asset(&mut self, kind: &str, id: &str, doc: Json) {
        self.add(kind, id, &[], &doc);
        self.scope_last(PROJECT);
    }

    /// Project, folder, organisation, a bucket and an account, with their policies.
    fn policies(&mut self, of: &[(&str, Json)]) {
        let policy = |id: &str| {
            let bindings = of.iter().filter(|(on, _)| *on == id).map(|(_, it)| it.clone());
            let all: Vec<Json> =
                bindings.flat_map(|it| it.as_array().cloned().unwrap_or_default()).collect();
            json!({ "bindings": all })
        };
        let doc = json!({ "projectId": "quay", "projectNumber": "77", "parent": { "type": "folder", "id": "5" }, "iamPolicy": policy(PROJECT) });
        self.asset("gcp.project", PROJECT, doc);
        self.asset(
            "gcp.folder",
            FOLDER,
            json!({ "parent": "organizations/9", "iamPolicy": policy(FOLDER) }),
        );
        self.asset("gcp.organization", ORG, json!({ "iamPolicy": policy(ORG) }));
        self.asset("gcp.storage-bucket", BUCKET, json!({ "iamPolicy": policy(BUCKET) }));
        self.asset(
            "gcp.iam-service-account",
            SHOP,
            json!({ "email": "shop@quay.iam.gserviceaccount.com", "iamPolicy": policy(SHOP) }),
        );
    }

    fn deny_policy(&mut self, point: &str, rule: Json) {
        let id = format!(
            "//iam.googleapis.com/policies/{}/denypolicies/d",
            point.trim_start_matches("//").replace('/', "%2F")
        );
        self.asset("gcp.iam-deny-policy", &id, json!({ "rules": [{ "denyRule": rule }] }));
    }

    fn members_of(&mut self, group: &str, members: &[&str]) {
        let members: Vec<Json> =
            members.iter().map(|it| json!({ "preferredMemberKey": { "id": it } })).collect();
        let id = format!("//cloudidentity.googleapis.com/groups/{group}");
        self.asset(
            "gcp.identity-group",
            &id,
            json!({ "groupKey": { "id": group }, "memberships": members }),
        );
    }
}

fn world(of: &[(&str, Json)]) -> World {
    let mut world = World::default();
    world.policies(of);
    world
}

fn bind(role: &str, members: &[&str]) -> Json {
    json!([{ "role": role, "members": members }])
}

fn bind_if(role: &str, members: &[&str], condition: &str) -> Json {
    json!([{ "role": role, "members": members, "condition": { "expression": condition } }])
}

#[track_caller]
fn check(world: &World, who: &str, permission: &str, on: &str, want: Answer) {
    let decision = testing::decide(&world.access(), who, Plus::Nothing, (permission, on), &[]);
    assert_eq!(decision.answer, want, "{who} {permission} {on}: {decision:?}");
    match want {
        Allowed => assert!(decision.reasons.iter().any(|it| it.effect == Effect::Allows)),
        Unknown => assert!(!decision.unread.is_empty()),
        Denied => assert!(decision.unread.is_empty() || !decision.reasons.is_empty()),
    }
}

#[test]
fn policies_are_inherited_downward() {
    for level in [BUCKET, PROJECT, FOLDER, ORG] {
        let world = world(&[(level, bind("roles/storage.objectViewer", &[ANNA]))]);
        check(&world, ANNA, READ, OBJECT, Allowed);
        check(
            &world,
            ANNA,
            READ,
            "//storage.googleapis.com/projects/_/buckets/charts/objects/x",
            Allowed,
        );
        check(&world, ANNA, "storage.objects.delete", OBJECT, Denied);
        check(&world, SHOP, READ, OBJECT, Denied);
    }
    let world = world(&[(BUCKET, bind("roles/storage.objectViewer", &[ANNA]))]);
    check(&world, ANNA, READ, "//storage.googleapis.com/other", Unknown);
    check(&world, ANNA, "compute.instances.get", PROJECT, Denied);
}

#[test]
fn basic_roles() {
    let world = world(&[
        (PROJECT, bind("roles/editor", &[SHOP_MEMBER])),
        (PROJECT, bind("roles/owner", &[ANNA])),
    ]);
    check(
        &world,
        SHOP,
        "compute.instances.setMetadata",
        "//compute.googleapis.com/projects/quay/zones/z/instances/i",
        Allowed,
    );
    check(&world, SHOP, "resourcemanager.projects.setIamPolicy", PROJECT, Denied);
    check(&world, ANNA, "resourcemanager.projects.setIamPolicy", PROJECT, Allowed);
    let access = world.access();
    let is = |id| access.administrator(Actor { id, plus: Plus::Nothing }).answer;
    assert_eq!((is(ANNA), is(SHOP)), (Allowed, Denied));
}

#[test]
fn custom_roles() {
    let role = |doc: Json| {
        let mut world = world(&[(PROJECT, bind("projects/quay/roles/ops", &[ANNA]))]);
        world.asset("gcp.iam-role", "//iam.googleapis.com/projects/quay/roles/ops", doc);
        world
    };
    check(&role(json!({ "includedPermissions": [READ] })), ANNA, READ, BUCKET, Allowed);
    check(
        &role(json!({ "includedPermissions": [READ], "stage": "DISABLED" })),
        ANNA,
        READ,
        BUCKET,
        Denied,
    );
    check(&role(json!({ "includedPermissions": [] })), ANNA, READ, BUCKET, Denied);
    check(
        &world(&[(PROJECT, bind("projects/quay/roles/ops", &[ANNA]))]),
        ANNA,
        READ,
        BUCKET,
        Unknown,
    );
}

#[test]
fn everybody_and_everybody_who_signed_in() {
    let open = world(&[(BUCKET, bind("roles/storage.objectViewer", &["allUsers"]))]);
    check(&open, "*", READ, OBJECT, Allowed);
    check(&open, ANNA, READ, OBJECT, Allowed);
    // an account of Google is had for the asking:
    // https://docs.cloud.google.com/iam/docs/principals-overview#all-authenticated-users
    let signed = world(&[(BUCKET, bind("roles/storage.objectViewer", &["allAuthenticatedUsers"]))]);
    check(&signed, "*", READ, OBJECT, Allowed);
    check(&signed, SHOP, READ, OBJECT, Allowed);
    let says = |world: &World| {
        let access = world.access();
        let found = testing::decide(&access, "*", Plus::Nothing, (READ, OBJECT), &[]);
        found.reasons.into_iter().map(|it| it.says).collect::<Vec<String>>()
    };
    let reads = "allows storage.objects.get as roles/storage.objectViewer";
    assert_eq!(says(&open), [reads]);
    assert_eq!(says(&signed), [format!("{reads} to anybody who signs in to any Google account")]);
    let domain =
        world(&[(BUCKET, bind("roles/storage.objectViewer", &["domain:harbour.example"]))]);
    check(&domain, ANNA, READ, OBJECT, Allowed);
    check(&domain, "user:anna@other.example", READ, OBJECT, Denied);
}

#[test]
fn what_cannot_be_public_is_open_to_nobody() {
    let open = |who: &str| {
        let mut world = world(&[]);
        let bindings = json!({ "bindings": bind("roles/storage.objectViewer", &[who]) });
        let bucket = |setting: &str| json!({ "iamPolicy": bindings, "iamConfiguration": { "publicAccessPrevention": setting } });
        let (closed, plain) = (bucket("enforced"), bucket("inherited"));
        world.asset("gcp.storage-bucket", "//storage.googleapis.com/closed", closed);
        world.asset("gcp.storage-bucket", "//storage.googleapis.com/plain", plain);
        world
    };
    let policy = |world: &mut World, place: &str, rule: Json| {
        let id = place.replace("cloudresourcemanager", "orgpolicy");
        let id = format!("{id}/policies/storage.publicAccessPrevention");
        world.add("gcp.org-policy", &id, &[], &json!({ "spec": { "rules": [rule] } }));
        world.scope_last(place);
    };
    for who in ["allUsers", "allAuthenticatedUsers"] {
        let mut world = open(who);
        check(&world, ANNA, READ, "//storage.googleapis.com/closed/objects/a", Denied);
        check(&world, ANNA, READ, "//storage.googleapis.com/closed", Denied);
        check(&world, ANNA, READ, "//storage.googleapis.com/plain", Allowed);
        policy(&mut world, ORG, json!({ "enforce": true }));
        check(&world, ANNA, READ, "//storage.googleapis.com/plain", Denied);
        check(&world, "*", READ, "//storage.googleapis.com/plain", Denied);
        policy(&mut world, PROJECT, json!({ "enforce": false }));
        check(&world, ANNA, READ, "//storage.googleapis.com/plain", Allowed);
    }
    let mut world = open(ANNA);
    policy(&mut world, ORG, json!({ "enforce": true }));
    check(&world, ANNA, READ, "//storage.googleapis.com/closed", Allowed);
}

#[test]
fn groups_and_groups_within() {
    let mut known =
        world(&[(PROJECT, bind("roles/storage.objectViewer", &["group:Crew@harbour.example"]))]);
    known.members_of("crew@harbour.example", &["deck@harbour.example"]);
    known.members_of("deck@harbour.example", &["Anna@harbour.example"]);
    check(&known, ANNA, READ, BUCKET, Allowed);
    check(&known, SHOP, READ, BUCKET, Denied);
    let unread =
        world(&[(PROJECT, bind("roles/storage.objectViewer", &["group:crew@harbour.example"]))]);
    check(&unread, ANNA, READ, BUCKET, Unknown);
    check(&unread, "*", READ, BUCKET, Denied);
    let with = testing::decide(
        &unread.access(),
        ANNA,
        Plus::Group("group:crew@harbour.example"),
        (READ, BUCKET),
        &[],
    );
    assert_eq!(with.answer, Allowed);
}

/// Groups hold accounts of Google, service accounts and groups:
/// <https://docs.cloud.google.com/iam/docs/principals-overview#google-groups>.
#[test]
fn only_accounts_of_google_may_be_in_a_group_that_nobody_read() {
    let mut world =
        world(&[(PROJECT, bind("roles/storage.objectViewer", &["group:crew@harbour.example"]))]);
    let machine = "//compute.googleapis.com/projects/quay/zones/z/instances/plain";
    world.asset("gcp.compute-instance", machine, json!({ "serviceAccounts": [] }));
    for who in [SHOP_MEMBER, SHOP, "group:deck@harbour.example"] {
        check(&world, who, READ, BUCKET, Unknown);
    }
    for who in [
        "k8s:prod//node//n1",
        "k8s:prod//user//anna@harbour.example",
        "k8s:prod//group//crew@harbour.example",
        "k8s:prod//pod/web/shop",
        "k8s:prod//serviceaccount/web/shop",
        machine,
    ] {
        check(&world, who, READ, BUCKET, Denied);
        let actor = Actor { id: who, plus: Plus::Nothing };
        assert!(!world.access().may_grant(actor, READ), "{who}");
    }
}

#[test]
fn a_deny_policy_wins_but_for_exceptions() {
    let owner = || world(&[(PROJECT, bind("roles/storage.admin", &[ANNA, SHOP_MEMBER]))]);
    for point in [PROJECT, FOLDER, ORG, "//cloudresourcemanager.googleapis.com/projects/77"] {
        let mut world = owner();
        world.deny_policy(point, json!({ "deniedPrincipals": ["principalSet://goog/public:all"], "exceptionPrincipals": ["principal://goog/subject/anna@harbour.example"], "deniedPermissions": ["storage.googleapis.com/objects.*"], "exceptionPermissions": ["storage.googleapis.com/objects.list"] }));
        check(&world, SHOP, READ, BUCKET, Denied);
        check(&world, SHOP, "storage.objects.list", BUCKET, Allowed);
        check(&world, SHOP, "storage.buckets.get", BUCKET, Allowed);
        check(&world, ANNA, READ, BUCKET, Allowed);
    }
}

#[test]
fn a_deny_under_a_condition_and_to_an_unread_group() {
    let rule = |who: &str, condition: &str| json!({ "deniedPrincipals": [who], "deniedPermissions": ["storage.googleapis.com/objects.get"], "denialCondition": { "expression": condition } });
    let anna = "principal://goog/subject/anna@harbour.example";
    for (condition, want) in
        [("true", Denied), ("false", Allowed), ("resource.matchTag('9/env', 'prod')", Unknown)]
    {
        let mut world = world(&[(PROJECT, bind("roles/storage.admin", &[ANNA]))]);
        world.deny_policy(PROJECT, rule(anna, condition));
        let found =
            testing::decide(&world.access(), ANNA, Plus::Nothing, (READ, BUCKET), &[]).answer;
        assert_eq!(found, want, "{condition}");
    }
    let mut world = world(&[(PROJECT, bind("roles/storage.admin", &[ANNA]))]);
    world.deny_policy(PROJECT, rule("principalSet://goog/group/crew@harbour.example", "true"));
    let found = testing::decide(&world.access(), ANNA, Plus::Nothing, (READ, BUCKET), &[]);
    assert_eq!((found.answer, found.unread.len()), (Allowed, 1));
    let everything = testing::decide(&world.access(), ANNA, Plus::Everything, (READ, BUCKET), &[]);
    assert_eq!(everything.answer, Allowed);
}

#[test]
fn conditions_of_bindings() {
    for (condition, want) in [
        ("request.time < timestamp('2027-01-01T00:00:00Z')", Allowed),
        ("request.time < timestamp('2020-01-01T00:00:00Z')", Denied),
        ("resource.name.startsWith('projects/_/buckets/charts/objects/in/')", Allowed),
        ("resource.name.startsWith('projects/_/buckets/charts/objects/out/')", Denied),
        ("resource.type == 'storage.googleapis.com/Object'", Allowed),
        ("resource.service == 'compute.googleapis.com'", Denied),
        ("resource.matchTag('9/env', 'prod')", Unknown),
    ] {
        let world = world(&[(PROJECT, bind_if("roles/storage.objectViewer", &[ANNA], condition))]);
        check(&world, ANNA, READ, OBJECT, want);
    }
    let prefix = "resource.name.startsWith('projects/_/buckets/charts/objects/in/')";
    let world = world(&[(PROJECT, bind_if("roles/storage.objectViewer", &[ANNA], prefix))]);
    check(&world, ANNA, READ, BUCKET, Unknown);
    check(&world, ANNA, "storage.buckets.get", BUCKET, Denied);
}

/// <https://docs.cloud.google.com/iam/docs/setting-limits-on-granting-roles>
#[test]
fn who_hands_out_some_roles_alone() {
    const HANDED_OUT: &str = "iam.googleapis.com/modifiedGrantsByRole";
    let only = format!("api.getAttribute('{HANDED_OUT}', []).hasOnly(['roles/viewer'])");
    let world =
        world(&[(PROJECT, bind_if("roles/resourcemanager.projectIamAdmin", &[ANNA], &only))]);
    let access = world.access();
    let set = |role: &str| {
        let asked = ("resourcemanager.projects.setIamPolicy", PROJECT);
        testing::decide(&access, ANNA, Plus::Nothing, asked, &[(HANDED_OUT, role)]).answer
    };
    assert_eq!((set("roles/viewer"), set("roles/owner")), (Allowed, Denied));
    check(&world, ANNA, "resourcemanager.projects.setIamPolicy", PROJECT, Unknown);
    check(&world, ANNA, "resourcemanager.projects.getIamPolicy", PROJECT, Allowed);
}

#[test]
fn names_in_conditions_may_have_the_number_of_the_project() {
    let secret = "//secretmanager.googleapis.com/projects/quay/secrets/till";
    let condition = "resource.name == 'projects/77/secrets/till'";
    let world =
        world(&[(PROJECT, bind_if("roles/secretmanager.secretAccessor", &[ANNA], condition))]);
    check(&world, ANNA, "secretmanager.versions.access", secret, Allowed);
    check(
        &world,
        ANNA,
        "secretmanager.versions.access",
        "//secretmanager.googleapis.com/projects/quay/secrets/x",
        Denied,
    );
}

#[test]
fn convenience_members_are_those_of_the_project() {
    let world = world(&[
        (BUCKET, bind("roles/storage.admin", &["projectEditor:quay"])),
        (PROJECT, bind("roles/editor", &[SHOP_MEMBER])),
        (PROJECT, bind("roles/viewer", &[ANNA])),
    ]);
    check(&world, SHOP, "storage.buckets.setIamPolicy", BUCKET, Allowed);
    check(&world, ANNA, "storage.buckets.setIamPolicy", BUCKET, Denied);
}

#[test]
fn a_dataset_has_a_list_of_its_own() {
    let dataset = "//bigquery.googleapis.com/projects/quay/datasets/manifests";
    let mut world = world(&[(PROJECT, bind("roles/viewer", &["user:ben@harbour.example"]))]);
    let access = json!([{ "role": "READER", "userByEmail": "anna@harbour.example" }, { "role": "OWNER", "specialGroup": "projectOwners" }]);
    world.asset("gcp.bigquery-dataset", dataset, json!({ "access": access }));
    check(&world, ANNA, "bigquery.tables.getData", &format!("{dataset}/tables/t"), Allowed);
    check(&world, SHOP, "bigquery.tables.getData", dataset, Denied);
}

#[test]
fn impersonation_is_a_permission_on_the_account() {
    let token = "iam.serviceAccounts.getAccessToken";
    let world = world(&[
        (SHOP, bind("roles/iam.serviceAccountTokenCreator", &[ANNA])),
        (SHOP, bind("roles/iam.serviceAccountUser", &["user:ben@harbour.example"])),
    ]);
    check(&world, ANNA, token, SHOP, Allowed);
    check(&world, "user:ben@harbour.example", token, SHOP, Denied);
    check(&world, "user:ben@harbour.example", "iam.serviceAccounts.actAs", SHOP, Allowed);
}

#[test]
fn accounts_of_clusters_and_pools() {
    let world = world(&[(
        SHOP,
        bind(
            "roles/iam.workloadIdentityUser",
            &[
                "serviceAccount:quay.svc.id.goog[web/shop]",
                "principal://iam.googleapis.com/projects/77/locations/global/workloadIdentityPools/ci/subject/main",
                "principalSet://iam.googleapis.com/projects/77/locations/global/workloadIdentityPools/build/*",
            ],
        ),
    )]);
    let token = "iam.serviceAccounts.getAccessToken";
    check(&world, "k8s:prod//serviceaccount/web/shop", token, SHOP, Unknown);
    check(&world, "k8s:prod//serviceaccount/web/other", token, SHOP, Denied);
    let subject = |pool: &str, name: &str| {
        format!(
            "principal://iam.googleapis.com/projects/77/locations/global/workloadIdentityPools/{pool}/subject/{name}"
        )
    };
    check(&world, &subject("ci", "main"), token, SHOP, Allowed);
    check(&world, &subject("ci", "branch"), token, SHOP, Denied);
    check(&world, &subject("build", "any"), token, SHOP, Allowed);
}

#[test]
fn scopes_bound_what_a_machine_may_do() {
    let machine = "//compute.googleapis.com/projects/quay/zones/z/instances/pilot";
    for (scopes, read, write) in [
        (json!(["https://www.googleapis.com/auth/cloud-platform"]), Allowed, Allowed),
        (json!(["https://www.googleapis.com/auth/devstorage.read_only"]), Allowed, Denied),
        (json!(["https://www.googleapis.com/auth/logging.write"]), Denied, Denied),
    ] {
        let mut world = world(&[(PROJECT, bind("roles/storage.admin", &[SHOP_MEMBER]))]);
        let accounts = json!([{ "email": "shop@quay.iam.gserviceaccount.com", "scopes": scopes }]);
        world.asset("gcp.compute-instance", machine, json!({ "serviceAccounts": accounts }));
        check(&world, machine, READ, BUCKET, read);
        check(&world, machine, "storage.objects.delete", BUCKET, write);
        check(&world, SHOP, "storage.objects.delete", BUCKET, Allowed);
    }
}

#[test]
fn a_disabled_account_can_do_nothing() {
    let mut world = world(&[(
        PROJECT,
        bind("roles/owner", &["serviceAccount:old@quay.iam.gserviceaccount.com"]),
    )]);
    let old = "//iam.googleapis.com/projects/quay/serviceAccounts/old@quay.iam.gserviceaccount.com";
    world.asset(
        "gcp.iam-service-account",
        old,
        json!({ "email": "old@quay.iam.gserviceaccount.com", "disabled": true }),
    );
    check(&world, old, READ, BUCKET, Denied);
}

#[test]
fn policies_that_were_not_read_make_it_unknown() {
    let mut world = World::default();
    world.asset("gcp.project", PROJECT, json!({ "projectId": "quay", "\u{0}merlon": true }));
    world.asset(
        "gcp.iam-service-account",
        SHOP,
        json!({ "email": "shop@quay.iam.gserviceaccount.com" }),
    );
    check(&world, SHOP, READ, "//storage.googleapis.com/x", Unknown);
    check(&world, SHOP, "compute.instances.get", PROJECT, Unknown);
}

#[test]
fn a_folder_that_a_project_may_lie_in() {
    let mut world = World::default();
    world.asset(
        "gcp.project",
        PROJECT,
        json!({ "\u{0}merlon": true, "iamPolicy": { "bindings": [] } }),
    );
    world.asset(
        "gcp.folder",
        FOLDER,
        json!({ "iamPolicy": { "bindings": bind("roles/viewer", &[ANNA]) } }),
    );
    check(&world, ANNA, "compute.instances.get", PROJECT, Unknown);
    check(&world, ANNA, "compute.instances.delete", PROJECT, Denied);
}

#[test]
fn who_can_names_everybody_in_policies() {
    let world = world(&[
        (BUCKET, bind("roles/storage.objectViewer", &["allUsers", ANNA])),
        (PROJECT, bind("roles/owner", &[SHOP_MEMBER])),
    ]);
    let found = world.access().who_can(READ, BUCKET, &[]);
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["*", SHOP, ANNA]);
}

#[test]
fn a_removed_policy_grants_no_more() {
    let mut access = world(&[(BUCKET, bind("roles/storage.objectViewer", &[ANNA]))]).access();
    let answer = |access: &crate::Access| {
        testing::decide(access, ANNA, Plus::Nothing, (READ, BUCKET), &[]).answer
    };
    assert_eq!(answer(&access), Allowed);
    access.update(std::iter::empty(), [BUCKET].into_iter());
    assert_ne!(answer(&access), Allowed);
}

const LEVELS: [&str; 4] = [BUCKET, PROJECT, FOLDER, ORG];
const MEMBERS: [&str; 4] =
    [ANNA, SHOP_MEMBER, "group:crew@harbour.example", "allAuthenticatedUsers"];
const ROLES: [(&str, &[&str]); 3] = [
    ("roles/storage.objectViewer", &[READ, "storage.objects.list"]),
    ("roles/storage.objectCreator", &["storage.objects.create"]),
    ("roles/secretmanager.secretAccessor", &["secretmanager.versions.access"]),
];
const PERMISSIONS: [&str; 4] =
    [READ, "storage.objects.list", "storage.objects.create", "secretmanager.versions.access"];

#[derive(Debug, Clone)]
struct Grant {
    level: usize,
    member: usize,
    role: usize,
    is_over: bool,
}

fn grant() -> impl Strategy<Value = Grant> {
    (0..4usize, 0..4usize, 0..3usize, any::<bool>())
        .prop_map(|(level, member, role, is_over)| Grant { level, member, role, is_over })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn google_cloud_is_what_a_naive_evaluator_says(grants in prop::collection::vec(grant(), 0..6), denies in prop::collection::vec((1..4usize, 0..4usize, 0..4usize), 0..3), is_in_crew in any::<bool>()) {
        let policies: Vec<(&str, Json)> = grants.iter().map(|it| {
            let until = if it.is_over { "2020-01-01T00:00:00Z" } else { "2030-01-01T00:00:00Z" };
            (LEVELS[it.level], bind_if(ROLES[it.role].0, &[MEMBERS[it.member]], &format!("request.time < timestamp('{until}')")))
        }).collect();
        let mut world = world(&policies);
        world.members_of("crew@harbour.example", if is_in_crew { &["anna@harbour.example"] } else { &[] });
        for (at, (level, member, permission)) in denies.iter().enumerate() {
            let (service, rest) = PERMISSIONS[*permission].split_once('.').unwrap();
            let id = format!("//iam.googleapis.com/policies/{}/denypolicies/{at}", LEVELS[*level].trim_start_matches("//").replace('/', "%2F"));
            let rule = json!({ "deniedPrincipals": [MEMBERS[*member]], "deniedPermissions": [format!("{service}.googleapis.com/{rest}")] });
            world.asset("gcp.iam-deny-policy", &id, json!({ "rules": [{ "denyRule": rule }] }));
        }
        let access = world.access();
        for (who, name) in [(0, ANNA), (1, SHOP)] {
            let is_one = |member: usize| member == who || member == 3 || member == 2 && who == 0 && is_in_crew;
            for permission in PERMISSIONS {
                let denied = denies.iter().any(|(_, member, it)| is_one(*member) && PERMISSIONS[*it] == permission);
                let granted = grants.iter().any(|it| !it.is_over && is_one(it.member) && ROLES[it.role].1.contains(&permission));
                let found = testing::decide(&access, name, Plus::Nothing, (permission, BUCKET), &[]).answer;
                let want = if granted && !denied { Allowed } else { Denied };
                prop_assert_eq!(found, want, "{} {}", name, permission);
            }
        }
    }

    /// Whatever is allowed: a deny for everybody over all of it ends that.
    #[test]
    fn a_deny_policy_for_everybody_flips_every_answer(grants in prop::collection::vec(grant(), 1..6)) {
        let policies: Vec<(&str, Json)> = grants.iter().map(|it| (LEVELS[it.level], bind(ROLES[it.role].0, &[MEMBERS[it.member]]))).collect();
        let mut world = world(&policies);
        let permissions = ["storage.googleapis.com/objects.*", "secretmanager.googleapis.com/*.access"];
        world.deny_policy(ORG, json!({ "deniedPrincipals": ["principalSet://goog/public:all"], "deniedPermissions": permissions }));
        let access = world.access();
        for permission in PERMISSIONS {
            let found = testing::decide(&access, ANNA, Plus::Nothing, (permission, BUCKET), &[]).answer;
            prop_assert_eq!(found, Denied, "{}", permission);
        }
    }
}

/// Exports of the asset inventory name an account by its number, policies by its address.
#[test]
fn an_account_named_by_its_number_is_who_policies_name_by_address() {
    let mut world = World::default();
    let account = "//iam.googleapis.com/projects/quay/serviceAccounts/104120";
    let doc = json!({ "email": "app@quay.iam.gserviceaccount.com", "uniqueId": "104120" });
    world.asset("gcp.iam-service-account", account, doc);
    let members = ["serviceAccount:app@quay.iam.gserviceaccount.com", ANNA];
    let binding = json!({ "role": "roles/storage.objectViewer", "members": members });
    world.asset("gcp.storage-bucket", BUCKET, json!({ "iamPolicy": { "bindings": [binding] } }));
    let access = world.access();
    for id in [account, ANNA] {
        let actor = Actor { id, plus: Plus::Nothing };
        let given = crate::Given::AsRead;
        let request = crate::Request { actor, action: READ, on: BUCKET, context: &[], given };
        assert_eq!(access.answer(&request), Allowed, "{id}");
    }
    // whom no document describes is somebody, too
    let mut named = access.named();
    named.retain(|it| !access.stand_ins().any(|stand_in| it == stand_in));
    assert_eq!(named, [ANNA]);
}
