"""Reads CloudTrail's events where they lie: files as CloudTrail writes them, or the lake's trail.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
and the column names of https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html
(read 2026-11-21).
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sharedline.errors import ConfigError

Event = Mapping[str, Any]
SUFFIXES = (".json", ".jsonl", ".ndjson", ".log", ".gz")
#: A file of CloudTrail holds some megabytes; what unpacks to more than this is refused.
LARGEST = 2_000_000_000
#: Columns of the trail's table that the engine reads, and CloudTrail's own names for them.
COLUMNS: Mapping[str, str] = {
    name.lower(): name
    for name in (
        *("userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "eventID"),
        *("sourceIPAddress", "userAgent", "errorCode", "errorMessage", "requestParameters"),
        *("resources", "eventType", "readOnly", "recipientAccountId", "vpcEndpointId"),
        *("eventCategory", "managementEvent"),
    )
}
_NESTED: Mapping[str, str] = {
    name.lower(): name
    for name in (
        *("principalId", "accountId", "invokedBy", "accessKeyId", "userName", "sessionContext"),
        *("mfaAuthenticated", "creationDate", "sessionIssuer", "webIdFederationData"),
        *("federatedProvider", "tlsVersion", "cipherSuite", "clientProvidedHostHeader"),
        *("ec2RoleDelivery", "onBehalfOf", "userId", "identityStoreArn"),
    )
}


@dataclass
class Reading:
    """What was read so far: how many files and events, and what could not be read."""

    files: int = 0
    events: int = 0
    problems: list[str] = field(default_factory=list)

    def problem(self, where: str, why: str) -> None:
        """Remember that something was left out; the first thousand are enough to know."""
        if len(self.problems) < 1000:
            self.problems.append(f"{where}: {why}")


def read(paths: Iterable[Path], reading: Reading) -> Iterator[Event]:
    """The events of files and folders; what cannot be read is noted in `reading`, never dropped."""
    for path in paths:
        if not path.exists():
            raise ConfigError(f"There is no file or folder {path}.", "Check --events.")
        for one in _files(path):
            reading.files += 1
            for event in _file(one, reading):
                reading.events += 1
                yield event


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for one in sorted(path.rglob("*")):
        if one.is_file() and one.suffix in SUFFIXES and "CloudTrail-Digest" not in one.parts:
            yield one


def _file(path: Path, reading: Reading) -> Iterator[Event]:
    try:
        text = _text(path)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        reading.problem(str(path), f"cannot be read ({error})")
        return
    try:
        yield from _events(json.loads(text), str(path), reading)
    except RecursionError:
        reading.problem(str(path), "is nested too deep")
    except ValueError:
        yield from _lines(text, path, reading)


def _text(path: Path) -> str:
    if path.suffix != ".gz":
        return path.read_text("utf-8")
    with gzip.open(path) as packed:
        raw = packed.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise EOFError("it unpacks to more than 2 GB")
    return raw.decode("utf-8")


def _lines(text: str, path: Path, reading: Reading) -> Iterator[Event]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            reading.problem(where, "is not JSON")
            continue
        yield from _events(found, where, reading)


def _events(found: Any, where: str, reading: Reading) -> Iterator[Event]:
    """One event, a list, CloudTrail's `Records`, or what LookupEvents answers (`Events`)."""
    if isinstance(found, dict) and isinstance(found.get("Records"), list):
        found = found["Records"]
    elif isinstance(found, dict) and isinstance(found.get("Events"), list):
        found = [_looked_up(one, where, reading) for one in found["Events"]]
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict) and "eventName" in one:
            yield one
        elif not (isinstance(one, dict) and "digestEndTime" in one) and one is not None:
            reading.problem(where, "holds something that is no event of CloudTrail")


def _looked_up(one: Any, where: str, reading: Reading) -> Any:
    text = one.get("CloudTrailEvent") if isinstance(one, dict) else None
    try:
        return json.loads(text) if isinstance(text, str) else one
    except (ValueError, RecursionError):
        reading.problem(where, "holds a CloudTrailEvent that is not JSON")
        return None


def lake_files(lake: Any) -> list[str]:
    """The files of the trail in a lake; none where nothing was ingested."""
    return sorted(lake.glob(lake.path("trail", "event", "**", "*.parquet")))


def read_lake(lake: Any, reading: Reading) -> Iterator[Event]:
    """The events of a lake's trail, with CloudTrail's own names."""
    import pyarrow.parquet as pq

    for name in lake_files(lake):
        reading.files += 1
        with lake.fs.open(name, "rb") as opened:
            file = pq.ParquetFile(opened)
            columns = [c for c in file.schema_arrow.names if c.lower() in COLUMNS]
            for batch in file.iter_batches(columns=columns):
                for row in batch.to_pylist():
                    reading.events += 1
                    yield of_row(row)


def of_row(row: Mapping[str, Any]) -> Event:
    """A row of the trail's table as an event; columns that the engine does not read are left out."""
    event: dict[str, Any] = {}
    for column, value in row.items():
        name = COLUMNS.get(column.lower())
        if name is None:
            continue
        if name == "requestParameters" and isinstance(value, str):
            event[name] = _json(value)
        elif name == "userIdentity" and isinstance(value, str):
            event[name] = _renamed(_json(value))
        elif value is not None:
            event[name] = _renamed(value)
    return event


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {_NESTED.get(k.lower(), k): _renamed(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_renamed(one) for one in value]
    return value
