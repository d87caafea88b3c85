//! Google Cloud: projects of applications, as assets of Cloud Asset Inventory one per line;
//! resources and IAM policies in files of their own, as the export writes them.

use anyhow::Result;
use serde_json::{Map, Value as Json, json};

use super::company::{Application, DOMAIN};
use super::estate::Estate;
use super::manifest::AttackStep;
use super::shards::Lines;

/// Projects with one attack route each.
const PROJECTS_PER_ROUTE: u64 = 20;
const REGIONS: [&str; 3] = ["europe-west3", "europe-west1", "us-east4"];
const COMPUTE: &str = "https://www.googleapis.com/compute/v1";

/// Writes the cloud.
pub(super) fn write(estate: &mut Estate<'_>) -> Result<()> {
    let mut assets = Assets {
        resources: Lines::new("gcp/resources".to_owned()),
        policies: Lines::new("gcp/iam-policies".to_owned()),
    };
    let mut n_projects = 0;
    while estate.left() > 0 {
        let with_route = n_projects % PROJECTS_PER_ROUTE == 0;
        let mut application = estate.company.application(&mut estate.random);
        application.is_critical |= with_route;
        let project = Project::new(estate, application, n_projects);
        assets.write_project(estate, &project, with_route)?;
        n_projects += 1;
    }
    assets.resources.finish(estate)?;
    assets.policies.finish(estate)
}

/// The export while it is written.
struct Assets {
    resources: Lines,
    policies: Lines,
}

/// A project: where the resources of one application are.
struct Project {
    id: String,
    number: u64,
    region: &'static str,
    application: Application,
    labels: Json,
}

impl Project {
    /// What Merlon calls the project: assets name it by number, and everything in it by its id.
    fn resource(&self) -> String {
        format!("//cloudresourcemanager.googleapis.com/projects/{}", self.id)
    }

    fn new(estate: &mut Estate<'_>, application: Application, index: u64) -> Self {
        let labels: Map<String, Json> = application
            .tags()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.replace(['@', '.', '/'], "_").into()))
            .collect();
        Self {
            id: format!("hq-{}", application.name),
            number: 500_000_000_000 + index * 1_009 + estate.random.below(1000),
            region: estate.random.pick(&REGIONS),
            application,
            labels: Json::Object(labels),
        }
    }

    /// The full name of something of Compute Engine in the project.
    fn compute(&self, rest: &str) -> String {
        format!("//compute.googleapis.com/projects/{}/{rest}", self.id)
    }

    /// The link to it.
    fn link(&self, rest: &str) -> String {
        format!("{COMPUTE}/projects/{}/{rest}", self.id)
    }

    fn zone(&self) -> String {
        format!("{}-b", self.region)
    }

    fn service_account(&self, name: &str) -> String {
        format!("{name}@{}.iam.gserviceaccount.com", self.id)
    }
}

impl Assets {
    fn write_project(
        &mut self,
        estate: &mut Estate<'_>,
        project: &Project,
        with_route: bool,
    ) -> Result<()> {
        // A project has at most 90 resources; a route in a cut one would be none.
        let with_route = with_route && estate.left() > 100;
        let id = &project.id;
        let data = json!({
            "projectId": id, "projectNumber": project.number.to_string(), "name": id, "lifecycleState": "ACTIVE",
            "createTime": estate.aged(100, 1500), "labels": project.labels, "parent": { "type": "folder", "id": "730912345678" },
        });
        let name = format!("//cloudresourcemanager.googleapis.com/projects/{}", project.number);
        self.put(
            estate,
            project,
            ("gcp.project", "cloudresourcemanager.googleapis.com/Project", &name),
            &data,
            &[],
        )?;
        self.write_project_policy(estate, project, &name, with_route)?;
        let network = self.write_network(estate, project, with_route)?;
        self.write_account(estate, project, "runtime")?;
        for number in 1..=estate.random.between(4, 16) {
            let host = Host { number, network: &network, account: "runtime", is_jump: false };
            self.write_instance(estate, project, &host)?;
        }
        let buckets = self.write_data(estate, project)?;
        if with_route {
            self.write_account(estate, project, "jump")?;
            let host = Host { number: 99, network: &network, account: "jump", is_jump: true };
            let machine = self.write_instance(estate, project, &host)?;
            if let Some(target) = buckets.first() {
                let account = format!(
                    "//iam.googleapis.com/projects/{id}/serviceAccounts/{}",
                    project.service_account("jump")
                );
                let steps = vec![
                    AttackStep::new(
                        &account,
                        "the metadata service hands out tokens of the service account",
                    ),
                    AttackStep::new(&project.resource(), "the service account owns the project"),
                    AttackStep::new(
                        target,
                        "an owner may give itself the right to read the bucket",
                    ),
                ];
                estate.route("gcp.internet-to-bucket-by-service-account", &machine, steps);
            }
        }
        Ok(())
    }

