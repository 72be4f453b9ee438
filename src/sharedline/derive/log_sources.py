"""The logs that somebody should look at: where each trail, flow log and detector keeps them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sharedline.derive import trails
from sharedline.derive.base import Row, Rows
from sharedline.derive.log_pattern import any_of

Place = tuple[str, str]
#: The kinds of sources, with the words that people read.
KINDS = {
    "trail-bucket": "CloudTrail files",
    "log-group": "log group",
    "event-data-store": "CloudTrail Lake",
    "event-history": "event history",
    "guardduty": "GuardDuty",
    "securityhub": "Security Hub",
    "flow-logs": "VPC flow logs",
}
_STORE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_READS = {"All", "ReadOnly", None}
READS = {
    **trails.TRAIL_COVERAGE.reads,
    "account_region": ("arn",),
    "ec2_flow_log": ("log_destination_type", "log_destination", "log_group_name"),
    "guardduty_detector": ("administrator_account_id", "status"),
    "securityhub_hub": (),
    "securityhub_finding_aggregator": (),
}


@dataclass(frozen=True)
class Source:
    """One place where logs or findings lie. `also` are other places where they can be looked at."""

    account_id: str
    region: str
    kind: str
    name: str
    arn: str
    bucket: str = ""
    group: tuple[str, str, str] | None = None
    also: tuple[Place, ...] = ()
    #: Whether reads of the bucket's objects are recorded; None where that is not known.
    recorded: bool | None = None
    #: Known from events alone: no scan named it.
    observed: bool = False
    #: The accounts whose logs lie in the same bucket: a query in one of them is one over all.
    peers: frozenset[str] = frozenset()
    #: Why it gives nothing to look at, if it does not.
    off: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from others."""
        return self.account_id, self.kind, self.name, self.region


def records_reads(row: Row, bucket: str) -> bool | None:
    """Whether a trail records reads of a bucket's objects."""
    basic, advanced = row["event_selectors"], row["advanced_event_selectors"]
    if row["is_logging"] is False:
        return False
    if basic is None or advanced is None:
        return None
    for one in json.loads(basic or "[]"):
        if one.get("ReadWriteType") not in _READS:
            continue
        for resource in one.get("DataResources") or ():
            if resource.get("Type") == "AWS::S3::Object" and any(
                _covers(v, bucket) for v in resource.get("Values") or ()
            ):
                return True
    return any(_takes(one, bucket) for one in json.loads(advanced or "[]"))


def _covers(value: str, bucket: str) -> bool:
    """Whether a selector's ARN begins every object's of the bucket."""
    tail = value.split(":", 2)[-1].removeprefix("s3").lstrip(":")
    return value.startswith("arn:") and tail in ("", bucket, f"{bucket}/")


def _takes(selector: dict[str, Any], bucket: str) -> bool:
    """Whether an advanced selector takes reads of the bucket's objects."""
    arn = f"arn:aws:s3:::{bucket}/AWSLogs/x"
    event = {"eventCategory": "Data", "resources.type": "AWS::S3::Object", "readOnly": "true"}
    event |= {"resources.ARN": arn, "eventName": "GetObject"}
    fields = selector.get("FieldSelectors") or ()
    return bool(fields) and all(_field(f, event.get(f.get("Field", ""))) for f in fields)


def _field(field: dict[str, Any], value: str | None) -> bool:
    """Whether a field selector lets a value through; what is not known here is let through."""
    if value is None:
        return False
    arn = field.get("Field") == "resources.ARN"
    for name in ("Equals", "StartsWith", "EndsWith"):
        given, refused = field.get(name), field.get(f"Not{name}")
        if given and not any(_is(name, value, str(v), arn=arn) for v in given):
            return False
        if refused and any(_is(name, value, str(v), arn=arn) for v in refused):
            return False
    return True


def _is(name: str, value: str, wanted: str, *, arn: bool) -> bool:
    """One comparison of a selector; partitions are not told apart."""
    wanted = _usual(wanted) if arn else wanted
    if name == "Equals":
        return value == wanted
    return value.startswith(wanted) if name == "StartsWith" else value.endswith(wanted)


