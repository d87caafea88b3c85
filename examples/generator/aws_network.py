"""Network and machines of the production account."""

from aws_base import made, tags, when


def add_network(account):
    n, region = account.number, account.region
    vpcs = {"vpc-tracking": "10.60.0.0/16", "vpc-depots": "10.61.0.0/16"}
    account.put("ec2/describe-vpcs", {"Vpcs": [{"OwnerId": n, "InstanceTenancy": "default", "CidrBlockAssociationSet": [{"AssociationId": made("vpc-cidr-assoc", k), "CidrBlock": c, "CidrBlockState": {"State": "associated"}}], "IsDefault": False, "Tags": tags(Name=k), "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"}, "VpcId": made("vpc", k), "State": "available", "CidrBlock": c, "DhcpOptionsId": made("dopt", "default")} for k, c in vpcs.items()]})
    account.subnets = {"tracking-public-a": ("vpc-tracking", "10.60.0.0/24", True, "a"), "tracking-private-a": ("vpc-tracking", "10.60.10.0/24", False, "a"), "tracking-private-b": ("vpc-tracking", "10.60.11.0/24", False, "b"), "depots-public-a": ("vpc-depots", "10.61.0.0/24", True, "a"), "depots-private-a": ("vpc-depots", "10.61.10.0/24", False, "a")}
    account.put(
        "ec2/describe-subnets",
        {
            "Subnets": [
                {"AvailabilityZoneId": f"euw1-az{zone}", "MapCustomerOwnedIpOnLaunch": False, "OwnerId": n, "AssignIpv6AddressOnCreation": False, "Ipv6CidrBlockAssociationSet": [], "Tags": tags(Name=name), "SubnetArn": account.arn("ec2", f"subnet/{made('subnet', name)}"), "EnableDns64": False, "Ipv6Native": False, "PrivateDnsNameOptionsOnLaunch": {"HostnameType": "ip-name", "EnableResourceNameDnsARecord": False, "EnableResourceNameDnsAAAARecord": False}, "SubnetId": made("subnet", name), "State": "available", "VpcId": made("vpc", vpc), "CidrBlock": cidr, "AvailableIpAddressCount": 240, "AvailabilityZone": f"{region}{zone}", "DefaultForAz": False, "MapPublicIpOnLaunch": public and vpc == "vpc-depots"}
                for name, (vpc, cidr, public, zone) in account.subnets.items()
            ]
        },
    )
    routing(account)
    security_groups(account)
    machines(account)
    account.put("ec2/describe-flow-logs", {"FlowLogs": [{"CreationTime": when(500), "DeliverLogsStatus": "SUCCESS", "FlowLogId": made("fl", "tracking"), "FlowLogStatus": "ACTIVE", "ResourceId": made("vpc", "vpc-tracking"), "TrafficType": "ALL", "LogDestinationType": "s3", "LogDestination": f"arn:aws:s3:::tern-logs-{n}/flow/", "LogFormat": "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}", "Tags": [], "MaxAggregationInterval": 600}]})
    account.put("ec2/get-ebs-encryption-by-default", {"EbsEncryptionByDefault": False, "SseType": "none"})
    account.put("ec2/get-snapshot-block-public-access-state", {"State": "unblocked"})
    account.put("ec2/get-instance-metadata-defaults", {"AccountLevel": {}})
    account.put("ec2/describe-images", {"Images": []})
    account.put("ec2/describe-transit-gateways", {"TransitGateways": []})
    account.put("ec2/describe-vpc-peering-connections", {"VpcPeeringConnections": []})


