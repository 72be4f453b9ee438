"""What the scans in the lake said at the time of a step, whose side a duty was on, who owns it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sharedline import resource
from sharedline.assess import UNITS
from sharedline.checks.load import load as load_checks
from sharedline.duties import owners
from sharedline.duties.catalogue import Catalogue, canonical
from sharedline.duties.catalogue import load as load_duties
from sharedline.duties.side import line_for
from sharedline.errors import Error
from sharedline.incident.verdict_rules import chosen
from sharedline.inventory import literals
from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Lake, Manifest
from sharedline.model import Side
from sharedline.project import Project
from sharedline.results import Results


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of a scan, as it was then."""

    check: str
    resource: str
    status: str
    reason: str
    side: str
    owner: str
    region: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a duty is looked for: the things by ARN, and the account and Region they are in."""

    things: tuple[str, ...]
    account: str
    region: str
    #: Whether what is said of the account as a whole counts too.
    whole_account: bool = False


class Scans:
    """The scans of a project; none at all where there is no project or no lake."""

    def __init__(self, project: Project | None = None, lake: Lake | None = None) -> None:
        self.project, self.lake = project, lake
        self.manifests: list[Manifest] = lake.scans() if lake else []
        self.catalogue: Catalogue = load_duties()
        self.checks = load_checks((), project.checks) if project else load_checks(())
        self.register = owners.load(project.owners) if project else owners.Owners({}, ())
        self._results: dict[str, Results] = {}
        self._owner_of: dict[tuple[str, ...], str] = {}
        self._tags_of: dict[str, str] = {}
        self._units: dict[str, str] | None = None
        self._duck = Duck()

    def close(self) -> None:
        """Frees what it holds."""
        self._duck.close()
        for results in self._results.values():
            results.duck.close()

    def at(self, moment: datetime) -> Manifest | None:
        """The newest scan at or before a moment: a later one says nothing of then."""
        before = [m for m in self.manifests if m.as_of <= moment]
        return before[-1] if before else None

    def after(self, moment: datetime) -> Manifest | None:
        """The first scan after a moment."""
        return next((m for m in self.manifests if m.as_of > moment), None)

    def findings(self, manifest: Manifest, globs: Sequence[str], place: Place) -> list[Found]:
        """The findings of the checks on the things, or of the account, in a scan."""
        checks = chosen(globs, tuple(self.checks))
        if not checks or self.project is None or self.lake is None:
            return []
        listed = literals.listed(checks)
        wheres = []
        if place.things:
            things = literals.listed(place.things)
            wheres.append(f"resource in ({things})")
        if place.whole_account and place.account:
            wheres.append(f"account_id = {literals.text(place.account)}")
        if not wheres:
            return []
        rows = self._of(manifest).rows(f"check_id in ({listed}) and ({' or '.join(wheres)})")
        return _here([_found(r) for r in rows], place)

    def side(self, duty: str, service: str, arn: str, seen: Sequence[Found]) -> tuple[str, str]:
        """The side of a duty, and what says so: the scan's row, or the service's lines."""
        sides = {f.side for f in seen if f.side}
        if len(sides) == 1:
            return sides.pop(), "the scan"
        drawn = line_for(self.catalogue, canonical(service), duty)
        if ":role/aws-service-role/" in arn:
            for line in drawn.lines:
                if line.side is not Side.CUSTOMER and "aws-service-role" in line.when:
                    return line.side.value, f"the line of {service} for service-linked roles"
        general = [line for line in drawn.lines if not line.when]
        line = general[-1] if general else drawn.lines[-1]
        return line.side.value, f"the general line of {service} ({drawn.source(line)})"

    def owner(self, duty: str, service: str, place: Place, seen: Sequence[Found]) -> str:
        """Who owns the duty on the thing by the owner rules, else on the account."""
        named = [f.owner for f in seen if f.resource in place.things and f.owner]
        if named:
            return named[0]
        arn = place.things[0] if place.things else f"arn:aws:iam::{place.account}:root"
        key = (duty, canonical(service), arn, place.account, place.region)
        if key not in self._owner_of:
            self._owner_of[key] = self._by_rules(*key)
        return self._owner_of[key]

    def _by_rules(self, duty: str, service: str, arn: str, account: str, region: str) -> str:
        units = self._ou_paths() if self.register.reads_units else {}
        expression = owners.owner_sql(self.register, owners.Scope(service, duty, units))
        tags = self._tags(arn)
        values = {"resource": arn, "account_id": account, "region": region, "tags": tags}
        row = ", ".join(f"{literals.text(v)} as {k}" for k, v in values.items())
        found = self._duck.query(f"select {expression} as o from (select {row}) r")
        return str(found.to_pylist()[0]["o"])

    def _tags(self, arn: str) -> str:
        """The tags of a thing in the newest scan, as JSON: who is called now, not who was then."""
        if not self.manifests or self.project is None or self.lake is None:
            return "{}"
        if arn not in self._tags_of:
            try:
                _, row = resource.find(self._of(self.manifests[-1]), arn)
            except Error:  # it is not in the scan, or gone
                row = {}
            self._tags_of[arn] = str(row.get("tags") or "{}")
        return self._tags_of[arn]

    def _of(self, manifest: Manifest) -> Results:
        assert self.lake is not None
        assert self.project is not None
        if manifest.id not in self._results:
            self._results[manifest.id] = Results(self.lake, manifest, self.project)
        return self._results[manifest.id]

    def _ou_paths(self) -> dict[str, str]:
        if self._units is None:
            tables = [self._units_of(name, columns) for name, columns in UNITS.items()]
            self._units = owners.ou_paths_of(*tables)
        return self._units

    def _units_of(self, name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
        if not self.manifests or self.lake is None:
            return []
        newest = self.manifests[-1]
        paths = self.lake.files(newest, "inventory", name)
        duck = Duck(self.lake)
        try:
            duck.files(name, paths, dict.fromkeys(columns, "string"))
            return list(duck.query(f"select {', '.join(columns)} from {name}").to_pylist())
        finally:
            duck.close()

    def person(self, owner: str) -> str:
        """Whom to call in a team."""
        team = self.register.teams.get(owner)
        return " ".join(x for x in (team.person, team.contact) if x) if team else ""


def _found(row: Mapping[str, Any]) -> Found:
    return Found(
        check=row["check_id"],
        resource=row["resource"] or "",
        status=row["status"] or "",
        reason=row["reason"] or "",
        side=row["side"] or "",
        owner=row["owner"] or "",
        region=row["region"] or "",
    )


def _here(found: list[Found], place: Place) -> list[Found]:
    """Of a check that answers for each Region, only the step's; of others, all that was found."""
    out = []
    for check in dict.fromkeys(f.check for f in found):
        rows = [f for f in found if f.check == check]
        named = [f for f in rows if f.resource in place.things]
        local = [f for f in rows if f.region == place.region]
        several = len({f.region for f in rows}) > 1
        out += named or (local if several and place.region else rows)
    return out
