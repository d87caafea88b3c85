//! Roles of the directory, owners, application permissions.

use serde_json::json;

use super::{ANNA, BEN, CREW, check, world};
use crate::Answer::{Allowed, Denied, Unknown};
use crate::testing::World;

const APP: &str = "d0000000-0000-0000-0000-000000000001";
const CREDENTIALS: &str = "microsoft.directory/applications/credentials/update";
const PASSWORD: &str = "microsoft.directory/users/password/update";
const MEMBERS: &str = "microsoft.directory/groups/members/update";
const ELEVATE: &str = "Microsoft.Authorization/elevateAccess/action";
const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";
const HELPDESK: &str = "729827e3-9c14-49f7-bb1b-9608f156bbb8";
const PRIVILEGED_ROLE: &str = "e8611ab8-c189-46e8-94e1-60213ab1f814";
const APP_ADMIN: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

#[expect(
    clippy::needless_pass_by_value,
    reason = "documents of tests are made where they are given"
)]
impl World {
    fn directory_role(&mut self, template: &str, members: serde_json::Value) {
        let id = template.replacen(|_: char| true, "f", 1);
        let doc = json!({ "id": id, "roleTemplateId": template, "members": members });
        self.add("azure.entra-directory-role", &id, &[("principalId", &id)], &doc);
    }

    fn app(&mut self, owners: serde_json::Value) {
        self.add(
            "azure.entra-application",
            APP,
            &[("principalId", APP)],
            &json!({ "id": APP, "owners": owners }),
        );
    }
}

#[test]
fn a_global_administrator_elevates() {
    let mut world = world();
    world.directory_role(GLOBAL, json!([{ "id": ANNA }]));
    check(&world, ANNA, ELEVATE, "/", Allowed);
    check(&world, BEN, ELEVATE, "/", Denied);
    check(&world, ANNA, CREDENTIALS, APP, Allowed);
    let is =
        |id| world.access().administrator(crate::Actor { id, plus: crate::Plus::Nothing }).answer;
    assert_eq!((is(ANNA), is(BEN)), (Allowed, Denied));
}

#[test]
fn application_administrators_and_owners_add_credentials() {
    let mut world = world();
    world.directory_role(APP_ADMIN, json!([{ "id": ANNA }]));
    world.app(json!([{ "id": BEN }]));
    check(&world, ANNA, CREDENTIALS, APP, Allowed);
    check(&world, BEN, CREDENTIALS, APP, Allowed);
    check(&world, BEN, "microsoft.directory/applications/create", "/", Denied);
    check(&world, ANNA, "microsoft.directory/roleAssignments/allProperties/allTasks", "/", Denied);
}

#[test]
fn a_helpdesk_resets_no_password_of_an_administrator() {
    let mut world = world();
    let clerk = "a0000000-0000-0000-0000-000000000003";
    world.add("azure.entra-user", clerk, &[("principalId", clerk)], &json!({ "id": clerk }));
    world.directory_role(HELPDESK, json!([{ "id": ANNA }]));
    world.directory_role(APP_ADMIN, json!([{ "id": BEN }]));
    check(&world, ANNA, PASSWORD, clerk, Allowed);
    check(&world, ANNA, PASSWORD, BEN, Denied);
    check(&world, ANNA, PASSWORD, "a0000000-0000-0000-0000-00000000ffff", Unknown);
}

#[test]
fn a_helpdesk_resets_no_password_of_who_owns_a_group_that_can_have_roles() {
    let mut world = world();
    world.directory_role(HELPDESK, json!([{ "id": ANNA }]));
    let group = |assignable: bool| json!({ "id": CREW, "isAssignableToRole": assignable, "members": [], "owners": [{ "id": BEN }] });
    world.group(CREW, group(false));
    check(&world, ANNA, PASSWORD, BEN, Allowed);
    world.group(CREW, group(true));
    check(&world, ANNA, PASSWORD, BEN, Denied);
}

