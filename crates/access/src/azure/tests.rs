//! The corners of access in Azure and Entra, by name.

use serde_json::{Value as Json, json};

use crate::testing::{self, World};
use crate::{Access, Answer, Effect, Plus};

mod directory;
mod random;

use Answer::{Allowed, Denied, Unknown};

const SUB: &str = "/subscriptions/11111111-1111-1111-1111-111111111111";
const RG: &str = "/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/quay";
const ANNA: &str = "a0000000-0000-0000-0000-000000000001";
const BEN: &str = "a0000000-0000-0000-0000-000000000002";
const CREW: &str = "b0000000-0000-0000-0000-000000000001";
const INNER: &str = "b0000000-0000-0000-0000-000000000002";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const BLOB_READER: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const VAULT_OFFICER: &str = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
const RUN: &str = "Microsoft.Compute/virtualMachines/runCommand/action";
const READ_BLOB: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
const GET_SECRET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

fn vm() -> String {
    format!("{RG}/providers/microsoft.compute/virtualmachines/pilot")
}

fn vault() -> String {
    format!("{RG}/providers/microsoft.keyvault/vaults/purser")
}

fn account() -> String {
    format!("{RG}/providers/microsoft.storage/storageaccounts/tidelog")
}

/// People of a shipping company and their groups.
fn world() -> World {
    let mut world = World::default();
    for id in [ANNA, BEN] {
        world.add(
            "azure.entra-user",
            id,
            &[("principalId", id)],
            &json!({ "id": id, "accountEnabled": true }),
        );
    }
    world.add("azure.subscription", SUB, &[], &json!({ "id": SUB }));
    world
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "documents of tests are made where they are given"
)]
impl World {
    fn group(&mut self, id: &str, doc: Json) {
        self.add("azure.entra-group", id, &[("principalId", id)], &doc);
    }

    fn assign(&mut self, name: &str, principal: &str, role: &str, scope: &str) {
        self.assign_if(name, principal, role, scope, Json::Null);
    }

    fn assign_if(&mut self, name: &str, principal: &str, role: &str, scope: &str, condition: Json) {
        let id = format!(
            "{}/providers/microsoft.authorization/roleassignments/{name}",
            scope.trim_end_matches('/')
        );
        let role = format!("{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}");
        let kind = if principal.starts_with('b') { "Group" } else { "User" };
        let doc = json!({ "properties": { "principalId": principal, "roleDefinitionId": role, "scope": scope, "principalType": kind, "condition": condition } });
        self.add("azure.role-assignment", &id, &[], &doc);
    }

    fn deny(&mut self, scope: &str, properties: Json) {
        let id = format!("{scope}/providers/microsoft.authorization/denyassignments/d");
        let mut properties = properties;
        properties["scope"] = Json::from(scope);
        self.add("azure.deny-assignment", &id, &[], &json!({ "properties": properties }));
    }

    fn define(&mut self, name: &str, permission: Json) {
        let id = format!("{SUB}/providers/microsoft.authorization/roledefinitions/{name}");
        let doc = json!({ "properties": { "roleName": name, "type": "CustomRole", "permissions": [permission] } });
        self.add("azure.role-definition", &id, &[], &doc);
    }

    fn vault(&mut self, properties: Json) {
        self.add("azure.key-vault", &vault(), &[], &json!({ "properties": properties }));
    }
}

/// <https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-instances/get>
#[test]
fn an_eligible_owner_may_become_one() {
    let mut world = world();
    let id = format!("{SUB}/providers/microsoft.authorization/roleeligibilityscheduleinstances/x");
    let role = format!("{SUB}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}");
    let doc = json!({ "properties": { "principalId": ANNA, "roleDefinitionId": role, "scope": SUB, "principalType": "User" } });
    world.add("azure.role-eligibility", &id, &[], &doc);
    check(&world, ANNA, RUN, &vm(), Unknown);
    check(&world, ANNA, "Microsoft.Authorization/roleAssignments/write", SUB, Denied);
    world.assign("y", ANNA, CONTRIBUTOR, SUB);
    check(&world, ANNA, RUN, &vm(), Allowed);
}

