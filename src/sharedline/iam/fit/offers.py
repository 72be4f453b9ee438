"""The smallest statement that would allow a refused request, or why none is offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sharedline.iam.access.estate import Estate
from sharedline.iam.access.sensitive import group_of
from sharedline.iam.actions import find
from sharedline.iam.conditions import holds
from sharedline.iam.evaluate import evaluate
from sharedline.iam.fit.observed import Circumstances, request
from sharedline.iam.fit.writing import condition_block
from sharedline.iam.language import CURRENT, Condition, Layer, Policy
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Decision, Policies, Request

Verdict = Literal["allow", "keep", "look"]
Found = tuple[Verdict, str, "Offer | None"]

#: Harm that no refusal repairs by itself: these are granted by a person who means it.
GUARDED = frozenset(
    {"power", "credentials", "federation", "open", "destroy", "logging", "detection"}
)


@dataclass(frozen=True)
class Offer:
    """A statement, and the policy that it belongs to."""

    statement: Mapping[str, Any]
    layer: Layer
    target: str


def offer(
    estate: Estate, arn: str, action: str, resource: str, how: Circumstances, decision: Decision
) -> Found:
    """The statement for the layer that lacks an Allow, tried out over the estate."""
    group = group_of().get(action)
    if group is not None and group.name in GUARDED:
        why = f"{action} is sensitive ({group.name}, {group.duty}): its owner decides, not a trail."
        return "keep", f"{decision.reason} {why}", None
    known = find(action)
    if known is None:
        return "look", "AWS lists no such action.", None
    if resource == "*" and known.resource_types:
        why = "The event does not name the resource, and a statement for all of them is too much."
        return "look", f"{decision.reason} {why}", None
    named = resource if known.resource_types else "*"
    asking = request(estate, arn, action, _plain(named), how)
    if decision.blocking in ("resource", "trust"):
        return _for_resource(estate, arn, asking, named, decision)
    made = _statement(action, named, _conditions(estate, arn, asking))
    after = _tried(estate, arn, asking, made)
    if after.answer is Answer.ALLOWED or after.answer is Answer.DEPENDS:
        more = "" if after.answer is Answer.ALLOWED else f" It still depends: {after.reason}"
        found = Offer(made, "identity", _holder(estate, arn))
        return "allow", f"{decision.reason} This statement would do.{more}", found
    if after.answer is Answer.UNKNOWN:
        why = (
            f"This statement would be the Allow; whether it is enough is not known. {after.reason}"
        )
        return "look", f"{decision.reason} {why}", Offer(made, "identity", _holder(estate, arn))
    if after.blocking in ("resource", "trust") and after.answer is Answer.IMPLICITLY_DENIED:
        why = f"Besides, {after.reason[0].lower()}{after.reason[1:]}"
        return "look", f"{decision.reason} {why}", Offer(made, "identity", _holder(estate, arn))
    return "keep", f"{decision.reason} A statement would not help: {after.reason}", None


def _holder(estate: Estate, arn: str) -> str:
    entry = estate.principals[arn]
    return f"a policy of the {'role' if entry.is_role else 'user'} {entry.name}"


def _plain(resource: str) -> str:
    """A resource that a request can name; a wildcard in what AWS prints becomes a name."""
    return resource if resource == "*" else resource.replace("*", "any").replace("?", "x")


def _statement(
    action: str, resource: str, conditions: Sequence[Condition], principal: str = ""
) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": "Allow"}
    if principal:
        made["Principal"] = {"AWS": principal}
    made["Action"] = action
    if resource:
        made["Resource"] = resource
    if conditions:
        made["Condition"] = condition_block(conditions)
    return made


def _conditions(estate: Estate, arn: str, asking: Request) -> tuple[Condition, ...]:
    """The conditions under which the principal has everything else of the service.

    Those that stand on each of its Allow statements for the service, and that this request meets or
    may meet.
    """
    service = asking.action.partition(":")[0].lower()
    common: set[Condition] | None = None
    order: list[Condition] = []
    for policy in estate.principals[arn].identity:
        for one in policy.allows:
            about = [g.text.lower().partition(":")[0] for g in one.actions]
            if one.not_action or service not in about:
                continue
            order += [c for c in one.conditions if c not in order]
            common = set(one.conditions) if common is None else common & set(one.conditions)
    met = [c for c in order if c in (common or ()) and holds(c, asking.context) is not False]
    return tuple(met)


def _tried(estate: Estate, arn: str, asking: Request, made: Mapping[str, Any]) -> Decision:
    """The decision were the statement among the principal's policies."""
    added = _parsed(made)
    now = _policies(estate, arn, asking)
    # What could not be read of the resource's policy is not asked: the refusal says it.
    rest: dict[Layer, str] = {
        layer: why for layer, why in now.unreadable.items() if layer != "resource"
    }
    return evaluate(asking, replace(now, identity=(*now.identity, added), unreadable=rest))


def _policies(estate: Estate, arn: str, asking: Request) -> Policies:
    return estate.policies(arn, "" if asking.resource == "*" else asking.resource)


def _parsed(made: Mapping[str, Any]) -> Policy:
    return parse({"Version": CURRENT, "Statement": [made]}, "the statement offered")


def _for_resource(
    estate: Estate, arn: str, asking: Request, named: str, decision: Decision
) -> Found:
    """The resource's own policy must allow it: a role's trust, a key, a resource elsewhere."""
    held = estate.holder(asking.resource)
    if held is None or (decision.blocking == "resource" and not held.readable):
        return "look", f"{decision.reason} The resource is not in the scan.", None
    trust = decision.blocking == "trust"
    key = held.table_name == "kms_key"
    made = _statement(asking.action, "" if trust else "*" if key else named, (), arn)
    now = _policies(estate, arn, asking)
    before = now.resource.statements if now.resource else ()
    policy = replace(_parsed(made), statements=(*before, *_parsed(made).statements))
    after = evaluate(asking, replace(now, resource=policy))
    if after.answer in (Answer.ALLOWED, Answer.DEPENDS):
        what = "the trust policy" if trust else "the resource policy"
        found = Offer(made, decision.blocking or "resource", f"{what} of {held.arn}")
        return "allow", f"{decision.reason} This statement there would do.", found
    return "look", f"{decision.reason} A statement there alone would not do: {after.reason}", None
