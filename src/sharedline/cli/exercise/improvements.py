"""`sharedline exercise improvements`: what exercises found is to be done, and where it stands."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.exercise.improve import Improvement
    from sharedline.project import Project
    from sharedline.state.database import Database

COLUMNS = (
    "id", "status", "due", "owner", "title", "element", "duty", "check", "resource", "account",
    "verified_by", "recommendation", "cause", "run", "created",
)  # fmt: skip


@click.command(name="improvements")
@folder_option
@format_option("text", "json", "csv", "markdown")
@click.option("--run", default="", help="Only of this run.")
@click.option("--propose", metavar="RUN", default="", help="Write the items that a run asks for.")
@click.option("--claim", metavar="ID", default="", help="Say that an item is done.")
@click.option("--change", metavar="ID", default="", help="Give an item another --owner or --due.")
@click.option("--owner", default="", help="The team whose it is, with --change.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="The day, with --change.")
@click.option("--by", default="", help="Who proposes, claims or changes.")
@click.option("--note", default="", help="What was done, with --claim.")
def command(
    folder: Path,
    fmt: str,
    run: str,
    propose: str,
    claim: str,
    change: str,
    owner: str,
    due: datetime | None,
    by: str,
    note: str,
) -> int:
    """What exercises found is to be done: whose, by when, and what verifies it.

    Nobody closes an item: --claim says that it is done, and the next scan (or an attestation of
    its duty) verifies it; a scan that finds it unmet again opens it again. Exit code 1 where an
    item is overdue.
    """
    from contextlib import closing
    from datetime import UTC
    from datetime import datetime as clock

    from sharedline.cli import out
    from sharedline.errors import Error
    from sharedline.exercise import improve, past
    from sharedline.project import open_project
    from sharedline.state.database import Database

    if sum(map(bool, (propose, claim, change))) > 1:
        raise Error("--propose, --claim and --change are three acts.", "Do one at a time.")
    project = open_project(folder)
    with closing(Database(project.database_url)) as database:
        if propose:
            _propose(project, database, propose, by)
            return 0
        if claim:
            one = improve.claim(database, claim, by, note)
            out.line(f"{one.id} is claimed. {_next(one)}")
            return 0
        if change:
            one = improve.change(database, change, by, owner=owner, due=due.date() if due else None)
            out.line(f"{one.id}: owner {one.owner}, due {one.due}.")
            return 0
        of = past.find(database, run).run if run else ""
        found = improve.items(database, of)
    today = clock.now(UTC).date()
    _list(fmt, found, sum(one.overdue(today) for one in found))
    return 1 if any(one.overdue(today) for one in found) else 0


def _propose(project: Project, database: Database, run: str, by: str) -> None:
    from sharedline.cli import out
    from sharedline.cli.exercise.common.after import latest
    from sharedline.exercise import improve, past
    from sharedline.exercise.improve.propose import lately
    from sharedline.exercise.score import score

    state = past.find(database, run)
    results = latest(project)
    standing = lately(results) if results else None
    made = improve.propose(database, state, score(state), by or "Sharedline", standing=standing)
    for one in made:
        out.wrapped(f"{one.id}  {one.due}  {one.owner}: {one.title}. {_next(one)}")
    known = len(improve.items(database, state.run)) - len(made)
    out.line(f"{len(made)} items proposed" + (f"; {known} were there." if known else "."))


def _next(one: Improvement) -> str:
    """What will verify an item, as something to do."""
    if one.check:
        return f"The next scan verifies it: {one.verified_by}."
    return f"Verify it: sharedline attest {one.duty} '... {one.id}' --evidence WHERE --by PERSON"


def _list(fmt: str, found: list[Improvement], late: int) -> None:
    from sharedline.cli import out

    if fmt == "json":
        out.as_json([one.as_data() for one in found])
        return
    if out.rows(fmt, [one.as_data() for one in found], COLUMNS):
        return
    columns = (("id", "Id", 16), ("status", "Status", 8), ("due", "Due", 10),
               ("owner", "Owner", 12), ("title", "Title", 0))  # fmt: skip
    wide = (*columns[:4], ("verified_by", "Verified by", 30), ("title", "Title", 0))
    out.table(
        [one.as_data() for one in found], columns, wide=wide, wrapped=("title", "verified_by")
    )
    closed = sum(one.closed for one in found)
    out.line(f"{len(found)} items: {closed} verified, {len(found) - closed} open, {late} overdue.")
