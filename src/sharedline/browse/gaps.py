"""Gaps (and other findings) page by page, with what filters would leave, in a person's scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sharedline.browse.base import listed
from sharedline.browse.count import Question, counts, question
from sharedline.browse.fields import FIELDS, FIXED, LOW, PLACES
from sharedline.browse.filters import Filters, from_query
from sharedline.browse.index import Index
from sharedline.browse.live import NOTHING, Live, Overlay
from sharedline.browse.rows import rows_of
from sharedline.model import SEVERITIES
from sharedline.people.model import Scope

EVERYTHING = Scope()
#: Up to so many rows are sorted for a page; of more the table that is sorted already is read along.
SORTED = 60_000
_NONE = FIXED["age"].index("none")


@dataclass(frozen=True)
class Facet:
    """One field's values with the rows that each would leave; those asked for are always there."""

    field: str
    #: (value, rows, whether it is asked for), in the field's own order or the most rows first.
    values: Sequence[tuple[str, int, bool]]


@dataclass(frozen=True)
class Page:
    """Rows of one page as `Results.gaps` gives them, and what is new since the scan.

    Each row has besides: `rank`, `age`, `change`, `waiver`, `reopened`, `now` (its life with what
    people did since), `claimed` (None or {by, at, note}), `waived_since` (words), `comments`.
    """

    rows: list[dict[str, Any]]
    total: int
    pages: int
    facets: Mapping[str, Facet]
    filters: Filters
    scan: str
    #: Whether waivers were given since the scan for more rows than are shown as waived.
    unfinished: bool = False


def page(
    index: Index,
    filters: Filters,
    scope: Scope = EVERYTHING,
    live: Live | None = None,
) -> Page:
    """One page of rows with facets and totals; nothing outside the scope is in any number."""
    overlay = live.overlay(index) if live else NOTHING
    q = _question(index, filters, scope, overlay)
    total, found = _counted(q)
    ranks = _ranks(q, total)
    rows = rows_of(index, ranks, scope, overlay)
    comments = live.comments(rows) if live else {}
    for row in rows:
        row["comments"] = comments.get((row["check"], row["resource"], row["account"]), 0)
    facets = _facets(found, filters)
    pages = max(1, -(-total // filters.size))
    return Page(rows, total, pages, facets, filters, index.manifest.id, overlay.unfinished)


def facets(
    index: Index, filters: Filters, scope: Scope = EVERYTHING, live: Live | None = None
) -> Mapping[str, Facet]:
    """The counts alone, for who shows no rows."""
    overlay = live.overlay(index) if live else NOTHING
    return _facets(_counted(_question(index, filters, scope, overlay))[1], filters)


def _facets(found: Mapping[str, Counter[str]], filters: Filters) -> dict[str, Facet]:
    return {f: _facet(f, found[f], filters) for f in FIELDS}


def total(
    index: Index, filters: Filters, scope: Scope = EVERYTHING, live: Live | None = None
) -> int:
    """How many rows the filters leave within the scope."""
    overlay = live.overlay(index) if live else NOTHING
    q = _question(index, filters, scope, overlay)
    return _counted(q)[0]


def _counted(q: Question) -> tuple[int, dict[str, Counter[str]]]:
    """Total and facets, kept for the next page and the next who asks the same."""
    marks = tuple((m.rank, m.now) for m in q.marks)
    key = ("page", q.base.table, q.filters.but(size=1, order="worst", scan=""), marks)
    made: tuple[int, dict[str, Counter[str]]] = q.index.kept(key, lambda: counts(q), weight=600)
    return made


def _question(index: Index, filters: Filters, scope: Scope, overlay: Overlay) -> Question:
    base = index.bases.of(index, scope, filters.text)
    marks = overlay.marks
    if marks and not base.whole:
        ranks = listed([m.rank for m in marks])
        inside = {r for (r,) in index.ask(f"select rank from {base.table} where rank in ({ranks})")}
        marks = tuple(m for m in marks if m.rank in inside)
    return question(index, base, filters, marks)


def _facet(field: str, found: Mapping[str, int], filters: Filters) -> Facet:
    asked = getattr(filters, field)
    told = {**dict.fromkeys(asked, 0), **found}
    order = SEVERITIES if field == "severity" else FIXED.get(field, ())

    def place(value: str) -> tuple[int, int, str]:
        if value in order:
            return order.index(value), 0, value
        return len(order), -told[value], value

    return Facet(field, [(v, told[v], v in asked) for v in sorted(told, key=place)])


# -- which rows -----------------------------------------------------------------------------------


def _ranks(q: Question, total: int) -> list[int]:
    """The ranks of the page's rows, in its order; page 10,000 costs what page 1 does."""
    f = q.filters
    skip, take = (f.page - 1) * f.size, min(f.size, total - (f.page - 1) * f.size)
    if take <= 0:
        return []
    where = _where(q)
    if f.order == "worst" and q.base.whole and not f.wanted:
        first = {"gaps": 0, "all": 0, "gone": sum(q.index.meta["sections"][:2])}[f.rows]
        return list(range(first + skip + 1, first + skip + take + 1))
    if f.order != "newest":
        return _slice(q, where, total, (skip, take), "rank" if f.order == "worst" else "aged")
    return _newest(q, where, total, (skip, take))


def _where(q: Question) -> str:
    """SQL of all filters, with the life that rows have now."""
    lives = q.codes.get("life")
    if lives is None or not q.marks:
        return q.where((*_LOW_PLACES, "life"), kinds=True)
    parts = [q.where(_LOW_PLACES, kinds=True)]
    gone = [m.rank for m in q.marks if m.codes["life"] in lives and m.now not in lives]
    come = [m.rank for m in q.marks if m.codes["life"] not in lives and m.now in lives]
    life = f"life in ({listed([*lives])})" if lives else "false"
    life += f" and rank not in ({listed(gone)})" if gone else ""
    parts.append(f"(({life}){f' or rank in ({listed(come)})' if come else ''})")
    return " and ".join(parts)


_LOW_PLACES = (*(f for f in LOW if f != "life"), *PLACES)


def _slice(q: Question, where: str, total: int, part: tuple[int, int], order: str) -> list[int]:
    """Some of the matching ranks: `part` is how many to leave out and to take."""
    skip, take = part
    if total > SORTED and q.base.whole:
        # These tables are sorted so already, and rows come in the order in which they lie.
        table = "r" if order == "rank" else "p_age"
        sql = f"select rank from {table} where {where} limit {take} offset {skip}"
    else:
        table = q.table(_LOW_PLACES, kinds=True)
        sql = f"select rank from {table} where {where} order by {order} limit {take} offset {skip}"
    return [rank for (rank,) in q.index.ask(sql)]


def _newest(q: Question, where: str, total: int, part: tuple[int, int]) -> list[int]:
    """From the other end of the order by age; what has no age comes last here too."""
    skip, take = part
    dated = total - sum(
        n for (n,) in q.index.answer(
            f"select count(*) from {q.table(_LOW_PLACES, kinds=True)} where {where} "
            f"and age = {_NONE}"
        )
    )  # fmt: skip
    out: list[int] = []
    if skip < dated:
        count = min(take, dated - skip)
        first = (dated - skip - count, count)
        out = _slice(q, f"{where} and age <> {_NONE}", total, first, "aged")[::-1]
    if len(out) < take:
        rest = (max(0, skip - dated), take - len(out))
        out += _slice(q, f"{where} and age = {_NONE}", total, rest, "aged")
    return out


__all__ = ["EVERYTHING", "Facet", "Filters", "Page", "from_query", "page", "total"]
