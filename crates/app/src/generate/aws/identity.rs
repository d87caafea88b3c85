//! Identities of an account: users with their keys, roles with their policies, and the route.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::compute::Host;
use super::network::{Network, from_cidr};
use super::{Account, Place};
use crate::generate::company::person;
use crate::generate::estate::Estate;
use crate::generate::manifest::AttackStep;

/// A role and the instance profile that lends it to machines.
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) profile: String,
    pub(super) profile_id: String,
}

impl Account {
    pub(super) fn write_users(&mut self, estate: &mut Estate<'_>) -> Result<()> {
        for number in 1..=estate.random.between(3, 12) {
            if !estate.count("aws.iam-user") {
                break;
            }
            // No dot before the number: `.2.json` is the second page of a list.
            let name = format!("{}-{number}", person(&mut estate.random));
            let arn = format!("arn:aws:iam::{}:user/{name}", self.number);
            let item = json!({
                "UserName": name, "UserId": format!("AIDA{}", estate.random.code(17)), "Path": "/", "Arn": arn,
                "CreateDate": estate.aged(100, 1500), "PasswordLastUsed": estate.aged(1, 30),
            });
            self.add(estate, "iam/list-users", &item)?;
            let mut devices = Vec::new();
            if !estate.draw(&arn, "aws.iam.console-user-no-mfa") {
                devices.push(json!({ "UserName": name, "SerialNumber": format!("arn:aws:iam::{}:mfa/{name}", self.number), "EnableDate": estate.aged(50, 99) }));
            }
            let profile = json!({ "UserName": name, "CreateDate": estate.aged(50, 99), "PasswordResetRequired": false });
            let keys = self.keys_of(estate, &name);
            let details = [
                ("iam/list-mfa-devices", json!({ "MFADevices": devices })),
                ("iam/get-login-profile", json!({ "LoginProfile": profile })),
                ("iam/list-groups-for-user", json!({ "Groups": [] })),
                ("iam/list-attached-user-policies", json!({ "AttachedPolicies": [] })),
                ("iam/list-user-policies", json!({ "PolicyNames": [] })),
                ("iam/list-access-keys", json!({ "AccessKeyMetadata": keys })),
            ];
            for (operation, answer) in details {
                self.detail(estate, "", (operation, &name), &answer)?;
            }
        }
        Ok(())
    }

    /// The access key of a user, who mostly has none.
    fn keys_of(&self, estate: &mut Estate<'_>, user: &str) -> Vec<Json> {
        if !estate.random.chance(250) || !estate.count("aws.iam-access-key") {
            return Vec::new();
        }
        let id = format!("AKIA{}", estate.random.code(16));
        let arn = format!("arn:aws:iam::{}:access-key/{id}", self.number);
        let is_old = estate.draw(&arn, "aws.iam.access-key-old");
        let created = if is_old { estate.aged(100, 800) } else { estate.aged(1, 60) };
        vec![
            json!({ "UserName": user, "AccessKeyId": id, "Status": "Active", "CreateDate": created }),
        ]
    }

