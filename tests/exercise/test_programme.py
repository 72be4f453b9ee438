"""The programme: what ended runs exercised, what is due after twelve months, how scores go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.exercise.kept import keep
from tests.exercise.played import SEATS, START, Play, played

from sharedline.duties.catalogue import load
from sharedline.exercise import improve, past
from sharedline.exercise.programme import Exercised, Programme, months_before, programme
from sharedline.exercise.score import score
from sharedline.model import Side
from sharedline.project import Project, open_project
from sharedline.state.database import Database

SOON = START + timedelta(days=1)


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    (tmp_path / "owners.toml").write_text("[team.data]\n[team.Blue]\n")
    (tmp_path / "sharedline.toml").write_text(f"database = {json.dumps(database_url)}\n")
    return open_project(tmp_path)


@pytest.fixture
def database(project: Project) -> Iterator[Database]:
    with closing(Database(project.database_url)) as opened:
        yield opened


def of(found: Programme) -> dict[tuple[str, str], Exercised]:
    return {(e.kind, e.name): e for e in found.exercised}


def test_nothing_yet_is_all_due(project: Project, database: Database) -> None:
    found = programme(project, database, SOON)
    assert found.past == ()
    assert all(
        e.due and e.last is None and e.again is None for e in found.exercised if e.kind != "runbook"
    )
    yours = {d.id for d in load().duties.values() if d.usual_side is not Side.AWS}
    assert {n for k, n in of(found) if k == "duty"} == yours
    assert {n for k, n in of(found) if k == "team"} == {"data", "Blue"}
    assert [kept for _, kept in found.requirements] == [False, False]
    assert (found.oldest, found.verified) == (None, 0)


def test_a_run_exercises_what_was_released_and_who_sat_there(
    project: Project, database: Database
) -> None:
    keep(database, played())
    found = programme(project, database, SOON)
    by = of(found)
    assert by[("duty", "data.exposure")].last == START.date()
    assert by[("duty", "data.exposure")].again == date(2027, 11, 20)
    assert not by[("team", "Blue")].due
    assert not by[("team", "Red")].due  # not in the register, and there all the same
    assert by[("team", "data")].due
    assert by[("duty", "data.retention-deletion")].due
    (one,) = found.past
    assert (one.teams, one.players, one.total) == (
        ("Blue", "Red"),
        4,
        score(played().state()).overall,
    )
    assert one.ratings == {"close": "M", "tell": "P"}
    assert [kept for _, kept in found.requirements] == [True, True]


def test_due_again_after_twelve_months_or_as_said(project: Project, database: Database) -> None:
    keep(database, played())
    last_day = datetime(2027, 11, 20, 12, tzinfo=UTC)
    assert not of(programme(project, database, last_day))[("team", "Blue")].due
    late = programme(project, database, last_day + timedelta(days=1))
    assert of(late)[("team", "Blue")].due
    assert [kept for _, kept in late.requirements] == [False, False]
    wide = programme(project, database, last_day + timedelta(days=1), months=24)
    assert not of(wide)[("team", "Blue")].due
    # One may define IR-3 for oneself; of PCI DSS the twelve months stay.
    assert [kept for _, kept in wide.requirements] == [False, True]


def test_runs_that_nobody_played_or_that_go_on_count_for_nothing(
    project: Project, database: Database
) -> None:
    keep(database, Play(seats={"f": SEATS["f"]}).release("open").end(), "empty")
    keep(database, Play().release("open"), "running")
    assert list(past.ended(database)) == []
    assert programme(project, database, SOON).past == ()


def test_what_has_not_ended_by_then_is_not_seen(project: Project, database: Database) -> None:
    keep(database, played())
    assert programme(project, database, START - timedelta(days=1)).past == ()


def test_items_open_and_overdue(project: Project, database: Database) -> None:
    keep(database, played())
    state = played().state()
    made = improve.propose(database, state, score(state), "Eva", now=START)
    found = programme(project, database, START + timedelta(days=45))
    assert len(found.open) == len(made)
    assert {i.due for i in found.overdue} == {(START + timedelta(days=30)).date()}
    assert found.oldest is not None
    assert found.oldest.due == min(i.due for i in made)
    data = json.loads(json.dumps(found.as_data()))
    assert data["overdue"] == [i.id for i in found.overdue]
    assert data["past"][0]["ended"] == "2026-11-20T09:59:00Z"


def test_a_functional_test_of_a_runbook_counts_and_reading_it_does_not(
    project: Project, database: Database
) -> None:
    book = (
        "---\ntitle: {}\nduty: response.procedures\nowner: data\ntested:\n"
        "  - {{on: 2026-10-01, by: Ann, how: {}}}\n---\n## Respond\n1. Do it.\n"
    )
    (project.folder / "runbooks").mkdir()
    for name, how in (("tried", "functional"), ("skimmed", "read-through")):
        (project.folder / "runbooks" / f"{name}.md").write_text(book.format(name, how))
    by = of(programme(project, database, SOON))
    assert by[("runbook", "tried")].last == date(2026, 10, 1)
    assert by[("runbook", "skimmed")].last is None


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 22), 12, date(2025, 11, 22)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 31), 2, date(2025, 11, 30)),
        (date(2026, 12, 31), -2, date(2027, 2, 28)),
        (date(2026, 12, 15), 0, date(2026, 12, 15)),
    ],
)
def test_months_before(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before
