"""A client of Merlon's HTTP interface, written from its OpenAPI document alone. Python 3.9 or newer, no packages.

What it does beside sending requests: it waits where the server says "later" (429, 503 with `Retry-After`), follows the
pages of lists, and turns problems (`application/problem+json`) into exceptions that keep their code for programs.
"""

import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request


class Problem(Exception):
    """What the server refused: `code` is for programs, `detail` for people, `request_id` for the log."""

    def __init__(self, status, body):
        self.status, self.code = status, body.get("code", "")
        self.detail, self.request_id = body.get("detail", ""), body.get("requestId")
        self.fields = {it["name"]: it["detail"] for it in body.get("fields", [])}
        super().__init__(f"{status} {self.code}: {self.detail} (request {self.request_id})")


class Merlon:
    """One server, asked with one token."""

    def __init__(self, url, token, ca=None):
        self.base, self.token = url.rstrip("/") + "/api/v1", token
        self.tls = ssl.create_default_context(cafile=ca)

    def open(self, method, path, query=None, body=None, headers=None, attempts=5):
        """Sends one request; gives the open answer. Comes again where the server says when."""
        pairs = [(name, value) for name, value in (query or {}).items() if value is not None]
        url = self.base + path + ("?" + urllib.parse.urlencode(pairs, doseq=True) if pairs else "")
        sent = {"authorization": f"Bearer {self.token}", "accept": "application/json", **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body, sent["content-type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(url, body, sent, method=method)
        try:
            return urllib.request.urlopen(request, timeout=120, context=self.tls)
        except urllib.error.HTTPError as error:
            wait = error.headers.get("retry-after")
            if error.code in (429, 503) and wait and attempts > 1:
                time.sleep(min(float(wait), 30))
                return self.open(method, path, query, body, headers, attempts - 1)
            text = error.read()
            is_problem = error.headers.get_content_type() == "application/problem+json"
            raise Problem(error.code, json.loads(text) if is_problem else {"detail": text.decode(errors="replace")})

    def ask(self, method, path, query=None, body=None, headers=None):
        """The answer as data; `None` where there is none."""
        with self.open(method, path, query, body, headers) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def items(self, path, **query):
        """Every item of a list, page by page."""
        cursor = None
        while True:
            page = self.ask("GET", path, {"limit": 100, **query, "cursor": cursor})
            yield from page["items"]
            cursor = page.get("next")
            if cursor is None:
                return

    def import_export(self, name, content, patience=600, said=lambda job: None):
        """Hands in an export (bytes) and waits for the job that reads it; gives what it changed."""
        kind = {"content-type": "application/octet-stream"}
        job = self.ask("POST", "/imports", {"name": name}, content, kind)
        end = time.monotonic() + patience
        while job["state"] in ("ready", "running"):
            if time.monotonic() > end:
                raise TimeoutError(f"job {job['number']} is still {job['state']}")
            said(job)
            time.sleep(0.2)
            job = self.ask("GET", f"/jobs/{job['number']}")
        if job["state"] != "done":
            raise RuntimeError(f"job {job['number']} is {job['state']}: {job.get('error', 'it was cancelled')}")
        return job["result"]

    def events(self, after):
        """The numbers of the commits that come after `after`. The server ends a stream now and then: it is begun anew."""
        while True:
            headers = {"accept": "text/event-stream", "last-event-id": str(after)}
            with self.open("GET", "/events", headers=headers) as stream:
                for line in stream:
                    if line.startswith(b"data:"):
                        after = json.loads(line[len(b"data:"):])["sequence"]
                        yield after


def segment(text):
    """An id as it stands in a path: slashes are percent-encoded."""
    return urllib.parse.quote(str(text), safe="")
