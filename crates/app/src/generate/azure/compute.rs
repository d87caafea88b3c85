//! Hosts of an application: machines with interfaces, disks, snapshots; web apps.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::network::Network;
use super::{Cloud, Group, child};
use crate::generate::estate::Estate;

const MACHINES: &str = "Microsoft.Compute/virtualMachines";
const DISKS: &str = "Microsoft.Compute/disks";
const SIZES: [&str; 5] =
    ["Standard_D2s_v5", "Standard_D4s_v5", "Standard_E4s_v5", "Standard_B2ms", "Standard_F8s_v2"];

/// A machine that is to be written.
pub(super) struct Host<'a> {
    pub(super) name: String,
    pub(super) identity: &'a str,
    pub(super) subnet: &'a str,
    pub(super) address: String,
    /// Has a public address, and this security group on its interface.
    pub(super) guard: Option<&'a str>,
    /// Faults of the machine that others cause.
    pub(super) faults: Vec<&'static str>,
}

impl Cloud {
    pub(super) fn write_hosts(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        network: &Network,
        identity: &str,
    ) -> Result<()> {
        for number in 1..=estate.random.between(4, 14) {
            let host = Host {
                name: format!("vm-{}-{number:02}", group.application.name),
                identity,
                subnet: network.subnet(number),
                address: format!("{}.{}.{}", network.prefix, number % 3 * 16, 10 + number),
                guard: None,
                faults: Vec::new(),
            };
            self.write_host(estate, group, &host)?;
        }
        Ok(())
    }

    /// One machine with its interface and disks; its id.
    pub(super) fn write_host(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        host: &Host<'_>,
    ) -> Result<String> {
        let name = host.name.as_str();
        let id = group.resource(MACHINES, name);
        let interface = format!("nic-{name}");
        let mut more = json!({ "virtualMachine": { "id": id }, "primary": true });
        if let Some(guard) = host.guard {
            let user = group.resource("Microsoft.Network/networkInterfaces", &interface);
            let user = format!("{user}/ipConfigurations/ipconfig1");
            let public = self.write_public_address(estate, group, &format!("pip-{name}"), &user)?;
            super::set(&mut more, "publicIPAddress", json!({ "id": public }));
            super::set(&mut more, "networkSecurityGroup", json!({ "id": guard }));
        }
        let interface =
            self.write_interface(estate, group, &interface, (host.subnet, &host.address), &more)?;
        let is_windows = estate.random.chance(300);
        let system = if is_windows { "Windows" } else { "Linux" };
        let mut disks =
            vec![self.write_disk(estate, group, &format!("{name}-osdisk"), (&id, Some(system)))?];
        for number in 0..estate.random.below(3) {
            disks.push(self.write_disk(
                estate,
                group,
                &format!("{name}-data{number}"),
                (&id, None),
            )?);
        }
        let mut faults = host.faults.clone();
        let with_password = !is_windows && estate.is_faulty();
        if with_password {
            faults.push("azure.compute.linux-password");
        }
        let mut extensions = vec![
            agent(&id, is_windows, "AzureMonitor", "Agent"),
            agent(&id, is_windows, "Configurationfor", ""),
        ];
        if estate.is_faulty() {
            faults.push("azure.compute.no-endpoint-protection");
        } else {
            extensions.push(agent(&id, is_windows, "MDE.", ""));
        }
        let profile = system_profile(name, is_windows, with_password);
        let document = machine(estate, group, host, (&interface, &disks), (profile, extensions));
        self.put(estate, "azure.virtual-machine", &document, &faults)?;
        Ok(id)
    }

    fn write_disk(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        name: &str,
        (machine, system): (&str, Option<&str>),
    ) -> Result<String> {
        let id = group.resource(DISKS, name);
        let size = estate.random.pick(&[32_u64, 64, 128, 256, 512, 1024]);
        let created = estate.aged(10, 900);
        let is_open = estate.is_faulty();
        let mut document = group.document(
            DISKS,
            name,
            &json!({
                "osType": system,
                "creationData": { "createOption": "Empty" },
                "diskSizeGB": size,
                "diskIOPSReadWrite": 500 + size * 3,
                "diskMBpsReadWrite": 60 + size / 8,
                "diskSizeBytes": size * 1_073_741_824,
                "encryption": { "type": "EncryptionAtRestWithPlatformKey" },
                "networkAccessPolicy": if is_open { "AllowAll" } else { "DenyAll" },
                "publicNetworkAccess": if is_open { "Enabled" } else { "Disabled" },
                "dataAccessAuthMode": "AzureActiveDirectory",
                "timeCreated": created,
                "LastOwnershipUpdateTime": created,
                "provisioningState": "Succeeded",
                "diskState": "Attached",
                "uniqueId": estate.random.guid(),
                "tier": "P10",
                "hyperVGeneration": "V2",
                "supportsHibernation": false,
                "securityProfile": { "securityType": "TrustedLaunch" },
            }),
        );
        super::set(&mut document, "managedBy", json!(machine));
        super::set(&mut document, "sku", json!({ "name": "Premium_LRS", "tier": "Premium" }));
        super::set(&mut document, "zones", json!([(1 + estate.random.below(3)).to_string()]));
        let faults: &[_] = if is_open { &["azure.compute.disk-public-export"] } else { &[] };
        self.put(estate, "azure.disk", &document, faults)?;
        if estate.random.chance(350) {
            self.write_snapshot(estate, group, name, &id)?;
        }
        Ok(id)
    }

