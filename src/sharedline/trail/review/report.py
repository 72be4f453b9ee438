"""The review of a span of time: every place of logs, its readers, and findings left untouched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sharedline.derive import log_review, log_sources
from sharedline.derive.base import Row, Rows
from sharedline.derive.log_review import Cover
from sharedline.derive.log_sources import Source
from sharedline.inventory.engines import Engine
from sharedline.inventory.lake import Lake
from sharedline.trail import store
from sharedline.trail.review import deliveries, events, findings
from sharedline.trail.review.findings import Limits

#: The owner of a duty on rows of (arn, account_id, region): a name for each.
Owner = Callable[[str, str, Sequence[Row]], Sequence[str]]
#: The service that each kind of source belongs to, for owner rules.
SERVICE = {
    "trail-bucket": "cloudtrail",
    "log-group": "cloudwatch",
    "event-data-store": "cloudtrail",
    "event-history": "cloudtrail",
    "guardduty": "guardduty",
    "securityhub": "securityhub",
    "flow-logs": "vpc",
}
DUTY = "monitoring.log-review"


@dataclass
class Review:
    """What is known of who looks. Rows are plain mappings, ready for JSON and CSV."""

    since: datetime
    until: datetime
    #: Places with logs or findings, and whether anybody looked.
    sources: list[Row] = field(default_factory=list)
    #: Open findings: when they were made, the first look after it, whether anybody touched them.
    findings: list[Row] = field(default_factory=list)
    #: Changes to findings by people and machines, and what hides findings by itself.
    changes: list[Row] = field(default_factory=list)
    hiding: list[Row] = field(default_factory=list)
    alarms: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    attestations: list[Row] = field(default_factory=list)
    #: What AWS itself said of changes to findings (`--ask-aws`).
    history: list[Row] = field(default_factory=list)
    owners: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: The readers behind each source's numbers, by the source's key.
    readers: dict[tuple[str, ...], list[Row]] = field(default_factory=dict)
    known: dict[tuple[str, ...], Source] = field(default_factory=dict)


def key_of(row: Row) -> tuple[str, ...]:
    """What tells a source's row from others."""
    return row["account_id"], row["source"], row["name"], row["region"]


def review(
    engine: Engine,
    lake: Lake,
    tables: Rows,
    since: datetime,
    until: datetime,
    *,
    account: str = "",
    limits: Limits,
    owner: Owner,
) -> Review:
    """The review from `since` to before `until`; `tables` are those of a scan, or none."""
    kept = {name: list(rows) for name, rows in tables.items()}
    named = log_sources.of_inventory(kept)
    buckets = log_sources.buckets(named)
    store.register(engine, lake, since, until)
    looks, days = events.looks(engine, buckets), events.cover(engine, buckets)
    everything = [*named, *log_sources.observed(looks, days, named)]
    sources = [s for s in everything if account in ("", s.account_id)]
    cover = Cover.of(days, since, until)
    made = Review(since, until)
    for source in sources:
        row = {**log_review.judge(source, looks, cover), "lacks": cover.lacks(source)}
        made.sources.append(row)
        made.known[key_of(row)] = source
        made.readers[key_of(row)] = [r for r in looks if log_sources.is_at(source, r)]
    made.changes = events.changes(engine)
    seen = _times(engine, buckets, made, looks)
    open_ = findings.open_findings(kept, until, limits)
    made.findings = findings.judged(open_, made.sources, seen, made.changes, since)
    made.hiding = findings.hiding(kept)
    made.deliveries = deliveries.refused(events.deliveries(engine), kept)
    made.alarms = [{**a, "targets": list(a["targets"] or ())} for a in kept.get("alarm_route", ())]
    for rows in (made.changes, made.findings, made.hiding, made.deliveries, made.alarms):
        rows[:] = [r for r in rows if account in ("", r["account_id"])]
    _name_owners(made, owner)
    _measure(made)
    made.owners = _by_owner(made)
    return made


def _times(
    engine: Engine, buckets: frozenset[str], made: Review, looks: Iterable[Row]
) -> dict[tuple[str, ...], list[datetime]]:
    """When people looked at each place of findings, in order; asked of those who did alone."""
    people = {r["arn"] for r in looks if r["reader"] == "person" and r["arn"].startswith("arn:")}
    if not people:
        return {}
    found: dict[tuple[str, ...], list[datetime]] = defaultdict(list)
    for row in events.each(engine, buckets, arns=people):
        if row["reader"] != "person" or row["refused"] or not row["counts"]:
            continue
        for key, source in made.known.items():
            if log_sources.is_at(source, row):
                found[key].append(row["last_at"])
    return {key: sorted(times) for key, times in found.items()}


