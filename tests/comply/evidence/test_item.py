"""Items: one sequence of bytes for what they say, and nothing that is none gets in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.comply.evidence.made import NOW, item

from sharedline.comply.evidence.item import EvidenceError, read, read_block, seal

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
SCALAR = (
    TEXT
    | st.booleans()
    | st.none()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2**53) + 1, 2**53 - 1)
)
JSON = SCALAR | st.lists(SCALAR, max_size=3) | st.dictionaries(TEXT, SCALAR, max_size=3)
ITEMS = st.builds(
    lambda statement, parameters, ref, samples, days: item(
        statement=statement,
        query={"id": "x", "parameters": parameters},
        ref=ref,
        samples=samples,
        observed=NOW - timedelta(days=days),
    ),
    TEXT,
    st.dictionaries(TEXT, JSON, max_size=3),
    st.dictionaries(TEXT, JSON, max_size=3),
    st.lists(TEXT, max_size=3),
    st.integers(0, 10_000),
)


@given(ITEMS)
def test_the_bytes_are_those_of_the_reference_library(given: dict[str, Any]) -> None:
    line = seal(given, NOW)
    assert line == rfc8785.dumps(json.loads(line))
    assert read(line).statement == given["statement"]
    assert b"\n" not in line


@given(st.lists(ITEMS, min_size=1, max_size=3))
def test_lines_read_together_are_those_read_alone(given: list[dict[str, Any]]) -> None:
    lines = [seal(one, NOW) for one in given]
    together = read_block(b"\n".join(lines) + b"\n")
    if together is not None:
        assert [i.statement for i in together] == [read(line).statement for line in lines]


def test_a_plain_block_takes_the_fast_way_and_a_changed_one_does_not() -> None:
    block = seal(item(), NOW) + b"\n"
    assert read_block(block) is not None
    assert read_block(block.replace(b'"days":30', b'"days":30.0')) is None
    assert read_block(block.replace(b'"days"', b' "days"')) is None
    assert read_block(block.replace(b"Buckets", "Büchets".encode())) is None
    assert read_block(block[:-1]) is None


def test_one_moment_has_one_spelling() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=-7)))
    effective = {"from": there, "to": there}
    line = seal(item(observed=there, expires=there, effective=effective), there)
    assert line == seal(item(observed=NOW, expires=NOW, effective={"from": NOW, "to": NOW}), NOW)
    assert json.loads(line)["received"] == "2026-11-22T12:00:00Z"


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"received": NOW}, "says itself when it was received"),
        ({"kind": "rumour"}, "Invalid enum value 'rumour'"),
        ({"severity": "high"}, "unknown field `severity`"),
        ({"statement": ""}, "length >= 1"),
        ({"statement": None}, "missing required field `statement`"),
        ({"observed": "yesterday"}, "Invalid RFC3339"),
        ({"observed": datetime(2026, 1, 1)}, "timezone"),  # noqa: DTZ001 that is the point
        ({"population": -1}, ">= 0"),
        ({"population": 2**53}, "<= 9007199254740991"),
        ({"population": 1.5}, "Expected `int"),
        ({"control": ["AC-2"]}, "'AC-2' is not framework:id"),
        ({"control": ["a b:AC-2"]}, "is not framework:id"),
        ({"artefact": {"name": "x", "sha256": "A" * 64}}, "not 64 small hexadecimal"),
        ({"query": {"id": "x", "sha256": "a" * 63 + "g"}}, "not 64 small hexadecimal"),
        ({"query": {"id": "x", "parameters": {"a": float("nan")}}}, "no item of evidence"),
        ({"ref": {"a": 2**53}}, "exceeds safe integer domain"),
        ({"ref": {"a": 1e16}}, "exceeds safe integer domain"),
        ({"ref": {"a": object()}}, "no item of evidence"),
        ({"statement": "\ud800"}, "no item of evidence"),
    ],
)
def test_what_is_no_item_is_refused_by_name(more: dict[str, Any], what: str) -> None:
    with pytest.raises(EvidenceError) as raised:
        seal(item() | more, NOW)
    assert what in raised.value.message
    assert raised.value.advice


def test_members_that_say_nothing_are_left_out() -> None:
    line = seal({**item(), "duty": None, "reviewer": None}, NOW)
    assert not {"duty", "reviewer"} & set(json.loads(line))


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace('"kind":"check",', '"kind":"check", '),
        lambda t: t + " ",
        lambda t: t.replace('"unknown":0', '"unknown":-0'),
        lambda t: t.replace('"unknown":0', '"unknown":0,"unknown":0'),
        lambda t: t.replace("public", "p\\u0075blic"),
        lambda t: t.replace("12:00:00Z", "12:00:00.0Z"),
        lambda t: t.replace('"exceptions":0,"kind":"check"', '"kind":"check","exceptions":0'),
        lambda t: t.replace("sharedline-evidence-1", "sharedline-evidence-2"),
        lambda t: t[:-1],
        lambda t: "[" * 100_000,
        lambda t: "null",
        lambda t: "",
    ],
)
def test_other_spellings_of_the_same_are_refused(change: Any) -> None:
    text = seal(item(), NOW).decode()
    assert change(text) != text
    with pytest.raises(EvidenceError):
        read(change(text).encode())


def test_the_time_is_kept_to_the_microsecond() -> None:
    moment = datetime(2026, 11, 22, 1, 2, 3, 456, tzinfo=UTC)
    assert read(seal(item(observed=moment), NOW)).observed == moment
