"""Whether anybody looks: for each place of logs or findings, the last person who did.

The events come from the trail in the lake (`trail_look`, `trail_day`), made when a scan is judged.
Where the trail would have shown a look and shows none, nobody looked; where it could not have shown
one, that is unknown, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sharedline.collect.table import Type
from sharedline.derive import log_sources
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.derive.log_sources import KINDS, Source

#: So far back the scan's own review goes.
DAYS = 30


@dataclass
class Cover:
    """What the lake's trail could have shown, between two moments."""

    since: datetime
    until: datetime
    #: Days with events, and the counts of reads and data events, by account.
    days: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    reads: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    regions: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: Days on which reads of a bucket's objects were recorded.
    of_bucket: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: The accounts whose events tell of a bucket's objects: its own, or its readers'.
    telling: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, rows: Iterable[Row], since: datetime, until: datetime) -> Cover:
        """From rows of `trail_day`."""
        found = cls(since, until)
        for row in rows:
            account, day = row["account_id"], row["day"]
            if row["bucket"]:
                found.telling[row["bucket"]].add(account)
                if row["reads"]:
                    found.of_bucket[row["bucket"]].add(day)
                continue
            found.days[account].add(day)
            found.regions[account].add(row["region"])
            found.reads[account] += row["reads"]
        return found

    def wanted(self) -> list[str]:
        """The whole days between the moments; where there is none, the first."""
        since, until = self.since.astimezone(UTC), self.until.astimezone(UTC)
        first = since.date() + timedelta(since.time() != time())
        found = [(first + timedelta(n)).isoformat() for n in range((until.date() - first).days)]
        return found or [since.date().isoformat()]

    def lacks(self, source: Source) -> str:
        """Why the trail could not show a look at a source; empty where it could."""
        account, wanted = source.account_id, self.wanted()
        if not self.days:
            return "the lake holds no events of this time"
        if source.bucket:
            return self._bucket_lacks(source, wanted)
        if source.group:
            account = source.group[0]
        missing = [d for d in wanted if d not in self.days.get(account, ())]
        if len(missing) == len(wanted):
            return f"the lake holds no events of account {account} of this time"
        if missing:
            return f"the lake holds no events of {_span(missing)} of {len(wanted)}"
        if not self.reads.get(account):
            return "the trail records no calls that read"
        region = source.group[1] if source.group else source.region
        if region != "global" and region not in self.regions[account]:
            return f"the lake holds no events of {region}"
        return ""

    def _bucket_lacks(self, source: Source, wanted: Sequence[str]) -> str:
        """Reads of objects are data events, which trails leave out unless they are asked for.

        Where a trail records them and nobody reads, the deliveries of the files themselves show
        that the lake has the data events of this bucket.
        """
        bucket = source.bucket
        seen = [d for d in wanted if d in self.of_bucket.get(bucket, ())]
        if len(seen) == len(wanted):
            return ""
        if source.recorded is False and not seen:
            return f"no trail records reads of objects in {bucket} (S3 data events)"
        days = set().union(*(self.days[a] for a in self.telling.get(bucket, ())))
        if source.recorded and not days:
            return f"the lake holds no S3 data events of {bucket}, though a trail records them"
        if source.recorded:
            missing = [d for d in wanted if d not in days]
            return (
                f"the lake holds no events of {_span(missing)} of {len(wanted)}" if missing else ""
            )
        more = f"; they are there on {len(seen)} of {len(wanted)} days" if seen else ""
        return f"whether reads of objects in {bucket} are recorded is not known{more}"


def _span(days: Sequence[str]) -> str:
    few = f"{len(days)} day{'s' if len(days) != 1 else ''}"
    return f"{few} ({days[0]}{f' to {days[-1]}' if len(days) > 1 else ''})"


def named(row: Row) -> str:
    """A reader as people read it: its name, and the role that it came in."""
    role = str(row["arn"]).split(":", 5)[-1].split("/")
    inside = role[1].split("_")[1] if role[0] == "assumed-role" and "AWSReserved" in role[1] else ""
    if role[0] == "assumed-role" and not inside:
        inside = role[1]
    return f"{row['who']} ({inside})" if inside and inside != row["who"] else str(row["who"])


