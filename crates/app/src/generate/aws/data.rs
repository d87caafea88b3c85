//! Where an application keeps things: buckets, databases, queues, topics, secrets, tables.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::network::{Guards, Network};
use super::{Account, Place, not_found};
use crate::generate::estate::Estate;

impl Account {
    /// The ARNs of the buckets.
    pub(super) fn write_data(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        (network, guards): (&Network, &Guards),
        key: &str,
    ) -> Result<Vec<String>> {
        let mut buckets = Vec::new();
        if place.application.is_critical || estate.random.chance(500) {
            buckets.push(self.write_bucket(estate, place, key)?);
        }
        if estate.random.chance(400) {
            self.write_database(estate, place, (network, guards), key)?;
        }
        for number in 0..estate.random.below(3) {
            self.write_queue(estate, place, number, key)?;
        }
        for number in 1..=estate.random.between(1, 5) {
            if estate.count("aws.secretsmanager-secret") {
                let name = format!("{}/secret-{number}", place.application.name);
                let item = json!({
                    "ARN": place.arn("secretsmanager", &format!("secret:{name}-{}", estate.random.code(6))), "Name": name, "KmsKeyId": key,
                    "Description": format!("credential {number} of {}", place.application.name),
                    "RotationEnabled": true, "RotationRules": { "AutomaticallyAfterDays": 30 }, "LastRotatedDate": estate.aged(1, 29),
                    "LastChangedDate": estate.aged(1, 29), "LastAccessedDate": estate.aged(0, 3), "CreatedDate": estate.aged(60, 900),
                    "SecretVersionsToStages": { estate.random.guid(): ["AWSCURRENT"] },
                    "Tags": place.tags,
                });
                self.add(estate, "secretsmanager/list-secrets", &item)?;
            }
        }
        Ok(buckets)
    }

