"""Hands in an export and waits for its job:  python3 import_export.py FILE..."""

import os
import pathlib
import sys

from merlon import Merlon


def main(merlon, files):
    for file in map(pathlib.Path, files):
        result = merlon.import_export(file.name, file.read_bytes())
        resources = result["difference"]["resources"]
        print(f"{file.name}: commit {result['sequence']}, {resources['added']} new, {resources['changed']} changed, "
              f"{resources['gone']} gone, {resources['unchanged']} as they were")


if __name__ == "__main__":
    main(Merlon(os.environ["MERLON_URL"], os.environ["MERLON_TOKEN"], os.environ.get("MERLON_CA")), sys.argv[1:])
