"""What is missing of AWS's paper: no report, not mapped, out of date, out of scope, not accepted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from sharedline.comply.artifact.gap import ORDER, Gap, GapKind, changed_files, few, named, over
from sharedline.comply.artifact.model import Register, Report
from sharedline.comply.artifact.period import Days, missing, told
from sharedline.comply.artifact.scope import Scope
from sharedline.comply.artifact.series import Kind, Series, third_party, words
from sharedline.comply.artifact.supports import (
    Library,
    Proof,
    State,
    Use,
    library,
    spans,
    status,
)
from sharedline.comply.model import Part
from sharedline.model import Side

__all__ = ["Gap", "GapKind", "changed_files", "gaps"]

HIPAA = "hipaa-security-rule"
_BAA = "Business associate addendum"
_ADDENDUM = ("business associate", "baa")


def gaps(
    reports: Register | Library,
    asked: Mapping[str, Iterable[Part]],
    window: Days,
    services: Collection[str] = (),
    regions: Collection[str] = (),
) -> list[Gap]:
    """What is missing for what is asked (clause or control -> its parts), the gravest first."""
    shelf = reports if isinstance(reports, Library) else library(reports)
    wanted = {name: _leaves(parts) for name, parts in asked.items()}
    use = Use.of(services, regions)
    leaning: dict[str, list[str]] = {}
    waiting: set[str] = set()
    found = list(_unread(shelf.register))
    for name, parts in wanted.items():
        bare = []
        for part in parts:
            told_of = status(shelf, part, window, use.services, use.regions)
            for proof in told_of.proofs:
                leaning.setdefault(proof.series.id, []).append(told_of.part)
            if told_of.state is State.NONE:
                bare.append(part.id)
            elif told_of.state is State.LISTED:
                waiting.add(told_of.proofs[0].series.id)
        found += _no_report(name, bare, parts)
    for series in leaning:
        judged = shelf.judged(shelf.known.series[series], window, use)
        assert judged is not None  # it is among the proofs of a part
        found += _of_series(shelf, judged, window, needed=series in waiting)
    found += _addendum(shelf, wanted, window, use)
    found += _unmapped(shelf, leaning)
    return sorted(set(found), key=lambda g: (ORDER.index(g.kind), g.subject, g.sentence))


def _leaves(parts: Iterable[Part]) -> list[Part]:
    """The parts on which AWS must act; what only introduces others counts where it stands alone."""
    every = [p for p in parts if p.side in (Side.AWS, Side.SHARED) and not p.withdrawn]
    return [p for p in every if not p.header] or every


def _no_report(name: str, bare: list[str], parts: list[Part]) -> Iterator[Gap]:
    if not bare:
        return
    whole = len(bare) == len(parts)
    what = "AWS's half of it" if whole else f"AWS's half of {few(bare)}"
    yield Gap(
        GapKind.NO_REPORT,
        name,
        f"{what} is supported by no report on file.",
        "Fetch or import a report that supports it: `sharedline comply artifact list --for`.",
        names=tuple(bare),
    )


def _unread(register: Register) -> Iterator[Gap]:
    for refused in register.unread:
        about = f" for {refused.subject}" if refused.subject else ""
        yield Gap(
            GapKind.UNREAD,
            refused.subject or "Artifact",
            f"AWS did not answer {refused.call}{about} ({refused.code}): there may be more.",
            f"Allow artifact:{refused.call} and run `sharedline comply artifact fetch` again.",
            refused.subject,
        )


def _of_series(shelf: Library, proof: Proof, window: Days, *, needed: bool) -> Iterator[Gap]:
    """What one series lacks; of a series that is only listed, only where a part waits for it."""
    series = proof.series
    every = shelf.by_series[series.id]
    if proof.state is State.LISTED:
        if needed:
            yield from _listed(proof)
        return
    yield from _dates(series, proof, every, window)
    yield from _scope(shelf, proof)
    for report in (*proof.reports, *proof.bridges):
        if not report.accepted:
            yield Gap(
                GapKind.TERMS,
                named(report),
                "Nobody is on record as having accepted its terms.",
                f"`sharedline comply artifact accept {report.id} --by NAME`, by whoever did.",
                report.id,
            )
        newest = shelf.register.find(report.id)
        if newest and newest.version > report.version and not newest.on_file:
            yield Gap(
                GapKind.SUPERSEDED,
                named(report),
                f"Artifact has version {newest.version} of it{over(newest)}.",
                f"`sharedline comply artifact fetch --report {report.id}`.",
                report.id,
            )
        if report.state == "UNPUBLISHED":
            yield Gap(
                GapKind.WITHDRAWN,
                named(report),
                "AWS no longer publishes it.",
                "Ask AWS what replaces it, and fetch that.",
                report.id,
            )


def _listed(proof: Proof) -> Iterator[Gap]:
    for report in proof.reports:
        yield Gap(
            GapKind.TERMS,
            named(report),
            "Its terms are accepted and it is not on file."
            if report.accepted
            else "Nobody accepted its terms, so it is listed and not on file.",
            f"`sharedline comply artifact fetch --report {report.id}`, read the terms, accept.",
            report.id,
        )


def _dates(series: Series, proof: Proof, every: tuple[Report, ...], window: Days) -> Iterator[Gap]:
    for report in (*proof.reports, *proof.bridges):
        if spans(series, report) is None:
            yield Gap(
                GapKind.PERIOD_UNKNOWN,
                named(report),
                "Nobody knows which period it covers.",
                "Import its metadata, or import it with --from and --to as its first pages say.",
                report.id,
            )
    ends = [s[1] for r in (*proof.reports, *proof.bridges) if (s := spans(series, r))]
    for days in proof.missing:
        if not ends:
            break  # said above
        tail = days[1] == window[1] and days[0] > max(ends)
        yield Gap(
            GapKind.PERIOD,
            series.title,
            f"Covers nothing from {told(days)}: "
            + (f"it ends on {max(ends)}, before the audit window does." if tail else "a hole."),
            _todo(series, every, days, tail=tail),
            proof.reports[-1].id,
        )


def _todo(series: Series, every: tuple[Report, ...], days: Days, *, tail: bool) -> str:
    for report in every:
        span = spans(series, report)
        if not report.on_file and span and missing([span], days) != [days]:
            return f"`sharedline comply artifact fetch --report {report.id}` covers{over(report)}."
    if series.kind is Kind.PERIOD and tail:
        return "Fetch the next report, or until it is there a bridge letter of AWS."
    return "Fetch the report or certificate of that time; Artifact keeps earlier versions."


def _scope(shelf: Library, proof: Proof) -> Iterator[Gap]:
    title, report = proof.series.title, proof.reports[-1].id
    known = shelf.scope_of(proof.series)
    yield from _outside(known, title, GapKind.SERVICE, proof.services_out, report)
    yield from _outside(known, title, GapKind.REGION, proof.regions_out, report)
    yield from _outside(known, title, GapKind.SERVICE_UNKNOWN, proof.services_unknown, report)
    yield from _outside(known, title, GapKind.REGION_UNKNOWN, proof.regions_unknown, report)
    yield from _outside(known, title, GapKind.SERVICE_OLD, proof.services_aged, report)


_SAYS = {
    GapKind.SERVICE: "In use, not covered",
    GapKind.REGION: "In use, not covered",
    GapKind.SERVICE_UNKNOWN: "In use, and nobody knows whether covered",
    GapKind.REGION_UNKNOWN: "In use, and nobody knows whether covered",
    GapKind.SERVICE_OLD: "In use, and covered by a list of more than two years ago",
}


def _outside(
    known: Scope, subject: str, kind: GapKind, names: tuple[str, ...], report: str = ""
) -> Iterator[Gap]:
    if not names:
        return
    days = [d for n in names if (d := known.listed(n))]
    on = f" (read {min(days, default=known.read)})" if known.read else ""
    page = known.page or "the report's own list"
    todo = (
        f"Move what needs proof, or get another report; compare with {page}."
        if kind in (GapKind.SERVICE, GapKind.REGION)
        else f"Compare with {page}, then note it in artifact/services/{known.program}.toml."
    )
    yield Gap(kind, subject, f"{_SAYS[kind]}: {few(names)}{on}.", todo, report, names)


def _addendum(
    shelf: Library, asked: Mapping[str, list[Part]], window: Days, use: Use
) -> Iterator[Gap]:
    """Health data: the contract without which none may be there, and the services it is about."""
    if not any(p.framework == HIPAA for parts in asked.values() for p in parts):
        return
    named_so = [
        a
        for a in shelf.register.agreements
        if any(f" {w} " in f" {words(a.name)} " for w in _ADDENDUM)
    ]
    if not any(a.active_on(window[1]) for a in named_so):
        yield Gap(
            GapKind.AGREEMENT,
            _BAA,
            "No addendum with AWS is on record as active on "
            f"{window[1]}, without which no health data may be put there.",
            "Accept it in the console of AWS Artifact, then `sharedline comply artifact fetch`.",
        )
        return
    known = shelf.scopes.get("hipaa", Scope("hipaa"))
    out, unsure = known.outside(use.services)
    yield from _outside(known, _BAA, GapKind.SERVICE, tuple(out))
    yield from _outside(known, _BAA, GapKind.SERVICE_UNKNOWN, tuple(unsure))
    aged = known.aged(use.services, window[1])
    yield from _outside(known, _BAA, GapKind.SERVICE_OLD, tuple(aged))


def _unmapped(shelf: Library, leaning: Mapping[str, object]) -> Iterator[Gap]:
    for report in shelf.register.reports:
        if report.id in shelf.known.ignored or (third_party(report) and not report.on_file):
            continue
        series = shelf.known.of(report)
        if series is None:
            whose = "a vendor's report" if third_party(report) else "a series nobody mapped"
            yield Gap(
                GapKind.UNMAPPED,
                named(report),
                f"It is {whose}: nothing leans on it.",
                "Map it in artifact/reports.toml, or put it under [[ignored]] with a reason.",
                report.id,
            )
        elif report.on_file and series.id not in leaning and series.kind is not Kind.LETTER:
            yield Gap(
                GapKind.UNMAPPED,
                named(report),
                f"{series.title} supports nothing of what is asked.",
                "Nothing, or map it further in artifact/reports.toml.",
                report.id,
            )
