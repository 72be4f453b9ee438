"""What changed since the scan before: got worse, was fixed, was lost from sight."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sharedline.inventory.lake import Manifest
from sharedline.report.names import severity_rank
from sharedline.results import Results, changes

#: Rows of one kind of change.
ROWS = 150


@dataclass
class Kind:
    """Changes of one kind, the first of them listed."""

    id: str
    title: str
    total: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        """How many changes the page does not list."""
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Since:
    """The scan before, and what differs."""

    before: Manifest
    kinds: list[Kind]

    @property
    def total(self) -> int:
        """How many answers differ."""
        return sum(k.total for k in self.kinds)


def changed(results: Results) -> Since | None:
    """The changes since the newest earlier scan; None where there is none."""
    as_of = results.manifest.as_of
    earlier = [m for m in results.lake.scans() if m.as_of < as_of]
    if not earlier:
        return None
    old = Results(results.lake, earlier[-1], results.project)
    kinds = {
        "worse": Kind("worse", "Newly unmet"),
        "lost": Kind("lost", "Lost from sight"),
        "fixed": Kind("fixed", "Fixed"),
        "other": Kind("other", "Otherwise different"),
    }
    try:
        found = changes(old, results)
    finally:
        old.duck.close()
    for row in sorted(found, key=lambda r: (severity_rank(r["severity"]), r["check"])):
        kind = kinds[_kind(row["was"], row["now"])]
        kind.total += 1
        if len(kind.rows) < ROWS:
            kind.rows.append(row)
    return Since(earlier[-1], [k for k in kinds.values() if k.total])


def _kind(was: str, now: str) -> str:
    if now == "unmet":
        return "worse"
    if now == "unknown":
        return "lost"
    return "fixed" if was in ("unmet", "unknown") and now == "met" else "other"
