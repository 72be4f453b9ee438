"""A small log, made the same each time but for its key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sharedline.comply.evidence import files
from sharedline.comply.evidence.recount import Problem
from sharedline.comply.evidence.store import Store, open_store
from sharedline.comply.evidence.verify import verify

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def item(number: int = 0, **more: Any) -> dict[str, Any]:
    """An item of a check."""
    return {
        "kind": "check",
        "control": ["nist-800-53-r5:AC-3"],
        "duty": "data.exposure",
        "subject": {"scope": "2 accounts", "accounts": ["111122223333"], "regions": ["eu-west-1"]},
        "statement": "Buckets are not public",
        "query": {"id": "s3/not_public", "sha256": "a" * 64, "parameters": {"days": 30}},
        "collector": {"name": "sharedline", "version": "1"},
        "result": "met",
        "population": 41 + number,
        "exceptions": 0,
        "unknown": 0,
        "observed": NOW - DAY,
        "ref": {"scan": f"scan-{number}"},
        **more,
    }


def clock(start: datetime = NOW) -> Callable[[], datetime]:
    """A clock that is a second later each time."""
    ticks = iter(range(10_000))
    return lambda: start + timedelta(seconds=next(ticks))


def store(folder: Path, per_segment: int = 4, key: Path | None = None) -> Store:
    """An empty log in segments of a few items."""
    made = open_store(folder, create=True, key=key)
    return Store(folder, made.key, clock(), per_segment)


def log(folder: Path) -> Store:
    """Ten items under three heads, in three segments."""
    made = store(folder)
    for first, last in ((0, 1), (1, 6), (6, 10)):
        made.append(item(n) for n in range(first, last))
    return made


def first_wrong(folder: Path) -> Problem | None:
    """What `verify` names first."""
    wrong = verify(folder).wrong
    return wrong[0] if wrong else None


def log_files(folder: Path) -> list[Path]:
    """Every file of the log itself."""
    kept = ("*.jsonl", "*.leaves", files.PUBLIC, f"{files.STAMPS}/*")
    return sorted(p for pattern in kept for p in folder.glob(pattern))
