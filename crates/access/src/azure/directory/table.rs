//! Roles of the directory and application permissions of Microsoft Graph that let somebody become more.
//!
//! From "Microsoft Entra built-in roles" and "Microsoft Graph permissions reference", read 2026-11-22:
//! identifiers and actions that change who may do what, or who can sign in as whom; settings of other
//! products are left out. A custom role comes with its document.

/// What a role allows.
#[derive(Debug)]
pub(super) struct Role {
    id: &'static str,
    /// Its name for people.
    pub(super) name: &'static str,
    /// Whether it may touch administrators and role-assignable groups.
    pub(super) reaches_administrators: bool,
    /// Whether who has it is an administrator, whom weaker roles may not touch.
    pub(super) is_privileged: bool,
    /// Patterns of actions in lower case.
    pub(super) actions: &'static [&'static str],
}

/// The template of the role that may do everything.
pub(super) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// The role with this template id or permission id, in lower case.
pub(super) fn role(id: &str) -> Option<&'static Role> {
    ROLES.iter().find(|it| it.id == id)
}

const fn strong(id: &'static str, name: &'static str, actions: &'static [&'static str]) -> Role {
    Role { id, name, reaches_administrators: true, is_privileged: true, actions }
}

const fn weak(id: &'static str, name: &'static str, actions: &'static [&'static str]) -> Role {
    Role { id, name, reaches_administrators: false, is_privileged: true, actions }
}

const fn reading(id: &'static str, name: &'static str, actions: &'static [&'static str]) -> Role {
    Role { id, name, reaches_administrators: false, is_privileged: false, actions }
}

const APPLICATIONS: &[&str] = &[
    "microsoft.directory/applications/*",
    "microsoft.directory/serviceprincipals/*",
    "microsoft.directory/oauth2permissiongrants/*",
];

const MEMBERS: &[&str] = &[
    "microsoft.directory/groups/*",
    "microsoft.directory/groups.security/*",
    "microsoft.directory/groups.unified/*",
];

const JOIN: &[&str] =
    &["microsoft.directory/groups/members/update", "microsoft.directory/groups/owners/update"];

const UNIFIED: &[&str] = &["microsoft.directory/groups.unified/*"];

