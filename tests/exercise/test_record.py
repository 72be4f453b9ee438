"""Ended exercises as evidence: once each, with a report that can be verified."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.exercise.kept import keep
from tests.exercise.played import Play, played

from sharedline.comply.catalogue import load
from sharedline.comply.evidence.store import Store, open_store
from sharedline.exercise import keep as ended_runs
from sharedline.exercise.record import CONTROLS, record
from sharedline.project import Project, open_project
from sharedline.state.database import Database


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path)


def store_of(project: Project) -> Store:
    return open_store(project.evidence, create=not project.evidence.exists())


def items(project: Project) -> list[Any]:
    return [i for _, i in store_of(project).items() if i["kind"] == "exercise"]


def kept(project: Project, play: Play, run: str = "r1") -> None:
    with closing(Database(project.database_url)) as database:
        keep(database, play, run)


def test_an_ended_run_is_written_once(project: Project) -> None:
    kept(project, played())
    kept(project, Play().release("open"), "running")
    assert record(store_of(project), project) == 1
    assert record(store_of(project), project) == 0
    (one,) = items(project)
    assert one["control"] == list(CONTROLS)
    assert (one["duty"], one["observed"]) == ("response.practice", "2026-11-20T09:59:00Z")
    assert (one["ref"]["score"], one["ref"]["ratings"]) == ("51", ["close=M", "tell=P"])
    assert one["ref"]["duties"] == ["data.exposure", "response.ownership"]
    path = project.folder / one["artefact"]["where"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == one["artefact"]["sha256"]
    assert json.loads(path.read_bytes())["mark"] == "EXERCISE - CONFIDENTIAL"


def test_what_is_rated_afterwards_is_written_again_and_the_first_stays(project: Project) -> None:
    first, play = played(), played()
    kept(project, first)
    assert record(store_of(project), project) == 1
    with closing(Database(project.database_url)) as database, database.begin() as connection:
        from sharedline.state.tables import EXERCISE_RUN as RUN

        connection.execute(RUN.delete())
    play.add(70, "rated", "e", objective="close", rating="S", why="Seen again.")
    kept(project, play)
    assert record(store_of(project), project) == 1
    old, new = items(project)
    assert new["ref"]["ratings"] == ["close=S", "tell=P"]
    for one in (old, new):
        path = project.folder / one["artefact"]["where"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == one["artefact"]["sha256"]


def test_the_controls_are_parts_of_the_frameworks_that_ship() -> None:
    for framework, part in (c.split(":") for c in CONTROLS):
        assert part in load(framework).parts


def test_the_verb_writes_missing_ones_and_the_log_verifies(project: Project) -> None:
    from sharedline.cli.evidence import command

    kept(project, played())
    ended = CliRunner().invoke(
        command, ["record", "--dir", str(project.folder)], standalone_mode=False
    )
    assert ended.exception is None, ended.exception
    assert "1 exercises" in ended.output
    assert len(items(project)) == 1
    ended = CliRunner().invoke(
        command, ["verify", "--dir", str(project.folder)], standalone_mode=False
    )
    assert ended.exception is None, ended.exception
    assert ended.return_value in (0, None)


def test_pages_and_verbs_keep_what_has_ended_where_the_project_has_a_log(project: Project) -> None:
    kept(project, played())
    assert ended_runs.keep(project) == 0  # no log was begun, and none is begun here
    assert not project.evidence.exists()
    store = store_of(project)
    with closing(Database(project.database_url)) as database:
        assert ended_runs.keep(project, database=database) == 1
    assert ended_runs.keep(project, store) == 0
    assert len(items(project)) == 1


def test_a_project_without_runs_writes_nothing(project: Project) -> None:
    assert record(store_of(project), project) == 0
    assert not (project.folder / "after-action").exists()
