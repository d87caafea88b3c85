"""What the extractors share: the grammar of a shape, the size limits and the output file.

A shape is "any" | "bool" | "int" | "float" | "string" | "time" | {"enum": [..]} | {"list": S} | {"map": S}
| {"fields": {key: S}}. Recursion is cut to "any". No prose ever enters a table.
"""

import json
import pathlib
import re

MAX_DEPTH = 12
MAX_ENUM = 80  # longer lists (instance types, regions) are open in practice and only cost space


def enum(values):
    """A closed list of strings, or "string" where there is none worth keeping."""
    values = sorted({v for v in values if isinstance(v, str) and v})
    return {"enum": values} if 0 < len(values) <= MAX_ENUM else "string"


def merge(a, b):
    """The union of two shapes of the same place (polymorphic models, several versions)."""
    if a == b or b == "any":
        return a
    if a == "any":
        return b
    if isinstance(a, dict) and isinstance(b, dict):
        if "fields" in a and "fields" in b:
            out = dict(a["fields"])
            for key, shape in b["fields"].items():
                out[key] = merge(out[key], shape) if key in out else shape
            return {"fields": out}
        if "enum" in a and "enum" in b:
            return enum(a["enum"] + b["enum"])
        if "list" in a and "list" in b:
            return {"list": merge(a["list"], b["list"])}
        if "map" in a and "map" in b:
            return {"map": merge(a["map"], b["map"])}
    strings = [s for s in (a, b) if s == "string" or (isinstance(s, dict) and "enum" in s)]
    return "string" if len(strings) == 2 else "any"


def pins(listing):
    """[(package, pinned version)], and the day on which the pins were chosen."""
    found, read = [], None
    for line in pathlib.Path(listing).read_text().splitlines():
        if match := re.match(r"#\s*read:\s*(\S+)", line):
            read = match[1]
        elif match := re.match(r"([A-Za-z0-9.-]+)==(\S+)", line):
            found.append((match[1], match[2]))
    return found, read


def wheel(listing, folder, package):
    """The downloaded wheel of a package, and the `source` of a table that is made from it."""
    packages, read = pins(listing)
    version = dict(packages)[package]
    found = wheels(folder, [(package, version)])[0]
    return found, {"name": package, "version": version, "date": read}


def wheels(folder, packages):
    """The downloaded wheels, in the order of the packages."""
    out = []
    for package, version in packages:
        stem = package.replace("-", "_")
        found = sorted(pathlib.Path(folder).glob(f"{stem}-{version}-*.whl"))
        if not found:
            raise SystemExit(f"no wheel of {package} {version} in {folder}")
        out.append(found[-1])
    return out


def write(out, source, kinds):
    """The table, in an order that never changes."""
    table = {"source": source, "kinds": {k: kinds[k] for k in sorted(kinds)}}
    text = json.dumps(table, separators=(",", ":"), sort_keys=True)
    pathlib.Path(out).write_text(text + "\n")
    print(f"{out}: {len(kinds)} kinds, {len(text)} bytes")
