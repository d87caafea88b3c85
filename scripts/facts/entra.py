"""Shapes of Entra ID from the models of msgraph-sdk (MIT); `azure.py` puts them into the table of Azure.

Keyed "microsoft.graph.user". The package is read, never imported: `get_field_deserializers` maps each JSON key to the
reader of its value. An entity inside an entity (members, owners, calendars) is a reference: "any".
"""

import ast
import re
import zipfile

from shapes import MAX_DEPTH, enum

KINDS = """
administrativeUnit appRoleAssignment application authenticationMethodsPolicy authorizationPolicy conditionalAccessPolicy
crossTenantAccessPolicy device directoryRole domain group identitySecurityDefaultsEnforcementPolicy namedLocation
oAuth2PermissionGrant organization servicePrincipal unifiedRoleAssignment unifiedRoleDefinition
unifiedRoleEligibilitySchedule user userRegistrationDetails
""".split()
READERS = {
    "str": "string", "bool": "bool", "int": "int", "float": "float", "datetime": "time", "date": "time",
    "uuid": "string", "bytes": "string", "timedelta": "string", "time": "string",
}  # fmt: skip
FOLDER = "msgraph/generated/models/"


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", "_", name).lower()


class Models:
    def __init__(self, archive):
        self.archive, self.classes = archive, {}
        # `OAuth2PermissionGrant` lives in o_auth2_permission_grant.py: compare without underscores
        self.files = {re.sub(r"\W|_", "", n[len(FOLDER) : -3]): n for n in archive.namelist() if n.startswith(FOLDER)}

    def node(self, name):
        if name not in self.classes:
            file = self.files.get(snake(name).replace("_", ""))
            tree = ast.parse(self.archive.read(file)) if file else ast.Module([], [])
            found = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
            self.classes[name] = found[0] if found else None
        return self.classes[name]

    def bases(self, name):
        """The class and all that it derives from."""
        node = self.node(name)
        if node is None:
            return []
        return [name] + [b for base in node.bases for b in self.bases(getattr(base, "id", ""))]

    def shape(self, name, stack=()):
        node = self.node(name)
        if node is None or name in stack or len(stack) >= MAX_DEPTH:
            return "any"
        if any("Enum" in ast.unparse(base) for base in node.bases):
            return enum([ast.literal_eval(n.value)[0] for n in node.body if isinstance(n, ast.Assign)])
        if stack and "Entity" in self.bases(name):
            return "any"
        fields = {"@odata.type": "string"}
        for base in reversed(self.bases(name)):
            fields.update(self.own(self.node(base), stack + (name,)))
        return {"fields": fields}

    def own(self, node, stack):
        out = {}
        for pair in (n for n in ast.walk(node) if isinstance(n, ast.Dict)):
            for key, value in zip(pair.keys, pair.values):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Lambda):
                    out[key.value] = self.value(ast.unparse(value.body), stack)
        return out

    def value(self, text, stack):
        found = re.search(r"n\.get_(\w+?)_values?\((\w*)\)", text)
        reader, argument = found.groups() if found else ("", "")
        if reader == "object" or reader == "enum":
            return self.shape(argument, stack)
        if reader in ("collection_of_object", "collection_of_enum"):
            return {"list": self.shape(argument, stack)}
        if reader == "collection_of_primitive":
            return {"list": READERS.get(argument.lower(), "string")}
        return READERS.get(reader, "any")


def shapes(path):
    """native type -> shape."""
    with zipfile.ZipFile(path) as archive:
        models = Models(archive)
        out = {}
        for kind in KINDS:
            shape = models.shape(kind[0].upper() + kind[1:])
            if shape == "any":
                raise SystemExit(f"msgraph-sdk has no model of {kind}")
            out[f"microsoft.graph.{kind}"] = shape
        return out
