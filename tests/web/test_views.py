"""What the reading pages share: kept answers, hidden texts, cut lists."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from sharedline.errors import Error
from sharedline.people.model import Scope
from sharedline.web.views.hiding import OUTSIDE, Hiding, account_of
from sharedline.web.views.listing import cut
from sharedline.web.views.shelf import Shelf

MINE, OTHER = "123456789012", "210987654321"


def test_an_answer_is_reckoned_once_however_many_ask() -> None:
    go, begun, count = threading.Event(), threading.Event(), []

    def slow() -> int:
        count.append(1)
        begun.set()
        assert go.wait(60)
        return 7

    with closing(Shelf()) as shelf:
        assert shelf.ask("a", slow, wait=0).state == "working"
        assert begun.wait(60)
        assert shelf.ask("a", slow, wait=0).state == "working"
        found: list[int] = []
        others = [
            threading.Thread(target=lambda: found.append(shelf.get("a", slow))) for _ in "xyz"
        ]
        for one in others:
            one.start()
        go.set()
        for one in others:
            one.join()
        assert found == [7, 7, 7]
        assert shelf.ask("a", slow).value == 7
        assert count == [1]


def test_only_so_many_are_kept_the_longest_unasked_goes() -> None:
    with closing(Shelf(most=2)) as shelf:
        for key in "ab":
            shelf.get(key, lambda: 1)
        shelf.get("a", lambda: 2)
        shelf.get("c", lambda: 1)
        assert shelf.get("a", lambda: 3) == 1
        assert shelf.get("b", lambda: 3) == 3


def test_a_failure_is_told_and_tried_again() -> None:
    def wrong() -> int:
        raise Error("No trail.", "Ingest one.")

    def broken() -> int:
        raise ValueError("a fault of ours")

    with closing(Shelf()) as shelf:
        told = shelf.ask("a", wrong, wait=60)
        assert (told.state, told.message, told.advice) == ("failed", "No trail.", "Ingest one.")
        assert shelf.ask("a", lambda: 1, wait=60).value == 1
        with pytest.raises(ValueError, match="a fault of ours"):
            shelf.ask("b", broken, wait=60)
        with pytest.raises(ValueError, match="a fault of ours"):
            shelf.get("b", broken)
        assert shelf.get("b", lambda: 2) == 2


def test_what_a_scope_hides() -> None:
    hiding = Hiding(Scope(frozenset({MINE}), frozenset({"data"})))
    assert hiding.text(f"role of {MINE}") == f"role of {MINE}"
    assert hiding.text(f"role of {OTHER}") == OUTSIDE
    assert hiding.text(f"arn:aws:iam::{OTHER}:role/x") == OUTSIDE
    assert hiding.text("a1234567890123") == "a1234567890123"
    hiding.outside([f"arn:aws:iam::{OTHER}:user/mallory", "arn:aws:s3:::vault", "abc", ""])
    assert hiding.text("mallory read it") == OUTSIDE
    assert hiding.text("the vault is open") == OUTSIDE
    assert hiding.text("abc") == "abc"
    assert hiding.sees(OTHER, "data")
    assert not hiding.sees(OTHER, "web")
    assert not Hiding(Scope()).hides(OTHER)


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        (f"arn:aws:iam::{MINE}:role/a:b", MINE),
        ("arn:aws:s3:::b", ""),
        ("x", ""),
        ("a:b:c:d:e:f", ""),
    ],
)
def test_the_account_of_an_arn(arn: str, account: str) -> None:
    assert account_of(arn) == account


@pytest.mark.parametrize("page", ["0", "-1", "1.5", "x", "٣", "9" * 8, " 1"])
def test_pages_that_are_none(page: str) -> None:
    with pytest.raises(Error):
        cut([1], {"page": page})


def test_pages_of_a_list() -> None:
    rows = list(range(250))
    assert cut(rows, {}) == (rows[:100], 1, 3)
    assert cut(rows, {"page": "3"}) == (rows[200:], 3, 3)
    assert cut(rows, {"page": "99"}) == (rows[200:], 3, 3)
    assert cut([], {"page": ""}) == ([], 1, 1)
