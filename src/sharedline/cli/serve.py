"""`sharedline serve`: the pages over a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option

if TYPE_CHECKING:
    from sharedline.project import Project
    from sharedline.web.serving import Listen


@click.command(name="serve")
@folder_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8600, show_default=True,
              help="The port; 0 takes a free one.")  # fmt: skip
@click.option("--address", default="", metavar="URL",
              help="What people type, such as https://sharedline.example.org.")  # fmt: skip
@click.option("--certificate", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="A PEM file, to speak TLS.")  # fmt: skip
@click.option("--key", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Its private key.")  # fmt: skip
@click.option("--proxy", default="", metavar="IP,…",
              help="Proxies whose word is taken for where a request comes from.")  # fmt: skip
@click.option("--processes", type=click.IntRange(0, 4), default=0,
              help="How many processes serve; by default one for each core, at most four.")  # fmt: skip
def command(
    folder: Path,
    host: str,
    port: int,
    address: str,
    certificate: Path | None,
    key: Path | None,
    proxy: str,
    processes: int,
) -> int:
    """Serve the pages: matrix, gaps, flow, exercises, and the API.

    Sign in with an account made by `sharedline users add`. Without TLS and away from this machine,
    passwords could be read on the way: a warning says so.
    """
    installed()
    from sharedline.project import open_project

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together.")
    project = open_project(folder)
    _first_admin(project)
    from sharedline.web.serving import Listen

    run(project, Listen(host, port, address, certificate, key, proxy, processes))
    return 0


def installed() -> None:
    """Raises an `Error` that says what to install where the pages cannot be served."""
    from sharedline.errors import Error

    try:
        import sharedline.web.serving  # noqa: F401 only whether it can be
    except ImportError as error:
        if (error.name or "").startswith("sharedline"):
            raise
        raise Error(
            f"The pages need a package that is not installed ({error.name}).",
            "Install it with `pip install 'sharedline[web]'`.",
        ) from error


def run(project: Project, where: Listen) -> None:
    """Serves until it is told to stop."""
    from sharedline.web.serving import serve

    serve(project, where)


def _first_admin(project: Project) -> None:
    """Asks for the first administrator where nobody has an account yet."""
    import sys

    from sharedline.people import accounts
    from sharedline.people.model import Role
    from sharedline.state.database import Database

    database = Database(project.database_url)
    try:
        with database.read() as connection:
            if accounts.people(connection):
                return
        if not sys.stdin.isatty():
            click.echo(
                "Nobody has an account yet: make one with `sharedline users add NAME --role admin`.",
                err=True,
            )
            return
        click.echo("Nobody has an account yet. The first one is an administrator's.", err=True)
        name = click.prompt("Name", err=True)
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        with database.begin() as connection:
            accounts.add(connection, name, name, "", Role.ADMIN, (), password)
    finally:
        database.close()
