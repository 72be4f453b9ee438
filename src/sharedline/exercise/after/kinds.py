"""The kinds of findings: what each is caused by, which element of POETE mends it, what proves it.

POETE is planning, organization, equipment, training, exercises: HSEEP's elements of a capability. Ref:
https://timothyriecker.com/2014/07/07/the-poete-analysis-emergency-planning-and-beyond/ (2026-11-22).
A cause is never a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sharedline.exercise.score.model import Row

Cause = Literal["process", "tooling", "documentation", "ownership", "training", "capacity"]
Element = Literal["planning", "organization", "equipment", "training", "exercises"]
Severity = Literal["critical", "high", "medium", "low"]

CAUSES: Mapping[Cause, str] = {
    "process": "The way of working did not lead there.",
    "tooling": "A setting or a tool did not do what it should.",
    "documentation": "What was needed is written nowhere, or was not found.",
    "ownership": "It was not clear, or not settled, whose it is.",
    "training": "What holds was not known.",
    "capacity": "It was done right, and too late.",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What is the same for all findings of a kind. `duty` is attested where no check verifies."""

    cause: Cause
    element: Element
    severity: Severity
    duty: str = ""


KINDS: Mapping[str, Kind] = {
    "harmful": Kind("process", "planning", "high", "response.procedures"),
    "poor": Kind("process", "planning", "medium", "response.procedures"),
    "undecided": Kind("process", "organization", "medium", "response.procedures"),
    "late": Kind("capacity", "exercises", "low", "response.practice"),
    "unowned": Kind("ownership", "organization", "high", "response.ownership"),
    "owner": Kind("ownership", "training", "medium", "response.ownership"),
    "slow": Kind("ownership", "exercises", "low", "response.practice"),
    "side": Kind("training", "training", "medium", "people.awareness"),
    "no-runbook": Kind("documentation", "planning", "medium", "response.procedures"),
    "runbook": Kind("documentation", "training", "medium", "response.procedures"),
    "other": Kind("training", "training", "low", "people.awareness"),
    # An action's own duty is what must be attested.
    "missed": Kind("process", "planning", "high"),
    "slow-action": Kind("capacity", "exercises", "low"),
    "told": Kind("process", "organization", "low", "response.procedures"),
    "gap": Kind("tooling", "equipment", "medium"),
    "M": Kind("process", "exercises", "medium", "response.practice"),
    "U": Kind("process", "exercises", "high", "response.practice"),
}


#: Instead of a check's id, `owner:SERVICE:DUTY`: the owner register names a team, or an attestation.
OWNED = "owner:"


def owned(check: str) -> tuple[str, str] | None:
    """The service and the duty that somebody is to own; None for a check."""
    if not check.startswith(OWNED):
        return None
    service, _, duty = check.removeprefix(OWNED).partition(":")
    return service, duty


def proof(check: str, resource: str, duty: str) -> str:
    """What shows that something is mended, in a few words."""
    if not check:
        return f"attestation of {duty}"
    if found := owned(check):
        return f"an owner of {found[1]} on {resource or found[0]}"
    return f"{check} met on {resource or 'every resource'}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that went wrong, why, and what would mend it. No field names a person.

    `check` (with `resource` and `account`, empty for all) verifies that it is mended, `OWNED` what is
    instead of one that somebody owns it; without a check, an attestation of `duty` does.
    """

    kind: str
    item: str
    cause: Cause
    severity: Severity
    element: Element
    title: str
    what: str
    why: str
    recommendation: str
    owner: str
    duty: str
    inject: str = ""
    teams: tuple[str, ...] = ()
    check: str = ""
    resource: str = ""
    account: str = ""
    rows: tuple[Row, ...] = ()

    @property
    def verified_by(self) -> str:
        """What shows that it is mended, in a few words."""
        return proof(self.check, self.resource, self.duty)
