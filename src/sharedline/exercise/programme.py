"""The programme: what was exercised in the last twelve months, what is due, how scores go."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from sharedline.duties import owners
from sharedline.duties.catalogue import load as load_duties
from sharedline.exercise import past
from sharedline.exercise.improve.model import Improvement
from sharedline.exercise.improve.store import items
from sharedline.exercise.score import PARTS, Score, score
from sharedline.exercise.session.model import RunState
from sharedline.exercise.truths import NONE
from sharedline.model import Side
from sharedline.project import Project
from sharedline.runbooks.library import load as load_runbooks
from sharedline.runbooks.model import Runbook
from sharedline.state.database import Database
from sharedline.text import iso

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Requirement:
    """What asks for exercises; `months` 0 where the organisation says how often itself.

    `source` is the public copy of the text that was read on `read`.
    """

    id: str
    says: str
    months: int
    source: str
    read: date


REQUIREMENTS = (
    Requirement(
        "PCI DSS 12.10.2", "The incident response plan is tested at least once every 12 months.",
        12, "https://withpci.com/requirements/12/12.10/12.10.2.html", date(2026, 11, 22),
    ),
    Requirement(
        "NIST SP 800-53 IR-3", "Incident response is tested as often as the organisation defines.",
        0, "https://csf.tools/reference/nist-sp-800-53/r5/ir/ir-3/", date(2026, 11, 22),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """One ended run; scores are 0 to 1, None where nothing was measured."""

    run: str
    scenario: str
    title: str
    ended: datetime
    teams: tuple[str, ...]
    players: int
    total: float | None
    parts: dict[str, float | None]
    ratings: dict[str, str]


@dataclass(frozen=True, slots=True)
class Exercised:
    """A duty, team or runbook: when it was exercised last, and whether it is due."""

    kind: Literal["duty", "team", "runbook"]
    name: str
    title: str
    last: date | None
    runs: int
    #: The day by which it is to be exercised again; None where it never was, so now.
    again: date | None
    due: bool


@dataclass(frozen=True, slots=True)
class Programme:
    """Everything at `as_of`; `past` is oldest first, so that it can be drawn."""

    as_of: date
    months: int
    requirements: tuple[tuple[Requirement, bool], ...]
    past: tuple[Past, ...]
    exercised: tuple[Exercised, ...]
    open: tuple[Improvement, ...]
    overdue: tuple[Improvement, ...]
    verified: int

    @property
    def due(self) -> tuple[Exercised, ...]:
        """What is due: never exercised, or too long ago."""
        return tuple(e for e in self.exercised if e.due)

    @property
    def oldest(self) -> Improvement | None:
        """The open item that should have been done first."""
        return self.overdue[0] if self.overdue else None

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "as_of": self.as_of.isoformat(),
            "months": self.months,
            "requirements": [
                {"id": r.id, "says": r.says, "source": r.source, "read": r.read.isoformat(),
                 "held_in_time": kept}
                for r, kept in self.requirements
            ],
            "past": [{**asdict(p), "ended": iso(p.ended)} for p in self.past],
            "exercised": [
                {**asdict(e), "last": _iso(e.last), "again": _iso(e.again)} for e in self.exercised
            ],
            "open": [i.as_data() for i in self.open],
            "overdue": [i.id for i in self.overdue],
            "verified": self.verified,
        }  # fmt: skip


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of a shorter month; negative is later."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def programme(
    project: Project, database: Database, now: datetime | None = None, months: int = MONTHS
) -> Programme:
    """The programme of a project; `months` is how often each must be exercised."""
    today = (now or datetime.now(UTC)).date()
    states = [s for s in past.ended(database) if s.ended_at and s.ended_at.date() <= today]
    runs = tuple(_past(s, score(s)) for s in states)
    held = items(database)
    left = tuple(i for i in held if not i.closed)
    return Programme(
        as_of=today,
        months=months,
        requirements=tuple((r, _kept(r, runs, today, months)) for r in REQUIREMENTS),
        past=runs,
        exercised=tuple(_exercised(project, states, today, months)),
        open=left,
        overdue=tuple(i for i in left if i.overdue(today)),
        verified=len(held) - len(left),
    )


def _kept(one: Requirement, runs: Iterable[Past], today: date, months: int) -> bool:
    """Whether an exercise was held within the requirement's time, or within one's own.

    That it covered all that the requirement asks for is not said by this.
    """
    since = months_before(today, one.months or months)
    return any(p.ended.date() >= since for p in runs)


def _past(state: RunState, marks: Score) -> Past:
    assert state.ended_at is not None
    return Past(
        state.run,
        state.scenario.id,
        state.scenario.title,
        state.ended_at,
        tuple(t.team for t in marks.teams),
        len(state.players()),
        marks.overall,
        {name: marks.part(name) for name in PARTS if marks.teams},
        dict(marks.ratings),
    )


def _exercised(
    project: Project, states: Iterable[RunState], today: date, months: int
) -> Iterator[Exercised]:
    """Each duty of yours, each team, each runbook; those never exercised first, then the oldest."""
    days: dict[tuple[str, str], list[date]] = defaultdict(list)
    for state in states:
        assert state.ended_at is not None
        for place in _touched(state):
            days[place].append(state.ended_at.date())
    books = tuple(load_runbooks(project.folder / "runbooks").runbooks.values())
    known = dict(_known(project, days, books))
    for place, tested in _tested(books):
        days[place].append(tested)
    since, out = months_before(today, months), []
    for (kind, name), title in known.items():
        held = days.get((kind, name), [])
        last = max(held, default=None)
        again = months_before(last, -months) if last else None
        due = last is None or last < since
        out.append(Exercised(kind, name, title, last, len(held), again, due))  # type: ignore[arg-type]
    yield from sorted(out, key=lambda e: (e.kind, not e.due, e.last or date.min, e.name))


def _touched(state: RunState) -> set[tuple[str, str]]:
    """What a run exercised: duties and runbooks of what was released, teams that had a player."""
    found = {("team", p.team) for p in state.players() if p.team}
    for inject in state.scenario.injects:
        if not state.released(inject.id):
            continue
        found.add(("duty", inject.duty))
        for question in inject.questions:
            if question.kind == "runbook" and question.truth is not None:
                found |= {("runbook", a) for a in question.truth.answers if a != NONE}
    return found


def _known(
    project: Project, days: Collection[tuple[str, str]], books: Iterable[Runbook]
) -> Iterator[tuple[tuple[str, str], str]]:
    for duty in load_duties().duties.values():
        if duty.usual_side is not Side.AWS or ("duty", duty.id) in days:
            yield ("duty", duty.id), duty.title
    teams = set(owners.load(project.owners).teams) | {n for kind, n in days if kind == "team"}
    for team in sorted(teams):
        yield ("team", team), team
    for book in books:
        yield ("runbook", book.id), book.title


def _tested(books: Iterable[Runbook]) -> Iterator[tuple[tuple[str, str], date]]:
    """Tests that a runbook's own page has: tabletop or functional, not a mere reading of it."""
    for book in books:
        for trial in book.tested:
            if trial.how != "read-through":
                yield ("runbook", book.id), trial.on
