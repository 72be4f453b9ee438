"""From what a search leaves over to one request in full, confirmed by `evaluate` on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sharedline.iam.compare.action_points import ActionClass
from sharedline.iam.compare.algebra import witness
from sharedline.iam.compare.regions import Points, State
from sharedline.iam.compare.resource_forms import ACCOUNT, templates, usual
from sharedline.iam.compare.search import RESOURCE, States, Texts
from sharedline.iam.evaluate import evaluate
from sharedline.iam.language import Policy
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Caller, Context, Decision, Policies, Request

#: Callers that are tried for one solution, and actions.
CALLERS, ACTIONS = 4, 6
OWNERS = (ACCOUNT, "444455556666")
_REFUSED = (Answer.EXPLICITLY_DENIED, Answer.IMPLICITLY_DENIED)
_ALL = parse(
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
    "everything",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A request with what both sides say; `listed`: AWS lists such an action on such a resource."""

    request: Request
    allowed: Decision
    refused: Decision
    listed: bool

    @property
    def reason(self) -> str:
        """One sentence."""
        asked = self.request
        by = " and ".join(str(one) for one in self.allowed.deciding)
        what = f"{asked.caller.arn} may do {asked.action} on {asked.resource}"
        more = "" if self.listed else ", of a kind that AWS's reference does not list"
        return f"{what}{more}: allowed by {by}"


@lru_cache(maxsize=1_000)
def delegating(account: str) -> Policy:
    """A resource policy that leaves everything to the IAM policies of an account."""
    return parse(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": account},
                "Action": "*",
                "Resource": "*",
            },
        },
        "delegating to the account",
    )


def resources(action: str, texts: Texts) -> Iterator[tuple[str, bool]]:
    """Resources within what is left, usual ones first; whether AWS lists such for the action."""
    forms = {
        one: found
        for one in templates(action)
        if (found := witness((*texts.inside, one), texts.outside)) is not None
    }
    for at in range(2):
        for one in forms:
            found = witness((*texts.inside, one, usual(one)[at]), texts.outside)
            if found is not None:
                yield found, True
                break
    for found in forms.values():
        yield found, True
    plain = witness(texts.inside, texts.outside)
    if plain is not None:
        yield plain or "*", False


class Prover:
    """Turns solutions into requests and asks `evaluate`."""

    def __init__(
        self,
        new: tuple[Policy, ...],
        old: tuple[Policy, ...],
        *,
        identity: bool,
        owner: str = "",
    ) -> None:
        """Both sides; of resource policies each side is one document of all statements.

        `owner` is the account of the resource, where it is known.
        """
        self.identity = identity
        self.owner = owner
        self.new = new if identity else (_joined(new),)
        self.old = old if identity else (_joined(old),)

    def show(
        self,
        actions: ActionClass,
        states: States,
        points: Mapping[str, Points[Any]],
        caller: str,
        *,
        given: Mapping[str, str] = MappingProxyType({}),
    ) -> Shown | None:
        """The solution as a request, if both sides confirm it; `given` are keys known besides."""
        texts = states[RESOURCE]
        assert isinstance(texts, Texts)
        context = {key: (value,) for key, value in given.items()}
        for name, dimension in points.items():
            here = states[name]
            if name != caller and isinstance(here, State):
                value = dimension.pick(here)
                if value:
                    context[name] = value
        first: Shown | None = None
        for one in _few(points[caller], states[caller]):
            merged = Context({**context, **one.context.values})
            for request, listed in self._requests(actions, texts, one.caller, merged):
                shown = self._shown(request, listed=listed)
                if shown is not None and listed:
                    return shown
                first = first or shown
        return first

    def _requests(
        self, actions: ActionClass, texts: Texts, caller: Caller, context: Context
    ) -> Iterator[tuple[Request, bool]]:
        fallback = []
        for action in actions.examples[:ACTIONS]:
            if actions.bare:
                yield Request(caller, action, "*", context, self._owner(caller, "*")), True
                continue
            for resource, listed in resources(action, texts):
                owner = self._owner(caller, resource)
                request = Request(caller, action, resource, context, owner)
                if listed:
                    yield request, True
                    break
                fallback.append((request, False))
        yield from fallback[:2]

    def _owner(self, caller: Caller, resource: str) -> str:
        """Whose the resource is: of another account, so that its policy alone decides."""
        if self.identity or self.owner:
            return self.owner or caller.account
        parts = resource.split(":")
        named = parts[4] if len(parts) > 5 else ""
        return next(one for one in (named, *OWNERS) if one.isdigit() and one != caller.account)

    def _shown(self, request: Request, *, listed: bool) -> Shown | None:
        allowed = evaluate(request, self._policies(request.caller, self.new))
        if allowed.answer is not Answer.ALLOWED:
            return None
        refused = evaluate(request, self._policies(request.caller, self.old))
        if refused.answer not in _REFUSED:
            return None
        if not self.identity:
            kept = tuple(one for one in allowed.deciding if one.policy is not _ALL)
            allowed = replace(allowed, deciding=kept)
        return Shown(request, allowed, refused, listed)

    def _policies(self, caller: Caller, side: tuple[Policy, ...]) -> Policies:
        session = (_ALL,) if ":federated-user/" in caller.arn else None
        if self.identity:
            return Policies(side, delegating(caller.account), session=session)
        return Policies((_ALL,), side[0], session=session)


def _few(points: Points[Any], state: Any) -> Iterator[Any]:
    """The first callers that remain."""
    mask = state.mask
    for _ in range(CALLERS):
        if not mask:
            return
        found = points.pick(State(mask))
        if found is None:
            return
        yield found
        mask &= mask - 1


def _joined(policies: tuple[Policy, ...]) -> Policy:
    if len(policies) == 1:
        return policies[0]
    statements = tuple(it for one in policies for it in one.statements)
    problems = tuple(p for one in policies for p in one.problems)
    return Policy(" and ".join(one.name for one in policies), "", statements, problems)
