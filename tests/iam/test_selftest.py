"""The self-test passes here, and notices an engine or a list of actions that changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sharedline.errors import Error
from sharedline.iam import actions, selftest
from sharedline.iam.access import estate
from sharedline.iam.compare import public, subset
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Decision


def test_nothing_is_wrong() -> None:
    assert list(selftest.faults()) == []
    selftest.check()


def test_an_engine_that_allows_all_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "evaluate", lambda *_: Decision(Answer.ALLOWED))
    found = list(selftest.faults())
    assert "nothing allows: expected ImplicitlyDenied, found Allowed" in found
    with pytest.raises(Error, match="self-test failed"):
        selftest.check.__wrapped__()


@pytest.mark.parametrize("name", [name for name, _, _ in selftest.CATALOGUE])
def test_a_list_that_lacks_an_action_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = actions.find
    monkeypatch.setattr(actions, "find", lambda action: None if action == name else real(action))
    assert f"the list of AWS's actions lacks {name}" in list(selftest.faults())


def test_a_list_that_describes_an_action_otherwise_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = actions.find("iam:PassRole")
    assert real is not None
    monkeypatch.setattr(actions, "find", lambda _: replace(real, access_level="Read"))
    found = "the list of AWS's actions describes iam:PassRole otherwise"
    assert found in list(selftest.faults())


def test_a_list_cut_short_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "services", lambda: frozenset(("s3", "iam")))
    assert "the list of AWS's actions has only 2 services" in list(selftest.faults())


@pytest.mark.parametrize(
    "ask",
    [
        lambda: estate.build({}),
        lambda: subset.policy_subset(parse({"Statement": []}), parse({"Statement": []})),
        lambda: public.is_public(parse({"Statement": []})),
    ],
)
def test_nothing_is_answered_where_it_fails(
    ask: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selftest, "check", selftest.check.__wrapped__)
    monkeypatch.setattr(actions, "services", lambda: frozenset(("s3", "iam")))
    with pytest.raises(Error, match="self-test failed"):
        ask()
