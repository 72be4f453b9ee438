"""A lake of finished scans made from rows, without AWS: what the pages' data is tested on."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sharedline.checks.engine import FINDING
from sharedline.duties.matrix import CELL, Cell, as_row
from sharedline.inventory.lake import LAKE_VERSION, Lake, TableWriter
from sharedline.project import Project

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
ACCOUNTS = ("111111111111", "222222222222", "333333333333")
OWNERS = ("nobody", "data", "web", "o'brien; drop table r --", "50%_off")
#: check, duty, service, severity
CHECKS = (
    ("s3/bucket_versioning_on", "data.backup-recovery", "s3", "medium"),
    ("s3/bucket_policy_not_public", "data.exposure", "s3", "critical"),
    ("ec2/security_group_ssh", "network.firewalls", "ec2", "high"),
    ("iam/user_mfa", "identity.mfa", "iam", "critical"),
    ("kms/key_rotation", "data.key-management", "kms", "low"),
)
REASONS = ("Versioning is off.", "100% open, it's said", 'a "quoted" _reason_', "Plain; SELECT 1")


def row(n: int, at: datetime, seed: random.Random) -> dict[str, Any]:
    """One finding of check and resource `n`, with a chance answer."""
    check, duty, service, severity = CHECKS[n % len(CHECKS)]
    account = ACCOUNTS[(n // 7) % len(ACCOUNTS)]
    status = seed.choices(("met", "unmet", "unknown", "waived"), (4, 4, 1, 1))[0]
    life = {
        "unmet": seed.choice(("open", "open", "claimed")), "waived": "waived",
        "met": seed.choice(("", "verified")), "unknown": seed.choice(("", "open")),
    }[status]  # fmt: skip
    return {
        "check_id": check,
        "resource": f"arn:aws:{service}:eu-west-1:{account}:thing/N{n}%_'x",
        "ok": {"met": True, "unmet": False, "waived": False, "unknown": None}[status],
        "reason": seed.choice(REASONS), "status": status, "life": life,
        "since": at - timedelta(days=seed.choice((0, 6, 7, 20, 30, 89, 90, 400))) if life else None,
        "reopened": seed.randrange(3), "severity": severity, "duty": duty, "service": service,
        "side": seed.choices(("customer", "shared", "unknown", "aws"), (6, 2, 1, 1))[0],
        "owner": seed.choice(OWNERS), "waiver": "a waiver" if status == "waived" else None,
        "account_id": account, "region": seed.choice(("eu-west-1", "us-east-1", "global")),
        "tags": None, "denied_call": "s3:Get" if status == "unknown" else None, "code": None,
        "grant_action": "s3:GetThing" if status == "unknown" else None,
    }  # fmt: skip


def rows(count: int, at: datetime, seed: int) -> list[dict[str, Any]]:
    """So many findings, each of another resource."""
    chance = random.Random(seed)  # noqa: S311 the same in each run
    return [row(n, at, chance) for n in range(count)]


def cells(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The matrix of these findings, and cells that nothing verifies or nobody owns."""
    made: dict[tuple[str, str], Cell] = {}
    for r in found:
        cell = made.setdefault((r["service"], r["duty"]), Cell(r["service"], r["duty"]))
        cell.sides[r["side"]] += 1
        if r["side"] != "aws":
            cell.owners[r["owner"]] += 1
        cell.findings[r["status"]] += 1
    for duty, owner in (("data.classification", "nobody"), ("data.retention-deletion", "web")):
        cell = made["s3", duty] = Cell("s3", duty)
        cell.sides["customer"] = cell.owners[owner] = 3
    return [as_row(cell) for cell in made.values()]


def scan(
    folder: Path, found: Sequence[dict[str, Any]], at: datetime = AS_OF, name: str = ""
) -> Project:
    """Commits a scan of these findings into `folder`/lake; the project."""
    lake = Lake(str(folder / "lake"))
    scan_id = name or f"{at:%Y%m%dT%H%M%SZ}-made"
    files = []
    for table, columns, listed in (("finding", FINDING, found), ("cell", CELL, cells(found))):
        path = lake.path("findings", f"scan={scan_id}", f"{table}.parquet")
        writer = TableWriter(lake, path, columns)
        for entry in listed:
            writer.add(entry)
        told = writer.close()
        if told:
            files.append({"kind": "findings", "table": table, "account": "all", "region": "all",
                          **told})  # fmt: skip
    data = {
        "lake_version": LAKE_VERSION, "version": "0", "id": scan_id, "as_of": at.isoformat(),
        "started": at.isoformat(), "ended": at.isoformat(), "accounts": list(ACCOUNTS),
        "regions": ["eu-west-1", "us-east-1"], "checks": [c[0] for c in CHECKS], "tables": {},
        "listings": [], "row_errors": {}, "files": files,
    }  # fmt: skip
    lake.write(lake.path("scans", scan_id, "manifest.json"), json.dumps(data).encode())
    return Project(folder)
