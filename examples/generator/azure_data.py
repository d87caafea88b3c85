"""Where the production subscription keeps things: storage, databases, vaults, logs."""

import calendar

from azure_base import TENANT, mail, principal, system_identity
from estate import NOW, ago, guid

DOCUMENT_TAGS = {"dataClassification": "customer-confidential"}


def add_data(sub):
    sub.group("rg-shared-prod", env="prod", owner="platform", costCenter="4100")
    sub.group("rg-data-prod", env="prod", owner="data", costCenter="4200")
    sub.group("rg-freight-erp-prod", env="prod", owner="erp-team", costCenter="4300")
    sub.group("rg-portal-prod", env="prod", owner="portal-team", costCenter="4400")
    sub.data = {}
    logging(sub)
    vaults(sub)
    storage(sub)
    sql(sub)
    other_databases(sub)
    private_endpoints(sub)


def logging(sub):
    sub.data["log"] = sub.add(
        "rg-shared-prod",
        "Microsoft.OperationalInsights/workspaces",
        "log-larkspur-prod",
        {
            "customerId": guid("workspace"),
            "provisioningState": "Succeeded",
            "sku": {"name": "PerGB2018", "lastSkuUpdate": ago(700)},
            "retentionInDays": 180,
            "features": {"enableLogAccessUsingOnlyResourcePermissions": True, "disableLocalAuth": True},
            "workspaceCapping": {"dailyQuotaGb": -1.0, "quotaNextResetTime": ago(-1), "dataIngestionStatus": "RespectQuota"},
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
            "createdDate": ago(700),
            "modifiedDate": ago(30),
        },
    )
    sub.data["ag"] = sub.add(
        "rg-shared-prod",
        "Microsoft.Insights/actionGroups",
        "ag-security",
        {
            "groupShortName": "security",
            "enabled": True,
            "emailReceivers": [{"name": "soc", "emailAddress": mail("soc"), "useCommonAlertSchema": True, "status": "Enabled"}],
            "smsReceivers": [],
            "webhookReceivers": [],
            "azureAppPushReceivers": [],
            "armRoleReceivers": [],
            "logicAppReceivers": [],
            "azureFunctionReceivers": [],
        },
        location="Global",
    )
    # planted: nobody is told about changes to network security groups and key vaults
    for name, operation in {
        "alert-policy-assignment": "Microsoft.Authorization/policyAssignments/write",
        "alert-sql-firewall": "Microsoft.Sql/servers/firewallRules/write",
        "alert-security-solution": "Microsoft.Security/securitySolutions/write",
    }.items():
        sub.add(
            "rg-shared-prod",
            "Microsoft.Insights/activityLogAlerts",
            name,
            {
                "scopes": [sub.id],
                "enabled": True,
                "description": "",
                "condition": {"allOf": [{"field": "category", "equals": "Administrative"}, {"field": "operationName", "equals": operation}]},
                "actions": {"actionGroups": [{"actionGroupId": sub.data["ag"]["id"], "webhookProperties": {}}]},
            },
            location="Global",
        )
    categories = ["Administrative", "Security", "Alert", "Policy"]
    sub.logs(sub.id, sub.data["log"]["id"], categories, name="activity-to-log-analytics", metrics=False)


def seconds(days):
    return calendar.timegm(NOW.timetuple()) - days * 86400


