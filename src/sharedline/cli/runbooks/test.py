"""`sharedline runbooks test`: the detections of a runbook, replayed until an owner is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharedline.runbooks.replay import Replayed

COLUMNS = (
    *("runbook", "detection", "case", "account", "duty", "fired"),
    *("owner", "person", "contact", "seconds", "ok", "reason"),
)


@click.command(name="test")
@click.argument("names", metavar="[ID]…", nargs=-1)
@folder_option
@format_option()
@click.option("--account", "accounts", multiple=True, help="Only there; all scanned by default.")
@click.option("--by", default="", help="Record a test that held in the runbook, as done by NAME.")
def command(
    names: tuple[str, ...], folder: Path, fmt: str, accounts: tuple[str, ...], by: str
) -> int:
    """Replay a runbook's detections until an owner is named; no attack, no AWS.

    For each account the example events of each detection run through the rules as if they had
    happened there, and the register names the owner of the runbook's duty. The seconds are the
    machine's. Exit code 1 where a detection is silent or nobody is reached.
    """
    from sharedline.cli import out
    from sharedline.cli.runbooks.common import library_of, people_of
    from sharedline.errors import Error
    from sharedline.project import open_project
    from sharedline.runbooks.replay import replay

    library = library_of(open_project(folder))
    chosen = [library.get(name) for name in names] or list(library.runbooks.values())
    if by and not names:
        raise Error("A record needs the runbooks' ids.", "Give them before --by.")
    people, scanned = people_of(folder)
    made = {one.id: replay(one, accounts or scanned, people) for one in chosen}
    people.close()
    rows = [each.plain() for found in made.values() for each in found]
    if not out.rows(fmt, rows, COLUMNS):
        _text(made)
    if by:
        for one in chosen:
            _record(one, made[one.id], by)
    return 0 if rows and all(row["ok"] for row in rows) else 1


def _text(made: dict[str, list[Replayed]]) -> None:
    """A row for each runbook and account, and one for each detection that failed there."""
    from sharedline.cli import out

    rows: list[dict[str, Any]] = []
    for name, found in made.items():
        if not found:
            out.note(f"{name} answers no detection of the trail: nothing can be replayed.")
        together: dict[tuple[str, str], list[Replayed]] = {}
        for each in found:
            together.setdefault((each.account, each.reason or _reached(each)), []).append(each)
        for (account, said), alike in together.items():
            fired = sum(each.fired for each in alike)
            lost = "" if fired else f" ({', '.join(each.detection for each in alike)})"
            slowest = max(each.seconds for each in alike)
            rows.append(
                {
                    "runbook": name,
                    "account": account,
                    "fired": f"{fired} of {len(alike)}",
                    "took": f"{slowest:.2f} s",
                    "said": said + lost,
                }
            )
    columns = (
        *(("runbook", "Runbook", 27), ("account", "Account", 12)),
        *(("fired", "Fired", 7), ("took", "Slowest", 7), ("said", "Reached", 0)),
    )
    if rows:
        out.table(rows, columns, wrapped=("said",))
        every = [each for found in made.values() for each in found]
        held = sum(not each.reason for each in every)
        out.line(f"{held} of {len(every)} replays reached somebody.")


def _reached(one: Replayed) -> str:
    who = ", ".join(part for part in (one.reached.person, one.reached.contact) if part)
    return f"{one.reached.owner} ({who})"


def _record(one: Any, found: Sequence[Replayed], by: str) -> None:
    from sharedline.cli import out
    from sharedline.cli.runbooks.common import today
    from sharedline.runbooks.model import Trial
    from sharedline.runbooks.record import record
    from sharedline.runbooks.replay import said

    if not found or any(each.reason for each in found):
        out.note(f"{one.id}: not recorded, since the test did not hold.")
        return
    out.note(f"Recorded in {record(one, Trial(today(), by, said(found)))}.")
