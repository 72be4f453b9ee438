"""Writes the evidence beside the documents: every finding, the items of the log, their proofs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from sharedline.comply.package.common import Context
from sharedline.comply.package.inputs import COLUMNS
from sharedline.text import defused, visible


def cell(value: object) -> str:
    """A cell that no spreadsheet runs."""
    return defused(visible("" if value is None else value, lines=False))


def write_findings(ctx: Context, path: Path) -> int:
    """Every finding of the checks that some part in scope cites; how many."""
    cited = set(ctx.cited)
    number = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in ctx.inputs.findings.rows():
            if row["check_id"] in cited:
                writer.writerow([cell(row[c]) for c in COLUMNS])
                number += 1
    return number


def write_log(ctx: Context, folder: Path) -> int:
    """The items of the window, the proof of each, the head and the key; how many items."""
    log = ctx.inputs.evidence
    if log is None:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    with (folder / "items.ndjson").open("wb") as items, (folder / "proofs.ndjson").open("wb") as p:
        for leaf in log.leaves():
            items.write(leaf.body + b"\n")
            proof = {
                "index": leaf.index,
                "leaf": leaf.leaf.hex(),
                "path": [step.hex() for step in leaf.path],
            }
            p.write(json.dumps(proof, separators=(",", ":")).encode() + b"\n")
            number += 1
    (folder / "head.json").write_bytes(log.head + b"\n")
    (folder / "key.pem").write_bytes(log.public)
    return number
