"""Requests that were refused: which layer refused them, whether work stopped, and what would fit.

From the AccessDenied events of a trail. The request is put together again from the event, and
evaluated over the estate of a scan; what AWS's message says is held beside the answer. A statement
is offered only where an identity that normally succeeds lacks an Allow; a guardrail (a Deny of any
kind, an organisation's policy, a boundary) is named and never widened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from sharedline.iam.access.estate import Estate
from sharedline.iam.actions import find
from sharedline.iam.evaluate import evaluate
from sharedline.iam.fit.event_actions import actions_of
from sharedline.iam.fit.event_resources import resources_of
from sharedline.iam.fit.observed import Circumstances, request
from sharedline.iam.fit.offers import Offer, offer
from sharedline.iam.fit.refusal import Refusal, is_refusal, read
from sharedline.iam.fit.usage import Event, Key, Span, key_of, principal_of, text, time_of
from sharedline.iam.language import Layer
from sharedline.iam.request import Answer, Decision

#: An identity normally succeeds that did so often enough, and in most of its calls.
SUCCESSES, SHARE = 10, 0.8
#: So many different actions refused within one trail look like somebody trying doors.
DOORS = 15
#: So many different refusals are kept; a trail with more is an incident and not a question of fit.
MOST = 20_000

Standing = Literal["work stopped", "noise", "probing"]
Verdict = Literal["allow", "keep", "look"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A refused request: who asked for what, how, and what AWS said."""

    key: Key
    action: str
    resource: str
    how: Circumstances
    said: Refusal
    code: str


@dataclass
class Account:
    """How an identity fares: calls that succeeded, and those refused by action."""

    successes: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    arn: str = ""

    @property
    def standing(self) -> Standing:
        """Whether a refusal stopped somebody's work, or is what this identity's calls come to."""
        total = self.successes + self.refused.total()
        if len(self.refused) >= DOORS:
            return "probing"
        normal = self.successes >= SUCCESSES and self.successes >= SHARE * total
        return "work stopped" if normal else "noise"


@dataclass
class Refusals:
    """All refusals of a trail, by request, and how each identity fares otherwise."""

    asked: dict[Asked, Span] = field(default_factory=dict)
    accounts: dict[Key, Account] = field(default_factory=dict)
    dropped: int = 0


@dataclass(frozen=True)
class Denial:
    """One refused request, explained."""

    principal: str
    action: str
    resource: str
    span: Span
    standing: Standing
    successes: int
    said: Refusal
    decision: Decision | None
    verdict: Verdict
    why: str
    offer: Offer | None = None

    @cached_property
    def layer(self) -> Layer | None:
        """The layer that refuses according to the scan."""
        return self.decision.blocking if self.decision else None

    @property
    def agrees(self) -> bool | None:
        """Whether the scan's answer is AWS's; None where one of them names no layer."""
        if self.said.layer is None or self.layer is None or self.decision is None:
            return None
        explicit = self.decision.answer is Answer.EXPLICITLY_DENIED
        same = self.said.layer == self.layer
        return same and (self.said.explicit is None or self.said.explicit is explicit)


def gather(events: Iterable[Event], *, principal: Key | None = None) -> Refusals:
    """The refusals of a trail, each event counted once."""
    found = Refusals()
    known: set[int] = set()
    for event in events:
        name = text(event, "eventID")
        if name and hash(name) in known:
            continue
        known.add(hash(name))
        key = principal_of(event)
        if key is None or (principal is not None and key != principal):
            continue
        _add(found, event, key)
    return found


def _add(found: Refusals, event: Event, key: Key) -> None:
    account = found.accounts.setdefault(key, Account())
    if not is_refusal(event):
        account.successes += "errorCode" not in event or event["errorCode"] in (None, "")
        return
    asked = _asked(event, key)
    account.refused[asked.action] += 1
    account.arn = account.arn or asked.said.principal
    if asked in found.asked or len(found.asked) < MOST:
        found.asked.setdefault(asked, Span()).add(time_of(event))
    else:
        found.dropped += 1


def _asked(event: Event, key: Key) -> Asked:
    code = text(event, "errorCode", 200)
    message = event.get("errorMessage")
    said = read(message, code) if isinstance(message, str) else Refusal()
    source, name = text(event, "eventSource"), text(event, "eventName")
    action = said.action
    if not action:
        mapped = actions_of(source, name) or ()
        action = mapped[0] if mapped else f"{source.partition('.')[0]}:{name}"
    known = find(action)
    identity = event.get("userIdentity")
    who = identity if isinstance(identity, Mapping) else {}
    how = Circumstances(
        region=text(event, "awsRegion", 40),
        mfa=_mfa(who),
        service=text(who, "invokedBy", 100),
        endpoint=text(event, "vpcEndpointId", 40),
    )
    # Session names, secrets' request ids and the encoded message differ from call to call.
    said = replace(said, principal="")
    full = known.full if known else action[:200]
    return Asked(key, full, _resource(event, full, said), how, said, code)


