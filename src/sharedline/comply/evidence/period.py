"""Whether a control operated over a period: what was looked at, how often, with what exceptions.

It operated if every check that speaks for it was looked at from the period's first days to its
last, never further apart than asked, and had no exception that nobody accepted. It did not if one
had. All else cannot be shown, and why is said: a silence is no proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from sharedline.comply.evidence.choose import By, Chosen
from sharedline.comply.evidence.looks import (
    Exceptional,
    Gap,
    Look,
    coverage,
    exceptions,
    gaps,
    look_of,
    lost,
)

Item = Mapping[str, Any]


class Verdict(StrEnum):
    """What can be said of a period, the worst first."""

    DID_NOT = "did not"
    UNSHOWN = "cannot be shown"
    OPERATED = "operated"


@dataclass
class OverTime:
    """One check over the period."""

    check: str
    statement: str
    duty: str
    by: By
    looks: list[Look] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    exceptions: list[Exceptional] = field(default_factory=list)
    verdict: Verdict = Verdict.UNSHOWN
    why: str = ""


@dataclass
class Answer:
    """What the log says of a control, duty or check over a period."""

    asked: str
    title: str
    start: date
    end: date
    verdict: Verdict
    why: str
    checks: list[OverTime]
    #: Attestations, waivers and reports that touch the period, with their indexes.
    statements: list[tuple[int, Item]]
    #: Looks drawn for a person to go through, the same for the same seed.
    drawn: list[tuple[OverTime, Look]]


def answer(
    asked: str,
    chosen: Chosen,
    items: Iterable[tuple[int, Item]],
    start: date,
    end: date,
    *,
    every: int = 7,
    samples: int = 25,
    seed: str = "",
) -> Answer:
    """What the log says; `every` is the most days between two looks."""
    found = list(items)
    over = _by_check(chosen, found, start, end)
    begun, ended = _first(start), _last(end)
    for one in over:
        one.gaps = gaps([k.observed for k in one.looks], begun, ended, every)
        one.exceptions = exceptions(one.looks)
        one.verdict, one.why = _judge(one, every)
    statements = [(i, x) for i, x in found if _touches(x, chosen, over, begun, ended)]
    verdict, why = _together(over, statements, begun, ended)
    order = list(Verdict)
    over.sort(key=lambda o: (order.index(o.verdict), o.by == "duty", o.check))
    return Answer(
        asked=asked,
        title=chosen.title,
        start=start,
        end=end,
        verdict=verdict,
        why=why,
        checks=over,
        statements=statements,
        drawn=draw(over, samples, seed),
    )


def _first(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _last(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)


def _by_check(
    chosen: Chosen, items: Sequence[tuple[int, Item]], start: date, end: date
) -> list[OverTime]:
    """The looks of each check in the period; of a scan judged twice, the later judgement."""
    looks: dict[str, dict[str, Look]] = {}
    said: dict[str, Item] = {}
    scans = {
        x["ref"]["scan"]: coverage(x)
        for _, x in items
        if x["kind"] == "note" and "scan" in x.get("ref", {})
    }
    for index, item in items:
        if item["kind"] != "check" or item["query"]["id"] not in chosen.checks:
            continue
        check = item["query"]["id"]
        said[check] = item
        scanned = scans.get(item.get("ref", {}).get("scan", ""), frozenset())
        look = look_of(index, item, scanned)
        if start <= look.observed.date() <= end:
            looks.setdefault(check, {})[look.scan or str(index)] = look
    return [
        OverTime(
            check,
            item["statement"],
            item.get("duty", ""),
            chosen.checks[check],
            sorted(looks.get(check, {}).values(), key=lambda k: (k.observed, k.index)),
        )
        for check, item in sorted(said.items())
    ]


def _judge(one: OverTime, every: int) -> tuple[Verdict, str]:
    failing = [k for k in one.looks if k.open > 0]
    if failing:
        most = max(k.open for k in failing)
        first = f"{failing[0].observed:%Y-%m-%d}"
        return Verdict.DID_NOT, (
            f"{len(failing)} of {len(one.looks)} looks had exceptions, at most {most}, "
            f"first on {first}"
        )
    if not one.looks:
        return Verdict.UNSHOWN, "no look in the period"
    if one.gaps:
        longest = max(one.gaps, key=lambda g: g.end - g.start)
        return Verdict.UNSHOWN, (
            f"no look from {longest.start:%Y-%m-%d} to {longest.end:%Y-%m-%d} "
            f"({longest.days} days, {every} allowed)"
        )
    blind = [k for k in one.looks if k.unknown]
    if blind:
        return Verdict.UNSHOWN, f"{len(blind)} of {len(one.looks)} looks could not read everything"
    if not any(k.population for k in one.looks):
        return Verdict.UNSHOWN, "there was nothing that it applies to"
    if left_out := lost(one.looks):
        return Verdict.UNSHOWN, f"not every look covered {left_out[0]}"
    accepted = sum(1 for k in one.looks if k.waived)
    more = f"; accepted exceptions in {accepted}" if accepted else ""
    return Verdict.OPERATED, f"{_many(len(one.looks), 'look')} without an exception{more}"


def _together(
    over: Sequence[OverTime],
    statements: Sequence[tuple[int, Item]],
    start: datetime,
    end: datetime,
) -> tuple[Verdict, str]:
    """The one verdict: the worst of the checks; without checks, what people stated."""
    failed = [o for o in over if o.verdict == Verdict.DID_NOT]
    if failed:
        return (
            Verdict.DID_NOT,
            f"{len(failed)} of {len(over)} checks had exceptions nobody accepted",
        )
    # What there is nothing of cannot fail; it is no reason to doubt what was looked at.
    there = [o for o in over if not o.looks or any(k.population or k.unknown for k in o.looks)]
    unshown = [o for o in there if o.verdict == Verdict.UNSHOWN]
    if unshown:
        return Verdict.UNSHOWN, f"{unshown[0].check}: {unshown[0].why}" + (
            f" ({len(unshown)} of {len(over)} checks)" if len(unshown) > 1 else ""
        )
    if there:
        return Verdict.OPERATED, f"over the whole period, by {_many(len(there), 'check')}"
    if over:
        return Verdict.UNSHOWN, "there was nothing that the checks apply to"
    spans = [s for _, x in statements if _is_for_all(x) and (s := _span(x))]
    if not spans:
        return Verdict.UNSHOWN, "no check speaks for it, and no attestation for all of it"
    at = start
    for first, last in sorted(spans):
        if first > at:
            break
        at = max(at, last)
    if at < end:
        return Verdict.UNSHOWN, f"no check, and no attestation covers {at:%Y-%m-%d}"
    return Verdict.OPERATED, "as attested by people; no check measures it"


def _is_for_all(item: Item) -> bool:
    """Whether a person attested the duty everywhere, not for some resources."""
    scope = item.get("subject", {}).get("scope", "*")
    return item["kind"] == "attestation" and scope in ("*", "")


def _span(item: Item) -> tuple[datetime, datetime] | None:
    effective = item.get("effective", {})
    if "from" not in effective or "to" not in effective:
        return None
    return datetime.fromisoformat(effective["from"]), datetime.fromisoformat(effective["to"])


def _touches(
    item: Item, chosen: Chosen, over: Sequence[OverTime], start: datetime, end: datetime
) -> bool:
    """Whether a statement is about the duties or checks asked about, in the period."""
    if item["kind"] == "check":
        return False
    duties = chosen.duties or {o.duty for o in over}
    about = item.get("duty") in duties or item.get("ref", {}).get("check") in chosen.checks
    span = _span(item)
    if not about:
        return False
    if span is None:
        return start <= datetime.fromisoformat(item["observed"]) <= end
    return span[0] <= end and span[1] >= start


def draw(over: Sequence[OverTime], count: int, seed: str) -> list[tuple[OverTime, Look]]:
    """Looks for a person to go through: those whose SHA-256 of `seed:index` is lowest.

    Anybody can draw them again, and who runs the checks cannot choose them.
    """
    every = [(o, k) for o in over for k in o.looks]

    def place(found: tuple[OverTime, Look]) -> bytes:
        return hashlib.sha256(f"{seed}:{found[1].index}".encode()).digest()

    return sorted(sorted(every, key=place)[:count], key=lambda f: f[1].index)


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
