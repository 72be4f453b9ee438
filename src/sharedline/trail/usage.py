"""The tables `iam_usage` and `service_usage`: what was used, by whom, when, from the lake's trail.

They say what was seen. What was not seen was unused only as far as the trail reaches, so that each
row says from when to when there are events of its account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa

from sharedline.collect.tables.tagging import service_of
from sharedline.derive.trail_usage import IAM_USAGE, SERVICE_USAGE
from sharedline.iam.actions import find
from sharedline.iam.fit.event_actions import actions_of, prefix_of
from sharedline.iam.fit.event_resources import resources_of
from sharedline.iam.fit.refusal import is_refusal
from sharedline.iam.fit.trail_events import COLUMNS, Event, of_row
from sharedline.iam.fit.usage import key_of
from sharedline.inventory.engines import Duck, Engine
from sharedline.inventory.lake import Lake, arrow_schema
from sharedline.trail import calls, store

#: The tables that are made here, by name.
TABLES = {one.name: one for one in (IAM_USAGE, SERVICE_USAGE)}
_SAID = "is not authorized to perform"
_HOW = {(True, False): "console", (False, True): "api", (True, True): "both"}


def make(name: str, engine: Engine) -> pa.Table:
    """A table of usage, from the trail that the engine knows."""
    spans = {row["account"]: row for row in engine.query(calls.spans()).to_pylist()}
    made = _uses(engine) if name == IAM_USAGE.name else _services(engine)
    rows = [
        {
            "tags": "{}",
            "_errors": [],
            "trail_from": spans[row["account_id"]]["first_at"],
            "trail_to": spans[row["account_id"]]["last_at"],
            **row,
        }
        for row in made
    ]
    kinds = TABLES[name].kinds()
    columns = [pa.array([r[c] for r in rows], arrow_schema(kinds).field(c).type) for c in kinds]
    return pa.Table.from_arrays(columns, schema=arrow_schema(kinds))


def register(
    engine: Engine,
    lake: Lake,
    names: tuple[str, ...] = tuple(TABLES),
    since: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Makes the tables known to an engine, from the lake's trail of that time."""
    store.register(engine, lake, since, until)
    for name in names:
        table = make(name, engine)
        if isinstance(engine, Duck):
            # A table of the database itself: what is only registered is unknown to other cursors.
            engine.rows(name, (), TABLES[name].kinds())
            engine.arrow("_usage", table)
            engine.con.execute(f"insert into {name} select * from _usage")
            engine.con.unregister("_usage")
        else:
            engine.arrow(name, table)  # type: ignore[attr-defined]


# -- iam_usage -------------------------------------------------------------------------------


def _uses(engine: Engine) -> Iterator[dict[str, Any]]:
    """One row per principal, action, resource, account and Region, in that order."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    table = engine.query(calls.calls(engine.dialect))
    for batch in table.to_batches(max_chunksize=20_000):
        for row in batch.to_pylist():
            for action, resource, denied in _meaning(row):
                who = role_of(row["principal"])
                key: tuple[str, ...] = (who, action, resource, row["account"], row["region"])
                _add(found.setdefault(key, _new(key)), row, denied=denied)
    for key in sorted(found):
        one = found[key]
        how = _HOW[one.pop("by_console"), one.pop("by_api")]
        yield {**one, "how": how}


def _new(key: tuple[str, ...]) -> dict[str, Any]:
    principal, action, resource, account, region = key
    return {
        "arn": principal,
        "account_id": account,
        "region": region,
        "principal_arn": principal,
        "action": action,
        "service": action.partition(":")[0],
        "resource": resource,
        "first_used": None,
        "last_used": None,
        "used_count": 0,
        "last_denied": None,
        "denied_count": 0,
        "by_console": False,
        "by_api": False,
    }


def _add(one: dict[str, Any], row: Mapping[str, Any], *, denied: bool) -> None:
    one["by_console"] |= row["console"]
    one["by_api"] |= not row["console"]
    first, last = row["first_at"], row["last_at"]
    if denied:
        one["denied_count"] += row["n"]
        one["last_denied"] = _later(one["last_denied"], last)
        return
    one["used_count"] += row["n"]
    one["last_used"] = _later(one["last_used"], last)
    if first is not None and (one["first_used"] is None or first < one["first_used"]):
        one["first_used"] = first


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is None or (other is not None and other > one) else one


def _meaning(row: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """The actions that a call used or was denied, each on a resource; `*` where none is certain."""
    source, name = row["eventsource"], row["eventname"]
    own = _actions(source, name, row["versioned"])
    asked = dict.fromkeys(own, False)
    if _is_refused(row["errorcode"], row["said"]):
        other = find(row["refused"]) if row["refused"] else None
        if other is None or other.full in own:
            asked = dict.fromkeys(own, True)
        else:
            # Another action was refused within the call, PassRole say: its own was allowed.
            asked[other.full] = True
    for action, denied in asked.items():
        place = (row["region"], row["account"], row["arns"], row["named"])
        certain = _resources(prefix_of(source) or "", action, *place) if action in own else ()
        for resource in certain or ("*",):
            yield action, resource, denied


@lru_cache(maxsize=50_000)
def _actions(source: str, name: str, versioned: bool) -> tuple[str, ...]:  # noqa: FBT001
    return actions_of(source, name, version=versioned) or ()


@lru_cache(maxsize=10_000)
def _is_refused(code: str, said: bool) -> bool:  # noqa: FBT001 a key of the cache
    return is_refusal({"errorCode": code, "errorMessage": _SAID if said else ""})


@lru_cache(maxsize=100_000)
def _resources(
    prefix: str, action: str, region: str, account: str, arns: str, named: str
) -> tuple[str, ...]:
    given = dict(zip(calls.fields().get(prefix, ()), named.split(calls.PART), strict=False))
    listed = [{"arn": arn} for arn in arns.split(calls.PART) if arn]
    return resources_of(
        {
            "awsRegion": region,
            "recipientAccountId": account,
            "resources": listed,
            "requestParameters": {name: value for name, value in given.items() if value},
        },
        action,
    )


@lru_cache(maxsize=50_000)
def role_of(arn: str) -> str:
    """A role session's role, without the path that its ARN does not tell; others as they are."""
    key = key_of(arn)
    if key is None or ":assumed-role/" not in arn:
        return arn
    name = arn.split("/")[1]
    return f"arn:{arn.split(':')[1]}:iam::{key[0]}:role/{name}"


