"""The services in use, and the rows of a scan that are the resources of one: what the matrix counts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sharedline.duties.catalogue import Catalogue
from sharedline.inventory import literals
from sharedline.inventory.engines import Duck, quoted

if TYPE_CHECKING:
    from sharedline.project import Project

#: Tables that name resources of any service; they add services, not rows of their own.
LONG_TAIL = ("tagged_resource", "explored_resource", "config_discovered_resource")
#: Where the trail shows somebody changing something in a service, the service is in use there.
_CHANGED = "change_count > 0 and principal_kind <> 'service'"


class Scanned(Protocol):
    """What is needed of a scan, finished or being judged; `draft` has `files` and `accounts`."""

    duck: Duck
    project: Project
    draft: Any

    def register(self, name: str, engine: Any = None) -> None:
        """Makes a table of the scan known to an engine."""


@dataclass(frozen=True)
class Base:
    """Resources of a service: a SELECT, and the table whose lines apply; none for the long tail."""

    table: str
    sql: str


def _seen(work: Scanned) -> set[str]:
    return {f["table"] for f in work.draft.files if f["kind"] == "inventory"}


def tables_in_scan(work: Scanned, catalogue: Catalogue) -> dict[str, list[str]]:
    """The services in use, each with the scan's tables of its resources."""
    from sharedline.collect.catalogue import catalogue as tables

    known = tables(work.project.tables)
    out: dict[str, list[str]] = defaultdict(list)
    for name in sorted(_seen(work)):
        table = known.get(name)
        if table is None or name in LONG_TAIL:
            continue
        service = catalogue.service_of(name)
        # A reviewed service names its resources; of others every table of resources counts.
        reviewed = service in catalogue.services
        if name in catalogue.table_service or (table.resource and not reviewed):
            out[service].append(name)
    return out


def of_table(name: str) -> Base:
    """The rows of one table."""
    return Base(name, f"select *, arn as resource from {quoted(name)}")


def of_tail(union: str, service: str) -> Base:
    """A service's rows of the long tail."""
    return Base(
        "", f"select *, arn as resource from ({union}) where service = {literals.text(service)}"
    )


def tail_sql(work: Scanned) -> str:
    """A SELECT of what names resources of any service; empty where the scan has none of it."""
    seen = _seen(work)
    parts = []
    for name in LONG_TAIL:
        if name in seen:
            work.register(name, work.duck)
            parts.append(f"select arn, account_id, region, tags, service from {quoted(name)}")
    shown = " union ".join(parts)
    if "service_usage" in seen:
        work.register("service_usage", work.duck)
        scanned = literals.listed(work.draft.accounts)
        # Only what nothing else shows: a place with events is no resource beside real ones.
        others = f" and service not in (select service from ({shown}))" if shown else ""
        parts.append(
            "select arn, account_id, region, tags, service from service_usage "
            f"where {_CHANGED} and account_id in ({scanned}){others}"
        )
    return " union ".join(parts)


def bases_of(work: Scanned, catalogue: Catalogue, service: str) -> list[Base]:
    """Where the resources of one service are; nothing where the scan holds none of its tables."""
    tables = tables_in_scan(work, catalogue).get(service, [])
    for name in tables:
        work.register(name, work.duck)
    if tables:
        return [of_table(name) for name in tables]
    union = tail_sql(work)
    return [of_tail(union, service)] if union else []