def _usual(arn: str) -> str:
    return re.sub(r"^arn:aws[\w-]*:", "arn:aws:", arn)


def _of_trails(rows: Rows) -> Iterator[Source]:
    own = list(rows.get("cloudtrail_trail", ()))
    shadows = list(rows.get("cloudtrail_shadow_trail", ()))
    selectors = [*own, *(s for s in shadows if s["elsewhere"])]
    made = trails.run({"cloudtrail_trail": own, "cloudtrail_shadow_trail": shadows})
    for row in made:
        bucket, group = row["s3_bucket_name"] or "", row["log_group_arn"] or ""
        base = Source(row["account_id"], row["region"], "trail-bucket", bucket, row["arn"])
        off = f"trail {row['name']} is switched off" if row["is_logging"] is False else ""
        if bucket:
            recorded = any_of([records_reads(s, bucket) for s in selectors])
            yield replace(base, bucket=bucket, recorded=recorded, off=off)
        parts = group.split(":")
        if len(parts) > 6:
            name = ":".join(parts[6:])
            place = (parts[4], parts[3], name)
            yield replace(base, kind="log-group", name=name, group=place, arn=group, off=off)


def _of_flows(rows: Rows, recorded: dict[str, bool | None]) -> Iterator[Source]:
    for row in rows.get("ec2_flow_log", ()):
        account, region = row["account_id"], row["region"]
        base = Source(account, region, "flow-logs", "", row["arn"])
        to, where = row["log_destination_type"], row["log_destination"] or ""
        if to == "s3" and where:
            bucket = where.split(":::")[-1].split("/")[0]
            yield replace(base, name=bucket, bucket=bucket, recorded=recorded.get(bucket))
        elif row["log_group_name"] or ":log-group:" in where:
            name = row["log_group_name"] or where.split(":log-group:")[-1].removesuffix(":*")
            yield replace(base, name=name, group=(account, region, name))


def _of_findings(rows: Rows) -> Iterator[Source]:
    for row in rows.get("guardduty_detector", ()):
        account, region, admin = row["account_id"], row["region"], row["administrator_account_id"]
        yield Source(
            account,
            region,
            "guardduty",
            region,
            row["arn"],
            also=((admin, region),) if admin and admin != account else (),
            off="the detector is suspended" if row["status"] == "DISABLED" else "",
        )
    together: dict[str, list[Place]] = defaultdict(list)
    for row in rows.get("securityhub_finding_aggregator", ()):
        together[row["account_id"]].append((row["account_id"], row["region"]))
    for row in rows.get("securityhub_hub", ()):
        account, region = row["account_id"], row["region"]
        also = tuple(p for p in together[account] if p != (account, region))
        yield Source(account, region, "securityhub", region, row["arn"], also=also)


def of_inventory(rows: Rows) -> list[Source]:
    """The sources that a scan names, each once. Reads the tables of `READS`."""
    kept = {name: list(rows.get(name, ())) for name in READS}
    found = {s.key: s for s in _of_trails(kept)}
    selectors = [*kept["cloudtrail_trail"], *kept["cloudtrail_shadow_trail"]]
    recorded = {
        bucket: any_of([records_reads(r, bucket) for r in selectors]) if selectors else None
        for bucket in _flow_buckets(kept["ec2_flow_log"])
    }
    for source in (*_of_flows(kept, recorded), *_of_findings(kept)):
        found.setdefault(source.key, source)
    for row in kept["account_region"]:
        history = _history(row["account_id"], str(row["arn"]).split(":")[1])
        found.setdefault(history.key, history)
    sharing: dict[str, set[str]] = defaultdict(set)
    for source in found.values():
        sharing[source.bucket].add(source.account_id)
    peered = [replace(s, peers=frozenset(sharing[s.bucket])) for s in found.values()]
    return sorted(peered, key=lambda s: s.key)


def _flow_buckets(rows: Iterable[Row]) -> set[str]:
    to_s3 = (r["log_destination"] or "" for r in rows if r["log_destination_type"] == "s3")
    return {where.split(":::")[-1].split("/")[0] for where in to_s3 if where}


