"""Who may do what, by table; what must be refused whoever asks, and how an act is shaped."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.exercise.session.rooms import Staged, inject, staged

from sharedline.errors import Error
from sharedline.exercise.session.acts import ACTS, MOST, checked
from sharedline.exercise.session.model import SEATS
from sharedline.state.database import Database

NEW = {k: v for k, v in inject("new", 0).items() if k not in ("minute", "phase")}
#: What makes sense once the first message is out, and the seats that may: f p o s e.
TABLE: dict[str, tuple[dict[str, Any], str]] = {
    "started": ({}, ""),  # it is started: refused of all, but not for the seat (see below)
    "paused": ({}, "f"),
    "resumed": ({}, ""),
    "ended": ({}, "f"),
    "speed": ({"speed": 2}, "f"),
    "released": ({"inject": "second"}, "f"),
    "skipped": ({"inject": "second"}, "f"),
    "added": ({"inject": NEW}, "f"),
    "announced": ({"text": "Hear"}, "f"),
    "answered": ({"inject": "first", "question": "side", "answer": "aws", "confidence": 7}, "p"),
    "chosen": ({"decision": "d-first", "option": "a-first"}, "p"),
    "settled": ({"decision": "d-first", "option": "a-first", "team": "Red"}, "fp"),
    "told": ({"to": "Legal", "channel": "phone", "text": "Listen"}, "p"),
    "noted": ({"text": "n"}, "fpose"),
    "observed": ({"action": "e", "state": "done"}, "fse"),
    "rated": ({"objective": "o", "rating": "S"}, "fe"),
}
AFTER = {"noted": "fse", "observed": "fse", "rated": "fe"}


def begun(database: Database) -> Staged:
    stage = staged(database)
    stage.do("facilitator", "started")
    stage.do("facilitator", "released", inject="first")
    return stage


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    with closing(Database(f"sqlite:///{tmp_path / 's.db'}")) as database:
        yield begun(database)


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(ACTS)


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_each_seat_does_what_it_may(stage: Staged, kind: str) -> None:
    data, may = TABLE[kind]
    before = stage.room.seq()
    for seat in [s for s in SEATS if s[0] not in may]:
        with pytest.raises(Error) as raised:
            stage.do(seat, kind, **data)
        if may:
            assert f"A {seat} cannot do this" in raised.value.message
    assert stage.room.seq() == before, "what was refused left nothing"
    # The facilitator last: what is settled for a team is settled, and paused is paused.
    for n, seat in enumerate(s for s in reversed(SEATS) if s[0] in may):
        assert stage.do(seat, kind, **data) == before + n + 1


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_after_the_end_only_those_who_watch_go_on(stage: Staged, kind: str) -> None:
    stage.do("facilitator", "ended")
    for seat in SEATS:
        if seat[0] in AFTER.get(kind, ""):
            assert stage.do(seat, kind, **TABLE[kind][0])
        else:
            with pytest.raises(Error, match=r"has ended|cannot do this"):
                stage.do(seat, kind, **TABLE[kind][0])


@pytest.mark.parametrize("seat", [s for s in SEATS if s != "facilitator"])
def test_only_the_facilitator_starts(tmp_path: Path, seat: str) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'n.db'}")) as database:
        fresh = staged(database)
        with pytest.raises(Error, match="cannot do this"):
            fresh.do(seat, "started")
        assert fresh.do("facilitator", "started")


REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("player", "answered", {"inject": "second", "question": "side", "answer": "aws"}, "no message"),
    ("player", "answered", {"inject": "nope", "question": "side", "answer": "aws"}, "no message"),
    ("player", "answered", {"inject": "first", "question": "nope", "answer": "a"}, "no question"),
    ("player", "answered", {"inject": "first", "question": "side", "answer": "me"}, "be chosen"),
    ("player", "chosen", {"decision": "d-second", "option": "a-second"}, "no decision"),
    ("player", "chosen", {"decision": "d-first", "option": "a-second"}, "no option"),
    ("player", "settled", {"decision": "d-first", "option": "a-first", "team": "Blue"}, "another"),
    ("player", "settled", {"decision": "d-first", "option": "a-first", "team": "X"}, "no team"),
    ("facilitator", "settled", {"decision": "d-first", "option": "a-first"}, "Which team"),
    ("player", "told", {"to": "a", "channel": "chat", "text": "t", "inject": "second"}, "no mess"),
    ("player", "told", {"to": "a", "channel": "smoke", "text": "t"}, "channel is 'smoke'"),
    ("player", "noted", {"text": "t", "inject": "second"}, "no message"),
    ("player", "noted", {"text": "t", "team": "Blue", "visible": "team"}, "another team"),
    ("observer", "noted", {"text": "t", "visible": "everyone"}, "are private"),
    ("scribe", "noted", {"text": "t", "visible": "team"}, "which team"),
    ("facilitator", "released", {"inject": "first"}, "already"),
    ("facilitator", "released", {"inject": "nope"}, "no message"),
    ("facilitator", "skipped", {"inject": "first"}, "already"),
    ("facilitator", "started", {}, "already"),
    ("facilitator", "resumed", {}, "not paused"),
    ("facilitator", "added", {"inject": {**NEW, "id": "first"}}, "already"),
    ("facilitator", "added", {"inject": {**NEW, "duty": "no.duty"}}, "no duty"),
    ("facilitator", "added", {"inject": {**NEW, "minute": 31}}, "after the end"),
    ("facilitator", "added", {"inject": {**NEW, "minute": "1"}}, "whole number"),
    ("facilitator", "added", {"inject": {**NEW, "wrong": 1}}, "unknown key wrong"),
    ("facilitator", "added", {"inject": {"id": "x"}}, "is missing"),
    ("evaluator", "observed", {"action": "nope", "state": "done"}, "no expected action"),
    ("evaluator", "rated", {"objective": "nope", "rating": "P"}, "no objective"),
    ("evaluator", "rated", {"objective": "o", "rating": "X"}, "rating is 'X'"),
]


@pytest.mark.parametrize(("seat", "kind", "data", "says"), REFUSED)
def test_refused(stage: Staged, seat: str, kind: str, data: dict[str, Any], says: str) -> None:
    before = stage.room.seq()
    with pytest.raises(Error, match=says) as raised:
        stage.do(seat, kind, **data)
    assert raised.value.advice
    assert stage.room.seq() == before


def test_what_a_team_settled_stays_but_the_facilitator_corrects_it(stage: Staged) -> None:
    stage.do("player", "settled", decision="d-first", option="c-first")
    for seat, kind in (("mate", "settled"), ("mate", "chosen")):
        with pytest.raises(Error, match="Your team has settled this"):
            stage.do(seat, kind, decision="d-first", option="a-first")
    stage.do("rival", "settled", decision="d-first", option="b-first")
    stage.do("facilitator", "settled", decision="d-first", option="a-first", team="Red")
    state = stage.room.state()
    red, blue = state.last_settled("Red", "d-first"), state.last_settled("Blue", "d-first")
    assert red is not None
    assert blue is not None
    assert (red.option, red.by) == ("a-first", stage.who["facilitator"].id)
    assert (blue.option, len(state.settled)) == ("b-first", 3)


def test_nothing_is_asked_of_what_was_not_released_by_the_clock(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'c.db'}")) as database:
        stage = staged(database, pace="clock")
        answer = {"inject": "second", "question": "free", "answer": "x"}
        stage.do("facilitator", "started")
        stage.time.on(9.9)
        with pytest.raises(Error, match="no message"):
            stage.do("player", "answered", **answer)
        stage.time.on(0.2)
        assert stage.do("player", "answered", **answer)


SHAPES: list[tuple[str, dict[str, Any], str]] = [
    ("dance", {}, "Nobody can do 'dance'"),
    ("paused", {"why": 1}, "'why' is unknown"),
    ("announced", {}, "text is missing"),
    ("announced", {"text": " \n "}, "text is empty"),
    ("announced", {"text": 3}, "is no text"),
    ("announced", {"text": "x" * (MOST + 1)}, "4,001 characters"),
    ("announced", {"text": "a\x00b"}, "no text"),
    ("announced", {"text": "a\ud800"}, "no text"),
    ("released", {"inject": "a\nb"}, "no text"),
    ("speed", {"speed": 0}, "speed is 0"),
    ("speed", {"speed": float("nan")}, "speed is nan"),
    ("speed", {"speed": True}, "speed is True"),
    ("added", {"inject": "x"}, "inject is 'x'"),
    ("added", {"inject": {}, "release": "yes"}, "release is 'yes'"),
    ("chosen", {"decision": "d", "option": "o", "confidence": 101}, "confidence is 101"),
    ("chosen", {"decision": "d", "option": "o", "confidence": -1}, "confidence is -1"),
    ("chosen", {"decision": "d", "option": "o", "confidence": 5.5}, "confidence is 5.5"),
    ("chosen", {"decision": "d", "option": "o", "confidence": "5"}, "confidence is '5'"),
]


@pytest.mark.parametrize(("kind", "data", "says"), SHAPES)
def test_ill_shaped(kind: str, data: dict[str, Any], says: str) -> None:
    with pytest.raises(Error, match=says) as raised:
        checked(kind, data)
    assert raised.value.advice


def test_what_is_left_out_is_as_usual_and_lines_end_as_here() -> None:
    assert checked("chosen", {"decision": " d ", "option": "o", "reason": "a\r\nb"}) == {
        "decision": "d", "option": "o", "confidence": 50, "reason": "a\nb",
    }  # fmt: skip
    assert checked("noted", {"text": "x" * MOST})["visible"] == "private"
