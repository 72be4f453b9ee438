"""What the reading pages' tests add to a scanned project: tables of its scan, a trail, accounts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.web.conftest import ACCOUNT, TEAM

from sharedline.collect.table import Type
from sharedline.inventory.lake import Lake, TableWriter
from sharedline.state.database import Database
from sharedline.state.tables import TEAM_ACCOUNT
from sharedline.trail import sigma
from sharedline.trail.ingest import ingest
from sharedline.trail.sigma.model import Detection

OTHER = "210987654321"
HOSTILE = '<script>alert("x")</script>\u202e'
ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-0123456789abcdef0"
FAR = f"arn:aws:iam::{OTHER}:user/far-away"


def add_table(
    folder: Path, name: str, rows: Sequence[dict[str, Any]], columns: dict[str, Type]
) -> None:
    """Adds a table to the newest scan of a project, as if the scan had read it."""
    lake = Lake(str(folder / "lake"))
    manifest = lake.latest()
    number = len(manifest.data["files"])
    path = lake.path("inventory", name, f"scan={manifest.id}", f"{name}-{number}.parquet")
    writer = TableWriter(lake, path, columns)
    for row in rows:
        writer.add(row)
    told = writer.close()
    data = dict(manifest.data)
    data["tables"] = {**data["tables"], name: dict(columns)}
    if told:
        entry = {"kind": "inventory", "table": name, "account": "all", "region": "all", **told}
        data["files"] = [*data["files"], entry]
    lake.write(lake.path("scans", manifest.id, "manifest.json"), json.dumps(data).encode())


def hop(start: str, end: str, **more: Any) -> dict[str, Any]:
    """A step of a way as the table has it."""
    allowed = {"layer": "identity", "policy": f"policy {HOSTILE}", "statement": "1", "line": 3}
    named = [f"{arn.rpartition(':')[2].replace('/', ' ')}" for arn in (start, end)]
    return {
        "from": named[0], "to": named[1], "from_arn": start, "to_arn": end,
        "rule": "iam/create-access-key", "title": "Make a key", "answer": "yes", "via": "",
        "conditions": [], "unknown": [], "mitigation": "Let users manage their own keys.",
        "permissions": [
            {"action": "iam:CreateAccessKey", "resource": end, "answer": "yes", "conditions": [],
             "statements": [allowed]}
        ],
        **more,
    }  # fmt: skip


def way(start: str, hops: Sequence[dict[str, Any]], answer: str = "yes") -> dict[str, Any]:
    """A row of the table of ways."""
    return {
        "arn": start, "account_id": start.split(":")[4], "region": "global", "answer": answer,
        "hops": len(hops), "via": ", ".join(h["rule"] for h in hops),
        "target": hops[-1]["to_arn"] if hops else "", "path": "a → b", "conditions": "",
        "unknown": "" if hops else "its policies could not be read",
        "evidence": json.dumps(list(hops)),
    }  # fmt: skip


def add_ways(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Ways to administrator rights in the newest scan."""
    columns: dict[str, Type] = dict.fromkeys(way(FAR, []), "string")
    add_table(folder, "escalation_path", rows, {**columns, "hops": "int"})


#: What GuardDuty says of the session that `event` acts as.
RESOURCE = {
    "ResourceType": "AccessKey",
    "AccessKeyDetails": {
        "AccessKeyId": "ASIASTOLENSTOLEN1234", "PrincipalId": "AROAEXAMPLE:i-0123456789abcdef0",
        "UserName": "web", "UserType": "AssumedRole",
    },
    "InstanceDetails": {"InstanceId": "i-0123456789abcdef0"},
}  # fmt: skip
SERVICE = {
    "Action": {"AwsApiCallAction": {"RemoteIpDetails": {"IpAddressV4": "198.51.100.7"}}},
    "EventFirstSeen": "2026-11-19T01:00:00Z", "EventLastSeen": "2026-11-19T01:30:00Z",
}  # fmt: skip


def add_guardduty(
    folder: Path, title: str, account: str = ACCOUNT, **kept: dict[str, Any] | str
) -> None:
    """A finding of GuardDuty in the newest scan; older scans kept none of `kept`."""
    columns: dict[str, Type] = dict.fromkeys(
        ("arn", "account_id", "region", "detector_id", "finding_account_id", "type", "title",
         "resource_type"), "string",
    )  # fmt: skip
    columns |= {"severity": "double", "created_at": "timestamp", "updated_at": "timestamp",
                "archived": "bool", "finding_count": "int"}  # fmt: skip
    at = datetime(2026, 11, 19, 2, tzinfo=UTC)
    row = {
        "arn": f"arn:aws:guardduty:us-east-1:{account}:detector/d/finding/{abs(hash(title))}",
        "account_id": account, "region": "us-east-1", "detector_id": "d",
        "finding_account_id": account, "type": "Recon:IAMUser/TorIPCaller", "title": title,
        "resource_type": "AccessKey", "severity": 8.0, "created_at": at, "updated_at": at,
        "archived": False, "finding_count": 2,
        **{k: v if isinstance(v, str) else json.dumps(v) for k, v in kept.items()},
    }  # fmt: skip
    columns |= dict.fromkeys(kept, "string")
    add_table(folder, "guardduty_finding", [row], columns)


def event(name: str, minute: int, account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    """An event of the trail, by a session of the role `web`."""
    service, _, action = name.partition(":")
    return {
        "eventVersion": "1.08", "eventSource": f"{service}.amazonaws.com", "eventName": action,
        "eventTime": f"2026-11-19T01:{minute:02d}:00Z", "eventID": f"e-{action}-{minute}",
        "awsRegion": "us-east-1", "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli",
        "recipientAccountId": account, "managementEvent": True, "readOnly": True,
        "userIdentity": {
            "type": "AssumedRole", "arn": SESSION, "accountId": ACCOUNT,
            "accessKeyId": "ASIASTOLENSTOLEN1234",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": ROLE, "accountId": ACCOUNT},
                "ec2RoleDelivery": "1.0",
            },
        },
        **more,
    }  # fmt: skip


def add_trail(folder: Path, events: Sequence[dict[str, Any]]) -> None:
    """A trail in the project's lake."""
    path = folder / "events.json"
    path.write_text(json.dumps({"Records": list(events)}), "utf-8")
    assert ingest(Lake(str(folder / "lake")), [str(path)], processes=0).events == len(events)


def detection(**changed: Any) -> Detection:
    """A detection, as the rules would have made it."""
    given: dict[str, Any] = {
        "rule": "r-1", "name": "buckets_listed", "title": f"Buckets were listed {HOSTILE}",
        "level": "high", "duty": "monitoring.threat-detection", "techniques": ("T1580",),
        "tactics": ("discovery",), "outcome": "success", "account": ACCOUNT, "region": "us-east-1",
        "time": datetime(2026, 11, 19, 1, 10, tzinfo=UTC), "principal": SESSION,
        "events": ("e-ListBuckets-1",), "count": 1, "summary": f"by {SESSION} {HOSTILE}",
    }  # fmt: skip
    return Detection(**{**given, **changed})


def keep(folder: Path, *found: Detection) -> None:
    """Writes detections into the lake."""
    sigma.keep(Lake(str(folder / "lake")), found)


def give_account(database: Database, account: str = ACCOUNT) -> None:
    """The owner's team sees an account from now on."""
    with database.begin() as connection:
        connection.execute(TEAM_ACCOUNT.insert().values(team=TEAM, account_id=account))


def harmless(html: str) -> None:
    """Nothing of the hostile name is markup, or turns the direction of text."""
    assert "<script>alert" not in html
    assert "\u202e" not in html
