"""The table `principal_usage`: for each user and role, when it last acted and what it never used.

From IAM's last-accessed data, roles' last use and the credential report. "Unused" is measured from
the moment of the report itself, so that a scan judged again says the same. Uses in the lake's trail
(`iam_usage`) make `last_used_at` later and services used, never the other way: silence in a trail
of some days is no proof.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.iam.fit.event_actions import tracked
from sharedline.iam.fit.last_accessed import LastAccessed, read

#: Without use for so long, a permission is called unused.
DAYS = 90
_ACCESSED = ("job_status", "job_completion_date", "service_namespace", "last_authenticated")


def _moment(value: Any) -> datetime | None:
    """A time with its zone; None for anything that is none."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _latest(values: Iterable[Any]) -> datetime | None:
    return max((m for one in values if (m := _moment(one)) is not None), default=None)


class _Reports:
    """What the reports of an estate say, by principal and account."""

    def __init__(self, tables: Rows) -> None:
        rows = [
            *tables.get("iam_service_last_accessed", ()),
            *tables.get("iam_user_service_last_accessed", ()),
        ]
        self.credentials = {row["arn"]: row for row in tables.get("iam_credential_report", ())}
        moments: dict[str, list[Any]] = defaultdict(list)
        for row in (*rows, *self.credentials.values()):
            moments[row["account_id"]] += [
                row.get("job_completion_date"),
                row.get("generated_time"),
            ]
        self._as_of = {account: _latest(found) for account, found in moments.items()}
        timed = [{**r, "last_authenticated": _moment(r["last_authenticated"])} for r in rows]
        self.accessed = read(timed, datetime.max.replace(tzinfo=UTC))
        #: By principal, the last use of each action in the trail.
        self.trail: dict[str, dict[str, datetime]] = defaultdict(dict)
        for row in tables.get("iam_usage", ()):
            last, action = _moment(row["last_used"]), row["action"].lower()
            if last is not None:
                known = self.trail[row["principal_arn"]]
                known[action] = max(last, known.get(action, last))

    def accessed_by(self, arn: str) -> LastAccessed | None:
        """IAM's last-accessed data with the uses in the trail, which are later or of today."""
        accessed, seen = self.accessed.get(arn), self.trail.get(arn)
        if accessed is None or not seen:
            return accessed
        services, actions = dict(accessed.services), dict(accessed.actions)
        for action, last in seen.items():
            name = action.partition(":")[0]
            if name in services:
                services[name] = _latest((services[name], last))
            if action in actions:
                actions[action] = _latest((actions[action], last))
        return replace(accessed, services=services, actions=actions)

    def as_of(self, account: str) -> datetime | None:
        """The newest moment of which any report of the account speaks."""
        return self._as_of.get(account)


def _own_uses(row: Row, table: str, reports: _Reports) -> list[Any] | None:
    """When the principal's credentials were used; None where that is not known."""
    if table == "iam_role":
        return [row["last_used_date"]]
    report = reports.credentials.get(row["arn"])
    if report is None:
        return None
    names = ("password_last_used", "access_key_1_last_used", "access_key_2_last_used")
    return [report[name] for name in names]


def _unused(last: datetime | None, row: Row, as_of: datetime | None) -> bool | None:
    """Whether nothing happened for `DAYS`; what is younger than that is not called unused."""
    if as_of is None:
        return None
    limit = as_of - timedelta(days=DAYS)
    since = last or _moment(row["create_date"])
    return None if since is None else since < limit


def _row(row: Row, table: str, reports: _Reports) -> Row:
    account = row["account_id"]
    as_of = reports.as_of(account)
    accessed = reports.accessed_by(row["arn"])
    own = _own_uses(row, table, reports)
    seen = reports.trail.get(row["arn"], {})
    known = [*(own or ()), *(accessed.services.values() if accessed else ()), *seen.values()]
    last = _latest(known)
    unused = None if own is None and last is None else _unused(last, row, as_of)
    young = _is_young(row, as_of) and accessed is not None
    services = [] if young else _services(accessed, as_of)
    sources = [n for n, one in (("last-accessed", accessed), ("trail", seen)) if one]
    return {
        "arn": row["arn"],
        "account_id": account,
        "region": row["region"],
        "table_name": table,
        "unused": unused,
        "last_used_at": last,
        "unused_services": services,
        "unused_service_count": None if services is None else len(services),
        "unused_actions": [] if young else _actions(accessed, as_of),
        "source": " and ".join(sources) or None,
        "granted_services": len(accessed.services) if accessed else None,
        "observable": accessed is not None,
    }


def _is_young(row: Row, as_of: datetime | None) -> bool:
    """Whether it is too new for anything of it to be called unused."""
    since = _moment(row["create_date"])
    return None not in (since, as_of) and since > as_of - timedelta(days=DAYS)  # type: ignore[operator]


def _services(accessed: LastAccessed | None, as_of: datetime | None) -> list[str] | None:
    if accessed is None or as_of is None:
        return None
    limit = as_of - timedelta(days=DAYS)
    return sorted(n for n, last in accessed.services.items() if last is None or last < limit)


def _actions(accessed: LastAccessed | None, as_of: datetime | None) -> list[str] | None:
    """Actions that IAM tracks and nobody used, of services that were used."""
    unused = _services(accessed, as_of)
    if accessed is None or as_of is None or unused is None:
        return None
    limit = as_of - timedelta(days=DAYS)
    return sorted(
        name
        for name, last in accessed.actions.items()
        if (last is None or last < limit) and name.partition(":")[0] not in unused and tracked(name)
    )


def _run(tables: Rows) -> Iterator[Row]:
    reports = _Reports(tables)
    for table in ("iam_user", "iam_role"):
        for row in tables.get(table, ()):
            yield _row(row, table, reports)


COLUMNS: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The user or role."),
    "account_id": ("string", "Its account."),
    "region": ("string", "Always `global`."),
    "table_name": ("string", "`iam_user` or `iam_role`."),
    "unused": ("bool", f"Nothing is known of it for {DAYS} days; NULL: nothing says."),
    "last_used_at": ("timestamp", "The last use that any report knows; NULL: none."),
    "unused_services": ("strings", f"Services that it may use and did not for {DAYS} days."),
    "unused_service_count": ("int", "How many services it may use and does not."),
    "unused_actions": ("strings", "Actions that IAM tracks, unused, of services that it does use."),
    "source": ("string", "`last-accessed`, `trail`, both with `and`; NULL: nothing says."),
    "granted_services": ("int", "How many services IAM says it may use."),
    "observable": ("bool", "There is something that says what it uses."),
}

PRINCIPAL_USAGE = Derivation(
    name="principal_usage",
    doc="For each user and role: when it last acted, and which services it may use and does not.",
    reads={
        "iam_user": ("arn", "account_id", "region", "create_date"),
        "iam_role": ("arn", "account_id", "region", "create_date", "last_used_date"),
        "iam_service_last_accessed": ("role_arn", *_ACCESSED, "tracked_actions"),
        "iam_user_service_last_accessed": ("user_arn", *_ACCESSED, "tracked_actions"),
        "iam_credential_report": (
            "arn",
            "account_id",
            "generated_time",
            "password_last_used",
            "access_key_1_last_used",
            "access_key_2_last_used",
        ),
        "iam_usage": ("principal_arn", "action", "last_used"),
    },
    columns=COLUMNS,
    run=_run,
    optional=frozenset(
        {
            "iam_usage",
            "iam_service_last_accessed",
            "iam_user_service_last_accessed",
            "iam_credential_report",
        }
    ),
)
