"""`sharedline exercise new`: an exercise from the gaps of a scan, or from the library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option, results_of, scan_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharedline.exercise.truths import Runbook
    from sharedline.project import Project


@click.command(name="new")
@folder_option
@scan_option
@click.option("--from-gaps", is_flag=True, help="From the scan's own gaps; the default.")
@click.option("--scenario", metavar="ID", help="A scenario of the library, played by your estate.")
@click.option("--team", default="", help="Only the gaps of a team, and nobody's.")
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), default=1, show_default=True,
              help="Another seed, another story; the same seed, the same.")  # fmt: skip
@click.option("--mask", is_flag=True, help="Names of resources and accounts are replaced.")
@click.option("--minutes", type=int, default=60, show_default=True,
              help="How long a story from the gaps runs.")  # fmt: skip
@click.option("--id", "name", default="", help="The exercise's id; made from the rest without.")
@click.option("--replace", is_flag=True, help="Replace an exercise of that id.")
def command(
    folder: Path,
    scan_id: str,
    from_gaps: bool,  # noqa: FBT001
    scenario: str | None,
    team: str,
    seed: int,
    mask: bool,  # noqa: FBT001
    minutes: int,
    name: str,
    replace: bool,  # noqa: FBT001
) -> int:
    """Make an exercise from the gaps of the last scan, or from the library.

    The right answers (side, owner, runbook) are those of the scan's matrix and of the owner
    register. Names of teams and checks are never masked.
    """
    from sharedline.cli import out
    from sharedline.errors import Error
    from sharedline.exercise.compose import GAPS, Wish, new
    from sharedline.exercise.store import save

    if from_gaps and scenario:
        raise Error("--from-gaps and --scenario are two sources.", "Give one of them.")
    results = results_of(folder, scan_id, fresh=True)
    wish = Wish(scenario or GAPS, team, seed, mask, minutes, name)
    made = new(results, wish, _runbooks(results.project))
    path = save(results.project, made, replace=replace)
    out.line(f"{made.title}: {len(made.injects)} messages in {made.minutes} minutes.")
    out.line(f"Written to {path}")
    out.note(f"Read it: sharedline exercise show {made.id}")
    return 0


def _runbooks(project: Project) -> Sequence[Runbook]:
    from sharedline.runbooks.library import load

    return list(load(project.folder / "runbooks").runbooks.values())
