"""Field table of Kubernetes from the models and operations of its Python client (Apache-2.0).

Keyed by kind, with its group unless it is core: "Pod", "apps/Deployment". The package is read, never imported: the
operation that reads one object gives group and model, `openapi_types` and `attribute_map` give the fields.
Usage: k8s.py PACKAGES.TXT WHEELS OUT.json
"""

import ast
import re
import sys
import zipfile

from shapes import MAX_DEPTH, wheel, write

SCALARS = {
    "str": "string", "bytes": "string", "file": "string", "bool": "bool", "int": "int", "float": "float",
    "datetime": "time", "date": "time", "object": "any",
}  # fmt: skip


def models(archive):
    """class -> {JSON key: type text}."""
    out = {}
    for name in archive.namelist():
        if re.match(r"kubernetes/client/models/\w+\.py$", name):
            for node in ast.parse(archive.read(name)).body:
                if isinstance(node, ast.ClassDef):
                    tables = {}
                    for item in node.body:
                        target = getattr(item, "target", None) or getattr(item, "targets", [None])[0]
                        if getattr(target, "id", "") in ("openapi_types", "attribute_map"):
                            tables[target.id] = ast.literal_eval(item.value)
                    if len(tables) == 2:
                        types, keys = tables["openapi_types"], tables["attribute_map"]
                        out[node.name] = {keys[attribute]: kind for attribute, kind in types.items()}
    return out


def shape(classes, kind, stack=()):
    if found := re.match(r"[Ll]ist\[(.*)\]$", kind):
        return {"list": shape(classes, found[1], stack)}
    if found := re.match(r"[Dd]ict[\[(]str, (.*)[\])]$", kind):
        inner = shape(classes, found[1], stack)
        return "any" if inner == "any" else {"map": inner}
    if kind in SCALARS:
        return SCALARS[kind]
    if kind not in classes or kind in stack or len(stack) >= MAX_DEPTH:
        return "any"
    return {"fields": {key: shape(classes, inner, stack + (kind,)) for key, inner in classes[kind].items()}}


def objects(archive):
    """(group, version, model) of each object that can be read by its name."""
    mark = re.compile(r"""'200': "(\w+)"|method='(\w+)',\s*resource_path='([^']+)'""")
    for name in archive.namelist():
        if re.match(r"kubernetes/client/api/\w+\.py$", name):
            answer = None
            for model, method, path in mark.findall(archive.read(name).decode()):
                if model:
                    answer = model
                elif method == "GET" and path.endswith("/{name}"):
                    found = re.match(r"/api(?:s/([^/]+))?/(v[^/]+)/", path)
                    if found and answer:
                        yield found[1] or "", found[2], answer


def main(listing, folder, out):
    path, source = wheel(listing, folder, "kubernetes")
    kinds = {}
    with zipfile.ZipFile(path) as archive:
        classes = models(archive)
        # stable versions last, so that they replace the others
        for group, _, model in sorted(objects(archive), key=lambda o: (o[0], bool(re.fullmatch(r"v\d+", o[1])), o[1])):
            kind = re.sub(r"^[A-Z]?[A-Za-z]*?V\d+((alpha|beta)\d+)?", "", model)
            kinds[f"{group}/{kind}".lstrip("/")] = shape(classes, model)
    write(out, source | {"licence": "Apache-2.0"}, kinds)


if __name__ == "__main__":
    main(*sys.argv[1:])
