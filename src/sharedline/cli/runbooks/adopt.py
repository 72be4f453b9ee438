"""`sharedline runbooks adopt`: one that ships becomes the project's own."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="adopt")
@click.argument("names", metavar="ID…", nargs=-1, required=True)
@click.option("--owner", required=True, help="The team of owners.toml that keeps it.")
@folder_option
def command(names: tuple[str, ...], owner: str, folder: Path) -> int:
    """Copy runbooks that ship into the project, with their owner.

    From then on the project's file counts: change it as you work, and keep it under git.
    """
    from sharedline.cli import out
    from sharedline.cli.runbooks.common import library_of
    from sharedline.duties import owners
    from sharedline.errors import Error
    from sharedline.project import open_project
    from sharedline.runbooks.library import FOLDER
    from sharedline.runbooks.record import adopt

    project = open_project(folder)
    teams = owners.load(project.owners).teams
    if project.owners.is_file() and owner not in teams:
        known = ", ".join(sorted(teams)) or "none"
        raise Error(f"There is no team {owner!r}.", f"Declare it in owners.toml; teams: {known}.")
    library = library_of(project)
    for one in [library.get(name) for name in names]:
        out.line(str(adopt(one, project.folder / FOLDER, owner)))
    return 0
