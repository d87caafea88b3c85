"""What schemathesis cannot know of a running server: what is there, and what it must not take away from itself."""

import json
import os
import zlib

import schemathesis

# What there is: lists of ids and numbers by the name of the parameter, and bodies that make sense, by operation.
THERE = json.loads(os.environ.get("MERLON_THERE", "{}"))
# The account, the grant and the token with which the requests are made: without them the rest of the run is 401.
OWN = {"/users/": "account", "/grants/": "grant", "/tokens/": "token", "/sessions/": "session"}
# Names of path parameters say little alone.
NAMES = {
    "/resources/{id}": "resource",
    "/scopes/{id}": "scope",
    "/standards/{id}": "standard",
    "/content/checks/{id}": "check",
    "/content/kinds/{id}": "kind",
    "/checks/{id}": "ownCheck",
    "/settings/{name}": "setting",
}


def _of(path, name):
    """The list of what there is for a parameter of a path."""
    for part, key in NAMES.items():
        if part in path and part.endswith("{" + name + "}"):
            return THERE.get(key, [])
    return THERE.get(name, [])


def _choice(options, *salt):
    """One of the options, the same for the same salt in every run."""
    return options[zlib.crc32(repr(salt).encode()) % len(options)] if options else None


@schemathesis.hook
def before_call(context, case, kwargs):
    path, label = case.path, f"{case.method.upper()} {case.path.removeprefix('/api/v1')}"
    meta = case.meta
    # A step of a sequence asks for what the step before has made.
    is_step = meta is not None and meta.phase.name.value == "stateful"
    is_positive = meta is not None and meta.generation.mode.is_positive and not is_step
    if is_positive and case.path_parameters:
        for name, value in list(case.path_parameters.items()):
            # Two of three ask for something that is there.
            if zlib.crc32(repr((label, value)).encode()) % 3:
                real = _choice(_of(path, name), label, value)
                if real is not None:
                    case.path_parameters[name] = real
    bodies = THERE.get("bodies", {}).get(label)
    if is_positive and bodies and zlib.crc32(repr(case.body).encode()) % 2:
        body = _choice(bodies, case.body)
        case.body = body.encode() if isinstance(body, str) else body
    if case.method.upper() != "GET" and case.path_parameters:
        for part, key in OWN.items():
            if part in path and str(case.path_parameters.get("number")) == str(THERE.get("own", {}).get(key)):
                case.path_parameters["number"] = 4_000_000_000
