"""A small estate with names that mean harm, for the pages' tests; the owner's team is `data`."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient
from tests.browse import made

from sharedline.project import Project
from sharedline.state.database import Database
from sharedline.state.tables import AUDIT

MINE, OTHERS = "111111111111", "222222222222"
#: A bucket name as nobody could make one, and as an importer of other people's data might.
HOSTILE = "arn:aws:s3:::<script>alert(1)</script>\"'&\n\u202egnp.exe"
HOSTILE_OWNER = '"><img src=x onerror=alert(2)>'
CHECK = "s3/bucket_versioning_on"


def row(name: str, **changed: Any) -> dict[str, Any]:
    """An unmet finding of a bucket of the team `data`."""
    return {
        "check_id": CHECK, "resource": name if name.startswith("arn:") else f"arn:aws:s3:::{name}",
        "ok": False, "reason": "versioning is off", "status": "unmet", "life": "open",
        "since": made.AS_OF - timedelta(days=10), "reopened": 0, "severity": "medium",
        "duty": "data.backup-recovery", "service": "s3", "side": "customer", "owner": "data",
        "waiver": None, "account_id": MINE, "region": "eu-west-1", "tags": None,
        "denied_call": None, "code": None, "grant_action": None, **changed,
    }  # fmt: skip


def rows() -> list[dict[str, Any]]:
    """What the newest scan found."""
    public = {"check_id": "s3/bucket_policy_not_public", "duty": "data.exposure",
              "severity": "critical"}  # fmt: skip
    call = "s3:GetBucketVersioning"
    denied = {"ok": None, "status": "unknown", "life": "", "since": None, "reason": "Not readable",
              "denied_call": call, "grant_action": call}  # fmt: skip
    met = {"ok": True, "status": "met", "life": "verified", "reason": "As desired."}
    return [
        row("ledger"), row("other"), row("ledger", **public), row("dark", **denied),
        row("good", **met), row("any*thing"),
        row("theirs", owner="web", account_id=OTHERS), row("nobodys", owner="nobody",
                                                            account_id=OTHERS),
        row(HOSTILE, owner=HOSTILE_OWNER, account_id=OTHERS,
            reason="</td><script>alert(3)</script> \u202eback\x1b[31m"),
    ]  # fmt: skip


def make(folder: Path) -> Project:
    """Two scans, a week apart."""
    before = made.AS_OF - timedelta(days=7)
    made.scan(folder, [row("ledger"), row("good"), row("went")], before)
    return made.scan(folder, rows(), made.AS_OF)


def target(name: str = "ledger", check: str = CHECK, account: str = MINE) -> dict[str, str]:
    """What names a finding in a form or an address."""
    resource = name if name.startswith("arn:") else f"arn:aws:s3:::{name}"
    return {"check": check, "resource": resource, "account": account}


def total(page: str) -> int:
    """How many rows a list says that it has."""
    found = re.search(r'role="status"><b>([\d\u202f]+)', page)
    assert found, page[:2000]
    return int(found[1].replace("\u202f", ""))


def numbers(page: str) -> list[tuple[str, int]]:
    """The links of a page to rows, each with the number that it shows."""
    out = []
    for href, inside in re.findall(r'<a [^>]*?href="(/gaps\?[^"]+)"[^>]*>(.*?)</a>', page, re.S):
        digits = re.findall(r"(?<![\w-])\d[\d\u202f]*(?!\w)", re.sub(r"<[^>]+>", " ", inside))
        if digits:  # a name before it may hold some too
            out.append((html.unescape(href), int(digits[-1].replace("\u202f", ""))))
    return out


def opened(client: TestClient, page: str) -> int:
    """Follows each number of a page to its rows, which must be as many; gives how many there were."""
    found = numbers(page)
    for href, n in found:
        answer = client.get(href)
        assert answer.status_code == 200, href
        assert total(answer.text) == n, href
    return len(found)


def audited(database: Database) -> list[tuple[str, str]]:
    """Who did what, of what the pages write."""
    with database.read() as connection:
        found = connection.execute(AUDIT.select().order_by(AUDIT.c.id)).all()
    return [(r.who, r.action) for r in found if r.action.startswith("finding.")]
