"""`sharedline exercise score`: the score of a run, its parts, and the rows that made them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.exercise.score import Score, TeamScore
    from sharedline.exercise.session.model import RunState


@click.command(name="score")
@click.argument("run")
@folder_option
@format_option("text", "json")
@click.option("--rows", is_flag=True, help="With every row that made a number.")
def command(run: str, folder: Path, fmt: str, rows: bool) -> int:  # noqa: FBT001
    """The score of a run: parts, weights, agreement, and the rows that made them.

    RUN is a run's id, or its beginning. A part that the run has nothing for is not measured: its
    weight goes to the others.
    """
    from contextlib import closing

    from sharedline.cli import out
    from sharedline.exercise import past
    from sharedline.exercise.score import score
    from sharedline.exercise.score.model import as_data
    from sharedline.project import open_project
    from sharedline.state.database import Database

    with closing(Database(open_project(folder).database_url)) as database:
        state = past.find(database, run)
    found = score(state)
    if fmt == "json":
        out.as_json(as_data(found))
    else:
        _text(state, found, rows=rows)
    return 0


def _text(state: RunState, found: Score, *, rows: bool) -> None:
    from sharedline.cli import out

    out.line(f"EXERCISE  {state.scenario.title}  run {state.run}")
    teams = f"mean of {found.measured} team{'s' if found.measured != 1 else ''}"
    out.line(f"Overall: {found.told}" + (f" of 100, {teams}" if found.measured else ""))
    for one in found.teams:
        _team(one, rows=rows)
    for objective in state.scenario.objectives:
        out.wrapped(f"{found.ratings[objective.id] or 'not rated'}  {objective.text}", 2)
    for note in found.notes:
        out.note(note)
    if not rows:
        out.note(f"Open the numbers: sharedline exercise score {state.run} --rows")


def _team(one: TeamScore, *, rows: bool) -> None:
    from sharedline.cli import out

    players = f"{one.players} player{'s' if one.players != 1 else ''}"
    agreed = "" if one.agreement is None else f", agreement {one.agreement * 100:.0f} %"
    out.line(f"\n{one.team}: {one.told}  ({players}{agreed})")
    table = [
        {"part": p.title, "weight": f"{p.weight:g}", "share": f"{p.share * 100:.0f} %",
         "score": p.told, "n": p.items}
        for p in one.parts.values()
        if p.weight or p.value is not None
    ]  # fmt: skip
    heads = (("part", "Part", 18), ("weight", "Weight", 6), ("share", "Counts", 6),
             ("score", "Score", 12), ("n", "n", 4))  # fmt: skip
    out.table(table, heads)
    for part in one.parts.values() if rows else ():
        for row in part.rows:
            points = "  -" if row.points is None else f"{row.points * 100:>3.0f}"
            sure = "" if row.confidence is None else f" ({row.confidence} % sure)"
            out.wrapped(
                f"{points}  {part.title}, {row.inject}, {row.item}: {row.said or 'nothing'}{sure}; "
                f"right: {' or '.join(row.right)}. {row.why}", 2,
            )  # fmt: skip
