"""The verdict: for each step the duties that bear on it, their side, owner, status and evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC

from sharedline.incident import verdict_match
from sharedline.incident.model import Chain, Step, Unknown
from sharedline.incident.verdict_around import Around
from sharedline.incident.verdict_names import who
from sharedline.incident.verdict_rules import (
    ABSENT,
    FAILED,
    IMPOSSIBLE,
    INSUFFICIENT,
    UNDECIDABLE,
    Capability,
    Entry,
    Proof,
    Rule,
    applied,
    capabilities,
)
from sharedline.incident.verdict_scans import Found, Place, Scans
from sharedline.inventory.lake import Manifest
from sharedline.model import Side
from sharedline.text import iso

AWS = "AWS"
#: Areas of duties that are met or not for an account: a detector, a trail, an alarm, a guardrail.
WHOLE_ACCOUNT = frozenset({"monitoring", "response", "configuration", "network"})
_INSTANCE = re.compile(r"\bi-[0-9a-f]{8,17}\b")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a status is what it is: an event, a finding of a scan, a date, or what is missing."""

    kind: str
    says: str
    ref: str = ""
    #: A check that was met, beside what shows that the duty was not.
    against: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """One step × one duty."""

    step: int
    rule: str
    duty: str
    effect: str
    side: str
    owner: str
    status: str
    why: str
    evidence: tuple[Evidence, ...]
    #: Whether a met duty would have stopped this step.
    stops: bool = False
    capability: str = ""
    #: Where the side comes from.
    line: str = ""
    needs: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Every judgement of a chain, and what they were made from."""

    chain: Chain
    judgements: tuple[Judgement, ...]
    kinds: tuple[tuple[int, Rule], ...]
    #: The scan at or before each step's time, by its id.
    scans: tuple[Manifest, ...] = ()
    later: Manifest | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)

    def of(self, step: int) -> tuple[Judgement, ...]:
        """The judgements of a step."""
        return tuple(j for j in self.judgements if j.step == step)


def judge(
    chain: Chain, rules: Sequence[Rule], scans: Scans | None = None, around: Around | None = None
) -> Judged:
    """Judges every step of a chain by the rules, the events themselves, and the scans."""
    known, rest = scans or Scans(), around or Around()
    kinds = applied(rules, chain)
    judgements: list[Judgement] = []
    for position, rule in kinds:
        for entry in rule.duties:
            judge_one = _Case(chain, position, rule, entry, known, rest)
            made = judge_one.judgement()
            if made is not None:
                judgements.append(made)
    used = [known.at(s.time) for s in chain.steps]
    found = {m.id: m for m in used if m is not None}
    last = max((s.last or s.time for s in chain.steps), default=None)
    later = known.after(last) if last else None
    return Judged(chain, tuple(judgements), tuple(kinds), tuple(found.values()), later)


class _Case:
    """One step and one duty of a rule, with all that can be known of them."""

    def __init__(
        self, chain: Chain, position: int, rule: Rule, entry: Entry, scans: Scans, around: Around
    ) -> None:
        self.chain, self.position, self.rule, self.entry = chain, position, rule, entry
        self.scans, self.around = scans, around
        self.step = chain.steps[position]
        self.manifest = scans.at(self.step.time)
        self.place = _place(self.step, entry, chain)

    def judgement(self) -> Judgement | None:
        """The judgement; None where the line puts a customer's duty on AWS's side."""
        entry = self.entry
        seen = self._findings(self.manifest)
        arn = self.place.things[0] if self.place.things else ""
        side, says = self.scans.side(entry.duty, entry.service, arn, seen)
        if self.rule.kind == "aws":
            side, says = Side.AWS.value, "the rule: a flaw on the provider's side"
        elif side == Side.AWS:
            return None
        status, evidence = self._status(seen)
        aws = side == Side.AWS
        stops = entry.effect != "detects" and status in (FAILED, ABSENT, UNDECIDABLE)
        owner = AWS if aws else self.scans.owner(entry.duty, entry.service, self.place, seen)
        return Judgement(
            step=self.position,
            rule=self.rule.id,
            duty=entry.duty,
            effect=entry.effect,
            side=side,
            owner=owner,
            status=status,
            why=entry.why,
            evidence=tuple(evidence),
            stops=stops,
            capability=entry.capability,
            line=says,
            needs=entry.needs if status == UNDECIDABLE else None,
        )

    def _findings(self, manifest: Manifest | None) -> list[Found]:
        if manifest is None or not self.entry.checks:
            return []
        return self.scans.findings(manifest, self.entry.checks, self.place)

    def _status(self, seen: list[Found]) -> tuple[str, list[Evidence]]:
        """The capability's date first, then the events, then the scans; else undecidable."""
        capability = capabilities().get(self.entry.capability)
        if capability and not capability.existed(self.step.time):
            return IMPOSSIBLE, [self._date(capability)]
        proof = self._proof()
        scanned = self._scanned(seen)
        if proof:
            event = Evidence("event", self._filled(proof.says), self.step.event)
            return proof.status, [event, *(e for e in scanned[1] if e.kind != "missing")]
        return scanned

    def _date(self, capability: Capability) -> Evidence:
        day = self.step.time.astimezone(UTC).date()
        says = f"{capability.title} became available on {capability.date}; this was on {day}."
        if self.entry.instead:
            says += f" What could be done then: {self.entry.instead}"
        return Evidence("date", says, capability.source)

    def _proof(self) -> Proof | None:
        """The first conditions of the rule under which the events alone decide."""
        plain = verdict_match.look(self.step, self.chain)
        answered = self.around.answered(self.step, self.chain)
        own = self.around.own_use(self.step)
        end = max(s.last or s.time for s in self.chain.steps)
        told: dict[str, object] = {
            "around.answered": answered,
            "around.own_use": own,
            "around.minutes": (end - self.step.time).total_seconds() / 60,
            "around.recorded_after": any(
                s.time > self.step.time and s.account == self.step.account for s in self.chain.steps
            ),
        }

        def look(path: str) -> list[object]:
            if path.startswith("around."):
                value = told.get(path)
                return [] if value is None else [value]
            return plain(path)

        for proof in self.entry.proves:
            if verdict_match.all_hold(look, proof.when, self.step.account):
                return proof
        return None

    def _filled(self, says: str) -> str:
        step = self.step
        end = max(s.last or s.time for s in self.chain.steps)
        minutes = int((end - step.time).total_seconds() // 60)
        values = {
            "name": step.name,
            "principal": who(step),
            "key": step.session or "no key",
            "resource": step.resources[0] if step.resources else "the account",
            "address": step.address or "an unnamed address",
            "account": step.account,
            "caller": str((step.row.get("useridentity") or {}).get("accountid") or "unknown"),
            "begin": iso(step.time),
            "end": iso(end),
            "minutes": f"{minutes} minutes" if minutes != 1 else "1 minute",
            "count": str(step.count),
        }
        filled = re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], m[0]), says)
        return filled[:1].upper() + filled[1:]

    def _scanned(self, seen: list[Found]) -> tuple[str, list[Evidence]]:
        if not self.entry.checks:
            needs = self.entry.needs
            told = f"The trail does not show it; what would: {needs.where}." if needs else ""
            return UNDECIDABLE, self._missing(told or "No check measures this duty here.")
        if self.manifest is None:
            return UNDECIDABLE, [*self._missing(self._no_scan()), *self._afterwards()]
        if not seen:
            says = f"The scan of {iso(self.manifest.as_of)} has no finding of it for this resource."
            return UNDECIDABLE, self._missing(says)
        unmet = [f for f in seen if f.status == "unmet" and self._bears(f)]
        elsewhere = [f for f in seen if f.status == "unmet" and not self._bears(f)]
        waived = [f for f in seen if f.status == "waived"]
        unknown = [f for f in seen if f.status == "unknown"]
        if unmet:
            return self.entry.unmet, [self._finding(f) for f in unmet[:4]]
        if waived:
            return ABSENT, [self._finding(f) for f in waived[:4]]
        if elsewhere:  # a gap of the same account, of which no step of the chain made use
            return UNDECIDABLE, [self._finding(f) for f in elsewhere[:2]]
        if unknown or not any(f.status == "met" for f in seen):
            return UNDECIDABLE, [self._finding(f) for f in unknown[:4]]
        return INSUFFICIENT, [self._finding(f) for f in seen[:4]]

    def _bears(self, found: Found) -> bool:
        """Whether a finding is of what the step touched, or of what concerns a whole account."""
        if self.entry.duty.partition(".")[0] in WHOLE_ACCOUNT or found.resource.endswith(":root"):
            return True
        return any(found.resource in (thing, *thing.split("/")[:1]) for thing in self.place.things)

    def _no_scan(self) -> str:
        if not self.scans.manifests:
            return "There is no scan that says how it was configured then."
        first = iso(self.scans.manifests[0].as_of)
        return f"There is no scan at or before {iso(self.step.time)}; the first is of {first}."

    def _afterwards(self) -> list[Evidence]:
        """What the first later scan found, which says nothing of the time of the step."""
        later = self.scans.after(self.step.time)
        found = [f for f in self._findings(later) if f.status in ("met", "unmet")]
        return [
            Evidence(
                "later scan",
                f"The scan of {iso(later.as_of)}, after the step, found {f.check} {f.status} on "
                f"{f.resource}: that says what was then, not what was at the step.",
                f.check,
            )
            for f in found[:2]
            if later
        ]

    def _missing(self, says: str) -> list[Evidence]:
        return [Evidence("missing", says)]

    def _finding(self, found: Found) -> Evidence:
        assert self.manifest is not None
        when = iso(self.manifest.as_of)
        says = f"{found.check} was {found.status} on {found.resource} in the scan of {when}"
        against = found.status == "met"
        return Evidence("finding", f"{says}: {found.reason}", found.check, against)


def _place(step: Step, entry: Entry, chain: Chain) -> Place:
    """The ARNs that an entry's duty is looked for on."""
    things: list[str] = []
    if "resource" in entry.of:
        for arn in step.resources:
            if arn.startswith("arn:aws:s3:::"):
                things.append("/".join(arn.split("/")[:1]))
            things.append(arn)
    if "issuer" in entry.of and step.issuer:
        things.append(step.issuer)
    if "principal" in entry.of and step.principal:
        things.append(step.principal)
    if "instance" in entry.of:
        texts = (step.principal, *step.resources)
        ids = dict.fromkeys(i for t in texts for i in _INSTANCE.findall(t))
        things += [
            f"arn:aws:ec2:{_region(i, step, chain)}:{step.account}:instance/{i}" for i in ids
        ]
    named = tuple(dict.fromkeys(t for t in things if t))
    return Place(named, step.account, step.region, "account" in entry.of)


def _region(instance: str, step: Step, chain: Chain) -> str:
    """Where an instance is: its credentials are delivered there, and may be used in any Region."""
    for one in chain.steps:
        if one.name == "sts:AssumeRole" and one.request.get("roleSessionName") == instance:
            return one.region
    return chain.subject.region or step.region
