"""What AWS would answer to a request: its evaluation logic over every kind of policy.

Sources, read 2026-11-21, under https://docs.aws.amazon.com/IAM/latest/UserGuide/:
reference_policies_evaluation-logic_policy-eval-denyallow.html (the order, and what a resource
policy's principal means for boundaries and session policies),
reference_policies_evaluation-logic-cross-account.html, access_policies_boundaries.html; of AWS
Organizations, .../organizations/latest/userguide/orgs_manage_policies_scps.html and
orgs_manage_policies_rcps.html; of AWS KMS, .../kms/latest/developerguide/key-policies.html.
The guide "How Sharedline decides" says it in words.
"""

from __future__ import annotations

from sharedline.iam.conditions import all_of, any_of
from sharedline.iam.language import Layer
from sharedline.iam.layers import WORDS, Allows, Run, told
from sharedline.iam.request import Answer, Decision, Policies, Request
from sharedline.iam.special import Situation, settled, situation


def evaluate(request: Request, policies: Policies) -> Decision:
    """What AWS would answer, which statements decided, and which layer refused.

    Never a guess: where the answer hangs on a condition key that is not known it is DEPENDS, where
    on a policy that could not be read UNKNOWN.
    """
    here = situation(request, policies)
    early = settled(here)
    if early is not None:
        return early
    run = Run(here)
    denied = run.deny()
    if denied is not None:
        reason = f"Denied by {told(denied)}."
        return Decision(Answer.EXPLICITLY_DENIED, (denied,), denied.layer, reason=reason)
    return _weigh(here, run)


def _weigh(here: Situation, run: Run) -> Decision:
    """No Deny applies for certain: whether every layer that must allow does."""
    guards = _guards(here, run)
    for one in guards:
        if one.value is False:
            return _refused(one)
    identity, limits = _own(here, run)
    resource = run.resource() if here.resource_takes_part else None
    allowed, ways = _granted(here, identity, limits, resource)
    if allowed is False:
        return _refused(*_blocking(here, identity, limits, resource))
    allowed = all_of((allowed, *(one.value for one in guards)))
    if allowed and not run.doubts:
        by = tuple(way.by for way in ways if way.by is not None)
        reason = " and ".join(told(one) for one in by) or "the rights of the root user"
        return Decision(Answer.ALLOWED, by, reason=f"Allowed by {reason}.")
    asked = [*guards, identity, *limits, *(resource or ())]
    return run.undecided(asked)


def _guards(here: Situation, run: Run) -> list[Allows]:
    """The layers without whose Allow nothing is allowed: organisation and endpoint."""
    found = []
    if here.rcps_apply:
        found += run.levels("rcp", here.policies.rcps)
    if here.scps_apply:
        found += run.levels("scp", here.policies.scps)
    if here.policies.vpce is not None or "vpce" in here.policies.unreadable:
        found.append(run.endpoint())
    return found


def _own(here: Situation, run: Run) -> tuple[Allows, list[Allows]]:
    """What the caller's own account says: identity policies, and what limits them."""
    caller, policies = here.caller, here.policies
    if caller.kind == "root":
        identity = Allows("identity", value=True)
    else:
        identity = run.plain("identity", policies.identity)
    limits = []
    if caller.kind != "root" and (
        policies.boundary is not None or "boundary" in policies.unreadable
    ):
        limits.append(run.plain("boundary", policies.boundary or ()))
    if here.needs_session or policies.session is not None or "session" in policies.unreadable:
        limits.append(run.plain("session", policies.session or ()))
    return identity, limits


def _granted(
    here: Situation,
    identity: Allows,
    limits: list[Allows],
    resource: tuple[Allows, Allows, Allows] | None,
) -> tuple[bool | None, tuple[Allows, ...]]:
    """Whether identity and resource policies allow together, and by which of them."""
    within = all_of(one.value for one in limits)
    if resource is None:
        return all_of((identity.value, within)), (identity,)
    account, limited, direct = resource  # each includes those after it
    if here.resource_alone:
        return direct.value, (direct,)
    if here.cross_account:
        return all_of((account.value, identity.value, within)), (identity, account)
    if here.gated:
        ways = [
            (direct.value, (direct,)),
            (all_of((limited.value, within)), (limited,)),
            (all_of((account.value, identity.value, within)), (identity, account)),
        ]
    else:
        ways = [
            (all_of((identity.value, within)), (identity,)),
            (direct.value, (direct,)),
            (all_of((limited.value, within)), (limited,)),
        ]
    for value, by in ways:
        if value:
            return True, by
    return any_of(value for value, _ in ways), ()


def _blocking(
    here: Situation,
    identity: Allows,
    limits: list[Allows],
    resource: tuple[Allows, Allows, Allows] | None,
) -> tuple[Allows, str]:
    """The layer to name where none of the ways allows, and what it means."""
    if resource is not None:
        account, limited, direct = resource
        if here.resource_alone:
            return direct, ""
        if here.gated and account.value is False:
            return account, "which has to, or to leave it to the account's IAM policies"
        if here.cross_account and account.value is False and identity.value is not False:
            return account, "which has to, as the caller is of another account"
        if not here.cross_account and limited.value is not False:
            return next(one for one in limits if one.value is False), "which limits the role"
    if identity.value is False:
        return identity, ""
    return next(one for one in limits if one.value is False), ""


def _refused(blocking: Allows, why: str = "") -> Decision:
    layer: Layer = blocking.layer
    where = f" at level {blocking.level}" if blocking.level else ""
    reason = f"No {WORDS[layer]}{where} allows it{f', {why}' if why else ''}."
    return Decision(Answer.IMPLICITLY_DENIED, (), layer, reason=reason)
