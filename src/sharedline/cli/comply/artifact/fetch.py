"""`sharedline comply artifact fetch`: what AWS Artifact has; terms are left to a person."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from sharedline.cli.common import folder_option, format_option

REGION = "us-east-1"


@click.command(name="fetch")
@folder_option
@format_option("text", "json")
@click.option("--report", "reports", multiple=True, metavar="ID", help="Save this report's terms.")
@click.option("--version", type=click.IntRange(1), help="Of the report; the newest by default.")
@click.option("--accept-terms", is_flag=True, help="I have read the saved terms and accept them.")
@click.option("--by", default="", metavar="NAME", help="Who accepts: your full name.")
@click.option("--changed", is_flag=True, help="Accept terms whose bytes are not those saved.")
@click.option(
    "--versions", is_flag=True, help="List earlier versions too, for a window in the past."
)
@click.option("--profile", default="", help="A profile of the AWS configuration.")
@click.option("--region", default=REGION, show_default=True, help="Where Artifact is asked.")
@click.option("--endpoint-url", default="", help="Any AWS-compatible endpoint.")
def command(folder: Path, fmt: str, reports: tuple[str, ...], **options: Any) -> int:
    """Read what AWS Artifact has; accept terms only when a person says so.

    Without --report it lists reports and agreements. With it, it saves the terms for you to read;
    with --accept-terms and --by as well, it accepts those terms in your name, records that, and
    keeps the document. Exit code 3 where AWS did not answer; the IAM actions are then named.
    """
    from botocore.exceptions import BotoCoreError

    from sharedline.errors import Error
    from sharedline.project import open_project
    from sharedline.trail.sources import Aws

    if options["accept_terms"] and not (reports and options["by"].strip()):
        raise Error(
            "Accepting terms is one person's act for named reports.",
            'Add --report ID and --by "Full Name".',
        )
    project = open_project(folder)
    endpoint = options["endpoint_url"] or str(project.scan.get("endpoint_url", ""))
    try:
        client = Aws(options["profile"], endpoint).client("artifact", options["region"])
        artifact = project.folder / "artifact"
        if reports:
            return _documents(client, artifact, reports, endpoint, fmt, options)
        return _listing(client, artifact, fmt, versions=options["versions"])
    except BotoCoreError as error:
        raise Error(
            f"AWS cannot be asked ({type(error).__name__}).",
            "Check the credentials, --profile and the network; or import what you downloaded.",
        ) from error


def _listing(client: Any, artifact: Path, fmt: str, *, versions: bool) -> int:
    from sharedline.cli import out
    from sharedline.comply.artifact.fetch import collect

    asked = collect(client, artifact, datetime.now(UTC), versions=versions)
    if fmt == "json":
        out.as_json(
            {
                "reports": len(asked.reports),
                "agreements": len(asked.agreements),
                "unread": [
                    {"call": u.call, "subject": u.subject, "code": u.code} for u in asked.unread
                ],
                "actions": asked.actions,
            }
        )
        return 3 if asked.unread else 0
    out.line(f"{len(asked.reports):,} reports and {len(asked.agreements):,} agreements are listed.")
    for unread in asked.unread:
        about = f" for {unread.subject}" if unread.subject else ""
        out.line(f"  AWS did not answer {unread.call}{about} ({unread.code}).")
    if asked.unread:
        out.note(f"Needed are the IAM actions {', '.join(asked.actions)}.")
        return 3
    out.note("What is missing: `sharedline comply artifact gaps`.")
    return 0


def _documents(
    client: Any,
    artifact: Path,
    reports: tuple[str, ...],
    endpoint: str,
    fmt: str,
    options: dict[str, Any],
) -> int:
    from sharedline.cli import out
    from sharedline.comply.artifact.download import download
    from sharedline.comply.artifact.fetch import (
        RefusedError,
        accept_and_fetch,
        find,
        remember,
        save_terms,
    )

    def get(url: str) -> bytes:
        return download(url, endpoint=endpoint)

    done = []
    for name in reports:
        now = datetime.now(UTC)
        try:
            report = find(client, artifact, name, options["version"], now)
            if options["accept_terms"]:
                held = accept_and_fetch(
                    client, artifact, report, get, now, options["by"], changed=options["changed"]
                )
                done.append({"report": held.id, "file": held.file, "sha256": held.sha256})
                said = f"{held.name}: {held.bytes:,} bytes on file, SHA-256 {held.sha256}."
            else:
                path = save_terms(client, artifact, report, get, now)
                done.append({"report": report.id, "terms": str(path), "sha256": ""})
                said = (
                    f"{report.name}: read its terms in {path}. If you accept them: "
                    f"sharedline comply artifact fetch --report {report.id} --accept-terms "
                    '--by "YOUR NAME"'
                )
        except RefusedError as error:
            remember(artifact, error, now)
            raise
        if fmt == "text":
            out.line(said)
    if fmt == "json":
        out.as_json(done)
    return 0