#[test]
fn a_machine_without_an_identity_is_in_no_group() {
    let mut world = world();
    world.group(CREW, json!({ "id": CREW }));
    world.assign("x", CREW, CONTRIBUTOR, SUB);
    check(&world, ANNA, RUN, &vm(), Unknown);
    world.add("azure.virtual-machine", &vm(), &[], &json!({}));
    check(&world, &vm(), RUN, &vm(), Denied);
    let own = json!({ "identity": { "principalId": "c0000000-0000-0000-0000-000000000001" } });
    world.add("azure.virtual-machine", &vm(), &[], &own);
    check(&world, &vm(), RUN, &vm(), Unknown);
    // nor is anybody of a cluster
    check(&world, "k8s:prod//node//n1", RUN, &vm(), Denied);
}

/// A new key is shown to whoever makes it:
/// <https://learn.microsoft.com/rest/api/storagerp/storage-accounts/regenerate-key>.
#[test]
fn who_makes_new_keys_of_an_account_has_its_data() {
    let blob = format!("{}/blobservices/default/containers/c/blobs/b", account());
    let mut world = world();
    world.define(
        "keys",
        json!({ "actions": ["Microsoft.Storage/storageAccounts/regenerateKey/action"] }),
    );
    world.define("looks", json!({ "actions": ["Microsoft.Storage/storageAccounts/read"] }));
    world.assign("x", ANNA, "keys", RG);
    world.assign("y", BEN, "looks", RG);
    world.add(
        "azure.storage-account",
        &account(),
        &[],
        &json!({ "properties": { "allowSharedKeyAccess": true } }),
    );
    check(&world, ANNA, READ_BLOB, &blob, Allowed);
    check(&world, BEN, READ_BLOB, &blob, Denied);
    world.add(
        "azure.storage-account",
        &account(),
        &[],
        &json!({ "properties": { "allowSharedKeyAccess": false } }),
    );
    check(&world, ANNA, READ_BLOB, &blob, Denied);
}

/// <https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources>: POST is a write, too; data is
/// behind no lock; owners delete locks.
#[test]
fn a_read_only_lock_stops_who_may_not_delete_it() {
    let keys = "Microsoft.Storage/storageAccounts/listKeys/action";
    let blob = format!("{}/blobservices/default/containers/c/blobs/b", account());
    let locked = |place: &str, level: &str| {
        let mut world = world();
        world.assign("x", ANNA, CONTRIBUTOR, SUB);
        world.assign("y", BEN, OWNER, SUB);
        world.assign("z", ANNA, BLOB_READER, &account());
        let doc = json!({ "properties": { "allowSharedKeyAccess": true } });
        world.add("azure.storage-account", &account(), &[], &doc);
        let id = format!("{place}/providers/microsoft.authorization/locks/keep");
        world.add("azure.resource-lock", &id, &[], &json!({ "properties": { "level": level } }));
        world
    };
    for place in [SUB, RG, &account()] {
        let world = locked(place, "ReadOnly");
        check(&world, ANNA, keys, &account(), Denied);
        check(&world, ANNA, "Microsoft.Storage/storageAccounts/read", &account(), Allowed);
        check(&world, ANNA, READ_BLOB, &blob, Allowed);
        check(&world, BEN, keys, &account(), Allowed);
    }
    check(&locked(SUB, "ReadOnly"), ANNA, RUN, &vm(), Denied);
    check(&locked(&account(), "ReadOnly"), ANNA, RUN, &vm(), Allowed);
    check(&locked(SUB, "CanNotDelete"), ANNA, keys, &account(), Allowed);
    // keys that cannot be listed open nothing
    let write = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write";
    check(&locked(RG, "ReadOnly"), ANNA, write, &blob, Denied);
    check(&locked(RG, "CanNotDelete"), ANNA, write, &blob, Allowed);
}

#[test]
fn roles_over_the_settings_of_a_store_do_not_show_its_keys() {
    const STORE_OWNER: &str = "5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b";
    let store = format!("{RG}/providers/microsoft.appconfiguration/configurationstores/tills");
    let keys = "Microsoft.AppConfiguration/configurationStores/ListKeys/action";
    let read = "Microsoft.AppConfiguration/configurationStores/keyValues/read";
    for (role, want) in [(STORE_OWNER, (Denied, Allowed)), (CONTRIBUTOR, (Allowed, Denied))] {
        let mut world = World::default();
        world.assign("x", ANNA, role, SUB);
        check(&world, ANNA, keys, &store, want.0);
        check(&world, ANNA, read, &store, want.1);
    }
}

#[track_caller]
fn check(world: &World, who: &str, action: &str, on: &str, want: Answer) {
    check_in(&world.access(), who, action, on, want);
}

