"""Google Cloud: the data team's two projects, as Cloud Asset Inventory exports them (resources and IAM policies)."""

from estate import DOMAIN, ago, digest, number

ORGANIZATION = "organizations/420000000042"
FOLDER = "folders/420000000099"
COMPUTE = "https://www.googleapis.com/compute/v1"


def at(days):
    return ago(days, form="%Y-%m-%dT%H:%M:%S.000Z")


class Project:
    def __init__(self, name, display):
        self.name, self.display = name, display
        self.number = number(f"project/{name}", 12)
        self.full = f"//cloudresourcemanager.googleapis.com/projects/{self.number}"
        self.resources, self.policies = [], []
        self.link = f"{COMPUTE}/projects/{name}"

    def ancestors(self):
        return [f"projects/{self.number}", FOLDER, ORGANIZATION]

    def put(self, kind, name, data, *, location="europe-west1", version="v1", schema=None, parent=None):
        service = kind.split(".")[0]
        self.resources.append(
            {
                "name": name,
                "assetType": kind,
                "resource": {
                    "version": version,
                    "discoveryDocumentUri": f"https://www.googleapis.com/discovery/v1/apis/{service}/{version}/rest",
                    "discoveryName": schema or kind.split("/")[1],
                    "parent": parent or self.full,
                    "data": data,
                    "location": location,
                },
                "ancestors": self.ancestors(),
                "updateTime": at(2),
            }
        )
        return name

    def policy(self, kind, name, bindings, **more):
        rows = [{"role": role, "members": members} for role, members in bindings.items()]
        self.policies.append({"name": name, "assetType": kind, "iamPolicy": {"version": 1, "etag": "BwYexample0=", "bindings": rows, **more}, "ancestors": self.ancestors(), "updateTime": at(2)})

    def compute(self, kind, place, name, data, **more):
        """A resource of Compute Engine; `place` is global, regions/x or zones/x."""
        kinds = {"Instance": "instances", "Disk": "disks", "Network": "networks", "Subnetwork": "subnetworks", "Firewall": "firewalls", "Snapshot": "snapshots", "Address": "addresses", "Router": "routers", "SslPolicy": "sslPolicies"}
        path = f"{place}/{kinds[kind]}/{name}"
        base = {"kind": f"compute#{kind[0].lower()}{kind[1:]}", "id": number(path + self.name, 19), "name": name, "selfLink": f"{self.link}/{path}", "creationTimestamp": at(400)}
        place_key = {"zones": "zone", "regions": "region"}.get(place.split("/")[0])
        if place_key and kind != "Network":
            base[place_key] = f"{self.link}/{place}"
        self.put(f"compute.googleapis.com/{kind}", f"//compute.googleapis.com/projects/{self.name}/{path}", base | data, location=place.split("/")[-1], **more)
        return base["selfLink"]

    def service_account(self, name, bindings=None, keys=()):
        mail = f"{name}@{self.name}.iam.gserviceaccount.com"
        full = f"//iam.googleapis.com/projects/{self.name}/serviceAccounts/{number(mail, 21)}"
        self.put("iam.googleapis.com/ServiceAccount", full, {"name": f"projects/{self.name}/serviceAccounts/{mail}", "projectId": self.name, "uniqueId": number(mail, 21), "email": mail, "displayName": name, "oauth2ClientId": number(mail, 21), "etag": "MDEwMjE5MjA="}, location="global")
        self.policy("iam.googleapis.com/ServiceAccount", full, bindings or {})
        for days in keys:
            key = digest(f"{mail}{days}", 40)
            self.put("iam.googleapis.com/ServiceAccountKey", f"//iam.googleapis.com/projects/{self.name}/serviceAccounts/{mail}/keys/{key}", {"name": f"projects/{self.name}/serviceAccounts/{mail}/keys/{key}", "validAfterTime": ago(days, form="%Y-%m-%dT%H:%M:%SZ"), "validBeforeTime": "9999-12-31T23:59:59Z", "keyAlgorithm": "KEY_ALG_RSA_2048", "keyOrigin": "GOOGLE_PROVIDED", "keyType": "USER_MANAGED"}, location="global", parent=full)
        return mail

    def bucket(self, name, *, public=None, uniform=True, versions=True, key=None, logs=None, location="EUROPE-WEST1", prevention="enforced", retention=False):
        data = {
            "kind": "storage#bucket",
            "id": name,
            "name": name,
            "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}",
            "projectNumber": self.number,
            "metageneration": "3",
            "location": location,
            "locationType": "region",
            "storageClass": "STANDARD",
            "timeCreated": at(600),
            "updated": at(30),
            "etag": "CAM=",
            "iamConfiguration": {"bucketPolicyOnly": {"enabled": uniform}, "uniformBucketLevelAccess": {"enabled": uniform}, "publicAccessPrevention": prevention},
            "softDeletePolicy": {"retentionDurationSeconds": "604800", "effectiveTime": at(300)},
            **({"versioning": {"enabled": True}} if versions else {}),
            **({"encryption": {"defaultKmsKeyName": key}} if key else {}),
            **({"logging": {"logBucket": logs, "logObjectPrefix": name}} if logs else {}),
            **({"retentionPolicy": {"retentionPeriod": "7776000", "effectiveTime": at(300), "isLocked": True}} if retention else {}),
        }
        self.put("storage.googleapis.com/Bucket", f"//storage.googleapis.com/{name}", data, location=location.lower())
        bindings = {"roles/storage.legacyBucketOwner": [f"projectOwner:{self.name}", f"projectEditor:{self.name}"]}
        self.policy("storage.googleapis.com/Bucket", f"//storage.googleapis.com/{name}", bindings | (public or {}))