def routing(account):
    n = account.number
    gateways, tables, associations = [], [], {}
    for vpc in ("vpc-tracking", "vpc-depots"):
        gateway = made("igw", vpc)
        gateways.append({"Attachments": [{"State": "available", "VpcId": made("vpc", vpc)}], "InternetGatewayId": gateway, "OwnerId": n, "Tags": tags(Name=vpc)})
        for public in (True, False):
            table = made("rtb", f"{vpc}{public}")
            routes = [{"DestinationCidrBlock": "10.60.0.0/16" if vpc == "vpc-tracking" else "10.61.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}]
            if public:
                routes.append({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway, "Origin": "CreateRoute", "State": "active"})
            elif vpc == "vpc-tracking":
                routes.append({"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": made("nat", "tracking"), "Origin": "CreateRoute", "State": "active"})
            members = [s for s, (v, _, p, _) in account.subnets.items() if v == vpc and p == public]
            tables.append({"Associations": [{"Main": False, "RouteTableAssociationId": made("rtbassoc", s), "RouteTableId": table, "SubnetId": made("subnet", s), "AssociationState": {"State": "associated"}} for s in members], "PropagatingVgws": [], "RouteTableId": table, "Routes": routes, "Tags": tags(Name=f"{vpc}-{'public' if public else 'private'}"), "VpcId": made("vpc", vpc), "OwnerId": n})
            associations[vpc] = members
    account.put("ec2/describe-internet-gateways", {"InternetGateways": gateways})
    account.put("ec2/describe-route-tables", {"RouteTables": tables})
    account.put("ec2/describe-nat-gateways", {"NatGateways": [{"CreateTime": when(500), "NatGatewayAddresses": [{"AllocationId": made("eipalloc", "nat"), "NetworkInterfaceId": made("eni", "nat"), "PrivateIp": "10.60.0.9", "PublicIp": "192.0.2.9", "IsPrimary": True, "Status": "succeeded"}], "NatGatewayId": made("nat", "tracking"), "State": "available", "SubnetId": made("subnet", "tracking-public-a"), "VpcId": made("vpc", "vpc-tracking"), "Tags": [], "ConnectivityType": "public"}]})
    account.put(
        "ec2/describe-network-acls",
        {
            "NetworkAcls": [
                {
                    "Associations": [{"NetworkAclAssociationId": made("aclassoc", s), "NetworkAclId": made("acl", vpc), "SubnetId": made("subnet", s)} for s, (v, *_) in account.subnets.items() if v == vpc],
                    "Entries": [
                        {"CidrBlock": "0.0.0.0/0", "Egress": egress, "Protocol": "-1", "RuleAction": action, "RuleNumber": number}
                        for egress in (True, False)
                        for number, action in ((100, "allow"), (32767, "deny"))
                    ],
                    "IsDefault": True,
                    "NetworkAclId": made("acl", vpc),
                    "Tags": [],
                    "VpcId": made("vpc", vpc),
                    "OwnerId": n,
                }
                for vpc in ("vpc-tracking", "vpc-depots")
            ]
        },
    )
    account.put("ec2/describe-vpc-endpoints", {"VpcEndpoints": [{"VpcEndpointId": made("vpce", "s3"), "VpcEndpointType": "Gateway", "VpcId": made("vpc", "vpc-tracking"), "ServiceName": "com.amazonaws.eu-west-1.s3", "State": "available", "PolicyDocument": '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}', "RouteTableIds": [made("rtb", "vpc-trackingFalse")], "SubnetIds": [], "Groups": [], "PrivateDnsEnabled": False, "RequesterManaged": False, "NetworkInterfaceIds": [], "DnsEntries": [], "CreationTimestamp": when(480), "Tags": [], "OwnerId": n}]})


def permission(protocol, start, end, cidr=None, group=None, owner=None, note=""):
    out = {"IpProtocol": protocol, "UserIdGroupPairs": [{"UserId": owner, "GroupId": group}] if group else [], "IpRanges": [{"CidrIp": cidr, **({"Description": note} if note else {})}] if cidr else [], "Ipv6Ranges": [], "PrefixListIds": []}
    return out | ({"FromPort": start, "ToPort": end} if protocol != "-1" else {})


def security_groups(account):
    n = account.number
    everything = permission("-1", None, None, "0.0.0.0/0")
    wanted = {
        "tracking-alb": ("vpc-tracking", [permission("tcp", 443, 443, "0.0.0.0/0")]),
        "tracking-app": ("vpc-tracking", [permission("tcp", 8080, 8080, group=made("sg", "tracking-alb"), owner=n)]),
        "tracking-db": ("vpc-tracking", [permission("tcp", 5432, 5432, group=made("sg", "tracking-app"), owner=n)]),
        # planted: SSH, RDP and PostgreSQL of the depots are open to everybody
        "depot-gateway": ("vpc-depots", [permission("tcp", 22, 22, "0.0.0.0/0", note="vendor"), permission("tcp", 3389, 3389, "0.0.0.0/0"), permission("udp", 1194, 1194, "0.0.0.0/0")]),
        "depot-db": ("vpc-depots", [permission("tcp", 5432, 5432, "0.0.0.0/0", note="temporary, migration")]),
        "default-tracking": ("vpc-tracking", []),
        "default-depots": ("vpc-depots", [permission("-1", None, None, group=made("sg", "default-depots"), owner=n)]),
    }
    account.put(
        "ec2/describe-security-groups",
        {
            "SecurityGroups": [
                {"GroupId": made("sg", name), "IpPermissionsEgress": [] if name == "default-tracking" else [everything], "Tags": tags(Name=name), "VpcId": made("vpc", vpc), "SecurityGroupArn": account.arn("ec2", f"security-group/{made('sg', name)}"), "OwnerId": n, "GroupName": "default" if name.startswith("default") else name, "Description": "default VPC security group" if name.startswith("default") else name, "IpPermissions": rules}
                for name, (vpc, rules) in wanted.items()
            ]
        },
    )


MACHINES = {
    # name: subnet, group, profile, public address, tokens, size, encrypted, shell of the system manager
    "tracking-api-1": ("tracking-private-a", "tracking-app", "tracking-api", None, "required", "m6i.large", True),
    "tracking-api-2": ("tracking-private-b", "tracking-app", "tracking-api", None, "required", "m6i.large", True),
    "depot-gateway": ("depots-public-a", "depot-gateway", "depot-gateway", "192.0.2.45", "optional", "t3.medium", False),  # planted
    "depot-reports": ("depots-private-a", "default-depots", None, None, "optional", "t2.large", False),
}


def machines(account):
    reservations, volumes, interfaces, addresses = [], [], [], [{"PublicIp": "192.0.2.9", "AllocationId": made("eipalloc", "nat"), "AssociationId": made("eipassoc", "nat"), "Domain": "vpc", "NetworkInterfaceId": made("eni", "nat"), "NetworkInterfaceOwnerId": account.number, "PrivateIpAddress": "10.60.0.9", "PublicIpv4Pool": "amazon", "NetworkBorderGroup": account.region}]
    managed = []
    for index, (name, (subnet, group, profile, address, tokens, size, encrypted)) in enumerate(MACHINES.items()):
        vpc, cidr, _, zone = account.subnets[subnet]
        private = f"{cidr.rsplit('.', 1)[0]}.{20 + index}"
        security = [{"GroupId": made("sg", group), "GroupName": "default" if group.startswith("default") else group}]
        instance, volume, interface = made("i", name), made("vol", name), made("eni", name)
        association = {"Association": {"IpOwnerId": account.number, "PublicDnsName": f"ec2-{address.replace('.', '-')}.eu-west-1.compute.amazonaws.com", "PublicIp": address}} if address else {}
        if address:
            addresses.append({"PublicIp": address, "InstanceId": instance, "AllocationId": made("eipalloc", name), "AssociationId": made("eipassoc", name), "Domain": "vpc", "NetworkInterfaceId": interface, "NetworkInterfaceOwnerId": account.number, "PrivateIpAddress": private, "PublicIpv4Pool": "amazon", "NetworkBorderGroup": account.region})
        attached = {"Attachment": {"AttachTime": when(300), "AttachmentId": made("eni-attach", name), "DeleteOnTermination": True, "DeviceIndex": 0, "Status": "attached", "NetworkCardIndex": 0}, "Description": "", "Groups": security, "Ipv6Addresses": [], "MacAddress": f"02:00:00:00:00:0{index}", "NetworkInterfaceId": interface, "OwnerId": account.number, "PrivateIpAddress": private, "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": private, **association}], "SourceDestCheck": name != "depot-gateway", "Status": "in-use", "SubnetId": made("subnet", subnet), "VpcId": made("vpc", vpc), "InterfaceType": "interface", **association}
        reservations.append(
            {
                "ReservationId": made("r", name),
                "OwnerId": account.number,
                "Groups": [],
                "Instances": [
                    {
                        "Architecture": "x86_64",
                        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"AttachTime": when(300), "DeleteOnTermination": True, "Status": "attached", "VolumeId": volume}}],
                        "EbsOptimized": True,
                        "EnaSupport": True,
                        "Hypervisor": "xen",
                        **({"IamInstanceProfile": {"Arn": f"arn:aws:iam::{account.number}:instance-profile/{profile}", "Id": "AIPAEXAMPLE"}} if profile else {}),
                        "NetworkInterfaces": [attached],
                        "RootDeviceName": "/dev/xvda",
                        "RootDeviceType": "ebs",
                        "SecurityGroups": security,
                        "SourceDestCheck": name != "depot-gateway",
                        "Tags": tags(Name=name, env="prod", owner="tern"),
                        "VirtualizationType": "hvm",
                        "HibernationOptions": {"Configured": False},
                        "MetadataOptions": {"State": "applied", "HttpTokens": tokens, "HttpPutResponseHopLimit": 1 if tokens == "required" else 2, "HttpEndpoint": "enabled", "HttpProtocolIpv6": "disabled", "InstanceMetadataTags": "disabled"},
                        "EnclaveOptions": {"Enabled": False},
                        "PlatformDetails": "Linux/UNIX",
                        "UsageOperation": "RunInstances",
                        "MaintenanceOptions": {"AutoRecovery": "default"},
                        "CurrentInstanceBootMode": "legacy-bios",
                        "InstanceId": instance,
                        "ImageId": made("ami", "al2023"),
                        "State": {"Code": 16, "Name": "running"},
                        "PrivateDnsName": f"ip-{private.replace('.', '-')}.eu-west-1.compute.internal",
                        "PublicDnsName": association["Association"]["PublicDnsName"] if address else "",
                        "InstanceType": size,
                        "LaunchTime": when(300),
                        "Placement": {"GroupName": "", "Tenancy": "default", "AvailabilityZone": f"{account.region}{zone}"},
                        "Monitoring": {"State": "enabled" if encrypted else "disabled"},
                        "SubnetId": made("subnet", subnet),
                        "VpcId": made("vpc", vpc),
                        "PrivateIpAddress": private,
                        **({"PublicIpAddress": address} if address else {}),
                    }
                ],
            }
        )
        account.put("ec2/describe-instance-attribute", {"InstanceId": instance, "UserData": {}}, instance)
        volumes.append({"AvailabilityZone": f"{account.region}{zone}", "Attachments": [{"DeleteOnTermination": True, "VolumeId": volume, "InstanceId": instance, "Device": "/dev/xvda", "State": "attached", "AttachTime": when(300)}], "Encrypted": encrypted, **({"KmsKeyId": account.keys["data"]} if encrypted else {}), "VolumeType": "gp3", "Iops": 3000, "Throughput": 125, "MultiAttachEnabled": False, "Size": 50, "SnapshotId": "", "VolumeId": volume, "State": "in-use", "CreateTime": when(300), "Tags": tags(Name=name)})
        interfaces.append({**attached, "AvailabilityZone": f"{account.region}{zone}", "RequesterManaged": False, "TagSet": [], "Attachment": {**attached["Attachment"], "InstanceId": instance, "InstanceOwnerId": account.number}})
        if encrypted:
            managed.append({"InstanceId": instance, "PingStatus": "Online", "LastPingDateTime": when(0), "AgentVersion": "3.3.987.0", "IsLatestVersion": True, "PlatformType": "Linux", "PlatformName": "Amazon Linux", "PlatformVersion": "2023", "ResourceType": "EC2Instance", "IPAddress": private, "ComputerName": f"ip-{private.replace('.', '-')}.eu-west-1.compute.internal"})
    account.put("ec2/describe-instances", {"Reservations": reservations})
    account.put("ec2/describe-volumes", {"Volumes": volumes})
    account.put("ec2/describe-network-interfaces", {"NetworkInterfaces": interfaces})
    account.put("ec2/describe-addresses", {"Addresses": addresses})
    account.put("ssm/describe-instance-information", {"InstanceInformationList": managed})
    for one in managed:
        account.put("ssm/describe-instance-patch-states", {"InstancePatchStates": [{"InstanceId": one["InstanceId"], "PatchGroup": "", "BaselineId": made("pb", "default"), "OperationStartTime": when(2), "OperationEndTime": when(2), "Operation": "Scan", "InstalledCount": 210, "MissingCount": 0, "FailedCount": 0, "CriticalNonCompliantCount": 0, "SecurityNonCompliantCount": 0, "OtherNonCompliantCount": 1}]}, one["InstanceId"])
    snapshots(account)


def snapshots(account):
    found = []
    for name, volume, encrypted, public in (("before-migration", "depot-gateway", False, True), ("tracking-weekly", "tracking-api-1", True, False)):  # planted: a public snapshot
        snapshot = made("snap", name)
        found.append({"OwnerId": account.number, "Encrypted": encrypted, **({"KmsKeyId": account.keys["data"]} if encrypted else {}), "VolumeSize": 50, "StorageTier": "standard", "SnapshotId": snapshot, "VolumeId": made("vol", volume), "State": "completed", "StartTime": when(200), "Progress": "100%", "Description": name, "Tags": tags(Name=name)})
        account.put("ec2/describe-snapshot-attribute", {"SnapshotId": snapshot, "CreateVolumePermissions": [{"Group": "all"}] if public else []}, snapshot)
    account.put("ec2/describe-snapshots", {"Snapshots": found})
