//! What an application runs on: instances with interfaces, volumes and snapshots; functions with
//! their logs.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::identity::Role;
use super::network::{Guards, Network};
use super::{Account, Place};
use crate::generate::estate::Estate;

const TYPES: [&str; 5] = ["t3.medium", "m6i.large", "m6i.xlarge", "c6i.large", "r6i.large"];
const RUNTIMES: [&str; 3] = ["python3.13", "nodejs22.x", "java21"];

/// An instance that is to be written.
pub(super) struct Host<'a> {
    pub(super) subnet: &'a str,
    pub(super) zone: &'static str,
    pub(super) vpc: &'a str,
    pub(super) guard: &'a str,
    pub(super) role: &'a Role,
    /// The key of its volumes; the account's default key when empty.
    pub(super) key: &'a str,
    pub(super) address: String,
    /// The way in of an attack route.
    pub(super) is_jump: bool,
}

/// The ids that belong to one instance.
struct Ids {
    instance: String,
    interface: String,
    attachment: String,
    public: Option<String>,
}

impl Account {
    pub(super) fn write_hosts(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        (network, guards): (&Network, &Guards),
        (role, key): (&Role, &str),
    ) -> Result<()> {
        for number in 0..estate.random.between(4, 14) {
            let host = Host {
                subnet: network.private(number),
                zone: network.zone(number),
                vpc: &network.vpc,
                guard: if number == 0 { &guards.web } else { &guards.app },
                role,
                key,
                address: format!(
                    "10.{}.{}.{}",
                    19 + number % 3,
                    place.application.number % 250,
                    10 + number
                ),
                is_jump: false,
            };
            self.write_host(estate, place, &host)?;
        }
        Ok(())
    }

    /// One instance with its interface and volumes; its ARN.
    pub(super) fn write_host(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        host: &Host<'_>,
    ) -> Result<String> {
        let ids = Ids {
            instance: format!("i-{}", estate.random.hex(17)),
            interface: format!("eni-{}", estate.random.hex(17)),
            attachment: format!("eni-attach-{}", estate.random.hex(17)),
            public: host.is_jump.then(|| estate.public_address()),
        };
        let arn = place.arn("ec2", &format!("instance/{}", ids.instance));
        if !estate.count("aws.ec2-instance") {
            return Ok(arn);
        }
        let is_old = host.is_jump || estate.is_faulty();
        if is_old {
            estate.plant(&arn, "aws.ec2.imdsv1-allowed");
        }
        if host.is_jump {
            for check in [
                "aws.ec2.admin-port-reachable",
                "aws.ec2.internet-reachable",
                "aws.ec2.instance-admin-role",
            ] {
                estate.plant(&arn, check);
            }
        }
        let mut volumes = Vec::new();
        for number in 0..estate.random.between(1, 3) {
            volumes.push(self.write_volume(estate, place, (host, &ids), number)?);
        }
        self.write_interface(estate, place, host, &ids)?;
        let item = instance(estate, place, (host, &ids), &volumes, is_old);
        let reservation = json!({ "ReservationId": format!("r-{}", estate.random.hex(17)), "OwnerId": place.account, "Groups": [], "Instances": [item] });
        self.add(estate, "ec2/describe-instances", &reservation)?;
        if !estate.draw(&arn, "aws.ec2.not-managed-by-ssm") {
            self.write_agent(estate, place, &ids.instance, &host.address)?;
        }
        Ok(arn)
    }

    /// What Systems Manager knows of an instance with its agent.
    fn write_agent(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        instance: &str,
        address: &str,
    ) -> Result<()> {
        if !estate.count("aws.ssm-managed-instance") {
            estate.plant(
                &place.arn("ec2", &format!("instance/{instance}")),
                "aws.ec2.not-managed-by-ssm",
            );
            return Ok(());
        }
        let seen = estate.aged(0, 1);
        let item = json!({
            "InstanceId": instance, "PingStatus": "Online", "LastPingDateTime": seen, "AgentVersion": "3.3.1611.0", "IsLatestVersion": true,
            "PlatformType": "Linux", "PlatformName": "Amazon Linux", "PlatformVersion": "2023", "ResourceType": "EC2Instance", "IPAddress": address,
            "ComputerName": private_name(place, address), "AssociationStatus": "Success", "LastAssociationExecutionDate": seen, "LastSuccessfulAssociationExecutionDate": seen,
            "AssociationOverview": { "DetailedStatus": "Success", "InstanceAssociationStatusAggregatedCount": { "Success": 2 } }, "SourceType": "AWS::EC2::Instance", "SourceId": instance,
        });
        self.add(estate, "ssm/describe-instance-information", &item)
    }

