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