static ROLES: &[Role] = &[
    strong(GLOBAL_ADMINISTRATOR, "Global Administrator", &["microsoft.directory/*"]),
    strong(
        "e8611ab8-c189-46e8-94e1-60213ab1f814",
        "Privileged Role Administrator",
        &[
            "microsoft.directory/roleassignments/*",
            "microsoft.directory/directoryroles/*",
            "microsoft.directory/roledefinitions/*",
            "microsoft.directory/roleeligibilityrequest/*",
            "microsoft.directory/privilegedidentitymanagement/*",
            "microsoft.directory/groupsassignabletoroles/*",
            "microsoft.directory/groups/members/update",
            "microsoft.directory/groups/owners/update",
            "microsoft.directory/serviceprincipals/approleassignedto/*",
            "microsoft.directory/serviceprincipals/managepermissiongrantsforall.*",
            "microsoft.directory/oauth2permissiongrants/*",
            "microsoft.directory/administrativeunits/*",
        ],
    ),
    strong(
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
        "Privileged Authentication Administrator",
        &[
            "microsoft.directory/users/authenticationmethods/*",
            "microsoft.directory/users/password/update",
            "microsoft.directory/users/delete",
            "microsoft.directory/users/disable",
            "microsoft.directory/users/enable",
            "microsoft.directory/users/invalidateallrefreshtokens",
            "microsoft.directory/users/userprincipalname/update",
            "microsoft.directory/users/manager/update",
        ],
    ),
    strong(
        "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8",
        "Partner Tier2 Support",
        &[
            "microsoft.directory/users/password/update",
            "microsoft.directory/users/invalidateallrefreshtokens",
            "microsoft.directory/groups/members/update",
            "microsoft.directory/applications/credentials/update",
            "microsoft.directory/applications/owners/update",
        ],
    ),
    weak("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator", APPLICATIONS),
    weak("158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator", APPLICATIONS),
    weak(
        "cf1c38e5-3621-4004-a7cb-879624dced7c",
        "Application Developer",
        &[
            "microsoft.directory/applications/createasowner",
            "microsoft.directory/serviceprincipals/createasowner",
        ],
    ),
    weak(
        "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2",
        "Hybrid Identity Administrator",
        &[
            "microsoft.directory/applications/*",
            "microsoft.directory/serviceprincipals/*",
            "microsoft.directory/domains/*",
            "microsoft.directory/cloudprovisioning/*",
        ],
    ),
    weak(
        "d29b2b05-8046-44ba-8758-1e26182fcf32",
        "Directory Synchronization Accounts",
        &["microsoft.directory/organization/dirsync/update"],
    ),
    weak(
        "fe930be7-5e62-47db-91af-98c3a49a38b1",
        "User Administrator",
        &[
            "microsoft.directory/users/password/update",
            "microsoft.directory/users/create",
            "microsoft.directory/users/delete",
            "microsoft.directory/users/disable",
            "microsoft.directory/users/enable",
            "microsoft.directory/users/invalidateallrefreshtokens",
            "microsoft.directory/users/manager/update",
            "microsoft.directory/users/userprincipalname/update",
            "microsoft.directory/users/basic/update",
            "microsoft.directory/groups/*",
            "microsoft.directory/groups.security/*",
            "microsoft.directory/groups.unified/*",
        ],
    ),
    weak(
        "729827e3-9c14-49f7-bb1b-9608f156bbb8",
        "Helpdesk Administrator",
        &[
            "microsoft.directory/users/password/update",
            "microsoft.directory/users/invalidateallrefreshtokens",
        ],
    ),
    weak(
        "966707d0-3269-4727-9be2-8c3a10f19b9d",
        "Password Administrator",
        &["microsoft.directory/users/password/update"],
    ),
    weak(
        "4ba39ca4-527c-499a-b93d-d9b492c50246",
        "Partner Tier1 Support",
        &[
            "microsoft.directory/users/password/update",
            "microsoft.directory/groups/members/update",
            "microsoft.directory/applications/credentials/update",
            "microsoft.directory/applications/owners/update",
        ],
    ),
    weak(
        "c4e39bd9-1100-46d3-8c65-fb160da0071f",
        "Authentication Administrator",
        &[
            "microsoft.directory/users/authenticationmethods/*",
            "microsoft.directory/users/password/update",
            "microsoft.directory/users/invalidateallrefreshtokens",
            "microsoft.directory/users/userprincipalname/update",
        ],
    ),
    weak("fdd7a751-b60b-444a-984c-02652fe8fa1c", "Groups Administrator", MEMBERS),
    weak(
        "9360feb5-f418-4baa-8175-e2a00bac4301",
        "Directory Writers",
        &[
            "microsoft.directory/groups/*",
            "microsoft.directory/users/basic/update",
            "microsoft.directory/users/create",
            "microsoft.directory/users/userprincipalname/update",
        ],
    ),
    weak(
        "3a2c62db-5318-420d-8d74-23affee5d9d5",
        "Intune Administrator",
        &["microsoft.directory/groups.security/*", "microsoft.directory/devices/*"],
    ),
    weak("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator", UNIFIED),
    weak("f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "SharePoint Administrator", UNIFIED),
    weak("69091246-20e8-4a56-aa4d-066075b2a7a8", "Teams Administrator", UNIFIED),
    weak(
        "45d8d3c5-c802-45c6-b32a-1d70b5e1e86e",
        "Identity Governance Administrator",
        &["microsoft.directory/entitlementmanagement/*", "microsoft.directory/accessreviews/*"],
    ),
    weak(
        "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
        "Conditional Access Administrator",
        &[
            "microsoft.directory/conditionalaccesspolicies/*",
            "microsoft.directory/namedlocations/*",
        ],
    ),
    weak(
        "194ae4cb-b126-40b2-bd5b-6091b380977d",
        "Security Administrator",
        &[
            "microsoft.directory/conditionalaccesspolicies/*",
            "microsoft.directory/namedlocations/*",
            "microsoft.directory/policies/*",
            "microsoft.directory/*/read",
        ],
    ),
    weak(
        "8329153b-31d0-4727-b945-745eb3bc5f31",
        "Domain Name Administrator",
        &["microsoft.directory/domains/*"],
    ),
    weak(
        "be2f45a1-457d-42af-a067-6ec1fa63bc45",
        "External Identity Provider Administrator",
        &[
            "microsoft.directory/domains/federation/update",
            "microsoft.directory/identityproviders/*",
        ],
    ),
    reading(
        "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
        "Global Reader",
        &["microsoft.directory/*/read"],
    ),
    reading(
        "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
        "Directory Readers",
        &["microsoft.directory/*/read"],
    ),
    reading(
        "5d6b6bb7-de71-4623-b4af-96380a352509",
        "Security Reader",
        &["microsoft.directory/*/read"],
    ),
    reading("f023fd81-a637-4b56-95fd-791ac0226033", "Service Support Administrator", &[]),
    reading("b0f54661-2d74-4c50-afa3-1ec803f12efe", "Billing Administrator", &[]),
    // application permissions of Microsoft Graph
    strong(
        "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
        "RoleManagement.ReadWrite.Directory",
        &[
            "microsoft.directory/roleassignments/*",
            "microsoft.directory/roledefinitions/*",
            "microsoft.directory/directoryroles/*",
            "microsoft.directory/groupsassignabletoroles/*",
            "microsoft.directory/groups/members/update",
        ],
    ),
    strong(
        "06b708a9-e830-4db3-a914-8e69da51d44f",
        "AppRoleAssignment.ReadWrite.All",
        &[
            "microsoft.directory/serviceprincipals/approleassignedto/*",
            "microsoft.directory/serviceprincipals/managepermissiongrantsforall.*",
        ],
    ),
    weak("1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "Application.ReadWrite.All", APPLICATIONS),
    weak(
        "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
        "Directory.ReadWrite.All",
        &[
            "microsoft.directory/groups/*",
            "microsoft.directory/users/basic/update",
            "microsoft.directory/users/create",
            "microsoft.directory/*/read",
        ],
    ),
    // an owner makes use of it on what it owns, which is asked apart
    weak("18a4783c-866b-4cc7-a460-3d5e5662c884", "Application.ReadWrite.OwnedBy", &[]),
    weak(
        "8e8e4742-1d95-4f68-9d56-6ee75648c72a",
        "DelegatedPermissionGrant.ReadWrite.All",
        &["microsoft.directory/oauth2permissiongrants/*"],
    ),
    weak(
        "7e05723c-0bb0-42da-be95-ae9f08a6e53c",
        "Domain.ReadWrite.All",
        &["microsoft.directory/domains/*"],
    ),
    // assigns roles at once, as the portal does for administrators who are assigned for a time
    strong(
        "dd199f4a-f148-40a4-a2ec-f0069cc799ec",
        "RoleAssignmentSchedule.ReadWrite.Directory",
        &["microsoft.directory/roleassignments/*"],
    ),
    // makes people eligible, who activate the role themselves
    strong(
        "fee28b28-e1f3-4841-818e-2704dc62245f",
        "RoleEligibilitySchedule.ReadWrite.Directory",
        &["microsoft.directory/privilegedidentitymanagement/*"],
    ),
    strong(
        "31e08e0a-d3f7-4ca2-ac39-7343fb83e8ad",
        "RoleManagementPolicy.ReadWrite.Directory",
        &["microsoft.directory/rolemanagementpolicies/*"],
    ),
    // members and owners of groups that are managed for a time, those with roles of the directory among them
    strong("2f6817f8-7b12-4f0f-bc18-eeaf60705a9e", "PrivilegedAccess.ReadWrite.AzureADGroup", JOIN),
    strong(
        "41202f2c-f7ab-45be-b001-85c9728b9d69",
        "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
        JOIN,
    ),
    strong(
        "618b6020-bca8-4de6-99f6-ef445fa4d857",
        "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
        &["microsoft.directory/privilegedidentitymanagement/groups/*"],
    ),
    strong(
        "b38dcc4d-a239-4ed6-aa84-6c65b284f97c",
        "RoleManagementPolicy.ReadWrite.AzureADGroup",
        &["microsoft.directory/rolemanagementpolicies/*"],
    ),
    weak(
        "a402ca1c-2696-4531-972d-6e5ee4aa11ea",
        "Policy.ReadWrite.PermissionGrant",
        &["microsoft.directory/permissiongrantpolicies/*"],
    ),
    weak(
        "29c18626-4985-4dcd-85c0-193eef327366",
        "Policy.ReadWrite.AuthenticationMethod",
        &["microsoft.directory/organization/strongauthentication/*"],
    ),
    weak(
        "01c0a623-fc9b-48e9-b794-0756f8e8f067",
        "Policy.ReadWrite.ConditionalAccess",
        &["microsoft.directory/conditionalaccesspolicies/*"],
    ),
    weak(
        "9acd699f-1e81-4958-b001-93b1d2506e19",
        "EntitlementManagement.ReadWrite.All",
        &["microsoft.directory/entitlementmanagement/*"],
    ),
    weak(
        "cc117bb9-00cf-4eb8-b580-ea2a878fe8f7",
        "User-PasswordProfile.ReadWrite.All",
        &["microsoft.directory/users/password/update"],
    ),
    weak(
        "3011c876-62b7-4ada-afa2-506cbbecc68c",
        "User.EnableDisableAccount.All",
        &["microsoft.directory/users/disable", "microsoft.directory/users/enable"],
    ),
    weak("62a82d76-70ea-41e2-9197-370581804d09", "Group.ReadWrite.All", MEMBERS),
    weak(
        "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
        "GroupMember.ReadWrite.All",
        &["microsoft.directory/groups/members/update"],
    ),
    strong(
        "50483e42-d915-4231-9639-7fdb7fd190e5",
        "UserAuthenticationMethod.ReadWrite.All",
        &["microsoft.directory/users/authenticationmethods/*"],
    ),
    weak(
        "741f803b-c850-494e-b5df-cde7c675a1ca",
        "User.ReadWrite.All",
        &[
            "microsoft.directory/users/basic/update",
            "microsoft.directory/users/create",
            "microsoft.directory/users/delete",
        ],
    ),
    reading(
        "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
        "Directory.Read.All",
        &["microsoft.directory/*/read"],
    ),
    reading(
        "df021288-bdef-4463-88db-98f22de89214",
        "User.Read.All",
        &["microsoft.directory/users/*/read"],
    ),
];
