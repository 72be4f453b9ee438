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
def command(folder: Path) -> int:
    """Make and scan an example estate in a folder.

    A local emulator answers for AWS: no account is needed and nothing leaves the machine.
    """
    from sharedline.cli.common import results_of
    from sharedline.cli.summary import print_summary
    from sharedline.demo.build import FINDING, build
    from sharedline.report.html import write

    build(folder, lambda text: click.echo(text, err=True))
    results = results_of(folder, "")
    print_summary(results)
    path = folder / "report.html"
    write(results, path)
    click.echo(f"\nThe report: {path.resolve()}")
    click.echo(f"Go on with: sharedline matrix --dir {folder}")
    finding = folder / FINDING
    click.echo(f"An incident: sharedline incident {finding} --dir {folder}")
    click.echo(f"Policies, and what proves them: sharedline comply policies --dir {folder}")
    return 0