def write_gcp(folder):
    analytics, lab = Project("larkspur-analytics-prod", "Analytics"), Project("larkspur-ml-lab", "Machine learning lab")
    foundation(analytics)
    add_analytics(analytics)
    add_lab(lab)
    for project in (analytics, lab):
        folder.lines(f"gcp/{project.name}/resources.ndjson", project.resources)
        folder.lines(f"gcp/{project.name}/iam-policies.ndjson", project.policies)


def foundation(project):
    """The organisation and its folder; they come with the first export."""
    full = f"//cloudresourcemanager.googleapis.com/{ORGANIZATION}"
    project.put("cloudresourcemanager.googleapis.com/Organization", full, {"name": ORGANIZATION, "displayName": DOMAIN, "state": "ACTIVE", "directoryCustomerId": "C0example", "createTime": at(900), "etag": "W/example"}, location="global", version="v3", parent="")
    project.put("cloudresourcemanager.googleapis.com/Folder", f"//cloudresourcemanager.googleapis.com/{FOLDER}", {"name": FOLDER, "parent": ORGANIZATION, "displayName": "data", "state": "ACTIVE", "createTime": at(800)}, location="global", version="v3", parent=full)
    project.policy("cloudresourcemanager.googleapis.com/Organization", full, {"roles/resourcemanager.organizationAdmin": [f"group:cloud-admins@{DOMAIN}"], "roles/iam.securityReviewer": [f"group:security@{DOMAIN}"]})


def project_itself(project, bindings, audited):
    project.put("cloudresourcemanager.googleapis.com/Project", project.full, {"projectNumber": project.number, "projectId": project.name, "lifecycleState": "ACTIVE", "name": project.display, "labels": {"team": "data"}, "parent": {"type": "folder", "id": FOLDER.split("/")[1]}, "createTime": at(700)}, location="global", parent=f"//cloudresourcemanager.googleapis.com/{FOLDER}")
    audits = [{"service": "allServices", "auditLogConfigs": [{"logType": t} for t in ("ADMIN_READ", "DATA_READ", "DATA_WRITE")]}] if audited else []
    project.policy("cloudresourcemanager.googleapis.com/Project", project.full, bindings, **({"auditConfigs": audits} if audits else {}))
    metadata = [{"key": "enable-oslogin", "value": "TRUE"}] if audited else [{"key": "serial-port-enable", "value": "TRUE"}]
    project.put("compute.googleapis.com/Project", f"//compute.googleapis.com/projects/{project.name}", {"kind": "compute#project", "id": number(project.name, 19), "name": project.name, "selfLink": project.link, "creationTimestamp": at(700), "commonInstanceMetadata": {"kind": "compute#metadata", "fingerprint": "example=", "items": metadata}, "defaultServiceAccount": f"{project.number}-compute@developer.gserviceaccount.com", "xpnProjectStatus": "UNSPECIFIED_XPN_PROJECT_STATUS", "defaultNetworkTier": "PREMIUM"}, location="global")
    for service in ("compute", "storage", "bigquery", "iam", "logging", "sqladmin", "container"):
        project.put("serviceusage.googleapis.com/Service", f"//serviceusage.googleapis.com/projects/{project.number}/services/{service}.googleapis.com", {"name": f"projects/{project.number}/services/{service}.googleapis.com", "parent": f"projects/{project.number}", "state": "ENABLED"}, location="global")


