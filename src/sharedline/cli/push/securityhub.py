"""`sharedline push securityhub`: writes findings into AWS Security Hub."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from sharedline.cli.common import folder_option, results_of, scan_option


@click.command(name="securityhub")
@folder_option
@scan_option
@click.option("--check", default="", metavar="GLOB", help="Findings of these checks only.")
@click.option("--all", "everything", is_flag=True, help="What is met and unknown too.")
@click.option("--region", help="Write all into this Region; else each finding into its own.")
@click.option("--role", help="A role to assume in each account that is not the caller's.")
@click.option("--profile", help="A profile of the AWS configuration.")
@click.option("--endpoint-url", help="Any AWS-compatible endpoint.")
@click.option("--dry-run", "dry", is_flag=True, help="Print them as JSON lines; write none.")
def command(
    folder: Path,
    scan_id: str,
    check: str,
    everything: bool,  # noqa: FBT001
    dry: bool,  # noqa: FBT001
    **given: str | None,
) -> int:
    """Write findings into AWS Security Hub.

    THIS WRITES: `BatchImportFindings`, a hundred a call, under the account's default product. It
    needs `securityhub:BatchImportFindings` in every account, which the role of the scan does not
    have, and Security Hub on in each Region. What fails or is waived is written, and what a scan
    verified, which closes it there. Exit code 3 where a finding was refused.
    """
    from sharedline.cli import out
    from sharedline.duties.owners import like
    from sharedline.notices import securityhub as hub
    from sharedline.project import open_project

    results = results_of(folder, scan_id, fresh=True)
    project = open_project(folder)
    settings = {**project.securityhub, **{k: v for k, v in given.items() if v}}
    where = f"({'true' if everything else hub.TOLD})"
    where += f" and {like('check_id', [check])}" if check else ""
    found = hub.findings(results, where, settings.get("region", ""))
    if dry:
        places: Counter[tuple[str, str]] = Counter()
        for finding in found:
            places[finding["AwsAccountId"], finding["Region"]] += 1
            click.echo(json.dumps(finding))
        for (account, region), count in sorted(places.items()):
            out.note(f"{count} findings for {account} {region}; none was written.")
        return 0
    done = hub.push(found, hub.Accounts(replace(project, securityhub=settings)))
    out.line(f"Security Hub took {done.taken} findings.")
    for refused in done.refused:
        place = f"{refused.account} {refused.region}"
        out.line(f"{refused.id} ({place}): {refused.code}: {refused.message}")
    if done.refused:
        out.note(f"{len(done.refused)} findings were refused.")
    return 3 if done.refused else 0
