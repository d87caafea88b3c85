"""Field table of AWS from botocore's service models (Apache-2.0).

Keyed "<service>/<operation>" as the AWS CLI names them; the shape is the answer that the CLI prints.
Usage: aws.py PACKAGES.TXT WHEELS OUT.json
"""

import gzip
import json
import re
import sys
import zipfile

from shapes import MAX_DEPTH, enum, wheel, write

# botocore's folder names; the CLI differs only in RENAMED
SERVICES = """
accessanalyzer account acm acm-pca amplify apigateway apigatewayv2 appflow apprunner appstream appsync
athena autoscaling backup batch bedrock bedrock-agent bedrock-agentcore-control cloudformation cloudfront
cloudhsmv2 cloudtrail cloudwatch codeartifact codebuild codecommit codedeploy codepipeline cognito-identity
cognito-idp config datasync dax detective directconnect dlm dms docdb docdb-elastic ds dynamodb ebs ec2
ecr ecr-public ecs efs eks elasticache elasticbeanstalk elb elbv2 emr emr-containers emr-serverless es
events firehose fms fsx globalaccelerator glue grafana guardduty iam identitystore imagebuilder inspector2
iot kafka kafkaconnect kendra keyspaces kinesis kinesisanalyticsv2 kms lakeformation lambda lightsail logs
macie2 memorydb mq mwaa neptune network-firewall networkmanager opensearch opensearchserverless
organizations pipes quicksight ram rds redshift redshift-serverless resource-explorer-2
resourcegroupstaggingapi route53 route53domains route53resolver s3 s3control s3tables sagemaker scheduler
secretsmanager securityhub securitylake servicecatalog servicediscovery ses sesv2 shield signer sns sqs
ssm sso-admin stepfunctions storagegateway sts synthetics timestream-influxdb transfer vpc-lattice waf
waf-regional wafv2 workspaces workspaces-web xray
""".split()

RENAMED = {"s3": "s3api", "codedeploy": "deploy"}
READS = re.compile(r"^(Describe|List|Get|BatchGet|BatchDescribe|Search|GenerateCredentialReport)")
# answers that hold data or telemetry, not configuration
SKIPPED = re.compile(
    r"^(GetObject($|Torrent)|GetRecords|BatchGetItem|GetItem|GetMedia|GetMetric|GetLogEvents|GetQueryResults"
    r"|GetCostAndUsage|Search(Resources|Tables|Index)?Metrics|ListObject|GetInsight|GetDashEmbed)"
)
# text that the CLI prints decoded: IAM policy documents, CloudFormation templates
DECODED = {("iam", "policyDocumentType"), ("cloudformation", "TemplateBody")}
# answers that Merlon reads as something else than the CLI prints: the report is CSV, each row becomes an object
REPORT = """
user arn user_creation_time password_enabled password_last_used password_last_changed password_next_rotation mfa_active
access_key_1_active access_key_1_last_rotated access_key_1_last_used_date access_key_1_last_used_region
access_key_1_last_used_service access_key_2_active access_key_2_last_rotated access_key_2_last_used_date
access_key_2_last_used_region access_key_2_last_used_service cert_1_active cert_1_last_rotated cert_2_active
cert_2_last_rotated
""".split()
CONVERTED = {
    "iam/GetCredentialReport": {
        "fields": {
            "Content": {"list": {"fields": dict.fromkeys(REPORT, "string")}},
            "GeneratedTime": "time",
            "ReportFormat": "string",
        }
    }
}


def kebab(name):
    """botocore.xform_name(name, "-"), so that names are the CLI's."""
    special = {
        "ListHITsForQualificationType": "list-hits-for-qualification-type",
        "CreateCachediSCSIVolume": "create-cached-iscsi-volume",
        "DescribeCachediSCSIVolumes": "describe-cached-iscsi-volumes",
        "DescribeStorediSCSIVolumes": "describe-stored-iscsi-volumes",
        "CreateStorediSCSIVolume": "create-stored-iscsi-volume",
    }
    if name in special:
        return special[name]
    name = name.replace("OTel", "Otel")
    if found := re.search(r"[A-Z]{2,}s$", name):
        tail = found[0]
        name = name[: -len(tail)] + "-" + tail.lower()
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1-\2", name)
    name = re.sub(r"([a-z])([0-9]+)", r"\1\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name).lower()


class Service:
    def __init__(self, name, model):
        self.name = name
        self.shapes = model["shapes"]
        self.operations = model["operations"]

    def shape(self, name, stack=()):
        if (self.name, name) in DECODED:
            return "any"
        model = self.shapes[name]
        kind = model["type"]
        if kind == "string":
            if model.get("jsonvalue"):
                return "any"
            return enum(model["enum"]) if model.get("enum") else "string"
        if kind in ("integer", "long"):
            return "int"
        if kind in ("float", "double"):
            return "float"
        if kind in ("boolean", "timestamp", "blob", "character"):
            return {"boolean": "bool", "timestamp": "time"}.get(kind, "string")
        if name in stack or len(stack) >= MAX_DEPTH or model.get("document"):
            return "any"
        stack += (name,)
        if kind == "list":
            return {"list": self.member(model["member"], stack)}
        if kind == "map":
            return {"map": self.member(model["value"], stack)}
        if kind == "structure":
            if model.get("eventstream"):
                return "any"
            members = model.get("members", {})
            return {"fields": {k: self.member(m, stack) for k, m in members.items()}}
        raise SystemExit(f"{self.name}: {name} has the unknown type {kind}")

    def member(self, member, stack):
        return "any" if member.get("jsonvalue") else self.shape(member["shape"], stack)

    def answers(self):
        command = RENAMED.get(self.name, self.name)
        for name, model in self.operations.items():
            output = model.get("output")
            if output and READS.match(name) and not SKIPPED.match(name):
                shape = CONVERTED.get(f"{self.name}/{name}") or self.shape(output["shape"])
                if shape != {"fields": {}}:
                    yield f"{command}/{kebab(name)}", shape


def models(path):
    """(service, model) of each wanted service, newest API version."""
    with zipfile.ZipFile(path) as archive:
        newest = {}
        for name in archive.namelist():
            found = re.match(r"botocore/data/([^/]+)/([^/]+)/service-2\.json(\.gz)?$", name)
            if found and found[2] >= newest.get(found[1], ("",))[0]:
                newest[found[1]] = (found[2], name)
        for service in SERVICES:
            if service not in newest:
                raise SystemExit(f"botocore has no service {service}")
            raw = archive.read(newest[service][1])
            yield service, json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)


def main(listing, folder, out):
    path, source = wheel(listing, folder, "botocore")
    kinds = {}
    for service, model in models(path):
        kinds.update(Service(service, model).answers())
    write(out, source | {"licence": "Apache-2.0"}, kinds)


if __name__ == "__main__":
    main(*sys.argv[1:])
