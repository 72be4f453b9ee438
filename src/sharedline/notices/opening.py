"""Opens the issue of a finding, once: what it says, and how two that come at once are told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from sharedline.model import Finding
from sharedline.notices.jira import Draft, Issue, Jira, block, label
from sharedline.notices.model import plain
from sharedline.notices.settings import Audience
from sharedline.notices.tickets import SYSTEM, Act, fingerprint
from sharedline.results import Results
from sharedline.state.database import Database
from sharedline.state.tables import TICKET

#: A reservation as old as this is of a process that died while it opened the issue.
LEASE = timedelta(minutes=5)


def draft(results: Results, finding: Finding, to: Audience) -> Draft:
    """What the issue of a finding says; what others wrote stands where nothing is acted on."""
    check = results.checks.get(finding.check)
    title = plain(check.title if check else finding.check, 120)
    lines = [
        f"Resource: {plain(finding.resource, 1000)}",
        f"Account:  {plain(finding.account_id)}   Region: {plain(finding.region)}",
        f"Check:    {finding.check} ({finding.severity})",
        f"Duty:     {finding.duty}   Owner: {plain(finding.owner)}",
        f"Found:    {plain(finding.reason, 1000)}",
    ]
    lines += (
        [f"Why:      {plain(check.why, 1000)}", f"Fix:      {plain(check.fix, 1000)}"]
        if (check)
        else []
    )
    page = to.link("gaps", check=finding.check, resource=finding.resource)
    said = (
        "When it is mended, set this issue to done: that claims it. Only the next scan of "
        "Sharedline verifies it, and says so here."
    )
    name = finding.resource.rsplit("/", 1)[-1].rsplit(":", 1)[-1] or finding.resource
    return Draft(
        summary=plain(f"{title}: {plain(name, 80)}", 250),
        description="\n\n".join([block(lines), said, *([page] if page else [])]),
        labels=(
            "sharedline",
            fingerprint(finding.check, finding.resource, finding.account_id),
            label(f"owner-{finding.owner}"),
        ),
    )


def open_for(
    results: Results, found: Iterable[Finding], tracker: Jira, database: Database, to: Audience
) -> Iterator[Act]:
    """Opens an issue for each finding that has none; one that Jira knows by its label is taken.

    What is given was done, so that what comes before a failure can be told.

    Raises:
        Error: Jira refuses or is away; what was opened until then is kept.
    """
    for finding in found:
        held = _Held(database, finding)
        if not held.reserve():
            continue
        opened = False
        try:
            mark = fingerprint(finding.check, finding.resource, finding.account_id)
            issue = tracker.labelled(mark)
            what = "found" if issue else "opened"
            issue = issue or tracker.create(draft(results, finding, to))
            held.finish(issue)
            opened = True
        finally:
            if not opened:
                held.free()
        yield Act(what, issue.key, finding.check, finding.resource, issue.url)


class _Held:
    """A finding's row in `ticket` while its issue is being opened, so that only one is."""

    def __init__(self, database: Database, finding: Finding) -> None:
        self.database, self.finding = database, finding
        mark = fingerprint(finding.check, finding.resource, finding.account_id)
        self.pending = f"~{mark}"
        self.row = sa.and_(TICKET.c.system == SYSTEM, TICKET.c.key == self.pending)

    def reserve(self) -> bool:
        f, now = self.finding, datetime.now(UTC)
        same = (
            TICKET.c.system == SYSTEM,
            TICKET.c.check_id == f.check,
            TICKET.c.resource == f.resource,
            TICKET.c.account_id == f.account_id,
            TICKET.c.state != "opening",
        )
        old = sa.and_(self.row, TICKET.c.created <= now - LEASE)
        try:
            with self.database.begin() as connection:
                took = connection.execute(sa.update(TICKET).where(old).values(created=now)).rowcount
                if not took:
                    connection.execute(
                        TICKET.insert().values(
                            check_id=f.check, resource=f.resource, account_id=f.account_id,
                            system=SYSTEM, key=self.pending, url="", state="opening",
                            created=now, changed=now,
                        )
                    )  # fmt: skip
                # Only now: whoever held the row before may have finished while this one waited.
                if connection.execute(sa.select(TICKET.c.id).where(*same)).first():
                    connection.execute(TICKET.delete().where(self.row))
                    return False
        except sa.exc.IntegrityError:
            return False
        return True

    def finish(self, issue: Issue) -> None:
        now = datetime.now(UTC)
        with self.database.begin() as connection:
            connection.execute(
                sa.update(TICKET)
                .where(self.row)
                .values(key=issue.key, url=issue.url, state="open", created=now, changed=now)
            )

    def free(self) -> None:
        with self.database.begin() as connection:
            connection.execute(TICKET.delete().where(self.row))
