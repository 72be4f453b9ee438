"""The API budget: bursts pass, more must wait, and each account x Region x service has its own."""

from __future__ import annotations

import pytest

from sharedline.collect.limits import BURST_SECONDS, DEFAULT, RATES, Budget, Budgets


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.slept = 100.0, [0.0]
        monkeypatch.setattr("time.monotonic", lambda: self.now)
        monkeypatch.setattr("time.sleep", self.slept.append)


def test_a_burst_passes_and_then_the_rate_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    budget = Budget(rate=10, burst=3)
    assert [budget.take() for _ in range(3)] == [0, 0, 0]
    assert budget.take() == pytest.approx(0.1)
    assert budget.take() == pytest.approx(0.2)
    clock.now += 1.2
    assert budget.take() == 0
    clock.now += 1000  # what is saved up is the burst and no more
    assert [budget.take() for _ in range(4)] == [0, 0, 0, pytest.approx(0.1)]


def test_each_place_has_a_budget_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    budgets = Budgets(scale=0.5)
    allowed = int(RATES["ec2"] * 0.5 * BURST_SECONDS)
    assert [budgets.take("1", "eu-west-1", "ec2") for _ in range(allowed)] == [0] * allowed
    assert budgets.take("1", "eu-west-1", "ec2") == pytest.approx(1 / (RATES["ec2"] * 0.5))
    assert budgets.take("1", "eu-west-2", "ec2") == 0
    assert budgets.take("2", "eu-west-1", "ec2") == 0
    assert budgets.take("1", "eu-west-1", "other") == 0


def test_no_rate_reaches_the_published_quota_of_ec2() -> None:
    assert RATES["ec2"] <= 20
    assert RATES["ec2"] * BURST_SECONDS <= 100
    assert DEFAULT <= 20