    fn write_snapshot(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        disk: &str,
        source: &str,
    ) -> Result<()> {
        let is_open = estate.is_faulty();
        let name = format!("snap-{disk}");
        let mut document = group.document(
            "Microsoft.Compute/snapshots",
            &name,
            &json!({
                "creationData": { "createOption": "Copy", "sourceResourceId": source, "sourceUniqueId": estate.random.guid() },
                "diskSizeGB": 128,
                "diskSizeBytes": 137_438_953_472_u64,
                "encryption": { "type": "EncryptionAtRestWithPlatformKey" },
                "incremental": true,
                "incrementalSnapshotFamilyId": estate.random.guid(),
                "networkAccessPolicy": if is_open { "AllowAll" } else { "DenyAll" },
                "publicNetworkAccess": if is_open { "Enabled" } else { "Disabled" },
                "timeCreated": estate.aged(1, 60),
                "provisioningState": "Succeeded",
                "diskState": "Unattached",
                "uniqueId": estate.random.guid(),
                "completionPercent": 100.0,
            }),
        );
        super::set(&mut document, "sku", json!({ "name": "Standard_ZRS", "tier": "Standard" }));
        let faults: &[_] = if is_open { &["azure.compute.disk-public-export"] } else { &[] };
        self.put(estate, "azure.snapshot", &document, faults).map(drop)
    }

    pub(super) fn write_web(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        network: &Network,
    ) -> Result<()> {
        let n_apps = estate.random.below(4);
        if n_apps == 0 {
            return Ok(());
        }
        let plan_name = format!("plan-{}", group.application.name);
        let plan = group.resource("Microsoft.Web/serverfarms", &plan_name);
        let mut document = group.document(
            "Microsoft.Web/serverfarms",
            &plan_name,
            &json!({ "provisioningState": "Succeeded", "status": "Ready", "numberOfSites": n_apps, "reserved": true, "zoneRedundant": true }),
        );
        super::set(
            &mut document,
            "sku",
            json!({ "name": "P1v3", "tier": "PremiumV3", "capacity": 2 }),
        );
        self.put(estate, "azure.app-service-plan", &document, &[])?;
        for number in 1..=n_apps {
            self.write_app(estate, group, (&plan, network.subnet(1)), number)?;
        }
        Ok(())
    }

    fn write_app(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        (plan, subnet): (&str, &str),
        number: u64,
    ) -> Result<()> {
        let name = format!("app-{}-{number}", group.application.name);
        let id = group.resource("Microsoft.Web/sites", &name);
        let mut faults = Vec::new();
        let mut fault = |estate: &mut Estate<'_>, check| {
            let is_faulty = estate.is_faulty();
            if is_faulty {
                faults.push(check);
            }
            is_faulty
        };
        let is_plain = fault(estate, "azure.web.https-only");
        let has_ftp = fault(estate, "azure.web.plain-ftp");
        let is_debugged = fault(estate, "azure.web.remote-debugging");
        let has_old_tls = fault(estate, "azure.web.minimum-tls");
        let mut document = group.document(
            "Microsoft.Web/sites",
            &name,
            &json!({
                "state": "Running",
                "hostNames": [format!("{name}.azurewebsites.example")],
                "defaultHostName": format!("{name}.azurewebsites.example"),
                "enabled": true,
                "serverFarmId": plan,
                "httpsOnly": !is_plain,
                "virtualNetworkSubnetId": subnet,
                "vnetRouteAllEnabled": true,
                "publicNetworkAccess": "Enabled",
                "clientCertEnabled": false,
                "reserved": true,
                "redundancyMode": "None",
                "customDomainVerificationId": estate.random.code(64),
                "outboundIpAddresses": estate.public_address(),
                "siteConfig": { "linuxFxVersion": "NODE|22-lts", "alwaysOn": true, "http20Enabled": true },
            }),
        );
        let settings = json!({
            "linuxFxVersion": "NODE|22-lts", "alwaysOn": true, "http20Enabled": true,
            "minTlsVersion": if has_old_tls { "1.0" } else { "1.2" },
            "scmMinTlsVersion": "1.2",
            "ftpsState": if has_ftp { "AllAllowed" } else { "Disabled" },
            "remoteDebuggingEnabled": is_debugged,
            "httpLoggingEnabled": true, "detailedErrorLoggingEnabled": true,
            "cors": { "allowedOrigins": [], "supportCredentials": false },
        });
        let publishing = "Microsoft.Web/sites/basicPublishingCredentialsPolicies";
        super::set(&mut document, "kind", json!("app,linux"));
        super::set(
            &mut document,
            "identity",
            json!({ "type": "SystemAssigned", "principalId": estate.random.guid(), "tenantId": self.tenant }),
        );
        super::set(
            &mut document,
            "resources",
            json!([
                child(&id, "Microsoft.Web/sites/config", "web", &settings),
                child(
                    &id,
                    "Microsoft.Web/sites/config",
                    "authsettingsV2",
                    &json!({ "platform": { "enabled": true } })
                ),
                child(&id, publishing, "ftp", &json!({ "allow": false })),
                child(&id, publishing, "scm", &json!({ "allow": false })),
            ]),
        );
        self.put(estate, "azure.web-app", &document, &faults).map(drop)
    }
}

