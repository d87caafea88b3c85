"""Makes the table of AWS managed policies: policies_aws.py DATASET.jsonl > policies-aws.json

DATASET has one policy a line with `arn`, `version` and `document` (the default version), as collected from AWS's own
API in github.com/iann0036/iam-dataset and github.com/zoph-io/MAMIP (both MIT; the documents are AWS's). Of two lines
with one ARN the later version counts. Comments of AWS in the documents (`Sid`) are left out: nothing evaluates them.
"""

import json
import sys


def number(row):
    return int(str(row.get("version") or "v0").lstrip("v") or 0)


def main(path):
    newest = {}
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        arn = row.get("arn")
        if arn and (arn not in newest or number(row) >= number(newest[arn])):
            newest[arn] = row
    policies = {}
    for arn, row in sorted(newest.items()):
        document = row["document"]
        statements = document["Statement"]
        statements = statements if isinstance(statements, list) else [statements]
        bare = [{k: v for k, v in it.items() if k != "Sid"} for it in statements]
        policies[arn] = {**document, "Statement": bare}
    source = {
        "name": "iann0036/iam-dataset, zoph-io/MAMIP",
        "version": "2073fa52ac00, 0387244e53a3",
        "licence": "MIT",
        "date": "2026-11-21",
    }
    json.dump({"source": source, "policies": policies}, sys.stdout, separators=(",", ":"), sort_keys=True)


main(sys.argv[1])