def vaults(sub):
    def vault(name, group, open_to_all, purge, rbac, policies=()):
        return sub.add(
            group,
            "Microsoft.KeyVault/vaults",
            name,
            {
                "sku": {"family": "A", "name": "premium" if purge else "standard"},
                "tenantId": TENANT,
                "accessPolicies": [{"tenantId": TENANT, "objectId": who, "permissions": what} for who, what in policies],
                "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow" if open_to_all else "Deny", "ipRules": [], "virtualNetworkRules": []},
                "enabledForDeployment": False,
                "enabledForDiskEncryption": False,
                "enabledForTemplateDeployment": False,
                "enableSoftDelete": True,
                "softDeleteRetentionInDays": 90 if purge else 7,
                "enableRbacAuthorization": rbac,
                **({"enablePurgeProtection": True} if purge else {}),
                "vaultUri": f"https://{name}.vault.azure.net/",
                "provisioningState": "Succeeded",
                "publicNetworkAccess": "Enabled" if open_to_all else "Disabled",
            },
            systemData={"createdBy": mail("m.halloran"), "createdByType": "User", "createdAt": ago(640), "lastModifiedAt": ago(25)},
        )

    good = sub.data["kv"] = vault("kv-larkspur-prod", "rg-shared-prod", False, True, True)
    sub.logs(good["id"], sub.data["log"]["id"], ["AuditEvent"])
    everything = {"keys": ["all"], "secrets": ["all"], "certificates": ["all"], "storage": []}
    read = {"keys": [], "secrets": ["get", "list"], "certificates": [], "storage": []}
    # planted: reachable from anywhere, access policies, no purge protection, no log
    bad = sub.data["kv-portal"] = vault(
        "kv-portal-prod", "rg-portal-prod", True, False, False, [(principal("contract-dba"), everything), (guid("identity/func-rate-quotes"), read), (principal("portal-team"), read)]
    )
    for parent, name, days, rotation in ((good, "disk-encryption", 480, True), (good, "sql-tde", 210, True), (bad, "quote-signing", None, False)):
        attributes = {"enabled": True, "created": seconds(400), "updated": seconds(120), "recoveryLevel": "Recoverable+Purgeable" if parent is bad else "Recoverable", "exportable": False}
        if days:
            attributes["exp"] = seconds(-days)
        sub.child(
            parent,
            "keys",
            name,
            {
                "attributes": attributes,
                "kty": "RSA-HSM" if parent is good else "RSA",
                "keyOps": ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"],
                "keySize": 3072 if parent is good else 2048,
                "keyUri": f"{parent['properties']['vaultUri']}keys/{name}",
                "keyUriWithVersion": f"{parent['properties']['vaultUri']}keys/{name}/{guid(name).replace('-', '')}",
                **({"rotationPolicy": {"attributes": {"expiryTime": "P2Y"}, "lifetimeActions": [{"trigger": {"timeAfterCreate": "P18M"}, "action": {"type": "rotate"}}]}} if rotation else {}),
            },
            location="westeurope",
        )
    for parent, name, days in ((good, "portal-tls", 60), (good, "erp-service-bus", 95), (bad, "rates-db-connection", None), (bad, "carrier-api-token", None)):
        sub.child(
            parent,
            "secrets",
            name,
            {
                "attributes": {"enabled": True, "created": seconds(500), "updated": seconds(500), **({"exp": seconds(-days)} if days else {})},
                "contentType": "application/x-pem-file" if "tls" in name else "",
                "secretUri": f"{parent['properties']['vaultUri']}secrets/{name}",
                "secretUriWithVersion": f"{parent['properties']['vaultUri']}secrets/{name}/{guid(name).replace('-', '')}",
            },
            location="westeurope",
        )


