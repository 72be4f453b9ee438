"""Sums judgements up: a row per duty, what would have stopped it first, whom to call, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC

from sharedline.duties.catalogue import load as load_duties
from sharedline.incident.model import Chain, Unknown
from sharedline.incident.verdict import Evidence, Judged, Judgement
from sharedline.incident.verdict_names import by_service, who
from sharedline.incident.verdict_rules import (
    ABSENT,
    FAILED,
    IMPOSSIBLE,
    INSUFFICIENT,
    STATUSES,
    UNDECIDABLE,
    capabilities,
)
from sharedline.incident.verdict_scans import Scans
from sharedline.model import NOBODY
from sharedline.text import iso

UNMET = (FAILED, ABSENT)
#: Rows of evidence that a duty shows; the rest stays with the steps.
MOST_EVIDENCE = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One duty × side × owner × status over all steps."""

    duty: str
    title: str
    side: str
    owner: str
    status: str
    effects: tuple[str, ...]
    why: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    steps: tuple[int, ...]
    #: The first step that the duty, met, would have stopped; None where it stops none.
    stops: int | None
    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to call, with the duties that are theirs."""

    owner: str
    person: str
    duties: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole verdict."""

    judged: Judged
    rows: tuple[Row, ...]
    #: Rows whose duty, met, would have stopped the chain first.
    first: tuple[Row, ...]
    unknown: tuple[Unknown, ...]
    calls: tuple[Call, ...]
    runbooks: tuple[str, ...]
    summary: tuple[str, ...]

    @property
    def chain(self) -> Chain:
        """The chain it judges."""
        return self.judged.chain

    @property
    def unmet(self) -> tuple[Row, ...]:
        """The customer's (and shared) duties that failed or were not in place."""
        return tuple(r for r in self.rows if r.status in UNMET and r.side != "aws")


def summed(judged: Judged, scans: Scans | None = None) -> Verdict:
    """The verdict of a judged chain."""
    known = scans or Scans()
    rows = _rows(judged.judgements)
    first = _first(rows)
    unknown = _unknown(judged)
    calls = _calls(rows, known)
    runbooks = tuple(dict.fromkeys(r.runbook for _, r in judged.kinds if r.runbook))
    verdict = Verdict(judged, rows, first, unknown, calls, runbooks, ())
    return Verdict(judged, rows, first, unknown, calls, runbooks, _summary(verdict))


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values if v))


def _rows(judgements: Sequence[Judgement]) -> tuple[Row, ...]:
    groups: dict[tuple[str, str, str, str], list[Judgement]] = {}
    for one in judgements:
        groups.setdefault((one.duty, one.side, one.owner, one.status), []).append(one)
    decided = {key[:3] for key in groups if key[3] in UNMET}
    rows = [
        _row(key, found)
        for key, found in groups.items()
        # What one step leaves open is told with that step; another step has decided the duty.
        if not (key[3] == UNDECIDABLE and key[:3] in decided)
    ]
    return tuple(sorted(rows, key=lambda r: (STATUSES.index(r.status), r.steps, r.duty)))


def _row(key: tuple[str, str, str, str], found: Sequence[Judgement]) -> Row:
    duty, side, owner, status = key
    duties = load_duties().duties
    stopping = [j.step for j in found if j.stops]
    # One kind of step proves the same again each time: its first is enough here.
    evidence = {
        (j.rule, e.kind, e.kind == "event" or e.says): e
        for j in reversed(found)
        for e in j.evidence
    }
    # What decides comes first, and what was met beside it last.
    ordered = sorted(dict.fromkeys(reversed(evidence.values())), key=lambda e: e.against)
    return Row(
        duty=duty,
        title=duties[duty].title if duty in duties else duty,
        side=side,
        owner=owner,
        status=status,
        effects=_unique(j.effect for j in found),
        why=_unique(j.why for j in found),
        evidence=tuple(ordered)[:MOST_EVIDENCE],
        steps=tuple(dict.fromkeys(j.step for j in found)),
        stops=min(stopping) if stopping else None,
        capabilities=_unique(j.capability for j in found),
    )


