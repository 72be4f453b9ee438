"""The rows that a person may be shown and a text is found in, before any filter."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharedline.browse.build import CODES
from sharedline.browse.fields import FIXED
from sharedline.people.model import Scope

if TYPE_CHECKING:
    from sharedline.browse.index import Index

#: Rows that are kept copied out for limited scopes and searches; 27 bytes each.
ROOM = 8_000_000
#: Statuses of what whole cells lack; their reasons count resources of every account.
OF_CELLS = tuple(FIXED["status"].index(s) for s in ("unowned", "unverified"))


@dataclass(frozen=True)
class Base:
    """A table with the columns `CODES`, sorted by rank; `whole` is all there is."""

    table: str
    whole: bool
    rows: int


class Bases:
    """Tables in memory for limited scopes and searches; those asked for longest ago go."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._known: OrderedDict[str, Base] = OrderedDict()

    def of(self, index: Index, scope: Scope, text: str) -> Base:
        """The base of a scope and a text; made where it is not there."""
        text = text.strip()
        if scope.everything and not text:
            return Base("r", whole=True, rows=sum(index.meta["sections"]))
        told = repr((scope.everything, sorted(scope.accounts or ()), sorted(scope.teams), text))
        name = "b" + hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        with self.lock:
            if name in self._known:
                self._known.move_to_end(name)
                return self._known[name]
            table = f"memory.{name}"
            where, parameters = _where(index, scope, text)
            index.ask(
                f"create or replace table {table} as select {CODES} from r where {where} "
                "order by rank",
                parameters,
            )
            rows = int(index.ask(f"select count(*) from {table}")[0][0])
            self._known[name] = Base(table, whole=False, rows=rows)
            self._make_room(index)
            return self._known[name]

    def _make_room(self, index: Index) -> None:
        while len(self._known) > 1 and sum(b.rows for b in self._known.values()) > ROOM:
            _, old = self._known.popitem(last=False)
            index.ask(f"drop table if exists {old.table}")


def _where(index: Index, scope: Scope, text: str) -> tuple[str, list[str]]:
    parts, parameters = [], []
    if not scope.everything:
        parts.append(scope_sql(index, scope))
    if text:
        hidden = "" if scope.everything else f" and status not in {OF_CELLS}"
        parts.append(
            "(res in (select id from res where contains(lower(text), lower(?))) or (why in "
            f"(select id from why where contains(lower(text), lower(?))){hidden}))"
        )
        parameters = [text, text]
    return " and ".join(parts), parameters


def scope_sql(index: Index, scope: Scope) -> str:
    """SQL that a row is seen: its account is among the scope's, or its owner among the teams."""
    if scope.everything:
        return "true"
    accounts = index.words.codes("account", scope.accounts or ())
    owners = index.words.codes("owner", scope.teams)
    parts = [f"{c} in ({listed(v)})" for c, v in (("account", accounts), ("owner", owners)) if v]
    return f"({' or '.join(parts)})" if parts else "false"


def listed(codes: list[int] | set[int] | tuple[int, ...]) -> str:
    """Numbers as the inside of `in (...)`."""
    return ", ".join(str(int(c)) for c in sorted(codes))