def storage(sub):
    def account(name, group, *, public=False, https=True, tls="TLS1_2", shared_key=False, deny=True, double=True, tags=None, delete_days=30, cmk=False, log=True):
        encryption = {
            "services": {k: {"enabled": True, "keyType": "Account", "lastEnabledTime": ago(600, form="%Y-%m-%dT%H:%M:%S.0000000Z")} for k in ("blob", "file")},
            "keySource": "Microsoft.Keyvault" if cmk else "Microsoft.Storage",
            "requireInfrastructureEncryption": double,
        }
        if cmk:
            encryption["keyvaultproperties"] = {"keyname": "disk-encryption", "keyvaulturi": "https://kv-larkspur-prod.vault.azure.net/"}
        made = sub.data[name] = sub.add(
            group,
            "Microsoft.Storage/storageAccounts",
            name,
            {
                "provisioningState": "Succeeded",
                "creationTime": ago(600, form="%Y-%m-%dT%H:%M:%S.0000000Z"),
                "allowBlobPublicAccess": public,
                "allowSharedKeyAccess": shared_key,
                "allowCrossTenantReplication": False,
                "defaultToOAuthAuthentication": not shared_key,
                "supportsHttpsTrafficOnly": https,
                "minimumTlsVersion": tls,
                "publicNetworkAccess": "Disabled" if deny else "Enabled",
                "accessTier": "Hot",
                "isHnsEnabled": False,
                "encryption": encryption,
                "keyCreationTime": {"key1": ago(600, form="%Y-%m-%dT%H:%M:%S.0000000Z"), "key2": ago(600, form="%Y-%m-%dT%H:%M:%S.0000000Z")},
                "networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny" if deny else "Allow", "ipRules": [], "virtualNetworkRules": [], "resourceAccessRules": []},
                "primaryEndpoints": {k: f"https://{name}.{k}.core.windows.net/" for k in ("blob", "queue", "table", "file", "dfs")},
                "primaryLocation": "westeurope",
                "statusOfPrimary": "available",
                "privateEndpointConnections": [],
            },
            kind="StorageV2",
            sku={"name": "Standard_ZRS" if deny else "Standard_LRS", "tier": "Standard"},
            tags={**sub.groups[group], **(tags or {})},
            **({"identity": system_identity(name)} if cmk else {}),
        )
        sub.child(
            made,
            "blobServices",
            "default",
            {
                "cors": {"corsRules": []},
                "deleteRetentionPolicy": {"allowPermanentDelete": False, "enabled": bool(delete_days), **({"days": delete_days} if delete_days else {})},
                "containerDeleteRetentionPolicy": {"enabled": bool(delete_days), **({"days": delete_days} if delete_days else {})},
                "isVersioningEnabled": bool(delete_days),
                "changeFeed": {"enabled": bool(delete_days)},
            },
            sku=made["sku"],
        )
        sub.child(made, "fileServices", "default", {"cors": {"corsRules": []}, "shareDeleteRetentionPolicy": {"enabled": True, "days": 7}, "protocolSettings": {"smb": {}}}, sku=made["sku"])
        sub.extension(
            made["id"],
            "Microsoft.Security/DefenderForStorageSettings",
            "current",
            {
                "isEnabled": log,
                "malwareScanning": {"onUpload": {"isEnabled": log, "capGBPerMonth": 5000}},
                "sensitiveDataDiscovery": {"isEnabled": log},
                "overrideSubscriptionLevelSettings": False,
            },
        )
        if log:
            sub.logs(f"{made['id']}/blobServices/default", sub.data["log"]["id"], ["StorageRead", "StorageWrite", "StorageDelete"])
        return made

    def container(parent, name, access="None", immutable=False, **metadata):
        sub.put(
            "Microsoft.Storage/storageAccounts/blobServices/containers",
            f"{parent['id']}/blobServices/default/containers/{name}",
            name,
            {
                "publicAccess": access,
                "defaultEncryptionScope": "$account-encryption-key",
                "denyEncryptionScopeOverride": False,
                "hasImmutabilityPolicy": immutable,
                "hasLegalHold": False,
                "immutableStorageWithVersioning": {"enabled": immutable},
                "leaseState": "Available",
                "leaseStatus": "Unlocked",
                "lastModifiedTime": ago(90, form="%Y-%m-%dT%H:%M:%S.0000000Z"),
                "deleted": False,
                "remainingRetentionDays": 0,
                **({"metadata": metadata} if metadata else {}),
            },
            location=None,
            etag=f'"0x8D{guid(name)[:11].replace("-", "").upper()}"',
        )

    logs = account("stlarkspurlogs", "rg-shared-prod", cmk=True)
    container(logs, "insights-logs-auditevent", immutable=True)
    backup = account("stlarkspurbackup", "rg-shared-prod", cmk=True)
    container(backup, "erp-nightly", immutable=True)
    container(backup, "sql-bacpac", immutable=True)
    # planted: bills of lading and customs papers that anybody can list
    documents = account("stlarkspurdocs", "rg-portal-prod", public=True, shared_key=True, deny=False, double=False, tags=DOCUMENT_TAGS, delete_days=0, log=False)
    container(documents, "shipment-documents", "Container", purpose="bills-of-lading")
    container(documents, "customs-declarations", "Blob")
    container(documents, "invoices")
    # planted: old partner exchange, clear text allowed, old TLS
    edi = account("stediexchange", "rg-freight-erp-prod", https=False, tls="TLS1_0", shared_key=True, deny=False, double=False, delete_days=0, log=False)
    container(edi, "inbound")
    container(edi, "outbound")
    share = f"{edi['id']}/fileServices/default/shares/partner-drop"
    sub.put("Microsoft.Storage/storageAccounts/fileServices/shares", share, "partner-drop", {"accessTier": "TransactionOptimized", "enabledProtocols": "SMB", "shareQuota": 512, "lastModifiedTime": ago(90, form="%Y-%m-%dT%H:%M:%S.0000000Z"), "leaseState": "Available", "leaseStatus": "Unlocked"}, location=None)
    # public on purpose: pictures and style sheets of the portal
    assets = account("stportalassets", "rg-portal-prod", public=True, deny=False, tags={"dataClassification": "public"})
    container(assets, "static", "Blob")


