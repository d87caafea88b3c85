"""The network of the production subscription: a hub, two spokes, and the legacy spoke that was never cleaned up."""

from estate import ago, guid


def add_network(sub):
    sub.group("rg-network-prod", env="prod", owner="platform", costCenter="4100")
    sub.net = {}
    groups(sub)
    routes(sub)
    networks(sub)
    addresses(sub)
    firewall(sub)
    gateway(sub)
    watcher(sub)


def rule(nsg_id, name, priority, source, ports, access="Allow", direction="Inbound", protocol="Tcp", destination="*"):
    return {
        "name": name,
        "id": f"{nsg_id}/securityRules/{name}",
        "etag": f'W/"{guid(nsg_id + name)}"',
        "type": "Microsoft.Network/networkSecurityGroups/securityRules",
        "properties": {
            "provisioningState": "Succeeded",
            "protocol": protocol,
            "sourcePortRange": "*",
            **({"destinationPortRange": ports, "destinationPortRanges": []} if isinstance(ports, str) else {"destinationPortRanges": ports}),
            "sourceAddressPrefix": source,
            "destinationAddressPrefix": destination,
            "access": access,
            "priority": priority,
            "direction": direction,
            "sourcePortRanges": [],
            "sourceAddressPrefixes": [],
            "destinationAddressPrefixes": [],
        },
    }


def default_rules(nsg_id):
    rows = [
        ("AllowVnetInBound", 65000, "VirtualNetwork", "VirtualNetwork", "Allow", "Inbound"),
        ("AllowAzureLoadBalancerInBound", 65001, "AzureLoadBalancer", "*", "Allow", "Inbound"),
        ("DenyAllInBound", 65500, "*", "*", "Deny", "Inbound"),
        ("AllowVnetOutBound", 65000, "VirtualNetwork", "VirtualNetwork", "Allow", "Outbound"),
        ("AllowInternetOutBound", 65001, "*", "Internet", "Allow", "Outbound"),
        ("DenyAllOutBound", 65500, "*", "*", "Deny", "Outbound"),
    ]
    out = []
    for name, priority, source, destination, access, direction in rows:
        made = rule(nsg_id, name, priority, source, "*", access, direction, "*", destination)
        made["id"] = f"{nsg_id}/defaultSecurityRules/{name}"
        made["type"] = "Microsoft.Network/networkSecurityGroups/defaultSecurityRules"
        out.append(made)
    return out


def groups(sub):
    wanted = {
        "nsg-portal": [("allow-gateway", 100, "10.20.0.0/24", ["443", "8443"])],
        "nsg-erp": [("allow-bastion-admin", 100, "10.20.1.0/26", ["22", "3389"]), ("allow-portal", 110, "10.21.0.0/24", "8443")],
        "nsg-data": [("allow-app-sql", 100, "10.21.0.0/22", ["1433", "5432", "6380"]), ("deny-rest", 4000, "*", "*", "Deny")],
        # planted: RDP and SSH from anywhere
        "nsg-legacy": [("rdp-vendor-temp", 100, "*", "3389"), ("edi-sftp", 110, "Internet", "22"), ("edi-as2", 120, "*", "4080")],
        "nsg-aks": [],
    }
    for name, rules in wanted.items():
        group_id = f"{sub.group('rg-network-prod')}/providers/Microsoft.Network/networkSecurityGroups/{name}"
        sub.net[name] = sub.add(
            "rg-network-prod",
            "Microsoft.Network/networkSecurityGroups",
            name,
            {
                "provisioningState": "Succeeded",
                "resourceGuid": guid(name),
                "securityRules": [rule(group_id, *r) for r in rules],
                "defaultSecurityRules": default_rules(group_id),
                "networkInterfaces": [],
                "subnets": [],
            },
            etag=f'W/"{guid(name + "etag")}"',
        )


