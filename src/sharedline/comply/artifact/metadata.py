"""Metadata beside downloaded reports: Artifact's own JSON, or a table with columns of ours."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sharedline.comply.artifact.model import Agreement, Report
from sharedline.comply.artifact.records import as_agreement, as_report, identity
from sharedline.errors import Error

#: The columns of a metadata table, ours -> Artifact's own name.
COLUMNS = {
    "file": "file",
    "id": "id",
    "name": "name",
    "series": "series",
    "category": "category",
    "description": "description",
    "company": "companyName",
    "product": "productName",
    "version": "version",
    "state": "state",
    "period_start": "periodStart",
    "period_end": "periodEnd",
}
_MOST_METADATA = 32 << 20


@dataclass
class Imported:
    """What an import did, for people."""

    added: list[Report] = field(default_factory=list)
    described: list[Report] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    #: Register keys of documents that are known better now.
    replaced: set[tuple[str, int]] = field(default_factory=set)


@dataclass(frozen=True)
class Metadata:
    """A report's metadata and the file that it names, if it names one."""

    report: Report
    file: str


def describe(path: Path, at: datetime, told: list[Metadata], done: Imported) -> None:
    """Reads a metadata file; what cannot be read of it is refused, named, and the rest taken."""
    try:
        for entry in _entries(path):
            try:
                _entry(entry, at, told, done)
            except Error as error:
                name = identity(entry) or str(entry.get("name", ""))[:80] or "an entry"
                done.refused.append((path.name, f"{name}: {error}"))
    except Error as error:
        done.refused.append((path.name, str(error)))


def _entries(path: Path) -> Sequence[Mapping[str, Any]]:
    if path.stat().st_size > _MOST_METADATA:
        raise Error(f"It has more than {_MOST_METADATA >> 20} MiB.")
    return _table(path) if path.suffix.lower() == ".csv" else _objects(path)


def _entry(entry: Mapping[str, Any], at: datetime, told: list[Metadata], done: Imported) -> None:
    if identity(entry).startswith("customer-agreement-"):
        done.agreements.append(as_agreement(entry))
        return
    report = as_report(entry, at, "folder")
    file = entry.get("file", "")
    file = file if isinstance(file, str) else ""
    if not report.id:
        if not report.name and not file:
            raise Error("It has neither an id nor a name nor a file.")
        # An id that the same words give again, so that the next import finds it.
        naming = "\0".join((report.name or file, str(report.period_start), str(report.period_end)))
        digest = hashlib.sha256(naming.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        report = replace(report, id=f"named-{digest}", name=report.name or Path(file).stem)
    told.append(Metadata(report, file))


def _objects(path: Path) -> Sequence[Mapping[str, Any]]:
    """The reports and agreements in Artifact's own JSON, of a listing or of one."""
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Error("It is no JSON.", "Save what `aws artifact list-reports` prints.") from error
    if isinstance(data, dict):
        listed = [data[k] for k in ("reports", "customerAgreements") if k in data]
        one = data.get("reportDetails", data if "id" in data else None)
        data = [e for entries in listed if isinstance(entries, list) for e in entries]
        data += [one] if one is not None else []
        if not data and not listed:
            raise Error("It holds no reports.", "Save what `aws artifact list-reports` prints.")
    if not isinstance(data, list) or not all(isinstance(e, dict) for e in data):
        raise Error("It holds no reports.", "Save what `aws artifact list-reports` prints.")
    return data


def _table(path: Path) -> Sequence[Mapping[str, Any]]:
    try:
        rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Error("It is no table of comma-separated values in UTF-8.") from error
    columns = set(rows[0]) if rows else set()
    strange = sorted(str(c) for c in columns - COLUMNS.keys())
    if strange:
        raise Error(f"There is no column {strange[0]!r}.", f"Known are {', '.join(COLUMNS)}.")
    found = []
    for row in rows:
        entry: dict[str, Any] = {COLUMNS[k]: (v or "").strip() for k, v in row.items()}
        version = entry.get("version", "")
        entry["version"] = int(version) if version.isdigit() and len(version) < 9 else None
        found.append(entry)
    return found