#[track_caller]
fn check_in(access: &Access, who: &str, action: &str, on: &str, want: Answer) {
    let decision = testing::decide(access, who, Plus::Nothing, (action, on), &[]);
    assert_eq!(decision.answer, want, "{who} {action} {on}: {decision:?}");
    match want {
        Allowed => {
            assert!(decision.reasons.iter().any(|it| it.effect == Effect::Allows), "says why");
        }
        Unknown => assert!(!decision.unread.is_empty(), "says what is missing: {decision:?}"),
        Denied => assert!(decision.unread.is_empty() || !decision.reasons.is_empty()),
    }
}

#[test]
fn a_role_is_inherited_downward_and_not_upward() {
    let mut world = world();
    world.assign("x", ANNA, CONTRIBUTOR, RG);
    check(&world, ANNA, RUN, &vm(), Allowed);
    check(&world, ANNA, &RUN.to_uppercase(), &vm().to_uppercase().to_lowercase(), Allowed);
    check(&world, ANNA, RUN, SUB, Denied);
    check(
        &world,
        ANNA,
        RUN,
        &format!("{RG}2/providers/microsoft.compute/virtualmachines/pilot"),
        Denied,
    );
    check(&world, BEN, RUN, &vm(), Denied);
}

#[test]
fn management_groups_hold_for_their_subscriptions() {
    const CORP: &str = "/providers/microsoft.management/managementgroups/fleet";
    let mut world = world();
    world.assign("x", ANNA, OWNER, CORP);
    check(&world, ANNA, RUN, &vm(), Unknown);
    let details = json!({ "details": { "parent": { "id": "/providers/Microsoft.Management/managementGroups/T" } }, "tenantId": "t", "children": [{ "id": SUB, "type": "/subscriptions" }] });
    world.add("azure.management-group", CORP, &[], &json!({ "properties": details }));
    check(&world, ANNA, RUN, &vm(), Allowed);
}

#[test]
fn groups_that_are_known_from_a_list_above_a_subscription_hold() {
    const FLEET: &str = "/providers/microsoft.management/managementgroups/fleet";
    const LAND: &str = "/providers/microsoft.management/managementgroups/land";
    let mut world = world();
    world.assign("x", ANNA, OWNER, LAND);
    world.assign("y", BEN, OWNER, "/providers/microsoft.management/managementgroups/t");
    let document =
        json!({ "id": SUB, "tenantId": "T", "properties": { "managementGroup": { "id": FLEET } } });
    world.add("azure.subscription", SUB, &[], &document);
    check(&world, ANNA, RUN, &vm(), Unknown);
    check(&world, BEN, RUN, &vm(), Allowed);
    world.add("azure.management-group", FLEET, &[], &json!({ "parentGroup": { "id": LAND } }));
    check(&world, ANNA, RUN, &vm(), Allowed);
}

#[test]
fn the_root_of_the_tenant_and_the_slash_hold_for_everything() {
    let root = "/providers/microsoft.management/managementgroups/t";
    let mut world = world();
    world.add("azure.management-group", root, &[], &json!({ "properties": { "tenantId": "T" } }));
    world.assign("x", ANNA, OWNER, root);
    world.assign("y", BEN, READER, "/");
    check(&world, ANNA, RUN, &vm(), Allowed);
    check(&world, BEN, "Microsoft.Compute/virtualMachines/read", &vm(), Allowed);
    check(&world, BEN, RUN, &vm(), Denied);
}

#[test]
fn not_actions_take_away_from_their_own_role_only() {
    let write = "Microsoft.Authorization/roleAssignments/write";
    let mut world = world();
    world.assign("x", ANNA, CONTRIBUTOR, SUB);
    check(&world, ANNA, write, SUB, Denied);
    world.define(
        "c0000000-0000-0000-0000-00000000000c",
        json!({ "actions": ["microsoft.authorization/ROLEassignments/*"], "notActions": [] }),
    );
    world.assign("y", ANNA, "c0000000-0000-0000-0000-00000000000c", SUB);
    check(&world, ANNA, write, SUB, Allowed);
}

