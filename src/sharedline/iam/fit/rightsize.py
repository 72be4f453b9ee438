"""A principal's policies cut down to what it uses, with what goes, what stays unseen, and proofs.

What was used stays. What was certainly not used goes. What nobody could have seen being used stays
too, and is said: a trail that is silent about `iam:PassRole` or about objects in S3 says nothing of
them (see `event_actions` and `last_accessed`, which hold what AWS documents on that).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sharedline.errors import Error, IncompleteError
from sharedline.iam.access.estate import Estate
from sharedline.iam.fit.event_actions import observable, why_hidden
from sharedline.iam.fit.fate import ENOUGH_DAYS, Evidence, Fate, Judge
from sharedline.iam.fit.proofs import Proof, prove
from sharedline.iam.fit.writing import (
    generalise,
    granted,
    service_name,
    shorten,
    statement,
)
from sharedline.iam.language import CURRENT, Policy, Statement
from sharedline.iam.parse import parse


@dataclass(frozen=True)
class Service:
    """What became of one service's actions."""

    service: str
    granted: int
    used: tuple[str, ...]
    unseen: tuple[str, ...]
    removed: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True)
class Rightsized:
    """The tightened policy of a principal.

    `document` replaces `replaces`; None where nothing of them need stay. `proofs` say whether it
    may be put in place on what is known.
    """

    arn: str
    document: Mapping[str, Any] | None
    replaces: tuple[str, ...]
    services: tuple[Service, ...]
    proofs: tuple[Proof, ...]
    source: str
    days: float
    notes: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether each proof holds."""
        return all(one.holds for one in self.proofs)


def own_policies(estate: Estate, arn: str) -> tuple[tuple[Policy, ...], tuple[Policy, ...]]:
    """The policies of the principal itself, and those that come from its groups."""
    entry = estate.principals[arn]
    of_groups = {
        id(policy)
        for name in entry.groups
        if name in estate.groups
        for policy in estate.groups[name].identity
    }
    own = tuple(one for one in entry.identity if id(one) not in of_groups)
    return own, tuple(one for one in entry.identity if id(one) in of_groups)


def rightsize(estate: Estate, evidence: Evidence, *, resources: bool = False) -> Rightsized:
    """The tightened policy with its proofs.

    `resources` narrows the Resource element too, for actions whose every use named its resource.
    IncompleteError where the use, or the policies, are not known.
    """
    arn = evidence.arn
    entry = estate.principals[arn]
    if entry.caller.service_linked:
        raise Error(
            f"{entry.name} is a service-linked role.",
            "AWS owns its policy; there is nothing to fit.",
        )
    own, shared = own_policies(estate, arn)
    _readable(entry.unreadable.get("identity", ""), own)
    if not evidence.source:
        raise IncompleteError(
            f"The use of {entry.name} is not known.",
            "Give events of its account with --events, or scan with "
            "iam:GenerateServiceLastAccessedDetails allowed.",
        )
    judge = Judge(evidence)
    statements, fates = _statements(own, judge, narrow=resources)
    # Deny statements stay even alone: they bind what groups and resources allow.
    document = {"Version": CURRENT, "Statement": statements} if statements else None
    new = parse(document, f"the tightened policy of {entry.name}") if document else None
    form: Literal["role", "user"] = "role" if entry.is_role else "user"
    proofs = prove(estate, arn, (new,) if new else (), own, shared, judge.seen, document, form)
    return Rightsized(
        arn=arn,
        document=document,
        replaces=tuple(one.name for one in own),
        services=_services(fates, short=evidence.trail is not None and not evidence.far_enough),
        proofs=proofs,
        source=evidence.source,
        days=_days(evidence),
        notes=tuple(_notes(evidence, judge, shared, fates)),
    )


def _readable(why: str, own: Sequence[Policy]) -> None:
    if why:
        raise IncompleteError(
            f"Its policies could not be read: {why}.",
            "Scan again, with every check of IAM and access to what they read.",
        )
    if not own:
        raise Error(
            "It has no policies of its own.", "What it may do comes from groups, or nowhere."
        )
    for one in own:
        if not one.whole:
            fault = next(str(p) for p in one.problems if p.level == "fatal")
            raise IncompleteError(
                f"{one.name} cannot be read whole: {fault}.", "Correct it, then scan again."
            )


def _statements(
    own: Sequence[Policy], judge: Judge, *, narrow: bool
) -> tuple[list[dict[str, Any]], dict[str, Fate]]:
    """The new statements in the order of the old, and what became of every action granted."""
    made: list[dict[str, Any]] = []
    fates: dict[str, Fate] = {}
    for policy in own:
        for one in policy.statements:
            if one.effect == "Deny":
                made.append(statement(one, policy.version))
                continue
            here = {action: judge.fate(action) for action in granted(one)}
            fates.update(here)
            made += _tightened(one, policy.version, here, judge, narrow=narrow)
    return _named_apart(made), fates


def _tightened(
    old: Statement, version: str, fates: Mapping[str, Fate], judge: Judge, *, narrow: bool
) -> list[dict[str, Any]]:
    keep = {action for action, fate in fates.items() if fate != "unused"}
    narrowed: dict[tuple[str, ...], list[str]] = defaultdict(list)
    if narrow:
        for action in sorted(keep):
            found = _narrowed(old, action, judge)
            if found is not None:
                narrowed[found].append(action)
                keep.discard(action)
    made = []
    for places, actions in sorted(narrowed.items()):
        if places:
            made.append(statement(old, version, actions=sorted(actions), resources=places))
    if keep == set(fates) and not narrowed:
        return [statement(old, version)]
    # What was used stands apart from what nobody can see, which somebody should look through.
    known = {action for action in keep if fates[action] in ("used", "implied")}
    for part in (known, keep - known):
        if part:
            made.append(statement(old, version, actions=shorten(part, old)))
            if part is not known and old.sid:
                made[-1]["Sid"] = f"{old.sid}Unseen"
    return made


def _narrowed(old: Statement, action: str, judge: Judge) -> tuple[str, ...] | None:
    """The resources to which an action of the statement can be held; None: those it has."""
    trail = judge.evidence.trail
    if trail is None or judge.fate(action) != "used" or not trail.sees(action):
        return None
    if action in judge.implied:
        return None
    named = judge.seen.resources(action)
    if not named or old.resources is None or old.not_resource:
        return None
    if any(one.variables for one in old.resources):
        return None
    here = [arn for arn in named if any(one.matches(arn) for one in old.resources)]
    if not here:
        return ()  # another statement allowed it: this one need not
    found = generalise(here, old)
    return None if found is None else tuple(found)


def _named_apart(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Statements with a Sid of their own, as IAM demands within one document."""
    known = {one["Sid"] for one in made if one.get("Sid")}
    taken: set[str] = set()
    for one in made:
        sid = one.get("Sid", "")
        number = 2
        while sid and one["Sid"] in taken:
            if f"{sid}{number}" not in known:
                one["Sid"] = f"{sid}{number}"
                known.add(one["Sid"])
                break
            number += 1
        taken.add(one.get("Sid", ""))
    return made


