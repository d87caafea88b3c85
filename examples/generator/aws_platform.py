"""What runs in the production account beside its machines, and how it is watched."""

import json

from aws_base import made, policy, tags, when
from estate import digest, guid


def add_platform(account):
    cluster(account)
    registries(account)
    functions(account)
    front(account)
    watching(account)


def cluster(account):
    name = "tracking-prod"
    account.put("eks/list-clusters", {"clusters": [name]})
    account.put(
        "eks/describe-cluster",
        {
            "cluster": {
                "name": name,
                "arn": account.arn("eks", f"cluster/{name}"),
                "createdAt": when(540),
                "version": "1.31",
                "endpoint": f"https://{digest('eks', 32).upper()}.gr7.{account.region}.eks.amazonaws.com",
                "roleArn": account.roles["eks-tracking-cluster"],
                # planted: the control plane answers everybody
                "resourcesVpcConfig": {"subnetIds": [made("subnet", "tracking-private-a"), made("subnet", "tracking-private-b")], "securityGroupIds": [], "clusterSecurityGroupId": made("sg", "tracking-app"), "vpcId": made("vpc", "vpc-tracking"), "endpointPublicAccess": True, "endpointPrivateAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]},
                "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"},
                "logging": {"clusterLogging": [{"types": ["api", "authenticator"], "enabled": True}, {"types": ["audit", "controllerManager", "scheduler"], "enabled": False}]},
                "identity": {"oidc": {"issuer": f"https://oidc.eks.{account.region}.amazonaws.com/id/{digest('oidc', 32).upper()}"}},
                "status": "ACTIVE",
                "platformVersion": "eks.12",
                "tags": {"env": "prod"},
                "health": {"issues": []},
                "accessConfig": {"authenticationMode": "API_AND_CONFIG_MAP"},
                "upgradePolicy": {"supportType": "EXTENDED"},
                "deletionProtection": False,
            }
        },
        name,
    )
    account.put("eks/describe-nodegroup", {"nodegroup": {"nodegroupName": "workers", "nodegroupArn": account.arn("eks", f"nodegroup/{name}/workers/{guid('workers')}"), "clusterName": name, "version": "1.31", "releaseVersion": "1.31.4-20250620", "createdAt": when(540), "modifiedAt": when(30), "status": "ACTIVE", "capacityType": "ON_DEMAND", "scalingConfig": {"minSize": 2, "maxSize": 6, "desiredSize": 3}, "instanceTypes": ["m6i.large"], "subnets": [made("subnet", "tracking-private-a"), made("subnet", "tracking-private-b")], "amiType": "AL2023_x86_64_STANDARD", "nodeRole": account.roles["eks-tracking-nodes"], "diskSize": 80, "health": {"issues": []}, "updateConfig": {"maxUnavailable": 1}, "tags": {}}}, "workers")


