"""The audit log: who changed what, written in the transaction of the change itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from sharedline.state.tables import AUDIT

#: Rows of a page.
SIZE = 50
#: What no detail is ever called: a secret in the log is a leak.
_SECRET = ("password", "secret", "token", "csrf", "cookie", "code", "digest")


@dataclass(frozen=True, slots=True)
class Record:
    """One change."""

    id: int
    at: datetime
    who: str
    role: str
    action: str
    target: str
    detail: Mapping[str, Any]
    address: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for; empty is all. `target` may stand anywhere within."""

    who: str = ""
    action: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Records, the newest first, and how many there are in all."""

    records: tuple[Record, ...]
    number: int
    total: int
    actions: tuple[str, ...] = field(default=())

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // SIZE))


def write(
    connection: sa.Connection,
    who: str,
    role: str,
    action: str,
    target: str,
    detail: Mapping[str, Any] | None = None,
    address: str = "",
) -> None:
    """Writes a record in the caller's transaction: the change and its record stand or fall together.

    `action` is a noun and a verb like `person.add`. `ValueError` where a detail has a secret's name.
    """
    told = dict(detail or {})
    for key in told:
        if any(word in key.lower().split("_") for word in _SECRET):
            raise ValueError(f"a detail of the audit log called {key!r}")
    connection.execute(
        AUDIT.insert().values(
            at=datetime.now(UTC),
            who=_text(who, 200),
            role=_text(role, 20),
            action=_text(action, 80),
            target=_text(target, 2048),
            detail=json.dumps(told, sort_keys=True, default=str),
            address=_text(address, 64),
        )
    )


def read(connection: sa.Connection, filters: Filters | None = None, page: int = 1) -> Page:
    """One page (from 1) of what fits the filters, the newest first; and the actions there are."""
    which, number = _which(filters or Filters()), max(1, page)
    total = connection.execute(sa.select(sa.func.count()).select_from(AUDIT).where(*which)).scalar()
    rows = connection.execute(
        sa.select(AUDIT)
        .where(*which)
        .order_by(AUDIT.c.at.desc(), AUDIT.c.id.desc())
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )
    records = tuple(
        Record(r.id, r.at, r.who, r.role, r.action, r.target, json.loads(r.detail), r.address)
        for r in rows
    )
    actions = connection.execute(sa.select(AUDIT.c.action).distinct().order_by(AUDIT.c.action))
    return Page(records, number, total or 0, tuple(actions.scalars()))


def _which(filters: Filters) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if filters.who:
        found.append(AUDIT.c.who == _text(filters.who, 200))
    if filters.action:
        found.append(AUDIT.c.action == _text(filters.action, 80))
    if filters.target:
        found.append(AUDIT.c.target.contains(_text(filters.target, 2048), autoescape=True))
    if filters.since is not None:
        found.append(AUDIT.c.at >= filters.since)
    if filters.until is not None:
        found.append(AUDIT.c.at < filters.until)
    return found


def _text(value: str, longest: int) -> str:
    """What a column takes: PostgreSQL keeps neither more nor NUL."""
    return value.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()[:longest]
