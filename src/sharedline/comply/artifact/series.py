"""Which series a report belongs to, and which control parts a series supports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase, translate
from functools import cache, lru_cache

from sharedline.comply.artifact.model import Report
from sharedline.comply.model import Part
from sharedline.comply.spelling import key
from sharedline.model import Side

ANY = "*"
#: How AWS calls itself where a report names a company.
_FULL_NAME = "amazon web services"
_OURS = frozenset({"aws", "amazon", "amazon com", "amazon com inc", "amazon aws"})
_DIGITS = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
_WORDS = re.compile(r"[^a-z0-9]+")


class Kind(StrEnum):
    """What sort of paper it is, which decides how its dates are read."""

    #: Tells how controls operated over a period: what comes after it is not covered.
    PERIOD = "period"
    #: Valid between two days.
    CERTIFICATE = "certificate"
    #: Carries a period report on until the next one is there.
    LETTER = "letter"
    #: Says who does what; no statement over a period.
    PAPER = "paper"


class Basis(StrEnum):
    """How a report comes to support a part, from the strongest."""

    #: The report is about this very framework.
    DIRECT = "direct"
    #: The report tests what the part asks for, by a mapping between two frameworks.
    MAPPED = "mapped"
    #: The part carries a duty that the report examines.
    DUTY = "by duty"


_RANK = {Basis.DIRECT: 0, Basis.MAPPED: 1, Basis.DUTY: 2}


@dataclass(frozen=True, slots=True)
class Supports:
    """Parts that a series supports: by their ids, or by the duties they carry."""

    framework: str
    basis: Basis
    parts: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    baselines: tuple[str, ...] = ()

    def holds(self, part: Part) -> bool:
        """Whether the part is among them, whoever must act on it."""
        if self.framework not in (ANY, part.framework):
            return False
        if self.baselines and not set(self.baselines) & set(part.baselines):
            return False
        if self.parts and _any_of(self.parts).fullmatch(_spelled(part.id)):
            return True
        return any(fnmatchcase(d, pattern) for pattern in self.duties for d in part.duties)


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(key(p)) for p in patterns))


@lru_cache(maxsize=1 << 16)
def _spelled(part: str) -> str:
    return key(part)


@dataclass(frozen=True, slots=True)
class Series:
    """A kind of report that AWS publishes again and again."""

    id: str
    title: str
    kind: Kind
    #: The file of `services/` that says which services and Regions it covers.
    scope: str = ""
    #: Each a list of phrases that must all be in the name.
    names: tuple[tuple[str, ...], ...] = ()
    without: tuple[str, ...] = ()
    artifact_series: tuple[str, ...] = ()
    page: str = ""
    why: str = ""
    bridges: tuple[str, ...] = ()
    #: The only Regions it is about, where its very title says so.
    regions: tuple[str, ...] = ()
    supports: tuple[Supports, ...] = ()

    #: Frameworks that take no report but one about themselves, or mapped to them by name.
    strict: frozenset[str] = frozenset()

    def supporting(self, part: Part) -> Basis | None:
        """How it supports AWS's half of the part; None where it does not.

        A part on which only the customer must act is never inherited, whatever a pattern says.
        """
        if part.withdrawn or part.side not in (Side.AWS, Side.SHARED):
            return None
        found = [s.basis for s in self.supports if s.holds(part)]
        if part.framework in self.strict:
            found = [b for b in found if b is not Basis.DUTY]
        return min(found, key=_RANK.__getitem__) if found else None


@dataclass(frozen=True)
class Known:
    """The series, and the reports that somebody decided to leave aside."""

    series: Mapping[str, Series]
    ignored: Mapping[str, str] = field(default_factory=dict)

    def of(self, report: Report) -> Series | None:
        """The series of a report of AWS; None for a vendor's, and for one that nobody mapped."""
        if third_party(report):
            return None
        if report.series in self.series:  # a person named it when importing
            return self.series[report.series]
        name, given = words(report.name), words(report.series)
        for series in self.series.values():
            if _named(series, name) and _fits(series, given):
                return series
        return None


def third_party(report: Report) -> bool:
    """Whether a vendor of AWS Marketplace wrote it: it says nothing of AWS's half."""
    company = words(report.company)
    return bool(company) and company not in _OURS and not company.startswith(_FULL_NAME)


def words(text: str) -> str:
    """A name as words: lower case, no punctuation, letters and digits apart (`SOC2` is `soc 2`)."""
    apart = unicodedata.normalize("NFKD", text).lower()
    folded = "".join(c for c in apart if not unicodedata.combining(c))
    return _DIGITS.sub(" ", _WORDS.sub(" ", folded)).strip()


def _named(series: Series, name: str) -> bool:
    padded = f" {name} "
    if any(f" {w} " in padded for w in series.without):
        return False
    return any(all(f" {w} " in padded for w in phrases) for phrases in series.names)


def _fits(series: Series, given: str) -> bool:
    """Whether Artifact's own series, where it names one, is one of those expected."""
    if not given or not series.artifact_series:
        return True
    return any(f" {w} " in f" {given} " for w in series.artifact_series)