def routes(sub):
    table = f"{sub.group('rg-network-prod')}/providers/Microsoft.Network/routeTables/rt-spokes"
    sub.net["rt-spokes"] = sub.add(
        "rg-network-prod",
        "Microsoft.Network/routeTables",
        "rt-spokes",
        {
            "provisioningState": "Succeeded",
            "resourceGuid": guid("rt-spokes"),
            "disableBgpRoutePropagation": True,
            "routes": [
                {
                    "name": "default-via-firewall",
                    "id": f"{table}/routes/default-via-firewall",
                    "etag": f'W/"{guid("route")}"',
                    "type": "Microsoft.Network/routeTables/routes",
                    "properties": {"provisioningState": "Succeeded", "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.20.2.4", "hasBgpOverride": False},
                }
            ],
            "subnets": [],
        },
        etag=f'W/"{guid("rt-spokes-etag")}"',
    )


NETWORKS = {
    "vnet-hub": ("10.20.0.0/20", {
        "snet-gateway": ("10.20.0.0/24", "nsg-portal", None, []),
        "AzureBastionSubnet": ("10.20.1.0/26", None, None, []),
        "AzureFirewallSubnet": ("10.20.2.0/26", None, None, []),
    }),
    "vnet-apps": ("10.21.0.0/20", {
        "snet-portal": ("10.21.0.0/24", "nsg-portal", "rt-spokes", ["Microsoft.KeyVault", "Microsoft.Sql", "Microsoft.Storage"]),
        "snet-erp": ("10.21.1.0/24", "nsg-erp", "rt-spokes", []),
        "snet-aks": ("10.21.4.0/22", "nsg-aks", "rt-spokes", []),
        "snet-data": ("10.21.2.0/24", "nsg-data", "rt-spokes", []),
        "snet-postgres": ("10.21.3.0/28", "nsg-data", None, []),
    }),
    # planted: no route through the firewall, and one subnet without a network security group
    "vnet-legacy": ("10.29.0.0/22", {
        "snet-edi": ("10.29.0.0/24", "nsg-legacy", None, []),
        "snet-scanners": ("10.29.1.0/24", None, None, []),
    }),
}  # fmt: skip


def networks(sub):
    for name, (space, subnets) in NETWORKS.items():
        vnet_id = f"{sub.group('rg-network-prod')}/providers/Microsoft.Network/virtualNetworks/{name}"
        made = [subnet(sub, vnet_id, *item) for item in subnets.items()]
        sub.net[name] = sub.add(
            "rg-network-prod",
            "Microsoft.Network/virtualNetworks",
            name,
            {
                "provisioningState": "Succeeded",
                "resourceGuid": guid(name),
                "addressSpace": {"addressPrefixes": [space]},
                "dhcpOptions": {"dnsServers": []},
                "privateEndpointVNetPolicies": "Disabled",
                "subnets": made,
                "virtualNetworkPeerings": peerings(sub, vnet_id, name),
                "enableDdosProtection": False,
            },
            etag=f'W/"{guid(name + "etag")}"',
        )
        for one in made:
            sub.net[one["name"]] = sub.put(one["type"], one["id"], one["name"], one["properties"], location=None, etag=one["etag"])


def subnet(sub, vnet_id, name, spec):
    prefix, group, table, endpoints = spec
    properties = {
        "provisioningState": "Succeeded",
        "addressPrefix": prefix,
        **({"networkSecurityGroup": {"id": sub.net[group]["id"]}} if group else {}),
        **({"routeTable": {"id": sub.net[table]["id"]}} if table else {}),
        "serviceEndpoints": [{"provisioningState": "Succeeded", "service": e, "locations": ["westeurope", "northeurope"]} for e in endpoints],
        "delegations": [],
        "privateEndpointNetworkPolicies": "Disabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
        "defaultOutboundAccess": table is None,
    }
    if name == "snet-postgres":
        properties["delegations"] = [
            {
                "name": "postgres",
                "id": f"{vnet_id}/subnets/{name}/delegations/postgres",
                "etag": f'W/"{guid("delegation")}"',
                "type": "Microsoft.Network/virtualNetworks/subnets/delegations",
                "properties": {"provisioningState": "Succeeded", "serviceName": "Microsoft.DBforPostgreSQL/flexibleServers", "actions": ["Microsoft.Network/virtualNetworks/subnets/join/action"]},
            }
        ]
    return {
        "name": name,
        "id": f"{vnet_id}/subnets/{name}",
        "etag": f'W/"{guid(name + "etag")}"',
        "type": "Microsoft.Network/virtualNetworks/subnets",
        "properties": properties,
    }


