"""Gathers what a package is made of from a project folder: scan, framework, reports, evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sharedline import __version__
from sharedline.comply import catalogue, cover
from sharedline.comply.artifact.register import open_register
from sharedline.comply.artifact.supports import Library, State, library, status
from sharedline.comply.evidence.store import Store, found_store
from sharedline.comply.model import Framework, Part
from sharedline.comply.package.inputs import Half, Inputs, Leaf, Report, Scan, Window
from sharedline.comply.package.scanned import ScanFindings
from sharedline.duties import owners, waivers
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import Error
from sharedline.inventory.lake import Lake, Manifest
from sharedline.model import NOBODY, Attestation, Side
from sharedline.project import Project
from sharedline.results import Results
from sharedline.state import State as Database


def gather(
    project: Project, framework: str, baseline: str, window: Window, system: str = ""
) -> Inputs:
    """Everything that the package says, as the project's files and its newest scan in the window say.

    Raises:
        Error: There is no such framework or baseline, or no scan in the window.
    """
    chosen = catalogue.load(framework, project.frameworks)
    if baseline and baseline not in chosen.baselines:
        known = ", ".join(chosen.baselines) or "none"
        raise Error(f"{framework} has no baseline {baseline!r}.", f"It has {known}.")
    lake = Lake(project.lake_url)
    inside = _inside(lake, window)
    found = Results(lake, inside[-1], project)
    cells = found.cells()
    parts = {p.id: p for p in chosen.parts.values() if not p.withdrawn}
    services = {c["service"] for c in cells}
    reports, halves = _artifact(project, parts, window, services, set(inside[-1].regions))
    return Inputs(
        system=system or _system(inside[-1]),
        framework=chosen,
        baseline=baseline,
        window=window,
        scan=_scan(inside[-1]),
        scans=tuple(_scan(m) for m in inside),
        findings=ScanFindings(found.duck),
        proofs=cover.prove(chosen, found.checks),
        checks=found.checks,
        duties=load_duties().duties,
        teams=owners.load(project.owners).teams,
        duty_owners=_duty_owners(cells),
        waivers=tuple(waivers.load(project.waivers)),
        attestations=_attestations(project),
        reports=reports,
        halves=halves,
        evidence=_evidence(project, window),
        others=_others(chosen, project.frameworks),
        version=__version__,
    )


def _inside(lake: Lake, window: Window) -> list[Manifest]:
    """The scans whose state lies in the window, oldest first."""
    scans = lake.scans()
    inside = [m for m in scans if window.start <= m.as_of.date() <= window.end]
    if not inside:
        have = ", ".join(f"{m.as_of:%Y-%m-%d}" for m in scans[-5:]) or "none"
        raise Error(f"There is no scan from {window} (scans: {have}).", "Choose other days.")
    return inside


def _system(manifest: Manifest) -> str:
    """A name that does not depend on where the folder lies."""
    first, more = manifest.accounts[:1], len(manifest.accounts) - 1
    name = f"AWS account {first[0]}" if first else "AWS estate"
    return f"{name} and {more} more" if more > 0 else name


def _scan(manifest: Manifest) -> Scan:
    return Scan(
        manifest.id,
        manifest.as_of,
        manifest.started,
        manifest.ended,
        manifest.accounts,
        manifest.regions,
        manifest.incomplete,
    )


def _duty_owners(cells: list[dict[str, object]]) -> dict[str, tuple[str, ...]]:
    """Who owns each duty on the customer's side, the one with most resources first."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for cell in cells:
        named = cell["owners"]
        if isinstance(named, Mapping):
            counted[str(cell["duty"])].update({str(k): int(v) for k, v in named.items()})
    return {
        duty: tuple(
            owner
            for owner, _ in sorted(counter.items(), key=lambda named: (-named[1], named[0]))
            if owner != NOBODY
        )
        for duty, counter in counted.items()
    }


def _attestations(project: Project) -> tuple[Attestation, ...]:
    if not project.attested.is_file():
        return ()
    with closing(Database(project.database_url)) as state:
        return tuple(state.attestations())


def _artifact(
    project: Project,
    parts: Mapping[str, Part],
    window: Window,
    services: set[str],
    regions: set[str],
) -> tuple[tuple[Report, ...], dict[str, Half]]:
    """The reports on file, and what they say of AWS's half of each part."""
    register = open_register(project.artifact)
    shelf: Library = library(register, project.artifact)
    used: dict[str, Report] = {}
    halves: dict[str, Half] = {}
    for part in parts.values():
        if part.side not in (Side.AWS, Side.SHARED) or not register.reports:
            continue
        told = status(shelf, part, (window.start, window.end), services, regions)
        best = told.proofs[0] if told.proofs else None
        named = [*best.reports, *best.bridges] if best else []
        keys = []
        for one in named:
            if one.on_file:
                report = Report(
                    one.id,
                    one.name,
                    one.series,
                    str(one.version or ""),
                    one.period_start,
                    one.period_end,
                    one.sha256,
                    one.terms.accepted_by if one.terms else "",
                    one.terms.accepted_at if one.terms else None,
                )
                used[report.key] = report
                keys.append(report.key)
        halves[part.id] = Half(told.state is State.PROVED, told.sentence, tuple(keys))
    return tuple(used[k] for k in sorted(used)), halves


def _others(framework: Framework, folder: Path) -> dict[str, Framework]:
    """The frameworks that parts restate."""
    named = {m.partition(":")[0] for p in framework.parts.values() for m in p.maps}
    known = set(catalogue.ids(folder))
    return {n: catalogue.load(n, folder) for n in sorted(named & known) if n != framework.id}


def _evidence(project: Project, window: Window) -> LogEvidence | None:
    """The evidence log of the project, if it has one."""
    store = found_store(project.evidence)
    head = store.head() if store else None
    if store is None or head is None:
        return None
    return LogEvidence(store, window, head.size, head.line, store.public.read_bytes())


@dataclass(frozen=True)
class LogEvidence:
    """`Evidence` over a log: the items of the window, all of them, whatever they say."""

    store: Store
    window: Window
    #: How many items the head signs; the log may grow while the package is written.
    size: int
    head: bytes
    public: bytes

    def leaves(self) -> Iterator[Leaf]:
        """The items of the window, in the order of the log."""
        tree = self.store.tree()
        wanted = (i for i, _ in self.store.items(since=self.window.start, until=self.window.end))
        lines = self.store.lines()
        at = 0
        for index in wanted:
            if index >= self.size:
                return
            _, body = next(islice(lines, index - at, None))
            at = index + 1
            path = tuple(tree.inclusion(index, self.size))
            yield Leaf(index, body, tree.leaf(index), path)
