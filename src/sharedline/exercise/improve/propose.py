"""Items proposed from what went wrong in a run; the same run proposes the same items."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sharedline.errors import Error
from sharedline.exercise.after.findings import Standing, findings
from sharedline.exercise.after.kinds import Finding, owned
from sharedline.exercise.improve.model import Improvement
from sharedline.exercise.improve.store import add
from sharedline.exercise.score.model import Score
from sharedline.exercise.session.model import RunState
from sharedline.inventory.literals import text
from sharedline.model import NOBODY
from sharedline.resource import about
from sharedline.results import Results
from sharedline.state.database import Database

#: Days until an item is due, by the severity of what it mends.
DAYS: Mapping[str, int] = {"critical": 14, "high": 30, "medium": 60, "low": 90}


def propose(
    database: Database,
    state: RunState,
    score: Score,
    by: str,
    *,
    standing: Standing | None = None,
    days: Mapping[str, int] = DAYS,
    now: datetime | None = None,
) -> list[Improvement]:
    """Writes the items of a run that are not there yet; gives those added. `standing`: `lately`."""
    at = now or datetime.now(UTC)
    return add(database, drafts(state, score, at, standing=standing, days=days), by)


def drafts(
    state: RunState,
    score: Score,
    at: datetime,
    *,
    standing: Standing | None = None,
    days: Mapping[str, int] = DAYS,
) -> list[Improvement]:
    """The items that a run asks for, one for each finding; nothing is written."""
    return [_item(state.run, f, at, days) for f in findings(state, score, standing)]


def _item(run: str, f: Finding, at: datetime, days: Mapping[str, int]) -> Improvement:
    key = json.dumps([run, f.kind, f.inject, f.item, f.check, f.resource, f.account])
    return Improvement(
        id=f"imp-{hashlib.sha256(key.encode()).hexdigest()[:12]}",
        run=run,
        title=f.title,
        cause=f"{f.cause}: {f.why}",
        recommendation=f.recommendation,
        owner=f.owner,
        element=f.element,
        due=at.date() + timedelta(days=days[f.severity]),
        duty=f.duty,
        check=f.check,
        resource=f.resource,
        account=f.account,
        created=at,
    )


def lately(results: Results) -> Standing:
    """How a scan sees the gaps that a story was made of: severity, and the status now."""
    checks = results.checks

    def ask(check: str, resource: str, account: str) -> tuple[str, str]:
        severity = checks[check].severity if check in checks else ""
        return severity, standing(results, check, resource, account)

    return ask


def standing(results: Results, check: str, resource: str, account: str) -> str:
    """The status of a check on a resource, or on all: unmet, unknown, waived, met or empty.

    Where an owner is asked for (`kinds.OWNED`): met where somebody is named, unmet where nobody is.

    Of several the worst counts: one that is unmet or unknown keeps all from being met. Empty says
    that the scan has no finding of it, so it can neither close nor reopen anything.
    """
    if asked := owned(check):
        return _owner_named(results, *asked, resource)
    where = [f"check_id = {text(check)}"]
    where += [f"resource = {text(resource)}"] if resource else []
    where += [f"account_id = {text(account)}"] if account else []
    sql = f"select distinct status from finding where {' and '.join(where)}"
    found = {row["status"] for row in results.duck.query(sql).to_pylist()}
    return next((s for s in ("unmet", "unknown", "waived", "met") if s in found), "")


def _owner_named(results: Results, service: str, duty: str, resource: str) -> str:
    """Met where the owner register names somebody; empty where the scan does not hold it."""
    if resource:
        try:
            lines = about(results, resource)["line"]
        except Error:
            return ""
        named = [line["owner"] for line in lines if line["duty"] == duty]
    else:
        where = f"service = {text(service)} and duty = {text(duty)}"
        cells = results.duck.query(f"select detail from cell where {where}").to_pylist()
        named = [owner for cell in cells for owner in json.loads(cell["detail"])["owners"]]
    if not named:
        return ""
    return "unmet" if NOBODY in named else "met"