def _name_owners(made: Review, owner: Owner) -> None:
    for service in sorted(set(SERVICE.values())):
        rows = [r for r in made.sources if SERVICE[r["source"]] == service]
        for row, name in zip(rows, owner(service, DUTY, rows), strict=True):
            row["owner"] = name
        rows = [r for r in made.findings if r["service"] == service]
        for row, name in zip(rows, owner(service, "response.remediation", rows), strict=True):
            row["owner"] = name
    names = owner("cloudwatch", "monitoring.alerting", made.alarms)
    for row, name in zip(made.alarms, names, strict=True):
        row["owner"] = name


def _measure(made: Review) -> None:
    """Adds to each place of findings how long they waited for a look, and how many still do."""
    for row in made.sources:
        own = [f for f in made.findings if findings.place_of(f) == findings.place_of_source(row)]
        waits = sorted(f["wait_hours"] for f in own if f["wait_hours"] is not None)
        row["findings"] = len(own)
        row["past_limit"] = sum(f["past_limit"] and f["touched"] is not True for f in own)
        row["median_wait_hours"] = _median(waits)
        row["longest_wait_hours"] = waits[-1] if waits else None


def _median(values: Sequence[float]) -> float | None:
    if not values:
        return None
    half = len(values) // 2
    return values[half] if len(values) % 2 else round((values[half - 1] + values[half]) / 2, 1)


def _by_owner(made: Review) -> list[Row]:
    """For each owner: places that nobody looks at, unknown ones, and findings past their limit."""
    found: dict[str, Row] = {}
    empty = {"sources": 0, "nobody": 0, "unknown": 0, "past_limit": 0}
    for row in made.sources:
        one = found.setdefault(row["owner"], {"owner": row["owner"], **empty})
        one["sources"] += 1
        one["nobody"] += row["looked"] is False
        one["unknown"] += row["looked"] is None
    for row in made.findings:
        one = found.setdefault(row["owner"], {"owner": row["owner"], **empty})
        one["past_limit"] += bool(row["past_limit"] and row["touched"] is not True)
    return sorted(found.values(), key=lambda r: (-r["nobody"], -r["past_limit"], r["owner"]))


def chosen(made: Review, wanted: str) -> list[Row]:
    """The sources that a name means: a kind, an ARN, or a name, whole or in part."""
    low = wanted.lower()
    exact = [r for r in made.sources if low in (r["source"], r["name"].lower(), r["arn"].lower())]
    return exact or [
        r for r in made.sources if low in f"{r['source']} {r['name']} {r['arn']}".lower()
    ]


def who(made: Review, sources: Iterable[Row]) -> list[Row]:
    """The readers of some sources: who, how, how often, when, and by which rule it is told."""
    found: dict[tuple[Any, ...], Row] = {}
    for source in sources:
        for row in made.readers[key_of(source)]:
            told = (row["arn"], row["reader"], row["rule"], row["action"], row["refused"])
            key = (*key_of(source), *told)
            one = found.get(key)
            if one is None:
                found[key] = _reader(source, row)
                continue
            one["times"] += row["times"]
            one["first_at"] = min(one["first_at"], row["first_at"])
            one["last_at"] = max(one["last_at"], row["last_at"])
    return sorted(found.values(), key=lambda r: (r["last_at"], r["arn"]), reverse=True)


def _reader(source: Row, row: Row) -> Row:
    names = ("reader", "rule", "arn", "action", "does", "counts", "refused", "times")
    return {
        "account_id": source["account_id"],
        "source": source["source"],
        "name": source["name"],
        "region": source["region"],
        "who": log_review.named(row),
        **{name: row[name] for name in names},
        "first_at": row["first_at"],
        "last_at": row["last_at"],
    }


def single(engine: Engine, made: Review, sources: Iterable[Row], limit: int = 0) -> list[Row]:
    """The single events at some sources, newest first."""
    places = [made.known[key_of(s)] for s in sources]
    found = []
    for row in events.each(engine, log_sources.buckets(made.known.values())):
        if any(log_sources.is_at(p, row) for p in places):
            found.append({**row, "at": row["last_at"], "who": log_review.named(row)})
            if limit and len(found) >= limit:
                break
    return found


def span(
    newest: datetime, since: datetime | None, until: datetime | None
) -> tuple[datetime, datetime]:
    """The time to review: what is asked for, else the days before the newest that is known."""
    end = until or newest
    return since or end - timedelta(days=log_review.DAYS), end
