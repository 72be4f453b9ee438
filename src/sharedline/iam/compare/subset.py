"""Whether a new policy allows anything that an old one does not, with a request that shows it.

The space of requests is divided into finitely many classes: actions by the statements that speak
of them, callers and condition keys by the outcomes of their tests, resources by the algebra of
globs. A request that the new policy allows and the old one does not is searched for in each class;
what is found counts only once `evaluate` confirms it for both policies. That nothing is found is a
proof, since the classes cover every request.

Choices. An action that AWS lists without resource types is asked of `*` alone, as in `evaluate`;
other actions are asked of any resource, listed or not, for AWS's lists lag behind its services
(`resource_forms` says which texts are no resources).
Patterns stand for future actions too: `s3:*` is more than all of today's S3 actions. A key that
AWS documents as always present is so. What is not known (a policy variable, a condition without a
defined meaning) may be anything when a proof is made, and is never part of an example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sharedline.iam import selftest
from sharedline.iam.compare.action_points import ActionClass, classes
from sharedline.iam.compare.algebra import LimitError, limited, step
from sharedline.iam.compare.problem import (
    CALLER,
    Problem,
    Sides,
    as_conditions,
    assignments,
    with_values,
)
from sharedline.iam.compare.search import States
from sharedline.iam.compare.witnesses import Prover, Shown
from sharedline.iam.language import Policy
from sharedline.iam.request import Request

Kind = Literal["identity", "resource"]
#: Examples that are tried before the answer is that none could be confirmed.
TRIES = 40
#: Steps for one comparison: about 0.7 s.
MOST_STEPS = 35_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """True: no more permissive. False: `witness` is allowed by the new policy alone. None: unknown.

    `shown` says which statement allows the witness and why the old policy does not.
    """

    answer: bool | None
    witness: Request | None
    reason: str
    shown: Shown | None = None


class _Side:
    """The statements of one side, with their bits among those of both."""

    def __init__(self, policies: Sequence[Policy], first: int) -> None:
        self.policies = tuple(policies)
        self.statements = [it for one in policies for it in one.statements]
        self.first = first


def _several(given: Policy | Sequence[Policy]) -> tuple[Policy, ...]:
    return (given,) if isinstance(given, Policy) else tuple(given)


def _unread(policies: Sequence[Policy], kind: Kind) -> str:
    """Why a policy may say more, or other, than its statements do."""
    for one in policies:
        if not one.whole:
            fault = next(str(p) for p in one.problems if p.level == "fatal")
            return f"{one.name} cannot be read whole: {fault}"
        for it in one.statements:
            if kind == "identity" and it.resources is None:
                return f"{one.name}: statement {it.name} has no Resource"
    return ""


class _Question:
    """A comparison under way."""

    def __init__(self, new: Sequence[Policy], old: Sequence[Policy], kind: Kind) -> None:
        self.identity = kind == "identity"
        self.new = _Side(new, 0)
        self.old = _Side(old, len(self.new.statements))
        self.prover = Prover(tuple(new), tuple(old), identity=self.identity)
        self.tries = 0
        self.fallback: Shown | None = None

    def answer(self) -> Comparison:
        """The answer; a confirmed request stands even where the search did not end."""
        try:
            with limited(MOST_STEPS):
                found = self._search()
        except LimitError as error:
            found = f"it cannot be told: {error}"
        if isinstance(found, Shown):
            return Comparison(False, found.request, found.reason, found)
        if self.fallback is not None:
            return Comparison(False, self.fallback.request, self.fallback.reason, self.fallback)
        if found:
            return Comparison(None, None, found)
        return Comparison(True, None, "every request that the new policy allows, the old one does")

    def _search(self) -> Shown | str:
        """A request; else why there may be one, or nothing."""
        both = [*self.new.statements, *self.old.statements]
        granting = sum(1 << at for at, it in enumerate(self.new.statements) if it.effect == "Allow")
        unproven = ""
        for one in classes(both):
            step()
            if one.statements & granting:
                sides = self._sides(one)
                shown = self._shown(one, sides)
                if shown is not None:
                    return shown
                unproven = unproven or self._unproven(one, sides)
        return f"it cannot be told: {unproven}" if unproven else ""

    def _sides(self, actions: ActionClass) -> Sides:
        found: Sides = {}
        for at in actions.places():
            side = self.new if at < self.old.first else self.old
            it = side.statements[at - side.first]
            found.setdefault(("new" if side is self.new else "old", it.effect), []).append(it)
        return found

    def _shown(self, actions: ActionClass, sides: Sides) -> Shown | None:
        """A request that both sides confirm; one that AWS does not list is kept for the end."""
        for values in assignments(it for several in sides.values() for it in several):
            filled = with_values(sides, values)
            given = as_conditions(values)
            problem = Problem(actions, filled, given, identity=self.identity)
            states = next(problem.solutions(sure=True), None)
            if states is None:
                continue
            first = self._confirmed(actions, problem, states)
            if first is not None and first.listed:
                return first
            for form in () if actions.bare else actions.forms():
                mine = actions.taking(form)
                for found in problem.solutions(sure=True, within=form):
                    shown = self._confirmed(mine, problem, found)
                    if shown is not None and shown.listed:
                        return shown
            for found in problem.solutions(sure=True, apart=True):
                self.fallback = self.fallback or self._confirmed(actions, problem, found)
                if self.fallback is not None:
                    break
        return None

    def _confirmed(self, actions: ActionClass, problem: Problem, found: States) -> Shown | None:
        self.tries += 1
        if self.tries > TRIES:
            return None
        return self.prover.show(actions, found, problem.points, CALLER)

    def _unproven(self, actions: ActionClass, sides: Sides) -> str:
        """Why it cannot be ruled out that such a request exists; empty where it is."""
        problem = Problem(actions, sides, identity=self.identity)
        if self.fallback is not None or not problem.solvable(sure=False):
            return ""
        forms = () if actions.bare else actions.forms()
        if not problem.solvable(sure=False, apart=not actions.bare) and not any(
            problem.solvable(sure=False, within=form) for form in forms
        ):
            return ""
        return problem.unknown or "a request was found that evaluation does not confirm"


def policy_subset(
    new: Policy | Sequence[Policy], old: Policy | Sequence[Policy], kind: Kind = "identity"
) -> Comparison:
    """Whether every request that `new` allows is allowed by `old` too.

    Several policies of one side act together. Identity policies are compared for any user or role,
    resource policies for any caller whose own account lets it do everything.
    """
    selftest.check()
    newer, older = _several(new), _several(old)
    reason = _unread((*newer, *older), kind)
    if reason:
        return Comparison(None, None, f"it cannot be told: {reason}")
    return _Question(newer, older, kind).answer()
