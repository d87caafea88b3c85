"""A subscription under construction, and what many of its resources have in common."""

from estate import DOMAIN, ago, guid

TENANT = guid("tenant")
LOCATION = "westeurope"
PEOPLE = {
    "cloud-admins": "Group",
    "portal-team": "Group",
    "erp-team": "Group",
    "security-reader": "Group",
    "edi-partner-sync": "ServicePrincipal",
    "release-pipeline": "ServicePrincipal",
    "m.halloran": "User",
    "contract-dba": "User",
}
BUILT_IN = {
    "Owner": ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ["*"], []),
    "Contributor": (
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        ["*"],
        ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"],
    ),
    "Reader": ("acdd72a7-3385-48ef-bd42-f606fba81ae7", ["*/read"], []),
    "User Access Administrator": (
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
        [],
    ),
    "Storage Blob Data Contributor": (
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        ["Microsoft.Storage/storageAccounts/blobServices/containers/read", "Microsoft.Storage/storageAccounts/blobServices/containers/write"],
        [],
    ),
    "Key Vault Secrets User": ("4633458b-17de-408a-b874-0445c86b69e6", [], []),
    "AcrPull": ("7f951dda-4ed3-4680-a7ca-43fe172d538d", ["Microsoft.ContainerRegistry/registries/pull/read"], []),
}
DATA_ACTIONS = {
    "Storage Blob Data Contributor": [
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
    ],
    "Key Vault Secrets User": ["Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"],
}


def role(name, actions, not_actions, data_actions, scopes, role_id, kind="BuiltInRole"):
    return {
        "id": f"/providers/Microsoft.Authorization/roleDefinitions/{role_id}" if kind == "BuiltInRole" else f"{scopes[0]}/providers/Microsoft.Authorization/roleDefinitions/{role_id}",
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": role_id,
        "properties": {
            "roleName": name,
            "type": kind,
            "description": f"{name}.",
            "assignableScopes": scopes,
            "permissions": [{"actions": actions, "notActions": not_actions, "dataActions": data_actions, "notDataActions": []}],
            "createdOn": "2015-02-02T21:55:09.8806423Z" if kind == "BuiltInRole" else ago(612, form="%Y-%m-%dT%H:%M:%S.4410000Z"),
            "updatedOn": ago(190, form="%Y-%m-%dT%H:%M:%S.1230000Z"),
        },
    }


ROLES = {name: role(name, actions, nots, DATA_ACTIONS.get(name, []), ["/"], role_id) for name, (role_id, actions, nots) in BUILT_IN.items()}


class Subscription:
    def __init__(self, name, slug):
        self.name, self.slug = name, slug
        self.guid = guid(f"subscription/{slug}")
        self.id = f"/subscriptions/{self.guid}"
        self.items = []
        self.groups = {}
        self.custom_role = role(
            "Larkspur Deployment Operator", ["*"], [], [], [self.id], guid("role/deployment-operator"), "CustomRole"
        )  # fmt: skip

    def group(self, name, **tags):
        """Makes a resource group on first use; its id."""
        group = f"{self.id}/resourceGroups/{name}"
        if name not in self.groups:
            self.groups[name] = tags
            self.put("Microsoft.Resources/resourceGroups", group, name, {"provisioningState": "Succeeded"}, tags=tags or None)
        return group

    def put(self, kind, identifier, name, properties, /, *, location=LOCATION, tags=None, **more):
        item = {"id": identifier, "name": name, "type": kind}
        if location:
            item["location"] = location
        if tags:
            item["tags"] = tags
        item.update(more)
        item["properties"] = properties
        self.items.append(item)
        return item

    def add(self, group, kind, name, properties, /, **more):
        """A resource in a resource group, of a kind such as `Microsoft.Storage/storageAccounts`."""
        identifier = f"{self.group(group)}/providers/{kind}/{name}"
        more.setdefault("tags", dict(self.groups[group]))
        return self.put(kind, identifier, name, properties, **more)

    def child(self, parent, kind, name, properties, /, **more):
        """A resource below another, for instance a database of a server."""
        more.setdefault("location", None)
        full = f"{parent['type']}/{kind}"
        return self.put(full, f"{parent['id']}/{kind}/{name}", name, properties, **more)

    def extension(self, target, kind, name, properties, /, **more):
        """A resource that is attached to another, for instance a diagnostic setting or a lock."""
        identifier = f"{target}/providers/{kind}/{name}"
        return self.put(kind, identifier, name, properties, location=None, **more)

    def logs(self, target, workspace, categories, name="to-log-analytics", storage=None, metrics=True):
        self.extension(
            target,
            "Microsoft.Insights/diagnosticSettings",
            name,
            {
                "storageAccountId": storage,
                "workspaceId": workspace,
                "eventHubAuthorizationRuleId": None,
                "eventHubName": None,
                "metrics": [{"category": "AllMetrics", "enabled": True, "retentionPolicy": {"days": 0, "enabled": False}}] if metrics else [],
                "logs": [{"category": c, "categoryGroup": None, "enabled": True, "retentionPolicy": {"days": 0, "enabled": False}} for c in categories],
                "logAnalyticsDestinationType": None,
            },
        )

    def assign(self, scope, role_name, principal, principal_type, custom=None):
        definition = custom["id"] if custom else f"{self.id}{ROLES[role_name]['id']}"
        name = guid(f"assignment/{scope}/{role_name}/{principal}")
        self.put(
            "Microsoft.Authorization/roleAssignments",
            f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
            name,
            {
                "roleDefinitionId": definition,
                "principalId": principal,
                "principalType": principal_type,
                "scope": scope,
                "condition": None,
                "conditionVersion": None,
                "createdOn": ago(420, form="%Y-%m-%dT%H:%M:%S.3310000Z"),
                "updatedOn": ago(420, form="%Y-%m-%dT%H:%M:%S.3310000Z"),
                "createdBy": guid("user/m.halloran"),
                "updatedBy": guid("user/m.halloran"),
                "delegatedManagedIdentityResourceId": None,
                "description": None,
            },
            location=None,
        )


def principal(name):
    """The object id of a person, group or application of the tenant."""
    return guid(f"{PEOPLE[name].lower()}/{name}")


def system_identity(name):
    return {"type": "SystemAssigned", "principalId": guid(f"identity/{name}"), "tenantId": TENANT}


def user_identity(identity):
    own = {"principalId": identity["properties"]["principalId"], "clientId": identity["properties"]["clientId"]}
    return {"type": "UserAssigned", "userAssignedIdentities": {identity["id"]: own}}


def mail(name):
    return f"{name}@{DOMAIN}"