def _first(rows: Sequence[Row]) -> tuple[Row, ...]:
    """What would have stopped the chain first: only duties known to be unmet count."""
    stopping = [r for r in rows if r.status in UNMET and r.stops is not None]
    if not stopping:
        return ()
    earliest = min(r.stops for r in stopping if r.stops is not None)
    here = [r for r in stopping if r.stops == earliest]
    preventing = [r for r in here if "prevents" in r.effects]
    return tuple(preventing or here)


def _unknown(judged: Judged) -> tuple[Unknown, ...]:
    """What the chain cannot tell, and what the duties left open would need; each once."""
    found = {u.what: u for u in judged.chain.unknown}
    codes = {u.code for u in judged.chain.unknown if u.code}
    for one in judged.judgements:
        if one.needs is not None and one.needs.code not in codes:
            found.setdefault(one.needs.what, one.needs)
    open_duties = {j.duty for j in judged.judgements if j.status == UNDECIDABLE and j.needs is None}
    if open_duties and not judged.scans:
        what = "How the account was configured at that time"
        where = (
            "A scan at or before the first step; failing that, AWS Config's configuration history "
            "and the trail before it"
        )
        found.setdefault(what, Unknown(what, where, "scan"))
    return tuple(found.values())


def _calls(rows: Sequence[Row], scans: Scans) -> tuple[Call, ...]:
    """Owners to call, those of failed duties first; nobody last, as a gap of its own."""
    order: dict[str, list[Row]] = {}
    for row in rows:
        if row.side != "aws" and row.status in (*UNMET, UNDECIDABLE, INSUFFICIENT):
            order.setdefault(row.owner, []).append(row)
    calls = []
    for owner, mine in sorted(order.items(), key=lambda kv: kv[0] == NOBODY):
        unmet = [r for r in mine if r.status in UNMET]
        why = "their duties failed" if unmet else "they can say what is not known"
        if owner == NOBODY:
            why = "no owner rule names anybody: that is a gap of its own"
        duties = _unique(r.duty for r in (unmet or mine))
        calls.append(Call(owner, scans.person(owner), duties, why))
    return tuple(calls)


# -- in words ----------------------------------------------------------------------------------


def _listed(values: Sequence[str], most: int = 6) -> str:
    shown = list(values[:most])
    if len(values) > most:
        shown.append(f"{len(values) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _summary(verdict: Verdict) -> tuple[str, ...]:
    if not verdict.chain.steps:
        return ("No event of the trail belongs to this: nothing can be judged.",)
    sentences = [
        _happened(verdict.judged),
        _failed(verdict),
        _counterfactual(verdict),
        _impossible(verdict),
        _not_known(verdict),
        _whom(verdict),
    ]
    return tuple(s for s in sentences if s)


def _happened(judged: Judged) -> str:
    every = judged.chain.steps
    spoken = {p for p, _ in judged.kinds}
    steps = [s for n, s in enumerate(every) if n in spoken or not by_service(s)] or list(every)
    told = _unique(_lower(rule.title) for _, rule in judged.kinds)
    what = (
        _listed(told, 7) if told else f"made {len(steps)} kinds of request that no rule speaks of"
    )
    begin, end = min(s.time for s in steps), max(s.last or s.time for s in steps)
    first, last = begin.astimezone(UTC), end.astimezone(UTC)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%H:%M on %Y-%m-%d}"
    actors = _unique(who(s) for s in steps)
    others = f" with {len(actors) - 1} other principals" if len(actors) > 2 else ""
    if len(actors) == 2:
        others = f" with {actors[1]}"
    where = _unique(s.address for s in steps if s.address and "amazonaws" not in s.address)
    account = _unique(s.account for s in steps)
    place = f" in account {_listed(account, 3)}" if account else ""
    source = f", from {_listed(where, 3)}" if where else ""
    events = sum(s.count for s in steps)
    span = f"between {first:%H:%M} and {until}" if until != f"{first:%H:%M}" else f"at {until}"
    return (
        f"On {first:%Y-%m-%d} {span} UTC, {actors[0]}{others}{place} "
        f"{what}{source} ({events} event{'s' if events != 1 else ''})."
    )


