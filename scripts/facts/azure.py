"""Field table of Azure from the models and operations of the azure-mgmt packages (MIT).

The packages are read, never imported. Which model is the answer of which resource type follows from the operations:
a GET request builder has the URL, the method that calls it has the model as its return annotation. Two styles of
generated code are read: `_attribute_map` with types in the docstring, and `rest_field` with annotations.
Usage: azure.py PACKAGES.TXT WHEELS OUT.json
"""

import ast
import re
import sys
import zipfile

import entra
from shapes import MAX_DEPTH, enum, merge, pins, wheel, wheels, write

SCALARS = {
    "str": "string", "bytes": "string", "bytearray": "string", "base64": "string", "duration": "string",
    "bool": "bool", "int": "int", "long": "int", "float": "float", "decimal": "float", "iso-8601": "time",
    "rfc-1123": "time", "date": "time", "time": "string", "unix-time": "int", "object": "any", "Any": "any",
    "JSON": "any", "datetime.datetime": "time", "datetime.date": "time", "datetime.timedelta": "string",
    "datetime.time": "string", "decimal.Decimal": "float", "timedelta": "string",
}  # fmt: skip
# what every ARM resource may carry beside its own model
COMMON = {
    "id": "string", "name": "string", "type": "string", "location": "string", "tags": {"map": "string"},
    "sku": "any", "kind": "string", "identity": "any", "zones": {"list": "string"}, "plan": "any",
    "etag": "string", "systemData": "any", "managedBy": "string", "extendedLocation": "any", "properties": "any",
}  # fmt: skip
# fields of older API versions that exports still hold and that no package with operations models any more
OLDER = {"Microsoft.DocumentDB/databaseAccounts": {"fields": {"properties": {"fields": {"ipRangeFilter": "string"}}}}}
# resources that stand before the first /providers/ of their URL
UNPROVIDED = {
    "/subscriptions/{}": ["Microsoft.Resources/subscriptions"],
    "/subscriptions/{}/resourcegroups/{}": [
        "Microsoft.Resources/resourceGroups",
        "Microsoft.Resources/subscriptions/resourceGroups",
    ],
}


class Field:
    """One member: its path in the JSON, and its type as `old` (attribute map) or `new` (annotation) text."""

    def __init__(self, path, kind, enum_name=None):
        self.path, self.kind, self.enum_name = path, kind, enum_name


class Class:
    def __init__(self, name, bases, discriminator):
        self.name, self.bases, self.discriminator = name, bases, discriminator
        self.fields, self.children, self.values = [], [], None


def text(node):
    return node.value if isinstance(node, ast.Constant) else None


def keyword(call, name):
    return next((text(k.value) for k in call.keywords if k.arg == name), None)


