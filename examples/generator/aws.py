"""AWS: what came with the acquisition of Tern Couriers, a production account and a sandbox."""

from aws_base import Account, made, policy, tags, trust, unique, when
from aws_data import add_data, add_keys, bucket
from aws_iam import ADMIN, add_identity
from aws_network import add_network, permission
from aws_platform import add_platform
from estate import digest


def write_aws(folder):
    production = Account(folder, "111122223333")
    add_keys(production)
    add_identity(production)
    add_network(production)
    add_data(production)
    add_platform(production)
    sandbox(Account(folder, "444455556666"))


def sandbox(account):
    """A small account that was read by a role which may not see everything."""
    n = account.number
    user = {"Path": "/", "UserName": "hackathon", "UserId": unique("AIDA", "hackathon"), "Arn": f"arn:aws:iam::{n}:user/hackathon", "CreateDate": when(330)}
    role = {"Path": "/", "RoleName": "experiments", "RoleId": unique("AROA", "experiments"), "Arn": f"arn:aws:iam::{n}:role/experiments", "CreateDate": when(330), "AssumeRolePolicyDocument": trust("ec2.amazonaws.com"), "InstanceProfileList": [], "RolePolicyList": [{"PolicyName": "all-buckets", "PolicyDocument": policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})}], "AttachedManagedPolicies": [], "Tags": [], "RoleLastUsed": {}}
    # planted: an administrator without a second factor, whose key is not rotated
    account.put_global("iam/get-account-authorization-details", {"UserDetailList": [user | {"GroupList": [], "UserPolicyList": [], "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": ADMIN}], "Tags": []}], "GroupDetailList": [], "RoleDetailList": [role], "Policies": [], "IsTruncated": False})
    account.put_global("iam/list-users", {"Users": [user]})
    account.put_global("iam/list-mfa-devices", {"MFADevices": []}, "hackathon")
    account.put_global("iam/get-login-profile", {"LoginProfile": {"UserName": "hackathon", "CreateDate": when(330), "PasswordResetRequired": False}}, "hackathon")
    account.put_global("iam/list-access-keys", {"AccessKeyMetadata": [{"UserName": "hackathon", "AccessKeyId": unique("AKIA", "hackathon")[:20], "Status": "Active", "CreateDate": when(330)}]}, "hackathon")
    account.put_global("iam/get-access-key-last-used", {"UserName": "hackathon", "AccessKeyLastUsed": {"LastUsedDate": when(300), "ServiceName": "ec2", "Region": "eu-west-1"}}, unique("AKIA", "hackathon")[:20])
    account.error("iam/get-account-password-policy", "NoSuchEntity", regional=False)
    # planted: the root user of the sandbox has a key and no second factor
    account.put_global("iam/get-account-summary", {"SummaryMap": {"Users": 1, "Roles": 1, "Groups": 0, "MFADevices": 0, "MFADevicesInUse": 0, "AccountMFAEnabled": 0, "AccountAccessKeysPresent": 1, "AccountSigningCertificatesPresent": 0}})
    vpc, subnet, group = made("vpc", "sandbox"), made("subnet", "sandbox"), made("sg", "sandbox")
    account.put("ec2/describe-vpcs", {"Vpcs": [{"OwnerId": n, "InstanceTenancy": "default", "CidrBlockAssociationSet": [], "IsDefault": True, "VpcId": vpc, "State": "available", "CidrBlock": "172.31.0.0/16", "DhcpOptionsId": made("dopt", "sandbox")}]})
    account.put("ec2/describe-subnets", {"Subnets": [{"OwnerId": n, "AssignIpv6AddressOnCreation": False, "SubnetArn": account.arn("ec2", f"subnet/{subnet}"), "SubnetId": subnet, "State": "available", "VpcId": vpc, "CidrBlock": "172.31.0.0/20", "AvailabilityZone": "eu-west-1a", "DefaultForAz": True, "MapPublicIpOnLaunch": True}]})
    account.put("ec2/describe-security-groups", {"SecurityGroups": [{"GroupId": group, "IpPermissionsEgress": [permission("-1", None, None, "0.0.0.0/0")], "VpcId": vpc, "OwnerId": n, "GroupName": "launch-wizard-1", "Description": "launch-wizard-1", "IpPermissions": [permission("-1", None, None, "0.0.0.0/0")]}]})
    instance, volume = made("i", "sandbox"), made("vol", "sandbox")
    account.put("ec2/describe-instances", {"Reservations": [{"ReservationId": made("r", "sandbox"), "OwnerId": n, "Groups": [], "Instances": [{"Architecture": "x86_64", "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"AttachTime": when(320), "DeleteOnTermination": True, "Status": "attached", "VolumeId": volume}}], "Hypervisor": "xen", "NetworkInterfaces": [], "RootDeviceName": "/dev/xvda", "RootDeviceType": "ebs", "SecurityGroups": [{"GroupId": group, "GroupName": "launch-wizard-1"}], "SourceDestCheck": True, "Tags": tags(Name="hackathon-box"), "VirtualizationType": "hvm", "MetadataOptions": {"State": "applied", "HttpTokens": "optional", "HttpPutResponseHopLimit": 1, "HttpEndpoint": "enabled", "HttpProtocolIpv6": "disabled", "InstanceMetadataTags": "disabled"}, "PlatformDetails": "Linux/UNIX", "InstanceId": instance, "ImageId": made("ami", "old"), "State": {"Code": 16, "Name": "running"}, "InstanceType": "t2.micro", "LaunchTime": when(320), "Placement": {"GroupName": "", "Tenancy": "default", "AvailabilityZone": "eu-west-1a"}, "Monitoring": {"State": "disabled"}, "SubnetId": subnet, "VpcId": vpc, "PrivateIpAddress": "172.31.4.20", "PublicIpAddress": "192.0.2.99", "PublicDnsName": "ec2-192-0-2-99.eu-west-1.compute.amazonaws.com"}]}]})
    account.put("ec2/describe-volumes", {"Volumes": [{"AvailabilityZone": "eu-west-1a", "Attachments": [{"DeleteOnTermination": True, "VolumeId": volume, "InstanceId": instance, "Device": "/dev/xvda", "State": "attached", "AttachTime": when(320)}], "Encrypted": False, "VolumeType": "gp2", "Size": 8, "SnapshotId": "", "VolumeId": volume, "State": "in-use", "CreateTime": when(320)}]})
    account.put("ec2/get-ebs-encryption-by-default", {"EbsEncryptionByDefault": False, "SseType": "none"})
    account.put_global("s3api/list-buckets", {"Buckets": [bucket(account, f"hackathon-{n}", private=False, versions=False)], "Owner": {"ID": digest("owner-sandbox", 64)}})
    account.error("s3control/get-public-access-block", "NoSuchPublicAccessBlockConfiguration", regional=False)
    account.put("cloudtrail/describe-trails", {"trailList": []})
    account.put("config/describe-configuration-recorders", {"ConfigurationRecorders": []})
    account.put("guardduty/list-detectors", {"DetectorIds": []})
    # the role of the audit may not look here: these are gaps, not good news
    for operation in ("rds/describe-db-instances", "lambda/list-functions", "secretsmanager/list-secrets"):
        account.error(operation, "AccessDeniedException")