def _services(fates: Mapping[str, Fate], *, short: bool) -> tuple[Service, ...]:
    by_service: dict[str, dict[str, Fate]] = defaultdict(dict)
    for action, fate in fates.items():
        by_service[service_name(action)][action] = fate
    found = []
    for name, those in sorted(by_service.items()):
        unseen = tuple(
            sorted(a for a, f in those.items() if f in ("unseen", "unmapped", "implied"))
        )
        found.append(
            Service(
                service=name,
                granted=len(those),
                used=tuple(sorted(a for a, f in those.items() if f == "used")),
                unseen=unseen,
                removed=tuple(sorted(a for a, f in those.items() if f == "unused")),
                why=_why(unseen, those, short=short),
            )
        )
    return tuple(found)


def _why(unseen: Sequence[str], fates: Mapping[str, Fate], *, short: bool) -> str:
    """Why actions stay of which no use was seen: the commonest reason."""
    reasons = Counter(_reason(one, fates[one], short=short) for one in unseen)
    return reasons.most_common(1)[0][0] if reasons else ""


def _reason(action: str, fate: Fate, *, short: bool) -> str:
    if fate == "implied":
        return "calls that were seen may have needed it"
    if fate == "unmapped":
        return "an event of the service belongs to no action that is known"
    if short and observable(action):
        return "the events reach back too few days"
    return why_hidden(action)


def _days(evidence: Evidence) -> float:
    if evidence.trail is not None:
        return round(evidence.trail.span.days, 1)
    return float(evidence.days)


def _notes(
    evidence: Evidence, judge: Judge, shared: Sequence[Policy], fates: Mapping[str, Fate]
) -> list[str]:
    notes = []
    trail = evidence.trail
    if evidence.usage is not None and trail is None:
        notes.append("The events hold none of the principal's account and were left out.")
    if trail is not None:
        days = trail.span.days
        where = f"{len(trail.regions)} Region{'s' * (len(trail.regions) != 1)}"
        notes.append(f"The events reach over {days:.0f} days and {where}.")
        if len(trail.regions) < 2:
            notes.append("Events of one Region: what was done in others is not in them.")
        if not evidence.far_enough:
            notes.append(
                "The account's events reach back too few days: nothing is called unused for not "
                "being in them."
            )
        if days < ENOUGH_DAYS:
            notes.append(
                f"Fewer than {ENOUGH_DAYS} days: what is done once a month may not be in them."
            )
        if not judge.seen.span.count:
            notes.append("The principal itself does not appear in the events.")
        if not trail.reads:
            notes.append("The events hold no reads, so no action that reads is called unused.")
    if evidence.accessed is None and any(f == "unseen" for f in fates.values()):
        notes.append(
            "IAM's last-accessed data was not collected; it would rule out whole services."
        )
    for prefix, names in sorted(judge.seen.unmapped.items()):
        listed = ", ".join(sorted(names)[:3])
        notes.append(
            f"Events whose action is not known: {listed}. {prefix or 'Its service'} stays."
        )
    if shared:
        notes.append(f"Policies of its groups stay as they are: {len(shared)}.")
    return notes
