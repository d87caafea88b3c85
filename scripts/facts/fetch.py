"""Downloads the pinned packages from PyPI; what is there already is not asked for again.

Usage: fetch.py PACKAGES.TXT WHEELS
"""

import pathlib
import subprocess
import sys

from shapes import pins


def main(listing, folder):
    there = {path.name.lower().replace("_", "-") for path in pathlib.Path(folder).glob("*.whl")}
    rounds = []  # pip refuses two versions of one package in one call
    for name, version in pins(listing)[0]:
        if any(file.startswith(f"{name}-{version}-".lower()) for file in there):
            continue
        place = next((r for r in rounds if name not in r), None)
        if place is None:
            rounds.append(place := {})
        place[name] = version
    for wanted in rounds:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        subprocess.run(
            [*command, "--dest", folder, *(f"{name}=={version}" for name, version in wanted.items())],
            check=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
