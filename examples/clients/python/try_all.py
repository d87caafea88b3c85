"""Does the three tasks against a server that nobody else changes meanwhile, and looks at what came of them. Part of
`cargo xtask test`; needs MERLON_URL and the MERLON_TOKEN of an owner."""

import csv
import json
import os
import pathlib
import tempfile
import threading

import exempt_worst
import standing
from merlon import Merlon, Problem, segment

ESTATE = pathlib.Path(__file__).resolve().parents[2] / "larkspur-freight"


def fails(code, what):
    """Whether something is refused with this code."""
    try:
        what()
    except Problem as problem:
        assert problem.code == code, problem
        return problem
    raise AssertionError(f"`{code}` was expected")


def import_and_wait(merlon):
    """An export with one more namespace: the job says what is new, and it is there."""
    names = [("kube-system", "5d9f1f4e-0000-4000-8000-c11e47000001"), ("brought-by-a-client", None)]
    manifest = {
        "apiVersion": "v1", "kind": "List",
        # The namespace `kube-system` says which cluster it is.
        "items": [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, **({"uid": uid} if uid else {})}}
                  for name, uid in names],
    }
    before = merlon.ask("GET", "/resources", {"q": "brought-by-a-client"})["total"]
    result = merlon.import_export("more.json", json.dumps(manifest).encode())
    assert before == 0 and result["difference"]["resources"]["added"] >= 1, result
    page = merlon.ask("GET", "/resources", {"q": "brought-by-a-client", "wait": result["sequence"]})
    assert page["total"] == 1, page
    again = merlon.import_export("more.json", json.dumps(manifest).encode())
    assert again["difference"]["resources"]["added"] == 0, again
    print("import: ok")


def list_and_exempt(merlon):
    """Pages give each recommendation once; what the preview says is what then is."""
    # risk changes as soon as attack paths of a newer state are known; titles do not
    listed = {"state": "unhealthy", "sort": "title"}
    paged = [it["id"] for it in merlon.items("/recommendations", **listed, limit=3)]
    whole = [it["id"] for it in merlon.items("/recommendations", **listed, limit=1000)]
    assert paged == whole and len(set(paged)) == len(paged) > 3, (paged, whole)
    preview, decided = exempt_worst.main(merlon, do_it=True)
    assert preview["changed"] == decided["assessments"] > 0, (preview, decided)
    assert abs(preview["after"]["percent"] - decided["score"]["after"]["percent"]) < 1e-9, (preview, decided)
    record = merlon.ask("GET", f"/exemptions/{decided['exemption']}")
    assert record["active"] and "until" in record, record
    check = merlon.ask("GET", f"/recommendations/{segment(record['target']['check'])}")
    assert check["counted"]["unhealthy"] == 0 < check["judged"]["unhealthy"], check
    past = exempt_worst.exemption(paged[1], -1, "too late", "Ada")
    assert "until" in fails("invalid", lambda: merlon.ask("POST", "/exemptions", body=past)).fields
    print("exemption: ok")
    return decided["exemption"]


def export_and_follow(merlon, exemption):
    """The table is written again when the exemption ends, which is a commit."""
    standard = merlon.ask("GET", "/standards")[0]["id"]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "standing.csv"
        commit = standing.export(merlon, standard, file)
        rows = list(csv.DictReader(file.open(newline="", encoding="utf-8")))
        wanted = merlon.ask("GET", f"/standards/{segment(standard)}")
        assert [it["id"] for it in rows] == [it["id"] for it in wanted["requirements"]]
        assert sum(it["state"] == "failed" for it in rows) == wanted["failed"]
        follower = threading.Thread(target=standing.main, args=(merlon, standard, file), daemon=True)
        follower.start()
        ended = merlon.ask("POST", f"/exemptions/{exemption}/end")
        assert ended["sequence"] > commit
        follower.join(timeout=60)
        assert not follower.is_alive(), "no event came for the commit"
    fails("not-found", lambda: merlon.ask("GET", "/standards/none"))
    print("standing: ok")


def main():
    merlon = Merlon(os.environ["MERLON_URL"], os.environ["MERLON_TOKEN"], os.environ.get("MERLON_CA"))
    import_and_wait(merlon)
    export_and_follow(merlon, list_and_exempt(merlon))
    fails("signed-out", lambda: Merlon(os.environ["MERLON_URL"], "merlon_1_none").ask("GET", "/me"))


if __name__ == "__main__":
    main()
