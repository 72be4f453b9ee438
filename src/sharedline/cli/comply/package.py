"""`sharedline comply package`: the folder and the zip that an auditor gets."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.comply.package.build import Built
    from sharedline.comply.package.inputs import Inputs

_DAY = click.DateTime(("%Y-%m-%d",))


@click.command(name="package")
@folder_option
@format_option("text", "json")
@click.option("--framework", required=True, help="A framework's id, such as nist-800-53-r5.")
@click.option("--baseline", default="", help="Only the controls of this baseline, as moderate.")
@click.option(
    "--from", "start", type=_DAY, required=True, help="The first day of the audit window."
)
@click.option("--to", "end", type=_DAY, required=True, help="Its last day, included.")
@click.option("--system", default="", help="The system's name; by its accounts if not given.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write; the zip lies beside it. By default named after what is asked for.",
)
def command(
    folder: Path,
    fmt: str,
    framework: str,
    baseline: str,
    start: datetime,
    end: datetime,
    system: str,
    out: Path | None,
) -> int:
    """Write the audit package: OSCAL, responsibility matrix, evidence, verifier.

    The newest scan in the window gives the state; each document is judged by NIST's schema and by
    our own reference check before anything is put in place. Reports of AWS are named in it with
    their SHA-256, and never copied into it. Exit code 1 where a control part is not shown to be
    done, 3 where the scan was incomplete.
    """
    from sharedline.comply.package.build import build
    from sharedline.comply.package.gather import gather
    from sharedline.comply.package.inputs import Window
    from sharedline.errors import Error
    from sharedline.project import open_project

    if end < start:
        raise Error(f"There is no day from {start:%Y-%m-%d} to {end:%Y-%m-%d}.", "Swap them.")
    window = Window(start.date(), end.date())
    inputs = gather(open_project(folder), framework, baseline, window, system)
    parts = [p for p in ("audit", framework, baseline, f"{window.start}", f"{window.end}") if p]
    built = build(inputs, out or folder / "-".join(parts))
    _say(fmt, inputs, built)
    if built.satisfied == built.parts:
        return 0
    return 3 if inputs.scan.incomplete else 1


def _say(fmt: str, inputs: Inputs, built: Built) -> None:
    from sharedline.cli import out

    if fmt == "json":
        out.as_json(
            {
                "folder": str(built.folder),
                "zip": str(built.archive),
                "manifest_sha256": built.manifest_sha256,
                "zip_sha256": built.archive_sha256,
                "files": built.files,
                "control_parts": built.parts,
                "satisfied": built.satisfied,
                "to_do": built.work,
                "findings": built.findings,
                "evidence_items": built.items,
                "evidence_key": built.key,
                "scan": inputs.scan.id,
                "incomplete": inputs.scan.incomplete,
            }
        )
        return
    out.line(f"{built.folder}  {built.files} files")
    out.line(f"{built.archive}")
    out.line(
        f"{built.satisfied:,} of {built.parts:,} control parts are shown to be done; "
        f"{built.work:,} items to do; {built.findings:,} findings, "
        f"{built.items:,} items of evidence."
    )
    out.line(f"SHA-256 of the manifest  {built.manifest_sha256}")
    out.line(f"SHA-256 of the zip       {built.archive_sha256}")
    if built.key:
        out.line(f"Key of the evidence log   {built.key}")
    key = " --key-id VALUE" if built.key else ""
    out.note(
        "Give the auditor these by another way than the package. To verify it on any machine: "
        f"python3 {built.folder.name}/verify.py --manifest-sha256 VALUE{key}"
    )
    if not built.key:
        out.note("There is no evidence log: `sharedline evidence record` begins one.")
    if not inputs.reports:
        out.note("No report on file supports this framework: nothing that is inherited is proved.")