    fn write_project_policy(
        &mut self,
        estate: &mut Estate<'_>,
        project: &Project,
        name: &str,
        with_route: bool,
    ) -> Result<()> {
        let mut bindings = vec![
            json!({ "role": "roles/viewer", "members": [format!("group:{}-team@{DOMAIN}", project.application.team)] }),
            json!({ "role": "roles/logging.viewer", "members": [format!("group:operations@{DOMAIN}")] }),
            json!({ "role": "roles/storage.objectUser", "members": [format!("serviceAccount:{}", project.service_account("runtime"))] }),
        ];
        if with_route {
            bindings.push(json!({ "role": "roles/owner", "members": [format!("serviceAccount:{}", project.service_account("jump"))] }));
            estate.plant(&project.resource(), "gcp.iam.service-account-is-administrator");
        }
        if estate.is_faulty() {
            bindings.push(json!({ "role": "roles/browser", "members": ["allAuthenticatedUsers"] }));
            estate.plant(&project.resource(), "gcp.iam.public-grant");
        }
        self.put_policy(estate, (name, "cloudresourcemanager.googleapis.com/Project"), &bindings)
    }

    /// The network with its subnet and firewall rules; the network's name.
    fn write_network(
        &mut self,
        estate: &mut Estate<'_>,
        project: &Project,
        with_route: bool,
    ) -> Result<String> {
        let network = format!("{}-vpc", project.application.name);
        let rest = format!("global/networks/{network}");
        let data = json!({
            "id": estate.random.below(1 << 60).to_string(), "name": network, "selfLink": project.link(&rest), "creationTimestamp": estate.aged(100, 900),
            "autoCreateSubnetworks": false, "routingConfig": { "routingMode": "REGIONAL" }, "mtu": 1460, "subnetworks": [project.link(&format!("regions/{}/subnetworks/main", project.region))],
        });
        self.put(
            estate,
            project,
            ("gcp.compute-network", "compute.googleapis.com/Network", &project.compute(&rest)),
            &data,
            &[],
        )?;
        let subnet = format!("regions/{}/subnetworks/main", project.region);
        let has_no_logs = estate.is_faulty();
        let data = json!({
            "id": estate.random.below(1 << 60).to_string(), "name": "main", "selfLink": project.link(&subnet), "network": project.link(&rest), "region": project.link(&format!("regions/{}", project.region)),
            "ipCidrRange": "10.128.0.0/20", "gatewayAddress": "10.128.0.1", "privateIpGoogleAccess": true, "purpose": "PRIVATE", "stackType": "IPV4_ONLY",
            "enableFlowLogs": !has_no_logs, "logConfig": { "enable": !has_no_logs, "aggregationInterval": "INTERVAL_5_SEC", "flowSampling": 1.0, "metadata": "INCLUDE_ALL_METADATA" }, "creationTimestamp": estate.aged(100, 900),
        });
        let faults: &[_] =
            if has_no_logs { &["gcp.network.subnet-without-flow-logs"] } else { &[] };
        self.put(
            estate,
            project,
            (
                "gcp.compute-subnetwork",
                "compute.googleapis.com/Subnetwork",
                &project.compute(&subnet),
            ),
            &data,
            faults,
        )?;
        self.write_firewall(
            estate,
            project,
            (&rest, "allow-internal", "10.128.0.0/20", "0-65535"),
            &[],
        )?;
        self.write_firewall(
            estate,
            project,
            (&rest, "allow-health-checks", "35.191.0.0/16", "8080"),
            &[],
        )?;
        if estate.is_faulty() {
            self.write_firewall(
                estate,
                project,
                (&rest, "allow-rdp", "0.0.0.0/0", "3389"),
                &["gcp.network.firewall-rdp-open"],
            )?;
        }
        if with_route {
            self.write_firewall(
                estate,
                project,
                (&rest, "allow-ssh", "0.0.0.0/0", "22"),
                &["gcp.network.firewall-ssh-open"],
            )?;
        }
        Ok(network)
    }

