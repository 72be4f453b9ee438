"""My five things: what somebody should do next, with the reason why it stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sharedline.browse.base import listed
from sharedline.browse.fields import FIXED
from sharedline.browse.filters import Filters
from sharedline.browse.index import Index
from sharedline.browse.live import NOTHING, Live
from sharedline.browse.rows import rows_of
from sharedline.people.model import Scope

THINGS = 5
_CLAIMED = FIXED["life"].index("claimed")
_WORDS = {
    "unmet": "not as desired", "unknown": "could not be read", "unowned": "nobody owns it",
    "unverified": "nothing verifies it",
}  # fmt: skip


@dataclass(frozen=True)
class Thing:
    """The worst row of one check, how many more are like it, and why it is among the five."""

    row: dict[str, Any]
    alike: int
    why: str
    #: The query that shows all that are like it.
    query: str


def mine(index: Index, scope: Scope, live: Live | None = None) -> list[Thing]:
    """At most five, each of another check: what the teams of the scope own, else all in the scope.

    First what nobody claimed, then unmet before unknown, then the gravest, then the oldest.
    """
    overlay = live.overlay(index) if live else NOTHING
    base = index.bases.of(index, scope, "")
    owners = index.words.codes("owner", scope.teams)
    where = "sec = 0" + (f" and owner in ({listed(owners)})" if scope.teams and owners else "")
    if scope.teams and not owners:
        return []
    table = "p_owner" if base.whole and scope.teams else base.table
    claimed = [m.rank for m in overlay.marks]
    said = f"life = {_CLAIMED}" + (f" or rank in ({listed(claimed)})" if claimed else "")
    # One number that sorts: claimed, status, severity, age; `aged` is below 2**40.
    number = f"((({said})::bigint * 8 + status) * 8 + sev) * 1099511627776 + aged"
    found = index.answer(
        f"select min({number}) as first, arg_min(rank, {number}), count(*) from {table} "
        f"where {where} group by kind order by first limit {THINGS}"
    )
    rows = rows_of(index, [rank for _, rank, _ in found], scope, overlay)
    return [_thing(index, row, n - 1, scope) for row, (_, _, n) in zip(rows, found, strict=True)]


def _thing(index: Index, row: dict[str, Any], alike: int, scope: Scope) -> Thing:
    parts = [f"{row['severity']}, {_WORDS.get(row['status'], row['status'])}"]
    if row["since"]:
        from datetime import datetime

        days = (index.as_of - datetime.fromisoformat(row["since"])).days
        parts.append(f"since {row['since'][:10]} ({days} {'day' if days == 1 else 'days'})")
    if row["now"] == "claimed":
        parts.append("claimed, to be verified by the next scan")
    elif row["now"] == "waived":
        parts.append("waived since the scan")
    else:
        parts.append("nobody says that it is mended")
    if alike:
        parts.append(f"the oldest of {alike + 1} alike")
    chosen = Filters(
        duty=frozenset({row["duty"]}),
        service=frozenset({row["service"]}),
        check=frozenset({row["check"]} if row["check"] else ()),
        owner=frozenset(scope.teams),
    )
    return Thing(row, alike, "; ".join(parts) + ".", chosen.query())
