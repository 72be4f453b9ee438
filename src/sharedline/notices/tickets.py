"""Issues for findings: opened once, claimed when done, verified by a scan and by nothing else.

One issue is one finding (a check on a resource), because one finding is what a person mends, claims
and a scan verifies. It is known by a label with the finding's fingerprint and by the table `ticket`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.intent import claim
from sharedline.inventory.literals import text as quoted
from sharedline.model import Finding
from sharedline.notices.jira import GoneError, Issue, Jira
from sharedline.project import Project
from sharedline.results import Results
from sharedline.state import Claim
from sharedline.state.database import Database
from sharedline.state.tables import TICKET

SYSTEM = "jira"


@dataclass(frozen=True, slots=True)
class Ticket:
    """An issue of a finding. `state` is opening, open, claimed, verified, disputed or gone."""

    check: str
    resource: str
    account: str
    key: str
    url: str
    state: str
    created: datetime
    changed: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to an issue: opened, found, claimed, verified, reopened, disputed, gone."""

    what: str
    key: str
    check: str
    resource: str
    url: str = ""
    why: str = ""


def fingerprint(check: str, resource: str, account: str) -> str:
    """The label by which the issue of a finding is known."""
    whole = f"{check}\n{resource}\n{account}".encode("utf-8", "replace")
    return f"sharedline-{hashlib.sha256(whole).hexdigest()[:24]}"


def tickets(database: Database) -> list[Ticket]:
    """Every ticket, oldest first."""
    asked = sa.select(TICKET).where(TICKET.c.system == SYSTEM).order_by(TICKET.c.id)
    with database.read() as connection:
        return [
            Ticket(
                r.check_id, r.resource, r.account_id, r.key, r.url, r.state, r.created, r.changed
            )
            for r in connection.execute(asked)
        ]


def wanted(
    results: Results,
    *,
    check: str = "",
    resource: str = "",
    owner: str = "",
    severities: Sequence[str] = (),
) -> list[Finding]:
    """The unmet findings that issues are opened for, the worst first."""
    from sharedline.duties.owners import like

    parts = ["status = 'unmet'"]
    parts += [like("check_id", [check])] if check else []
    parts += [like("resource", [resource])] if resource else []
    parts += [f"owner = {quoted(owner)}"] if owner else []
    if severities:
        parts.append(f"severity in ({', '.join(quoted(s) for s in severities)})")
    order = {"critical": 0, "high": 1, "medium": 2}
    found = list(results.findings(" and ".join(parts)))
    return sorted(found, key=lambda f: (order.get(f.severity, 3), f.check, f.resource))


def untold(database: Database, found: Iterable[Finding]) -> list[Finding]:
    """Those without an issue."""
    have = {(t.check, t.resource, t.account) for t in tickets(database) if t.state != "opening"}
    return [f for f in found if (f.check, f.resource, f.account_id) not in have]


def sync(project: Project, results: Results, tracker: Jira, database: Database) -> Iterator[Act]:
    """Brings issues and findings together; see `_step` for what follows from what.

    Raises:
        Error: Jira refuses or is away; what was done until then is kept.
    """
    for ticket in tickets(database):
        if ticket.state in ("opening", "gone"):
            continue
        now = _standing(results, ticket)
        if ticket.state == "verified" and now != "unmet":
            continue  # nothing to ask Jira
        try:
            issue = tracker.issue(ticket.key)
        except GoneError:
            _put(database, ticket, "gone")
            yield _act("gone", ticket)
            continue
        step = _step(ticket, issue, now, results.manifest.as_of)
        if step:
            act = _DO[step](project, results, tracker, ticket)
            _put(database, ticket, _AFTER.get(act.what, "open"))
            yield act


def _standing(results: Results, ticket: Ticket) -> str:
    """The status of a ticket's finding in the scan; empty where the scan does not see it."""
    where = (
        f"check_id = {quoted(ticket.check)} and resource = {quoted(ticket.resource)} "
        f"and account_id = {quoted(ticket.account)}"
    )
    found = results.duck.query(f"select status from finding where {where}").to_pylist()
    return str(found[0]["status"]) if found else ""


def _step(ticket: Ticket, issue: Issue, now: str, scanned: datetime) -> str:
    """What is to be done: verify, reopen, claim, resume or nothing.

    Only a scan made after the issue was opened verifies; one made after the claim and still unmet
    reopens. What is out of the scan's sight, or unknown to it, changes nothing.
    """
    if now == "met" and ticket.state != "verified" and scanned > ticket.created:
        return "verify"
    if now == "unmet" and ticket.state == "verified":
        return "reopen"
    if now == "unmet" and ticket.state == "claimed" and scanned > ticket.changed:
        return "reopen"
    if issue.done and ticket.state == "open":
        return "claim"
    if not issue.done and ticket.state in ("claimed", "disputed"):
        return "resume"  # somebody took it up again
    return ""


def _claim(project: Project, results: Results, tracker: Jira, ticket: Ticket) -> Act:  # noqa: ARG001
    said = Claim(ticket.check, ticket.resource, f"{SYSTEM}:{ticket.key}", "Done in Jira.",
                 datetime.now(UTC))  # fmt: skip
    try:
        claim(project, said)
    except Error as error:  # the check is gone: nothing verifies it
        return _act("disputed", ticket, error.message)
    return _act("claimed", ticket)


def _verify(project: Project, results: Results, tracker: Jira, ticket: Ticket) -> Act:  # noqa: ARG001
    at = f"{results.manifest.as_of:%Y-%m-%d %H:%M} UTC"
    tracker.comment(ticket.key, f"Verified: the scan of {at} finds it as desired.")
    return _act("verified", ticket)


def _reopen(project: Project, results: Results, tracker: Jira, ticket: Ticket) -> Act:  # noqa: ARG001
    at = f"{results.manifest.as_of:%Y-%m-%d %H:%M} UTC"
    word = "is unmet again" if ticket.state == "verified" else "is still unmet"
    tracker.comment(ticket.key, f"Not verified: by the scan of {at} it {word}.")
    moved = tracker.reopen(ticket.key)
    if moved:
        return _act("reopened", ticket, word)
    # Left in Jira's done it would be claimed anew after every scan, with nobody saying so.
    return _act("disputed", ticket, f"{word}, and Jira has no way to reopen it")


def _resume(project: Project, results: Results, tracker: Jira, ticket: Ticket) -> Act:  # noqa: ARG001
    return _act("resumed", ticket)


_DO: dict[str, Callable[[Project, Results, Jira, Ticket], Act]] = {
    "claim": _claim,
    "verify": _verify,
    "reopen": _reopen,
    "resume": _resume,
}
_AFTER = {"claimed": "claimed", "verified": "verified", "disputed": "disputed"}


def _act(what: str, ticket: Ticket, why: str = "") -> Act:
    return Act(what, ticket.key, ticket.check, ticket.resource, ticket.url, why)


def _put(database: Database, ticket: Ticket, state: str) -> None:
    values = {"state": state, "changed": datetime.now(UTC)}
    same = (TICKET.c.system == SYSTEM, TICKET.c.key == ticket.key)
    with database.begin() as connection:
        connection.execute(sa.update(TICKET).where(*same).values(**values))