def network(project, name, prefix, *, private_access, flow_logs, rules):
    net = project.compute("Network", "global", name, {"autoCreateSubnetworks": False, "routingConfig": {"routingMode": "REGIONAL"}, "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL", "subnetworks": [f"{project.link}/regions/europe-west1/subnetworks/{name}-main"]})
    logs = {"enableFlowLogs": flow_logs, **({"logConfig": {"enable": True, "aggregationInterval": "INTERVAL_5_SEC", "flowSampling": 0.5, "metadata": "INCLUDE_ALL_METADATA"}} if flow_logs else {})}
    sub = project.compute("Subnetwork", "regions/europe-west1", f"{name}-main", {"network": net, "ipCidrRange": prefix, "gatewayAddress": prefix.replace(".0/", ".1/").split("/")[0], "privateIpGoogleAccess": private_access, "purpose": "PRIVATE", "stackType": "IPV4_ONLY", "fingerprint": "example=", **logs})
    for rule, (direction, sources, allowed, targets) in rules.items():
        project.compute("Firewall", "global", f"{name}-{rule}", {"network": net, "direction": direction, "priority": 1000, "sourceRanges": sources, "allowed": [{"IPProtocol": protocol, **({"ports": ports} if ports else {})} for protocol, ports in allowed], "disabled": False, "logConfig": {"enable": flow_logs, **({"metadata": "INCLUDE_ALL_METADATA"} if flow_logs else {})}, **({"targetTags": targets} if targets else {})})
    return net, sub


def instance(project, name, net, sub, *, ip, public=None, account=None, scopes=(), shielded=True, key=None, forward=False, metadata=(), tags=()):
    zone = "zones/europe-west1-b"
    disk = project.compute("Disk", zone, name, {"sizeGb": "50", "status": "READY", "type": f"{project.link}/{zone}/diskTypes/pd-balanced", "physicalBlockSizeBytes": "4096", "sourceImage": f"{COMPUTE}/projects/debian-cloud/global/images/debian-12-bookworm-v20260812", "users": [f"{project.link}/{zone}/instances/{name}"], **({"diskEncryptionKey": {"kmsKeyName": key}} if key else {})})
    access = [{"kind": "compute#accessConfig", "type": "ONE_TO_ONE_NAT", "name": "External NAT", "natIP": public, "networkTier": "PREMIUM"}] if public else []
    project.compute(
        "Instance",
        zone,
        name,
        {
            "status": "RUNNING",
            "machineType": f"{project.link}/{zone}/machineTypes/n2-standard-4",
            "cpuPlatform": "Intel Ice Lake",
            "canIpForward": forward,
            "deletionProtection": shielded,
            "tags": {"items": list(tags), "fingerprint": "example="},
            "labels": {"env": "prod" if shielded else "lab"},
            "networkInterfaces": [{"kind": "compute#networkInterface", "name": "nic0", "network": net, "subnetwork": sub, "networkIP": ip, "stackType": "IPV4_ONLY", "accessConfigs": access, "fingerprint": "example="}],
            "disks": [{"kind": "compute#attachedDisk", "type": "PERSISTENT", "mode": "READ_WRITE", "source": disk, "deviceName": name, "index": 0, "boot": True, "autoDelete": True, "interface": "SCSI", "diskSizeGb": "50", **({"diskEncryptionKey": {"kmsKeyName": key}} if key else {})}],
            "metadata": {"kind": "compute#metadata", "fingerprint": "example=", "items": [{"key": k, "value": v} for k, v in metadata]},
            **({"serviceAccounts": [{"email": account, "scopes": list(scopes)}]} if account else {}),
            "scheduling": {"onHostMaintenance": "MIGRATE", "automaticRestart": True, "preemptible": False},
            "shieldedInstanceConfig": {"enableSecureBoot": shielded, "enableVtpm": shielded, "enableIntegrityMonitoring": shielded},
            "confidentialInstanceConfig": {"enableConfidentialCompute": False},
            "startRestricted": False,
            "lastStartTimestamp": at(90),
        },
    )


