"""Values written into SQL, for both engines: texts, lists of texts, times and spans of time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime


def text(value: str, dialect: str = "duckdb") -> str:
    """A text as SQL."""
    if dialect == "spark":  # there a backslash escapes, and two quotes join two texts
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + value.replace("'", "''") + "'"


def listed(values: Iterable[str], dialect: str = "duckdb") -> str:
    """Texts as the inside of `in (...)`, sorted, each once; never empty."""
    return ", ".join(text(v, dialect) for v in sorted(set(values))) or "''"


def moment(at: datetime, dialect: str = "duckdb") -> str:
    """A time as SQL."""
    kind = "timestamp" if dialect == "spark" else "timestamptz"
    return f"cast('{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00:00' as {kind})"


def span(
    since: datetime | None, until: datetime | None, dialect: str, column: str = "eventtime"
) -> list[str]:
    """The conditions that a time is at `since` or later and before `until`."""
    parts = [f"{column} >= {moment(since, dialect)}"] if since else []
    return parts + ([f"{column} < {moment(until, dialect)}"] if until else [])


def where(conditions: Iterable[str]) -> str:
    """The conditions as a clause, with a space before it; empty where there are none."""
    parts = list(conditions)
    return f" where {' and '.join(parts)}" if parts else ""
