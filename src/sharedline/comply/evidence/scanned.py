"""A committed scan as items: one of the scan itself, one of each check with its counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sharedline import __version__
from sharedline.comply.evidence.artefacts import IN_LAKE, inventory_digest, lake_digest
from sharedline.comply.evidence.item import EvidenceError
from sharedline.inventory.lake import Manifest
from sharedline.model import Check
from sharedline.results import Results

#: Exceptions named in an item; the finding file holds all of them.
SAMPLES = 5
#: Accounts and Regions are repeated in each item up to so many; the scan's own item has all.
_REPEATED = 20
# The order by digest is the same in each scan: an exception stays named until it is closed.
_COUNTS = f"""
select check_id, any_value(duty) as duty, count(*) as population,
  count(*) filter (where ok is false) as exceptions,
  count(*) filter (where ok is null) as unknown,
  count(*) filter (where ok is false and status = 'waived') as waived,
  list_slice(list(resource order by status = 'waived', md5(resource), resource)
    filter (where ok is false), 1, {SAMPLES}) as samples
from finding group by check_id
"""


def judged(manifest: Manifest) -> str:
    """When a scan was judged last: each judgement is recorded once."""
    return str(manifest.data.get("reassessed") or manifest.ended.isoformat())


def items(results: Results) -> Iterator[dict[str, Any]]:
    """The items of a scan, as it was judged last.

    Raises:
        EvidenceError: A finding file is not the one that the manifest names.
    """
    manifest = results.manifest
    held = _held(results)
    counts = {row["check_id"]: row for row in results.duck.query(_COUNTS).to_pylist()}
    yield _scan(results)
    for check_id in sorted({*manifest.data["checks"], *counts}):
        yield _check(results, check_id, counts.get(check_id, {}), held.get(check_id, []))


def _held(results: Results) -> dict[str, list[Mapping[str, Any]]]:
    """The finding files that hold each check, as the manifest names them, after a look at each."""
    lake, found = results.lake, {}
    held: dict[str, list[Mapping[str, Any]]] = {}
    for entry in results.manifest.data["files"]:
        if entry["kind"] != "findings" or entry["table"] != "finding":
            continue
        try:
            found[entry["path"]] = lake_digest(lake, entry["path"])
        except OSError as error:
            raise EvidenceError(
                f"Scan {results.manifest.id}: {entry['path']} cannot be read ({error}).",
                "Restore the lake from a copy; nothing of this scan was recorded.",
            ) from error
        if found[entry["path"]] != entry["sha256"]:
            raise EvidenceError(
                f"Scan {results.manifest.id}: {entry['path']} is not the file that its manifest "
                "names.",
                "Restore it from a copy; nothing of this scan was recorded.",
            )
        with lake.fs.open(lake.path(entry["path"]), "rb") as stream:
            column = pq.read_table(stream, columns=["check_id"]).column(0)
        for check_id in column.unique().to_pylist():
            held.setdefault(check_id, []).append(entry)
    return held


def _scan(results: Results) -> dict[str, Any]:
    manifest, lake = results.manifest, results.lake
    name = f"scans/{manifest.id}/manifest.json"
    raw = lake.fs.cat_file(lake.path(name))
    data = manifest.data
    refused = len(data.get("failures", ())) + sum(len(c) for c in data["row_errors"].values())
    seen = "nothing was refused" if not refused else f"{refused} kinds of answer were refused"
    return {
        "kind": "note",
        "statement": f"Scan {manifest.id}: {len(manifest.accounts)} accounts, "
        f"{len(manifest.regions)} Regions, {len(data['checks'])} checks; {seen}.",
        "subject": {
            "scope": data.get("partition", "aws"),
            "accounts": sorted(manifest.accounts),
            "regions": sorted(manifest.regions),
        },
        "collector": _collector(manifest),
        "observed": manifest.as_of,
        "artefact": {
            "name": "manifest.json",
            "sha256": hashlib.sha256(raw).hexdigest(),
            "bytes": len(raw),
            "where": IN_LAKE + name,
        },
        "ref": {
            "scan": manifest.id,
            "judged": judged(manifest),
            "inventory": inventory_digest(data["files"]),
            "identity": str(data.get("identity", "")),
            "refused": refused,
        },
    }


def _check(
    results: Results, check_id: str, row: Mapping[str, Any], held: list[Mapping[str, Any]]
) -> dict[str, Any]:
    manifest = results.manifest
    check = results.checks.get(check_id)
    population, exceptions, unknown = (
        int(row.get(name, 0)) for name in ("population", "exceptions", "unknown")
    )
    ref: dict[str, Any] = {"scan": manifest.id, "judged": judged(manifest)}
    item: dict[str, Any] = {
        "kind": "check",
        "duty": check.duty if check else row.get("duty"),
        "subject": _subject(manifest),
        "statement": check.title if check else check_id,
        "query": query(results, check_id, check),
        "collector": _collector(manifest),
        "result": _result(population, exceptions, unknown),
        "population": population,
        "exceptions": exceptions,
        "unknown": unknown,
        "observed": manifest.as_of,
        "ref": ref,
    }
    if check and check.controls:
        item["control"] = sorted(f"{f}:{c}" for f, ids in check.controls.items() for c in ids)
    if exceptions:
        item["samples"] = list(row["samples"])
        item["waived"] = int(row["waived"])
    if held:
        first, *others = held
        item["artefact"] = {
            "name": Path(first["path"]).name,
            "sha256": first["sha256"],
            "where": IN_LAKE + first["path"],
        }
        if others:
            ref["files"] = [f"{o['sha256']} {o['path']}" for o in others]
    return item


def _result(population: int, exceptions: int, unknown: int) -> str:
    if exceptions:
        return "unmet"
    if unknown:
        return "unknown"
    return "met" if population else "empty"


def _subject(manifest: Manifest) -> dict[str, Any]:
    out: dict[str, Any] = {
        "scope": f"{len(manifest.accounts)} accounts, {len(manifest.regions)} Regions"
    }
    if len(manifest.accounts) <= _REPEATED:
        out["accounts"] = sorted(manifest.accounts)
    if len(manifest.regions) <= _REPEATED:
        out["regions"] = sorted(manifest.regions)
    return out


def _collector(manifest: Manifest) -> dict[str, str]:
    return {"name": "sharedline", "version": str(manifest.data.get("version", ""))}


def query(results: Results, check_id: str, check: Check | None) -> dict[str, Any]:
    """The question; without its text's digest where it may be another than the scan asked.

    A manifest keeps no SQL: today's is that of the scan only if neither the program, nor the
    user's file, nor the parameters changed since it was judged.
    """
    if check is None:
        return {"id": check_id}
    manifest, project = results.manifest, results.project
    same = manifest.data.get("version") == __version__
    path = Path(check.path)
    if path.is_absolute() and path.is_file():
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        same = same and changed <= datetime.fromisoformat(judged(manifest)).astimezone(UTC)
    if check.params:
        same = same and manifest.data.get("intent") == project.intent_digest()
    if not same:
        return {"id": check_id}
    given = {**check.params, **project.params.get(check_id, {})}
    parameters = {k: _plain(v) for k, v in given.items()}
    return {"id": check_id, "sha256": query_digest(check.sql, parameters), "parameters": parameters}


def query_digest(sql: str, parameters: Mapping[str, Any]) -> str:
    """The SHA-256 of a check's SQL, a line end, and its parameters as sorted JSON."""
    text = json.dumps(parameters, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{sql}\n{text}".encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
