"""Where the search begins: what the subject names, found in the trail, and the span of time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sharedline.incident.chain_find import Joined, Limits, Search
from sharedline.incident.chain_links import Pointer, is_outside, leads
from sharedline.incident.chain_sql import Handle, Trail
from sharedline.incident.inputs_findings import instance_of
from sharedline.incident.model import Subject

_ROLE = re.compile(r"^arn:[a-z-]+:iam::\d{12}:role/")
#: So much of the past is looked at where only a principal is named and no time.
_RECENT = timedelta(days=7)
_NAMED: Mapping[str, str] = {
    "guardduty": "the GuardDuty finding",
    "asff": "the Security Hub finding",
    "ocsf": "the finding",
    "detection": "the detection",
}


@dataclass
class Seeds:
    """The first handles, the events that were named, and a search over the right span."""

    search: Search
    handles: list[Handle | Pointer] = field(default_factory=list)
    #: The events of the subject that the trail has, and those that it has not.
    rows: list[dict[str, Any]] = field(default_factory=list)
    missing: tuple[str, ...] = ()


def plant(
    trail: Trail,
    subject: Subject,
    limits: Limits,
    since: datetime | None,
    until: datetime | None,
) -> Seeds:
    """Finds the subject in the trail."""
    rows = _named(trail, subject, limits)
    given = _plain(subject)
    times = [t for t in (subject.time, subject.last) if t] + [r["t"] for r in rows]
    if not times and given:
        times = _last_seen(trail, [h for h in given if isinstance(h, Handle)])
    if times:
        since = since or min(times) - limits.before
        until = until or max(times) + limits.after
    span = trail.within(since, until)
    search = Search(span, limits)
    seeds = Seeds(search, rows=rows)
    known = {r["id"] for r in rows}
    seeds.missing = tuple(e for e in subject.events if e not in known)
    if since is None or until is None:
        return seeds
    seeds.handles = _handles(search, subject, rows, given)
    return seeds


def _named(trail: Trail, subject: Subject, limits: Limits) -> list[dict[str, Any]]:
    if not subject.events:
        return []
    return trail.rows(f"id in ({trail.listed(subject.events)})", limits.leading)


def _plain(subject: Subject) -> list[Handle | Pointer]:
    """What the subject names beside events, without restriction to addresses."""
    what = _NAMED.get(subject.kind, "the question")
    found: list[Handle | Pointer] = [
        Handle("key", key, why=f"signed with the access key that {what} names")
        for key in subject.keys
    ]
    if not found and not subject.events:
        for principal in subject.principals:
            kind = "issuer" if _ROLE.match(principal) else "arn"
            why = f"done by the principal that {what} names"
            found.append(Handle(kind, principal, why=why))  # type: ignore[arg-type]
    if not found and not subject.events:
        only = frozenset(a for a in subject.addresses if is_outside(a))
        for instance in filter(None, map(instance_of, subject.resources)):
            why = f"uses the role of the instance that {what} names"
            found.append(Handle("suffix", instance, only=only, why=why))
    if not found and not subject.events:
        for address in subject.addresses:
            if is_outside(address):
                why = f"from the address that {what} names"
                found.append(Handle("address", address, why=why, weak=True))
    return found


def _last_seen(trail: Trail, handles: Sequence[Handle]) -> list[datetime]:
    """The last activity of what is named, and as much before it as is looked at."""
    [row] = trail.ask(
        f"select min(t) as first, max(t) as last from {trail.flat()} e where "
        f"{trail.belongs(handles)}"
    )
    if row["last"] is None:
        return []
    return [max(row["first"], row["last"] - _RECENT), row["last"]]


def _handles(
    search: Search, subject: Subject, rows: Sequence[dict[str, Any]], given: list[Handle | Pointer]
) -> list[Handle | Pointer]:
    what = f"{_NAMED[subject.kind]} names" if subject.kind in _NAMED else "was asked about"
    found: list[Handle | Pointer] = list(given)
    have = {h.value for h in given if isinstance(h, Handle)}
    for row in rows:
        search.joined[row["id"]] = Joined(row, f"the event that {what}", named=True)
        if row["utype"] != "AWSService" and is_outside(row["address"]):
            search.addresses[row["address"]] = min(
                row["t"], search.addresses.get(row["address"], row["t"])
            )
        # The console signs with keys of its own for each service: there the session is the ARN
        # and its beginning, found by the search; the key of the event is a start.
        found += leads(row)
        if row["akey"] and row["akey"] not in have:
            have.add(row["akey"])
            why = f"signed with the same access key as the event that {what}"
            found.append(Handle("key", row["akey"], why=why, by=row["id"]))
        elif not row["akey"] and row["arn"] and row["utype"] not in ("AWSService", "AWSAccount"):
            why = f"done by the principal of the event that {what}"
            if row["eventname"] != "ConsoleLogin":
                found.append(Handle("arn", row["arn"], why=why, by=row["id"]))
    return _restricted(search, subject, rows, found)


def _restricted(
    search: Search,
    subject: Subject,
    rows: Sequence[Mapping[str, Any]],
    found: list[Handle | Pointer],
) -> list[Handle | Pointer]:
    """Without the usual traffic of the same credentials, where it is known what is not usual."""
    bad = {r["address"] for r in rows if r["address"]} | set(subject.addresses)
    if not any(map(is_outside, bad)):
        return found
    starts = [h for h in found if isinstance(h, Handle) and h.kind in ("key", "arn", "issuer")]
    sessions = search.trail.who(search.trail.belongs(starts)) if starts else []
    usual = search.habits(sorted({s["arn"] for s in sessions if s["arn"]}))
    search.usual.update({arn: found - bad for arn, found in usual.items()})
    inside = any(r["vpcendpointid"] for r in rows)
    out: list[Handle | Pointer] = []
    for one in found:
        mine = [s for s in sessions if isinstance(one, Handle) and _is_of(one, s)]
        if not mine or not isinstance(one, Handle):
            out.append(one)
            continue
        without: frozenset[str] = frozenset().union(*(search.usual.get(s["arn"], ()) for s in mine))
        delivered = any(s["delivery"] for s in mine) and not inside
        out.append(replace(one, without=without, outside=delivered))
    return out


def _is_of(handle: Handle, session: Mapping[str, Any]) -> bool:
    member = {"key": "akey", "arn": "arn", "issuer": "issuer"}.get(handle.kind)
    return member is not None and session[member] == handle.value
