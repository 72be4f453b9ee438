"""What people did since the scan: claims, waivers and comments, laid over its rows."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

import sqlalchemy as sa

from sharedline.browse.base import listed
from sharedline.browse.count import Mark
from sharedline.browse.fields import FIXED, LOW, PLACES
from sharedline.browse.index import Index
from sharedline.duties import waivers
from sharedline.duties.owners import like
from sharedline.model import Waiver
from sharedline.state import Claim
from sharedline.state.database import Database
from sharedline.state.tables import CLAIM, COMMENT

#: So many rows are marked at most as waived since the scan; more need the scan judged again.
MOST = 5_000
_FIELDS = (*LOW, *PLACES)
_OPEN, _CLAIMED, _WAIVED = (FIXED["life"].index(w) for w in ("open", "claimed", "waived"))
_UNMET = FIXED["status"].index("unmet")


@dataclass(frozen=True)
class Overlay:
    """What was said since the scan; `marks` are the rows whose life it changes."""

    marks: tuple[Mark, ...] = ()
    #: By check and resource, the newest claim.
    claims: Mapping[tuple[str, str], Claim] = field(default_factory=dict)
    #: By rank, the words of the waiver.
    waived: Mapping[int, str] = field(default_factory=dict)
    #: Whether more rows were waived than are marked.
    unfinished: bool = False
    #: Another number whenever a claim, a comment or a waiver came; within one process.
    version: int = 0


NOTHING = Overlay()


_NEWEST = sa.select(
    sa.select(sa.func.max(CLAIM.c.id)).scalar_subquery(),
    sa.select(sa.func.max(COMMENT.c.id)).scalar_subquery(),
)


class Live:
    """Reads what is new in the database and in `waivers.toml`, when either changed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._lock = threading.Lock()
        self._seen: tuple[Any, ...] = ()
        self._overlay = NOTHING
        self._version = 0

    def overlay(self, index: Index) -> Overlay:
        """What lies over the rows of a scan; costs one small query where nothing is new."""
        with self.database.read() as connection:
            newest = connection.execute(_NEWEST).one()
        path = index.project.waivers
        changed = path.stat() if path.is_file() else None
        seen = (
            index.key,
            *newest,
            changed and (changed.st_mtime_ns, changed.st_size),
            datetime.now(UTC).date(),
        )
        with self._lock:
            if seen != self._seen:
                self._version += 1
                self._overlay = replace(self._read(index), version=self._version)
                self._seen = seen
            return self._overlay

    def _read(self, index: Index) -> Overlay:
        claims = self._claims(index)
        waived, unfinished = _waived(index)
        marks = {m.rank: m for m in _claimed(index, claims)}
        marks.update(
            {m.rank: m for m in _marks(index, f"rank in ({listed([*waived])})", _WAIVED)}
            if waived
            else {}
        )
        return Overlay(tuple(marks.values()), claims, waived, unfinished)

    def _claims(self, index: Index) -> dict[tuple[str, str], Claim]:
        """The claims made since the scan, the newest of each finding."""
        with self.database.read() as connection:
            found = connection.execute(
                sa.select(CLAIM).where(CLAIM.c.at > index.as_of).order_by(CLAIM.c.at, CLAIM.c.id)
            )
            return {
                (r.check_id, r.resource): Claim(r.check_id, r.resource, r.by_whom, r.note, r.at)
                for r in found
            }

    def comments(self, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], int]:
        """How many comments each of these rows has, by check, resource and account."""
        resources = sorted({row["resource"] for row in rows})
        if not resources:
            return {}
        key = (COMMENT.c.check_id, COMMENT.c.resource, COMMENT.c.account_id)
        with self.database.read() as connection:
            found = connection.execute(
                sa.select(*key, sa.func.count())
                .where(COMMENT.c.resource.in_(resources))
                .group_by(*key)
            )
            return {(r[0], r[1], r[2]): r[3] for r in found}

    def said(self, check: str, resource: str, account: str = "") -> list[dict[str, Any]]:
        """Claims and comments on one finding, oldest first: {kind, by, text, at}."""
        with self.database.read() as connection:
            claims = connection.execute(
                sa.select(CLAIM).where(CLAIM.c.check_id == check, CLAIM.c.resource == resource)
            ).all()
            comments = connection.execute(
                sa.select(COMMENT).where(
                    COMMENT.c.check_id == check,
                    COMMENT.c.resource == resource,
                    COMMENT.c.account_id.in_([account, ""]),
                )
            ).all()
        out = [{"kind": "claim", "by": r.by_whom, "text": r.note, "at": r.at} for r in claims]
        out += [{"kind": "comment", "by": r.by_whom, "text": r.text, "at": r.at} for r in comments]
        return sorted(out, key=lambda r: r["at"])


def _marks(index: Index, where: str, now: int) -> list[Mark]:
    sql = f"select rank, sec, kind, {', '.join(_FIELDS)} from r where sec < 2 and {where}"
    return [
        Mark(row[0], row[1], row[2], dict(zip(_FIELDS, row[3:], strict=True)), now)
        for row in index.ask(sql)
    ]


def _claimed(index: Index, claims: Mapping[tuple[str, str], Claim]) -> list[Mark]:
    """The open rows that somebody says are fixed."""
    texts = sorted({resource for _, resource in claims})
    if not texts:
        return []
    ids = dict(index.ask("select id, text from res where text in (select unnest(?))", [texts]))
    if not ids:
        return []
    of_check: dict[str, set[int]] = defaultdict(set)
    for code, kind in index.words.kinds.items():
        of_check[kind.check].add(code)
    known = {(kind, claims[c, r].resource) for c, r in claims for kind in of_check[c]}
    sql = (
        f"select rank, res, kind from r where sec < 2 and life = {_OPEN} and status = {_UNMET} "
        f"and res in ({listed([*ids])})"
    )
    ranks = [rank for rank, res, kind in index.ask(sql) if (kind, ids[res]) in known]
    return _marks(index, f"rank in ({listed(ranks)})", _CLAIMED) if ranks else []


def _waived(index: Index) -> tuple[dict[int, str], bool]:
    """By rank the words of the waiver that covers a row since the scan was judged."""
    if index.manifest.data.get("intent") == index.project.intent_digest():
        return {}, False
    found: dict[int, str] = {}
    today = datetime.now(UTC).date()
    for waiver in waivers.load(index.project.waivers):
        if waiver.expires < today:
            continue
        words = f"{waiver.reason} (approved by {waiver.approver} until {waiver.expires})"
        for (rank,) in index.ask(_covered_sql(index, waiver)):
            found.setdefault(rank, words)
        if len(found) >= MOST:
            return dict(sorted(found.items())[:MOST]), True
    return found, False


def _covered_sql(index: Index, waiver: Waiver) -> str:
    kinds = [
        code
        for code, kind in index.words.kinds.items()
        if kind.check and fnmatchcase(kind.check, waiver.check)
        and fnmatchcase(kind.duty, waiver.duty)
    ]  # fmt: skip
    if not kinds:
        return "select rank from r where false"
    return (
        "select rank from r join res on res.id = r.res join word a on a.field = 'account' and "
        f"a.code = r.account where sec < 2 and status = {_UNMET} and kind in ({listed(kinds)}) "
        f"and {like('res.text', [waiver.resource])} and {like('a.text', [waiver.account])} "
        f"order by rank limit {MOST}"
    )


__all__ = ["MOST", "NOTHING", "Live", "Overlay"]
