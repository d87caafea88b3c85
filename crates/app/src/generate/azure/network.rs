//! The network of an application: subnets with their security groups, addresses, a balancer.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::{Cloud, Group};
use crate::generate::estate::Estate;

const NSG: &str = "Microsoft.Network/networkSecurityGroups";
const TIERS: [&str; 3] = ["web", "app", "data"];

/// What the rest of the application needs of its network.
pub(super) struct Network {
    /// Ids of the subnets, by tier: web, app, data.
    pub(super) subnets: [String; 3],
    /// First two numbers of its addresses.
    pub(super) prefix: String,
    pub(super) private_endpoints: u64,
}

impl Network {
    /// The subnet of a tier; tiers repeat.
    pub(super) fn subnet(&self, tier: u64) -> &str {
        self.subnets.get((tier % 3) as usize).map_or("", String::as_str)
    }
}

impl Cloud {
    pub(super) fn write_network(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
    ) -> Result<Network> {
        let name = format!("vnet-{}", group.application.name);
        let id = group.resource("Microsoft.Network/virtualNetworks", &name);
        let number = group.application.number;
        let prefix = format!("10.{}", number % 250);
        let subnets = TIERS.map(|tier| format!("{id}/subnets/snet-{tier}"));
        let mut embedded = Vec::new();
        for (index, (tier, subnet)) in TIERS.iter().zip(&subnets).enumerate() {
            let guard = self.write_guard(estate, group, tier, &prefix)?;
            let is_bare = estate.is_faulty();
            let properties = json!({
                "addressPrefix": format!("{prefix}.{}.0/24", index * 16),
                "networkSecurityGroup": if is_bare { Json::Null } else { json!({ "id": guard }) },
                "privateEndpointNetworkPolicies": "Disabled",
                "privateLinkServiceNetworkPolicies": "Enabled",
                "provisioningState": "Succeeded",
                "defaultOutboundAccess": false,
                "delegations": [],
                "serviceEndpoints": [
                    { "service": "Microsoft.Storage", "locations": [group.region], "provisioningState": "Succeeded" },
                    { "service": "Microsoft.KeyVault", "locations": ["*"], "provisioningState": "Succeeded" },
                ],
            });
            let document = json!({
                "id": subnet,
                "name": format!("snet-{tier}"),
                "type": "Microsoft.Network/virtualNetworks/subnets",
                "etag": format!("W/\"{}\"", estate.random.guid()),
                "properties": properties,
            });
            let faults: &[_] = if is_bare { &["azure.network.subnet-without-nsg"] } else { &[] };
            self.put(estate, "azure.subnet", &document, faults)?;
            embedded.push(document);
        }
        let document = group.document(
            "Microsoft.Network/virtualNetworks",
            &name,
            &json!({
                "addressSpace": { "addressPrefixes": [format!("{prefix}.0.0/16")] },
                "subnets": embedded,
                "virtualNetworkPeerings": [],
                "enableDdosProtection": false,
                "provisioningState": "Succeeded",
                "resourceGuid": estate.random.guid(),
            }),
        );
        self.put(estate, "azure.virtual-network", &document, &[])?;
        Ok(Network { subnets, prefix, private_endpoints: 0 })
    }

    /// The security group of a tier.
    fn write_guard(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        tier: &str,
        prefix: &str,
    ) -> Result<String> {
        let name = format!("nsg-{}-{tier}", group.application.name);
        let id = group.resource(NSG, &name);
        let inside = format!("{prefix}.0.0/16");
        let mut rules = match tier {
            "web" => vec![rule(&id, "allow-https", 100, "Internet", "443")],
            "app" => vec![rule(&id, "allow-web-tier", 100, &inside, "8080-8099")],
            _ => vec![rule(&id, "allow-app-tier", 100, &inside, "1433")],
        };
        rules.push(rule(&id, "allow-bastion", 200, "10.255.0.0/26", "22"));
        let mut faults = Vec::new();
        if estate.is_faulty() {
            rules.push(rule(&id, "allow-ssh-temporary", 310, "*", "22"));
            faults.push("azure.network.ssh-from-internet");
        }
        if estate.is_faulty() {
            rules.push(rule(&id, "allow-rdp-vendor", 320, "0.0.0.0/0", "3380-3390"));
            faults.push("azure.network.rdp-from-internet");
        }
        let document = self.guard(group, &name, &rules, &estate.random.guid());
        self.put(estate, "azure.network-security-group", &document, &faults)?;
        Ok(id)
    }

    /// A security group with these rules.
    pub(super) fn guard(&self, group: &Group, name: &str, rules: &[Json], guid: &str) -> Json {
        let id = group.resource(NSG, name);
        let mut document = group.document(
            NSG,
            name,
            &json!({
                "provisioningState": "Succeeded",
                "resourceGuid": guid,
                "securityRules": rules,
                "defaultSecurityRules": [
                    rule(&id, "AllowVnetInBound", 65000, "VirtualNetwork", "*"),
                ],
                "subnets": [],
                "networkInterfaces": [],
            }),
        );
        let log = super::extension(
            &id,
            "Microsoft.Insights/diagnosticSettings",
            "to-platform-logs",
            &json!({ "workspaceId": self.workspace, "logs": [{ "categoryGroup": "allLogs", "enabled": true }], "metrics": [] }),
        );
        super::set(&mut document, "resources", json!([log]));
        document
    }

