"""The vocabulary of Sharedline as frozen values: duty, side, line, check, finding, owner, gap.

The words are those of the design page; nothing here reads a file or calls AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Side(StrEnum):
    """Who must act on a duty for a resource; `unknown` where the deciding column was not readable."""

    AWS = "aws"
    CUSTOMER = "customer"
    SHARED = "shared"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """The one status of a matrix cell."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"
    UNVERIFIED = "unverified"
    WAIVED = "waived"
    INHERITED = "inherited"


class Life(StrEnum):
    """Where a finding stands: only a scan makes it `verified`, a person only `claimed`."""

    NONE = ""
    OPEN = "open"
    CLAIMED = "claimed"
    VERIFIED = "verified"
    WAIVED = "waived"


SEVERITIES = ("critical", "high", "medium", "low")

#: The owner's name where no rule names one. An answer, and a gap.
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Duty:
    """One obligation in the model, e.g. `data.encryption-at-rest`."""

    id: str
    title: str
    area: str
    usual_side: Side
    what: str
    aws: str
    you: str
    source: str
    read: date


@dataclass(frozen=True, slots=True)
class Line:
    """The rule that gives a side: service x duty x (optional) condition over one table."""

    service: str
    duty: str
    side: Side
    aws: str
    you: str
    source: str
    read: date
    table: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A statement about the desired state of a resource; `sql` gives `resource, ok, reason`."""

    id: str
    title: str
    severity: str
    duty: str
    why: str
    fix: str
    sql: str
    controls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    params: Mapping[str, object] = field(default_factory=dict)
    population: str = ""
    tolerates: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A check x a resource with its answer: `ok` is True, False, or None for unknown."""

    check: str
    resource: str
    ok: bool | None
    reason: str
    duty: str
    severity: str
    side: Side
    owner: str
    status: str
    life: Life
    account_id: str
    region: str
    service: str
    since: datetime | None
    controls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    denied_call: str = ""
    grant: str = ""


@dataclass(frozen=True, slots=True)
class Attestation:
    """A person's dated statement that a duty was done, with evidence and an expiry."""

    duty: str
    scope: str
    statement: str
    evidence: str
    by: str
    at: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Waiver:
    """An accepted exception to findings: reason, approver, expiry. An expired one is a finding."""

    reason: str
    approver: str
    expires: date
    check: str = "*"
    duty: str = "*"
    resource: str = "*"
    account: str = "*"


@dataclass(frozen=True, slots=True)
class Gap:
    """A customer or shared duty that is unmet, unowned, unverified, or with expired evidence."""

    duty: str
    service: str
    resource: str
    side: str
    owner: str
    status: str
    severity: str
    check: str
    reason: str
    since: str