def sql(sub):
    def server(name, group, public, tls, admins, entra_only):
        return sub.add(
            group,
            "Microsoft.Sql/servers",
            name,
            {
                "administratorLogin": "larkadmin",
                "version": "12.0",
                "state": "Ready",
                "fullyQualifiedDomainName": f"{name}.database.windows.net",
                "privateEndpointConnections": [],
                "minimalTlsVersion": tls,
                "publicNetworkAccess": "Enabled" if public else "Disabled",
                "restrictOutboundNetworkAccess": "Disabled" if public else "Enabled",
                **({"administrators": {"administratorType": "ActiveDirectory", "principalType": "Group", "login": "erp-team", "sid": principal(admins), "tenantId": TENANT, "azureADOnlyAuthentication": entra_only}} if admins else {}),
            },
            kind="v12.0",
            **({"identity": system_identity(name)} if not public else {}),
        )

    def parts(made, good):
        state = "Enabled" if good else "Disabled"
        sub.child(
            made,
            "auditingSettings",
            "default",
            {
                "state": state,
                "retentionDays": 0,
                "auditActionsAndGroups": ["SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP", "FAILED_DATABASE_AUTHENTICATION_GROUP", "BATCH_COMPLETED_GROUP"] if good else [],
                "isStorageSecondaryKeyInUse": False,
                "isAzureMonitorTargetEnabled": good,
                "isManagedIdentityInUse": False,
                "storageAccountSubscriptionId": "00000000-0000-0000-0000-000000000000",
            },
        )
        sub.child(made, "securityAlertPolicies", "default", {"state": state, "disabledAlerts": [""], "emailAddresses": [mail("soc") if good else ""], "emailAccountAdmins": good, "retentionDays": 0, "creationTime": ago(300)})
        sub.child(made, "vulnerabilityAssessments", "default", {"recurringScans": {"isEnabled": good, "emailSubscriptionAdmins": good, "emails": [mail("soc")] if good else []}, **({"storageContainerPath": "https://stlarkspurlogs.blob.core.windows.net/vulnerability-assessment/"} if good else {})})
        sub.child(made, "encryptionProtector", "current", {"serverKeyType": "AzureKeyVault" if good else "ServiceManaged", "serverKeyName": "kv-larkspur-prod_sql-tde" if good else "ServiceManaged", **({"uri": "https://kv-larkspur-prod.vault.azure.net/keys/sql-tde", "autoRotationEnabled": True} if good else {})}, kind="azurekeyvault" if good else "servicemanaged")
        sub.child(made, "azureADOnlyAuthentications", "default", {"azureADOnlyAuthentication": good})
        if good:
            sub.child(made, "administrators", "ActiveDirectory", {"administratorType": "ActiveDirectory", "login": "erp-team", "sid": principal("erp-team"), "tenantId": TENANT, "azureADOnlyAuthentication": True})

    def database(made, name, encrypted, tier, tags=None):
        one = sub.child(
            made,
            "databases",
            name,
            {
                "collation": "SQL_Latin1_General_CP1_CI_AS",
                "maxSizeBytes": 274877906944,
                "status": "Online",
                "databaseId": guid(f"database/{name}"),
                "creationDate": ago(800, form="%Y-%m-%dT%H:%M:%S.213Z"),
                "currentServiceObjectiveName": tier[0],
                "requestedServiceObjectiveName": tier[0],
                "defaultSecondaryLocation": "northeurope",
                "catalogCollation": "SQL_Latin1_General_CP1_CI_AS",
                "zoneRedundant": encrypted,
                "readScale": "Enabled" if encrypted else "Disabled",
                "currentSku": {"name": tier[1], "tier": tier[2], "capacity": 4},
                "currentBackupStorageRedundancy": "Geo" if encrypted else "Local",
                "requestedBackupStorageRedundancy": "Geo" if encrypted else "Local",
                "isLedgerOn": False,
                "isInfraEncryptionEnabled": False,
            },
            location="westeurope",
            kind="v12.0,user,vcore",
            sku={"name": tier[1], "tier": tier[2], "capacity": 4},
            tags=tags,
        )
        sub.child(one, "transparentDataEncryption", "current", {"state": "Enabled" if encrypted else "Disabled"})
        sub.child(one, "auditingSettings", "default", {"state": "Enabled" if encrypted else "Disabled", "isAzureMonitorTargetEnabled": encrypted, "retentionDays": 0, "auditActionsAndGroups": [], "isStorageSecondaryKeyInUse": False, "storageAccountSubscriptionId": "00000000-0000-0000-0000-000000000000"})

    erp = sub.data["sql-erp"] = server("sql-larkspur-erp", "rg-freight-erp-prod", False, "1.2", "erp-team", True)
    parts(erp, True)
    sub.child(erp, "virtualNetworkRules", "portal", {"virtualNetworkSubnetId": sub.net["snet-portal"]["id"], "ignoreMissingVnetServiceEndpoint": False, "state": "Ready"})
    database(erp, "freight-erp", True, ("BC_Gen5_4", "BC_Gen5", "BusinessCritical"), DOCUMENT_TAGS)
    database(erp, "billing", True, ("GP_Gen5_4", "GP_Gen5", "GeneralPurpose"), DOCUMENT_TAGS)
    # planted: rate tables with the customers' contracts, open to the whole internet
    rates = sub.data["sql-rates"] = server("sql-legacy-rates", "rg-portal-prod", True, "1.0", None, False)
    parts(rates, False)
    for name, start, end in (("AllowAllWindowsAzureIps", "0.0.0.0", "0.0.0.0"), ("consultants", "0.0.0.0", "255.255.255.255"), ("depot-hamburg", "198.51.100.20", "198.51.100.23")):
        sub.child(rates, "firewallRules", name, {"startIpAddress": start, "endIpAddress": end})
    database(rates, "contract-rates", False, ("S3", "Standard", "Standard"), {"dataClassification": "confidential"})


