"""`sharedline trail validate`: log files against CloudTrail's signed digests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from sharedline.cli.common import folder_option, format_option

COLUMNS = ("kind", "path", "reason")


@click.command(name="validate")
@click.argument("place", metavar="PATH|s3://…")
@folder_option
@format_option("text", "json", "csv", "markdown")
@click.option(
    "--public-keys",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What `aws cloudtrail list-public-keys` printed; asks AWS by default.",
)
@click.option("--since", type=click.DateTime(("%Y-%m-%d",)), help="From this UTC day on.")
@click.option("--until", type=click.DateTime(("%Y-%m-%d",)), help="Before this UTC day.")
@click.option("--profile", default="", help="A profile of the AWS configuration.")
@click.option("--endpoint-url", default="", help="Any AWS-compatible endpoint.")
def command(
    place: str,
    folder: Path,
    fmt: str,
    public_keys: Path | None,
    since: datetime | None,
    until: datetime | None,
    profile: str,
    endpoint_url: str,
) -> int:
    """Whether log files are as CloudTrail delivered them.

    Checks the chain of digest files with their signatures, and every log file that they name. Exit
    code 1 where something was changed, deleted or is missing, 3 where something cannot be decided.
    """
    import botocore.exceptions

    from sharedline.cli import out
    from sharedline.errors import Error
    from sharedline.project import open_project
    from sharedline.trail.digests import keys_of_file
    from sharedline.trail.sources import Aws, reason
    from sharedline.trail.validate import (
        aws_keys,
        fixed_keys,
        problems,
        validate,
    )
    from sharedline.trail.vault import Bucket, Folder

    configured = open_project(folder).scan.get("endpoint_url", "")
    aws = Aws(profile, endpoint_url or str(configured))
    if not place.startswith("s3://") and not Path(place).is_dir():
        raise Error(f"There is no folder {place}.", "Give a folder, or s3://bucket/prefix.")
    store = Bucket(place, aws) if place.startswith("s3://") else Folder(Path(place))
    keys = fixed_keys(keys_of_file(public_keys)) if public_keys else aws_keys(aws)
    try:
        verdict = validate(
            store,
            keys,
            since=f"{since:%Y-%m-%d}" if since else "",
            until=f"{until:%Y-%m-%d}" if until else "",
        )
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        raise Error(
            f"AWS does not answer what is needed ({reason(error)}).",
            "It needs s3:ListBucket, s3:GetObject and cloudtrail:ListPublicKeys; or --public-keys.",
        ) from error
    if not verdict.digests:
        raise Error(
            f"There are no digest files in {place}.",
            "Give the folder or prefix that holds AWSLogs; is log-file validation on?",
        )
    found = list(problems(verdict))
    if fmt == "json":
        out.as_json(
            {**{k: v for k, v in vars(verdict).items() if k != "problems"}, "problems": found}
        )
    elif not out.rows(fmt, found, COLUMNS):
        out.line(f"{verdict.first} to {verdict.last}:")
        out.line(f"{verdict.signed:,} of {verdict.digests:,} digest files have a valid signature.")
        out.line(f"{verdict.valid:,} of {verdict.logs:,} log files are as delivered.")
        for problem in verdict.problems:
            out.line(f"  {problem.kind}: {problem.path}: {problem.reason}")
    return 1 if verdict.wrong else 3 if found else 0