def split_key(key):
    """`properties.foo` -> [properties, foo]; an escaped dot is part of the name."""
    return [part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", key)]


def read_class(node):
    bases = [b.id if isinstance(b, ast.Name) else getattr(b, "attr", "") for b in node.bases]
    discriminator = next((text(k.value) for k in node.keywords if k.arg == "discriminator"), None)
    out = Class(node.name, bases, discriminator)
    if any(re.search(r"\bEnum\b", ast.unparse(base)) for base in node.bases):
        out.values = [text(n.value) for n in node.body if isinstance(n, ast.Assign)]
        return out
    enums = docstring_enums(ast.get_docstring(node) or "")
    for item in node.body:
        if isinstance(item, ast.Assign) and getattr(item.targets[0], "id", "") == "_attribute_map":
            for attribute, spec in ast.literal_eval(item.value).items():
                if spec["key"]:
                    out.fields.append(Field(split_key(spec["key"]), spec["type"], enums.get(attribute)))
        elif isinstance(item, ast.Assign) and getattr(item.targets[0], "id", "") == "_subtype_map":
            for subtypes in ast.literal_eval(item.value).values():
                out.children.extend(subtypes.values())
        elif isinstance(item, ast.AnnAssign) and isinstance(item.value, ast.Call):
            if getattr(item.value.func, "id", "") in ("rest_field", "rest_discriminator"):
                name = keyword(item.value, "name") or item.target.id
                seconds = keyword(item.value, "format") == "unix-timestamp"
                out.fields.append(Field([name], "unix-time" if seconds else item.annotation))
    return out


def docstring_enums(doc):
    """attribute -> enum class, from `:vartype x: str or ~azure.mgmt.y.models.Z` (also in lists)."""
    joined = re.sub(r"\s+", " ", doc)
    pattern = r":(?:var)?type (\w+): (?:list\[)?str or ~[\w.]+?\.models\.(\w+)"
    return {name: cls for name, cls in re.findall(pattern, joined)}


class Package:
    """The classes of one `models` folder."""

    def __init__(self, archive, models):
        self.classes = {}
        for name in archive.namelist():
            folder, _, file = name.rpartition("/")
            if folder == models and file.startswith("_") and file.endswith(".py"):
                for node in ast.parse(archive.read(name)).body:
                    if isinstance(node, ast.ClassDef):
                        self.classes[node.name] = read_class(node)
        for cls in list(self.classes.values()):
            if cls.discriminator:
                for base in cls.bases:
                    if base in self.classes:
                        self.classes[base].children.append(cls.name)
        self.resources = set()

    def shape(self, name, stack=(), resources=0):
        cls = self.classes.get(name)
        if cls is None:
            return "any"
        if cls.values is not None:
            return enum(cls.values)
        if name in stack or len(stack) >= MAX_DEPTH:
            return "any"
        return self.family(cls, stack + (name,), resources + (name in self.resources), set())

    def family(self, cls, stack, resources, seen):
        """The fields of a class, its bases and all its subtypes."""
        seen.add(cls.name)
        out = {"fields": {}}
        for base in cls.bases:
            if base in self.classes and base not in seen:
                out = merge(out, self.own(self.classes[base], stack, resources))
        out = merge(out, self.own(cls, stack, resources))
        for child in cls.children:
            if child not in seen and child in self.classes:
                out = merge(out, self.family(self.classes[child], stack, resources, seen))
        return out

    def own(self, cls, stack, resources):
        out = {"fields": {}}
        for base in cls.bases:
            if base in self.classes and base != cls.name:
                out = merge(out, self.own(self.classes[base], stack, resources))
        for field in cls.fields:
            shape = self.field(field, stack, resources)
            for key in reversed(field.path[1:]):
                shape = {"fields": {key: shape}}
            out = merge(out, {"fields": {field.path[0]: shape}})
        return out

    def field(self, field, stack, resources):
        if isinstance(field.kind, str):
            return self.old_type(field.kind, field.enum_name, stack, resources, False)
        return self.new_type(field.kind, stack, resources, False)

    def old_type(self, kind, enum_name, stack, resources, in_list):
        if kind.startswith("["):
            return {"list": self.old_type(kind[1:-1], enum_name, stack, resources, True)}
        if kind.startswith("{"):
            return {"map": self.old_type(kind[1:-1], enum_name, stack, resources, in_list)}
        if kind == "str" and enum_name in self.classes:
            return self.shape(enum_name)
        if kind in SCALARS:
            return SCALARS[kind]
        return self.named(kind, stack, resources, in_list)

    def new_type(self, node, stack, resources, in_list):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.new_type(ast.parse(node.value, mode="eval").body, stack, resources, in_list)
        if isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            return SCALARS.get(dotted) or self.named(node.attr, stack, resources, in_list)
        if isinstance(node, ast.Name):
            return SCALARS.get(node.id) or self.named(node.id, stack, resources, in_list)
        if not isinstance(node, ast.Subscript):
            return "any"
        outer = getattr(node.value, "id", getattr(node.value, "attr", "")).lower()
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if outer == "optional":
            return self.new_type(inner[0], stack, resources, in_list)
        if outer in ("list", "sequence"):
            return {"list": self.new_type(inner[0], stack, resources, True)}
        if outer in ("dict", "mapping"):
            return {"map": self.new_type(inner[1], stack, resources, in_list)}
        if outer == "literal":
            return enum([text(n) or ast.unparse(n).rpartition(".")[2] for n in inner])
        if outer == "union":
            shapes = [self.new_type(n, stack, resources, in_list) for n in inner]
            known = [s for s in shapes if s != "string"]
            return known[0] if len(known) == 1 else ("string" if not known else "any")
        return "any"

    def named(self, name, stack, resources, in_list):
        """A model; a resource inside a resource is a reference, unless it is a child in a list."""
        if name in self.resources and (resources > 1 or (resources == 1 and not in_list)):
            return {"fields": dict(COMMON)}
        return self.shape(name, stack, resources)


def resource_type(url):
    """The resource types that a GET URL addresses, or none if it addresses a list or an action."""
    plain = re.sub(r"\{[^}]*\}", "{}", url).rstrip("/")
    if "/providers/" not in plain.lower():
        return UNPROVIDED.get(re.sub("resourceGroups", "resourcegroups", plain), [])
    tail = re.split(r"/providers/", plain, flags=re.I)[-1].split("/")
    provider, rest = tail[0], tail[1:]
    if not re.match(r"microsoft\.", provider, re.I) or not rest or len(rest) % 2 or "{}" in rest[::2]:
        return []
    name = provider.partition(".")[2]
    return ["/".join([f"Microsoft.{name[:1].upper()}{name[1:]}", *rest[::2]])]


def answer(method):
    """The model that a method returns: from its annotation, or from its type comment."""
    said = ast.unparse(method.returns) if method.returns else method.type_comment or ""
    found = re.fullmatch(r"(?:\(.*\) -> )?(?:Optional\[)?['\"]*(?:Optional\[)?_models\.(\w+)\]?['\"]*\]?", said.strip())
    return found[1] if found else None


def url_of(node):
    """The first URL template in a piece of code."""
    texts = (text(n) for n in ast.walk(node))
    return next((t for t in texts if isinstance(t, str) and len(t) > 1 and t.startswith("/")), None)


def reads(source):
    """(resource type, model name) of each method that GETs one resource."""
    tree, urls, out = ast.parse(source, type_comments=True), {}, []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("build_"):
            get = any(isinstance(n, ast.Call) and keyword(n, "method") == "GET" for n in ast.walk(node))
            if get and url_of(node):
                urls[node.name] = url_of(node)
    for node in (n for n in tree.body if isinstance(n, ast.ClassDef)):
        for method in (m for m in node.body if isinstance(m, ast.FunctionDef) and answer(m)):
            called = {getattr(n.func, "id", "") for n in ast.walk(method) if isinstance(n, ast.Call)}
            found = [urls[name] for name in called & urls.keys()] or metadata(node, method)
            out.extend((kind, answer(method)) for url in found for kind in resource_type(url))
    return out


def metadata(cls, method):
    """The URL that generators of 2020 and 2021 hung on the method: `get.metadata = {'url': ...}`."""
    if not any(isinstance(n, ast.Attribute) and ast.unparse(n) == "self._client.get" for n in ast.walk(method)):
        return []
    name = f"{method.name}.metadata"
    return [url_of(n) for n in cls.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == name and url_of(n)]


def tables(path):
    """(version, {type: shape}) of each models folder in a wheel."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        folders = sorted({n.rpartition("/")[0] for n in names if re.search(r"(?<!aio)/models/_models(_py3)?\.py$", n)})
        for folder in folders:
            root = folder[: -len("/models")]
            package, found = Package(archive, folder), []
            for name in names:
                if name.startswith(f"{root}/operations/") and name.endswith(".py"):
                    found.extend(reads(archive.read(name).decode()))
            package.resources = {model for _, model in found if "id" in package_fields(package, model)}
            out = {}
            for kind, model in found:
                shape = package.shape(model)
                if isinstance(shape, dict) and "id" in shape.get("fields", {}):
                    out[kind] = merge(out[kind], shape) if kind in out else shape
            yield root.rpartition("/")[2], out


def package_fields(package, model):
    cls = package.classes.get(model)
    if cls is None or cls.values is not None:
        return set()
    own = {f.path[0] for f in cls.fields}
    return own.union(*(package_fields(package, base) for base in cls.bases if base != model), set())


def common(shape):
    fields = dict(shape["fields"])
    for key, standard in COMMON.items():
        fields.setdefault(key, standard)
    return {"fields": fields}


def main(listing, folder, out):
    packages, read = pins(listing)
    packages = [pin for pin in packages if pin[0].startswith("azure-mgmt-")]
    kinds = {}  # lower-cased type -> [type, shape, has a stable version]
    for path in wheels(folder, packages):
        for version, table in sorted(tables(path), key=lambda found: found[0], reverse=True):  # newest first
            stable = "preview" not in version
            for kind, shape in sorted(table.items()):
                known = kinds.setdefault(kind.lower(), [kind, shape, stable])
                if stable or not known[2]:  # a preview counts only until there is something stable
                    known[0] = min(known[0], kind)
                    known[1] = merge(known[1], shape)
                    known[2] = known[2] or stable
    for kind, shape in OLDER.items():
        kinds[kind.lower()][1] = merge(kinds[kind.lower()][1], shape)
    table = {kind: common(shape) for kind, shape, _ in kinds.values()}
    graph, _ = wheel(listing, folder, "msgraph-sdk")
    table.update(entra.shapes(graph))
    version = f"{len(packages) + 1} packages, see scripts/facts/packages.txt"
    write(out, {"name": "azure-mgmt packages and msgraph-sdk", "version": version, "licence": "MIT", "date": read}, table)


if __name__ == "__main__":
    main(*sys.argv[1:])
