"""Whether each control part is met, by what, and whose half is missing: the answer per part."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sharedline.comply import weigh
from sharedline.comply.model import Part
from sharedline.comply.package.inputs import BARE, Half, Inputs, Report, Tally
from sharedline.model import NOBODY, Attestation, Side, Status

#: Statuses of findings that leave nothing to do.
GOOD = frozenset({"met", "inherited"})


@dataclass
class Count:
    """The answers of one check over the whole population."""

    by_status: Counter[str] = field(default_factory=Counter)
    since: datetime | None = None
    owners: Counter[str] = field(default_factory=Counter)

    @property
    def population(self) -> int:
        """How many findings it gave."""
        return sum(self.by_status.values())

    @property
    def exceptions(self) -> int:
        """How many of them are not met."""
        return self.population - sum(self.by_status[s] for s in GOOD)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one control part at the end of the window."""

    part: Part
    status: Status
    #: Whether every half of it is shown to be done: only then OSCAL may say `satisfied`.
    satisfied: bool
    #: What the status rests on: `named`, `mapped`, `duty`, `statement`, `report` or nothing.
    basis: str
    reason: str
    #: Checks that name the part, and those that only look at the same duty; with a population.
    checks: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
    attestations: tuple[int, ...] = ()
    owners: tuple[str, ...] = ()
    #: Whether AWS's half is proved by a report, or there is none of it.
    inherits: bool = False


def count(tallies: Sequence[Tally]) -> dict[str, Count]:
    """The answers by check."""
    out: dict[str, Count] = defaultdict(Count)
    for t in tallies:
        one = out[t.check]
        one.by_status[t.status] += t.count
        one.owners[t.owner] += t.count
        if t.since and (one.since is None or t.since < one.since):
            one.since = t.since
    return dict(out)


def judge(inputs: Inputs, counts: Mapping[str, Count]) -> dict[str, Verdict]:
    """The verdict on every part in scope that is more than a heading, by its id."""
    attested = _attested(inputs)
    reports = {r.key: r for r in inputs.reports}
    return {
        name: _verdict(inputs, part, counts, attested, reports)
        for name, part in inputs.parts.items()
        if not part.header
    }


@dataclass
class Stated:
    """What people state of one duty: which attestations, for which accounts."""

    numbers: list[int] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)


def _attested(inputs: Inputs) -> dict[str, Stated]:
    """The attestations in force by duty; one of a resource says nothing of a control over all."""
    out: dict[str, Stated] = defaultdict(Stated)
    accounts = set(inputs.scan.accounts)
    for number, a in enumerate(inputs.attestations):
        covers = accounts if a.scope in ("", "*") else accounts & {a.scope}
        if covers and in_force(a, inputs):
            out[a.duty].numbers.append(number)
            out[a.duty].accounts |= covers
    return dict(out)


def in_force(attestation: Attestation, inputs: Inputs) -> bool:
    """Whether it was made by the end of the window and had not expired then."""
    return attestation.at <= inputs.window.last < attestation.expires


def _verdict(
    inputs: Inputs,
    part: Part,
    counts: Mapping[str, Count],
    attested: Mapping[str, Stated],
    on_file: Mapping[str, Report],
) -> Verdict:
    proof = inputs.proofs.get(part.id)
    named = proof.named + proof.mapped if proof else ()
    checks = tuple(c for c in named if c in counts)
    related = tuple(c for c in (proof.duty if proof else ()) if c in counts)
    stated = [attested.get(d, Stated()) for d in part.duties]
    statements = tuple(dict.fromkeys(n for one in stated for n in one.numbers))
    attests = _covered(stated, len(inputs.scan.accounts))
    owners = tuple(dict.fromkeys(o for d in part.duties for o in inputs.duty_owners.get(d, ())))
    if part.side is Side.AWS:
        checks = related = statements = ()
        owners = ("AWS",)
    half = inputs.halves.get(part.id, BARE)
    if part.side not in (Side.AWS, Side.SHARED):
        half = Half(True, "")
    reports = tuple(on_file[k] for k in half.reports if k in on_file)
    lacking = "" if half.proved else f"AWS's half: {half.sentence}"
    if part.side is Side.AWS:
        status, basis = Status.INHERITED, "report" if half.proved else ""
        reason = lacking or f"AWS's half: {half.sentence}"
    elif part.side is Side.UNKNOWN:
        status, basis = Status.UNKNOWN, ""
        reason = "Nobody has drawn the line here: who must act is not known."
    else:
        # A mapped proof counts as one that names the part: somebody said that both ask the same.
        how = "named" if proof and any(c in counts for c in proof.named) else "mapped"
        status, basis, reason = _customer_half(counts, checks, related, attests, how)
        reason = " ".join(filter(None, (reason, lacking)))
    done = status in (Status.INHERITED, Status.MET) and half.proved
    return Verdict(
        part, status, done, basis, reason, checks, related, reports, statements, owners, half.proved
    )


def _customer_half(
    counts: Mapping[str, Count],
    checks: Sequence[str],
    related: Sequence[str],
    stated: str,
    how: str,
) -> tuple[Status, str, str]:
    """The status of what the customer must do, what it rests on, and why, in a sentence."""
    if weighed := weigh.named(_sum(counts, checks)):
        return weighed[0], how, weighed[1]
    bad, said = weigh.of_duty(_sum(counts, related))
    if stated == _WHOLE and not bad:
        return Status.MET, "statement", "A person attests its duty."
    told = "Its duty is attested." if stated == _WHOLE else stated or "Nobody attests it."
    if said:
        return Status.UNVERIFIED, "duty", f"{said} {told}"
    if stated:
        return Status.UNVERIFIED, "", stated
    return Status.UNVERIFIED, "", "Nothing checks it and nobody attests it."


_WHOLE = "whole"


def _covered(stated: Sequence[Stated], accounts: int) -> str:
    """`whole` where every duty is attested for every account; else how far, if at all."""
    least = min((len(one.accounts) for one in stated), default=0)
    if accounts and least == accounts:
        return _WHOLE
    most = max((len(one.accounts) for one in stated), default=0)
    if most and not least:
        return "Some of its duties are attested, and some are not."
    return f"It is attested for {least} of {accounts} accounts only." if least else ""


def _sum(counts: Mapping[str, Count], checks: Sequence[str]) -> Counter[str]:
    out: Counter[str] = Counter()
    for check in checks:
        out.update(counts[check].by_status)
    return out


def owners_of(verdict: Verdict) -> tuple[str, ...]:
    """The customer's teams that own the part's duties; nobody is no team."""
    return tuple(o for o in verdict.owners if o not in (NOBODY, "AWS"))
