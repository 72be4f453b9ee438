"""What an answer earns: right before wrong, unsure wrong before sure wrong, honest before guessed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharedline.exercise.model import Question, Truth
from sharedline.exercise.score.answers import earned, is_guess, is_right
from sharedline.exercise.session.model import Answer

AT = datetime(2026, 11, 20, tzinfo=UTC)
CONFIDENCE = st.integers(0, 100)


def question(*right: str) -> Question:
    return Question("owner", "owner", "Whose?", truth=Truth(right, "so"))


def answer(text: str, confidence: int) -> Answer:
    return Answer("p", "i", "owner", text, confidence, 1.0, AT, 1)


def points(text: str, confidence: int, *right: str) -> float:
    return earned(answer(text, confidence), question(*right))


def test_the_rule_as_it_is_written() -> None:
    assert points("data", 100, "data") == 1.0
    assert points("data", 0, "data") == 0.75
    assert points("web", 100, "data") == pytest.approx(0.1)
    assert points("web", 0, "data") == 0.35
    assert points("web", 100, "nobody") == 0.0
    assert points("nobody", 100, "nobody") == 1.0


def test_case_and_blanks_are_forgiven_and_meaning_is_not() -> None:
    assert is_right("  Data\t Team ", question("data team"))
    assert not is_right("data-team", question("data team"))
    assert not is_right("", question("data team"))
    assert is_right("NOBODY", question("data", "nobody"))


def test_a_guess_is_one_only_where_there_is_none() -> None:
    assert is_guess("data", question("nobody"))
    assert not is_guess("unknown", question("nobody"))
    assert not is_guess("web", question("data", "nobody"))


@given(CONFIDENCE, CONFIDENCE)
def test_right_always_earns_more_than_wrong_and_wrong_more_than_a_guess(a: int, b: int) -> None:
    assert points("data", a, "data") > points("web", b, "data")
    assert points("web", a, "data") > points("web", a, "nobody")
    for text, truth in (("data", "data"), ("web", "data"), ("web", "nobody")):
        assert 0.0 <= points(text, a, truth) <= 1.0


@given(st.integers(0, 99))
def test_surer_is_better_when_right_and_worse_when_wrong(c: int) -> None:
    assert points("data", c + 1, "data") > points("data", c, "data")
    assert points("web", c + 1, "data") < points("web", c, "data")
    assert points("web", c + 1, "nobody") < points("web", c, "nobody")


@given(CONFIDENCE, CONFIDENCE, st.sampled_from(["data", "nobody"]))
def test_whoever_says_the_confidence_they_have_expects_most(p: int, said: int, else_: str) -> None:
    """Proper: with probability p of being right, no other confidence expects more."""
    wrong = "web" if else_ == "data" else "nobody"
    truth = "data" if wrong == "web" else "nobody"

    def expected(c: int) -> float:
        right = points("data", c, "data")
        missed = points("web", c, "x") if truth == "data" else points("data", c, "nobody")
        return p / 100 * right + (1 - p / 100) * missed

    assert expected(p) >= expected(said) - 1e-12
