"""`sharedline iam what-can PRINCIPAL`: all that a user or role can do, alike actions together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option

if TYPE_CHECKING:
    from sharedline.iam.access.summary import Power

COLUMNS = ("service", "level", "answer", "actions", "count", "of", "resources")
#: Actions named in a row of text.
NAMED = 4


@click.command(name="what-can")
@click.argument("principal")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown")
@click.option("--service", default="", help="One service, by the prefix of its actions.")
def command(principal: str, folder: Path, scan_id: str, fmt: str, service: str) -> int:
    """What a principal can do.

    PRINCIPAL is a user or role, by ARN or name. Actions of one service and access level with the
    same answer on the same resources are one row; `*` is everything in the principal's account.
    """
    from sharedline.cli import out
    from sharedline.errors import Error
    from sharedline.iam import actions
    from sharedline.iam.access import estate, summary
    from sharedline.iam.fit import evidence

    if service and not actions.of_service(service.lower()):
        raise Error(f"AWS has no service with the prefix {service!r}.", "Give one such as s3.")
    found = estate.load(results_of(folder, scan_id))
    arn = evidence.principal(found, principal)
    among = [service.lower()] if service else summary.granted_services(found, arn)
    powers = list(summary.powers(found, arn, among))
    for layer, why in found.policies(arn).unreadable.items():
        out.note(f"The answers are unknown where the {layer} policies matter: {why}.")
    if not out.rows(fmt, [_row(one) for one in powers], COLUMNS):
        _print(arn, powers)
    return 0


def _row(one: Power) -> dict[str, Any]:
    return {
        "service": one.service,
        "level": one.level,
        "answer": one.answer,
        "actions": list(one.actions),
        "count": len(one.actions),
        "of": one.of_level,
        "resources": [*(["*"] if one.whole else []), *one.resources],
    }


def _print(arn: str, powers: list[Power]) -> None:
    from sharedline.cli import out

    if not powers:
        out.line(f"{arn} can do nothing that the scan knows of.")
        return
    out.line(arn)
    whole = _whole(powers)
    if whole:
        shown = ", ".join(whole[:12]) + (f" and {len(whole) - 12} more" if len(whole) > 12 else "")
        out.line(f"Every action on everything of its account, in {len(whole)} services: {shown}.")
    rows = [
        {
            "answer": one.answer,
            "service": one.service,
            "level": f"{one.level} {len(one.actions)}/{one.of_level}",
            "actions": _names(one),
            "on": _on(one),
        }
        for one in powers
        if one.service not in whole
    ]
    out.table(
        rows,
        (
            *(("answer", "Answer", 7), ("service", "Service", 14), ("level", "Access", 16)),
            *(("actions", "Actions", 0), ("on", "On", 12)),
        ),
        wide=(
            *(("answer", "Answer", 8), ("service", "Service", 18), ("level", "Access", 30)),
            *(("actions", "Actions", 0), ("on", "On", 40)),
        ),
        wrapped=("service", "level", "actions", "on"),
    )


def _whole(powers: list[Power]) -> list[str]:
    """The services of which it can do everything, where they are several."""
    from collections import Counter

    from sharedline.iam.actions import of_service

    done: Counter[str] = Counter()
    for one in powers:
        if one.answer == "yes" and one.whole and not one.resources:
            done[one.service] += len(one.actions)
    found = [service for service, count in done.items() if count == len(of_service(service))]
    return found if len(found) > 1 else []


def _names(one: Power) -> str:
    if len(one.actions) == one.of_level:
        return "all"
    more = f" and {len(one.actions) - NAMED} more" if len(one.actions) > NAMED else ""
    return ", ".join(one.actions[:NAMED]) + more


def _on(one: Power) -> str:
    if one.whole:
        return f"everything, {len(one.resources)} abroad" if one.resources else "everything"
    first = one.resources[0].rsplit(":", 1)[-1]
    return first if len(one.resources) == 1 else f"{first} and {len(one.resources) - 1} more"
