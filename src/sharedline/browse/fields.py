"""The fields that rows are filtered and counted by, their words, and the numbers for those."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sharedline.model import SEVERITIES

#: What a page may be filtered by, in the order in which it offers them.
FIELDS = (
    "status", "severity", "owner", "account", "region", "duty", "service", "side", "life", "check",
    "age", "change", "owned",
)  # fmt: skip
#: Words that never change; a word's number is its place.
FIXED: Mapping[str, tuple[str, ...]] = {
    "status": ("unmet", "unknown", "unowned", "unverified", "waived", "met"),
    "life": ("open", "claimed", "waived", "verified", "none"),
    "side": ("customer", "shared", "unknown", "aws"),
    #: Days from when it was first so to the scan; `none` was never seen met or unmet.
    "age": ("0-7", "7-30", "30-90", "90-", "none"),
    #: Against the scan before; `none` where there is no scan before, or nothing to compare.
    "change": ("new", "worse", "lost", "fixed", "other", "same", "none"),
    #: Whether somebody owns it.
    "owned": ("yes", "no"),
}
#: Fields of few words, counted together in one small table.
LOW = ("status", "life", "side", "age", "change", "owned")
#: Fields that the check decides: one number, the kind, stands for all four.
OF_KIND = ("severity", "duty", "service", "check")
#: Where a row lies and whose it is.
PLACES = ("owner", "account", "region")
#: Ends of the bands of age, in days.
BANDS = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Kind:
    """What the rows of one check have in common; whole cells have a kind without a check."""

    severity: str
    duty: str
    service: str
    check: str


@dataclass(frozen=True)
class Words:
    """An index's words: of places the text by number, and the kinds."""

    places: Mapping[str, Mapping[int, str]]
    kinds: Mapping[int, Kind]
    #: The number by text, of places.
    numbers: Mapping[str, Mapping[str, int]]

    def codes(self, field: str, texts: Iterable[str]) -> list[int]:
        """The numbers of a field's texts, sorted; a text that no row has is left out."""
        if field in FIXED:
            return sorted(FIXED[field].index(t) for t in set(texts))
        known = self.numbers[field]
        return sorted(known[t] for t in set(texts) if t in known)

    def text(self, field: str, code: int) -> str:
        """The text of a number of a field of few words or of a place."""
        return FIXED[field][code] if field in FIXED else self.places[field][code]

    def kinds_where(self, wanted: Mapping[str, frozenset[str]], leave: str = "") -> set[int]:
        """The kinds that fit the filters on fields of `OF_KIND`, those on `leave` left out."""
        out = set(self.kinds)
        for field, values in wanted.items():
            if field in OF_KIND and field != leave and values:
                known = self.kinds_of[field]
                out &= set().union(*(known.get(v, frozenset()) for v in values))
        return out

    @functools.cached_property
    def kinds_of(self) -> Mapping[str, Mapping[str, frozenset[int]]]:
        """By field of `OF_KIND` and text, the kinds that have it."""
        out: dict[str, dict[str, set[int]]] = {field: {} for field in OF_KIND}
        for code, kind in self.kinds.items():
            for field in OF_KIND:
                out[field].setdefault(getattr(kind, field), set()).add(code)
        return {f: {t: frozenset(c) for t, c in known.items()} for f, known in out.items()}


def case_sql(column: str, field: str, otherwise: str) -> str:
    """SQL that turns a stored text into its number."""
    whens = " ".join(f"when '{word}' then {n}" for n, word in enumerate(FIXED[field]))
    return f"case {column} {whens} else {FIXED[field].index(otherwise)} end"


def severity_sql(column: str) -> str:
    """SQL for how grave a severity is, worst first."""
    whens = " ".join(f"when '{word}' then {n}" for n, word in enumerate(SEVERITIES))
    return f"case {column} {whens} else {len(SEVERITIES) - 1} end"