#[test]
fn an_owner_has_no_data_actions() {
    let mut world = world();
    world.vault(json!({ "enableRbacAuthorization": true }));
    world.add(
        "azure.storage-account",
        &account(),
        &[],
        &json!({ "properties": { "allowSharedKeyAccess": false } }),
    );
    world.assign("x", ANNA, OWNER, SUB);
    world.assign("y", BEN, BLOB_READER, &account());
    check(&world, ANNA, GET_SECRET, &vault(), Denied);
    check(&world, ANNA, "Microsoft.KeyVault/vaults/secrets/read", &vault(), Allowed);
    check(&world, ANNA, READ_BLOB, &account(), Denied);
    check(&world, BEN, READ_BLOB, &account(), Allowed);
    check(
        &world,
        BEN,
        READ_BLOB,
        &format!("{}/blobservices/default/containers/charts", account()),
        Allowed,
    );
}

#[test]
fn who_has_the_keys_of_an_account_has_its_data() {
    let mut world = world();
    world.assign("x", ANNA, CONTRIBUTOR, SUB);
    world.add("azure.storage-account", &account(), &[], &json!({ "properties": {} }));
    check(&world, ANNA, READ_BLOB, &account(), Allowed);
    check(&world, BEN, READ_BLOB, &account(), Denied);
    world.deny(SUB, json!({ "principals": [{ "id": "00000000-0000-0000-0000-000000000000" }], "permissions": [{ "actions": ["*/listKeys/action"] }] }));
    // a new key is as good
    check(&world, ANNA, READ_BLOB, &account(), Allowed);
    world.deny(SUB, json!({ "principals": [{ "id": "00000000-0000-0000-0000-000000000000" }], "permissions": [{ "actions": ["*/listKeys/action", "*/regenerateKey/action"] }] }));
    check(&world, ANNA, READ_BLOB, &account(), Denied);
}

#[test]
fn a_deny_assignment_wins_but_for_whom_it_excludes() {
    let mut world = world();
    world.assign("x", ANNA, OWNER, SUB);
    world.assign("y", BEN, OWNER, SUB);
    let everybody =
        json!([{ "id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined" }]);
    world.deny(RG, json!({ "principals": everybody, "excludePrincipals": [{ "id": BEN, "type": "User" }], "permissions": [{ "actions": ["*"], "notActions": ["*/read"] }] }));
    check(&world, ANNA, RUN, &vm(), Denied);
    check(&world, ANNA, "Microsoft.Compute/virtualMachines/read", &vm(), Allowed);
    check(&world, BEN, RUN, &vm(), Allowed);
    check(&world, ANNA, RUN, &format!("{SUB}/resourcegroups/dock"), Allowed);
}

#[test]
fn a_deny_assignment_may_leave_children_alone() {
    let mut world = world();
    world.assign("x", ANNA, OWNER, SUB);
    let all = json!({ "principals": [{ "id": ANNA }], "permissions": [{ "actions": ["*"] }], "doNotApplyToChildScopes": true });
    world.deny(RG, all);
    check(&world, ANNA, RUN, &vm(), Allowed);
    check(&world, ANNA, "Microsoft.Resources/subscriptions/resourceGroups/write", RG, Denied);
}

#[test]
fn a_deny_to_an_unread_group_leaves_allowed_with_a_note() {
    let mut world = world();
    world.assign("x", ANNA, OWNER, SUB);
    world.group(CREW, json!({ "id": CREW }));
    world.deny(
        SUB,
        json!({ "principals": [{ "id": CREW }], "permissions": [{ "actions": ["*"] }] }),
    );
    let decision = testing::decide(&world.access(), ANNA, Plus::Nothing, (RUN, &vm()), &[]);
    assert_eq!((decision.answer, decision.unread.len()), (Allowed, 1));
}

#[test]
fn groups_within_groups() {
    let mut world = world();
    world.group(CREW, json!({ "id": CREW, "members": [{ "id": INNER }] }));
    world.group(INNER, json!({ "id": INNER, "members": [{ "id": ANNA.to_uppercase() }] }));
    world.assign("x", CREW, CONTRIBUTOR, SUB);
    check(&world, ANNA, RUN, &vm(), Allowed);
    check(&world, BEN, RUN, &vm(), Denied);
}

#[test]
fn a_group_whose_members_were_not_read_makes_it_unknown() {
    let mut world = world();
    world.group(CREW, json!({ "id": CREW, "members": [{ "id": INNER }] }));
    world.group(INNER, json!({ "id": INNER }));
    world.assign("x", CREW, CONTRIBUTOR, SUB);
    check(&world, BEN, RUN, &vm(), Unknown);
    check(&world, BEN, "Microsoft.Authorization/roleAssignments/write", &vm(), Denied);
    // a group that no document is about
    world.assign("y", "b0000000-0000-0000-0000-000000000009", READER, RG);
    check(&world, BEN, "Microsoft.Network/virtualNetworks/read", RG, Unknown);
}

