"""What a scan has to tell an exercise: unmet, unowned and unverified duties, paths, incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sharedline.duties import owners, side
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import Error
from sharedline.exercise.model import Source
from sharedline.exercise.truths import Runbook, Truths, last_tested
from sharedline.formats.sarif import fingerprint
from sharedline.inventory.engines import quoted
from sharedline.inventory.literals import text
from sharedline.model import NOBODY, Side
from sharedline.resource import ou_paths, register
from sharedline.results import Results

_WEIGHT = {"critical": 8, "high": 4, "medium": 2, "low": 1}
#: Failing resources of one check that are looked at, nobody's first: a million need not be read.
_EACH = 3
#: A test of a runbook is good for a year.
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Material:
    """One thing that could become an inject; `weight` is how much it should."""

    kind: str
    source: Source
    ref: str
    duty: str
    service: str
    weight: int
    #: Its ordinal among its like: says which it is without naming it.
    number: int
    resource: str = ""
    account: str = ""
    region: str = ""
    owner: str = ""
    check: str = ""
    severity: str = ""
    #: A sentence that names nothing of the estate.
    plain: str = ""
    #: What the scan says of it, names and all.
    told: str = ""
    types: tuple[str, ...] = ()
    #: The resource whose line and owner are asked; the whole cell's without.
    about: str = ""
    finding: dict[str, Any] | None = field(default=None, compare=False)


def unmet(results: Results, team: str = "") -> list[Material]:
    """Failing checks of the customer's side, worst first; of a team: its own and nobody's."""
    mine = f"and owner in ({text(team)}, {text(NOBODY)})" if team else ""
    first = text(team or NOBODY)
    sql = (
        "select * from (select *, row_number() over (partition by check_id order by "
        f"(owner = {first}) desc, resource, account_id) as n from finding "
        f"where status = 'unmet' and side <> 'aws' {mine}) where n <= {_EACH} order by check_id, n"
    )
    out: list[Material] = []
    for row in results.duck.query(sql).to_pylist():
        check = results.checks.get(row["check_id"])
        title = check.title if check else row["check_id"]
        # A team's exercise is about the team's own first; another is about what nobody owns.
        more = 4 if team and row["owner"] == team else 2 if row["owner"] == NOBODY else 1
        weight = _WEIGHT.get(row["severity"], 1) * more
        out.append(
            Material(
                kind="unmet",
                source="finding",
                ref=fingerprint(row["check_id"], row["resource"]),
                duty=row["duty"],
                service=row["service"],
                weight=weight,
                number=row["n"],
                resource=row["resource"],
                account=row["account_id"] or "",
                region=row["region"] or "",
                owner=row["owner"],
                check=row["check_id"],
                severity=row["severity"],
                plain=f"{title}: not so here.",
                told=row["reason"] or "",
                finding=row,
            )
        )
    return out


def cells(truths: Truths, kind: str, team: str = "") -> list[Material]:
    """Whole cells that nobody owns, or that nothing verifies."""
    out: list[Material] = []
    for (service, duty), cell in sorted(truths.cells.items()):
        nobody = cell["owners"].get(NOBODY, 0)
        if cell["status"] == "inherited" or (kind == "unowned" and not nobody):
            continue
        if kind == "unverified" and cell["status"] != "unverified":
            continue
        if team and not {team, NOBODY} & set(cell["owners"]):
            continue
        count = cell["resources"]
        plain = (
            f"Nobody owns this duty on {nobody} of {count} resources."
            if kind == "unowned"
            else f"No check covers this duty on {count} resources, and nobody attests it."
        )
        out.append(
            Material(
                kind=kind,
                source="cell",
                ref=f"{service}/{duty}",
                duty=duty,
                service=service,
                weight=min(nobody if kind == "unowned" else count, 8),
                number=len(out) + 1,
                plain=plain,
                owner=cell["owner"],
            )
        )
    return out


def _table(results: Results, name: str, sql: str) -> list[dict[str, Any]]:
    """Rows of a table of the scan; none where the scan did not read what it needs."""
    try:
        register(results, name)
    except Error:
        return []
    return list(results.duck.query(sql).to_pylist())


def paths(results: Results) -> list[Material]:
    """Principals that can make themselves administrators."""
    sql = "select * from escalation_path where answer = 'yes' and hops > 0 order by arn"
    out: list[Material] = []
    for row in _table(results, "escalation_path", sql):
        hops = f"{row['hops']} step" + ("s" if row["hops"] > 1 else "")
        out.append(
            Material(
                kind="path",
                source="escalation-path",
                ref=row["arn"],
                duty="identity.least-privilege",
                service="iam",
                weight=6,
                number=len(out) + 1,
                resource=row["arn"],
                account=row["account_id"],
                check="iam/escalation_to_administrator_absent",
                severity="critical",
                plain=f"It becomes administrator in {hops}: {row['via']}.",
                told=row["path"],
                about=row["arn"],
            )
        )
    return out


def incidents(results: Results) -> list[Material]:
    """What GuardDuty has found in the estate and is not archived."""
    sql = (
        "select * from guardduty_finding where archived is not true and type is not null "
        "order by severity desc, created_at desc, arn limit 50"
    )
    out: list[Material] = []
    for row in _table(results, "guardduty_finding", sql):
        out.append(
            Material(
                kind="incident",
                source="incident",
                ref=row["arn"],
                duty="monitoring.threat-detection",
                service="guardduty",
                weight=max(1, int(row["severity"] or 1)),
                number=len(out) + 1,
                resource=row["arn"],
                account=row["finding_account_id"] or row["account_id"],
                region=row["region"],
                plain=f"GuardDuty reported {row['type']} with severity {row['severity']}.",
                told=row["title"] or "",
                types=(row["type"],),
                # Whose task it is to answer is said of the detector that reported it.
                about=row["arn"].partition("/finding/")[0],
            )
        )
    return out


def untested(runbooks: Sequence[Runbook], on: date) -> list[Material]:
    """Runbooks that were never tested, or not within a year."""
    out: list[Material] = []
    for book in sorted(runbooks, key=lambda r: r.id):
        day = last_tested(book)
        if day and on - day <= _YEAR:
            continue
        when = f"last tested on {day:%Y-%m-%d}" if day else "never tested"
        out.append(
            Material(
                kind="runbook",
                source="runbook",
                ref=book.id,
                duty=book.duty,
                service="account",
                weight=4,
                number=len(out) + 1,
                plain=f"The runbook “{book.title}” was {when}.",
                types=(*book.guardduty, *book.detections),
            )
        )
    return out


def shown(truths: Truths, material: Material, team: str = "") -> Material:
    """The gap of a whole cell, shown by one of its resources; as it was where none can be named."""
    owners_ = (NOBODY,) if material.kind == "unowned" else (team, "") if team else ("",)
    for owner in owners_:
        row = one_of(truths, material.service, material.duty, owner=owner)
        if row:
            return replace(
                material,
                resource=row["arn"],
                about=row["arn"],
                account=row["account_id"] or "",
                region=row["region"] or "",
            )
    return material


def one_of(
    truths: Truths, service: str, duty: str, *, owner: str = "", account: str = ""
) -> dict[str, Any] | None:
    """A resource of a service on whose line the customer stands; of an owner, in an account."""
    catalogue = load_duties()
    known = catalogue.services.get(service)
    drawn = side.line_for(catalogue, service, duty)
    theirs = [str(n) for n, line in enumerate(drawn.lines) if line.side is not Side.AWS]
    if not known or not theirs:
        return None
    scope = owners.Scope(service, duty, ou_paths(truths.results))
    where = f"account_id = {text(account)}" if account else "true"
    if owner:
        where += f" and {owners.owner_sql(truths.register, scope)} = {text(owner)}"
    for table in known.tables:
        index = side.index_sql(drawn.lines, table, "r")
        sql = (
            f"select arn, account_id, region from (select *, arn as resource from {quoted(table)}) r "
            f"where {where} and {index} in ({', '.join(theirs)}) order by arn limit 1"
        )
        for row in _table(truths.results, table, sql):
            return row
    return None
