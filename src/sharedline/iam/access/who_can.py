"""Who can do what on which resources, for a whole estate at once: three answers, or *unknown*.

The method. Resources are a sorted list, so that the literal beginning of a pattern is a range of
it, and every set of them the bits of one integer. For one action each layer of a caller's policies
becomes a few such sets: allowed for certain, perhaps, perhaps for a cause that is no condition.
The logic of `evaluate` then runs on the sets, once for all callers that are alike. A test asks
`evaluate` the same of every pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sharedline.iam.access.atlas import reading
from sharedline.iam.access.bits import members
from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.access.estate import Estate
from sharedline.iam.access.grants import Said, heard
from sharedline.iam.access.quiet import undisturbed
from sharedline.iam.access.ready import Ready, Stack, Standing
from sharedline.iam.access.weighing import Caller, Reach, Scope, Tri, layer, weigh
from sharedline.iam.evaluate import evaluate
from sharedline.iam.globs import Glob
from sharedline.iam.language import Condition
from sharedline.iam.match import Rule, takes_no_resource
from sharedline.iam.request import Answer, Context, Decision, Policies, Request
from sharedline.iam.special import settled, situation

Word = Literal["yes", "no", "depends", "unknown"]
WORDS: Mapping[Answer, Word] = {
    Answer.ALLOWED: "yes",
    Answer.EXPLICITLY_DENIED: "no",
    Answer.IMPLICITLY_DENIED: "no",
    Answer.DEPENDS: "depends",
    Answer.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class Access:
    """The answer for a principal, an action and a resource, with the decision it comes from."""

    principal: str
    action: str
    resource: str
    answer: Word
    conditions: tuple[Condition, ...]
    decision: Decision


class Map(Ready):
    """An estate made ready for questions about some of its principals and resources."""

    def reach(self, action: str) -> dict[str, Reach]:
        """For each principal the resources on which it can do an action, by answer."""
        with undisturbed():
            return Question(self, action.lower()).answers()


class Fit:
    """The statements of a stack that speak of the action; `tri` where it is one for all callers."""

    __slots__ = ("gap", "keys", "rules", "tri")

    def __init__(self, rules: tuple[Rule, ...], *, gap: bool) -> None:
        self.rules, self.gap = rules, gap
        keys: set[str] = set()
        for rule in rules:
            read = reading(rule)
            keys.update(read.caller, ("aws:principalaccount",) if read.resource else ())
        self.keys = tuple(sorted(keys))
        self.tri: Tri | None = None


class Question:
    """One action asked of a map; each thing is worked out once for all callers that are alike."""

    def __init__(self, over: Map, action: str) -> None:
        if takes_no_resource(action) and list(over.atlas.names.list) != ["*"]:
            raise ValueError(f"{action} takes no resource: ask for it with `*` alone")
        self.map, self.atlas, self.crowd = over, over.atlas, over.crowd
        self.action, self.service = action, action.partition(":")[0]
        self._speaks: dict[Glob, bool] = {}
        self._fits_action: dict[Rule, bool] = {}
        self._fitting: dict[Stack, Fit] = {}
        self._scopes: dict[tuple[object, ...], Scope] = {}

    def answers(self) -> dict[str, Reach]:
        """What each principal can do."""
        said = self._said()
        found: list[Reach] = [Reach()] * len(self.crowd.list)
        for standing, alike in self.map.standings.items():
            scope = self._scope(standing, self.crowd.list[alike[0]])
            identity = self._fit(standing.identity)
            limits = [self._fit(one) for one in standing.limits]
            guards = [self._fit(one) for one in standing.scps] if scope.scps else []
            ceilings = self.map.ceilings if scope.rcps else ()
            for at in alike:
                context = self.atlas.context(self.crowd.list[at])
                above = [self._within(one, mask, context) for one, mask in ceilings]
                caller = Caller(
                    self._tri(identity, context),
                    tuple(self._tri(one, context) for one in limits),
                    (*above, *(self._tri(one, context) for one in guards)),
                )
                found[at] = self._weigh(scope, caller, said[at])
        return {one.arn: reach for one, reach in zip(self.crowd.list, found, strict=True)}

    def _said(self) -> list[Said]:
        """What the resources' own policies say of each principal."""
        heard_by: list[list[int]] = [[] for _ in self.crowd.list]
        rules = (
            (rule, mask)
            for several, mask in self.map.carried(self.service)
            for rule in several
            if self._fits(rule)
        )
        said = list(heard(self.atlas, self.crowd, rules).items())
        for number, (callers, _) in enumerate(said):
            for at in members(callers):
                heard_by[at].append(number)
        together: dict[tuple[int, ...], Said] = {}
        for numbers in heard_by:
            key = tuple(numbers)
            if key not in together:
                found = Said()
                for number in numbers:
                    found.add(said[number][1])
                together[key] = self.map.alike.setdefault(found.key(), found)
        return [together[tuple(numbers)] for numbers in heard_by]

    def _weigh(self, scope: Scope, caller: Caller, said: Said) -> Reach:
        key = (scope, said, caller.identity, caller.limits, caller.guards)
        found = self.map.weighed.get(key)
        if found is None:
            found = weigh(self.atlas.full, scope, caller, said, self.map.closed)
            self.map.weighed[key] = found
        return found

    def _scope(self, standing: Standing, one: PrincipalEntry) -> Scope:
        key = (standing.account, standing.kind, standing.linked)
        found = self._scopes.get(key)
        if found is None:
            found = self._scopes[key] = self._work_out_scope(one)
        return found

    def _work_out_scope(self, one: PrincipalEntry) -> Scope:
        take = cross = gated = free = shut = 0
        scps = rcps = True
        for zone in self.map.zones:
            owner = zone.account or one.account
            asked = Request(one.caller, self.action, zone.example, Context(complete=False), owner)
            here = situation(asked, Policies())
            take |= zone.mask if here.resource_takes_part else 0
            cross |= zone.mask if here.cross_account else 0
            gated |= zone.mask if here.gated else 0
            early = settled(here)
            if early is not None and early.answer is Answer.ALLOWED:
                free |= zone.mask
            elif early is not None:
                shut |= zone.mask
            scps, rcps = here.scps_apply, here.rcps_apply
        return Scope(take, cross, gated, free, shut, scps, rcps)

    def _within(self, stack: Stack, mask: int, context: Context) -> Tri:
        found = self._tri(self._fit(stack), context)
        key = (found, mask)
        if key not in self.map.layers:
            self.map.layers[key] = found.within(mask, self.atlas.full)
        return self.map.layers[key]

    def _tri(self, fit: Fit, context: Context) -> Tri:
        if fit.tri is not None:
            return fit.tri
        key = (fit.rules, fit.gap, *(context.get(one) for one in fit.keys))
        found = self.map.layers.get(key)
        if found is None:
            found = layer(self.atlas, fit.rules, context, gap=fit.gap)
            self.map.layers[key] = found
        if not fit.keys:
            fit.tri = found
        return found

    def _fit(self, stack: Stack) -> Fit:
        found = self._fitting.get(stack)
        if found is None:
            rules = tuple(filter(self._fits, stack.of(self.service)))
            found = self._fitting[stack] = Fit(rules, gap=stack.gap)
        return found

    def _fits(self, rule: Rule) -> bool:
        found = self._fits_action.get(rule)
        if found is None:
            statement = rule.statement
            found = any(map(self._matches, statement.actions)) is not statement.not_action
            self._fits_action[rule] = found
        return found

    def _matches(self, pattern: Glob) -> bool:
        found = self._speaks.get(pattern)
        if found is None:
            found = self._speaks[pattern] = pattern.matches(self.action)
        return found


def ask(estate: Estate, principal: str, action: str, resource: str) -> Access:
    """The answer for one pair, with the decision."""
    decision = evaluate(
        estate.request(principal, action, resource), estate.policies(principal, resource)
    )
    word = WORDS[decision.answer]
    return Access(principal, action, resource, word, decision.depends, decision)


def who_can(estate: Estate, action: str, resource: str) -> list[Access]:
    """Every principal that can do an action on a resource, perhaps can, or of which it is unknown.

    `resource` is an ARN, in the scan or not, or `*` for an action that takes none.
    """
    named = "*" if takes_no_resource(action.lower()) else resource
    reached = Map(estate, [named]).reach(action)
    return [
        ask(estate, principal, action, named)
        for principal, found in reached.items()
        if found.yes or found.depends or found.unknown
    ]
