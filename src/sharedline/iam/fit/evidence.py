"""The evidence of use that a command is given, or finds in the lake and in a scan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from sharedline.errors import ConfigError
from sharedline.iam.access.estate import Estate, Scan
from sharedline.iam.fit.last_accessed import LastAccessed, read
from sharedline.iam.fit.trail_events import Event, Reading, lake_files, read_lake
from sharedline.iam.fit.trail_events import read as read_files
from sharedline.iam.fit.usage import key_of

#: Tables of IAM's last-accessed data, one for roles and one for users.
TABLES = ("iam_service_last_accessed", "iam_user_service_last_accessed")
_COLUMNS = ("role_arn", "user_arn", "job_status", "service_namespace", "last_authenticated")


def events(scan: Scan, paths: Sequence[Path], reading: Reading) -> Iterator[Event] | None:
    """The events of the files, and of the lake's trail; None where there are neither."""
    found: list[Iterator[Event]] = []
    if paths:
        found.append(read_files(paths, reading))
    if lake_files(scan.lake):
        found.append(read_lake(scan.lake, reading))
    return chain(*found) if found else None


def principal(estate: Estate, wanted: str) -> str:
    """The ARN of the one user or role that a name or ARN means; ConfigError where that is none."""
    if wanted in estate.principals:
        return wanted
    key = key_of(wanted)
    low = wanted.lower()
    if key is not None:
        found = [arn for arn in estate.principals if key_of(arn) == key]
    else:
        found = [arn for arn, one in estate.principals.items() if one.name.lower() == low]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ConfigError(f"The scan has no user or role {wanted}.", "Give its name or ARN.")
    listed = ", ".join(sorted(found)[:4])
    raise ConfigError(f"{wanted} is the name of {len(found)}: {listed}.", "Give the ARN.")


def last_accessed(scan: Scan, arn: str, as_of: datetime) -> LastAccessed | None:
    """IAM's last-accessed data of a principal, where the scan collected it whole."""
    rows: list[dict[str, Any]] = []
    stored = scan.manifest.data["tables"]
    for table in TABLES:
        if table not in stored:
            continue
        view = f"evidence__{table}"
        paths = scan.lake.files(scan.manifest, "inventory", table)
        scan.duck.files(view, paths, stored[table], stored[table])
        columns = [name for name in (*_COLUMNS, "tracked_actions") if name in stored[table]]
        listed = ", ".join(f'"{name}"' for name in columns)
        found = scan.duck.query(f'select {listed} from "{view}"').to_pylist()
        rows += [row for row in found if arn in (row.get("role_arn"), row.get("user_arn"))]
    return read(rows, as_of).get(arn)


def since(as_of: datetime, days: int) -> datetime:
    """The first moment that counts."""
    return as_of - timedelta(days=days)