def registries(account):
    repositories = [("tracking-api", True), ("depot-tools", False)]
    account.put("ecr/describe-repositories", {"repositories": [{"repositoryArn": account.arn("ecr", f"repository/{name}"), "registryId": account.number, "repositoryName": name, "repositoryUri": f"{account.number}.dkr.ecr.{account.region}.amazonaws.com/{name}", "createdAt": when(500), "imageTagMutability": "IMMUTABLE" if good else "MUTABLE", "imageScanningConfiguration": {"scanOnPush": good}, "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": account.keys["data"]} if good else {"encryptionType": "AES256"}} for name, good in repositories]})
    for name, good in repositories:
        if good:
            account.error("ecr/get-repository-policy", "RepositoryPolicyNotFoundException", name)
            account.put("ecr/get-lifecycle-policy", {"registryId": account.number, "repositoryName": name, "lifecyclePolicyText": '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}]}'}, name)
        else:
            open_policy = {"Version": "2008-10-17", "Statement": [{"Sid": "pull", "Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]}  # planted
            account.put("ecr/get-repository-policy", {"registryId": account.number, "repositoryName": name, "policyText": json.dumps(open_policy)}, name)
            account.error("ecr/get-lifecycle-policy", "LifecyclePolicyNotFoundException", name)
        account.put("ecr/list-tags-for-resource", {"tags": tags(env="prod")}, account.arn("ecr", f"repository/{name}"))
    account.put("ecr/get-registry-scanning-configuration", {"registryId": account.number, "scanningConfiguration": {"scanType": "BASIC", "rules": []}})


def functions(account):
    wanted = {
        "label-printer": ("python3.13", "label-printer", None),
        "rate-import": ("python3.8", "rate-import", "NONE"),  # planted: public address, no sign-in, administrator
        "customs-webhook": ("nodejs22.x", "customs-webhook", None),
    }
    found = []
    for name, (runtime, role, url) in wanted.items():
        arn = account.arn("lambda", f"function:{name}")
        found.append({"FunctionName": name, "FunctionArn": arn, "Runtime": runtime, "Role": account.roles[role], "Handler": "app.handler", "CodeSize": 80412, "Description": "", "Timeout": 30, "MemorySize": 256, "LastModified": when(60), "CodeSha256": digest(name, 44), "Version": "$LATEST", "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", "Ipv6AllowedForDualStack": False}, "TracingConfig": {"Mode": "Active" if url is None else "PassThrough"}, "RevisionId": guid(name), "PackageType": "Zip", "Architectures": ["arm64"], "EphemeralStorage": {"Size": 512}, "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"}, "LoggingConfig": {"LogFormat": "JSON", "LogGroup": f"/aws/lambda/{name}"}, "Environment": {"Variables": {"STAGE": "prod"}}, **({"KMSKeyArn": account.keys["data"]} if url is None else {})})
        if url:
            account.put("lambda/get-function-url-config", {"FunctionUrl": f"https://{digest(name, 32)}.lambda-url.{account.region}.on.aws/", "FunctionArn": arn, "AuthType": url, "Cors": {"AllowOrigins": ["*"], "AllowMethods": ["*"]}, "CreationTime": when(300), "LastModifiedTime": when(300), "InvokeMode": "BUFFERED"}, name)
            account.put("lambda/get-policy", {"Policy": json.dumps(policy({"Sid": "FunctionURLAllowPublicAccess", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", "Resource": arn, "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}})), "RevisionId": guid(name)}, name)
        else:
            account.error("lambda/get-function-url-config", "ResourceNotFoundException", name)
            account.error("lambda/get-policy", "ResourceNotFoundException", name)
        account.put("lambda/get-function-code-signing-config", {"FunctionName": name}, name)
        account.put("lambda/get-function-concurrency", {"ReservedConcurrentExecutions": 20} if url is None else {}, name)
        account.put("lambda/list-event-source-mappings", {"EventSourceMappings": []}, name)
        account.put("lambda/list-tags", {"Tags": {"env": "prod"}}, arn)
    account.put("lambda/list-functions", {"Functions": found})


