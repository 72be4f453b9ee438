"""The proofs that go with a tightened policy: no wider, enough for what was seen, taken by IAM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sharedline.iam.access.estate import Estate
from sharedline.iam.compare.subset import policy_subset
from sharedline.iam.evaluate import evaluate
from sharedline.iam.fit.observed import Circumstances, request
from sharedline.iam.fit.quotas import NAMES, SIZES, Form, problems, size
from sharedline.iam.fit.usage import Seen, Use
from sharedline.iam.globs import glob
from sharedline.iam.language import Policy, Statement
from sharedline.iam.request import Answer, Policies, Request


@dataclass(frozen=True)
class Proof:
    """One proof: whether it holds (None: could not be decided), and on what grounds."""

    name: str
    holds: bool | None
    detail: str


def prove(
    estate: Estate,
    arn: str,
    new: tuple[Policy, ...],
    old: tuple[Policy, ...],
    shared: tuple[Policy, ...],
    seen: Seen,
    document: Mapping[str, Any] | None,
    form: Form,
) -> tuple[Proof, ...]:
    """All proofs of a new policy that replaces old ones; `shared` stay beside either."""
    return (
        no_wider(new, old),
        enough(estate, arn, (*new, *shared), (*old, *shared), seen),
        taken(document, form),
    )


def no_wider(new: tuple[Policy, ...], old: tuple[Policy, ...]) -> Proof:
    """Nothing is allowed that was not."""
    name = "no more permissive than before"
    if not new:
        return Proof(name, True, "nothing is allowed any more")
    found = policy_subset(new, old, kind="identity")
    detail = found.reason
    if found.witness is not None:
        detail = f"{found.witness.action} on {found.witness.resource}: {detail}"
    return Proof(name, found.answer, detail)


def taken(document: Mapping[str, Any] | None, form: Form) -> Proof:
    """IAM would store it: as one managed policy, or else embedded in the principal."""
    name = "within IAM's grammar and quotas"
    if document is None:
        return Proof(name, True, "there is no document to store")
    tried: tuple[Form, ...] = ("managed", form)
    for one in tried:
        found = problems(document, one)
        if not found:
            used = f"{size(document, one):,} of {SIZES[one]:,} characters"
            return Proof(name, True, f"as {NAMES[one]}, {used}")
    return Proof(name, False, "; ".join(str(p) for p in found[:3]))


def enough(
    estate: Estate, arn: str, new: tuple[Policy, ...], old: tuple[Policy, ...], seen: Seen
) -> Proof:
    """Each request that was seen, and that the old policies allowed, the new ones allow."""
    name = "every request that was seen stays allowed"
    shown = compared = elsewhere = 0
    whole: set[str] = set()
    for use in seen.uses:
        asked = _request(estate, arn, use)
        before = evaluate(asked, Policies(identity=old))
        if before.answer is Answer.ALLOWED and use.resource != "*":
            after = evaluate(asked, Policies(identity=new))
            if after.answer is not Answer.ALLOWED:
                return Proof(name, False, f"{use.action} on {use.resource}: {after.reason}")
            shown += 1
            continue
        key = f"{use.action} {use.resource}"
        if key in whole:
            compared += 1
            continue
        limited = _limited(old, use)
        if not any(one.allows for one in limited):
            elsewhere += 1  # another policy allowed it: a resource's, or one since removed
            continue
        found = policy_subset(limited, new, kind="identity")
        if found.answer is not True:
            return Proof(name, found.answer, f"{use.action} on {use.resource}: {found.reason}")
        whole.add(key)
        compared += 1
    detail = f"{shown} evaluated, {compared} by comparison over everything they could have named"
    if elsewhere:
        detail += f"; {elsewhere} were allowed by no policy of its own"
    return Proof(name, True, detail if seen.uses else "no request was seen")


def _request(estate: Estate, arn: str, use: Use) -> Request:
    """The request as its event tells it; what the event leaves out is not known."""
    how = Circumstances(use.region, use.mfa, use.service, use.endpoint)
    asked = request(estate, arn, use.action, use.resource, how)
    # The comparison is between identity policies, as if the resource were of the same account.
    return replace(asked, resource_account=asked.caller.account)


def _limited(old: Sequence[Policy], use: Use) -> tuple[Policy, ...]:
    """The old policies cut down to the action, and to the resource where it is certain."""
    return tuple(
        Policy(
            one.name,
            one.version,
            tuple(s for it in one.statements if (s := _cut(it, use)) is not None),
            (),
            one.size,
        )
        for one in old
    )


def _cut(one: Statement, use: Use) -> Statement | None:
    if one.effect == "Deny":
        return one
    if any(g.matches(use.action) for g in one.actions) is one.not_action:
        return None
    exact = replace(one, actions=(glob(use.action, fold=True),), not_action=False)
    if use.resource == "*" or one.resources is None or any(g.variables for g in one.resources):
        return exact
    if any(g.matches(use.resource) for g in one.resources) is one.not_resource:
        return None
    # The ARN is literal text: it has no wildcard (`event_resources` sees to that).
    return replace(exact, resources=(glob(use.resource, "arn"),), not_resource=False)