def other_databases(sub):
    def postgres(name, good):
        made = sub.add(
            "rg-data-prod",
            "Microsoft.DBforPostgreSQL/flexibleServers",
            name,
            {
                "version": "16" if good else "12",
                "minorVersion": "4",
                "state": "Ready",
                "administratorLogin": "dispatch_admin",
                "fullyQualifiedDomainName": f"{name}.postgres.database.azure.com",
                "availabilityZone": "1",
                "storage": {"storageSizeGB": 256, "autoGrow": "Enabled", "tier": "P15", "iops": 1100},
                "backup": {"backupRetentionDays": 35 if good else 7, "geoRedundantBackup": "Enabled" if good else "Disabled", "earliestRestoreDate": ago(7)},
                "highAvailability": {"mode": "ZoneRedundant" if good else "Disabled", "state": "Healthy" if good else "NotEnabled"},
                "network": {"publicNetworkAccess": "Disabled", "delegatedSubnetResourceId": sub.net["snet-postgres"]["id"]} if good else {"publicNetworkAccess": "Enabled"},
                "authConfig": {"activeDirectoryAuth": "Enabled" if good else "Disabled", "passwordAuth": "Disabled" if good else "Enabled", **({"tenantId": TENANT} if good else {})},
                "dataEncryption": {"type": "SystemManaged"},
                "maintenanceWindow": {"customWindow": "Disabled", "dayOfWeek": 0, "startHour": 0, "startMinute": 0},
                "replicationRole": "Primary",
                "privateEndpointConnections": [],
            },
            sku={"name": "Standard_D4ds_v5", "tier": "GeneralPurpose"},
        )
        for key, value in {"require_secure_transport": "on" if good else "off", "log_checkpoints": "on", "log_connections": "on" if good else "off", "log_disconnections": "on" if good else "off", "connection_throttle.enable": "on" if good else "off", "logfiles.retention_days": "7" if good else "3", "ssl_min_protocol_version": "TLSv1.2"}.items():
            sub.child(made, "configurations", key, {"value": value, "defaultValue": "on", "dataType": "Boolean", "source": "user-override", "isConfigPendingRestart": False, "isDynamicConfig": True, "isReadOnly": False, "documentationLink": "", "description": ""})
        return made

    good = postgres("psql-dispatch-prod", True)
    sub.logs(good["id"], sub.data["log"]["id"], ["PostgreSQLLogs"])
    bad = postgres("psql-yard-prod", False)  # planted: yard management, added in a hurry
    sub.child(bad, "firewallRules", "AllowAllAzureServicesAndResourcesWithinAzureIps", {"startIpAddress": "0.0.0.0", "endIpAddress": "0.0.0.0"})
    sub.child(bad, "firewallRules", "everyone", {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"})
    sub.data["cosmos"] = sub.add(
        "rg-data-prod",
        "Microsoft.DocumentDB/databaseAccounts",
        "cosmos-tracking-prod",
        {
            "provisioningState": "Succeeded",
            "documentEndpoint": "https://cosmos-tracking-prod.documents.azure.com:443/",
            "publicNetworkAccess": "Enabled",
            "enableAutomaticFailover": True,
            "enableMultipleWriteLocations": False,
            "isVirtualNetworkFilterEnabled": True,
            "virtualNetworkRules": [{"id": sub.net["snet-portal"]["id"], "ignoreMissingVNetServiceEndpoint": False}],
            "ipRules": [],
            "disableKeyBasedMetadataWriteAccess": True,
            "disableLocalAuth": False,  # planted: account keys still work
            "enableAnalyticalStorage": False,
            "enableFreeTier": False,
            "databaseAccountOfferType": "Standard",
            "defaultIdentity": "FirstPartyIdentity",
            "minimalTlsVersion": "Tls12",
            "networkAclBypass": "None",
            "networkAclBypassResourceIds": [],
            "consistencyPolicy": {"defaultConsistencyLevel": "Session", "maxIntervalInSeconds": 5, "maxStalenessPrefix": 100},
            "locations": [{"id": "cosmos-tracking-prod-westeurope", "locationName": "West Europe", "documentEndpoint": "https://cosmos-tracking-prod-westeurope.documents.azure.com:443/", "provisioningState": "Succeeded", "failoverPriority": 0, "isZoneRedundant": True}],
            "capabilities": [],
            "backupPolicy": {"type": "Continuous", "continuousModeProperties": {"tier": "Continuous30Days"}},
            "cors": [],
            "privateEndpointConnections": [],
        },
        kind="GlobalDocumentDB",
        identity={"type": "None"},
    )
    sub.add(
        "rg-portal-prod",
        "Microsoft.Cache/redis",
        "redis-portal-prod",
        {
            "provisioningState": "Succeeded",
            "redisVersion": "6.0",
            "sku": {"name": "Standard", "family": "C", "capacity": 2},
            "enableNonSslPort": True,  # planted: sessions of the portal travel in clear text
            "minimumTlsVersion": "1.0",
            "publicNetworkAccess": "Enabled",
            "disableAccessKeyAuthentication": False,
            "hostName": "redis-portal-prod.redis.cache.windows.net",
            "port": 6379,
            "sslPort": 6380,
            "redisConfiguration": {"maxmemory-policy": "volatile-lru", "maxmemory-reserved": "299", "aad-enabled": "false"},
            "linkedServers": [],
            "privateEndpointConnections": [],
            "updateChannel": "Stable",
            "zonalAllocationPolicy": "NoZones",
        },
    )


def private_endpoints(sub):
    zone = sub.add("rg-network-prod", "Microsoft.Network/privateDnsZones", "privatelink.database.windows.net", {"provisioningState": "Succeeded", "numberOfRecordSets": 2, "maxNumberOfRecordSets": 25000, "numberOfVirtualNetworkLinks": 1, "maxNumberOfVirtualNetworkLinks": 1000}, location="global")
    sub.child(zone, "virtualNetworkLinks", "apps", {"provisioningState": "Succeeded", "virtualNetwork": {"id": sub.net["vnet-apps"]["id"]}, "registrationEnabled": False, "virtualNetworkLinkState": "Completed"}, location="global")
    for name, target, group in (("pe-sql-erp", sub.data["sql-erp"], "sqlServer"), ("pe-kv", sub.data["kv"], "vault"), ("pe-backup", sub.data["stlarkspurbackup"], "blob")):
        base = f"{sub.group('rg-network-prod')}/providers/Microsoft.Network/privateEndpoints/{name}"
        made = sub.add(
            "rg-network-prod",
            "Microsoft.Network/privateEndpoints",
            name,
            {
                "provisioningState": "Succeeded",
                "subnet": {"id": sub.net["snet-data"]["id"]},
                "privateLinkServiceConnections": [
                    {
                        "name": name,
                        "id": f"{base}/privateLinkServiceConnections/{name}",
                        "type": "Microsoft.Network/privateEndpoints/privateLinkServiceConnections",
                        "properties": {"provisioningState": "Succeeded", "privateLinkServiceId": target["id"], "groupIds": [group], "privateLinkServiceConnectionState": {"status": "Approved", "description": "", "actionsRequired": "None"}},
                    }
                ],
                "manualPrivateLinkServiceConnections": [],
                "networkInterfaces": [],
                "customDnsConfigs": [],
                "ipConfigurations": [],
            },
            etag=f'W/"{guid(name + "etag")}"',
        )
        connection = f"{target['id']}/privateEndpointConnections/{name}-{guid(name)}"
        target["properties"].setdefault("privateEndpointConnections", []).append(
            {
                "id": connection,
                **({"name": connection.rsplit("/", 1)[1]} if group == "blob" else {}),
                "properties": {"privateEndpoint": {"id": made["id"]}, "provisioningState": "Ready" if group == "sqlServer" else "Succeeded", "privateLinkServiceConnectionState": {"status": "Approved", "description": ""}},
            }
        )
