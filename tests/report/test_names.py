"""Anchors, cut texts, and the share of rows that each group gets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sharedline.report.names import anchor, clipped, count, fair_cap, place, safe_url


@given(st.lists(st.integers(0, 5_000), max_size=60), st.integers(1, 3_000), st.integers(1, 200))
def test_a_cap_keeps_the_budget_and_wastes_none_of_it(
    sizes: list[int], budget: int, most: int
) -> None:
    cap = fair_cap(sizes, budget, most)
    shown = sum(min(s, cap) for s in sizes)
    assert 1 <= cap <= most
    assert shown <= budget or cap == 1
    if cap < most and any(s > cap for s in sizes):
        assert sum(min(s, cap + 1) for s in sizes) > budget


@given(st.text(), st.text())
def test_an_anchor_is_safe_and_different_names_stay_different(a: str, b: str) -> None:
    one, other = anchor("cell", a), anchor("cell", b)
    assert all(c.isalnum() or c in "_./-" for c in one)
    assert one.isascii()
    if a != b:
        assert one != other


def test_a_long_text_is_cut_and_says_by_how_much() -> None:
    assert clipped("x" * 1_000_000) == "x" * 420 + "… (999,580 more characters)"
    assert clipped("two\nlines\tand a tab") == "two lines and a tab"
    assert clipped(None) == ""


def test_numbers_have_their_nouns() -> None:
    assert count(1, "account") == "1 account"
    assert count(2, "duty", "duties") == "2 duties"
    assert count(1_234_567).replace("\N{NARROW NO-BREAK SPACE}", ",") == "1,234,567"


def test_only_public_pages_become_links() -> None:
    assert safe_url("https://docs.aws.amazon.com/x") == "https://docs.aws.amazon.com/x"
    assert safe_url("javascript:alert(1)") == ""
    assert safe_url("category default, not reviewed") == ""


def test_where_a_duty_falls() -> None:
    zero = {"aws": 0, "customer": 0, "shared": 0, "unknown": 0}

    def at(**sides: int) -> str:
        return place({"sides": {**zero, **sides}, "usual_side": "customer"})

    assert at(aws=3) == "aws"
    assert at(shared=1) == "shared"
    assert at(aws=2, customer=1) == "moves"
    assert at(aws=2, unknown=1) == "unknown"
    assert at() == "customer"
