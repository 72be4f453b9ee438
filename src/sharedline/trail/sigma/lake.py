"""Detections in the lake: one JSON file a run, of which the newest is what others read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from sharedline.inventory.lake import Lake, LakeError
from sharedline.trail import journal
from sharedline.trail.sigma.model import Detection

VERSION = 1


def keep(lake: Lake, detections: Iterable[Detection]) -> str:
    """Writes a run's detections; its id."""
    run = journal.new_run(datetime.now(UTC))
    given = {"version": VERSION, "run": run, "detections": [d.plain() for d in detections]}
    try:
        text = msgspec.json.encode(given)
    except UnicodeEncodeError:  # a rule's text has half a surrogate, which no UTF-8 can hold
        whole = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
        text = whole.encode("utf-8", "replace")
    lake.write(journal.folder(lake, "detection", f"{run}.json"), text)
    return run


def kept(lake: Lake) -> list[Detection]:
    """The detections of the newest run; none where nothing was ever kept."""
    found = lake.glob(journal.folder(lake, "detection", "*.json"))
    if not found:
        return []
    given = lake.read_json(found[-1])
    damaged = LakeError(f"{found[-1]} is damaged.", "Run `sharedline trail detect` again.")
    if not isinstance(given, dict):
        raise damaged
    if given.get("version", 0) > VERSION:
        raise LakeError(f"{found[-1]} was written by a newer Sharedline.", "Upgrade Sharedline.")
    try:
        return [Detection.of(d) for d in given["detections"]]
    except (KeyError, TypeError, ValueError) as error:
        raise damaged from error
