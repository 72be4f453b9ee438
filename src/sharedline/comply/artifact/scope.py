"""Services and Regions in the scope of a programme: dated data, in which missing means unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from sharedline.duties.catalogue import canonical, entries, read_toml, refuse_unknown
from sharedline.errors import ConfigError

OWN = "services"
#: AWS adds services twice a year and seldom takes one out; a list of this age is a hint only.
OLD = timedelta(days=730)
_TOP = {"program", "page", "complete", "regions", "service"}
_SERVICE = {"ids", "source", "read", "note"}
_REGIONS = {"ids", "complete", "source", "read"}
#: What the matrix calls a service and AWS's lists do not: the account itself.
_NO_SERVICE = frozenset({"account", ""})
#: Where resources without a Region stand.
_NO_REGION = frozenset({"", "global", "aws-global"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What one programme covers, as read on a day."""

    program: str
    page: str = ""
    #: Whether a service that is not listed is out of scope, and not merely unknown.
    complete: bool = False
    services: Mapping[str, date] | None = None
    regions: frozenset[str] = frozenset()
    regions_complete: bool = False
    read: date | None = None

    def service(self, name: str) -> bool | None:
        """Whether it covers the service; None where nobody knows."""
        if self.listed(name):
            return True
        return False if self.complete else None

    def region(self, name: str) -> bool | None:
        """Whether it covers the Region; None where nobody knows."""
        if name in self.regions:
            return True
        return False if self.regions_complete else None

    def outside(self, services: Iterable[str]) -> tuple[list[str], list[str]]:
        """Services out of scope, and those of which nobody knows."""
        return _split(sorted(set(services) - _NO_SERVICE), self.service)

    def aged(self, services: Iterable[str], on: date) -> list[str]:
        """Services that are covered only by a list that is old by then: to be confirmed."""
        named = sorted(set(services) - _NO_SERVICE)
        return [n for n in named if (day := self.listed(n)) and on - day > OLD]

    def listed(self, service: str) -> date | None:
        """The day of the newest list that has the service; None where none has."""
        return (self.services or {}).get(canonical(service))

    def outside_regions(self, regions: Iterable[str]) -> tuple[list[str], list[str]]:
        """Regions out of scope, and those of which nobody knows."""
        return _split(sorted(set(regions) - _NO_REGION), self.region)

    def restricted(self, regions: Iterable[str]) -> Scope:
        """The scope of a report whose title says which Regions alone it is about."""
        only = frozenset(regions)
        return replace(self, regions=only, regions_complete=True) if only else self


def load(own: Path | None = None) -> Mapping[str, Scope]:
    """The scopes by programme; a project's `artifact/services/*.toml` add to or replace ours.

    A file of the project that says `complete = true` replaces ours: it was copied from the report.
    """
    found = dict(_shipped())
    for path in sorted(own.glob("*.toml")) if own is not None and own.is_dir() else ():
        mine = _load(path, str(path))
        ours = found.get(mine.program)
        found[mine.program] = _joined(ours, mine) if ours else mine
    return found


def _joined(ours: Scope, mine: Scope) -> Scope:
    services = (
        mine.services if mine.complete else {**(ours.services or {}), **(mine.services or {})}
    )
    regions = mine.regions if mine.regions_complete else ours.regions | mine.regions
    return Scope(
        mine.program,
        mine.page or ours.page,
        mine.complete or ours.complete,
        services,
        regions,
        mine.regions_complete or ours.regions_complete,
        max((d for d in (ours.read, mine.read) if d), default=None),
    )


@cache
def _shipped() -> Mapping[str, Scope]:
    folder = Path(str(resources.files("sharedline.comply.artifact"))) / OWN
    scopes = [_load(p, f"artifact/services/{p.name}") for p in sorted(folder.glob("*.toml"))]
    return {s.program: s for s in scopes}


def _load(path: Path, where: str) -> Scope:
    data = read_toml(path)
    refuse_unknown(data, _TOP, where)
    program = data.get("program", "")
    if program != path.stem:
        raise ConfigError(f"{where}: program = {program!r}.", f"Write {path.stem!r}.")
    regions = data.get("regions", {})
    if not isinstance(regions, dict):
        raise ConfigError(f"{where}: regions is no table.", "Write [regions].")
    refuse_unknown(regions, _REGIONS, f"{where}, regions")
    services: dict[str, date] = {}
    for entry in entries(data, "service", where):
        refuse_unknown(entry, _SERVICE, f"{where}, service")
        names = entry.get("ids")
        if not names or not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            raise ConfigError(f"{where}: a service has no ids.", 'Write ids = ["s3"].')
        day = _read(entry, f"{where} {names[0]}")
        for name in map(canonical, names):
            services[name] = max(day, services.get(name, day))
    ids = regions.get("ids", [])
    if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
        raise ConfigError(f"{where}: regions.ids is no list of texts.", 'Write ["eu-west-1"].')
    days = [*services.values(), *([_read(regions, f"{where}, regions")] if regions else [])]
    return Scope(
        program,
        str(data.get("page", "")),
        _truth(data, where),
        services,
        frozenset(ids),
        _truth(regions, f"{where}, regions"),
        max(days, default=None),
    )


def _truth(data: Mapping[str, Any], where: str) -> bool:
    value = data.get("complete", False)
    if not isinstance(value, bool):
        raise ConfigError(f"{where}: complete = {value!r}.", "Write true or false.")
    return value


def _read(entry: Mapping[str, Any], where: str) -> date:
    """The day on which somebody read it, which a list of services must always tell."""
    day = entry.get("read")
    if type(day) is not date or not isinstance(entry.get("source"), str):
        raise ConfigError(
            f"{where} has no source, or no day on which it was read.",
            'Write source = "https://…" and read = 2026-11-22.',
        )
    return day


def _split(names: Iterable[str], asked: Any) -> tuple[list[str], list[str]]:
    out: list[str] = []
    unknown: list[str] = []
    for name in names:
        held = asked(name)
        if held is None:
            unknown.append(name)
        elif not held:
            out.append(name)
    return out, unknown
