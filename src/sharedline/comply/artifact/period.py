"""Days that are covered and days that are not: intervals, both ends included."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

Days = tuple[date, date]
_DAY = timedelta(days=1)


def missing(held: Iterable[Days], window: Days) -> list[Days]:
    """The parts of the window in none of the intervals, in order."""
    first, last = window
    out: list[Days] = []
    for start, end in sorted(held):
        if start > last:
            break
        if end < first:
            continue
        if start > first:
            out.append((first, start - _DAY))
        if end >= last:
            return out
        first = end + _DAY
    if first <= last:
        out.append((first, last))
    return out


def told(days: Days) -> str:
    """An interval for people."""
    return f"{days[0]:%Y-%m-%d} to {days[1]:%Y-%m-%d}" if days[0] != days[1] else f"{days[0]}"