CLOUD = "https://www.googleapis.com/auth/cloud-platform"


def add_analytics(project):
    """The part of the data team that is in production, and mostly in order."""
    loader = project.service_account("warehouse-loader")
    project.service_account("dashboard-reader")
    export = project.service_account("legacy-export", {"roles/iam.serviceAccountTokenCreator": [f"group:all-staff@{DOMAIN}"]}, keys=(30, 790))  # planted
    project_itself(project, {"roles/owner": [f"group:cloud-admins@{DOMAIN}"], "roles/bigquery.dataEditor": [f"serviceAccount:{loader}"], "roles/bigquery.jobUser": [f"group:analysts@{DOMAIN}"], "roles/editor": [f"serviceAccount:{export}"], "roles/viewer": ["user:auditor@partner.example"]}, True)
    ring = f"projects/{project.name}/locations/europe-west1/keyRings/data"
    key = f"{ring}/cryptoKeys/warehouse"
    project.put("cloudkms.googleapis.com/KeyRing", f"//cloudkms.googleapis.com/{ring}", {"name": ring, "createTime": at(700)})
    project.put("cloudkms.googleapis.com/CryptoKey", f"//cloudkms.googleapis.com/{key}", {"name": key, "purpose": "ENCRYPT_DECRYPT", "createTime": at(700), "rotationPeriod": "7776000s", "nextRotationTime": at(-40), "primary": {"name": f"{key}/cryptoKeyVersions/4", "state": "ENABLED", "protectionLevel": "SOFTWARE", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION", "createTime": at(50)}, "versionTemplate": {"protectionLevel": "SOFTWARE", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"}, "destroyScheduledDuration": "2592000s"}, parent=f"//cloudkms.googleapis.com/{ring}")
    project.policy("cloudkms.googleapis.com/CryptoKey", f"//cloudkms.googleapis.com/{key}", {"roles/cloudkms.cryptoKeyEncrypterDecrypter": [f"serviceAccount:service-{project.number}@gs-project-accounts.iam.gserviceaccount.com"]})
    net, sub = network(project, "analytics", "10.80.0.0/24", private_access=True, flow_logs=True, rules={"iap-ssh": ("INGRESS", ["35.235.240.0/20"], [("tcp", ["22"])], ["iap"]), "internal": ("INGRESS", ["10.80.0.0/24"], [("tcp", []), ("udp", [])], [])})
    project.compute("Router", "regions/europe-west1", "analytics-nat", {"network": net, "nats": [{"name": "nat", "natIpAllocateOption": "AUTO_ONLY", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES", "logConfig": {"enable": True, "filter": "ERRORS_ONLY"}}]})
    instance(project, "etl-runner", net, sub, ip="10.80.0.10", account=loader, scopes=[CLOUD], key=key, tags=["iap"], metadata=[("enable-oslogin", "TRUE"), ("block-project-ssh-keys", "true")])
    project.bucket("larkspur-warehouse-landing", key=key, logs="larkspur-warehouse-logs")
    project.bucket("larkspur-warehouse-logs", retention=True)
    # planted: exports for a partner that everybody with a Google account can read
    project.bucket("larkspur-partner-exports", public={"roles/storage.objectViewer": ["allAuthenticatedUsers"]}, uniform=False, versions=False, prevention="inherited")
    datasets(project, key)
    sql(project, net, key)
    cluster(project, net, sub, key)
    logging(project)
    secret(project, "warehouse-connection", {"roles/secretmanager.secretAccessor": [f"serviceAccount:{loader}"]}, "7776000s")
    topic = f"projects/{project.name}/topics/telematics"
    project.put("pubsub.googleapis.com/Topic", f"//pubsub.googleapis.com/{topic}", {"name": topic, "kmsKeyName": key, "messageStoragePolicy": {"allowedPersistenceRegions": ["europe-west1"]}}, location="global")
    project.policy("pubsub.googleapis.com/Topic", f"//pubsub.googleapis.com/{topic}", {"roles/pubsub.publisher": [f"serviceAccount:{loader}"]})
    zone = f"//dns.googleapis.com/projects/{project.name}/managedZones/analytics"
    project.put("dns.googleapis.com/ManagedZone", zone, {"kind": "dns#managedZone", "id": number("zone", 19), "name": "analytics", "dnsName": "analytics.larkspurfreight.example.", "description": "", "visibility": "public", "creationTime": at(600), "dnssecConfig": {"kind": "dns#managedZoneDnsSecConfig", "state": "off"}, "nameServers": ["ns-cloud-a1.googledomains.com."]}, location="global")


def datasets(project, key):
    for name, public in (("shipments", False), ("carrier_scorecards", True)):  # planted: the second is public
        full = f"//bigquery.googleapis.com/projects/{project.name}/datasets/{name}"
        access = [{"role": "WRITER", "specialGroup": "projectWriters"}, {"role": "OWNER", "specialGroup": "projectOwners"}, {"role": "READER", "specialGroup": "projectReaders"}]
        if public:
            access.append({"role": "READER", "iamMember": "allUsers"})
        project.put("bigquery.googleapis.com/Dataset", full, {"kind": "bigquery#dataset", "id": f"{project.name}:{name}", "selfLink": f"https://bigquery.googleapis.com/bigquery/v2/projects/{project.name}/datasets/{name}", "datasetReference": {"datasetId": name, "projectId": project.name}, "location": "europe-west1", "creationTime": "1700000000000", "lastModifiedTime": "1700000000000", "type": "DEFAULT", "etag": "example", "access": access, **({} if public else {"defaultEncryptionConfiguration": {"kmsKeyName": key}})}, version="v2")
        project.policy("bigquery.googleapis.com/Dataset", full, {"roles/bigquery.dataViewer": ["allUsers"]} if public else {"roles/bigquery.dataViewer": [f"group:analysts@{DOMAIN}"]})


def sql(project, net, key):
    for name, good in (("warehouse-meta", True), ("route-planner", False)):  # planted: the second
        settings = {
            "kind": "sql#settings",
            "tier": "db-custom-4-15360",
            "activationPolicy": "ALWAYS",
            "availabilityType": "REGIONAL" if good else "ZONAL",
            "edition": "ENTERPRISE",
            "dataDiskType": "PD_SSD",
            "dataDiskSizeGb": "100",
            "deletionProtectionEnabled": good,
            "backupConfiguration": {"kind": "sql#backupConfiguration", "enabled": good, "startTime": "02:00", "pointInTimeRecoveryEnabled": good, "transactionLogRetentionDays": 7, "backupRetentionSettings": {"retentionUnit": "COUNT", "retainedBackups": 30 if good else 7}},
            "ipConfiguration": {"ipv4Enabled": not good, "sslMode": "ENCRYPTED_ONLY" if good else "ALLOW_UNENCRYPTED_AND_ENCRYPTED", "requireSsl": good, "authorizedNetworks": [] if good else [{"kind": "sql#aclEntry", "name": "all", "value": "0.0.0.0/0"}], **({"privateNetwork": net.removeprefix(COMPUTE + "/")} if good else {})},
            "databaseFlags": [{"name": "log_connections", "value": "on"}, {"name": "log_disconnections", "value": "on"}, {"name": "cloudsql.enable_pgaudit", "value": "on"}] if good else [],
        }
        project.put("sqladmin.googleapis.com/Instance", f"//cloudsql.googleapis.com/projects/{project.name}/instances/{name}", {"kind": "sql#instance", "name": name, "project": project.name, "state": "RUNNABLE", "databaseVersion": "POSTGRES_16" if good else "POSTGRES_12", "region": "europe-west1", "gceZone": "europe-west1-b", "backendType": "SECOND_GEN", "instanceType": "CLOUD_SQL_INSTANCE", "connectionName": f"{project.name}:europe-west1:{name}", "selfLink": f"https://sqladmin.googleapis.com/v1/projects/{project.name}/instances/{name}", "serviceAccountEmailAddress": f"p{project.number}-example@gcp-sa-cloud-sql.iam.gserviceaccount.com", "ipAddresses": [{"type": "PRIVATE", "ipAddress": "10.80.1.3"}] if good else [{"type": "PRIMARY", "ipAddress": "198.51.100.200"}], "createTime": at(500), "settings": settings, **({"diskEncryptionConfiguration": {"kind": "sql#diskEncryptionConfiguration", "kmsKeyName": key}} if good else {})}, schema="DatabaseInstance")


def cluster(project, net, sub, key):
    name = "streaming"
    full = f"//container.googleapis.com/projects/{project.name}/locations/europe-west1/clusters/{name}"
    config = {"machineType": "e2-standard-4", "diskSizeGb": 100, "diskType": "pd-balanced", "imageType": "COS_CONTAINERD", "serviceAccount": f"warehouse-loader@{project.name}.iam.gserviceaccount.com", "oauthScopes": [CLOUD], "metadata": {"disable-legacy-endpoints": "true"}, "shieldedInstanceConfig": {"enableSecureBoot": True, "enableIntegrityMonitoring": True}, "workloadMetadataConfig": {"mode": "GKE_METADATA"}}
    pool = {"name": "default", "config": config, "initialNodeCount": 1, "autoscaling": {"enabled": True, "minNodeCount": 1, "maxNodeCount": 4}, "management": {"autoUpgrade": True, "autoRepair": True}, "maxPodsConstraint": {"maxPodsPerNode": "110"}, "version": "1.34.3-gke.1200", "status": "RUNNING", "locations": ["europe-west1-b"], "selfLink": f"https://container.googleapis.com/v1/projects/{project.name}/locations/europe-west1/clusters/{name}/nodePools/default"}
    project.put(
        "container.googleapis.com/Cluster",
        full,
        {
            "name": name,
            "selfLink": f"https://container.googleapis.com/v1/projects/{project.name}/locations/europe-west1/clusters/{name}",
            "location": "europe-west1",
            "locations": ["europe-west1-b"],
            "network": "analytics",
            "subnetwork": "analytics-main",
            "networkConfig": {"network": net.removeprefix(COMPUTE + "/"), "subnetwork": sub.removeprefix(COMPUTE + "/"), "datapathProvider": "ADVANCED_DATAPATH"},
            "clusterIpv4Cidr": "10.84.0.0/14",
            "servicesIpv4Cidr": "10.88.0.0/20",
            "currentMasterVersion": "1.34.3-gke.1200",
            "initialClusterVersion": "1.31.1-gke.1000",
            "status": "RUNNING",
            "endpoint": "198.51.100.210",
            "createTime": at(400),
            "releaseChannel": {"channel": "REGULAR"},
            "ipAllocationPolicy": {"useIpAliases": True},
            "privateClusterConfig": {"enablePrivateNodes": True, "enablePrivateEndpoint": False, "masterIpv4CidrBlock": "172.16.0.0/28"},
            "masterAuthorizedNetworksConfig": {"enabled": False},  # planted: the control plane answers everybody
            "masterAuth": {"clientCertificateConfig": {}},
            "legacyAbac": {},
            "workloadIdentityConfig": {"workloadPool": f"{project.name}.svc.id.goog"},
            "shieldedNodes": {"enabled": True},
            "databaseEncryption": {"state": "ENCRYPTED", "keyName": key},
            "binaryAuthorization": {"evaluationMode": "DISABLED"},
            "loggingConfig": {"componentConfig": {"enableComponents": ["SYSTEM_COMPONENTS", "WORKLOADS"]}},
            "monitoringConfig": {"componentConfig": {"enableComponents": ["SYSTEM_COMPONENTS"]}},
            "networkPolicy": {},
            "addonsConfig": {"horizontalPodAutoscaling": {}, "httpLoadBalancing": {}, "kubernetesDashboard": {"disabled": True}, "networkPolicyConfig": {"disabled": True}},
            "nodeConfig": config,
            "nodePools": [pool],
        },
    )
    project.put("container.googleapis.com/NodePool", f"{full}/nodePools/default", pool, parent=full)


def logging(project):
    sink = f"projects/{project.name}/sinks/archive"
    project.put("logging.googleapis.com/LogSink", f"//logging.googleapis.com/{sink}", {"name": "archive", "destination": "storage.googleapis.com/larkspur-warehouse-logs", "resourceName": sink, "writerIdentity": f"serviceAccount:service-{project.number}@gcp-sa-logging.iam.gserviceaccount.com", "createTime": at(600), "updateTime": at(600)}, location="global", version="v2")
    for name, days in (("_Default", 30), ("_Required", 400)):
        bucket = f"projects/{project.name}/locations/global/buckets/{name}"
        project.put("logging.googleapis.com/LogBucket", f"//logging.googleapis.com/{bucket}", {"name": bucket, "retentionDays": days, "lifecycleState": "ACTIVE", "locked": name == "_Required", "description": ""}, location="global", version="v2")
    metric = f"projects/{project.name}/metrics/iam-owner-changes"
    project.put("logging.googleapis.com/LogMetric", f"//logging.googleapis.com/{metric}", {"name": "iam-owner-changes", "resourceName": metric, "filter": 'protoPayload.serviceName="cloudresourcemanager.googleapis.com" AND protoPayload.methodName="SetIamPolicy"', "metricDescriptor": {"name": f"projects/{project.name}/metricDescriptors/logging.googleapis.com/user/iam-owner-changes", "type": "logging.googleapis.com/user/iam-owner-changes", "metricKind": "DELTA", "valueType": "INT64"}, "createTime": at(600), "updateTime": at(600)}, location="global", version="v2")


def secret(project, name, bindings, rotation=None):
    full = f"projects/{project.number}/secrets/{name}"
    project.put("secretmanager.googleapis.com/Secret", f"//secretmanager.googleapis.com/{full}", {"name": full, "replication": {"automatic": {}}, "createTime": at(500), "etag": "example", **({"rotation": {"rotationPeriod": rotation, "nextRotationTime": at(-30)}, "topics": [{"name": f"projects/{project.name}/topics/telematics"}]} if rotation else {})}, location="global")
    project.policy("secretmanager.googleapis.com/Secret", f"//secretmanager.googleapis.com/{full}", bindings)


def add_lab(project):
    """The laboratory: quick, open, and with a copy of real data."""
    default = f"{project.number}-compute@developer.gserviceaccount.com"
    trainer = project.service_account("trainer", keys=(510,))
    project_itself(project, {"roles/owner": [f"user:d.moreau@{DOMAIN}", f"group:data-science@{DOMAIN}"], "roles/editor": [f"serviceAccount:{default}"], "roles/iam.serviceAccountUser": [f"group:data-science@{DOMAIN}"], "roles/storage.admin": [f"serviceAccount:{trainer}"]}, False)
    # planted: SSH, RDP and notebooks open to everybody
    net, sub = network(project, "lab", "10.90.0.0/24", private_access=False, flow_logs=False, rules={"allow-ssh": ("INGRESS", ["0.0.0.0/0"], [("tcp", ["22", "3389"])], []), "allow-notebooks": ("INGRESS", ["0.0.0.0/0"], [("tcp", ["8080-8890"])], ["notebook"]), "internal": ("INGRESS", ["10.90.0.0/24"], [("all", [])], [])})
    # planted: a public machine with the default account and full access
    instance(project, "gpu-notebook", net, sub, ip="10.90.0.5", public="198.51.100.150", account=default, scopes=[CLOUD], shielded=False, forward=True, tags=["notebook"], metadata=[("serial-port-enable", "true"), ("enable-oslogin", "FALSE")])
    instance(project, "label-studio", net, sub, ip="10.90.0.6", public="198.51.100.151", account=trainer, scopes=["https://www.googleapis.com/auth/devstorage.full_control"], shielded=False)
    project.compute("Snapshot", "global", "gpu-notebook-2025", {"status": "READY", "diskSizeGb": "50", "storageBytes": "18000000000", "sourceDisk": f"{project.link}/zones/europe-west1-b/disks/gpu-notebook", "storageLocations": ["eu"], "autoCreated": False})
    # planted: training data with customers' addresses, public
    project.bucket("larkspur-ml-training-data", public={"roles/storage.objectViewer": ["allUsers"]}, uniform=False, versions=False, prevention="inherited")
    project.bucket("larkspur-ml-models", versions=True, prevention="enforced")
    function(project, default)
    service = f"//run.googleapis.com/projects/{project.name}/locations/europe-west1/services/eta-predictor"
    project.put("run.googleapis.com/Service", service, {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "eta-predictor", "namespace": project.number, "uid": digest("run", 32), "annotations": {"run.googleapis.com/ingress": "all", "run.googleapis.com/ingress-status": "all"}, "labels": {"cloud.googleapis.com/location": "europe-west1"}, "creationTimestamp": at(90)}, "spec": {"template": {"spec": {"serviceAccountName": default, "containers": [{"image": f"europe-west1-docker.pkg.dev/{project.name}/models/eta:latest", "ports": [{"containerPort": 8080}]}]}}}, "status": {"url": "https://eta-predictor-example-ew.a.run.app"}})
    project.policy("run.googleapis.com/Service", service, {"roles/run.invoker": ["allUsers"]})
    repository = f"projects/{project.name}/locations/europe-west1/repositories/models"
    project.put("artifactregistry.googleapis.com/Repository", f"//artifactregistry.googleapis.com/{repository}", {"name": repository, "format": "DOCKER", "mode": "STANDARD_REPOSITORY", "createTime": at(300), "updateTime": at(30), "sizeBytes": "910220000"})
    project.policy("artifactregistry.googleapis.com/Repository", f"//artifactregistry.googleapis.com/{repository}", {"roles/artifactregistry.reader": [f"group:data-science@{DOMAIN}"]})
    key = f"projects/{project.number}/locations/global/keys/{digest('apikey', 12)}"
    project.put("apikeys.googleapis.com/Key", f"//apikeys.googleapis.com/{key}", {"name": key, "uid": digest("apikey", 32), "displayName": "maps prototype", "createTime": at(420), "updateTime": at(420), "etag": "example"}, location="global", version="v2")  # planted: no restrictions
    secret(project, "carrier-api", {"roles/secretmanager.secretAccessor": [f"group:data-science@{DOMAIN}"]})


def function(project, account):
    name = f"projects/{project.name}/locations/europe-west1/functions/score-upload"
    project.put("cloudfunctions.googleapis.com/CloudFunction", f"//cloudfunctions.googleapis.com/{name}", {"name": name, "status": "ACTIVE", "entryPoint": "main", "runtime": "python38", "timeout": "60s", "availableMemoryMb": 256, "serviceAccountEmail": account, "updateTime": at(400), "versionId": "3", "httpsTrigger": {"url": f"https://europe-west1-{project.name}.cloudfunctions.net/score-upload", "securityLevel": "SECURE_OPTIONAL"}, "ingressSettings": "ALLOW_ALL", "labels": {"team": "data"}})
    project.policy("cloudfunctions.googleapis.com/CloudFunction", f"//cloudfunctions.googleapis.com/{name}", {"roles/cloudfunctions.invoker": ["allUsers"]})  # planted
