"""How many rows each value of each field has under the other filters, from the smallest table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from sharedline.browse.base import Base, listed
from sharedline.browse.fields import FIELDS, FIXED, LOW, OF_KIND, PLACES
from sharedline.browse.filters import Filters

if TYPE_CHECKING:
    from sharedline.browse.index import Index

_SECTIONS = {"gaps": (0,), "all": (0, 1), "gone": (2,)}
_LOW = ", ".join(LOW)
_LIFE = LOW.index("life")


@dataclass(frozen=True, slots=True)
class Mark:
    """A row whose life people changed since the scan: `codes` by field, `now` its life's number."""

    rank: int
    section: int
    kind: int
    codes: Mapping[str, int]
    now: int


@dataclass(frozen=True)
class Question:
    """Filters as numbers, over a base."""

    index: Index
    base: Base
    filters: Filters
    #: Of fields of few words and of places the numbers asked for.
    codes: Mapping[str, frozenset[int]]
    marks: tuple[Mark, ...] = ()

    @property
    def sections(self) -> tuple[int, ...]:
        """Gaps, other findings, gaps gone: which are looked at."""
        return _SECTIONS[self.filters.rows]

    def of_kind(self, leave: str = "") -> list[str]:
        """The fields of the kind that are filtered."""
        return [f for f in OF_KIND if f != leave and f in self.filters.wanted]

    def kinds(self, leave: str = "") -> set[int]:
        """The kinds that are asked for."""
        return self.index.words.kinds_where(self.filters.wanted, leave)

    def places(self, leave: str = "") -> list[str]:
        """The fields of places that are filtered."""
        return [f for f in PLACES if f != leave and f in self.codes]

    def where(self, fields: Iterable[str], *, kinds: bool) -> str:
        """SQL of the filters on fields of few words and places, and on the kind."""
        parts = [f"sec in ({listed(self.sections)})"]
        parts += [_in(f, self.codes[f]) for f in fields if f in self.codes]
        asked = self.of_kind() if kinds else []
        if asked == ["severity"]:
            parts.append(_in("sev", self.severities))
        elif asked:
            parts.append(_in("kind", self.kinds()))
        return " and ".join(parts)

    @property
    def severities(self) -> set[int]:
        """The severities asked for, as numbers."""
        from sharedline.model import SEVERITIES

        return {SEVERITIES.index(s) for s in self.filters.severity}

    def table(self, fields: Iterable[str], *, kinds: bool) -> str:
        """The table in which the rows of these filters lie together."""
        if not self.base.whole:
            return self.base.table
        fields = set(fields)
        for field in ("owner", "account"):
            if field in fields and field in self.codes:
                return f"p_{field}"
        return "p_kind" if kinds and self.of_kind() else "r"


def _in(column: str, codes: Iterable[int]) -> str:
    found = listed(set(codes))
    return f"{column} in ({found})" if found else "false"


def question(index: Index, base: Base, filters: Filters, marks: tuple[Mark, ...] = ()) -> Question:
    """The filters as numbers."""
    codes = {
        field: frozenset(index.words.codes(field, values))
        for field, values in filters.wanted.items()
        if field not in OF_KIND
    }
    return Question(index, base, filters, codes, marks)


def _low(q: Question) -> dict[tuple[int, ...], int]:
    """Rows by the words of fields of few words, before filters on those."""
    kinds, places = bool(q.of_kind()), q.places()
    where = q.where(PLACES, kinds=kinds)
    if q.base.whole and not places:
        if q.of_kind() == ["severity"]:
            where = f"field = 'region' and {where}"
            sql = f"select {_LOW}, sum(n)::bigint from cube_place where {where} group by all"
        else:
            sql = f"select {_LOW}, sum(n)::bigint from cube_kind where {where} group by all"
    else:
        table = q.table(PLACES, kinds=kinds)
        sql = f"select {_LOW}, count(*) from {table} where {where} group by all"
    return {row[:-1]: row[-1] for row in q.index.answer(sql)}


def _kinds(q: Question) -> dict[int, int]:
    """Rows by kind, before filters on the fields of the kind."""
    where = q.where((*LOW, *PLACES), kinds=False)
    if q.base.whole and not q.places():
        sql = f"select kind, sum(n)::bigint from cube_kind where {where} group by all"
    else:
        table = q.table(PLACES, kinds=False)
        sql = f"select kind, count(*) from {table} where {where} group by all"
    return dict(q.index.answer(sql))


def _place(q: Question, field: str) -> dict[int, int]:
    """Rows by owner, account or Region, before the filter on it."""
    others = q.places(field)
    where = q.where((*LOW, *others), kinds=True)
    if q.base.whole and not others and q.of_kind() in ([], ["severity"]):
        sql = (
            f"select code, sum(n)::bigint from cube_place where field = '{field}' and {where} "
            "group by all"
        )
    else:
        table = q.table(others, kinds=True)
        sql = f"select {field}, count(*) from {table} where {where} group by all"
    return dict(q.index.answer(sql))


def counts(q: Question) -> tuple[int, dict[str, Counter[str]]]:
    """How many rows there are, and by field how many each value has under the other filters."""
    found: dict[str, Counter[str]] = {}
    lows = _low(q)
    asked = [(n, q.codes[f]) for n, f in enumerate(LOW) if f in q.codes]
    total = sum(n for key, n in lows.items() if all(key[at] in v for at, v in asked))
    for place, field in enumerate(LOW):
        others = [(at, v) for at, v in asked if at != place]
        told: Counter[str] = Counter()
        for key, n in lows.items():
            if all(key[at] in v for at, v in others):
                told[FIXED[field][key[place]]] += n
        found[field] = told
    by_kind = _kinds(q)
    known = q.index.words.kinds
    for field in OF_KIND:
        fits = by_kind if not q.of_kind(field) else q.kinds(field) & by_kind.keys()
        texts = map(attrgetter(field), map(known.__getitem__, fits))
        told = Counter()
        for text, code in zip(texts, fits, strict=True):
            told[text] += by_kind[code]
        found[field] = told
    for field in PLACES:
        names = q.index.words.places[field]
        found[field] = Counter({names[code]: n for code, n in _place(q, field).items()})
    total += _corrected(q, found)
    return total, {field: +found[field] for field in FIELDS}


def _corrected(q: Question, found: dict[str, Counter[str]]) -> int:
    """Counts the rows that people changed since the scan as what they are now; the total's change."""
    if not q.marks:
        return 0
    lives = q.codes.get("life")
    allowed = {field: q.kinds(field) for field in ("", *OF_KIND)}
    more = 0
    for mark in q.marks:
        if mark.section not in q.sections:
            continue
        # Without a filter on the life a row is counted as before, but for the life itself.
        for field in ("", *FIELDS) if lives is not None else ("life",):
            kinds = allowed.get(field, allowed[""])
            if mark.kind not in kinds or not _fits(q, mark, field):
                continue
            for life, sign in ((mark.codes["life"], -1), (mark.now, 1)):
                if field != "life" and lives is not None and life not in lives:
                    continue
                if field:
                    found[field][_text(q, mark, field, life)] += sign
                else:
                    more += sign
    return more


def _fits(q: Question, mark: Mark, leave: str) -> bool:
    return all(mark.codes[f] in codes for f, codes in q.codes.items() if f not in (leave, "life"))


def _text(q: Question, mark: Mark, field: str, life: int) -> str:
    if field == "life":
        return FIXED["life"][life]
    if field in OF_KIND:
        return str(getattr(q.index.words.kinds[mark.kind], field))
    return q.index.words.text(field, mark.codes[field])