def peerings(sub, vnet_id, name):
    others = ["vnet-apps", "vnet-legacy"] if name == "vnet-hub" else ["vnet-hub"]
    base = vnet_id.rsplit("/", 1)[0]
    return [
        {
            "name": f"to-{other}",
            "id": f"{vnet_id}/virtualNetworkPeerings/to-{other}",
            "etag": f'W/"{guid(name + other)}"',
            "type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
            "properties": {
                "provisioningState": "Succeeded",
                "resourceGuid": guid(name + other + "guid"),
                "peeringState": "Connected",
                "peeringSyncLevel": "FullyInSync",
                "remoteVirtualNetwork": {"id": f"{base}/{other}"},
                "allowVirtualNetworkAccess": True,
                "allowForwardedTraffic": True,
                "allowGatewayTransit": False,
                "useRemoteGateways": False,
                "doNotVerifyRemoteGateways": False,
                "peerCompleteVnets": True,
                "remoteAddressSpace": {"addressPrefixes": [NETWORKS[other][0]]},
                "remoteVirtualNetworkAddressSpace": {"addressPrefixes": [NETWORKS[other][0]]},
            },
        }
        for other in others
    ]


def addresses(sub):
    wanted = {"pip-gateway": "203.0.113.10", "pip-firewall": "203.0.113.11", "pip-bastion": "203.0.113.12", "pip-jump-01": "203.0.113.40", "pip-edi-01": "203.0.113.41"}
    for name, address in wanted.items():
        sub.net[name] = sub.add(
            "rg-network-prod",
            "Microsoft.Network/publicIPAddresses",
            name,
            {
                "provisioningState": "Succeeded",
                "resourceGuid": guid(name),
                "ipAddress": address,
                "publicIPAddressVersion": "IPv4",
                "publicIPAllocationMethod": "Static",
                "idleTimeoutInMinutes": 4,
                "ipTags": [],
                "ddosSettings": {"protectionMode": "VirtualNetworkInherited"},
            },
            sku={"name": "Standard", "tier": "Regional"},
            etag=f'W/"{guid(name + "etag")}"',
            zones=["1", "2", "3"],
        )


def address_configuration(parent, name, subnet_id, address=None, private=None):
    return {
        "name": name,
        "id": f"{parent}/ipConfigurations/{name}",
        "etag": f'W/"{guid(parent + name)}"',
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAllocationMethod": "Dynamic",
            **({"privateIPAddress": private} if private else {}),
            **({"publicIPAddress": {"id": address}} if address else {}),
            "subnet": {"id": subnet_id},
        },
    }


