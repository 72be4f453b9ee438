"""`sharedline exercise run`: an exercise at one table, led from a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option

if TYPE_CHECKING:
    from sharedline.cli.exercise.common.asking import Asker
    from sharedline.exercise.session.store import Run
    from sharedline.project import Project
    from sharedline.state.database import Database

TABLE = "The table"


@click.command(name="run")
@click.argument("name", metavar="[ID]", default="")
@folder_option
@click.option("--resume", metavar="RUN", default="", help="Go on with a run that was left.")
@click.option("--clock", is_flag=True, help="The clock releases the messages, not you.")
@click.option("--speed", type=click.FloatRange(0.1, 60), default=1.0, show_default=True,
              help="Minutes of the scenario per minute on the wall.")  # fmt: skip
@click.option("--team", default="Team 1", show_default=True, help="What the table is called.")
@click.option("--by", default="Facilitator", show_default=True, help="Who leads.")
def command(
    name: str,
    folder: Path,
    resume: str,
    clock: bool,  # noqa: FBT001
    speed: float,
    team: str,
    by: str,
) -> int:
    """Run an exercise at one table: you lead, and write down what it answers.

    ID is an exercise of the project, or a scenario of the library. Nothing is lost when you leave
    (q, Ctrl-C or the end of what is piped in): the clock is paused until --resume.
    """
    from contextlib import closing

    from sharedline.errors import Error
    from sharedline.exercise.find import find
    from sharedline.exercise.session import store
    from sharedline.project import open_project
    from sharedline.state.database import Database

    if bool(name) == bool(resume):
        raise Error("Which exercise?", "Give its id, or --resume and the id of a run.")
    project = open_project(folder)
    # What is wrong with the wishes is said before a database is made for them.
    data = {"teams": [team], "pace": "clock" if clock else "hand", "speed": speed}
    settings, lead = store.settings_of(data), store.person_name(by)
    scenario = None if resume else find(project, name)
    with closing(Database(project.database_url)) as database:
        run = (
            store.create(database, scenario, settings, lead) if scenario else _run(database, resume)
        )
        return _play(project, run, _seated(database, run, lead, team))


def _run(database: Database, run_id: str) -> Run:
    from sharedline.exercise.session import store

    return store.run_of(database, run_id)


def _seated(database: Database, run: Run, lead: str, team: str) -> Asker:
    """The facilitator and the table, seated where they are not."""
    from sharedline.cli.exercise.common.asking import Asker
    from sharedline.exercise.session.joining import join
    from sharedline.exercise.session.room import Room

    room = Room(database, run.id)
    state = room.state()
    leads = [p for p in state.participants.values() if p.seat == "facilitator"]
    tables = [p for p in state.players() if p.name == TABLE]
    if not leads:
        leads = [join(database, run.id, run.code, lead, "facilitator", facilitate=True)[0]]
    if not tables:
        team = team if team in state.teams else state.teams[0]
        tables = [join(database, run.id, run.code, TABLE, "player", team)[0]]
    return Asker(room, leads[0], tables[0])


def _play(project: Project, run: Run, asker: Asker) -> int:
    from sharedline.cli import out
    from sharedline.cli.exercise.common import asking, rehearsal, showing

    showing.opened(asker.room.state(), run.code)
    out.wrapped(asking.HELP)
    left = False
    try:
        rehearsal.play(asker)
    except (asking.Leave, KeyboardInterrupt):
        left = True
    finally:  # whatever stops it: no time is counted while nobody plays
        asker.pause()
    state = asker.room.state()
    out.line("")
    showing.summed(state, asker.table.id, asker.table.team)
    if left:
        out.note(f"Go on: sharedline exercise run --resume {run.id}{_where(project)}")
    return 0


def _where(project: Project) -> str:
    """`--dir` where the project is not the current folder."""
    import shlex

    here = project.folder == Path().resolve()
    return "" if here else f" --dir {shlex.quote(str(project.folder))}"