#[test]
fn members_of_a_group_that_can_have_roles_are_changed_by_few() {
    let mut world = world();
    let groups_admin = "fdd7a751-b60b-444a-984c-02652fe8fa1c";
    world.directory_role(groups_admin, json!([{ "id": ANNA }]));
    world.directory_role(PRIVILEGED_ROLE, json!([{ "id": BEN }]));
    world.group(
        CREW,
        json!({ "id": CREW, "isAssignableToRole": true, "members": [], "owners": [] }),
    );
    check(&world, ANNA, MEMBERS, CREW, Denied);
    check(&world, BEN, MEMBERS, CREW, Allowed);
    let plain = "b0000000-0000-0000-0000-00000000000f";
    world.group(plain, json!({ "id": plain, "isAssignableToRole": false, "members": [], "owners": [{ "id": BEN }] }));
    check(&world, ANNA, MEMBERS, plain, Allowed);
}

#[test]
fn an_owner_of_a_group_changes_its_members() {
    let mut world = world();
    world.directory_role(GLOBAL, json!([]));
    world.group(CREW, json!({ "id": CREW, "isAssignableToRole": true, "members": [], "owners": [{ "id": ANNA }] }));
    world.directory_role(HELPDESK, json!([{ "id": BEN }]));
    check(&world, ANNA, MEMBERS, CREW, Allowed);
    check(&world, BEN, MEMBERS, CREW, Denied);
}

#[test]
fn a_group_with_a_role_gives_it_to_its_members() {
    let mut world = world();
    world.group(
        CREW,
        json!({ "id": CREW, "isAssignableToRole": true, "members": [{ "id": ANNA }] }),
    );
    world.directory_role(GLOBAL, json!([{ "id": CREW }]));
    check(&world, ANNA, ELEVATE, "/", Allowed);
    check(&world, BEN, ELEVATE, "/", Denied);
}

#[test]
fn a_role_whose_members_were_not_read_is_unknown() {
    let mut world = world();
    world.directory_role(GLOBAL, serde_json::Value::Null);
    check(&world, ANNA, ELEVATE, "/", Unknown);
}

#[test]
fn nothing_of_the_directory_was_read() {
    check(&world(), ANNA, ELEVATE, "/", Unknown);
}

#[test]
fn assignments_of_roles_have_scopes_and_custom_roles_documents() {
    let mut world = world();
    let role = "e0000000-0000-0000-0000-00000000000a";
    let actions =
        json!({ "id": role, "rolePermissions": [{ "allowedResourceActions": [CREDENTIALS] }] });
    world.add("azure.entra-role-definition", role, &[], &actions);
    let assign = |id: &str, who: &str, scope: &str| {
        (
            id.to_owned(),
            json!({ "principalId": who, "roleDefinitionId": role, "directoryScopeId": scope }),
        )
    };
    for (id, doc) in
        [assign("x1", ANNA, &format!("/{APP}")), assign("x2", BEN, "/administrativeUnits/u")]
    {
        world.add("azure.entra-role-assignment", &id, &[], &doc);
    }
    check(&world, ANNA, CREDENTIALS, APP, Allowed);
    check(&world, ANNA, CREDENTIALS, CREW, Denied);
    check(&world, BEN, CREDENTIALS, APP, Unknown);
}

#[test]
fn application_permissions_of_graph() {
    let mut world = world();
    let robot = "d0000000-0000-0000-0000-000000000009";
    world.add(
        "azure.entra-service-principal",
        robot,
        &[("principalId", robot)],
        &json!({ "id": robot }),
    );
    let doc = json!({ "principalId": robot, "appRoleId": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "resourceId": "g" });
    world.add("azure.entra-app-role-assignment", "perm", &[], &doc);
    check(
        &world,
        robot,
        "microsoft.directory/roleAssignments/allProperties/allTasks",
        "/",
        Allowed,
    );
    check(&world, robot, CREDENTIALS, APP, Denied);
}