def _mfa(identity: Mapping[str, Any]) -> str:
    session = identity.get("sessionContext")
    attributes = session.get("attributes") if isinstance(session, Mapping) else None
    said = attributes.get("mfaAuthenticated") if isinstance(attributes, Mapping) else None
    return said if said in ("true", "false") else ""


def _resource(event: Event, action: str, said: Refusal) -> str:
    """What was asked for: as AWS prints it, or else as the event names it; `*`: not certain."""
    if said.resource.startswith("arn:"):
        return said.resource
    named = resources_of(event, action)
    return named[0] if len(named) == 1 else "*"


def explain(found: Refusals, estate: Estate) -> list[Denial]:
    """Each refusal with its layer and what would fit; stopped work first, the most frequent first."""
    principals = {key: arn for arn in estate.principals if (key := key_of(arn)) is not None}
    order = {"work stopped": 0, "probing": 1, "noise": 2}
    denials = [
        _explain(asked, span, found.accounts[asked.key], principals.get(asked.key, ""), estate)
        for asked, span in found.asked.items()
    ]
    return sorted(
        denials, key=lambda d: (order[d.standing], -d.span.count, d.principal, d.action, d.resource)
    )


def _explain(asked: Asked, span: Span, account: Account, arn: str, estate: Estate) -> Denial:
    name = arn or f"arn:aws:iam::{asked.key[0]}:{asked.key[1]}/{asked.key[2]}"
    decision = None
    if arn and find(asked.action) is not None:
        decision = _decide(estate, arn, asked)
    made = Denial(
        principal=name,
        action=asked.action,
        resource=asked.resource,
        span=span,
        standing=account.standing,
        successes=account.successes,
        said=asked.said,
        decision=decision,
        verdict="look",
        why="",
    )
    verdict, why, offered = _verdict(made, asked, arn, estate)
    return replace(made, verdict=verdict, why=why, offer=offered)


def _decide(estate: Estate, arn: str, asked: Asked) -> Decision:
    # A wildcard in what AWS prints stands for any: no request names one.
    resource = asked.resource if not set(asked.resource) & set("*?") else "*"
    asking = request(estate, arn, asked.action, resource, asked.how)
    policies = estate.policies(arn, "" if resource == "*" else resource)
    decision = evaluate(asking, policies)
    if decision.answer is not Answer.UNKNOWN or asked.said.layer in (None, "resource", "trust"):
        return decision
    # AWS refused, and for another layer than the resource's policy: what could not be read of that
    # did not allow the request either.
    rest: dict[Layer, str] = {k: v for k, v in policies.unreadable.items() if k != "resource"}
    return evaluate(asking, replace(policies, unreadable=rest))


def _lacks_allow(said: Refusal) -> bool:
    return said.layer == "identity" and said.explicit is False


_GUARDRAILS: Mapping[Layer, str] = {
    "scp": "a service control policy of the organisation",
    "rcp": "a resource control policy of the organisation",
    "boundary": "the principal's permissions boundary",
    "session": "the policy of the session, which whoever made the session chose",
    "vpce": "the policy of the VPC endpoint",
}


def _verdict(
    denial: Denial, asked: Asked, arn: str, estate: Estate
) -> tuple[Verdict, str, Offer | None]:
    said, decision = denial.said, denial.decision
    if decision is not None and decision.answer is Answer.EXPLICITLY_DENIED:
        return "keep", f"{decision.reason} Somebody wrote that down: ask them first.", None
    guardrail = _GUARDRAILS.get(decision.blocking) if decision and decision.blocking else None
    if decision is not None and guardrail and decision.answer is Answer.IMPLICITLY_DENIED:
        return "keep", f"{decision.reason} It is {guardrail}.", None
    if said.explicit or said.layer in _GUARDRAILS:
        return "keep", _unseen(said, decision), None
    if decision is None:
        why = "The principal is not in the scan." if not arn else "AWS lists no such action."
        return "look", why, None
    if decision.answer is Answer.ALLOWED:
        return (
            "look",
            "The scan's policies allow it: they changed since, or the scan misses what refused.",
            None,
        )
    lacks = decision.answer is Answer.UNKNOWN and _lacks_allow(said)
    if decision.answer is not Answer.IMPLICITLY_DENIED and not lacks:
        return "look", decision.reason, None
    if denial.standing != "work stopped":
        why = f"{decision.reason} {_fares(denial)}"
        return "keep", why, None
    return offer(estate, arn, asked.action, asked.resource, asked.how, decision)


def _unseen(said: Refusal, decision: Decision | None) -> str:
    """AWS names a layer that the scan does not see, or that has changed."""
    what = _GUARDRAILS.get(said.layer, "a policy") if said.layer else "a policy"
    how = "an explicit Deny in " if said.explicit else "the lack of an Allow in "
    where = f" ({said.policy})" if said.policy else ""
    sees = "" if decision is None else f" The scan says: {decision.reason}"
    return f"AWS names {how}{what}{where}.{sees}"


def _fares(denial: Denial) -> str:
    if denial.standing == "probing":
        return "The identity tries many doors: look at it as an incident."
    return f"The identity succeeded in {denial.successes} calls only, so no work is known to stop."