def front(account):
    alb = account.arn("elasticloadbalancing", f"loadbalancer/app/tracking/{digest('alb', 16)}")
    group = account.arn("elasticloadbalancing", f"targetgroup/tracking-api/{digest('tg', 16)}")
    certificate = account.arn("acm", f"certificate/{guid('tracking-cert')}")
    account.put("elbv2/describe-load-balancers", {"LoadBalancers": [{"LoadBalancerArn": alb, "DNSName": f"tracking-1122334455.{account.region}.elb.amazonaws.com", "CanonicalHostedZoneId": "Z32O12XQLNTSW2", "CreatedTime": when(500), "LoadBalancerName": "tracking", "Scheme": "internet-facing", "VpcId": made("vpc", "vpc-tracking"), "State": {"Code": "active"}, "Type": "application", "AvailabilityZones": [{"ZoneName": f"{account.region}a", "SubnetId": made("subnet", "tracking-public-a"), "LoadBalancerAddresses": []}], "SecurityGroups": [made("sg", "tracking-alb")], "IpAddressType": "ipv4"}]})
    attributes = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": f"tern-logs-{account.number}", "access_logs.s3.prefix": "alb", "deletion_protection.enabled": "true", "routing.http.drop_invalid_header_fields.enabled": "false", "routing.http.desync_mitigation_mode": "defensive", "idle_timeout.timeout_seconds": "60", "routing.http2.enabled": "true"}
    account.put("elbv2/describe-load-balancer-attributes", {"Attributes": [{"Key": k, "Value": v} for k, v in attributes.items()]}, alb)
    account.put("elbv2/describe-listeners", {"Listeners": [{"ListenerArn": alb.replace("loadbalancer", "listener") + f"/{digest('listener', 16)}", "LoadBalancerArn": alb, "Port": 443, "Protocol": "HTTPS", "Certificates": [{"CertificateArn": certificate}], "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06", "DefaultActions": [{"Type": "forward", "TargetGroupArn": group, "Order": 1}]}]}, alb)
    account.put("elbv2/describe-tags", {"TagDescriptions": [{"ResourceArn": alb, "Tags": tags(env="prod")}]}, alb)
    account.put("elbv2/describe-target-groups", {"TargetGroups": [{"TargetGroupArn": group, "TargetGroupName": "tracking-api", "Protocol": "HTTP", "Port": 8080, "VpcId": made("vpc", "vpc-tracking"), "HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port", "HealthCheckEnabled": True, "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2, "HealthCheckPath": "/healthz", "Matcher": {"HttpCode": "200"}, "LoadBalancerArns": [alb], "TargetType": "instance", "ProtocolVersion": "HTTP1", "IpAddressType": "ipv4"}]})
    account.put("elbv2/describe-target-health", {"TargetHealthDescriptions": [{"Target": {"Id": made("i", name), "Port": 8080}, "HealthCheckPort": "8080", "TargetHealth": {"State": "healthy"}} for name in ("tracking-api-1", "tracking-api-2")]}, group)
    acl = account.arn("wafv2", f"regional/webacl/tracking/{guid('acl')}")
    visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "tracking"}
    summary = {"Name": "tracking", "Id": guid("acl"), "Description": "", "LockToken": guid("lock"), "ARN": acl}
    web_acl = {"Name": "tracking", "Id": guid("acl"), "ARN": acl, "DefaultAction": {"Allow": {}}, "Rules": [{"Name": "common", "Priority": 0, "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}, "OverrideAction": {"None": {}}, "VisibilityConfig": visibility}], "VisibilityConfig": visibility, "Capacity": 700, "ManagedByFirewallManager": False}
    account.put("wafv2/list-web-acls", {"WebACLs": [summary]})
    account.put("wafv2/get-web-acl", {"WebACL": web_acl, "LockToken": guid("lock")}, acl)
    account.error("wafv2/get-logging-configuration", "WAFNonexistentItemException", acl)
    account.put("wafv2/list-resources-for-web-acl", {"ResourceArns": [alb]}, acl)
    account.put("wafv2/get-web-acl-for-resource", {"WebACL": web_acl}, alb)
    account.put("acm/list-certificates", {"CertificateSummaryList": [{"CertificateArn": certificate, "DomainName": "track.terncouriers.example", "Status": "ISSUED", "Type": "AMAZON_ISSUED", "KeyAlgorithm": "RSA-2048", "InUse": True, "NotBefore": when(100), "NotAfter": when(-290), "CreatedAt": when(100), "IssuedAt": when(100), "RenewalEligibility": "ELIGIBLE"}]})
    account.put("acm/describe-certificate", {"Certificate": {"CertificateArn": certificate, "DomainName": "track.terncouriers.example", "SubjectAlternativeNames": ["track.terncouriers.example"], "Subject": "CN=track.terncouriers.example", "Issuer": "Amazon", "CreatedAt": when(100), "IssuedAt": when(100), "Status": "ISSUED", "NotBefore": when(100), "NotAfter": when(-290), "KeyAlgorithm": "RSA-2048", "SignatureAlgorithm": "SHA256WITHRSA", "InUseBy": [alb], "Type": "AMAZON_ISSUED", "RenewalEligibility": "ELIGIBLE", "Options": {"CertificateTransparencyLoggingPreference": "ENABLED"}}}, certificate)
    api = "a1b2c3d4e5"
    account.put("apigatewayv2/get-apis", {"Items": [{"ApiEndpoint": f"https://{api}.execute-api.{account.region}.amazonaws.com", "ApiId": api, "ApiKeySelectionExpression": "$request.header.x-api-key", "CreatedDate": when(400), "DisableExecuteApiEndpoint": False, "Name": "customs", "ProtocolType": "HTTP", "RouteSelectionExpression": "$request.method $request.path", "Tags": {}}]})
    account.put("apigatewayv2/get-stages", {"Items": [{"AutoDeploy": True, "CreatedDate": when(400), "DefaultRouteSettings": {"DetailedMetricsEnabled": False}, "LastUpdatedDate": when(40), "RouteSettings": {}, "StageName": "$default", "StageVariables": {}, "Tags": {}}]}, api)
    account.put("apigatewayv2/get-routes", {"Items": [{"ApiKeyRequired": False, "AuthorizationType": "NONE", "RouteId": "r1", "RouteKey": "POST /events", "Target": "integrations/i1"}]}, api)
    account.put("apigatewayv2/get-authorizers", {"Items": []}, api)


def watching(account):
    n = account.number
    trail = account.arn("cloudtrail", "trail/tern-all")
    account.put("cloudtrail/describe-trails", {"trailList": [{"Name": "tern-all", "S3BucketName": f"tern-logs-{n}", "S3KeyPrefix": "trail", "IncludeGlobalServiceEvents": True, "IsMultiRegionTrail": True, "HomeRegion": account.region, "TrailARN": trail, "LogFileValidationEnabled": True, "KmsKeyId": account.keys["logs"], "HasCustomEventSelectors": True, "HasInsightSelectors": False, "IsOrganizationTrail": False}]})
    account.put("cloudtrail/get-trail-status", {"IsLogging": True, "LatestDeliveryTime": when(0), "StartLoggingTime": when(700), "LatestDigestDeliveryTime": when(0)}, trail)
    account.put("cloudtrail/get-event-selectors", {"TrailARN": trail, "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]}, trail)
    account.put("config/describe-configuration-recorders", {"ConfigurationRecorders": [{"arn": account.arn("config", f"configuration-recorder/default/{digest('recorder', 8)}"), "name": "default", "roleARN": account.roles["config-recorder"], "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True, "resourceTypes": [], "exclusionByResourceTypes": {"resourceTypes": []}, "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}}, "recordingMode": {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": []}, "recordingScope": "PAID"}]})
    account.put("config/describe-configuration-recorder-status", {"ConfigurationRecordersStatus": [{"name": "default", "lastStartTime": when(700), "recording": True, "lastStatus": "SUCCESS", "lastStatusChangeTime": when(0)}]})
    detector = digest("detector", 32)
    account.put("guardduty/list-detectors", {"DetectorIds": [detector]})
    account.put("guardduty/get-detector", {"CreatedAt": when(600), "FindingPublishingFrequency": "SIX_HOURS", "ServiceRole": f"arn:aws:iam::{n}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty", "Status": "ENABLED", "UpdatedAt": when(60), "DataSources": {"CloudTrail": {"Status": "ENABLED"}, "DNSLogs": {"Status": "ENABLED"}, "FlowLogs": {"Status": "ENABLED"}, "S3Logs": {"Status": "DISABLED"}, "Kubernetes": {"AuditLogs": {"Status": "DISABLED"}}}, "Tags": {}, "Features": [{"Name": "CLOUD_TRAIL", "Status": "ENABLED", "UpdatedAt": when(600)}, {"Name": "S3_DATA_EVENTS", "Status": "DISABLED", "UpdatedAt": when(600)}, {"Name": "EKS_AUDIT_LOGS", "Status": "DISABLED", "UpdatedAt": when(600)}]}, detector)
    account.error("securityhub/describe-hub", "InvalidAccessException")
    account.put("accessanalyzer/list-analyzers", {"analyzers": []})
    account.put("inspector2/batch-get-account-status", {"accounts": [{"accountId": n, "state": {"status": "ENABLED"}, "resourceState": {"ec2": {"status": "ENABLED"}, "ecr": {"status": "DISABLED"}, "lambda": {"status": "DISABLED"}}}], "failedAccounts": []})
    groups = {"/aws/lambda/label-printer": 90, "/aws/lambda/rate-import": None, "/aws/eks/tracking-prod/cluster": 90}
    account.put("logs/describe-log-groups", {"logGroups": [{"logGroupName": name, "creationTime": 1700000000000, **({"retentionInDays": days, "kmsKeyId": account.keys["logs"]} if days else {}), "metricFilterCount": 0, "arn": account.arn("logs", f"log-group:{name}:*"), "storedBytes": 120044, "logGroupClass": "STANDARD", "logGroupArn": account.arn("logs", f"log-group:{name}")} for name, days in groups.items()]})
    account.put("logs/describe-metric-filters", {"metricFilters": []})
    account.put("cloudwatch/describe-alarms", {"CompositeAlarms": [], "MetricAlarms": []})
    account.put_global("organizations/describe-organization", {"Organization": {"Id": "o-exampleorgid", "Arn": f"arn:aws:organizations::{n}:organization/o-exampleorgid", "FeatureSet": "ALL", "MasterAccountArn": f"arn:aws:organizations::{n}:account/o-exampleorgid/{n}", "MasterAccountId": n, "MasterAccountEmail": "aws@terncouriers.example", "AvailablePolicyTypes": []}})
    account.put_global("organizations/list-accounts", {"Accounts": [{"Id": number, "Arn": f"arn:aws:organizations::{n}:account/o-exampleorgid/{number}", "Email": f"{slug}@terncouriers.example", "Name": slug, "Status": "ACTIVE", "JoinedMethod": "CREATED", "JoinedTimestamp": when(900)} for number, slug in ((n, "tern-production"), ("444455556666", "tern-sandbox"))]})
