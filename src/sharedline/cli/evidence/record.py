"""`sharedline evidence record`: what the log does not hold yet, written into it."""

from __future__ import annotations

from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option


@click.command(name="record")
@folder_option
@format_option("text", "json")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The private key, if not in the log's own folder; made where a new log begins.",
)
def command(folder: Path, fmt: str, key: Path | None) -> int:
    """Write scans, attestations, waivers, reports and exercises into the evidence log.

    What is in it already is not written again. The first run makes the log in `evidence/`, with a
    key that signs it. Exit code 1 where a scan's files are not those that the scan wrote.
    """
    from dataclasses import asdict

    from sharedline.cli import out
    from sharedline.comply.evidence.record import record
    from sharedline.comply.evidence.store import open_store
    from sharedline.exercise.keep import keep
    from sharedline.project import open_project

    project = open_project(folder)
    store = open_store(project.evidence, create=True, key=key)
    counts = record(store, project)
    held = keep(project, store)
    head = store.head()
    for said in store.notes:
        out.note(said)
    if fmt == "json":
        size = {"size": head.size, "root": head.root.hex()} if head else {"size": 0, "root": ""}
        out.as_json({**asdict(counts), "exercises": held, **size})
    else:
        out.line(
            f"{counts.items + held} new items: {counts.scans} scans with {counts.checks} checks, "
            f"{counts.attestations} attestations, {counts.waivers} waivers, "
            f"{counts.reports} reports and agreements, {held} exercises; "
            f"{counts.known} were there."
        )
        if head is not None:
            out.line(f"The log has {head.size} items; root {head.root.hex()}.")
    for said in counts.refused:
        out.note(said)
    return 1 if counts.refused else 0
