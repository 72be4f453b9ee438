"""What the estate can raise: protections that are on, services in use, logs that are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sharedline.collect.catalogue import catalogue
from sharedline.duties.catalogue import load as load_duties
from sharedline.inventory.engines import quoted
from sharedline.resource import register
from sharedline.results import Results
from sharedline.runbooks.guardduty import Kind
from sharedline.trail import store
from sharedline.trail.sigma import kept

_ON = "ENABLED"
#: The folders of detection rules that stand for no service which could be absent.
_EVERYWHERE = frozenset({"account", "iam", "logging", "policy", "sts"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether something can be raised (None: the scan cannot tell), and why."""

    can: bool | None
    why: str


@dataclass(frozen=True)
class Estate:
    """What a scan says that decides it. `detectors` are rows; `blind` the places not read."""

    detectors: Sequence[Mapping[str, Any]] = ()
    blind: Sequence[str] = ()
    used: frozenset[str] = frozenset()
    #: Services whose resources a scan lists: what of these is not in `used` is not there.
    seen: frozenset[str] = frozenset()
    #: For each check the number of its answers, and of those that are unmet.
    checks: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    #: The checks that the scan ran: of others nobody knows what they would find.
    judged: frozenset[str] = frozenset()
    findings: Mapping[str, int] = field(default_factory=dict)
    detections: Mapping[str, int] = field(default_factory=dict)
    trail: bool = False

    def guardduty(self, kind: Kind) -> Answer:
        """Whether GuardDuty can make findings of a kind."""
        there = self._in_use(kind.services)
        if there is False:
            return Answer(False, f"no {' or '.join(kind.services)} in use")
        on = [d for d in self.detectors if d["status"] == _ON]
        lost = len(self.blind) + sum(d["status"] is None for d in self.detectors)
        if not on:
            if lost:
                return Answer(None, f"GuardDuty could not be read in {lost} places")
            return Answer(False, "GuardDuty is off")
        if not kind.collected:
            return Answer(None, f"a scan does not see whether {kind.plan} is on")
        with_it = [d for d in on if self._has(d, kind.needs)]
        unread = [d for d in on if self._has(d, kind.needs) is None]
        if not with_it:
            if unread or lost:
                return Answer(None, f"{kind.plan} could not be read in {len(unread) + lost} places")
            return Answer(False, f"{kind.plan} is off")
        told = f"on in {len(with_it)} of {len(self.detectors)} detectors"
        return Answer(True if there else None, told)

    @staticmethod
    def _has(detector: Mapping[str, Any], needs: Sequence[str]) -> bool | None:
        if not needs:
            return True
        answers = [detector.get(name.lower()) for name in needs]
        if _ON in answers:
            return True
        return None if None in answers else False

    def _in_use(self, services: Sequence[str]) -> bool | None:
        if not services or self.used & set(services):
            return True
        return False if self.seen >= set(services) else None

    def check(self, ids: Sequence[str]) -> Answer:
        """Whether any of the checks has anything to judge here."""
        rows = sum(self.checks.get(each, (0, 0))[0] for each in ids)
        if rows:
            return Answer(True, f"{rows} {'resource' if rows == 1 else 'resources'} judged")
        if not self.judged >= set(ids):
            return Answer(None, "the scan did not judge it")
        return Answer(False, "nothing of the kind in the scan")

    def rule(self, name: str) -> Answer:
        """Whether a detection can fire: the trail is read, and its service is in use."""
        area = name.partition("/")[0]
        there = True if area in _EVERYWHERE else self._in_use((area,))
        if there is False:
            return Answer(False, f"no {area} in use")
        if not self.trail:
            return Answer(False, "the lake holds no trail")
        if there is None:
            return Answer(None, f"a scan does not see whether {area} is in use")
        return Answer(True, "the trail is read")


def of(results: Results) -> Estate:
    """What the newest scan and the lake say."""
    duties = load_duties()
    tables = catalogue(results.project.tables)
    counted = results.duck.query(
        "select check_id, count(*) as n, count(*) filter (status = 'unmet') as unmet "
        "from finding group by all"
    ).to_pylist()
    scanned = results.manifest.data["tables"]
    return Estate(
        detectors=_rows(results, "guardduty_detector"),
        blind=_blind(results),
        used=results.services(),
        seen=frozenset(duties.service_of(t) for t in scanned if t in tables),
        checks={row["check_id"]: (row["n"], row["unmet"]) for row in counted},
        judged=frozenset(results.manifest.data["checks"]),
        findings=Counter(row["type"] for row in _rows(results, "guardduty_finding")),
        detections=Counter(found.name for found in kept(results.lake)),
        trail=store.available(results.lake),
    )


def _rows(results: Results, table: str) -> list[dict[str, Any]]:
    if table not in results.manifest.data["tables"]:
        return []
    register(results, table)
    return list(results.duck.query(f"select * from {quoted(table)}").to_pylist())


def _blind(results: Results) -> list[str]:
    """Where the detectors could not be listed; everywhere if the scan did not ask for them."""
    name = "guardduty_detector"
    if name not in results.manifest.data["tables"]:
        return list(results.manifest.accounts) or ["the scan"]
    failed = (f for f in results.manifest.failures if f["table"] == name)
    return [f"{f['account_id']} {f['region']}" for f in failed]
