"""Tables of the roles that Azure and Google Cloud come with, from the iam-dataset of Ian Mckay (MIT).

azure: `azure/built-in-roles-raw.json`, as a list or a role a line. Kept: id, name, permissions with their condition; and
`dataActions`, how actions of the data plane are told from those of the control plane.
gcp: a role a line (`name`, `includedPermissions`), plain or gzip. Kept: names of permissions, each once, and of each role
the numbers of its permissions as differences.
Usage: roles.py azure|gcp SOURCE OUT.json, then zstd -19 OUT.json -o content/facts/roles-<cloud>.json.zst
"""

import fnmatch
import gzip
import json
import sys

LISTS = ("actions", "notActions", "dataActions", "notDataActions")
SOURCE = {"source": "https://github.com/iann0036/iam-dataset", "commit": "2073fa52ac00", "licence": "MIT"}
# Operations of the control plane that lie under a data action with a wildcard, by the reference of permissions
# (https://learn.microsoft.com/azure/role-based-access-control/permissions/security).
CONTROL = ["microsoft.keyvault/vaults/secrets/read", "microsoft.keyvault/vaults/secrets/write"]


def rows(path):
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    with opened as file:
        text = file.read().strip()
    return json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]


def permission(given):
    kept = {key: given[key] for key in LISTS if given.get(key)}
    return kept | ({"condition": given["condition"]} if given.get("condition") else {})


def azure(found):
    roles = [
        {"id": row["name"].lower(), "name": row["roleName"], "permissions": [permission(it) for it in row["permissions"]]}
        for row in sorted(found, key=lambda row: row["name"].lower())
    ]
    control, data = set(CONTROL), set()
    for row in roles:
        for it in row["permissions"]:
            control.update(a.lower() for a in it.get("actions", []) + it.get("notActions", []))
            data.update(a.lower() for a in it.get("dataActions", []) + it.get("notDataActions", []))
    plain = [action for action in control if "*" not in action and action not in CONTROL]

    def tells(pattern):
        """Whether whatever fits the pattern is an action of the data plane."""
        if "*" not in pattern:
            return True
        is_narrow = pattern.count("/") >= 3 or not pattern.endswith("*")
        return is_narrow and not any(fnmatch.fnmatchcase(action, pattern) for action in plain)

    return {"roles": roles, "dataActions": sorted(filter(tells, data)), "controlActions": sorted(CONTROL)}


def gcp(found):
    names = sorted({name for row in found for name in row.get("includedPermissions", [])})
    number = {name: at for at, name in enumerate(names)}
    roles = {}
    for row in sorted(found, key=lambda row: row["name"]):
        at, steps = 0, []
        for it in sorted(number[name] for name in row.get("includedPermissions", [])):
            steps.append(it - at)
            at = it
        roles[row["name"]] = steps
    return {"permissions": names, "roles": roles}


def main(cloud, source, out):
    table = {"azure": azure, "gcp": gcp}[cloud](rows(source))
    with open(out, "w") as file:
        json.dump(SOURCE | table, file, separators=(",", ":"))


if __name__ == "__main__":
    main(*sys.argv[1:])