def firewall(sub):
    policy = sub.add(
        "rg-network-prod",
        "Microsoft.Network/firewallPolicies",
        "afwp-hub",
        {
            "provisioningState": "Succeeded",
            "sku": {"tier": "Premium"},
            "threatIntelMode": "Deny",
            "threatIntelWhitelist": {"fqdns": [], "ipAddresses": []},
            "intrusionDetection": {"mode": "Deny", "configuration": {"signatureOverrides": [], "bypassTrafficSettings": []}},
            "dnsSettings": {"servers": [], "enableProxy": True},
            "childPolicies": [],
            "ruleCollectionGroups": [],
            "firewalls": [],
        },
        etag=guid("afwp-etag"),
    )
    base = f"{sub.group('rg-network-prod')}/providers/Microsoft.Network/azureFirewalls/afw-hub"
    configuration = address_configuration(base, "ipc", sub.net["AzureFirewallSubnet"]["id"], sub.net["pip-firewall"]["id"], "10.20.2.4")
    configuration["id"] = f"{base}/azureFirewallIpConfigurations/ipc"
    del configuration["properties"]["privateIPAllocationMethod"]
    sub.net["afw-hub"] = sub.add(
        "rg-network-prod",
        "Microsoft.Network/azureFirewalls",
        "afw-hub",
        {
            "provisioningState": "Succeeded",
            "sku": {"name": "AZFW_VNet", "tier": "Premium"},
            "threatIntelMode": "Deny",
            "additionalProperties": {},
            "ipConfigurations": [configuration],
            "networkRuleCollections": [],
            "applicationRuleCollections": [],
            "natRuleCollections": [],
            "firewallPolicy": {"id": policy["id"]},
        },
        etag=f'W/"{guid("afw-etag")}"',
        zones=["1", "2", "3"],
    )
    base = f"{sub.group('rg-network-prod')}/providers/Microsoft.Network/bastionHosts/bas-hub"
    bastion = address_configuration(base, "ipc", sub.net["AzureBastionSubnet"]["id"], sub.net["pip-bastion"]["id"])
    bastion["id"] = f"{base}/bastionHostIpConfigurations/ipc"
    sub.add(
        "rg-network-prod",
        "Microsoft.Network/bastionHosts",
        "bas-hub",
        {
            "provisioningState": "Succeeded",
            "dnsName": f"bst-{guid('bastion')}.bastion.azure.com",
            "scaleUnits": 2,
            "disableCopyPaste": True,
            "enableTunneling": False,
            "enableShareableLink": False,
            "enableFileCopy": False,
            "enableKerberos": False,
            "enableSessionRecording": False,
            "ipConfigurations": [bastion],
        },
        sku={"name": "Standard"},
        etag=f'W/"{guid("bastion-etag")}"',
    )


def gateway(sub):
    waf = sub.add(
        "rg-network-prod",
        "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
        "waf-portal",
        {
            "provisioningState": "Succeeded",
            "resourceState": "Enabled",
            # planted: the web firewall only watches
            "policySettings": {"state": "Enabled", "mode": "Detection", "requestBodyCheck": True, "maxRequestBodySizeInKb": 128, "fileUploadLimitInMb": 100, "requestBodyEnforcement": True},
            "customRules": [],
            "managedRules": {"managedRuleSets": [{"ruleSetType": "OWASP", "ruleSetVersion": "3.2", "ruleGroupOverrides": []}], "exclusions": []},
            "applicationGateways": [],
        },
        etag=f'W/"{guid("waf-etag")}"',
    )
    base = f"{sub.group('rg-network-prod')}/providers/Microsoft.Network/applicationGateways/agw-portal"

    def part(kind, name, properties):
        return {
            "name": name,
            "id": f"{base}/{kind}/{name}",
            "etag": f'W/"{guid(kind + name)}"',
            "type": f"Microsoft.Network/applicationGateways/{kind}",
            "properties": {"provisioningState": "Succeeded", **properties},
        }

    sub.net["agw-portal"] = sub.add(
        "rg-network-prod",
        "Microsoft.Network/applicationGateways",
        "agw-portal",
        {
            "provisioningState": "Succeeded",
            "resourceGuid": guid("agw-portal"),
            "operationalState": "Running",
            "sku": {"name": "WAF_v2", "tier": "WAF_v2", "family": "Generation_1"},
            "autoscaleConfiguration": {"minCapacity": 2, "maxCapacity": 6},
            "enableHttp2": True,
            "sslPolicy": {"policyType": "Predefined", "policyName": "AppGwSslPolicy20220101"},
            "firewallPolicy": {"id": waf["id"]},
            "gatewayIPConfigurations": [part("gatewayIPConfigurations", "ipc", {"subnet": {"id": sub.net["snet-gateway"]["id"]}})],
            "frontendIPConfigurations": [part("frontendIPConfigurations", "public", {"privateIPAllocationMethod": "Dynamic", "publicIPAddress": {"id": sub.net["pip-gateway"]["id"]}})],
            "frontendPorts": [part("frontendPorts", "port_443", {"port": 443})],
            "sslCertificates": [part("sslCertificates", "portal", {"keyVaultSecretId": "https://kv-larkspur-prod.vault.azure.net/secrets/portal-tls"})],
            "backendAddressPools": [part("backendAddressPools", "portal", {"backendAddresses": [{"fqdn": "app-portal-prod.azurewebsites.net"}]})],
            "backendHttpSettingsCollection": [part("backendHttpSettingsCollection", "https", {"port": 443, "protocol": "Https", "cookieBasedAffinity": "Disabled", "pickHostNameFromBackendAddress": True, "requestTimeout": 30})],
            "httpListeners": [
                part(
                    "httpListeners",
                    "portal",
                    {
                        "frontendIPConfiguration": {"id": f"{base}/frontendIPConfigurations/public"},
                        "frontendPort": {"id": f"{base}/frontendPorts/port_443"},
                        "protocol": "Https",
                        "sslCertificate": {"id": f"{base}/sslCertificates/portal"},
                        "hostNames": ["portal.larkspurfreight.example"],
                        "requireServerNameIndication": True,
                    },
                )
            ],
            "requestRoutingRules": [
                part(
                    "requestRoutingRules",
                    "portal",
                    {
                        "ruleType": "Basic",
                        "priority": 10,
                        "httpListener": {"id": f"{base}/httpListeners/portal"},
                        "backendAddressPool": {"id": f"{base}/backendAddressPools/portal"},
                        "backendHttpSettings": {"id": f"{base}/backendHttpSettingsCollection/https"},
                    },
                )
            ],
            "probes": [],
            "redirectConfigurations": [],
            "urlPathMaps": [],
            "rewriteRuleSets": [],
        },
        etag=f'W/"{guid("agw-etag")}"',
        zones=["1", "2", "3"],
    )


