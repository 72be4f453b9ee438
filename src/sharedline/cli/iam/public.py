"""`sharedline iam public`: whether a resource policy lets anyone in, with a request as proof."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from sharedline.cli.common import format_option

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_NOTIONS = ("aws", "policyuniverse", "c7n")


@click.command(name="public")
@click.argument("policy", type=_FILE, required=False)
@click.option("--resource", default="", help="The resource's ARN; by default any.")
@click.option("--account", default="", help="The resource's account.")
@click.option("--cross-account", is_flag=True, help="Look for other accounts, not only anyone.")
@click.option(
    "--notion",
    type=click.Choice(_NOTIONS),
    help="What public means; AWS's own reading by default, with --cases each record's.",
)
@click.option("--cases", "path", type=_FILE, help="A file of policies, one JSON record a line.")
@format_option("text", "json")
def command(policy: Path | None, path: Path | None, notion: Any, fmt: str, **chosen: Any) -> int:
    """Whether a resource policy lets anyone in.

    With --cases, one result a line, in order; the last line of text counts those that agree. Exit
    code 0 where nobody is let in, 1 where somebody is or a case does not agree, 2 where a file
    cannot be read, 3 where it is not known.
    """
    from sharedline.cli import out
    from sharedline.cli.iam.common import print_request, run
    from sharedline.cli.iam.compare import read_policy
    from sharedline.iam.compare import labelled
    from sharedline.iam.compare.public import is_cross_account, is_public

    if path is not None:
        return run(path, fmt, partial(labelled.judged, notion=notion))
    if policy is None:
        raise click.UsageError("Name a file with a policy, or --cases FILE.")
    judge = is_cross_account if chosen["cross_account"] else is_public
    parsed = read_policy(policy)
    found = judge(parsed, chosen["resource"], chosen["account"], notion or "aws")
    if fmt == "json":
        places = [one + 1 for one in found.statements]
        witness = labelled.of_request(found.witness)
        out.as_json(
            {
                "id": policy.name,
                "answer": found.answer,
                "reason": found.reason,
                "notion": notion or "aws",
                "statements": places,
                "witness": witness,
            }
        )
    else:
        who = "another account" if chosen["cross_account"] else "anyone"
        words = {True: f"Yes, {who} is let in", False: f"No, {who} is not let in", None: "Unknown"}
        out.line(f"{words[found.answer]}: {found.reason}.")
        if found.witness is not None:
            print_request(found.witness)
    return {True: 1, False: 0, None: 3}[found.answer]