    fn write_firewall(
        &mut self,
        estate: &mut Estate<'_>,
        project: &Project,
        (network, name, source, ports): (&str, &str, &str, &str),
        faults: &[&'static str],
    ) -> Result<()> {
        let rest = format!("global/firewalls/{}-{name}", project.application.name);
        let data = json!({
            "id": estate.random.below(1 << 60).to_string(), "name": format!("{}-{name}", project.application.name), "selfLink": project.link(&rest), "network": project.link(network),
            "direction": "INGRESS", "priority": 1000, "disabled": false, "sourceRanges": [source], "allowed": [{ "IPProtocol": "tcp", "ports": [ports] }],
            "logConfig": { "enable": true, "metadata": "INCLUDE_ALL_METADATA" }, "creationTimestamp": estate.aged(50, 900), "description": format!("{name} for {}", project.application.name),
        });
        self.put(
            estate,
            project,
            ("gcp.compute-firewall", "compute.googleapis.com/Firewall", &project.compute(&rest)),
            &data,
            faults,
        )
    }

    fn write_account(
        &mut self,
        estate: &mut Estate<'_>,
        project: &Project,
        name: &str,
    ) -> Result<()> {
        let email = project.service_account(name);
        let id = estate.random.below(1 << 60).to_string();
        let full = format!("projects/{}/serviceAccounts/{email}", project.id);
        let data = json!({
            "name": full, "projectId": project.id, "uniqueId": id, "oauth2ClientId": id, "email": email, "displayName": format!("{name} of {}", project.application.name),
            "description": "made by terraform", "disabled": false, "etag": estate.random.code(16),
        });
        self.put(
            estate,
            project,
            (
                "gcp.iam-service-account",
                "iam.googleapis.com/ServiceAccount",
                &format!("//iam.googleapis.com/{full}"),
            ),
            &data,
            &[],
        )
    }

    fn write_data(&mut self, estate: &mut Estate<'_>, project: &Project) -> Result<Vec<String>> {
        let mut buckets = Vec::new();
        for number in 1..=estate.random.between(1, 4) {
            buckets.push(self.write_bucket(estate, project, number)?);
        }
        for number in 1..=estate.random.below(4) {
            let full = format!("projects/{}/topics/t{number}", project.id);
            let data = json!({ "name": full, "labels": project.labels, "messageStoragePolicy": { "allowedPersistenceRegions": [project.region] }, "messageRetentionDuration": "86600s", "state": "ACTIVE" });
            self.put(
                estate,
                project,
                (
                    "gcp.pubsub-topic",
                    "pubsub.googleapis.com/Topic",
                    &format!("//pubsub.googleapis.com/{full}"),
                ),
                &data,
                &[],
            )?;
            let subscription = format!("projects/{}/subscriptions/s{number}", project.id);
            let data = json!({ "name": subscription, "topic": full, "labels": project.labels, "ackDeadlineSeconds": 60, "messageRetentionDuration": "604800s", "state": "ACTIVE", "expirationPolicy": {} });
            self.put(
                estate,
                project,
                (
                    "gcp.pubsub-subscription",
                    "pubsub.googleapis.com/Subscription",
                    &format!("//pubsub.googleapis.com/{subscription}"),
                ),
                &data,
                &[],
            )?;
        }
        for number in 1..=estate.random.below(5) {
            let full = format!("projects/{}/secrets/s{number}", project.number);
            let data = json!({ "name": full, "createTime": estate.aged(30, 300), "labels": project.labels, "replication": { "userManaged": { "replicas": [{ "location": project.region }] } }, "rotation": { "rotationPeriod": "2592000s", "nextRotationTime": "2026-12-01T00:00:00Z" } });
            self.put(
                estate,
                project,
                (
                    "gcp.secret",
                    "secretmanager.googleapis.com/Secret",
                    &format!("//secretmanager.googleapis.com/{full}"),
                ),
                &data,
                &[],
            )?;
        }
        if estate.random.chance(400) {
            self.write_database(estate, project)?;
        }
        Ok(buckets)
    }

    fn write_bucket(
        &mut self,
        estate: &mut Estate<'_>,
        project: &Project,
        number: u64,
    ) -> Result<String> {
        let name = format!("{}-data-{number}", project.id);
        let full = format!("//storage.googleapis.com/{name}");
        let is_public = estate.is_faulty();
        let forgets = estate.is_faulty();
        let mut faults = Vec::new();
        if is_public {
            faults.extend(["gcp.storage.public-bucket", "gcp.storage.public-access-not-prevented"]);
        }
        if forgets {
            faults.push("gcp.storage.bucket-without-versioning");
        }
        let data = json!({
            "kind": "storage#bucket", "id": name, "name": name, "selfLink": format!("https://www.googleapis.com/storage/v1/b/{name}"), "projectNumber": project.number.to_string(),
            "location": project.region.to_ascii_uppercase(), "locationType": "region", "storageClass": "STANDARD", "timeCreated": estate.aged(100, 900), "updated": estate.aged(1, 99),
            "metageneration": "3", "etag": "CAM=", "labels": project.labels, "versioning": { "enabled": !forgets }, "softDeletePolicy": { "retentionDurationSeconds": "604800" },
            "iamConfiguration": { "uniformBucketLevelAccess": { "enabled": true, "lockedTime": "2026-12-01T00:00:00Z" }, "bucketPolicyOnly": { "enabled": true }, "publicAccessPrevention": if is_public { "inherited" } else { "enforced" } },
        });
        let left = estate.left();
        self.put(
            estate,
            project,
            ("gcp.storage-bucket", "storage.googleapis.com/Bucket", &full),
            &data,
            &faults,
        )?;
        if left > 0 {
            let members = if is_public {
                json!(["allUsers"])
            } else {
                json!([format!("serviceAccount:{}", project.service_account("runtime"))])
            };
            let bindings = [
                json!({ "role": "roles/storage.legacyBucketOwner", "members": [format!("projectOwner:{}", project.id)] }),
                json!({ "role": "roles/storage.objectViewer", "members": members }),
            ];
            self.put_policy(estate, (&full, "storage.googleapis.com/Bucket"), &bindings)?;
        }
        Ok(full)
    }

    fn write_database(&mut self, estate: &mut Estate<'_>, project: &Project) -> Result<()> {
        let name = project.application.name.as_str();
        let full = format!("//cloudsql.googleapis.com/projects/{}/instances/{name}", project.id);
        let is_open = estate.is_faulty();
        let is_plain = estate.is_faulty();
        let has_no_backup = estate.is_faulty();
        let mut faults = Vec::new();
        if is_open {
            faults.extend(["gcp.sql.open-network", "gcp.sql.public-address"]);
        }
        if is_plain {
            faults.push("gcp.sql.tls-not-required");
        }
        if is_open && is_plain {
            faults.push("gcp.sql.public-open-and-plain");
        }
        if has_no_backup {
            faults.push("gcp.sql.no-automated-backups");
        }
        let networks = if is_open {
            json!([{ "kind": "sql#aclEntry", "name": "all", "value": "0.0.0.0/0" }])
        } else {
            json!([])
        };
        let data = json!({
            "kind": "sql#instance", "name": name, "project": project.id, "region": project.region, "gceZone": project.zone(), "databaseVersion": "POSTGRES_17", "state": "RUNNABLE", "instanceType": "CLOUD_SQL_INSTANCE",
            "connectionName": format!("{}:{}:{name}", project.id, project.region), "selfLink": format!("https://sqladmin.googleapis.com/sql/v1beta4/projects/{}/instances/{name}", project.id), "createTime": estate.aged(100, 900),
            "ipAddresses": [{ "ipAddress": "10.200.0.3", "type": "PRIVATE" }], "serviceAccountEmailAddress": format!("p{}@gcp-sa-cloud-sql.iam.gserviceaccount.com", project.number),
            "settings": {
                "tier": "db-custom-4-16384", "edition": "ENTERPRISE_PLUS", "availabilityType": "REGIONAL", "activationPolicy": "ALWAYS", "dataDiskSizeGb": "200", "dataDiskType": "PD_SSD", "deletionProtectionEnabled": true, "userLabels": project.labels,
                "backupConfiguration": { "enabled": !has_no_backup, "pointInTimeRecoveryEnabled": true, "startTime": "02:00", "transactionLogRetentionDays": 7 },
                "ipConfiguration": { "ipv4Enabled": is_open, "privateNetwork": project.link(&format!("global/networks/{name}-vpc")), "authorizedNetworks": networks, "sslMode": if is_plain { "ALLOW_UNENCRYPTED_AND_ENCRYPTED" } else { "ENCRYPTED_ONLY" } },
                "databaseFlags": [{ "name": "log_connections", "value": "on" }, { "name": "log_disconnections", "value": "on" }, { "name": "cloudsql.enable_pgaudit", "value": "on" }, { "name": "log_statement", "value": "ddl" }],
            },
        });
        self.put(
            estate,
            project,
            ("gcp.sql-instance", "sqladmin.googleapis.com/Instance", &full),
            &data,
            &faults,
        )
    }

    /// Writes one asset with the faults that are in it.
    fn put(
        &mut self,
        estate: &mut Estate<'_>,
        project: &Project,
        (kind, native, name): (&'static str, &str, &str),
        data: &Json,
        faults: &[&'static str],
    ) -> Result<()> {
        if !estate.count(kind) {
            return Ok(());
        }
        for fault in faults {
            estate.plant(name, fault);
        }
        let line = json!({
            "name": name,
            "assetType": native,
            "ancestors": [format!("projects/{}", project.number), "folders/730912345678", "organizations/481234567890"],
            "updateTime": super::AS_OF,
            "resource": {
                "version": "v1",
                "discoveryName": native.rsplit('/').next(),
                "parent": format!("//cloudresourcemanager.googleapis.com/projects/{}", project.number),
                "location": project.region,
                "data": data,
            },
        });
        self.resources.push(estate, &line)
    }

    fn put_policy(
        &mut self,
        estate: &mut Estate<'_>,
        (name, native): (&str, &str),
        bindings: &[Json],
    ) -> Result<()> {
        let line = json!({ "name": name, "assetType": native, "updateTime": super::AS_OF, "iamPolicy": { "version": 1, "etag": "BwYAAA=", "bindings": bindings } });
        self.policies.push(estate, &line)
    }
}

/// A machine that is to be written.
struct Host<'a> {
    number: u64,
    network: &'a str,
    /// The name of its service account.
    account: &'a str,
    /// The way in of an attack route.
    is_jump: bool,
}

impl Assets {
    /// One machine with its disks; its full name.
    fn write_instance(
        &mut self,
        estate: &mut Estate<'_>,
        project: &Project,
        host: &Host<'_>,
    ) -> Result<String> {
        let zone = project.zone();
        let name = format!("{}-vm-{:02}", project.application.name, host.number);
        let rest = format!("zones/{zone}/instances/{name}");
        let full = project.compute(&rest);
        let mut faults = Vec::new();
        let forwards = !host.is_jump && estate.is_faulty();
        if forwards {
            faults.push("gcp.compute.instance-ip-forwarding");
        }
        let mut interface = json!({
            "name": "nic0", "network": project.link(&format!("global/networks/{}", host.network)), "subnetwork": project.link(&format!("regions/{}/subnetworks/main", project.region)),
            "networkIP": format!("10.128.{}.{}", project.application.number % 16, 2 + host.number), "stackType": "IPV4_ONLY", "nicType": "GVNIC",
        });
        if host.is_jump {
            faults.push("gcp.compute.instance-admin-port-open");
            if let Some(map) = interface.as_object_mut() {
                map.insert("accessConfigs".to_owned(), json!([{ "type": "ONE_TO_ONE_NAT", "name": "External NAT", "natIP": estate.public_address(), "networkTier": "PREMIUM" }]));
            }
        }
        let mut disks = Vec::new();
        for number in 0..estate.random.between(1, 3) {
            let disk = format!("zones/{zone}/disks/{name}-{number}");
            disks.push(json!({ "type": "PERSISTENT", "mode": "READ_WRITE", "source": project.link(&disk), "deviceName": format!("disk-{number}"), "index": number, "boot": number == 0, "autoDelete": true, "interface": "NVME", "diskSizeGb": "100" }));
            self.write_disk(estate, project, &disk, &rest)?;
        }
        let data = json!({
            "id": estate.random.below(1 << 60).to_string(), "name": name, "selfLink": project.link(&rest), "zone": project.link(&format!("zones/{zone}")), "status": "RUNNING",
            "machineType": project.link(&format!("zones/{zone}/machineTypes/n2-standard-4")), "cpuPlatform": "Intel Ice Lake", "creationTimestamp": estate.aged(1, 500), "lastStartTimestamp": estate.aged(0, 1),
            "canIpForward": forwards, "deletionProtection": false, "labels": project.labels, "tags": { "items": [project.application.part], "fingerprint": estate.random.code(11) },
            "networkInterfaces": [interface], "disks": disks,
            "metadata": { "fingerprint": estate.random.code(11), "items": [{ "key": "enable-oslogin", "value": "TRUE" }, { "key": "block-project-ssh-keys", "value": "TRUE" }, { "key": "serial-port-enable", "value": "FALSE" }] },
            "serviceAccounts": [{ "email": project.service_account(host.account), "scopes": ["https://www.googleapis.com/auth/cloud-platform"] }],
            "scheduling": { "onHostMaintenance": "MIGRATE", "automaticRestart": true, "preemptible": false, "provisioningModel": "STANDARD" },
            "shieldedInstanceConfig": { "enableSecureBoot": true, "enableVtpm": true, "enableIntegrityMonitoring": true },
        });
        self.put(
            estate,
            project,
            ("gcp.compute-instance", "compute.googleapis.com/Instance", &full),
            &data,
            &faults,
        )?;
        Ok(full)
    }

    fn write_disk(
        &mut self,
        estate: &mut Estate<'_>,
        project: &Project,
        rest: &str,
        machine: &str,
    ) -> Result<()> {
        let name = rest.rsplit('/').next().unwrap_or_default();
        let zone = project.zone();
        let data = json!({
            "id": estate.random.below(1 << 60).to_string(), "name": name, "selfLink": project.link(rest), "zone": project.link(&format!("zones/{zone}")), "status": "READY", "sizeGb": "100",
            "type": project.link(&format!("zones/{zone}/diskTypes/pd-balanced")), "users": [project.link(machine)], "labels": project.labels, "creationTimestamp": estate.aged(1, 500), "lastAttachTimestamp": estate.aged(0, 1),
            "sourceImage": "https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images/debian-12-bookworm-v20261010", "sourceImageId": "4815162342",
            "physicalBlockSizeBytes": "4096", "guestOsFeatures": [{ "type": "UEFI_COMPATIBLE" }, { "type": "VIRTIO_SCSI_MULTIQUEUE" }, { "type": "GVNIC" }], "labelFingerprint": estate.random.code(11), "enableConfidentialCompute": false,
        });
        self.put(
            estate,
            project,
            ("gcp.compute-disk", "compute.googleapis.com/Disk", &project.compute(rest)),
            &data,
            &[],
        )
    }
}
