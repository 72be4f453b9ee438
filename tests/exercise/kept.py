"""Runs as a database has them: played events written as they are, without the rules of a room."""

from __future__ import annotations

import json
from dataclasses import asdict

from tests.exercise.played import Play

from sharedline.exercise.read import plain
from sharedline.state.database import Database
from sharedline.state.tables import EXERCISE_EVENT as EVENT
from sharedline.state.tables import EXERCISE_RUN as RUN


def keep(database: Database, play: Play, run: str = "r1") -> str:
    """Writes a run; its id."""
    events = play.ordered()
    ended = any(e.kind == "ended" for e in events)
    with database.begin() as connection:
        connection.execute(
            RUN.insert().values(
                id=run, scenario_id=play.scenario.id, title=play.scenario.title,
                scenario=json.dumps(plain(play.scenario)),
                settings=json.dumps({**asdict(play.settings)}), code=run.upper(),
                created_by="test", created=events[0].at, status="ended" if ended else "running",
            )
        )  # fmt: skip
        for e in events:
            connection.execute(
                EVENT.insert().values(
                    run_id=run, seq=e.seq, at=e.at, kind=e.kind, who=e.who, key=e.key,
                    data=json.dumps(dict(e.data)),
                )
            )  # fmt: skip
    return run