# -- service_usage ---------------------------------------------------------------------------


def _services(engine: Engine) -> Iterator[dict[str, Any]]:
    """One row per account, Region, service and kind of principal, in that order."""
    found: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for row in engine.query(calls.services()).to_pylist():
        prefix = prefix_of(row["eventsource"])
        if not prefix:
            continue
        key = (row["account"], row["region"], service_of(prefix, ""), row["kind"])
        one = found.setdefault(key, {"n": 0, "denied": 0, "changes": 0, "last": None})
        if _is_refused(row["errorcode"], row["said"]):
            one["denied"] += row["n"]
            continue
        one["n"] += row["n"]
        one["last"] = _later(one["last"], row["last_at"])
        # A change that failed for another reason changed nothing.
        one["changes"] += 0 if row["errorcode"] else row["changes"]
    for (account, region, service, kind), one in sorted(found.items()):
        yield {
            "arn": f"arn:aws:account:{region}:{account}:region/{region}",
            "account_id": account,
            "region": region,
            "service": service,
            "principal_kind": kind,
            "last_used": one["last"],
            "used_count": one["n"],
            "change_count": one["changes"],
            "denied_count": one["denied"],
        }


# -- for rightsizing -------------------------------------------------------------------------


def events_of(lake: Lake, arn: str, since: datetime | None = None) -> Iterator[Event]:
    """The events of one user or role, and of all others only how far they reach.

    What stands for others' events has no ID and no principal: as many rows as there are kinds of
    event, places and days at the ends, instead of millions.
    """
    key = key_of(arn)
    if key is None or not store.available(lake):
        return
    duck = Duck(lake)
    try:
        store.register(duck, lake, since)
        for row in duck.query(_REACH).to_pylist():
            for at in {row.pop("first_at"), row.pop("last_at")}:
                identity = {"accountid": row["account"]} if row["account"] else None
                yield of_row({**row, "eventtime": at, "useridentity": identity})
        name = key[2].replace("'", "''")
        whose = (
            f"(contains(lower({calls.PRINCIPAL}), '/{name}') "
            f"or contains(lower(useridentity.arn), '/{name}'))"
        )
        listed = ", ".join(f'"{column}"' for column in COLUMNS)
        for batch in duck.stream(f"select {listed} from cloudtrail where {whose}", 5_000):
            for row in batch.to_pylist():
                yield of_row(row)
    finally:
        duck.close()


#: What `iam.fit.usage` asks of each event for its reach: old records' names say if they only read.
_REACH = f"""
select {calls.ACCOUNT} as account, recipientaccountid, eventsource, awsregion, readonly,
  managementevent, eventcategory,
  case when readonly is null then eventname else 'Any' end as eventname,
  min(eventtime) as first_at, max(eventtime) as last_at
from cloudtrail where eventsource is not null and eventname is not null
group by all"""