/// Who is eligible activates the role, as its rules say:
/// <https://learn.microsoft.com/graph/api/resources/unifiedroleeligibilityscheduleinstance>.
#[test]
fn an_eligible_administrator_may_become_one() {
    let mut world = world();
    world.directory_role(HELPDESK, json!([{ "id": BEN }]));
    let doc = json!({ "principalId": ANNA, "roleDefinitionId": GLOBAL, "directoryScopeId": "/", "memberType": "Direct" });
    world.add("azure.entra-role-eligibility", "x", &[], &doc);
    check(&world, ANNA, ELEVATE, "/", Unknown);
    check(&world, BEN, ELEVATE, "/", Denied);
    // as long as she is none, whoever helps people may touch her
    check(&world, BEN, PASSWORD, ANNA, Allowed);
}

const ROBOT: &str = "d0000000-0000-0000-0000-000000000009";

/// A program with a permission of another one.
fn permitted(permission: &str, of: &str) -> World {
    let mut world = world();
    let doc = json!({ "id": ROBOT });
    world.add("azure.entra-service-principal", ROBOT, &[("principalId", ROBOT)], &doc);
    let doc = json!({ "principalId": ROBOT, "appRoleId": permission, "resourceDisplayName": of });
    world.add("azure.entra-app-role-assignment", "perm", &[], &doc);
    world
}

/// "Microsoft Graph permissions reference": <https://learn.microsoft.com/graph/permissions-reference>.
#[test]
fn permissions_of_graph_that_lead_on() {
    let assign = "microsoft.directory/roleAssignments/allProperties/allTasks";
    let federate = "microsoft.directory/domains/federation/update";
    let eligible = "microsoft.directory/privilegedIdentityManagement/allProperties/allTasks";
    for (permission, action, on) in [
        ("7e05723c-0bb0-42da-be95-ae9f08a6e53c", federate, "/"),
        ("dd199f4a-f148-40a4-a2ec-f0069cc799ec", assign, "/"),
        ("fee28b28-e1f3-4841-818e-2704dc62245f", eligible, "/"),
        ("cc117bb9-00cf-4eb8-b580-ea2a878fe8f7", PASSWORD, ANNA),
        ("2f6817f8-7b12-4f0f-bc18-eeaf60705a9e", MEMBERS, CREW),
        ("41202f2c-f7ab-45be-b001-85c9728b9d69", MEMBERS, CREW),
    ] {
        let mut world = permitted(permission, "Microsoft Graph");
        let crew = json!({ "id": CREW, "isAssignableToRole": true, "members": [], "owners": [] });
        world.group(CREW, crew);
        check(&world, ROBOT, action, on, Allowed);
        check(&world, ROBOT, ELEVATE, "/", Denied);
        let mut other = permitted(permission, "Billing");
        other.directory_role(HELPDESK, json!([{ "id": BEN }]));
        check(&other, ROBOT, action, on, Denied);
    }
    // a password of somebody with a role takes a role
    let mut world = permitted("cc117bb9-00cf-4eb8-b580-ea2a878fe8f7", "Microsoft Graph");
    world.directory_role(HELPDESK, json!([{ "id": ANNA }]));
    check(&world, ROBOT, PASSWORD, ANNA, Denied);
}

/// What a list of service principals says of their permissions tells those that read from the others.
#[test]
fn permissions_that_read_alone_lead_nowhere() {
    let named = |name: &str| {
        let mut world = permitted("810c84a8-4a9e-49e6-bf7d-12d183f40d01", "Microsoft Graph");
        let roles = json!([{ "id": "810c84a8-4a9e-49e6-bf7d-12d183f40d01", "value": name }]);
        let doc = json!({ "id": "g", "appId": "00000003-0000-0000-c000-000000000000", "appRoles": roles });
        world.add("azure.entra-service-principal", "g", &[("principalId", "g")], &doc);
        world
    };
    for name in ["Mail.Read", "Group.Read.All", "Mail.Send", "User.ReadBasic.All"] {
        check(&named(name), ROBOT, PASSWORD, ANNA, Denied);
    }
    for name in ["Groups.ReadWrite.New", "Application.ReadUpdate.All"] {
        check(&named(name), ROBOT, PASSWORD, ANNA, Unknown);
    }
    check(
        &permitted("810c84a8-4a9e-49e6-bf7d-12d183f40d01", "Microsoft Graph"),
        ROBOT,
        PASSWORD,
        ANNA,
        Unknown,
    );
}
