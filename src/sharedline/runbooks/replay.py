"""Functional test without an attack: a rule's example events, replayed until somebody is named.

What is measured is the machine's part: from reading the events to the owner's name. How long
CloudTrail takes to deliver and a person to answer is not in it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sharedline.inventory.engines import Duck
from sharedline.runbooks.model import Runbook
from sharedline.runbooks.people import People, Reached
from sharedline.runbooks.rules import path_of, rules
from sharedline.trail import sigma
from sharedline.trail.sigma.examples import cases, over


@dataclass(frozen=True, slots=True)
class Replayed:
    """One detection in one account: whether it fired, whom it reached, and in how many seconds."""

    runbook: str
    detection: str
    case: str
    account: str
    duty: str
    fired: bool
    reached: Reached
    seconds: float

    @property
    def reason(self) -> str:
        """What went wrong; empty where all held."""
        return self.reached.missing if self.fired else "the detection did not fire"

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "runbook": self.runbook,
            "detection": self.detection,
            "case": self.case,
            "account": self.account,
            "duty": self.duty,
            "fired": self.fired,
            "owner": self.reached.owner,
            "person": self.reached.person,
            "contact": self.reached.contact,
            "seconds": round(self.seconds, 3),
            "ok": not self.reason,
            "reason": self.reason,
        }


def detections_of(one: Runbook) -> list[str]:
    """The detections that a runbook answers."""
    return [name for name in rules() if any(fnmatchcase(name, g) for g in one.detections)]


def replay(
    one: Runbook,
    accounts: Sequence[str],
    people: People,
    clock: Callable[[], float] = time.perf_counter,
) -> list[Replayed]:
    """Each detection of a runbook in each account; where there is none, in the example's own."""
    engine = Duck()
    made = []
    for name in detections_of(one):
        path = path_of(name)
        alone = sigma.load([path])
        case = next(c for c in cases(path) if c.fires)
        for account in accounts or ("",):
            events = moved(case.events, account)
            begun = clock()
            found = over(alone, events, engine)
            reached, where = Reached(), account or _account(events[-1])
            if found:
                where = found[0].account or where
                service = str(events[-1].get("eventSource", "")).partition(".")[0]
                reached = people.reach(where, found[0].region, service, one.duty)
            spent = clock() - begun
            made.append(
                Replayed(one.id, name, case.name, where, one.duty, bool(found), reached, spent)
            )
    engine.close()
    return made


def _account(event: Mapping[str, Any]) -> str:
    return str(event.get("recipientAccountId") or "")


def moved(events: Sequence[Mapping[str, Any]], account: str) -> list[dict[str, Any]]:
    """The events as if they had happened in an account: its id stands for the example's own."""
    own = {_account(event) for event in events} - {""}
    if not account or not own:
        return [dict(event) for event in events]
    ids = re.compile("|".join(rf"(?<!\d){re.escape(each)}(?!\d)" for each in sorted(own)))

    def change(value: Any) -> Any:
        if isinstance(value, str):
            return ids.sub(account, value)
        if isinstance(value, dict):
            return {change(k): change(v) for k, v in value.items()}
        return [change(v) for v in value] if isinstance(value, list) else value

    return [change(dict(event)) for event in events]


def said(found: Sequence[Replayed]) -> str:
    """What a record of the test says."""
    slowest = max(one.seconds for one in found)
    names = len({one.detection for one in found})
    places = len({one.account for one in found})
    return (
        f"functional: {names} {'detection' if names == 1 else 'detections'} replayed in {places} "
        f"{'account' if places == 1 else 'accounts'}, owner named within {slowest:.1f} s"
    )