#[test]
fn supposed_membership_counts() {
    let mut world = world();
    world.group(CREW, json!({ "id": CREW, "members": [] }));
    world.assign("x", CREW, CONTRIBUTOR, SUB);
    check(&world, ANNA, RUN, &vm(), Denied);
    let access = world.access();
    let with = |plus| testing::decide(&access, ANNA, plus, (RUN, &vm()), &[]).answer;
    assert_eq!((with(Plus::Group(CREW)), with(Plus::Everything)), (Allowed, Allowed));
}

#[test]
fn a_denied_administrator_of_everything_stays_denied() {
    let mut world = world();
    world.deny(
        SUB,
        json!({ "principals": [{ "id": ANNA }], "permissions": [{ "actions": [RUN] }] }),
    );
    let decision = testing::decide(&world.access(), ANNA, Plus::Everything, (RUN, &vm()), &[]);
    assert_eq!(decision.answer, Denied);
}

#[test]
fn conditions_of_assignments() {
    let of = |name: &str| {
        Json::from(format!(
            "(!(ActionMatches{{'{READ_BLOB}'}})) OR (@Resource[Microsoft.Storage/storageAccounts:name] StringEquals '{name}')"
        ))
    };
    let on = account();
    for (condition, want) in [
        (of("tidelog"), Allowed),
        (of("other"), Denied),
        (Json::from("@Request[x:y] StringEquals 'z'"), Unknown),
        (Json::from("gibberish"), Unknown),
    ] {
        let mut world = world();
        world.add(
            "azure.storage-account",
            &on,
            &[],
            &json!({ "properties": { "allowSharedKeyAccess": false } }),
        );
        world.assign_if("x", ANNA, BLOB_READER, SUB, condition);
        check(&world, ANNA, READ_BLOB, &on, want);
    }
}

#[test]
fn an_administrator_who_may_give_some_roles_only() {
    let mut world = world();
    // Key Vault Data Access Administrator: its own condition names the roles that it may give
    world.assign("x", ANNA, "8b54135c-b56d-4d72-a534-26097cfdc8d8", SUB);
    let (write, key) = (
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleAssignments:RoleDefinitionId",
    );
    let access = world.access();
    let with = |role: &str| {
        testing::decide(&access, ANNA, Plus::Nothing, (write, &vault()), &[(key, role)]).answer
    };
    assert_eq!((with(VAULT_OFFICER), with(OWNER)), (Allowed, Denied));
    check(&world, ANNA, write, &vault(), Unknown);
}

#[test]
fn access_policies_count_only_where_roles_do_not() {
    let policies = json!([{ "objectId": ANNA, "permissions": { "secrets": ["Get", "list"], "keys": ["all"] } }]);
    let mut old = world();
    old.vault(json!({ "accessPolicies": policies, "enableRbacAuthorization": false }));
    old.assign("x", BEN, VAULT_OFFICER, SUB);
    check(&old, ANNA, GET_SECRET, &vault(), Allowed);
    check(&old, ANNA, "Microsoft.KeyVault/vaults/secrets/delete", &vault(), Denied);
    check(&old, ANNA, "Microsoft.KeyVault/vaults/keys/decrypt/action", &vault(), Allowed);
    check(
        &old,
        ANNA,
        "Microsoft.KeyVault/vaults/keys/unwrap/action",
        &format!("{}/keys/k", vault()),
        Allowed,
    );
    check(&old, BEN, GET_SECRET, &vault(), Denied);
    let mut new = world();
    new.vault(json!({ "accessPolicies": policies, "enableRbacAuthorization": true }));
    new.assign("x", BEN, VAULT_OFFICER, SUB);
    check(&new, ANNA, GET_SECRET, &vault(), Denied);
    check(&new, BEN, GET_SECRET, &vault(), Allowed);
    check(
        &new,
        BEN,
        GET_SECRET,
        &format!("{SUB}/resourcegroups/*/providers/microsoft.keyvault/vaults/*"),
        Allowed,
    );
}

#[test]
fn a_vault_whose_mode_was_not_read_is_unknown() {
    let mut world = world();
    world.vault(json!({ "\u{0}merlon": true }));
    world.assign("x", BEN, VAULT_OFFICER, SUB);
    check(&world, BEN, GET_SECRET, &vault(), Unknown);
}

