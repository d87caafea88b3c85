"""Entra ID: the people, groups and applications of the tenant, as Microsoft Graph prints them."""

from azure_base import PEOPLE, mail, principal
from estate import ago, guid

GRAPH = "https://graph.microsoft.com/v1.0/$metadata#"
MEMBERS = {"cloud-admins": ["m.halloran"], "portal-team": ["s.okoye"], "erp-team": ["j.vandenberg"], "security-reader": ["a.ferreira"]}
USERS = {
    # name: (member?, enabled?, second factor?, administrator?)
    "m.halloran": (True, True, True, True),
    "s.okoye": (True, True, True, False),
    "j.vandenberg": (True, True, False, False),  # planted: no second factor
    "a.ferreira": (True, True, True, False),
    "contract-dba": (False, True, False, True),  # planted: a guest who may hand out access
    "depot-scanner": (True, False, False, False),
}


def at(days):
    return ago(days, form="%Y-%m-%dT%H:%M:%SZ")


def person(name):
    return principal(name) if name in PEOPLE else guid(f"user/{name}")


def write_entra(folder):
    def page(name, kind, value):
        folder.json(f"azure/entra/{name}.json", {"@odata.context": GRAPH + kind, "value": value})

    names = {name: " ".join(part.capitalize() for part in name.replace("-", ".").split(".")) for name in USERS}
    page("users", "users", [{"id": person(n), "displayName": names[n], "userPrincipalName": mail(n) if member else f"contract-dba_partner.example#EXT#@{mail('x').split('@')[1]}", "mail": mail(n) if member else "contract-dba@partner.example", "accountEnabled": enabled, "userType": "Member" if member else "Guest", "createdDateTime": at(700), "onPremisesSyncEnabled": None} for n, (member, enabled, _, _) in USERS.items()])
    page("user-registration-details", "reports/authenticationMethods/userRegistrationDetails", [{"id": person(n), "userPrincipalName": mail(n), "userDisplayName": names[n], "userType": "member" if member else "guest", "isAdmin": admin, "isMfaRegistered": factor, "isMfaCapable": factor, "isPasswordlessCapable": False, "isSsprRegistered": factor, "methodsRegistered": ["microsoftAuthenticatorPush"] if factor else [], "lastUpdatedDateTime": at(1)} for n, (member, _, factor, admin) in USERS.items()])
    page("groups", "groups", [{"id": principal(g), "displayName": g, "securityEnabled": True, "mailEnabled": False, "groupTypes": [], "isAssignableToRole": g == "cloud-admins", "createdDateTime": at(700), "members": [{"@odata.type": "#microsoft.graph.user", "id": person(m), "displayName": names[m]} for m in members]} for g, members in MEMBERS.items()])
    applications = {"edi-partner-sync": 1400, "release-pipeline": None}  # planted: a secret for four years
    page("service-principals", "servicePrincipals", [{"id": principal(n), "appId": guid(f"app/{n}"), "displayName": n, "servicePrincipalType": "Application", "accountEnabled": True, "appOwnerOrganizationId": guid("tenant")} for n in applications] + [{"id": guid(f"identity/{n}"), "appId": guid(f"client/{n}"), "displayName": n, "servicePrincipalType": "ManagedIdentity", "accountEnabled": True} for n in ("vm-jump-01", "app-portal-prod", "func-rate-quotes", "id-release-pipeline", "id-aks-dispatch", "aa-corp-ops")])
    page("applications", "applications", [{"id": guid(f"application/{n}"), "appId": guid(f"app/{n}"), "displayName": n, "signInAudience": "AzureADMyOrg", "createdDateTime": at(600), "keyCredentials": [], "passwordCredentials": [{"keyId": guid(f"credential/{n}"), "displayName": "sync", "startDateTime": at(60), "endDateTime": at(60 - days)}] if days else [], "web": {"redirectUris": [], "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False}}} for n, days in applications.items()])
    page("directory-roles", "directoryRoles", [{"id": guid("directory-role/ga"), "displayName": "Global Administrator", "roleTemplateId": "62e90394-69f5-4237-9190-012177145e10", "members": [{"@odata.type": "#microsoft.graph.user", "id": person("m.halloran"), "displayName": names["m.halloran"]}]}])
    # planted: the policy that asks administrators for a second factor is only reported
    everyone = {"includeUsers": [], "excludeUsers": [], "includeRoles": ["62e90394-69f5-4237-9190-012177145e10"], "includeGroups": [], "excludeGroups": [], "excludeRoles": []}
    page("conditional-access-policies", "identity/conditionalAccess/policies", [{"id": guid("policy/mfa"), "displayName": "Administrators need a second factor", "state": "enabledForReportingButNotEnforced", "createdDateTime": at(300), "conditions": {"clientAppTypes": ["all"], "users": everyone, "applications": {"includeApplications": ["All"], "excludeApplications": [], "includeUserActions": []}}, "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}}])
    page("security-defaults", "policies/identitySecurityDefaultsEnforcementPolicy", [{"id": "00000000-0000-0000-0000-000000000005", "displayName": "Security Defaults", "isEnabled": False}])
    page("authorization-policy", "policies/authorizationPolicy", [{"id": "authorizationPolicy", "displayName": "Authorization Policy", "allowInvitesFrom": "everyone", "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3", "blockMsolPowerShell": False, "defaultUserRolePermissions": {"allowedToCreateApps": True, "allowedToCreateSecurityGroups": False, "allowedToCreateTenants": True, "allowedToReadOtherUsers": True}}])
