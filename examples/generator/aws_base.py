"""An AWS account under construction: the answers of the CLI, one file each."""

from estate import ago, digest

ERRORS = {
    "NoSuchBucketPolicy": "The bucket policy does not exist",
    "NoSuchPublicAccessBlockConfiguration": "The public access block configuration was not found",
    "OwnershipControlsNotFoundError": "The bucket ownership controls were not found",
    "ServerSideEncryptionConfigurationNotFoundError": "The server side encryption configuration was not found",
    "NoSuchTagSet": "The TagSet does not exist",
    "NoSuchLifecycleConfiguration": "The lifecycle configuration does not exist",
    "ReplicationConfigurationNotFoundError": "The replication configuration was not found",
    "ObjectLockConfigurationNotFoundError": "Object Lock configuration does not exist for this bucket",
    "NoSuchWebsiteConfiguration": "The specified bucket does not have a website configuration",
    "NoSuchCORSConfiguration": "The CORS configuration does not exist",
    "NoSuchEntity": "The entity cannot be found.",
    "ResourceNotFoundException": "The resource you requested does not exist.",
    "PolicyNotFoundException": "The policy does not exist.",
    "RepositoryPolicyNotFoundException": "Repository policy does not exist",
    "LifecyclePolicyNotFoundException": "Lifecycle policy does not exist",
    "InvalidAccessException": "Account is not subscribed to AWS Security Hub",
    "AccessDeniedException": "User: arn:aws:sts::444455556666:assumed-role/audit/session is not authorized to perform this operation",
    "WAFNonexistentItemException": "AWS WAF couldn't perform the operation because your resource doesn't exist.",
}


class Account:
    def __init__(self, folder, number, region="eu-west-1"):
        self.folder, self.number, self.region = folder, number, region

    def place(self, operation, argument, regional):
        region = f"{self.region}/" if regional else ""
        tail = f"/{argument.replace('/', '~').replace(':', '~')}" if argument else ""
        return f"aws/{self.number}/{region}{operation}{tail}.json"

    def put(self, operation, answer, argument=None):
        """The answer of a regional service."""
        self.folder.json(self.place(operation, argument, True), answer)

    def put_global(self, operation, answer, argument=None):
        self.folder.json(self.place(operation, argument, False), answer)

    def error(self, operation, code, argument=None, regional=True):
        """What the CLI prints when the cloud says no: that there is nothing, or that one may not look."""
        call = "".join(word.capitalize() for word in operation.split("/")[1].split("-"))
        text = f"An error occurred ({code}) when calling the {call} operation: {ERRORS[code]}\n"
        self.folder.text(self.place(operation, argument, regional), text)

    def arn(self, service, resource, regional=True):
        return f"arn:aws:{service}:{self.region if regional else ''}:{self.number}:{resource}"


def tags(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions, resources="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def trust(service=None, **more):
    statement = {"Effect": "Allow", "Principal": {"Service": service} if service else more.pop("principal"), "Action": more.pop("action", "sts:AssumeRole"), **more}
    return policy(statement)


def made(prefix, name):
    """An id such as vpc-0a1b2c..., derived from a name."""
    return f"{prefix}-0{digest(name, 16)}"


def unique(prefix, name):
    """An id of IAM such as AROAEXAMPLE..., derived from a name."""
    return (prefix + "EXAMPLE" + digest(name, 16).upper())[:21]


def when(days):
    return ago(days, form="%Y-%m-%dT%H:%M:%S+00:00")
