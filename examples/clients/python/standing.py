"""Writes where things stand against a standard as CSV, then again after each commit:

    python3 standing.py STANDARD FILE [--commits N]
"""

import argparse
import csv
import json
import os

from merlon import Merlon, segment


def export(merlon, standard, file):
    """Writes the requirements with their states as CSV; gives the commit that this shows."""
    with merlon.open("GET", f"/standards/{segment(standard)}") as answer:
        commit, found = int(answer.headers["merlon-as-of"]), json.load(answer)
    columns = ["id", "family", "title", "state", "healthy", "unhealthy", "unknown", "checks"]
    with open(file, "w", newline="", encoding="utf-8") as table:
        rows = csv.writer(table)
        rows.writerow([*columns, "attested"])
        for it in found["requirements"]:
            attested = it.get("attestation", {}).get("state", "")
            cells = [" ".join(it[name]) if name == "checks" else it[name] for name in columns]
            rows.writerow([*cells, attested])
    return commit


def main(merlon, standard, file, commits=1):
    seen = export(merlon, standard, file)
    print(f"{file}: {standard} as of commit {seen}", flush=True)
    for commit in merlon.events(after=seen):
        if commits <= 0:
            return
        if commit > seen:
            seen = export(merlon, standard, file)
            print(f"{file}: {standard} as of commit {seen}", flush=True)
            commits -= 1
        if commits <= 0:
            return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("standard")
    parser.add_argument("file")
    parser.add_argument("--commits", type=int, default=1)
    server = Merlon(os.environ["MERLON_URL"], os.environ["MERLON_TOKEN"], os.environ.get("MERLON_CA"))
    main(server, **vars(parser.parse_args()))
