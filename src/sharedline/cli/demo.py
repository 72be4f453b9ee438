"""`sharedline demo --dir DIR`: an example estate, scanned; every other command works in the folder."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="demo")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-estate"),
    show_default=True,
    help="The folder to make.",
)
@click.option("--serve", "serves", is_flag=True,
              help="Serve the pages too, the estate still there to be mended.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=8600, show_default=True,
              help="The port of the pages.")  # fmt: skip
def command(folder: Path, serves: bool, port: int) -> int:  # noqa: FBT001
    """Make and scan an example estate in a folder.

    A local emulator answers for AWS: no account is needed and nothing leaves the machine. With
    --serve it answers until Ctrl-C, so that what is found can be mended and scanned again.
    """
    from sharedline.demo.build import build

    if serves:
        from sharedline.cli.serve import installed

        installed()

    def say(text: str) -> None:
        click.echo(text, err=True)

    def hold(url: str) -> None:
        _told(folder)
        _serve(folder, url, port)

    build(folder, say, hold if serves else None)
    if not serves:
        _told(folder)
    return 0


def _told(folder: Path) -> None:
    from sharedline.cli.common import results_of
    from sharedline.cli.summary import print_summary
    from sharedline.demo.build import FINDING
    from sharedline.report.html import write

    results = results_of(folder, "")
    print_summary(results)
    path = folder / "report.html"
    write(results, path)
    click.echo(f"\nThe report: {path.resolve()}")
    click.echo(f"The pages: sharedline serve --dir {folder}")
    click.echo(f"Go on with: sharedline matrix --dir {folder}")
    finding = folder / FINDING
    click.echo(f"An incident: sharedline incident {finding} --dir {folder}")
    click.echo(f"Policies, and what proves them: sharedline comply policies --dir {folder}")


def _serve(folder: Path, url: str, port: int) -> None:
    """Serves the pages to one administrator, whose password is told here and kept nowhere."""
    import secrets

    from sharedline.cli.serve import run
    from sharedline.people import accounts
    from sharedline.people.model import Role
    from sharedline.project import open_project
    from sharedline.state.database import Database
    from sharedline.web.serving import Listen

    password = secrets.token_urlsafe(12)
    project = open_project(folder)
    database = Database(project.database_url)
    try:
        with database.begin() as connection:
            accounts.add(connection, "demo", "Demo", "", Role.ADMIN, (), password)
    finally:
        database.close()
    click.echo(f"\nThe estate answers at {url} until Ctrl-C. Mend something, and scan again:")
    click.echo("  export AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo")
    click.echo(f"  aws --endpoint-url {url} --region eu-central-1 …")
    click.echo(f"  sharedline scan --dir {folder}")
    click.echo(f"Sign in as demo with the password {password}")
    run(project, Listen(port=port))