fn machine(
    estate: &mut Estate<'_>,
    group: &Group,
    host: &Host<'_>,
    (interface, disks): (&str, &[String]),
    (profile, extensions): (Json, Vec<Json>),
) -> Json {
    let disk = |id: &String, more: Json| {
        let mut disk = json!({
            "name": id.rsplit('/').next().unwrap_or_default(),
            "createOption": "FromImage",
            "caching": "ReadWrite",
            "managedDisk": { "storageAccountType": "Premium_LRS", "id": id },
            "deleteOption": "Delete",
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            super::set(&mut disk, key, value.clone());
        }
        disk
    };
    let is_windows = profile.get("windowsConfiguration").is_some();
    let system = if is_windows { "Windows" } else { "Linux" };
    let image = if is_windows {
        json!({ "publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2025-datacenter-g2", "version": "latest", "exactVersion": "26100.4061.250909" })
    } else {
        json!({ "publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest", "exactVersion": "24.04.202610010" })
    };
    let system = disks.first().map(|id| disk(id, json!({ "osType": system })));
    let data: Vec<Json> =
        disks.iter().skip(1).enumerate().map(|(lun, id)| disk(id, json!({ "lun": lun }))).collect();
    let mut document = group.document(
        MACHINES,
        &host.name,
        &json!({
            "provisioningState": "Succeeded",
            "vmId": estate.random.guid(),
            "timeCreated": estate.aged(10, 900),
            "hardwareProfile": { "vmSize": estate.random.pick(&SIZES) },
            "storageProfile": {
                "imageReference": image,
                "osDisk": system,
                "dataDisks": data,
                "diskControllerType": "SCSI",
            },
            "osProfile": profile,
            "networkProfile": { "networkInterfaces": [{ "id": interface, "properties": { "primary": true, "deleteOption": "Delete" } }] },
            "securityProfile": { "uefiSettings": { "secureBootEnabled": true, "vTpmEnabled": true }, "securityType": "TrustedLaunch", "encryptionAtHost": true },
            "diagnosticsProfile": { "bootDiagnostics": { "enabled": true } },
        }),
    );
    super::set(
        &mut document,
        "identity",
        json!({ "type": "UserAssigned", "userAssignedIdentities": { host.identity: {} } }),
    );
    super::set(&mut document, "zones", json!(["1"]));
    super::set(&mut document, "resources", Json::Array(extensions));
    document
}

fn system_profile(name: &str, is_windows: bool, with_password: bool) -> Json {
    let patches =
        json!({ "patchMode": "AutomaticByPlatform", "assessmentMode": "AutomaticByPlatform" });
    let mut profile = json!({
        "computerName": name,
        "adminUsername": "hqadmin",
        "secrets": [],
        "allowExtensionOperations": true,
        "requireGuestProvisionSignal": true,
    });
    if is_windows {
        let settings = json!({ "provisionVMAgent": true, "enableAutomaticUpdates": true, "patchSettings": patches });
        super::set(&mut profile, "windowsConfiguration", settings);
    } else {
        let settings = json!({ "disablePasswordAuthentication": !with_password, "provisionVMAgent": true, "patchSettings": patches });
        super::set(&mut profile, "linuxConfiguration", settings);
    }
    profile
}

/// An extension of a machine whose type is `<start>Linux<end>` or `<start>Windows<end>`.
fn agent(machine: &str, is_windows: bool, start: &str, end: &str) -> Json {
    let name = format!("{start}{}{end}", if is_windows { "Windows" } else { "Linux" });
    let properties = json!({ "publisher": "Microsoft.Azure", "type": name, "typeHandlerVersion": "1.0", "autoUpgradeMinorVersion": true, "provisioningState": "Succeeded" });
    child(machine, "Microsoft.Compute/virtualMachines/extensions", &name, &properties)
}
