"""`sharedline iam denied`: requests that were refused, by which layer, and what would fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option

if TYPE_CHECKING:
    from sharedline.iam.fit.denied import Denial

COLUMNS = (
    *("standing", "verdict", "count", "first", "last", "principal", "action", "resource"),
    *("layer", "aws_layer", "agrees", "why", "target", "statement"),
)


@click.command(name="denied")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown")
@click.option(
    "--events",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file or folder of CloudTrail events; beside the lake's trail.",
)
@click.option("--principal", default="", help="One user or role, by name or ARN.")
@click.option("--all", "everything", is_flag=True, help="Also identities that seldom succeed.")
@click.option(
    "--limit", type=int, default=20, show_default=True, help="Requests of text; 0 for all."
)
def command(
    *,
    folder: Path,
    scan_id: str,
    fmt: str,
    paths: tuple[Path, ...],
    principal: str,
    everything: bool,
    limit: int,
) -> int:
    """Requests that were refused: which layer refused them, and what would fit.

    Exit code 1 where work stopped that need not have, 3 where there are no events.
    """
    from sharedline.cli import out
    from sharedline.errors import IncompleteError
    from sharedline.iam.access import estate
    from sharedline.iam.fit import denied, evidence
    from sharedline.iam.fit.trail_events import Reading
    from sharedline.iam.fit.usage import key_of

    results = results_of(folder, scan_id)
    reading = Reading()
    events = evidence.events(results, paths, reading)
    if events is None:
        raise IncompleteError(
            "There are no events to look at.", "Give CloudTrail's files with --events."
        )
    found = estate.load(results)
    key = key_of(evidence.principal(found, principal)) if principal else None
    refusals = denied.gather(events, principal=key)
    denials = denied.explain(refusals, found)
    for problem in reading.problems[:10]:
        out.note(f"Not read: {problem}.")
    if refusals.dropped:
        out.note(f"{refusals.dropped} more refusals were not looked at.")
    shown = denials if everything else [d for d in denials if d.standing != "noise"]
    if not out.rows(fmt, [_row(d) for d in shown], COLUMNS):
        _print(shown, len(denials) - len(shown), limit)
    stopped = [d for d in denials if d.standing == "work stopped" and d.verdict != "keep"]
    return 1 if stopped else 0


def _row(denial: Denial) -> dict[str, Any]:
    offer = denial.offer
    return {
        "standing": denial.standing,
        "verdict": denial.verdict,
        "count": denial.span.count,
        "first": denial.span.first.isoformat() if denial.span.first else None,
        "last": denial.span.last.isoformat() if denial.span.last else None,
        "principal": denial.principal,
        "action": denial.action,
        "resource": denial.resource,
        "layer": denial.layer,
        "aws_layer": denial.said.layer,
        "agrees": denial.agrees,
        "why": denial.why,
        "target": offer.target if offer else None,
        "statement": dict(offer.statement) if offer else None,
    }


def _print(denials: list[Denial], noise: int, limit: int) -> None:
    import json

    from sharedline.cli import out

    shown = denials[:limit] if limit else denials
    for one in shown:
        times = f"{one.span.count} time{'s' * (one.span.count != 1)}"
        out.line(f"{one.verdict.upper()}: {one.action}, {times}, {one.standing}")
        out.line(f"  who   {one.principal} ({one.successes} calls succeeded)")
        out.line(f"  what  {one.resource}")
        out.line(f"  why   {one.why}")
        out.line(f"  AWS   {_said(one)}")
        if one.offer is not None:
            text = json.dumps(dict(one.offer.statement), indent=2).replace("\n", "\n  ")
            out.line(f"  for   {one.offer.target}:")
            out.line(f"  {text}")
        out.line("")
    if len(denials) > len(shown):
        out.note(f"{len(denials) - len(shown)} more: --limit 0, or --format csv.")
    if noise:
        out.note(f"{noise} of identities that seldom succeed are left out: --all shows them.")
    if not denials:
        out.note("No work stopped for want of permission.")


def _said(one: Denial) -> str:
    if one.said.layer is None:
        return "names no kind of policy"
    how = {True: "an explicit Deny", False: "no Allow", None: "a refusal"}[one.said.explicit]
    agrees = {True: ", as the scan says", False: ", the scan says otherwise", None: ""}[one.agrees]
    return f"names {how} in the layer {one.said.layer}{agrees}"
