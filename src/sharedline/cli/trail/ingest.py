"""`sharedline trail ingest`: CloudTrail logs from files, folders, S3 or LookupEvents."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.inventory.lake import Lake
    from sharedline.trail.ingest import Outcome
    from sharedline.trail.sources import Aws

#: So many files with something wrong are named in text; JSON names all.
SHOWN = 20


@click.command(name="ingest")
@click.argument("places", nargs=-1, metavar="[PATH|s3://…]...")
@folder_option
@format_option("text", "json")
@click.option("--from-s3", metavar="BUCKET", help="A trail's bucket or name; its prefix is found.")
@click.option("--lookup", is_flag=True, help="Pull the last 90 days from LookupEvents.")
@click.option("--regions", multiple=True, help="Regions, repeated or comma-separated.")
@click.option("--since", type=click.DateTime(("%Y-%m-%d",)), help="From this UTC day on.")
@click.option("--until", type=click.DateTime(("%Y-%m-%d",)), help="To this UTC day, included.")
@click.option("--profile", default="", help="A profile of the AWS configuration.")
@click.option("--endpoint-url", default="", help="Any AWS-compatible endpoint.")
@click.option("--processes", type=click.IntRange(0), default=2, show_default=True)
@click.option("--lake", "lake_url", help="The lake's folder or URL.")
@click.option("--set-aside", is_flag=True, help="Only list what earlier runs set aside.")
def command(
    places: tuple[str, ...],
    folder: Path,
    fmt: str,
    from_s3: str | None,
    lake_url: str | None,
    lookup: bool,  # noqa: FBT001 click gives it by name
    set_aside: bool,  # noqa: FBT001
    **options: Any,
) -> int:
    """Read CloudTrail logs into the lake.

    A file that was read before is not read again, and an event is kept once. Files that are damaged
    or hold something else are listed, with what was kept of them; then the exit code is 3.
    """
    from sharedline.errors import Error
    from sharedline.inventory.lake import Lake
    from sharedline.project import open_project
    from sharedline.trail.sources import Aws

    project = open_project(folder)
    lake = Lake(lake_url or project.lake_url)
    if set_aside:
        return _set_aside(lake, fmt)
    if sum((bool(places), bool(from_s3), lookup)) != 1:
        raise Error(
            "Say where the logs are, once.", "Give paths, or --from-s3 BUCKET, or --lookup."
        )
    configured = project.scan.get("endpoint_url", "")
    aws = Aws(options["profile"], options["endpoint_url"] or str(configured))
    regions = [r.strip() for v in options["regions"] for r in v.split(",") if r.strip()]
    done = _run(lake, aws, places, from_s3, regions, options)
    _report(done, fmt)
    return 3 if done.incomplete else 0


def _run(
    lake: Lake,
    aws: Aws,
    places: tuple[str, ...],
    from_s3: str | None,
    regions: list[str],
    options: dict[str, Any],
) -> Outcome:
    from sharedline.trail.ingest import ingest
    from sharedline.trail.sources import Days

    since, until = options["since"], options["until"]
    progress = Progress()
    if not places and not from_s3:
        return _lookup(lake, aws, regions, since, until, progress)
    if from_s3:
        from sharedline.cli.out import note
        from sharedline.trail.place import find

        found = find(lake, from_s3, aws, regions)
        for place in found:
            note(f"{place.trail} delivers to {place.url}.")
        places = tuple(place.url for place in found)
    days = Days(*(f"{d:%Y-%m-%d}" if d else "" for d in (since, until)))
    return ingest(
        lake, places, aws=aws, days=days, processes=options["processes"], progress=progress.step
    )


def _lookup(
    lake: Lake,
    aws: Aws,
    regions: list[str],
    since: datetime | None,
    until: datetime | None,
    progress: Progress,
) -> Outcome:
    import botocore.exceptions

    from sharedline.errors import Error
    from sharedline.trail.lookup import lookup
    from sharedline.trail.place import last_scan
    from sharedline.trail.sources import reason

    scan = None if regions else last_scan(lake)
    wanted = regions or (list(scan.regions) if scan else ["us-east-1"])
    try:
        account = aws.client("sts").get_caller_identity()["Account"]
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        raise Error(
            f"AWS does not say who is asking ({reason(error)}).",
            "Run `aws sso login` or set AWS_PROFILE, or pass --profile.",
        ) from error
    return lookup(
        lake,
        wanted,
        account=account,
        client=lambda region: aws.client("cloudtrail", region),
        since=since.replace(tzinfo=UTC) if since else None,
        until=_end(until),
        progress=progress.step,
    )


def _end(until: datetime | None) -> datetime | None:
    from datetime import timedelta

    return until.replace(tzinfo=UTC) + timedelta(days=1) if until else None


class Progress:
    """A line on stderr now and then."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def step(self, done: Outcome) -> None:
        """What is committed so far."""
        wait = 1 if sys.stderr.isatty() else 10
        if time.monotonic() - self._told >= wait:
            self._told = time.monotonic()
            click.echo(f"{done.events:,} events of {done.files:,} files in the lake", err=True)


def _report(done: Outcome, fmt: str) -> None:
    from sharedline.cli import out

    if fmt == "json":
        out.as_json(_plain(done))
        return
    more = [f"{done.events:,} events of {done.files:,} files are new in the lake."]
    passed = done.skipped
    for count, what in (
        (done.insights, "Insights events"),
        (done.duplicates, "events were there already"),
        (passed.known, "files or windows were read before"),
        (passed.digests + done.digests, "digest files (see `sharedline trail validate`)"),
        (passed.other_logs, "files are other logs by their folder"),
        (passed.by_name, "files are no logs by their name"),
        (passed.by_day, "files are of other days"),
    ):
        if count:
            more.append(f"{count:,} {what}.")
    for line in more:
        out.line(line)
    if done.incomplete:
        wrong = [(p, f"{n:,} events kept; {why}") for p, n, why in done.aside] + done.unread
        out.line(f"{len(wrong):,} could not be read as they should:")
        for path, why in wrong[:SHOWN]:
            out.line(f"  {path}: {why}")
        if len(wrong) > SHOWN:
            out.note(f"{len(wrong) - SHOWN:,} more: `sharedline trail ingest --set-aside`.")


def _plain(done: Outcome) -> dict[str, Any]:
    return {
        **{
            name: getattr(done, name)
            for name in ("events", "insights", "duplicates", "files", "digests", "foreign")
        },
        "skipped": vars(done.skipped),
        "set_aside": [
            {"path": p, "events": events, "reason": why} for p, events, why in done.aside
        ],
        "unread": [{"path": p, "reason": why} for p, why in done.unread],
    }


def _set_aside(lake: Lake, fmt: str) -> int:
    from sharedline.cli import out
    from sharedline.trail.journal import set_aside

    found = set_aside(lake)
    if fmt == "json":
        out.as_json(
            [{"path": r["path"], "events": r["events"], "reason": r["problem"]} for r in found]
        )
    else:
        for row in found:
            out.line(f"{row['path']}: {row['events']:,} events kept; {row['problem']}")
        out.note(f"{len(found):,} files were set aside.")
    return 3 if found else 0