    /// A private endpoint for a resource, with its interface.
    pub(super) fn write_private_endpoint(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        network: &mut Network,
        (target, member): (&str, &str),
    ) -> Result<String> {
        network.private_endpoints += 1;
        let name = format!("pe-{}-{member}-{}", group.application.name, network.private_endpoints);
        let id = group.resource("Microsoft.Network/privateEndpoints", &name);
        let interface = format!("{name}.nic");
        let document = group.document(
            "Microsoft.Network/privateEndpoints",
            &name,
            &json!({
                "provisioningState": "Succeeded",
                "subnet": { "id": network.subnet(2) },
                "networkInterfaces": [{ "id": group.resource("Microsoft.Network/networkInterfaces", &interface) }],
                "customNetworkInterfaceName": interface,
                "privateLinkServiceConnections": [{
                    "name": name,
                    "id": format!("{id}/privateLinkServiceConnections/{name}"),
                    "properties": {
                        "privateLinkServiceId": target,
                        "groupIds": [member],
                        "provisioningState": "Succeeded",
                        "privateLinkServiceConnectionState": { "status": "Approved", "description": "Auto-Approved", "actionsRequired": "None" },
                    },
                }],
                "manualPrivateLinkServiceConnections": [],
                "customDnsConfigs": [],
            }),
        );
        self.put(estate, "azure.private-endpoint", &document, &[])?;
        let address = format!("{}.32.{}", network.prefix, 4 + network.private_endpoints % 240);
        self.write_interface(
            estate,
            group,
            &interface,
            (network.subnet(2), &address),
            &json!({ "privateEndpoint": { "id": id } }),
        )?;
        Ok(id)
    }

    /// A network interface; `more` is laid over its properties.
    pub(super) fn write_interface(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        name: &str,
        (subnet, address): (&str, &str),
        more: &Json,
    ) -> Result<String> {
        let id = group.resource("Microsoft.Network/networkInterfaces", name);
        let mut configuration = json!({
            "privateIPAddress": address,
            "privateIPAllocationMethod": "Dynamic",
            "privateIPAddressVersion": "IPv4",
            "primary": true,
            "provisioningState": "Succeeded",
            "subnet": { "id": subnet },
        });
        if let Some(public) = more.get("publicIPAddress") {
            super::set(&mut configuration, "publicIPAddress", public.clone());
        }
        let is_forwarding = more.get("privateEndpoint").is_none() && estate.is_faulty();
        let mut properties = json!({
            "provisioningState": "Succeeded",
            "resourceGuid": estate.random.guid(),
            "ipConfigurations": [{
                "name": "ipconfig1",
                "id": format!("{id}/ipConfigurations/ipconfig1"),
                "etag": format!("W/\"{}\"", estate.random.guid()),
                "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
                "properties": configuration,
            }],
            "dnsSettings": { "dnsServers": [], "appliedDnsServers": [], "internalDomainNameSuffix": format!("{}.internal.cloudapp.net", estate.random.code(12).to_ascii_lowercase()) },
            "macAddress": format!("00-0D-3A-{:02X}-{:02X}-{:02X}", estate.random.below(256), estate.random.below(256), estate.random.below(256)),
            "enableAcceleratedNetworking": true,
            "vnetEncryptionSupported": false,
            "enableIPForwarding": is_forwarding,
            "disableTcpStateTracking": false,
            "hostedWorkloads": [],
            "tapConfigurations": [],
            "nicType": "Standard",
            "auxiliaryMode": "None",
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            if key != "publicIPAddress" {
                super::set(&mut properties, key, value.clone());
            }
        }
        let document = group.document("Microsoft.Network/networkInterfaces", name, &properties);
        let faults: &[_] = if is_forwarding { &["azure.network.ip-forwarding"] } else { &[] };
        self.put(estate, "azure.network-interface", &document, faults)?;
        Ok(id)
    }

    /// A public address that is used by an interface's configuration.
    pub(super) fn write_public_address(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        name: &str,
        user: &str,
    ) -> Result<String> {
        let address = estate.public_address();
        let mut document = group.document(
            "Microsoft.Network/publicIPAddresses",
            name,
            &json!({
                "provisioningState": "Succeeded",
                "resourceGuid": estate.random.guid(),
                "ipAddress": address,
                "publicIPAddressVersion": "IPv4",
                "publicIPAllocationMethod": "Static",
                "idleTimeoutInMinutes": 4,
                "ipTags": [],
                "ipConfiguration": { "id": user },
                "ddosSettings": { "protectionMode": "VirtualNetworkInherited" },
            }),
        );
        super::set(&mut document, "sku", json!({ "name": "Standard", "tier": "Regional" }));
        self.put(estate, "azure.public-ip-address", &document, &[])?;
        Ok(group.resource("Microsoft.Network/publicIPAddresses", name))
    }
}

/// One inbound rule that allows TCP.
pub(super) fn rule(group: &str, name: &str, priority: u32, source: &str, ports: &str) -> Json {
    json!({
        "name": name,
        "id": format!("{group}/securityRules/{name}"),
        "type": "Microsoft.Network/networkSecurityGroups/securityRules",
        "properties": {
            "provisioningState": "Succeeded",
            "protocol": "Tcp",
            "sourcePortRange": "*",
            "destinationPortRange": ports,
            "sourceAddressPrefix": source,
            "destinationAddressPrefix": "*",
            "access": "Allow",
            "priority": priority,
            "direction": "Inbound",
            "sourcePortRanges": [],
            "destinationPortRanges": [],
            "sourceAddressPrefixes": [],
            "destinationAddressPrefixes": [],
        },
    })
}
