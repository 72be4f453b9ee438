"""What the package is made of, as typed values: nothing here knows a project folder or a lake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

from sharedline.comply.cover import Proof
from sharedline.comply.model import Framework, Part
from sharedline.duties.owners import Team
from sharedline.model import Attestation, Check, Duty, Waiver


@dataclass(frozen=True, slots=True)
class Window:
    """The audit window, both days included, in UTC."""

    start: date
    end: date

    @property
    def first(self) -> datetime:
        """Its first second."""
        return datetime.combine(self.start, time(), UTC)

    @property
    def last(self) -> datetime:
        """Its last second."""
        return datetime.combine(self.end, time(23, 59, 59), UTC)

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan in the window."""

    id: str
    as_of: datetime
    started: datetime
    ended: datetime
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of a check stand so with one owner."""

    check: str
    status: str
    owner: str
    count: int
    since: datetime | None = None
    service: str = ""
    #: What was said when the exception was accepted; for waived findings only.
    waiver: str = ""


@dataclass(frozen=True, slots=True)
class Miss:
    """One finding that is not met: what auditors call an exception in a population."""

    check: str
    resource: str
    account: str
    region: str
    status: str
    owner: str
    reason: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource with a finding."""

    arn: str
    account: str
    region: str
    service: str


class Findings(Protocol):
    """The findings of one scan, asked for in the shapes that the documents need."""

    def tallies(self) -> Iterable[Tally]:
        """Counts by check, status and owner, in order."""

    def exceptions(self) -> Iterable[Miss]:
        """What is not met, ordered by check and resource."""

    def resources(self) -> Iterable[Resource]:
        """Every resource with a finding, each once, in order."""

    def services(self) -> Iterable[str]:
        """The services of those resources, each once, in order."""

    def rows(self) -> Iterable[Mapping[str, Any]]:
        """Every finding with `COLUMNS`, in order."""


#: The columns of `evidence/findings.csv`.
COLUMNS = (
    "check_id", "resource", "status", "reason", "severity", "duty", "service", "side", "owner",
    "since", "account_id", "region", "waiver", "denied_call",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """A report of AWS that is on file: what it is called and proves, never the paper itself."""

    id: str
    title: str
    series: str = ""
    version: str = ""
    start: date | None = None
    end: date | None = None
    sha256: str = ""
    accepted_by: str = ""
    accepted_at: datetime | None = None

    @property
    def key(self) -> str:
        """What makes it one: its id and version."""
        return f"{self.id} {self.version}".strip()

    def __str__(self) -> str:
        return f"{self.title} ({self.key})" if self.title else self.key


@dataclass(frozen=True, slots=True)
class Half:
    """AWS's half of one part: whether a report on file proves it for the whole window."""

    proved: bool
    sentence: str
    #: Keys of the reports that speak of it.
    reports: tuple[str, ...] = ()


#: Where no report speaks of a part.
BARE = Half(False, "No report on file supports it.")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One item of the evidence log, as the bytes that were hashed, and what proves it is there."""

    index: int
    body: bytes
    leaf: bytes
    path: tuple[bytes, ...] = ()


class Evidence(Protocol):
    """The evidence log, as far as the package needs it."""

    def leaves(self) -> Iterable[Leaf]:
        """The items of the window, in the order of the log."""

    @property
    def head(self) -> bytes:
        """The signed head that the proofs lead to, as its line in the log."""

    @property
    def public(self) -> bytes:
        """The public key that the head is signed with, as PEM."""


@dataclass(frozen=True)
class Inputs:
    """Everything that a package says."""

    system: str
    framework: Framework
    window: Window
    scan: Scan
    findings: Findings
    baseline: str = ""
    scans: tuple[Scan, ...] = ()
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    duties: Mapping[str, Duty] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    #: Who owns each duty somewhere in the estate, the one with most resources first.
    duty_owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    reports: tuple[Report, ...] = ()
    #: AWS's half of each part that is AWS's or shared, by the part's id.
    halves: Mapping[str, Half] = field(default_factory=dict)
    evidence: Evidence | None = None
    #: Frameworks that parts of this one restate, by id.
    others: Mapping[str, Framework] = field(default_factory=dict)
    version: str = ""

    @property
    def moment(self) -> datetime:
        """The time of every document: the moment whose state the scan shows."""
        return self.scan.as_of

    @property
    def parts(self) -> dict[str, Part]:
        """The parts in scope: of the baseline, not withdrawn."""
        return {
            p.id: p
            for p in self.framework.parts.values()
            if not p.withdrawn and (not self.baseline or self.baseline in p.baselines)
        }


#: Days until an unmet check must be mended, by severity. FedRAMP gives 30, 90 and 180 days to high,
#: moderate and low; two weeks for the critical is the usual rule for what is exploited.
DAYS = {"critical": 15, "high": 30, "medium": 90, "low": 180}


def due(since: datetime | None, severity: str, moment: datetime) -> datetime:
    """When a gap must be closed; counted from the day it was first seen."""
    return (since or moment).astimezone(UTC) + timedelta(days=DAYS.get(severity, DAYS["low"]))