    fn write_bucket(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        key: &str,
    ) -> Result<String> {
        let name = format!("hq-{}-{}", place.application.name, place.account);
        let arn = format!("arn:aws:s3:::{name}");
        if !estate.count("aws.s3-bucket") {
            return Ok(arn);
        }
        let created = estate.aged(30, 1500);
        let item = json!({ "Name": name, "CreationDate": created, "BucketRegion": place.region, "BucketArn": arn });
        self.add(estate, "s3api/list-buckets", &item)?;
        let is_public = estate.draw(&arn, "aws.s3.public-policy");
        let is_plain = estate.draw(&arn, "aws.s3.plain-http");
        let forgets = estate.draw(&arn, "aws.s3.versioning-off");
        if is_public {
            estate.plant(&arn, "aws.s3.block-public-access");
        }
        let is_open = is_public || estate.draw(&arn, "aws.s3.block-public-access");
        let owner = estate.random.hex(64);
        let [policy, status] = bucket_policy(&arn, is_public, is_plain);
        let versioning = if forgets { json!({}) } else { json!({ "Status": "Enabled" }) };
        let details = [
            ("get-bucket-policy", policy),
            ("get-bucket-policy-status", status),
            ("get-bucket-versioning", versioning),
            ("get-bucket-location", json!({ "LocationConstraint": place.region })),
            ("get-bucket-tagging", json!({ "TagSet": place.tags })),
            (
                "get-public-access-block",
                json!({ "PublicAccessBlockConfiguration": { "BlockPublicAcls": !is_open, "IgnorePublicAcls": !is_open, "BlockPublicPolicy": !is_open, "RestrictPublicBuckets": !is_open } }),
            ),
            (
                "get-bucket-acl",
                json!({ "Owner": { "ID": owner }, "Grants": [{ "Grantee": { "ID": owner, "Type": "CanonicalUser" }, "Permission": "FULL_CONTROL" }] }),
            ),
            (
                "get-bucket-ownership-controls",
                json!({ "OwnershipControls": { "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] } }),
            ),
            (
                "get-bucket-encryption",
                json!({ "ServerSideEncryptionConfiguration": { "Rules": [{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key }, "BucketKeyEnabled": true }] } }),
            ),
            (
                "get-bucket-logging",
                json!({ "LoggingEnabled": { "TargetBucket": format!("hq-access-logs-{}", place.account), "TargetPrefix": name } }),
            ),
        ];
        for (operation, answer) in details {
            self.detail(estate, "", (&format!("s3api/{operation}"), &name), &answer)?;
        }
        Ok(arn)
    }

    fn write_database(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        (network, guards): (&Network, &Guards),
        key: &str,
    ) -> Result<()> {
        if !estate.count("aws.rds-db-instance") {
            return Ok(());
        }
        let name = place.application.name.as_str();
        let arn = place.arn("rds", &format!("db:{name}"));
        let is_public = estate.draw(&arn, "aws.rds.public");
        let is_plain = estate.draw(&arn, "aws.rds.unencrypted");
        let subnets: Vec<Json> = (0..3)
            .map(|it| json!({ "SubnetIdentifier": network.private(it), "SubnetAvailabilityZone": { "Name": format!("{}{}", place.region, network.zone(it)) }, "SubnetStatus": "Active" }))
            .collect();
        let item = json!({
            "DBInstanceIdentifier": name, "DBInstanceArn": arn, "DBInstanceClass": "db.m6g.large", "Engine": "postgres", "EngineVersion": "17.4", "DBInstanceStatus": "available",
            "MasterUsername": "hqadmin", "DBName": place.application.team, "AllocatedStorage": 200, "StorageType": "gp3", "Iops": 3000,
            "Endpoint": { "Address": format!("{name}.c{}.{}.rds.amazonaws.com", estate.random.hex(12), place.region), "Port": 5432, "HostedZoneId": estate.random.code(14) },
            "InstanceCreateTime": estate.aged(30, 900), "BackupRetentionPeriod": 35, "PreferredBackupWindow": "02:00-03:00", "PreferredMaintenanceWindow": "sun:04:00-sun:05:00",
            "DBSecurityGroups": [], "VpcSecurityGroups": [{ "VpcSecurityGroupId": guards.data, "Status": "active" }],
            "DBSubnetGroup": { "DBSubnetGroupName": "private", "VpcId": network.vpc, "SubnetGroupStatus": "Complete", "Subnets": subnets },
            "MultiAZ": true, "AutoMinorVersionUpgrade": true, "PubliclyAccessible": is_public, "StorageEncrypted": !is_plain,
            "KmsKeyId": if is_plain { Json::Null } else { json!(key) },
            "DbiResourceId": format!("db-{}", estate.random.code(26)), "CACertificateIdentifier": "rds-ca-rsa2048-g1", "CopyTagsToSnapshot": true, "DeletionProtection": true,
            "IAMDatabaseAuthenticationEnabled": true, "PerformanceInsightsEnabled": true, "MonitoringInterval": 60,
            "EnabledCloudwatchLogsExports": ["postgresql", "upgrade"], "TagList": place.tags,
        });
        self.add(estate, "rds/describe-db-instances", &item)
    }

    fn write_queue(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        number: u64,
        key: &str,
    ) -> Result<()> {
        if !estate.count("aws.sqs-queue") {
            return Ok(());
        }
        let name = format!("{}-q{number}", place.application.name);
        let url = format!("https://sqs.{}.amazonaws.com/{}/{name}", place.region, place.account);
        self.add(estate, "sqs/list-queues", &json!(url))?;
        let answer = json!({ "Attributes": {
            "QueueArn": place.arn("sqs", &name), "VisibilityTimeout": "60", "MaximumMessageSize": "262144", "MessageRetentionPeriod": "1209600",
            "DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "20", "KmsMasterKeyId": key, "KmsDataKeyReusePeriodSeconds": "300",
            "CreatedTimestamp": "1760000000", "LastModifiedTimestamp": "1760000000", "ApproximateNumberOfMessages": "0",
        } });
        self.detail(estate, place.region, ("sqs/get-queue-attributes", &url), &answer)
    }
}

/// The answers about the policy of a bucket, and about whether it makes the bucket public.
fn bucket_policy(arn: &str, is_public: bool, is_plain: bool) -> [Json; 2] {
    let objects = format!("{arn}/*");
    let mut statements = Vec::new();
    if !is_plain {
        statements.push(json!({ "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, objects], "Condition": { "Bool": { "aws:SecureTransport": "false" } } }));
    }
    if is_public {
        statements.push(json!({ "Sid": "Share", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": objects }));
    }
    if statements.is_empty() {
        return [not_found("NoSuchBucketPolicy"), not_found("NoSuchBucketPolicy")];
    }
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    [json!({ "Policy": policy.to_string() }), json!({ "PolicyStatus": { "IsPublic": is_public } })]
}
