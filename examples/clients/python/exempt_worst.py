"""Lists the worst unhealthy recommendations, says what exempting the worst for 30 days would change, and does it with
`--do-it`:  python3 exempt_worst.py [--do-it] [--days 30] [--reason TEXT]"""

import argparse
import datetime
import os

from merlon import Merlon


def worst(merlon):
    """Unhealthy recommendations, the most urgent first."""
    return list(merlon.items("/recommendations", state="unhealthy", sort="urgency", limit=10))


def exemption(check, days, reason, approver):
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return {
        "category": "waiver", "target": {"check": check}, "place": "everywhere", "reason": reason,
        "approver": approver, "until": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def percent(score):
    return "none" if score is None else f"{score['percent']:.1f} %"


def main(merlon, do_it=False, days=30, reason="accepted until the next release"):
    found = worst(merlon)
    for it in found[:20]:
        print(f"{it['severity']:<9} {it['counted']['unhealthy']:>4} unhealthy  {it['id']}  {it['title']}")
    if not found:
        return None
    print(f"{len(found)} in all")
    approver = merlon.ask("GET", "/me")["account"]["displayName"]
    wish = exemption(found[0]["id"], days, reason, approver)
    preview = merlon.ask("POST", "/exemptions/preview", body=wish)
    print(f"exempting {found[0]['id']} for {days} days: {preview['changed']} assessments would count otherwise, "
          f"score {percent(preview.get('before'))} -> {percent(preview.get('after'))}")
    if not do_it:
        return None
    decided = merlon.ask("POST", "/exemptions", body=wish)
    print(f"exemption {decided['exemption']} counts since commit {decided['sequence']}")
    return preview, decided


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--do-it", action="store_true")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--reason", default="accepted until the next release")
    server = Merlon(os.environ["MERLON_URL"], os.environ["MERLON_TOKEN"], os.environ.get("MERLON_CA"))
    main(server, **vars(parser.parse_args()))
