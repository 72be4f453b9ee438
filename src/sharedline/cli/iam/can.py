"""`sharedline iam can PRINCIPAL ACTION RESOURCE`: the answer to one request, explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option

if TYPE_CHECKING:
    from sharedline.iam.access.explain import Explanation

COLUMNS = ("principal", "action", "resource", "answer", "reason", "layer", "where", "statements")
#: Exit codes; what hangs on conditions or on what was not read is neither.
CODES = {"Allowed": 0, "ExplicitlyDenied": 1, "ImplicitlyDenied": 1}


@click.command(name="can")
@click.argument("principal")
@click.argument("action")
@click.argument("resource", default="*")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown")
@click.option(
    "--context",
    "given",
    multiple=True,
    metavar="KEY=VALUE",
    help="A condition key of the request, such as aws:SourceIp=10.0.0.1; again for more values.",
)
def command(
    *,
    principal: str,
    action: str,
    resource: str,
    folder: Path,
    scan_id: str,
    fmt: str,
    given: tuple[str, ...],
) -> int:
    """Whether a principal can do an action on a resource, and why.

    PRINCIPAL is a user or role, RESOURCE a resource, by ARN or name. Condition keys that neither
    the scan nor --context decides stay open, and the answer names those that it hangs on. Exit
    code 0: allowed, 1: denied, 3: it depends, or is not known.
    """
    from sharedline.cli import out
    from sharedline.iam.access import estate, explain, targets
    from sharedline.iam.fit import evidence

    asked = targets.action_of(action)
    context = explain.context_of(given)
    found = estate.load(results_of(folder, scan_id))
    arn = evidence.principal(found, principal)
    named = targets.Targets(found).one(asked, resource)
    if named != resource:
        out.note(f"Asked of {named}.")
    answer = explain.explain(found, arn, asked.full, named, context)
    if not out.rows(fmt, [_row(answer)], COLUMNS):
        _print(answer)
    return CODES.get(answer.decision.answer.value, 3)


def _row(one: Explanation) -> dict[str, Any]:
    return {
        "principal": one.principal,
        "action": one.action,
        "resource": one.resource,
        "answer": one.decision.answer.value,
        "reason": one.decision.reason,
        "layer": one.decision.blocking or "",
        "where": one.where,
        "statements": [line.as_dict() for line in one.lines],
        "conditions": [str(condition) for condition in one.decision.depends],
    }


def _print(one: Explanation) -> None:
    from sharedline.cli import out

    reason = one.decision.reason
    out.line(reason if reason.startswith(one.word) else f"{one.word}: {reason}")
    out.line(f"  who   {one.principal}")
    out.line(f"  what  {one.action} on {one.resource}")
    if one.where:
        out.line(f"  where {one.where}")
    for line in one.lines:
        out.line(f"  by    {line}")
    for condition in one.decision.depends:
        out.line(f"  if    {condition}")
