"""The engine against the reference evaluator, and against its own answers when more is known."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sharedline.iam import cases
from sharedline.iam.evaluate import evaluate
from sharedline.iam.request import Answer, Context, Policies, Request
from tests.iam import reference
from tests.iam.reference_values import UnclearError, condition
from tests.iam.requests import (
    ACCOUNT,
    EVERYTHING,
    GRANTS,
    KEYS,
    OTHER,
    ROLE,
    SESSION,
    TARGETS,
    USER,
    record,
)


def answer_of_reference(given: dict[str, Any]) -> str:
    request = given["request"]
    context = {key.lower(): value for key, value in request["context"].items()}
    return reference.evaluate(
        {
            **request,
            "context": context,
            "account": ACCOUNT,
            "resource_account": given["resource_account"],
        },
        given["policies"],
    )


FUZZ = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@FUZZ
@given(record())
def test_agrees_with_the_reference(given: dict[str, Any]) -> None:
    try:
        expected = answer_of_reference(given)
    except UnclearError:
        assume(False)
    decision = evaluate(*cases.request_of(given))
    # The reference reads all conditions; the engine may be sure before it comes to an unclear one.
    assert decision.answer.value == expected, decision.reason


EXCEPTIONS = [
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"},
            {"Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": {"AWS": listed}},
        ],
    }
    for listed in ([USER, ACCOUNT], [ROLE, ACCOUNT], [ACCOUNT], [OTHER], [USER], [SESSION, ROLE])
]


@pytest.mark.parametrize("resource", [None, *GRANTS, *EXCEPTIONS])
def test_every_way_in_which_layers_meet(resource: Any) -> None:
    """Every kind of grant, with and without what limits it, within an account and across."""
    several: list[Any] = [None, [], [EVERYTHING]]
    targets = [TARGETS[0], TARGETS[5], TARGETS[6], TARGETS[7]]
    for principal, (action, arn), owner in product((USER, SESSION), targets, (ACCOUNT, OTHER)):
        for identity, boundary, session in product(several[1:], several, several):
            given_: dict[str, Any] = {
                "request": {
                    "principal": principal,
                    "action": action,
                    "resource": arn,
                    "context": {},
                },
                "resource_account": owner,
                "policies": {
                    "identity": identity,
                    "resource": resource,
                    "boundary": boundary,
                    "session": session,
                    "scps": [],
                    "rcps": [],
                    "vpce": None,
                },
            }
            decision = evaluate(*cases.request_of(given_))
            try:
                expected = {answer_of_reference(given_)}
            except UnclearError:  # then a Deny may apply: an Allow would be a guess
                expected = {"Unknown", "ImplicitlyDenied"}
            assert decision.answer.value in expected, (given_, decision.reason)


def completions(given: dict[str, Any], draw: st.DataObject) -> Context:
    """One way in which the keys of which nothing is known could have been."""
    values = {key: tuple(texts) for key, texts in given["request"]["context"].items()}
    for key in sorted(KEYS):
        if key not in values:
            texts = st.lists(st.sampled_from(KEYS[key][0]), max_size=2)
            values[key] = tuple(draw.draw(texts, label=key))
    return Context(values)


@FUZZ
@given(record(), st.data())
def test_an_answer_without_all_keys_is_the_answer_with_any(
    given: dict[str, Any], data: st.DataObject
) -> None:
    request, policies = cases.request_of(given)
    partly = evaluate(_with(request, Context(request.context.values, complete=False)), policies)
    assume(partly.answer not in (Answer.DEPENDS, Answer.UNKNOWN))
    for _ in range(3):
        fully = evaluate(_with(request, completions(given, data)), policies)
        allowed = partly.answer is Answer.ALLOWED
        assert fully.answer is Answer.ALLOWED if allowed else fully.answer in _DENIED, (
            partly.reason,
            fully.reason,
        )


_DENIED = (Answer.EXPLICITLY_DENIED, Answer.IMPLICITLY_DENIED)


def _with(request: Request, context: Context) -> Request:
    return Request(
        request.caller, request.action, request.resource, context, request.resource_account
    )


@FUZZ
@given(record(), st.sampled_from(("identity", "resource", "boundary", "session", "scp", "vpce")))
def test_an_answer_without_a_layer_is_the_answer_with_it(given: dict[str, Any], layer: Any) -> None:
    request, policies = cases.request_of(given)
    name = {"scp": "scps"}.get(layer, layer)
    nothing: Any = {"identity": (), "scp": ()}.get(layer)
    blind = evaluate(request, _replaced(policies, name, nothing, unreadable={layer: "denied"}))
    assume(blind.answer not in (Answer.DEPENDS, Answer.UNKNOWN))
    seen = evaluate(request, policies)
    assume(seen.answer not in (Answer.DEPENDS, Answer.UNKNOWN))
    assert (seen.answer is Answer.ALLOWED) is (blind.answer is Answer.ALLOWED), blind.reason


def _replaced(policies: Policies, name: str, value: Any, unreadable: Any) -> Policies:
    from dataclasses import replace

    return replace(policies, **{name: value}, unreadable=unreadable)


def test_the_reference_says_where_aws_is_silent() -> None:
    several: dict[str, Any] = {"key": ["a", "b"]}
    with pytest.raises(UnclearError):
        condition("StringEquals", "key", ["a"], several, "2012-10-17")
