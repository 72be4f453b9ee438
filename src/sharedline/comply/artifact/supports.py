"""Which reports prove AWS's half of a control part: in date, in scope, on file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from sharedline.comply.artifact import reports as all_series
from sharedline.comply.artifact import scope as scopes
from sharedline.comply.artifact.model import Register, Report
from sharedline.comply.artifact.period import Days, missing, told
from sharedline.comply.artifact.scope import Scope
from sharedline.comply.artifact.series import Basis, Kind, Known, Series
from sharedline.comply.model import Framework, Part
from sharedline.model import Side


class State(StrEnum):
    """What the reports say of AWS's half of a part, the best first."""

    PROVED = "proved"
    #: A report is on file and AWS's lists leave some service or Region in use out.
    OUT_OF_SCOPE = "out of scope"
    #: A report is on file, for a time that is not all of the window.
    OUT_OF_DATE = "out of date"
    #: Artifact has a report that would do; nobody downloaded it.
    LISTED = "listed, not on file"
    NONE = "no report on file"
    #: Nobody drew the line of the part.
    UNKNOWN = "side unknown"
    #: AWS has no half of it: nothing to inherit.
    CUSTOMER = "the customer's own"


_ORDER = list(State)


@dataclass(frozen=True, slots=True)
class Use:
    """What is in use, so that a report that leaves it out is seen; empty asks nothing."""

    services: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()

    @classmethod
    def of(cls, services: Collection[str] = (), regions: Collection[str] = ()) -> Use:
        """From any collections."""
        return cls(frozenset(services), frozenset(regions))


@dataclass(frozen=True, slots=True)
class Proof:
    """What one series of reports says of a part, over the window."""

    series: Series
    basis: Basis
    reports: tuple[Report, ...]
    bridges: tuple[Report, ...]
    state: State
    #: Days of the window that no report of the series covers.
    missing: tuple[Days, ...]
    #: Services and Regions in use that the programme leaves out, and those nobody knows about.
    services_out: tuple[str, ...]
    regions_out: tuple[str, ...]
    services_unknown: tuple[str, ...]
    regions_unknown: tuple[str, ...]
    #: Services in use that only an old list says it covers.
    services_aged: tuple[str, ...]

    @property
    def outside(self) -> tuple[str, ...]:
        """All that it leaves out."""
        return (*self.services_out, *self.regions_out)

    @property
    def unknown(self) -> tuple[str, ...]:
        """All whose scope nobody knows."""
        return (*self.services_unknown, *self.regions_unknown)


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """AWS's half of one part: proved by what, or why not."""

    #: `framework:id`.
    part: str
    state: State
    #: The best first.
    proofs: tuple[Proof, ...]
    sentence: str

    @property
    def reports(self) -> tuple[Report, ...]:
        """The reports of the best proof."""
        return self.proofs[0].reports if self.proofs else ()


class Library:
    """A register with what is known about its reports: asked once for every part."""

    def __init__(self, register: Register, known: Known, scope: Mapping[str, Scope]) -> None:
        self.register, self.known, self.scopes = register, known, scope
        self._judged: dict[tuple[str, Days, Use], Proof | None] = {}

    @cached_property
    def by_series(self) -> Mapping[str, tuple[Report, ...]]:
        """Reports of AWS by series, ignored ones left out."""
        found: dict[str, list[Report]] = defaultdict(list)
        for report in self.register.reports:
            series = self.known.of(report)
            if series is not None and report.id not in self.known.ignored:
                found[series.id].append(report)
        return {name: tuple(reports) for name, reports in found.items()}

    def scope_of(self, series: Series) -> Scope:
        """The programme's scope, narrowed to the Regions in the series' title."""
        known = self.scopes.get(series.scope) or Scope(series.scope)
        return known.restricted(series.regions)

    def judged(self, series: Series, window: Days, use: Use) -> Proof | None:
        """What the reports of a series say over the window; None where none can say anything."""
        asked = (series.id, window, use)
        if asked not in self._judged:
            self._judged[asked] = self._judge(series, window, use)
        return self._judged[asked]

    def _judge(self, series: Series, window: Days, use: Use) -> Proof | None:
        reports = self.by_series.get(series.id, ())
        if not reports:
            return None
        letters = [s for s in self.known.series.values() if series.id in s.bridges]
        bridges = tuple(r for s in letters for r in self.by_series.get(s.id, ()) if r.on_file)
        held = tuple(r for r in reports if r.on_file)
        # What is listed helps only if it says something of the window, or nobody knows.
        of_use = held or tuple(r for r in reports if _reaches(spans(series, r), window))
        if not of_use:
            return None
        days = [d for r in (*held, *bridges) if (d := spans(series, r))]
        lacking = missing(days, window)
        known = self.scope_of(series)
        out, unsure = known.outside(use.services)
        out_regions, unsure_regions = known.outside_regions(use.regions)
        state = (
            State.LISTED
            if not held
            else State.OUT_OF_DATE
            if lacking
            else State.OUT_OF_SCOPE
            if out or out_regions
            else State.PROVED
        )
        return Proof(
            series,
            Basis.DIRECT,  # the caller knows for which part it asks
            of_use,
            bridges,
            state,
            tuple(lacking),
            tuple(out),
            tuple(out_regions),
            tuple(unsure),
            tuple(unsure_regions),
            tuple(known.aged(use.services, window[1])),
        )


