"""The corporate and development subscription, as one page of Azure Resource Graph and the little that it does not hold."""

from azure_base import TENANT, Subscription, principal, system_identity
from azure_network import default_rules, rule
from estate import ago, guid


def corporate(folder):
    sub = Subscription("Larkspur Corporate and Development", "corp")
    sub.group("rg-dev-portal", env="dev", owner="portal-team")
    sub.group("rg-ml-forecast", env="dev", owner="data")
    sub.group("rg-corp-it", env="corp", owner="platform")
    network(sub)
    workloads(sub)
    intelligence(sub)
    # what Resource Graph gives in other tables is left to a second page
    kept = [item for item in sub.items if item["type"] not in ("Microsoft.Authorization/roleAssignments",)]
    rows = [row(sub, item) for item in kept]
    folder.json("azure/larkspur-corporate/resource-graph.json", {"totalRecords": len(rows), "count": len(rows), "data": rows, "facets": [], "resultTruncated": "false"})
    sub.assign(sub.id, "Owner", principal("cloud-admins"), "Group")
    sub.assign(sub.id, "Contributor", principal("portal-team"), "Group")
    sub.assign(sub.id, "Contributor", guid("identity/aa-corp-ops"), "ServicePrincipal")  # planted: the automation account
    sub.assign(sub.id, "Reader", principal("security-reader"), "Group")
    assignments = [item for item in sub.items if item["type"] == "Microsoft.Authorization/roleAssignments"]
    folder.json("azure/larkspur-corporate/role-assignments.json", {"value": assignments})
    account = {
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
    }
    folder.json("azure/larkspur-corporate/subscription.json", {"value": [account]})


def row(sub, item):
    """One row of the table `resources`: types are lower case, ids and groups as they were written."""
    group = item["id"].split("/resourceGroups/")[1].split("/")[0]
    keys = ("identity", "kind", "sku", "plan", "zones", "managedBy", "extendedLocation")
    return {
        "id": item["id"],
        "name": item["name"],
        "type": item["type"].lower().replace("microsoft.resources/resourcegroups", "microsoft.resources/subscriptions/resourcegroups"),
        "tenantId": TENANT,
        "location": item.get("location", ""),
        "resourceGroup": group,
        "subscriptionId": sub.guid,
        "tags": item.get("tags"),
        "properties": item["properties"],
        **{key: item.get(key) if item.get(key) is not None else ("" if key in ("kind", "managedBy") else None) for key in keys},
    }


def network(sub):
    group_id = f"{sub.group('rg-dev-portal')}/providers/Microsoft.Network/networkSecurityGroups/nsg-dev"
    nsg = sub.add("rg-dev-portal", "Microsoft.Network/networkSecurityGroups", "nsg-dev", {"provisioningState": "Succeeded", "resourceGuid": guid("nsg-dev"), "securityRules": [rule(group_id, "ssh-home-office", 100, "0.0.0.0/0", "22"), rule(group_id, "web", 110, "*", ["80", "443"])], "defaultSecurityRules": default_rules(group_id)})
    vnet_id = f"{sub.group('rg-dev-portal')}/providers/Microsoft.Network/virtualNetworks/vnet-dev"
    subnet = {"name": "default", "id": f"{vnet_id}/subnets/default", "etag": f'W/"{guid("dev-subnet")}"', "type": "Microsoft.Network/virtualNetworks/subnets", "properties": {"provisioningState": "Succeeded", "addressPrefix": "10.40.0.0/24", "networkSecurityGroup": {"id": nsg["id"]}, "delegations": [], "privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Enabled"}}
    sub.add("rg-dev-portal", "Microsoft.Network/virtualNetworks", "vnet-dev", {"provisioningState": "Succeeded", "resourceGuid": guid("vnet-dev"), "addressSpace": {"addressPrefixes": ["10.40.0.0/22"]}, "subnets": [subnet], "virtualNetworkPeerings": [], "enableDdosProtection": False})
    for index, address in ((1, "198.51.100.61"), (2, "198.51.100.62")):
        pip = sub.add("rg-dev-portal", "Microsoft.Network/publicIPAddresses", f"pip-dev-0{index}", {"provisioningState": "Succeeded", "resourceGuid": guid(f"pip-dev-{index}"), "ipAddress": address, "publicIPAddressVersion": "IPv4", "publicIPAllocationMethod": "Static", "idleTimeoutInMinutes": 4, "ipTags": []}, sku={"name": "Standard", "tier": "Regional"})
        base = f"{sub.group('rg-dev-portal')}/providers/Microsoft.Network/networkInterfaces/nic-dev-0{index}"
        sub.add("rg-dev-portal", "Microsoft.Network/networkInterfaces", f"nic-dev-0{index}", {"provisioningState": "Succeeded", "resourceGuid": guid(f"nic-dev-{index}"), "ipConfigurations": [{"name": "ipconfig1", "id": f"{base}/ipConfigurations/ipconfig1", "type": "Microsoft.Network/networkInterfaces/ipConfigurations", "properties": {"provisioningState": "Succeeded", "primary": True, "privateIPAddress": f"10.40.0.{3 + index}", "privateIPAllocationMethod": "Dynamic", "privateIPAddressVersion": "IPv4", "publicIPAddress": {"id": pip["id"]}, "subnet": {"id": subnet["id"]}}}], "enableAcceleratedNetworking": False, "enableIPForwarding": False, "virtualMachine": {"id": f"{sub.group('rg-dev-portal')}/providers/Microsoft.Compute/virtualMachines/vm-dev-0{index}"}})