def _told(rows: Sequence[Row]) -> str:
    """Duties with their owners, said once where they have the same."""
    owners = _unique(r.owner for r in rows)
    if len(owners) == 1:
        named = _listed([f"to {_lower(r.title)} ({r.duty})" for r in rows])
        return f"{named}{', owned by' if len(rows) == 1 else ', all owned by'} {owners[0]}"
    return _listed([f"to {_lower(r.title)} ({r.duty}, owner {r.owner})" for r in rows])


def _failed(verdict: Verdict) -> str:
    failed = [r for r in verdict.unmet if r.status == FAILED]
    absent = [r for r in verdict.unmet if r.status == ABSENT]
    provider = [r for r in verdict.rows if r.side == "aws" and r.status in UNMET]
    parts = []
    if failed:
        parts.append(f"The customer failed {_duties(failed)} {_told(failed)}")
    if absent:
        start = "nothing was in place for" if failed else "Nothing was in place for"
        parts.append(f"{start} {_duties(absent)} {_told(absent)}")
    if not parts:
        parts.append("No duty of the customer's can be said to have failed from this evidence")
    if provider:
        aws = _listed([r.duty for r in provider])
        return f"{'; '.join(parts)}; AWS failed on its own side ({aws})."
    return f"{'; '.join(parts)}; nothing in the evidence is a failure of AWS's."


def _duties(found: Sequence[Row]) -> str:
    return "the duty" if len(found) == 1 else f"{len(found)} duties:"


def _counterfactual(verdict: Verdict) -> str:
    if not verdict.first:
        if verdict.unmet:
            return "None of them would have stopped it: met, they would have shown it sooner."
        return ""
    row = verdict.first[0]
    assert row.stops is not None
    step = verdict.chain.steps[row.stops]
    if row.side == "aws":
        return f"Met, AWS's own duty ({row.duty}) would have stopped it at {step.name}."
    names = _listed([_lower(r.title) for r in verdict.first], 3)
    verb = "would have prevented" if "prevents" in row.effects else "would have limited"
    return (
        f"Met, the dut{'y' if len(verdict.first) == 1 else 'ies'} to {names} {verb} it first, at "
        f"{step.name} at {iso(step.time)}."
    )


def _impossible(verdict: Verdict) -> str:
    known = capabilities()
    rows = [r for r in verdict.rows if r.status == IMPOSSIBLE]
    named = _unique(c for r in rows for c in r.capabilities)
    if not named:
        return ""
    told = [f"{known[c].title} (since {known[c].date})" for c in named if c in known]
    return f"What could not have existed then: {_listed(told, 4)}."


def _not_known(verdict: Verdict) -> str:
    if not verdict.unknown:
        return ""
    # The first clause says what; the rest, and where it is found, stand with the list.
    told = [_lower(re.split(r"[:;] |, and ", u.what)[0]).rstrip(".") for u in verdict.unknown]
    return f"Not known from this evidence: {'; '.join(told[:4])}" + (
        f"; and {len(told) - 4} more." if len(told) > 4 else "."
    )


def _whom(verdict: Verdict) -> str:
    named = [c for c in verdict.calls if c.owner != NOBODY]
    if not named:
        if not verdict.calls:
            return ""
        book = f", then open the runbook {verdict.runbooks[0]}" if verdict.runbooks else ""
        return f"Nobody is named as owner of these duties: name one first{book}."
    told = [f"{c.owner} ({c.person})" if c.person else c.owner for c in named]
    book = f", and open the runbook {verdict.runbooks[0]}" if verdict.runbooks else ""
    return f"Call {_listed(told, 3)} first{book}."