    /// A role with an instance profile; an administrator's when `is_admin`.
    pub(super) fn write_role(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        purpose: &str,
        is_admin: bool,
    ) -> Result<Role> {
        let account = &place.account;
        let name = format!("{}-{purpose}", place.application.name);
        let role = Role {
            arn: format!("arn:aws:iam::{account}:role/{name}"),
            profile: format!("arn:aws:iam::{account}:instance-profile/{name}"),
            profile_id: format!("AIPA{}", estate.random.code(17)),
        };
        if estate.left() < 2 {
            return Ok(role);
        }
        let counted = estate.count("aws.iam-role") && estate.count("aws.iam-instance-profile");
        anyhow::ensure!(counted, "room for two resources was there a moment ago");
        let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"] }, "Action": "sts:AssumeRole" }] });
        let created = estate.aged(30, 900);
        let role_id = format!("AROA{}", estate.random.code(17));
        let bucket = format!("arn:aws:s3:::hq-{}-*", place.application.name);
        let inline = json!([{ "PolicyName": "own-data", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
            { "Sid": "Objects", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": format!("{bucket}/*") },
            { "Sid": "List", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": bucket },
            { "Sid": "Queues", "Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"], "Resource": place.arn("sqs", &format!("{}-*", place.application.name)) },
        ] } }]);
        let attached =
            if is_admin { "AdministratorAccess" } else { "AmazonSSMManagedInstanceCore" };
        let item = json!({
            "Path": "/", "RoleName": name, "RoleId": role_id, "Arn": role.arn, "CreateDate": created,
            "AssumeRolePolicyDocument": trust,
            "InstanceProfileList": [{
                "Path": "/", "InstanceProfileName": name, "InstanceProfileId": role.profile_id, "Arn": role.profile, "CreateDate": created,
                "Roles": [{ "Path": "/", "RoleName": name, "RoleId": role_id, "Arn": role.arn, "CreateDate": created, "AssumeRolePolicyDocument": trust }],
            }],
            "RolePolicyList": inline,
            "AttachedManagedPolicies": [{ "PolicyName": attached, "PolicyArn": format!("arn:aws:iam::aws:policy/{attached}") }],
            "Tags": place.tags,
            "RoleLastUsed": { "LastUsedDate": estate.aged(0, 20), "Region": place.region },
        });
        self.add(estate, "iam/get-account-authorization-details", &item)?;
        Ok(role)
    }

    /// A machine with a public address that answers SSH, with metadata of the first version and the
    /// rights of an administrator.
    pub(super) fn write_route(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        network: &Network,
        buckets: &[String],
    ) -> Result<()> {
        // The route needs eight resources at most; a cut one would be none.
        if estate.left() < 8 {
            return Ok(());
        }
        let role = self.write_role(estate, place, "jump", true)?;
        let guard =
            self.write_guard(estate, place, network, ("jump", &[from_cidr("0.0.0.0/0", 22)]))?;
        let host = Host {
            subnet: network.public(0),
            zone: network.zone(0),
            vpc: &network.vpc,
            guard: &guard,
            role: &role,
            key: "",
            address: "10.16.0.250".to_owned(),
            is_jump: true,
        };
        let machine = self.write_host(estate, place, &host)?;
        if let Some(target) = buckets.first() {
            let steps = vec![
                AttackStep::new(
                    &role.arn,
                    "the metadata service hands the role's keys to any request",
                ),
                AttackStep::new(target, "an administrator reads every bucket"),
            ];
            estate.route("aws.internet-to-bucket-by-instance-role", &machine, steps);
        }
        Ok(())
    }

    /// A customer key; its ARN.
    pub(super) fn write_key(&mut self, estate: &mut Estate<'_>, place: &Place) -> Result<String> {
        let id = estate.random.guid();
        let arn = place.arn("kms", &format!("key/{id}"));
        if !estate.count("aws.kms-key") {
            return Ok(arn);
        }
        self.add(estate, "kms/list-keys", &json!({ "KeyId": id, "KeyArn": arn }))?;
        let metadata = json!({
            "AWSAccountId": place.account, "KeyId": id, "Arn": arn, "CreationDate": estate.aged(30, 900), "Enabled": true,
            "Description": format!("data of {}", place.application.name), "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled",
            "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "MultiRegion": false,
        });
        let is_static = estate.is_faulty();
        if is_static {
            estate.plant(&arn, "aws.kms.rotation-off");
        }
        let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "Account", "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{}:root", place.account) }, "Action": "kms:*", "Resource": "*" }] });
        let details = [
            ("kms/describe-key", json!({ "KeyMetadata": metadata })),
            (
                "kms/get-key-rotation-status",
                json!({ "KeyId": id, "KeyRotationEnabled": !is_static, "RotationPeriodInDays": 365 }),
            ),
            (
                "kms/get-key-policy",
                json!({ "Policy": policy.to_string(), "PolicyName": "default" }),
            ),
        ];
        for (operation, answer) in details {
            self.detail(estate, place.region, (operation, &id), &answer)?;
        }
        Ok(arn)
    }
}
