"""The algebra of globs against brute force over small alphabets."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharedline.iam.compare.algebra import (
    LimitError,
    covers,
    limited,
    overlaps,
    possible,
    step,
    witness,
)
from sharedline.iam.globs import Glob, glob

LETTERS = "aAbB:"
#: Every text of up to five characters; `z` stands for the characters that no glob names.
TEXTS = ["".join(one) for size in range(6) for one in itertools.product(LETTERS + "z", repeat=size)]


def texts(letters: str = "aAb:*?", longest: int = 5) -> st.SearchStrategy[str]:
    return st.text(letters, max_size=longest)


GLOBS = st.one_of(
    texts().map(glob),
    texts().map(lambda text: glob(text, fold=True)),
    st.tuples(*[texts("ab*?", 1)] * 6).map(lambda parts: glob(":".join(parts), "arn")),
)


def found(inside: list[Glob], outside: list[Glob]) -> str | None:
    for text in TEXTS:
        if all(one.matches(text) for one in inside) and not any(o.matches(text) for o in outside):
            return text
    return None


@settings(max_examples=400, deadline=None)
@given(st.lists(GLOBS, max_size=3), st.lists(GLOBS, max_size=3))
def test_a_witness_is_one_and_is_as_short_as_any(inside: list[Glob], outside: list[Glob]) -> None:
    text = witness(inside, outside)
    brute = found(inside, outside)
    if text is None:
        assert brute is None
        return
    assert all(one.matches(text) for one in inside)
    assert not any(one.matches(text) for one in outside)
    if brute is not None:
        assert len(text) <= len(brute)
    else:
        assert len(text) > 5


@settings(max_examples=400, deadline=None)
@given(GLOBS, GLOBS)
def test_covers_and_overlaps_agree_with_every_short_text(a: Glob, b: Glob) -> None:
    outside = found([b], [a])
    if outside is not None:
        assert not covers(a, b)
    both = found([a, b], [])
    if both is not None:
        assert overlaps(a, b)
    assert covers(a, b) is (witness([b], [a]) is None)
    assert overlaps(a, b) is (witness([a, b], []) is not None)


VARIED = st.lists(st.sampled_from(["a", "b", ":", "*", "?", "${u}", "${v}"]), max_size=5)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(VARIED.map("".join), min_size=1, max_size=2),
    st.lists(VARIED.map("".join), max_size=2),
    texts("ab:z", 2),
    texts("ab:z", 2),
)
def test_impossible_holds_for_every_value_of_the_variables(
    inside: list[str], outside: list[str], u: str, v: str
) -> None:
    def globs(given: list[str]) -> list[Glob]:
        return [glob(one, variables=True) for one in given]

    def filled(given: list[str]) -> list[Glob]:
        values = {"u": u, "v": v}
        return [one for g in globs(given) if (one := g.fill(lambda it: values[it.key]))]

    if witness(filled(inside), filled(outside)) is not None:
        assert possible(globs(inside), globs(outside))


def test_the_same_variable_is_the_same_text() -> None:
    home = glob("arn:aws:s3:::b/${aws:username}/*", "arn", variables=True)
    deeper = glob("arn:aws:s3:::b/${aws:username}/in/*", "arn", variables=True)
    other = glob("arn:aws:s3:::b/${aws:userid}/*", "arn", variables=True)
    all_ = glob("arn:aws:s3:::b/*", "arn")
    assert covers(home, deeper)
    assert covers(all_, home)
    assert not covers(deeper, home)
    assert not covers(home, other)
    assert overlaps(home, other)
    with pytest.raises(LimitError):
        witness([home], [])


def test_a_wildcard_in_an_arn_stays_in_its_part() -> None:
    inside = glob("arn:aws:s3:*:*:*sensitive*", "arn")
    assert overlaps(inside, glob("arn:aws:s3:::my-sensitive-bucket", "arn"))
    assert not overlaps(glob("arn:aws:*:::x", "arn"), glob("arn:aws:s3:eu-west-1:1:x", "arn"))


def test_a_question_past_the_budget_is_refused() -> None:
    inside = [glob(f"*{letter}*") for letter in "abcdefghijkl"]
    with pytest.raises(LimitError):
        witness(inside, [], budget=500)


def test_a_question_ends_after_its_steps_however_long_they_take() -> None:
    """Answers that depended on the clock were other ones on a busy machine."""

    def steps(many: int) -> None:
        for _ in range(many):
            step()

    with limited(10):
        steps(10)
        with pytest.raises(LimitError):
            step()
    steps(1_000)  # nothing is counted outside


def test_what_a_part_of_a_question_takes_is_taken_from_the_whole() -> None:
    with limited(10):
        with limited(6):
            for _ in range(6):
                step()
            with pytest.raises(LimitError):
                step()
        for _ in range(3):
            step()
        with pytest.raises(LimitError):
            step()
    with limited(5), pytest.raises(LimitError), limited(100):
        for _ in range(6):
            step()
