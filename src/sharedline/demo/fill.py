"""Fills the demo's files: `$(day-30)` and names of what was made, by the text that they stand for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

_FILL = re.compile(r"\$\(([^)]+)\)")
_DAY = re.compile(r"day([+-]\d+)")


def filled(text: str, today: datetime, known: Callable[[str], str]) -> str:
    """The text with every `$(name)` replaced; days count from today."""

    def value(match: re.Match[str]) -> str:
        day = _DAY.fullmatch(match[1])
        if day:
            return (today + timedelta(days=int(day[1]))).date().isoformat()
        return known(match[1])

    return _FILL.sub(value, text)
