"""Found events as steps: like ones folded, each with its reason, technique and resources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sharedline.incident.chain_find import Joined, Search
from sharedline.incident.chain_links import Pointer, issued_key, parsed
from sharedline.incident.chain_sql import GROUP, Handle
from sharedline.incident.model import Step
from sharedline.incident.techniques import Techniques

#: Like events with less than this between them are one step.
_GAP = timedelta(hours=1)
_RESOURCES = 50
_WHO = ("arn", "invokedby", "principalid", "accountid")
_ARNS = ("roleArn", "policyArn", "functionName", "functionArn", "keyId", "secretId", "resourceArn")
_NAMES = (
    "bucketName",
    "userName",
    "roleName",
    "groupName",
    "instanceId",
    "snapshotId",
    "imageId",
    "volumeId",
    "tableName",
    "dBInstanceIdentifier",
    "dBSnapshotIdentifier",
    "repositoryName",
    "name",
    "modelId",
    "instanceProfileName",
)


def steps(search: Search, techniques: Techniques) -> tuple[tuple[Step, ...], int]:
    """The steps by time and id, and how many were left out by the bound."""
    links: list[Handle | Pointer] = [*search.handles, *search.pointers]
    led = {link.by for link in links if link.by and not _mere(search, link)}
    alone = {n: j for n, j in search.joined.items() if n in led or not _covered(search, j)}
    where = search.trail.belongs(search.handles, search.addresses)
    ids = sorted(led | set(alone))
    others = f"{where} and id not in ({search.trail.listed(ids)})"
    limit = search.limits.steps
    groups = search.trail.groups(others, 10 * limit + 1)
    folded = _merged(groups[: 10 * limit])
    listed = _ids(search, others, folded)
    whole = _rows(search, [g["one"]["id"] for g in folded] + ids)
    made = []
    for group in folded:
        row = whole.get(group["one"]["id"])
        if row is not None:
            made.append(_step(search, group, row, listed.get(id(group), ()), techniques))
    for name in ids:
        row = whole.get(name)
        if row is not None:
            made.append(_single(search, name, row, alone.get(name), techniques))
    left = max(0, len(groups) - 10 * limit)
    if len(made) > limit:
        left += len(made) - limit
        made.sort(key=lambda s: (set(s.tactics) <= {"discovery"}, s.strength, s.time, s.event))
        made = made[:limit]
    return _linked(search, sorted(made, key=lambda s: (s.time, s.event))), left


def _covered(search: Search, joined: Joined) -> bool:
    """Whether an event that the subject named is found by its credentials too."""
    return joined.named and search.owner(joined.row) is not None


def _mere(search: Search, link: Handle | Pointer) -> bool:
    """Whether a link only goes from a named event to its own credentials."""
    joined = search.joined.get(link.by)
    same = (joined.row["akey"], joined.row["arn"]) if joined else ()
    return isinstance(link, Handle) and link.kind in ("key", "arn") and link.value in same


def _rows(search: Search, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Whole rows; those of long ago are looked for beside the span."""
    found = search.trail.whole(ids)
    missing = [i for i in ids if i not in found]
    if missing:
        found.update(search.trail.within(None, None).whole(missing))
    return found