def watcher(sub):
    group = "NetworkWatcherRG"
    found = sub.add(group, "Microsoft.Network/networkWatchers", "NetworkWatcher_westeurope", {"provisioningState": "Succeeded"}, etag=f'W/"{guid("watcher")}"')
    for name, target in {"fl-apps": "vnet-apps", "fl-hub": "vnet-hub"}.items():  # the legacy network has none
        sub.child(
            found,
            "flowLogs",
            name,
            {
                "provisioningState": "Succeeded",
                "targetResourceId": sub.net[target]["id"],
                "targetResourceGuid": sub.net[target]["properties"]["resourceGuid"],
                "storageId": f"{sub.id}/resourceGroups/rg-shared-prod/providers/Microsoft.Storage/storageAccounts/stlarkspurlogs",
                "enabled": True,
                "retentionPolicy": {"days": 90, "enabled": True},
                "format": {"type": "JSON", "version": 2},
                "flowAnalyticsConfiguration": {
                    "networkWatcherFlowAnalyticsConfiguration": {
                        "enabled": True,
                        "workspaceId": guid("workspace"),
                        "workspaceRegion": "westeurope",
                        "workspaceResourceId": f"{sub.id}/resourceGroups/rg-shared-prod/providers/Microsoft.OperationalInsights/workspaces/log-larkspur-prod",
                        "trafficAnalyticsInterval": 10,
                    }
                },
            },
            location="westeurope",
            etag=f'W/"{guid(name)}"',
        )


def network_interface(sub, group, name, subnet_name, private, address=None, forwarding=False, nsg=None):
    """A network interface; made by the machines that own it."""
    base = f"{sub.group(group)}/providers/Microsoft.Network/networkInterfaces/{name}"
    configuration = address_configuration(base, "ipconfig1", sub.net[subnet_name]["id"], sub.net[address]["id"] if address else None, private)
    configuration["type"] = "Microsoft.Network/networkInterfaces/ipConfigurations"
    configuration["properties"].update({"primary": True, "privateIPAddressVersion": "IPv4"})
    return sub.add(
        group,
        "Microsoft.Network/networkInterfaces",
        name,
        {
            "provisioningState": "Succeeded",
            "resourceGuid": guid(name),
            "ipConfigurations": [configuration],
            "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
            "macAddress": "00-0D-3A-" + "-".join(guid(name)[i : i + 2].upper() for i in (0, 2, 4)),
            "enableAcceleratedNetworking": True,
            "enableIPForwarding": forwarding,
            "disableTcpStateTracking": False,
            **({"networkSecurityGroup": {"id": sub.net[nsg]["id"]}} if nsg else {}),
            "nicType": "Standard",
            "vnetEncryptionSupported": False,
        },
        etag=f'W/"{guid(name + ago(1))}"',
    )
