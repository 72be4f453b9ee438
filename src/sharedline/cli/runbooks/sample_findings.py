"""`sharedline runbooks sample-findings`: writes sample findings into GuardDuty."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.runbooks.library import Library
    from sharedline.runbooks.samples import Sample

COLUMNS = (
    *("type", "runbooks", "duty", "account", "region", "seconds"),
    *("owner", "person", "contact"),
)


@click.command(name="sample-findings")
@click.argument("names", metavar="[ID]…", nargs=-1)
@click.option("--detector", required=True, help="The detector's id: what is written into.")
@click.option("--type", "types", multiple=True, help="A finding type; those of the runbooks else.")
@click.option("--wait", "seconds", type=click.IntRange(0, 3600), default=0, show_default=True,
              help="Seconds to look for them, and measure the time to the owner.")  # fmt: skip
@folder_option
@format_option()
@click.option("--region", default="", help="The detector's Region.")
@click.option("--profile", default="", help="A profile of the AWS configuration.")
@click.option("--endpoint-url", default="", help="Any AWS-compatible endpoint.")
def command(
    names: tuple[str, ...],
    detector: str,
    types: tuple[str, ...],
    seconds: int,
    folder: Path,
    fmt: str,
    **aws: str,
) -> int:
    """Write sample findings into GuardDuty, to see whom they reach.

    THIS WRITES: `CreateSampleFindings` puts findings marked [SAMPLE] into the detector, and all
    that listens to its findings is told. It needs `guardduty:CreateSampleFindings`, which the role
    of the scan does not have. With `--wait` exit code 1 where one is not seen or nobody is reached.
    """
    from sharedline.cli import out
    from sharedline.cli.runbooks.common import library_of, people_of
    from sharedline.project import open_project
    from sharedline.runbooks import samples
    from sharedline.trail.sources import Aws

    library = library_of(open_project(folder))
    chosen = list(types) or _answered(library, names)
    client = Aws(aws["profile"], aws["endpoint_url"]).client("guardduty", aws["region"] or None)
    samples.create(client, detector, chosen)
    out.note(f"Wrote {len(chosen)} sample findings into the detector {detector}.")
    found = samples.expected(library, chosen)
    if seconds:
        people, _ = people_of(folder)
        found = samples.wait(client, detector, found, people, samples.Watch(seconds))
        people.close()
    rows = [one.plain() for one in found]
    if not out.rows(fmt, rows, COLUMNS):
        _text(rows, looked=bool(seconds))
    return 1 if seconds and not all(_held(one) for one in found) else 0


def _answered(library: Library, names: tuple[str, ...]) -> list[str]:
    """The types that the runbooks answer; `Error` where none was asked for."""
    from sharedline.errors import Error
    from sharedline.runbooks.guardduty import kinds

    if not names:
        raise Error("Nothing says which findings to write.", "Give --type, or a runbook's id.")
    chosen = [library.get(name) for name in names]
    found = [t for t in kinds() if any(one.answers("guardduty", t) for one in chosen)]
    if not found:
        raise Error("These runbooks answer no finding of GuardDuty.", "Give --type.")
    return found


def _held(one: Sample) -> bool:
    return one.seconds is not None and one.reached is not None and not one.reached.missing


def _text(rows: list[dict[str, Any]], *, looked: bool) -> None:
    from sharedline.cli import out

    for row in rows:
        row["runbook"] = ", ".join(row["runbooks"]) or "none"
        row["seen"] = f"{row['seconds']} s" if row["seconds"] is not None else "not seen"
        who = ", ".join(part for part in (row["person"], row["contact"]) if part)
        row["said"] = f"{row['owner']} ({who})" if who else row["owner"]
    after = (("seen", "Seen", 8), ("said", "Reached", 0)) if looked else (("duty", "Duty", 0),)
    out.table(rows, (("type", "Finding", 40), ("runbook", "Runbook", 26), *after))
