"""One thing that is missing of AWS's paper, and the words for it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sharedline.comply.artifact.model import Register, Report
from sharedline.comply.artifact.period import told
from sharedline.comply.artifact.register import FILES

#: So many parts, services or Regions are named in a sentence; all are in the gap itself.
NAMED = 6


class GapKind(StrEnum):
    """What is missing, the gravest first."""

    UNREAD = "unread"
    FILE = "file"
    NO_REPORT = "no-report"
    AGREEMENT = "agreement"
    PERIOD = "period"
    PERIOD_UNKNOWN = "period-unknown"
    SERVICE = "service-out-of-scope"
    REGION = "region-out-of-scope"
    TERMS = "terms"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    UNMAPPED = "unmapped"
    SERVICE_UNKNOWN = "service-unknown"
    REGION_UNKNOWN = "region-unknown"
    SERVICE_OLD = "service-list-old"


#: The gravest first.
ORDER = list(GapKind)


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing, and what to do about it."""

    kind: GapKind
    #: The clause or control that leans on nothing, or the report or series that lacks something.
    subject: str
    sentence: str
    todo: str
    report: str = ""
    #: The parts, services or Regions that it is about.
    names: tuple[str, ...] = ()


def changed_files(register: Register, folder: Path) -> list[Gap]:
    """Documents of the register that are gone from the disk, or are not what they were."""
    found = []
    for report in register.reports:
        if not report.on_file:
            continue
        path = folder / FILES / report.file
        if not path.is_file():
            what = f"{report.name}: its document {report.file} is not there."
        elif _digest(path) != report.sha256:
            what = f"{report.name}: its document {report.file} is not what was recorded."
        else:
            continue
        todo = "Put the document back, or fetch or import it again."
        found.append(Gap(GapKind.FILE, named(report), what, todo, report.id))
    return found


def named(report: Report) -> str:
    """A report for people: its name and version."""
    return f"{report.name} v{report.version}" if report.version else report.name


def over(report: Report) -> str:
    """Its period for people, after a space; nothing where nobody knows it."""
    if report.period_start and report.period_end:
        return f" {told((report.period_start, report.period_end))}"
    return ""


def few(names: Collection[str]) -> str:
    """Names for a sentence: the first of them, and how many more."""
    some = list(names)[:NAMED]
    rest = len(names) - len(some)
    return ", ".join(some) + (f" and {rest} more" if rest else "")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
