"""Tries the interface of a real server: every operation of its OpenAPI document with schemathesis, and the client of
`examples/clients` as a person would use it.

    python3 check.py --merlon target/debug/merlon --work target/interface [--schemathesis st] [--examples 12]
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SAMPLE = ROOT / "examples" / "larkspur-freight"
PASSWORD = "nine blue lamps at sea"
PATIENCE = 120
# Seconds after which a run of schemathesis is given up: several times what it takes on a busy machine.
LONGEST = 1200
# The program is built for debugging and the machine may be busy: an answer may take longer than in service.
SLOWLY = {"MERLON__SERVER__REQUEST_TIMEOUT": "2m"}


class Server:
    """A running `merlon serve` over the sample estate, with its owner signed in; used with `with`."""

    def __init__(self, merlon, work):
        self.merlon, self.work, self.process = merlon, work, None

    def __enter__(self):
        try:
            self.start(self.merlon, self.work)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, kind, *_):
        # After an error there is nothing to learn from how it ends.
        self.stop() if kind is None else self.kill()

    def start(self, merlon, work):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        data, self.log = work / "data", work / "log"
        subprocess.run([merlon, "import", SAMPLE, "--data", data, "-q"], check=True, stdout=subprocess.DEVNULL)
        variables = {**SLOWLY, **os.environ}
        with open(work / "printed", "wb") as printed, open(self.log, "wb") as log:
            command = [merlon, "serve", "--data", data, "--listen", "127.0.0.1:0"]
            self.process = subprocess.Popen(command, stdout=printed, stderr=log, env=variables)
        address = self.wait(self.log, r"listening on (http://[0-9.:]+)")
        self.url, secret = address, self.wait(work / "printed", r"/set-up#(\w+)")
        self.until_ready()
        self.headers = {"sec-fetch-site": "same-origin"}
        owner = {"secret": secret, "name": "ada", "displayName": "Ada", "password": PASSWORD}
        headers, _ = self.ask("POST", "/set-up", owner)
        self.headers["cookie"] = headers["set-cookie"].split(";")[0]

    def wait(self, file, pattern):
        """The first group of a pattern in what the server wrote, once it has."""
        for _ in range(PATIENCE * 10):
            found = re.search(pattern, file.read_text(errors="replace"))
            if found:
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"the server did not start:\n{self.log.read_text(errors='replace')}")

    def until_ready(self):
        for _ in range(PATIENCE * 10):
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=10).close()
                return
            except OSError:
                time.sleep(0.1)
        sys.exit("the server did not become ready")

    def ask(self, method, path, body=None):
        """The header and the body of an answer; whatever is no success ends the run."""
        data = None if body is None else json.dumps(body).encode()
        headers = {**self.headers, "content-type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
                return answer.headers, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}")

    def get(self, path):
        return self.ask("GET", path)[1]

    def post(self, path, body):
        return self.ask("POST", path, body)[1]

    def token(self):
        return self.post("/me/tokens", {"name": "tries", "role": "owner"})

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        code = self.process.poll()
        if code is not None:
            sys.exit(f"the server went down with {code}:\n{self.log.read_text(errors='replace')[-4000:]}")
        self.process.terminate()
        try:
            code = self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            sys.exit(f"the server did not stop:\n{self.log.read_text(errors='replace')[-4000:]}")
        # 6: stopped before everything in hand was finished.
        if code not in (0, 6):
            sys.exit(f"the server ended with {code}:\n{self.log.read_text(errors='replace')[-4000:]}")


def furnish(server):
    """Puts one of everything there; gives what there is, for the hooks."""
    number = lambda it: it["number"]
    service = server.post("/users", {"name": "robot", "displayName": "Robot", "kind": "service"})
    person = server.post("/users", {"name": "bob", "displayName": "Bob", "password": PASSWORD + " too"})
    group = server.post("/groups", {"name": "auditors", "claim": "merlon-auditors"})
    server.ask("PUT", f"/groups/{group['number']}/members/{person['number']}")
    grant = server.post("/grants", {"group": group["number"], "role": "reader"})
    other = server.post(f"/users/{service['number']}/tokens", {"name": "robot", "role": "reader"})
    checks = [it["id"] for it in server.get("/recommendations?state=unhealthy&limit=20")["items"]]
    resources = [it["id"] for it in server.get("/resources?state=unhealthy&limit=20")["items"]]
    scopes = [it["id"] for it in server.get("/scopes")["items"][:10]]
    standards = [it["id"] for it in server.get("/standards")]
    standard = server.get(f"/standards/{standards[0]}")
    requirements = [it["id"] for it in standard["requirements"][:10]]
    exempt = {
        "category": "waiver", "target": {"check": checks[0]}, "place": {"resource": resources[0]},
        "reason": "tried out", "approver": "Ada",
    }
    server.post("/exemptions", exempt)
    proof = {"name": "proof.txt", "mediaType": "text/plain", "content": "cHJvb2Y="}
    attest = {"state": "compliant", "comment": "looked at it", "evidence": [proof]}
    where = urllib.parse.quote(requirements[0], safe="")
    server.ask("PUT", f"/standards/{standards[0]}/requirements/{where}/attestation", attest)
    me = server.get("/me")
    own = {"account": number(me["account"]), "grant": number(me["grants"][0])}
    own["session"] = next(it["number"] for it in server.get("/me/sessions") if it.get("isThis"))
    cluster = (SAMPLE / "kubernetes/tracking-prod/services.yaml").read_text()
    ask = [{"query": it} for it in (
        "MATCH (n:Resource) RETURN n.merlon.kind AS kind, count(n) AS n ORDER BY n DESC",
        "MATCH (a)-[e]->(b) RETURN a.merlon.name, type(e), b LIMIT 5",
        "MATCH p = (a)-[*1..2]->(b) RETURN p LIMIT 3",
    )]
    role = lambda **it: {"role": "reader", **it}
    return {
        "own": own, "check": checks, "resource": resources, "scope": scopes, "standard": standards,
        "requirement": requirements, "sequence": [1, 2], "account": [number(service), number(person)],
        "number": [1, 2, 3, *(it["number"] for it in server.get("/jobs")["items"][:3])],
        "kind": [it["id"] for it in server.get("/content/kinds")[:20]],
        # With a second factor demanded, the session of the next run could do nothing any more.
        "setting": [it["name"] for it in server.get("/settings") if it["name"] != "signIn.secondFactor"],
        "bodies": {
            "POST /query": ask,
            "POST /imports": [cluster],
            "POST /what-if": [cluster],
            "POST /exemptions": [exempt, {**exempt, "target": {"check": checks[1]}, "place": "everywhere"}],
            "POST /exemptions/preview": [exempt, {**exempt, "target": "everything", "place": {"scope": scopes[0]}}],
            "POST /score/what-if": [{"fixed": [{"what": it}]} for it in checks[:3]],
            "POST /grants": [role(account=number(person)), role(account=number(service), scope=scopes[0])],
            "POST /users/{number}/tokens": [role(name="again"), role(name="narrow", scope=scopes[0])],
            "PUT /standards/{id}/requirements/{requirement}/attestation": [attest],
        },
        "made": {"grant": number(grant), "token": number(other)},
    }


def schemathesis(server, program, examples, seed, there):
    fresh = server.token()
    there["own"]["token"] = fresh["number"]
    secret = server.headers["cookie"].split("=", 1)[1]
    runs = [
        # What a script may: everything but what takes a session.
        ("token", f'[auth.openapi.token]\nbearer = "{fresh["token"]}"\n', [], ["Sec-Fetch-Site:same-origin"]),
        # What a browser may: one's own account, and the doors that are open to all.
        ("session", f'[auth.openapi.session]\napi_key = "{secret}"\n',
         ["--include-path-regex", "/(me|sign-in|set-up)", "--workers", "1", "--exclude-path-regex", "sign-out"],
         ["Sec-Fetch-Site:same-origin"]),
    ]
    failed = False
    for name, auth, chosen, headers in runs:
        folder = server.log.parent / name
        folder.mkdir()
        (folder / "schemathesis.toml").write_text((HERE / "schemathesis.toml").read_text() + "\n" + auth)
        command = [
            program, "--config-file", folder / "schemathesis.toml", "run", f"{server.url}/api/v1/openapi.json",
            "--max-examples", str(examples), "--seed", str(seed), *chosen, *(it for header in headers for it in ("-H", header)),
        ]
        variables = {**os.environ, "MERLON_THERE": json.dumps(there), "PYTHONPATH": str(HERE)}
        if server.process.poll() is None:
            failed |= subprocess.run(command, cwd=folder, env=variables, timeout=LONGEST).returncode != 0
    return failed


def clients(server):
    """The foreign client, against the same server; nobody else changes anything meanwhile."""
    token = server.token()["token"]
    variables = {**os.environ, "MERLON_URL": server.url, "MERLON_TOKEN": token}
    command = [sys.executable, ROOT / "examples/clients/python/try_all.py"]
    return subprocess.run(command, env=variables, timeout=LONGEST).returncode != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--merlon", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--schemathesis", default="st")
    parser.add_argument("--examples", type=int, default=8)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--only", choices=["clients", "schemathesis"])
    arguments = parser.parse_args()
    # Whoever ends this ends the server with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    failed = False
    with Server(arguments.merlon.resolve(), arguments.work.resolve()) as server:
        if arguments.only != "schemathesis":
            failed |= clients(server)
        if arguments.only != "clients":
            failed |= schemathesis(server, arguments.schemathesis, arguments.examples, arguments.seed, furnish(server))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