    fn write_interface(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        host: &Host<'_>,
        ids: &Ids,
    ) -> Result<()> {
        if !estate.count("aws.ec2-network-interface") {
            return Ok(());
        }
        let mut address = json!({ "Primary": true, "PrivateIpAddress": host.address, "PrivateDnsName": private_name(place, &host.address) });
        if let (Some(public), Some(map)) = (&ids.public, address.as_object_mut()) {
            map.insert(
                "Association".to_owned(),
                json!({ "IpOwnerId": "amazon", "PublicIp": public }),
            );
        }
        let item = json!({
            "NetworkInterfaceId": ids.interface, "VpcId": host.vpc, "SubnetId": host.subnet, "OwnerId": place.account,
            "AvailabilityZone": format!("{}{}", place.region, host.zone), "Description": "", "InterfaceType": "interface", "Status": "in-use",
            "Groups": [{ "GroupId": host.guard, "GroupName": place.application.name }],
            "Attachment": { "AttachmentId": ids.attachment, "InstanceId": ids.instance, "InstanceOwnerId": place.account, "DeviceIndex": 0, "Status": "attached", "DeleteOnTermination": true, "NetworkCardIndex": 0, "AttachTime": estate.aged(1, 300) },
            "MacAddress": format!("02:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", estate.random.below(256), estate.random.below(256), estate.random.below(256), estate.random.below(256), estate.random.below(256)),
            "PrivateIpAddress": host.address, "PrivateIpAddresses": [address], "PrivateDnsName": private_name(place, &host.address),
            "Ipv6Addresses": [], "RequesterManaged": false, "SourceDestCheck": true, "DenyAllIgwTraffic": false,
            "Operator": { "Managed": false },
            "TagSet": place.tags,
        });
        self.add(estate, "ec2/describe-network-interfaces", &item)
    }

