"""Buckets, databases, keys, secrets and queues of the production account."""

import json

from aws_base import allow, made, policy, tags, when
from estate import digest, guid


def add_keys(account):
    """Keys first: volumes and buckets name them."""
    account.keys = {name: account.arn("kms", f"key/{guid(f'kms/{name}')}") for name in ("data", "labels", "logs")}
    account.put("kms/list-keys", {"Keys": [{"KeyId": arn.rsplit("/", 1)[1], "KeyArn": arn} for arn in account.keys.values()], "Truncated": False})
    root = {"Sid": "Enable IAM policies", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account.number}:root"}, "Action": "kms:*", "Resource": "*"}
    anyone = {"Sid": "label printers", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}  # planted
    for name, arn in account.keys.items():
        key = arn.rsplit("/", 1)[1]
        account.put("kms/describe-key", {"KeyMetadata": {"AWSAccountId": account.number, "KeyId": key, "Arn": arn, "CreationDate": when(700), "Enabled": True, "Description": name, "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeySpec": "SYMMETRIC_DEFAULT", "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "MultiRegion": False}}, key)
        account.put("kms/get-key-rotation-status", {"KeyRotationEnabled": name != "labels", "KeyId": key, **({"RotationPeriodInDays": 365} if name != "labels" else {})}, key)
        account.put("kms/get-key-policy", {"Policy": json.dumps(policy(root, anyone) if name == "labels" else policy(root)), "PolicyName": "default"}, key)
        account.put("kms/list-grants", {"Grants": [], "Truncated": False}, key)
        account.put("kms/list-aliases", {"Aliases": [{"AliasName": f"alias/{name}", "AliasArn": account.arn("kms", f"alias/{name}"), "TargetKeyId": key, "CreationDate": when(700), "LastUpdatedDate": when(700)}], "Truncated": False}, key)
        account.put("kms/list-resource-tags", {"Tags": [], "Truncated": False}, key)


def bucket(account, name, *, private=True, encrypted=None, versions=True, logs=None, tag=None, statements=(), website=False, lock=False):
    """One bucket with all its answers."""
    base = {"get-bucket-location": {"LocationConstraint": account.region}, "get-bucket-acl": {"Owner": {"ID": digest("owner", 64)}, "Grants": [{"Grantee": {"ID": digest("owner", 64), "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]}}
    secure = {"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    statements = [*statements, secure] if private else list(statements)
    if statements:
        base["get-bucket-policy"] = {"Policy": json.dumps(policy(*statements))}
        base["get-bucket-policy-status"] = {"PolicyStatus": {"IsPublic": any(s["Effect"] == "Allow" and s.get("Principal") == "*" for s in statements)}}
    if private:
        base["get-public-access-block"] = {"PublicAccessBlockConfiguration": dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)}
    base["get-bucket-ownership-controls"] = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced" if private else "ObjectWriter"}]}}
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": encrypted} if encrypted else {"SSEAlgorithm": "AES256"}
    base["get-bucket-encryption"] = {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": bool(encrypted)}]}}
    base["get-bucket-versioning"] = {"Status": "Enabled"} if versions else {}
    base["get-bucket-logging"] = {"LoggingEnabled": {"TargetBucket": logs, "TargetPrefix": f"s3/{name}/"}} if logs else {}
    base["get-bucket-notification-configuration"] = {}
    if tag:
        base["get-bucket-tagging"] = {"TagSet": tags(**tag)}
    if versions:
        base["get-bucket-lifecycle-configuration"] = {"Rules": [{"ID": "old-versions", "Filter": {"Prefix": ""}, "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 90}}]}
    if website:
        base["get-bucket-website"] = {"IndexDocument": {"Suffix": "index.html"}}
    if lock:
        base["get-object-lock-configuration"] = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}}}}
    absent = {"get-bucket-policy": "NoSuchBucketPolicy", "get-bucket-policy-status": "NoSuchBucketPolicy", "get-public-access-block": "NoSuchPublicAccessBlockConfiguration", "get-bucket-tagging": "NoSuchTagSet", "get-bucket-lifecycle-configuration": "NoSuchLifecycleConfiguration", "get-bucket-replication": "ReplicationConfigurationNotFoundError", "get-object-lock-configuration": "ObjectLockConfigurationNotFoundError", "get-bucket-website": "NoSuchWebsiteConfiguration", "get-bucket-cors": "NoSuchCORSConfiguration"}
    for operation, answer in base.items():
        account.put_global(f"s3api/{operation}", answer, name)
    for operation, code in absent.items():
        if operation not in base:
            account.error(f"s3api/{operation}", code, name, regional=False)
    return {"Name": name, "CreationDate": when(800)}


def add_data(account):
    n = account.number
    logs = f"tern-logs-{n}"

    def public(name, actions):
        return {"Sid": "Public", "Effect": "Allow", "Principal": "*", "Action": actions, "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]}

    delivery = {"Sid": "Trail", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{logs}/trail/*", "Condition": {"StringEquals": {"aws:SourceArn": account.arn("cloudtrail", "trail/tern-all")}}}
    labels, website = f"tern-labels-{n}", "www.terncouriers.example"
    buckets = [
        bucket(account, logs, encrypted=account.keys["logs"], statements=[delivery], lock=True),
        bucket(account, f"tern-artifacts-{n}", encrypted=account.keys["data"], logs=logs),
        bucket(account, f"tern-proof-of-delivery-{n}", encrypted=account.keys["data"], logs=logs, tag={"dataClassification": "customer-confidential"}),
        # planted: delivery labels with names and addresses, readable and listable by everybody
        bucket(account, labels, private=False, versions=False, statements=[public(labels, ["s3:GetObject", "s3:ListBucket"])], tag={"dataClassification": "customer-confidential"}),
        # planted: an upload folder that everybody may write
        bucket(account, f"tern-depot-uploads-{n}", private=False, versions=False, statements=[public(f"tern-depot-uploads-{n}", ["s3:PutObject"])]),
        # public on purpose
        bucket(account, website, private=False, statements=[public(website, ["s3:GetObject"])], website=True, tag={"dataClassification": "public"}),
    ]
    account.put_global("s3api/list-buckets", {"Buckets": buckets, "Owner": {"ID": digest("owner", 64)}})
    account.error("s3control/get-public-access-block", "NoSuchPublicAccessBlockConfiguration", regional=False)
    databases(account)
    tables(account)
    messages(account)


def databases(account):
    def instance(name, engine, version, good, group):
        return {
            "DBInstanceIdentifier": name,
            "DBInstanceClass": "db.r6g.large" if good else "db.t3.medium",
            "Engine": engine,
            "DBInstanceStatus": "available",
            "MasterUsername": "tern",
            "DBName": name.split("-")[0],
            "Endpoint": {"Address": f"{name}.example.{account.region}.rds.amazonaws.com", "Port": 5432, "HostedZoneId": "ZEXAMPLE"},
            "AllocatedStorage": 200,
            "InstanceCreateTime": when(700),
            "PreferredBackupWindow": "02:00-02:30",
            "BackupRetentionPeriod": 30 if good else 0,
            "DBSecurityGroups": [],
            "VpcSecurityGroups": [{"VpcSecurityGroupId": made("sg", group), "Status": "active"}],
            "DBParameterGroups": [{"DBParameterGroupName": f"default.{engine}{version.split('.')[0]}", "ParameterApplyStatus": "in-sync"}],
            "AvailabilityZone": f"{account.region}a",
            "DBSubnetGroup": {"DBSubnetGroupName": group, "DBSubnetGroupDescription": group, "VpcId": made("vpc", "vpc-tracking" if good else "vpc-depots"), "SubnetGroupStatus": "Complete", "Subnets": [{"SubnetIdentifier": made("subnet", s), "SubnetAvailabilityZone": {"Name": f"{account.region}a"}, "SubnetOutpost": {}, "SubnetStatus": "Active"} for s in (("tracking-private-a", "tracking-private-b") if good else ("depots-public-a",))]},
            "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
            "PendingModifiedValues": {},
            "MultiAZ": good,
            "EngineVersion": version,
            "AutoMinorVersionUpgrade": good,
            "ReadReplicaDBInstanceIdentifiers": [],
            "LicenseModel": "postgresql-license",
            "PubliclyAccessible": not good,
            "StorageType": "gp3",
            "StorageEncrypted": good,
            **({"KmsKeyId": account.keys["data"]} if good else {}),
            "DbiResourceId": f"db-{digest(name, 24).upper()}",
            "CACertificateIdentifier": "rds-ca-rsa2048-g1",
            "DomainMemberships": [],
            "CopyTagsToSnapshot": good,
            "MonitoringInterval": 60 if good else 0,
            "DBInstanceArn": account.arn("rds", f"db:{name}"),
            "IAMDatabaseAuthenticationEnabled": good,
            "PerformanceInsightsEnabled": good,
            "EnabledCloudwatchLogsExports": ["postgresql", "upgrade"] if good else [],
            "DeletionProtection": good,
            "AssociatedRoles": [],
            "TagList": tags(env="prod", dataClassification="customer-confidential"),
            "CustomerOwnedIpEnabled": False,
            "BackupTarget": "region",
            "NetworkType": "IPV4",
        }

    account.put("rds/describe-db-instances", {"DBInstances": [instance("tracking-prod", "postgres", "16.4", True, "tracking-db"), instance("depot-stock", "postgres", "11.22", False, "depot-db")]})  # planted: the second
    account.put("rds/describe-db-clusters", {"DBClusters": []})
    snapshot = "depot-stock-before-migration"
    account.put("rds/describe-db-snapshots", {"DBSnapshots": [{"DBSnapshotIdentifier": snapshot, "DBInstanceIdentifier": "depot-stock", "SnapshotCreateTime": when(200), "Engine": "postgres", "AllocatedStorage": 200, "Status": "available", "Port": 5432, "AvailabilityZone": f"{account.region}a", "VpcId": made("vpc", "vpc-depots"), "InstanceCreateTime": when(700), "MasterUsername": "tern", "EngineVersion": "11.22", "LicenseModel": "postgresql-license", "SnapshotType": "manual", "PercentProgress": 100, "StorageType": "gp3", "Encrypted": False, "DBSnapshotArn": account.arn("rds", f"snapshot:{snapshot}"), "IAMDatabaseAuthenticationEnabled": False, "ProcessorFeatures": [], "TagList": [], "SnapshotTarget": "region"}]})
    account.put("rds/describe-db-snapshot-attributes", {"DBSnapshotAttributesResult": {"DBSnapshotIdentifier": snapshot, "DBSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": ["all"]}]}}, snapshot)  # planted
    account.put("elasticache/describe-replication-groups", {"ReplicationGroups": [{"ReplicationGroupId": "tracking-cache", "Description": "tracking", "Status": "available", "PendingModifiedValues": {}, "MemberClusters": ["tracking-cache-001"], "AutomaticFailover": "enabled", "MultiAZ": "enabled", "SnapshotRetentionLimit": 7, "ClusterEnabled": False, "CacheNodeType": "cache.r6g.large", "AuthTokenEnabled": False, "TransitEncryptionEnabled": False, "AtRestEncryptionEnabled": True, "ARN": account.arn("elasticache", "replicationgroup:tracking-cache"), "LogDeliveryConfigurations": [], "DataTiering": "disabled", "AutoMinorVersionUpgrade": True, "NetworkType": "ipv4", "IpDiscovery": "ipv4", "ClusterMode": "disabled", "Engine": "redis"}]})
    account.put("elasticache/describe-cache-clusters", {"CacheClusters": [{"CacheClusterId": "tracking-cache-001", "CacheNodeType": "cache.r6g.large", "Engine": "redis", "EngineVersion": "7.1.0", "CacheClusterStatus": "available", "NumCacheNodes": 1, "PreferredAvailabilityZone": f"{account.region}a", "CacheClusterCreateTime": when(500), "CacheSubnetGroupName": "tracking", "AutoMinorVersionUpgrade": True, "SecurityGroups": [{"SecurityGroupId": made("sg", "tracking-db"), "Status": "active"}], "ReplicationGroupId": "tracking-cache", "SnapshotRetentionLimit": 0, "AuthTokenEnabled": False, "TransitEncryptionEnabled": False, "AtRestEncryptionEnabled": True, "ARN": account.arn("elasticache", "cluster:tracking-cache-001"), "ReplicationGroupLogDeliveryEnabled": False, "LogDeliveryConfigurations": [], "NetworkType": "ipv4", "IpDiscovery": "ipv4"}]})


def tables(account):
    account.put("dynamodb/list-tables", {"TableNames": ["shipments", "depot-sessions"]})
    for name, good in (("shipments", True), ("depot-sessions", False)):
        arn = account.arn("dynamodb", f"table/{name}")
        account.put("dynamodb/describe-table", {"Table": {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "TableName": name, "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "TableStatus": "ACTIVE", "CreationDateTime": when(600), "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}, "TableSizeBytes": 912004, "ItemCount": 4120, "TableArn": arn, "TableId": guid(name), "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}, **({"SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": account.keys["data"]}} if good else {}), "DeletionProtectionEnabled": good}}, name)
        account.put("dynamodb/describe-continuous-backups", {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED" if good else "DISABLED"}}}, name)
        account.error("dynamodb/get-resource-policy", "PolicyNotFoundException", name)
        account.put("dynamodb/list-tags-of-resource", {"Tags": tags(env="prod")}, name)


def messages(account):
    secrets = [("tracking/database", True, 12), ("customs/api-token", False, 500), ("depot/stock-database", False, 900)]
    account.put("secretsmanager/list-secrets", {"SecretList": [{"ARN": account.arn("secretsmanager", f"secret:{name}-{digest(name, 6)}"), "Name": name, **({"KmsKeyId": account.keys["data"], "RotationEnabled": True, "RotationRules": {"AutomaticallyAfterDays": 30}, "LastRotatedDate": when(age)} if rotated else {"RotationEnabled": False}), "LastChangedDate": when(age), "LastAccessedDate": when(1), "Tags": [], "SecretVersionsToStages": {guid(name): ["AWSCURRENT"]}, "CreatedDate": when(900)} for name, rotated, age in secrets]})
    for name, _, _ in secrets:
        account.put("secretsmanager/get-resource-policy", {"ARN": account.arn("secretsmanager", f"secret:{name}-{digest(name, 6)}"), "Name": name}, name)
    topic, queue = account.arn("sns", "delivery-events"), account.arn("sqs", "customs-events")
    account.put("sns/list-topics", {"Topics": [{"TopicArn": topic}]})
    open_topic = policy({"Sid": "everybody", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["SNS:Subscribe", "SNS:Receive"], "Resource": topic})  # planted
    account.put("sns/get-topic-attributes", {"Attributes": {"TopicArn": topic, "Owner": account.number, "Policy": json.dumps(open_topic), "DisplayName": "", "SubscriptionsConfirmed": "1", "SubscriptionsPending": "0", "SubscriptionsDeleted": "0"}}, topic)
    account.put("sns/list-subscriptions-by-topic", {"Subscriptions": [{"SubscriptionArn": f"{topic}:{guid('subscription')}", "Owner": account.number, "Protocol": "sqs", "Endpoint": queue, "TopicArn": topic}]}, topic)
    account.put("sns/list-tags-for-resource", {"Tags": []}, topic)
    url = f"https://sqs.{account.region}.amazonaws.com/{account.number}/customs-events"
    account.put("sqs/list-queues", {"QueueUrls": [url]})
    own = policy(allow("sqs:SendMessage", queue, Principal={"Service": "sns.amazonaws.com"}, Condition={"ArnEquals": {"aws:SourceArn": topic}}))
    account.put("sqs/get-queue-attributes", {"Attributes": {"QueueArn": queue, "Policy": json.dumps(own), "KmsMasterKeyId": account.keys["data"], "VisibilityTimeout": "30", "MessageRetentionPeriod": "345600", "CreatedTimestamp": "1700000000", "LastModifiedTimestamp": "1700000000", "DelaySeconds": "0", "MaximumMessageSize": "262144", "ReceiveMessageWaitTimeSeconds": "0"}}, url)
    account.put("sqs/list-queue-tags", {"Tags": {"env": "prod"}}, url)
    account.put("ssm/describe-parameters", {"Parameters": [{"Name": "/tracking/feature-flags", "ARN": account.arn("ssm", "parameter/tracking/feature-flags"), "Type": "String", "LastModifiedDate": when(9), "Version": 4, "Tier": "Standard", "Policies": [], "DataType": "text"}, {"Name": "/depot/wifi-password", "ARN": account.arn("ssm", "parameter/depot/wifi-password"), "Type": "String", "LastModifiedDate": when(700), "Version": 1, "Tier": "Standard", "Policies": [], "DataType": "text"}]})