def workloads(sub):
    for index in (1, 2):
        group = sub.group("rg-dev-portal")
        name = f"vm-dev-0{index}"
        disk = sub.add("rg-dev-portal", "Microsoft.Compute/disks", f"{name}_OsDisk", {"osType": "Linux", "hyperVGeneration": "V2", "creationData": {"createOption": "FromImage"}, "diskSizeGB": 30, "diskState": "Attached", "encryption": {"type": "EncryptionAtRestWithPlatformKey"}, "networkAccessPolicy": "AllowAll", "publicNetworkAccess": "Enabled", "timeCreated": ago(120), "provisioningState": "Succeeded"}, sku={"name": "StandardSSD_LRS", "tier": "Standard"}, managedBy=f"{group}/providers/Microsoft.Compute/virtualMachines/{name}")
        sub.add("rg-dev-portal", "Microsoft.Compute/virtualMachines", name, {"hardwareProfile": {"vmSize": "Standard_B2s"}, "provisioningState": "Succeeded", "vmId": guid(f"vm/{name}"), "storageProfile": {"imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"}, "osDisk": {"osType": "Linux", "name": disk["name"], "createOption": "FromImage", "caching": "ReadWrite", "managedDisk": {"storageAccountType": "StandardSSD_LRS", "id": disk["id"]}, "deleteOption": "Delete"}, "dataDisks": []}, "osProfile": {"computerName": name, "adminUsername": "dev", "linuxConfiguration": {"disablePasswordAuthentication": index == 1, "provisionVMAgent": True, "patchSettings": {"patchMode": "ImageDefault", "assessmentMode": "ImageDefault"}}}, "networkProfile": {"networkInterfaces": [{"id": f"{group}/providers/Microsoft.Network/networkInterfaces/nic-dev-0{index}"}]}, "timeCreated": ago(120)})
    # planted: a copy of customer data in development
    sub.add("rg-dev-portal", "Microsoft.Storage/storageAccounts", "stportaldevcopy", {"provisioningState": "Succeeded", "creationTime": ago(200), "allowBlobPublicAccess": True, "supportsHttpsTrafficOnly": True, "minimumTlsVersion": "TLS1_2", "accessTier": "Hot", "encryption": {"services": {"blob": {"enabled": True, "keyType": "Account"}}, "keySource": "Microsoft.Storage"}, "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []}, "primaryEndpoints": {"blob": "https://stportaldevcopy.blob.core.windows.net/"}, "primaryLocation": "westeurope", "statusOfPrimary": "available", "privateEndpointConnections": []}, kind="StorageV2", sku={"name": "Standard_LRS", "tier": "Standard"}, tags={"env": "dev", "dataClassification": "customer-confidential"})
    sub.add("rg-corp-it", "Microsoft.Storage/storageAccounts", "stlarkspurcorp", {"provisioningState": "Succeeded", "creationTime": ago(900), "allowBlobPublicAccess": False, "allowSharedKeyAccess": False, "supportsHttpsTrafficOnly": True, "minimumTlsVersion": "TLS1_2", "publicNetworkAccess": "Disabled", "accessTier": "Cool", "encryption": {"services": {"blob": {"enabled": True, "keyType": "Account"}}, "keySource": "Microsoft.Storage", "requireInfrastructureEncryption": True}, "networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}, "primaryEndpoints": {"blob": "https://stlarkspurcorp.blob.core.windows.net/"}, "primaryLocation": "westeurope", "statusOfPrimary": "available", "privateEndpointConnections": []}, kind="StorageV2", sku={"name": "Standard_GRS", "tier": "Standard"})
    sub.add("rg-dev-portal", "Microsoft.Sql/servers", "sql-portal-dev", {"administratorLogin": "devadmin", "version": "12.0", "state": "Ready", "fullyQualifiedDomainName": "sql-portal-dev.database.windows.net", "privateEndpointConnections": [], "minimalTlsVersion": "1.2", "publicNetworkAccess": "Enabled", "restrictOutboundNetworkAccess": "Disabled"}, kind="v12.0")
    vault = {"sku": {"family": "A", "name": "standard"}, "tenantId": TENANT, "accessPolicies": [], "enabledForDeployment": True, "enableSoftDelete": True, "softDeleteRetentionInDays": 90, "enableRbacAuthorization": True, "vaultUri": "https://kv-corp-it.vault.azure.net/", "provisioningState": "Succeeded", "publicNetworkAccess": "Enabled", "enablePurgeProtection": True}
    sub.add("rg-corp-it", "Microsoft.KeyVault/vaults", "kv-corp-it", vault)
    plan = sub.add("rg-dev-portal", "Microsoft.Web/serverfarms", "asp-dev", {"numberOfWorkers": 1, "reserved": True, "status": "Ready", "provisioningState": "Succeeded"}, kind="linux", sku={"name": "B1", "tier": "Basic", "size": "B1", "capacity": 1})
    sub.add("rg-dev-portal", "Microsoft.Web/sites", "app-portal-dev", {"state": "Running", "enabled": True, "hostNames": ["app-portal-dev.azurewebsites.net"], "defaultHostName": "app-portal-dev.azurewebsites.net", "serverFarmId": plan["id"], "reserved": True, "httpsOnly": False, "clientCertEnabled": False, "publicNetworkAccess": "Enabled"}, kind="app,linux")
    # planted: an automation account that is Contributor of the subscription
    sub.add("rg-corp-it", "Microsoft.Automation/automationAccounts", "aa-corp-ops", {"sku": {"name": "Basic"}, "state": "Ok", "publicNetworkAccess": True, "disableLocalAuth": False, "creationTime": ago(700, form="%Y-%m-%dT%H:%M:%S.3+00:00"), "lastModifiedTime": ago(40, form="%Y-%m-%dT%H:%M:%S.3+00:00")}, identity=system_identity("aa-corp-ops"))
    sub.add("rg-corp-it", "Microsoft.ContainerRegistry/registries", "crlarkspurdev", {"loginServer": "crlarkspurdev.azurecr.io", "creationDate": ago(300), "provisioningState": "Succeeded", "adminUserEnabled": False, "anonymousPullEnabled": True, "publicNetworkAccess": "Enabled", "zoneRedundancy": "Disabled", "policies": {"retentionPolicy": {"days": 7, "status": "disabled"}}, "encryption": {"status": "disabled"}}, sku={"name": "Standard", "tier": "Standard"})


def intelligence(sub):
    store = sub.add("rg-ml-forecast", "Microsoft.Storage/storageAccounts", "stmlforecast", {"provisioningState": "Succeeded", "creationTime": ago(250), "allowBlobPublicAccess": False, "allowSharedKeyAccess": True, "supportsHttpsTrafficOnly": True, "minimumTlsVersion": "TLS1_2", "accessTier": "Hot", "encryption": {"services": {"blob": {"enabled": True, "keyType": "Account"}}, "keySource": "Microsoft.Storage"}, "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []}, "primaryEndpoints": {"blob": "https://stmlforecast.blob.core.windows.net/"}, "primaryLocation": "westeurope", "statusOfPrimary": "available", "privateEndpointConnections": []}, kind="StorageV2", sku={"name": "Standard_LRS", "tier": "Standard"})
    sub.add("rg-ml-forecast", "Microsoft.MachineLearningServices/workspaces", "mlw-forecast", {"friendlyName": "Demand forecast", "provisioningState": "Succeeded", "workspaceId": guid("mlw"), "storageAccount": store["id"], "publicNetworkAccess": "Enabled", "hbiWorkspace": False, "v1LegacyMode": False}, kind="Default", sku={"name": "Basic", "tier": "Basic"}, identity=system_identity("mlw-forecast"))
    # planted: an AI service with keys, reachable from anywhere
    sub.add("rg-ml-forecast", "Microsoft.CognitiveServices/accounts", "oai-support-assistant", {"provisioningState": "Succeeded", "endpoint": "https://oai-support-assistant.openai.azure.com/", "customSubDomainName": "oai-support-assistant", "disableLocalAuth": False, "publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow", "virtualNetworkRules": [], "ipRules": []}, "dateCreated": ago(150), "isMigrated": False, "privateEndpointConnections": []}, kind="OpenAI", sku={"name": "S0"})
    sub.add("rg-ml-forecast", "Microsoft.Search/searchServices", "srch-support", {"status": "running", "provisioningState": "succeeded", "hostingMode": "default", "publicNetworkAccess": "enabled", "networkRuleSet": {"ipRules": [], "bypass": "None"}, "disableLocalAuth": False, "authOptions": {"apiKeyOnly": {}}, "encryptionWithCmk": {"enforcement": "Unspecified"}, "partitionCount": 1, "replicaCount": 1, "semanticSearch": "disabled", "privateEndpointConnections": []}, sku={"name": "basic"})
