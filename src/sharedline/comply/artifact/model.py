"""A report, its terms, an agreement, and the register that holds them, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

#: States of an agreement in which it binds both sides.
ACTIVE = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a report: which bytes they are, and which person accepted them, when."""

    #: Empty where a person accepted them in the console and kept no copy.
    sha256: str = ""
    file: str = ""
    fetched: datetime | None = None
    accepted_by: str = ""
    accepted_at: datetime | None = None

    @property
    def accepted(self) -> bool:
        """Whether a person is on record."""
        return bool(self.accepted_by and self.accepted_at)


@dataclass(frozen=True, slots=True)
class Report:
    """One version of a report, in Artifact's own words; the bytes lie beside the register."""

    id: str
    #: 0 where nobody knows: a PDF without metadata.
    version: int
    name: str
    arn: str = ""
    series: str = ""
    category: str = ""
    description: str = ""
    company: str = ""
    product: str = ""
    period_start: date | None = None
    period_end: date | None = None
    #: PUBLISHED or UNPUBLISHED.
    state: str = ""
    #: PASSTHROUGH or EXPLICIT.
    acceptance: str = ""
    term_arn: str = ""
    #: Of the document's bytes; empty as long as only its metadata is known.
    sha256: str = ""
    bytes: int = 0
    #: The document's name in the folder `files`, and what it was called where it came from.
    file: str = ""
    original: str = ""
    #: When the bytes came, or the metadata as long as there are none.
    received: datetime | None = None
    #: `artifact` or `folder`.
    where: str = ""
    terms: Terms | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What makes it one: its id and its version."""
        return (self.id, self.version)

    @property
    def on_file(self) -> bool:
        """Whether the document itself is here, not only word of it."""
        return bool(self.sha256)

    @property
    def accepted(self) -> bool:
        """Whether a person is on record as having accepted its terms."""
        return self.terms is not None and self.terms.accepted


@dataclass(frozen=True, slots=True)
class Agreement:
    """A contract with AWS, such as the business associate addendum."""

    id: str
    name: str
    arn: str = ""
    agreement_arn: str = ""
    account: str = ""
    organization: str = ""
    state: str = ""
    type: str = ""
    description: str = ""
    effective_start: date | None = None
    effective_end: date | None = None

    def active_on(self, day: date) -> bool:
        """Whether it bound both sides on that day."""
        begun = self.effective_start is None or self.effective_start <= day
        over = self.effective_end is not None and self.effective_end < day
        return begun and not over and (self.state == ACTIVE or self.effective_end is not None)


@dataclass(frozen=True, slots=True)
class Unread:
    """A call that AWS did not answer, so that what is missing is never taken for absent."""

    call: str
    #: The report that was asked for; empty for listings.
    subject: str
    code: str
    at: datetime | None = None


@dataclass(frozen=True)
class Register:
    """Everything that is known of AWS's paper, in a fixed order."""

    reports: tuple[Report, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    #: Of the last time that Artifact was asked.
    unread: tuple[Unread, ...] = ()
    fetched: datetime | None = None

    def find(self, report: str, version: int | None = None) -> Report | None:
        """A report by id; the newest version where none is asked for."""
        same = [r for r in self.reports if r.id == report and version in (None, r.version)]
        return max(same, key=lambda r: r.version) if same else None

    def with_reports(self, new: Iterable[Report]) -> Register:
        """With these added; of one that is known, bytes and terms are kept."""
        known = {r.key: r for r in self.reports}
        for report in new:
            known[report.key] = merged(known[report.key], report) if report.key in known else report
        return replace(self, reports=tuple(known[k] for k in sorted(known)))

    def with_agreements(self, new: Iterable[Agreement]) -> Register:
        """With these added or replaced."""
        known = {a.id: a for a in self.agreements} | {a.id: a for a in new}
        return replace(self, agreements=tuple(known[k] for k in sorted(known)))


#: What only a person or a download adds; a listing never takes it away.
_KEPT = ("sha256", "bytes", "file", "original", "terms")


def merged(old: Report, new: Report) -> Report:
    """What the newer word says, with what it says nothing of kept."""
    said = {f: getattr(new, f) for f in Report.__dataclass_fields__}
    lasting = {f: v for f, v in said.items() if v not in ("", 0, None)}
    if old.on_file and not new.on_file:
        # When and whence the bytes came stays true whatever a later listing says.
        lasting = {f: v for f, v in lasting.items() if f not in (*_KEPT, "received", "where")}
        if new.terms is not None:
            lasting["terms"] = new.terms
    if old.accepted and not new.accepted:
        lasting.pop("terms", None)  # the bytes were had under the terms that were accepted
    return replace(old, **lasting)
