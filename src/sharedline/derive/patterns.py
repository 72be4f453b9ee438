"""Wildcard patterns of policies: what one matches, covers, or may share with another.

No regular expressions: a hostile pattern such as `*a*a*a*…` must cost no more than a plain one.
"""

from __future__ import annotations

from collections.abc import Iterable

WILDCARDS = frozenset("*?")


def has_wildcard(text: str) -> bool:
    """Whether the text holds `*` or `?`."""
    return "*" in text or "?" in text


def literal_prefix(text: str) -> str:
    """The text before its first wildcard."""
    for position, letter in enumerate(text):
        if letter in WILDCARDS:
            return text[:position]
    return text


def _literal_suffix(text: str) -> str:
    return literal_prefix(text[::-1])[::-1]


def covers(wide: str, narrow: str) -> bool:
    """Whether everything that `narrow` matches is matched by `wide` (sufficient, case matters).

    The wildcards of `narrow` are read as letters that only `*` of `wide` swallows (and `?` by `?`).
    """
    if wide in ("*", narrow):
        return True
    at, here, star, mark = 0, 0, -1, 0
    while here < len(narrow):
        if at < len(wide) and wide[at] == "*":
            star, mark = at, here
            at += 1
        elif at < len(wide) and (
            wide[at] == narrow[here] != "*" or (wide[at] == "?" and narrow[here] != "*")
        ):
            at += 1
            here += 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return all(letter == "*" for letter in wide[at:])


def may_overlap(one: str, other: str) -> bool:
    """Whether some text may match both; False only when certain."""
    if not has_wildcard(one):
        return covers(other, one)
    if not has_wildcard(other):
        return covers(one, other)
    for left, right in (
        (literal_prefix(one), literal_prefix(other)),
        (_literal_suffix(one)[::-1], _literal_suffix(other)[::-1]),
    ):
        shared = min(len(left), len(right))
        if left[:shared] != right[:shared]:
            return False
    return True


def any_covers(wide: Iterable[str], narrow: str) -> bool:
    """Whether one of the patterns covers the other one."""
    return any(covers(pattern, narrow) for pattern in wide)


def is_everything(pattern: str) -> bool:
    """Whether an action or resource pattern matches all there are: `*`, `**`, `*:*`."""
    return "*" in pattern and not pattern.strip("*:")
