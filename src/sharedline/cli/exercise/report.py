"""`sharedline exercise report`: the after-action report and improvement plan of a run."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option

ENDINGS = {"html": "html", "pdf": "pdf", "markdown": "md", "json": "json"}


@click.command(name="report")
@click.argument("run")
@folder_option
@format_option(*ENDINGS)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file; without it, after-action/RUN.html (or .pdf, .md, .json) in the project.",
)
def command(run: str, folder: Path, fmt: str, output: Path | None) -> int:
    """The after-action report and improvement plan of a run.

    RUN is a run's id, or its beginning. What happened, why, ratings, the score with its rows, and
    the improvement items as they stand. A run that has ended is written into the evidence log,
    where the project has one.
    """
    from contextlib import closing
    from datetime import UTC, datetime

    from sharedline.cli import out
    from sharedline.cli.common import log
    from sharedline.cli.exercise.common.after import latest
    from sharedline.errors import Error
    from sharedline.exercise import past
    from sharedline.exercise.after.report import report
    from sharedline.exercise.improve import items
    from sharedline.exercise.improve.propose import lately
    from sharedline.exercise.score import score
    from sharedline.files import write_whole
    from sharedline.project import open_project
    from sharedline.state.database import Database

    project = open_project(folder)
    with closing(Database(project.database_url)) as database:
        state = past.find(database, run)
        held = items(database, state.run)
    results = latest(project)
    standing = lately(results) if results else None
    data = report(state, score(state), held, standing=standing, made=datetime.now(UTC))
    if output is not None and not output.parent.is_dir():
        raise Error(f"There is no folder {output.parent}.", "Make it first.")
    path = output or project.folder / "after-action" / f"{state.run}.{ENDINGS[fmt]}"
    write_whole(path, _written(fmt, data))
    out.line(f"Written to {path}")
    if not held:
        out.note(f"No items yet: sharedline exercise improvements --propose {state.run}")
    if state.ended_at is None:
        out.note("The run has not ended: the report is as it stands.")
        return 0
    log(folder)
    return 0


def _written(fmt: str, data: dict[str, object]) -> bytes:
    from sharedline.exercise.after import page, pdf, text
    from sharedline.exercise.after.report import as_json

    if fmt == "pdf":
        return pdf.write(data)
    if fmt == "json":
        return as_json(data)
    return (page.render(data) if fmt == "html" else text.markdown(data)).encode(
        "utf-8", "backslashreplace"
    )
