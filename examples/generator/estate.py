"""What the clouds of the example estate share: stable ids, times, tags, and writing files.

Everything is invented. Account ids are the documentation ones, addresses are from RFC 5737 and RFC 1918, ids are derived
from names, so that two runs give the same bytes.
"""

import datetime
import hashlib
import json
import pathlib
import shutil
import uuid

COMPANY = "Larkspur Freight"
DOMAIN = "larkspurfreight.example"
NOW = datetime.datetime(2026, 11, 20, 6, 0, 0)
SPACE = uuid.uuid5(uuid.NAMESPACE_DNS, DOMAIN)


def guid(name):
    return str(uuid.uuid5(SPACE, name))


def digest(name, length=17):
    return hashlib.sha256(f"{DOMAIN}/{name}".encode()).hexdigest()[:length]


def number(name, digits):
    return str(int(digest(name, 24), 16))[-digits:].rjust(digits, "1")


def ago(days, hours=0, form="%Y-%m-%dT%H:%M:%S"):
    return (NOW - datetime.timedelta(days=days, hours=hours)).strftime(form)


class Folder:
    """The output folder; a file is written once."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.written = set()

    def clear(self, *names):
        for name in names:
            shutil.rmtree(self.root / name, ignore_errors=True)

    def text(self, name, text):
        if name in self.written:
            raise ValueError(f"{name} is written twice")
        self.written.add(name)
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def json(self, name, value):
        self.text(name, json.dumps(value, indent=2) + "\n")

    def lines(self, name, values):
        self.text(name, "".join(json.dumps(value, separators=(",", ":")) + "\n" for value in values))