def _merged(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups of an hour joined with the like ones of the hour before."""
    by: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for group in sorted(groups, key=lambda g: (g["first"], g["one"]["id"])):
        like = by[tuple(group[c] for c in GROUP)]
        group["things"] = {t for t in group["things"] or () if t}
        if like and group["first"] - like[-1]["last"] <= _GAP:
            last = like[-1]
            last["n"] += group["n"]
            last["last"] = max(last["last"], group["last"])
            last["things"] |= group["things"]
        else:
            like.append(group)
    return [g for like in by.values() for g in like]


def _ids(search: Search, where: str, folded: list[dict[str, Any]]) -> dict[int, tuple[str, ...]]:
    by: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for group in folded:
        by[tuple(group[c] for c in GROUP)].append(group)
    found: dict[int, list[str]] = defaultdict(list)
    if any(g["n"] > 1 for g in folded):
        for row in search.trail.ids(where, search.limits.ids):
            for group in by.get(tuple(row[c] for c in GROUP), ()):
                if group["first"] <= row["t"] <= group["last"]:
                    found[id(group)].append(row["id"])
    return {name: tuple(ids) for name, ids in found.items()}


def _step(
    search: Search,
    group: Mapping[str, Any],
    row: dict[str, Any],
    ids: tuple[str, ...],
    techniques: Techniques,
) -> Step:
    owner = search.owner({**group, "t": group["first"]})
    one = str(group["one"]["id"])
    events = ids if one in ids else (one, *ids)
    named = next((j.why for e in events if (j := search.joined.get(e)) and j.named), "")
    more = tuple(sorted(group["things"]))[:_RESOURCES]
    return made(
        row,
        one,
        why=named or (owner.why if owner else "belongs to the same credentials"),
        by=owner.by if owner else "",
        weak=bool(owner and owner.weak),
        more=more,
        techniques=techniques.of(row, events),
        count=group["n"],
        last=group["last"],
        events=events,
    )


def _single(
    search: Search, name: str, row: dict[str, Any], joined: Joined | None, techniques: Techniques
) -> Step:
    if joined is None:
        flat = flattened(row, name)
        owner = search.owner(flat)
        joined = Joined(flat, owner.why, owner.by, owner.weak) if owner else Joined(flat, "")
    elif (
        not joined.by and not joined.named
    ):  # found from what it led to; what leads to it says more
        owner = search.owner(joined.row)
        if owner is not None and owner.by not in ("", name):
            joined = replace(joined, why=owner.why, by=owner.by)
    return made(
        row,
        name,
        why=joined.why,
        by=joined.by if joined.by != name else "",
        weak=joined.weak,
        more=(),
        techniques=techniques.of(row, (name,)),
        count=1,
        last=row["eventtime"],
        events=(name,),
    )


def flattened(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A whole row with the linking columns that queries give."""
    who = row["useridentity"] or {}
    session = who.get("sessioncontext") or {}
    return {
        "id": name,
        "t": row["eventtime"],
        "last": row["eventtime"],
        "eventname": row["eventname"],
        "address": row["sourceipaddress"],
        "akey": who.get("accesskeyid"),
        "arn": who.get("arn"),
        "utype": who.get("type"),
        "username": who.get("username"),
        "uaccount": who.get("accountid"),
        "issuer": (session.get("sessionissuer") or {}).get("arn"),
        "created": (session.get("attributes") or {}).get("creationdate"),
        "things": (),
    }


def made(
    row: dict[str, Any],
    name: str,
    *,
    why: str,
    by: str,
    weak: bool,
    more: tuple[str, ...],
    techniques: tuple[tuple[str, ...], tuple[str, ...]],
    count: int,
    last: Any,
    events: tuple[str, ...],
) -> Step:
    """A step of a whole row."""
    who = row["useridentity"] or {}
    session = who.get("sessioncontext") or {}
    source = row["eventsource"] or ""
    request, response = parsed(row["requestparameters"]), parsed(row["responseelements"])
    named = [r["arn"] for r in row["resources"] or () if r and r.get("arn")]
    named += [request[n] for n in (*_ARNS, *_NAMES) if isinstance(request.get(n), str)]
    return Step(
        time=row["eventtime"],
        event=name,
        name=f"{source.split('.')[0]}:{row['eventname']}",
        eventsource=source,
        eventname=row["eventname"] or "",
        account=row["recipientaccountid"] or who.get("accountid") or "",
        region=row["awsregion"] or "",
        principal=next((who[n] for n in _WHO if who.get(n)), ""),
        issuer=(session.get("sessionissuer") or {}).get("arn") or "",
        session=who.get("accesskeyid") or "",
        address=row["sourceipaddress"] or "",
        agent=row["useragent"] or "",
        resources=tuple(dict.fromkeys(r for r in (*named, *more) if r))[:_RESOURCES],
        error=row["errorcode"] or "",
        techniques=techniques[0],
        tactics=techniques[1],
        why=why,
        linked_to=by,
        strength="weak" if weak else "certain",
        request=request,
        response=response,
        row=row,
        count=count,
        last=last,
        events=events,
    )


def _linked(search: Search, found: Iterable[Step]) -> tuple[Step, ...]:
    """Steps without an event before them link to what issued their key, or their session's first."""
    ordered = list(found)
    known = {e: s.event for s in ordered for e in s.events}
    issued: dict[str, str] = {}
    for joined in search.joined.values():
        key = issued_key(joined.row)
        if key:
            issued.setdefault(key, str(joined.row["id"]))
    first: dict[str, str] = {}
    out = []
    for step in ordered:
        link = known.get(step.linked_to, "") if step.linked_to in known else step.linked_to
        if step.session:
            link = issued.get(step.session, "") or link or first.get(step.session, "")
            first.setdefault(step.session, step.event)
        out.append(replace(step, linked_to="" if link == step.event else link))
    return tuple(out)
