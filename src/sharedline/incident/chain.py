"""The chain of events around a subject: linked by credentials, by what they made, by address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sharedline.incident.chain_find import Limits, Search
from sharedline.incident.chain_links import is_address, is_outside
from sharedline.incident.chain_near import neighbours
from sharedline.incident.chain_seeds import plant
from sharedline.incident.chain_sql import Trail
from sharedline.incident.chain_steps import steps as steps_of
from sharedline.incident.chain_unknown import unknowns
from sharedline.incident.model import Chain, Step, Subject, Unknown
from sharedline.incident.techniques import Detected, Techniques
from sharedline.inventory.engines import Engine

#: Valid accounts in the cloud: what the use of somebody else's credentials is.
_ABUSE = "T1078.004"


def build(
    engine: Engine,
    subject: Subject,
    *,
    detections: Iterable[Detected] = (),
    table: str = "cloudtrail",
    since: datetime | None = None,
    until: datetime | None = None,
    limits: Limits | None = None,
) -> Chain:
    """The chain around a subject, from the table of events that the engine knows."""
    limits = limits or Limits()
    detections = tuple(detections)
    found = _build(engine, subject, detections, table, since, until, limits)
    if found.steps or not (subject.keys and subject.principals):
        return found
    # A finding names one key of several, or one that only the other logs know.
    wider = replace(subject, keys=())
    again = _build(engine, wider, detections, table, since, until, limits)
    if not again.steps:
        return found
    listed = ", ".join(subject.keys)
    note = f"The trail has nothing of the access key {listed}: the chain is its principal's."
    return replace(again, subject=subject, notes=(note, *again.notes))


def _build(
    engine: Engine,
    subject: Subject,
    detections: tuple[Detected, ...],
    table: str,
    since: datetime | None,
    until: datetime | None,
    limits: Limits,
) -> Chain:
    seeds = plant(Trail(engine, table), subject, limits, since, until)
    search = seeds.search
    span = search.trail
    if span.since is None or span.until is None:
        found = tuple(unknowns(search, subject, (), seeds.missing))
        return Chain(subject, unknown=found)
    search.run(*search.add(seeds.handles))
    search.run(*search.add(neighbours(search)))
    made, left = steps_of(search, Techniques(detections))
    made = tuple(_abused(made, search))
    missing = list(unknowns(search, subject, made, seeds.missing))
    if left:
        missing.append(
            Unknown(
                f"{left} further steps: the chain is longer than what is listed.",
                "Ask for a shorter time, or start from a later event.",
                "bound",
            )
        )
    notes = (*search.notes, *_addresses(search, made))
    cut = bool(left or search.cut)
    return Chain(subject, made, tuple(missing), cut, span.since, span.until, notes)


def _abused(made: Sequence[Step], search: Search) -> Iterable[Step]:
    """Marks where credentials of a machine are first used from outside."""
    seen: set[str] = set()
    for step in made:
        session = (step.row.get("useridentity") or {}).get("sessioncontext") or {}
        delivered = session.get("ec2roledelivery")
        first = step.session not in seen and step.address in search.addresses
        if delivered and first and is_outside(step.address):
            seen.add(step.session)
            techniques = tuple(dict.fromkeys((_ABUSE, *step.techniques)))
            tactics = tuple(dict.fromkeys(("initial-access", *step.tactics)))
            yield replace(step, techniques=techniques, tactics=tactics)
        else:
            yield step


def _addresses(search: Search, made: Sequence[Step]) -> Iterable[str]:
    """Sentences about credentials that were used from more than one address."""
    keys = sorted({s.session for s in made if s.session})
    if not keys:
        return
    trail = search.trail
    rows = trail.ask(
        f"select akey, address, count(*) as n, min(t) as first from {trail.flat()} e where akey in "
        f"({trail.listed(keys)}) and address is not null group by akey, address "
        "order by akey, first, address"
    )
    inside = {(s.session, s.address) for s in made}
    for key in keys:
        mine = [r for r in rows if r["akey"] == key and is_address(r["address"])]
        if len(mine) > 1:
            told = [
                f"{r['address']} ({r['n']}"
                + ("" if (key, r["address"]) in inside else ", its usual place: not in the chain")
                + ")"
                for r in mine[:6]
            ]
            more = f" and {len(mine) - 6} more" if len(mine) > 6 else ""
            yield (
                f"The access key {key} was used from {len(mine)} addresses, as stolen keys are: "
                f"{', '.join(told)}{more}."
            )


def chains(
    engine: Engine,
    subjects: Sequence[Subject],
    *,
    detections: Iterable[Detected] = (),
    table: str = "cloudtrail",
    since: datetime | None = None,
    until: datetime | None = None,
    limits: Limits | None = None,
) -> list[Chain]:
    """A chain for each subject that is not already told by the chain of one before it."""
    found: list[Chain] = []
    told: set[str] = set()
    detections = tuple(detections)
    for subject in subjects:
        if subject.events and set(subject.events) <= told:
            continue
        chain = build(
            engine,
            subject,
            detections=detections,
            table=table,
            since=since,
            until=until,
            limits=limits,
        )
        told.update(e for s in chain.steps for e in s.events)
        found.append(chain)
    return found
