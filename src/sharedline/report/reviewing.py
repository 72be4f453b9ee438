"""What a review of the trail brings together: the newest scan, owners, limits, attestations."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sharedline.derive.base import Row
    from sharedline.inventory.engines import Engine
    from sharedline.inventory.lake import Lake
    from sharedline.project import Project
    from sharedline.results import Results
    from sharedline.trail.review.findings import Limits
    from sharedline.trail.review.report import Review

HANDLED = ("guardduty", "securityhub")


def results_of(lake: Lake, project: Project) -> Results | None:
    """The newest scan; none where there is none."""
    from sharedline.results import Results
    from sharedline.trail.place import last_scan

    manifest = last_scan(lake)
    return Results(lake, manifest, project) if manifest else None


def newest(lake: Lake, results: Results | None) -> datetime:
    """The newest moment that the lake knows of, and not later than now."""
    from sharedline.trail import journal

    known = [datetime(1970, 1, 1, tzinfo=UTC)]
    if results is not None:
        known.append(results.manifest.as_of)
    days = [f.day for f in journal.files(lake)]
    if days:
        known.append(datetime.fromisoformat(max(days)).replace(tzinfo=UTC) + timedelta(days=1))
    return min(max(known), datetime.now(UTC))


def tables(results: Results | None) -> tuple[dict[str, list[Row]], list[str]]:
    """The rows of the scan that a review reads, and a note for each table that it lacks."""
    from sharedline.derive.log_sources import READS
    from sharedline.trail.review import deliveries, findings

    if results is None:
        return {}, ["There is no scan: sources are known from events alone, owners by no rule."]
    wanted: dict[str, set[str]] = {"alarm_route": {"alarm_name", "targets", "reached", "missing"}}
    for reads in (READS, deliveries.READS, findings.READS):
        for name, columns in reads.items():
            wanted.setdefault(name, set()).update(columns)
    found, lacking = {}, []
    for name, asked in wanted.items():
        rows = _rows(results, name, asked)
        if rows is None:
            lacking.append(name)
        else:
            found[name] = rows
    notes = [f"The scan did not read {', '.join(sorted(lacking))}."] if lacking else []
    failed = {f["table"] for f in results.manifest.failures} & set(wanted)
    if failed:
        notes.append(f"The scan could not read all of {', '.join(sorted(failed))}.")
    return found, notes


def _rows(results: Results, name: str, columns: set[str]) -> list[Row] | None:
    from sharedline.derive import derivations
    from sharedline.errors import Error
    from sharedline.inventory.engines import quoted
    from sharedline.resource import register

    if name not in results.manifest.data["tables"] and name not in derivations():
        return None
    try:
        register(results, name)
    except Error:  # a derived table of which the scan lacks the parts
        return None
    listed = ", ".join(quoted(c) for c in ("arn", "account_id", "region", *sorted(columns)))
    return list(results.duck.query(f"select {listed} from {quoted(name)}").to_pylist())


def limits(project: Project) -> Limits:
    """The limits of the checks that judge open findings, as the project sets them."""
    from sharedline.checks.load import load
    from sharedline.trail.review.findings import Limits

    params: dict[str, Mapping[str, Any]] = {}
    for service in HANDLED:
        name = f"{service}/findings_handled_in_time"
        [check] = load((name,), None).values()
        params[service] = {**check.params, **project.params.get(name, {})}
    return Limits.from_params(params)


class Owners:
    """Names the owner of a duty on rows, by the rules of `owners.toml`."""

    def __init__(self, project: Project, results: Results | None) -> None:
        from sharedline.duties import owners
        from sharedline.inventory.engines import Duck
        from sharedline.resource import ou_paths

        self._register = owners.load(project.owners)
        self._paths = ou_paths(results) if results is not None else {}
        self._duck = Duck()

    def __call__(self, service: str, duty: str, rows: Sequence[Row]) -> list[str]:
        """The owners, in the order of the rows."""
        from sharedline.duties import owners

        if not rows:
            return []
        given = [
            {
                "n": n,
                "resource": row["arn"],
                "account_id": row["account_id"],
                "region": row["region"],
                "tags": "{}",
            }
            for n, row in enumerate(rows)
        ]
        kinds = {"resource": "string", "account_id": "string", "region": "string", "tags": "json"}
        self._duck.rows("r", given, {"n": "int", **kinds})  # type: ignore[dict-item]
        sql = owners.owner_sql(self._register, owners.Scope(service, duty, self._paths))
        found = self._duck.query(f"select {sql} as owner from r order by n").to_pylist()
        return [row["owner"] for row in found]

    def close(self) -> None:
        """Gives back its engine."""
        self._duck.close()


def attestations(project: Project, account: str) -> list[Row]:
    """What people attested of looking at logs and of alerting, newest last."""
    from sharedline.state import State

    with contextlib.closing(State(project.database_url)) as state:
        found = state.attestations()
    return [
        {
            "duty": a.duty,
            "scope": a.scope,
            "statement": a.statement,
            "evidence": a.evidence,
            "by": a.by,
            "at": a.at,
            "expires": a.expires,
        }
        for a in found
        if a.duty in ("monitoring.log-review", "monitoring.alerting")
        and (not account or a.scope == "*" or not a.scope.isdigit() or a.scope == account)
    ]


def gather(
    project: Project,
    lake: Lake,
    engine: Engine,
    since: datetime | None,
    until: datetime | None,
    account: str,
) -> Review:
    """The review of a project's lake."""
    from sharedline.trail.review import report

    with contextlib.ExitStack() as stack:
        results = results_of(lake, project)
        if results is not None:
            stack.callback(results.duck.close)
        rows, notes = tables(results)
        start, end = report.span(newest(lake, results), since, until)
        owner = stack.enter_context(contextlib.closing(Owners(project, results)))
        made = report.review(
            engine,
            lake,
            rows,
            start,
            end,
            account=account,
            limits=limits(project),
            owner=owner,
        )
    made.attestations = attestations(project, account)
    made.notes += notes
    return made
