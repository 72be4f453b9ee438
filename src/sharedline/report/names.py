"""How the report writes names, numbers, times and links."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sharedline.model import SEVERITIES
from sharedline.text import visible

#: A text longer than this is cut: a policy of a megabyte must not become a page of one.
LONGEST = 420
#: Statuses of a cell, what needs somebody first.
ORDER = ("unmet", "unknown", "unverified", "waived", "met", "inherited")
GLYPH: Mapping[str, str] = {
    "met": "✓", "unmet": "✗", "unknown": "?", "unverified": "○", "waived": "~", "inherited": "A",
    "unowned": "⌀",
}
AREA: Mapping[str, str] = {
    "aws": "AWS’s side",
    "data": "Data protection",
    "identity": "Identity and access",
    "configuration": "Config",
    "application": "Apps",
    "monitoring": "Monitoring and response",
    "shared": "Both sides",
}
SIDES: Mapping[str, str] = {
    "aws": "AWS’s side",
    "customer": "your side",
    "shared": "shared",
    "moves": "differs by resource",
    "unknown": "side unknown",
}
_PLAIN = re.compile(r"[^A-Za-z0-9_./-]")


def anchor(*parts: str) -> str:
    """An id for a place in the page; names that had to be changed keep a digest of themselves."""
    text = "-".join(parts)
    plain = _PLAIN.sub("_", text)
    if plain == text:
        return plain
    return f"{plain[:80]}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


def clipped(value: Any, most: int = LONGEST) -> str:
    """One line of text, cut where it is too long, with the number of characters left out."""
    plain = type(value) is str and len(value) <= most and value.isascii() and value.isprintable()
    if plain and "  " not in value and value.strip() == value:
        return str(value)  # as nearly all are
    text = visible(" ".join(str(value if value is not None else "").split()))
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most:,} more characters)"


def count(number: int, one: str = "", many: str = "") -> str:
    """A number for people, with its noun if one is given."""
    text = f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return text if not one else f"{text} {one if number == 1 else many or one + 's'}"


def day(value: Any) -> str:
    """The date of a moment, or of the text of one."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d")
    return str(value or "")[:10]


def minute(value: datetime) -> str:
    """A moment in UTC, to the minute."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def safe_url(value: str) -> str:
    """The address of a public page, or nothing: no other scheme becomes a link."""
    return value if value.startswith("https://") else ""


def short(duty: str) -> str:
    """A duty's name without its area, for a narrow heading."""
    return duty.split(".", 1)[-1].replace("-", " ")


def severity_rank(severity: str) -> int:
    """Worst is 0."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def fair_cap(sizes: Iterable[int], budget: int, most: int) -> int:
    """The largest number of rows per group, at most `most`, that keeps all groups in the budget."""
    counts = sorted(sizes)
    left = budget
    for n, size in enumerate(counts):
        share = left // (len(counts) - n)
        if size > share:
            return max(1, min(most, share))
        left -= size
    return most


def place(cell: Mapping[str, Any]) -> str:
    """Where a duty falls: one side, shared, `moves` where resources differ, or unknown."""
    stands = {s for s, n in cell["sides"].items() if n} or {cell["usual_side"]}
    if "unknown" in stands:
        return "unknown"
    return str(stands.pop()) if len(stands) == 1 else "moves"