def judge(source: Source, looks: Iterable[Row], cover: Cover) -> Row:
    """What the trail says of one source."""
    at = [r for r in looks if log_sources.is_at(source, r)]
    read = [r for r in at if r["counts"] and not r["refused"]]
    by = {k: [r for r in read if r["reader"] == k] for k in ("person", "machine", "unclear")}
    last = max(by["person"], key=lambda r: (r["last_at"], r["arn"]), default=None)
    looked, why = _answer(source, by, last, cover.lacks(source))
    refused = sum(r["times"] for r in at if r["refused"])
    return {
        "arn": source.arn,
        "account_id": source.account_id,
        "region": source.region,
        "source": source.kind,
        "name": source.name,
        "looked": looked,
        "last_person_at": last["last_at"] if last else None,
        "last_person": named(last) if last else "",
        "people": len({r["arn"] for r in by["person"]}),
        "looks": sum(r["times"] for r in by["person"]),
        "machines": sorted({named(r) for r in by["machine"]}),
        "unclear": sorted({named(r) for r in by["unclear"]}),
        "refused": refused,
        "reason": why,
        "observed": source.observed,
        "window_from": cover.since,
        "window_to": cover.until,
    }


def _answer(
    source: Source, by: Mapping[str, list[Row]], last: Row | None, lacks: str
) -> tuple[bool | None, str]:
    if last:
        return True, f"{named(last)} {last['does']} on {last['last_at']:%Y-%m-%d}"
    if source.off:
        return None, f"{source.off}: there is nothing to look at"
    if by["unclear"]:
        first = max(by["unclear"], key=lambda r: (r["last_at"], r["arn"]))
        return None, f"{named(first)} {first['does']}; whether that is a person is not clear"
    takes = sorted({named(r) for r in by["machine"] if r["forwards"]})
    if takes:
        return None, f"{takes[0]} takes it away; whether people look there the trail cannot show"
    if lacks:
        return None, lacks
    if by["machine"]:
        machines = len({r["arn"] for r in by["machine"]})
        return False, f"nobody looked, only {machines} machine{'s' if machines != 1 else ''}"
    return False, "nobody looked"


def run(rows: Rows) -> Iterator[Row]:
    """One row per place of logs or findings that the scan names."""
    days, looks = list(rows.get("trail_day", ())), list(rows.get("trail_look", ()))
    now = datetime.now(UTC)
    since = min((r["window_from"] for r in days), default=now)
    until = max((r["window_to"] for r in days), default=now)
    cover = Cover.of(days, since, until)
    for source in log_sources.of_inventory(rows):
        row = judge(source, looks, cover)
        if not days:
            row |= {"window_from": None, "window_to": None}
            row["reason"] = source.off or "the lake holds no trail of the last 30 days"
        yield row


COLUMNS: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The trail, log group, flow log, detector, hub, or the account's root user."),
    "account_id": ("string", "The account whose logs or findings these are."),
    "region": ("string", "Their Region; `global` for the event history."),
    "source": ("string", f"What it is: {', '.join(f'`{k}`' for k in KINDS)}."),
    "name": ("string", "The bucket, log group, event data store, Region or account."),
    "looked": ("bool", "A person looked; NULL: the trail could not show it, or it is unclear."),
    "last_person_at": ("timestamp", f"The last look by a person within {DAYS} days; NULL: none."),
    "last_person": ("string", "Who that was."),
    "people": ("int", "How many people looked."),
    "looks": ("int", "How often they did."),
    "machines": ("strings", "The machines that read it."),
    "unclear": ("strings", "The readers of whom it is not clear whether they are people."),
    "refused": ("int", "Looks that AWS refused."),
    "reason": ("string", "Who looked, or why that is not known."),
    "observed": ("bool", "It is known from events alone; no scan named it."),
    "window_from": ("timestamp", "The time that the answer is about; NULL: there is no trail."),
    "window_to": ("timestamp", "Its end."),
}
_READS: dict[str, tuple[str, ...]] = {
    **log_sources.READS,
    "trail_look": (
        "kind",
        "target",
        "of_account",
        "concerns",
        "action",
        "does",
        "counts",
        "who",
        "reader",
        "rule",
        "forwards",
        "refused",
        "times",
        "first_at",
        "last_at",
    ),
    "trail_day": (
        "day",
        "bucket",
        "events",
        "reads",
        "data_events",
        "window_from",
        "window_to",
    ),
}

LOG_REVIEW = Derivation(
    name="log_review",
    doc="For each place of logs or findings: the last person who looked, by the lake's trail.",
    reads=_READS,
    columns=COLUMNS,
    run=run,
    optional=frozenset(set(_READS) - {"account_region", "cloudtrail_trail"}),
)


def as_rows(made: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows as the table stores them."""
    return [{name: row[name] for name in COLUMNS} for row in made]
