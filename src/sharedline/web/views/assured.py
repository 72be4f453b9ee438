"""How frameworks, policies and AWS's reports stand in one scan: rows for pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sharedline.comply import catalogue
from sharedline.comply.artifact.gap import Gap, changed_files
from sharedline.comply.artifact.gaps import gaps
from sharedline.comply.artifact.model import Report
from sharedline.comply.artifact.series import third_party
from sharedline.comply.cover import prove
from sharedline.comply.model import Framework, Part
from sharedline.comply.policies import clauses as clauses_of
from sharedline.comply.policies import mapping
from sharedline.comply.policies.clauses import Clause
from sharedline.comply.policies.judge import ORDER, ClauseStatus, Judge
from sharedline.comply.policies.mapping import Asked
from sharedline.comply.standing import Standing, year_to
from sharedline.project import Project
from sharedline.results import Results

#: The gaps of AWS's paper are asked for this framework, as the verb does.
ASKED = "nist-800-53-r5"


@dataclass(frozen=True, slots=True)
class HalfRow:
    """One side's half of a part."""

    verdict: str
    sentence: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a framework, with what proves it."""

    id: str
    title: str
    group: str
    side: str
    duties: tuple[str, ...]
    how: str
    verdict: str
    aws: HalfRow | None
    yours: HalfRow | None


@dataclass(frozen=True)
class Book:
    """A framework with its parts."""

    framework: Framework
    rows: tuple[PartRow, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Paper:
    """AWS's reports in the register, and what is missing of them."""

    reports: tuple[tuple[str, Report], ...]
    gaps: tuple[Gap, ...]
    window: tuple[date, date]


@dataclass(frozen=True)
class Assured:
    """Everything that the page about assurance shows of one scan."""

    window: tuple[date, date]
    books: Mapping[str, Book]
    clauses: tuple[ClauseStatus, ...]
    #: Mappings whose clause is in no policy any more.
    lost: tuple[str, ...]
    unasked: tuple[str, ...]
    paper: Paper


def stamp(project: Project) -> tuple[object, ...]:
    """What the answers depend on beside the scan: when the files of a project changed."""
    files = [project.mapping]
    for folder in (project.policies, project.frameworks, project.artifact):
        files += sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []
    seen = tuple((str(p), p.stat().st_mtime_ns) for p in files if p.is_file())
    return project.intent_digest(), seen


def reckon(results: Results) -> Assured:
    """Judges every part of every framework and every clause."""
    project = results.project
    window = year_to(results.manifest.as_of.date())
    standing = Standing(results, window)
    judge = Judge(standing, project.frameworks)
    books = {
        name: _book(judge, catalogue.load(name, project.frameworks), standing)
        for name in catalogue.ids(project.frameworks)
    }
    every = clauses_of.read(project.policies) if project.policies.is_dir() else []
    written = mapping.read(project.mapping, project.frameworks)
    asked = mapping.of_clauses(every, written, project.frameworks)
    statuses = tuple(judge.clause(c, asked.get(c.id)) for c in every)
    duties, _ = judge.unasked(statuses) if statuses else ([], [])
    lost = tuple(str(one) for one in mapping.lost(every, written))
    paper = _paper(standing, project.artifact, books.get(ASKED), window)
    return Assured(window, books, statuses, lost, tuple(duties), paper)


def _book(judge: Judge, framework: Framework, standing: Standing) -> Book:
    proofs = prove(framework, standing.checks)
    rows = [
        _part(judge, part, proofs[part.id].how)
        for part in framework.parts.values()
        if not part.header and not part.withdrawn
    ]
    return Book(framework, tuple(rows), Counter(r.verdict for r in rows))


def _part(judge: Judge, part: Part, how: str) -> PartRow:
    """A part as a clause that asks for nothing else: so that both are judged alike."""
    asked = Asked(part.id, (f"{part.framework}:{part.id}",))
    judged = judge.clause(Clause(part.id, "", "", part.title, ""), asked).judged
    one = next((j for j in judged if j.part.id == part.id), judged[0] if judged else None)
    halves = [
        HalfRow(h.verdict, h.sentence, h.checks) if h else None
        for h in ((one.aws, one.yours) if one else (None, None))
    ]
    return PartRow(
        part.id, part.title, part.group, part.side.value, part.duties, how,
        one.verdict if one else "unknown", *halves,
    )  # fmt: skip


def _paper(standing: Standing, folder: Path, book: Book | None, window: tuple[date, date]) -> Paper:
    register = standing.shelf.register
    rows = []
    for report in register.reports:
        series = standing.shelf.known.of(report)
        name = series.id if series else "(vendor)" if third_party(report) else "(unmapped)"
        rows.append((name, report))
    rows.sort(key=lambda r: (not r[1].on_file, r[0][:1] == "(", r[0], r[1].name))
    missing: list[Gap] = []
    if register.reports or register.agreements:
        asked: dict[str, list[Part]] = {}
        for part in book.framework.parts.values() if book else ():
            asked.setdefault(f"{ASKED}:{part.control}", []).append(part)
        missing = changed_files(register, folder)
        found = gaps(standing.shelf, asked, window, standing.services, standing.regions)
        missing += found
    return Paper(tuple(rows), tuple(missing), window)


def verdicts(names: Sequence[str]) -> list[tuple[str, int]]:
    """How many there are by verdict, the worst first."""
    counted = Counter(names)
    return [(v, counted[v]) for v in ORDER if counted[v]]
