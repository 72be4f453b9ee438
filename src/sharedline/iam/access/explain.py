"""One request of a scan's principal, decided and explained: statements, layers, places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sharedline.errors import Error
from sharedline.iam.access.estate import Estate
from sharedline.iam.evaluate import evaluate
from sharedline.iam.language import Layer
from sharedline.iam.layers import WORDS
from sharedline.iam.request import Answer, Context, Deciding, Decision, Policies, Request

_WORDS = {
    Answer.ALLOWED: "Allowed",
    Answer.EXPLICITLY_DENIED: "Denied",
    Answer.IMPLICITLY_DENIED: "Denied",
    Answer.DEPENDS: "Depends",
    Answer.UNKNOWN: "Not known",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A statement that decided: what kind of policy it is of, and where in it it stands."""

    layer: Layer
    policy: str
    statement: str
    effect: str
    place: tuple[int, int]
    where: str

    def __str__(self) -> str:
        at = f", line {self.place[0]}" if self.place[0] > 1 else ""
        where = f" at {self.where}" if self.where else ""
        kind = WORDS[self.layer].partition(" at ")[0]
        named = self.policy if kind in self.policy else f"{kind} {self.policy}"
        return f"{self.effect} of the {named}, statement {self.statement}{at}{where}"

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "layer": self.layer,
            "policy": self.policy,
            "statement": self.statement,
            "effect": self.effect,
            "line": self.place[0],
            "where": self.where,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision, with the place of the layer that refused, if it stands somewhere."""

    principal: str
    action: str
    resource: str
    decision: Decision
    lines: tuple[Line, ...]
    where: str

    @property
    def word(self) -> str:
        """The answer for people."""
        return _WORDS[self.decision.answer]


def context_of(given: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Condition keys from `key=value` texts; a key given again has several values."""
    found: dict[str, tuple[str, ...]] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals or ":" not in key:
            raise Error(
                f"{one!r} is no condition key with a value.", "Write aws:SourceIp=10.0.0.1."
            )
        found[key.lower()] = (*found.get(key.lower(), ()), value)
    return found


def explain(
    estate: Estate,
    principal: str,
    action: str,
    resource: str,
    context: Mapping[str, tuple[str, ...]],
) -> Explanation:
    """What AWS would answer, and why; `context` goes before what the scan knows."""
    asked = estate.request(principal, action, resource)
    known = asked.context
    asked = replace(
        asked,
        context=Context({**known.values, **context}, known.complete, known.absent - context.keys()),
    )
    policies = estate.policies(principal, resource)
    decision = evaluate(asked, policies)
    lines = tuple(_line(estate, asked, one) for one in decision.deciding)
    level = lines and decision.deciding[0].level
    if decision.blocking in ("scp", "rcp") and not level:
        level = _silent_level(asked, policies, decision)
    where = _place(estate, asked, decision.blocking or "", level or 0)
    return Explanation(principal, action, resource, decision, lines, where)


def _line(estate: Estate, asked: Request, one: Deciding) -> Line:
    return Line(
        layer=one.layer,
        policy=one.policy.name,
        statement=one.statement.name,
        effect=one.statement.effect,
        place=one.statement.place,
        where=_place(estate, asked, one.layer, one.level),
    )


def _place(estate: Estate, asked: Request, layer: str, level: int) -> str:
    if layer not in ("scp", "rcp") or not level:
        return ""
    account = asked.caller.account if layer == "scp" else asked.resource_account
    return estate.organization.place(account, level - 1)


def _silent_level(asked: Request, policies: Policies, decision: Decision) -> int:
    """The level of the organisation that does not allow: the first that alone refuses too."""
    levels = policies.scps if decision.blocking == "scp" else policies.rcps
    for number, level in enumerate(levels, 1):
        alone = (
            replace(policies, scps=(level,))
            if decision.blocking == "scp"
            else replace(policies, rcps=(level,))
        )
        if evaluate(asked, alone).blocking == decision.blocking:
            return number
    return 0
