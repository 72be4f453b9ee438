"""Which scan a page is over, and what people did since: one index kept open for all who ask."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.requests import Request

from sharedline.browse import gaps
from sharedline.browse.gaps import Filters
from sharedline.browse.history import History, Point
from sharedline.browse.index import Index
from sharedline.browse.indexes import Indexes
from sharedline.browse.live import Live
from sharedline.browse.rows import rows_of
from sharedline.duties.catalogue import load as load_duties
from sharedline.inventory.lake import Manifest
from sharedline.model import Check
from sharedline.people.model import Person, Scope
from sharedline.state import Claim
from sharedline.state.tables import CLAIM
from sharedline.web.site import Site, site_of
from sharedline.web.views.acting import Target
from sharedline.web.views.shelf import of_scan

_MAKING = Lock()
T = TypeVar("T")
#: Of names that many rows share.
_quoted = lru_cache(4096)(quote_plus)


@dataclass(frozen=True)
class Look:
    """A scan as one person sees it."""

    site: Site
    index: Index
    live: Live
    scope: Scope

    @property
    def as_of(self) -> datetime:
        """The scan's moment."""
        return self.index.as_of

    def kept(self, name: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for all who see the same until somebody does something.

        It must hold nothing of the person who asks but the scope, and is not to be changed.
        """
        scans = tuple(of_scan(m) for m in scans_of(self.site))
        key = (name, self.scope, self.live.overlay(self.index).version, scans)
        made: T = self.index.kept(key, make, weight=200)
        return made

    def check(self, check_id: str) -> Check | None:
        """A check by id; None where it is no longer among the checks."""
        return self.index.results.checks.get(check_id)

    def title(self, row: dict[str, Any]) -> str:
        """What a row is about: its check's sentence, or the duty that a cell lacks something of."""
        if row["check"]:
            found = self.check(row["check"])
            return found.title if found else str(row["check"])
        duty = load_duties().duties.get(row["duty"])
        what = "nobody owns it" if row["status"] == "unowned" else "nothing verifies it"
        return f"{duty.title if duty else row['duty']}: {what}"

    def page(self, filters: Filters) -> gaps.Page:
        """One page of rows."""
        return gaps.page(self.index, filters, self.scope, self.live)

    def total(self, filters: Filters) -> int:
        """How many rows the filters leave."""
        return gaps.total(self.index, filters, self.scope, self.live)

    def row(self, check: str, resource: str, account: str) -> dict[str, Any] | None:
        """One finding or gap; None where there is none, or none that the person may see.

        `gone` says that the scan before found it and this one does not.
        """
        known = self.index.ask("select id from res where text = ?", [resource])
        overlay = self.live.overlay(self.index)
        for table in ("at_res", "r") if known else ():
            sql = f"select rank from {table} where res = {known[0][0]} order by rank"
            wanted = [rank for (rank,) in self.index.answer(sql)]
            for row in rows_of(self.index, wanted, self.scope, overlay):
                same = row["check"] == check and account in ("", row["account"])
                if same and self.scope.covers(row["account"], row["owner"]):
                    gone = row["rank"] > sum(self.index.meta["sections"][:2])
                    return {**row, "gone": gone, "comments": len(self._said(row))}
        return None

    def _said(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        said = self.live.said(row["check"], row["resource"], row["account"])
        return [one for one in said if one["kind"] == "comment"]


class Scans:
    """What one process keeps open of the scans."""

    def __init__(self, site: Site) -> None:
        self.indexes = Indexes(site.project)
        self.live = Live(site.database)
        self.history = History(site.project)

    def close(self) -> None:
        """Closes the files."""
        self.indexes.close()


def _of(site: Site) -> Scans:
    """The site's own."""
    with _MAKING:
        found = site.kept.get("browse")
        if found is None:
            found = site.kept["browse"] = Scans(site)
    assert isinstance(found, Scans)
    return found


def scans_of(site: Site) -> list[Manifest]:
    """The scans of the lake, the newest last."""
    return _of(site).indexes.scans()


def newest(site: Site) -> Manifest | None:
    """The newest scan; None where there is none yet."""
    scans = scans_of(site)
    return scans[-1] if scans else None


@contextlib.contextmanager
def look(request: Request, person: Person, scan: str = "") -> Iterator[Look]:
    """The scan asked for, or the newest, for as long as the block runs.

    Raises:
        HTTPException: 404, there is no such scan.
        Error: There is no scan at all, or what is kept of it cannot be made.
    """
    site = site_of(request)
    held = _of(site)
    if scan and not any(m.id == scan for m in held.indexes.scans()):
        raise HTTPException(404)
    with held.indexes.use(scan) as index:
        yield Look(site, index, held.live, person.scope)


def row_or_404(seen: Look, check: str, resource: str, account: str) -> dict[str, Any]:
    """One finding or gap that the person may see."""
    row = seen.row(check, resource, account)
    if row is None:
        raise HTTPException(404)
    return row


def target_of(seen: Look, check: str, resource: str, account: str) -> Target:
    """A finding to do something with; 404 where the person sees none such."""
    row = row_or_404(seen, check, resource, account)
    status = "gone" if row["gone"] else row["status"]
    return Target(check, resource, row["account"], row["owner"], status, row["now"])


def href_of(row: dict[str, Any]) -> str:
    """Where a row opens to."""
    if not row["check"] and row["resource"].endswith("/*"):
        return f"/matrix/{quote(row['service'], safe='')}/{quote(row['duty'], safe='')}"
    return finding_href(row["check"], row["resource"], row["account"])


def finding_href(check: str, resource: str, account: str) -> str:
    """The address of a finding's page."""
    named = f"check={_quoted(check)}&resource={quote_plus(resource)}"
    return f"/gaps/finding?{named}&account={_quoted(account)}"


def points(seen: Look) -> list[Point]:
    """The numbers of the newest scans up to this one, within the person's scope."""
    with seen.site.database.read() as connection:
        made = [
            Claim(r.check_id, r.resource, r.by_whom, r.note, r.at)
            for r in connection.execute(sa.select(CLAIM).order_by(CLAIM.c.id))
        ]
    held = _of(seen.site)
    scans = held.indexes.scans()
    return held.history.points(seen.scope, scans, made, seen.index.manifest.id)
