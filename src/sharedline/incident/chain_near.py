"""What an address in common says: others that came from where the chain came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sharedline.incident.chain_find import Search
from sharedline.incident.chain_links import Pointer
from sharedline.incident.chain_sql import Handle


def neighbours(search: Search) -> list[Handle | Pointer]:
    """Weak handles for callers who were at an address of the chain and do not belong there.

    An address that several use, or where somebody was at home before the chain came, says nothing:
    offices and lecture halls share one, and so do the people of many public recordings.
    """
    trail = search.trail
    if not search.addresses or trail.since is None:
        return []
    wide = trail.within(trail.since - search.limits.usual, trail.until)
    listed = wide.listed(search.addresses)
    callers = wide.ask(
        f"select address, arn, akey, min(t) as first, count(*) as n from {wide.flat()} e where "
        f"address in ({listed}) and arn is not null and coalesce(utype, '') <> 'AWSService' "
        f"group by address, arn, akey order by first, arn, akey limit 5000"
    )
    mine = {arn for _, arn in search.sessions}
    others = [c for c in callers if c["arn"] not in mine]
    elsewhere = _elsewhere(search, sorted({c["arn"] for c in others}))
    by_address: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for caller in others:
        by_address[caller["address"]].append(caller)
    found: list[Handle | Pointer] = []
    for address, there in sorted(by_address.items()):
        found += _at(search, address, there, elsewhere)
    return found


def _elsewhere(search: Search, arns: list[str]) -> dict[str, dict[str, Any]]:
    """For each principal its addresses and when it was first seen at each."""
    if not arns:
        return {}
    assert search.trail.since is not None
    wide = search.trail.within(search.trail.since - search.limits.usual, search.trail.until)
    rows = wide.ask(
        f"select arn, address, min(t) as first from {wide.flat()} e "
        f"where arn in ({wide.listed(arns)}) and address is not null group by arn, address"
    )
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        found[row["arn"]][row["address"]] = row["first"]
    return found


def _at(
    search: Search,
    address: str,
    there: list[dict[str, Any]],
    elsewhere: Mapping[str, Mapping[str, Any]],
) -> Iterator[Handle]:
    names = sorted({c["arn"] for c in there})
    came = search.addresses[address]
    since = search.trail.since
    assert since is not None
    if len(names) > search.limits.callers:
        search.notes.append(
            f"{len(names)} other callers used the address {address}: it was not followed."
        )
        return
    home = []
    for arn in names:
        first = min(c["first"] for c in there if c["arn"] == arn)
        before = any(t < first for a, t in elsewhere.get(arn, {}).items() if a != address)
        if first < since or (first < came and not before):
            home.append(arn)
    if home:
        who = ", ".join(a.rsplit(":", 1)[-1] for a in home)
        search.notes.append(
            f"The address {address} was already in use by {who}: that others came from there "
            "links nobody to the chain."
        )
        return
    for caller in there:
        why = f"came from the address {address} too (a weak link)"
        kind, value = ("key", caller["akey"]) if caller["akey"] else ("arn", caller["arn"])
        yield Handle(kind, value, only=frozenset({address}), why=why, weak=True)  # type: ignore[arg-type]
