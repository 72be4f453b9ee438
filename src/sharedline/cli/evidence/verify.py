"""`sharedline evidence verify`: the whole log computed again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.comply.evidence.verify import Verdict


@click.command(name="verify")
@folder_option
@format_option("text", "json")
@click.option(
    "--log",
    "log",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A log's folder by itself, such as a copy; only the log is looked at then.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="Where heads were published: a file, a folder, a repository. Repeatable.",
)
@click.option("--key-id", default="", help="The id of the key that must have signed.")
@click.option("--log-only", is_flag=True, help="Not the files of the lake and of reports.")
def command(
    folder: Path,
    fmt: str,
    log: Path | None,
    against: tuple[Path, ...],
    key_id: str,
    log_only: bool,  # noqa: FBT001 click gives it by name
) -> int:
    """Compute everything again and name the first thing that is wrong.

    Items, their tree, the signed heads and their chain, time-stamps, and the files that items stand
    on. A log rewritten together with its heads is told only by a head published elsewhere
    (--against). Exit code 1 where something is wrong, 3 where something could not be checked.
    """
    from sharedline.comply.evidence.artefacts import Places
    from sharedline.comply.evidence.publish import published
    from sharedline.comply.evidence.verify import verify
    from sharedline.errors import Error
    from sharedline.inventory.lake import Lake
    from sharedline.project import open_project

    project = open_project(folder)
    where = log or project.evidence
    if not where.is_dir():
        raise Error(
            f"There is no evidence log in {where}.", "Begin one with `sharedline evidence record`."
        )
    places = None
    if log is None and not log_only:
        places = Places(where, project.folder, Lake(project.lake_url))
    heads = [one for path in against for one in published(path)]
    verdict = verify(where, places, heads, key_id)
    if not verdict.heads and not verdict.wrong:
        verdict.unchecked.append("the log is empty")
    _show(verdict, fmt)
    return 1 if verdict.wrong else 3 if verdict.unchecked else 0


def _show(verdict: Verdict, fmt: str) -> None:
    from dataclasses import asdict

    from sharedline.cli import out

    root = verdict.last.root.hex() if verdict.last else ""
    if fmt == "json":
        plain = asdict(verdict)
        del plain["last"]
        out.as_json({"whole": not verdict.wrong, "root": root, **plain})
        return
    out.line(f"{verdict.items:,} items under {verdict.heads:,} heads; key {verdict.key or 'none'}.")
    if root:
        out.line(f"Root {root}.")
    out.line(
        f"{verdict.stamps} time-stamps verified, {verdict.files:,} files compared, "
        f"{verdict.published} published heads are its beginning."
    )
    if verdict.wrong:
        first, *more = verdict.wrong
        out.line(f"Wrong: {first}")
        for problem in more:
            out.line(f"  then {problem}")
    else:
        out.line("Nothing is wrong.")
    for what in verdict.unchecked:
        out.note(f"Not checked: {what}.")
    for what in verdict.notes:
        out.note(what)
    if not verdict.published and not verdict.wrong:
        out.note(
            "No published head was compared (--against): a log rewritten together with its heads "
            "and key would look the same."
        )