def library(register: Register, folder: Path | None = None) -> Library:
    """The register with the series and scopes, a project's own in its `artifact` folder first."""
    own = folder / all_series.OWN if folder else None
    return Library(
        register, all_series.load(own), scopes.load(folder / scopes.OWN if folder else None)
    )


def spans(series: Series, report: Report) -> Days | None:
    """The days that a report covers; all for a paper, None where its metadata does not say."""
    if series.kind is Kind.PAPER:
        return (date.min, date.max)
    start, end = report.period_start, report.period_end
    return (start, end) if start and end and start <= end else None


def _reaches(days: Days | None, window: Days) -> bool:
    return days is None or (days[0] <= window[1] and days[1] >= window[0])


def status(
    reports: Register | Library,
    part: Part,
    window: Days,
    services: Collection[str] = (),
    regions: Collection[str] = (),
) -> ReportStatus:
    """Which reports prove AWS's half of a part over the window.

    A part on which only the customer must act is never proved by a report of AWS.
    """
    shelf = reports if isinstance(reports, Library) else library(reports)
    name = f"{part.framework}:{part.id}"
    if part.side is Side.CUSTOMER or part.withdrawn:
        return ReportStatus(name, State.CUSTOMER, (), "Only you act on it: nothing is inherited.")
    if part.side is Side.UNKNOWN:
        return ReportStatus(name, State.UNKNOWN, (), "Nobody drew the line of this part.")
    use = Use.of(services, regions)
    proofs = []
    for series in shelf.known.series.values():
        basis = series.supporting(part)
        found = (
            shelf.judged(series, window, use) if basis and series.id in shelf.by_series else None
        )
        if found and basis and series.kind is not Kind.LETTER:
            proofs.append(_with(found, basis))
    proofs.sort(key=_best)
    state = proofs[0].state if proofs else State.NONE
    return ReportStatus(name, state, tuple(proofs), _sentence(state, proofs))


def supports(
    register: Register | Library, report: Report, frameworks: Iterable[Framework]
) -> frozenset[str]:
    """The control parts that a report supports, as `framework:part`, whatever its dates."""
    shelf = register if isinstance(register, Library) else library(register)
    series = shelf.known.of(report)
    if series is None or report.id in shelf.known.ignored:
        return frozenset()
    return frozenset(
        f"{f.id}:{p.id}" for f in frameworks for p in f.parts.values() if series.supporting(p)
    )


def _with(proof: Proof, basis: Basis) -> Proof:
    return replace(proof, basis=basis)


def _best(proof: Proof) -> tuple[int, int, int]:
    return (
        _ORDER.index(proof.state),
        list(Basis).index(proof.basis),
        len(proof.unknown),
    )


def _sentence(state: State, proofs: list[Proof]) -> str:
    if not proofs:
        return "No report on file supports it."
    best = proofs[0]
    title = best.series.title
    how = "" if best.basis is Basis.DIRECT else f" ({best.basis})"
    if state is State.PROVED:
        unsure = f"; scope unknown: {', '.join(best.unknown)}" if best.unknown else ""
        over = " with a bridge letter" if best.bridges and _needs_bridge(best) else ""
        return f"{title}{how} covers it{over}{unsure}."
    if state is State.LISTED:
        return f"{title}{how} is listed by AWS Artifact and not on file."
    if state is State.OUT_OF_DATE:
        return f"{title}{how} is on file and leaves out {', '.join(map(told, best.missing))}."
    return f"{title}{how} is on file and leaves out {', '.join(best.outside)}."


def _needs_bridge(proof: Proof) -> bool:
    ends = [r.period_end for r in proof.reports if r.period_end]
    later = [r.period_end for r in proof.bridges if r.period_end]
    return bool(ends and later) and max(later) > max(ends)
