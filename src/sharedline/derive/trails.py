"""What each trail records of an account: management events, S3 data events, and where they go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from sharedline.derive.base import Derivation, Row, Rows

_READ = (
    "name",
    "home_region",
    "s3_bucket_name",
    "is_multi_region_trail",
    "is_organization_trail",
    "cloud_watch_logs_log_group_arn",
    "is_logging",
    "event_selectors",
    "advanced_event_selectors",
)
_ALL_BUCKETS = re.compile(r"^arn:aws[\w-]*:s3(:::)?$")
#: Both halves of what a selector can take: reads and writes.
_HALVES = {"All": {"read", "write"}, "ReadOnly": {"read"}, "WriteOnly": {"write"}}


def _basic(selectors: list[dict[str, Any]]) -> dict[str, set[str]]:
    """What basic selectors record, by kind: `management` and `s3` (objects of every bucket)."""
    found: dict[str, set[str]] = {"management": set(), "s3": set()}
    for one in selectors:
        halves = _HALVES.get(one.get("ReadWriteType") or "All", set())
        if one.get("IncludeManagementEvents", True) and not one.get(
            "ExcludeManagementEventSources"
        ):
            found["management"] |= halves
        for resource in one.get("DataResources") or ():
            if resource.get("Type") == "AWS::S3::Object" and any(
                _ALL_BUCKETS.match(v) for v in resource.get("Values") or ()
            ):
                found["s3"] |= halves
    return found


def _narrows(field: dict[str, Any]) -> bool:
    """Whether a field selector leaves something out, apart from the fields read elsewhere."""
    if field.get("Field") in ("eventCategory", "resources.type", "readOnly"):
        return False
    everything = field.get("Field") == "resources.ARN" and any(
        _ALL_BUCKETS.match(v) for v in field.get("StartsWith") or ()
    )
    return not everything


def _advanced(selectors: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The same for advanced selectors."""
    found: dict[str, set[str]] = {"management": set(), "s3": set()}
    for one in selectors:
        fields = {f.get("Field"): f for f in one.get("FieldSelectors") or ()}
        if any(_narrows(f) for f in fields.values()):
            continue
        only = fields.get("readOnly", {}).get("Equals") or ["true", "false"]
        halves = {"read" if str(v).lower() == "true" else "write" for v in only}
        category = fields.get("eventCategory", {}).get("Equals") or []
        types = fields.get("resources.type", {}).get("Equals") or []
        if "Management" in category:
            found["management"] |= halves
        if "Data" in category and "AWS::S3::Object" in types:
            found["s3"] |= halves
    return found


def recorded(basic: str | None, advanced: str | None) -> dict[str, set[str]] | None:
    """What a trail's selectors record; None where they could not be read.

    A trail that was never given selectors records all management events and no data events.
    """
    if basic is None or advanced is None:
        return None
    simple, rich = json.loads(basic or "[]"), json.loads(advanced or "[]")
    if not simple and not rich:
        return {"management": {"read", "write"}, "s3": set()}
    return _advanced(rich) if rich else _basic(simple)


def _coverage(row: Row, better: Row) -> Row:
    """The derived row; what this account may not read of an organization's trail is in `better`."""
    selectors = recorded(row["event_selectors"], row["advanced_event_selectors"])
    if selectors is None:
        selectors = recorded(better.get("event_selectors"), better.get("advanced_event_selectors"))
    logging = row["is_logging"] if row["is_logging"] is not None else better.get("is_logging")
    halves = selectors["management"] if selectors is not None else None
    s3 = selectors["s3"] if selectors is not None else None
    return {
        "arn": row["arn"],
        "account_id": row["account_id"],
        "region": row["home_region"] or row["region"],
        "name": row["name"],
        "s3_bucket_name": row["s3_bucket_name"],
        "is_multi_region": row["is_multi_region_trail"],
        "is_organization": row["is_organization_trail"],
        "is_logging": logging,
        "management_events": None if halves is None else len(halves) == 2,
        "s3_read_events": None if s3 is None else "read" in s3,
        "s3_write_events": None if s3 is None else "write" in s3,
        "log_group_arn": (row["cloud_watch_logs_log_group_arn"] or "").removesuffix(":*"),
    }


def _asked(row: Row) -> Row:
    """A shadow trail whose selectors were not asked here has no selectors, rather than default."""
    unread = dict.fromkeys(("is_logging", "event_selectors", "advanced_event_selectors"))
    return row if row["elsewhere"] else {**row, **unread}


def run(rows: Rows) -> Iterator[Row]:
    """One row per account and trail that records it."""
    own = list(rows.get("cloudtrail_trail", ()))
    seen = {(r["account_id"], r["arn"]) for r in own}
    others = rows.get("cloudtrail_shadow_trail", ())
    shadows = [_asked(r) for r in others if (r["account_id"], r["arn"]) not in seen]
    owners: dict[str, Row] = {}
    for row in [*shadows, *own]:
        kept = owners.get(row["arn"])
        if kept is None or row["event_selectors"] is not None:
            owners[row["arn"]] = row
    for row in own + shadows:
        yield _coverage(row, owners[row["arn"]])


def eligible(trails: Iterable[Row]) -> list[tuple[Row, bool | None]]:
    """Trails that record everything an alarm needs, each with True or None (not readable)."""
    found = []
    for trail in trails:
        needs = (
            trail["is_multi_region"],
            trail["is_logging"],
            trail["management_events"],
            bool(trail["log_group_arn"]),
        )
        if not any(n is False for n in needs):
            found.append((trail, None if any(n is None for n in needs) else True))
    return found


TRAIL_COVERAGE = Derivation(
    name="trail_coverage",
    doc="What a trail records of an account, whoever owns the trail and wherever it was made.",
    reads={"cloudtrail_trail": _READ, "cloudtrail_shadow_trail": (*_READ, "elsewhere")},
    optional=frozenset({"cloudtrail_shadow_trail"}),
    columns={
        "arn": ("string", "The trail."),
        "account_id": ("string", "The account that is recorded."),
        "region": ("string", "The home Region of the trail."),
        "name": ("string", "The trail's name."),
        "s3_bucket_name": ("string", "The bucket that receives the log files."),
        "is_multi_region": ("bool", "Whether it records every Region."),
        "is_organization": ("bool", "Whether it records the whole organization."),
        "is_logging": ("bool", "Whether it is recording now."),
        "management_events": ("bool", "All management events, reads and writes, none left out."),
        "s3_read_events": ("bool", "Reads of objects in every bucket."),
        "s3_write_events": ("bool", "Writes of objects in every bucket."),
        "log_group_arn": ("string", "The log group that receives the events; empty: none."),
    },
    run=run,
)
