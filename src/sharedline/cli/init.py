"""`sharedline init DIR`: a project folder with commented settings to fill in."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def command(folder: Path) -> int:
    """Make a project folder: owners, waivers, settings.

    Files that exist stay as they are.
    """
    from sharedline.intent import init

    for path, made in init(folder):
        click.echo(f"{'made' if made else 'kept'}  {path}")
    click.echo("Next: name your teams in owners.toml, then run `sharedline scan`.")
    return 0
