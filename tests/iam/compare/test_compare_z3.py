"""`policy_subset` against an SMT solver, for policies of a service that AWS does not have.

Then every action and every resource is a text, and both sides decide the same question.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharedline.iam.compare.subset import policy_subset
from sharedline.iam.globs import Glob, Wild
from sharedline.iam.language import Condition, Policy, Statement
from sharedline.iam.parse import parse

z3 = pytest.importorskip("z3", reason="the solver z3 (package z3-solver) is not installed")

ACTIONS = ("zoo:Feed", "zoo:Fe*", "zoo:?eed", "zoo:*", "*", "zoo:*d", "zoo:Pet")
THINGS = ("*", "arn:aws:zoo:::a", "arn:aws:zoo:::a*", "arn:aws:zoo:::*b", "arn:aws:zoo:::a?b*")
CONDITIONS: tuple[dict[str, Any], ...] = (
    {"StringEquals": {"zoo:kind": ["cat", "dog"]}},
    {"StringLike": {"zoo:kind": ["c*", "d?g"]}},
    {"StringNotLike": {"zoo:kind": "*t"}},
    {"StringNotEqualsIfExists": {"zoo:kind": "cat"}},
    {"StringLikeIfExists": {"zoo:kind": "c*"}},
    {"Null": {"zoo:kind": "true"}},
    {"Null": {"zoo:kind": "false"}},
    {"NumericLessThan": {"zoo:age": "10"}},
    {"NumericGreaterThanEquals": {"zoo:age": "5"}},
    {"NumericNotEquals": {"zoo:age": "7"}},
    {"Bool": {"zoo:tame": "true"}},
    {"BoolIfExists": {"zoo:tame": "false"}},
)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Deny")))}
    action = draw(st.sampled_from(("Action", "Action", "NotAction")))
    made[action] = draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2))
    resource = draw(st.sampled_from(("Resource", "Resource", "NotResource")))
    made[resource] = draw(st.lists(st.sampled_from(THINGS), min_size=1, max_size=2))
    block: dict[str, Any] = {}
    for one in draw(st.lists(st.sampled_from(CONDITIONS), max_size=2)):
        for operator, keys in one.items():
            block.setdefault(operator, {}).update(keys)
    return {**made, "Condition": block} if block else made


POLICIES = st.lists(statements(), min_size=1, max_size=3).map(
    lambda listed: parse(json.dumps({"Version": "2012-10-17", "Statement": listed}))
)


class Solver:
    """Requests as variables, statements as formulas."""

    def __init__(self) -> None:
        self.action, self.resource = z3.String("action"), z3.String("resource")
        self.kind, self.age = z3.String("kind"), z3.Real("age")
        self.tame = z3.Bool("tame")
        self.there = {name: z3.Bool(f"{name} there") for name in ("kind", "age", "tame")}

    def glob(self, one: Glob) -> Any:
        any_char = z3.AllChar(z3.ReSort(z3.StringSort()))
        parts = [z3.Re("")]
        for part in one.parts:
            if isinstance(part, str):
                parts.append(z3.Re(part))
            else:
                assert isinstance(part, Wild)
                parts.append(z3.Star(any_char) if part.many else any_char)
        return z3.Concat(*parts, z3.Re(""))

    def some(self, text: Any, globs: Any) -> Any:
        return z3.Or(*(z3.InRe(text, self.glob(one)) for one in globs))

    def condition(self, one: Condition) -> Any:
        name = one.key.partition(":")[2]
        there = self.there[name]
        operator = one.operator
        if operator == "null":
            return z3.Not(there) if one.values == ("true",) else there
        negated = "not" in operator
        if operator.startswith("string"):
            wild = "like" in operator
            test = self.some(self.kind, [globbed(value, wildcards=wild) for value in one.values])
        elif operator.startswith("numeric"):
            number = z3.RealVal(one.values[0])
            tests = {
                "numericlessthan": self.age < number,
                "numericgreaterthanequals": self.age >= number,
                "numericnotequals": self.age == number,
            }
            test = tests[operator]
        else:
            test = self.tame if one.values == ("true",) else z3.Not(self.tame)
        absent = one.if_exists or negated
        held = z3.Not(test) if negated else test
        return z3.Or(z3.And(there, held), z3.And(z3.Not(there), z3.BoolVal(absent)))

    def statement(self, it: Statement) -> Any:
        action = self.some(self.action, it.actions)
        resource = self.some(self.resource, it.resources or ())
        return z3.And(
            z3.Not(action) if it.not_action else action,
            z3.Not(resource) if it.not_resource else resource,
            *(self.condition(one) for one in it.conditions),
        )

    def allowed(self, policy: Policy) -> Any:
        allows = [self.statement(it) for it in policy.allows]
        denies = [self.statement(it) for it in policy.denies]
        return z3.And(z3.Or(*allows), z3.Not(z3.Or(*denies)))


def globbed(text: str, *, wildcards: bool) -> Glob:
    from sharedline.iam.globs import glob

    return glob(text, wildcards=wildcards)


def solved(new: Policy, old: Policy) -> bool | None:
    """Whether the solver finds no request that only the new policy allows; None: no answer."""
    here = Solver()
    letters = z3.Plus(z3.Range("a", "z"))
    asked = z3.Solver()
    asked.set("timeout", 1500)
    # Of the unknown service: actions of others may take no resource, or lists of their own.
    asked.add(z3.InRe(here.action, z3.Concat(z3.Re("zoo:"), letters)))
    asked.add(here.allowed(new), z3.Not(here.allowed(old)))
    found = asked.check()
    return None if found == z3.unknown else bool(found == z3.unsat)


@settings(max_examples=60, deadline=None)
@given(POLICIES, POLICIES)
def test_the_solver_agrees(new: Policy, old: Policy) -> None:
    solver = solved(new, old)
    found = policy_subset(new, old)
    if solver is None:
        return
    assert found.answer is not None, found.reason
    if solver is False:
        assert found.answer is False
    elif found.answer is False:  # an action outside of the service
        assert found.witness is not None
        assert not found.witness.action.lower().startswith("zoo:")
