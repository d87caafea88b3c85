//! Where an application keeps things: storage accounts, vaults, databases.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::network::Network;
use super::{Cloud, Group, child, extension, set};
use crate::generate::estate::Estate;

const ACCOUNTS: &str = "Microsoft.Storage/storageAccounts";
const VAULTS: &str = "Microsoft.KeyVault/vaults";
const SERVERS: &str = "Microsoft.Sql/servers";

/// Ids of what holds data; the first is the most valuable.
pub(super) type Stores = Vec<String>;

/// Collects what is wrong with one resource.
#[derive(Default)]
struct Faults(Vec<&'static str>);

impl Faults {
    /// Decides about one fault.
    fn has(&mut self, estate: &mut Estate<'_>, check: &'static str) -> bool {
        let is_faulty = estate.is_faulty();
        if is_faulty {
            self.0.push(check);
        }
        is_faulty
    }
}

impl Cloud {
    pub(super) fn write_data(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        network: &Network,
    ) -> Result<Stores> {
        let mut network = Network {
            subnets: network.subnets.clone(),
            prefix: network.prefix.clone(),
            private_endpoints: 0,
        };
        let mut stores = Vec::new();
        for number in 1..=estate.random.between(1, 3) {
            stores.push(self.write_account(estate, group, &mut network, number)?);
        }
        if estate.random.chance(600) {
            stores.push(self.write_vault(estate, group, &mut network)?);
        }
        if estate.random.chance(400) {
            stores.push(self.write_server(estate, group, &mut network)?);
        }
        Ok(stores)
    }

    fn write_account(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        network: &mut Network,
        number: u64,
    ) -> Result<String> {
        let name = group.short_name("st", number);
        let id = group.resource(ACCOUNTS, &name);
        let endpoint = self.write_private_endpoint(estate, group, network, (&id, "blob"))?;
        let mut faults = Faults::default();
        let is_anonymous = faults.has(estate, "azure.storage.anonymous-blobs");
        let is_plain = faults.has(estate, "azure.storage.secure-transfer");
        let has_old_tls = faults.has(estate, "azure.storage.minimum-tls");
        let is_public = faults.has(estate, "azure.storage.public-network");
        let keeps_nothing = faults.has(estate, "azure.storage.blob-soft-delete");
        let created = estate.aged(30, 1500);
        let mut document = group.document(
            ACCOUNTS,
            &name,
            &json!({
                "allowBlobPublicAccess": is_anonymous,
                "allowSharedKeyAccess": false,
                "allowCrossTenantReplication": false,
                "supportsHttpsTrafficOnly": !is_plain,
                "minimumTlsVersion": if has_old_tls { "TLS1_0" } else { "TLS1_2" },
                "publicNetworkAccess": "Enabled",
                "networkAcls": {
                    "bypass": "AzureServices",
                    "defaultAction": if is_public { "Allow" } else { "Deny" },
                    "ipRules": [],
                    "virtualNetworkRules": [{ "id": network.subnet(1), "action": "Allow", "state": "Succeeded" }],
                },
                "privateEndpointConnections": [connection(&id, &endpoint)],
                "encryption": {
                    "requireInfrastructureEncryption": true,
                    "keySource": "Microsoft.Storage",
                    "services": { "blob": { "keyType": "Account", "enabled": true, "lastEnabledTime": created }, "file": { "keyType": "Account", "enabled": true, "lastEnabledTime": created } },
                },
                "isHnsEnabled": false,
                "accessTier": "Hot",
                "creationTime": created,
                "primaryEndpoints": { "blob": format!("https://{name}.blob.core.windows.net/"), "file": format!("https://{name}.file.core.windows.net/") },
                "primaryLocation": group.region,
                "statusOfPrimary": "available",
                "provisioningState": "Succeeded",
            }),
        );
        set(&mut document, "kind", json!("StorageV2"));
        set(&mut document, "sku", json!({ "name": "Standard_ZRS", "tier": "Standard" }));
        let blobs = json!({
            "deleteRetentionPolicy": { "enabled": !keeps_nothing, "days": 30 },
            "containerDeleteRetentionPolicy": { "enabled": true, "days": 30 },
            "isVersioningEnabled": true,
        });
        let files = json!({ "shareDeleteRetentionPolicy": { "enabled": true, "days": 14 } });
        set(
            &mut document,
            "resources",
            json!([
                child(&id, "Microsoft.Storage/storageAccounts/blobServices", "default", &blobs),
                child(&id, "Microsoft.Storage/storageAccounts/fileServices", "default", &files),
            ]),
        );
        self.put(estate, "azure.storage-account", &document, &faults.0)?;
        for number in 1..=estate.random.between(2, 6) {
            self.write_container(estate, &id, number)?;
        }
        Ok(id)
    }

    fn write_container(
        &mut self,
        estate: &mut Estate<'_>,
        account: &str,
        number: u64,
    ) -> Result<()> {
        let name = format!("c{number:02}");
        let changed = estate.aged(1, 400);
        let document = json!({
            "id": format!("{account}/blobServices/default/containers/{name}"),
            "name": name,
            "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
            "etag": format!("\"0x{}\"", estate.random.hex(15).to_ascii_uppercase()),
            "properties": {
                "publicAccess": "None",
                "leaseStatus": "Unlocked",
                "leaseState": "Available",
                "lastModifiedTime": changed,
                "hasImmutabilityPolicy": false,
                "hasLegalHold": false,
                "immutableStorageWithVersioning": { "enabled": false },
                "defaultEncryptionScope": "$account-encryption-key",
                "denyEncryptionScopeOverride": false,
                "deleted": false,
                "remainingRetentionDays": 0,
                "version": estate.random.code(16),
            },
        });
        self.put(estate, "azure.blob-container", &document, &[]).map(drop)
    }

    fn write_vault(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        network: &mut Network,
    ) -> Result<String> {
        let name = group.short_name("kv", 1);
        let id = group.resource(VAULTS, &name);
        let endpoint = self.write_private_endpoint(estate, group, network, (&id, "vault"))?;
        let mut faults = Faults::default();
        let is_public = faults.has(estate, "azure.keyvault.public-network");
        let is_purgeable = faults.has(estate, "azure.keyvault.purge-protection");
        let is_silent = faults.has(estate, "azure.keyvault.no-audit-log");
        let mut document = group.document(
            VAULTS,
            &name,
            &json!({
                "sku": { "family": "A", "name": "premium" },
                "tenantId": self.tenant,
                "accessPolicies": [],
                "enabledForDeployment": false,
                "enabledForDiskEncryption": false,
                "enabledForTemplateDeployment": false,
                "enableSoftDelete": true,
                "softDeleteRetentionInDays": 90,
                "enableRbacAuthorization": true,
                "enablePurgeProtection": if is_purgeable { Json::Null } else { json!(true) },
                "vaultUri": format!("https://{name}.vault.azure.net/"),
                "provisioningState": "Succeeded",
                "publicNetworkAccess": "Enabled",
                "networkAcls": { "bypass": "AzureServices", "defaultAction": if is_public { "Allow" } else { "Deny" }, "ipRules": [], "virtualNetworkRules": [] },
                "privateEndpointConnections": [connection(&id, &endpoint)],
            }),
        );
        let logs = json!({ "workspaceId": self.workspace, "logs": [{ "category": "AuditEvent", "enabled": true }], "metrics": [] });
        let logs = extension(&id, "Microsoft.Insights/diagnosticSettings", "audit", &logs);
        set(&mut document, "resources", if is_silent { json!([]) } else { json!([logs]) });
        self.put(estate, "azure.key-vault", &document, &faults.0)?;
        for number in 1..=estate.random.between(1, 2) {
            self.write_vault_item(
                estate,
                &id,
                ("keys", "azure.key-vault-key", "azure.keyvault.key-without-expiry"),
                number,
            )?;
        }
        for number in 1..=estate.random.between(3, 9) {
            self.write_vault_item(
                estate,
                &id,
                ("secrets", "azure.key-vault-secret", "azure.keyvault.secret-without-expiry"),
                number,
            )?;
        }
        Ok(id)
    }

    fn write_vault_item(
        &mut self,
        estate: &mut Estate<'_>,
        vault: &str,
        (part, kind, check): (&str, &'static str, &'static str),
        number: u64,
    ) -> Result<()> {
        let name = format!("{}-{number:02}", part.trim_end_matches('s'));
        let is_endless = estate.is_faulty();
        // Seconds since 1970: 2027-06-01 and later.
        let expiry = 1_811_808_000 + estate.random.below(200) * 86_400;
        let uri = format!(
            "https://{}.vault.azure.net/{part}/{name}",
            vault.rsplit('/').next().unwrap_or_default()
        );
        let mut properties = json!({
            "attributes": {
                "enabled": true,
                "created": 1_767_225_600,
                "updated": 1_767_225_600,
                "exp": if is_endless { Json::Null } else { json!(expiry) },
            },
        });
        if part == "keys" {
            set(&mut properties, "kty", json!("RSA-HSM"));
            set(&mut properties, "keySize", json!(3072));
            set(&mut properties, "keyOps", json!(["wrapKey", "unwrapKey"]));
            set(&mut properties, "keyUri", json!(uri));
            set(
                &mut properties,
                "rotationPolicy",
                json!({ "lifetimeActions": [{ "action": { "type": "rotate" }, "trigger": { "timeAfterCreate": "P180D" } }] }),
            );
        } else {
            set(&mut properties, "secretUri", json!(uri));
            set(&mut properties, "contentType", json!("connection-string"));
        }
        let document = json!({
            "id": format!("{vault}/{part}/{name}"),
            "name": name,
            "type": format!("Microsoft.KeyVault/vaults/{part}"),
            "properties": properties,
        });
        let faults: &[_] = if is_endless { &[check] } else { &[] };
        self.put(estate, kind, &document, faults).map(drop)
    }

    fn write_server(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        network: &mut Network,
    ) -> Result<String> {
        let name = group.short_name("sql", 1);
        let id = group.resource(SERVERS, &name);
        let mut faults = Faults::default();
        let has_no_audit = faults.has(estate, "azure.sql.auditing");
        let has_old_tls = faults.has(estate, "azure.sql.minimum-tls");
        let is_open = faults.has(estate, "azure.sql.firewall-all-internet");
        let mut connections = Vec::new();
        if is_open {
            faults.0.extend(["azure.sql.public-network", "azure.sql.no-private-endpoint"]);
        } else {
            let endpoint =
                self.write_private_endpoint(estate, group, network, (&id, "sqlServer"))?;
            connections.push(connection(&id, &endpoint));
        }
        let mut document = group.document(
            SERVERS,
            &name,
            &json!({
                "administratorLogin": "hqsqladmin",
                "version": "12.0",
                "state": "Ready",
                "fullyQualifiedDomainName": format!("{name}.database.windows.net"),
                "privateEndpointConnections": connections,
                "minimalTlsVersion": if has_old_tls { "1.0" } else { "1.2" },
                "publicNetworkAccess": if is_open { "Enabled" } else { "Disabled" },
                "administrators": { "administratorType": "ActiveDirectory", "principalType": "Group", "login": "sql-admins", "sid": estate.random.guid(), "tenantId": self.tenant, "azureADOnlyAuthentication": true },
                "restrictOutboundNetworkAccess": "Disabled",
            }),
        );
        let part = |kind: &str, name: &str, properties: Json| {
            child(&id, &format!("{SERVERS}/{kind}"), name, &properties)
        };
        let mut parts = vec![
            part(
                "auditingSettings",
                "default",
                json!({ "state": if has_no_audit { "Disabled" } else { "Enabled" }, "isAzureMonitorTargetEnabled": !has_no_audit, "retentionDays": 0 }),
            ),
            part(
                "securityAlertPolicies",
                "default",
                json!({ "state": "Enabled", "disabledAlerts": [], "retentionDays": 0 }),
            ),
            part(
                "vulnerabilityAssessments",
                "default",
                json!({ "recurringScans": { "isEnabled": true, "emailSubscriptionAdmins": true, "emails": [] } }),
            ),
            part(
                "azureADOnlyAuthentications",
                "default",
                json!({ "azureADOnlyAuthentication": true }),
            ),
            part(
                "encryptionProtector",
                "current",
                json!({ "serverKeyType": "ServiceManaged", "serverKeyName": "ServiceManaged" }),
            ),
        ];
        if is_open {
            parts.push(part(
                "firewallRules",
                "anywhere",
                json!({ "startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255" }),
            ));
        }
        set(&mut document, "resources", Json::Array(parts));
        self.put(estate, "azure.sql-server", &document, &faults.0)?;
        for number in 1..=estate.random.between(1, 4) {
            self.write_database(estate, group, &id, number)?;
        }
        Ok(id)
    }

    fn write_database(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        server: &str,
        number: u64,
    ) -> Result<()> {
        let name = format!("{}-{number}", group.application.team);
        let id = format!("{server}/databases/{name}");
        let is_plain = estate.is_faulty();
        let state = if is_plain { "Disabled" } else { "Enabled" };
        let native = "Microsoft.Sql/servers/databases";
        let parts = [
            child(
                &id,
                &format!("{native}/transparentDataEncryption"),
                "current",
                &json!({ "state": state }),
            ),
            child(
                &id,
                &format!("{native}/auditingSettings"),
                "default",
                &json!({ "state": "Enabled", "retentionDays": 0 }),
            ),
        ];
        let document = json!({
            "id": id,
            "name": name,
            "type": native,
            "location": group.region,
            "tags": group.tags,
            "kind": "v12.0,user,vcore",
            "sku": { "name": "GP_Gen5", "tier": "GeneralPurpose", "family": "Gen5", "capacity": 4 },
            "properties": {
                "status": "Online",
                "databaseId": estate.random.guid(),
                "creationDate": estate.aged(30, 1200),
                "collation": "SQL_Latin1_General_CP1_CI_AS",
                "maxSizeBytes": 268_435_456_000_u64,
                "requestedBackupStorageRedundancy": "Geo",
                "zoneRedundant": false,
                "isLedgerOn": false,
            },
            "resources": parts,
        });
        let faults: &[_] = if is_plain { &["azure.sql.transparent-data-encryption"] } else { &[] };
        self.put(estate, "azure.sql-database", &document, faults).map(drop)
    }
}

/// An approved connection to a private endpoint, as the resource behind it shows it.
fn connection(owner: &str, endpoint: &str) -> Json {
    let name = endpoint.rsplit('/').next().unwrap_or_default();
    json!({
        "id": format!("{owner}/privateEndpointConnections/{name}"),
        "name": name,
        "properties": {
            "provisioningState": "Succeeded",
            "privateEndpoint": { "id": endpoint },
            "privateLinkServiceConnectionState": { "status": "Approved", "description": "Auto-Approved", "actionRequired": "None" },
        },
    })
}
