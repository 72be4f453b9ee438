"""Exact set algebra on globs: what one covers, where two meet, and a text that tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sharedline.iam.compare.automata import (
    BUDGET,
    LimitError,
    Product,
    filler_of,
    limited,
    step,
)
from sharedline.iam.globs import Glob, Wild, glob

__all__ = ["LimitError", "covers", "limited", "overlaps", "possible", "step", "witness"]
_EVERYTHING = glob("*")


def _apart(one: Glob, other: Glob) -> bool:
    """Whether the literal beginnings alone keep two globs apart."""
    a, b = one.prefix, other.prefix
    if one.fold or other.fold:
        a, b = a.lower(), b.lower()
    if not (a.startswith(b) or b.startswith(a)):
        return True
    return (one.literal and len(b) > len(a)) or (other.literal and len(a) > len(b))


def _instance(one: Glob, filler: str) -> str:
    """The shortest text that a glob matches, with `filler` for each `?`."""
    return "".join(
        part if isinstance(part, str) else ("" if isinstance(part, Wild) and part.many else filler)
        for part in one.parts
    )


def _spelling(one: Glob) -> tuple[str, str]:
    """An order, so that the same question always has the same answer."""
    return one.text, one.kind


def _trimmed(inside: Sequence[Glob], outside: Sequence[Glob]) -> tuple[list[Glob], list[Glob]]:
    """Without what cannot matter: the same again, everything inside, outsiders far away."""
    inner = [one for one in dict.fromkeys(inside) if not one.everything]
    outer = [
        one for one in dict.fromkeys(outside) if not any(_apart(one, other) for other in inner)
    ]
    return inner or [_EVERYTHING], outer


def _search(
    inside: Sequence[Glob], outside: Sequence[Glob], budget: int, *, widen: bool = False
) -> str | None:
    return _searched(frozenset(inside), frozenset(outside), budget, widen=widen)


@lru_cache(maxsize=50_000)
def _searched(
    inside: frozenset[Glob], outside: frozenset[Glob], budget: int, *, widen: bool
) -> str | None:
    step()
    inner, outer = _trimmed(sorted(inside, key=_spelling), sorted(outside, key=_spelling))
    if any(_apart(one, other) for at, one in enumerate(inner) for other in inner[:at]):
        return None
    if any(one in outer for one in inner) or any(one.everything for one in outer):
        return None
    plain = not any(one.variables for one in (*inner, *outer))
    if plain:
        literal = next((one for one in inner if one.literal and not one.fold), None)
        candidate = literal or (inner[0] if len(inner) == 1 else None)
        if candidate is not None:
            text = _instance(candidate, filler_of((*inner, *outer)))
            fits = all(one.matches(text) for one in inner)
            if fits and not any(one.matches(text) for one in outer):
                return text
            if literal is not None:
                return None
    return Product(inner, outer, widen=widen).search(budget)


def witness(inside: Sequence[Glob], outside: Sequence[Glob], *, budget: int = BUDGET) -> str | None:
    """A shortest text that matches all of `inside` and none of `outside`; None if there is none.

    LimitError past the budget, and for variables: fill them in, or ask `possible`.
    """
    if any(one.variables for one in (*inside, *outside)):
        raise LimitError("a variable's value is not known")
    return _search(inside, outside, budget)


def possible(inside: Sequence[Glob], outside: Sequence[Glob], *, budget: int = BUDGET) -> bool:
    """Whether some text may match all of `inside` and none of `outside`; False is certain.

    Exact without variables. With them False holds whatever their values: a variable inside is
    taken for every text, or, in one glob at a time, for one unknown text, which another glob takes
    only where it has the same variable or a `*` that reaches anywhere.
    """
    varied = [one for one in inside if one.variables]
    if not varied and not any(one.variables for one in outside):
        return _search(inside, outside, budget) is not None
    plain = [one for one in outside if not one.variables]
    if _search(inside, plain, budget, widen=True) is None:
        return False
    return all(_search([one], outside, budget) is not None for one in varied)


@lru_cache(maxsize=100_000)
def covers(wide: Glob, narrow: Glob) -> bool:
    """Whether every text of `narrow` is one of `wide`, whatever values the variables have."""
    if wide is narrow or wide.everything:
        return True
    if not narrow.variables and not wide.variables:
        if narrow.literal and not narrow.fold:
            return wide.matches(narrow.prefix)
        begins = len(wide.parts) == 2 and wide.prefix and wide.parts[1] is Wild.ANY
        if begins and wide.fold is narrow.fold:
            return narrow.prefix.startswith(wide.prefix)
    return not possible([narrow], [wide])


@lru_cache(maxsize=100_000)
def overlaps(a: Glob, b: Glob) -> bool:
    """Whether some text matches both, for some values of the variables."""
    if a is b or a.everything or b.everything:
        return True
    if _apart(a, b):
        return False
    return possible([a, b], [])
