"""What runs in the production subscription, who may do what there, and how it is governed."""

from azure_base import TENANT, mail, principal, system_identity, user_identity
from azure_network import network_interface
from estate import ago, guid

IMAGE = {"publisher": "Canonical", "offer": "0001-com-ubuntu-server-jammy", "sku": "22_04-lts-gen2", "version": "latest", "exactVersion": "22.04.202410020"}
WINDOWS = {"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2016-Datacenter", "version": "latest", "exactVersion": "14393.6897.240401"}


def add_platform(sub):
    sub.group("rg-edi-legacy", env="prod", owner="unknown", costCenter="4300")
    machines(sub)
    applications(sub)
    containers(sub)
    messaging(sub)
    backup(sub)
    access(sub)
    governance(sub)


def machine(sub, group, name, nic, *, windows=False, password=False, identity=None, modern=True, size="Standard_D4s_v5", encrypted=True, agents=True):
    disk_encryption = {"diskEncryptionSet": {"id": sub.encryption["id"]}} if encrypted else {}
    disk = sub.add(
        group,
        "Microsoft.Compute/disks",
        f"{name}_OsDisk",
        {
            "osType": "Windows" if windows else "Linux",
            "hyperVGeneration": "V2" if modern else "V1",
            "creationData": {"createOption": "FromImage", "imageReference": {"id": f"{sub.id}/Providers/Microsoft.Compute/Locations/westeurope/Publishers/{(WINDOWS if windows else IMAGE)['publisher']}"}},
            "diskSizeGB": 128,
            "diskSizeBytes": 137438953472,
            "diskState": "Attached",
            "encryption": {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": sub.encryption["id"]} if encrypted else {"type": "EncryptionAtRestWithPlatformKey"},
            "networkAccessPolicy": "DenyAll" if encrypted else "AllowAll",
            "publicNetworkAccess": "Disabled" if encrypted else "Enabled",
            "timeCreated": ago(400, form="%Y-%m-%dT%H:%M:%S.1180000+00:00"),
            "uniqueId": guid(f"disk/{name}"),
            "provisioningState": "Succeeded",
            "tier": "P10",
        },
        sku={"name": "Premium_LRS", "tier": "Premium"},
        managedBy=f"{sub.group(group)}/providers/Microsoft.Compute/virtualMachines/{name}",
    )
    mode = "AutomaticByPlatform" if modern else "Manual" if windows else "ImageDefault"
    settings = {"provisionVMAgent": True, "patchSettings": {"patchMode": mode, "assessmentMode": "AutomaticByPlatform" if modern else "ImageDefault"}}
    profile = {"computerName": name[:15], "adminUsername": "larkadmin", "secrets": [], "allowExtensionOperations": True, "requireGuestProvisionSignal": True}
    if windows:
        profile["windowsConfiguration"] = {**settings, "enableAutomaticUpdates": modern}
    else:
        keys = [] if password else [{"path": "/home/larkadmin/.ssh/authorized_keys", "keyData": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEONLYNOTAREALKEY00000000000000000000"}]
        profile["linuxConfiguration"] = {**settings, "disablePasswordAuthentication": not password, **({"ssh": {"publicKeys": keys}} if keys else {})}
    made = sub.add(
        group,
        "Microsoft.Compute/virtualMachines",
        name,
        {
            "hardwareProfile": {"vmSize": size},
            "provisioningState": "Succeeded",
            "vmId": guid(f"vm/{name}"),
            "additionalCapabilities": {"hibernationEnabled": False},
            "storageProfile": {
                "imageReference": WINDOWS if windows else IMAGE,
                "osDisk": {"osType": "Windows" if windows else "Linux", "name": disk["name"], "createOption": "FromImage", "caching": "ReadWrite", "managedDisk": {"storageAccountType": "Premium_LRS", "id": disk["id"], **disk_encryption}, "deleteOption": "Delete", "diskSizeGB": 128},
                "dataDisks": [],
                "diskControllerType": "SCSI",
            },
            "osProfile": profile,
            "networkProfile": {"networkInterfaces": [{"id": nic["id"], "properties": {"deleteOption": "Delete", "primary": True}}]},
            **({"securityProfile": {"securityType": "TrustedLaunch", "encryptionAtHost": True, "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True}}} if modern else {}),
            "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
            "timeCreated": ago(400, form="%Y-%m-%dT%H:%M:%S.1180000+00:00"),
        },
        **({"identity": identity} if identity else {}),
        zones=["1"],
    )
    nic["properties"]["virtualMachine"] = {"id": made["id"]}
    if agents:
        for extension, publisher in (("AzureMonitorWindowsAgent" if windows else "AzureMonitorLinuxAgent", "Microsoft.Azure.Monitor"), ("MDE.Windows" if windows else "MDE.Linux", "Microsoft.Azure.AzureDefenderForServers")):
            sub.child(made, "extensions", extension, {"publisher": publisher, "type": extension, "typeHandlerVersion": "1.0", "autoUpgradeMinorVersion": True, "enableAutomaticUpgrade": True, "provisioningState": "Succeeded", "settings": {}}, location="westeurope")
    return made


def machines(sub):
    sub.encryption = sub.add(
        "rg-shared-prod",
        "Microsoft.Compute/diskEncryptionSets",
        "des-prod",
        {"encryptionType": "EncryptionAtRestWithCustomerKey", "activeKey": {"sourceVault": {"id": sub.data["kv"]["id"]}, "keyUrl": f"https://kv-larkspur-prod.vault.azure.net/keys/disk-encryption/{guid('disk-encryption').replace('-', '')}"}, "rotationToLatestKeyVersionEnabled": True, "previousKeys": [], "provisioningState": "Succeeded"},
        identity=system_identity("des-prod"),
    )
    for index in (1, 2):
        nic = network_interface(sub, "rg-freight-erp-prod", f"nic-erp-0{index}", "snet-erp", f"10.21.1.1{index}")
        machine(sub, "rg-freight-erp-prod", f"vm-erp-app-0{index}", nic, identity=system_identity(f"vm-erp-app-0{index}"))
    # planted: the jump host of the vendor. Public address, RDP from anywhere, old Windows, and an identity that is Contributor.
    nic = network_interface(sub, "rg-edi-legacy", "nic-jump-01", "snet-edi", "10.29.0.10", "pip-jump-01", nsg="nsg-legacy")
    sub.jump = machine(sub, "rg-edi-legacy", "vm-jump-01", nic, windows=True, modern=False, encrypted=False, agents=False, identity=system_identity("vm-jump-01"), size="Standard_B2ms")
    # planted: the EDI gateway. SSH with passwords, forwards packets between partner and hub.
    nic = network_interface(sub, "rg-edi-legacy", "nic-edi-gw-01", "snet-edi", "10.29.0.11", "pip-edi-01", forwarding=True)
    sub.edi = machine(sub, "rg-edi-legacy", "vm-edi-gw-01", nic, password=True, modern=False, encrypted=False, agents=False, size="Standard_B2ms")
    # planted: a forgotten copy of the jump host's disk that can be exported
    sub.add(
        "rg-edi-legacy",
        "Microsoft.Compute/snapshots",
        "snap-jump-01-before-migration",
        {
            "osType": "Windows",
            "hyperVGeneration": "V1",
            "creationData": {"createOption": "Copy", "sourceResourceId": f"{sub.group('rg-edi-legacy')}/providers/Microsoft.Compute/disks/vm-jump-01_OsDisk"},
            "diskSizeGB": 128,
            "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
            "networkAccessPolicy": "AllowAll",
            "publicNetworkAccess": "Enabled",
            "incremental": False,
            "diskState": "Unattached",
            "timeCreated": ago(520, form="%Y-%m-%dT%H:%M:%S.1180000+00:00"),
            "provisioningState": "Succeeded",
            "uniqueId": guid("snapshot"),
        },
        sku={"name": "Standard_LRS", "tier": "Standard"},
    )


def site(sub, name, plan, kind, *, https=True, ftps="Disabled", tls="1.2", cors=None, debugging=False, identity=None, subnet=None, auth=True, runtime="PYTHON|3.12", log=True):
    config = {
        "numberOfWorkers": 1,
        "linuxFxVersion": runtime,
        "minTlsVersion": tls,
        "scmMinTlsVersion": tls,
        "ftpsState": ftps,
        "http20Enabled": https,
        "alwaysOn": True,
        "remoteDebuggingEnabled": debugging,
        "vnetRouteAllEnabled": bool(subnet),
        "ipSecurityRestrictions": [{"ipAddress": "Any", "action": "Allow", "priority": 2147483647, "name": "Allow all", "description": "Allow all access"}],
        "ipSecurityRestrictionsDefaultAction": "Allow",
        "cors": {"allowedOrigins": cors, "supportCredentials": False} if cors else None,
        "managedPipelineMode": "Integrated",
        "loadBalancing": "LeastRequests",
        "webSocketsEnabled": False,
        "httpLoggingEnabled": log,
        "detailedErrorLoggingEnabled": log,
    }
    made = sub.add(
        "rg-portal-prod",
        "Microsoft.Web/sites",
        name,
        {
            "state": "Running",
            "enabled": True,
            "hostNames": [f"{name}.azurewebsites.net"],
            "defaultHostName": f"{name}.azurewebsites.net",
            "hostNameSslStates": [{"name": f"{name}.azurewebsites.net", "sslState": "Disabled", "hostType": "Standard"}],
            "serverFarmId": plan["id"],
            "reserved": True,
            "httpsOnly": https,
            "clientAffinityEnabled": False,
            "clientCertEnabled": False,
            "clientCertMode": "Required",
            "publicNetworkAccess": "Enabled",
            "virtualNetworkSubnetId": subnet,
            "keyVaultReferenceIdentity": "SystemAssigned",
            "endToEndEncryptionEnabled": False,
            "redundancyMode": "None",
            "lastModifiedTimeUtc": ago(12, form="%Y-%m-%dT%H:%M:%S.1"),
            "siteConfig": config,
        },
        kind=kind,
        **({"identity": identity} if identity else {}),
    )
    sub.child(made, "config", "web", config, location="westeurope")
    sub.child(made, "config", "authsettingsV2", {"platform": {"enabled": auth, "runtimeVersion": "~1"}, "globalValidation": {"requireAuthentication": auth, "unauthenticatedClientAction": "RedirectToLoginPage" if auth else "AllowAnonymous"}, "httpSettings": {"requireHttps": https}}, location="westeurope")
    for policy in ("ftp", "scm"):
        sub.child(made, "basicPublishingCredentialsPolicies", policy, {"allow": ftps != "Disabled"}, location="westeurope")
    if log:
        sub.logs(made["id"], sub.data["log"]["id"], ["AppServiceHTTPLogs", "AppServiceAuditLogs"])
    return made


def applications(sub):
    def plan(name, tier):
        return sub.add("rg-portal-prod", "Microsoft.Web/serverfarms", name, {"numberOfWorkers": 2, "numberOfSites": 2, "reserved": True, "status": "Ready", "zoneRedundant": tier == "P1v3", "perSiteScaling": False, "provisioningState": "Succeeded"}, kind="linux", sku={"name": tier, "tier": "PremiumV3" if tier == "P1v3" else "Standard", "size": tier, "capacity": 2})

    main, small = plan("asp-portal-prod", "P1v3"), plan("asp-tools-prod", "S1")
    sub.portal = site(sub, "app-portal-prod", main, "app,linux", identity=system_identity("app-portal-prod"), subnet=sub.net["snet-portal"]["id"])
    # planted: rate quotes for anybody: plain HTTP, any origin, no sign-in, plain FTP, and it reads the portal's vault
    sub.quotes = site(sub, "func-rate-quotes", small, "functionapp,linux", https=False, ftps="AllAllowed", tls="1.0", cors=["*"], identity=system_identity("func-rate-quotes"), auth=False, runtime="Python|3.8", log=False)
    # planted: remote debugging left on
    site(sub, "app-edi-admin", small, "app,linux", debugging=True, ftps="FtpsOnly", auth=False, log=False)
    sub.add("rg-portal-prod", "Microsoft.Insights/components", "appi-portal-prod", {"Application_Type": "web", "AppId": guid("appi"), "ApplicationId": "appi-portal-prod", "InstrumentationKey": guid("instrumentation"), "ConnectionString": f"InstrumentationKey={guid('instrumentation')}", "WorkspaceResourceId": sub.data["log"]["id"], "IngestionMode": "LogAnalytics", "publicNetworkAccessForIngestion": "Enabled", "publicNetworkAccessForQuery": "Enabled", "RetentionInDays": 90, "DisableLocalAuth": False, "provisioningState": "Succeeded"}, kind="web")


def containers(sub):
    identity = sub.add("rg-shared-prod", "Microsoft.ManagedIdentity/userAssignedIdentities", "id-aks-dispatch", {"tenantId": TENANT, "principalId": guid("identity/id-aks-dispatch"), "clientId": guid("client/id-aks-dispatch")})
    release = sub.release = sub.add("rg-shared-prod", "Microsoft.ManagedIdentity/userAssignedIdentities", "id-release-pipeline", {"tenantId": TENANT, "principalId": guid("identity/id-release-pipeline"), "clientId": guid("client/id-release-pipeline")})
    # planted: any branch of the repository may become the release identity
    sub.child(release, "federatedIdentityCredentials", "github", {"issuer": "https://token.actions.githubusercontent.com", "subject": "repo:larkspur-freight/*", "audiences": ["api://AzureADTokenExchange"]})
    registry = sub.add(
        "rg-shared-prod",
        "Microsoft.ContainerRegistry/registries",
        "crlarkspurprod",
        {
            "loginServer": "crlarkspurprod.azurecr.io",
            "creationDate": ago(500, form="%Y-%m-%dT%H:%M:%S.3310000Z"),
            "provisioningState": "Succeeded",
            "adminUserEnabled": True,  # planted
            "anonymousPullEnabled": False,
            "publicNetworkAccess": "Enabled",
            "networkRuleBypassOptions": "AzureServices",
            "networkRuleSet": {"defaultAction": "Allow", "ipRules": []},
            "zoneRedundancy": "Enabled",
            "dataEndpointEnabled": False,
            "dataEndpointHostNames": [],
            "policies": {"quarantinePolicy": {"status": "disabled"}, "trustPolicy": {"type": "Notary", "status": "disabled"}, "retentionPolicy": {"days": 30, "status": "enabled", "lastUpdatedTime": ago(200, form="%Y-%m-%dT%H:%M:%S.3310000+00:00")}, "exportPolicy": {"status": "enabled"}},
            "encryption": {"status": "disabled"},
            "privateEndpointConnections": [],
        },
        sku={"name": "Premium", "tier": "Premium"},
    )
    cluster = sub.add(
        "rg-shared-prod",
        "Microsoft.ContainerService/managedClusters",
        "aks-dispatch-prod",
        {
            "provisioningState": "Succeeded",
            "powerState": {"code": "Running"},
            "kubernetesVersion": "1.33.2",
            "currentKubernetesVersion": "1.33.2",
            "dnsPrefix": "aks-dispatch-prod",
            "fqdn": "aks-dispatch-prod-3f1c0d5a.hcp.westeurope.azmk8s.io",
            "nodeResourceGroup": "rg-aks-dispatch-nodes",
            "enableRBAC": True,
            "disableLocalAccounts": True,
            "aadProfile": {"managed": True, "enableAzureRBAC": True, "adminGroupObjectIDs": [principal("cloud-admins")], "tenantID": TENANT},
            "apiServerAccessProfile": {"enablePrivateCluster": False, "authorizedIPRanges": ["198.51.100.0/24"]},
            "networkProfile": {"networkPlugin": "azure", "networkPluginMode": "overlay", "networkPolicy": "cilium", "networkDataplane": "cilium", "loadBalancerSku": "standard", "outboundType": "userDefinedRouting", "podCidr": "10.244.0.0/16", "serviceCidr": "10.30.0.0/16", "dnsServiceIP": "10.30.0.10", "ipFamilies": ["IPv4"]},
            "addonProfiles": {"azurepolicy": {"enabled": True, "config": None}, "azureKeyvaultSecretsProvider": {"enabled": True, "config": {"enableSecretRotation": "true", "rotationPollInterval": "2m"}}, "omsagent": {"enabled": True, "config": {"logAnalyticsWorkspaceResourceID": sub.data["log"]["id"]}}},
            "securityProfile": {"defender": {"logAnalyticsWorkspaceResourceId": sub.data["log"]["id"], "securityMonitoring": {"enabled": True}}, "workloadIdentity": {"enabled": True}, "imageCleaner": {"enabled": True, "intervalHours": 48}},
            "oidcIssuerProfile": {"enabled": True, "issuerURL": f"https://westeurope.oic.prod-aks.azure.com/{TENANT}/{guid('oidc')}/"},
            "autoUpgradeProfile": {"upgradeChannel": "stable", "nodeOSUpgradeChannel": "NodeImage"},
            "agentPoolProfiles": [{"name": "system", "count": 3, "vmSize": "Standard_D4ds_v5", "osDiskSizeGB": 128, "osDiskType": "Ephemeral", "vnetSubnetID": sub.net["snet-aks"]["id"], "maxPods": 110, "type": "VirtualMachineScaleSets", "availabilityZones": ["1", "2", "3"], "enableAutoScaling": True, "minCount": 3, "maxCount": 6, "orchestratorVersion": "1.33.2", "enableNodePublicIP": False, "enableEncryptionAtHost": True, "mode": "System", "osType": "Linux", "osSKU": "AzureLinux", "enableFIPS": False, "provisioningState": "Succeeded"}],
            "servicePrincipalProfile": {"clientId": "msi"},
            "supportPlan": "KubernetesOfficial",
        },
        sku={"name": "Base", "tier": "Standard"},
        identity=user_identity(identity),
    )
    sub.logs(cluster["id"], sub.data["log"]["id"], ["kube-audit-admin", "guard", "kube-apiserver"])
    sub.assign(registry["id"], "AcrPull", identity["properties"]["principalId"], "ServicePrincipal")


def messaging(sub):
    bus = sub.add("rg-freight-erp-prod", "Microsoft.ServiceBus/namespaces", "sb-larkspur-prod", {"provisioningState": "Succeeded", "status": "Active", "serviceBusEndpoint": "https://sb-larkspur-prod.servicebus.windows.net:443/", "disableLocalAuth": True, "minimumTlsVersion": "1.2", "publicNetworkAccess": "Disabled", "zoneRedundant": True, "premiumMessagingPartitions": 1, "metricId": f"{sub.guid}:sb-larkspur-prod", "createdAt": ago(500), "updatedAt": ago(30)}, sku={"name": "Premium", "tier": "Premium", "capacity": 1})
    sub.child(bus, "networkRuleSets", "default", {"defaultAction": "Deny", "publicNetworkAccess": "Disabled", "virtualNetworkRules": [], "ipRules": [], "trustedServiceAccessEnabled": True}, location="westeurope")
    sub.logs(bus["id"], sub.data["log"]["id"], ["OperationalLogs", "RuntimeAuditLogs"])
    hub = sub.add("rg-data-prod", "Microsoft.EventHub/namespaces", "evh-telematics-prod", {"provisioningState": "Succeeded", "status": "Active", "serviceBusEndpoint": "https://evh-telematics-prod.servicebus.windows.net:443/", "disableLocalAuth": False, "minimumTlsVersion": "1.0", "publicNetworkAccess": "Enabled", "isAutoInflateEnabled": True, "maximumThroughputUnits": 10, "kafkaEnabled": True, "zoneRedundant": True, "createdAt": ago(500), "updatedAt": ago(30)}, sku={"name": "Standard", "tier": "Standard", "capacity": 2})
    sub.child(hub, "networkRuleSets", "default", {"defaultAction": "Allow", "publicNetworkAccess": "Enabled", "virtualNetworkRules": [], "ipRules": []}, location="westeurope")
    # planted: a workflow that anybody with the address can start
    sub.add(
        "rg-freight-erp-prod",
        "Microsoft.Logic/workflows",
        "logic-partner-intake",
        {
            "provisioningState": "Succeeded",
            "state": "Enabled",
            "createdTime": ago(300),
            "changedTime": ago(20),
            "version": number_of("logic"),
            "accessEndpoint": "https://prod-77.westeurope.logic.azure.com:443/workflows/" + guid("logic").replace("-", ""),
            "definition": {"$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#", "contentVersion": "1.0.0.0", "parameters": {}, "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {"schema": {}}}}, "actions": {}, "outputs": {}},
            "parameters": {},
        },
    )


def number_of(name):
    return str(int(guid(name).replace("-", "")[:15], 16)).rjust(20, "0")


def backup(sub):
    vault = sub.add("rg-shared-prod", "Microsoft.RecoveryServices/vaults", "rsv-larkspur-prod", {"provisioningState": "Succeeded", "publicNetworkAccess": "Disabled", "securitySettings": {"softDeleteSettings": {"softDeleteState": "AlwaysON", "softDeleteRetentionPeriodInDays": 30, "enhancedSecurityState": "AlwaysON"}, "immutabilitySettings": {"state": "Unlocked"}, "multiUserAuthorization": "Disabled"}, "redundancySettings": {"standardTierStorageRedundancy": "GeoRedundant", "crossRegionRestore": "Enabled"}, "privateEndpointConnections": []}, sku={"name": "RS0", "tier": "Standard"}, identity=system_identity("rsv-larkspur-prod"))
    sub.child(vault, "backupconfig", "vaultconfig", {"enhancedSecurityState": "Enabled", "softDeleteFeatureState": "AlwaysON", "storageModelType": "GeoRedundant", "storageType": "GeoRedundant", "storageTypeState": "Locked", "isSoftDeleteFeatureStateEditable": False})
    policy = sub.child(vault, "backupPolicies", "daily-30", {"backupManagementType": "AzureIaasVM", "policyType": "V2", "instantRpRetentionRangeInDays": 5, "timeZone": "UTC", "protectedItemsCount": 2, "schedulePolicy": {"schedulePolicyType": "SimpleSchedulePolicyV2", "scheduleRunFrequency": "Daily"}, "retentionPolicy": {"retentionPolicyType": "LongTermRetentionPolicy", "dailySchedule": {"retentionDuration": {"count": 30, "durationType": "Days"}}}}, location="westeurope")
    for index in (1, 2):
        name = f"vm-erp-app-0{index}"
        source = f"{sub.group('rg-freight-erp-prod')}/providers/Microsoft.Compute/virtualMachines/{name}"
        container = f"IaasVMContainer;iaasvmcontainerv2;rg-freight-erp-prod;{name}"
        item = f"VM;iaasvmcontainerv2;rg-freight-erp-prod;{name}"
        sub.put(
            "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems",
            f"{vault['id']}/backupFabrics/Azure/protectionContainers/{container}/protectedItems/{item}",
            item,
            {"protectedItemType": "Microsoft.Compute/virtualMachines", "backupManagementType": "AzureIaasVM", "workloadType": "VM", "sourceResourceId": source, "virtualMachineId": source, "friendlyName": name, "policyId": policy["id"], "policyName": "daily-30", "protectionState": "Protected", "protectionStatus": "Healthy", "healthStatus": "Passed", "lastBackupStatus": "Completed", "lastBackupTime": ago(0, 4), "lastRecoveryPoint": ago(0, 4)},
            location="westeurope",
        )


def access(sub):
    sub.assign(sub.id, "Owner", principal("cloud-admins"), "Group")
    sub.assign(sub.id, "Owner", principal("m.halloran"), "User")  # planted: a person, for good
    sub.assign(sub.id, "User Access Administrator", principal("contract-dba"), "User")  # planted: a contractor
    sub.assign(sub.id, "Reader", principal("security-reader"), "Group")
    sub.assign(sub.id, "Contributor", sub.jump["identity"]["principalId"], "ServicePrincipal")  # planted: the jump host
    sub.assign(sub.id, None, sub.release["properties"]["principalId"], "ServicePrincipal", custom=sub.custom_role)  # planted: may do everything
    sub.assign(sub.group("rg-portal-prod"), "Contributor", principal("portal-team"), "Group")
    sub.assign(sub.group("rg-freight-erp-prod"), "Contributor", principal("erp-team"), "Group")
    sub.assign(sub.data["stlarkspurdocs"]["id"], "Storage Blob Data Contributor", sub.portal["identity"]["principalId"], "ServicePrincipal")
    sub.assign(sub.data["stediexchange"]["id"], "Storage Blob Data Contributor", principal("edi-partner-sync"), "ServicePrincipal")
    sub.assign(sub.data["kv"]["id"], "Key Vault Secrets User", sub.portal["identity"]["principalId"], "ServicePrincipal")


def governance(sub):
    sub.items.insert(
        0,
        {
            "id": sub.id,
            "type": "Microsoft.Resources/subscriptions",
            "name": sub.guid,
            "subscriptionId": sub.guid,
            "tenantId": TENANT,
            "displayName": sub.name,
            "state": "Enabled",
            "authorizationSource": "RoleBased",
            "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off"},
            "managedByTenants": [],
        },
    )
    plans = {"VirtualMachines": "Standard", "SqlServers": "Standard", "StorageAccounts": "Standard", "KeyVaults": "Standard", "Containers": "Standard", "AppServices": "Free", "Arm": "Free", "OpenSourceRelationalDatabases": "Free", "CosmosDbs": "Free", "CloudPosture": "Standard"}
    for plan, tier in plans.items():
        sub.put("Microsoft.Security/pricings", f"{sub.id}/providers/Microsoft.Security/pricings/{plan}", plan, {"pricingTier": tier, "freeTrialRemainingTime": "PT0S", "enforce": "False", **({"subPlan": "P2", "enablementTime": ago(300)} if plan == "VirtualMachines" else {})}, location=None)
    sub.put("Microsoft.Security/securityContacts", f"{sub.id}/providers/Microsoft.Security/securityContacts/default", "default", {"emails": mail("soc"), "phone": "", "isEnabled": True, "notificationsByRole": {"state": "On", "roles": ["Owner"]}, "notificationsSources": [{"sourceType": "Alert", "minimalSeverity": "Medium"}]}, location="westeurope")
    for name, definition, effect in (("require-tags", "871b6d14-10aa-478d-b590-94f262ecfa99", "Default"), ("mcsb", "1f3afdf9-d0c9-4c3d-847f-89da613e70a8", "Default"), ("deny-public-ip", "6c112d4e-5bc7-47ae-a041-ea2d9dccd749", "DoNotEnforce")):
        kind = "policySetDefinitions" if name == "mcsb" else "policyDefinitions"
        sub.extension(sub.id, "Microsoft.Authorization/policyAssignments", name, {"displayName": name, "policyDefinitionId": f"/providers/Microsoft.Authorization/{kind}/{definition}", "scope": sub.id, "notScopes": [], "enforcementMode": effect, "parameters": {}, "metadata": {"createdBy": guid("user/m.halloran"), "createdOn": ago(500, form="%Y-%m-%dT%H:%M:%S.331Z")}})
    sub.extension(sub.data["stlarkspurbackup"]["id"], "Microsoft.Authorization/locks", "keep-backups", {"level": "CanNotDelete", "notes": "Backups are kept for seven years."})
    sub.extension(sub.group("rg-network-prod"), "Microsoft.Authorization/locks", "network", {"level": "CanNotDelete", "notes": ""})
