"""`sharedline iam who-can ACTION RESOURCE`: everybody who can, or under conditions could."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option

if TYPE_CHECKING:
    from sharedline.iam.access.summary import Holding

COLUMNS = ("principal", "answer", "resources", "count", "conditions", "why")
#: The best known first.
ORDER = ("yes", "depends", "unknown")


@click.command(name="who-can")
@click.argument("action")
@click.argument("resource")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown")
@click.option("--limit", type=int, default=50, show_default=True, help="Rows of text; 0 for all.")
def command(action: str, resource: str, folder: Path, scan_id: str, fmt: str, limit: int) -> int:
    """Who can do an action on a resource.

    RESOURCE is an ARN, the end of one, a pattern of them, or `*` for all of the scan. The answer is
    yes, depends (on the conditions named) or unknown (what could not be read is named); everybody
    else cannot.
    """
    from sharedline.cli import out
    from sharedline.iam.access import estate, summary, targets

    asked = targets.action_of(action)
    found = estate.load(results_of(folder, scan_id))
    resources = targets.Targets(found).named(asked, resource)
    holdings = sorted(
        summary.holders(found, asked, resources),
        key=lambda one: (ORDER.index(one.answer), one.principal, one.resources),
    )
    for sentence in found.unseen():
        out.note(sentence)
    if not out.rows(fmt, [_row(one) for one in holdings], COLUMNS):
        _print(holdings, asked.full, resources, limit)
    return 0


def _row(one: Holding) -> dict[str, Any]:
    return {
        "principal": one.principal,
        "answer": one.answer,
        "resources": ["*"] if one.whole else list(one.resources),
        "count": len(one.resources),
        "conditions": [str(condition) for condition in one.conditions],
        "why": one.why,
    }


def _print(holdings: list[Holding], action: str, resources: list[str], limit: int) -> None:
    from sharedline.cli import out

    what = resources[0] if len(resources) == 1 else f"{len(resources)} resources"
    if not holdings:
        out.line(f"Nobody in the scan can do {action} on {what}.")
        return
    out.line(f"{action} on {what}")
    shown = holdings[:limit] if limit else holdings
    rows = [{**_row(one), "on": _on(one, resources)} for one in shown]
    for row in rows:
        row["arn"] = row["principal"]
    out.table(
        rows,
        (("answer", "Answer", 8), ("arn", "Principal", 0), ("on", "On", 14)),
        wide=(
            *(("answer", "Answer", 8), ("arn", "Principal", 0)),
            *(("on", "On", 24), ("why", "Why", 0)),
        ),
        wrapped=("on", "why"),
    )
    if len(holdings) > len(shown):
        out.note(f"{len(holdings) - len(shown)} more: --limit 0, or --format csv.")


def _on(one: Holding, resources: list[str]) -> str:
    if one.whole:
        return "it" if len(resources) == 1 else "all of them"
    name = one.resources[0].rsplit(":", 1)[-1]
    return name if len(one.resources) == 1 else f"{len(one.resources)} of {len(resources)}"