def _history(account: str, partition: str = "aws", *, observed: bool = False) -> Source:
    arn = f"arn:{partition}:iam::{account}:root"
    return Source(account, "global", "event-history", account, arn, observed=observed)


def buckets(sources: Iterable[Source]) -> frozenset[str]:
    """The buckets in which logs lie."""
    return frozenset(s.bucket for s in sources if s.bucket)


def group_of(target: str, account: str, region: str) -> list[tuple[str, str, str]]:
    """The log groups that an event's parameter names: a name, an ARN, or a list of them."""
    try:
        given = json.loads(target) if target.startswith("[") else [target]
    except ValueError:  # a long list is cut
        given = re.findall(r'"([^"]+)"', target)
    found = []
    for one in given:
        parts = str(one).removesuffix(":*").split(":")
        if len(parts) > 6 and parts[0] == "arn":
            found.append((parts[4], parts[3], ":".join(parts[6:])))
        else:
            found.append((account, region, str(one)))
    return found


def store_of(target: str) -> str:
    """The id of the event data store that a query names."""
    hit = _STORE.search(target)
    return hit.group() if hit else target.rsplit("/", 1)[-1]


def observed(looks: Iterable[Row], days: Iterable[Row], known: Iterable[Source]) -> list[Source]:
    """Sources that only events name: event data stores, and all kinds where there was no scan."""
    have = {s.key: s for s in known}
    kinds = {s.kind for s in have.values()}
    scanned = {s.account_id for s in have.values()}
    found: dict[tuple[str, str, str, str], Source] = {}
    for row in looks:
        for source in _seen(row, scanned):
            if source.key not in have:
                found[source.key] = source
    for row in days:
        account = row["account_id"]
        if account and account not in scanned:
            found.setdefault(_history(account).key, _history(account, observed=True))
        if row["bucket"] and "trail-bucket" not in kinds:
            arn = f"arn:aws:s3:::{row['bucket']}"
            args = (account, row["region"], "trail-bucket", row["bucket"], arn)
            source = Source(*args, bucket=row["bucket"], observed=True)
            found.setdefault(source.key, source)
    return sorted(found.values(), key=lambda s: s.key)


def _seen(row: Row, scanned: set[str]) -> Iterator[Source]:
    account, region, kind = row["account_id"], row["region"], row["kind"]
    if kind == "event-data-store" and row["target"]:
        name = store_of(row["target"])
        arn = f"arn:aws:cloudtrail:{region}:{account}:eventdatastore/{name}"
        yield Source(account, region, kind, name, arn, observed=True)
    elif kind == "log-group" and row["reader"] != "machine" and row["target"]:
        for place in group_of(row["target"], account, region):
            arn = f"arn:aws:logs:{place[1]}:{place[0]}:log-group:{place[2]}"
            yield Source(place[0], place[1], kind, place[2], arn, group=place, observed=True)
    elif kind in ("guardduty", "securityhub") and account not in scanned:
        arn = f"arn:aws:{kind}:{region}:{account}:*"
        yield Source(account, region, kind, region, arn, observed=True)


def is_at(source: Source, row: Row) -> bool:
    """Whether a look was at a source."""
    kind, place = row["kind"], (row["account_id"], row["region"])
    if kind == "bucket":
        whose = row["of_account"] or source.account_id
        return bool(row["target"] == source.bucket and source.bucket and whose == source.account_id)
    if kind == "log-group":
        return source.group is not None and source.group in group_of(row["target"], *place)
    if kind == "athena":
        accounts = source.peers | {source.account_id}
        words = source.kind in (row["concerns"] or ()) and place[0] in accounts
        return bool(source.bucket and (words or source.bucket in row["target"]))
    if kind == "event-data-store":
        return bool(source.kind == kind and store_of(row["target"]) == source.name)
    if source.kind != kind:
        return False
    if kind == "event-history":
        return bool(place[0] == source.account_id)
    return bool(place in ((source.account_id, source.region), *source.also))
