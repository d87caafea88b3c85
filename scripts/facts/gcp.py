"""Field table of Google Cloud from the discovery documents bundled in google-api-python-client (Apache-2.0).

Keyed by the asset type of Cloud Asset Inventory; the shape is the resource as the API prints it. A resource is what a
GET method answers; its asset type is the host of the API and the name of the schema, except for RENAMED and ALSO.
Usage: gcp.py PACKAGES.TXT WHEELS OUT.json
"""

import json
import re
import sys
import zipfile

from shapes import MAX_DEPTH, enum, merge, wheel, write

# the API documents; where an API has two versions in use, both are read and merged
APIS = """
accesscontextmanager.v1 aiplatform.v1 alloydb.v1 apigateway.v1 apigee.v1 apikeys.v2 appengine.v1 artifactregistry.v1
backupdr.v1 batch.v1 bigquery.v2 bigqueryconnection.v1 bigquerydatatransfer.v1 bigqueryreservation.v1 bigtableadmin.v2
binaryauthorization.v1 certificatemanager.v1 cloudbilling.v1 cloudbuild.v1 cloudbuild.v2 clouddeploy.v1
cloudfunctions.v1 cloudfunctions.v2 cloudidentity.v1 cloudkms.v1 cloudresourcemanager.v1 cloudresourcemanager.v3
cloudscheduler.v1 cloudtasks.v2 composer.v1 compute.v1 container.v1 containeranalysis.v1 datacatalog.v1 dataflow.v1b3
dataform.v1 datafusion.v1 datamigration.v1 dataplex.v1 dataproc.v1 datastream.v1 dialogflow.v3 dlp.v2 dns.v1
documentai.v1 domains.v1 essentialcontacts.v1 eventarc.v1 file.v1 firebaserules.v1 firestore.v1 gkebackup.v1 gkehub.v1
healthcare.v1 iam.v1 iam.v2 iap.v1 ids.v1 integrations.v1 logging.v2 looker.v1 managedidentities.v1 managedkafka.v1
memcache.v1 metastore.v1 monitoring.v1 monitoring.v3 netapp.v1 networkconnectivity.v1 networkmanagement.v1
networksecurity.v1 networkservices.v1 notebooks.v1 notebooks.v2 orgpolicy.v2 osconfig.v1 privateca.v1 pubsub.v1
pubsublite.v1 recaptchaenterprise.v1 redis.v1 run.v1 run.v2 secretmanager.v1 securitycenter.v1 servicedirectory.v1
serviceusage.v1 spanner.v1 sqladmin.v1 storage.v1 storagetransfer.v1 tpu.v1 tpu.v2 vmmigration.v1 vpcaccess.v1
workflows.v1 workstations.v1
""".split()

# "api/Schema" -> the resource's name in Cloud Asset Inventory
RENAMED = {
    "sqladmin/DatabaseInstance": "Instance",
}
# schemas that Cloud Asset Inventory has under a second asset type
ALSO = {
    "compute.googleapis.com/Address": ["compute.googleapis.com/GlobalAddress"],
    "compute.googleapis.com/ForwardingRule": ["compute.googleapis.com/GlobalForwardingRule"],
    "compute.googleapis.com/BackendService": ["compute.googleapis.com/RegionBackendService"],
    "compute.googleapis.com/Disk": ["compute.googleapis.com/RegionDisk"],
}
# answers of GET methods that are no resources
SKIPPED = re.compile(r"^(List|Empty$|.*Operation$|.*Response$|.*Result$|HttpBody$|TestIamPermissions|GetPolicyOptions)")
PREFIX = re.compile(r"^(?:Google[A-Za-z]*?)?V\d+(p\d+)?((alpha|beta)\d*)?(?=[A-Z])")
IDENTITY = {"name", "id", "selfLink", "metadata", "projectId"}
# the IAM policy is a part of every asset
IAM_POLICY = "cloudresourcemanager.v1"


class Api:
    def __init__(self, document):
        self.name = document["name"]
        self.schemas = document.get("schemas", {})
        self.document = document
        host = document["rootUrl"].removeprefix("https://").rstrip("/")
        self.host = f"{self.name}.googleapis.com" if host.startswith("www.") else host

    def shape(self, model, stack=()):
        if "$ref" in model:
            name = model["$ref"]
            if name in stack or len(stack) >= MAX_DEPTH or name not in self.schemas:
                return "any"
            return self.shape(self.schemas[name], stack + (name,))
        kind = model.get("type", "any")
        if kind == "object":
            if "properties" in model:
                return {"fields": {k: self.shape(m, stack) for k, m in model["properties"].items()}}
            if "additionalProperties" in model:
                inner = self.shape(model["additionalProperties"], stack)
                return "any" if inner == "any" else {"map": inner}
            return "any"
        if kind == "array":
            return {"list": self.shape(model.get("items", {}), stack)}
        if kind == "string":
            if model.get("enum"):
                return enum(model["enum"])
            return "time" if model.get("format") in ("date-time", "google-datetime", "date") else "string"
        return {"boolean": "bool", "integer": "int", "number": "float"}.get(kind, "any")

    def answers(self, resources=None):
        """The schemas that GET methods answer with."""
        for resource in (self.document.get("resources", {}) if resources is None else resources).values():
            for method in resource.get("methods", {}).values():
                answer = method.get("response", {}).get("$ref")
                if method.get("httpMethod") == "GET" and answer and self.is_resource(answer):
                    yield answer
            yield from self.answers(resource.get("resources", {}))

    def is_resource(self, schema):
        known = self.schemas.get(schema, {}).get("properties", {})
        named = any(key in IDENTITY or key.endswith("Reference") for key in known)
        return named and "bindings" not in known and not SKIPPED.match(PREFIX.sub("", schema))

    def types(self):
        for schema in sorted(set(self.answers())):
            name = RENAMED.get(f"{self.name}/{schema}", PREFIX.sub("", schema))
            shape = self.shape({"$ref": schema})
            asset = f"{self.host}/{name}"
            for asset_type in [asset, *ALSO.get(asset, [])]:
                yield asset_type, shape


def main(listing, folder, out):
    path, source = wheel(listing, folder, "google-api-python-client")
    kinds, policy = {}, None
    with zipfile.ZipFile(path) as archive:
        there = set(archive.namelist())
        for api in APIS:
            file = f"googleapiclient/discovery_cache/documents/{api}.json"
            if file not in there:
                raise SystemExit(f"there is no discovery document {api}")
            found = Api(json.loads(archive.read(file)))
            if api == IAM_POLICY:
                policy = found.shape({"$ref": "Policy"})
            for asset_type, shape in found.types():
                kinds[asset_type] = merge(kinds[asset_type], shape) if asset_type in kinds else shape
    for shape in kinds.values():
        shape.get("fields", {}).setdefault("iamPolicy", policy)
    write(out, source | {"licence": "Apache-2.0"}, kinds)


if __name__ == "__main__":
    main(*sys.argv[1:])