#[test]
fn anybody_reads_an_open_container_unless_the_account_forbids() {
    let container = format!("{}/blobservices/default/containers/charts", account());
    for (allowed, want) in [(json!(true), Allowed), (Json::Null, Allowed), (json!(false), Denied)] {
        let mut world = world();
        world.add(
            "azure.storage-account",
            &account(),
            &[],
            &json!({ "properties": { "allowBlobPublicAccess": allowed } }),
        );
        world.add(
            "azure.blob-container",
            &container,
            &[],
            &json!({ "properties": { "publicAccess": "Blob" } }),
        );
        check(&world, "*", READ_BLOB, &container, want);
        check(&world, "*", READ_BLOB, &account(), want);
        check(&world, "*", &READ_BLOB.replace("read", "write"), &container, Denied);
    }
}

#[test]
fn managed_identities_act_as_their_resource() {
    let object = "c0000000-0000-0000-0000-000000000001";
    let mut world = world();
    world.add(
        "azure.virtual-machine",
        &vm(),
        &[("principalId", object)],
        &json!({ "identity": { "principalId": object, "type": "SystemAssigned" } }),
    );
    world.assign("x", object, CONTRIBUTOR, RG);
    check(&world, &vm(), RUN, RG, Allowed);
    check(&world, &vm(), RUN, SUB, Denied);
    assert!(world.access().identities().any(|it| it == vm()));
}

#[test]
fn a_disabled_account_can_do_nothing() {
    let mut world = world();
    let id = "a0000000-0000-0000-0000-000000000009";
    world.add("azure.entra-user", id, &[("principalId", id)], &json!({ "accountEnabled": false }));
    world.assign("x", id, OWNER, SUB);
    check(&world, id, RUN, &vm(), Denied);
}

#[test]
fn an_unknown_role_is_unknown_and_no_assignment_at_all_too() {
    let mut world = world();
    check(&world, ANNA, RUN, &vm(), Unknown);
    world.assign("x", ANNA, "d0000000-0000-0000-0000-00000000000d", SUB);
    check(&world, ANNA, RUN, &vm(), Unknown);
    check(&world, BEN, RUN, &vm(), Denied);
}

#[test]
fn a_removed_assignment_grants_no_more() {
    let mut world = world();
    world.assign("x", ANNA, OWNER, SUB);
    world.assign("y", BEN, READER, SUB);
    let mut access = world.access();
    check_in(&access, ANNA, RUN, &vm(), Allowed);
    let id = format!("{SUB}/providers/microsoft.authorization/roleassignments/x");
    access.update(std::iter::empty(), [id.as_str()].into_iter());
    check_in(&access, ANNA, RUN, &vm(), Denied);
    access.update(world.resources().iter(), std::iter::empty());
    check_in(&access, ANNA, RUN, &vm(), Allowed);
}

#[test]
fn all_that_grants_is_named() {
    let mut world = world();
    world.group(CREW, json!({ "id": CREW, "members": [{ "id": ANNA }] }));
    world.assign("x", ANNA, OWNER, SUB);
    world.assign("y", CREW, CONTRIBUTOR, RG);
    let decision = testing::decide(&world.access(), ANNA, Plus::Nothing, (RUN, &vm()), &[]);
    let named: Vec<&str> =
        decision.reasons.iter().map(|it| it.resource.rsplit('/').next().unwrap()).collect();
    assert_eq!(named, ["x", "y"]);
}

#[test]
fn administrators_have_everything_at_a_subscription_or_above() {
    let mut world = world();
    world.assign("x", ANNA, OWNER, SUB);
    world.assign("y", BEN, CONTRIBUTOR, SUB);
    let access = world.access();
    let is = |id| access.administrator(crate::Actor { id, plus: Plus::Nothing }).answer;
    assert_eq!((is(ANNA), is(BEN)), (Allowed, Denied));
}

#[test]
fn who_can_names_those_that_were_not_read() {
    let mut world = world();
    let other = "e0000000-0000-0000-0000-000000000001";
    world.assign("x", ANNA, OWNER, SUB);
    world.assign("y", other, CONTRIBUTOR, RG);
    let found = world.access().who_can(RUN, &vm(), &[]);
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, [ANNA, &format!("azure:principalId:{other}")]);
}