    fn write_volume(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        (host, ids): (&Host<'_>, &Ids),
        number: u64,
    ) -> Result<(String, String)> {
        let id = format!("vol-{}", estate.random.hex(17));
        let device = if number == 0 {
            "/dev/xvda".to_owned()
        } else {
            format!("/dev/sd{}", char::from(b'e' + number as u8))
        };
        if !estate.count("aws.ec2-volume") {
            return Ok((id, device));
        }
        let is_plain = estate.is_faulty();
        if is_plain {
            estate.plant(&place.arn("ec2", &format!("volume/{id}")), "aws.ec2.volume-unencrypted");
        }
        let size = estate.random.pick(&[20_u64, 50, 100, 200, 500]);
        let mut item = json!({
            "VolumeId": id, "Size": size, "VolumeType": "gp3", "Iops": 3000, "Throughput": 125, "State": "in-use", "MultiAttachEnabled": false,
            "AvailabilityZone": format!("{}{}", place.region, host.zone), "AvailabilityZoneId": format!("az{}", host.zone), "CreateTime": estate.aged(1, 900),
            "SnapshotId": "", "Encrypted": !is_plain,
            "Attachments": [{ "VolumeId": id, "InstanceId": ids.instance, "Device": device, "State": "attached", "DeleteOnTermination": true, "AttachTime": estate.aged(1, 300) }],
            "Operator": { "Managed": false },
            "Tags": place.named(&format!("{}-{number}", place.application.name)),
        });
        if let (false, Some(map)) = (is_plain || host.key.is_empty(), item.as_object_mut()) {
            map.insert("KmsKeyId".to_owned(), json!(host.key));
        }
        self.add(estate, "ec2/describe-volumes", &item)?;
        for _ in 0..estate.random.below(3) {
            self.write_snapshot(estate, place, (&id, host.key), (size, !is_plain))?;
        }
        Ok((id, device))
    }

    fn write_snapshot(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        (volume, key): (&str, &str),
        (size, is_encrypted): (u64, bool),
    ) -> Result<()> {
        if !estate.count("aws.ec2-snapshot") {
            return Ok(());
        }
        let mut item = json!({
            "SnapshotId": format!("snap-{}", estate.random.hex(17)), "VolumeId": volume, "VolumeSize": size, "OwnerId": place.account,
            "State": "completed", "Progress": "100%", "StorageTier": "standard", "Encrypted": is_encrypted, "TransferType": "standard",
            "StartTime": estate.aged(1, 60), "CompletionTime": estate.aged(0, 1), "Description": format!("daily snapshot of {volume}"),
            "FullSnapshotSizeInBytes": size * 400_000_000,
            "Tags": place.named(&format!("{}-daily", place.application.name)),
        });
        if let (true, Some(map)) = (is_encrypted && !key.is_empty(), item.as_object_mut()) {
            map.insert("KmsKeyId".to_owned(), json!(key));
        }
        self.add(estate, "ec2/describe-snapshots", &item)
    }

    pub(super) fn write_functions(&mut self, estate: &mut Estate<'_>, place: &Place) -> Result<()> {
        let role = self.write_role(estate, place, "functions", false)?;
        for number in 1..=estate.random.between(1, 8) {
            let name = format!("{}-fn-{number}", place.application.name);
            let arn = place.arn("lambda", &format!("function:{name}"));
            let group = format!("/aws/lambda/{name}");
            if estate.count("aws.lambda-function") {
                let is_old = estate.draw(&arn, "aws.lambda.deprecated-runtime");
                let runtime = if is_old { "python3.8" } else { estate.random.pick(&RUNTIMES) };
                let item = json!({
                    "FunctionName": name, "FunctionArn": arn, "Runtime": runtime, "Role": role.arn, "Handler": "main.handler",
                    "CodeSize": 100_000 + estate.random.below(9_000_000), "Description": format!("{} {}", place.application.team, place.application.part),
                    "Timeout": 30, "MemorySize": 512, "LastModified": estate.aged(1, 200), "CodeSha256": estate.random.code(43), "Version": "$LATEST",
                    "Environment": { "Variables": { "STAGE": place.application.stage, "LOG_LEVEL": "info", "TABLE": place.application.name } },
                    "TracingConfig": { "Mode": "Active" }, "RevisionId": estate.random.guid(), "PackageType": "Zip", "Architectures": ["arm64"],
                    "EphemeralStorage": { "Size": 512 }, "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
                    "LoggingConfig": { "LogFormat": "JSON", "LogGroup": group, "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN" },
                });
                self.add(estate, "lambda/list-functions", &item)?;
            }
            if estate.count("aws.logs-log-group") {
                let item = json!({
                    "logGroupName": group, "arn": place.arn("logs", &format!("log-group:{group}:*")), "logGroupArn": place.arn("logs", &format!("log-group:{group}")),
                    "creationTime": 1_750_000_000_000_u64 + estate.random.below(30_000_000_000), "retentionInDays": 365, "metricFilterCount": 0,
                    "storedBytes": estate.random.below(50_000_000_000), "logGroupClass": "STANDARD",
                });
                self.add(estate, "logs/describe-log-groups", &item)?;
            }
        }
        Ok(())
    }
}

fn private_name(place: &Place, address: &str) -> String {
    format!("ip-{}.{}.compute.internal", address.replace('.', "-"), place.region)
}

fn instance(
    estate: &mut Estate<'_>,
    place: &Place,
    (host, ids): (&Host<'_>, &Ids),
    volumes: &[(String, String)],
    is_old: bool,
) -> Json {
    let launched = estate.aged(1, 300);
    let devices: Vec<Json> = volumes
        .iter()
        .map(|(id, device)| json!({ "DeviceName": device, "Ebs": { "VolumeId": id, "Status": "attached", "DeleteOnTermination": true, "AttachTime": launched } }))
        .collect();
    let groups = json!([{ "GroupId": host.guard, "GroupName": place.application.name }]);
    let mut interface = json!({
        "NetworkInterfaceId": ids.interface, "VpcId": host.vpc, "SubnetId": host.subnet, "OwnerId": place.account, "Status": "in-use",
        "Groups": groups, "PrivateIpAddress": host.address, "Ipv6Addresses": [], "SourceDestCheck": true,
        "PrivateIpAddresses": [{ "Primary": true, "PrivateIpAddress": host.address }],
    });
    let mut item = json!({
        "InstanceId": ids.instance, "ImageId": format!("ami-{}", &"0123456789abcdef0"), "InstanceType": estate.random.pick(&TYPES), "State": { "Code": 16, "Name": "running" },
        "LaunchTime": launched, "Architecture": "x86_64", "Hypervisor": "xen", "VirtualizationType": "hvm", "RootDeviceType": "ebs", "RootDeviceName": "/dev/xvda",
        "EbsOptimized": true, "EnaSupport": true, "AmiLaunchIndex": 0, "ClientToken": estate.random.guid(), "PlatformDetails": "Linux/UNIX",
        "Placement": { "AvailabilityZone": format!("{}{}", place.region, host.zone), "GroupName": "", "Tenancy": "default" },
        "VpcId": host.vpc, "SubnetId": host.subnet, "PrivateIpAddress": host.address, "PrivateDnsName": private_name(place, &host.address), "PublicDnsName": "",
        "SecurityGroups": groups, "SourceDestCheck": true, "BlockDeviceMappings": devices,
        "IamInstanceProfile": { "Arn": host.role.profile, "Id": host.role.profile_id },
        "Monitoring": { "State": "enabled" }, "CpuOptions": { "CoreCount": 1, "ThreadsPerCore": 2 },
        "MetadataOptions": { "State": "applied", "HttpTokens": if is_old { "optional" } else { "required" }, "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled", "HttpProtocolIpv6": "disabled", "InstanceMetadataTags": "disabled" },
        "EnclaveOptions": { "Enabled": false }, "HibernationOptions": { "Configured": false }, "MaintenanceOptions": { "AutoRecovery": "default" },
        "Tags": place.named(&place.application.name),
    });
    if let (Some(public), Some(map)) = (&ids.public, item.as_object_mut()) {
        map.insert("PublicIpAddress".to_owned(), json!(public));
        if let Some(map) = interface.as_object_mut() {
            map.insert(
                "Association".to_owned(),
                json!({ "IpOwnerId": "amazon", "PublicIp": public }),
            );
        }
    }
    if let Some(map) = item.as_object_mut() {
        map.insert("NetworkInterfaces".to_owned(), json!([interface]));
    }
    item
}
