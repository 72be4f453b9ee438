"""Whether a statement speaks of an action, a resource and a caller.

Sources, read 2026-11-21, under https://docs.aws.amazon.com/IAM/latest/UserGuide/:
reference_policies_elements_action.html, reference_policies_elements_resource.html,
reference_policies_elements_principal.html, reference_policies_elements_notprincipal.html.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from sharedline.iam import actions as catalogue
from sharedline.iam.conditions import Test, all_of, compiled, filled
from sharedline.iam.language import Condition, Policy, Statement
from sharedline.iam.principals import Match, Who
from sharedline.iam.request import UNKNOWN, Caller, Context

#: How many actions an index remembers before it begins anew.
REMEMBERED = 4_096


def action_matches(statement: Statement, action: str) -> bool:
    """Whether Action (or NotAction) takes in the action, `service:Name` in any case."""
    lower = action.lower()
    return any(one.matches(lower) for one in statement.actions) is not statement.not_action


def resource_matches(statement: Statement, resource: str, context: Context) -> bool | None:
    """Whether Resource (or NotResource) takes in the resource; None where a variable is unknown.

    A statement without either (a trust policy's) speaks of the resource it is attached to.
    """
    return Resources(statement).match(resource, context)


def principal_matches(statement: Statement, caller: Caller, *, bounded: bool = False) -> Match:
    """How the statement names the caller; `bounded` where a permissions boundary is set."""
    return Who(statement).match(caller, bounded=bounded)


@lru_cache(maxsize=50_000)
def takes_no_resource(action: str) -> bool:
    """Whether AWS lists the action (lower case) as one that takes no resource: only `*` fits it."""
    found = catalogue.find(action)
    return found is not None and not found.resource_types


class Resources:
    """The Resource or NotResource of a statement, made ready."""

    __slots__ = ("absent", "everything", "literal", "negated", "patterns", "varied")

    def __init__(self, statement: Statement) -> None:
        globs = statement.resources or ()
        self.absent = statement.resources is None
        self.negated = statement.not_resource
        self.everything = any(one.everything for one in globs)
        self.literal = frozenset(one.prefix for one in globs if one.literal)
        self.patterns = tuple(one for one in globs if not one.literal and not one.variables)
        self.varied = tuple(one for one in globs if one.variables)

    def match(self, resource: str, context: Context) -> bool | None:
        """Whether the resource is meant; None where that hangs on an unknown variable."""
        if self.everything:
            return not self.negated
        if self.absent:
            return True
        found: bool | None = resource in self.literal or any(
            resource.startswith(one.prefix) and one.matches(resource) for one in self.patterns
        )
        if not found and self.varied:
            found = self._with_variables(resource, context)
        return found if found is None or not self.negated else not found

    def _with_variables(self, resource: str, context: Context) -> bool | None:
        unknown = False
        for one in self.varied:
            if not resource.startswith(one.prefix):
                continue
            ready = filled(one, context)
            if ready is UNKNOWN:
                unknown = True
            elif ready is not None and ready.matches(resource):
                return True
        return None if unknown else False

    def unknown(self, resource: str, context: Context) -> tuple[Condition, ...]:
        """The unknown variables on which `match` hangs, written as conditions."""
        return tuple(
            Condition("stringlike", "", False, variable.key, ("*",), written="the value of")
            for one in self.varied
            if resource.startswith(one.prefix) and filled(one, context) is UNKNOWN
            for variable in one.variables
            if context.get(variable.key) is UNKNOWN
        )


class Rule:
    """A statement, made ready once."""

    __slots__ = ("_who", "conditions", "everything", "resources", "statement")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.resources = Resources(statement)
        self.conditions: tuple[tuple[Condition, Test], ...] = tuple(
            (one, compiled(one)) for one in statement.conditions
        )
        self.everything = (
            self.resources.everything and not self.resources.negated and not self.conditions
        )
        self._who: Who | None = None

    @property
    def who(self) -> Who:
        """Its principals."""
        if self._who is None:
            self._who = Who(self.statement)
        return self._who

    def applies(self, resource: str, context: Context) -> bool | None:
        """Whether resource and conditions fit; None where that is not known."""
        if self.everything:
            return True
        fits = self.resources.match(resource, context)
        if fits is False or not self.conditions:
            return fits
        held = all_of(test(context) for _, test in self.conditions)
        return held if fits or held is False else None

    def undecided(self, resource: str, context: Context) -> tuple[Condition, ...]:
        """The conditions for which `applies` is not known."""
        return (
            *self.resources.unknown(resource, context),
            *(one for one, test in self.conditions if test(context) is None),
        )


def _services(statement: Statement) -> Iterable[str] | None:
    """The prefixes of the services it can speak of; None for all."""
    if statement.not_action:
        return None
    found = set()
    for one in statement.actions:
        service, colon, _ = one.prefix.partition(":")
        if not colon:
            return None
        found.add(service)
    return found


class Index:
    """The statements of a policy by the service and action of which they speak."""

    __slots__ = ("_by_service", "_found", "_of_all")

    def __init__(self, policy: Policy) -> None:
        self._found: dict[str, tuple[tuple[Rule, ...], tuple[Rule, ...]]] = {}
        self._by_service: dict[str, list[Rule]] = defaultdict(list)
        self._of_all: list[Rule] = []
        for statement in policy.statements:
            rule = Rule(statement)
            services = _services(statement)
            if services is None:
                self._of_all.append(rule)
            for service in services or ():
                self._by_service[service].append(rule)

    def of(self, action: str) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
        """The Deny and the Allow statements that speak of the action (lower case)."""
        found = self._found.get(action)
        if found is None:
            mine = self._by_service.get(action.partition(":")[0], [])
            fitting = [
                rule
                for rule in sorted((*mine, *self._of_all), key=lambda rule: rule.statement.index)
                if action_matches(rule.statement, action)
            ]
            found = (
                tuple(rule for rule in fitting if rule.statement.effect == "Deny"),
                tuple(rule for rule in fitting if rule.statement.effect == "Allow"),
            )
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            self._found[action] = found
        return found


@lru_cache(maxsize=100_000)
def index(policy: Policy) -> Index:
    """The policy's statements, made ready once."""
    return Index(policy)
