"""Identities of the production account: people, roles, and the ways in which they are more than they should be."""

import base64

from aws_base import allow, policy, trust, unique, when

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def add_identity(account):
    account.roles = {}
    n = account.number

    def arn(kind, name):
        return f"arn:aws:iam::{n}:{kind}/{name}"

    own = {
        "TernDeploy": policy(
            # planted: may hand any role to a function or a machine
            allow(["iam:PassRole", "lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:InvokeFunction", "ec2:RunInstances"]),
            allow(["s3:GetObject", "s3:PutObject"], [f"arn:aws:s3:::tern-artifacts-{n}/*"]),
        ),
        "TernTrackingRead": policy(allow(["dynamodb:GetItem", "dynamodb:Query"], f"arn:aws:dynamodb:eu-west-1:{n}:table/shipments")),
        "TernEverything": policy(allow("*")),  # planted: a home-made administrator
        "TernLabelPrinter": policy(allow(["s3:GetObject"], f"arn:aws:s3:::tern-labels-{n}/*"), allow(["kms:Decrypt"], "*")),
    }
    policies = [
        {
            "PolicyName": name,
            "PolicyId": unique("ANPA", name),
            "Arn": arn("policy", name),
            "Path": "/",
            "DefaultVersionId": "v1",
            "AttachmentCount": 1,
            "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": True,
            "CreateDate": when(600),
            "UpdateDate": when(300),
            "PolicyVersionList": [{"Document": document, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": when(300)}],
        }
        for name, document in own.items()
    ]
    ecs = trust("ec2.amazonaws.com")
    function = trust("lambda.amazonaws.com")
    github = trust(
        principal={"Federated": arn("oidc-provider", "token.actions.githubusercontent.com")},
        action="sts:AssumeRoleWithWebIdentity",
        # planted: any repository of any owner
        Condition={"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}, "StringLike": {"token.actions.githubusercontent.com:sub": "repo:*"}},
    )
    nodes = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"]
    wanted = [
        ("tracking-api", ecs, ["TernTrackingRead"], {}),
        ("depot-gateway", ecs, ["TernEverything"], {}),  # planted: on a machine with a public address
        ("label-printer", function, ["TernLabelPrinter"], {}),
        ("rate-import", function, [ADMIN], {}),  # planted: behind a public function URL
        ("customs-webhook", function, ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"], {"queue": policy(allow("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{n}:customs-events"))}),
        ("github-deploy", github, ["TernDeploy"], {}),
        ("eks-tracking-cluster", trust("eks.amazonaws.com"), ["arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"], {}),
        ("eks-tracking-nodes", ecs, [f"arn:aws:iam::aws:policy/{p}" for p in nodes], {"labels": policy(allow("s3:*", "*"))}),
        ("config-recorder", trust("config.amazonaws.com"), ["arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"], {}),
        # planted: a partner from before the acquisition, without an external id
        ("partner-audit", trust(principal={"AWS": "arn:aws:iam::777788889999:root"}), ["arn:aws:iam::aws:policy/SecurityAudit"], {}),
        ("larkspur-sso-admin", trust(principal={"Federated": arn("saml-provider", "larkspur")}, action="sts:AssumeRoleWithSAML", Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}), [ADMIN], {}),
    ]
    roles, profiles = [], []
    for name, trusted, attached, inline in wanted:
        account.roles[name] = arn("role", name)
        profile = []
        if name in ("tracking-api", "depot-gateway", "eks-tracking-nodes"):
            profile = [{"InstanceProfileName": name, "InstanceProfileId": unique("AIPA", name), "Arn": arn("instance-profile", name), "Path": "/", "CreateDate": when(600), "Roles": [{"RoleName": name, "RoleId": unique("AROA", name), "Arn": arn("role", name), "Path": "/", "CreateDate": when(600), "AssumeRolePolicyDocument": trusted}]}]
            profiles.extend(profile)
        roles.append(
            {
                "Path": "/",
                "RoleName": name,
                "RoleId": unique("AROA", name),
                "Arn": arn("role", name),
                "CreateDate": when(600),
                "AssumeRolePolicyDocument": trusted,
                "InstanceProfileList": profile,
                "RolePolicyList": [{"PolicyName": k, "PolicyDocument": v} for k, v in inline.items()],
                "AttachedManagedPolicies": [{"PolicyName": p.rsplit("/", 1)[-1], "PolicyArn": p if p.startswith("arn:") else arn("policy", p)} for p in attached],
                "Tags": [],
                "RoleLastUsed": {"LastUsedDate": when(410 if name == "partner-audit" else 1), "Region": "eu-west-1"},
            }
        )
    groups = [
        {"Path": "/", "GroupName": name, "GroupId": unique("AGPA", name), "Arn": arn("group", name), "CreateDate": when(700), "GroupPolicyList": [], "AttachedManagedPolicies": [{"PolicyName": p, "PolicyArn": f"arn:aws:iam::aws:policy/{p}"}]}
        for name, p in (("operators", "ReadOnlyAccess"), ("platform", "PowerUserAccess"))
    ]
    account.put_global("iam/list-groups", {"Groups": [{k: g[k] for k in ("Path", "GroupName", "GroupId", "Arn", "CreateDate")} for g in groups]})
    for group in groups:
        members = [name for name, row in PEOPLE.items() if group["GroupName"] in row[0]]
        account.put_global("iam/get-group", {"Group": {k: group[k] for k in ("Path", "GroupName", "GroupId", "Arn", "CreateDate")}, "Users": [{"Path": "/", "UserName": m, "UserId": unique("AIDA", m), "Arn": arn("user", m), "CreateDate": when(1300)} for m in members]}, group["GroupName"])
    users(account, roles, groups, policies, arn)
    account.put_global("iam/list-instance-profiles", {"InstanceProfiles": profiles})
    account.put_global("iam/list-open-id-connect-providers", {"OpenIDConnectProviderList": [{"Arn": arn("oidc-provider", "token.actions.githubusercontent.com")}]})
    account.put_global("iam/get-open-id-connect-provider", {"Url": "token.actions.githubusercontent.com", "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": ["ab" * 20], "CreateDate": when(400), "Tags": []}, arn("oidc-provider", "token.actions.githubusercontent.com"))
    account.put_global("iam/list-saml-providers", {"SAMLProviderList": [{"Arn": arn("saml-provider", "larkspur"), "ValidUntil": when(-3000), "CreateDate": when(500)}]})
    account.put_global("iam/list-server-certificates", {"ServerCertificateMetadataList": []})
    settings(account)


PEOPLE = {
    # name: groups, own policies, console, second factor, days since the password was used, keys (age, last used)
    "o.lindqvist": (["platform"], [], True, True, 1, []),
    "t.abara": (["operators"], [], True, True, 4, []),
    "depot-kiosk": ([], [], True, False, 130, []),  # planted: shared by a depot, no second factor
    "legacy-edi": ([], [ADMIN], False, False, None, [(1240, 2)]),  # planted: administrator with a key of 2023
    "backup-job": ([], ["arn:aws:iam::aws:policy/AmazonS3FullAccess"], False, False, None, [(95, 1), (410, 330)]),
}


def users(account, roles, groups, policies, arn):
    details, rows, listed, virtual = [], [], [], []
    header = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
    root = f"<root_account>,arn:aws:iam::{account.number}:root,{when(1500)},not_supported,{when(210)},not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
    for name, (member, attached, console, factor, used, keys) in PEOPLE.items():
        basic = {"Path": "/", "UserName": name, "UserId": unique("AIDA", name), "Arn": arn("user", name), "CreateDate": when(1300)}
        listed.append(basic | ({"PasswordLastUsed": when(used)} if used else {}))
        details.append(basic | {"GroupList": member, "UserPolicyList": [], "AttachedManagedPolicies": [{"PolicyName": p.rsplit("/", 1)[1], "PolicyArn": p} for p in attached], "Tags": []})
        serial = f"arn:aws:iam::{account.number}:mfa/{name}"
        if factor:
            virtual.append({"SerialNumber": serial, "User": basic, "EnableDate": when(900)})
        account.put_global("iam/list-mfa-devices", {"MFADevices": [{"UserName": name, "SerialNumber": serial, "EnableDate": when(900)}] if factor else []}, name)
        if console:
            account.put_global("iam/get-login-profile", {"LoginProfile": {"UserName": name, "CreateDate": when(1200), "PasswordResetRequired": False}}, name)
        else:
            account.error("iam/get-login-profile", "NoSuchEntity", name, regional=False)
        found = []
        columns = []
        for index, (age, last) in enumerate(keys):
            key = unique("AKIA", f"{name}{index}")[:20]
            found.append({"UserName": name, "AccessKeyId": key, "Status": "Active", "CreateDate": when(age)})
            account.put_global("iam/get-access-key-last-used", {"UserName": name, "AccessKeyLastUsed": {"LastUsedDate": when(last), "ServiceName": "s3", "Region": "eu-west-1"}}, key)
            columns += ["true", when(age), when(last), "eu-west-1", "s3"]
        columns += ["false", "N/A", "N/A", "N/A", "N/A"] * (2 - len(keys))
        account.put_global("iam/list-access-keys", {"AccessKeyMetadata": found}, name)
        account.put_global("iam/list-groups-for-user", {"Groups": [{"Path": "/", "GroupName": g, "GroupId": unique("AGPA", g), "Arn": arn("group", g), "CreateDate": when(700)} for g in member]}, name)
        rows.append(",".join([name, arn("user", name), when(1300), str(console).lower(), when(used) if used else "N/A", when(600) if console else "N/A", "N/A", str(factor).lower(), *columns, "false", "N/A", "false", "N/A"]))
    account.put_global("iam/get-account-authorization-details", {"UserDetailList": details, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies, "IsTruncated": False})
    account.put_global("iam/list-users", {"Users": listed})
    account.put_global("iam/list-virtual-mfa-devices", {"VirtualMFADevices": virtual})
    report = "\n".join([header, root, *rows])
    account.put_global("iam/get-credential-report", {"Content": base64.b64encode(report.encode()).decode(), "ReportFormat": "text/csv", "GeneratedTime": when(0)})


def settings(account):
    account.put_global("iam/get-account-summary", {"SummaryMap": {"Users": len(PEOPLE), "Roles": len(account.roles), "Groups": 2, "Policies": 4, "MFADevices": 2, "MFADevicesInUse": 2, "AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0, "AccountSigningCertificatesPresent": 0, "ServerCertificates": 0, "Providers": 2}})
    # planted: short passwords that never have to change
    account.put_global("iam/get-account-password-policy", {"PasswordPolicy": {"MinimumPasswordLength": 8, "RequireSymbols": False, "RequireNumbers": True, "RequireUppercaseCharacters": True, "RequireLowercaseCharacters": True, "AllowUsersToChangePassword": True, "ExpirePasswords": False}})
    account.error("account/get-alternate-contact", "ResourceNotFoundException", regional=False)
